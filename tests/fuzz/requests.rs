//! Random sequences of requests to the handlers, in process: none panics or is answered 5xx, what
//! was accepted can be read back, and the audit finds no problem.

use std::collections::BTreeMap;
use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};

use bigdecimal::BigDecimal;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::{TestCaseError, TestRunner};
use serde_json::{Value, json};
use subledger::money::timestamp::Timestamp;
use subledger_audit::AuditOptions;
use subledger_dynamodb::DynamoStore;
use subledger_http::request::routes;
use subledger_http::system::SystemClock;
use subledger_local::seed::{self, Demo};
use subledger_local::{Authorization, Functions, functions};
use subledger_tests::TestTable;
use uuid::Uuid;

use crate::cases;
use crate::hostile::{Change, changes, texts};

/// A request without its ids, which are filled in from earlier answers.
#[derive(Debug, Clone)]
struct Asked {
    route: Index,
    /// For each variable of the path.
    variables: Vec<Variable>,
    query: Vec<(ParameterName, Variable)>,
    key: Option<String>,
    body: Body,
}

#[derive(Debug, Clone)]
enum Variable {
    /// A value from an earlier answer under the same name.
    Right(Index),
    /// Any value from an earlier answer.
    Known(Index),
    Text(String),
}

/// The name of a parameter of the query.
#[derive(Debug, Clone)]
enum ParameterName {
    /// One that the route has, if it has any.
    OfRoute(Index),
    Any(String),
}

#[derive(Debug, Clone)]
enum Body {
    /// The example of the contract, changed.
    Changed(Vec<Change>),
    Text(String),
    /// With the flag that says that it is base64.
    Encoded(String),
    None,
}

fn variables() -> impl Strategy<Value = Variable> {
    prop_oneof![
        8 => any::<Index>().prop_map(Variable::Right),
        1 => any::<Index>().prop_map(Variable::Known),
        1 => texts().prop_map(Variable::Text),
    ]
}

fn requests() -> impl Strategy<Value = Asked> {
    let name = prop_oneof![
        9 => any::<Index>().prop_map(ParameterName::OfRoute),
        1 => select(vec!["limit", "cursor", "date", "LIMIT", "account_id"])
            .prop_map(|name| ParameterName::Any(name.to_owned())),
    ];
    let query = (name, prop_oneof![variables(), texts().prop_map(Variable::Text)]);
    let body = prop_oneof![
        10 => prop::collection::vec(changes(), 0..3).prop_map(Body::Changed),
        1 => texts().prop_map(Body::Text),
        1 => texts().prop_map(Body::Encoded),
        1 => Just(Body::Text("[".repeat(5_000))),
        1 => Just(Body::None),
    ];
    (
        any::<Index>(),
        prop::collection::vec(variables(), 4),
        prop::collection::vec(query, 0..3),
        prop::option::weighted(0.5, "[a-z]{3,7}"),
        body,
    )
        .prop_map(|(route, variables, query, key, body)| Asked {
            route,
            variables,
            query,
            key,
            body,
        })
}

/// The bodies that the contract gives as examples, by method and path.
fn examples() -> BTreeMap<(String, String), Value> {
    let mut examples = BTreeMap::new();
    for document in ["v0", "v1"] {
        let path = format!("{}/../infra/openapi/{document}.yaml", env!("CARGO_MANIFEST_DIR"));
        let document = std::fs::read_to_string(path).unwrap();
        let document: Value = serde_yaml_ng::from_str(&document).unwrap();
        for (path, operations) in document["paths"].as_object().unwrap() {
            for (method, operation) in operations.as_object().unwrap() {
                let content = &operation["requestBody"]["content"]["application/json"];
                let several = content["examples"].as_object();
                let first = several.and_then(|all| all.values().next()).map(|it| &it["value"]);
                if let Some(example) = content.get("example").or(first) {
                    examples.insert((method.to_uppercase(), path.clone()), example.clone());
                }
            }
        }
    }
    assert!(examples.len() > 10, "{} examples", examples.len());
    examples
}

/// The state of one sequence of requests.
struct Talk<'a> {
    functions: &'a Functions,
    examples: &'a BTreeMap<(String, String), Value>,
    /// The values from earlier answers, by their names.
    known: Vec<(String, String)>,
}

/// An answer that was checked.
struct Answer {
    status: u16,
    body: Value,
}

impl Talk<'_> {
    fn value(&self, name: &str, variable: &Variable) -> String {
        let of = |name: &str| {
            let fitting = self.known.iter().filter(|(of, _)| of == name);
            fitting.map(|(_, value)| value.clone()).collect::<Vec<_>>()
        };
        match variable {
            Variable::Text(text) => text.clone(),
            Variable::Known(index) => index.get(&self.known).1.clone(),
            Variable::Right(index) => {
                let fitting = of(name);
                if fitting.is_empty() { "1".to_owned() } else { index.get(&fitting).clone() }
            }
        }
    }

    /// Keeps the ids and cursors of an answer.
    fn learn(&mut self, path: &str, body: &Value) {
        let noun = path.rsplit('/').find(|part| !part.starts_with('{')).unwrap_or_default();
        let name = match noun {
            "organizations" => "organization_id",
            "ledgers" => "ledger_id",
            "assets" => "asset_id",
            "accounts" => "account_id",
            "balances" => "balance_id",
            "json" | "inflow" | "outflow" | "annotation" | "transactions" => "transaction_id",
            "block" | "unblock" => "transaction_id",
            "operations" => "operation_id",
            "portfolios" => "portfolio_id",
            "segments" => "segment_id",
            "account-types" => "account_type",
            "subledger_balances" => "v0_balance",
            _ => "other",
        };
        let pairs = [
            ("id", name),
            ("alias", "alias"),
            ("next_cursor", "cursor"),
            ("prev_cursor", "cursor"),
        ];
        for (member, name) in pairs {
            if let Some(value) = body[member].as_str().filter(|value| !value.is_empty()) {
                self.known.push((name.to_owned(), value.to_owned()));
            }
        }
    }

    async fn send(
        &self,
        (package, method, route): (&str, &str, &str),
        path: &str,
        query: &str,
        key: Option<&str>,
        body: Option<(&str, bool)>,
    ) -> Result<Answer, TestCaseError> {
        let mut headers = json!({ "content-type": "application/json" });
        if let Some(key) = key {
            headers["idempotency-key"] = json!(key);
        }
        let mut event = json!({
            "version": "2.0",
            "routeKey": format!("{method} {route}"),
            "rawPath": path,
            "rawQueryString": query,
            "headers": headers,
            "requestContext": {
                "http": { "method": method, "path": path, "protocol": "HTTP/1.1" },
                "requestId": "fuzz",
                "routeKey": format!("{method} {route}"),
                "timeEpoch": 1_767_225_600_000_u64
            },
            "isBase64Encoded": body.is_some_and(|(_, is_encoded)| is_encoded)
        });
        if let Some((body, _)) = body {
            event["body"] = json!(body);
        }
        let response = self.functions.get(package).unwrap()(event.to_string()).await.unwrap();
        let status = response.status().as_u16();
        let text = response.into_body();
        let shown = String::from_utf8_lossy(&text).into_owned();
        prop_assert!(status < 500, "{status}: {shown}");
        let parsed = if text.is_empty() { Ok(Value::Null) } else { serde_json::from_slice(&text) };
        // The one answer that is a text.
        if route == "/health" && status == 200 {
            return Ok(Answer { status, body: Value::Null });
        }
        let Ok(body) = parsed else {
            return Err(TestCaseError::fail(format!("{status}: no JSON: {shown}")));
        };
        if status >= 400 && method != "HEAD" {
            let explained = body["code"].is_string() && body["title"].is_string();
            prop_assert!(explained, "{status}: {shown}");
        }
        Ok(Answer { status, body })
    }

    async fn ask(&mut self, asked: &Asked) -> Result<u16, TestCaseError> {
        let all: Vec<_> = routes::all().collect();
        let route = *asked.route.get(&all);
        let (_, method, template) = route;
        let mut variables = asked.variables.iter();
        let path: Vec<String> = template
            .split('/')
            .map(|part| match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
                None => part.to_owned(),
                Some(name) => {
                    let name = match (name, template) {
                        ("id", "/v0/subledger_balances/{id}") => "v0_balance",
                        ("id", template) if template.contains("/account-types") => "account_type",
                        ("id", _) => "account_id",
                        (name, _) => name,
                    };
                    self.value(name, variables.next().unwrap())
                }
            })
            .collect();
        let path = path.join("/");
        let input = routes::input_of_route((method, template)).unwrap();
        let parameters: Vec<&str> = input.parameters().collect();
        let named = asked.query.iter().filter_map(|(name, value)| match name {
            ParameterName::OfRoute(_) if parameters.is_empty() => None,
            ParameterName::OfRoute(index) => Some((*index.get(&parameters), value)),
            ParameterName::Any(name) => Some((name.as_str(), value)),
        });
        let query: Vec<String> =
            named.map(|(name, value)| format!("{name}={}", self.value(name, value))).collect();
        let sent = match &asked.body {
            Body::None => None,
            Body::Text(text) => Some((text.clone(), false)),
            Body::Encoded(text) => Some((text.clone(), true)),
            Body::Changed(changes) => {
                let example = self.examples.get(&(method.to_owned(), template.to_owned()));
                example.map(|example| {
                    let mut body = example.clone();
                    self.fill_in(&mut body);
                    changes.iter().for_each(|change| change.apply(&mut body));
                    (body.to_string(), false)
                })
            }
        };
        let body = sent.as_ref().map(|(body, is_encoded)| (body.as_str(), *is_encoded));
        let key = asked.key.as_deref();
        let answer = self.send(route, &path, &query.join("&"), key, body).await?;
        self.learn(template, &answer.body);
        if let Some(items) = answer.body["items"].as_array() {
            items.iter().for_each(|item| self.learn(template, item));
        }
        if method == "POST" && matches!(answer.status, 200 | 201) {
            self.read_back(template, &path, &answer.body).await?;
            if let Some((sent, false)) = body {
                same_amount(sent, &answer.body)?;
            }
        }
        Ok(answer.status)
    }

    /// Replaces the ids in an example with known ones.
    fn fill_in(&self, body: &mut Value) {
        let known = self.known.iter().rev().find(|(name, _)| name == "account_id");
        if let (Some(_), Some((_, id))) = (body.get("account_id"), known) {
            body["account_id"] = json!(id);
        }
    }

    /// Checks that what was created can be read as it was answered.
    async fn read_back(&self, route: &str, path: &str, made: &Value) -> Result<(), TestCaseError> {
        let Some(id) = made["id"].as_str() else {
            return Ok(());
        };
        let (base, ending) = route.rsplit_once('/').unwrap();
        let (path_base, _) = path.rsplit_once('/').unwrap();
        let ledger = path.split("/accounts/").next().unwrap_or_default();
        // Balances and transactions are read at other places than they are made at.
        let (place, is_transaction) = match ending {
            "balances" => (format!("{ledger}/balances/{id}"), false),
            "json" | "inflow" | "outflow" | "annotation" | "block" | "unblock" => {
                (format!("{path_base}/{id}"), true)
            }
            "organizations" | "ledgers" | "assets" | "accounts" | "portfolios" | "segments"
            | "account-types" | "subledger_balances" => (format!("{path}/{id}"), false),
            _ => return Ok(()),
        };
        let get = routes::all().find(|(_, method, template)| {
            *method == "GET" && routes::path_matches(template, &place) && template.ends_with("id}")
        });
        let Some(get) = get else {
            return Err(TestCaseError::fail(format!("{base}: nothing reads {place}")));
        };
        let read = self.send(get, &place, "", None, None).await?;
        prop_assert_eq!(read.status, 200, "{}", place);
        if is_transaction {
            prop_assert_eq!(&read.body["amount"], &made["amount"]);
        } else {
            prop_assert_eq!(&read.body, made);
        }
        Ok(())
    }
}

/// Checks that the amount of an accepted transaction is exactly the one that was sent.
fn same_amount(sent: &str, made: &Value) -> Result<(), TestCaseError> {
    let sent: Value = serde_json::from_str(sent).unwrap_or_default();
    let sent = &sent["send"]["value"];
    if let (Some(sent), Some(made)) = (sent.as_str(), made["amount"].as_str()) {
        let sent = BigDecimal::from_str(sent);
        prop_assert_eq!(sent.ok(), BigDecimal::from_str(made).ok());
    }
    Ok(())
}

pub(crate) async fn start() -> (TestTable, DynamoStore, Demo) {
    let table = TestTable::new().await;
    let store = table.backend.store();
    let demo = seed::seed(&store, &|_| {}).await.unwrap().unwrap();
    (table, store, demo)
}

/// A new organization for a sequence, with a ledger, an asset, accounts and money.
async fn prepare(talk: &mut Talk<'_>) -> Result<(), TestCaseError> {
    let all: Vec<_> = routes::all().collect();
    let find =
        |path: &str| *all.iter().find(|(_, method, it)| *method == "POST" && *it == path).unwrap();
    let organizations = "/v1/organizations";
    #[expect(clippy::disallowed_methods, reason = "no other organization has this number")]
    let body = json!({ "legalName": "Lion", "legalDocument": Uuid::now_v7().to_string() });
    let made = talk
        .send(find(organizations), organizations, "", None, Some((&body.to_string(), false)))
        .await?;
    talk.learn(organizations, &made.body);
    let mut path = format!("{organizations}/{}", made.body["id"].as_str().unwrap());
    let mut route = format!("{organizations}/{{organization_id}}/ledgers");
    path = format!("{path}/ledgers");
    let made =
        talk.send(find(&route), &path, "", None, Some((r#"{"name":"Books"}"#, false))).await?;
    talk.learn(&route, &made.body);
    path = format!("{path}/{}", made.body["id"].as_str().unwrap());
    route = format!("{route}/{{ledger_id}}");
    for (noun, body) in [
        ("assets", r#"{"name":"Dollar","type":"currency","code":"USD"}"#),
        ("accounts", r#"{"assetCode":"USD","type":"deposit","alias":"@customer"}"#),
        ("accounts", r#"{"assetCode":"USD","type":"deposit","alias":"@funding"}"#),
        (
            "transactions/inflow",
            r#"{"send":{"asset":"USD","value":"1000","distribute":{"to":[{"accountAlias":"@customer","amount":{"asset":"USD","value":"1000"}}]}}}"#,
        ),
    ] {
        let route = format!("{route}/{noun}");
        let made = talk
            .send(find(&route), &format!("{path}/{noun}"), "", None, Some((body, false)))
            .await?;
        prop_assert_eq!(made.status, 201);
        talk.learn(&route, &made.body);
    }
    Ok(())
}

#[test]
fn whatever_is_sent_is_answered_and_the_books_stay_whole() {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.unwrap();
    let (_table, store, demo) = runtime.block_on(start());
    let functions = functions::compose(&store, Authorization::None, &demo);
    let examples = examples();
    let programs = prop::collection::vec(requests(), 1..16);
    let (accepted, refused) = (AtomicU64::new(0), AtomicU64::new(0));
    let outcome = TestRunner::new(cases(100)).run(&programs, |program| {
        runtime.block_on(async {
            let mut talk = Talk { functions: &functions, examples: &examples, known: Vec::new() };
            prepare(&mut talk).await?;
            for asked in &program {
                let status = talk.ask(asked).await?;
                let counter = if status < 300 { &accepted } else { &refused };
                counter.fetch_add(1, Ordering::Relaxed);
            }
            Ok(())
        })
    });
    assert!(outcome.is_ok(), "{}", outcome.unwrap_err());
    // Requests that are all refused, or none of them, would show little.
    let (accepted, refused) = (accepted.into_inner(), refused.into_inner());
    eprintln!("{accepted} requests were accepted, {refused} were refused");
    assert!(accepted > refused / 10 && refused > accepted / 10, "{accepted}, {refused}");
    let everything =
        AuditOptions { clock: &SystemClock, read_units_per_second: None, settled: Timestamp::MAX };
    let report = runtime.block_on(subledger_audit::audit(&store, &everything, &|_| {})).unwrap();
    assert_eq!(report.findings, []);
}
