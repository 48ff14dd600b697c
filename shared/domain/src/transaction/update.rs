//! Changing the description and the metadata of a transaction, and of its operations.

use crate::conflict::{TRANSACTION_ATTEMPTS_MAX, until_current};
use crate::error::Error;
use crate::money::ids::{OperationId, Scope, TransactionId};
use crate::money::timestamp::Timestamp;
use crate::ports::{Clock, PostTransactions, Recording};
use crate::transaction::{Amendment, Notes, Transaction, TransactionFields};

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
    revise(store, clock, scope, id, |fields, _| {
        fields.notes = change(&fields.notes)?;
        Ok(())
    })
    .await
}

/// Changes the description or the metadata of an operation, and returns the transaction that has it.
///
/// # Errors
/// [`Error::TransactionNotFound`], [`Error::ObjectNotFound`] if the transaction does not have the
/// operation, [`Error::RecordedAhead`], those of `change`, [`Error::Contended`], and those of the
/// store.
pub async fn update_operation(
    store: &impl PostTransactions,
    clock: &dyn Clock,
    scope: Scope,
    (id, operation): (TransactionId, OperationId),
    change: impl Fn(&Notes) -> Result<Notes, Error> + Sync,
) -> Result<Transaction, Error> {
    revise(store, clock, scope, id, |fields, at| {
        let mut operations = fields.operations.iter_mut();
        let operation = operations.find(|it| it.id == operation).ok_or(Error::ObjectNotFound)?;
        operation.amended = Some(Amendment { notes: change(&operation.notes())?, at });
        Ok(())
    })
    .await
}

/// Writes the next revision of a transaction, which is recorded at the moment that `change` gets.
async fn revise(
    store: &impl PostTransactions,
    clock: &dyn Clock,
    scope: Scope,
    id: TransactionId,
    change: impl Fn(&mut TransactionFields, Timestamp) -> Result<(), Error> + Sync,
) -> Result<Transaction, Error> {
    until_current(store, TRANSACTION_ATTEMPTS_MAX, || async {
        let transaction = store.transaction(scope, id).await?;
        let transaction = transaction.ok_or(Error::TransactionNotFound)?;
        let now = clock.now();
        let at = Timestamp::next_after(transaction.updated_at, now);
        clock.settling_time().refuse_ahead(at, now)?;
        let mut fields = transaction.next_revision(at);
        change(&mut fields, at)?;
        let changed = Transaction(fields);
        let recording = store.record(&changed, &[], None).await?;
        Ok(matches!(recording, Recording::Recorded).then_some(changed))
    })
    .await
}
