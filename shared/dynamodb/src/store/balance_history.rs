//! The history of balances: the port [`ReadHistory`].

use std::collections::BTreeMap;

use subledger::balance::Balance;
use subledger::balance::history::{BalanceLife, recording_position};
use subledger::error::Error;
use subledger::money::ids::{AccountId, BalanceId, Scope};
use subledger::money::timestamp::Timestamp;
use subledger::page::{Page, PageQuery, PageRequest, SortOrder};
use subledger::ports::{OpenBalances, ReadHistory};

use crate::requests::query::Limit;
use crate::schema::items;
use crate::schema::items::life::Life;
use crate::schema::key_range::KeyRange;
use crate::store::DynamoStore;

impl DynamoStore {
    /// The balances of the key range that are of the scope.
    pub(crate) async fn balances_in(
        &self,
        scope: Scope,
        key_range: &KeyRange,
    ) -> Result<Vec<Balance>, Error> {
        let items =
            self.table.query_consistent(key_range, SortOrder::Ascending, Limit::None).await?;
        let mut balances: Vec<Balance> =
            items.into_iter().map(items::balance::read).collect::<Result<_, _>>()?;
        balances.retain(|balance| balance.scope == scope);
        Ok(balances)
    }

    /// The newest version of every balance that the account ever had, each once.
    ///
    /// A balance that is deleted goes to another key, further on in the range. A query of several
    /// answers that was under way then may find it under both keys; the later one has the newer
    /// version.
    pub(crate) async fn every_balance(
        &self,
        scope: Scope,
        account: AccountId,
    ) -> Result<Vec<Balance>, Error> {
        let mut newest: BTreeMap<BalanceId, Balance> = BTreeMap::new();
        for balance in self.balances_in(scope, &KeyRange::balances_ever(account)).await? {
            let seen = newest.get(&balance.id);
            if seen.is_none_or(|seen| seen.version < balance.version) {
                newest.insert(balance.id, balance);
            }
        }
        Ok(newest.into_values().collect())
    }

    /// The versions after version 0 that match a query.
    async fn later_versions(
        &self,
        id: BalanceId,
        query: &PageQuery,
    ) -> Result<Vec<Balance>, Error> {
        let Some(key_range) = KeyRange::later_versions(id, query) else {
            return Ok(Vec::new());
        };
        let limit = Limit::Items(query.items);
        let items = self.table.query_consistent(&key_range, query.order, limit).await?;
        items.into_iter().map(items::balance::read).collect()
    }
}

/// The life of a balance.
pub(crate) fn balance_life(life: &Life) -> Result<BalanceLife, Error> {
    let not_there = || life.key.corrupt(&"it was recorded at no time");
    Ok(BalanceLife {
        id: BalanceId::new(life.id),
        created_at: life.created_at,
        recorded_at: life.recorded_at.ok_or_else(not_there)?,
        is_deleted: life.deleted_at.is_some(),
        version: life.version,
    })
}

impl ReadHistory for DynamoStore {
    async fn version_as_of(
        &self,
        scope: Scope,
        id: BalanceId,
        as_of: Timestamp,
    ) -> Result<Option<Balance>, Error> {
        // The key of version 0 sorts before every time, so there is an answer if there is a
        // balance.
        let version = self.last_version(scope, &KeyRange::versions_until(id, as_of)).await?;
        self.table.client.check_clock()?;
        Ok(version)
    }

    async fn account_balances_ever(
        &self,
        scope: Scope,
        account: AccountId,
    ) -> Result<Vec<Balance>, Error> {
        let balances = self.every_balance(scope, account).await?;
        self.table.client.check_clock()?;
        Ok(balances)
    }

    async fn balance_lives(
        &self,
        scope: Scope,
        account: AccountId,
    ) -> Result<Vec<BalanceLife>, Error> {
        let lives = self.lives(&KeyRange::balances_ever(account)).await?;
        self.table.client.check_clock()?;
        let of_scope = lives.into_iter().filter(|life| life.is_of(scope));
        of_scope.map(|life| balance_life(&life)).collect()
    }

    async fn versions(
        &self,
        scope: Scope,
        id: BalanceId,
        page: &PageRequest,
    ) -> Result<Option<Page<Balance>>, Error> {
        let query = page.query();
        let (first, later) =
            tokio::try_join!(self.first_version(scope, id), self.later_versions(id, &query))?;
        let Some(first) = first else {
            return Ok(None);
        };
        // The key of version 0 does not have its time, so it is put into its place here.
        let found = query.answer(std::iter::once(first).chain(later).collect(), recording_position);
        Ok(Some(page.page(found, recording_position)))
    }
}
