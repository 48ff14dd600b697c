//! Scanning the table, and lists of any length, page by page.
//!
//! Only an operator may scan. No function needs to find items that no other item leads to, and
//! no policy of a function allows it (decision 14).

use aws_sdk_dynamodb::operation::query::QueryOutput;
use aws_sdk_dynamodb::operation::scan::ScanOutput;
use subledger::error::Error;

use subledger_dynamodb::requests::failure::{self, Failure};
use subledger_dynamodb::requests::table::Table;
use subledger_dynamodb::schema::item::{Attributes, Item};
use subledger_dynamodb::schema::key_range::KeyRange;

/// The most items of a page: some 400 kB of balances, 50 read units or so, which is how much is
/// read before the rate limiter counts it. A page of large transactions ends after 1 MB.
const PAGE_ITEMS: i32 = 500;

/// A page of items, and where the next page starts: `None` at the end of the table.
pub(crate) async fn scan_page(
    table: &Table,
    start: Option<Attributes>,
) -> Result<(Vec<Item>, Option<Attributes>), Error> {
    #[expect(clippy::disallowed_methods, reason = "this is the audit")]
    let request = table
        .client
        .sdk()
        .scan()
        .table_name(&*table.name)
        .limit(PAGE_ITEMS)
        .set_exclusive_start_key(start)
        .consistent_read(true);
    let attempt = || async { request.clone().send().await.map_err(Failure::of) };
    let answer = table.client.send(attempt).await.map_err(failure::of_request)?;
    let ScanOutput { items, last_evaluated_key, .. } = answer;
    Ok((items.unwrap_or_default().into_iter().map(Item).collect(), last_evaluated_key))
}

/// A page of the items of a key range, and where the next page starts: `None` at the end.
pub(crate) async fn query_page(
    table: &Table,
    key_range: &KeyRange,
    start: Option<Attributes>,
) -> Result<(Vec<Item>, Option<Attributes>), Error> {
    #[expect(clippy::disallowed_methods, reason = "it is strongly consistent")]
    let request = table
        .client
        .sdk()
        .query()
        .table_name(&*table.name)
        .key_condition_expression(key_range.condition())
        .set_expression_attribute_values(Some(key_range.values()))
        .limit(PAGE_ITEMS)
        .set_exclusive_start_key(start)
        .consistent_read(true);
    let attempt = || async { request.clone().send().await.map_err(Failure::of) };
    let answer = table.client.send(attempt).await.map_err(failure::of_request)?;
    let QueryOutput { items, last_evaluated_key, .. } = answer;
    Ok((items.unwrap_or_default().into_iter().map(Item).collect(), last_evaluated_key))
}

/// How many items the table has by DynamoDB's own count, which it makes every six hours. `None` if the
/// request is not allowed or DynamoDB has not counted yet.
pub(crate) async fn counted_items(table: &Table) -> Option<u64> {
    let request = table.client.sdk().describe_table().table_name(&*table.name);
    let attempt = || async { request.clone().send().await.map_err(Failure::of) };
    let answer = table.client.send(attempt).await.ok()?;
    let count = answer.table?.item_count?;
    u64::try_from(count).ok().filter(|count| *count > 0)
}
