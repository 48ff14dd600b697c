//! The shared code of the benchmarks: a table with any number of items, measurements of processes,
//! numbers, and the documents with the results.
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
