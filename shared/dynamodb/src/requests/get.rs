//! Getting items by their keys.

use std::collections::{HashMap, HashSet};

use aws_sdk_dynamodb::types::KeysAndAttributes;
use futures_util::future::try_join_all;
use subledger::error::Error;

use crate::requests::failure::{self, Failure};
use crate::requests::table::Table;
use crate::schema::item::{Attributes, Item, corrupt};
use crate::schema::keys::{Key, StoredKey};

/// The most keys of one `BatchGetItem`; DynamoDB's own limit.
const BATCH_KEYS_MAX: usize = 100;
/// How often the keys that DynamoDB left over are asked for again. It leaves them over where a
/// batch is larger than 16 MB or a partition is throttled.
const BATCH_ATTEMPTS_MAX: u32 = 8;

/// Items by their keys.
#[derive(Debug, Default)]
pub struct Items(HashMap<StoredKey, Item>);

impl Items {
    /// The item at the key, if it is there and was not taken before.
    pub fn get(&self, key: &Key<'_>) -> Option<&Item> {
        self.0.get(&key.stored())
    }

    /// Takes the item at the key, if it is there and was not taken before.
    pub fn take(&mut self, key: &Key<'_>) -> Option<Item> {
        self.0.remove(&key.stored())
    }

    /// Takes the item that a listing item names. It was written together with the listing item.
    pub fn expect(&mut self, key: &Key<'_>) -> Result<Item, Error> {
        self.take(key)
            .ok_or_else(|| corrupt(key.for_log(), &"a listing item names it, but it is not there"))
    }

    /// The items that were not taken, in any order.
    pub fn into_rest(self) -> impl Iterator<Item = Item> {
        self.0.into_values()
    }
}

impl Table {
    /// Gets one item, strongly consistent.
    pub async fn get_consistent(&self, key: &Key<'_>) -> Result<Option<Item>, Error> {
        #[expect(clippy::disallowed_methods, reason = "it is strongly consistent")]
        let request = self
            .client
            .sdk()
            .get_item()
            .table_name(&*self.name)
            .set_key(Some(key.stored().into_attributes()))
            .consistent_read(true)
            .return_consumed_capacity(self.capacity_wanted());
        let attempt = || async { request.clone().send().await.map_err(Failure::of) };
        let answer = self.client.send(attempt).await.map_err(failure::of_request)?;
        self.count_read(&answer.consumed_capacity);
        Ok(answer.item.map(Item))
    }

    /// Gets the items at these keys that exist, strongly consistent, up to a hundred in a request
    /// with the requests at the same time. A key may occur twice.
    pub async fn get_all_consistent(
        &self,
        keys: impl IntoIterator<Item = Key<'_>>,
    ) -> Result<Items, Error> {
        // DynamoDB refuses a batch that names a key twice.
        let unique: HashSet<StoredKey> = keys.into_iter().map(|key| key.stored()).collect();
        self.get_all_stored(unique).await
    }

    /// The same for keys that were read from the table.
    pub async fn get_all_stored(&self, unique: HashSet<StoredKey>) -> Result<Items, Error> {
        let keys: Vec<StoredKey> = unique.into_iter().collect();
        let batches = keys.chunks(BATCH_KEYS_MAX).map(|batch| self.get_batch(batch.to_vec()));
        let mut items = Items::default();
        for item in try_join_all(batches).await?.into_iter().flatten() {
            let at = item.key().ok_or_else(|| item.corrupt(&"it has no key"))?;
            items.0.insert(at, item);
        }
        Ok(items)
    }

    async fn get_batch(&self, keys: Vec<StoredKey>) -> Result<Vec<Item>, Error> {
        let mut items = Vec::with_capacity(keys.len());
        let mut keys: Vec<Attributes> = keys.into_iter().map(StoredKey::into_attributes).collect();
        for attempts_before in 0..BATCH_ATTEMPTS_MAX {
            self.client.wait_to_retry(attempts_before).await;
            let wanted = KeysAndAttributes::builder().set_keys(Some(keys)).consistent_read(true);
            #[expect(
                clippy::expect_used,
                reason = "a builder fails without keys, and they are set"
            )]
            let wanted = wanted.build().expect("the keys are set");
            #[expect(clippy::disallowed_methods, reason = "it is strongly consistent")]
            let request = self
                .client
                .sdk()
                .batch_get_item()
                .request_items(&*self.name, wanted)
                .return_consumed_capacity(self.capacity_wanted());
            let attempt = || async { request.clone().send().await.map_err(Failure::of) };
            let answer = self.client.send(attempt).await.map_err(failure::of_request)?;
            self.count_read(answer.consumed_capacity());
            let tables = answer.responses.unwrap_or_default().into_values();
            items.extend(tables.flatten().map(Item));
            let left_over = answer.unprocessed_keys.unwrap_or_default().into_values();
            keys = left_over.flat_map(|left_over| left_over.keys).collect();
            if keys.is_empty() {
                return Ok(items);
            }
        }
        Err(Error::Throttled)
    }
}
