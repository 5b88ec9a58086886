//! What a first visit costs: every file raw, as gzip -9 and as brotli -q 11.

use std::{fmt::Write as _, fs, path::Path};

use crate::{
    error::{Error, Result},
    finish::{packed, precompressed, worker},
    site, zip,
};

/// What AICON's official React sample sends on a first visit.
pub(crate) const REACT_SAMPLE: Sizes = Sizes {
    raw: 392_765,
    gzip: None,
    brotli: 142_521,
};

/// Bytes of one file or of several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sizes {
    pub(crate) raw: usize,
    pub(crate) gzip: Option<usize>,
    pub(crate) brotli: usize,
}

/// The files that a browser fetches, with their sizes, the largest first.
pub(crate) struct Table {
    rows: Vec<(String, Sizes)>,
    /// Those that it fetches when an answer has code or a formula.
    later: Vec<(String, Sizes)>,
}

impl Table {
    /// Measures the bundle in `dist`. Left out is what no browser of the last years fetches: `web.config`, which IIS reads
    /// itself, the module that is also there packed, and what lies beside a file for hosts that send it in its place.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub(crate) fn of(dist: &Path) -> Result<Self> {
        let mut rows = Vec::new();
        let mut later = Vec::new();
        for file in site::files_below(dist) {
            let name = zip::name_in_zip(dist, &file);
            if name != "web.config" && !is_packed_too(dist, &name) && !precompressed::is_one(&file)
            {
                let bytes = fs::read(&file).map_err(Error::path("read", &file))?;
                let is_later = name.starts_with(worker::NAME);
                let rows = if is_later { &mut later } else { &mut rows };
                rows.push((name, measure(&bytes)));
            }
        }
        rows.sort_by_key(|(_, sizes)| std::cmp::Reverse(sizes.raw));
        Ok(Self { rows, later })
    }

    /// The sum over all files.
    pub(crate) fn total(&self) -> Sizes {
        self.rows.iter().map(|(_, sizes)| *sizes).fold(
            Sizes {
                raw: 0,
                gzip: Some(0),
                brotli: 0,
            },
            |sum, row| Sizes {
                raw: sum.raw + row.raw,
                gzip: sum.gzip.zip(row.gzip).map(|(sum, row)| sum + row),
                brotli: sum.brotli + row.brotli,
            },
        )
    }

    /// Whether a visitor of AICON's hosting, which need not compress, gets fewer bytes than from [`REACT_SAMPLE`].
    pub(crate) fn passes(&self) -> bool {
        self.total().raw < REACT_SAMPLE.raw
    }

    /// The table as text.
    pub(crate) fn render(&self) -> String {
        let mut text = String::new();
        let mut line = |cells: [&str; 4]| {
            let [name, raw, gzip, brotli] = cells;
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{name:<48} {raw:>9} {gzip:>9} {brotli:>9}");
        };
        line(["bytes on a first visit", "raw", "gzip -9", "brotli 11"]);
        let (total, sample) = (
            ("total".to_owned(), self.total()),
            ("AICON's React sample".to_owned(), REACT_SAMPLE),
        );
        for (name, sizes) in self.rows.iter().chain([&total, &sample]) {
            let gzip = sizes.gzip.map_or("-".to_owned(), grouped);
            line([
                name.as_str(),
                &grouped(sizes.raw),
                &gzip,
                &grouped(sizes.brotli),
            ]);
        }
        line([
            "with the first code or formula",
            "raw",
            "gzip -9",
            "brotli 11",
        ]);
        for (name, sizes) in &self.later {
            let gzip = sizes.gzip.map_or("-".to_owned(), grouped);
            line([name, &grouped(sizes.raw), &gzip, &grouped(sizes.brotli)]);
        }
        let ratio = |part: usize, whole: usize| (part * 100).div_ceil(whole);
        let _ = writeln!(
            text,
            "{}: {} % of the sample as it is, {} % where a server compresses everything",
            if self.passes() { "pass" } else { "fail" },
            ratio(total.1.raw, REACT_SAMPLE.raw),
            ratio(total.1.brotli, REACT_SAMPLE.brotli)
        );
        text
    }
}

fn is_packed_too(dist: &Path, name: &str) -> bool {
    name.strip_suffix(packed::MODULE)
        .is_some_and(|name| dist.join(format!("{name}{}", packed::PACKED)).is_file())
}

fn measure(bytes: &[u8]) -> Sizes {
    Sizes {
        raw: bytes.len(),
        gzip: Some(packed::gzip(bytes).len()),
        brotli: precompressed::brotli(bytes).len(),
    }
}

/// `1234567` as `1,234,567`.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(raw: usize, brotli: usize) -> Table {
        let half = Sizes {
            raw: raw / 2,
            gzip: Some(1),
            brotli: brotli / 2,
        };
        Table {
            rows: vec![("a.wasm".to_owned(), half), ("b.js".to_owned(), half)],
            later: vec![("c.js".to_owned(), half)],
        }
    }

    #[test]
    fn the_bundle_fails_when_it_is_over_the_sample() {
        assert!(table(392_764, 200_000).passes());
        assert!(!table(392_766, 100_000).passes());
    }

    #[test]
    fn the_table_shows_each_file_the_total_and_the_sample() {
        let text = table(200_000, 80_000).render();
        for part in [
            "a.wasm",
            "100,000",
            "total",
            "200,000",
            "392,765",
            "142,521",
            "pass: 51 %",
        ] {
            assert!(text.contains(part), "{part} is missing in\n{text}");
        }
    }

    #[test]
    fn both_compressions_shrink_what_repeats() {
        let sizes = measure(&b"aicon ".repeat(1000));
        assert_eq!(sizes.raw, 6000);
        assert!(sizes.gzip.unwrap() < 100 && sizes.brotli < 100, "{sizes:?}");
    }

    #[test]
    fn web_config_is_not_part_of_a_visit() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("web.config"), "x").unwrap();
        fs::write(dir.path().join("index.html"), "xy").unwrap();
        assert_eq!(Table::of(dir.path()).unwrap().total().raw, 2);
    }

    #[test]
    fn the_worker_is_not_part_of_a_first_visit() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join(format!("{}-1.js", worker::NAME)), "x").unwrap();
        fs::write(dir.path().join("index.html"), "xy").unwrap();
        let table = Table::of(dir.path()).unwrap();
        assert_eq!(table.total().raw, 2);
        assert!(table.render().contains(worker::NAME));
    }

    #[test]
    fn a_module_that_is_there_packed_is_fetched_packed() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("a_bg.wasm"), "12345").unwrap();
        assert_eq!(Table::of(dir.path()).unwrap().total().raw, 5);
        fs::write(dir.path().join("a_bg.bin"), "12").unwrap();
        assert_eq!(Table::of(dir.path()).unwrap().total().raw, 2);
    }

    #[test]
    fn numbers_are_grouped_by_thousands() {
        assert_eq!(
            (grouped(7), grouped(1234), grouped(1_234_567)),
            ("7".into(), "1,234".into(), "1,234,567".into())
        );
    }
}
