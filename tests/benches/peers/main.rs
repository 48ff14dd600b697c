//! The product compared with what a user would write: the same three operations on Node.js and on Python,
//! behind the same Runtime API and on the same engine; and the query of past balances in SQL.
//!
//! `cargo bench --workspace --bench peers -- [functions] [postgresql] [--quick] [--runs N]
//! [--requests N] [--no-write]`
#![expect(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::disallowed_types,
    clippy::float_arithmetic,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark stops by panicking, and a time is a float"
)]

mod functions;
mod postgresql;

use subledger_benches::options::Options;
use subledger_benches::report::Report;

const PARTS: &[&str] = &["functions", "postgresql"];

#[tokio::main]
async fn main() {
    let options = Options::of_process();
    let mut report =
        Report::new("peers.md", "Beside its peers", "cargo bench --workspace --bench peers");
    if options.wants("functions", PARTS) {
        functions::compare(&options, &mut report).await;
    }
    if options.wants("postgresql", PARTS) {
        postgresql::compare(&options, &mut report).await;
    }
    let is_whole = PARTS.iter().all(|part| options.wants(part, PARTS));
    report.finish(is_whole && !options.has("--quick") && !options.has("--no-write"));
}
