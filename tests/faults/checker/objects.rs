//! Organizations, ledgers, assets, groups of accounts and accounts: created, changed, deleted and
//! counted as clients asked.

use std::collections::{BTreeMap, BTreeSet};

use super::{Checker, acknowledged, text};
use crate::history::{Attempt, Intent};
use crate::ledger::first_operation;
use crate::table::Object;

/// Whether it was done, or may have been.
fn may_have_been_done(attempt: &Attempt) -> bool {
    attempt.outcome.done().is_some() || attempt.outcome.is_unknown()
}

impl Checker<'_> {
    /// What was created is stored, as often as it was acknowledged and at most once more for each
    /// unknown outcome; what was deleted stays deleted; and nothing is there, or gone, that nobody
    /// asked for.
    pub(super) fn objects(&self, wrong: &mut Vec<String>) {
        for attempts in self.intents.values() {
            let Some(first) = attempts.first() else { continue };
            let (done, unknown) = acknowledged(attempts);
            match &first.intent {
                Intent::Create { list, name, .. } => {
                    let ids: BTreeSet<&str> =
                        done.iter().map(|it| text(it.outcome.done().unwrap(), "id")).collect();
                    for id in &ids {
                        if self.table.objects.get(*id).is_none_or(|it| it.list != *list) {
                            wrong
                                .push(format!("{name}: acknowledged as {id}, which is not stored"));
                        }
                    }
                    let others = self.table.objects.iter().filter(|(id, object)| {
                        object.name == *name && object.list == *list && !ids.contains(id.as_str())
                    });
                    let others = others.count();
                    if others > unknown {
                        wrong.push(format!(
                            "{name}: {unknown} outcomes unknown, stored {others} times more than \
                             acknowledged"
                        ));
                    }
                }
                Intent::Remove { id, .. } if !done.is_empty() => {
                    if !self.table.objects.get(id).is_some_and(|it| it.is_deleted) {
                        wrong.push(format!("object {id}: its deletion got lost"));
                    }
                }
                _ => {}
            }
        }
        for (id, object) in &self.table.objects {
            if object.is_deleted && !self.removals(id, object).any(may_have_been_done) {
                wrong.push(format!("object {id}: nobody deleted it"));
            }
        }
    }

    /// The attempts to delete an object.
    fn removals<'c>(
        &'c self,
        id: &'c str,
        object: &'c Object,
    ) -> impl Iterator<Item = &'c Attempt> + 'c {
        self.history.attempts.iter().filter(move |it| match &it.intent {
            Intent::Remove { id: asked, list } => {
                // An external account goes with its asset.
                asked == id || (list.ends_with("/assets") && object.name.starts_with("@external/"))
            }
            Intent::DeleteAccount { account } => account == id,
            _ => false,
        })
    }

    /// A name, a portfolio and a description are those that were written last.
    pub(super) fn last_writes(&self, wrong: &mut Vec<String>) {
        let mut writes: BTreeMap<String, Vec<(&Attempt, &str)>> = BTreeMap::new();
        for attempt in self.history.attempts.iter().filter(|it| may_have_been_done(it)) {
            let (what, value) = match &attempt.intent {
                Intent::Rename { id, name, .. } => (format!("the name of {id}"), name.as_str()),
                Intent::Move { account, portfolio } => {
                    let value = portfolio.as_deref().unwrap_or_default();
                    (format!("the portfolio of {account}"), value)
                }
                Intent::Describe { transaction, text } => {
                    let id = first_operation(transaction);
                    (format!("the description of {id}"), text.as_str())
                }
                Intent::Create { name, .. } => match attempt.outcome.done() {
                    Some(body) => (format!("the name of {}", text(body, "id")), name.as_str()),
                    None => continue,
                },
                Intent::OpenAccount { portfolio, .. } => match attempt.outcome.done() {
                    Some(body) => {
                        let value = portfolio.as_deref().unwrap_or_default();
                        (format!("the portfolio of {}", text(body, "id")), value)
                    }
                    None => continue,
                },
                _ => continue,
            };
            writes.entry(what).or_default().push((attempt, value));
        }
        let names = self.table.objects.iter();
        let names = names.map(|(id, it)| (format!("the name of {id}"), it.name.as_str()));
        let portfolios = self.table.objects.iter().map(|(id, it)| {
            (format!("the portfolio of {id}"), it.portfolio.as_deref().unwrap_or_default())
        });
        let operations = self.table.transactions.values().flat_map(|it| &it.operations);
        let descriptions =
            operations.map(|it| (format!("the description of {}", it.id), it.description.as_str()));
        for (what, stored) in names.chain(portfolios).chain(descriptions) {
            let Some(writes) = writes.get(&what) else { continue };
            let mine = writes.iter().filter(|(_, value)| *value == stored);
            let Some(latest) = mine.map(|(it, _)| self.latest_effect(it)).max() else {
                let is_done = |(it, _): &&(&Attempt, &str)| it.outcome.done().is_some();
                if writes.iter().any(|it| is_done(&it)) {
                    wrong.push(format!("{what} is {stored:?}, which nobody wrote"));
                }
                continue;
            };
            let is_later = |(it, value): &&(&Attempt, &str)| {
                *value != stored && it.outcome.done().is_some() && it.start > latest
            };
            if let Some((_, later)) = writes.iter().find(is_later) {
                wrong.push(format!("{what} is {stored:?} and not {later:?}, written later"));
            }
        }
    }

    /// The last step in which an attempt can have had an effect.
    fn latest_effect(&self, attempt: &Attempt) -> u64 {
        let arrival = self.history.arrivals.get(&attempt.id).copied().unwrap_or_default();
        attempt.end.max(arrival)
    }

    /// A count has everything that was there throughout, and nothing that was not there at any time.
    pub(super) fn counts(&self, wrong: &mut Vec<String>) {
        let mut created: BTreeMap<&str, Vec<&Attempt>> = BTreeMap::new();
        let mut asked_for: BTreeSet<&str> = BTreeSet::new();
        for attempt in &self.history.attempts {
            let (Intent::Create { name, .. } | Intent::OpenAccount { alias: name, .. }) =
                &attempt.intent
            else {
                continue;
            };
            asked_for.insert(name);
            if let Some(body) = attempt.outcome.done() {
                created.entry(text(body, "id")).or_default().push(attempt);
            }
        }
        for attempt in &self.history.attempts {
            let (Intent::Count { list }, Some(body)) = (&attempt.intent, attempt.outcome.done())
            else {
                continue;
            };
            let (mut least, mut most) = (0, 0);
            for (id, object) in self.table.objects.iter().filter(|(_, it)| it.list == *list) {
                let is_external = object.name.starts_with("@external/");
                let was_there = match created.get(id.as_str()) {
                    Some(creations) => creations.iter().any(|it| it.end < attempt.start),
                    // What nobody asked for was there before the faults.
                    None => !asked_for.contains(object.name.as_str()) && !is_external,
                };
                let stays = !self.removals(id, object).any(|it| it.start < attempt.end);
                least += usize::from(was_there && stays);
                let was_gone = |it: &Attempt| it.outcome.done().is_some() && it.end < attempt.start;
                most += usize::from(is_external || !self.removals(id, object).any(was_gone));
            }
            let count = usize::try_from(body.as_u64().unwrap()).unwrap();
            if count < least || count > most {
                wrong.push(format!(
                    "{:?} ({list}): counts {count}, and there are {least} to {most}",
                    attempt.id
                ));
            }
        }
    }
}
