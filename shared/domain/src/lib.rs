//! The domain of a subledger: balances, their versions, and what may happen to them.
//!
//! This crate is pure. It knows no clock, no randomness, no network, no store and no wire format.
//! Times and ids are arguments, stores are traits, and a change of a balance is a function.
//!
//! - [`money`] has the basic values: exact amounts, timestamps, ids and bounded texts.
//! - [`ledger`], [`account`], [`balance`] and [`transaction`] are the nouns. Each has one file per use
//!   case, such as [`transaction::post`]. An organization has ledgers, a ledger has accounts, an account
//!   has balances of one asset, and a transaction moves that asset between balances.
//! - [`ports`] says what a use case needs from a store. [`page`] is how lists are cut into pages.
//! - [`error`] lists everything that can go wrong, in order of precedence. [`conflict`] is how a use case
//!   starts again when another request changed what it had read.
//!
//! # Example
//!
//! Money arrives on a balance, and no more leaves it than is there.
//!
//! ```
//! use subledger::account::{Account, AccountType};
//! use subledger::balance::{Balance, BalanceKey};
//! use subledger::ledger::asset::AssetCode;
//! use subledger::ledger::{Ledger, ListingShards};
//! use subledger::metadata::Metadata;
//! use subledger::money::amount::Amount;
//! use subledger::money::ids::{AccountId, BalanceId, LedgerId, OrganizationId, Scope};
//! use subledger::money::text::Name;
//! use subledger::money::timeline::Timeline;
//! use subledger::money::timestamp::Timestamp;
//! use subledger::money::unique_name::UniqueName;
//! use subledger::status::Status;
//! use subledger::transaction::movement::{Movement, apply};
//! use uuid::Uuid;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let now = Timestamp::parse_fixed_width("2026-11-27T09:30:00.000000Z").unwrap();
//! let ledger = Ledger {
//!     scope: Scope {
//!         organization: OrganizationId::new(Uuid::from_u128(1)),
//!         ledger: LedgerId::new(Uuid::from_u128(2)),
//!     },
//!     name: UniqueName::parse("Deposits")?,
//!     status: Status::active(),
//!     settings: None,
//!     metadata: Metadata::default(),
//!     listing_shards: ListingShards::ONE,
//!     timeline: Timeline::begin(now),
//! };
//! let id = AccountId::new(Uuid::from_u128(3));
//! let kind = AccountType::parse("deposit")?;
//! let account = Account::open(id, &ledger, AssetCode::usd(), kind, Name::parse("Alice")?, now);
//! let id = BalanceId::new(Uuid::from_u128(4));
//! let balance = Balance::open(id, &account, BalanceKey::default_key(), now);
//!
//! let (after, _) = apply(&balance, &Movement::Credit, &Amount::parse("12.30")?)?;
//! assert_eq!(after.available, Amount::parse("12.3")?);
//! assert!(apply(&after, &Movement::Debit, &Amount::parse("12.31")?).is_err());
//! # Ok(())
//! # }
//! ```

pub mod account;
pub mod balance;
pub mod conflict;
pub mod count;
pub mod error;
pub mod idempotency;
pub mod ledger;
pub mod metadata;
pub mod money;
pub mod page;
pub mod ports;
pub mod settling;
pub mod status;
pub mod transaction;

#[cfg(test)]
mod samples;
