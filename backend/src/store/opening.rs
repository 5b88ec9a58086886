//! The statements that open uses: many at a time, and one at once where nobody else writes.

use aicon_protocol::id::{ClientId, FileId, ResponseId};
use rusqlite::params;

use super::batch::Written;
use super::database::{Database, Rows, Sql, rows_sql};
use super::opener::Opener;
use super::record::NewUse;

macro_rules! open_sql {
    ($values:literal) => {
        concat!(
            "INSERT INTO uses (id, guid, owner, client_id, kind, status, model, provider, input, input_files, \
             previous_id, started_at, holder, idempotency_key, fingerprint) ",
            $values
        )
    };
}

pub(super) const OPEN: Sql = rows_sql!(
    open_sql!(
        "SELECT d.value->>0, d.value->>1, d.value->>2, d.value->>3, d.value->>4, 'open', d.value->>5, d.value->>6, \
         d.value->>7, d.value->>8, d.value->>9, CAST(d.value->>10 AS BIGINT), d.value->>11, d.value->>12, d.value->>13 \
         FROM"
    ),
    ROWS,
    "WHERE TRUE ON CONFLICT DO NOTHING RETURNING id"
);

/// [`OPEN`] for one row: half the time.
const OPEN_ONE: &str = open_sql!(
    "VALUES ($1, $2, $3, $4, $5, 'open', $6, $7, $8, $9, $10, $11, $12, $13, $14) ON CONFLICT DO NOTHING"
);

/// Opens a use in place if that takes no wait, and answers whether it is new; `None`: it has to go the long way. A power cut may
/// take an open row that nobody has been told a word of; a crash of the process may not. So the flush, which takes longer
/// than all the rest, need not be over before the model is asked: see [`Flush`](super::Flush).
pub(super) fn open_at_once(database: &Database, new: &NewUse, holder: &str) -> Option<bool> {
    let Database::Sqlite { turn, opener, .. } = database else {
        return None;
    };
    let _turn = turn.try_lock().ok()?;
    open_in_place(opener, new, holder)
}

/// Opens in one statement, which SQLite leaves unflushed.
pub(super) async fn open(
    database: &Database,
    opens: &[&NewUse],
    holder: &str,
) -> Result<Written, sqlx::Error> {
    let rows = || rows(database, opens, holder);
    let (opened, is_unflushed): (Vec<String>, _) = match database {
        Database::Sqlite {
            turn,
            writer,
            opener,
            ..
        } => {
            let _turn = turn.lock().await;
            match opener.run(OPEN.sqlite, [rows()]) {
                Some(opened) => (opened, true),
                None => {
                    let open = sqlx::query_scalar(OPEN.sqlite).bind(rows());
                    (open.fetch_all(writer).await?, false)
                }
            }
        }
        Database::Postgres(pool) => {
            let open = sqlx::query_scalar(OPEN.postgres).bind(rows());
            (open.fetch_all(pool).await?, false)
        }
    };
    Ok(Written {
        opened: opened.into_iter().collect(),
        is_unflushed,
        ..Written::default()
    })
}

/// The rows as one parameter of [`OPEN`].
pub(super) fn rows(database: &Database, opens: &[&NewUse], holder: &str) -> String {
    let mut rows = Rows::default();
    for new in opens {
        let text = |text| database.text(text);
        let files: Vec<_> = new.files.iter().map(FileId::as_str).collect();
        let idempotency = new.idempotency.as_ref();
        rows.push(&(
            new.id.as_str(),
            new.guid.as_str(),
            text(new.owner.as_str()),
            new.client.as_ref().map(|client| text(client.as_str())),
            new.kind.as_str(),
            text(&new.model),
            text(&new.provider),
            text(&new.input),
            text(&files.join(" ")).into_owned(),
            new.previous
                .as_ref()
                .map(|previous| text(previous.as_str())),
            new.started_at,
            holder,
            idempotency.map(|it| text(&it.key)),
            idempotency.map(|it| text(&it.fingerprint)),
        ));
    }
    rows.into_json()
}

/// Whether the row is new; `None` where SQLite does not take it so.
fn open_in_place(opener: &Opener, new: &NewUse, holder: &str) -> Option<bool> {
    let files: Vec<_> = new.files.iter().map(FileId::as_str).collect();
    let idempotency = new.idempotency.as_ref();
    let changed = opener.change(
        OPEN_ONE,
        params![
            new.id.as_str(),
            new.guid.as_str(),
            new.owner.as_str(),
            new.client.as_ref().map(ClientId::as_str),
            new.kind.as_str(),
            new.model,
            new.provider,
            new.input,
            files.join(" "),
            new.previous.as_ref().map(ResponseId::as_str),
            new.started_at,
            holder,
            idempotency.map(|it| &it.key),
            idempotency.map(|it| &it.fingerprint),
        ],
    )?;
    Some(changed > 0)
}
