//! The store of the subledger: one DynamoDB table.
//!
//! [`DynamoStore`] implements the ports of [`subledger::ports`]. Nothing else reads or writes the table,
//! but for the audit.
//!
//! - [`schema`] is what is stored. Its module [`keys`](schema::keys) begins with three tables: the items,
//!   the access patterns, and which condition keeps which guarantee.
//! - [`requests`] makes requests through the AWS SDK, repeats them where that helps, and tells
//!   whether a request that failed may have written something.
//! - The store, in a module that is not public, implements one noun of the ports per file, on top of both.
//!
//! Every read is strongly consistent. Every write is a transaction with a token, which makes it safe to
//! send again.
//!
//! # Example
//!
//! ```no_run
//! use subledger::money::ids::{BalanceId, LedgerId, OrganizationId, Scope};
//! use subledger::ports::ReadBalance;
//! use subledger_dynamodb::{Connection, DynamoStore};
//! use uuid::Uuid;
//!
//! # async fn example() -> Result<(), subledger::error::Error> {
//! let store = DynamoStore::connect(&Connection::local("subledger", "http://127.0.0.1:8000"));
//! let scope = Scope {
//!     organization: OrganizationId::new(Uuid::from_u128(1)),
//!     ledger: LedgerId::new(Uuid::from_u128(2)),
//! };
//! if let Some(balance) = store.newest_version(scope, BalanceId::new(Uuid::from_u128(3))).await? {
//!     println!("{} available in version {}", balance.available, balance.version);
//! }
//! # Ok(())
//! # }
//! ```

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
