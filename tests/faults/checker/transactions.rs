//! Transactions: posted, finalized and reverted as clients asked.

use std::collections::BTreeMap;

use super::{Checker, acknowledged, text};
use crate::history::{Attempt, IntendedLeg, Intent};
use crate::table::{Leg, Transaction};

impl Checker<'_> {
    /// An acknowledged transaction is stored once, another one at most once, and each as it was
    /// asked for.
    pub(super) fn postings(&self, wrong: &mut Vec<String>) {
        let mut tagged: BTreeMap<&str, Vec<&Transaction>> = BTreeMap::new();
        for transaction in self.table.transactions.values() {
            if transaction.parent.is_none() {
                tagged.entry(&transaction.description).or_default().push(transaction);
            }
        }
        for attempts in self.intents.values() {
            let Some(Intent::Post { tag, keyed, value, legs, .. }) =
                attempts.first().map(|it| &it.intent)
            else {
                continue;
            };
            let (done, unknown) = acknowledged(attempts);
            let mut ids: Vec<&str> =
                done.iter().map(|it| text(it.outcome.done().unwrap(), "id")).collect();
            ids.sort_unstable();
            ids.dedup();
            let stored = tagged.remove(tag.as_str()).unwrap_or_default();
            let (least, most) = if *keyed {
                let least = usize::from(!done.is_empty());
                (least, least.max(usize::from(unknown > 0)))
            } else {
                (done.len(), done.len() + unknown)
            };
            if stored.len() < least || stored.len() > most || (*keyed && ids.len() > 1) {
                wrong.push(format!(
                    "{tag}: acknowledged {} times as {ids:?}, {unknown} outcomes unknown, stored \
                     {} times",
                    done.len(),
                    stored.len()
                ));
            }
            for id in ids {
                if !stored.iter().any(|it| it.id == id) {
                    wrong.push(format!("{tag}: acknowledged as {id}, which is not stored"));
                }
            }
            for transaction in stored {
                let sides = [(true, &transaction.sources), (false, &transaction.destinations)];
                let same = sides.iter().all(|(gives, stored)| **stored == intended(legs, *gives));
                if transaction.amount != plain(value) || !same {
                    wrong.push(format!("{tag}: {} is not what was asked for", transaction.id));
                }
            }
        }
        for (tag, _) in tagged {
            wrong.push(format!("nobody asked for the transaction {tag}"));
        }
    }

    /// A pending transaction is finalized at most once, and as a client asked.
    pub(super) fn finalizations(&self, wrong: &mut Vec<String>) {
        let mut asked: BTreeMap<&str, Vec<&Attempt>> = BTreeMap::new();
        for attempt in &self.history.attempts {
            if let Intent::Finalize { transaction, .. } = &attempt.intent {
                asked.entry(transaction).or_default().push(attempt);
            }
        }
        for (id, transaction) in &self.table.transactions {
            let attempts = asked.remove(id.as_str()).unwrap_or_default();
            let (done, _) = acknowledged(&attempts);
            if done.len() > 1 {
                wrong.push(format!("transaction {id}: was finalized {} times", done.len()));
            }
            for attempt in done {
                let Intent::Finalize { commits, .. } = attempt.intent else { continue };
                let expected = if commits { "approved" } else { "canceled" };
                if !transaction.status.eq_ignore_ascii_case(expected) {
                    let status = &transaction.status;
                    wrong.push(format!("transaction {id}: is {status}, acknowledged {expected}"));
                }
            }
            let finalized = transaction.operations.iter().any(|it| it.finalized);
            let may = attempts.iter().any(|it| {
                let Intent::Finalize { commits, .. } = it.intent else { return false };
                let status = if commits { "approved" } else { "canceled" };
                (it.outcome.done().is_some() || it.outcome.is_unknown())
                    && transaction.status.eq_ignore_ascii_case(status)
            });
            if finalized && !may {
                wrong.push(format!("transaction {id}: nobody finalized it"));
            }
        }
        for id in asked.keys() {
            wrong.push(format!("transaction {id}: was acknowledged, and is not stored"));
        }
    }

    /// A transaction is reverted at most once, and only if a client asked.
    pub(super) fn reversals(&self, wrong: &mut Vec<String>) {
        let mut by_original: BTreeMap<&str, Vec<&Attempt>> = BTreeMap::new();
        for attempt in &self.history.attempts {
            if let Intent::Revert { transaction } = &attempt.intent {
                by_original.entry(transaction).or_default().push(attempt);
            }
        }
        for transaction in self.table.transactions.values() {
            let Some(parent) = transaction.parent.as_deref() else { continue };
            let attempts = by_original.get(parent).map_or(&[][..], Vec::as_slice);
            let (done, unknown) = acknowledged(attempts);
            let named =
                done.iter().any(|it| text(it.outcome.done().unwrap(), "id") == transaction.id);
            if !named && (unknown == 0 || !done.is_empty()) {
                wrong.push(format!(
                    "transaction {}: nobody asked for this reversal",
                    transaction.id
                ));
            }
        }
        for (original, attempts) in by_original {
            let (done, _) = acknowledged(&attempts);
            if done.len() > 1 {
                wrong.push(format!("transaction {original}: was reverted {} times", done.len()));
            }
            for attempt in done {
                let id = text(attempt.outcome.done().unwrap(), "id");
                let stored = self.table.transactions.get(id).and_then(|it| it.parent.as_deref());
                if stored != Some(original) {
                    wrong.push(format!("{id}: was acknowledged as reversal of {original}"));
                }
            }
        }
    }
}

fn intended(legs: &[IntendedLeg], gives: bool) -> Vec<Leg> {
    let leg = |leg: &IntendedLeg| Leg {
        alias: leg.alias.clone(),
        key: leg.key.clone(),
        amount: plain(&leg.amount),
    };
    legs.iter().filter(|leg| leg.gives == gives).map(leg).collect()
}

/// An amount as it is stored.
fn plain(amount: &str) -> String {
    subledger::money::amount::Amount::parse(amount).unwrap().to_string()
}
