//! Items as the SDK takes and gives them: a row together with its key.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_dynamo::{from_item, to_item};
use subledger::error::Error;

use crate::schema::keys::{Key, StoredKey};

/// The most bytes of an item; DynamoDB's own limit.
pub const ITEM_BYTES_MAX: usize = 400 * 1_024;

/// Attributes by their names.
pub type Attributes = HashMap<String, AttributeValue>;

/// An item of the table.
#[derive(Debug, Clone, PartialEq)]
pub struct Item(pub Attributes);

impl Item {
    /// The item that holds the row at the key.
    pub fn write(key: &Key<'_>, row: impl Serialize) -> Result<Self, Error> {
        let mut attributes: Attributes =
            to_item(row).map_err(|error| corrupt(key.for_log(), &error))?;
        attributes.extend(key.stored().into_attributes());
        Ok(Self(attributes))
    }

    /// The key of the item, and the row that it holds.
    pub fn read<R: DeserializeOwned>(mut self) -> Result<(StoredKey, R), Error> {
        let Some(here) = StoredKey::take_from(&mut self.0) else {
            return Err(self.corrupt(&"it has no key"));
        };
        if !self.0.values().all(is_written_here) {
            return Err(here.corrupt(&"it has an attribute of a type that is never written"));
        }
        match from_item(self.0) {
            Ok(row) => Ok((here, row)),
            Err(error) => Err(here.corrupt(&error)),
        }
    }

    /// The key of the item; `None` unless both parts are texts.
    pub fn key(&self) -> Option<StoredKey> {
        StoredKey::of(&self.0)
    }

    /// The key of the item, for people.
    pub fn place(&self) -> String {
        self.key().map_or_else(|| "an item without a key".to_owned(), |key| key.to_string())
    }

    /// The error of an item that cannot be read.
    pub fn corrupt(&self, reason: &impl ToString) -> Error {
        let key = self.key().map_or_else(|| "an item without a key".to_owned(), |it| it.for_log());
        corrupt(key, reason)
    }

    /// An upper bound of the size of the item as DynamoDB counts it: the UTF-8 of names and texts,
    /// a byte for each element of a list or a map, and three for the list or map itself.
    pub fn bytes(&self) -> usize {
        bytes_of(&self.0, 0)
    }
}

impl StoredKey {
    /// The error of the item at this key that cannot be read.
    pub fn corrupt(&self, reason: &impl ToString) -> Error {
        corrupt(self.for_log(), reason)
    }

    /// Refuses an item whose key does not follow from its content.
    pub fn expect(&self, keys: &[Key<'_>]) -> Result<(), Error> {
        if keys.iter().any(|key| key.stored() == *self) {
            return Ok(());
        }
        Err(self.corrupt(&"it belongs to another key"))
    }
}

/// Whether a value has the types that are written here. A set would be read as a list otherwise.
fn is_written_here(value: &AttributeValue) -> bool {
    match value {
        AttributeValue::S(_)
        | AttributeValue::N(_)
        | AttributeValue::Bool(_)
        | AttributeValue::Null(_) => true,
        AttributeValue::M(members) => members.values().all(is_written_here),
        AttributeValue::L(elements) => elements.iter().all(is_written_here),
        AttributeValue::B(_)
        | AttributeValue::Bs(_)
        | AttributeValue::Ns(_)
        | AttributeValue::Ss(_)
        | _ => false,
    }
}

fn bytes(value: &AttributeValue) -> usize {
    const CONTAINER_BYTES: usize = 3;
    const ELEMENT_BYTES: usize = 1;
    match value {
        // Two digits are a byte, so a number is never longer than its text.
        AttributeValue::S(text) | AttributeValue::N(text) => text.len().saturating_add(1),
        AttributeValue::Bool(_) | AttributeValue::Null(_) => 1,
        AttributeValue::M(members) => {
            bytes_of(members, ELEMENT_BYTES).saturating_add(CONTAINER_BYTES)
        }
        AttributeValue::L(elements) => {
            let bytes = elements.iter().map(|it| bytes(it).saturating_add(ELEMENT_BYTES));
            bytes.sum::<usize>().saturating_add(CONTAINER_BYTES)
        }
        // Other types are never written.
        AttributeValue::B(_)
        | AttributeValue::Bs(_)
        | AttributeValue::Ns(_)
        | AttributeValue::Ss(_)
        | _ => ITEM_BYTES_MAX,
    }
}

/// The bytes of names and values, with an overhead for each.
fn bytes_of(attributes: &Attributes, each: usize) -> usize {
    let bytes = attributes.iter().map(|(name, value)| name.len().saturating_add(bytes(value)));
    bytes.map(|bytes| bytes.saturating_add(each)).sum()
}

/// The error of a stored item that cannot be read. The key is in the form for a log.
pub fn corrupt(key: String, reason: &impl ToString) -> Error {
    Error::Corrupt { key, reason: reason.to_string() }
}
