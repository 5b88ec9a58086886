//! `aicon-backend usage export`: the ledger of some days as a table, for the provider's accountant.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use jiff::civil::Date;
use serde::Serialize;

use super::CliError;
use super::place::Place;
use crate::clock::iso;
use crate::service::ledger::LedgerReader;
use crate::settlement::{Zone, date};
use crate::store::{Delivery, LedgerRow};

/// Tells Excel that a file is UTF-8.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// The columns of a table; [`Exported`] has the same in the same order.
const COLUMNS: [&str; 20] = [
    "number",
    "day",
    "recordedAt",
    "usageGUID",
    "clientId",
    "userId",
    "model",
    "provider",
    "status",
    "responseCode",
    "startedAt",
    "endedAt",
    "tokenIn",
    "tokenOut",
    "tokensEstimated",
    "amountForSettlement",
    "delivery",
    "deliveredAt",
    "reason",
    "responseId",
];

/// And those of `--content`.
const CONTENT_COLUMNS: [&str; 2] = ["inputContent", "outputContent"];

#[derive(Args, Debug)]
pub(super) struct Export {
    #[command(flatten)]
    days: Days,
    /// Only uses of a client
    #[arg(long)]
    client: Option<String>,
    /// A table for spreadsheets, or one JSON object a line
    #[arg(long)]
    format: Format,
    /// File to write; standard output if absent. It is there only once it is whole
    #[arg(long)]
    output: Option<PathBuf>,
    /// With what users wrote and what the model answered
    #[arg(long)]
    content: bool,
    /// Begins the table with a byte order mark, without which Excel garbles Korean
    #[arg(long)]
    bom: bool,
    #[command(flatten)]
    place: Place,
}

#[derive(Args, Debug)]
struct Days {
    /// First day, YYYY/MM/DD
    #[arg(long, value_parser = date)]
    from: Date,
    /// Last day, YYYY/MM/DD
    #[arg(long, value_parser = date)]
    to: Date,
    /// Where days begin and end, such as Asia/Seoul [default: as settlement.time_zone says]
    #[arg(long)]
    time_zone: Option<Zone>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Csv,
    Jsonl,
}

/// What was written.
#[derive(Clone, Copy, Debug, Default)]
struct Written {
    uses: u64,
    won: u128,
}

impl Export {
    pub(super) async fn run(self) -> Result<(), CliError> {
        let (first, last) = (self.days.from, self.days.to);
        if first > last {
            return Err(CliError::Refused(format!(
                "flag --from is after flag --to: found {} and {}, expected the first day not after the last one",
                first.strftime("%Y/%m/%d"),
                last.strftime("%Y/%m/%d"),
            )));
        }
        let (settings, store) = self.place.store().await?;
        let zone = self.days.time_zone.clone();
        let zone = zone.unwrap_or_else(|| settings.settlement.time_zone.clone());
        let days = zone.span(first, last);
        let span = store.ledger_span(days.start, days.end).await?;
        let rows = LedgerReader::new(store.clone(), span);
        let written = match &self.output {
            None => {
                let out = BufWriter::new(io::stdout().lock());
                self.write(out, rows, &zone).await?
            }
            Some(file) => self.write_file(file, rows, &zone).await?,
        };
        store.close().await;
        // Standard output may be the table.
        let _ = writeln!(
            io::stderr(),
            "{} uses, {} won ({} days)",
            written.uses,
            written.won,
            zone.name()
        );
        Ok(())
    }

    /// Under another name until it is whole: half a month looks like a month.
    async fn write_file(
        &self,
        file: &Path,
        rows: LedgerReader,
        zone: &Zone,
    ) -> Result<Written, CliError> {
        let mut draft = file.as_os_str().to_owned();
        draft.push(".part");
        let draft = PathBuf::from(draft);
        let out = File::create(&draft).map_err(CliError::io("make the output file"))?;
        let written = self.write(BufWriter::new(out), rows, zone).await;
        let finished = written.and_then(|written| {
            std::fs::rename(&draft, file).map_err(CliError::io("name the output file"))?;
            Ok(written)
        });
        if finished.is_err() {
            // The first error is the one that counts.
            let _ = std::fs::remove_file(&draft);
        }
        finished
    }

    async fn write(
        &self,
        out: impl Write,
        rows: LedgerReader,
        zone: &Zone,
    ) -> Result<Written, CliError> {
        match self.format {
            Format::Csv => self.write_csv(out, rows, zone).await,
            Format::Jsonl => self.write_lines(out, rows, zone).await,
        }
    }

    async fn write_csv(
        &self,
        mut out: impl Write,
        mut rows: LedgerReader,
        zone: &Zone,
    ) -> Result<Written, CliError> {
        let wrote = |error: csv::Error| CliError::io("write the table")(error.into());
        if self.bom {
            out.write_all(BYTE_ORDER_MARK)
                .map_err(CliError::io("write the table"))?;
        }
        let mut table = csv::WriterBuilder::new()
            .has_headers(false)
            .from_writer(out);
        let content = if self.content {
            &CONTENT_COLUMNS[..]
        } else {
            &[]
        };
        table
            .write_record(COLUMNS.iter().chain(content))
            .map_err(wrote)?;
        let mut written = Written::default();
        while let Some(chunk) = rows.next().await? {
            for row in chunk.into_iter().filter(|row| self.is_asked(row)) {
                written.add(&row);
                let exported = Exported::new(row, zone, self.content).map_texts(formula_safe);
                table.serialize(exported).map_err(wrote)?;
            }
        }
        table.flush().map_err(CliError::io("write the table"))?;
        Ok(written)
    }

    async fn write_lines(
        &self,
        mut out: impl Write,
        mut rows: LedgerReader,
        zone: &Zone,
    ) -> Result<Written, CliError> {
        let mut written = Written::default();
        while let Some(chunk) = rows.next().await? {
            for row in chunk.into_iter().filter(|row| self.is_asked(row)) {
                written.add(&row);
                let exported = Exported::new(row, zone, self.content);
                serde_json::to_writer(&mut out, &exported)?;
                out.write_all(b"\n").map_err(CliError::io("write lines"))?;
            }
        }
        out.flush().map_err(CliError::io("write lines"))?;
        Ok(written)
    }

    fn is_asked(&self, row: &LedgerRow) -> bool {
        let client = self.client.as_deref();
        client.is_none_or(|client| row.client.as_str() == client)
    }
}

impl Written {
    fn add(&mut self, row: &LedgerRow) {
        self.uses += 1;
        self.won += u128::from(row.amount);
    }
}

/// A row of the ledger as it is exported. Times are UTC, the day is the time zone's.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Exported {
    number: u64,
    day: String,
    recorded_at: String,
    #[serde(rename = "usageGUID")]
    usage_guid: String,
    client_id: String,
    user_id: String,
    model: String,
    provider: String,
    status: &'static str,
    response_code: u16,
    started_at: String,
    ended_at: String,
    token_in: u64,
    token_out: u64,
    tokens_estimated: bool,
    amount_for_settlement: u64,
    delivery: &'static str,
    delivered_at: Option<String>,
    reason: Option<String>,
    response_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    input_content: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output_content: Option<String>,
}

impl Exported {
    fn new(row: LedgerRow, zone: &Zone, with_content: bool) -> Self {
        let (delivery, delivered_at, reason) = match row.delivery {
            Delivery::Pending { last_error, .. } => ("pending", None, last_error),
            Delivery::Delivered { at } => ("delivered", Some(iso(at)), None),
            Delivery::Parked { reason, .. } => ("parked", None, Some(reason)),
        };
        Self {
            number: row.seq,
            day: zone.day_of(row.recorded_at).to_string(),
            recorded_at: iso(row.recorded_at),
            usage_guid: row.guid.as_str().to_owned(),
            client_id: row.client.as_str().to_owned(),
            user_id: row.owner.as_str().to_owned(),
            model: row.model,
            provider: row.provider,
            status: row.status.as_str(),
            response_code: row.response_code,
            started_at: iso(row.started_at),
            ended_at: iso(row.ended_at),
            token_in: row.usage.input_tokens,
            token_out: row.usage.output_tokens,
            tokens_estimated: row.usage_estimated,
            amount_for_settlement: row.amount,
            delivery,
            delivered_at,
            reason: reason.or(row.failure),
            response_id: row.id.as_str().to_owned(),
            input_content: with_content.then_some(row.input),
            output_content: with_content.then_some(row.content),
        }
    }

    /// Changes every text that came from outside.
    fn map_texts(mut self, change: impl Fn(String) -> String) -> Self {
        for text in [
            &mut self.usage_guid,
            &mut self.client_id,
            &mut self.user_id,
            &mut self.model,
            &mut self.provider,
            &mut self.response_id,
        ] {
            *text = change(std::mem::take(text));
        }
        for text in [
            &mut self.reason,
            &mut self.input_content,
            &mut self.output_content,
        ] {
            *text = text.take().map(&change);
        }
        self
    }
}

/// A spreadsheet runs what begins like a formula; an apostrophe before it makes it the text that it is.
fn formula_safe(text: String) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']) {
        format!("'{text}")
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use aicon_protocol::ai::Usage;
    use aicon_protocol::id::{ClientId, ResponseId, UsageGuid, UserId};

    use super::*;
    use crate::store::Status;

    fn row(text: &str) -> LedgerRow {
        LedgerRow {
            seq: 1,
            recorded_at: 1_761_922_800_000,
            id: ResponseId::new("resp_1"),
            guid: UsageGuid::new("0d9fcb1e-6a2f-4c0b-9a59-6d1f4ef2a001"),
            owner: UserId::new(text),
            client: ClientId::new(text),
            model: text.to_owned(),
            provider: "demo".to_owned(),
            status: Status::Completed,
            failure: Some(text.to_owned()),
            response_code: 200,
            started_at: 0,
            ended_at: 0,
            input: text.to_owned(),
            content: text.to_owned(),
            usage: Usage::new(1, 2),
            usage_estimated: false,
            amount: 100,
            content_limit: None,
            delivery: Delivery::Delivered { at: 0 },
        }
    }

    fn csv_of(exported: Exported) -> (csv::StringRecord, csv::StringRecord) {
        let mut table = csv::Writer::from_writer(Vec::new());
        table.serialize(exported).unwrap();
        let bytes = table.into_inner().unwrap();
        let mut reader = csv::Reader::from_reader(bytes.as_slice());
        let header = reader.headers().unwrap().clone();
        let record = reader.records().next().unwrap().unwrap();
        (header, record)
    }

    #[test]
    fn the_heading_names_the_columns_that_rows_have() {
        let zone = "Asia/Seoul".parse().unwrap();
        let (header, record) = csv_of(Exported::new(row("a"), &zone, true));
        let named = COLUMNS.iter().chain(&CONTENT_COLUMNS).copied();
        assert!(header.iter().eq(named), "{header:?}");
        assert_eq!(&record[1], "2025-11-01");
        let (header, _) = csv_of(Exported::new(row("a"), &zone, false));
        assert!(header.iter().eq(COLUMNS), "{header:?}");
    }

    #[test]
    fn no_cell_begins_like_a_formula() {
        for text in ["=1+1", "+a", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1"] {
            let exported = Exported::new(row(text), &Zone::utc(), true);
            let (_, record) = csv_of(exported.map_texts(formula_safe));
            for cell in &record {
                let first = cell.chars().next().unwrap_or('a');
                assert!(!"=+-@\t\r\n＝＋－＠".contains(first), "{cell:?}");
            }
            assert_eq!(&record[20], format!("'{text}"));
        }
        assert_eq!(formula_safe("100".to_owned()), "100");
    }
}
