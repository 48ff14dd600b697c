//! The operations of a transaction, as they are stored in its item.
//!
//! An operation names its leg and stores only what differs from it: alias, key and labels are those
//! of the leg, and the time is that of its step.

use serde::{Deserialize, Serialize};
use subledger::balance::{BalanceKey, Direction};
use subledger::money::amount::Amount;
use subledger::money::ids::{AccountId, BalanceId, OperationId, TransactionId};
use subledger::money::timestamp::Timestamp;
use subledger::transaction::{
    Amendment, Amounts, Leg, Operation, OperationType, Side, Step, Transaction,
};

use crate::schema::canonical;
use crate::schema::items::transaction::NotesAttribute;

/// Available, on hold, overdraft used.
#[derive(Serialize, Deserialize)]
struct AmountsAttribute(
    #[serde(with = "canonical")] Amount,
    #[serde(with = "canonical")] Amount,
    #[serde(with = "canonical")] Amount,
);

#[derive(Serialize, Deserialize)]
pub(super) struct OperationAttribute {
    #[serde(with = "canonical")]
    id: OperationId,
    /// The place of its leg: sources from 0, then destinations.
    leg: usize,
    #[serde(with = "canonical")]
    kind: OperationType,
    /// Only if it is not that of the leg.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "canonical::option")]
    direction: Option<Direction>,
    /// Only if it is not that of the leg.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "canonical::option")]
    amount: Option<Amount>,
    #[serde(with = "canonical")]
    account: AccountId,
    #[serde(with = "canonical")]
    balance: BalanceId,
    before: AmountsAttribute,
    after: AmountsAttribute,
    /// The version before. The one after is the next; the same where nothing was changed.
    version: u64,
    /// True for an operation of an annotation.
    #[serde(
        default,
        skip_serializing_if = "canonical::is_false",
        deserialize_with = "canonical::flag"
    )]
    unaffected: bool,
    /// True if it was made when the transaction was finalized.
    #[serde(
        default,
        skip_serializing_if = "canonical::is_false",
        deserialize_with = "canonical::flag"
    )]
    finalized: bool,
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "canonical::some_map"
    )]
    amended: Option<AmendmentAttribute>,
}

/// What the client has changed since.
#[derive(Serialize, Deserialize)]
struct AmendmentAttribute {
    #[serde(deserialize_with = "canonical::map")]
    notes: NotesAttribute,
    #[serde(with = "canonical")]
    at: Timestamp,
}

pub(super) fn write(
    transaction: &Transaction,
    finalized_at: Option<Timestamp>,
    operation: &Operation,
) -> Result<OperationAttribute, &'static str> {
    let (at, leg) = leg_of(&transaction.legs, operation).ok_or("an operation belongs to no leg")?;
    let recorded_at = recorded_at(operation.step, transaction.recorded_at, finalized_at);
    if recorded_at != Some(operation.recorded_at) {
        return Err("an operation was not recorded with its step");
    }
    let version = version_after(operation.before.version, operation.balance_affected);
    if version != operation.after.version {
        return Err("an operation does not lead to the next version");
    }
    let usual = direction_of(leg.side);
    Ok(OperationAttribute {
        id: operation.id,
        leg: at,
        kind: operation.kind,
        direction: (operation.direction != usual).then_some(operation.direction),
        amount: (operation.amount != leg.amount).then(|| operation.amount.clone()),
        account: operation.account,
        balance: operation.balance,
        before: write_amounts(&operation.before),
        after: write_amounts(&operation.after),
        version: operation.before.version,
        unaffected: !operation.balance_affected,
        finalized: operation.step == Step::Finalized,
        amended: operation.amended.as_ref().map(|amended| AmendmentAttribute {
            notes: NotesAttribute::from(&amended.notes),
            at: amended.at,
        }),
    })
}

/// The leg that an operation is stored with, and its index: the first leg with the same account,
/// balance and labels. Sources come before destinations, so the index in the item is the index in
/// the legs.
fn leg_of<'l>(legs: &'l [Leg], operation: &Operation) -> Option<(usize, &'l Leg)> {
    legs.iter().enumerate().find(|(_, leg)| {
        leg.alias == operation.alias
            && key_of(leg, operation.kind) == operation.key
            && leg.labels == operation.labels
    })
}

/// The key of the balance that an operation of this type is on.
fn key_of(leg: &Leg, kind: OperationType) -> BalanceKey {
    match kind {
        OperationType::Overdraft => BalanceKey::overdraft(),
        OperationType::Debit
        | OperationType::Credit
        | OperationType::OnHold
        | OperationType::Release
        | OperationType::Block
        | OperationType::Unblock => leg.key.clone(),
    }
}

/// The usual direction of an operation of a leg on this side.
const fn direction_of(side: Side) -> Direction {
    match side {
        Side::Source => Direction::Debit,
        Side::Destination => Direction::Credit,
    }
}

const fn recorded_at(
    step: Step,
    posted_at: Timestamp,
    finalized_at: Option<Timestamp>,
) -> Option<Timestamp> {
    match step {
        Step::Posted => Some(posted_at),
        Step::Finalized => finalized_at,
    }
}

const fn version_after(version: u64, affected: bool) -> u64 {
    if affected { version.saturating_add(1) } else { version }
}

fn write_amounts(amounts: &Amounts) -> AmountsAttribute {
    AmountsAttribute(
        amounts.available.clone(),
        amounts.on_hold.clone(),
        amounts.overdraft_used.clone(),
    )
}

fn read_amounts(amounts: AmountsAttribute, version: u64) -> Amounts {
    let AmountsAttribute(available, on_hold, overdraft_used) = amounts;
    Amounts { available, on_hold, overdraft_used, version }
}

pub(super) fn read(
    transaction: TransactionId,
    legs: &[Leg],
    posted_at: Timestamp,
    finalized_at: Option<Timestamp>,
    row: OperationAttribute,
) -> Result<Operation, String> {
    if row.id.transaction() != transaction {
        return Err("an operation has the id of another transaction".to_owned());
    }
    let amended = row.amended.map(|amended| {
        Ok::<_, String>(Amendment { notes: amended.notes.into_notes()?, at: amended.at })
    });
    let leg = legs.get(row.leg).ok_or("an operation names a leg that is not there")?;
    let step = if row.finalized { Step::Finalized } else { Step::Posted };
    let recorded_at = recorded_at(step, posted_at, finalized_at);
    let balance_affected = !row.unaffected;
    let operation = Operation {
        id: row.id,
        step,
        kind: row.kind,
        direction: row.direction.unwrap_or(direction_of(leg.side)),
        amount: row.amount.unwrap_or_else(|| leg.amount.clone()),
        account: row.account,
        alias: leg.alias.clone(),
        balance: row.balance,
        key: key_of(leg, row.kind),
        before: read_amounts(row.before, row.version),
        after: read_amounts(row.after, version_after(row.version, balance_affected)),
        balance_affected,
        recorded_at: recorded_at.ok_or("an operation was made in a step that was not taken")?,
        labels: leg.labels.clone(),
        amended: amended.transpose()?,
    };
    match leg_of(legs, &operation) {
        Some((at, _)) if at == row.leg => Ok(operation),
        Some(_) | None => Err("an operation names another leg than it is written with".to_owned()),
    }
}
