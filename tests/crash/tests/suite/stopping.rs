//! SIGTERM during a hundred streams (R12).

use std::time::{Duration, Instant};

use aicon_crash::Result;
use aicon_crash::audit::audit;
use aicon_crash::chat::{self, Ask};
use aicon_crash::facts;
use aicon_crash::load::Chatted;
use aicon_crash::run::no_faults;
use aicon_crash::wait::until;
use aicon_crash::world::{Engine, World};
use serde_json::json;

const STREAMS: usize = 100;

/// Short for half of the streams, long for the other half.
const SHUTDOWN: Duration = Duration::from_secs(2);

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_during_a_hundred_streams_leaves_every_row_complete_and_the_outbox_for_later() {
    let _shared = crate::MACHINE.read().await;
    let mut world = World::new(&Engine::Sqlite, 10).await.unwrap();
    let backend = &mut world.backends[0];
    backend.set(
        "AICON_TIMEOUT_SHUTDOWN",
        &format!("{}s", SHUTDOWN.as_secs()),
    );
    backend.set("AICON_ECHO_DELAY_MS", "20");
    world.start_all().await.unwrap();
    world
        .sandbox
        .set_faults(&json!({ "record_usage_down": true }))
        .await
        .unwrap();
    let chats = begin(&world).await.unwrap();
    let stopping = Instant::now();
    world.backends[0]
        .stop(Duration::from_secs(30))
        .await
        .unwrap();
    println!("ended after {:?}", stopping.elapsed());
    let chats: Vec<Chatted> = chats.join_all().await;
    let completed = chats.iter().filter(|chat| chat.seen.completed.is_some());
    let cut = chats.iter().filter(|chat| chat.seen.error.is_some());
    let (completed, cut) = (completed.count(), cut.count());
    println!("{completed} streams ended whole, {cut} with an error");
    assert_eq!(
        completed + cut,
        STREAMS,
        "a stream ended without a last event"
    );
    assert!(completed > 0 && cut > 0);
    assert_eq!(world.open_uses().await.unwrap(), 0);
    assert_eq!(world.sandbox.count().await.unwrap(), 0);

    world.sandbox.set_faults(&no_faults()).await.unwrap();
    world
        .sandbox
        .set_faults(&json!({ "record_usage_down": false }))
        .await
        .unwrap();
    world.start_all().await.unwrap();
    let facts = facts::collect(&world, chats).await.unwrap();
    assert_eq!(facts.recorded.len(), STREAMS);
    assert_eq!(audit(&facts), Vec::<String>::new());
    world.close().await.unwrap();
}

/// Begins all streams; answers once the server has opened each of them.
async fn begin(world: &World) -> Result<tokio::task::JoinSet<Chatted>> {
    let client = reqwest::Client::new();
    let origin = world.backends[0].origin.clone();
    let mut chats = tokio::task::JoinSet::new();
    let mut tokens = Vec::new();
    for user in &world.users {
        tokens.push(world.sandbox.log_in(user).await?);
    }
    for number in 0..STREAMS {
        let (client, origin) = (client.clone(), origin.clone());
        let token = tokens[number % tokens.len()].clone();
        let words = if number % 2 == 0 { 20 } else { 2000 };
        let ask = Ask {
            message: format!("{number} {}", "word ".repeat(words)),
            model: "echo",
            key: None,
            stop_after: None,
        };
        chats.spawn(async move {
            let seen = chat::ask(&client, &origin, &token, &ask).await;
            Chatted { ask, seen }
        });
    }
    until(
        Duration::from_secs(30),
        "every stream to be open",
        async || Ok((world.uses().await? == STREAMS as i64).then_some(())),
    )
    .await?;
    Ok(chats)
}
