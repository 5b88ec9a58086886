//! Programs as child processes of a test, the ports they listen on, and waiting for what they do.

mod error;
mod port;
mod process;
mod wait;

pub use error::{Error, Result, Timeout};
pub use port::free_port;
pub use process::{Process, command};
pub use wait::until;
