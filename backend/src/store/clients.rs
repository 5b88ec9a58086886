//! Models that the provider has registered at AICON.

use aicon_protocol::id::ClientId;

use super::database::{reading, writing};
use super::{Store, StoreError, sql};

/// A client as it is kept. What the texts hold is their writer's business.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientRow {
    /// Client ID.
    pub id: ClientId,
    /// The sealed secret, or where it is found; never the secret itself.
    pub secret: String,
    /// JSON.
    pub settings: String,
    /// Milliseconds since the epoch.
    pub created_at: i64,
    /// Milliseconds since the epoch.
    pub changed_at: i64,
}

#[derive(sqlx::FromRow)]
struct ClientColumns {
    id: String,
    secret: String,
    settings: String,
    created_at: i64,
    changed_at: i64,
}

impl Store {
    /// Writes a client; of one that is there everything but `created_at` is replaced.
    ///
    /// # Errors
    /// The row cannot be written.
    pub async fn put_client(&self, client: &ClientRow) -> Result<(), StoreError> {
        writing!(&self.database, pool => {
            sqlx::query(
                "INSERT INTO clients (id, secret, settings, created_at, changed_at) VALUES ($1, $2, $3, $4, $5) \
                 ON CONFLICT (id) DO UPDATE SET secret = EXCLUDED.secret, settings = EXCLUDED.settings, \
                 changed_at = EXCLUDED.changed_at",
            )
            .bind(self.text(client.id.as_str()))
            .bind(self.text(&client.secret))
            .bind(self.text(&client.settings))
            .bind(client.created_at)
            .bind(client.changed_at)
            .execute(pool)
            .await
            .map(drop)
        })
        .map_err(sql("write a client"))
    }

    /// All clients, by ID.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn client_rows(&self) -> Result<Vec<ClientRow>, StoreError> {
        let rows: Vec<ClientColumns> = reading!(&self.database, pool => {
            sqlx::query_as("SELECT * FROM clients ORDER BY id").fetch_all(pool).await
        })
        .map_err(sql("list the clients"))?;
        Ok(rows.into_iter().map(ClientRow::from).collect())
    }

    /// Deletes a client; answers whether it was there. Its uses stay.
    ///
    /// # Errors
    /// The row cannot be deleted.
    pub async fn delete_client(&self, id: &ClientId) -> Result<bool, StoreError> {
        writing!(&self.database, pool => {
            sqlx::query("DELETE FROM clients WHERE id = $1")
                .bind(self.text(id.as_str()))
                .execute(pool)
                .await
                .map(|done| done.rows_affected() == 1)
        })
        .map_err(sql("delete a client"))
    }
}

impl From<ClientColumns> for ClientRow {
    fn from(row: ClientColumns) -> Self {
        Self {
            id: ClientId::new(row.id),
            secret: row.secret,
            settings: row.settings,
            created_at: row.created_at,
            changed_at: row.changed_at,
        }
    }
}
