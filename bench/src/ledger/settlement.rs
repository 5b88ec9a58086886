//! Pages of the settlement over real HTTP, beside the same rows read straight from the database.

use std::path::Path;
use std::time::{Duration, Instant};

use aicon_crash::servers::{Backend, Sandbox};
use aicon_crash::world::SETTLEMENT_KEY;
use jiff::{Timestamp, ToSpan as _, tz::TimeZone};
use sqlx::SqliteConnection;

use super::fill;
use crate::error::{Error, Result};
use crate::figure::{Figure, Target};
use crate::sample::median_ms;

const PAGE: u64 = 1000;
const RUNS: usize = 15;
/// How far first and last page may lie apart and still be called equal.
const NOISE: f64 = 1.25;

/// The directory, which [`super::export`] reads afterwards.
pub(super) const DIRECTORY: &str = "settlement";

pub(super) async fn run(place: &Path, largest: u64, step: &dyn Fn(&str)) -> Result<Vec<Figure>> {
    let directory = place.join(DIRECTORY);
    std::fs::create_dir_all(&directory)?;
    let sandbox = Sandbox::start(&directory, &["demo".to_owned()]).await?;
    let mut backend = Backend::new(&directory, "backend", &sandbox)?;
    backend.set("AICON_SETTLEMENT_ACCESS", "api-key");
    backend.set("AICON_SETTLEMENT_API_KEY", SETTLEMENT_KEY);
    let mut figures = Vec::new();
    // The first start makes the tables.
    backend.start().await?;
    for rows in [largest / 100, largest / 10, largest] {
        backend.stop(Duration::from_secs(30)).await?;
        step(&format!("filling the ledger up to {rows} rows"));
        fill::until(&backend.data, rows, largest).await?;
        backend.start().await?;
        step(&format!("settlement of {rows} rows"));
        figures.extend(measure(&backend, rows).await?);
    }
    backend.stop(Duration::from_secs(30)).await?;
    Ok(figures)
}

async fn measure(backend: &Backend, rows: u64) -> Result<Vec<Figure>> {
    let pages = rows / PAGE;
    let mut connection = fill::connect(&backend.data.join("aicon.db")).await?;
    let client = reqwest::Client::new();
    let numbers = [1, pages.div_ceil(2), pages];
    let mut times = [const { (Vec::new(), Vec::new()) }; 3];
    // In turns, so that a machine that grows busier meets all; the first turn warms up.
    for run in 0..=RUNS {
        for (number, (http, straight)) in numbers.iter().zip(&mut times) {
            let ours = over_http(&client, backend, *number, rows).await?;
            let floor = from_database(&mut connection, *number).await?;
            if run > 0 {
                http.push(ours);
                straight.push(floor);
            }
        }
    }
    Ok(figures(rows, times))
}

fn figures(rows: u64, times: [(Vec<Duration>, Vec<Duration>); 3]) -> Vec<Figure> {
    let mut figures = Vec::new();
    let mut medians = Vec::new();
    for (name, (http, straight)) in ["first", "middle", "last"].iter().zip(times) {
        let (http, straight) = (median_ms(http), median_ms(straight));
        medians.push(http);
        figures.push(Figure::new(
            format!("{name} page of {rows} rows"),
            "ms",
            Target::AtMost(50.0),
            http,
        ));
        figures.push(Figure::new(
            format!("  its rows straight from the database ({straight:.1} ms), ratio"),
            "x",
            Target::AtMost(2.0),
            http / straight,
        ));
    }
    let apart = medians[2] / medians[0];
    figures.push(Figure::new(
        format!("last page to first page of {rows} rows"),
        "x",
        Target::AtMost(NOISE),
        apart,
    ));
    figures
}

/// From the request to the last byte.
async fn over_http(
    client: &reqwest::Client,
    backend: &Backend,
    number: u64,
    rows: u64,
) -> Result<Duration> {
    let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
    let day = |offset: i64| {
        let day = today.saturating_add(offset.days());
        day.strftime("%Y/%m/%d").to_string()
    };
    let url = format!("{}/api/Provider/get-usage-for-settlement", backend.origin);
    let request = client.get(url).header("x-api-key", SETTLEMENT_KEY).query(&[
        ("pageNumber", number.to_string()),
        ("pageSize", PAGE.to_string()),
        ("settlementStartDate", day(-fill::DAYS - 1)),
        ("settlementEndDate", day(0)),
    ]);
    let started = Instant::now();
    let answer = request.send().await?;
    let status = answer.status();
    let body = answer.bytes().await?;
    let took = started.elapsed();
    let head = String::from_utf8_lossy(&body[..body.len().min(200)]).into_owned();
    let is_whole = head.contains(&format!("\"totalCount\":{rows}"));
    if status.is_success() && is_whole {
        return Ok(took);
    }
    Err(Error::Unexpected(format!(
        "the settlement answered {status}: {head}"
    )))
}

/// The columns of the answer, decoded as the server must decode them.
async fn from_database(connection: &mut SqliteConnection, number: u64) -> Result<Duration> {
    type Row = (
        String,
        String,
        String,
        i64,
        String,
        String,
        i64,
        i64,
        i64,
        i64,
        i64,
    );
    let first = (number - 1) * PAGE + 1;
    let started = Instant::now();
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT guid, owner, client_id, response_code, input, content, input_tokens, output_tokens, amount, started_at, ended_at
         FROM uses WHERE seq BETWEEN $1 AND $2 ORDER BY seq",
    )
    .bind(first as i64)
    .bind((first + PAGE - 1) as i64)
    .fetch_all(connection)
    .await?;
    let took = started.elapsed();
    if rows.len() as u64 == PAGE {
        return Ok(took);
    }
    Err(Error::Unexpected(format!(
        "the database gave {} rows of page {number}",
        rows.len()
    )))
}
