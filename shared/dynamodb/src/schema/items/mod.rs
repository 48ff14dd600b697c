//! The items of the table, one file per noun: each is written from a value of the domain, and read
//! back and checked.

pub mod account;
pub mod asset;
pub mod balance;
pub mod counter;
pub(crate) mod credit;
pub mod group;
pub mod ledger;
pub mod life;
pub mod listing;
pub(crate) mod metadata;
mod operation;
pub mod organization;
pub(crate) mod profile;
pub(crate) mod timeline;
pub mod transaction;
