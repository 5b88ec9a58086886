//! What every request shares.

use std::net::SocketAddr;
use std::ops::Deref;
use std::path::PathBuf;
use std::sync::Arc;

use aicon_documents::{Extractor, PdfProgram};
use reqwest::Client;
use tokio::sync::watch;

use crate::clock::Clock;
use crate::config::{CheckError, Settings};
use crate::http::site::{Site, SiteError};
use crate::limits::{Rates, StreamSlots};
use crate::metrics::Metrics;
use crate::models::{Catalog, DefinitionErrors};
use crate::provider::Registry;
use crate::service::alive::Alive;
use crate::service::allowance::Allowance;
use crate::service::clients::Clients;
use crate::service::exchange::Exchange;
use crate::service::form::desk::limits;
use crate::service::identity::Authenticator;
use crate::service::recovery;
use crate::service::settlement::{Gate, GateError};
use crate::service::spool;
use crate::store::{Role, Store, StoreError, StoreOptions};

/// A handle to everything; cheap to clone.
#[derive(Clone, Debug)]
pub struct App(Arc<Parts>);

/// What an [`App`] is a handle to.
#[derive(Debug)]
pub struct Parts {
    /// The configuration.
    pub settings: Arc<Settings>,
    /// Database and blobs.
    pub store: Store,
    /// To upstreams and to AICON.
    pub http: Client,
    /// The models of AICON's that the server answers for.
    pub clients: Arc<Clients>,
    /// Models.
    pub registry: Arc<Registry>,
    /// The app, where this server hosts it.
    pub site: Option<Arc<Site>>,
    /// What models are, as the provider describes them.
    pub catalog: Catalog,
    /// Reads documents.
    pub extractor: Arc<Extractor>,
    /// Who may ask for the settlement.
    pub settlement: Arc<Gate>,
    /// Whether the model can be run.
    pub alive: Alive,
    /// Figures.
    pub metrics: Arc<Metrics>,
    /// Who calls.
    pub authenticator: Arc<Authenticator>,
    /// Login exchange.
    pub exchange: Arc<Exchange>,
    /// Requests a minute.
    pub rates: Arc<Rates>,
    /// Tokens a day.
    pub allowance: Allowance,
    /// Streams at the same time.
    pub slots: Arc<StreamSlots>,
    /// The time.
    pub clock: Clock,
    /// Turns true when running streams must end.
    pub cut: watch::Receiver<bool>,
    /// Counts answers that are not stored yet; the server stops when none is left.
    pub unfinished: Unfinished,
}

/// Counts by its clones: when all are dropped, everything is stored.
#[derive(Clone, Debug)]
pub struct Unfinished(Arc<watch::Sender<()>>);

/// Why the server cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The data directory.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The configuration.
    #[error(transparent)]
    Config(#[from] CheckError),
    /// The model definitions.
    #[error(transparent)]
    Definitions(#[from] DefinitionErrors),
    /// The folder of uploads under way.
    #[error("failed to make `{}` (key `data`, AICON_DATA, --data): {source}", path.display())]
    Spool {
        /// Where.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The program that reads PDFs.
    #[error("failed to find the program that reads PDFs (key `pdf_reader`): {0}")]
    PdfReader(std::io::Error),
    /// The key of the settlement.
    #[error(transparent)]
    Gate(#[from] GateError),
    /// The figures' listener.
    #[error(
        "failed to listen on `{address}`: {source} (key `metrics.listen`, AICON_METRICS_LISTEN)"
    )]
    Metrics {
        /// Where.
        address: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// The app's folder.
    #[error(transparent)]
    Site(#[from] SiteError),
    /// TLS.
    #[error("failed to build the HTTP client: {0}")]
    Client(#[from] reqwest::Error),
}

impl App {
    /// Opens the store and builds the rest. The sender, set to true, cuts running streams.
    ///
    /// # Errors
    /// The data directory cannot be used, or the configuration lacks something.
    pub async fn new(
        settings: Settings,
        clock: Clock,
    ) -> Result<(Self, watch::Sender<bool>), StartError> {
        let client = client(&settings)?;
        let site = Site::open(&settings.site)?.map(Arc::new);
        let registry = Registry::new(&settings, client.clone())?;
        // Before anything is made or opened: a server whose models are wrong does not start half-way.
        let catalog = catalog(&settings, &registry)?;
        let extractor = extractor(&settings, &catalog)?;
        let spool = spool::directory(&settings.data);
        let store = Store::open(&StoreOptions::new(&settings, Role::Server, clock.clone())).await?;
        recovery::recover(&store, &clock).await?;
        let settings = Arc::new(settings);
        let clients = Arc::new(Clients::open(settings.clone(), store.clone()).await?);
        let (cut_sender, cut) = watch::channel(false);
        std::fs::create_dir_all(&spool).map_err(|source| StartError::Spool {
            path: spool,
            source,
        })?;
        let app = Self(Arc::new(Parts {
            store,
            site,
            catalog,
            extractor: Arc::new(extractor),
            settlement: Arc::new(Gate::new(&settings.settlement)?),
            alive: Alive::new(),
            allowance: Allowance::default(),
            metrics: Arc::new(Metrics::new(registry.supported())),
            registry: Arc::new(registry),
            authenticator: Arc::new(Authenticator::new(
                &settings,
                client.clone(),
                clients.clone(),
                clock.clone(),
            )),
            exchange: Arc::new(Exchange::new(&settings, client.clone(), clients.clone())),
            http: client,
            clients,
            rates: Arc::new(Rates::new(&settings.limits)),
            slots: Arc::new(StreamSlots::new(settings.limits.streams_per_user)),
            settings,
            clock,
            cut,
            unfinished: Unfinished::new(),
        }));
        Ok((app, cut_sender))
    }
}

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl Unfinished {
    fn new() -> Self {
        Self(Arc::new(watch::Sender::new(())))
    }

    /// A mark to hold while an answer is not stored.
    pub fn mark(&self) -> watch::Receiver<()> {
        self.0.subscribe()
    }

    /// Waits until no mark is held.
    pub async fn none(&self) {
        self.0.closed().await;
    }
}

fn catalog(settings: &Settings, registry: &Registry) -> Result<Catalog, DefinitionErrors> {
    Catalog::read(settings.definitions.as_deref(), &|llm| {
        let resolved = registry.resolve(Some(llm));
        resolved.map(drop).map_err(|unknown| unknown.supported)
    })
}

fn extractor(settings: &Settings, catalog: &Catalog) -> Result<Extractor, StartError> {
    let program = match &settings.pdf_reader {
        Some(path) => PdfProgram::at(path),
        None => PdfProgram::this().map_err(StartError::PdfReader)?,
    };
    // Each field has its own limit to bytes; this is the largest of them.
    let largest = catalog.file_rules().map(|rule| rule.max_bytes).max();
    let file_bytes = largest
        .unwrap_or(0)
        .max(settings.limits.upload_bytes as u64);
    Ok(Extractor::new(limits(settings, file_bytes), program))
}

fn client(settings: &Settings) -> Result<Client, reqwest::Error> {
    Client::builder()
        .connect_timeout(settings.timeouts.connect)
        // A redirect would carry the key to wherever an upstream says.
        .redirect(reqwest::redirect::Policy::none())
        .tcp_nodelay(true)
        .user_agent(concat!("aicon-backend/", env!("CARGO_PKG_VERSION")))
        .build()
}
