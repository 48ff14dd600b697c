//! Posting transactions.
//!
//! Every step reads what it decides on with strong consistency, decides with pure functions, and
//! writes all or nothing under conditions: each balance in the version that was read, the
//! transaction in the revision that was read. If another request was faster, the step is taken again
//! on fresh reads, up to [`TRANSACTION_ATTEMPTS_MAX`] times.

use std::collections::BTreeSet;

use crate::account::Alias;
use crate::balance::BalanceKey;
use crate::conflict::{TRANSACTION_ATTEMPTS_MAX, until_current};
use crate::error::Error;
use crate::idempotency::{Fingerprint, IdempotencyKey, IdempotentOperation, derive_id};
use crate::ledger::asset::AssetCode;
use crate::money::amount::Amount;
use crate::money::ids::{Scope, TransactionId};
use crate::money::timestamp::Timestamp;
use crate::ports::{Clock, IdSource, PostTransactions, Recording};
use crate::transaction::movement::Movement;
use crate::transaction::parties::{
    StepToCheck, check_legs, on_balances, refuse_overdraft_balances,
};
use crate::transaction::portion::{Portion, resolve};
use crate::transaction::posting::{Entry, annotation_operations, post, recording_time, too_large};
use crate::transaction::{
    CHANGED_BALANCES_MAX, LEGS_MAX, Leg, LegLabels, Notes, Operation, OperationType, Side, Step,
    Transaction, TransactionFields, TransactionLabels, TransactionStatus,
};

/// What a client calls a transfer that takes money out of use, or puts it back. It moves the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BlockLabel {
    /// Out of use.
    Block,
    /// Back.
    Unblock,
}

/// A leg as requested.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewLeg {
    /// The alias of the account; `None` if what was sent can be no alias.
    pub alias: Option<Alias>,
    /// The key of the balance; `None` if what was sent can be no key.
    pub key: Option<BalanceKey>,
    /// How much.
    pub portion: Portion,
    /// The client's description.
    pub labels: LegLabels,
}

/// A request to post a transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTransaction {
    /// The organization and the ledger that it belongs to.
    pub scope: Scope,
    /// The idempotency key of the request, if it has one.
    pub idempotency_key: Option<IdempotencyKey>,
    /// Pending, approved or annotation.
    pub status: TransactionStatus,
    /// What the client calls the debits and credits of an approved transaction; `None`: just that.
    pub label: Option<BlockLabel>,
    /// The asset that it moves.
    pub asset_code: AssetCode,
    /// The amount.
    pub value: Amount,
    /// The legs of the sources.
    pub sources: Vec<NewLeg>,
    /// The legs of the destinations.
    pub destinations: Vec<NewLeg>,
    /// The client's description.
    pub labels: TransactionLabels,
    /// The description and metadata, which the client may change later.
    pub notes: Notes,
    /// The date that the client gives it. It has no effect on history.
    pub transaction_date: Option<Timestamp>,
    /// The fingerprint of the request.
    pub fingerprint: Fingerprint,
}

/// The answer to a request to post a transaction.
#[derive(Debug)]
pub struct Posted {
    /// The transaction as it was posted.
    pub transaction: Transaction,
    /// Whether an earlier request with the same key posted it.
    pub replayed: bool,
}

/// Posts a transaction. A repeated request is answered with the transaction as it was posted.
///
/// # Errors
/// In this order: [`Error::TransactionDateInFuture`], [`Error::TransactionDateOnPending`],
/// [`Error::TransactionValue`], [`Error::IdempotencyKeyReused`], [`Error::TransactionTooLarge`],
/// [`Error::TransactionTotals`], [`Error::TransactionAmbiguous`], [`Error::LedgerNotFound`],
/// [`Error::InternalBalance`], [`Error::LegNotFound`], [`Error::LegAsset`],
/// [`Error::LegRestricted`], [`Error::PendingExternalSource`], [`Error::InsufficientFunds`],
/// [`Error::OverdraftLimit`]; [`Error::AmountOutOfRange`] where a sum becomes too large;
/// [`Error::RecordedAhead`] where a balance was recorded ahead of the present time;
/// [`Error::Contended`], and those of the store.
pub async fn post_transaction(
    store: &impl PostTransactions,
    clock: &dyn Clock,
    ids: &dyn IdSource,
    new: NewTransaction,
) -> Result<Posted, Error> {
    if let Some(date) = new.transaction_date {
        if date > clock.now() {
            return Err(Error::TransactionDateInFuture);
        }
        if new.status == TransactionStatus::Pending {
            return Err(Error::TransactionDateOnPending);
        }
    }
    if !new.value.is_positive() {
        return Err(Error::TransactionValue);
    }
    let Some(key) = &new.idempotency_key else {
        let id = TransactionId::of_new(ids.next_id());
        return create(store, clock, &draft(&new, id)?).await;
    };
    let id = TransactionId::of_new(derive_id(new.scope, IdempotentOperation::PostTransaction, key));
    if let Some(earlier) = store.transaction(new.scope, id).await? {
        return repeated(&earlier, new.fingerprint);
    }
    match async { create(store, clock, &draft(&new, id)?).await }.await {
        Ok(posted) => Ok(posted),
        // The refusal may be due to the same request, sent twice, whose first sending has just
        // succeeded.
        Err(refusal) => match store.transaction(new.scope, id).await {
            Ok(Some(earlier)) => repeated(&earlier, new.fingerprint),
            Ok(None) => Err(refusal),
            // The outcome stays unknown if reading it fails too.
            Err(_) if matches!(refusal, Error::Unavailable { .. }) => Err(refusal),
            Err(error) => Err(error),
        },
    }
}

fn repeated(earlier: &Transaction, fingerprint: Fingerprint) -> Result<Posted, Error> {
    if earlier.fingerprint != fingerprint {
        return Err(Error::IdempotencyKeyReused);
    }
    Ok(Posted { transaction: earlier.as_posted(), replayed: true })
}

/// A transaction before its balances are read.
pub(super) struct Draft {
    /// See [`TransactionFields::id`].
    pub(super) id: TransactionId,
    /// See [`TransactionFields::scope`].
    pub(super) scope: Scope,
    /// See [`TransactionFields::parent`].
    pub(super) parent: Option<TransactionId>,
    /// See [`TransactionFields::initial_status`].
    pub(super) status: TransactionStatus,
    /// See [`NewTransaction::label`].
    pub(super) label: Option<BlockLabel>,
    /// See [`TransactionFields::asset_code`].
    pub(super) asset_code: AssetCode,
    /// See [`TransactionFields::amount`].
    pub(super) amount: Amount,
    /// The legs whose names an account and a balance can have.
    pub(super) legs: Vec<Leg>,
    /// The first leg beyond these: its side, and its place there from 1. The transaction is refused
    /// if there is one.
    pub(super) impossible_leg: Option<(Side, usize)>,
    /// See [`TransactionFields::labels`].
    pub(super) labels: TransactionLabels,
    /// See [`TransactionFields::notes`].
    pub(super) notes: Notes,
    /// See [`TransactionFields::transaction_date`].
    pub(super) transaction_date: Option<Timestamp>,
    /// See [`TransactionFields::fingerprint`].
    pub(super) fingerprint: Fingerprint,
}

impl Draft {
    /// The transaction, recorded at this moment with its legs on their balances and what it did.
    fn recorded(
        &self,
        legs: Vec<Leg>,
        operations: Vec<Operation>,
        recorded_at: Timestamp,
    ) -> Transaction {
        Transaction(TransactionFields {
            id: self.id,
            scope: self.scope,
            parent: self.parent,
            reverted_by: None,
            status: self.status,
            initial_status: self.status,
            asset_code: self.asset_code.clone(),
            amount: self.amount.clone(),
            legs,
            operations,
            labels: self.labels.clone(),
            first_notes: self.notes.clone(),
            notes: self.notes.clone(),
            transaction_date: self.transaction_date,
            recorded_at,
            updated_at: recorded_at,
            revision: 0,
            fingerprint: self.fingerprint,
        })
    }
}

/// The transaction that a request asks for.
fn draft(new: &NewTransaction, id: TransactionId) -> Result<Draft, Error> {
    let sides = [(Side::Source, &new.sources), (Side::Destination, &new.destinations)];
    let named = sides.iter().flat_map(|(_, legs)| legs.iter().map(|leg| (&leg.alias, &leg.key)));
    let changed = match new.status {
        TransactionStatus::Annotation => 0,
        TransactionStatus::Pending | TransactionStatus::Approved | TransactionStatus::Canceled => {
            named.collect::<BTreeSet<_>>().len()
        }
    };
    let legs_count = new.sources.len().saturating_add(new.destinations.len());
    if legs_count > LEGS_MAX || changed > CHANGED_BALANCES_MAX {
        return Err(too_large());
    }
    let mut legs = Vec::with_capacity(legs_count);
    for (side, asked) in sides {
        let portions: Vec<Portion> = asked.iter().map(|leg| leg.portion.clone()).collect();
        let amounts = resolve(side, &new.value, &portions)?;
        legs.extend(
            asked.iter().zip(amounts).filter_map(|(leg, amount)| named_leg(side, leg, amount)),
        );
    }
    let same = |(source, destination): (&NewLeg, &NewLeg)| {
        source.alias.is_some()
            && source.key.is_some()
            && source.alias == destination.alias
            && source.key == destination.key
    };
    if new.sources.iter().zip(&new.destinations).any(same) {
        return Err(Error::TransactionAmbiguous);
    }
    let impossible_leg = sides.iter().find_map(|(side, legs)| {
        let place = legs.iter().position(|leg| leg.alias.is_none() || leg.key.is_none())?;
        Some((*side, place.saturating_add(1)))
    });
    Ok(Draft {
        id,
        scope: new.scope,
        parent: None,
        status: new.status,
        label: new.label,
        asset_code: new.asset_code.clone(),
        amount: new.value.clone(),
        legs,
        impossible_leg,
        labels: new.labels.clone(),
        notes: new.notes.clone(),
        transaction_date: new.transaction_date,
        fingerprint: new.fingerprint,
    })
}

/// The leg; `None` if its alias or its key can be none.
fn named_leg(side: Side, leg: &NewLeg, amount: Amount) -> Option<Leg> {
    let (alias, key) = (leg.alias.clone()?, leg.key.clone()?);
    Some(Leg { side, alias, key, balance: None, amount, labels: leg.labels.clone() })
}

/// Writes a transaction that does not exist yet, and what it does to its balances.
async fn create(
    store: &impl PostTransactions,
    clock: &dyn Clock,
    draft: &Draft,
) -> Result<Posted, Error> {
    check_draft(store, draft).await?;
    until_current(store, TRANSACTION_ATTEMPTS_MAX, || attempt_to_create(store, clock, draft, None))
        .await
}

/// Checks what does not depend on balances.
pub(super) async fn check_draft(store: &impl PostTransactions, draft: &Draft) -> Result<(), Error> {
    if !store.ledger_exists(draft.scope).await? {
        return Err(Error::LedgerNotFound);
    }
    refuse_overdraft_balances(&draft.legs)?;
    if let Some((side, place)) = draft.impossible_leg {
        return Err(Error::LegImpossible { side, place });
    }
    Ok(())
}

/// One attempt to write a transaction that does not exist yet, and what it does to its balances;
/// `None` if something that was read has changed before it was written.
pub(super) async fn attempt_to_create(
    store: &impl PostTransactions,
    clock: &dyn Clock,
    draft: &Draft,
    reverts: Option<&Transaction>,
) -> Result<Option<Posted>, Error> {
    let read = store.leg_balances(draft.scope, &draft.legs).await?;
    let step = StepToCheck {
        asset_code: &draft.asset_code,
        initial_status: draft.status,
        is_reversal: draft.parent.is_some(),
    };
    check_legs(&draft.legs, &step, &read)?;
    // The original is changed in the same write, and later than its last change.
    let reverted = reverts.map(|original| original.updated_at.successor());
    let earliest = reverted.unwrap_or(Timestamp::MIN);
    let recorded_at = recording_time(&read.balances, earliest, clock)?;
    let (mut operations, changed) = match draft.status {
        TransactionStatus::Annotation => {
            let legs = &draft.legs;
            (annotation_operations(draft.id, legs, &read.balances, recorded_at), Vec::new())
        }
        TransactionStatus::Pending | TransactionStatus::Approved | TransactionStatus::Canceled => {
            let entries = first_step(draft);
            let posting = post(draft.id, Step::Posted, &entries, &read.balances, recorded_at, 0)?;
            (posting.operations, posting.changed)
        }
    };
    if let Some(label) = draft.label {
        operations
            .iter_mut()
            .for_each(|operation| operation.kind = labelled(operation.kind, label));
    }
    let legs = on_balances(&draft.legs, &read)?;
    let transaction = draft.recorded(legs, operations, recorded_at);
    let reverted = reverts.map(|original| {
        let reverted_by = Some(transaction.id);
        Transaction(TransactionFields { reverted_by, ..original.next_revision(recorded_at) })
    });
    match store.record(&transaction, &changed, reverted.as_ref()).await? {
        Recording::Recorded => Ok(Some(Posted { transaction, replayed: false })),
        Recording::Existing(earlier) => repeated(&earlier, draft.fingerprint).map(Some),
        Recording::Reverted | Recording::Stale => Ok(None),
    }
}

/// The type of an operation of a block, or of the end of one: that of its debits and credits.
const fn labelled(kind: OperationType, label: BlockLabel) -> OperationType {
    match (kind, label) {
        (OperationType::Debit | OperationType::Credit, BlockLabel::Block) => OperationType::Block,
        (OperationType::Debit | OperationType::Credit, BlockLabel::Unblock) => {
            OperationType::Unblock
        }
        (_, _) => kind,
    }
}

/// What the legs do when a transaction is posted.
fn first_step(draft: &Draft) -> Vec<Entry<'_>> {
    let pending = draft.status == TransactionStatus::Pending;
    let movement = |leg: &Leg| match (leg.side, pending) {
        (Side::Source, true) => Some(Movement::Hold),
        (Side::Source, false) => Some(Movement::Debit),
        (Side::Destination, true) => None,
        (Side::Destination, false) => Some(Movement::Credit),
    };
    let entries = draft.legs.iter();
    entries.filter_map(|leg| movement(leg).map(|movement| Entry { leg, movement })).collect()
}

/// Whether a transaction has changed since it was read. Its balances are read after it, so a
/// refusal because of them may be due to another request that changed both.
pub(super) async fn has_changed(
    store: &impl PostTransactions,
    read: &Transaction,
) -> Result<bool, Error> {
    let now = store.transaction(read.scope, read.id).await?;
    Ok(now.is_none_or(|now| now.revision != read.revision))
}
