//! Uses recorded per second, and what one open row costs alone.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use aicon_backend::store::{Store, StoreError, StoreOptions};
use aicon_crash::servers::CLIENT_ID;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions as _, SqliteConnection};
use tokio::task::JoinSet;

use super::uses;
use crate::error::Result;
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
    let (mut ours, mut inserts) = (Vec::new(), Vec::new());
    // In turns, so that a disk that grows busier meets both.
    for _ in 0..LONE_ROWS {
        ours.push(lone(&store).await?);
        inserts.push(plain.insert().await?);
    }
    let (lone, insert) = (median_ms(ours), median_ms(inserts));
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
            lone,
        ),
        Figure::new(
            "  a plain durable insert, SQLite, p50",
            "ms",
            Target::None,
            insert,
        ),
    ])
}

pub(super) async fn on_postgres(place: &Path, url: &str) -> Result<Vec<Figure>> {
    let store = open(&place.join("recording-postgres"), Some(url)).await?;
    let rate = rate(&store).await?;
    let mut times = Vec::new();
    for _ in 0..LONE_ROWS {
        times.push(lone(&store).await?);
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

/// What the row before the upstream call costs a chat when nobody else writes.
async fn lone(store: &Store) -> Result<Duration> {
    let new = uses::open(CLIENT_ID);
    let id = new.id.clone();
    let started = Instant::now();
    store.open_use(new).await?;
    let took = started.elapsed();
    store.complete_use(&id, uses::outcome()).await?;
    Ok(took)
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
