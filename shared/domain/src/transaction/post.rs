//! Posting transactions, and leading them through their life.
//!
//! Every step reads what it decides on with strong consistency, decides with pure functions, and
//! writes all or nothing under conditions: each balance in the version that was read, the
//! transaction in the revision that was read. If somebody was faster, the step is taken again on
//! fresh reads, up to [`ATTEMPTS_MAX`] times.

use std::collections::BTreeSet;

use crate::account::{Account, Alias};
use crate::balance::{Balance, BalanceKey, BalanceScope};
use crate::error::Error;
use crate::idempotency::{Fingerprint, IdempotencyKey, Operation as Created, derive_id};
use crate::ledger::asset::AssetCode;
use crate::money::amount::Amount;
use crate::money::ids::{Scope, TransactionId};
use crate::money::timestamp::Timestamp;
use crate::ports::{Clock, IdSource, LegBalances, PostTransactions, Recording};
use crate::transaction::movement::Movement;
use crate::transaction::portion::{Portion, resolve};
use crate::transaction::posting::{Entry, annotate, post, recording_time, too_large};
use crate::transaction::{
    CHANGED_BALANCES_MAX, LEGS_MAX, Leg, LegLabels, Notes, Operation, OperationType, Side, Step,
    Transaction, TransactionLabels, TransactionStatus,
};

/// How often a step is tried on fresh reads before it is refused.
pub const ATTEMPTS_MAX: u32 = 40;

/// A leg, as requested.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewLeg {
    /// The account, by its alias; `None` if no account can have what was sent.
    pub alias: Option<Alias>,
    /// The balance of the account; `None` if no balance can have what was sent.
    pub key: Option<BalanceKey>,
    /// How much.
    pub portion: Portion,
    /// The client's words.
    pub labels: LegLabels,
}

/// What a client says about a new transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTransaction {
    /// Where it belongs.
    pub scope: Scope,
    /// The caller's name for this request, if it gave one.
    pub idempotency_key: Option<IdempotencyKey>,
    /// Pending, approved or noted.
    pub status: TransactionStatus,
    /// What it moves.
    pub asset_code: AssetCode,
    /// How much of it.
    pub value: Amount,
    /// Who gives.
    pub sources: Vec<NewLeg>,
    /// Who gets.
    pub destinations: Vec<NewLeg>,
    /// The client's words.
    pub labels: TransactionLabels,
    /// The client's words that it may change.
    pub notes: Notes,
    /// The date that the client gives it.
    pub transaction_date: Option<Timestamp>,
    /// Of the request.
    pub fingerprint: Fingerprint,
}

/// A transaction that was asked for.
#[derive(Debug)]
pub struct Posted {
    /// As it was posted.
    pub transaction: Transaction,
    /// Whether an earlier request did it.
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
        let id = TransactionId::new(ids.next_id());
        return create(store, clock, ids, &draft(&new, id)?, None).await;
    };
    let id = TransactionId::new(derive_id(new.scope, Created::PostTransaction, key));
    if let Some(earlier) = store.transaction(new.scope, id).await? {
        return repeated(&earlier, new.fingerprint);
    }
    match async { create(store, clock, ids, &draft(&new, id)?, None).await }.await {
        Ok(posted) => Ok(posted),
        // The refusal may be the work of the same request's twin, which has just succeeded.
        Err(refusal) => match store.transaction(new.scope, id).await {
            Ok(Some(earlier)) => repeated(&earlier, new.fingerprint),
            Ok(None) => Err(refusal),
            // What may have been done stays so, however looking at it fails.
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

/// A transaction before anything is known about its balances.
struct Draft {
    /// Without operations and time.
    transaction: Transaction,
    /// Whether the request has a leg whose names nothing can have. The transaction is without it,
    /// and is never written.
    has_unknown_leg: bool,
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
        let amounts = resolve(&new.value, &portions)?;
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
    let has_unknown_leg = legs.len() < legs_count;
    let transaction = Transaction {
        id,
        scope: new.scope,
        parent: None,
        reverted_by: None,
        status: new.status,
        initial_status: new.status,
        asset_code: new.asset_code.clone(),
        amount: new.value.clone(),
        legs,
        operations: Vec::new(),
        labels: new.labels.clone(),
        first_notes: new.notes.clone(),
        notes: new.notes.clone(),
        transaction_date: new.transaction_date,
        recorded_at: Timestamp::MIN,
        updated_at: Timestamp::MIN,
        revision: 0,
        fingerprint: new.fingerprint,
    };
    Ok(Draft { transaction, has_unknown_leg })
}

/// The leg, if something can have its names.
fn named_leg(side: Side, leg: &NewLeg, amount: Amount) -> Option<Leg> {
    let (alias, key) = (leg.alias.clone()?, leg.key.clone()?);
    Some(Leg { side, alias, key, amount, labels: leg.labels.clone() })
}

/// Writes a transaction that does not exist yet, and what it does to its balances.
async fn create(
    store: &impl PostTransactions,
    clock: &dyn Clock,
    ids: &dyn IdSource,
    draft: &Draft,
    reverts: Option<&Transaction>,
) -> Result<Posted, Error> {
    let Draft { transaction: draft, has_unknown_leg } = draft;
    if !store.ledger_exists(draft.scope).await? {
        return Err(Error::LedgerNotFound);
    }
    refuse_overdraft_balances(&draft.legs)?;
    if *has_unknown_leg {
        return Err(Error::LegNotFound);
    }
    for attempt in 0..ATTEMPTS_MAX {
        let read = store.leg_balances(draft.scope, &draft.legs).await?;
        check_legs(draft, &read)?;
        // The original is changed with it, and time goes on for both.
        let reverted = reverts.map(|original| original.updated_at.successor());
        let earliest = reverted.unwrap_or(Timestamp::MIN);
        let recorded_at = recording_time(&read.balances, earliest, clock.now());
        let (operations, changed) = match draft.status {
            TransactionStatus::Annotation => {
                (annotate(&draft.legs, &read.balances, recorded_at, ids), Vec::new())
            }
            TransactionStatus::Pending
            | TransactionStatus::Approved
            | TransactionStatus::Canceled => {
                let entries = first_step(draft);
                let posting =
                    post(draft.id, Step::Posted, &entries, &read.balances, recorded_at, ids)?;
                (posting.operations, posting.changed)
            }
        };
        let transaction =
            Transaction { operations, recorded_at, updated_at: recorded_at, ..draft.clone() };
        let reverted = reverts.map(|original| Transaction {
            reverted_by: Some(transaction.id),
            ..next_revision(original, recorded_at)
        });
        match store.record(&transaction, &changed, reverted.as_ref()).await? {
            Recording::Recorded => return Ok(Posted { transaction, replayed: false }),
            Recording::Existing(earlier) => return repeated(&earlier, draft.fingerprint),
            Recording::Reverted => return Err(Error::AlreadyReverted),
            Recording::Stale => store.back_off(attempt).await,
        }
    }
    Err(Error::Contended)
}

/// What the legs do when a transaction is posted.
fn first_step(draft: &Transaction) -> Vec<Entry<'_>> {
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

/// Refuses legs that name an overdraft balance, whether it exists or not.
fn refuse_overdraft_balances(legs: &[Leg]) -> Result<(), Error> {
    if legs.iter().any(|leg| leg.key.is_reserved()) {
        return Err(Error::InternalBalance);
    }
    Ok(())
}

/// Checks that the balances of the legs may take part, in the order in which it is reported.
fn check_legs(transaction: &Transaction, read: &LegBalances) -> Result<(), Error> {
    let legs = &transaction.legs;
    let parties = legs
        .iter()
        .map(|leg| party(leg, read).ok_or(Error::LegNotFound))
        .collect::<Result<Vec<_>, _>>()?;
    for (_, balance) in &parties {
        let scope = balance.settings.as_ref().and_then(|settings| settings.scope);
        if scope == Some(BalanceScope::Internal) {
            return Err(Error::InternalBalance);
        }
    }
    if parties.iter().any(|(_, balance)| balance.asset_code != transaction.asset_code) {
        return Err(Error::LegAsset);
    }
    if transaction.initial_status == TransactionStatus::Annotation {
        return Ok(());
    }
    for (leg, (account, balance)) in legs.iter().zip(&parties) {
        let allowed = match leg.side {
            Side::Source => balance.allow_sending,
            Side::Destination => balance.allow_receiving,
        };
        if !allowed || account.blocked || account.is_closed() {
            return Err(Error::LegRestricted);
        }
    }
    let reserves = transaction.initial_status == TransactionStatus::Pending;
    let external = |(leg, (account, _)): (&Leg, &(&Account, &Balance))| {
        leg.side == Side::Source && account.kind.is_external()
    };
    if reserves && legs.iter().zip(&parties).any(external) {
        return Err(Error::PendingExternalSource);
    }
    Ok(())
}

/// The account and the balance of a leg.
fn party<'a>(leg: &Leg, read: &'a LegBalances) -> Option<(&'a Account, &'a Balance)> {
    let account = read.accounts.iter().find(|account| account.alias == leg.alias)?;
    let balance = read.balances.iter().find(|balance| {
        balance.account == account.id && balance.key == leg.key && balance.deleted_at.is_none()
    })?;
    Some((account, balance))
}

/// How a pending transaction ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finalization {
    /// The destinations get what the sources reserved.
    Commit,
    /// The sources get back what they reserved.
    Cancel,
}

/// Commits or cancels a pending transaction. Flags and accounts are checked again at commit;
/// a cancellation always gives back.
///
/// # Errors
/// [`Error::TransactionNotFound`], [`Error::TransactionStatus`], [`Error::LegNotFound`],
/// [`Error::LegAsset`], [`Error::LegRestricted`], [`Error::InsufficientFunds`] where a balance of
/// direction debit has too little to be credited or released, [`Error::AmountOutOfRange`],
/// [`Error::TransactionTooLarge`], [`Error::Contended`], and those of the store.
pub async fn finalize_transaction(
    store: &impl PostTransactions,
    clock: &dyn Clock,
    ids: &dyn IdSource,
    scope: Scope,
    id: TransactionId,
    finalization: Finalization,
) -> Result<Transaction, Error> {
    for attempt in 0..ATTEMPTS_MAX {
        let transaction = store.transaction(scope, id).await?;
        let transaction = transaction.ok_or(Error::TransactionNotFound)?;
        if transaction.status != TransactionStatus::Pending {
            return Err(Error::TransactionStatus);
        }
        let read = store.leg_balances(scope, &transaction.legs).await?;
        let (finalized, changed) = match finalize(&transaction, finalization, &read, clock, ids) {
            Ok(step) => step,
            Err(refusal) if !has_changed(store, &transaction).await? => return Err(refusal),
            Err(_) => continue,
        };
        match store.record(&finalized, &changed, None).await? {
            Recording::Recorded => return Ok(finalized),
            Recording::Existing(_) | Recording::Reverted | Recording::Stale => {
                store.back_off(attempt).await;
            }
        }
    }
    Err(Error::Contended)
}

/// Whether a transaction is not what was read any more. Balances are read after it, so a refusal
/// that they bring may only be the work of whoever was faster.
async fn has_changed(store: &impl PostTransactions, read: &Transaction) -> Result<bool, Error> {
    let now = store.transaction(read.scope, read.id).await?;
    Ok(now.is_none_or(|now| now.revision != read.revision))
}

/// The last step of a pending transaction, and what it does to its balances.
fn finalize(
    transaction: &Transaction,
    finalization: Finalization,
    read: &LegBalances,
    clock: &dyn Clock,
    ids: &dyn IdSource,
) -> Result<(Transaction, Vec<Balance>), Error> {
    let (status, entries) = match finalization {
        Finalization::Commit => {
            check_legs(transaction, read)?;
            (TransactionStatus::Approved, commit_entries(transaction))
        }
        Finalization::Cancel => (TransactionStatus::Canceled, cancel_entries(transaction)?),
    };
    let earliest = transaction.updated_at.successor();
    let recorded_at = recording_time(&read.balances, earliest, clock.now());
    let step = Step::Finalized;
    let posting = post(transaction.id, step, &entries, &read.balances, recorded_at, ids)?;
    let mut finalized = Transaction { status, ..next_revision(transaction, recorded_at) };
    finalized.operations.extend(posting.operations);
    Ok((finalized, posting.changed))
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

fn next_revision(transaction: &Transaction, at: Timestamp) -> Transaction {
    Transaction {
        revision: transaction.revision.saturating_add(1),
        updated_at: at,
        ..transaction.clone()
    }
}

/// Reverts an approved transaction with one that moves everything back.
///
/// # Errors
/// [`Error::TransactionNotFound`], [`Error::AlreadyReverted`], [`Error::IsReversal`],
/// [`Error::TransactionStatus`], [`Error::NothingToRevert`], and those of [`post_transaction`].
pub async fn revert_transaction(
    store: &impl PostTransactions,
    clock: &dyn Clock,
    ids: &dyn IdSource,
    scope: Scope,
    id: TransactionId,
) -> Result<Transaction, Error> {
    for attempt in 0..ATTEMPTS_MAX {
        let original = store.transaction(scope, id).await?.ok_or(Error::TransactionNotFound)?;
        check_revertible(&original)?;
        let transaction = reversal(&original, TransactionId::new(ids.next_id()));
        let draft = Draft { transaction, has_unknown_leg: false };
        match create(store, clock, ids, &draft, Some(&original)).await {
            Ok(posted) => return Ok(posted.transaction),
            // Somebody reverted it, or only changed its notes.
            Err(Error::AlreadyReverted) => store.back_off(attempt).await,
            // It may have been done: who is told next that it was reverted already would take its
            // own work for somebody else's.
            Err(unknown @ Error::Unavailable { .. }) => return Err(unknown),
            Err(refusal) if !has_changed(store, &original).await? => return Err(refusal),
            Err(_) => {}
        }
    }
    Err(Error::Contended)
}

fn check_revertible(original: &Transaction) -> Result<(), Error> {
    if original.reverted_by.is_some() {
        return Err(Error::AlreadyReverted);
    }
    if original.parent.is_some() {
        return Err(Error::IsReversal);
    }
    if original.status != TransactionStatus::Approved {
        return Err(Error::TransactionStatus);
    }
    if !original.operations.iter().any(|operation| operation.balance_affected) {
        return Err(Error::NothingToRevert);
    }
    Ok(())
}

fn reversal(original: &Transaction, id: TransactionId) -> Transaction {
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
    Transaction {
        id,
        parent: Some(original.id),
        status: TransactionStatus::Approved,
        initial_status: TransactionStatus::Approved,
        legs,
        operations: Vec::new(),
        first_notes: original.notes.clone(),
        transaction_date: None,
        revision: 0,
        ..original.clone()
    }
}

/// The transaction as it is now.
///
/// # Errors
/// [`Error::TransactionNotFound`], and those of the store.
pub async fn get_transaction(
    store: &impl PostTransactions,
    scope: Scope,
    id: TransactionId,
) -> Result<Transaction, Error> {
    store.transaction(scope, id).await?.ok_or(Error::TransactionNotFound)
}

/// Changes what a client says about a transaction.
///
/// # Errors
/// [`Error::TransactionNotFound`], those of `change`, [`Error::Contended`], and those of the store.
pub async fn annotate_transaction(
    store: &impl PostTransactions,
    clock: &dyn Clock,
    scope: Scope,
    id: TransactionId,
    change: impl Fn(&Notes) -> Result<Notes, Error> + Sync,
) -> Result<Transaction, Error> {
    for attempt in 0..ATTEMPTS_MAX {
        let transaction = store.transaction(scope, id).await?;
        let transaction = transaction.ok_or(Error::TransactionNotFound)?;
        let at = Timestamp::next_after(transaction.updated_at, clock.now());
        let notes = change(&transaction.notes)?;
        let changed = Transaction { notes, ..next_revision(&transaction, at) };
        match store.record(&changed, &[], None).await? {
            Recording::Recorded => return Ok(changed),
            Recording::Existing(_) | Recording::Reverted | Recording::Stale => {
                store.back_off(attempt).await;
            }
        }
    }
    Err(Error::Contended)
}
