//! Result files from an answer's text.

use crate::Kind;

/// Before a CSV file: without it Excel reads UTF-8 as the system's own encoding, and Korean becomes nonsense.
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// What a result file is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// The text as it is, UTF-8.
    Text,
    /// The text as it is, UTF-8; a fence around the whole of it is taken off.
    Markdown,
    /// UTF-8 with a byte order mark, CRLF; formulas neutralised.
    Csv,
    /// UTF-8, indented by two blanks; keys keep their order.
    Json,
}

/// Why an answer cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The answer is no JSON.
    #[error("the answer is not valid JSON (line {line}, column {column})")]
    NotJson {
        /// From 1; 0 before the first byte.
        line: usize,
        /// From 1; 0 before the first byte of a line.
        column: usize,
    },
}

impl Format {
    /// All formats, in the order in which a person would list them.
    pub const ALL: [Self; 4] = [Self::Text, Self::Markdown, Self::Csv, Self::Json];

    /// By an extension: lower case, no dot.
    pub fn of_extension(extension: &str) -> Option<Self> {
        let kind = Kind::of_extension(extension)?;
        Self::ALL.into_iter().find(|format| format.kind() == kind)
    }

    /// The type of the files it writes, which knows extension and media type.
    pub fn kind(self) -> Kind {
        match self {
            Self::Text => Kind::Text,
            Self::Markdown => Kind::Markdown,
            Self::Csv => Kind::Csv,
            Self::Json => Kind::Json,
        }
    }

    /// The file's bytes.
    ///
    /// # Errors
    /// [`WriteError::NotJson`]. Every text is text, markdown and CSV.
    pub fn write(self, answer: &str) -> Result<Vec<u8>, WriteError> {
        match self {
            Self::Text => Ok(answer.as_bytes().to_vec()),
            Self::Markdown => Ok(unfenced(answer, &["markdown", "md"]).as_bytes().to_vec()),
            Self::Csv => Ok(csv(unfenced(answer, &["csv", ""]))),
            Self::Json => json(unfenced(answer, &["json", ""])),
        }
    }
}

/// The text inside of a code fence that is all of `answer`, if the fence names one of these languages (lower case; "": none):
/// models like to wrap what they were asked to write plainly. Else `answer`.
pub fn unfenced<'a>(answer: &'a str, languages: &[&str]) -> &'a str {
    let inside = || {
        let body = answer.trim().strip_prefix("```")?.strip_suffix("```")?;
        let (language, text) = body.split_once('\n')?;
        let is_meant = languages.contains(&language.trim().to_ascii_lowercase().as_str());
        // A fence within: the first and the last one are not a pair.
        let is_one = !text
            .lines()
            .any(|line| line.trim_start().starts_with("```"));
        (is_meant && is_one).then_some(text)
    };
    inside().unwrap_or(answer)
}

fn json(text: &str) -> Result<Vec<u8>, WriteError> {
    let not_json = |error: serde_json::Error| WriteError::NotJson {
        line: error.line(),
        column: error.column(),
    };
    let value: serde_json::Value = serde_json::from_str(text).map_err(not_json)?;
    let mut bytes = serde_json::to_vec_pretty(&value).map_err(not_json)?;
    bytes.push(b'\n');
    Ok(bytes)
}

fn csv(text: &str) -> Vec<u8> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(text.trim_start_matches(BYTE_ORDER_MARK).as_bytes());
    let mut writer = csv::WriterBuilder::new()
        .flexible(true)
        .terminator(csv::Terminator::CRLF)
        .from_writer(BYTE_ORDER_MARK.as_bytes().to_vec());
    for record in reader.records() {
        let record = record.expect("records of any length were allowed, and the text is UTF-8");
        writer
            .write_record(record.iter().map(cell))
            .expect("a vector takes all writes");
    }
    writer.into_inner().expect("a vector takes all writes")
}

/// A spreadsheet runs what begins like a formula; an apostrophe before it makes it the text that it is.
pub fn formula_safe(text: String) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']) {
        format!("'{text}")
    } else {
        text
    }
}

/// [`formula_safe`], but a number stays one.
fn cell(text: &str) -> String {
    if text.parse::<f64>().is_ok_and(f64::is_finite) {
        text.to_owned()
    } else {
        formula_safe(text.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(format: Format, answer: &str) -> String {
        String::from_utf8(format.write(answer).unwrap()).unwrap()
    }

    #[test]
    fn csv_opens_in_korean_excel_and_runs_nothing() {
        assert_eq!(
            written(
                Format::Csv,
                "이름,값\n김,=1+1\n\"@a, b\",-2.5\n+82-2,\"-cmd\"\n"
            ),
            "\u{feff}이름,값\r\n김,'=1+1\r\n\"'@a, b\",-2.5\r\n'+82-2,'-cmd\r\n"
        );
    }

    #[test]
    fn a_fence_around_everything_is_taken_off() {
        assert_eq!(
            written(Format::Csv, "```csv\na,b\n```\n"),
            "\u{feff}a,b\r\n"
        );
        assert_eq!(
            written(Format::Json, "```json\n{\"b\":1,\"a\":[]}\n```"),
            "{\n  \"b\": 1,\n  \"a\": []\n}\n"
        );
        assert_eq!(
            written(Format::Markdown, "```markdown\n# 제목\n```"),
            "# 제목\n"
        );
        let two = "```md\na\n```\nb\n```md\nc\n```";
        assert_eq!(written(Format::Markdown, two), two);
        let code = "```rust\nfn main() {}\n```";
        assert_eq!(written(Format::Markdown, code), code);
    }

    #[test]
    fn what_is_no_json_says_where() {
        let error = Format::Json.write("{\"a\": 1,\n nope}").unwrap_err();
        assert_eq!(
            error.to_string(),
            "the answer is not valid JSON (line 2, column 2)"
        );
        assert!(Format::Json.write("").is_err());
        assert!(Format::Json.write(&"[".repeat(100_000)).is_err());
    }

    #[test]
    fn formats_go_by_their_extension() {
        assert_eq!(Format::of_extension("csv"), Some(Format::Csv));
        assert_eq!(Format::of_extension("pdf"), None);
    }

    proptest! {
        #[test]
        fn any_cells_come_back_from_csv(rows in proptest::collection::vec(proptest::collection::vec("(?s:[^\u{feff}=+@\t\r\n＝＋－＠-].{0,10})", 2..4), 0..5)) {
            let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
            for row in &rows {
                writer.write_record(row).unwrap();
            }
            let text = String::from_utf8(writer.into_inner().unwrap()).unwrap();
            let out = written(Format::Csv, &text);
            let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(&out.as_bytes()[3..]);
            let back: Vec<Vec<String>> = reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect();
            prop_assert_eq!(back, rows);
        }

        #[test]
        fn any_answer_is_written_without_a_panic(answer in "(?s:.{0,200})|[`a,\n\"=]{0,60}") {
            for format in Format::ALL {
                let _ = format.write(&answer);
            }
        }
    }
}
