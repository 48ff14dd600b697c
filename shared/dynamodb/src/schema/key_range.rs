//! Ranges of keys: what a Query reads.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use subledger::account::group::GroupKind;
use subledger::count::Owner;
use subledger::money::ids::{AccountId, BalanceId, LedgerId, OrganizationId};
use subledger::money::timestamp::Timestamp;
use subledger::page::{ListPosition, PageQuery, SortOrder, TimeRange};
use uuid::Uuid;

use crate::schema::item::Attributes;
use crate::schema::keys::{
    ASSETS, BALANCES, BALANCES_EVER, COUNTER_SHARDS, LEDGERS, ORGANIZATIONS, PK, SK, VERSIONS,
    accounts_of, at, balances_of, counts_of, groups, in_account, in_balance, in_ledger,
    in_organization, list_key, transactions_of,
};

/// A range of keys in one partition: what a Query reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRange {
    pk: String,
    sort: SortKeyRange,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum SortKeyRange {
    /// Sort keys that begin so.
    Prefix(&'static str),
    /// Sort keys from the first to the second, both included.
    Between(String, String),
}

impl KeyRange {
    /// The listing items of the organizations created in the time; `None` if it ends before it begins.
    pub fn organizations(range: TimeRange) -> Option<Self> {
        Some(Self::listing(ORGANIZATIONS.to_owned(), PositionRange::of_time(range)?))
    }

    /// The ledgers of an organization.
    pub fn ledgers(organization: OrganizationId) -> Self {
        Self { pk: in_organization(organization), sort: SortKeyRange::Prefix(LEDGERS) }
    }

    /// The assets of a ledger.
    pub fn assets(ledger: LedgerId) -> Self {
        Self { pk: in_ledger(ledger), sort: SortKeyRange::Prefix(ASSETS) }
    }

    /// The portfolios, the segments or the account types of a ledger.
    pub fn groups(ledger: LedgerId, kind: GroupKind) -> Self {
        Self { pk: in_ledger(ledger), sort: SortKeyRange::Prefix(groups(kind)) }
    }

    /// The shards of the counter of an owner.
    pub fn counter(owner: &Owner) -> Self {
        Self { pk: counts_of(owner), sort: SortKeyRange::Prefix(COUNTER_SHARDS) }
    }

    /// The listing items of the accounts created in the time; `None` if it ends before it begins.
    pub fn accounts(ledger: LedgerId, range: TimeRange) -> Option<Self> {
        Some(Self::listing(accounts_of(ledger), PositionRange::of_time(range)?))
    }

    /// The balances of an account.
    pub fn balances(account: AccountId) -> Self {
        Self { pk: in_account(account), sort: SortKeyRange::Prefix(BALANCES) }
    }

    /// The balances of an account and those that were deleted.
    pub fn balances_ever(account: AccountId) -> Self {
        Self { pk: in_account(account), sort: SortKeyRange::Prefix(BALANCES_EVER) }
    }

    /// The listing items of balances in a shard of a ledger's listing.
    pub fn balance_listing(ledger: LedgerId, shard: u8, range: PositionRange) -> Self {
        Self::listing(balances_of(ledger, shard), range)
    }

    /// The listing items of transactions in a shard of a ledger's listing.
    pub fn transaction_listing(ledger: LedgerId, shard: u8, range: PositionRange) -> Self {
        Self::listing(transactions_of(ledger, shard), range)
    }

    /// All versions of a balance.
    pub fn versions(balance: BalanceId) -> Self {
        Self { pk: in_balance(balance), sort: SortKeyRange::Prefix(VERSIONS) }
    }

    /// Version 0 of a balance, and the others up to the moment.
    pub fn versions_until(balance: BalanceId, moment: Timestamp) -> Self {
        let sort = SortKeyRange::Between(at(Timestamp::MIN), at(moment));
        Self { pk: in_balance(balance), sort }
    }

    /// The versions after version 0 that match the query; `None` if none can.
    pub fn later_versions(balance: BalanceId, query: &PageQuery) -> Option<Self> {
        let PositionRange { first, last } = PositionRange::of_query(query)?;
        // The position of a version is its time and its balance, and all have the same balance.
        let first = if first.id <= balance.uuid() { first.at } else { later(first.at)? };
        let last = if balance.uuid() <= last.id { last.at } else { earlier(last.at)? };
        Self::versions_between(balance, first, last)
    }

    /// The versions after version 0 that were recorded between two moments, both included; `None`
    /// if the second comes first.
    pub fn versions_between(balance: BalanceId, first: Timestamp, last: Timestamp) -> Option<Self> {
        // Version 0 stands at the first moment; no other version can.
        let first = first.max(Timestamp::MIN.successor());
        let sort = SortKeyRange::Between(at(first), at(last));
        (first <= last).then(|| Self { pk: in_balance(balance), sort })
    }

    fn listing(pk: String, range: PositionRange) -> Self {
        let PositionRange { first, last } = range;
        let sort = SortKeyRange::Between(list_key(first.at, first.id), list_key(last.at, last.id));
        Self { pk, sort }
    }

    /// The key condition expression.
    pub fn condition(&self) -> String {
        match self.sort {
            SortKeyRange::Prefix(_) => format!("{PK} = :pk AND begins_with({SK}, :prefix)"),
            SortKeyRange::Between(..) => format!("{PK} = :pk AND {SK} BETWEEN :first AND :last"),
        }
    }

    /// The values that the expression names.
    pub fn values(&self) -> Attributes {
        let text = |name: &str, text: &str| (name.to_owned(), AttributeValue::S(text.to_owned()));
        let pk = text(":pk", &self.pk);
        match &self.sort {
            SortKeyRange::Prefix(prefix) => HashMap::from([pk, text(":prefix", prefix)]),
            SortKeyRange::Between(first, last) => {
                HashMap::from([pk, text(":first", first), text(":last", last)])
            }
        }
    }
}

/// The positions from the first to the last, both included. Never empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PositionRange {
    first: ListPosition,
    last: ListPosition,
}

impl PositionRange {
    /// Every position of the time; `None` if it ends before it begins.
    pub fn of_time(range: TimeRange) -> Option<Self> {
        let first = ListPosition { at: range.from, id: Uuid::nil() };
        let last = ListPosition { at: range.to, id: Uuid::max() };
        (first <= last).then_some(Self { first, last })
    }

    /// Every position that matches the query; `None` if none can.
    pub fn of_query(query: &PageQuery) -> Option<Self> {
        let range = Self::of_time(query.range)?;
        match query.after {
            None => Some(range),
            Some(after) => range.after(after, query.order),
        }
    }

    /// The part strictly after a position, in this order.
    pub fn after(self, position: ListPosition, order: SortOrder) -> Option<Self> {
        let Self { first, last } = self;
        let rest = match order {
            SortOrder::Ascending => Self { first: first.max(position_after(position)?), last },
            SortOrder::Descending => Self { first, last: last.min(position_before(position)?) },
        };
        (rest.first <= rest.last).then_some(rest)
    }
}

fn position_after(position: ListPosition) -> Option<ListPosition> {
    match position.id.as_u128().checked_add(1) {
        Some(id) => Some(ListPosition { id: Uuid::from_u128(id), ..position }),
        None => Some(ListPosition { at: later(position.at)?, id: Uuid::nil() }),
    }
}

fn position_before(position: ListPosition) -> Option<ListPosition> {
    match position.id.as_u128().checked_sub(1) {
        Some(id) => Some(ListPosition { id: Uuid::from_u128(id), ..position }),
        None => Some(ListPosition { at: earlier(position.at)?, id: Uuid::max() }),
    }
}

fn later(moment: Timestamp) -> Option<Timestamp> {
    Timestamp::from_micros(moment.micros().checked_add(1)?)
}

fn earlier(moment: Timestamp) -> Option<Timestamp> {
    Timestamp::from_micros(moment.micros().checked_sub(1)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{moment, s, uuid};
    use crate::schema::keys::Key;

    fn position(micros: i64, id: u128) -> ListPosition {
        ListPosition { at: moment(micros), id: Uuid::from_u128(id) }
    }

    fn query(order: SortOrder, range: (i64, i64), after: Option<ListPosition>) -> PageQuery {
        let range = TimeRange { from: moment(range.0), to: moment(range.1) };
        PageQuery { order, range, after, items: 10 }
    }

    #[test]
    fn a_query_reads_exactly_the_positions_that_match() {
        use SortOrder::{Ascending, Descending};
        let ids = [0, 1, 2, u128::MAX - 1, u128::MAX];
        let all: Vec<ListPosition> =
            (0..6).flat_map(|at| ids.into_iter().map(move |id| position(at, id))).collect();
        for order in [Ascending, Descending] {
            for range in [(0, 5), (2, 4), (3, 3), (4, 2)] {
                for after in all.iter().copied().map(Some).chain([None]) {
                    let query = query(order, range, after);
                    let read = PositionRange::of_query(&query);
                    for position in &all {
                        let inside = read
                            .is_some_and(|read| read.first <= *position && *position <= read.last);
                        assert_eq!(inside, query.matches(*position), "{query:?} {position:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_query_of_versions_reads_exactly_those_that_match() {
        use SortOrder::{Ascending, Descending};
        let balance = BalanceId::new(position(0, 5).id);
        for order in [Ascending, Descending] {
            for range in [(0, 5), (2, 4), (3, 3), (4, 2)] {
                for id in [4, 5, 6] {
                    for after in (0..6).map(|at| Some(position(at, id))).chain([None]) {
                        let query = query(order, range, after);
                        let key_range = KeyRange::later_versions(balance, &query);
                        for time in (0..6).map(moment) {
                            let sk = Key::LaterVersion(balance, time).stored().sk;
                            let inside =
                                key_range.as_ref().is_some_and(|key_range| match &key_range.sort {
                                    SortKeyRange::Between(first, last) => {
                                        (first..=last).contains(&&sk)
                                    }
                                    SortKeyRange::Prefix(_) => false,
                                });
                            let matches =
                                query.matches(ListPosition { at: time, id: balance.uuid() });
                            assert_eq!(inside, matches, "{query:?} {time}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn a_query_of_all_versions_leaves_out_version_0() {
        let balance = BalanceId::new(uuid(9));
        let all = PageQuery {
            order: SortOrder::Ascending,
            range: TimeRange::ALL,
            after: None,
            items: 10,
        };
        let key_range = KeyRange::later_versions(balance, &all).unwrap();
        assert_eq!(key_range.values()[":first"], s("AT#0001-01-01T00:00:00.000001Z"));
    }
}
