//! Queries of one partition.

use aws_sdk_dynamodb::operation::query::QueryOutput;
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::Select;
use subledger::error::Error;
use subledger::page::SortOrder;

use crate::requests::failure::{self, Failure};
use crate::requests::table::Table;
use crate::schema::item::{Attributes, Item};
use crate::schema::key_range::KeyRange;

/// The most answers of one query. An answer has up to 1 MB, some two thousand items. A function
/// that read more would run out of memory.
const ANSWERS_MAX: usize = 32;

/// The most answers of one query that counts. Each covers 1 MB, some seven thousand listing items,
/// without sending them. So nearly a million are counted in the time that a request has.
const COUNT_ANSWERS_MAX: usize = 128;

/// The most answers of one query for a few attributes. Each covers 1 MB, so a list may have 128 MB;
/// with 10 ms for each answer that takes one to two seconds.
const PROJECTED_ANSWERS_MAX: usize = 128;

/// How many items a query returns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// At most so many; at least one.
    Items(usize),
    /// All, up to 32 megabytes.
    None,
}

impl Table {
    /// The items of the key range in this order, strongly consistent, across as many answers as it
    /// takes.
    pub async fn query_consistent(
        &self,
        key_range: &KeyRange,
        order: SortOrder,
        limit: Limit,
    ) -> Result<Vec<Item>, Error> {
        let mut items: Vec<Item> = Vec::new();
        let mut start = None;
        for _ in 0..ANSWERS_MAX {
            let missing = match limit {
                Limit::Items(wanted) => Some(wanted.saturating_sub(items.len())),
                Limit::None => None,
            };
            let answer = self.ask(self.question(key_range, order, missing, start)).await?;
            items.extend(answer.items.unwrap_or_default().into_iter().map(Item));
            start = answer.last_evaluated_key;
            let enough = matches!(limit, Limit::Items(wanted) if items.len() >= wanted);
            if enough || start.is_none() {
                return Ok(items);
            }
        }
        Err(failure::limit("a query has more answers than a request may read"))
    }

    /// All items of the key range, ascending and strongly consistent, if one answer of 1 MB has them.
    pub async fn query_if_small(&self, key_range: &KeyRange) -> Result<Option<Vec<Item>>, Error> {
        let answer = self.ask(self.question(key_range, SortOrder::Ascending, None, None)).await?;
        if answer.last_evaluated_key.is_some() {
            return Ok(None);
        }
        Ok(Some(answer.items.unwrap_or_default().into_iter().map(Item).collect()))
    }

    /// These attributes of all items of the key range, ascending and strongly consistent. DynamoDB
    /// reads, and charges for, whole items, but sends only the attributes.
    pub async fn query_projected(
        &self,
        key_range: &KeyRange,
        attributes: &str,
    ) -> Result<Vec<Item>, Error> {
        let mut items: Vec<Item> = Vec::new();
        let mut start = None;
        for _ in 0..PROJECTED_ANSWERS_MAX {
            let question = self.question(key_range, SortOrder::Ascending, None, start);
            let answer = self.ask(question.projection_expression(attributes)).await?;
            items.extend(answer.items.unwrap_or_default().into_iter().map(Item));
            start = answer.last_evaluated_key;
            if start.is_none() {
                return Ok(items);
            }
        }
        Err(failure::limit("a list has more answers than a request may read"))
    }

    /// How many items the key range has, strongly consistent.
    pub async fn count_consistent(&self, key_range: &KeyRange) -> Result<u64, Error> {
        let mut count: u64 = 0;
        let mut start = None;
        for _ in 0..COUNT_ANSWERS_MAX {
            let question = self.question(key_range, SortOrder::Ascending, None, start);
            let answer = self.ask(question.select(Select::Count)).await?;
            #[expect(clippy::expect_used, reason = "DynamoDB counts from zero")]
            let found = u64::try_from(answer.count).expect("a count is not negative");
            count = count.saturating_add(found);
            start = answer.last_evaluated_key;
            if start.is_none() {
                return Ok(count);
            }
        }
        Err(failure::limit("there are more items than a request may count"))
    }

    fn question(
        &self,
        key_range: &KeyRange,
        order: SortOrder,
        items_max: Option<usize>,
        start: Option<Attributes>,
    ) -> QueryFluentBuilder {
        // DynamoDB's limit has 31 bits; no answer has more items.
        let limit = items_max.map(|items| i32::try_from(items).unwrap_or(i32::MAX));
        #[expect(clippy::disallowed_methods, reason = "it is strongly consistent")]
        let question = self
            .client
            .sdk()
            .query()
            .table_name(&*self.name)
            .key_condition_expression(key_range.condition())
            .set_expression_attribute_values(Some(key_range.values()))
            .scan_index_forward(order == SortOrder::Ascending)
            .set_limit(limit)
            .set_exclusive_start_key(start)
            .consistent_read(true)
            .return_consumed_capacity(self.capacity_wanted());
        question
    }

    async fn ask(&self, question: QueryFluentBuilder) -> Result<QueryOutput, Error> {
        let attempt = || async { question.clone().send().await.map_err(Failure::of) };
        let answer = self.client.send(attempt).await.map_err(failure::of_request)?;
        self.count_read(&answer.consumed_capacity);
        Ok(answer)
    }
}
