//! The operations of DynamoDB that this store is made of, as they are spelled on the wire.
//!
//! A write that is not a transaction cannot be said: there is no type for one.

use std::collections::HashMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::item::Item;
use crate::keys::{StoredKey, Values};

/// An operation.
pub(crate) trait Request: Serialize {
    /// Its name.
    const ACTION: &'static str;
    /// What it is answered with.
    type Answer: DeserializeOwned;
}

/// How much an answer says about what it cost.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) enum Capacity {
    /// Nothing.
    #[serde(rename = "NONE")]
    None,
    /// The sum.
    #[serde(rename = "TOTAL")]
    Total,
}

/// What a request has cost.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Consumed {
    /// Units, as the text of the number.
    capacity_units: Option<Box<RawValue>>,
}

impl Consumed {
    /// Thousandths of a unit; units come in halves.
    pub(crate) fn milli_units(&self) -> u64 {
        let units = self.capacity_units.as_deref().map_or("", RawValue::get);
        let (whole, rest) = units.split_once('.').unwrap_or((units, ""));
        let rest = rest.get(..3).unwrap_or(rest);
        format!("{whole}{rest:0<3}").parse().unwrap_or(0)
    }
}

/// Reads one item.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetItem<'a> {
    pub(crate) table_name: &'a str,
    pub(crate) key: StoredKey,
    pub(crate) consistent_read: bool,
    pub(crate) return_consumed_capacity: Capacity,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetItemAnswer {
    pub(crate) item: Option<Item>,
    pub(crate) consumed_capacity: Option<Consumed>,
}

impl Request for GetItem<'_> {
    const ACTION: &'static str = "GetItem";
    type Answer = GetItemAnswer;
}

/// Reads neighbouring items, or counts them.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Query<'a> {
    pub(crate) table_name: &'a str,
    pub(crate) key_condition_expression: String,
    pub(crate) expression_attribute_values: Values<'a>,
    pub(crate) scan_index_forward: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) limit: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) exclusive_start_key: Option<StoredKey>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) select: Option<&'static str>,
    pub(crate) consistent_read: bool,
    pub(crate) return_consumed_capacity: Capacity,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct QueryAnswer {
    #[serde(default)]
    pub(crate) items: Vec<Item>,
    pub(crate) count: u64,
    pub(crate) last_evaluated_key: Option<StoredKey>,
    pub(crate) consumed_capacity: Option<Consumed>,
}

impl Request for Query<'_> {
    const ACTION: &'static str = "Query";
    type Answer = QueryAnswer;
}

/// Reads items by their keys.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct BatchGetItem<'a> {
    /// By table.
    pub(crate) request_items: HashMap<&'a str, KeysAndAttributes>,
    pub(crate) return_consumed_capacity: Capacity,
}

/// The keys of a batch in one table.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct KeysAndAttributes {
    pub(crate) keys: Vec<StoredKey>,
    pub(crate) consistent_read: bool,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct BatchGetItemAnswer {
    /// By table.
    #[serde(default)]
    pub(crate) responses: HashMap<String, Vec<Item>>,
    /// What was left over, by table.
    #[serde(default)]
    pub(crate) unprocessed_keys: HashMap<String, LeftOver>,
    #[serde(default)]
    pub(crate) consumed_capacity: Vec<Consumed>,
}

/// The keys that a batch left over in one table.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct LeftOver {
    pub(crate) keys: Vec<StoredKey>,
}

impl Request for BatchGetItem<'_> {
    const ACTION: &'static str = "BatchGetItem";
    type Answer = BatchGetItemAnswer;
}

/// Writes items, all or none.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct TransactWriteItems<'a> {
    pub(crate) transact_items: Vec<TransactItem<'a>>,
    /// By which DynamoDB knows the transaction again, for ten minutes.
    pub(crate) client_request_token: String,
    pub(crate) return_consumed_capacity: Capacity,
}

/// A part of a transaction.
#[derive(Debug, Serialize)]
pub(crate) enum TransactItem<'a> {
    /// Puts the item.
    Put(Guarded<'a>),
    /// Deletes the item at the key.
    Delete(Guarded<'a>),
    /// Sees that the item at the key is as it should be.
    ConditionCheck(Guarded<'a>),
}

/// What a part of a transaction is about, and what has to be there for it to happen.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Guarded<'a> {
    pub(crate) table_name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) item: Option<&'a Item>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) key: Option<&'a StoredKey>,
    pub(crate) condition_expression: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) expression_attribute_values: Option<Values<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) return_values_on_condition_check_failure: Option<&'static str>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct TransactWriteItemsAnswer {
    #[serde(default)]
    pub(crate) consumed_capacity: Vec<Consumed>,
}

impl Request for TransactWriteItems<'_> {
    const ACTION: &'static str = "TransactWriteItems";
    type Answer = TransactWriteItemsAnswer;
}

/// Why a part of a transaction did not happen; its code is `None` where it is not to blame.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CancellationReason {
    pub(crate) code: Option<String>,
    /// What was there, if a condition failed.
    pub(crate) item: Option<Item>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_read_in_thousandths_whatever_their_decimals() {
        for (units, thousandths) in
            [("8", 8_000), ("8.0", 8_000), ("0.5", 500), ("12.25", 12_250), ("128.0000", 128_000)]
        {
            let consumed: Consumed =
                serde_json::from_str(&format!("{{\"CapacityUnits\":{units}}}")).unwrap();
            assert_eq!(consumed.milli_units(), thousandths, "{units}");
        }
        let consumed: Consumed = serde_json::from_str("{}").unwrap();
        assert_eq!(consumed.milli_units(), 0);
    }
}
