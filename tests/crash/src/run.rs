//! The experiment: load, kills, calm, judgement.

use std::fmt;
use std::time::Duration;

use fastrand::Rng;
use serde_json::{Value, json};

use crate::audit::audit;
use crate::error::{Error, Result};
use crate::facts::{self, Facts};
use crate::load::Load;
use crate::world::{Engine, World};

/// Violations that an error lists; the rest is counted.
const SHOWN: usize = 20;

/// What a run is to do.
#[derive(Clone, Debug)]
pub struct Plan {
    /// How often a server is killed.
    pub rounds: u32,
    /// What decides everything that is random here.
    pub seed: u64,
    /// Callers, each a user of its own.
    pub callers: usize,
    /// Where the ledger is, and how many servers share it.
    pub engine: Engine,
}

/// What a run that found nothing wrong has seen.
#[derive(Clone, Copy, Debug)]
pub struct Report {
    /// Kills.
    pub kills: u32,
    /// Tries of the clients.
    pub tries: usize,
    /// Of them, those that ended with a whole answer.
    pub completed: usize,
    /// Rows of the ledger.
    pub rows: usize,
    /// Deliveries that AICON had had before.
    pub repeats: u64,
    /// The sum of the settlement, and of the sandbox, in won.
    pub won: u64,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} kills; {} tries of clients, {} completed; {} rows, all delivered, {} of the deliveries repeated; {} won on both \
             sides; nothing lost, nothing twice, nothing open",
            self.kills, self.tries, self.completed, self.rows, self.repeats, self.won
        )
    }
}

/// What goes wrong at AICON while the servers are killed.
pub fn faults(seed: u64) -> Value {
    json!({
        "record_usage": {
            "seed": seed,
            "retry_after_s": 1,
            "percent": {
                "error": 15, "too_many_requests": 5, "timeout": 1, "lost_answer": 10, "commit_timeout": 1,
                "garbage": 3, "garbage_uncommitted": 3, "reset": 5
            }
        }
    })
}

/// Ends all faults.
pub fn no_faults() -> Value {
    json!({ "record_usage": { "clear": true } })
}

/// Runs the plan; `say` is told what is going on.
///
/// # Errors
/// [`Error::Violations`] when something was lost, doubled or left over; others when the run could not be done. The data of a
/// failed run are kept, and the error says where.
pub async fn run(plan: &Plan, say: &(dyn Fn(String) + Sync)) -> Result<Report> {
    let mut world = World::new(&plan.engine, plan.callers).await?;
    match judged(plan, &mut world, say).await {
        Ok(report) => {
            world.close().await?;
            Ok(report)
        }
        Err(error) => {
            let text = format!("{error}\nlogs and data are in {}", world.keep().display());
            Err(Error::Violations(text))
        }
    }
}

async fn judged(plan: &Plan, world: &mut World, say: &(dyn Fn(String) + Sync)) -> Result<Report> {
    world.start_all().await?;
    world.sandbox.set_faults(&faults(plan.seed)).await?;
    let load = Load::start(world, plan.seed).await?;
    let mut rng = Rng::with_seed(plan.seed);
    for round in 1..=plan.rounds {
        if world.backends.len() > 1 {
            kill_one(world, &mut rng).await?;
        } else {
            kill_the_only_one(world, &mut rng).await?;
        }
        if round % 10 == 0 || round == plan.rounds {
            say(format!(
                "{round} of {} kills, {} answers completed",
                plan.rounds,
                load.completed()
            ));
        }
    }
    if world.backends.len() == 1 {
        world.start_all().await?;
    }
    let chats = load.finish().await;
    world.sandbox.set_faults(&no_faults()).await?;
    say("AICON is well again: waiting for open uses and the outbox".to_owned());
    let mut facts = facts::collect(world, chats).await?;
    facts.unknown = lost_answers(world, &facts).await?;
    verdict(plan, &facts)
}

/// Most kills hit a server under load, some one that is just coming up.
async fn kill_the_only_one(world: &mut World, rng: &mut Rng) -> Result<()> {
    let backend = &mut world.backends[0];
    if rng.u8(0..6) == 0 {
        backend.kill();
        backend.launch()?;
        pause(rng, 5..150).await;
    } else {
        backend.start().await?;
        pause(rng, 50..700).await;
    }
    backend.kill();
    Ok(())
}

/// One dies under load; it comes back after a while, or stays away until the next one has died.
async fn kill_one(world: &mut World, rng: &mut Rng) -> Result<()> {
    pause(rng, 100..700).await;
    let victim = rng.usize(0..world.backends.len());
    world.backends[victim].kill();
    pause(rng, 0..400).await;
    for (number, backend) in world.backends.iter_mut().enumerate() {
        let stays_away = number == victim && rng.u8(0..4) == 0;
        if !backend.is_running() && !stays_away {
            backend.start().await?;
        }
    }
    Ok(())
}

async fn pause(rng: &mut Rng, milliseconds: std::ops::Range<u64>) {
    tokio::time::sleep(Duration::from_millis(rng.u64(milliseconds))).await;
}

async fn lost_answers(world: &World, facts: &Facts) -> Result<Vec<String>> {
    let mut tokens = Vec::new();
    for user in &world.users {
        tokens.push((user.clone(), world.sandbox.log_in(user).await?));
    }
    facts::lost_answers(world, &tokens, &facts.chats).await
}

fn verdict(plan: &Plan, facts: &Facts) -> Result<Report> {
    let violations = audit(facts);
    if !violations.is_empty() {
        let mut text = format!("{} violations:", violations.len());
        for violation in violations.iter().take(SHOWN) {
            text.push_str("\n- ");
            text.push_str(violation);
        }
        return Err(Error::Violations(text));
    }
    let amount = |usage: &aicon_protocol::aicon::RecordUsage| usage.data_info.amount_for_settlement;
    let completed = |chat: &&crate::load::Chatted| chat.seen.completed.is_some();
    Ok(Report {
        kills: plan.rounds,
        tries: facts.chats.len(),
        completed: facts.chats.iter().filter(completed).count(),
        rows: facts.settled.len(),
        repeats: facts.recorded.iter().map(|row| row.repeats).sum(),
        won: facts.settled.iter().map(amount).sum(),
    })
}
