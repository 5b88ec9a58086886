//! `aicon-backend client list`.

use clap::Args;
use serde::Serialize;

use crate::cli::place::Place;
use crate::cli::{CliError, table};
use crate::clock::iso;
use crate::config::SecretSource;
use crate::service::clients::Terms;
use crate::service::secret::StoredSecret;
use crate::store::ClientRow;

#[derive(Args, Debug)]
pub(in crate::cli) struct List {
    /// One JSON object a line
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Place,
}

impl List {
    pub(super) async fn run(self) -> Result<(), CliError> {
        let (settings, store) = self.place.store().await?;
        let mut clients: Vec<_> = settings
            .aicon
            .all_clients()
            .into_iter()
            .map(|client| Listed {
                secret: match client.source() {
                    SecretSource::Given(_) => "configuration".to_owned(),
                    other => place_of(&other),
                },
                client_id: client.id,
                price: client.price.to_string(),
                content: client.content.to_string(),
                models: client.models,
                added_at: None,
            })
            .collect();
        for row in store.client_rows().await? {
            clients.push(Listed::of_row(&row)?);
        }
        store.close().await;
        if self.json {
            return table::print_json(&clients);
        }
        let rows: Vec<_> = clients.into_iter().map(Listed::cells).collect();
        table::print(
            &["CLIENT", "SECRET", "PRICE", "CONTENT", "MODELS", "ADDED"],
            &rows,
        )
    }
}

/// A client as it is listed.
#[derive(Debug, Serialize)]
struct Listed {
    client_id: String,
    secret: String,
    price: String,
    content: String,
    models: Option<Vec<String>>,
    added_at: Option<String>,
}

impl Listed {
    fn of_row(row: &ClientRow) -> Result<Self, CliError> {
        let terms: Terms = serde_json::from_str(&row.settings)?;
        Ok(Self {
            client_id: row.id.as_str().to_owned(),
            secret: match StoredSecret::parse(&row.secret) {
                StoredSecret::Sealed(_) => "sealed".to_owned(),
                StoredSecret::At(source) => place_of(&source),
            },
            price: terms.price.to_string(),
            content: terms.content.to_string(),
            models: terms.models,
            added_at: Some(iso(row.created_at)),
        })
    }

    fn cells(self) -> Vec<String> {
        vec![
            self.client_id,
            self.secret,
            self.price,
            self.content,
            self.models
                .map_or_else(|| "all".to_owned(), |models| models.join(",")),
            self.added_at.unwrap_or_else(|| "configuration".to_owned()),
        ]
    }
}

fn place_of(source: &SecretSource) -> String {
    match source {
        SecretSource::Given(_) => "given".to_owned(),
        SecretSource::File(path) => StoredSecret::of_file(&path.display().to_string()),
        SecretSource::Environment(name) => StoredSecret::of_variable(name),
        SecretSource::Nowhere => "none".to_owned(),
    }
}
