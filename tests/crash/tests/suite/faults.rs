//! AICON that refuses half of the uses for a whole run.

use std::time::Duration;

use aicon_crash::audit::audit;
use aicon_crash::facts;
use aicon_crash::load::{Chatted, Load};
use aicon_crash::run::no_faults;
use aicon_crash::world::{Engine, World};
use serde_json::json;

/// Time of load in each weather; each has two turns, so that a machine that grows busier meets both.
const TURN: Duration = Duration::from_millis(1500);

#[tokio::test(flavor = "multi_thread")]
async fn half_of_the_calls_failing_loses_nothing_doubles_nothing_and_slows_no_chat() {
    let _alone = crate::MACHINE.write().await;
    let mut world = World::new(&Engine::Sqlite, 4).await.unwrap();
    world.start_all().await.unwrap();
    let stormy = json!({ "record_usage": { "seed": 7, "percent": { "error": 50 } } });
    let mut tries = [Vec::new(), Vec::new()];
    for turn in 0..4 {
        let faults = if turn % 2 == 0 {
            no_faults()
        } else {
            stormy.clone()
        };
        world.sandbox.set_faults(&faults).await.unwrap();
        let load = Load::start(&world, turn).await.unwrap();
        tokio::time::sleep(TURN).await;
        tries[(turn % 2) as usize].extend(load.finish().await);
    }
    for (weather, tries) in ["calm", "half of the calls failing"].iter().zip(&tries) {
        println!(
            "{weather}: {} chats, first delta p50 {:?}, whole answer p50 {:?}",
            tries.len(),
            median(tries, |chat| chat.seen.first_delta),
            median(tries, |chat| chat
                .seen
                .completed
                .as_ref()
                .map(|_| chat.seen.whole)),
        );
    }
    world.sandbox.set_faults(&no_faults()).await.unwrap();
    let facts = facts::collect(&world, tries.concat()).await.unwrap();
    assert!(facts.recorded.len() > 20, "there was hardly any load");
    assert_eq!(audit(&facts), Vec::<String>::new());
    world.close().await.unwrap();
}

fn median(tries: &[Chatted], time: impl Fn(&Chatted) -> Option<Duration>) -> Duration {
    let mut times: Vec<Duration> = tries
        .iter()
        .filter(|chat| chat.ask.model == "echo")
        .filter_map(time)
        .collect();
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}
