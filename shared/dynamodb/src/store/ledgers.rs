//! Ledgers: the ports [`ReadLedgers`] and [`InsertLedger`].

use subledger::error::Error;
use subledger::ledger::Ledger;
use subledger::money::ids::{OrganizationId, Scope};
use subledger::page::{Filter, NumberedPage, SortOrder, TimeRange};
use subledger::ports::{InsertLedger, ReadLedgers};

use crate::requests::query::Limit;
use crate::requests::transact_write::{Outcome, TransactWrite};
use crate::schema::items;
use crate::schema::items::life::Life;
use crate::schema::key_range::KeyRange;
use crate::schema::keys::Key;
use crate::store::DynamoStore;
use crate::store::numbered_list::numbered_page;

impl ReadLedgers for DynamoStore {
    async fn ledger(&self, scope: Scope) -> Result<Option<Ledger>, Error> {
        let item = self.table.get_consistent(&Key::Ledger(scope)).await?;
        item.map(items::ledger::read).transpose()
    }

    async fn ledgers(
        &self,
        organization: OrganizationId,
        page: &NumberedPage,
        wanted: &Filter<Ledger>,
    ) -> Result<Vec<Ledger>, Error> {
        let key_range = KeyRange::ledgers(organization);
        let is_shown = |life: &Life| life.is_of_organization(organization);
        if !wanted.is_empty() {
            let mut lives = self.lives(&key_range).await?;
            lives.retain(|life| is_shown(life) && page.range.contains(life.created_at));
            lives.sort_by_key(Life::position);
            if page.order == SortOrder::Descending {
                lives.reverse();
            }
            let read = async |lives: Vec<Life>| {
                let items = self.items_of(&lives).await?;
                items.into_iter().map(items::ledger::read).collect::<Result<Vec<_>, _>>()
            };
            return numbered_page(page, wanted, lives, read).await;
        }
        if page.range == TimeRange::ALL && page.skipped() == 0 {
            // The order of the ids is the order of creation, but they do not tell the exact time.
            let limit = Limit::Items(page.limit.items());
            let items = self.table.query_consistent(&key_range, page.order, limit).await?;
            return items.into_iter().map(items::ledger::read).collect();
        }
        self.numbered_page_of(&key_range, page, is_shown, items::ledger::read).await
    }
}

/// What the creation of a ledger writes, in order of precedence.
#[derive(Debug, Clone, Copy)]
enum Write {
    Name,
    Ledger,
}

impl InsertLedger for DynamoStore {
    async fn insert_ledger(&self, ledger: &Ledger) -> Result<(), Error> {
        let transaction = TransactWrite::new()
            .put_if_absent(Write::Name, items::ledger::write_name(ledger)?)
            .put_if_absent(Write::Ledger, items::ledger::write(ledger)?);
        let failed = match self.table.write_all(&transaction).await? {
            Outcome::Written => return Ok(()),
            Outcome::ConditionsFailed(failed) => failed,
        };
        match failed.first().map(|refusal| refusal.write) {
            Some(Write::Name) => Err(Error::LedgerNameTaken),
            // Two version 7 UUIDs are equal only if the source of randomness is broken.
            Some(Write::Ledger) | None => Err(Error::Contended),
        }
    }
}
