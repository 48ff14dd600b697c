//! The product from the outside: requests and what comes back, through the local stack and through
//! the real Lambda binaries.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]
#![expect(clippy::disallowed_methods, reason = "an id that nothing has is a random one")]

mod account_states;
mod accounts;
mod amounts;
mod assets;
mod authorization;
mod balance_changes;
mod balances;
mod bank;
mod browsers;
mod credentials;
mod credit_balances;
mod cursors;
mod encodings;
mod ends;
mod filters;
mod groups;
mod health;
mod history;
mod inputs;
mod lambda_events;
mod lambda_processes;
mod large_lists;
mod ledgers;
mod limits;
mod lists;
mod local_stack;
mod operations;
mod organizations;
mod overdrafts;
mod routes;
mod sample_events;
mod seed;
mod settled;
mod tenancy;
mod transactions;
mod v0_accounts;
mod versions;
