//! HTTP for the functions: two wire formats ("dialects") of one domain.
//!
//! No other crate of the functions knows HTTP, JSON or status codes. A function takes the requests of
//! `lambda_http`, which come from an API Gateway HTTP API or REST API, a function URL or an Application
//! Load Balancer, and answers with a response.
//!
//! - [`request`] is what comes in: events ([`request::event`]), the table of routes
//!   ([`request::routes`]), who calls ([`request::authorization`]), and the parts of one request
//!   ([`request::call`]).
//! - [`answer`](answer::answer) takes a request through its route, the authorization and the limits to the
//!   function's own code. What is refused on the way is a [`rejection`].
//! - [`v0`] and [`v1`] decode requests into commands of the domain and encode what use cases return, each
//!   with one map from errors to statuses.
//! - [`serve`](serve::serve) is the Lambda runtime around a function; [`metrics`] are lines of its log.
//!
//! # Example
//!
//! ```
//! use subledger::money::ids::{LedgerId, OrganizationId, Scope};
//! use subledger_http::answer::answer;
//! use subledger_http::reply::Reply;
//! use subledger_http::request::authorization::Authorization;
//! use subledger_http::request::event::Incoming;
//! use subledger_http::request::routes::GET_BALANCE;
//! use uuid::Uuid;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // No token is checked here, as on a local stack that was started with `--auth none`.
//! let authorization = Authorization::Off(Scope {
//!     organization: OrganizationId::new(Uuid::from_u128(1)),
//!     ledger: LedgerId::new(Uuid::from_u128(2)),
//! });
//! let event = r#"{
//!     "rawPath": "/v0/subledger_balances/subledger_balance_1",
//!     "requestContext": { "routeKey": "$default", "http": { "method": "GET" } }
//! }"#;
//! let request = Incoming::read(event)?.into_request();
//! let response = answer(authorization, GET_BALANCE, request, |call| async move {
//!     Ok(Reply::json(200, &call.parameter("id")))
//! })
//! .await;
//! assert_eq!(response.status(), 200);
//! assert_eq!(response.body().as_ref(), br#""subledger_balance_1""#);
//! # Ok(())
//! # }
//! ```

pub mod answer;
pub mod encoding;
pub mod health;
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
