//! Counts: the port [`ReadCounts`], and what every creation and deletion adds to its transaction.

use subledger::account::Account;
use subledger::count::{Counted, Counts, Owner};
use subledger::error::Error;
use subledger::page::SortOrder;
use subledger::ports::ReadCounts;
use uuid::Uuid;

use crate::requests::query::Limit;
use crate::requests::transact_write::{Condition, CounterChange, TransactWrite};
use crate::schema::items;
use crate::schema::items::counter::{SHARDS, attribute, shard_of};
use crate::schema::key_range::KeyRange;
use crate::schema::keys::Key;
use crate::store::DynamoStore;

impl ReadCounts for DynamoStore {
    async fn counts(&self, owner: &Owner) -> Result<Counts, Error> {
        let key_range = KeyRange::counter(owner);
        let limit = Limit::Items(usize::from(SHARDS));
        let shards = self.table.query_consistent(&key_range, SortOrder::Ascending, limit).await?;
        let mut sum = Counts::default();
        for shard in shards {
            sum.add_all(&items::counter::read(shard)?.counts);
        }
        Ok(sum)
    }
}

impl<W: Copy> TransactWrite<W> {
    /// Counts objects that are created on the owner, in the shard of this id. Fails if the owner was
    /// deleted.
    pub(crate) fn count_in(self, write: W, owner: &Owner, id: Uuid, counted: &[Counted]) -> Self {
        self.add(write, owner, id, counted, (1, Condition::Open))
    }

    /// Counts objects that are created on an owner that need not be there.
    pub(crate) fn count_in_anyway(
        self,
        write: W,
        owner: &Owner,
        id: Uuid,
        counted: &[Counted],
    ) -> Self {
        self.add(write, owner, id, counted, (1, Condition::Unconditional))
    }

    /// Counts objects that are deleted.
    pub(crate) fn count_out(self, write: W, owner: &Owner, id: Uuid, counted: &[Counted]) -> Self {
        self.add(write, owner, id, counted, (-1, Condition::Unconditional))
    }

    fn add(
        self,
        write: W,
        owner: &Owner,
        id: Uuid,
        counted: &[Counted],
        (by, condition): (i64, Condition),
    ) -> Self {
        let key = Key::Counter { owner, shard: shard_of(id) };
        let counts = counted.iter().map(|counted| (attribute(*counted), by)).collect();
        self.count(write, &key, CounterChange::Add(counts), condition)
    }

    /// Closes the counter of an owner that is deleted. Fails if anything stands on it.
    pub(crate) fn close_counter(self, write: W, owner: &Owner) -> Self {
        (0..SHARDS).fold(self, |all, shard| {
            let key = Key::Counter { owner, shard };
            all.count(write, &key, CounterChange::Close, Condition::CountsNothing)
        })
    }

    /// Opens the counter of an owner that takes the place of one that was deleted.
    pub(crate) fn open_counter(self, write: W, owner: &Owner) -> Self {
        (0..SHARDS).fold(self, |all, shard| {
            let key = Key::Counter { owner, shard };
            all.count(write, &key, CounterChange::Open, Condition::Unconditional)
        })
    }

    /// Counts an account that is deleted out of everything that it stands on.
    pub(crate) fn count_account_out(self, write: W, account: &Account) -> Self {
        let owners = [Some(Owner::Ledger(account.scope)), asset_of(account)];
        let groups = [account.portfolio_id, account.segment_id];
        let owners = owners.into_iter().chain(groups.map(|group| group.map(Owner::Group)));
        owners.flatten().fold(self, |all, owner| {
            all.count_out(write, &owner, account.id.uuid(), &[Counted::Accounts])
        })
    }
}

/// The asset that an account stands on. Its external account stands on the ledger alone.
pub(crate) fn asset_of(account: &Account) -> Option<Owner> {
    let asset = || Owner::Asset(account.scope, account.asset_code.clone());
    (!account.kind.is_external()).then(asset)
}
