//! Opens uses on SQLite at the least cost: called in place, because another thread's wake-up takes longer than the statement,
//! and left to be flushed afterwards.

use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, Params, Statement};

/// One connection that writes without flushes, for rows of which nobody has been told yet.
#[derive(Debug)]
pub(super) struct Opener(Mutex<Option<Connection>>);

impl Opener {
    /// # Errors
    /// The file cannot be opened.
    pub(super) fn new(file: &Path) -> rusqlite::Result<Self> {
        let connection = Connection::open(file)?;
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        // These rows hold this program's own words, and to check one against a list SQLite builds a table at each row.
        connection.pragma_update(None, "ignore_check_constraints", true)?;
        // Whoever calls must not be kept: neither by another process nor by the log's way into the database.
        connection.busy_timeout(Duration::ZERO)?;
        connection.pragma_update(None, "wal_autocheckpoint", 0)?;
        Ok(Self(Mutex::new(Some(connection))))
    }

    /// Runs a statement and answers its first column; `None`: it has to be run by another connection, which then finds the
    /// reason too. Only for who has the writer's turn.
    pub(super) fn run(&self, statement: &str, values: impl Params) -> Option<Vec<String>> {
        self.with(statement, |statement| {
            let column = statement.query_map(values, |row| row.get(0))?;
            column.collect()
        })
    }

    /// [`Opener::run`] for a statement that answers nothing: how many rows it changed.
    pub(super) fn change(&self, statement: &str, values: impl Params) -> Option<usize> {
        self.with(statement, |statement| statement.execute(values))
    }

    fn with<T>(
        &self,
        statement: &str,
        run: impl FnOnce(&mut Statement<'_>) -> rusqlite::Result<T>,
    ) -> Option<T> {
        let connection = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut statement = connection.as_ref()?.prepare_cached(statement).ok()?;
        run(&mut statement).ok()
    }

    /// Ends the connection.
    pub(super) fn close(&self) {
        drop(self.0.lock().unwrap_or_else(PoisonError::into_inner).take());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_run_in_place_is_left_to_others() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("one.db");
        let other = Connection::open(&file).unwrap();
        other.pragma_update(None, "journal_mode", "WAL").unwrap();
        other
            .execute_batch("CREATE TABLE ids (id TEXT PRIMARY KEY)")
            .unwrap();
        let opener = Opener::new(&file).unwrap();
        let insert = "INSERT INTO ids SELECT value FROM json_each($1) WHERE TRUE \
                      ON CONFLICT DO NOTHING RETURNING id";
        assert_eq!(opener.run(insert, [r#"["a","b"]"#]).unwrap(), ["a", "b"]);
        assert_eq!(opener.run(insert, [r#"["b","c"]"#]).unwrap(), ["c"]);
        assert_eq!(opener.run(insert, ["not JSON"]), None);
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        assert_eq!(opener.run(insert, [r#"["d"]"#]), None);
        other.execute_batch("ROLLBACK").unwrap();
        assert_eq!(opener.run(insert, [r#"["d"]"#]).unwrap(), ["d"]);
        opener.close();
        assert_eq!(opener.run(insert, [r#"["e"]"#]), None);
    }
}
