//! Organizations, ledgers, assets, groups of accounts and accounts: created, changed, deleted and
//! counted as clients asked.

use std::collections::{BTreeMap, BTreeSet};

use super::{Checker, acknowledged, text};
use crate::history::{Attempt, Intent, Outcome, Thing};
use crate::table::{Amounts, Object, Operation};

/// By what it is: the attempts that may have written it, and the values.
type Writes<'h> = BTreeMap<String, Vec<(&'h Attempt, String)>>;

/// Whether it was done, or may have been.
fn may_have_been_done(attempt: &Attempt) -> bool {
    attempt.outcome.done().is_some() || attempt.outcome.is_unknown()
}

fn the(what: &str, id: &str) -> String {
    format!("the {what} of {id}")
}

/// What an attempt writes if it is done, and the values.
fn written(attempt: &Attempt) -> Vec<(String, String)> {
    // Nobody knows the id of what was created without an answer.
    let new = attempt.outcome.done().map_or("", |body| text(body, "id"));
    let parent = |thing: &Thing, id: &str| match thing {
        Thing::Organization { parent } => {
            Some((the("parent", id), parent.clone().unwrap_or_default()))
        }
        _ => None,
    };
    match &attempt.intent {
        Intent::Create { thing, name, .. } => {
            [(the("name", new), name.clone())].into_iter().chain(parent(thing, new)).collect()
        }
        Intent::Rename { thing, id, name, .. } => {
            [(the("name", id), name.clone())].into_iter().chain(parent(thing, id)).collect()
        }
        Intent::OpenAccount { portfolio, segment, .. } => {
            [("portfolio", portfolio), ("segment", segment)]
                .map(|(kind, group)| (the(kind, new), group.clone().unwrap_or_default()))
                .to_vec()
        }
        Intent::Move { account, kind, group } => {
            vec![(the(kind, account), group.clone().unwrap_or_default())]
        }
        Intent::Switch { ledger, on } => {
            let id = ledger.rsplit('/').next().unwrap_or_default();
            vec![(the("check of account types", id), on.to_string())]
        }
        Intent::Describe { operation, text } => {
            vec![(the("description", operation), text.clone())]
        }
        _ => Vec::new(),
    }
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
                Intent::Remove { id, .. }
                    if !done.is_empty()
                        && !self.table.objects.get(id).is_some_and(|it| it.is_deleted) =>
                {
                    wrong.push(format!("object {id}: its deletion got lost"));
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

    /// What is in use from the beginning to the end cannot be deleted, and what is there is found.
    pub(super) fn refusals(&self, wrong: &mut Vec<String>) {
        let created = self.history.attempts.iter().filter_map(|it| match it.intent {
            Intent::Create { .. } => it.outcome.done().map(|body| text(body, "id")),
            _ => None,
        });
        let created: BTreeSet<&str> = created.collect();
        for attempt in &self.history.attempts {
            let (Intent::Rename { id, .. } | Intent::Remove { id, .. }) = &attempt.intent else {
                continue;
            };
            let Outcome::Answered { status, body, .. } = &attempt.outcome else { continue };
            let may_be = attempt.outcome.is_unknown() || attempt.outcome.is_try_again();
            let is_in_use = *status == 422 && text(body, "code") == "0905";
            let is_removal = matches!(attempt.intent, Intent::Remove { .. });
            if is_removal && !created.contains(id.as_str()) && !may_be && !is_in_use {
                wrong.push(format!("object {id}: is in use, and its deletion was answered {body}"));
            }
            let is_there = self.table.objects.get(id).is_some_and(|it| !it.is_deleted);
            // The new parent of an organization may have been deleted.
            if *status == 404 && text(body, "code") != "0039" && is_there {
                wrong.push(format!("object {id}: is there, and was not found: {body}"));
            }
        }
    }

    /// What clients change has the value that was written last.
    pub(super) fn last_writes(&self, wrong: &mut Vec<String>) {
        let mut writes = Writes::new();
        for attempt in self.history.attempts.iter().filter(|it| may_have_been_done(it)) {
            for (what, value) in written(attempt) {
                writes.entry(what).or_default().push((attempt, value));
            }
        }
        let at_the_end = (u64::MAX, u64::MAX);
        for (id, object) in &self.table.objects {
            self.expect_last(&writes, &the("name", id), &object.name, at_the_end, wrong);
            for (what, value) in &object.values {
                self.expect_last(&writes, &the(what, id), value, at_the_end, wrong);
            }
        }
        for it in self.table.transactions.values().flat_map(|it| &it.operations) {
            let what = the("description", &it.id);
            self.expect_last(&writes, &what, &it.description, at_the_end, wrong);
        }
        for attempt in &self.history.attempts {
            if let (Intent::GetOperation { operation, .. }, Some(body)) =
                (&attempt.intent, attempt.outcome.done())
            {
                let (what, when) = (the("description", operation), (attempt.start, attempt.end));
                self.expect_last(&writes, &what, text(body, "description"), when, wrong);
            }
        }
    }

    /// The value that was there, or was shown, between these steps is the last one before.
    fn expect_last(
        &self,
        writes: &Writes<'_>,
        what: &str,
        shown: &str,
        (start, end): (u64, u64),
        wrong: &mut Vec<String>,
    ) {
        let Some(writes) = writes.get(what) else { return };
        let mine = writes.iter().filter(|(it, value)| value == shown && it.start < end);
        let latest = mine.map(|(it, _)| self.latest_effect(it)).max();
        let mut others = writes
            .iter()
            .filter(|(it, value)| value != shown && it.outcome.done().is_some() && it.end < start);
        // Before the first write it has a value that nobody wrote.
        if let Some((_, later)) = others.find(|(it, _)| latest.is_none_or(|mine| it.start > mine)) {
            wrong.push(format!("{what} is {shown:?} and not {later:?}, written later"));
        }
    }

    /// The operations in an answer are those of their transactions.
    pub(super) fn operations(&self, wrong: &mut Vec<String>) {
        for attempt in &self.history.attempts {
            let Some(body) = attempt.outcome.done() else { continue };
            let shown = match &attempt.intent {
                Intent::GetOperation { .. } | Intent::Describe { .. } => std::slice::from_ref(body),
                _ => body["operations"].as_array().map_or(&[][..], Vec::as_slice),
            };
            for shown in shown {
                let transaction = self.table.transactions.get(text(shown, "transactionId"));
                let mut stored = transaction.into_iter().flat_map(|it| &it.operations);
                let same = |it: &Operation| {
                    let of = self.table.version(&it.balance, it.version);
                    it.id == text(shown, "id")
                        && it.balance == text(shown, "balanceId")
                        && of.is_some_and(|of| of.account == text(shown, "accountId"))
                        && it.before == Amounts::of_answer(&shown["balance"])
                        && it.after == Amounts::of_answer(&shown["balanceAfter"])
                };
                if !stored.any(same) {
                    let what = format!("{:?} ({})", attempt.id, attempt.intent.name());
                    wrong.push(format!("{what}: shows operation {shown}, which never was"));
                }
            }
            if let Intent::GetOperation { account, operation } = &attempt.intent
                && (text(body, "accountId"), text(body, "id")) != (account, operation)
            {
                wrong.push(format!("{:?}: shows {body} and not {operation}", attempt.id));
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
                let may_go = |it: &Attempt| may_have_been_done(it) && it.start < attempt.end;
                let stays = !self.removals(id, object).any(may_go);
                least += usize::from(was_there && stays);
                let was_gone = |it: &Attempt| it.outcome.done().is_some() && it.end < attempt.start;
                let is_gone = !is_external && self.removals(id, object).any(was_gone);
                let creations = created.get(id.as_str());
                let came = creations.is_none_or(|it| it.iter().any(|it| it.start < attempt.end));
                most += usize::from(came && !is_gone);
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
