//! The ledger that the clients work on: its setup, and the request of each intent.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use subledger::money::ids::{LedgerId, OrganizationId, Scope};
use subledger_tests::{Random, id_of, revolving_credit};
use tokio::time::Instant;
use uuid::Uuid;

use crate::history::{Attempt, IntendedLeg, Intent, Thing};
use crate::instance::{Instance, Request};
use crate::proxy::{AttemptId, Proxy};

/// How many accounts all clients move money on.
pub(crate) const ACCOUNTS: usize = 4;
/// How many objects are known from the beginning. They are in use to the end.
pub(crate) const ALWAYS_IN_USE: usize = 3;
/// The path of the list of organizations.
pub(crate) const ORGANIZATIONS: &str = "/v1/organizations";

/// A balance that the clients know.
#[derive(Debug, Clone)]
pub(crate) struct KnownBalance {
    pub(crate) account: String,
    pub(crate) alias: String,
    pub(crate) key: String,
    pub(crate) id: String,
}

/// What all clients know from answers.
#[derive(Debug, Clone, Default)]
pub(crate) struct Known {
    /// The accounts that were opened during the run.
    pub(crate) accounts: Vec<String>,
    pub(crate) balances: Vec<KnownBalance>,
    pub(crate) pending: Vec<String>,
    pub(crate) approved: Vec<String>,
    pub(crate) dates: Vec<String>,
    /// What was not deleted: first the organization, the ledger and the asset with the money, then what
    /// was created during the run.
    pub(crate) objects: Vec<KnownObject>,
    pub(crate) operations: Vec<KnownOperation>,
}

/// An object that the clients know.
#[derive(Debug, Clone)]
pub(crate) struct KnownObject {
    pub(crate) thing: Thing,
    pub(crate) list: String,
    pub(crate) id: String,
}

/// An operation that the clients know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KnownOperation {
    pub(crate) account: String,
    pub(crate) id: String,
}

impl Known {
    /// Adds a balance. It replaces one of the same account and key, which was deleted in the
    /// meantime: the request had been delivered twice.
    fn opened(&mut self, balance: KnownBalance) {
        self.balances.retain(|it| (&it.account, &it.key) != (&balance.account, &balance.key));
        self.balances.push(balance);
    }
}

/// The ledger that the clients work on.
#[derive(Debug)]
pub(crate) struct Ledger {
    pub(crate) proxy: Arc<Proxy>,
    pub(crate) scope: Scope,
    pub(crate) began: Instant,
    /// An account that may carry v0 balances.
    v0_account: String,
    pub(crate) known: Mutex<Known>,
    pub(crate) attempts: Mutex<Vec<Attempt>>,
}

impl Ledger {
    /// Opens a ledger with empty accounts. Faults must not have begun.
    pub(crate) async fn open(proxy: &Arc<Proxy>, seed: u64) -> Self {
        let no_scope = Scope {
            organization: OrganizationId::new(Uuid::nil()),
            ledger: LedgerId::new(Uuid::nil()),
        };
        let mut first = Instance::start(proxy, 0, no_scope).await;
        let organization = json!({ "legalName": "Lion", "legalDocument": "HRB 1" });
        let organization =
            ask(&mut first, Request::post(ORGANIZATIONS.to_owned(), organization)).await;
        let organization = id_of(&organization);
        let ledgers = format!("{ORGANIZATIONS}/{organization}/ledgers");
        let books = Request::post(ledgers.clone(), json!({ "name": "Books" }));
        let ledger = ask(&mut first, books).await;
        let scope = Scope {
            organization: OrganizationId::new(organization),
            ledger: LedgerId::new(id_of(&ledger)),
        };
        let mut first = Instance::start(proxy, 1, scope).await;
        let mut opened = Self {
            proxy: Arc::clone(proxy),
            scope,
            began: Instant::now(),
            v0_account: String::new(),
            known: Mutex::default(),
            attempts: Mutex::default(),
        };
        let asset = json!({ "name": "Dollar", "type": "currency", "code": "USD" });
        let asset = ask(&mut first, Request::post(opened.at("/assets"), asset)).await;
        let kind = json!({ "name": "Deposit", "keyValue": "deposit" });
        ask(&mut first, Request::post(opened.at("/account-types"), kind)).await;
        let organizations = ORGANIZATIONS.to_owned();
        let dollar = Thing::Asset { code: "USD" };
        for (thing, list, id) in [
            (Thing::Organization { parent: None }, organizations, organization.to_string()),
            (Thing::Ledger, ledgers, scope.ledger.to_string()),
            (dollar, opened.at("/assets"), text(&asset["id"])),
        ] {
            opened.known.get_mut().unwrap().objects.push(KnownObject { thing, list, id });
        }
        let v0_account = json!({
            "capabilities": ["credit_without_underwriting"],
            "entities": { "account_holders": ["entity_1"] },
            "details": { "product_name": "Card" },
            "documents": []
        });
        let mut request = Request::post("/v0/accounts".to_owned(), v0_account);
        request.key = Some(format!("account-of-{seed}"));
        opened.v0_account = text(&ask(&mut first, request).await["id"]);
        for number in 0..ACCOUNTS {
            let alias = format!("@{number}");
            let body = json!({ "assetCode": "USD", "type": "deposit", "alias": alias });
            let account = ask(&mut first, Request::post(opened.at("/accounts"), body)).await;
            let account = text(&account["id"]);
            let list = Request::get(opened.at(&format!("/accounts/{account}/balances")));
            let balance = ask(&mut first, list).await["items"][0].clone();
            let (key, id) = (text(&balance["key"]), text(&balance["id"]));
            opened.known.lock().unwrap().balances.push(KnownBalance { account, alias, key, id });
        }
        opened
    }

    pub(crate) fn at(&self, rest: &str) -> String {
        let Scope { organization, ledger } = self.scope;
        format!("{ORGANIZATIONS}/{organization}/ledgers/{ledger}{rest}")
    }

    pub(crate) fn external(&self, gives: bool, amount: &str) -> IntendedLeg {
        IntendedLeg {
            gives,
            alias: "@external/USD".to_owned(),
            key: "default".to_owned(),
            amount: amount.to_owned(),
        }
    }

    pub(crate) fn leg(&self, gives: bool, balance: usize, amount: &str) -> IntendedLeg {
        let known = self.known.lock().unwrap();
        let KnownBalance { alias, key, .. } = known.balances[balance].clone();
        IntendedLeg { gives, alias, key, amount: amount.to_owned() }
    }

    pub(crate) fn post(
        &self,
        tag: String,
        random: &mut Random,
        legs: Vec<IntendedLeg>,
        value: &str,
    ) -> Intent {
        let external = legs.iter().any(|leg| leg.gives && leg.alias.starts_with("@external"));
        let keyed = random.below(3) > 0;
        let pending = !external && random.below(10) < 3;
        let route = match random.below(10) {
            0 if !pending => "block",
            1 if !pending => "unblock",
            _ => "json",
        };
        Intent::Post { tag, route, keyed, pending, value: value.to_owned(), legs }
    }

    /// All attempts.
    pub(crate) fn into_attempts(self) -> Vec<Attempt> {
        self.attempts.into_inner().unwrap()
    }

    /// The distinct questions about the past that were asked.
    pub(crate) fn questions_about_the_past(&self) -> Vec<Intent> {
        let mut questions: Vec<Intent> = Vec::new();
        for attempt in self.attempts.lock().unwrap().iter() {
            let is_one = matches!(attempt.intent, Intent::AsOf { .. } | Intent::AccountAsOf { .. });
            if is_one && !questions.contains(&attempt.intent) {
                questions.push(attempt.intent.clone());
            }
        }
        questions
    }

    /// The request of an intent.
    pub(crate) fn request(&self, intent: &Intent) -> Request {
        match intent {
            Intent::Post { tag, route, keyed, pending, value, legs } => {
                let side = |gives| -> Vec<Value> {
                    let legs = legs.iter().filter(|leg| leg.gives == gives);
                    let leg = |leg: &IntendedLeg| {
                        json!({
                            "accountAlias": leg.alias,
                            "balanceKey": leg.key,
                            "amount": { "asset": "USD", "value": leg.amount },
                        })
                    };
                    legs.map(leg).collect()
                };
                let mut body = json!({
                    "description": tag,
                    "send": {
                        "asset": "USD",
                        "value": value,
                        "source": { "from": side(true) },
                        "distribute": { "to": side(false) },
                    },
                });
                if *pending {
                    body["pending"] = json!(true);
                }
                let path = self.at(&format!("/transactions/{route}"));
                let mut request = Request::post(path, body);
                request.key = keyed.then(|| tag.clone());
                request
            }
            Intent::Finalize { transaction, commits } => {
                let step = if *commits { "commit" } else { "cancel" };
                let path = self.at(&format!("/transactions/{transaction}/{step}"));
                Request { method: "POST", ..Request::get(path) }
            }
            Intent::Revert { transaction } => {
                let path = self.at(&format!("/transactions/{transaction}/revert"));
                Request { method: "POST", ..Request::get(path) }
            }
            Intent::Open { account, key } => {
                let path = self.at(&format!("/accounts/{account}/balances"));
                Request::post(path, json!({ "key": key }))
            }
            Intent::OpenCredit { name } => {
                let body = revolving_credit(&self.v0_account, name);
                let mut request = Request::post("/v0/subledger_balances".to_owned(), body);
                request.key = Some(name.clone());
                request
            }
            Intent::OpenAccount { alias, asset, portfolio, segment } => {
                let body = json!({
                    "assetCode": asset,
                    "type": "deposit",
                    "alias": alias,
                    "portfolioId": portfolio,
                    "segmentId": segment,
                });
                Request::post(self.at("/accounts"), body)
            }
            Intent::Move { account, kind, group } => {
                let path = self.at(&format!("/accounts/{account}"));
                let body = json!({ format!("{kind}Id"): group });
                Request { method: "PATCH", ..Request::post(path, body) }
            }
            Intent::DeleteAccount { account } => {
                let path = self.at(&format!("/accounts/{account}"));
                Request { method: "DELETE", ..Request::get(path) }
            }
            Intent::Limit { balance, limit } => {
                let body = json!({ "settings": {
                    "allowOverdraft": true,
                    "overdraftLimitEnabled": true,
                    "overdraftLimit": limit,
                } });
                let path = self.at(&format!("/balances/{balance}"));
                Request { method: "PATCH", ..Request::post(path, body) }
            }
            Intent::Delete { balance } => {
                let path = self.at(&format!("/balances/{balance}"));
                Request { method: "DELETE", ..Request::get(path) }
            }
            Intent::Get { balance } => Request::get(self.at(&format!("/balances/{balance}"))),
            Intent::ListAccount { account } => {
                let path = self.at(&format!("/accounts/{account}/balances"));
                Request { query: "limit=100".to_owned(), ..Request::get(path) }
            }
            Intent::ListLedger => Request::get(self.at("/balances")),
            Intent::AsOf { balance, date } => {
                let path = self.at(&format!("/balances/{balance}/history"));
                Request { query: format!("date={date}"), ..Request::get(path) }
            }
            Intent::AccountAsOf { account, date } => {
                let path = self.at(&format!("/accounts/{account}/balances/history"));
                Request { query: format!("date={date}"), ..Request::get(path) }
            }
            Intent::Versions { balance } => {
                let path = self.at(&format!("/balances/{balance}/versions"));
                Request { query: "limit=100".to_owned(), ..Request::get(path) }
            }
            Intent::GetTransaction { transaction } => {
                Request::get(self.at(&format!("/transactions/{transaction}")))
            }
            Intent::GetOperation { account, operation } => {
                Request::get(self.at(&format!("/accounts/{account}/operations/{operation}")))
            }
            Intent::Describe { operation, text } => {
                let transaction = transaction_of(operation);
                let path = format!("/transactions/{transaction}/operations/{operation}");
                let body = json!({ "description": text });
                Request { method: "PATCH", ..Request::post(self.at(&path), body) }
            }
            Intent::Create { thing, list, name } => {
                let body = match thing {
                    Thing::Organization { parent } => json!({
                        "legalName": name,
                        "legalDocument": "HRB 2",
                        "parentOrganizationId": parent,
                    }),
                    Thing::Asset { code } => {
                        json!({ "name": name, "type": "currency", "code": code })
                    }
                    Thing::AccountType => json!({ "name": name, "keyValue": name }),
                    Thing::Ledger | Thing::Portfolio | Thing::Segment => json!({ "name": name }),
                };
                Request::post(list.clone(), body)
            }
            Intent::Rename { thing, list, id, name } => {
                let body = match thing {
                    Thing::Organization { parent } => {
                        json!({ "legalName": name, "parentOrganizationId": parent })
                    }
                    _ => json!({ "name": name }),
                };
                Request { method: "PATCH", ..Request::post(format!("{list}/{id}"), body) }
            }
            Intent::Remove { list, id } => {
                Request { method: "DELETE", ..Request::get(format!("{list}/{id}")) }
            }
            Intent::Switch { ledger, on } => {
                let body = json!({ "accounting": { "validateAccountType": on } });
                Request { method: "PATCH", ..Request::post(format!("{ledger}/settings"), body) }
            }
            Intent::Count { list } => {
                Request { method: "HEAD", ..Request::get(format!("{list}/metrics/count")) }
            }
        }
    }

    /// Keeps what a successful answer tells.
    pub(crate) fn learn(&self, intent: &Intent, body: &Value) {
        let mut known = self.known.lock().unwrap();
        if matches!(intent, Intent::Post { .. } | Intent::Finalize { .. } | Intent::Revert { .. }) {
            for operation in body["operations"].as_array().unwrap() {
                let (account, id) = (text(&operation["accountId"]), text(&operation["id"]));
                known.operations.push(KnownOperation { account, id });
            }
        }
        match intent {
            Intent::Post { pending, .. } => {
                let id = text(&body["id"]);
                if *pending {
                    known.pending.push(id)
                } else {
                    known.approved.push(id)
                }
                known.dates.extend(body["createdAt"].as_str().map(str::to_owned));
            }
            Intent::Finalize { transaction, commits } => {
                known.pending.retain(|it| it != transaction);
                if *commits {
                    known.approved.push(transaction.clone());
                }
            }
            Intent::Revert { .. } => known.approved.push(text(&body["id"])),
            Intent::Open { .. } => known.opened(KnownBalance {
                account: text(&body["accountId"]),
                alias: text(&body["alias"]),
                key: text(&body["key"]),
                id: text(&body["id"]),
            }),
            Intent::Get { .. } => known.dates.extend(body["updatedAt"].as_str().map(str::to_owned)),
            Intent::OpenAccount { .. } => known.accounts.push(text(&body["id"])),
            Intent::DeleteAccount { account } => known.accounts.retain(|it| it != account),
            Intent::Create { thing, list, .. } => known.objects.push(KnownObject {
                thing: thing.clone(),
                list: list.clone(),
                id: text(&body["id"]),
            }),
            Intent::Remove { id, .. } => known.objects.retain(|it| it.id != *id),
            Intent::OpenCredit { .. }
            | Intent::Limit { .. }
            | Intent::Delete { .. }
            | Intent::ListAccount { .. }
            | Intent::ListLedger
            | Intent::AsOf { .. }
            | Intent::AccountAsOf { .. }
            | Intent::Versions { .. }
            | Intent::GetTransaction { .. }
            | Intent::Move { .. }
            | Intent::GetOperation { .. }
            | Intent::Describe { .. }
            | Intent::Rename { .. }
            | Intent::Switch { .. }
            | Intent::Count { .. } => {}
        }
    }
}

/// Sends a request that has to succeed, and gives the body of the answer.
async fn ask(instance: &mut Instance, request: Request) -> Value {
    let (outcome, _) = instance.answer(AttemptId(0), &request).await;
    outcome.done().unwrap_or_else(|| panic!("{request:?}: {outcome:?}")).clone()
}

/// The id of the transaction of an operation: its own, with three zeros in place of its number.
pub(crate) fn transaction_of(operation: &str) -> String {
    format!("{}000", &operation[..33])
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

#[test]
fn no_two_known_balances_have_the_same_account_and_key() {
    let balance = |key: &str, id: &str| KnownBalance {
        account: "account".to_owned(),
        alias: "@0".to_owned(),
        key: key.to_owned(),
        id: id.to_owned(),
    };
    let mut known = Known::default();
    known.opened(balance("default", "1"));
    known.opened(balance("card", "2"));
    known.opened(balance("card", "3"));
    let ids: Vec<&str> = known.balances.iter().map(|it| it.id.as_str()).collect();
    assert_eq!(ids, ["1", "3"]);
}
