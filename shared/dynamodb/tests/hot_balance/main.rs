//! Many callers, one balance: what limits the postings on it.
//!
//! The use case and the store are the real ones, on a model of DynamoDB whose latencies and
//! conflicts are those that were published. Time is simulated, so a busy machine changes nothing,
//! and chance has a seed, so every run is the same. The table is printed by
//! `cargo test --workspace --test hot_balance -- --nocapture`; what it means is in
//! `infra/decisions`.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::print_stdout,
    reason = "a test that panics is a test that fails"
)]

mod bank;
mod model;

use std::time::Duration;

use bank::{Bank, Measured, Trial};
use subledger_dynamodb::Pauses;

/// The pauses before they were measured.
const FORMER: Pauses = pauses(20, 400);

const fn pauses(first_millis: u64, millis: u64) -> Pauses {
    Pauses { first_max: Duration::from_millis(first_millis), max: Duration::from_millis(millis) }
}

const SECONDS: u64 = 20;

async fn measure(pauses: Pauses, clients: u64, balances: u64) -> Measured {
    Bank::run(Trial { pauses, clients, balances, seconds: SECONDS }).await
}

#[tokio::test(start_paused = true)]
async fn explore() {
    println!("{}", Measured::HEAD);
    for (name, law) in [
        ("20..400", FORMER),
        ("40..400", pauses(40, 400)),
        ("40..800", pauses(40, 800)),
        ("80..800", pauses(80, 800)),
        ("80..1600", pauses(80, 1600)),
        ("1..1", pauses(1, 1)),
    ] {
        for clients in [1, 4, 16, 64] {
            println!("| {name} {}", measure(law, clients, 1).await);
        }
    }
    for balances in [4, 16] {
        println!("| k={balances} {}", measure(FORMER, 64, balances).await);
    }
}
