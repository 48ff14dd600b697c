//! The whole API on one machine.
//!
//! [`Stack::start`] puts together what AWS provides when the product is deployed:
//!
//! | on AWS | here |
//! |---|---|
//! | `template.yaml`, deployed | the same file, read by [`template`] |
//! | DynamoDB | an engine inside this process: [`engine`], its files in [`data_dir`] |
//! | API Gateway: routes, events, limits, pages of other origins | [`gateway`], [`server`], [`routes`], [`event`], [`cors`] |
//! | the JWT authorizer and its identity provider | [`authorizer`] |
//! | Lambda: the functions | [`registry`], filled by [`functions`] |
//! | nothing: the API reference is only here | [`reference`](mod@reference), with Swagger UI |
//!
//! A request takes the same way as on AWS: it is matched to a route of the template, its token is
//! checked, it becomes an API Gateway event, and the function gets that event. `cargo run` is
//! [`Stack::start`] behind a command line ([`arguments`], [`welcome`]); the end-to-end tests start
//! the same stack on a free port.

pub mod arguments;
pub mod audit;
pub mod authorizer;
pub mod backend;
pub mod clock;
pub mod cors;
pub mod data_dir;
pub mod disk;
pub mod engine;
pub mod error;
pub mod event;
pub mod functions;
pub mod gateway;
pub mod logging;
pub mod reference;
pub mod registry;
pub mod routes;
pub mod seed;
pub mod server;
pub mod stack;
pub mod template;
pub mod welcome;

pub use error::Error;
pub use registry::{Functions, Handler};
pub use stack::{Authorization, Options, Stack, Store};
