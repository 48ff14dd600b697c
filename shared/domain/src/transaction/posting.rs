//! Applies the legs of one step to the balances that were read.

use super::movement::{Movement, OverdraftChange, apply};
use super::{Amounts, CHANGED_BALANCES_MAX, LEGS_MAX, Leg, Operation, OperationType, Side, Step};
use crate::balance::{Balance, BalanceFields, BalanceKey, Direction};
use crate::error::Error;
use crate::money::amount::Amount;
use crate::money::ids::TransactionId;
use crate::money::timestamp::Timestamp;
use crate::ports::Clock;

/// A leg and what it does to its balance in this step.
#[derive(Debug, Clone)]
pub struct Entry<'a> {
    /// The leg.
    pub leg: &'a Leg,
    /// What it does.
    pub movement: Movement,
}

/// What a step writes.
#[derive(Debug, Clone)]
pub struct Posting {
    /// The next version of every balance that changed.
    pub changed: Vec<Balance>,
    /// What was done, in order.
    pub operations: Vec<Operation>,
    /// One time for all of it: later than every version that it follows.
    pub recorded_at: Timestamp,
}

/// The time of recording of a step: now, or just after the newest version that it changes.
///
/// # Errors
/// [`Error::RecordedAhead`] if one of these versions is too far ahead of now.
pub fn recording_time(
    balances: &[Balance],
    earliest: Timestamp,
    clock: &dyn Clock,
) -> Result<Timestamp, Error> {
    let now = clock.now();
    let previous = balances.iter().map(|balance| balance.recorded_at);
    let at = previous.fold(now.max(earliest), |at, previous| Timestamp::next_after(previous, at));
    clock.settling_time().refuse_ahead(at, now)?;
    Ok(at)
}

/// Applies the legs one after the other, overdraft balances included.
///
/// `balances` are those of the legs and the overdraft balances that they move, each once.
/// `operations_before` is how many operations the steps before have made.
///
/// # Errors
/// [`Error::LegNotFound`], [`Error::LegBalanceDeleted`], [`Error::InsufficientFunds`],
/// [`Error::OverdraftLimit`], [`Error::AmountOutOfRange`], [`Error::TransactionTooLarge`].
pub fn post(
    transaction: TransactionId,
    step: Step,
    entries: &[Entry<'_>],
    balances: &[Balance],
    recorded_at: Timestamp,
    operations_before: usize,
) -> Result<Posting, Error> {
    let mut working: Vec<BalanceFields> =
        balances.iter().map(|balance| balance.clone().into_fields()).collect();
    let mut operations: Vec<Operation> = Vec::with_capacity(entries.len());
    for Entry { leg, movement } in entries {
        let balance = working.iter_mut().find(|balance| leg.is_on(balance));
        let balance = balance.ok_or_else(|| leg.not_found())?;
        let (after, overdraft) = apply(balance, movement, &leg.amount)?;
        let operation = |made: usize,
                         kind,
                         direction,
                         amount,
                         before: &BalanceFields,
                         after: &BalanceFields| Operation {
            id: transaction.operation(operations_before.saturating_add(made).saturating_add(1)),
            step,
            kind,
            direction,
            amount,
            account: after.account,
            alias: after.alias.clone(),
            balance: after.id,
            key: after.key.clone(),
            before: Amounts::of(before),
            after: Amounts { version: after.version.saturating_add(1), ..Amounts::of(after) },
            balance_affected: true,
            recorded_at,
            labels: leg.labels.clone(),
            amended: None,
        };
        let kind = operation_type(movement);
        let amount = moved(balance, &after)?;
        let made = operations.len();
        operations.push(operation(made, kind, side_direction(leg.side), amount, balance, &after));
        let account = after.account;
        *balance = after;
        if let Some((direction, amount)) = overdraft_balance_change(overdraft) {
            let mut balances = working.iter_mut();
            let overdraft_balance = balances.find(|balance| {
                balance.account == account && balance.key == BalanceKey::overdraft()
            });
            let overdraft_balance = overdraft_balance.ok_or_else(|| leg.not_found())?;
            let after = follow(overdraft_balance, direction, &amount)?;
            let (made, kind) = (operations.len(), OperationType::Overdraft);
            operations.push(operation(made, kind, direction, amount, overdraft_balance, &after));
            *overdraft_balance = after;
        }
    }
    let changed: Vec<Balance> = working
        .into_iter()
        .filter(|balance| operations.iter().any(|operation| operation.balance == balance.id))
        .map(|balance| next_version(balance, transaction, recorded_at))
        .collect::<Result<_, _>>()?;
    if changed.len() > CHANGED_BALANCES_MAX {
        return Err(too_large());
    }
    Ok(Posting { changed, operations, recorded_at })
}

/// The next version of a balance, with the amounts that the transaction gave it.
fn next_version(
    amounts: BalanceFields,
    transaction: TransactionId,
    recorded_at: Timestamp,
) -> Result<Balance, Error> {
    let key = amounts.id.to_string();
    Balance::new(BalanceFields {
        version: amounts.version.saturating_add(1),
        recorded_at,
        caused_by: Some(transaction),
        ..amounts
    })
    .map_err(|reason| Error::Corrupt { key, reason: reason.to_owned() })
}

/// How much a leg moved on its balance. It is less than the amount of the leg if the overdraft
/// balance took the rest.
fn moved(before: &BalanceFields, after: &BalanceFields) -> Result<Amount, Error> {
    let available = after.available.checked_sub(&before.available)?.absolute();
    let on_hold = after.on_hold.checked_sub(&before.on_hold)?.absolute();
    Ok(available.max(on_hold))
}

/// The operations of an annotation: what the legs would do, without doing it.
#[must_use]
pub fn annotation_operations(
    transaction: TransactionId,
    legs: &[Leg],
    balances: &[Balance],
    recorded_at: Timestamp,
) -> Vec<Operation> {
    let operation = |(number, leg): (usize, &Leg)| {
        let balance = balances.iter().find(|balance| leg.is_on(balance))?;
        Some(Operation {
            id: transaction.operation(number),
            step: Step::Posted,
            kind: operation_type(&match leg.side {
                Side::Source => Movement::Debit,
                Side::Destination => Movement::Credit,
            }),
            direction: side_direction(leg.side),
            amount: leg.amount.clone(),
            account: balance.account,
            alias: balance.alias.clone(),
            balance: balance.id,
            key: balance.key.clone(),
            before: Amounts::of(balance),
            after: Amounts::of(balance),
            balance_affected: false,
            recorded_at,
            labels: leg.labels.clone(),
            amended: None,
        })
    };
    (1..).zip(legs).filter_map(operation).collect()
}

/// The refusal of what does not fit in one write.
#[must_use]
pub(crate) const fn too_large() -> Error {
    Error::TransactionTooLarge { legs_max: LEGS_MAX, balances_max: CHANGED_BALANCES_MAX }
}

const fn operation_type(movement: &Movement) -> OperationType {
    match movement {
        Movement::Debit | Movement::Settle => OperationType::Debit,
        Movement::Credit => OperationType::Credit,
        Movement::Hold => OperationType::OnHold,
        Movement::Release { .. } => OperationType::Release,
    }
}

const fn side_direction(side: Side) -> Direction {
    match side {
        Side::Source => Direction::Debit,
        Side::Destination => Direction::Credit,
    }
}

/// The change of the overdraft balance: it grows with what is owed and shrinks with what is repaid.
fn overdraft_balance_change(overdraft: OverdraftChange) -> Option<(Direction, Amount)> {
    match overdraft {
        OverdraftChange::None => None,
        OverdraftChange::Used(amount) => Some((Direction::Debit, amount)),
        OverdraftChange::Repaid(amount) => Some((Direction::Credit, amount)),
    }
}

fn follow(
    overdraft_balance: &BalanceFields,
    direction: Direction,
    amount: &Amount,
) -> Result<BalanceFields, Error> {
    let movement = match direction {
        Direction::Debit => Movement::Debit,
        Direction::Credit => Movement::Credit,
    };
    apply(overdraft_balance, &movement, amount).map(|(after, _)| after)
}
