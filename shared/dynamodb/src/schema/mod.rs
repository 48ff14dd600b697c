//! What is stored: keys, items, and how a value of the domain is written as text.

pub(crate) mod canonical;
pub(crate) mod item;
pub(crate) mod items;
pub(crate) mod keys;
pub(crate) mod stored_text;
