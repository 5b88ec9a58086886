//! A chat's first delta on the real server, with everything on.

use std::path::Path;
use std::time::Instant;

use aicon_crash::chat::{self, Ask};
use aicon_crash::servers::{Backend, Sandbox};

use super::uses;
use crate::error::{Error, Result};
use crate::figure::{Figure, Target};
use crate::sample::median_ms;

const CHATS: usize = 600;

pub(super) async fn run(place: &Path) -> Result<Vec<Figure>> {
    let directory = place.join("first-delta");
    std::fs::create_dir_all(&directory)?;
    let sandbox = Sandbox::start(&directory, &["demo".to_owned()]).await?;
    let token = sandbox.log_in("demo").await?;
    let mut backend = Backend::new(&directory, "backend", &sandbox)?;
    backend.start().await?;
    let client = reqwest::Client::new();
    let (mut deltas, mut floor) = (Vec::new(), Vec::new());
    for number in 0..CHATS {
        let ask = Ask {
            message: format!("{number} {}", uses::text(200)),
            model: "echo",
            key: None,
            stop_after: None,
        };
        let seen = chat::ask(&client, &backend.origin, &token, &ask).await;
        let first = seen.first_delta.ok_or_else(|| {
            Error::Unexpected(format!("a chat brought no delta: {:?}", seen.error))
        })?;
        deltas.push(first);
        let started = Instant::now();
        client
            .get(format!("{}/healthz", backend.origin))
            .send()
            .await?
            .bytes()
            .await?;
        floor.push(started.elapsed());
    }
    Ok(vec![
        Figure::new(
            "first delta of a chat, ledger and all, p50",
            "ms",
            Target::None,
            median_ms(deltas),
        ),
        Figure::new(
            "  an empty request to the same server, p50",
            "ms",
            Target::None,
            median_ms(floor),
        ),
    ])
}
