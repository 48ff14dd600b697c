//! Deleting ledgers.

use crate::conflict::{ATTEMPTS_MAX, until_current};
use crate::count::{Owner, expect_nothing_in};
use crate::error::Error;
use crate::ledger::Ledger;
use crate::money::ids::Scope;
use crate::ports::{ChangeLedgers, Clock};

/// Deletes a ledger in which nothing stands any more. Its transactions, and the history of its
/// balances, stay and can be read.
///
/// # Errors
/// [`Error::ObjectNotFound`], [`Error::InUse`], [`Error::Contended`], and those of the store.
pub async fn delete_ledger(
    store: &impl ChangeLedgers,
    clock: &dyn Clock,
    scope: Scope,
) -> Result<(), Error> {
    until_current(store, ATTEMPTS_MAX, || async {
        let ledger = store.ledger(scope).await?.ok_or(Error::ObjectNotFound)?;
        expect_nothing_in(store, Owner::Ledger(scope)).await?;
        let last = Ledger { timeline: ledger.timeline.ended(clock.now()), ..ledger };
        Ok(store.delete_ledger(&last).await?.then_some(()))
    })
    .await
}
