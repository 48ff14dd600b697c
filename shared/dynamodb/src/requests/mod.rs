//! The requests that are made to DynamoDB, how they are repeated, and what became of them.
//!
//! Every request fails with [`Throttled`](subledger::error::Error::Throttled) if DynamoDB has no capacity
//! for it after several attempts, and with [`Unavailable`](subledger::error::Error::Unavailable) for
//! anything else.

#![expect(clippy::missing_errors_doc, reason = "the errors are the same everywhere, see above")]

pub(crate) mod backoff;
pub mod client;
pub(crate) mod connection;
pub(crate) mod connector;
pub mod failure;
pub mod get;
pub(crate) mod meter;
pub mod query;
pub(crate) mod store_clock;
pub mod table;
pub(crate) mod transact_write;
