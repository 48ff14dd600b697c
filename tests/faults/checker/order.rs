//! The order of the versions of each balance against real time.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Checker, micros, text};
use crate::history::{Attempt, Intent};
use crate::table::Amounts;

/// A change or a read of a balance.
#[derive(Debug, Clone)]
struct Moment {
    start: u64,
    /// `None` if it is unknown when it was over.
    end: Option<u64>,
    version: u64,
    is_change: bool,
    what: String,
}

impl Checker<'_> {
    /// The versions of every balance are in an order that real time allows.
    pub(super) fn order(&self, wrong: &mut Vec<String>) {
        let mut by_balance: BTreeMap<String, Vec<Moment>> = BTreeMap::new();
        for attempts in self.intents.values() {
            self.change_moments(attempts, &mut by_balance);
        }
        for attempt in &self.history.attempts {
            self.reading_moments(attempt, &mut by_balance, wrong);
        }
        for (balance, mut moments) in by_balance {
            moments.sort_by_key(|it| it.start);
            let mut ended: Vec<&Moment> = moments.iter().filter(|it| it.end.is_some()).collect();
            ended.sort_by_key(|it| it.end);
            let mut before = ended.into_iter().peekable();
            let mut newest: Option<&Moment> = None;
            for moment in &moments {
                while let Some(over) = before.next_if(|it| it.end < Some(moment.start)) {
                    if newest.is_none_or(|newest| newest.version <= over.version) {
                        newest = Some(over);
                    }
                }
                let Some(newest) = newest else { continue };
                let least = newest.version + u64::from(moment.is_change);
                if moment.version < least {
                    wrong.push(format!(
                        "balance {balance}: {} is version {}, but {} was version {} and over \
                         before",
                        moment.what, moment.version, newest.what, newest.version
                    ));
                }
            }
        }
    }

    /// Which versions an intent may have made, and when.
    fn change_moments(
        &self,
        attempts: &[&Attempt],
        by_balance: &mut BTreeMap<String, Vec<Moment>>,
    ) {
        let Some(first) = attempts.first() else { return };
        let (start, end) = interval(attempts);
        let mut add = |balance: &str, version, end| {
            let what = format!("{:?} ({})", first.id, first.intent.name());
            let moment = Moment { start, end, version, is_change: true, what };
            by_balance.entry(balance.to_owned()).or_default().push(moment);
        };
        let mut steps: Vec<(&str, bool)> = Vec::new();
        let acknowledged_ids = attempts.iter().filter_map(|it| it.outcome.done());
        match &first.intent {
            Intent::Post { tag, keyed: true, .. } => {
                let mut stored = self.table.transactions.values();
                let stored = stored.find(|it| it.description == *tag && it.parent.is_none());
                steps.extend(stored.map(|it| (it.id.as_str(), false)));
            }
            Intent::Post { keyed: false, .. } | Intent::Revert { .. } => {
                steps.extend(acknowledged_ids.map(|body| (text(body, "id"), false)));
            }
            Intent::Finalize { transaction, .. } if end.is_some() => {
                steps.push((transaction, true));
            }
            Intent::Limit { balance, limit } => {
                // An answer says which version it made; when others were made is not known.
                for version in self.changes_to(balance, limit) {
                    let made = |it: &&&Attempt| {
                        it.outcome.done().is_some_and(|body| body["version"] == version.number)
                    };
                    add(balance, version.number, attempts.iter().find(made).map(|it| it.end));
                }
            }
            Intent::Delete { balance } if end.is_some() => {
                let newest = self.table.versions.get(balance).and_then(|it| it.last());
                if let Some(newest) = newest.filter(|newest| newest.is_deletion) {
                    add(balance, newest.number, end);
                }
            }
            Intent::DeleteAccount { account } if end.is_some() => {
                for (balance, versions) in &self.table.versions {
                    let newest = versions.last().filter(|it| it.is_deletion);
                    let Some(newest) = newest.filter(|it| it.account == *account) else { continue };
                    // Others may have deleted the balance before.
                    if self.deletions(balance).all(|it| it.intent_id == first.intent_id) {
                        add(balance, newest.number, end);
                    }
                }
            }
            _ => {}
        }
        for (id, finalized) in steps {
            let Some(transaction) = self.table.transactions.get(id) else { continue };
            let step = transaction.operations.iter().filter(|it| it.finalized == finalized);
            let made: BTreeSet<(&str, u64)> =
                step.map(|it| (it.balance.as_str(), it.version + 1)).collect();
            for (balance, version) in made {
                add(balance, version, end);
            }
        }
    }

    /// Which versions an answer shows. Each has to be stored as it was shown.
    fn reading_moments(
        &self,
        attempt: &Attempt,
        by_balance: &mut BTreeMap<String, Vec<Moment>>,
        wrong: &mut Vec<String>,
    ) {
        let Some(body) = attempt.outcome.done() else { return };
        let shown: Vec<&Value> = match &attempt.intent {
            Intent::Get { .. } | Intent::Limit { .. } => vec![body],
            Intent::ListAccount { .. } => body["items"].as_array().unwrap().iter().collect(),
            Intent::ListLedger => body["all_pages"].as_array().into_iter().flatten().collect(),
            _ => return,
        };
        for shown in shown {
            let (balance, number) = (text(shown, "id"), shown["version"].as_u64().unwrap());
            let what = format!("{:?} ({})", attempt.id, attempt.intent.name());
            let stored = self.table.version(balance, number);
            if stored.is_none_or(|stored| {
                stored.amounts != Amounts::of_answer(shown)
                    || !same_moment(text(shown, "updatedAt"), &stored.recorded_at)
            }) {
                wrong.push(format!("{what}: shows {shown}, which {balance} never was"));
            }
            let (start, end) = (attempt.start, Some(attempt.end));
            let moment = Moment { start, end, version: number, is_change: false, what };
            by_balance.entry(balance.to_owned()).or_default().push(moment);
        }
    }
}

/// From the first request to the first success.
fn interval(attempts: &[&Attempt]) -> (u64, Option<u64>) {
    let start = attempts.iter().map(|it| it.start).min().unwrap_or_default();
    let done = attempts.iter().filter(|it| it.outcome.done().is_some());
    (start, done.map(|it| it.end).min())
}

/// A moment without trailing zeros is the same as one with them.
fn same_moment(one: &str, other: &str) -> bool {
    micros(one) == micros(other)
}
