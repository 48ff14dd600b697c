//! Listing balances: the port [`ListBalances`].
//!
//! The list of a ledger is its directory: one partition per shard, each in order of creation. A
//! walk merges the shards, takes as many entries as the page still needs, and gets the current
//! versions they name. An entry whose balance was deleted since is skipped, and the walk goes on.

use std::collections::VecDeque;

use futures_util::future::{try_join, try_join_all};
use subledger::balance::Balance;
use subledger::error::Error;
use subledger::ids::{AccountId, LedgerId, Scope};
use subledger::list_balances::creation_mark;
use subledger::page::{Mark, Page, PageRequest, SortOrder, Walk};
use subledger::ports::{ListBalances, ReadLedgers};

use crate::directory_entry::{self, BalanceEntry};
use crate::keys::{MarkRange, Span};
use crate::query::Limit;
use crate::store::DynamoStore;
use crate::{balance_item, failure};

/// How often the walk may go on because entries were skipped. A page of a hundred then takes ten
/// thousand deleted balances in a row before it is given up.
const ROUNDS_MAX: usize = 100;

/// One shard of a ledger's directory, read bit by bit.
#[derive(Debug)]
struct Shard {
    number: u8,
    /// What is not read yet; nothing once everything is.
    unread: Option<MarkRange>,
    /// What is read and not taken yet, in the direction of the walk.
    entries: VecDeque<BalanceEntry>,
}

impl Shard {
    const fn new(number: u8, range: MarkRange) -> Self {
        Self { number, unread: Some(range), entries: VecDeque::new() }
    }

    /// Whether the next entry can only be known by reading on.
    fn is_due(&self) -> bool {
        self.entries.is_empty() && self.unread.is_some()
    }
}

impl DynamoStore {
    /// Reads the next entries of the shard.
    async fn read_on(&self, ledger: LedgerId, walk: &Walk, shard: &mut Shard) -> Result<(), Error> {
        let Some(range) = shard.unread.take() else {
            return Ok(());
        };
        let span = Span::directory(ledger, shard.number, range);
        let limit = Limit::Items(walk.items);
        let items = self.query_consistent(&span, walk.order, limit).await?;
        for item in &items {
            shard.entries.push_back(directory_entry::read_balance(item)?);
        }
        if items.len() >= walk.items {
            let last = shard.entries.back().map(|entry| entry.mark);
            shard.unread = last.and_then(|last| range.after(last, walk.order));
        }
        Ok(())
    }

    /// Reads the next entries of every shard that has none left, at the same time.
    async fn read_on_where_due(
        &self,
        ledger: LedgerId,
        walk: &Walk,
        shards: &mut [Shard],
    ) -> Result<(), Error> {
        let due = shards.iter_mut().filter(|shard| shard.is_due());
        try_join_all(due.map(|shard| self.read_on(ledger, walk, shard))).await?;
        Ok(())
    }

    /// The next entries of the directory, up to as many, in the direction of the walk.
    async fn next_entries(
        &self,
        ledger: LedgerId,
        walk: &Walk,
        shards: &mut [Shard],
        wanted: usize,
    ) -> Result<Vec<BalanceEntry>, Error> {
        let mut entries = Vec::with_capacity(wanted);
        while entries.len() < wanted {
            self.read_on_where_due(ledger, walk, shards).await?;
            match take_next(shards, walk.order) {
                Some(entry) => entries.push(entry),
                None => break,
            }
        }
        Ok(entries)
    }

    /// The balances that the entries name and that are not deleted, in the order of the entries.
    async fn current_balances(
        &self,
        scope: Scope,
        entries: &[BalanceEntry],
    ) -> Result<Vec<Balance>, Error> {
        let keys = entries.iter().map(BalanceEntry::balance_key);
        let items = self.get_all_consistent(keys).await?;
        let mut balances = Vec::with_capacity(entries.len());
        for entry in entries {
            let Some(item) = items.get(&entry.balance_key()) else {
                continue;
            };
            let balance = balance_item::read(item)?;
            // After a deletion the key may name another balance, which has its own entry.
            if balance.id.uuid() == entry.mark.id && balance.scope == scope {
                balances.push(balance);
            }
        }
        Ok(balances)
    }

    /// What the walk finds in the ledger.
    async fn walk_ledger(&self, scope: Scope, walk: &Walk) -> Result<Vec<Balance>, Error> {
        let Some(range) = MarkRange::of_walk(walk) else {
            return Ok(Vec::new());
        };
        // Every ledger has a first shard, so it is read while the number of shards is.
        let mut first = Shard::new(0, range);
        let reading = self.read_on(scope.ledger, walk, &mut first);
        let (ledger, ()) = try_join(self.ledger(scope), reading).await?;
        let Some(ledger) = ledger else {
            return Ok(Vec::new());
        };
        let others = (1..ledger.directory_shards.count()).map(|number| Shard::new(number, range));
        let mut shards: Vec<Shard> = std::iter::once(first).chain(others).collect();
        let mut found = Vec::new();
        for _ in 0..ROUNDS_MAX {
            let wanted = walk.items.saturating_sub(found.len());
            let entries = self.next_entries(scope.ledger, walk, &mut shards, wanted).await?;
            found.extend(self.current_balances(scope, &entries).await?);
            if entries.len() < wanted || found.len() >= walk.items {
                return Ok(found);
            }
        }
        Err(failure::limit("too many deleted balances stand side by side in the directory"))
    }
}

/// Takes the entry that comes first in this direction. No shard may be due.
fn take_next(shards: &mut [Shard], order: SortOrder) -> Option<BalanceEntry> {
    let heads = shards.iter_mut().filter_map(|shard| {
        let mark: Mark = shard.entries.front()?.mark;
        Some((mark, shard))
    });
    let (_, next) = match order {
        SortOrder::Ascending => heads.min_by_key(|(mark, _)| *mark),
        SortOrder::Descending => heads.max_by_key(|(mark, _)| *mark),
    }?;
    next.entries.pop_front()
}

impl ListBalances for DynamoStore {
    async fn ledger_balances(
        &self,
        scope: Scope,
        page: &PageRequest,
    ) -> Result<Page<Balance>, Error> {
        let found = self.walk_ledger(scope, &page.walk()).await?;
        Ok(page.page(found, creation_mark))
    }

    async fn account_balances(
        &self,
        scope: Scope,
        account: AccountId,
    ) -> Result<Vec<Balance>, Error> {
        self.balances_in(scope, &Span::balances(account)).await
    }
}
