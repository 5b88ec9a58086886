//! What other projects test with: read from the sources of registry packages when a test runs. Nothing of it is in this
//! repository, and none of these packages is compiled for it.
//!
//! | room | holds |
//! | --- | --- |
//! | [`examples`] | markdown with the HTML that a specification expects |
//! | [`attacks`] | what was written to run scripts in other people's pages |
//! | [`documents`] | markdown that people wrote: the read-me files of all packages that this project uses |
//! | [`package`] | where a package's sources are |
//! | `literal` | the strings of Rust source, which is how most packages keep their examples |

pub mod attacks;
pub mod documents;
pub mod examples;
mod literal;
pub mod package;

/// Whether the whole of each corpus is wanted (`cargo xtask test --long`) or a part that is done in seconds.
pub fn is_long() -> bool {
    std::env::var_os("AICON_LONG_TESTS").is_some()
}
