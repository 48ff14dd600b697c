//! What the functions write to their log, whatever is sent to them.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::io::Write;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use subledger::ports::{
    ChangeBalances, DeleteAccounts, InsertAsset, InsertLedger, InsertOrganization, ListAccounts,
    ListBalances, ListTransactions, PostTransactions, ReadAccounts, ReadAssets, ReadHistory,
    ReadLedgers, ReadNothing, ReadOrganizations, WriteAccounts,
};
use subledger_dynamodb::{Connection, DynamoStore};
use subledger_http::metrics::Metrics;
use subledger_http::request::authorization::Authorization;
use subledger_http::request::event::Incoming;
use subledger_http::request::routes::{self, Input};
use subledger_http::serve::{Api, log_to, measured};
use subledger_http::{Request, Response};
use subledger_store_contract::MemoryStore;
use subledger_tests::TestTable;

/// A word that is in every request and in nothing else.
const MARK: &str = "zebra";
/// An id that is in requests and in nothing else.
const MARKED_ID: &str = "7e7e7e7e-7e7e-7e7e-8e7e-7e7e7e7e7e7e";

/// The captured log.
#[derive(Debug, Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// A store for every function.
trait Store:
    ChangeBalances
    + InsertAsset
    + InsertLedger
    + InsertOrganization
    + ListBalances
    + ListTransactions
    + PostTransactions
    + ListAccounts
    + ReadAccounts
    + ReadAssets
    + ReadHistory
    + ReadLedgers
    + ReadOrganizations
    + WriteAccounts
    + DeleteAccounts
    + ledgers::Store
    + ReadNothing
{
}

impl Store for MemoryStore {}
impl Store for DynamoStore {}

async fn handle<S: Store>(function: &str, api: &Api<S>, request: Request) -> Response {
    match function {
        "accounts" => accounts::handle(api, request).await,
        "balance-history" => balance_history::handle(api, request).await,
        "create-balance" => create_balance::handle(api, request).await,
        "get-balance" => get_balance::handle(api, request).await,
        "health" => health::handle(api, request).await,
        "ledgers" => ledgers::handle(api, request).await,
        "list-balances" => list_balances::handle(api, request).await,
        "post-transaction" => post_transaction::handle(api, request).await,
        "update-balance" => update_balance::handle(api, request).await,
        _ => unknown_route::handle(request).await,
    }
}

/// A request with the word in every place that a client controls.
fn request(method: &str, path: &str, id: &str, query: &str, body: &Value) -> Request {
    let named = |segment: &str| segment.strip_prefix('{')?.strip_suffix('}').map(str::to_owned);
    let is_tenant = |name: &String| name == "organization_id" || name == "ledger_id";
    let value = |name: &String| if is_tenant(name) { MARKED_ID } else { id };
    let parameters: serde_json::Map<String, Value> =
        path.split('/').filter_map(named).map(|name| (name.clone(), json!(value(&name)))).collect();
    let raw_path: Vec<&str> = path
        .split('/')
        .map(|segment| named(segment).map_or(segment, |name| value(&name)))
        .collect();
    let scope: Vec<String> =
        ["account", "asset", "organization", "subledger_balance", "transaction"]
            .iter()
            .map(|resource| format!("{resource}/read_write"))
            .collect();
    let mut claims = json!({
        "organization_id": MARKED_ID,
        "ledger_id": MARKED_ID,
        "sub": MARK,
        "scope": scope.join(" "),
    });
    if (method, path) == ("POST", "/v1/organizations") {
        // Only who is bound to none creates one.
        claims.as_object_mut().unwrap().remove("organization_id");
        claims["scope"] = json!(format!("operator {}", claims["scope"].as_str().unwrap()));
    }
    let event = json!({
        "version": "2.0",
        "routeKey": format!("{method} {path}"),
        "rawPath": raw_path.join("/"),
        "rawQueryString": query,
        "headers": {
            "authorization": format!("Bearer {MARK}"),
            "content-type": "application/json",
            "idempotency-key": format!("{MARK}-0001"),
            "x-idempotency": format!("{MARK}-0001"),
            "x-request-id": MARK,
        },
        "pathParameters": parameters,
        "requestContext": {
            "authorizer": { "jwt": { "claims": claims, "scopes": null } },
            "http": { "method": method, "path": raw_path.join("/"), "userAgent": MARK },
            "requestId": "the-id-of-the-gateway",
            "routeKey": format!("{method} {path}"),
        },
        "body": body.as_str().map_or_else(|| body.to_string(), str::to_owned),
        "isBase64Encoded": false,
    });
    Incoming::read(&event.to_string()).unwrap().into_request()
}

/// Bodies of every kind: none that is JSON, none that is known, and some that reach the store.
fn bodies() -> Vec<Value> {
    vec![
        json!(format!("{{{MARK}")),
        json!({ MARK: MARK, "legalName": { MARK: MARK }, "account_id": [MARK] }),
        json!({ "legalName": MARK, "legalDocument": MARK }),
        json!({ "name": MARK }),
        json!({ "name": MARK, "type": "currency", "code": "USD" }),
        json!({ "assetCode": "USD", "type": "deposit", "alias": format!("@{MARK}"), "name": MARK }),
        json!({ "key": MARK }),
        json!({ "name": MARK, "keyValue": MARK }),
        json!({ "accounting": { MARK: MARK } }),
        json!({ "allowSending": false, MARK: 1 }),
        json!({ "status_reason": MARK }),
        json!({ "description": MARK, "metadata": { MARK: MARK } }),
        json!({
            "description": MARK,
            "send": {
                "asset": "USD",
                "value": "1",
                "source": { "from": [{ "accountAlias": format!("@{MARK}"),
                                       "amount": { "asset": "USD", "value": "1" } }] },
                "distribute": { "to": [{ "accountAlias": format!("@{MARK}2"),
                                         "amount": { "asset": "USD", "value": "1" } }] },
            },
        }),
    ]
}

/// Sends everything to every route, and returns what the routes answered.
async fn send_everything<S: Store>(api: &Api<S>, ids: &[&str], log: &Log) -> Vec<u16> {
    let metrics = Metrics::new(Some("test".to_owned()), || [("StoreCalls", 1000)]);
    let mut statuses = Vec::new();
    let unknown = ("unknown-route", "GET", "/v0/zebra/{id}");
    for (function, method, path) in routes::all().chain([unknown]) {
        let input = routes::input_of_route((method, path)).unwrap_or(Input::Nothing);
        let bodies = if input == Input::Body { bodies() } else { vec![Value::Null] };
        let query: Vec<String> = input.parameters().map(|name| format!("{name}={MARK}")).collect();
        let marked = [&*query.join("&"), ""].map(str::to_owned);
        for (body, id) in bodies.iter().flat_map(|body| ids.iter().map(move |id| (body, id))) {
            for query in &marked {
                let request = request(method, path, id, query, body);
                let mut output = log.clone();
                let handle = |request| handle(function, api, request);
                let answer = measured(&metrics, handle, request, &mut output).await;
                statuses.push(answer.status().as_u16());
            }
        }
    }
    statuses
}

#[tokio::test]
async fn nothing_that_a_client_sends_is_in_a_line_of_the_log() {
    let log = Log::default();
    let writer = log.clone();
    log_to(move || writer.clone());

    let memory = Api::new(MemoryStore::new(), Authorization::Token);
    let mut statuses = send_everything(&memory, &[MARK, MARKED_ID], &log).await;
    // Nobody listens there, so every request that gets as far as the store fails.
    let unreachable = Connection::local("balances", "http://127.0.0.1:1");
    let unreachable = DynamoStore::connect(&unreachable);
    let unreachable = Api::new(unreachable, Authorization::Token);
    statuses.extend(send_everything(&unreachable, &[MARKED_ID], &log).await);

    check_unreadable_items(&log).await;

    // Everything that is to be looked at has happened.
    for status in [200, 201, 400, 404, 422, 503] {
        assert!(statuses.contains(&status), "nothing was answered {status}");
    }
    let text = log.text();
    for expected in ["request refused", "request failed", "the-id-of-the-gateway", "\"_aws\""] {
        assert!(text.contains(expected), "{expected}");
    }
    let metrics = text.lines().filter(|line| line.contains("\"_aws\"")).count();
    assert_eq!(metrics, statuses.len());
    for line in text.lines() {
        let shown = line.to_lowercase();
        assert!(!shown.contains(MARK), "{line}");
        // Only the line of an item that cannot be read has ids.
        assert!(!shown.contains(MARKED_ID) || shown.contains("is not readable"), "{line}");
        let line: Value = serde_json::from_str(line).unwrap();
        let is_metric = line["_aws"].is_object();
        let id = if is_metric { &line["requestId"] } else { &line["span"]["request_id"] };
        assert_eq!(id, "the-id-of-the-gateway", "{line}");
    }
}

/// Items that cannot be read, with the word in their keys and attributes, are logged by kind and ids.
async fn check_unreadable_items(log: &Log) {
    let table = TestTable::new().await;
    let store = DynamoStore::connect(&table.connection(None));
    let api = Api::new(store, Authorization::Token);
    let path = "/v1/organizations/{organization_id}/ledgers/{ledger_id}";
    for (pk, sk, function, rest, id, shown) in [
        ("ALIAS#ID#zebra", "ALIAS", "accounts", "/accounts/alias/{alias}", MARK, "ALIAS#ID ALIAS"),
        (
            "ACCOUNT#ID",
            "BALANCE#zebra",
            "list-balances",
            "/accounts/{account_id}/balances",
            MARKED_ID,
            "ACCOUNT#ID BALANCE",
        ),
        ("LEDGER#ID", "ASSET#ZEBRA", "ledgers", "/assets", MARKED_ID, "LEDGER#ID ASSET"),
    ] {
        let here = |text: &str| text.replace("ID", MARKED_ID);
        let (pk, shown) = (here(pk), here(shown));
        let mut item = json!({ "pk": { "S": pk }, "sk": { "S": sk } });
        for name in ["organization", "ledger", "id", "account", "code", "kind", "version", MARK] {
            item[name] = json!({ "S": MARK });
        }
        table.ask("PutItem", &json!({ "Item": item })).await;
        let request = request("GET", &format!("{path}{rest}"), id, "", &Value::Null);
        let metrics = Metrics::new(None, || [("StoreCalls", 1000)]);
        let handle = |request| handle(function, &api, request);
        let answer = measured(&metrics, handle, request, &mut log.clone()).await;
        assert_eq!(answer.status(), 500, "{rest}");
        let expected = format!("the stored item {shown} is not readable");
        assert!(log.text().contains(&expected), "{expected}");
    }
}
