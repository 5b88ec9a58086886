//! `aicon-backend client`: which models of AICON's the server answers for.

use std::io::{BufRead as _, IsTerminal as _};
use std::path::PathBuf;

use aicon_protocol::id::ClientId;
use clap::{Args, Subcommand};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;

use super::CliError;
use super::place::Place;
use super::table;
use crate::clock::{Clock, iso};
use crate::config::{SecretSource, Settings};
use crate::service::clients::{REFRESH, StoredSecret, Terms};
use crate::service::sealing::Seal;
use crate::store::{ClientRow, RetryWhich, Store};
use crate::usage::{ContentLimit, PriceRule};

#[derive(Debug, Subcommand)]
pub(super) enum ClientCommand {
    /// Adds a client; its secret is read from standard input and sealed, unless a file or a variable holds it
    Add(Add),
    /// Lists the clients, secrets left out
    List(List),
    /// Removes a client: its callers are refused, its reports wait until it is added again
    Remove(Remove),
    /// Gives a client a new secret, and sends again what AICON refused for the old one
    Rotate(Rotate),
}

#[derive(Args, Debug)]
pub(super) struct Add {
    /// AICON's client ID of the model
    id: String,
    /// What a use costs, in won: per-use:100, tiers:100=100,150 (up to 100 tokens 100, else 150), or
    /// per-1000-tokens:input=20,output=60,minimum=10,rounding=up
    #[arg(long, default_value_t)]
    price: PriceRule,
    /// How much of prompt and answer AICON is sent: whole, off or a number of characters of each
    #[arg(long, default_value_t)]
    content: ContentLimit,
    /// A model of the server's that callers through the client may use; can be repeated [default: all]
    #[arg(long = "model")]
    models: Vec<String>,
    /// Takes the place of a client that is there already, with its secret and terms
    #[arg(long)]
    replace: bool,
    #[command(flatten)]
    secret: SecretArgs,
    #[command(flatten)]
    place: Place,
}

#[derive(Args, Debug)]
pub(super) struct List {
    /// One JSON object a line
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Place,
}

#[derive(Args, Debug)]
pub(super) struct Remove {
    /// AICON's client ID of the model
    id: String,
    #[command(flatten)]
    place: Place,
}

#[derive(Args, Debug)]
pub(super) struct Rotate {
    /// AICON's client ID of the model
    id: String,
    #[command(flatten)]
    secret: SecretArgs,
    #[command(flatten)]
    place: Place,
}

#[derive(Args, Debug)]
#[group(multiple = false)]
struct SecretArgs {
    /// File that holds the client secret; only its name is kept, and it is read again every few seconds
    #[arg(long)]
    secret_file: Option<PathBuf>,
    /// Environment variable of the server that holds the client secret; only its name is kept
    #[arg(long)]
    secret_env: Option<String>,
}

impl ClientCommand {
    pub(super) async fn run(self) -> Result<(), CliError> {
        match self {
            Self::Add(add) => add.run().await,
            Self::List(list) => list.run().await,
            Self::Remove(remove) => remove.run().await,
            Self::Rotate(rotate) => rotate.run().await,
        }
    }
}

impl Add {
    async fn run(self) -> Result<(), CliError> {
        let (settings, store) = self.place.store().await?;
        let id = ClientId::new(self.id.trim());
        refuse_configured(&settings, &id)?;
        if id.as_str().is_empty() {
            return Err(CliError::Refused("the client ID is empty".to_owned()));
        }
        let before = find(&store, &id).await?;
        if before.is_some() && !self.replace {
            return Err(CliError::Refused(format!(
                "client `{id}` is there already: `client rotate` changes its secret, --replace everything"
            )));
        }
        let terms = Terms {
            price: self.price,
            content: self.content,
            models: (!self.models.is_empty()).then_some(self.models),
        };
        let now = Clock::system().now();
        let row = ClientRow {
            secret: self.secret.column(&settings, &id)?,
            settings: serde_json::to_string(&terms)?,
            created_at: before.map_or(now, |before| before.created_at),
            changed_at: now,
            id,
        };
        store.put_client(&row).await?;
        store.close().await;
        table::write(&format!("client `{}` added\n", row.id))
    }
}

impl List {
    async fn run(self) -> Result<(), CliError> {
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

impl Remove {
    async fn run(self) -> Result<(), CliError> {
        let (settings, store) = self.place.store().await?;
        let id = ClientId::new(self.id.trim());
        refuse_configured(&settings, &id)?;
        known(&store, &id).await?;
        store.delete_client(&id).await?;
        store.close().await;
        table::write(&format!("client `{id}` removed\n"))
    }
}

impl Rotate {
    async fn run(self) -> Result<(), CliError> {
        let (settings, store) = self.place.store().await?;
        let id = ClientId::new(self.id.trim());
        refuse_configured(&settings, &id)?;
        let before = known(&store, &id).await?;
        let now = Clock::system().now();
        let row = ClientRow {
            secret: self.secret.column(&settings, &id)?,
            changed_at: now,
            ..before
        };
        store.put_client(&row).await?;
        // Not before each server has read the new secret: AICON would refuse them once more.
        let soon = now.saturating_add(2 * i64::try_from(REFRESH.as_millis()).unwrap_or(0));
        let retried = store
            .retry_parked(&RetryWhich::Refused(id.clone()), soon)
            .await?;
        store.close().await;
        table::write(&format!(
            "client `{id}` has a new secret; {retried} parked reports will be sent again\n"
        ))
    }
}

impl SecretArgs {
    /// The secret as its row keeps it.
    fn column(&self, settings: &Settings, id: &ClientId) -> Result<String, CliError> {
        if let Some(file) = &self.secret_file {
            let path = std::path::absolute(file).map_err(CliError::io("find the secret's file"))?;
            let path = path.to_str().ok_or_else(|| {
                CliError::Refused("the path of the secret's file is not UTF-8".to_owned())
            })?;
            return Ok(StoredSecret::of_file(path));
        }
        if let Some(name) = &self.secret_env {
            return Ok(StoredSecret::of_variable(name));
        }
        // The key first: nobody should type a secret that cannot be kept.
        let seal = Seal::open_or_create(settings)?;
        Ok(seal.seal(id, &ask()?))
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

/// Reads a secret without showing it, or the first line of what is piped in.
fn ask() -> Result<SecretString, CliError> {
    let secret = if std::io::stdin().is_terminal() {
        rpassword::prompt_password("client secret: ").map_err(CliError::io("read the secret"))?
    } else {
        let mut line = String::new();
        std::io::stdin()
            .lock()
            .read_line(&mut line)
            .map_err(CliError::io("read the secret"))?;
        line
    };
    let secret = SecretString::from(secret.trim_matches(['\r', '\n']));
    if secret.expose_secret().is_empty() {
        return Err(CliError::Refused(
            "no secret was given: expected it on standard input, or --secret-file, or --secret-env"
                .to_owned(),
        ));
    }
    Ok(secret)
}

async fn find(store: &Store, id: &ClientId) -> Result<Option<ClientRow>, CliError> {
    let rows = store.client_rows().await?;
    Ok(rows.into_iter().find(|row| row.id == *id))
}

async fn known(store: &Store, id: &ClientId) -> Result<ClientRow, CliError> {
    find(store, id)
        .await?
        .ok_or_else(|| CliError::Refused(format!("client `{id}` is not there: see `client list`")))
}

fn refuse_configured(settings: &Settings, id: &ClientId) -> Result<(), CliError> {
    let mut configured = settings.aicon.all_clients().into_iter();
    if configured.any(|client| client.id == id.as_str()) {
        return Err(CliError::Refused(format!(
            "client `{id}` is in the configuration: change it there"
        )));
    }
    Ok(())
}
