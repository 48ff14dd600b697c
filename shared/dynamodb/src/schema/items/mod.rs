//! The items of the table, one file per noun: each is written from a value of the domain, and read
//! back and checked.

pub(crate) mod account;
pub(crate) mod asset;
pub(crate) mod balance;
pub(crate) mod credit;
pub(crate) mod ledger;
pub(crate) mod listing;
pub(crate) mod metadata;
pub(crate) mod organization;
pub(crate) mod profile;
pub(crate) mod transaction;
