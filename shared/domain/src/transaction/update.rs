//! Changing the description and the metadata of a transaction.

use crate::conflict::{TRANSACTION_ATTEMPTS_MAX, until_current};
use crate::error::Error;
use crate::money::ids::{Scope, TransactionId};
use crate::money::timestamp::Timestamp;
use crate::ports::{Clock, PostTransactions, Recording};
use crate::transaction::{Notes, Transaction, TransactionFields};

/// Changes the description or the metadata of a transaction.
///
/// # Errors
/// [`Error::TransactionNotFound`], [`Error::RecordedAhead`], those of `change`,
/// [`Error::Contended`], and those of the store.
pub async fn update_transaction(
    store: &impl PostTransactions,
    clock: &dyn Clock,
    scope: Scope,
    id: TransactionId,
    change: impl Fn(&Notes) -> Result<Notes, Error> + Sync,
) -> Result<Transaction, Error> {
    until_current(store, TRANSACTION_ATTEMPTS_MAX, || async {
        let transaction = store.transaction(scope, id).await?;
        let transaction = transaction.ok_or(Error::TransactionNotFound)?;
        let now = clock.now();
        let at = Timestamp::next_after(transaction.updated_at, now);
        clock.settling_time().refuse_ahead(at, now)?;
        let notes = change(&transaction.notes)?;
        let changed = Transaction(TransactionFields { notes, ..transaction.next_revision(at) });
        let recording = store.record(&changed, &[], None).await?;
        Ok(matches!(recording, Recording::Recorded).then_some(changed))
    })
    .await
}
