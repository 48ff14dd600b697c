//! The domain of a subledger: balances, their versions, and what may happen to them.
//!
//! This crate is pure. It knows no clock, no network, no store and no wire format: time and ids
//! are arguments, stores are traits ([`ports`]), and a change of a balance is a function.
//!
//! In reading order: [`amount`], [`timestamp`], [`ids`] and [`text`] are the words; [`organization`],
//! [`ledger`], [`asset`], [`account`] and [`balance`] are the nouns; [`page`] is how lists are cut;
//! [`ports`] is what a store promises; [`create_balance`] and its siblings are the use cases;
//! [`audit`] is what holds between the stored items; [`error`] is everything that can go wrong.

pub mod account;
pub mod account_profile;
pub mod amount;
pub mod asset;
pub mod balance;
pub mod bounded_list;
pub mod calendar_date;
pub mod credit;
pub mod error;
pub mod idempotency;
pub mod ids;
pub mod ledger;
pub mod metadata;
mod named;
pub mod organization;
pub mod page;
pub mod ports;
pub mod text;
pub mod timestamp;
pub mod transaction;

pub mod audit;
pub mod balance_history;
pub mod create_account;
pub mod create_balance;
pub mod create_ledger;
pub mod delete_account;
pub mod get_balance;
pub mod list_balances;
pub mod list_transactions;
pub mod post_transaction;
pub mod update_account;
pub mod update_balance;

#[cfg(test)]
mod samples;
#[cfg(feature = "testing")]
pub mod testing;
