//! The store of subledger: one DynamoDB table.
//!
//! [`DynamoStore`] implements the store traits of [`subledger::ports`], and nothing outside this
//! crate speaks to DynamoDB.
//!
//! In reading order: `keys` is the schema and opens with its tables; the items (`balance_item` and
//! its siblings) say what is stored; `transaction`, `query` and `get` are what is asked of DynamoDB;
//! `client` asks it through the AWS SDK, `failure` judges what became of a request, and `connector`
//! is the HTTP client under the SDK; the other files implement one noun of the ports each.

mod account_item;
mod accounts;
mod asset_item;
mod assets;
mod audit;
mod back_off;
mod balance_item;
mod canonical;
mod change_balance;
mod client;
mod config;
mod connector;
mod credit_attribute;
mod directory;
mod directory_entry;
mod failure;
mod get;
mod history;
mod item;
mod keys;
mod ledger_item;
mod ledgers;
mod list_balances;
mod list_transactions;
mod metadata_attribute;
mod meter;
mod open_balances;
mod organization_item;
mod organizations;
mod post_transaction;
mod profile_attribute;
mod query;
mod read_balance;
mod remembered;
#[cfg(test)]
mod samples;
mod store;
mod stored_text;
mod transaction;
mod transaction_item;

pub use audit::{AuditOptions, AuditProgress, AuditReport, Finding};
#[cfg(feature = "testing")]
pub use back_off::Jitter;
pub use config::{Connection, MissingVariable, Timeouts};
pub use meter::{Consumption, Meter};
pub use store::DynamoStore;
