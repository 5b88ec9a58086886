//! `aicon-backend usage export`: the ledger of some days as a table, for the provider's accountant.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use aicon_documents::formula_safe;
use clap::{Args, ValueEnum};
use jiff::civil::Date;

use super::CliError;
use super::exported::{COLUMNS, CONTENT_COLUMNS, Exported};
use super::place::Place;
use crate::service::ledger::LedgerReader;
use crate::settlement::{Zone, date};
use crate::store::LedgerRow;

/// Tells Excel that a file is UTF-8.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

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
