//! What both servers share.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use aicon_protocol::id::{ClientId, UserId};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use parking_lot::Mutex;
use serde::Serialize;
use subtle::ConstantTimeEq;
use tokio::sync::watch;

use crate::cli::{LifetimeStyle, MoreClient, Options};
use crate::faults::Faults;
use crate::grants::Grants;
use crate::jwt::Signer;
use crate::microsite::Registration;
use crate::provider::{self, Provider, RunModel};
use crate::server::ServeError;
use crate::settle::Settlement;
use crate::usage::{Fault, FaultSource, Usages};

/// All that the sandbox knows. Locks are held for a look or a change, never across a wait.
pub struct Sandbox {
    pub(crate) aicon_origin: String,
    pub(crate) site_origin: String,
    pub(crate) model: Model,
    /// Further models of the same provider, which only record uses.
    pub(crate) more_models: Vec<Model>,
    pub(crate) users: Vec<UserId>,
    pub(crate) access_ttl: Duration,
    pub(crate) refresh_ttl: Duration,
    pub(crate) lifetime_style: LifetimeStyle,
    pub(crate) signer: Signer,
    pub(crate) grants: Mutex<Grants>,
    pub(crate) usages: Mutex<Usages>,
    pub(crate) faults: Mutex<Faults>,
    pub(crate) record_faults: Mutex<FaultSource>,
    pub(crate) counters: Counters,
    pub(crate) provider: Mutex<Provider>,
    /// The model's registration as one of type 2.
    pub(crate) microsite: Mutex<Option<Arc<Registration>>>,
    /// The provider's own site, where the model is one of type 4.
    pub(crate) outlink: Option<url::Url>,
    pub(crate) http: reqwest::Client,
    /// What the console's buttons brought last.
    pub(crate) last: Mutex<LastResults>,
    /// Told of each call about a use.
    pub(crate) changed: watch::Sender<()>,
    /// Becomes true when the sandbox stops.
    pub(crate) stopped: watch::Receiver<bool>,
}

/// See [`Sandbox::last`]. Failures are texts.
#[derive(Clone, Default)]
pub(crate) struct LastResults {
    pub(crate) run_model: Option<RunModel>,
    pub(crate) settlement: Option<Result<Settlement, String>>,
}

/// The provider's model as registered.
pub(crate) struct Model {
    pub(crate) client_id: ClientId,
    pub(crate) client_secret: String,
    pub(crate) redirect_uris: Vec<String>,
}

/// Calls seen, for tests that must know whether one happened.
#[derive(Default)]
pub(crate) struct Counters {
    pub(crate) logins: AtomicU64,
    pub(crate) token_requests: AtomicU64,
    pub(crate) refreshes: AtomicU64,
    pub(crate) userinfo_requests: AtomicU64,
    pub(crate) usage_requests: AtomicU64,
    pub(crate) record_faults: RecordFaultCounters,
}

/// How often each fault of record usage struck.
#[derive(Default)]
pub(crate) struct RecordFaultCounters {
    /// By the place in [`Fault::ALL`].
    pub(crate) drawn: [AtomicU64; Fault::ALL.len()],
    pub(crate) delay: AtomicU64,
    pub(crate) refused: AtomicU64,
    pub(crate) outage: AtomicU64,
}

/// [`Counters`] at one moment.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct CounterValues {
    pub(crate) logins: u64,
    pub(crate) token_requests: u64,
    pub(crate) refreshes: u64,
    pub(crate) userinfo_requests: u64,
    pub(crate) usage_requests: u64,
    pub(crate) record_usage_faults: BTreeMap<&'static str, u64>,
}

impl Sandbox {
    /// # Errors
    ///
    /// When a flag makes no sense.
    pub(crate) fn new(
        options: &Options,
        aicon_origin: String,
        site_origin: String,
        stopped: watch::Receiver<bool>,
    ) -> Result<Self, ServeError> {
        let mut redirect_uris = vec![site_origin.clone()];
        redirect_uris.extend(
            options
                .redirect_uris
                .iter()
                .filter(|uri| !uri.is_empty())
                .cloned(),
        );
        Ok(Self {
            model: Model {
                client_id: ClientId::new(&options.client_id),
                client_secret: options.client_secret.clone().unwrap_or_else(random_token),
                redirect_uris,
            },
            more_models: options.more_clients.iter().map(Model::further).collect(),
            users: options
                .users
                .iter()
                .map(|user| user.trim())
                .filter(|user| !user.is_empty())
                .map(UserId::new)
                .collect(),
            access_ttl: options.access_ttl,
            refresh_ttl: options.refresh_ttl,
            lifetime_style: options.lifetime_style,
            signer: Signer::new(&random_bytes()),
            grants: Mutex::new(Grants::new(options.code_ttl)),
            usages: Mutex::default(),
            faults: Mutex::new(Faults::from_options(options)),
            record_faults: Mutex::new(FaultSource::from_flags(&options.fault, Instant::now())?),
            counters: Counters::default(),
            provider: Mutex::new(Provider::new(
                &options.provider,
                options.settlement_key.clone(),
            )?),
            microsite: Mutex::new(registration(options)?.map(Arc::new)),
            outlink: options.outlink.clone(),
            http: provider::client(),
            last: Mutex::default(),
            changed: watch::Sender::new(()),
            stopped,
            aicon_origin,
            site_origin,
        })
    }

    /// The user of this ID, if there is one.
    pub(crate) fn user(&self, id: &str) -> Option<&UserId> {
        self.users.iter().find(|known| known.as_str() == id)
    }

    /// Whether ID and secret are those of one of the models.
    pub(crate) fn accepts(&self, client_id: &str, client_secret: &str) -> bool {
        self.model.accepts(client_id, client_secret)
            || self
                .more_models
                .iter()
                .any(|model| model.accepts(client_id, client_secret))
    }

    /// Whether a browser page of this origin may read the API's answers: the origins of the redirect URIs may.
    pub(crate) fn is_registered_origin(&self, origin: &str) -> bool {
        self.model.redirect_uris.iter().any(|uri| {
            url::Url::parse(uri).is_ok_and(|uri| uri.origin().ascii_serialization() == origin)
        })
    }
}

/// The model of type 2 that the flags name.
fn registration(options: &Options) -> Result<Option<Registration>, ServeError> {
    let file = options.microsite.as_deref();
    let registration = file.map(|file| Registration::read_file(file, &options.provider));
    Ok(registration.transpose()?)
}

impl Model {
    fn further(client: &MoreClient) -> Self {
        Self {
            client_id: ClientId::new(&client.id),
            client_secret: client.secret.clone(),
            redirect_uris: Vec::new(),
        }
    }

    /// Whether ID and secret are the registered ones.
    pub(crate) fn accepts(&self, client_id: &str, client_secret: &str) -> bool {
        let secret_matches: bool = self
            .client_secret
            .as_bytes()
            .ct_eq(client_secret.as_bytes())
            .into();
        self.client_id.as_str() == client_id && secret_matches
    }
}

impl Counters {
    pub(crate) fn values(&self) -> CounterValues {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        CounterValues {
            logins: read(&self.logins),
            token_requests: read(&self.token_requests),
            refreshes: read(&self.refreshes),
            userinfo_requests: read(&self.userinfo_requests),
            usage_requests: read(&self.usage_requests),
            record_usage_faults: self.record_faults.values(),
        }
    }
}

impl RecordFaultCounters {
    fn values(&self) -> BTreeMap<&'static str, u64> {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let drawn = Fault::ALL.map(|fault| (fault.as_str(), read(&self.drawn[fault as usize])));
        let others = [
            ("delay", read(&self.delay)),
            ("refused", read(&self.refused)),
            ("outage", read(&self.outage)),
        ];
        drawn.into_iter().chain(others).collect()
    }
}

/// Adds one to a counter.
pub(crate) fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

/// The sandbox's one clock.
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}

/// 256 random bits as base64url.
pub(crate) fn random_token() -> String {
    URL_SAFE_NO_PAD.encode(random_bytes())
}

/// 256 random bits.
pub(crate) fn random_bytes() -> [u8; 32] {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).expect("the operating system has randomness");
    bytes
}
