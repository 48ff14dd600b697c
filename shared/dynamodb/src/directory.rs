//! Walking through a directory of a ledger.
//!
//! A directory is a list in order of creation that is spread over the ledger's shards, each a
//! partition that is in order itself. A walk reads the shards bit by bit and merges them.

use std::collections::VecDeque;

use futures_util::future::{try_join, try_join_all};
use subledger::error::Error;
use subledger::ids::{LedgerId, Scope};
use subledger::ledger::DirectoryShards;
use subledger::page::{Mark, SortOrder, Walk};
use subledger::ports::ReadLedgers;

use crate::item::Item;
use crate::keys::{MarkRange, Span};
use crate::query::Limit;
use crate::store::DynamoStore;

/// What a directory consists of.
pub(crate) trait Entry: Sized + Send {
    /// A part of a shard of the directory.
    fn span(ledger: LedgerId, shard: u8, range: MarkRange) -> Span;

    /// The entry of an item.
    fn read(item: Item) -> Result<Self, Error>;

    /// The place in the directory.
    fn mark(&self) -> Mark;
}

/// One shard of a directory, read bit by bit.
#[derive(Debug)]
struct Shard<E> {
    number: u8,
    /// What is not read yet; nothing once everything is.
    unread: Option<MarkRange>,
    /// What is read and not taken yet, in the direction of the walk.
    entries: VecDeque<E>,
}

impl<E> Shard<E> {
    const fn new(number: u8, range: MarkRange) -> Self {
        Self { number, unread: Some(range), entries: VecDeque::new() }
    }

    /// Whether the next entry can only be known by reading on.
    fn is_due(&self) -> bool {
        self.entries.is_empty() && self.unread.is_some()
    }
}

/// A walk through a directory, from entry to entry.
#[derive(Debug)]
pub(crate) struct DirectoryWalk<'s, E> {
    store: &'s DynamoStore,
    ledger: LedgerId,
    walk: Walk,
    shards: Vec<Shard<E>>,
}

impl<E: Entry> DirectoryWalk<'_, E> {
    /// The next entries, up to as many, in the direction of the walk; fewer only at its end.
    pub(crate) async fn next(&mut self, wanted: usize) -> Result<Vec<E>, Error> {
        let mut entries = Vec::with_capacity(wanted);
        while entries.len() < wanted {
            // Every shard that has none left, at the same time.
            let due = self.shards.iter_mut().filter(|shard| shard.is_due());
            let order = self.walk.order;
            let reading = due.map(|shard| self.store.read_on(self.ledger, order, wanted, shard));
            try_join_all(reading).await?;
            match take_next(&mut self.shards, self.walk.order) {
                Some(entry) => entries.push(entry),
                None => break,
            }
        }
        Ok(entries)
    }
}

/// Takes the entry that comes first in this direction. No shard may be due.
fn take_next<E: Entry>(shards: &mut [Shard<E>], order: SortOrder) -> Option<E> {
    let heads = shards.iter_mut().filter_map(|shard| {
        let mark = shard.entries.front()?.mark();
        Some((mark, shard))
    });
    let (_, next) = match order {
        SortOrder::Ascending => heads.min_by_key(|(mark, _)| *mark),
        SortOrder::Descending => heads.max_by_key(|(mark, _)| *mark),
    }?;
    next.entries.pop_front()
}

impl DynamoStore {
    /// How the directories of the ledger are spread; nothing if the organization does not have it.
    pub(crate) async fn shards_of(&self, scope: Scope) -> Result<Option<DirectoryShards>, Error> {
        if let Some(shards) = self.ledgers.get(&scope) {
            return Ok(Some(shards));
        }
        let shards = self.ledger(scope).await?.map(|ledger| ledger.directory_shards);
        if let Some(shards) = shards {
            self.ledgers.keep(scope, shards);
        }
        Ok(shards)
    }

    /// Begins a walk through a directory of the ledger; nothing if it cannot meet anything.
    pub(crate) async fn begin_walk<E: Entry>(
        &self,
        scope: Scope,
        walk: &Walk,
    ) -> Result<Option<DirectoryWalk<'_, E>>, Error> {
        let Some(range) = MarkRange::of_walk(walk) else {
            return Ok(None);
        };
        // Every ledger has a first shard, so it is read while the number of shards is.
        let mut first = Shard::new(0, range);
        let reading = self.read_on(scope.ledger, walk.order, walk.items, &mut first);
        let (count, ()) = try_join(self.shards_of(scope), reading).await?;
        let Some(count) = count else {
            return Ok(None);
        };
        let others = (1..count.count()).map(|number| Shard::new(number, range));
        let shards = std::iter::once(first).chain(others).collect();
        Ok(Some(DirectoryWalk { store: self, ledger: scope.ledger, walk: *walk, shards }))
    }

    /// Reads the next entries of the shard, so many of them.
    async fn read_on<E: Entry>(
        &self,
        ledger: LedgerId,
        order: SortOrder,
        wanted: usize,
        shard: &mut Shard<E>,
    ) -> Result<(), Error> {
        let Some(range) = shard.unread.take() else {
            return Ok(());
        };
        let span = E::span(ledger, shard.number, range);
        let limit = Limit::Items(wanted);
        let items = self.query_consistent(&span, order, limit).await?;
        let read = items.len();
        for item in items {
            shard.entries.push_back(E::read(item)?);
        }
        if read >= wanted {
            let last = shard.entries.back().map(E::mark);
            shard.unread = last.and_then(|last| range.after(last, order));
        }
        Ok(())
    }
}
