//! Binds, announces, serves, stops.

use std::future::IntoFuture;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderValue, Method, header};
use axum::middleware;
use axum::routing::{get, post};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tower_http::cors::{AllowOrigin, CorsLayer};

use crate::cli::Options;
use crate::cut::{Cut, CutListener};
use crate::microsite::ReadError;
use crate::provider::ProviderUrlError;
use crate::site::{Site, SiteError};
use crate::state::Sandbox;
use crate::usage::RecordFaultError;
use crate::{
    buttons, console, control, faults, login, microsite, outlink, page, site, token, usage,
    userinfo,
};

/// The most bytes of a call: a use carries its prompt and its answer whole.
const MAX_BODY: usize = 64 << 20;

/// Why the sandbox did not start, or ended.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The address cannot be had.
    #[error("failed to listen on `{address}`: {source}")]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// The operating system's reason.
        source: io::Error,
    },
    /// A redirect URI can never fit.
    #[error("`{0}` is not a redirect URI: an absolute URL without a fragment is expected")]
    RedirectUri(String),
    /// The bundle cannot be hosted.
    #[error(transparent)]
    Site(#[from] SiteError),
    /// A fault's flag makes no sense.
    #[error("{0}")]
    Fault(String),
    /// No provider can have this address.
    #[error(transparent)]
    Provider(#[from] ProviderUrlError),
    /// The model of type 2 cannot be registered.
    #[error(transparent)]
    Microsite(#[from] ReadError),
    /// A server broke down.
    #[error("failed to serve: {0}")]
    Serve(#[from] io::Error),
}

impl From<RecordFaultError> for ServeError {
    fn from(error: RecordFaultError) -> Self {
        Self::Fault(error.to_string())
    }
}

/// Serves until SIGINT or SIGTERM, and prints one line for scripts and a few for people.
///
/// # Errors
///
/// When an address is taken or the bundle cannot be read.
pub async fn serve(options: Options) -> Result<(), ServeError> {
    let running = Running::start(&options).await?;
    announce(&running, &options);
    interrupted().await;
    running.stop().await?;
    Ok(())
}

/// Both servers, bound and answering.
pub struct Running {
    /// Where AICON is, such as `http://127.0.0.1:8790`.
    pub aicon_origin: String,
    /// Where the bundle is hosted.
    pub site_origin: String,
    /// The registered model's secret.
    pub client_secret: String,
    stop: watch::Sender<bool>,
    servers: [tokio::task::JoinHandle<io::Result<()>>; 2],
}

impl Running {
    /// Binds both addresses and begins to answer.
    ///
    /// # Errors
    ///
    /// As [`serve`].
    pub async fn start(options: &Options) -> Result<Self, ServeError> {
        check_redirect_uris(options)?;
        let site = Site::open(options)?;
        let (aicon, aicon_origin) = bind(options.listen).await?;
        let (hosting, site_origin) = bind(options.site_listen).await?;
        let (stop, stopped) = watch::channel(false);
        let sandbox = Arc::new(Sandbox::new(
            options,
            aicon_origin.clone(),
            site_origin.clone(),
            stopped.clone(),
        )?);
        let client_secret = sandbox.model.client_secret.clone();
        let aicon = axum::serve(
            CutListener(aicon),
            aicon_router(sandbox).into_make_service_with_connect_info::<Cut>(),
        )
        .with_graceful_shutdown(shutdown(stopped.clone()));
        let hosting = axum::serve(hosting, site::router(Arc::new(site)))
            .with_graceful_shutdown(shutdown(stopped));
        let servers = [
            tokio::spawn(aicon.into_future()),
            tokio::spawn(hosting.into_future()),
        ];
        Ok(Self {
            aicon_origin,
            site_origin,
            client_secret,
            stop,
            servers,
        })
    }

    /// Finishes what is being answered and ends.
    ///
    /// # Errors
    ///
    /// When a server had broken down.
    pub async fn stop(self) -> io::Result<()> {
        self.stop.send_replace(true);
        for server in self.servers {
            server.await.map_err(io::Error::other)??;
        }
        Ok(())
    }
}

fn check_redirect_uris(options: &Options) -> Result<(), ServeError> {
    let is_good = |uri: &str| {
        url::Url::parse(uri).is_ok_and(|uri| uri.has_host() && uri.fragment().is_none())
    };
    match options
        .redirect_uris
        .iter()
        .find(|uri| !uri.is_empty() && !is_good(uri))
    {
        Some(uri) => Err(ServeError::RedirectUri(uri.clone())),
        None => Ok(()),
    }
}

async fn bind(address: SocketAddr) -> Result<(TcpListener, String), ServeError> {
    let listen = |source| ServeError::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(listen)?;
    let origin = format!("http://{}", listener.local_addr().map_err(listen)?);
    Ok((listener, origin))
}

/// Ends when the sandbox stops.
async fn shutdown(mut stopped: watch::Receiver<bool>) {
    // The sender lives as long as the sandbox: an error means that it is gone, and so is the reason to serve.
    _ = stopped.wait_for(|stopped| *stopped).await;
}

fn aicon_router(sandbox: Arc<Sandbox>) -> Router {
    let api = Router::new()
        .route("/auth/sso/token", post(token::handle))
        .route("/auth/sso/userinfo", get(userinfo::handle))
        .layer(middleware::from_fn_with_state(
            sandbox.clone(),
            faults::inject,
        ))
        .layer(cors(sandbox.clone()));
    // Apart from the rest: no page of a browser calls it, and layers cost more than all that it does.
    let record_usage = Router::new()
        .route("/api/Provider/record-usage", post(usage::handle))
        .route("/api/aiModel/record-usage", post(usage::handle))
        .layer(DefaultBodyLimit::max(MAX_BODY));
    Router::new()
        .merge(record_usage)
        .route("/", get(console::handle))
        .route("/style.css", get(page::style))
        .route("/icon.svg", get(page::icon))
        .route("/console.js", get(page::script))
        .route("/auth/login", get(login::show).post(login::choose))
        .route(
            "/sandbox/faults",
            get(control::faults).post(control::change_faults),
        )
        .route("/sandbox/faults/form", post(control::submit_faults))
        .route(
            "/sandbox/faults/record/form",
            post(control::submit_record_faults),
        )
        .route("/sandbox/live", get(console::live::handle))
        .route("/sandbox/usages", get(control::usages))
        .route("/sandbox/usages/{guid}", get(control::usage))
        .route("/sandbox/summary", get(control::summary))
        .route("/sandbox/conflicts", get(control::conflicts))
        .route("/sandbox/counters", get(control::counters))
        .route(
            "/sandbox/provider",
            get(buttons::provider).post(buttons::set_provider),
        )
        .route("/sandbox/run-model", post(buttons::run_model))
        .route("/sandbox/run-model/form", post(buttons::submit_run_model))
        .route("/sandbox/settle", post(buttons::settle))
        .route("/sandbox/settle/form", post(buttons::submit_settle))
        .route("/outlink", get(outlink::show).post(outlink::open))
        .merge(microsite::router())
        .nest("/api", api)
        .with_state(sandbox)
}

fn cors(sandbox: Arc<Sandbox>) -> CorsLayer {
    let is_registered = move |origin: &HeaderValue, _: &_| {
        origin
            .to_str()
            .is_ok_and(|origin| sandbox.is_registered_origin(origin))
    };
    CorsLayer::new()
        .allow_origin(AllowOrigin::predicate(is_registered))
        .allow_methods([Method::GET, Method::POST])
        .allow_headers([header::AUTHORIZATION, header::CONTENT_TYPE])
}

/// To stdout, the first line for scripts: `listening aicon=ORIGIN site=ORIGIN`.
#[expect(clippy::print_stdout, reason = "the command's output")]
fn announce(running: &Running, options: &Options) {
    let Running {
        aicon_origin,
        site_origin,
        client_secret,
        ..
    } = running;
    println!("listening aicon={aicon_origin} site={site_origin}");
    println!("console        {aicon_origin}/");
    println!("login page     {aicon_origin}/auth/login");
    println!("api            {aicon_origin}/api");
    match &options.site {
        Some(path) => println!("hosted site    {site_origin}/ from {}", path.display()),
        None => println!("hosted site    none (--site PATH)"),
    }
    println!("client ID      {}", options.client_id);
    match options.client_secret {
        Some(_) => println!("client secret  as given"),
        None => println!("client secret  {client_secret}"),
    }
    println!("users          {}", options.users.join(", "));
}

async fn interrupted() {
    use tokio::signal;
    let interrupt = async { _ = signal::ctrl_c().await };
    #[cfg(unix)]
    let terminate = async {
        match signal::unix::signal(signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => _ = signal.recv().await,
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<()>();
    tokio::select! {
        () = interrupt => {}
        () = terminate => {}
    }
}
