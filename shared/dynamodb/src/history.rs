//! What balances were: the port [`ReadHistory`].

use subledger::balance::Balance;
use subledger::balance_history::recording_mark;
use subledger::error::Error;
use subledger::ids::{AccountId, BalanceId, Scope};
use subledger::page::{Page, PageRequest, SortOrder, Walk};
use subledger::ports::{OpenBalances, ReadHistory};
use subledger::timestamp::Timestamp;

use crate::balance_item;
use crate::keys::Span;
use crate::query::Limit;
use crate::store::DynamoStore;

impl DynamoStore {
    /// The balances of the span that are of the scope.
    pub(crate) async fn balances_in(
        &self,
        scope: Scope,
        span: &Span,
    ) -> Result<Vec<Balance>, Error> {
        let items = self.query_consistent(span, SortOrder::Ascending, Limit::None).await?;
        let mut balances: Vec<Balance> =
            items.into_iter().map(balance_item::read).collect::<Result<_, _>>()?;
        balances.retain(|balance| balance.scope == scope);
        Ok(balances)
    }

    /// What a walk finds of the versions after version 0.
    async fn later_versions(&self, id: BalanceId, walk: &Walk) -> Result<Vec<Balance>, Error> {
        let Some(span) = Span::later_versions(id, walk) else {
            return Ok(Vec::new());
        };
        let limit = Limit::Items(walk.items);
        let items = self.query_consistent(&span, walk.order, limit).await?;
        items.into_iter().map(balance_item::read).collect()
    }
}

impl ReadHistory for DynamoStore {
    async fn version_as_of(
        &self,
        scope: Scope,
        id: BalanceId,
        as_of: Timestamp,
    ) -> Result<Option<Balance>, Error> {
        // Version 0 stands before every moment, so there is an answer if there is a balance.
        self.last_version(scope, &Span::versions_until(id, as_of)).await
    }

    async fn account_balances_ever(
        &self,
        scope: Scope,
        account: AccountId,
    ) -> Result<Vec<Balance>, Error> {
        self.balances_in(scope, &Span::balances_ever(account)).await
    }

    async fn versions(
        &self,
        scope: Scope,
        id: BalanceId,
        page: &PageRequest,
    ) -> Result<Option<Page<Balance>>, Error> {
        let walk = page.walk();
        let (first, later) =
            tokio::try_join!(self.first_version(scope, id), self.later_versions(id, &walk))?;
        let Some(first) = first else {
            return Ok(None);
        };
        // Version 0 does not stand where its time is: put it there.
        let found = walk.through(std::iter::once(first).chain(later).collect(), recording_mark);
        Ok(Some(page.page(found, recording_mark)))
    }
}
