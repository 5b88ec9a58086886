//! Callers that chat without a pause, each for a user of its own.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use fastrand::Rng;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::chat::{self, Ask, Seen};
use crate::error::Result;
use crate::world::World;

/// How often a caller tries a chat again before it gives up: longer than any outage of a run.
const TRIES: usize = 400;

/// One try of one chat.
#[derive(Clone, Debug)]
pub struct Chatted {
    /// What was asked; tries of one chat share it.
    pub ask: Ask,
    /// What came of it.
    pub seen: Seen,
}

/// Running callers.
pub struct Load {
    callers: JoinSet<Vec<Chatted>>,
    stop: watch::Sender<bool>,
    completed: Arc<AtomicUsize>,
}

impl Load {
    /// Lets one caller chat for each user of the world, with the back ends in turn.
    ///
    /// # Errors
    /// When a user cannot log in.
    pub async fn start(world: &World, seed: u64) -> Result<Self> {
        let (stop, stopped) = watch::channel(false);
        let completed = Arc::new(AtomicUsize::new(0));
        let origins: Arc<[String]> = world.origins().into();
        let mut callers = JoinSet::new();
        for (number, user) in world.users.iter().enumerate() {
            let caller = Caller {
                client: reqwest::Client::new(),
                token: world.sandbox.log_in(user).await?,
                origins: origins.clone(),
                turn: number,
                user: user.clone(),
                seed,
                rng: Rng::with_seed(seed.wrapping_mul(1_000_003).wrapping_add(number as u64)),
                stopped: stopped.clone(),
                completed: completed.clone(),
                tries: Vec::new(),
            };
            callers.spawn(caller.chat());
        }
        Ok(Self {
            callers,
            stop,
            completed,
        })
    }

    /// Chats that clients hold as completed so far.
    pub fn completed(&self) -> usize {
        self.completed.load(Ordering::Relaxed)
    }

    /// Lets every caller end the chat it is in, and answers all tries of all callers.
    pub async fn finish(self) -> Vec<Chatted> {
        self.stop.send_replace(true);
        self.callers.join_all().await.concat()
    }
}

struct Caller {
    client: reqwest::Client,
    token: String,
    origins: Arc<[String]>,
    turn: usize,
    user: String,
    seed: u64,
    rng: Rng,
    stopped: watch::Receiver<bool>,
    completed: Arc<AtomicUsize>,
    tries: Vec<Chatted>,
}

impl Caller {
    async fn chat(mut self) -> Vec<Chatted> {
        let mut number = 0;
        while !*self.stopped.borrow() {
            number += 1;
            let name = format!("{} {:x}-{number}", self.user, self.seed);
            let ask = invent(&mut self.rng, name);
            self.ask(ask).await;
        }
        self.tries
    }

    /// A chat with a key is tried until it is completed; any other one is asked once.
    async fn ask(&mut self, ask: Ask) {
        for _ in 0..TRIES {
            self.turn += 1;
            let origin = &self.origins[self.turn % self.origins.len()];
            let seen = chat::ask(&self.client, origin, &self.token, &ask).await;
            let (completed, refused) = (seen.completed.is_some(), seen.id.is_none());
            self.completed
                .fetch_add(usize::from(completed), Ordering::Relaxed);
            self.tries.push(Chatted {
                ask: ask.clone(),
                seen,
            });
            if refused {
                // The server is down or on its way up: a busy loop would only keep it from coming.
                tokio::time::sleep(Duration::from_millis(self.rng.u64(10..40))).await;
            }
            if completed || ask.key.is_none() {
                return;
            }
        }
    }
}

/// The mix: 5 of 8 whole, 2 of 8 with a key, 1 of 8 stopped by the client; 1 of 8 by the model `demo`.
fn invent(rng: &mut Rng, name: String) -> Ask {
    let words = [
        "가격",
        "사용량",
        "ledger",
        "정산",
        "won",
        "모델",
        "and",
        "끝",
    ];
    let mut message = name.clone();
    for _ in 0..rng.usize(2..30) {
        message.push(' ');
        message.push_str(rng.choice(words).unwrap_or("끝"));
    }
    let kind = rng.u8(0..8);
    Ask {
        key: (kind < 2).then(|| format!("{name} {:016x}", rng.u64(..)).replace(' ', "-")),
        stop_after: (kind == 2).then(|| rng.usize(1..8)),
        model: if rng.u8(0..8) == 0 { "demo" } else { "echo" },
        message,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_chat_has_its_share() {
        let mut rng = Rng::with_seed(1);
        let asks: Vec<Ask> = (0..800)
            .map(|number: usize| invent(&mut rng, format!("user {number}")))
            .collect();
        let share = |is: fn(&Ask) -> bool| asks.iter().filter(|ask| is(ask)).count();
        assert!((150..250).contains(&share(|ask| ask.key.is_some())));
        assert!((60..140).contains(&share(|ask| ask.stop_after.is_some())));
        assert!((60..140).contains(&share(|ask| ask.model == "demo")));
    }

    #[test]
    fn a_seed_always_asks_the_same_and_no_message_comes_twice() {
        let asked = |seed| {
            let mut rng = Rng::with_seed(seed);
            let message = |number: usize| invent(&mut rng, format!("user {number}")).message;
            (0..200).map(message).collect::<Vec<_>>()
        };
        assert_eq!(asked(7), asked(7));
        assert_ne!(asked(7), asked(8));
        let unique: std::collections::HashSet<String> = asked(7).into_iter().collect();
        assert_eq!(unique.len(), 200);
    }
}
