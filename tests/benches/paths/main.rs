//! The whole path of a request in the cases that could be slow: long histories, large ledgers, many
//! clients, one busy balance.
//!
//! `cargo bench --workspace --bench paths -- [as-of] [ledger] [clients] [hot] [--quick] [--full]
//! [--no-write] [--endpoint-url URL]`
#![expect(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::disallowed_types,
    clippy::float_arithmetic,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a benchmark stops by panicking, and a time is a float"
)]

mod as_of;
mod clients;
mod hot;
mod ledger;

use subledger_benches::options::Options;
use subledger_benches::report::Report;

const PARTS: &[&str] = &["as-of", "ledger", "clients", "hot"];

/// The sizes of a run.
#[derive(Debug, Clone, Copy)]
struct Sizes {
    /// Versions of a balance.
    versions: &'static [u64],
    /// The most versions that an account of ten balances has together.
    versions_of_account: u64,
    /// Queries of each balance and of each account.
    questions: usize,
    /// Balances of a ledger.
    balances: u64,
    /// Requests of each kind from each number of clients.
    requests: usize,
    /// How many clients ask at the same time.
    clients: &'static [usize],
}

const WHOLE: Sizes = Sizes {
    versions: &[10, 1_000, 100_000, 1_000_000],
    versions_of_account: 1_000_000,
    questions: 500,
    balances: 1_000_000,
    requests: 2_000,
    clients: &[1, 4, 16, 64],
};

const QUICK: Sizes = Sizes {
    versions: &[10, 1_000],
    versions_of_account: 10_000,
    questions: 50,
    balances: 2_000,
    requests: 100,
    clients: &[1, 8],
};

#[tokio::main]
async fn main() {
    let options = Options::of_process();
    let is_quick = options.has("--quick");
    let mut sizes = if is_quick { QUICK } else { WHOLE };
    if options.has("--full") {
        sizes.versions_of_account = u64::MAX;
    }
    let command = "cargo bench --workspace --bench paths";
    let mut report = Report::new("results.md", "The whole path of a request", command);
    report.paragraph(
        "Engine, functions, gateway and clients are in one process on one machine, built with \
         optimization and without link-time optimization. The engine writes one transaction after \
         the other and is no DynamoDB: what can be compared are the rows with each other.",
    );
    let is_whole = PARTS.iter().all(|part| options.wants(part, PARTS));
    let writes = is_whole && !is_quick && !options.has("--no-write");
    if options.wants("as-of", PARTS) {
        as_of::measure(sizes, writes, &mut report).await;
    }
    if options.wants("ledger", PARTS) {
        ledger::measure(sizes, &mut report).await;
    }
    if options.wants("clients", PARTS) {
        clients::measure(sizes, writes, &mut report).await;
    }
    if options.wants("hot", PARTS) {
        let endpoint: Option<String> = options.value("--endpoint-url");
        hot::measure(sizes, writes, endpoint, &mut report).await;
    }
    report.finish(writes);
}

/// A text that says whether a ratio is within its limit.
fn verdict(ratio: f64, limit: f64) -> String {
    let word = if ratio <= limit { "kept" } else { "**exceeded**" };
    format!("{ratio:.2}, at most {limit}: {word}")
}
