//! Instructions that parsing and building take, counted by Valgrind where it is installed: the same at each run, whatever else
//! the machine does.

use std::io;
use std::process::Command;

use aicon_markdown::Document;
use clap::ValueEnum;

use super::{fixture, native};
use crate::error::{Error, Result};

/// What Valgrind counts, and nothing outside of it.
const COUNTED: &str = "--toggle-collect=*counted_parse*";

/// What stands before the number in what Valgrind says.
const SAID: &str = "Collected :";

/// How a text comes.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Way {
    /// Whole.
    AtOnce,
    /// As a model writes it.
    InDeltas,
}

/// A text that is parsed once, for whoever counts.
#[derive(clap::Args)]
pub(crate) struct Parse {
    way: Way,
    /// Bytes of the text.
    bytes: usize,
}

impl Parse {
    pub(crate) fn run(&self) {
        let text = fixture::text(self.bytes);
        let deltas = fixture::deltas(&text);
        std::hint::black_box(counted_parse(self.way, &text, &deltas));
    }
}

/// Instructions for a text of so many bytes; `None` without Valgrind.
pub(super) fn count(way: Way, bytes: usize) -> Result<Option<u64>> {
    let name = way.to_possible_value().expect("no way is skipped");
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .args([COUNTED, "--"])
        .arg(std::env::current_exe()?)
        .args(["parse", name.get_name(), &bytes.to_string()])
        .output();
    let output = match output {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        output => output?,
    };
    let said = String::from_utf8_lossy(&output.stderr);
    match collected(&said) {
        Some(count) if output.status.success() && count > 0 => Ok(Some(count)),
        _ => Err(Error::Program {
            program: "valgrind".to_owned(),
            said: said.into_owned(),
        }),
    }
}

/// A function of its own, which Valgrind knows by its name.
#[inline(never)]
fn counted_parse(way: Way, text: &str, deltas: &[String]) -> Document {
    match way {
        Way::AtOnce => Document::from_text(text),
        Way::InDeltas => native::stream(deltas),
    }
}

fn collected(said: &str) -> Option<u64> {
    let (_, number) = said.split_once(SAID)?;
    number.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_is_found_in_what_valgrind_says() {
        let said = "==7== Events    : Ir\n==7== Collected : 123456\n==7== \n";
        assert_eq!(collected(said), Some(123_456));
        assert_eq!(collected("==7== Events    : Ir\n"), None);
    }
}
