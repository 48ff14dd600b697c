//! Listing transactions and operations: the port [`ListTransactions`].
//!
//! The list of a ledger is its listing of transactions. The list of an account's operations has no
//! listing: the versions of the account's balances name the transactions that made them, and the
//! transactions have the operations.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures_util::future::try_join_all;
use futures_util::{StreamExt, TryStreamExt, stream};
use subledger::balance::Balance;
use subledger::balance::history::BalanceLife;
use subledger::error::Error;
use subledger::money::ids::{AccountId, BalanceId, Scope, TransactionId};
use subledger::money::timestamp::Timestamp;
use subledger::page::{Page, PageQuery, PageRequest, SortOrder, TimeRange};
use subledger::ports::{AccountOperation, ListTransactions};
use subledger::transaction::Transaction;
use subledger::transaction::read::{operation_position, transaction_position};

use crate::requests::failure;
use crate::requests::query::Limit;
use crate::schema::items;
use crate::schema::items::listing::ListingItem;
use crate::schema::items::listing::TransactionListingItem;
use crate::schema::key_range::{KeyRange, PositionRange};
use crate::schema::keys::Key;
use crate::store::DynamoStore;
use crate::store::balance_history::balance_life;

/// How many balances of an account are looked through at the same time.
const PARALLEL_QUERIES: usize = 16;
/// How often more versions of a balance may be read because a client, and no transaction, made
/// them.
const ROUNDS_MAX: usize = 100;

/// What a transaction wrote at a moment: one step of it.
type StepKey = (Timestamp, TransactionId);

impl DynamoStore {
    /// The transactions with these ids, which stored items name.
    async fn transactions_named(
        &self,
        ids: &BTreeSet<TransactionId>,
    ) -> Result<BTreeMap<TransactionId, Transaction>, Error> {
        let mut items =
            self.table.get_all_consistent(ids.iter().copied().map(Key::Transaction)).await?;
        ids.iter()
            .map(|id| Ok((*id, items::transaction::read(items.expect(&Key::Transaction(*id))?)?)))
            .collect()
    }

    /// The first steps that changed the balance in the time, in this direction.
    async fn steps_on(
        &self,
        balance: BalanceId,
        mut time: TimeRange,
        order: SortOrder,
        wanted: usize,
    ) -> Result<Vec<StepKey>, Error> {
        let mut steps = Vec::new();
        for _ in 0..ROUNDS_MAX {
            let Some(key_range) = KeyRange::versions_between(balance, time.from, time.to) else {
                return Ok(steps);
            };
            let items =
                self.table.query_consistent(&key_range, order, Limit::Items(wanted)).await?;
            let versions: Vec<Balance> =
                items.into_iter().map(items::balance::read).collect::<Result<_, _>>()?;
            let caused =
                versions.iter().filter_map(|it| it.caused_by.map(|by| (it.recorded_at, by)));
            steps.extend(caused);
            let last = versions.last().map(|version| version.recorded_at);
            let rest = last.filter(|_| versions.len() >= wanted && steps.len() < wanted);
            match rest.and_then(|last| behind(time, last, order)) {
                Some(rest) => time = rest,
                None => return Ok(steps),
            }
        }
        Err(failure::limit("too many versions that no transaction made stand side by side"))
    }
}

/// The part of the time strictly behind the moment, in this direction.
fn behind(time: TimeRange, moment: Timestamp, order: SortOrder) -> Option<TimeRange> {
    let micros = moment.micros();
    match order {
        SortOrder::Ascending => {
            let from = Timestamp::from_micros(micros.checked_add(1)?)?;
            Some(TimeRange { from, ..time })
        }
        SortOrder::Descending => {
            let to = Timestamp::from_micros(micros.checked_sub(1)?)?;
            Some(TimeRange { to, ..time })
        }
    }
}

/// The range of time of a query. It may begin among the operations of one moment.
fn time_of(query: &PageQuery) -> TimeRange {
    let TimeRange { from, to } = query.range;
    match (query.after, query.order) {
        (None, _) => query.range,
        (Some(after), SortOrder::Ascending) => TimeRange { from: from.max(after.at), to },
        (Some(after), SortOrder::Descending) => TimeRange { from, to: to.min(after.at) },
    }
}

/// The first steps that a query needs: all those of the moment at which it begins, because it may
/// begin among them; after them as many as it returns, because every step has an operation; and all
/// those of the moment at which these end.
fn first_steps(mut steps: Vec<StepKey>, query: &PageQuery) -> BTreeSet<StepKey> {
    steps.sort_unstable();
    steps.dedup();
    match query.order {
        SortOrder::Ascending => {}
        SortOrder::Descending => steps.reverse(),
    }
    let begin = query.after.map(|after| after.at);
    let (mut first, behind): (Vec<_>, Vec<_>) =
        steps.into_iter().partition(|(at, _)| Some(*at) == begin);
    let end = query.items.checked_sub(1).and_then(|last| behind.get(last)).map(|(at, _)| *at);
    let inside = |(place, (at, _)): &(usize, StepKey)| *place < query.items || Some(*at) == end;
    first.extend(behind.into_iter().enumerate().filter(inside).map(|(_, step)| step));
    first.into_iter().collect()
}

impl ListTransactions for DynamoStore {
    async fn transactions(
        &self,
        scope: Scope,
        page: &PageRequest,
    ) -> Result<Page<Transaction>, Error> {
        let query = page.query();
        let Some(mut listing_items) =
            self.read_listing::<TransactionListingItem>(scope, &query).await?
        else {
            return Ok(page.page(Vec::new(), transaction_position));
        };
        let listed = listing_items.next(query.items).await?;
        let ids: BTreeSet<TransactionId> =
            listed.iter().map(TransactionListingItem::transaction).collect();
        let mut named = self.transactions_named(&ids).await?;
        named.retain(|_, transaction| transaction.scope == scope);
        let found = listed
            .iter()
            .filter_map(|listing_item| named.remove(&listing_item.transaction()))
            .collect();
        Ok(page.page(found, transaction_position))
    }

    async fn count_transactions(&self, scope: Scope, range: TimeRange) -> Result<u64, Error> {
        let (Some(shards), Some(range)) =
            (self.shards_of(scope).await?, PositionRange::of_time(range))
        else {
            return Ok(0);
        };
        let spans: Vec<KeyRange> = (0..shards.count())
            .map(|shard| TransactionListingItem::key_range(scope.ledger, shard, range))
            .collect();
        let counts =
            try_join_all(spans.iter().map(|key_range| self.table.count_consistent(key_range)))
                .await?;
        Ok(counts.into_iter().fold(0, u64::saturating_add))
    }

    async fn account_operations(
        &self,
        scope: Scope,
        account: AccountId,
        query: &PageQuery,
    ) -> Result<Vec<AccountOperation>, Error> {
        let time = time_of(query);
        // A balance has one step at a moment: one where the query begins, the others behind it.
        let wanted = query.items.saturating_add(1);
        let lives = self.lives(&KeyRange::balances_ever(account)).await?;
        let lives = lives.iter().filter(|life| life.is_of(scope)).map(balance_life);
        let mut balances: Vec<BalanceLife> = lives.collect::<Result<_, _>>()?;
        balances.retain(|balance| {
            balance.version > 0 && balance.recorded_at >= time.from && balance.created_at <= time.to
        });
        let ids: Vec<BalanceId> = balances.iter().map(|balance| balance.id).collect();
        let queries = ids.into_iter().map(|id| self.steps_on(id, time, query.order, wanted));
        let steps = stream::iter(queries).buffer_unordered(PARALLEL_QUERIES);
        let steps: Vec<Vec<StepKey>> = steps.try_collect().await?;
        let steps = first_steps(steps.into_iter().flatten().collect(), query);
        let ids: BTreeSet<TransactionId> = steps.iter().map(|(_, id)| *id).collect();
        let named = self.transactions_named(&ids).await?;
        let found = named.into_values().map(Arc::new).flat_map(|transaction| {
            let own = transaction.operations.iter().filter(|operation| {
                operation.account == account
                    && operation.balance_affected
                    && steps.contains(&(operation.recorded_at, transaction.id))
            });
            let listed = own.map(|operation| AccountOperation {
                operation: operation.clone(),
                transaction: Arc::clone(&transaction),
            });
            listed.collect::<Vec<_>>()
        });
        Ok(query.answer(found.collect(), operation_position))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{moment, uuid};
    use subledger::page::ListPosition;

    fn step(at: i64, id: u128) -> StepKey {
        (moment(at), TransactionId::new(uuid(id)))
    }

    #[test]
    fn the_first_steps_begin_and_end_with_all_those_of_a_moment() {
        let steps = [step(3, 1), step(1, 1), step(2, 1), step(2, 2), step(2, 1)];
        let all = BTreeSet::from([step(1, 1), step(2, 1), step(2, 2), step(3, 1)]);
        let three = BTreeSet::from([step(1, 1), step(2, 1), step(2, 2)]);
        let last_three = BTreeSet::from([step(2, 1), step(2, 2), step(3, 1)]);
        let check = |order, after: Option<i64>, items, expected: &BTreeSet<StepKey>| {
            let after = after.map(|at| ListPosition { at: moment(at), id: uuid(1) });
            let query = PageQuery { range: TimeRange::ALL, after, order, items };
            let time = time_of(&query);
            let read = steps.iter().filter(|(at, _)| time.contains(*at)).copied().collect();
            assert_eq!(first_steps(read, &query), *expected, "{query:?}");
        };
        check(SortOrder::Ascending, None, 1, &BTreeSet::from([step(1, 1)]));
        check(SortOrder::Ascending, None, 2, &three);
        check(SortOrder::Ascending, None, 3, &three);
        check(SortOrder::Ascending, None, 4, &all);
        check(SortOrder::Ascending, None, 9, &all);
        check(SortOrder::Ascending, Some(1), 1, &three);
        check(SortOrder::Ascending, Some(2), 1, &last_three);
        check(SortOrder::Descending, None, 1, &BTreeSet::from([step(3, 1)]));
        check(SortOrder::Descending, None, 2, &last_three);
        check(SortOrder::Descending, Some(3), 1, &last_three);
        check(SortOrder::Descending, Some(2), 1, &three);
    }
}
