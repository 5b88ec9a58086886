//! Uses recorded per second, and what one open row costs alone.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use aicon_backend::store::{Flush, NewUse, Opened, Store, StoreError, StoreOptions};
use aicon_crash::servers::CLIENT_ID;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions as _, SqliteConnection};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::uses;
use crate::error::{Error, Result};
use crate::figure::{Figure, Target};
use crate::sample::{median, median_ms};

/// The database on PostgreSQL.
pub(super) const DATABASE: &str = "bench_recording";

const CALLERS: usize = 256;
const RUNS: usize = 5;
const RUN: Duration = Duration::from_secs(3);
const LONE_ROWS: usize = 1000;

pub(super) async fn on_sqlite(place: &Path) -> Result<Vec<Figure>> {
    let data = place.join("recording");
    let store = open(&data, None).await?;
    let rate = rate(&store).await?;
    let mut plain = Plain::new(&data.join("plain.db")).await?;
    let times = {
        let store = store.clone();
        // On the runtime's threads, where a server's requests are.
        tokio::spawn(async move { Times::measure(&store, &mut plain).await })
    };
    let times = times.await.map_err(std::io::Error::other)??;
    let [at_once, some_time] = times.added();
    store.close().await;
    Ok(vec![
        Figure::new(
            "uses recorded, SQLite (synchronous=FULL)",
            "/s",
            Target::AtLeast(5000.0),
            rate,
        ),
        Figure::new(
            "one open row alone, SQLite, p50",
            "ms",
            Target::AtMost(0.15),
            median_ms(times.written),
        ),
        Figure::new(
            "  until it outlives a power cut, p50",
            "ms",
            Target::None,
            median_ms(times.flushed),
        ),
        Figure::new(
            "  added to the first word of an upstream that takes 2 ms, p50",
            "ms",
            Target::AtMost(0.15),
            some_time,
        ),
        Figure::new(
            "  added to the first word of an upstream that answers at once, p50",
            "ms",
            Target::None,
            at_once,
        ),
        Figure::new(
            "  a plain durable insert, SQLite, p50",
            "ms",
            Target::None,
            median_ms(times.inserts),
        ),
    ])
}

pub(super) async fn on_postgres(place: &Path, url: &str) -> Result<Vec<Figure>> {
    let store = open(&place.join("recording-postgres"), Some(url)).await?;
    let rate = rate(&store).await?;
    let mut times = Vec::new();
    for _ in 0..LONE_ROWS {
        times.push(lone(&store).await?.flushed);
    }
    let lone = median_ms(times);
    store.close().await;
    Ok(vec![
        Figure::new("uses recorded, PostgreSQL", "/s", Target::None, rate),
        Figure::new(
            "one open row alone, PostgreSQL, p50",
            "ms",
            Target::None,
            lone,
        ),
    ])
}

/// A store as the server has it.
pub(super) async fn open(data: &Path, database: Option<&str>) -> Result<Store> {
    let options = StoreOptions {
        database: database.map(|url| url.to_owned().into()),
        ..StoreOptions::in_directory(data)
    };
    Ok(Store::open(&options).await?)
}

/// Opened and completed by concurrent callers.
async fn rate(store: &Store) -> Result<f64> {
    let mut rates = Vec::new();
    // The first run warms up.
    for _ in 0..=RUNS {
        rates.push(run(store).await?);
    }
    Ok(median(rates.split_off(1)))
}

async fn run(store: &Store) -> Result<f64> {
    let (is_over, done) = (
        Arc::new(AtomicBool::new(false)),
        Arc::new(AtomicU64::new(0)),
    );
    let mut callers = JoinSet::new();
    let started = Instant::now();
    for _ in 0..CALLERS {
        let (store, is_over, done) = (store.clone(), is_over.clone(), done.clone());
        callers.spawn(async move {
            while !is_over.load(Ordering::Relaxed) {
                let new = uses::open(CLIENT_ID);
                let id = new.id.clone();
                store.open_use(new).await?;
                store.complete_use(&id, uses::outcome()).await?;
                done.fetch_add(1, Ordering::Relaxed);
            }
            Result::<(), StoreError>::Ok(())
        });
    }
    tokio::time::sleep(RUN).await;
    let rate = done.load(Ordering::Relaxed) as f64 / started.elapsed().as_secs_f64();
    is_over.store(true, Ordering::Relaxed);
    for caller in callers.join_all().await {
        caller?;
    }
    Ok(rate)
}

/// What rows cost chats when nobody else writes.
struct Times {
    written: Vec<Duration>,
    flushed: Vec<Duration>,
    inserts: Vec<Duration>,
    /// Without and with a row, for an upstream that answers at once and one that takes some time.
    asked: [(Vec<Duration>, Vec<Duration>); 2],
}

impl Times {
    /// In turns, so that a disk that grows busier meets all.
    async fn measure(store: &Store, plain: &mut Plain) -> Result<Self> {
        let upstreams = [
            Upstream::start(Duration::ZERO).await?,
            Upstream::start(Duration::from_millis(2)).await?,
        ];
        let [written, flushed, inserts] = [const { Vec::new() }; 3];
        let mut times = Self {
            written,
            flushed,
            inserts,
            asked: [const { (Vec::new(), Vec::new()) }; 2],
        };
        for _ in 0..LONE_ROWS {
            let row = lone(store).await?;
            times.written.push(row.written);
            times.flushed.push(row.flushed);
            for (upstream, (without, with)) in upstreams.iter().zip(&mut times.asked) {
                without.push(upstream.ask().await?);
                with.push(first_word(store, upstream).await?);
            }
            times.inserts.push(plain.insert().await?);
        }
        Ok(times)
    }

    fn added(&self) -> [f64; 2] {
        let median = |times: &Vec<Duration>| median_ms(times.clone());
        self.asked
            .each_ref()
            .map(|(without, with)| median(with) - median(without))
    }
}

/// What a row costs a chat.
struct Lone {
    /// Before the upstream may be asked.
    written: Duration,
    /// Before anybody may be told a word of the answer.
    flushed: Duration,
}

async fn lone(store: &Store) -> Result<Lone> {
    let (new, started) = (uses::open(CLIENT_ID), Instant::now());
    let id = new.id.clone();
    let mut flush = opened(store, new).await?;
    let written = started.elapsed();
    flush.wait().await?;
    let flushed = started.elapsed();
    store.complete_use(&id, uses::outcome()).await?;
    Ok(Lone { written, flushed })
}

/// A row, then the upstream and the flush beside it, then the first word: as the server does it.
async fn first_word(store: &Store, upstream: &Upstream) -> Result<Duration> {
    let (new, started) = (uses::open(CLIENT_ID), Instant::now());
    let id = new.id.clone();
    let mut flush = opened(store, new).await?;
    let begin = async {
        tokio::task::yield_now().await;
        flush.begin();
    };
    let (asked, ()) = tokio::join!(upstream.ask(), begin);
    asked?;
    flush.wait().await?;
    let took = started.elapsed();
    store.complete_use(&id, uses::outcome()).await?;
    Ok(took)
}

async fn opened(store: &Store, new: NewUse) -> Result<Flush> {
    match store.open_use(new).await? {
        Opened::New(flush) => Ok(flush),
        Opened::Taken(_) => Err(Error::Unexpected("a new use was taken".to_owned())),
    }
}

/// A model that answers any request, at once or soon, over real HTTP.
struct Upstream {
    url: String,
    client: reqwest::Client,
}

impl Upstream {
    async fn start(pause: Duration) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}/", listener.local_addr()?);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream, pause));
            }
        });
        let client = reqwest::Client::new();
        Ok(Self { url, client })
    }

    async fn ask(&self) -> Result<Duration> {
        let started = Instant::now();
        let request = self.client.post(&self.url).body(uses::text(200));
        request.send().await?.bytes().await?;
        Ok(started.elapsed())
    }
}

/// The client sends one request after the other, each in one write.
async fn answer(mut stream: TcpStream, pause: Duration) -> std::io::Result<()> {
    const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello";
    stream.set_nodelay(true)?;
    let mut request = [0; 4096];
    while stream.read(&mut request).await? > 0 {
        if pause > Duration::ZERO {
            // Tokio's own timers go by whole milliseconds.
            let pause = tokio::task::spawn_blocking(move || std::thread::sleep(pause));
            pause.await?;
        }
        stream.write_all(ANSWER).await?;
    }
    Ok(())
}

/// What the disk and SQLite cost without us.
struct Plain {
    connection: SqliteConnection,
    input: String,
}

impl Plain {
    async fn new(file: &Path) -> Result<Self> {
        let mut connection: SqliteConnection = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .connect()
            .await?;
        sqlx::query("CREATE TABLE plain (id INTEGER PRIMARY KEY, input TEXT NOT NULL)")
            .execute(&mut connection)
            .await?;
        Ok(Self {
            connection,
            input: uses::text(200),
        })
    }

    async fn insert(&mut self) -> Result<Duration> {
        let started = Instant::now();
        sqlx::query("INSERT INTO plain (input) VALUES ($1)")
            .bind(&self.input)
            .execute(&mut self.connection)
            .await?;
        Ok(started.elapsed())
    }
}
