//! Ledgers: the ports [`ReadLedgers`] and [`InsertLedger`].

use subledger::error::Error;
use subledger::ids::{OrganizationId, Scope};
use subledger::ledger::Ledger;
use subledger::page::{NumberedPage, SortOrder, TimeRange};
use subledger::ports::{InsertLedger, ReadLedgers};

use crate::keys::{Key, Span};
use crate::ledger_item;
use crate::query::Limit;
use crate::store::DynamoStore;
use crate::transaction::{Outcome, Transaction};

impl ReadLedgers for DynamoStore {
    async fn ledger(&self, scope: Scope) -> Result<Option<Ledger>, Error> {
        let item = self.get_consistent(&Key::Ledger(scope)).await?;
        item.map(ledger_item::read).transpose()
    }

    async fn ledgers(
        &self,
        organization: OrganizationId,
        page: &NumberedPage,
    ) -> Result<Vec<Ledger>, Error> {
        let span = Span::ledgers(organization);
        if page.range != TimeRange::ALL {
            // The order of the ids is the order of creation, but they do not tell the exact time.
            let items = self.query_consistent(&span, SortOrder::Ascending, Limit::None).await?;
            let ledgers = items.into_iter().map(ledger_item::read).collect::<Result<_, _>>()?;
            return Ok(page.cut(ledgers, |ledger: &Ledger| ledger.created_at));
        }
        let limit = Limit::Items(page.skipped().saturating_add(page.limit.items()));
        let items = self.query_consistent(&span, page.order, limit).await?;
        items.into_iter().skip(page.skipped()).map(ledger_item::read).collect()
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
        let transaction = Transaction::new()
            .insert(Write::Name, ledger_item::write_name(ledger)?)
            .insert(Write::Ledger, ledger_item::write(ledger)?);
        let refusals = match self.commit(&transaction).await? {
            Outcome::Committed => return Ok(()),
            Outcome::Refused(refusals) => refusals,
        };
        match refusals.first().map(|refusal| refusal.write) {
            Some(Write::Name) => Err(Error::LedgerNameTaken),
            // Two version 7 UUIDs are equal only if the source of randomness is broken.
            Some(Write::Ledger) | None => Err(Error::Contended),
        }
    }
}
