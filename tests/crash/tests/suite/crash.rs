//! R1 in short; `cargo xtask crash` is the long one.

use aicon_crash::run::{Plan, run};
use aicon_crash::world::Engine;

const SEED: u64 = 20_251_023;

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_server_loses_no_use_and_doubles_none() {
    experiment(8, Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn replicas_go_on_when_one_of_them_is_killed_and_lose_nothing() {
    // The test command starts one; a developer without one still has the test of the other engine.
    let Ok(url) = std::env::var("AICON_TEST_POSTGRES") else {
        println!("not run: AICON_TEST_POSTGRES names no PostgreSQL");
        return;
    };
    experiment(2, Engine::Postgres { url, replicas: 3 }).await;
}

#[expect(clippy::print_stdout, reason = "figures for who runs it by hand")]
async fn experiment(rounds: u32, engine: Engine) {
    let _shared = crate::MACHINE.read().await;
    let replicas = matches!(engine, Engine::Postgres { .. });
    let plan = Plan {
        rounds,
        seed: SEED,
        callers: 8,
        engine,
    };
    match run(&plan, &|text| println!("{text}")).await {
        Ok(report) => println!("{report}"),
        Err(error) => panic!(
            "{error}\nrepeat with: cargo xtask crash --rounds {rounds} --seed {SEED} --callers 8{}",
            if replicas { " --replicas" } else { "" }
        ),
    }
}
