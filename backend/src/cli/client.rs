//! `aicon-backend client`: which models of AICON's the server answers for.

mod list;
mod secret;

use aicon_protocol::id::ClientId;
use clap::{Args, Subcommand};

use self::list::List;
use self::secret::SecretArgs;
use super::CliError;
use super::place::Place;
use super::table;
use crate::clock::Clock;
use crate::config::Settings;
use crate::service::clients::{REFRESH, Terms};
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
