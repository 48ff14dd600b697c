//! The invariants of `ARCHITECTURE.md`, each kept by a test.
//!
//! They look at the workspace from outside: at its manifests, its sources, `template.yaml` and its
//! documents. `workspace` and `source` read those; the other files hold the tests.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what cannot be read is what the test fails with"
)]

mod arrows;
mod documents;
mod openapi;
mod rules;
mod source;
mod template;
mod workspace;
