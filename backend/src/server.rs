//! Sockets: accepts connections, limits the time of a request's head and of a stalled write, stops gracefully.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use socket2::SockRef;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_io_timeout::TimeoutStream;
use tower::ServiceExt as _;

use crate::app::{App, StartError};
use crate::clock::Clock;
use crate::config::{Settings, TimeoutSettings};
use crate::http::caller::Peer;
use crate::outbox;
use crate::router::{metrics_router, router};
use crate::service::{recovery, sweep};

/// Time for a cut stream to say so, and then for answers to be stored, after the stop's own limit.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// Bytes of a request's head.
const HEAD_BYTES: usize = 64 * 1024;

/// Bytes of an answer that the operating system holds for a slow client (it takes twice as many for its own records).
/// Left to itself it takes megabytes, of which a hundred clients that do not read make a full memory.
const SEND_BUFFER_BYTES: usize = 64 * 1024;

/// Bytes of an answer that the operating system takes without being able to send them yet. What is sent and not acknowledged does
/// not count, so that a long way is filled all the same; a client that does not read stops its upstream the sooner.
#[cfg(any(target_os = "linux", target_os = "android"))]
const UNSENT_BYTES: u32 = 16 * 1024;

/// Pause after a failed accept, which is most often a want of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Serves until `shutdown` is there, then lets running streams end within `timeouts.shutdown`, then cuts them.
///
/// # Errors
/// The server cannot start. Once it runs it ends without an error.
pub async fn run(
    listener: TcpListener,
    settings: Settings,
    shutdown: impl Future<Output = ()>,
) -> Result<(), StartError> {
    run_with_clock(listener, settings, Clock::system(), shutdown).await
}

/// [`run`] with a clock of one's own.
///
/// # Errors
/// See [`run`].
pub async fn run_with_clock(
    listener: TcpListener,
    settings: Settings,
    clock: Clock,
    shutdown: impl Future<Output = ()>,
) -> Result<(), StartError> {
    let timeouts = settings.timeouts.clone();
    let figures = listen_for_figures(&settings).await?;
    let (app, cut) = App::new(settings, clock).await?;
    if let Ok(address) = listener.local_addr() {
        tracing::info!(%address, auth = ?app.settings.auth.mode, "listening");
    }
    let sweeper = tokio::spawn(sweep::forever(app.clone()));
    let heart = tokio::spawn(recovery::forever(app.clone()));
    let clients = app.clients.clone();
    let refresher = tokio::spawn(async move { clients.refresh_forever().await });
    let outbox = outbox::run(&app);
    let connections = GracefulShutdown::new();
    let host = Host {
        router: router(app.clone()),
        timeouts: timeouts.clone(),
    };
    let figures = figures.map(|listener| tokio::spawn(serve_figures(listener, app.clone())));
    let tasks = accept(&listener, &connections, &host, shutdown).await;
    drop(listener);
    tracing::info!(connections = connections.count(), "stopping");
    sweeper.abort();
    if let Some(figures) = figures {
        figures.abort();
    }
    stop(connections, tasks, timeouts.shutdown, &cut).await;
    // Reports can wait for the next start, so that their end takes no time of its own.
    let stored = tokio::time::timeout(LAST_WORDS, app.unfinished.none());
    let reported = tokio::time::timeout(LAST_WORDS * 2, outbox.stop());
    let (stored, reported) = tokio::join!(stored, reported);
    if reported.is_err() {
        tracing::warn!("reports under way were left behind, they will be sent again");
    }
    if stored.is_err() {
        tracing::error!("answers were not stored in time");
    }
    refresher.abort();
    heart.abort();
    app.store.close().await;
    tracing::info!("stopped");
    Ok(())
}

/// The listener of `/metrics`, if there is to be one.
async fn listen_for_figures(settings: &Settings) -> Result<Option<TcpListener>, StartError> {
    let Some(address) = settings.metrics.listen else {
        return Ok(None);
    };
    let listener = TcpListener::bind(address).await;
    let listener = listener.map_err(|source| StartError::Metrics { address, source })?;
    if let Ok(address) = listener.local_addr() {
        tracing::info!(%address, "metrics listening");
    }
    Ok(Some(listener))
}

/// Serves the figures until it is aborted; nobody waits for their end.
async fn serve_figures(listener: TcpListener, app: App) {
    let host = Host {
        timeouts: app.settings.timeouts.clone(),
        router: metrics_router(app),
    };
    let connections = GracefulShutdown::new();
    accept(&listener, &connections, &host, std::future::pending()).await;
}

/// Lets connections end by themselves, then cuts them.
async fn stop(
    connections: GracefulShutdown,
    mut tasks: JoinSet<()>,
    patience: Duration,
    cut: &watch::Sender<bool>,
) {
    let mut ended = std::pin::pin!(connections.shutdown());
    if tokio::time::timeout(patience, &mut ended).await.is_ok() {
        return;
    }
    // The receivers are the running answers; without one there is nobody to tell.
    let _ = cut.send(true);
    if tokio::time::timeout(LAST_WORDS, &mut ended).await.is_err() {
        tracing::warn!("connections did not end in time, they are cut");
        // The answer of a client that takes nothing in is stored when its connection is dropped.
        tasks.shutdown().await;
    }
}

async fn accept(
    listener: &TcpListener,
    connections: &GracefulShutdown,
    host: &Host,
    shutdown: impl Future<Output = ()>,
) -> JoinSet<()> {
    let mut shutdown = std::pin::pin!(shutdown);
    let mut tasks = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut shutdown => return tasks,
        };
        while tasks.try_join_next().is_some() {}
        match accepted {
            Ok((stream, address)) => {
                tasks.spawn(serve(stream, address, connections, host.clone()));
            }
            Err(error) => {
                tracing::warn!(%error, "failed to accept a connection");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

/// What every connection needs.
#[derive(Clone)]
struct Host {
    router: Router,
    timeouts: TimeoutSettings,
}

/// A connection to its end.
fn serve(
    stream: TcpStream,
    address: SocketAddr,
    connections: &GracefulShutdown,
    host: Host,
) -> impl Future<Output = ()> + use<> {
    let Host { router, timeouts } = host;
    if let Err(error) = tune(&stream) {
        tracing::debug!(%error, "failed to tune a connection");
    }
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(timeouts.write));
    let service = router.map_request(move |mut request: hyper::Request<hyper::body::Incoming>| {
        request.extensions_mut().insert(Peer(address.ip()));
        request.map(axum::body::Body::new)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(timeouts.header)
        .max_buf_size(HEAD_BYTES)
        .serve_connection(
            TokioIo::new(Box::pin(stream)),
            TowerToHyperService::new(service),
        );
    let connection = connections.watch(connection);
    async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "connection ended");
        }
    }
}

/// Deltas are small: each is to leave at once, and none to wait in a long queue.
fn tune(stream: &TcpStream) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let socket = SockRef::from(stream);
    #[cfg(any(target_os = "linux", target_os = "android"))]
    socket.set_tcp_notsent_lowat(UNSENT_BYTES)?;
    socket.set_send_buffer_size(SEND_BUFFER_BYTES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_accepted_connection_sends_small_writes_at_once_and_queues_few() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let _client = TcpStream::connect(address).await.unwrap();
        let (stream, _) = listener.accept().await.unwrap();
        tune(&stream).unwrap();
        assert!(stream.nodelay().unwrap());
        let socket = SockRef::from(&stream);
        let queue = socket.send_buffer_size().unwrap();
        assert!(queue <= 2 * SEND_BUFFER_BYTES, "{queue}");
        #[cfg(any(target_os = "linux", target_os = "android"))]
        assert_eq!(socket.tcp_notsent_lowat().unwrap(), UNSENT_BYTES);
    }
}
