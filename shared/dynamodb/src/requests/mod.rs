//! What is asked of DynamoDB, how a request is repeated, and what became of it.

pub(crate) mod backoff;
pub(crate) mod client;
pub(crate) mod connection;
pub(crate) mod connector;
pub(crate) mod failure;
pub(crate) mod get;
pub(crate) mod meter;
pub(crate) mod query;
pub(crate) mod table;
pub(crate) mod transact_write;
