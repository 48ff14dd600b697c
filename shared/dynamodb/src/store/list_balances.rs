//! Listing balances: the port [`ListBalances`].
//!
//! The list of a ledger is its listing of balances. A page takes as many listing items as the page
//! needs, and gets the current versions they name. A listing item whose balance was deleted since
//! is skipped, and more listing items are read.

use std::collections::HashMap;

use subledger::balance::Balance;
use subledger::balance::list::creation_position;
use subledger::error::Error;
use subledger::money::ids::{AccountId, Scope};
use subledger::page::{Page, PageQuery, PageRequest};
use subledger::ports::ListBalances;
use uuid::Uuid;

use crate::requests::failure;
use crate::schema::items;
use crate::schema::items::listing::BalanceListingItem;
use crate::schema::key_range::KeyRange;
use crate::store::DynamoStore;

/// How many listing items are taken at once where the page lacks some because others were skipped.
const ROUND_ITEMS_MIN: usize = 100;
/// How often more listing items may be read because some were skipped. A page takes ten thousand
/// deleted balances in a row before it is given up.
const ROUNDS_MAX: usize = 100;

impl DynamoStore {
    /// The balances that the listing items name and that are not deleted, in the order of the listing items.
    async fn current_balances(
        &self,
        scope: Scope,
        listing_items: &[BalanceListingItem],
    ) -> Result<Vec<Balance>, Error> {
        let keys = listing_items.iter().map(BalanceListingItem::balance_key);
        let items = self.table.get_all_consistent(keys).await?.into_rest();
        let balances: Result<Vec<Balance>, Error> = items.map(items::balance::read).collect();
        let with_id = balances?.into_iter().map(|balance| (balance.id.uuid(), balance));
        let mut balances: HashMap<Uuid, Balance> = with_id.collect();
        // After a deletion the key of a listing item may name another balance, which has its own listing item.
        let named = listing_items
            .iter()
            .filter_map(|listing_item| balances.remove(&listing_item.position.id));
        Ok(named.filter(|balance| balance.scope == scope).collect())
    }

    /// The balances of the ledger that match the query.
    async fn query_ledger(&self, scope: Scope, query: &PageQuery) -> Result<Vec<Balance>, Error> {
        let Some(mut listing_items) = self.read_listing::<BalanceListingItem>(scope, query).await?
        else {
            return Ok(Vec::new());
        };
        let mut found = Vec::new();
        let mut wanted = query.items;
        for _ in 0..ROUNDS_MAX {
            let listed = listing_items.next(wanted).await?;
            found.extend(self.current_balances(scope, &listed).await?);
            if listed.len() < wanted || found.len() >= query.items {
                found.truncate(query.items);
                return Ok(found);
            }
            wanted = query.items.max(ROUND_ITEMS_MIN);
        }
        Err(failure::limit("too many deleted balances stand side by side in the listing"))
    }
}

impl ListBalances for DynamoStore {
    async fn ledger_balances(
        &self,
        scope: Scope,
        page: &PageRequest,
    ) -> Result<Page<Balance>, Error> {
        let found = self.query_ledger(scope, &page.query()).await?;
        Ok(page.page(found, creation_position))
    }

    async fn account_balances_page(
        &self,
        scope: Scope,
        account: AccountId,
        page: &PageRequest,
    ) -> Result<Page<Balance>, Error> {
        let key_range = KeyRange::balances(account);
        self.page_of(&key_range, page, |life| life.is_of(scope), items::balance::read).await
    }

    async fn account_balances(
        &self,
        scope: Scope,
        account: AccountId,
    ) -> Result<Vec<Balance>, Error> {
        self.balances_in(scope, &KeyRange::balances(account)).await
    }
}
