//! Writes what the fuzzer begins with into the directory that is its argument: the examples of the specifications and what
//! was written to attack.

use std::{env, error::Error, fs, path::PathBuf};

use aicon_corpora::{attacks, examples};
use aicon_fuzz::input::Input;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = env::args_os().nth(1).ok_or("no directory is given")?;
    let folder = PathBuf::from(folder);
    fs::create_dir_all(&folder)?;
    let mut texts: Vec<String> = Vec::new();
    for suite in ["footnotes", "regression", "strikethrough", "table"] {
        texts.extend(
            examples::suite(suite)
                .into_iter()
                .map(|example| example.markdown),
        );
    }
    for examples in [examples::commonmark(), examples::gfm()] {
        texts.extend(examples.into_iter().map(|example| example.markdown));
    }
    texts.extend(attacks::payloads());
    for (number, text) in texts.into_iter().enumerate() {
        let sizes = vec![1 + number % 5, 1, 3];
        fs::write(
            folder.join(format!("{number:04}")),
            Input { text, sizes }.to_bytes(),
        )?;
    }
    Ok(())
}
