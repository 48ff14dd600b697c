//! Whether what was answered and what is stored tell the same story.
//!
//! Every state of a balance has a number that no other state of it has, and the table keeps all of
//! them. So a history of a balance is linearizable exactly if every change and every reading can be
//! given a moment between its request and its answer in which the order of the moments is the order
//! of the numbers: a change or a reading that began after another one had ended has seen, or made,
//! a version that is not older. That is checked pair by pair, without searching for an order: the
//! numbers are the order. What was never answered may have happened at any moment after it was
//! asked, or never.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::history::{Attempt, FinalAnswer, History, Outcome, Wish, WishedLeg};
use crate::invariants;
use crate::table::{Amounts, Leg, Table, Transaction, Version};

/// Everything that cannot be.
pub(crate) fn check(history: &History) -> Vec<String> {
    let table = Table::read(&history.items);
    let mut wrong = invariants::check(&table);
    let checker = Checker { history, table: &table, wishes: by_wish(&history.attempts) };
    checker.answers(&mut wrong);
    checker.postings(&mut wrong);
    checker.finalizations(&mut wrong);
    checker.reversals(&mut wrong);
    checker.openings(&mut wrong);
    checker.changes(&mut wrong);
    checker.order(&mut wrong);
    checker.walks(&mut wrong);
    checker.past(&mut wrong);
    wrong
}

fn by_wish(attempts: &[Attempt]) -> BTreeMap<u64, Vec<&Attempt>> {
    let mut wishes: BTreeMap<u64, Vec<&Attempt>> = BTreeMap::new();
    for attempt in attempts {
        wishes.entry(attempt.wish_id).or_default().push(attempt);
    }
    wishes
}

/// The codes with which a good request may be refused with 400, as what it is about is in another
/// state by now.
const REFUSALS: [&str; 6] = ["0012", "0087", "0088", "0089", "0093", "0140"];

struct Checker<'h> {
    history: &'h History,
    table: &'h Table,
    wishes: BTreeMap<u64, Vec<&'h Attempt>>,
}

/// Something that a balance went through.
#[derive(Debug, Clone)]
struct Moment {
    start: u64,
    /// `None` if nobody knows when it was over.
    end: Option<u64>,
    version: u64,
    is_change: bool,
    what: String,
}

/// The successes among attempts, and how many nobody knows of.
fn acknowledged<'h>(attempts: &[&'h Attempt]) -> (Vec<&'h Attempt>, usize) {
    let done = attempts.iter().filter(|it| it.outcome.done().is_some()).copied().collect();
    let unknown = attempts.iter().filter(|it| it.outcome.is_unknown()).count();
    (done, unknown)
}

/// From the first request to the first success.
fn interval(attempts: &[&Attempt]) -> (u64, Option<u64>) {
    let start = attempts.iter().map(|it| it.start).min().unwrap_or_default();
    let done = attempts.iter().filter(|it| it.outcome.done().is_some());
    (start, done.map(|it| it.end).min())
}

fn text<'v>(body: &'v Value, name: &str) -> &'v str {
    body[name].as_str().unwrap_or_default()
}

impl Checker<'_> {
    /// No answer is one that must not be given.
    fn answers(&self, wrong: &mut Vec<String>) {
        for attempt in &self.history.attempts {
            let Outcome::Answered { status, retry_after, body } = &attempt.outcome else {
                continue;
            };
            let asked = format!("{:?} ({})", attempt.id, attempt.wish.name());
            if *status >= 500 && *status != 503 {
                wrong.push(format!("{asked}: was answered {status}"));
            }
            let again = attempt.outcome.is_try_again() || *status == 503;
            if again && !retry_after {
                wrong.push(format!("{asked}: {status} does not say when to try again"));
            }
            if *status == 400 && !REFUSALS.contains(&text(body, "code")) {
                wrong.push(format!("{asked}: a good request was refused: {body}"));
            }
        }
    }

    /// Acknowledged transactions are there once, others once or not at all; and as they were asked
    /// for.
    fn postings(&self, wrong: &mut Vec<String>) {
        let mut tagged: BTreeMap<&str, Vec<&Transaction>> = BTreeMap::new();
        for transaction in self.table.transactions.values() {
            if transaction.parent.is_none() {
                tagged.entry(&transaction.description).or_default().push(transaction);
            }
        }
        for attempts in self.wishes.values() {
            let Some(Wish::Post { tag, keyed, value, legs, .. }) =
                attempts.first().map(|it| &it.wish)
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
                let same = sides.iter().all(|(gives, stored)| **stored == wished(legs, *gives));
                if transaction.amount != plain(value) || !same {
                    wrong.push(format!("{tag}: {} is not what was asked for", transaction.id));
                }
            }
        }
        for (tag, _) in tagged {
            wrong.push(format!("nobody asked for the transaction {tag}"));
        }
    }

    /// A pending transaction is finalized at most once, and as somebody asked.
    fn finalizations(&self, wrong: &mut Vec<String>) {
        let mut asked: BTreeMap<&str, Vec<&Attempt>> = BTreeMap::new();
        for attempt in &self.history.attempts {
            if let Wish::Conclude { transaction, .. } = &attempt.wish {
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
                let Wish::Conclude { commits, .. } = attempt.wish else { continue };
                let expected = if commits { "approved" } else { "canceled" };
                if !transaction.status.eq_ignore_ascii_case(expected) {
                    let status = &transaction.status;
                    wrong.push(format!("transaction {id}: is {status}, acknowledged {expected}"));
                }
            }
            let finalized = transaction.operations.iter().any(|it| it.finalized);
            let may = attempts.iter().any(|it| {
                let Wish::Conclude { commits, .. } = it.wish else { return false };
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

    /// A transaction is reverted at most once, by somebody who asked.
    fn reversals(&self, wrong: &mut Vec<String>) {
        let mut by_original: BTreeMap<&str, Vec<&Attempt>> = BTreeMap::new();
        for attempt in &self.history.attempts {
            if let Wish::Revert { transaction } = &attempt.wish {
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

    /// What was opened is there once, under the id that was answered. The key of a balance is free
    /// again when it is deleted, so behind a deletion it may have been opened once more by whoever
    /// was not answered.
    fn openings(&self, wrong: &mut Vec<String>) {
        let firsts = || {
            self.table
                .versions
                .iter()
                .filter_map(|(id, versions)| versions.first().map(|first| (id, first)))
        };
        for attempts in self.wishes.values() {
            let Some(first) = attempts.first() else { continue };
            let (done, unknown) = acknowledged(attempts);
            let ids: BTreeSet<&str> =
                done.iter().map(|it| text(it.outcome.done().unwrap(), "id")).collect();
            let (name, stored): (&str, Vec<String>) = match &first.wish {
                Wish::Open { account, key } => {
                    let here = |first: &Version| first.account == *account && first.key == *key;
                    let stored = firsts().filter(|(_, first)| here(first));
                    (key, stored.map(|(id, _)| id.clone()).collect())
                }
                Wish::OpenCredit { name } => {
                    let named = |first: &Version| contains_text(&first.rest["credit"], name);
                    let stored = firsts().filter(|(_, first)| named(first));
                    (name, stored.map(|(id, _)| id.clone()).collect())
                }
                Wish::OpenAccount { alias } => {
                    let stored = self.table.accounts.iter().filter(|(_, it)| *it == alias);
                    (alias, stored.map(|(id, _)| id.clone()).collect())
                }
                _ => continue,
            };
            let is_deleted = |id: &&String| {
                let last = self.table.versions.get(*id).and_then(|versions| versions.last());
                last.is_some_and(|last| last.is_deletion)
            };
            let deleted = match first.wish {
                Wish::Open { .. } => stored.iter().filter(is_deleted).count(),
                _ => 0,
            };
            let most = usize::from(!done.is_empty() || unknown > 0) + deleted;
            let most = most.min(ids.len() + unknown);
            let least = usize::from(!done.is_empty());
            if stored.len() < least || stored.len() > most || ids.len() > 1 + deleted {
                wrong.push(format!(
                    "{name}: acknowledged as {ids:?}, {unknown} outcomes unknown, stored as \
                     {stored:?}"
                ));
            }
            // The ids of v0 are spelled in another way.
            let is_v0 = matches!(first.wish, Wish::OpenCredit { .. });
            for id in ids.iter().filter(|_| !is_v0) {
                if !stored.iter().any(|it| it == id) {
                    wrong.push(format!("{name}: acknowledged as {id}, stored as {stored:?}"));
                }
            }
        }
    }

    /// A change of a balance is there as often as it was acknowledged, and at most as often as
    /// somebody may have made it.
    fn changes(&self, wrong: &mut Vec<String>) {
        for attempts in self.wishes.values() {
            let Some(first) = attempts.first() else { continue };
            let (done, unknown) = acknowledged(attempts);
            match &first.wish {
                Wish::Limit { balance, limit } => {
                    let made = self.changes_to(balance, limit).count();
                    if made < done.len() || made > done.len() + unknown {
                        wrong.push(format!(
                            "limit {limit}: acknowledged {} times, {unknown} outcomes unknown, \
                             stored {made} times",
                            done.len()
                        ));
                    }
                }
                Wish::Delete { balance } => {
                    let newest = self.table.versions.get(balance).and_then(|it| it.last());
                    let deleted = newest.is_some_and(|newest| newest.is_deletion);
                    if !done.is_empty() && !deleted {
                        wrong.push(format!("balance {balance}: its deletion got lost"));
                    }
                }
                Wish::DeleteAccount { account }
                    if !done.is_empty() && !self.table.deleted_accounts.contains(account) =>
                {
                    wrong.push(format!("account {account}: its deletion got lost"));
                }
                _ => {}
            }
        }
        let may_have = |it: &Attempt| it.outcome.done().is_some() || it.outcome.is_unknown();
        for (balance, versions) in &self.table.versions {
            let deleted = versions.last().is_some_and(|newest| newest.is_deletion);
            if deleted && !self.deletions(balance).any(may_have) {
                wrong.push(format!("balance {balance}: nobody deleted it"));
            }
        }
        for account in &self.table.deleted_accounts {
            let wish = Wish::DeleteAccount { account: account.clone() };
            if !self.history.attempts.iter().any(|it| it.wish == wish && may_have(it)) {
                wrong.push(format!("account {account}: nobody deleted it"));
            }
        }
    }

    /// The attempts to delete a balance, alone or with its account.
    fn deletions(&self, balance: &str) -> impl Iterator<Item = &Attempt> {
        let first = self.table.version(balance, 0);
        self.history.attempts.iter().filter(move |it| match &it.wish {
            Wish::Delete { balance: asked } => asked == balance,
            Wish::DeleteAccount { account } => first.is_some_and(|it| it.account == *account),
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

    /// Every balance went through its versions in an order that real time allows.
    fn order(&self, wrong: &mut Vec<String>) {
        let mut by_balance: BTreeMap<String, Vec<Moment>> = BTreeMap::new();
        for attempts in self.wishes.values() {
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

    /// When a wish may have made which versions.
    fn change_moments(
        &self,
        attempts: &[&Attempt],
        by_balance: &mut BTreeMap<String, Vec<Moment>>,
    ) {
        let Some(first) = attempts.first() else { return };
        let (start, end) = interval(attempts);
        let mut add = |balance: &str, version, end| {
            let what = format!("{:?} ({})", first.id, first.wish.name());
            let moment = Moment { start, end, version, is_change: true, what };
            by_balance.entry(balance.to_owned()).or_default().push(moment);
        };
        let mut steps: Vec<(&str, bool)> = Vec::new();
        let acknowledged_ids = attempts.iter().filter_map(|it| it.outcome.done());
        match &first.wish {
            Wish::Post { tag, keyed: true, .. } => {
                let mut stored = self.table.transactions.values();
                let stored = stored.find(|it| it.description == *tag && it.parent.is_none());
                steps.extend(stored.map(|it| (it.id.as_str(), false)));
            }
            Wish::Post { keyed: false, .. } | Wish::Revert { .. } => {
                steps.extend(acknowledged_ids.map(|body| (text(body, "id"), false)));
            }
            Wish::Conclude { transaction, .. } if end.is_some() => {
                steps.push((transaction, true));
            }
            Wish::Limit { balance, limit } => {
                // An answer says which version it made; when others were made is not known.
                for version in self.changes_to(balance, limit) {
                    let made = |it: &&&Attempt| {
                        it.outcome.done().is_some_and(|body| body["version"] == version.number)
                    };
                    add(balance, version.number, attempts.iter().find(made).map(|it| it.end));
                }
            }
            Wish::Delete { balance } if end.is_some() => {
                let newest = self.table.versions.get(balance).and_then(|it| it.last());
                if let Some(newest) = newest.filter(|newest| newest.is_deletion) {
                    add(balance, newest.number, end);
                }
            }
            Wish::DeleteAccount { account } if end.is_some() => {
                for (balance, versions) in &self.table.versions {
                    let newest = versions.last().filter(|it| it.is_deletion);
                    let Some(newest) = newest.filter(|it| it.account == *account) else { continue };
                    // Others may have deleted the balance before.
                    if self.deletions(balance).all(|it| it.wish_id == first.wish_id) {
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

    /// Which versions an answer shows. They have to be stored as they were shown.
    fn reading_moments(
        &self,
        attempt: &Attempt,
        by_balance: &mut BTreeMap<String, Vec<Moment>>,
        wrong: &mut Vec<String>,
    ) {
        let Some(body) = attempt.outcome.done() else { return };
        let shown: Vec<&Value> = match &attempt.wish {
            Wish::Get { .. } | Wish::Limit { .. } => vec![body],
            Wish::ListAccount { .. } => body["items"].as_array().unwrap().iter().collect(),
            Wish::PageQuery => body["walk"].as_array().into_iter().flatten().collect(),
            _ => return,
        };
        for shown in shown {
            let (balance, number) = (text(shown, "id"), shown["version"].as_u64().unwrap());
            let what = format!("{:?} ({})", attempt.id, attempt.wish.name());
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

    /// A list has everything that was there all the time, once, and nothing that was gone.
    fn walks(&self, wrong: &mut Vec<String>) {
        for walk in &self.history.attempts {
            let Some(body) = walk.outcome.done() else { continue };
            let (items, of) = match &walk.wish {
                Wish::PageQuery if body["walk"].is_array() => (&body["walk"], None),
                Wish::ListAccount { account } => (&body["items"], Some(account)),
                _ => continue,
            };
            let mut listed: BTreeMap<&str, u64> = BTreeMap::new();
            for item in items.as_array().unwrap() {
                *listed.entry(text(item, "id")).or_default() += 1;
            }
            let what = format!("{:?} ({})", walk.id, walk.wish.name());
            if let Some((balance, _)) = listed.iter().find(|(_, times)| **times > 1) {
                wrong.push(format!("{what}: balance {balance} is listed twice"));
            }
            for balance in listed.keys() {
                let was_over = |it: &Attempt| it.outcome.done().is_some() && it.end < walk.start;
                if self.deletions(balance).any(was_over) {
                    wrong.push(format!("{what}: balance {balance} was deleted before"));
                }
            }
            for attempt in &self.history.attempts {
                let Some(body) = attempt.outcome.done() else { continue };
                if attempt.end >= walk.start {
                    continue;
                }
                match &attempt.wish {
                    Wish::Open { account, .. } if of.is_none_or(|of| of == account) => {
                        let balance = text(body, "id");
                        if !listed.contains_key(balance) && !self.may_be_gone(balance, walk.end) {
                            wrong.push(format!("{what}: balance {balance} is missing"));
                        }
                    }
                    _ => {}
                }
            }
        }
    }

    /// Whether somebody had asked for the end of the balance by then.
    fn may_be_gone(&self, balance: &str, by: u64) -> bool {
        self.deletions(balance).any(|it| it.start < by)
    }

    /// What was answered about the past is what the versions say, and does not change.
    fn past(&self, wrong: &mut Vec<String>) {
        for FinalAnswer { wish, outcome } in &self.history.final_answers {
            let replayed = self.replay(wish);
            if replayed.as_ref() != Some(&shown(outcome)) {
                wrong.push(format!("{wish:?}: {outcome:?}, but the versions say {replayed:?}"));
            }
        }
        for attempt in &self.history.attempts {
            let (Wish::AsOf { date, .. } | Wish::AccountAsOf { date, .. }) = &attempt.wish else {
                continue;
            };
            let known = matches!(attempt.outcome, Outcome::Answered { status: 200 | 404, .. });
            if !known || !self.has_passed(date, attempt) {
                continue;
            }
            let replayed = self.replay(&attempt.wish);
            if replayed.as_ref() != Some(&shown(&attempt.outcome)) {
                wrong.push(format!(
                    "{:?} {:?}: {:?}, but in the end {replayed:?}",
                    attempt.id, attempt.wish, attempt.outcome
                ));
            }
        }
    }

    /// Whether a moment had passed when it was asked about, by every clock that anybody has looked
    /// at who has written anything since.
    fn has_passed(&self, date: &str, asked: &Attempt) -> bool {
        let date = micros(date);
        let mut later = self.history.attempts.iter().filter(|it| {
            let arrived = self.history.arrivals.get(&it.id).copied().unwrap_or_default();
            it.end.max(arrived) >= asked.start
        });
        later.all(|it| it.clock.iter().all(|said| *said > date))
    }

    /// What the versions say about the past: by balance the number and the amounts.
    fn replay(&self, wish: &Wish) -> Option<Shown> {
        let (asked_balance, asked_account, date) = match wish {
            Wish::AsOf { balance, date } => (Some(balance), None, date),
            Wish::AccountAsOf { account, date } => (None, Some(account), date),
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

/// Balances as an answer shows them.
type Shown = BTreeMap<String, (u64, Amounts)>;

fn shown(outcome: &Outcome) -> Shown {
    let Some(body) = outcome.done() else { return Shown::new() };
    let items = body.as_array().map_or_else(|| vec![body], |items| items.iter().collect());
    let item = |item: &Value| {
        let number = item["version"].as_u64().unwrap();
        (text(item, "id").to_owned(), (number, Amounts::of_answer(item)))
    };
    items.into_iter().map(item).collect()
}

fn wished(legs: &[WishedLeg], gives: bool) -> Vec<Leg> {
    let leg = |leg: &WishedLeg| Leg {
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

fn contains_text(value: &Value, wanted: &str) -> bool {
    match value {
        Value::String(text) => text == wanted,
        Value::Array(items) => items.iter().any(|item| contains_text(item, wanted)),
        Value::Object(members) => members.values().any(|member| contains_text(member, wanted)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// A moment without trailing zeros is the same as one with them.
fn same_moment(one: &str, other: &str) -> bool {
    micros(one) == micros(other)
}

/// Microseconds since 1970.
fn micros(date: &str) -> i64 {
    subledger_http::v1::date::parse_moment(date).unwrap().micros()
}
