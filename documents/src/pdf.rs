//! PDFs: a parser for hostile input, behind a wall.

mod layout;
mod page;
mod program;
mod wire;

pub use program::PdfProgram;
pub use wire::serve_pdf_if_asked;
