//! Getting items by their keys.

use std::collections::HashMap;

use futures_util::future::try_join_all;
use subledger::error::Error;

use crate::client::{BatchGetItem, GetItem, KeysAndAttributes};
use crate::failure;
use crate::item::corrupt;
use crate::keys::{Attributes, Key, PK, SK, place, text};
use crate::store::DynamoStore;

/// The most keys of one `BatchGetItem`; DynamoDB's own limit.
const BATCH_KEYS_MAX: usize = 100;
/// How often the keys that DynamoDB left over are asked for again. It leaves them over where a
/// batch is larger than 16 MB or a partition is throttled.
const BATCH_ATTEMPTS_MAX: u32 = 8;

/// Items by partition key and sort key.
#[derive(Debug, Default)]
pub(crate) struct Items(HashMap<(String, String), Attributes>);

impl Items {
    /// The item at the key.
    pub(crate) fn get(&self, key: &Key<'_>) -> Option<&Attributes> {
        self.0.get(&parts(&key.attributes())?)
    }

    /// The item at the key of an entry, which is written with its item and never without.
    pub(crate) fn expect(&self, key: &Key<'_>) -> Result<&Attributes, Error> {
        self.get(key)
            .ok_or_else(|| corrupt(key.to_string(), &"an entry names it, but it is not there"))
    }
}

impl DynamoStore {
    /// Gets one item, strongly consistent.
    pub(crate) async fn get_consistent(&self, key: &Key<'_>) -> Result<Option<Attributes>, Error> {
        let request = GetItem {
            table_name: &self.table,
            key: key.attributes(),
            consistent_read: true,
            return_consumed_capacity: self.capacity_wanted(),
        };
        let answer = self.client.send(&request).await.map_err(failure::of_request)?;
        self.count_read(&answer.consumed_capacity);
        Ok(answer.item)
    }

    /// Gets the items at these keys that exist, strongly consistent, up to a hundred in a request
    /// and the requests at the same time. A key may be named twice.
    pub(crate) async fn get_all_consistent(
        &self,
        keys: impl IntoIterator<Item = Key<'_>>,
    ) -> Result<Items, Error> {
        // DynamoDB refuses a batch that names a key twice.
        let unique: HashMap<(String, String), Attributes> = keys
            .into_iter()
            .map(|key| key.attributes())
            .filter_map(|attributes| Some((parts(&attributes)?, attributes)))
            .collect();
        let keys: Vec<Attributes> = unique.into_values().collect();
        let batches = keys.chunks(BATCH_KEYS_MAX).map(|batch| self.get_batch(batch.to_vec()));
        let mut items = Items::default();
        for item in try_join_all(batches).await?.into_iter().flatten() {
            let at = parts(&item).ok_or_else(|| corrupt(place(&item), &"it has no key"))?;
            items.0.insert(at, item);
        }
        Ok(items)
    }

    async fn get_batch(&self, mut keys: Vec<Attributes>) -> Result<Vec<Attributes>, Error> {
        let mut items = Vec::with_capacity(keys.len());
        for attempts_before in 0..BATCH_ATTEMPTS_MAX {
            self.client.pause(attempts_before).await;
            let wanted = KeysAndAttributes { keys, consistent_read: true };
            let request = BatchGetItem {
                request_items: HashMap::from([(&*self.table, wanted)]),
                return_consumed_capacity: self.capacity_wanted(),
            };
            let answer = self.client.send(&request).await.map_err(failure::of_request)?;
            self.count_read(&answer.consumed_capacity);
            items.extend(answer.responses.into_values().flatten());
            let left_over = answer.unprocessed_keys.into_values();
            keys = left_over.flat_map(|left_over| left_over.keys).collect();
            if keys.is_empty() {
                return Ok(items);
            }
        }
        Err(Error::Throttled)
    }
}

fn parts(item: &Attributes) -> Option<(String, String)> {
    Some((text(item, PK)?.clone(), text(item, SK)?.clone()))
}
