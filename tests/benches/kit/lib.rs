//! What the benchmarks stand on: a table with as much in it as needed, processes that are watched,
//! numbers, and the documents that they become.
#![expect(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::disallowed_types,
    clippy::expect_used,
    clippy::float_arithmetic,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark is no part of the product: it stops by panicking, and a time is a float"
)]

pub mod chart;
pub mod ledger;
pub mod numbers;
pub mod options;
pub mod process;
pub mod progress;
pub mod report;
