//! HTTP for the functions: two dialects of one domain.
//!
//! This is the only crate that names HTTP, JSON and status codes. A function takes the requests of
//! `lambda_http`, which makes them of the events of an API Gateway HTTP API or REST API, of a
//! function URL and of an Application Load Balancer, and gives back a response, which `lambda_http`
//! writes as the sender of the event expects it. [`incoming`] checks an event before that, and
//! `gateway` reads what its sender says of a request.
//!
//! [`answer`](answer::answer) takes a request through routing, authorization and limits to a
//! function's own code; [`v0`] and [`v1`] decode requests and encode answers in their wire format,
//! each with one map from errors to statuses. [`serve`](serve::serve) is the Lambda around it.

pub mod answer;
pub mod encoding;
mod json;
pub mod metrics;
mod moment;
pub mod rejection;
pub mod reply;
pub mod request;
pub mod serve;
pub mod system;
pub mod v0;
pub mod v1;

pub use lambda_http::{Body, Request};

/// What a function answers.
pub type Response = lambda_http::Response<Body>;
