//! PDFs, built object by object (ISO 32000-1, 7.5).

mod build;
mod hostile;
mod reading;

pub(crate) use build::Pdf;
