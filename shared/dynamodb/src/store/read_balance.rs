//! Reading one balance: the port [`ReadBalance`].

use subledger::balance::Balance;
use subledger::error::Error;
use subledger::money::ids::{BalanceId, Scope};
use subledger::page::SortOrder;
use subledger::ports::ReadBalance;

use crate::requests::query::Limit;
use crate::schema::items;
use crate::schema::key_range::KeyRange;
use crate::store::DynamoStore;

impl DynamoStore {
    /// The last version in the key range.
    pub(crate) async fn last_version(
        &self,
        scope: Scope,
        key_range: &KeyRange,
    ) -> Result<Option<Balance>, Error> {
        let limit = Limit::Items(1);
        let items = self.table.query_consistent(key_range, SortOrder::Descending, limit).await?;
        let version = items.into_iter().next().map(items::balance::read).transpose()?;
        Ok(version.filter(|version| version.scope == scope))
    }
}

impl ReadBalance for DynamoStore {
    async fn newest_version(&self, scope: Scope, id: BalanceId) -> Result<Option<Balance>, Error> {
        self.last_version(scope, &KeyRange::versions(id)).await
    }
}
