//! `aicon-backend usage`: the ledger, and what AICON knows of it.

use aicon_protocol::id::{ClientId, UsageGuid};
use clap::{Args, Subcommand};
use serde::Serialize;

use super::CliError;
use super::export::Export;
use super::place::Place;
use super::reconcile::Reconcile;
use super::table;
use crate::clock::iso;
use crate::store::{Delivery, LedgerRow, RetryWhich, Store};

/// Rows read at once where rows of one client are looked for among all.
const CHUNK: u64 = 1000;

#[derive(Debug, Subcommand)]
pub(super) enum UsageCommand {
    /// Lists the newest uses and whether AICON has them
    List(List),
    /// Sends parked reports again
    Retry(Retry),
    /// Writes the uses of some days as a table or as lines of JSON
    Export(Export),
    /// Compares AICON's statement with the ledger; exit status 0: they agree, 1: they differ, 2: they were not compared
    Reconcile(Reconcile),
}

#[derive(Args, Debug)]
pub(super) struct List {
    /// Only those that AICON refuses
    #[arg(long)]
    parked: bool,
    /// Only those of a client
    #[arg(long)]
    client: Option<String>,
    /// How many at most
    #[arg(long, default_value_t = 50)]
    limit: u32,
    /// One JSON object a line
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Place,
}

#[derive(Args, Debug)]
pub(super) struct Retry {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    place: Place,
}

#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
struct Which {
    /// All that are parked
    #[arg(long)]
    all: bool,
    /// Those of a client
    #[arg(long)]
    client: Option<String>,
    /// One, by its usage GUID
    #[arg(long)]
    guid: Option<String>,
}

impl UsageCommand {
    pub(super) async fn run(self) -> Result<(), CliError> {
        match self {
            Self::List(list) => list.run().await,
            Self::Retry(retry) => retry.run().await,
            Self::Export(export) => export.run().await,
            Self::Reconcile(reconcile) => reconcile.run().await,
        }
    }
}

impl List {
    async fn run(self) -> Result<(), CliError> {
        let (_, store) = self.place.store().await?;
        let client = self.client.clone().map(ClientId::new);
        let is_asked = |row: &LedgerRow| client.as_ref().is_none_or(|client| row.client == *client);
        let rows = if self.parked {
            let most = if client.is_some() {
                u32::MAX
            } else {
                self.limit
            };
            store.parked(most).await?
        } else {
            newest(&store, self.limit, is_asked).await?
        };
        store.close().await;
        let rows = rows.into_iter().filter(is_asked).take(self.limit as usize);
        let listed: Vec<_> = rows.map(Listed::from).collect();
        if self.json {
            return table::print_json(&listed);
        }
        let cells: Vec<_> = listed.into_iter().map(Listed::cells).collect();
        table::print(
            &[
                "NUMBER", "RECORDED", "GUID", "CLIENT", "MODEL", "ENDED", "CODE", "TOKENS", "WON",
                "AICON",
            ],
            &cells,
        )
    }
}

impl Retry {
    async fn run(self) -> Result<(), CliError> {
        let (_, store) = self.place.store().await?;
        let which = match self.which {
            Which {
                guid: Some(guid), ..
            } => RetryWhich::Guid(UsageGuid::new(guid)),
            Which {
                client: Some(client),
                ..
            } => RetryWhich::Client(ClientId::new(client)),
            _ => RetryWhich::All,
        };
        // Due since ever, whatever the server's clock says.
        let retried = store.retry_parked(&which, 0).await?;
        store.close().await;
        table::write(&format!("{retried} parked reports will be sent again\n"))
    }
}

/// The newest rows that are asked for, oldest first.
async fn newest(
    store: &Store,
    limit: u32,
    is_asked: impl Fn(&LedgerRow) -> bool,
) -> Result<Vec<LedgerRow>, CliError> {
    let Some(span) = store.ledger_span(i64::MIN, i64::MAX).await? else {
        return Ok(Vec::new());
    };
    let (mut newest_first, mut until) = (Vec::new(), span.last);
    while newest_first.len() < limit as usize && until >= span.first {
        let from = until
            .saturating_sub(CHUNK.min(u64::from(limit)).max(1) - 1)
            .max(span.first);
        let rows = store.ledger_rows(from, until).await?;
        newest_first.extend(rows.into_iter().rev().filter(&is_asked));
        until = from.saturating_sub(1);
    }
    newest_first.truncate(limit as usize);
    newest_first.reverse();
    Ok(newest_first)
}

/// A row as it is listed: who and what was said stay here.
#[derive(Debug, Serialize)]
struct Listed {
    number: u64,
    recorded_at: String,
    usage_guid: String,
    client_id: String,
    model: String,
    status: &'static str,
    response_code: u16,
    token_in: u64,
    token_out: u64,
    tokens_estimated: bool,
    won: u64,
    delivery: &'static str,
    attempts: Option<u32>,
    delivered_at: Option<String>,
    next_try_at: Option<String>,
    reason: Option<String>,
}

impl From<LedgerRow> for Listed {
    fn from(row: LedgerRow) -> Self {
        let (delivery, attempts, delivered_at, next_try_at, reason) = match row.delivery {
            Delivery::Pending {
                attempts,
                next_at,
                last_error,
            } => (
                "pending",
                Some(attempts),
                None,
                Some(iso(next_at)),
                last_error,
            ),
            Delivery::Delivered { at } => ("delivered", None, Some(iso(at)), None, None),
            Delivery::Parked { attempts, reason } => {
                ("parked", Some(attempts), None, None, Some(reason))
            }
        };
        Self {
            number: row.seq,
            recorded_at: iso(row.recorded_at),
            usage_guid: row.guid.as_str().to_owned(),
            client_id: row.client.as_str().to_owned(),
            model: row.model,
            status: row.status.as_str(),
            response_code: row.response_code,
            token_in: row.usage.input_tokens,
            token_out: row.usage.output_tokens,
            tokens_estimated: row.usage_estimated,
            won: row.amount,
            delivery,
            attempts,
            delivered_at,
            next_try_at,
            reason,
        }
    }
}

impl Listed {
    fn cells(self) -> Vec<String> {
        let about = if self.tokens_estimated { "~" } else { "" };
        let reason = self.reason.map(|reason| format!(": {reason}"));
        let tries = match self.attempts {
            Some(attempts) if attempts > 0 => format!(" after {attempts} tries"),
            _ => String::new(),
        };
        vec![
            self.number.to_string(),
            self.recorded_at,
            self.usage_guid,
            self.client_id,
            self.model,
            self.status.to_owned(),
            self.response_code.to_string(),
            format!("{about}{}+{about}{}", self.token_in, self.token_out),
            self.won.to_string(),
            format!("{}{tries}{}", self.delivery, reason.unwrap_or_default()),
        ]
    }
}
