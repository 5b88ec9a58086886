//! No statement of every day reads through a table.

use super::batch::{COMPLETE, STILL_OPEN};
use super::database::Database;
use super::ledger::{BYTES, ledger_sql};
use super::outbox::{CHANGE, CLAIM, CLAIMED, DONE, NEXT_DUE, REMOVE, WAITING};
use super::{Store, StoreOptions};

const STATEMENTS: &[&str] = &[
    WAITING,
    NEXT_DUE,
    CLAIM.sqlite,
    CLAIMED.sqlite,
    DONE.sqlite,
    REMOVE.sqlite,
    CHANGE.sqlite,
    STILL_OPEN.sqlite,
    COMPLETE.sqlite,
    super::ledger::FIRST,
    super::ledger::LAST,
    super::reported::REPORTED.sqlite,
    BYTES,
    super::uses::BY_KEY,
    super::uses::TOKENS,
    super::uses::INTERRUPTED,
    ledger_sql!("WHERE uses.seq BETWEEN $1 AND $2 ORDER BY uses.seq"),
    ledger_sql!("WHERE uses.guid = $1 AND uses.seq IS NOT NULL"),
];

#[tokio::test]
async fn no_statement_of_every_day_scans_a_table_or_sorts_one() {
    let directory = tempfile::tempdir().unwrap();
    let options = StoreOptions::in_directory(directory.path());
    let store = Store::open(&options).await.unwrap();
    let Database::Sqlite { readers, .. } = &store.database else {
        panic!("not SQLite");
    };
    for statement in STATEMENTS {
        let explain = sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {statement}"));
        let plan: Vec<(i64, i64, i64, String)> =
            sqlx::query_as(explain).fetch_all(readers).await.unwrap();
        assert!(!plan.is_empty());
        for (.., step) in plan {
            let scans = step.contains("SCAN uses") || step.contains("SCAN outbox");
            // A partial index of the few rows in question may be read through.
            let few = step.contains("uses_open");
            assert!(!scans || few, "{step}\n{statement}");
            assert!(
                !step.contains("TEMP B-TREE") || statement.contains("json_each"),
                "{step}\n{statement}"
            );
        }
    }
}
