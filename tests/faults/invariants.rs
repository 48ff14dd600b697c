//! The rules that hold for every table, whatever the requests were.

use std::collections::{BTreeMap, BTreeSet};

use subledger::money::amount::Amount;

use crate::table::{Amounts, Counter, Object, Operation, Table, Transaction, Version};

/// Describes every rule that the table breaks; empty if there is none.
pub(crate) fn check(table: &Table) -> Vec<String> {
    let mut wrong = Vec::new();
    for (balance, versions) in &table.versions {
        chain(balance, versions, &mut wrong);
        place(table, balance, versions, &mut wrong);
        causes(table, balance, versions, &mut wrong);
    }
    for balance in table.current.keys().chain(table.deleted.keys()) {
        if !table.versions.contains_key(balance) {
            wrong.push(format!("balance {balance} has no version"));
        }
    }
    for (id, transaction) in &table.transactions {
        money(table, id, transaction, &mut wrong);
        reversal(table, id, transaction, &mut wrong);
    }
    listings(table, &mut wrong);
    sum(table, &mut wrong);
    counters(table, &mut wrong);
    leads(table, &mut wrong);
    wrong
}

/// Versions have no gap and no fork, their times are in the order of their numbers, and no balance
/// is below its limit.
fn chain(balance: &str, versions: &[Version], wrong: &mut Vec<String>) {
    for (index, version) in versions.iter().enumerate() {
        let at = format!("balance {balance}, version {}", version.number);
        if u64::try_from(index).unwrap() != version.number {
            wrong.push(format!("{at}: stands in place {index}"));
        }
        let is_last = index + 1 == versions.len();
        if version.is_deletion && !is_last {
            wrong.push(format!("{at}: a deleted balance has changed"));
        }
        let amounts = &version.amounts;
        if version.is_deletion && *amounts != Amounts::none() {
            wrong.push(format!("{at}: was deleted with something on it"));
        }
        if amounts.on_hold.is_negative() || amounts.overdraft_used.is_negative() {
            wrong.push(format!("{at}: less than nothing is on hold or owed"));
        }
        if amounts.available.is_negative() && !version.is_external {
            wrong.push(format!("{at}: less than nothing is available"));
        }
        if amounts.overdraft_used.is_positive() && !version.may_be_overdrawn && version.number == 0
        {
            wrong.push(format!("{at}: is overdrawn from the beginning"));
        }
        let limit = version.limit.as_deref().map(|limit| Amount::parse(limit).unwrap());
        if limit.is_some_and(|limit| amounts.overdraft_used > limit) {
            wrong.push(format!("{at}: is overdrawn beyond its limit"));
        }
    }
    for pair in versions.windows(2) {
        let [one, next] = pair else { continue };
        if one.recorded_at >= next.recorded_at {
            wrong.push(format!(
                "balance {balance}, version {}: recorded at {}, not after {}",
                next.number, next.recorded_at, one.recorded_at
            ));
        }
    }
}

/// The newest version is also stored under its account, once.
fn place(table: &Table, balance: &str, versions: &[Version], wrong: &mut Vec<String>) {
    let Some(newest) = versions.last() else { return };
    let none = Vec::new();
    let current = table.current.get(balance).unwrap_or(&none);
    let deleted = table.deleted.get(balance).unwrap_or(&none);
    let (here, not_here) = if newest.is_deletion { (deleted, current) } else { (current, deleted) };
    let same = |it: &Version| it.rest == newest.rest;
    if here.len() != 1 || !not_here.is_empty() || !here.iter().all(same) {
        wrong.push(format!(
            "balance {balance}: its newest version, {}, is not the one under its account",
            newest.number
        ));
    }
}

/// The transaction that a version names as its cause has made it.
fn causes(table: &Table, balance: &str, versions: &[Version], wrong: &mut Vec<String>) {
    for pair in versions.windows(2) {
        let [before, after] = pair else { continue };
        let at = format!("balance {balance}, version {}", after.number);
        let Some(cause) = &after.caused_by else {
            if after.amounts != before.amounts {
                wrong.push(format!("{at}: nothing says why its amounts changed"));
            }
            continue;
        };
        let Some(transaction) = table.transactions.get(cause) else {
            wrong.push(format!("{at}: was made by transaction {cause}, which does not exist"));
            continue;
        };
        let mut done = transaction
            .operations
            .iter()
            .filter(|it| it.balance == balance && it.version == before.number)
            .peekable();
        if done.peek().is_none() {
            wrong.push(format!("{at}: transaction {cause} does not say that it made it"));
            continue;
        }
        let mut amounts = before.amounts.clone();
        for operation in done {
            if operation.before != amounts {
                wrong.push(format!("{at}: transaction {cause} started from other amounts"));
            }
            amounts = operation.after.clone();
        }
        if amounts != after.amounts {
            wrong.push(format!("{at}: transaction {cause} left other amounts"));
        }
    }
}

/// Every operation of a transaction has an id of this transaction and has made its version, and the
/// legs sum to zero.
fn money(table: &Table, id: &str, transaction: &Transaction, wrong: &mut Vec<String>) {
    if transaction.id != id {
        wrong.push(format!("transaction {id} says that it is {}", transaction.id));
    }
    for (index, operation) in transaction.operations.iter().enumerate() {
        if operation.id != format!("{}{:03x}", &id[..33], index + 1) {
            wrong.push(format!("transaction {id}: {} is not its operation", operation.id));
        }
    }
    for finalized in [false, true] {
        let step = transaction.operations.iter().filter(|it| it.finalized == finalized);
        let mut by_balance: BTreeMap<&str, Vec<&Operation>> = BTreeMap::new();
        for operation in step {
            by_balance.entry(&operation.balance).or_default().push(operation);
        }
        let mut sum = Amount::ZERO;
        for (balance, operations) in by_balance {
            let (Some(first), Some(last)) = (operations.first(), operations.last()) else {
                continue;
            };
            let made = table.version(balance, first.version + 1);
            if made.is_none_or(|made| made.caused_by.as_deref() != Some(id)) {
                wrong.push(format!(
                    "transaction {id}: version {} of balance {balance} is not its work",
                    first.version + 1
                ));
                continue;
            }
            let is_debit = made.is_some_and(|made| made.is_debit);
            if !table.is_overdraft_balance(balance) {
                let change = last.after.worth(is_debit);
                let change = change.checked_sub(&first.before.worth(is_debit)).unwrap();
                sum = sum.checked_add(&change).unwrap();
            }
        }
        if !sum.is_zero() {
            wrong.push(format!("transaction {id}: its legs sum to {sum}"));
        }
    }
}

/// A reversal and its original name each other.
fn reversal(table: &Table, id: &str, transaction: &Transaction, wrong: &mut Vec<String>) {
    if let Some(parent) = &transaction.parent {
        let original = table.transactions.get(parent);
        if original.is_none_or(|original| original.reverted_by.as_deref() != Some(id)) {
            wrong.push(format!("transaction {id}: reverts {parent}, which does not say so"));
        }
    }
    if let Some(reversal) = &transaction.reverted_by {
        let reversal_of = table.transactions.get(reversal).and_then(|it| it.parent.as_deref());
        if reversal_of != Some(id) {
            wrong.push(format!("transaction {id}: is not what {reversal} reverts"));
        }
    }
}

/// Everything has its listing item, and no listing item names what does not exist.
fn listings(table: &Table, wrong: &mut Vec<String>) {
    for (balance, (account, key)) in &table.balance_listing {
        let Some(first) = table.versions.get(balance).and_then(|versions| versions.first()) else {
            wrong.push(format!("an entry names balance {balance}, which does not exist"));
            continue;
        };
        if (&first.account, &first.key) != (account, key) {
            wrong.push(format!(
                "the listing item of balance {balance} names another account or key"
            ));
        }
    }
    let mut keys = BTreeSet::new();
    for (balance, versions) in &table.versions {
        if !table.balance_listing.contains_key(balance) {
            wrong.push(format!("balance {balance} is in no list"));
        }
        let Some(newest) = versions.last() else { continue };
        if !newest.is_deletion && !keys.insert((&newest.account, &newest.key)) {
            wrong.push(format!("account {} has two balances {}", newest.account, newest.key));
        }
        if table.accounts.get(&newest.account) != Some(&newest.alias) {
            wrong.push(format!("balance {balance} has another alias than its account"));
        }
        if !newest.is_deletion && table.deleted_accounts.contains(&newest.account) {
            wrong.push(format!("balance {balance} has lost its account"));
        }
    }
    let transactions: BTreeSet<String> = table.transactions.keys().cloned().collect();
    for id in transactions.symmetric_difference(&table.transaction_listing) {
        wrong.push(format!(
            "transaction {id} is without its listing item, or the listing item without it"
        ));
    }
    let accounts: BTreeSet<String> = table.accounts.keys().cloned().collect();
    let accounts = &accounts - &table.deleted_accounts;
    for id in accounts.symmetric_difference(&table.account_listing) {
        wrong.push(format!(
            "account {id} is without its listing item, or the listing item without it"
        ));
    }
    for (account, alias) in &table.accounts {
        if !table.aliases.contains(&(account.clone(), alias.clone())) {
            wrong.push(format!("the alias of account {account} names another"));
        }
    }
    for (account, alias) in &table.aliases {
        if !table.accounts.contains_key(account) {
            wrong.push(format!("alias {alias} names account {account}, which does not exist"));
        }
    }
}

/// The shards of a counter.
const SHARDS: usize = 16;

/// Nothing stands on what is not there. Every counter has what stands on its owner, and is closed if
/// the owner was deleted, and only then.
fn counters(table: &Table, wrong: &mut Vec<String>) {
    let there = table.objects.values().filter(|it| !it.is_deleted);
    let there: BTreeSet<&str> = there.filter_map(|it| it.counter.as_deref()).collect();
    let mut expected: BTreeMap<String, Counter> = BTreeMap::new();
    for (id, object) in &table.objects {
        if object.is_deleted {
            // The code of a deleted asset may belong to another asset by now.
            let successor = |it: &Object| !it.is_deleted && it.counter == object.counter;
            if let Some(counter) = &object.counter
                && !table.objects.values().any(successor)
            {
                expected.entry(counter.clone()).or_default().closed_shards = SHARDS;
            }
            continue;
        }
        for owner in &object.owners {
            if owner != "SYSTEM" && !there.contains(owner.as_str()) {
                wrong.push(format!("object {id} stands on {owner}, which is not there"));
            }
            let counter = expected.entry(owner.clone()).or_default();
            *counter.counts.entry(object.counted_as.to_owned()).or_default() += 1;
        }
    }
    let none = Counter::default();
    let owners: BTreeSet<&String> = expected.keys().chain(table.counters.keys()).collect();
    for owner in owners {
        let [stored, expected] = [&table.counters, &expected].map(|it| it.get(owner));
        let (stored, expected) = (stored.unwrap_or(&none), expected.unwrap_or(&none));
        if stored != expected {
            wrong.push(format!("the counter of {owner} is {stored:?} and not {expected:?}"));
        }
    }
}

/// Every name, and every listing item of an organization, leads to its object, and no two objects have
/// the same one, or the same id.
fn leads(table: &Table, wrong: &mut Vec<String>) {
    for id in &table.twins {
        wrong.push(format!("two objects have the id {id}"));
    }
    let mut expected: BTreeMap<&String, &String> = BTreeMap::new();
    for object in table.objects.values().filter(|it| !it.is_deleted) {
        for (key, names) in &object.leads {
            if expected.insert(key, names).is_some() {
                wrong.push(format!("two objects have {key}"));
            }
        }
    }
    let keys: BTreeSet<&String> = expected.keys().copied().chain(table.leads.keys()).collect();
    for key in keys {
        let (stored, expected) = (table.leads.get(key), expected.get(key).copied());
        if stored != expected {
            wrong.push(format!("{key} names {stored:?} and not {expected:?}"));
        }
    }
}

/// All balances together sum to zero, and overdraft balances state what is owed.
fn sum(table: &Table, wrong: &mut Vec<String>) {
    let mut all = Amount::ZERO;
    let mut owed: BTreeMap<&str, Amount> = BTreeMap::new();
    for (balance, versions) in &table.versions {
        let Some(newest) = versions.last() else { continue };
        let owing = owed.entry(&newest.account).or_insert(Amount::ZERO);
        if table.is_overdraft_balance(balance) {
            *owing = owing.checked_sub(&newest.amounts.available).unwrap();
        } else {
            *owing = owing.checked_add(&newest.amounts.overdraft_used).unwrap();
            all = all.checked_add(&newest.amounts.worth(newest.is_debit)).unwrap();
        }
    }
    if !all.is_zero() {
        wrong.push(format!("all balances sum to {all}"));
    }
    for (account, difference) in owed.iter().filter(|(_, difference)| !difference.is_zero()) {
        wrong.push(format!("the overdraft balance of account {account} is wrong by {difference}"));
    }
}
