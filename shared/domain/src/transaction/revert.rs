//! Reverting an approved transaction.

use crate::conflict::{TRANSACTION_ATTEMPTS_MAX, until_current};
use crate::error::Error;
use crate::money::ids::{Scope, TransactionId};
use crate::ports::{Clock, IdSource, PostTransactions};
use crate::transaction::post::{Draft, attempt_to_create, check_draft, has_changed};
use crate::transaction::{Leg, Side, Transaction, TransactionStatus};

/// Reverts an approved transaction with one that moves everything back.
///
/// # Errors
/// [`Error::TransactionNotFound`], [`Error::AlreadyReverted`], [`Error::IsReversal`],
/// [`Error::TransactionStatus`], [`Error::NothingToRevert`], and those of
/// [`post_transaction`](crate::transaction::post::post_transaction).
pub async fn revert_transaction(
    store: &impl PostTransactions,
    clock: &dyn Clock,
    ids: &dyn IdSource,
    scope: Scope,
    id: TransactionId,
) -> Result<Transaction, Error> {
    until_current(store, TRANSACTION_ATTEMPTS_MAX, || async {
        let original = store.transaction(scope, id).await?.ok_or(Error::TransactionNotFound)?;
        check_revertible(&original)?;
        let draft = reversal(&original, TransactionId::of_new(ids.next_id()));
        check_draft(store, &draft).await?;
        // One attempt: what is read again before the next one includes the original.
        match attempt_to_create(store, clock, &draft, Some(&original)).await {
            Ok(posted) => Ok(posted.map(|posted| posted.transaction)),
            // The reversal may have been written. A second attempt could find it and report it as
            // the work of another request.
            Err(unknown @ Error::Unavailable { .. }) => Err(unknown),
            Err(refusal) if !has_changed(store, &original).await? => Err(refusal),
            Err(_) => Ok(None),
        }
    })
    .await
}

fn check_revertible(original: &Transaction) -> Result<(), Error> {
    if let Some(by) = original.reverted_by {
        return Err(Error::AlreadyReverted { by });
    }
    if original.parent.is_some() {
        return Err(Error::IsReversal);
    }
    if original.status != TransactionStatus::Approved {
        return Err(Error::TransactionStatus { status: original.status });
    }
    if !original.operations.iter().any(|operation| operation.balance_affected) {
        return Err(Error::NothingToRevert);
    }
    Ok(())
}

fn reversal(original: &Transaction, id: TransactionId) -> Draft {
    let swapped = |leg: &Leg| Leg {
        side: match leg.side {
            Side::Source => Side::Destination,
            Side::Destination => Side::Source,
        },
        ..leg.clone()
    };
    let mut legs: Vec<Leg> = original.legs.iter().map(swapped).collect();
    legs.sort_by_key(|leg| match leg.side {
        Side::Source => 0,
        Side::Destination => 1,
    });
    Draft {
        id,
        scope: original.scope,
        parent: Some(original.id),
        status: TransactionStatus::Approved,
        label: None,
        asset_code: original.asset_code.clone(),
        amount: original.amount.clone(),
        legs,
        impossible_leg: None,
        labels: original.labels.clone(),
        notes: original.notes.clone(),
        transaction_date: None,
        fingerprint: original.fingerprint,
    }
}
