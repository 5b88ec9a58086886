//! What is left after a run, from everyone who knows something.

use std::time::Duration;

use aicon_protocol::aicon::{RecordUsage, SettlementPage};
use jiff::{Timestamp, ToSpan as _, tz::TimeZone};
use serde::Deserialize;

use crate::error::{Error, Result};
use crate::load::Chatted;
use crate::servers::{Backend, Recorded};
use crate::wait::until;
use crate::world::{SETTLEMENT_KEY, World};

/// Longest time for rows of a dead server to be recovered: its lease of 30 s, and the look after it.
const RECOVERY: Duration = Duration::from_secs(90);
/// Longest time for the outbox to drain once AICON is well again (R2: two minutes).
const DRAIN: Duration = Duration::from_secs(120);
const PAGE_SIZE: u64 = 500;

/// All of it.
#[derive(Clone, Debug)]
pub struct Facts {
    /// What the clients saw, in tries.
    pub chats: Vec<Chatted>,
    /// What the ledger tells AICON to settle.
    pub settled: Vec<RecordUsage>,
    /// How many uses the settlement says there are.
    pub total_count: u64,
    /// What the sandbox was told of as it happened.
    pub recorded: Vec<Recorded>,
    /// What the accountant is given; the one who knows what each use was about, also where AICON is not told.
    pub exported: Vec<Exported>,
    /// Uses whose row is open.
    pub open: i64,
    /// IDs that clients hold as completed and that the server does not know any more.
    pub unknown: Vec<String>,
}

/// A use in the export.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Exported {
    /// Its GUID.
    #[serde(rename = "usageGUID")]
    pub usage_guid: String,
    /// Its price in won.
    pub amount_for_settlement: u64,
    /// The ID under which the client has the answer.
    pub response_id: String,
    /// 200 for a whole answer.
    pub response_code: u16,
    /// What was asked.
    pub input_content: String,
    /// What was answered.
    pub output_content: String,
}

/// Waits until nothing is open and nothing waits in the outbox, then collects.
///
/// # Errors
/// When one of both does not come, or somebody does not answer.
pub async fn collect(world: &World, chats: Vec<Chatted>) -> Result<Facts> {
    let backend = world.running().ok_or_else(|| Error::Unexpected {
        what: "the world",
        answer: "no server runs".to_owned(),
    })?;
    until(RECOVERY, "no use to be open", async || {
        Ok((world.open_uses().await? == 0).then_some(()))
    })
    .await?;
    drained(world, backend, DRAIN).await?;
    let (settled, total_count) = settlement(&world.client, backend).await?;
    Ok(Facts {
        chats,
        settled,
        total_count,
        recorded: world.sandbox.recorded().await?,
        exported: export(backend)?,
        open: world.open_uses().await?,
        unknown: Vec::new(),
    })
}

/// Waits until the sandbox knows as many uses as the ledger.
///
/// # Errors
/// When it takes longer than `patience`.
pub async fn drained(world: &World, backend: &Backend, patience: Duration) -> Result<()> {
    let drained = until(patience, "the outbox to drain", async || {
        let total = page(&world.client, backend, 1, 1).await?.total_count;
        let known = world.sandbox.count().await?;
        if known == total {
            return Ok(Some(()));
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
        Err(Error::Unexpected {
            what: "the sandbox",
            answer: format!("it knows {known} of {total} uses"),
        })
    });
    drained.await
}

/// Answers of completed chats that the server does not give back any more.
///
/// # Errors
/// When the server does not answer.
pub async fn lost_answers(
    world: &World,
    tokens: &[(String, String)],
    chats: &[Chatted],
) -> Result<Vec<String>> {
    let client = &world.client;
    let backend = world.running().map(|backend| backend.origin.clone());
    let origin = backend.unwrap_or_default();
    let mut lost = Vec::new();
    for chat in chats {
        let (Some(id), Some(content)) = (&chat.seen.id, &chat.seen.completed) else {
            continue;
        };
        let user = chat.ask.message.split(' ').next().unwrap_or("");
        let token = tokens.iter().find(|(known, _)| known == user);
        let request = client
            .get(format!("{origin}/ai/response"))
            .query(&[("id", id)]);
        let request = request.bearer_auth(token.map_or("", |(_, token)| token));
        let answer: serde_json::Value = request.send().await?.json().await?;
        if answer["data"]["content"].as_str() != Some(content) {
            lost.push(id.clone());
        }
    }
    Ok(lost)
}

/// All pages of the settlement, as AICON reads them.
///
/// # Errors
/// When the back end refuses.
pub async fn settlement(
    client: &reqwest::Client,
    backend: &Backend,
) -> Result<(Vec<RecordUsage>, u64)> {
    let mut all = Vec::new();
    let mut number = 0;
    loop {
        number += 1;
        let page = page(client, backend, number, PAGE_SIZE).await?;
        all.extend(page.model_usages);
        if number >= page.total_pages {
            return Ok((all, page.total_count));
        }
    }
}

async fn page(
    client: &reqwest::Client,
    backend: &Backend,
    number: u64,
    size: u64,
) -> Result<SettlementPage> {
    let url = format!("{}/api/Provider/get-usage-for-settlement", backend.origin);
    let request = client.get(url).query(&[
        ("pageNumber", number.to_string()),
        ("pageSize", size.to_string()),
        ("settlementStartDate", day(-1)),
        ("settlementEndDate", day(1)),
    ]);
    let answer = request.header("x-api-key", SETTLEMENT_KEY).send().await?;
    if answer.status().is_success() {
        return Ok(answer.json().await?);
    }
    Err(Error::Unexpected {
        what: "the settlement",
        answer: format!("{}: {}", answer.status(), answer.text().await?),
    })
}

fn export(backend: &Backend) -> Result<Vec<Exported>> {
    let (from, to) = (day(-1), day(1));
    let arguments = [
        "usage",
        "export",
        "--content",
        "--format",
        "jsonl",
        "--from",
        &from,
        "--to",
        &to,
    ];
    let lines = backend.command(&arguments)?;
    String::from_utf8_lossy(&lines)
        .lines()
        .map(|line| Ok(serde_json::from_str(line)?))
        .collect()
}

/// UTC's today, or so many days from it: a run may begin before midnight and end after it.
fn day(offset: i64) -> String {
    let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
    let day = today.saturating_add(offset.days());
    day.strftime("%Y/%m/%d").to_string()
}
