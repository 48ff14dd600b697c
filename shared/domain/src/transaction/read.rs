//! Reading transactions and operations.

use std::future::Future;

use crate::error::Error;
use crate::money::ids::{AccountId, OperationId, Scope, TransactionId};
use crate::page::{
    EXAMINED_ITEMS_MAX, Filter, ListPosition, Page, PageLimit, PageRequest, PageStart, SortOrder,
    TimeRange,
};
use crate::ports::{AccountOperation, ListTransactions, PostTransactions};
use crate::transaction::Transaction;

/// How many items a filtered page with a cursor looks at. A page on which fewer match ends there, and
/// the next one goes on.
pub const PAGE_EXAMINED_ITEMS_MAX: usize = 1_000;

/// The position of a transaction in a list: the time of creation that it shows.
#[must_use]
pub fn transaction_position(transaction: &Transaction) -> ListPosition {
    ListPosition { at: transaction.created_at(), id: transaction.id.uuid() }
}

/// The position of an operation in a list: when it was recorded. Its id gives the order within a
/// transaction.
#[must_use]
pub const fn operation_position(listed: &AccountOperation) -> ListPosition {
    ListPosition { at: listed.operation.recorded_at, id: listed.operation.id.uuid() }
}

/// The transaction as it is now.
///
/// # Errors
/// [`Error::TransactionNotFound`], and those of the store.
pub async fn get_transaction(
    store: &impl PostTransactions,
    scope: Scope,
    id: TransactionId,
) -> Result<Transaction, Error> {
    store.transaction(scope, id).await?.ok_or(Error::TransactionNotFound)
}

/// The transaction with the operation, which is one of the account.
///
/// # Errors
/// [`Error::ObjectNotFound`], and those of the store.
pub async fn get_operation(
    store: &impl PostTransactions,
    scope: Scope,
    account: AccountId,
    id: OperationId,
) -> Result<Transaction, Error> {
    let transaction = store.transaction(scope, id.transaction()).await?;
    let is_of_account = |transaction: &Transaction| {
        transaction.operation(id).is_some_and(|operation| operation.account == account)
    };
    transaction.filter(is_of_account).ok_or(Error::ObjectNotFound)
}

/// A page of the transactions of a ledger: those of the dates of the page that were recorded in the
/// time, in order of the time of creation that they show.
///
/// # Errors
/// Those of the store.
pub async fn list_transactions(
    store: &impl ListTransactions,
    scope: Scope,
    page: &PageRequest,
    recorded: TimeRange,
) -> Result<Page<Transaction>, Error> {
    if recorded == TimeRange::ALL {
        return store.transactions(scope, page).await;
    }
    // A transaction is recorded at its date or later.
    let range = TimeRange { to: page.range.to.min(recorded.to), ..page.range };
    let part = async |part: PageRequest| store.transactions(scope, &part).await;
    let wanted = |transaction: &Transaction| recorded.contains(transaction.recorded_at);
    filtered(&PageRequest { range, ..*page }, &wanted, transaction_position, part).await
}

/// How many transactions of the dates the filter lets through.
///
/// # Errors
/// [`Error::TooManyExamined`] if there are more of these dates than [`EXAMINED_ITEMS_MAX`], and those
/// of the store. Without a filter there is no such limit.
pub async fn count_transactions(
    store: &impl ListTransactions,
    scope: Scope,
    range: TimeRange,
    wanted: &Filter<Transaction>,
) -> Result<u64, Error> {
    if wanted.is_empty() {
        return store.count_transactions(scope, range).await;
    }
    let mut request = PageRequest {
        limit: PageLimit::LONGEST,
        order: SortOrder::Ascending,
        range,
        start: PageStart::Start,
    };
    let mut count = 0_u64;
    for _ in 0..EXAMINED_ITEMS_MAX.div_ceil(PageLimit::LONGEST.items()) {
        let page = store.transactions(scope, &request).await?;
        for _ in page.items.iter().filter(|transaction| wanted.matches(transaction)) {
            count = count.saturating_add(1);
        }
        match page.next {
            Some(next) => request.start = PageStart::After(next),
            None => return Ok(count),
        }
    }
    Err(Error::TooManyExamined { examined_max: EXAMINED_ITEMS_MAX })
}

/// A page of the operations on the balances of an account that the filter lets through, in order of
/// recording. The dates of the page are those that the operations show; `recorded` is when they were
/// recorded.
///
/// # Errors
/// [`Error::AccountNotFound`], and those of the store.
pub async fn list_account_operations(
    store: &impl ListTransactions,
    scope: Scope,
    account: AccountId,
    page: &PageRequest,
    recorded: TimeRange,
    wanted: &Filter<AccountOperation>,
) -> Result<Page<AccountOperation>, Error> {
    let part = async |part: PageRequest| {
        let found = store.account_operations(scope, account, &part.query()).await?;
        Ok(part.page(found, operation_position))
    };
    let dates = page.range;
    // An operation is recorded at its date or later.
    let range = TimeRange { from: dates.from.max(recorded.from), to: recorded.to };
    let request = PageRequest { range, ..*page };
    let found = if dates == TimeRange::ALL && wanted.is_empty() {
        part(request).await?
    } else {
        let wanted = |listed: &AccountOperation| {
            dates.contains(listed.transaction.operation_created_at(&listed.operation))
                && wanted.matches(listed)
        };
        filtered(&request, &wanted, operation_position, part).await?
    };
    if found.items.is_empty() && store.account(scope, account).await?.is_none() {
        return Err(Error::AccountNotFound);
    }
    Ok(found)
}

/// A page of the items that the filter lets through. It looks at
/// [`PAGE_EXAMINED_ITEMS_MAX`] items at most, and may therefore be shorter than asked for, also
/// empty, with a page behind it.
async fn filtered<T, F>(
    page: &PageRequest,
    wanted: &(dyn Fn(&T) -> bool + Send + Sync),
    position: impl Fn(&T) -> ListPosition + Copy,
    read: impl Fn(PageRequest) -> F,
) -> Result<Page<T>, Error>
where
    F: Future<Output = Result<Page<T>, Error>>,
{
    let query = page.query();
    let mut part = PageRequest {
        limit: PageLimit::LONGEST,
        order: query.order,
        range: query.range,
        start: query.after.map_or(PageStart::Start, PageStart::After),
    };
    let mut found = Vec::new();
    let mut unread = None;
    for _ in 0..PAGE_EXAMINED_ITEMS_MAX.div_ceil(PageLimit::LONGEST.items()) {
        let read = read(part).await?;
        found.extend(read.items.into_iter().filter(|item| wanted(item)));
        unread = read.next;
        match read.next {
            Some(next) if found.len() < query.items => part.start = PageStart::After(next),
            Some(_) | None => break,
        }
    }
    let is_cut = found.len() < query.items;
    found.truncate(query.items);
    let mut filtered = page.page(found, position);
    if is_cut {
        // What was not looked at begins behind the last item that was.
        match page.start {
            PageStart::Start | PageStart::After(_) => filtered.next = unread,
            PageStart::Before(_) => filtered.previous = unread,
        }
    }
    Ok(filtered)
}

#[cfg(test)]
mod tests {
    use pollster::block_on;
    use uuid::Uuid;

    use super::*;
    use crate::money::timestamp::Timestamp;

    fn position(number: &i64) -> ListPosition {
        ListPosition { at: Timestamp::from_micros(*number).unwrap(), id: Uuid::nil() }
    }

    /// A page of two of those of the numbers 0 to 2,499 that end with three zeros.
    fn thousands(start: PageStart, order: SortOrder) -> Page<i64> {
        let limit = PageLimit::new(2).unwrap();
        let page = PageRequest { limit, order, range: TimeRange::ALL, start };
        let read = async |part: PageRequest| {
            Ok(part.page(part.query().answer((0..2_500).collect(), position), position))
        };
        let wanted = |number: &i64| number % 1_000 == 0;
        block_on(filtered(&page, &wanted, position, read)).unwrap()
    }

    #[track_caller]
    fn check(page: &Page<i64>, items: &[i64], previous: Option<i64>, next: Option<i64>) {
        assert_eq!(page.items, items);
        let ends = [previous, next].map(|number| number.as_ref().map(position));
        assert_eq!([page.previous, page.next], ends);
    }

    #[test]
    fn a_filtered_page_ends_after_a_thousand_items_and_the_next_one_goes_on() {
        use PageStart::{After, Before, Start};
        use SortOrder::{Ascending, Descending};
        let after = |number| After(position(&number));
        let before = |number| Before(position(&number));
        check(&thousands(Start, Ascending), &[0], None, Some(999));
        check(&thousands(after(999), Ascending), &[1_000], Some(1_000), Some(1_999));
        check(&thousands(after(1_999), Ascending), &[2_000], Some(2_000), None);
        check(&thousands(Start, Descending), &[2_000], None, Some(1_500));
        check(&thousands(after(1_500), Descending), &[1_000], Some(1_000), Some(500));
        // Backward it ends early as well, and goes on in front.
        check(&thousands(before(2_000), Ascending), &[1_000], Some(1_000), Some(1_000));
        check(&thousands(before(2_499), Ascending), &[2_000], Some(1_499), Some(2_000));
        // Nothing of these thousand matches.
        check(&thousands(after(1_000), Ascending), &[2_000], Some(2_000), Some(2_000));
    }
}
