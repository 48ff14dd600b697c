//! The history of balances: the port [`ReadHistory`].

use subledger::balance::Balance;
use subledger::balance::history::recording_position;
use subledger::error::Error;
use subledger::money::ids::{AccountId, BalanceId, Scope};
use subledger::money::timestamp::Timestamp;
use subledger::page::{Page, PageQuery, PageRequest, SortOrder};
use subledger::ports::{OpenBalances, ReadHistory};

use crate::requests::query::Limit;
use crate::schema::items;
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

impl ReadHistory for DynamoStore {
    async fn version_as_of(
        &self,
        scope: Scope,
        id: BalanceId,
        as_of: Timestamp,
    ) -> Result<Option<Balance>, Error> {
        // The key of version 0 sorts before every time, so there is an answer if there is a
        // balance.
        self.last_version(scope, &KeyRange::versions_until(id, as_of)).await
    }

    async fn account_balances_ever(
        &self,
        scope: Scope,
        account: AccountId,
    ) -> Result<Vec<Balance>, Error> {
        self.balances_in(scope, &KeyRange::balances_ever(account)).await
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
