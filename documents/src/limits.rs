//! What one file may cost.

use std::time::Duration;

/// What one file may cost. A file beyond a limit is refused, never cut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the file.
    pub file_bytes: u64,
    /// Pixels of a picture, by its header.
    pub image_pixels: u64,
    /// Characters (Unicode scalar values) of the text that comes out.
    pub text_chars: usize,
    /// Pages of a PDF.
    pub pages: usize,
    /// Wall clock time that a PDF may take.
    pub pdf_time: Duration,
    /// Bytes of address space that the process which reads a PDF may take (Unix).
    pub pdf_memory: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            file_bytes: 20 * 1024 * 1024,
            image_pixels: 50_000_000,
            text_chars: 400_000,
            pages: 500,
            pdf_time: Duration::from_secs(20),
            pdf_memory: 512 * 1024 * 1024,
        }
    }
}
