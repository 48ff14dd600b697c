//! The store on an embedded DynamoDB, and the tests that need many balances or many clients.
#![expect(
    clippy::unwrap_used,
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod as_of;
mod audit;
mod budgets;
mod concurrency;
mod contract;
mod costs;
mod large_ledger;
mod table;
mod transactions;
