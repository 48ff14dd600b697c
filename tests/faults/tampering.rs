//! Tests of the checker: each changes one thing in a correct run and expects a complaint.

use std::sync::OnceLock;

use serde_json::{Value, json};

use crate::checker::check;
use crate::history::{Attempt, History, Intent, Outcome};
use crate::run::{Plan, simulate};

/// A run without faults.
fn good() -> History {
    static GOOD: OnceLock<History> = OnceLock::new();
    let good = || {
        simulate(SEED, &Plan { endpoint: None, faults: false, intents: 100, dropped: None }).history
    };
    GOOD.get_or_init(good).clone()
}

/// A seed under which every kind of intent succeeds.
const SEED: u64 = 10;

/// Changes a correct run and expects a complaint that contains these words.
#[track_caller]
fn complains(words: &str, spoil: impl FnOnce(&mut History)) {
    let mut history = good();
    spoil(&mut history);
    let wrong = check(&history);
    assert!(wrong.iter().any(|it| it.contains(words)), "{words}: {wrong:#?}");
}

fn is(item: &Value, pk: &str, sk: &str) -> bool {
    let starts =
        |name: &str, word: &str| item[name]["S"].as_str().is_some_and(|key| key.starts_with(word));
    starts("pk", pk) && starts("sk", sk)
}

fn position(history: &History, wanted: impl Fn(&Value) -> bool) -> usize {
    history.items.iter().position(wanted).expect("the run has such an item")
}

/// A version in the middle of a balance's life that a transaction made.
fn version_in_the_middle(history: &History) -> usize {
    position(history, |item| {
        is(item, "BALANCE#", "AT#")
            && item["version"]["N"] == "3"
            && item["caused_by"]["S"].is_string()
    })
}

/// The item of a transaction that was posted with a key and acknowledged.
fn keyed_transaction(history: &History) -> usize {
    let tag = history
        .attempts
        .iter()
        .find_map(|it| match &it.intent {
            Intent::Post { tag, keyed: true, pending: false, .. } => {
                it.outcome.done().map(|_| tag.clone())
            }
            _ => None,
        })
        .unwrap();
    position(history, |item| {
        is(item, "TRANSACTION#", "") && item["notes"]["M"]["description"]["S"] == json!(tag)
    })
}

fn attempt(history: &mut History, wanted: impl Fn(&Intent) -> bool) -> &mut Attempt {
    let mut attempts = history.attempts.iter_mut();
    let found = attempts.rfind(|it| it.outcome.done().is_some() && wanted(&it.intent));
    found.expect("the run has such an attempt")
}

fn body(attempt: &mut Attempt) -> &mut Value {
    match &mut attempt.outcome {
        Outcome::Answered { body, .. } => body,
        Outcome::Lost => panic!("it was not answered"),
    }
}

/// One cent more.
fn plus_a_cent(amount: &mut Value) {
    use subledger::money::amount::Amount;
    let cent = Amount::parse("0.01").unwrap();
    let sum = Amount::parse(amount.as_str().unwrap()).unwrap().checked_add(&cent).unwrap();
    *amount = json!(sum.to_string());
}

#[test]
fn a_good_run_is_good() {
    assert_eq!(check(&good()), Vec::<String>::new());
}

#[test]
fn a_lost_cent_is_noticed() {
    complains("left other amounts", |history| {
        let item = version_in_the_middle(history);
        plus_a_cent(&mut history.items[item]["available"]["S"]);
    });
    // In the balance, in its version and in the transaction that made it.
    complains("its legs sum to", |history| {
        let item = keyed_transaction(history);
        let operation = &mut history.items[item]["operations"]["L"][0]["M"];
        plus_a_cent(&mut operation["after"]["L"][0]["S"]);
    });
    complains("all balances sum to", |history| {
        let newest = position(history, |item| is(item, "ACCOUNT#", "BALANCE#default"));
        let id = history.items[newest]["id"].clone();
        let version = history.items[newest]["version"].clone();
        for item in &mut history.items {
            if item["id"] == id && item["version"] == version {
                plus_a_cent(&mut item["available"]["S"]);
            }
        }
    });
}

#[test]
fn a_lost_transaction_is_noticed() {
    complains("which is not stored", |history| {
        let item = keyed_transaction(history);
        history.items.remove(item);
    });
    complains("which does not exist", |history| {
        let item = keyed_transaction(history);
        history.items.remove(item);
    });
}

#[test]
fn a_doubled_transaction_is_noticed() {
    complains("stored 2 times", |history| {
        let item = keyed_transaction(history);
        let text = history.items[item].to_string();
        let id = history.items[item]["id"]["S"].as_str().unwrap();
        let other = "00000000-0000-7000-8000-000000000000";
        history.items.push(serde_json::from_str(&text.replace(id, other)).unwrap());
    });
    complains("is not its work", |history| {
        let item = keyed_transaction(history);
        let text = history.items[item].to_string();
        let id = history.items[item]["id"]["S"].as_str().unwrap();
        let other = "00000000-0000-7000-8000-000000000000";
        history.items.push(serde_json::from_str(&text.replace(id, other)).unwrap());
    });
}

#[test]
fn a_repeated_request_that_was_not_recognized_is_noticed() {
    complains("acknowledged 2 times", |history| {
        let keyed = |intent: &Intent| matches!(intent, Intent::Post { keyed: true, .. });
        let mut again = attempt(history, keyed).clone();
        body(&mut again)["id"] = json!("00000000-0000-7000-8000-000000000000");
        history.attempts.push(again);
    });
}

#[test]
fn reordered_versions_are_noticed() {
    complains("started from other amounts", |history| {
        let one = version_in_the_middle(history);
        let id = history.items[one]["id"].clone();
        let next = position(history, |item| {
            is(item, "BALANCE#", "AT#") && item["id"] == id && item["version"]["N"] == "4"
        });
        let amount = history.items[one]["available"].take();
        history.items[one]["available"] = history.items[next]["available"].take();
        history.items[next]["available"] = amount;
    });
    complains("not after", |history| {
        let item = version_in_the_middle(history);
        history.items[item]["recorded_at"]["S"] = json!("2000-01-01T00:00:00.000000Z");
    });
    complains("stands in place", |history| {
        let item = version_in_the_middle(history);
        history.items.remove(item);
    });
}

#[test]
fn a_change_that_real_time_forbids_is_noticed() {
    complains("over before", |history| {
        // The last transaction says that it was over before everything else began.
        let posted = |intent: &Intent| matches!(intent, Intent::Post { .. });
        let last = attempt(history, posted);
        (last.start, last.end) = (0, 0);
    });
    complains("over before", |history| {
        let Intent::Get { balance } =
            attempt(history, |intent| matches!(intent, Intent::Get { .. })).intent.clone()
        else {
            panic!("it was not a reading");
        };
        let first = position(history, |item| {
            is(item, "BALANCE#", "AT#0001") && item["id"]["S"] == json!(balance)
        });
        let first = history.items[first].clone();
        // What it was at first is what a reading at the very end shows.
        let get = attempt(
            history,
            |intent| matches!(intent, Intent::Get { balance: it } if *it == balance),
        );
        (get.start, get.end) = (u64::MAX - 1, u64::MAX);
        let body = body(get);
        body["version"] = json!(0);
        for (name, stored) in
            [("available", "available"), ("onHold", "on_hold"), ("updatedAt", "recorded_at")]
        {
            body[name] = first[stored]["S"].clone();
        }
        body["overdraftUsed"] = first["overdraft_used"]["S"].clone();
    });
}

#[test]
fn an_answer_that_shows_a_state_that_never_existed_is_noticed() {
    complains("never was", |history| {
        let get = attempt(history, |intent| matches!(intent, Intent::Get { .. }));
        plus_a_cent(&mut body(get)["available"]);
    });
}

#[test]
fn a_past_that_changes_is_noticed() {
    complains("but in the end", |history| {
        let asked = attempt(history, |intent| matches!(intent, Intent::AsOf { .. }));
        plus_a_cent(&mut body(asked)["available"]);
    });
    complains("but the versions say", |history| {
        let mut answers = history.final_answers.iter_mut();
        let answer = answers.find(|it| it.outcome.done().is_some()).unwrap();
        let Outcome::Answered { body, .. } = &mut answer.outcome else { return };
        let one = if body.is_array() { &mut body[0] } else { body };
        one["version"] = json!(one["version"].as_u64().unwrap() + 1);
    });
}

#[test]
fn orphans_are_noticed() {
    for (words, pk, sk) in [
        ("is in no list", "LEDGER#", "20"),
        ("is not the one under its account", "ACCOUNT#", "BALANCE#default"),
        ("is without its listing item", "TRANSACTIONS#", ""),
        ("is without its listing item", "ACCOUNTS#", ""),
        ("names another", "ALIAS#", ""),
        ("which does not exist", "TRANSACTION#", ""),
        ("has another alias than its account", "ACCOUNT#", "ACCOUNT"),
    ] {
        complains(words, |history| {
            let item = position(history, |item| is(item, pk, sk));
            history.items.remove(item);
        });
    }
    complains("has no version", |history| {
        let id = history.items[position(history, |item| is(item, "BALANCE#", "AT#"))]["id"].clone();
        history.items.retain(|item| !is(item, "BALANCE#", "AT#") || item["id"] != id);
    });
}

#[test]
fn a_balance_beyond_its_limit_is_noticed() {
    complains("less than nothing is available", |history| {
        let item = position(history, |item| {
            is(item, "BALANCE#", "AT#") && item["account_type"]["S"] == "deposit"
        });
        history.items[item]["available"]["S"] = json!("-0.01");
    });
    complains("is overdrawn beyond its limit", |history| {
        let item = position(history, |item| {
            is(item, "BALANCE#", "AT#") && item["settings"]["M"]["overdraft_limit"].is_object()
        });
        history.items[item]["overdraft_used"]["S"] = json!("1000000");
    });
}

#[test]
fn a_finalization_that_got_lost_or_that_no_client_wanted_is_noticed() {
    let finalization = |intent: &Intent| matches!(intent, Intent::Finalize { .. });
    complains("was finalized 2 times", |history| {
        let again = attempt(history, finalization).clone();
        history.attempts.push(again);
    });
    complains("nobody finalized it", |history| {
        history.attempts.retain(|it| !finalization(&it.intent));
    });
    complains("acknowledged approved", |history| {
        let commit = |intent: &Intent| matches!(intent, Intent::Finalize { commits: true, .. });
        let Intent::Finalize { transaction, .. } = attempt(history, commit).intent.clone() else {
            return;
        };
        let item = position(history, |item| {
            is(item, "TRANSACTION#", "") && item["id"]["S"] == json!(transaction)
        });
        history.items[item]["status"]["S"] = json!("pending");
    });
    complains("nobody asked for this reversal", |history| {
        history.attempts.retain(|it| !matches!(it.intent, Intent::Revert { .. }));
    });
}

#[test]
fn a_change_of_a_balance_that_got_lost_is_noticed() {
    complains("stored 1 times", |history| {
        let again = attempt(history, |intent| matches!(intent, Intent::Limit { .. })).clone();
        history.attempts.push(again);
    });
    complains("its deletion got lost", |history| {
        let get = attempt(history, |intent| matches!(intent, Intent::Get { .. }));
        let Intent::Get { balance } = get.intent.clone() else { return };
        get.intent = Intent::Delete { balance };
    });
}

#[test]
fn a_deletion_of_an_account_that_got_lost_or_that_no_client_wanted_is_noticed() {
    let deletion = |intent: &Intent| matches!(intent, Intent::DeleteAccount { .. });
    let account = |history: &mut History| match &attempt(history, deletion).intent {
        Intent::DeleteAccount { account } => account.clone(),
        _ => panic!("it was not a deletion"),
    };
    complains("its deletion got lost", |history| {
        let account = account(history);
        let item = position(history, |item| is(item, &format!("ACCOUNT#{account}"), "ACCOUNT"));
        history.items[item].as_object_mut().unwrap().remove("deleted_at");
    });
    complains("nobody deleted it", |history| {
        history.attempts.retain(|it| !deletion(&it.intent));
    });
    complains("has lost its account", |history| {
        let account = account(history);
        for item in &mut history.items {
            if item["account"]["S"] == json!(account) {
                item.as_object_mut().unwrap().remove("deleted_at");
            }
        }
    });
    complains("was deleted with something on it", |history| {
        let account = account(history);
        for item in &mut history.items {
            if item["account"]["S"] == json!(account) && item["available"].is_object() {
                plus_a_cent(&mut item["available"]["S"]);
            }
        }
    });
    complains("was deleted before", |history| {
        let account = account(history);
        let version = position(history, |item| {
            is(item, "BALANCE#", "AT#") && item["account"]["S"] == json!(account)
        });
        let id = history.items[version]["id"]["S"].clone();
        let list = attempt(history, |intent| *intent == Intent::ListLedger);
        (list.start, list.end) = (u64::MAX - 1, u64::MAX);
        let shown = json!({ "id": id, "version": 0, "available": "1" });
        body(list)["all_pages"].as_array_mut().unwrap().push(shown);
    });
}

#[test]
fn a_counter_that_is_wrong_is_noticed() {
    complains("the counter of LEDGER#", |history| {
        let item = position(history, |item| {
            is(item, "COUNTS#LEDGER#", "SHARD#") && item["account_count"].is_object()
        });
        history.items[item]["account_count"]["N"] = json!("77");
    });
    complains("the counter of GROUP#", |history| {
        let item = position(history, |item| {
            is(item, "COUNTS#GROUP#", "SHARD#") && item["closed"].is_object()
        });
        history.items.remove(item);
    });
    complains("and there are", |history| {
        let count = attempt(history, |intent| matches!(intent, Intent::Count { .. }));
        *body(count) = json!(body(count).as_u64().unwrap() + 100);
    });
}

#[test]
fn what_stands_on_nothing_is_noticed() {
    complains("which is not there", |history| {
        let deleted = position(history, |item| is(item, "LEDGER#", "PORTFOLIO_DELETED#"));
        let deleted = history.items[deleted]["id"].clone();
        let account = position(history, |item| {
            is(item, "ACCOUNT#", "ACCOUNT") && !item["deleted_at"].is_object()
        });
        history.items[account]["portfolio"] = deleted;
    });
    for (words, pk, sk) in [
        ("ORGS", "ORGS", ""),
        ("LEDGER_NAME#", "ORG#", "LEDGER_NAME#"),
        ("ASSET_NAME#", "LEDGER#", "ASSET_NAME#"),
        ("ASSET_ID#", "LEDGER#", "ASSET_ID#"),
        ("SEGMENT_NAME#", "LEDGER#", "SEGMENT_NAME#"),
        ("ACCOUNT_TYPE_KEY#", "LEDGER#", "ACCOUNT_TYPE_KEY#"),
    ] {
        complains(words, |history| {
            let item = position(history, |item| is(item, pk, sk));
            history.items.remove(item);
        });
    }
    complains("two objects have", |history| {
        let item = position(history, |item| is(item, "LEDGER#", "SEGMENT#"));
        let mut twin = history.items[item].clone();
        twin["id"]["S"] = json!("00000000-0000-7000-8000-000000000000");
        history.items.push(twin);
    });
}

#[test]
fn an_operation_of_another_transaction_is_noticed() {
    complains("is not its operation", |history| {
        let item = keyed_transaction(history);
        let operation = &mut history.items[item]["operations"]["L"][0]["M"];
        operation["id"]["S"] = json!("00000000-0000-7000-8000-000000000001");
    });
    let get = |intent: &Intent| matches!(intent, Intent::GetOperation { .. });
    complains("which never was", |history| {
        plus_a_cent(&mut body(attempt(history, get))["balanceAfter"]["available"]);
    });
    complains("and not 00000000", |history| {
        let (account, operation) = (String::new(), "00000000".to_owned());
        attempt(history, get).intent = Intent::GetOperation { account, operation };
    });
}

#[test]
fn a_refusal_that_must_not_be_given_is_noticed() {
    complains("and its deletion was answered", |history| {
        let item = position(history, |item| is(item, "LEDGER#", "ASSET#USD"));
        let dollar = history.items[item]["id"]["S"].as_str().unwrap().to_owned();
        let removal = attempt(history, |intent| matches!(intent, Intent::Remove { .. }));
        let Intent::Remove { id, .. } = &mut removal.intent else { return };
        *id = dollar;
    });
    complains("and was not found", |history| {
        let item = position(history, |item| is(item, "LEDGER#", "PORTFOLIO#"));
        let id = history.items[item]["id"]["S"].as_str().unwrap().to_owned();
        let rename = attempt(history, |intent| matches!(intent, Intent::Rename { .. }));
        let Intent::Rename { id: renamed, .. } = &mut rename.intent else { return };
        *renamed = id;
        rename.outcome = Outcome::Answered {
            status: 404,
            retry_after: false,
            settled: false,
            body: json!({ "code": "0007" }),
        };
    });
}

#[test]
fn an_object_that_got_lost_or_that_no_client_wanted_is_noticed() {
    let creation = |intent: &Intent| matches!(intent, Intent::Create { .. });
    complains("which is not stored", |history| {
        let id = body(attempt(history, creation))["id"].clone();
        history.items.retain(|item| item["id"]["S"] != id);
    });
    complains("more than acknowledged", |history| {
        attempt(history, creation).outcome =
            Outcome::Answered { status: 422, retry_after: false, settled: false, body: json!({}) };
    });
    complains("its deletion got lost", |history| {
        let item = position(history, |item| is(item, "LEDGER#", "PORTFOLIO_DELETED#"));
        let object = history.items[item].as_object_mut().unwrap();
        object.remove("deleted_at");
        let sk = object["sk"]["S"].as_str().unwrap().replace("_DELETED", "");
        object["sk"]["S"] = json!(sk);
    });
    complains("nobody deleted it", |history| {
        history.attempts.retain(|it| !matches!(it.intent, Intent::Remove { .. }));
    });
}

#[test]
fn a_change_that_got_lost_or_that_no_client_wanted_is_noticed() {
    complains("written later", |history| {
        let item = position(history, |item| is(item, "LEDGER#", "PORTFOLIO#"));
        history.items[item]["name"]["S"] = json!("another");
    });
    complains("written later", |history| {
        let describe = |intent: &Intent| matches!(intent, Intent::Describe { .. });
        let Intent::Describe { operation, .. } = attempt(history, describe).intent.clone() else {
            return;
        };
        let get = attempt(history, |intent| matches!(intent, Intent::GetOperation { .. }));
        (get.start, get.end) = (u64::MAX - 1, u64::MAX);
        let account = String::new();
        get.intent = Intent::GetOperation { account, operation };
    });
    for wanted in [
        |intent: &Intent| matches!(intent, Intent::Rename { .. }),
        |intent: &Intent| matches!(intent, Intent::Move { .. }),
        |intent: &Intent| matches!(intent, Intent::Describe { .. }),
        |intent: &Intent| matches!(intent, Intent::Switch { .. }),
    ] {
        complains("written later", |history| {
            let mut later = attempt(history, wanted).clone();
            (later.start, later.end) = (u64::MAX - 2, u64::MAX - 1);
            match &mut later.intent {
                Intent::Rename { name: value, .. } | Intent::Describe { text: value, .. } => {
                    *value = "later".to_owned();
                }
                Intent::Move { group, .. } => *group = Some("later".to_owned()),
                Intent::Switch { on, .. } => *on = !*on,
                _ => panic!("it was not a change"),
            }
            history.attempts.push(later);
        });
    }
}

#[test]
fn an_opening_that_got_lost_is_noticed() {
    complains("stored as []", |history| {
        let opened = attempt(history, |intent| matches!(intent, Intent::OpenAccount { .. }));
        opened.intent = Intent::OpenAccount {
            alias: "@nobody".to_owned(),
            asset: "USD".to_owned(),
            portfolio: None,
            segment: None,
        };
    });
    complains("stored as []", |history| {
        let opened = attempt(history, |intent| matches!(intent, Intent::OpenCredit { .. }));
        opened.intent = Intent::OpenCredit { name: "nothing".to_owned() };
    });
    complains("is missing", |history| {
        let opened = attempt(history, |intent| matches!(intent, Intent::Open { .. }));
        (opened.start, opened.end) = (0, 0);
        let id = body(opened)["id"].clone();
        for list in &mut history.attempts {
            if let Some(items) = list.outcome.done().and_then(|body| body["all_pages"].as_array()) {
                let left: Vec<Value> = items.iter().filter(|it| it["id"] != id).cloned().collect();
                body(list)["all_pages"] = json!(left);
            }
        }
    });
}

#[test]
fn answers_that_must_not_be_given_are_noticed() {
    complains("was answered 500", |history| {
        let get = attempt(history, |intent| matches!(intent, Intent::Get { .. }));
        get.outcome = Outcome::Answered {
            status: 500,
            retry_after: false,
            settled: false,
            body: json!({ "code": "0046" }),
        };
    });
    complains("does not say when to try again", |history| {
        let get = attempt(history, |intent| matches!(intent, Intent::Get { .. }));
        get.outcome = Outcome::Answered {
            status: 429,
            retry_after: false,
            settled: false,
            body: json!({ "code": "0046" }),
        };
    });
}
