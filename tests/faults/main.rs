//! Seventeen kinds of fault between a client and DynamoDB, and a checker that looks for one lost,
//! doubled or reordered cent. `README.md` says how to run it.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "each check is about some of the intents and names them"
)]
#![expect(clippy::too_many_lines, reason = "the requests of all intents are in one place")]

mod checker;
mod clients;
mod conditions;
mod engine;
mod fault;
mod history;
mod instance;
mod invariants;
mod ledger;
mod past;
mod proxy;
mod run;
mod table;
mod tampering;
mod wire;

use std::io::Write;

use run::{INTENTS, Plan, run, simulate, trace_of};
use subledger_tests::other_engine;

/// How many seeds are run unless `SUBLEDGER_FAULT_SEEDS` says another number.
const SEEDS: u64 = 12;

fn variable(name: &str) -> Option<String> {
    #[expect(clippy::disallowed_methods, reason = "a size is given to a run of the tests")]
    let given = std::env::var(name).ok();
    given.filter(|given| !given.is_empty())
}

fn number(name: &str, default: u64) -> u64 {
    variable(name).map_or(default, |given| given.parse().unwrap())
}

#[test]
fn no_seed_loses_doubles_or_reorders_a_cent() {
    let plan = Plan { endpoint: other_engine(), faults: true, intents: INTENTS, dropped: None };
    let first = number("SUBLEDGER_FAULT_SEED", 1);
    let seeds = number("SUBLEDGER_FAULT_SEEDS", SEEDS);
    if let Some(what) = variable("SUBLEDGER_FAULT_SHOW") {
        writeln!(std::io::stderr(), "{}", trace_of(&simulate(first, &plan), &what)).unwrap();
    }
    let sum = run(first, seeds, &plan);
    // Past the capture of the test harness: these numbers are what a run is for.
    writeln!(std::io::stderr(), "{sum}").unwrap();
    for (seed, wrong) in &sum.violations {
        writeln!(
            std::io::stderr(),
            "seed {seed}; again with SUBLEDGER_FAULT_SEED={seed} SUBLEDGER_FAULT_SEEDS=1 \
             cargo test --workspace --test faults no_seed\n  {}",
            wrong.join("\n  ")
        )
        .unwrap();
    }
    assert!(sum.violations.is_empty(), "{} seeds have violations", sum.violations.len());
}

#[test]
fn a_seed_does_the_same_again() {
    let plan = Plan { endpoint: None, faults: true, intents: INTENTS, dropped: None };
    // Under the second one, clients often stand in each other's way, and the pauses are long.
    let [one, other] = [1, 712].map(|seed| {
        let [once, again] = [seed, seed].map(|seed| simulate(seed, &plan).trace);
        let difference = once.iter().zip(&again).find(|(once, again)| once != again);
        assert_eq!(difference, None, "under seed {seed}");
        assert_eq!(once.len(), again.len(), "under seed {seed}");
        once
    });
    assert_ne!(one, other);
}
