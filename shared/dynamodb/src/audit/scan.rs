//! The one Scan: everything in the table, page by page.
//!
//! It is an operator's and no function's: only the audit must see what no other item leads to. No
//! policy of a function allows it. `infra/decisions` has the reasons.

use serde::{Deserialize, Serialize};
use subledger::error::Error;

use crate::client::{Capacity, Request};
use crate::failure;
use crate::item::Item;
use crate::keys::StoredKey;
use crate::store::DynamoStore;

/// The most items of a page: some 400 kB of balances, 50 read units or so, which is how much is read
/// before the rate of reading is looked at. A page of large transactions ends after 1 MB.
const PAGE_ITEMS: u32 = 500;

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Scan<'a> {
    table_name: &'a str,
    limit: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    exclusive_start_key: Option<StoredKey>,
    consistent_read: bool,
    return_consumed_capacity: Capacity,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ScanAnswer {
    #[serde(default)]
    items: Vec<Item>,
    last_evaluated_key: Option<StoredKey>,
}

impl Request for Scan<'_> {
    const ACTION: &'static str = "Scan";
    type Answer = ScanAnswer;
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct DescribeTable<'a> {
    table_name: &'a str,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DescribeTableAnswer {
    table: Description,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Description {
    item_count: Option<u64>,
}

impl Request for DescribeTable<'_> {
    const ACTION: &'static str = "DescribeTable";
    type Answer = DescribeTableAnswer;
}

impl DynamoStore {
    /// Some items, and where to go on; nothing there at the end of the table.
    pub(super) async fn scan_page(
        &self,
        start: Option<StoredKey>,
    ) -> Result<(Vec<Item>, Option<StoredKey>), Error> {
        let request = Scan {
            table_name: &self.table,
            limit: PAGE_ITEMS,
            exclusive_start_key: start,
            consistent_read: true,
            return_consumed_capacity: Capacity::None,
        };
        let answer = self.client.send(&request).await.map_err(failure::of_request)?;
        Ok((answer.items, answer.last_evaluated_key))
    }

    /// How many items DynamoDB believes the table to have. It counts them every six hours; nothing
    /// where it may not be asked or has not counted yet.
    pub(super) async fn believed_items(&self) -> Option<u64> {
        let request = DescribeTable { table_name: &self.table };
        let answer = self.client.send(&request).await.ok()?;
        answer.table.item_count.filter(|count| *count > 0)
    }
}
