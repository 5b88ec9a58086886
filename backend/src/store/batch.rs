//! The statements that complete uses, many at a time, and open those that wait with them.

use std::collections::{HashMap, HashSet};

use aicon_protocol::id::ResponseId;

use super::database::{Database, Rows, Sql, in_transaction, rows_sql};
use super::opening::{self, OPEN};
use super::record::{NewUse, Outcome, Status, column};

/// Its row lock makes the servers of a database commit one after the other.
const LOCK_HEAD: &str = "UPDATE ledger_head SET recorded_at = CASE WHEN recorded_at > $1 THEN recorded_at ELSE $1 END \
                         RETURNING seq, recorded_at";

pub(super) const STILL_OPEN: Sql = rows_sql!(
    "SELECT uses.id, uses.client_id FROM",
    ROWS,
    "JOIN uses ON uses.id = (d.value->>0) WHERE uses.status = 'open'"
);

pub(super) const COMPLETE: Sql = rows_sql!(
    "UPDATE uses SET status = d.value->>1, failure = d.value->>2, response_code = CAST(d.value->>3 AS BIGINT), \
     content = d.value->>4, input_tokens = CAST(d.value->>5 AS BIGINT), output_tokens = CAST(d.value->>6 AS BIGINT), \
     total_tokens = CAST(d.value->>7 AS BIGINT), usage_estimated = CAST(d.value->>8 AS BOOLEAN), \
     amount = CAST(d.value->>9 AS BIGINT), content_limit = CAST(d.value->>10 AS BIGINT), \
     ended_at = CAST(d.value->>11 AS BIGINT), seq = CAST(d.value->>12 AS BIGINT), \
     recorded_at = CAST(d.value->>13 AS BIGINT) FROM",
    ROWS,
    "WHERE uses.id = (d.value->>0)"
);

const ENQUEUE: Sql = rows_sql!(
    "INSERT INTO outbox (seq, client_id, state, attempts, next_at, due_at) \
     SELECT CAST(d.value->>0 AS BIGINT), d.value->>1, 'pending', 0, CAST(d.value->>2 AS BIGINT), \
     CAST(d.value->>2 AS BIGINT) FROM",
    ROWS,
    ""
);

/// What a batch did.
#[derive(Debug, Default)]
pub(super) struct Written {
    /// Uses that were opened; the others' ID or key is taken.
    pub(super) opened: HashSet<String>,
    /// Uses that were completed; the others were not open.
    pub(super) completed: HashSet<String>,
    /// Whether the outbox has something new.
    pub(super) enqueued: bool,
    /// Whether it is yet to be flushed to the disk; else the commit did that, for all that was written before it too.
    pub(super) is_unflushed: bool,
}

/// Opens and completes in one transaction, and opens alone in one statement, which SQLite then leaves unflushed.
pub(super) async fn write(
    database: &Database,
    holder: &str,
    now: i64,
    opens: &[&NewUse],
    completions: &[(&ResponseId, &Outcome)],
) -> Result<Written, sqlx::Error> {
    if completions.is_empty() {
        return opening::open(database, opens, holder).await;
    }
    in_transaction!(database, transaction, pick => {
        let mut written = Written::default();
        if !opens.is_empty() {
            let open = opening::rows(database, opens, holder);
            let opened: Vec<String> =
                sqlx::query_scalar(pick(&OPEN)).bind(open).fetch_all(&mut *transaction).await?;
            written.opened.extend(opened);
        }
        let head: (i64, i64) =
            sqlx::query_as(LOCK_HEAD).bind(now).fetch_one(&mut *transaction).await?;
        let found: Vec<(String, Option<String>)> = sqlx::query_as(pick(&STILL_OPEN))
            .bind(ids_of(database, completions))
            .fetch_all(&mut *transaction)
            .await?;
        let plan = plan(database, completions, found, head, now);
        if !plan.completed.is_empty() {
            sqlx::query(pick(&COMPLETE)).bind(plan.uses.into_json()).execute(&mut *transaction).await?;
        }
        if plan.seq > head.0 {
            sqlx::query(pick(&ENQUEUE)).bind(plan.outbox.into_json()).execute(&mut *transaction).await?;
            sqlx::query("UPDATE ledger_head SET seq = $1").bind(plan.seq).execute(&mut *transaction).await?;
        }
        written.completed = plan.completed;
        written.enqueued = plan.seq > head.0;
        written
    })
}

/// What is to be written of a batch's completions, now that it is known which uses are open.
struct Plan {
    completed: HashSet<String>,
    uses: Rows,
    outbox: Rows,
    seq: i64,
}

fn ids_of(database: &Database, completions: &[(&ResponseId, &Outcome)]) -> String {
    let mut rows = Rows::default();
    for (id, _) in completions {
        rows.push(&[database.text(id.as_str())]);
    }
    rows.into_json()
}

/// Numbers those that are still open and have a client, in the batch's order; of two of the same use the first counts.
fn plan(
    database: &Database,
    completions: &[(&ResponseId, &Outcome)],
    found: Vec<(String, Option<String>)>,
    head: (i64, i64),
    now: i64,
) -> Plan {
    let mut open: HashMap<String, Option<String>> = found.into_iter().collect();
    let mut plan = Plan {
        completed: HashSet::new(),
        uses: Rows::default(),
        outbox: Rows::default(),
        seq: head.0,
    };
    for (id, outcome) in completions {
        let Some(client) = open.remove(id.as_str()) else {
            continue;
        };
        plan.completed.insert(id.as_str().to_owned());
        let number = client.map(|client| {
            plan.seq += 1;
            plan.outbox.push(&(plan.seq, client, now));
            (plan.seq, head.1)
        });
        push_completion(&mut plan.uses, database, id, outcome, number);
    }
    plan
}

fn push_completion(
    rows: &mut Rows,
    database: &Database,
    id: &ResponseId,
    outcome: &Outcome,
    number: Option<(i64, i64)>,
) {
    debug_assert_ne!(outcome.status, Status::Open, "an outcome is an end");
    rows.push(&(
        id.as_str(),
        outcome.status.as_str(),
        outcome
            .failure
            .as_deref()
            .map(|failure| database.text(failure)),
        outcome.response_code,
        database.text(&outcome.content),
        column(outcome.usage.input_tokens),
        column(outcome.usage.output_tokens),
        column(outcome.usage.total_tokens),
        outcome.usage_estimated,
        column(outcome.amount),
        outcome.content_limit,
        outcome.ended_at,
        number.map(|(seq, _)| seq),
        number.map(|(_, recorded_at)| recorded_at),
    ));
}
