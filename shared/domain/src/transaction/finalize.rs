//! Finalizing a pending transaction: committing or canceling it.

use crate::balance::Balance;
use crate::conflict::{TRANSACTION_ATTEMPTS_MAX, until_current};
use crate::error::Error;
use crate::money::ids::{Scope, TransactionId};
use crate::ports::{Clock, LegBalances, PostTransactions, Recording};
use crate::transaction::movement::Movement;
use crate::transaction::parties::{StepToCheck, check_legs};
use crate::transaction::post::has_changed;
use crate::transaction::posting::{Entry, post, recording_time};
use crate::transaction::{
    Leg, Operation, OperationType, Side, Step, Transaction, TransactionFields, TransactionStatus,
};

/// How a pending transaction ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finalization {
    /// The destinations get what the sources reserved.
    Commit,
    /// The sources get back what they reserved.
    Cancel,
}

/// Commits or cancels a pending transaction. A commit checks the flags of the balances and the
/// accounts again. A cancellation does not, so that holds can always be released.
///
/// # Errors
/// [`Error::TransactionNotFound`], [`Error::TransactionStatus`], [`Error::LegBalanceDeleted`],
/// [`Error::LegAsset`], [`Error::LegRestricted`], [`Error::RepaymentAboveDebt`], [`Error::InsufficientFunds`] where a balance of
/// direction debit has too little to be credited or released, [`Error::AmountOutOfRange`],
/// [`Error::TransactionTooLarge`], [`Error::RecordedAhead`], [`Error::Contended`], and those of the
/// store.
pub async fn finalize_transaction(
    store: &impl PostTransactions,
    clock: &dyn Clock,
    scope: Scope,
    id: TransactionId,
    finalization: Finalization,
) -> Result<Transaction, Error> {
    until_current(store, TRANSACTION_ATTEMPTS_MAX, || async {
        let transaction = store.transaction(scope, id).await?;
        let transaction = transaction.ok_or(Error::TransactionNotFound)?;
        if transaction.status != TransactionStatus::Pending {
            return Err(Error::TransactionStatus { status: transaction.status });
        }
        let read = store.leg_balances(scope, &transaction.legs).await?;
        let (finalized, changed) = match finalize(&transaction, finalization, &read, clock) {
            Ok(step) => step,
            Err(refusal) if !has_changed(store, &transaction).await? => return Err(refusal),
            Err(_) => return Ok(None),
        };
        let recording = store.record(&finalized, &changed, None).await?;
        Ok(matches!(recording, Recording::Recorded).then_some(finalized))
    })
    .await
}

/// The last step of a pending transaction, and what it does to its balances.
fn finalize(
    transaction: &Transaction,
    finalization: Finalization,
    read: &LegBalances,
    clock: &dyn Clock,
) -> Result<(Transaction, Vec<Balance>), Error> {
    let (status, entries) = match finalization {
        Finalization::Commit => {
            let step = StepToCheck {
                asset_code: &transaction.asset_code,
                initial_status: transaction.initial_status,
                is_reversal: false,
            };
            check_legs(&transaction.legs, &step, read)?;
            (TransactionStatus::Approved, commit_entries(transaction))
        }
        Finalization::Cancel => (TransactionStatus::Canceled, cancel_entries(transaction)?),
    };
    let earliest = transaction.updated_at.successor();
    let recorded_at = recording_time(&read.balances, earliest, clock)?;
    let (step, operations_before) = (Step::Finalized, transaction.operations.len());
    let (balances, id) = (&read.balances, transaction.id);
    let posting = post(id, step, &entries, balances, recorded_at, operations_before)?;
    let mut finalized = TransactionFields { status, ..transaction.next_revision(recorded_at) };
    finalized.operations.extend(posting.operations);
    Ok((Transaction(finalized), posting.changed))
}

fn commit_entries(transaction: &Transaction) -> Vec<Entry<'_>> {
    let entry = |leg: &'_ Leg| match leg.side {
        Side::Source => Movement::Settle,
        Side::Destination => Movement::Credit,
    };
    transaction.legs.iter().map(|leg| Entry { leg, movement: entry(leg) }).collect()
}

/// The releases of a transaction's holds, each with the overdraft that its hold used.
fn cancel_entries(transaction: &Transaction) -> Result<Vec<Entry<'_>>, Error> {
    let sources = transaction.legs.iter().filter(|leg| leg.side == Side::Source);
    let is_hold = |operation: &&Operation| operation.kind == OperationType::OnHold;
    let holds = transaction.operations.iter().filter(is_hold);
    sources
        .zip(holds)
        .map(|(leg, hold)| {
            let overdraft = hold.after.overdraft_used.checked_sub(&hold.before.overdraft_used)?;
            Ok(Entry { leg, movement: Movement::Release { overdraft } })
        })
        .collect()
}
