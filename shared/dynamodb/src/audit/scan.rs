//! The one Scan: everything in the table, page by page.
//!
//! It is an operator's and no function's: only the audit must see what no other item leads to. No
//! policy of a function allows it. `infra/decisions` has the reasons.

use aws_sdk_dynamodb::operation::scan::ScanOutput;
use subledger::error::Error;

use crate::requests::failure::{self, Failure};
use crate::schema::item::{Attributes, Item};
use crate::store::DynamoStore;

/// The most items of a page: some 400 kB of balances, 50 read units or so, which is how much is read
/// before the rate of reading is looked at. A page of large transactions ends after 1 MB.
const PAGE_ITEMS: i32 = 500;

impl DynamoStore {
    /// Some items, and where to go on; `None` there at the end of the table.
    pub(super) async fn scan_page(
        &self,
        start: Option<Attributes>,
    ) -> Result<(Vec<Item>, Option<Attributes>), Error> {
        #[expect(clippy::disallowed_methods, reason = "this is the audit")]
        let request = self
            .table.client
            .sdk()
            .scan()
            .table_name(&*self.table.name)
            .limit(PAGE_ITEMS)
            .set_exclusive_start_key(start)
            .consistent_read(true);
        let attempt = || async { request.clone().send().await.map_err(Failure::of) };
        let answer = self.table.client.send(attempt).await.map_err(failure::of_request)?;
        let ScanOutput { items, last_evaluated_key, .. } = answer;
        Ok((items.unwrap_or_default().into_iter().map(Item).collect(), last_evaluated_key))
    }

    /// How many items DynamoDB believes the table to have. It counts them every six hours; `None`
    /// where it may not be asked or has not counted yet.
    pub(super) async fn believed_items(&self) -> Option<u64> {
        let request = self.table.client.sdk().describe_table().table_name(&*self.table.name);
        let attempt = || async { request.clone().send().await.map_err(Failure::of) };
        let answer = self.table.client.send(attempt).await.ok()?;
        let count = answer.table?.item_count?;
        u64::try_from(count).ok().filter(|count| *count > 0)
    }
}
