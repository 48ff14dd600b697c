//! Requests: the events that carry them, their routes, who sends them, and their parts.

pub mod authorization;
pub mod call;
pub mod event;
pub(crate) mod gateway;
pub mod routes;
