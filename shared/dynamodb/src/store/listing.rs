//! Reading a listing of a ledger.
//!
//! A listing is a list in order of creation that is spread over the ledger's shards, each a
//! partition that is in order itself. A reader reads the shards in parts and merges them.

use std::collections::VecDeque;

use futures_util::future::{try_join, try_join_all};
use subledger::error::Error;
use subledger::ledger::ListingShards;
use subledger::money::ids::{LedgerId, Scope};
use subledger::page::{PageQuery, SortOrder};

use crate::requests::query::Limit;
use crate::schema::items::listing::ListingItem;
use crate::schema::key_range::PositionRange;
use crate::store::DynamoStore;

/// One shard of a listing, read in parts.
#[derive(Debug)]
struct Shard<E> {
    number: u8,
    /// What is not read yet; `None` once everything is.
    unread: Option<PositionRange>,
    /// What is read and not taken yet, in the direction of the query.
    listing_items: VecDeque<E>,
}

impl<E> Shard<E> {
    const fn new(number: u8, range: PositionRange) -> Self {
        Self { number, unread: Some(range), listing_items: VecDeque::new() }
    }

    /// Whether more has to be read to know the next listing item.
    fn is_due(&self) -> bool {
        self.listing_items.is_empty() && self.unread.is_some()
    }
}

/// Reads a listing, item by item.
#[derive(Debug)]
pub(crate) struct ListingReader<'s, E> {
    store: &'s DynamoStore,
    ledger: LedgerId,
    query: PageQuery,
    shards: Vec<Shard<E>>,
}

impl<E: ListingItem> ListingReader<'_, E> {
    /// The next listing items, up to as many, in the direction of the query; fewer only at its end.
    pub(crate) async fn next(&mut self, wanted: usize) -> Result<Vec<E>, Error> {
        let mut listing_items = Vec::with_capacity(wanted);
        while listing_items.len() < wanted {
            // Every shard that has none left, at the same time.
            let due = self.shards.iter_mut().filter(|shard| shard.is_due());
            let order = self.query.order;
            let reading = due.map(|shard| self.store.read_on(self.ledger, order, wanted, shard));
            try_join_all(reading).await?;
            match take_next(&mut self.shards, self.query.order) {
                Some(listing_item) => listing_items.push(listing_item),
                None => break,
            }
        }
        Ok(listing_items)
    }
}

/// Takes the listing item that comes first in this direction. No shard may be due.
fn take_next<E: ListingItem>(shards: &mut [Shard<E>], order: SortOrder) -> Option<E> {
    let heads = shards.iter_mut().filter_map(|shard| {
        let position = shard.listing_items.front()?.position();
        Some((position, shard))
    });
    let (_, next) = match order {
        SortOrder::Ascending => heads.min_by_key(|(position, _)| *position),
        SortOrder::Descending => heads.max_by_key(|(position, _)| *position),
    }?;
    next.listing_items.pop_front()
}

impl DynamoStore {
    /// How the listings of the ledger are spread; `None` if the organization does not have it.
    pub(crate) async fn shards_of(&self, scope: Scope) -> Result<Option<ListingShards>, Error> {
        if let Some(shards) = self.ledgers.get(&scope) {
            return Ok(Some(shards));
        }
        let shards = self.ledger_ever(scope).await?.map(|ledger| ledger.listing_shards);
        if let Some(shards) = shards {
            self.ledgers.insert(scope, shards);
        }
        Ok(shards)
    }

    /// Begins to read a listing of the ledger; `None` if nothing can match the query.
    pub(crate) async fn read_listing<E: ListingItem>(
        &self,
        scope: Scope,
        query: &PageQuery,
    ) -> Result<Option<ListingReader<'_, E>>, Error> {
        let Some(range) = PositionRange::of_query(query) else {
            return Ok(None);
        };
        // Every ledger has a first shard, so it is read while the number of shards is.
        let mut first = Shard::new(0, range);
        let reading = self.read_on(scope.ledger, query.order, query.items, &mut first);
        let (count, ()) = try_join(self.shards_of(scope), reading).await?;
        let Some(count) = count else {
            return Ok(None);
        };
        let others = (1..count.count()).map(|number| Shard::new(number, range));
        let shards = std::iter::once(first).chain(others).collect();
        Ok(Some(ListingReader { store: self, ledger: scope.ledger, query: *query, shards }))
    }

    /// Reads the next listing items of the shard, so many of them.
    async fn read_on<E: ListingItem>(
        &self,
        ledger: LedgerId,
        order: SortOrder,
        wanted: usize,
        shard: &mut Shard<E>,
    ) -> Result<(), Error> {
        let Some(range) = shard.unread.take() else {
            return Ok(());
        };
        let key_range = E::key_range(ledger, shard.number, range);
        let limit = Limit::Items(wanted);
        let items = self.table.query_consistent(&key_range, order, limit).await?;
        let read = items.len();
        for item in items {
            shard.listing_items.push_back(E::read(item)?);
        }
        if read >= wanted {
            let last = shard.listing_items.back().map(E::position);
            shard.unread = last.and_then(|last| range.after(last, order));
        }
        Ok(())
    }
}
