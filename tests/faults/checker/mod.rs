//! Checks that the answers agree with what is stored.
//!
//! Every state of a balance has a version number of its own, and the table keeps all versions. So
//! the history of a balance is linearizable if each change and each read can be placed at a moment
//! between its request and its answer such that the moments are in the order of the version numbers.
//! It follows that a change or a read that began after another one had ended must have made, or
//! seen, a version that is not older. This is checked pair by pair; no search for an order is needed,
//! because the version numbers are the order. A request that was never answered may have taken
//! effect at any moment after it was sent, or never.

mod changes;
mod objects;
mod order;
mod reads;
mod transactions;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::history::{Attempt, History, Intent, Outcome};
use crate::invariants;
use crate::table::{Table, Version};

/// Describes everything that is wrong; empty if the history is correct.
pub(crate) fn check(history: &History) -> Vec<String> {
    let table = Table::read(&history.items);
    let mut wrong = invariants::check(&table);
    let checker = Checker { history, table: &table, intents: by_intent(&history.attempts) };
    checker.answers(&mut wrong);
    checker.postings(&mut wrong);
    checker.finalizations(&mut wrong);
    checker.reversals(&mut wrong);
    checker.openings(&mut wrong);
    checker.changes(&mut wrong);
    checker.objects(&mut wrong);
    checker.refusals(&mut wrong);
    checker.last_writes(&mut wrong);
    checker.operations(&mut wrong);
    checker.counts(&mut wrong);
    checker.order(&mut wrong);
    checker.lists(&mut wrong);
    checker.past(&mut wrong);
    wrong
}

fn by_intent(attempts: &[Attempt]) -> BTreeMap<u64, Vec<&Attempt>> {
    let mut intents: BTreeMap<u64, Vec<&Attempt>> = BTreeMap::new();
    for attempt in attempts {
        intents.entry(attempt.intent_id).or_default().push(attempt);
    }
    intents
}

/// The codes with which a valid request may be refused with 400, because its subject has changed
/// in the meantime.
const REFUSALS: [&str; 6] = ["0012", "0087", "0088", "0089", "0093", "0140"];

struct Checker<'h> {
    history: &'h History,
    table: &'h Table,
    intents: BTreeMap<u64, Vec<&'h Attempt>>,
}

/// The successful attempts, and how many attempts have an unknown outcome.
fn acknowledged<'h>(attempts: &[&'h Attempt]) -> (Vec<&'h Attempt>, usize) {
    let done = attempts.iter().filter(|it| it.outcome.done().is_some()).copied().collect();
    let unknown = attempts.iter().filter(|it| it.outcome.is_unknown()).count();
    (done, unknown)
}

fn text<'v>(body: &'v Value, name: &str) -> &'v str {
    body[name].as_str().unwrap_or_default()
}

impl Checker<'_> {
    /// Every answer is one that a client may get.
    fn answers(&self, wrong: &mut Vec<String>) {
        for attempt in &self.history.attempts {
            let Outcome::Answered { status, retry_after, body, .. } = &attempt.outcome else {
                continue;
            };
            let asked = format!("{:?} ({})", attempt.id, attempt.intent.name());
            if *status >= 500 && *status != 503 {
                wrong.push(format!("{asked}: was answered {status}"));
            }
            let again = attempt.outcome.is_try_again() || *status == 503;
            if again && !retry_after {
                wrong.push(format!("{asked}: {status} does not say when to try again"));
            }
            if *status == 400 && !REFUSALS.contains(&text(body, "code")) {
                wrong.push(format!("{asked}: a valid request was refused: {body}"));
            }
        }
    }

    /// The attempts to delete a balance, alone or with its account.
    fn deletions(&self, balance: &str) -> impl Iterator<Item = &Attempt> {
        let first = self.table.version(balance, 0);
        self.history.attempts.iter().filter(move |it| match &it.intent {
            Intent::Delete { balance: asked } => asked == balance,
            Intent::DeleteAccount { account } => first.is_some_and(|it| it.account == *account),
            // The balance of its external account goes with an asset.
            Intent::Remove { list, .. } => {
                list.ends_with("/assets") && first.is_some_and(|it| it.is_external)
            }
            _ => false,
        })
    }

    /// The versions that gave a balance this limit.
    fn changes_to<'t>(
        &'t self,
        balance: &str,
        limit: &'t str,
    ) -> impl Iterator<Item = &'t Version> + 't {
        let versions = self.table.versions.get(balance).map_or(&[][..], Vec::as_slice);
        versions.iter().skip(1).filter(move |version| {
            version.caused_by.is_none()
                && !version.is_deletion
                && version.limit.as_deref() == Some(limit)
        })
    }
}

/// Microseconds since 1970.
fn micros(date: &str) -> i64 {
    subledger_http::v1::date::parse_moment(date).unwrap().micros()
}
