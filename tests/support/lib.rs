//! The shared code of the tests of the whole product.
//!
//! A [`World`] is the API with a store of its own. [`World::over_http`] is the local stack;
//! [`World::on_lambda`] puts the real Lambda binaries behind the same gateway, so a case that runs
//! in both shows that both give the same answers. A [`Tenant`] is an organization with a ledger in a world,
//! and has methods for requests to it: `tenant.account("@a").await.balance("savings").await`.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "a test fails by panicking"
)]

mod answer;
mod binaries;
pub mod cost;
mod event;
mod http_client;
mod lambda;
mod local_process;
mod random;
mod refusals;
mod request;
mod tenant;
mod test_table;
mod world;

pub use answer::{Answer, masked};
pub use binaries::binary;
pub use event::{Invocation, PathParameters};
pub use http_client::HttpClient;
pub use lambda::{FunctionProcess, Outcome, function_environment};
pub use local_process::{LocalProcess, local_binary};
pub use random::Random;
pub use request::Request;
pub use tenant::{Account, Tenant, id_of, now, revolving_credit};
pub use test_table::{TestTable, other_engine};
pub use world::{ALL_SCOPES, Client, World};

/// Makes two tests of each case: one over HTTP through the local stack, one through the Lambda
/// binaries. A case is an `async fn` that takes a [`World`].
#[macro_export]
macro_rules! in_both_worlds {
    ($($case:ident,)+) => {
        mod over_http {
            $(
                #[tokio::test]
                async fn $case() {
                    super::$case($crate::World::over_http().await).await;
                }
            )+
        }

        mod on_lambda {
            $(
                #[tokio::test]
                async fn $case() {
                    super::$case($crate::World::on_lambda().await).await;
                }
            )+
        }
    };
}
