//! Files as people and attackers send them, made here byte by byte.

#![expect(
    clippy::unwrap_used,
    reason = "a sample that cannot be made fails its test"
)]

mod encodings;
mod kinds;
mod pdfs;
mod sample;
