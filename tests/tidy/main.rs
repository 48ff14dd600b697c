//! The rules of the architecture that neither the compiler nor Clippy can check.
//!
//! They look at the workspace from outside: at its manifests, its sources, `template.yaml` and the
//! OpenAPI documents. `workspace` and `source` read those; the other files have the tests.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what cannot be read is what the test fails with"
)]

mod arrows;
mod openapi;
mod rules;
mod source;
mod template;
mod workspace;
