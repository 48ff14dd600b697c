//! Items as they travel: rows in DynamoDB's JSON, beside their keys.

use std::collections::BTreeMap;

use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use subledger::error::Error;

use crate::keys::{Key, StoredKey};

/// An item, read no further than to its end.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Item(Box<RawValue>);

impl Item {
    /// The item that holds the row at the key.
    pub(crate) fn write(key: &Key<'_>, row: &impl Serialize) -> Result<Self, Error> {
        #[derive(Serialize)]
        struct Keyed<'a, R> {
            #[serde(flatten)]
            key: StoredKey,
            #[serde(flatten)]
            row: &'a R,
        }
        serde_json::value::to_raw_value(&Keyed { key: key.stored(), row })
            .map(Self)
            .map_err(|error| corrupt(key.to_string(), &error))
    }

    /// The row that the item holds.
    pub(crate) fn read<R: DeserializeOwned>(&self) -> Result<R, Error> {
        serde_json::from_str(self.0.get()).map_err(|error: serde_json::Error| {
            let reason = error.to_string();
            // Where in the JSON that was is of no use to somebody who looks at the item.
            let reason = reason.split_once(" at line ").map_or(&*reason, |(reason, _)| reason);
            self.corrupt(&reason)
        })
    }

    /// Where the item says that it is; nothing if it does not say it with two texts.
    pub(crate) fn key(&self) -> Option<StoredKey> {
        serde_json::from_str(self.0.get()).ok()
    }

    /// Where the item says that it is, for people.
    pub(crate) fn place(&self) -> String {
        self.key().map_or_else(|| "an item without a key".to_owned(), |key| key.to_string())
    }

    /// Refuses an item that stands where its own content says that it does not belong.
    pub(crate) fn expect_at(&self, keys: &[Key<'_>]) -> Result<(), Error> {
        let here = self.key();
        if here.is_some_and(|here| keys.iter().any(|key| key.stored() == here)) {
            return Ok(());
        }
        Err(self.corrupt(&"it belongs to another key"))
    }

    /// The item is not what was stored.
    pub(crate) fn corrupt(&self, reason: &impl ToString) -> Error {
        corrupt(self.place(), reason)
    }

    /// How long the item is, as DynamoDB counts: never more than this, and often a third of it.
    pub(crate) fn bytes_max(&self) -> usize {
        self.0.get().len()
    }

    /// How long the item is, as DynamoDB counts, from above: the UTF-8 of names and texts, a byte
    /// for each element of a list or a map, and three for the list or map itself.
    pub(crate) fn bytes(&self) -> usize {
        // What is not an item of DynamoDB's types has no size by its rules.
        let attributes: Result<BTreeMap<String, Value>, _> = serde_json::from_str(self.0.get());
        attributes.map_or_else(|_| self.bytes_max(), |attributes| bytes_of(&attributes, 0))
    }
}

/// What stands in an item, of any type.
#[derive(Deserialize)]
enum Value {
    S(String),
    N(String),
    B(String),
    #[serde(rename = "BOOL")]
    Boolean(IgnoredAny),
    #[serde(rename = "NULL")]
    Null(IgnoredAny),
    M(BTreeMap<String, Value>),
    L(Vec<Value>),
    SS(Vec<String>),
    NS(Vec<String>),
    BS(Vec<String>),
}

impl Value {
    fn bytes(&self) -> usize {
        const CONTAINER_BYTES: usize = 3;
        const ELEMENT_BYTES: usize = 1;
        match self {
            // Two digits are a byte and base64 is longer than what it says, so these are no less.
            Self::S(text) | Self::N(text) | Self::B(text) => text.len().saturating_add(1),
            Self::Boolean(_) | Self::Null(_) => 1,
            Self::M(members) => bytes_of(members, ELEMENT_BYTES).saturating_add(CONTAINER_BYTES),
            Self::L(elements) => {
                let bytes = elements.iter().map(|it| it.bytes().saturating_add(ELEMENT_BYTES));
                bytes.sum::<usize>().saturating_add(CONTAINER_BYTES)
            }
            Self::SS(all) | Self::NS(all) | Self::BS(all) => all.iter().map(String::len).sum(),
        }
    }
}

/// The bytes of names and values, and so many more for each.
fn bytes_of(attributes: &BTreeMap<String, Value>, each: usize) -> usize {
    let bytes = attributes.iter().map(|(name, value)| name.len().saturating_add(value.bytes()));
    bytes.map(|bytes| bytes.saturating_add(each)).sum()
}

/// The stored item is not what was stored.
pub(crate) fn corrupt(key: String, reason: &impl ToString) -> Error {
    Error::Corrupt { key, reason: reason.to_string() }
}
