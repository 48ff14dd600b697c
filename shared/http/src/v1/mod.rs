//! The v1 dialect: Midaz 3.x. camelCase, `{code, title, message, fields?}`, decimal strings,
//! cursors.

pub mod account;
pub mod asset;
pub mod balance;
pub mod cursor;
pub mod date;
pub mod error;
pub mod fields;
pub mod filter;
pub mod group;
pub mod ledger;
pub mod list;
pub mod metadata;
pub mod organization;
pub mod path;
pub mod query;
pub mod transaction;
