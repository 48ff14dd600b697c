//! The store of subledger: one DynamoDB table.
//!
//! [`DynamoStore`] implements the store traits of [`subledger::ports`], and nothing outside this
//! crate speaks to DynamoDB.
//!
//! In reading order: `keys` is the schema and opens with its tables; the items (`balance_item` and
//! its siblings) say what is stored; `transaction`, `query` and `get` are what is asked of DynamoDB;
//! `client` asks it through the AWS SDK, `failure` judges what became of a request, and `connector`
//! is the HTTP client under the SDK; the other files implement one noun of the ports each.

pub mod requests;
#[cfg(test)]
mod samples;
pub mod schema;
mod store;

#[cfg(feature = "testing")]
pub use requests::backoff::Jitter;
pub use requests::connection::{Connection, MissingVariable, Timeouts};
pub use requests::meter::{Consumption, Meter};
pub use store::DynamoStore;
