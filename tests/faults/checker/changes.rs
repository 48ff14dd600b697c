//! Accounts and balances: opened, changed and deleted as clients asked.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Checker, acknowledged, text};
use crate::history::{Attempt, Intent};
use crate::table::Version;

impl Checker<'_> {
    /// What was opened is stored once, under the id that was answered. The key of a balance is free
    /// again when the balance is deleted, so after a deletion a request that was not answered may
    /// have opened the balance once more.
    pub(super) fn openings(&self, wrong: &mut Vec<String>) {
        let firsts = || {
            self.table
                .versions
                .iter()
                .filter_map(|(id, versions)| versions.first().map(|first| (id, first)))
        };
        for attempts in self.intents.values() {
            let Some(first) = attempts.first() else { continue };
            let (done, unknown) = acknowledged(attempts);
            let ids: BTreeSet<&str> =
                done.iter().map(|it| text(it.outcome.done().unwrap(), "id")).collect();
            let (name, stored): (&str, Vec<String>) = match &first.intent {
                Intent::Open { account, key } => {
                    let here = |first: &Version| first.account == *account && first.key == *key;
                    let stored = firsts().filter(|(_, first)| here(first));
                    (key, stored.map(|(id, _)| id.clone()).collect())
                }
                Intent::OpenCredit { name } => {
                    let named = |first: &Version| contains_text(&first.rest["credit"], name);
                    let stored = firsts().filter(|(_, first)| named(first));
                    (name, stored.map(|(id, _)| id.clone()).collect())
                }
                Intent::OpenAccount { alias, .. } => {
                    let stored = self.table.accounts.iter().filter(|(_, it)| *it == alias);
                    (alias, stored.map(|(id, _)| id.clone()).collect())
                }
                _ => continue,
            };
            let is_deleted = |id: &&String| {
                let last = self.table.versions.get(*id).and_then(|versions| versions.last());
                last.is_some_and(|last| last.is_deletion)
            };
            let deleted = match first.intent {
                Intent::Open { .. } => stored.iter().filter(is_deleted).count(),
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
            let is_v0 = matches!(first.intent, Intent::OpenCredit { .. });
            for id in ids.iter().filter(|_| !is_v0) {
                if !stored.iter().any(|it| it == id) {
                    wrong.push(format!("{name}: acknowledged as {id}, stored as {stored:?}"));
                }
            }
        }
    }

    /// A change of a balance is stored at least as often as it was acknowledged, and at most as often
    /// as it may have been made.
    pub(super) fn changes(&self, wrong: &mut Vec<String>) {
        for attempts in self.intents.values() {
            let Some(first) = attempts.first() else { continue };
            let (done, unknown) = acknowledged(attempts);
            match &first.intent {
                Intent::Limit { balance, limit } => {
                    let made = self.changes_to(balance, limit).count();
                    if made < done.len() || made > done.len() + unknown {
                        wrong.push(format!(
                            "limit {limit}: acknowledged {} times, {unknown} outcomes unknown, \
                             stored {made} times",
                            done.len()
                        ));
                    }
                }
                Intent::Delete { balance } => {
                    let newest = self.table.versions.get(balance).and_then(|it| it.last());
                    let deleted = newest.is_some_and(|newest| newest.is_deletion);
                    if !done.is_empty() && !deleted {
                        wrong.push(format!("balance {balance}: its deletion got lost"));
                    }
                }
                Intent::DeleteAccount { account }
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
            // An external account goes with its asset.
            if self.table.accounts[account].starts_with("@external/") {
                continue;
            }
            let intent = Intent::DeleteAccount { account: account.clone() };
            if !self.history.attempts.iter().any(|it| it.intent == intent && may_have(it)) {
                wrong.push(format!("account {account}: nobody deleted it"));
            }
        }
    }
}

fn contains_text(value: &Value, wanted: &str) -> bool {
    match value {
        Value::String(text) => text == wanted,
        Value::Array(items) => items.iter().any(|item| contains_text(item, wanted)),
        Value::Object(members) => members.values().any(|member| contains_text(member, wanted)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}
