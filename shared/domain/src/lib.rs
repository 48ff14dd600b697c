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
pub mod balance;
pub mod conflict;
pub mod error;
pub mod idempotency;
pub mod ledger;
pub mod metadata;
pub mod money;
pub mod page;
pub mod ports;
pub mod status;
pub mod transaction;

#[cfg(test)]
mod samples;
