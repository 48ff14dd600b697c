//! Shows that every condition is needed: without it, a test fails.
//!
//! `keys.rs` has a table of which condition keeps which guarantee. Each row is dropped here in turn,
//! on the way between the store and DynamoDB, and the behaviours of the store contract are run
//! until one of them fails. `README.md` says how to see which.

use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use subledger::balance::{Balance, BalanceFields};
use subledger::money::amount::Amount;
use subledger::money::ids::{BalanceId, LedgerId, OrganizationId, Scope};
use subledger::ports::ReadBalance;
use subledger_dynamodb::{Connection, DynamoStore, Timeouts};
use subledger_store_contract::{SeedVersions, contract};
use tokio::net::TcpListener;
use uuid::Uuid;

use crate::checker;
use crate::engine::Engine;
use crate::run::{INTENTS, Plan, simulate};
use crate::wire::{self, Asked};

const HOUR: Duration = Duration::from_secs(3_600);

/// How many seeds are run without a condition if no behaviour fails without it.
const SEEDS: u64 = 12;

/// A condition that is dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Dropped {
    /// The first column of the table in `keys.rs`.
    guarantee: &'static str,
    /// What is dropped.
    what: &'static str,
    action: &'static str,
    /// How its keys begin.
    pk: &'static str,
    sk: &'static str,
    /// How the sort key does not begin.
    sk_is_not: &'static str,
    /// What stands in the condition.
    condition: &'static str,
    /// What is left of it.
    left: &'static str,
    /// Whether the item has to have this attribute, or must not have it.
    attribute: Option<(&'static str, bool)>,
}

/// All of a condition.
const ALL_OF_IT: Dropped = Dropped {
    guarantee: "",
    what: "",
    action: "Put",
    pk: "",
    sk: "",
    sk_is_not: "never",
    condition: ABSENT,
    left: "",
    attribute: None,
};

const ABSENT: &str = "attribute_not_exists(pk)";
const REVISION: &str = "revision = :revision";
const VERSION: &str = "version = :version AND id = :id";
const OPEN: &str = "attribute_not_exists(closed)";
/// How the condition begins that a counter counts nothing of any kind.
const COUNTS_NOTHING: &str = "(attribute_not_exists(organization_count)";

const SEGMENT_OR_TYPE: &str = "a segment's name, and an account type's key, too";

/// The condition of a change of an object that a ledger is set up with.
const REVISED: Dropped =
    Dropped { guarantee: "a change of any of these is not lost", condition: REVISION, ..ALL_OF_IT };

/// The conditions of the table in `keys.rs`, in its order.
const CONDITIONS: &[Dropped] = &[
    Dropped {
        guarantee: "an idempotency key means one request",
        what: "version 0 is new",
        pk: "BALANCE#",
        sk: "AT#0001",
        ..ALL_OF_IT
    },
    Dropped {
        guarantee: "an idempotency key means one request",
        what: "the account is new",
        pk: "ACCOUNT#",
        sk: "ACCOUNT",
        ..ALL_OF_IT
    },
    Dropped {
        guarantee: "a balance is opened once per account and key",
        what: "the balance is new",
        pk: "ACCOUNT#",
        sk: "BALANCE#",
        ..ALL_OF_IT
    },
    Dropped {
        guarantee: "the account is what the decision was made on",
        what: "the account is unchanged",
        action: "ConditionCheck",
        pk: "ACCOUNT#",
        sk: "ACCOUNT",
        condition: REVISION,
        ..ALL_OF_IT
    },
    Dropped {
        guarantee: "a change of an account is not lost",
        what: "the account is the one before",
        pk: "ACCOUNT#",
        sk: "ACCOUNT",
        condition: REVISION,
        ..ALL_OF_IT
    },
    Dropped {
        guarantee: "an alias always names the same account",
        what: "the alias is new",
        pk: "ALIAS#",
        ..ALL_OF_IT
    },
    Dropped {
        guarantee: "a ledger's name is unique in its organization",
        what: "the name is new",
        pk: "ORG#",
        sk: "LEDGER_NAME#",
        ..ALL_OF_IT
    },
    Dropped {
        guarantee: "an asset's code and name are unique in a ledger",
        what: "the asset is new",
        pk: "LEDGER#",
        sk: "ASSET#",
        ..ALL_OF_IT
    },
    Dropped {
        guarantee: "an asset's code and name are unique in a ledger",
        what: "the name is new",
        pk: "LEDGER#",
        sk: "ASSET_NAME#",
        ..ALL_OF_IT
    },
    Dropped {
        guarantee: SEGMENT_OR_TYPE,
        what: "the name of a segment is new",
        pk: "LEDGER#",
        sk: "SEGMENT_NAME#",
        ..ALL_OF_IT
    },
    Dropped {
        guarantee: SEGMENT_OR_TYPE,
        what: "the key of an account type is new",
        pk: "LEDGER#",
        sk: "ACCOUNT_TYPE_KEY#",
        ..ALL_OF_IT
    },
    Dropped { what: "the organization is the one before", pk: "ORG#", sk: "ORG", ..REVISED },
    Dropped { what: "the ledger is the one before", pk: "ORG#", sk: "LEDGER#", ..REVISED },
    Dropped { what: "the asset is the one before", pk: "LEDGER#", sk: "ASSET#", ..REVISED },
    Dropped { what: "the portfolio is the one before", pk: "LEDGER#", sk: "PORTFOLIO#", ..REVISED },
    Dropped { what: "the segment is the one before", pk: "LEDGER#", sk: "SEGMENT#", ..REVISED },
    Dropped {
        what: "the account type is the one before",
        pk: "LEDGER#",
        sk: "ACCOUNT_TYPE#",
        ..REVISED
    },
    Dropped {
        guarantee: "nothing stands on what is deleted",
        what: "the counter counts nothing",
        action: "Update",
        pk: "COUNTS#",
        condition: COUNTS_NOTHING,
        ..ALL_OF_IT
    },
    Dropped {
        guarantee: "nothing is created on what was deleted",
        what: "the counter is open",
        action: "Update",
        pk: "COUNTS#",
        condition: OPEN,
        ..ALL_OF_IT
    },
    Dropped {
        guarantee: "versions have no gap and no fork",
        what: "the balance is in the version before",
        pk: "ACCOUNT#",
        sk: "BALANCE#",
        condition: VERSION,
        left: "id = :id",
        ..ALL_OF_IT
    },
    Dropped {
        guarantee: "versions have no gap and no fork",
        what: "the balance is the same one",
        pk: "ACCOUNT#",
        sk: "BALANCE#",
        condition: VERSION,
        left: "version = :version",
        ..ALL_OF_IT
    },
    Dropped {
        guarantee: "versions have no gap and no fork",
        what: "the deleted balance is in the version before",
        action: "Delete",
        pk: "ACCOUNT#",
        sk: "BALANCE#",
        condition: VERSION,
        left: "id = :id",
        ..ALL_OF_IT
    },
    Dropped {
        guarantee: "history is append only",
        what: "the version is new",
        pk: "BALANCE#",
        sk: "AT#",
        sk_is_not: "AT#0001",
        ..ALL_OF_IT
    },
    Dropped {
        guarantee: "a transaction is posted once",
        what: "the transaction is new",
        pk: "TRANSACTION#",
        ..ALL_OF_IT
    },
    Dropped {
        guarantee: "a step of a transaction is taken once",
        what: "the transaction is as it was read",
        pk: "TRANSACTION#",
        condition: REVISION,
        attribute: Some(("reverted_by", false)),
        ..ALL_OF_IT
    },
    Dropped {
        guarantee: "a transaction is reverted once",
        what: "the reverted transaction is as it was read",
        pk: "TRANSACTION#",
        condition: REVISION,
        attribute: Some(("reverted_by", true)),
        ..ALL_OF_IT
    },
];

impl Dropped {
    /// Takes the condition out of a request, wherever it stands in it.
    pub(crate) fn weaken(&self, asked: &mut Asked) {
        for write in asked.body["TransactItems"].as_array_mut().into_iter().flatten() {
            let write = &mut write[self.action];
            if !self.is_of(write) {
                continue;
            }
            let members = write.as_object_mut().unwrap();
            if self.left.is_empty() {
                members.remove("ConditionExpression");
                // What an update adds or sets is not a part of its condition.
                let update = members.get("UpdateExpression").map(Value::to_string);
                let values = members.get_mut("ExpressionAttributeValues");
                let values = values.and_then(Value::as_object_mut);
                if let Some(values) = values {
                    values.retain(|name, _| update.as_ref().is_some_and(|it| it.contains(name)));
                    if values.is_empty() {
                        members.remove("ExpressionAttributeValues");
                    }
                }
                members.remove("ReturnValuesOnConditionCheckFailure");
                if self.action == "ConditionCheck" {
                    // A check without a condition is none; this one always holds.
                    let always = "attribute_exists(pk) OR attribute_not_exists(pk)";
                    members.insert("ConditionExpression".to_owned(), always.into());
                }
            } else {
                members.insert("ConditionExpression".to_owned(), self.left.into());
                let values = members["ExpressionAttributeValues"].as_object_mut().unwrap();
                values.retain(|name, _| self.left.ends_with(name));
            }
        }
    }

    fn is_of(&self, write: &Value) -> bool {
        let key = if self.action == "Put" { &write["Item"] } else { &write["Key"] };
        let starts = |name: &str, with: &str| {
            key[name]["S"].as_str().is_some_and(|key| key.starts_with(with))
        };
        write["ConditionExpression"].as_str().is_some_and(|it| it.starts_with(self.condition))
            && starts("pk", self.pk)
            && starts("sk", self.sk)
            && !starts("sk", self.sk_is_not)
            && self.attribute.is_none_or(|(name, there)| key[name].is_null() != there)
    }
}

/// A store on a new table, without a condition or with all of them, and the table.
async fn store_without(dropped: Option<Dropped>) -> (DynamoStore, Arc<Engine>) {
    let engine = Arc::new(Engine::new(None, "weakened"));
    let asked_past_it = Arc::clone(&engine);
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let engine = Arc::clone(&engine);
            tokio::spawn(async move {
                let mut connection = wire::Connection::new(stream);
                while let Some(mut asked) = wire::read(&mut connection).await {
                    if let Some(dropped) = dropped {
                        dropped.weaken(&mut asked);
                    }
                    let (status, body) = engine.ask(&asked.action, &asked.body);
                    if !wire::answer(&mut connection, status, &body, crate::instance::START).await {
                        return;
                    }
                }
            });
        }
    });
    // Long timeouts, so that a slow machine does not make a behaviour fail.
    let timeouts = Timeouts { connect: HOUR, attempt: HOUR, operation: HOUR };
    let connection = Connection::local("weakened", &endpoint).with_timeouts(timeouts);
    (DynamoStore::connect(&connection), asked_past_it)
}

/// A version that exists is not overwritten, even if the balance is set back to an earlier one.
async fn a_version_is_not_written_over(store: &DynamoStore, engine: &Engine) {
    contract::versions::the_newest_version_is_the_state_of_a_balance(store).await;
    let items = engine.items();
    let text = |item: &Value, name: &str| item[name]["S"].as_str().unwrap().to_owned();
    let current = items.iter().find(|item| {
        let (pk, sk) = (text(item, "pk"), text(item, "sk"));
        pk.starts_with("ACCOUNT#") && sk.starts_with("BALANCE#") && item["version"]["N"] == "2"
    });
    let current = current.unwrap();
    let uuid = |name: &str| Uuid::parse_str(&text(current, name)).unwrap();
    let scope = Scope {
        organization: OrganizationId::new(uuid("organization")),
        ledger: LedgerId::new(uuid("ledger")),
    };
    let newest = store.newest_version(scope, BalanceId::new(uuid("id"))).await.unwrap().unwrap();
    // Set the balance back to the version before.
    let mut forgetful = items
        .iter()
        .find(|item| {
            let is_version = text(item, "sk").starts_with("AT#") && item["id"] == current["id"];
            is_version && item["version"]["N"] == "1"
        })
        .unwrap()
        .clone();
    for key in ["pk", "sk"] {
        forgetful[key] = current[key].clone();
    }
    let put = json!({ "TableName": engine.table, "Item": forgetful });
    assert_eq!(engine.ask("PutItem", &put).0, 200);
    let before = engine.items();
    let other = Balance::new(BalanceFields {
        available: Amount::parse("77").unwrap(),
        ..newest.into_fields()
    })
    .unwrap();
    assert!(store.append_version(&other).await.is_err(), "history was written over");
    assert_eq!(engine.items(), before);
}

/// Behaviours of the contract with their names.
macro_rules! behaviours {
    ($($noun:ident::$behaviour:ident,)+) => {
        &[$((
            concat!(stringify!($noun), "::", stringify!($behaviour)),
            |store, _| Box::pin(async move { contract::$noun::$behaviour(&store).await }),
        ),)+
        ("a_version_is_not_written_over", |store, engine| {
            Box::pin(async move { a_version_is_not_written_over(&store, &engine).await })
        })]
    };
}

/// A behaviour of the contract and its name.
type Behaviour = (&'static str, fn(DynamoStore, Arc<Engine>) -> Pin<Box<dyn Future<Output = ()>>>);

/// The behaviours that need a condition, the most likely first.
const BEHAVIOURS: &[Behaviour] = behaviours![
    openings::a_balance_is_opened_once_per_account_and_key,
    openings::an_outdated_account_opens_nothing,
    openings::an_opening_that_fails_names_the_first_reason,
    versions::only_the_next_version_is_written,
    accounts::an_alias_is_taken_once_per_ledger,
    accounts::an_account_is_replaced_only_in_the_revision_before,
    accounts::a_profiled_account_is_opened_once_per_idempotency_key,
    accounts::a_taken_account_id_is_reported_before_a_taken_alias,
    ledgers::a_ledger_name_is_taken_once_however_it_is_spelled,
    assets::an_asset_name_or_code_is_taken_once,
    groups::a_segment_name_and_an_account_type_key_are_taken_once,
    ends::a_deletion_that_overlooked_something_is_not_written,
    ends::nothing_is_created_on_what_was_deleted,
    ends::only_the_next_revision_is_written,
    credit_balances::a_repeated_request_is_answered_with_the_same_balance,
    credit_balances::a_repeated_request_does_not_bring_a_deleted_balance_back,
    repetitions::fifty_equal_requests_post_one_transaction,
    repetitions::one_of_ten_transactions_under_one_key_is_posted,
    reversals::a_transaction_is_reverted_once,
    reversals::notes_change_while_a_transaction_is_reverted,
    contention::every_change_of_notes_is_a_revision,
    changes::changes_at_the_same_time_are_all_kept,
    changes::a_balance_is_deleted_while_it_is_funded,
    concurrency::fifty_equal_requests_open_one_balance,
    concurrency::fifty_equal_requests_open_one_account,
    concurrency::one_of_ten_next_versions_is_written,
];

/// Whether the behaviour passes without the condition.
fn holds(behaviour: Behaviour, dropped: Option<Dropped>) -> bool {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (_, behaviour) = behaviour;
    let run = || {
        runtime.block_on(async {
            let (store, engine) = store_without(dropped).await;
            behaviour(store, engine).await;
        });
    };
    catch_unwind(AssertUnwindSafe(run)).is_ok()
}

/// The first behaviour or seed that fails without the condition.
fn what_fails_without(dropped: Dropped) -> Option<String> {
    let failing = BEHAVIOURS.iter().find(|behaviour| !holds(**behaviour, Some(dropped)));
    if let Some((name, _)) = failing {
        return Some((*name).to_owned());
    }
    let plan = Plan { endpoint: None, faults: true, intents: INTENTS, dropped: Some(dropped) };
    (1..=SEEDS).find_map(|seed| {
        let history = catch_unwind(|| simulate(seed, &plan).history);
        let wrong =
            history.map_or_else(|_| vec!["it panicked".to_owned()], |it| checker::check(&it));
        wrong.into_iter().next().map(|wrong| format!("seed {seed}: {wrong}"))
    })
}

#[test]
fn every_behaviour_is_there_with_all_conditions() {
    for behaviour in BEHAVIOURS {
        assert!(holds(*behaviour, None), "{}", behaviour.0);
    }
}

#[test]
fn without_any_condition_a_test_fails() {
    let mut survivors = Vec::new();
    for dropped in CONDITIONS {
        let failing = what_fails_without(*dropped);
        let Dropped { guarantee, what, .. } = dropped;
        let shown = failing.as_deref().unwrap_or("NOTHING");
        writeln!(std::io::stderr(), "| {guarantee} | {what} | {shown:.120} |").unwrap();
        if failing.is_none() {
            survivors.push(what);
        }
    }
    assert!(survivors.is_empty(), "nothing fails without: {survivors:?}");
}

#[test]
fn every_guarantee_of_the_schema_is_broken_once() {
    let keys = include_str!("../../shared/dynamodb/src/schema/keys.rs");
    let table = keys.split("# Which condition keeps which guarantee").nth(1).unwrap();
    let rows = table.lines().map_while(|line| match line.trim_start_matches("//!").trim() {
        "" => Some(""),
        row => row.starts_with('|').then_some(row),
    });
    let guarantees = rows.filter_map(|row| row.split('|').nth(1)).map(str::trim).skip(2);
    let mut broken: Vec<&str> = CONDITIONS.iter().map(|dropped| dropped.guarantee).collect();
    broken.dedup();
    assert_eq!(guarantees.collect::<Vec<_>>(), broken);
}
