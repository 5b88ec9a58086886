//! AICON's statement of what was used, as it may come: the settlement answer's pages or their `modelUsages`, as one JSON
//! text, as a list or as lines, or a CSV table with at least the columns `usageGUID` and `amountForSettlement`.

use std::fmt;
use std::io::{BufRead, Read};

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use uuid::Uuid;

/// One use as AICON states it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatementEntry {
    /// The use's GUID, in the ledger's spelling.
    pub guid: String,
    /// Won.
    pub amount: u64,
    /// The client, where the statement names one.
    pub client: Option<String>,
}

/// Why a statement cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum StatementError {
    /// The file.
    #[error("failed to read the statement: {0}")]
    Io(#[from] std::io::Error),
    /// Nothing in it.
    #[error("failed to read the statement: it is empty")]
    Empty,
    /// Not JSON, or JSON of something else.
    #[error("failed to read the statement as JSON: {0}")]
    Json(serde_json::Error),
    /// Not CSV.
    #[error("failed to read the statement as CSV: {0}")]
    Csv(#[from] csv::Error),
    /// A table of something else.
    #[error(
        "failed to read the statement as CSV: expected a column `{expected}`, found `{}`", found.join("`, `")
    )]
    Column {
        /// The one that is needed.
        expected: &'static str,
        /// The ones that are there.
        found: Vec<String>,
    },
    /// A cell.
    #[error("failed to read the statement as CSV: line {line}: {problem}")]
    Cell {
        /// From 1.
        line: u64,
        /// Found and expected.
        problem: String,
    },
}

/// Reads a whole statement, JSON if it begins with `{` or `[`, else CSV. A byte order mark is skipped.
///
/// # Errors
/// It is empty, or none of the forms.
pub fn read(mut reader: impl BufRead) -> Result<Vec<StatementEntry>, StatementError> {
    let first = first_byte(&mut reader)?;
    let mut entries = Vec::new();
    if matches!(first, b'{' | b'[') {
        let mut json = serde_json::Deserializer::from_reader(reader);
        loop {
            Entries(&mut entries)
                .deserialize(&mut json)
                .map_err(StatementError::Json)?;
            if json.end().is_ok() {
                return Ok(entries);
            }
            // `end` has skipped the blanks and stands before the next text, if its first byte can begin one.
        }
    }
    read_table(reader, &mut entries)?;
    Ok(entries)
}

/// The first byte that is neither blank nor of a byte order mark; it stays in the reader.
fn first_byte(reader: &mut impl BufRead) -> Result<u8, StatementError> {
    loop {
        let buffer = reader.fill_buf()?;
        let Some(&byte) = buffer.first() else {
            return Err(StatementError::Empty);
        };
        if !byte.is_ascii_whitespace() && !matches!(byte, 0xef | 0xbb | 0xbf) {
            return Ok(byte);
        }
        reader.consume(1);
    }
}

fn read_table(reader: impl Read, entries: &mut Vec<StatementEntry>) -> Result<(), StatementError> {
    let mut table = csv::ReaderBuilder::new().flexible(true).from_reader(reader);
    let header = table.headers()?.clone();
    let place = |name: &str| {
        header
            .iter()
            .position(|cell| cell.trim().eq_ignore_ascii_case(name))
    };
    let needed = |name: &'static str| {
        place(name).ok_or_else(|| StatementError::Column {
            expected: name,
            found: header.iter().map(str::to_owned).collect(),
        })
    };
    let (guid, amount) = (needed("usageGUID")?, needed("amountForSettlement")?);
    let client = place("clientId");
    for record in table.records() {
        let record = record?;
        let cell = |place: usize| record.get(place).unwrap_or_default().trim();
        let problem = |problem| StatementError::Cell {
            line: record.position().map_or(0, csv::Position::line),
            problem,
        };
        entries.push(StatementEntry {
            guid: spelled(cell(guid)).map_err(problem)?,
            amount: won(cell(amount)).map_err(problem)?,
            client: client
                .map(cell)
                .filter(|text| !text.is_empty())
                .map(|text| text.strip_prefix('\'').unwrap_or(text).to_owned()),
        });
    }
    Ok(())
}

/// The ledger's spelling of a GUID: lower case, hyphens, no braces. What is no GUID stays as it is: the ledger will not
/// have it.
fn spelled(text: &str) -> Result<String, String> {
    match Uuid::try_parse(text) {
        Ok(guid) => Ok(guid.to_string()),
        Err(_) if text.is_empty() => Err("expected a usageGUID, found nothing".to_owned()),
        Err(_) => Ok(text.to_owned()),
    }
}

/// Whole won; other programs write `150.0` or `"150"` for it.
fn won(text: &str) -> Result<u64, String> {
    let whole = match text.split_once('.') {
        Some((whole, zeros)) if zeros.bytes().all(|byte| byte == b'0') => whole,
        _ => text,
    };
    let plain = whole.bytes().all(|byte| byte.is_ascii_digit());
    plain
        .then(|| whole.parse().ok())
        .flatten()
        .ok_or_else(|| format!("expected an amountForSettlement in whole won, found `{text}`"))
}

/// Reads any nesting of lists, pages and uses, one value after the other: a statement of a million uses is never in memory
/// as a tree.
struct Entries<'a>(&'a mut Vec<StatementEntry>);

impl<'de> DeserializeSeed<'de> for Entries<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Entries<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a settlement page, a use or a list of them")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while list.next_element_seed(Entries(self.0))?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<(), A::Error> {
        let mut draft = Draft::default();
        let mut is_page = false;
        while let Some(key) = object.next_key::<String>()? {
            match key.as_str() {
                "modelUsages" => {
                    is_page = true;
                    object.next_value_seed(Entries(self.0))?;
                }
                "dataInfo" => object.next_value_seed(DataInfo(&mut draft))?,
                key => draft.take(key, &mut object)?,
            }
        }
        match draft.entry().map_err(serde::de::Error::custom)? {
            Some(entry) => self.0.push(entry),
            None if is_page => {}
            None => {
                return Err(serde::de::Error::custom(
                    "expected a page with `modelUsages` or a use with `usageGUID` and `amountForSettlement`",
                ));
            }
        }
        Ok(())
    }
}

/// A use as far as it is read.
#[derive(Default)]
struct Draft {
    guid: Option<String>,
    amount: Option<String>,
    client: Option<String>,
}

impl Draft {
    fn take<'de, A: MapAccess<'de>>(&mut self, key: &str, object: &mut A) -> Result<(), A::Error> {
        match key {
            "usageGUID" => self.guid = object.next_value()?,
            "clientId" => self.client = object.next_value()?,
            "amountForSettlement" => {
                self.amount = match object.next_value()? {
                    serde_json::Value::String(text) => Some(text),
                    number => Some(number.to_string()),
                }
            }
            _ => drop(object.next_value::<IgnoredAny>()?),
        }
        Ok(())
    }

    fn entry(self) -> Result<Option<StatementEntry>, String> {
        let (Some(guid), Some(amount)) = (self.guid, self.amount) else {
            return Ok(None);
        };
        Ok(Some(StatementEntry {
            guid: spelled(&guid)?,
            amount: won(&amount)?,
            client: self.client,
        }))
    }
}

struct DataInfo<'a>(&'a mut Draft);

impl<'de> DeserializeSeed<'de> for DataInfo<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for DataInfo<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a use's `dataInfo`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<(), A::Error> {
        while let Some(key) = object.next_key::<String>()? {
            self.0.take(&key, &mut object)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECORD: &str = include_str!("../../../tests/wire/record-usage.json");
    const GUID: &str = "0d9fcb1e-6a2f-4c0b-9a59-6d1f4ef2a001";

    fn entry(client: Option<&str>) -> StatementEntry {
        StatementEntry {
            guid: GUID.to_owned(),
            amount: 150,
            client: client.map(str::to_owned),
        }
    }

    #[test]
    fn every_form_of_the_same_statement_is_read_alike() {
        let line = RECORD.replace('\n', " ");
        let page = format!(
            r#"{{"pageNumber":1,"pageSize":100,"totalCount":1,"totalPages":1,"modelUsages":[{RECORD}]}}"#
        );
        let named = entry(Some("Y2xpZW50LWZvci10ZXN0cw=="));
        for (text, expected) in [
            (RECORD.to_owned(), vec![named.clone()]),
            (format!("[{RECORD}]"), vec![named.clone()]),
            (page.clone(), vec![named.clone()]),
            (format!("[{page},{page}]"), vec![named.clone(); 2]),
            (format!("{page}\n{page}\n"), vec![named.clone(); 2]),
            (format!("{line}\n{line}"), vec![named.clone(); 2]),
            (format!("\u{feff}{RECORD}"), vec![named]),
            (
                format!(
                    "usageGUID,amountForSettlement\n{{{}}},150\n",
                    GUID.to_uppercase()
                ),
                vec![entry(None)],
            ),
            (
                format!(
                    "\u{feff}note,AmountForSettlement,clientId,UsageGuid\r\n\"a,b\",150.00,'+c=,{GUID}\r\n"
                ),
                vec![entry(Some("+c="))],
            ),
            (
                format!(r#"{{"usageGUID":"{GUID}","amountForSettlement":"150"}}"#),
                vec![entry(None)],
            ),
            ("[]".to_owned(), vec![]),
        ] {
            assert_eq!(read(text.as_bytes()).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_statement_says_why() {
        for (text, why) in [
            ("", "empty"),
            (" \n", "empty"),
            ("{}", "modelUsages"),
            ("[1]", "a settlement page"),
            (r#"{"usageGUID":"a","amountForSettlement":1.5}"#, "`1.5`"),
            (r#"{"usageGUID":"a","amountForSettlement":-1}"#, "`-1`"),
            ("[{\"modelUsages\":[}", "line 1"),
            ("{\"modelUsages\":[]} x", "line 1"),
            ("a,b\n1,2\n", "`usageGUID`, found `a`, `b`"),
            ("usageGUID,amountForSettlement\nx,1\ny,\n", "line 3"),
            ("usageGUID,amountForSettlement\n,1\n", "line 2"),
        ] {
            let error = read(text.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(why), "{text}: {error}");
        }
    }
}
