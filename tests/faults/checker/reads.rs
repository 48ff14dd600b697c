//! Lists, and answers about the past.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Checker, micros, text};
use crate::history::{Attempt, FinalAnswer, Intent, Outcome};
use crate::table::{Amounts, Version};

impl Checker<'_> {
    /// A list has every balance that existed throughout, once, and none that was deleted before.
    pub(super) fn lists(&self, wrong: &mut Vec<String>) {
        for list in &self.history.attempts {
            let Some(body) = list.outcome.done() else { continue };
            let (items, of) = match &list.intent {
                Intent::ListLedger if body["all_pages"].is_array() => (&body["all_pages"], None),
                Intent::ListAccount { account } => (&body["items"], Some(account)),
                _ => continue,
            };
            let mut listed: BTreeMap<&str, u64> = BTreeMap::new();
            for item in items.as_array().unwrap() {
                *listed.entry(text(item, "id")).or_default() += 1;
            }
            let what = format!("{:?} ({})", list.id, list.intent.name());
            if let Some((balance, _)) = listed.iter().find(|(_, times)| **times > 1) {
                wrong.push(format!("{what}: balance {balance} is listed twice"));
            }
            for balance in listed.keys() {
                // That an asset is deleted says little about the external balance of another.
                let was_over = |it: &Attempt| {
                    let is_of_asset = matches!(it.intent, Intent::Remove { .. });
                    !is_of_asset && it.outcome.done().is_some() && it.end < list.start
                };
                if self.deletions(balance).any(was_over) {
                    wrong.push(format!("{what}: balance {balance} was deleted before"));
                }
            }
            for attempt in &self.history.attempts {
                let Some(body) = attempt.outcome.done() else { continue };
                if attempt.end >= list.start {
                    continue;
                }
                match &attempt.intent {
                    Intent::Open { account, .. } if of.is_none_or(|of| of == account) => {
                        let balance = text(body, "id");
                        if !listed.contains_key(balance) && !self.may_be_gone(balance, list.end) {
                            wrong.push(format!("{what}: balance {balance} is missing"));
                        }
                    }
                    _ => {}
                }
            }
        }
    }

    /// Whether a client had asked by then to delete the balance.
    fn may_be_gone(&self, balance: &str, by: u64) -> bool {
        self.deletions(balance).any(|it| it.start < by)
    }

    /// Answers about the past agree with the versions, and do not change.
    pub(super) fn past(&self, wrong: &mut Vec<String>) {
        for FinalAnswer { intent, outcome } in &self.history.final_answers {
            let replayed = self.replay(intent);
            if replayed.as_ref() != Some(&shown(outcome)) {
                wrong.push(format!("{intent:?}: {outcome:?}, but the versions say {replayed:?}"));
            }
        }
        for attempt in &self.history.attempts {
            let (Intent::AsOf { date, .. } | Intent::AccountAsOf { date, .. }) = &attempt.intent
            else {
                continue;
            };
            if let Some(balance) = shown_twice(&attempt.outcome) {
                let what = format!("{:?} ({})", attempt.id, attempt.intent.name());
                wrong.push(format!("{what}: balance {balance} is shown twice"));
            }
            let Outcome::Answered { status: 200 | 404, settled, .. } = attempt.outcome else {
                continue;
            };
            if !settled && !self.has_passed(date, attempt) {
                continue;
            }
            let replayed = self.replay(&attempt.intent);
            if replayed.as_ref() != Some(&shown(&attempt.outcome)) {
                wrong.push(format!(
                    "{:?} {:?}: {:?}, but in the end {replayed:?}",
                    attempt.id, attempt.intent, attempt.outcome
                ));
            }
        }
    }

    /// Whether the moment had passed when it was asked about, by the clock of every instance that
    /// may have written something since.
    fn has_passed(&self, date: &str, asked: &Attempt) -> bool {
        let date = micros(date);
        let mut later = self.history.attempts.iter().filter(|it| {
            let arrived = self.history.arrivals.get(&it.id).copied().unwrap_or_default();
            it.end.max(arrived) >= asked.start
        });
        later.all(|it| it.clock.iter().all(|said| *said > date))
    }

    /// The past according to the versions: the version number and the amounts of each balance.
    fn replay(&self, intent: &Intent) -> Option<Shown> {
        let (asked_balance, asked_account, date) = match intent {
            Intent::AsOf { balance, date } => (Some(balance), None, date),
            Intent::AccountAsOf { account, date } => (None, Some(account), date),
            _ => return None,
        };
        let is_asked = |id: &String, first: &Version| {
            asked_balance.is_none_or(|asked| asked == id)
                && asked_account.is_none_or(|asked| *asked == first.account)
        };
        let date = micros(date);
        let mut shown = Shown::new();
        for (balance, versions) in &self.table.versions {
            if !versions.first().is_some_and(|first| is_asked(balance, first)) {
                continue;
            }
            let then = versions.iter().rev().find(|it| micros(&it.recorded_at) <= date);
            if let Some(then) = then.filter(|then| !then.is_deletion) {
                shown.insert(balance.clone(), (then.number, then.amounts.clone()));
            }
        }
        Some(shown)
    }
}

/// The version number and the amounts of each balance in an answer.
type Shown = BTreeMap<String, (u64, Amounts)>;

/// A balance that an answer shows more than once.
fn shown_twice(outcome: &Outcome) -> Option<&str> {
    let items = outcome.done()?.as_array()?;
    let ids: Vec<&str> = items.iter().map(|item| text(item, "id")).collect();
    ids.iter().enumerate().find(|(place, id)| ids[..*place].contains(id)).map(|(_, id)| *id)
}

fn shown(outcome: &Outcome) -> Shown {
    let Some(body) = outcome.done() else { return Shown::new() };
    let items = body.as_array().map_or_else(|| vec![body], |items| items.iter().collect());
    let item = |item: &Value| {
        let number = item["version"].as_u64().unwrap();
        (text(item, "id").to_owned(), (number, Amounts::of_answer(item)))
    };
    items.into_iter().map(item).collect()
}
