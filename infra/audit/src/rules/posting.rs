//! Transactions and the versions that they made, each checked against the other.

use super::{Found, Place, Problem, Record, expect};
use subledger::balance::{Balance, BalanceKey};
use subledger::money::ids::BalanceId;
use subledger::money::timestamp::Timestamp;
use subledger::transaction::{Amounts, Operation, OperationType, Transaction};

/// The balances that a transaction changed, each with the moment of the step that did it, once.
fn changes(transaction: &Transaction) -> Vec<(BalanceId, Timestamp)> {
    let mut changes = Vec::new();
    for operation in transaction.operations.iter().filter(|it| it.balance_affected) {
        let change = (operation.balance, operation.recorded_at);
        if !changes.contains(&change) {
            changes.push(change);
        }
    }
    changes
}

/// What a transaction is checked against, besides its listing item: its ledger, the transactions
/// that it reverts or that revert it, and the versions that it made.
pub(super) fn partners(transaction: &Transaction) -> Vec<Place> {
    let relatives = [transaction.parent, transaction.reverted_by];
    let relatives = relatives.into_iter().flatten().map(Place::Transaction);
    let versions =
        changes(transaction).into_iter().map(|(balance, at)| Place::LaterVersion(balance, at));
    std::iter::once(Place::LedgerEver(transaction.scope)).chain(relatives).chain(versions).collect()
}

/// Checks a transaction against what was found under those keys, followed by its listing item.
pub(super) fn check(transaction: &Transaction, found: &[Found], problems: &mut Vec<Problem>) {
    let mut found = found.iter();
    let ledger = found.next();
    let has_ledger = ledger.is_some_and(Found::is_there);
    expect(has_ledger, Problem::LedgerMissing, problems);
    let mut related = true;
    if transaction.parent.is_some() {
        let names = |it: &Record| matches!(it, Record::Transaction(it) if it.reverted_by == Some(transaction.id));
        related &= found.next().is_some_and(|it| !it.differs(names));
    }
    if transaction.reverted_by.is_some() {
        let names = |it: &Record| matches!(it, Record::Transaction(it) if it.parent == Some(transaction.id));
        related &= found.next().is_some_and(|it| !it.differs(names));
    }
    expect(related, Problem::ReversalDisagrees, problems);
    let mut all_there = true;
    for (balance, at) in changes(transaction) {
        let made = |it: &Record| {
            matches!(it, Record::Version(it)
                if it.caused_by == Some(transaction.id) && ends_as(transaction, it, balance, at))
        };
        all_there &= found.next().is_some_and(|it| !it.differs(made));
    }
    expect(all_there, Problem::OperationWithoutVersion, problems);
    expect(steps_are_whole(transaction), Problem::OperationsDisagree, problems);
    expect(overdraft_balances_follow(transaction), Problem::OverdraftBalanceDisagrees, problems);
    if ledger.and_then(Found::record).is_some() {
        expect(found.next().is_some_and(Found::is_there), Problem::ListingMissing, problems);
    }
}

/// What the transaction did to the balance in the step of this moment, in order.
fn operations_on(
    transaction: &Transaction,
    balance: BalanceId,
    at: Timestamp,
) -> impl Iterator<Item = &Operation> {
    let operations = transaction.operations.iter();
    operations
        .filter(move |it| it.balance_affected && it.balance == balance && it.recorded_at == at)
}

fn ends_as(
    transaction: &Transaction,
    version: &Balance,
    balance: BalanceId,
    at: Timestamp,
) -> bool {
    let last = operations_on(transaction, balance, at).last();
    last.is_some_and(|last| last.after == Amounts::of(version))
}

/// Checks a version against the transaction that it names.
pub(super) fn check_cause(
    previous: Option<&Balance>,
    version: &Balance,
    transaction: &Found,
    problems: &mut Vec<Problem>,
) {
    if *transaction == Found::Unreadable {
        return;
    }
    let of_scope =
        |it: &&Record| matches!(it, Record::Transaction(it) if it.scope == version.scope);
    let Some(Record::Transaction(transaction)) = transaction.record().filter(of_scope) else {
        problems.push(Problem::CauseMissing);
        return;
    };
    let mut operations = operations_on(transaction, version.id, version.recorded_at);
    let begins = operations.next().is_some_and(|first| {
        previous.is_none_or(|previous| {
            // A missing version is reported as a gap.
            previous.version.checked_add(1) != Some(version.version)
                || first.before == Amounts::of(previous)
        })
    });
    let ends = ends_as(transaction, version, version.id, version.recorded_at);
    let is_same_asset = transaction.asset_code == version.asset_code;
    expect(begins && ends && is_same_asset, Problem::CauseDiffers, problems);
}

/// Whether every operation begins where the one before it on the same balance ended.
fn steps_are_whole(transaction: &Transaction) -> bool {
    changes(transaction).into_iter().all(|(balance, at)| {
        let operations: Vec<&Operation> = operations_on(transaction, balance, at).collect();
        let pairs = operations.iter().zip(operations.iter().skip(1));
        let mut pairs = pairs.map(|(one, next)| (&one.after, &next.before));
        pairs.all(|(after, before)| {
            after.available == before.available
                && after.on_hold == before.on_hold
                && after.overdraft_used == before.overdraft_used
        })
    })
}

/// Whether each change of an overdraft is followed by the same change of an overdraft balance.
fn overdraft_balances_follow(transaction: &Transaction) -> bool {
    let affected: Vec<&Operation> =
        transaction.operations.iter().filter(|it| it.balance_affected).collect();
    let mut followers = affected.iter().skip(1);
    affected.iter().all(|operation| {
        let next = followers.next();
        if operation.kind == OperationType::Overdraft {
            return operation.key == BalanceKey::overdraft();
        }
        let change = operation.after.overdraft_used.checked_sub(&operation.before.overdraft_used);
        let Ok(change) = change else {
            return false;
        };
        let follower = next.filter(|next| next.kind == OperationType::Overdraft);
        match follower {
            None => change.is_zero(),
            Some(next) => {
                let moved = next.after.available.checked_sub(&next.before.available);
                next.account == operation.account && !change.is_zero() && moved == Ok(change)
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::NameKey;
    use subledger::balance::BalanceFields;
    use subledger::transaction::TransactionFields;
    use subledger_store_contract::samples;

    /// The version that an operation made.
    fn version(transaction: &Transaction, operation: &Operation) -> Balance {
        let first = BalanceFields { id: operation.balance, ..samples::balance().into_fields() };
        Balance::new(BalanceFields {
            version: operation.after.version,
            available: operation.after.available.clone(),
            caused_by: Some(transaction.id),
            recorded_at: operation.recorded_at,
            ..first
        })
        .unwrap()
    }

    #[test]
    fn a_block_is_checked_as_the_debit_and_the_credit_that_it_is() {
        for kind in [None, Some(OperationType::Block), Some(OperationType::Unblock)] {
            let mut fields: TransactionFields = samples::transaction().into_fields();
            for operation in &mut fields.operations {
                operation.kind = kind.unwrap_or(operation.kind);
            }
            let transaction = Transaction::new(fields).unwrap();
            let item = |record| Found::Item(Box::new(record));
            let ledger = Record::Ledger(samples::ledger(), NameKey(String::new()));
            let versions: Vec<Balance> =
                transaction.operations.iter().map(|it| version(&transaction, it)).collect();
            let mut found = vec![item(ledger)];
            found.extend(versions.iter().map(|it| item(Record::Version(it.clone()))));
            found.push(Found::Unreadable);
            let mut problems = Vec::new();
            check(&transaction, &found, &mut problems);
            let cause = item(Record::Transaction(transaction.clone()));
            for version in &versions {
                check_cause(None, version, &cause, &mut problems);
            }
            assert_eq!(problems, [], "{kind:?}");
            // A debit that the histories do not have.
            found[1] = Found::Nothing;
            check(&transaction, &found, &mut problems);
            assert_eq!(problems, [Problem::OperationWithoutVersion], "{kind:?}");
        }
    }
}
