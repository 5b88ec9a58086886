//! `aicon-backend usage reconcile`: AICON's statement against the ledger.

use std::fs::File;
use std::io::{self, BufReader};
use std::ops::Range;
use std::path::PathBuf;

use aicon_protocol::id::UsageGuid;
use clap::{Args, ValueEnum};
use jiff::civil::Date;

use super::CliError;
use super::place::Place;
use super::table;
use crate::service::ledger::LedgerReader;
use crate::settlement::{
    Difference, LedgerEntry, Reconciliation, Report, StatementEntry, Sums, Zone, date, read,
};
use crate::store::{LedgerRow, Store};

/// Differences of one kind that a table shows.
const SHOWN: usize = 50;

#[derive(Args, Debug)]
pub(super) struct Reconcile {
    /// AICON's statement: pages of the settlement's JSON, record-usage objects as list or lines, or a CSV table with the
    /// columns usageGUID and amountForSettlement; - reads standard input; can be repeated
    #[arg(long = "file", required = true)]
    files: Vec<PathBuf>,
    /// First day of the ledger that is compared, YYYY/MM/DD [default: its first one]
    #[arg(long, value_parser = date)]
    from: Option<Date>,
    /// Last day of the ledger that is compared, YYYY/MM/DD [default: its last one]
    #[arg(long, value_parser = date)]
    to: Option<Date>,
    /// Where days begin and end, such as Asia/Seoul [default: as settlement.time_zone says]
    #[arg(long)]
    time_zone: Option<Zone>,
    /// Compares one client's uses only; entries of the statement that name none are taken for its own
    #[arg(long)]
    client: Option<String>,
    /// How the result is printed
    #[arg(long, default_value = "table")]
    format: Format,
    #[command(flatten)]
    place: Place,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Table,
    Json,
}

impl Reconcile {
    /// Prints the comparison. That the sides differ is [`CliError::Differences`], so that a script sees it.
    pub(super) async fn run(self) -> Result<(), CliError> {
        if let (Some(from), Some(to)) = (self.from, self.to)
            && from > to
        {
            return Err(CliError::Refused(format!(
                "flag --from is after flag --to: found {} and {}, expected the first day not after the last one",
                from.strftime("%Y/%m/%d"),
                to.strftime("%Y/%m/%d"),
            )));
        }
        let statement = self.statement()?;
        let (settings, store) = self.place.store().await?;
        let zone = self.time_zone.clone();
        let zone = zone.unwrap_or_else(|| settings.settlement.time_zone.clone());
        let report = self.compare(statement, &store, &zone).await?;
        store.close().await;
        match self.format {
            Format::Json => table::write(&format!("{}\n", serde_json::to_string_pretty(&report)?))?,
            Format::Table => print(&report)?,
        }
        if report.is_equal() {
            Ok(())
        } else {
            Err(CliError::Differences(report.differences.len()))
        }
    }

    fn statement(&self) -> Result<Vec<StatementEntry>, CliError> {
        let mut entries = Vec::new();
        for path in &self.files {
            let failed = |source| CliError::Statement {
                path: path.clone(),
                source,
            };
            let found = if path.as_os_str() == "-" {
                read(io::stdin().lock())
            } else {
                File::open(path)
                    .map_err(Into::into)
                    .and_then(|file| read(BufReader::new(file)))
            };
            entries.extend(found.map_err(failed)?);
        }
        if let Some(client) = &self.client {
            entries.retain(|entry| entry.client.as_ref().is_none_or(|named| named == client));
            for entry in &mut entries {
                entry.client.get_or_insert_with(|| client.clone());
            }
        }
        Ok(entries)
    }

    async fn compare(
        &self,
        statement: Vec<StatementEntry>,
        store: &Store,
        zone: &Zone,
    ) -> Result<Report, CliError> {
        let days = self.days(zone);
        let span = store.ledger_span(days.start, days.end).await?;
        let mut rows = LedgerReader::new(store.clone(), span);
        let mut reconciliation = Reconciliation::new(statement);
        while let Some(chunk) = rows.next().await? {
            let asked = chunk.into_iter().filter(|row| self.is_asked(row));
            asked.for_each(|row| reconciliation.take(entry(row)));
        }
        for guid in reconciliation.unfound() {
            let row = store.ledger_row(&UsageGuid::new(guid)).await?;
            let Some(row) = row else { continue };
            let recorded = row.recorded_at;
            if !days.contains(&recorded) {
                reconciliation.take_from_elsewhere(entry(row), Some(zone.day_of(recorded)));
            } else if self.is_asked(&row) {
                // Recorded since the comparison began.
                reconciliation.take(entry(row));
            } else {
                reconciliation.take_from_elsewhere(entry(row), None);
            }
        }
        Ok(reconciliation.finish())
    }

    fn days(&self, zone: &Zone) -> Range<i64> {
        let start = self.from.map_or(i64::MIN, |day| zone.span(day, day).start);
        let end = self.to.map_or(i64::MAX, |day| zone.span(day, day).end);
        start..end
    }

    fn is_asked(&self, row: &LedgerRow) -> bool {
        let client = self.client.as_deref();
        client.is_none_or(|client| row.client.as_str() == client)
    }
}

fn entry(row: LedgerRow) -> LedgerEntry {
    LedgerEntry {
        guid: row.guid.as_str().to_owned(),
        client: row.client.as_str().to_owned(),
        amount: row.amount,
    }
}

fn print(report: &Report) -> Result<(), CliError> {
    let sums = |name: &str, sums: &Sums| {
        vec![
            name.to_owned(),
            sums.uses_here.to_string(),
            sums.uses_at_aicon.to_string(),
            sums.won_here.to_string(),
            sums.won_at_aicon.to_string(),
        ]
    };
    let mut rows: Vec<_> = report
        .clients
        .iter()
        .map(|(client, part)| sums(client, part))
        .collect();
    rows.push(sums("(all)", &report.total));
    table::print(
        &[
            "CLIENT",
            "USES HERE",
            "USES AT AICON",
            "WON HERE",
            "WON AT AICON",
        ],
        &rows,
    )?;
    if report.is_equal() {
        return table::write("\nAICON's statement and the ledger agree.\n");
    }
    let mut differences = report.differences.as_slice();
    while let Some(first) = differences.first() {
        let same = |difference: &Difference| title(difference) == title(first);
        let count = differences.iter().take_while(|each| same(each)).count();
        let (kind, rest) = differences.split_at(count);
        table::write(&format!("\n{} ({count})\n", title(first)))?;
        let shown: Vec<_> = kind.iter().take(SHOWN).map(cells).collect();
        table::print(
            &["GUID", "CLIENT", "WON HERE", "WON AT AICON", "NOTE"],
            &shown,
        )?;
        if count > SHOWN {
            table::write(&format!(
                "… and {} more: --format json has all\n",
                count - SHOWN
            ))?;
        }
        differences = rest;
    }
    Ok(())
}

fn title(difference: &Difference) -> &'static str {
    match difference {
        Difference::MissingAtAicon { .. } => "Missing at AICON",
        Difference::MissingHere { .. } => "Missing here",
        Difference::Amount { .. } => "Amounts differ",
        Difference::Client { .. } => "Clients differ",
        Difference::OtherDay { .. } => "Recorded here on another day",
        Difference::Repeated { .. } => "More than once at AICON",
    }
}

fn cells(difference: &Difference) -> Vec<String> {
    let text = |part: &dyn ToString| part.to_string();
    let none = String::new;
    match difference {
        Difference::MissingAtAicon { guid, client, here } => {
            vec![text(guid), text(client), text(here), none(), none()]
        }
        Difference::MissingHere {
            guid,
            client,
            at_aicon,
        } => {
            let client = client.clone().unwrap_or_default();
            vec![text(guid), client, none(), text(at_aicon), none()]
        }
        Difference::Amount {
            guid,
            client,
            here,
            at_aicon,
        } => vec![text(guid), text(client), text(here), text(at_aicon), none()],
        Difference::Client {
            guid,
            here,
            at_aicon,
        } => {
            let note = format!("at AICON of {at_aicon}");
            vec![text(guid), text(here), none(), none(), note]
        }
        Difference::OtherDay {
            guid,
            client,
            recorded,
            here,
            at_aicon,
        } => {
            let note = format!("recorded {recorded}");
            vec![text(guid), text(client), text(here), text(at_aicon), note]
        }
        Difference::Repeated {
            guid,
            times,
            beyond_first,
        } => {
            let note = format!("{times} times, {beyond_first} won too much");
            vec![text(guid), none(), none(), none(), note]
        }
    }
}
