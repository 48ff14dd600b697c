//! HTTP for the functions: two dialects of one domain.
//!
//! This is the only crate that names HTTP, JSON and status codes. [`answer`](answer::answer) takes
//! an API Gateway event through routing, authorization and limits to a function's own code;
//! [`v0`] and [`v1`] decode requests and encode answers in their wire format, each with one map
//! from errors to statuses. [`serve`](serve::serve) is the Lambda around it.

pub mod answer;
pub mod authorization;
pub mod call;
pub mod encoding;
pub mod event;
pub mod metrics;
pub mod reply;
pub mod routes;
pub mod serve;
pub mod system;
pub mod v0;
pub mod v1;
