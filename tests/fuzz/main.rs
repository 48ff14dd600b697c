//! Random events, requests, cursors and tokens.
//!
//! A failing case is printed, shrunk, and kept in `tests/proptest-regressions`, from where every
//! later run repeats it first. `PROPTEST_CASES` says how many cases each property tries;
//! `PROPTEST_CASES=5000 cargo test --profile bench --workspace --test fuzz` is for a release, and
//! takes some minutes.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod events;
mod hostile;
mod requests;
mod texts;

use proptest::test_runner::Config;

/// How many cases each property tries unless `PROPTEST_CASES` says another number.
fn cases(usually: u32) -> Config {
    #[expect(clippy::disallowed_methods, reason = "a size is given to a run of the tests")]
    let given = std::env::var("PROPTEST_CASES").ok();
    let cases = given.map_or(usually, |cases| cases.parse().unwrap());
    Config { cases, source_file: Some(file!()), max_shrink_iters: 200, ..Config::default() }
}
