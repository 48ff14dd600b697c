//! Reading one balance: the port [`ReadBalance`].

use subledger::balance::Balance;
use subledger::error::Error;
use subledger::ids::{BalanceId, Scope};
use subledger::page::SortOrder;
use subledger::ports::ReadBalance;

use crate::balance_item;
use crate::keys::Span;
use crate::query::Limit;
use crate::store::DynamoStore;

impl DynamoStore {
    /// The last version in the span.
    pub(crate) async fn last_version(
        &self,
        scope: Scope,
        span: &Span,
    ) -> Result<Option<Balance>, Error> {
        let limit = Limit::Items(1);
        let items = self.query_consistent(span, SortOrder::Descending, limit).await?;
        let version = items.into_iter().next().map(balance_item::read).transpose()?;
        Ok(version.filter(|version| version.scope == scope))
    }
}

impl ReadBalance for DynamoStore {
    async fn newest_version(&self, scope: Scope, id: BalanceId) -> Result<Option<Balance>, Error> {
        self.last_version(scope, &Span::versions(id)).await
    }
}
