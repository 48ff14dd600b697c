//! Many callers, one balance: what limits the postings on it.
//!
//! The use case and the store are the real ones, on a model of DynamoDB whose latencies and
//! conflicts are those that were published. Time is simulated, so a busy machine changes nothing,
//! and chance has a seed, so every run is the same. The table is printed by
//! `SUBLEDGER_TEST_SECONDS=60 cargo test --workspace --test hot_balance -- --nocapture`; what it
//! means is in `docs/decisions`.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::print_stdout,
    reason = "a test that panics is a test that fails, and a table is printed"
)]

mod bank;
mod model;

use bank::{Bank, Measured, Trial, Waiting};

/// How many seconds are simulated unless `SUBLEDGER_TEST_SECONDS` says another number.
const SECONDS: u64 = 4;

fn seconds() -> u64 {
    #[expect(clippy::disallowed_methods, reason = "a size is given to a run of the tests")]
    let given = std::env::var("SUBLEDGER_TEST_SECONDS").ok();
    given.map_or(SECONDS, |number| number.parse().unwrap())
}

/// Runs a trial, in which no money may be lost, and prints what came of it.
async fn measure(waiting: Waiting, clients: u64, balances: u64) -> Measured {
    let measured = Bank::run(Trial { waiting, clients, balances, seconds: seconds() }).await;
    println!("{measured}");
    measured
}

#[tokio::test(start_paused = true)]
async fn who_has_waited_longest_is_served_and_half_the_units_are_saved() {
    println!("{}", Measured::HEAD);
    for clients in [1, 4] {
        for waiting in [Waiting::Growing, Waiting::Ours] {
            assert_eq!(measure(waiting, clients, 1).await.failed(), 0);
        }
    }
    for clients in [16, 64] {
        let growing = measure(Waiting::Growing, clients, 1).await;
        let ours = measure(Waiting::Ours, clients, 1).await;
        assert!(ours.wasted() * 3 < growing.wasted() * 2, "{} units", ours.wasted());
        assert!(ours.pace() * 10 > growing.pace() * 8, "{} postings", ours.pace());
        assert!(ours.failed() <= growing.failed().max(50), "{} of 10,000", ours.failed());
    }
}

#[tokio::test(start_paused = true)]
async fn a_hot_account_is_faster_with_every_balance_that_shares_its_load() {
    println!("{}", Measured::HEAD);
    let one = measure(Waiting::Ours, 16, 1).await;
    let four = measure(Waiting::Ours, 64, 4).await;
    assert!(four.pace() > one.pace() * 3, "{} and {}", one.pace(), four.pace());
    let sixteen = measure(Waiting::Ours, 64, 16).await;
    assert!(sixteen.pace() > one.pace() * 7, "{} and {}", one.pace(), sixteen.pace());
}
