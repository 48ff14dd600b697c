//! Ledgers: the ports [`ReadLedgers`], [`InsertLedger`] and [`ChangeLedgers`].

use subledger::count::{Counted, Owner};
use subledger::error::Error;
use subledger::ledger::Ledger;
use subledger::money::ids::{OrganizationId, Scope};
use subledger::page::{Filter, NumberedPage, SortOrder, TimeRange};
use subledger::ports::{ChangeLedgers, InsertLedger, ReadLedgers};

use crate::requests::query::Limit;
use crate::requests::transact_write::{Condition, Outcome, TransactWrite};
use crate::schema::items;
use crate::schema::items::life::Life;
use crate::schema::key_range::KeyRange;
use crate::schema::keys::Key;
use crate::store::DynamoStore;
use crate::store::numbered_list::numbered_page;
use crate::store::revisions::{Renaming, follows};

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
    Organization,
    Name,
    Ledger,
}

impl InsertLedger for DynamoStore {
    async fn insert_ledger(&self, ledger: &Ledger) -> Result<(), Error> {
        let owner = Owner::Organization(ledger.scope.organization);
        let id = ledger.scope.ledger.uuid();
        let transaction = TransactWrite::new()
            .count_in(Write::Organization, &owner, id, &[Counted::Ledgers])
            .put_if_absent_now(Write::Name, items::ledger::write_name(ledger)?)
            .put_if_absent(Write::Ledger, items::ledger::write(ledger)?);
        let failed = match self.table.write_all(&transaction).await? {
            Outcome::Written => return Ok(()),
            Outcome::ConditionsFailed(failed) => failed,
        };
        match failed.first().map(|refusal| refusal.write) {
            Some(Write::Organization) => Err(Error::OrganizationNotFound),
            Some(Write::Name) => Err(Error::LedgerNameTaken),
            // Two version 7 UUIDs are equal only if the source of randomness is broken.
            Some(Write::Ledger) | None => Err(Error::Contended),
        }
    }
}

impl ChangeLedgers for DynamoStore {
    async fn replace_ledger(&self, before: &Ledger, next: &Ledger) -> Result<bool, Error> {
        let renaming: Renaming<'_> = if before.name.folded() == next.name.folded() {
            None
        } else {
            let name = Key::LedgerName(before.scope.organization, &before.name);
            Some((name, items::ledger::write_name(next)?))
        };
        let (item, condition) = (items::ledger::write(next)?, follows(next.timeline.revision));
        self.write_revision(item, condition, renaming, Error::LedgerNameTaken).await
    }

    async fn delete_ledger(&self, last: &Ledger) -> Result<bool, Error> {
        let Some(condition) = follows(last.timeline.revision) else {
            return Ok(false);
        };
        let Scope { organization, ledger } = last.scope;
        let owner = Owner::Organization(organization);
        let transaction = TransactWrite::new()
            .delete((), &Key::Ledger(last.scope), condition)
            .put_if_absent((), items::ledger::write(last)?)
            .delete((), &Key::LedgerName(organization, &last.name), Condition::Present)
            .count_out((), &owner, ledger.uuid(), &[Counted::Ledgers])
            .close_counter((), &Owner::Ledger(last.scope));
        self.table.write_if_current(&transaction).await
    }
}

impl DynamoStore {
    /// The ledger, also one that was deleted: its lists of balances and transactions stay.
    pub(crate) async fn ledger_ever(&self, scope: Scope) -> Result<Option<Ledger>, Error> {
        if let Some(ledger) = self.ledger(scope).await? {
            return Ok(Some(ledger));
        }
        let item = self.table.get_consistent(&Key::DeletedLedger(scope)).await?;
        item.map(items::ledger::read).transpose()
    }
}
