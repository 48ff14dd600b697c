//! What is stored: keys, items, and how a value of the domain is written as text.
//!
//! What reads an item fails with [`Corrupt`](subledger::error::Error::Corrupt), which names the key, if
//! the item is not exactly what this crate writes. What writes one fails with
//! [`WriteTooLarge`](subledger::error::Error::WriteTooLarge) if the item is larger than DynamoDB takes.

#![expect(clippy::missing_errors_doc, reason = "the errors are the same everywhere, see above")]

pub(crate) mod canonical;
pub mod item;
pub mod items;
pub mod key_range;
pub mod keys;
pub(crate) mod stored_text;
