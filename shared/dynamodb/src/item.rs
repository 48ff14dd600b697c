//! Rows in and out of items: what every item has in common.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_dynamo::{AttributeValue, Item};
use subledger::error::Error;

use crate::keys::{Attributes, Key, place};
use crate::metadata_attribute::METADATA;

/// The item that holds the row at the key.
pub(crate) fn write(key: &Key<'_>, row: &impl Serialize) -> Result<Attributes, Error> {
    let item: Item =
        serde_dynamo::to_item(row).map_err(|error| corrupt(key.to_string(), &error))?;
    let mut item = item.into_inner();
    item.extend(key.attributes());
    Ok(item)
}

/// The row that the item holds.
pub(crate) fn read<R: DeserializeOwned + Serialize>(item: &Attributes) -> Result<R, Error> {
    if has_null(item) {
        return Err(corrupt(place(item), &"an attribute is null"));
    }
    let row = serde_dynamo::from_item(Item::from(item.clone()))
        .map_err(|error| corrupt(place(item), &error))?;
    // To serde a list of the members is as good as a map of them; it is not what is written.
    if item.values().any(has_list) && !is_written_so(&row, item) {
        return Err(corrupt(place(item), &"a list stands where none is written"));
    }
    Ok(row)
}

/// Whether the value is a list, or has one in it.
fn has_list(value: &AttributeValue) -> bool {
    match value {
        AttributeValue::L(_) => true,
        AttributeValue::M(members) => members.values().any(has_list),
        AttributeValue::Null(_)
        | AttributeValue::S(_)
        | AttributeValue::N(_)
        | AttributeValue::Bool(_)
        | AttributeValue::B(_)
        | AttributeValue::Ss(_)
        | AttributeValue::Ns(_)
        | AttributeValue::Bs(_) => false,
    }
}

/// Whether the row would be written as it stands in the item.
fn is_written_so(row: &impl Serialize, item: &Attributes) -> bool {
    let written: Result<Item, _> = serde_dynamo::to_item(row);
    written.is_ok_and(|written| written.iter().all(|(name, value)| item.get(name) == Some(value)))
}

/// Whether there is a null where nothing here writes one: to serde it is as good as absent, and
/// absent is a default. Only in metadata it is a value, which a client gave.
fn has_null(attributes: &Attributes) -> bool {
    attributes.iter().any(|(name, value)| {
        let is_metadata = name == METADATA && matches!(value, AttributeValue::L(_));
        !is_metadata && is_null(value)
    })
}

/// Whether the value is null, or something in it is.
fn is_null(value: &AttributeValue) -> bool {
    match value {
        AttributeValue::Null(_) => true,
        AttributeValue::M(members) => has_null(members),
        AttributeValue::L(members) => members.iter().any(is_null),
        AttributeValue::S(_)
        | AttributeValue::N(_)
        | AttributeValue::Bool(_)
        | AttributeValue::B(_)
        | AttributeValue::Ss(_)
        | AttributeValue::Ns(_)
        | AttributeValue::Bs(_) => false,
    }
}

/// Refuses an item that stands where its own content says that it does not belong.
pub(crate) fn expect_at(item: &Attributes, keys: &[Key<'_>]) -> Result<(), Error> {
    if keys.iter().any(|key| key.is_of(item)) {
        return Ok(());
    }
    Err(corrupt(place(item), &"it belongs to another key"))
}

/// The stored item is not what was stored.
pub(crate) fn corrupt(key: String, reason: &impl ToString) -> Error {
    Error::Corrupt { key, reason: reason.to_string() }
}
