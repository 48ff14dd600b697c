//! What a request costs, through its handler: sequential round trips to DynamoDB, requests, read
//! units and write units. Each number is exact, so that a change for the better is noticed too.
//!
//! The functions are warm: they know the ledger, and the accounts that aliases name. Accounts have
//! 1, 10 and 100 balances, pages 10, 50 and 100 items.

use std::sync::Arc;

use serde_json::{Value, json};
use subledger_dynamodb::Meter;
use subledger_tests::{
    Account, Request, Tenant, World, id_of, now, other_engine, revolving_credit,
};

/// What a request costs: round trips, requests, thousandths of a read unit and of a write unit.
type Cost = [u64; 4];

/// A tenant whose costs are counted.
struct Books<'t> {
    tenant: &'t Tenant<'t>,
    meter: Arc<Meter>,
}

impl Books<'_> {
    /// Sends a request, and checks what it cost.
    async fn costs(&self, request: Request, expected: Cost) -> Value {
        self.meter.take();
        let shown = format!("{request}");
        let answer = self.tenant.client.send(request).await;
        let counted = self.meter.take();
        assert!(answer.status < 300, "{shown}: {} {}", answer.status, answer.text);
        // Another engine does not report what a batch consumes; `infra/engines` lists the differences.
        let says_reads = other_engine().is_none();
        let read = if says_reads { counted.read_milli_units } else { expected[2] };
        let cost = [counted.round_trips, counted.calls, read, counted.write_milli_units];
        assert_eq!(cost, expected, "round trips, requests, reads, writes of {shown}");
        serde_json::from_str(&answer.text).unwrap_or_default()
    }

    async fn get(&self, rest: &str, expected: Cost) -> Value {
        self.costs(Request::get(&self.tenant.at(rest)), expected).await
    }

    async fn post(&self, rest: &str, body: &Value, expected: Cost) -> Value {
        self.costs(Request::post(&self.tenant.at(rest), body), expected).await
    }

    async fn send(&self, method: &str, rest: &str, expected: Cost) -> Value {
        self.costs(Request::new(method, &self.tenant.at(rest)), expected).await
    }

    async fn patch(&self, rest: &str, body: &Value, expected: Cost) -> Value {
        let request = Request::new("PATCH", &self.tenant.at(rest)).text(&body.to_string());
        self.costs(request, expected).await
    }
}

/// The most balances of an account here: as many as the longest page has.
const BALANCES_MAX: usize = 100;

/// An account with so many balances, its default balance among them.
async fn account_of<'t>(tenant: &'t Tenant<'t>, alias: &str, balances: usize) -> Account<'t> {
    let account = tenant.account(alias).await;
    for number in 1..balances {
        account.balance(&format!("key-{number}")).await;
    }
    account
}

fn transfer(from: &str, to: &str, value: &str) -> Value {
    let leg =
        |alias| json!([{ "accountAlias": alias, "amount": { "asset": "USD", "value": value } }]);
    json!({ "send": {
        "asset": "USD",
        "value": value,
        "source": { "from": leg(from) },
        "distribute": { "to": leg(to) },
    } })
}

fn inflow(to: &str, value: &str) -> Value {
    let mut body = transfer("", to, value);
    body["send"].as_object_mut().unwrap().remove("source");
    body
}

#[tokio::test]
async fn a_balance_is_opened_read_changed_and_deleted_within_its_budget() {
    let (world, meter) = World::counted().await;
    let tenant = world.tenant().await;
    let books = Books { tenant: &tenant, meter };
    let account = tenant.account("@a").await;
    let balances = format!("/accounts/{}/balances", account.id);
    // The account; version 0, the balance, the account (check), the listing item.
    let opened = books.post(&balances, &json!({ "key": "k" }), [2, 2, 1_000, 8_000]).await;
    let balance = format!("/balances/{}", id_of(&opened));
    books.get(&balance, [1, 1, 1_000, 0]).await;
    books.get(&format!("{balance}/history?date={}", now()), [1, 1, 1_000, 0]).await;
    let change = json!({ "allowSending": false });
    books.patch(&balance, &change, [2, 2, 1_000, 4_000]).await;
    books.send("DELETE", &balance, [2, 2, 1_000, 6_000]).await;
}

#[tokio::test]
async fn a_v0_balance_is_opened_and_read_within_its_budget() {
    let (world, meter) = World::counted().await;
    let tenant = world.tenant().await;
    let books = Books { tenant: &tenant, meter };
    let account = tenant.v0_account("account", &["credit_without_underwriting"]).await;
    let asked = revolving_credit(&account, "Line");
    let request = || Request::post("/v0/subledger_balances", &asked).key("balance");
    let opened = books.costs(request(), [2, 2, 1_000, 8_000]).await;
    // A repetition is refused by version 0; a refused transaction is not reported to cost.
    books.costs(request(), [2, 1, 1_000, 0]).await;
    let target = format!("/v0/subledger_balances/{}", opened["id"].as_str().unwrap());
    books.costs(Request::get(&target), [1, 1, 1_000, 0]).await;
    let target = format!("/v0/accounts/{account}");
    books.costs(Request::get(&target), [1, 1, 1_000, 0]).await;
}

#[tokio::test]
async fn the_lists_of_balances_keep_within_their_budgets() {
    let (world, meter) = World::counted().await;
    let tenant = world.tenant().await;
    let books = Books { tenant: &tenant, meter };
    for (balances, kilobytes) in [(1, 1_000), (10, 2_000), (BALANCES_MAX, 11_000)] {
        let alias = format!("@of-{balances}");
        let account = account_of(&tenant, &alias, balances).await;
        let list = format!("/accounts/{}/balances?limit=100", account.id);
        let listed = books.get(&list, [1, 1, kilobytes, 0]).await;
        assert_eq!(listed["items"].as_array().unwrap().len(), balances);
        let by_alias = format!("/accounts/alias/{alias}/balances?limit=100");
        books.get(&by_alias, [2, 2, 1_000 + kilobytes, 0]).await;
        // Nothing has changed since: the balances are the answer.
        let history = format!("/accounts/{}/balances/history?date=", account.id);
        books.get(&format!("{history}{}", now()), [1, 1, kilobytes, 0]).await;
        // Everything has: each balance is asked for what it was, all at the same time.
        let between = now();
        for balance in listed["items"].as_array().unwrap() {
            let id = id_of(balance);
            let target = tenant.at(&format!("/balances/{id}"));
            let change = json!({ "allowSending": false }).to_string();
            tenant.client.send(Request::new("PATCH", &target).text(&change)).await.json(200);
        }
        let count = u64::try_from(balances).unwrap();
        let cost = [2, 1 + count, kilobytes + 1_000 * count, 0];
        books.get(&format!("{history}{between}"), cost).await;
    }
    // The first page of a process asks for the ledger too.
    books.get("/balances?limit=10", [2, 3, 13_000, 0]).await;
    for (limit, entries) in [(10, 1_000), (50, 3_000), (100, 5_000)] {
        let list = format!("/balances?limit={limit}");
        let calls = 2 + (limit + 1) / 101;
        books.get(&list, [2, calls, entries + 1_000 * (limit + 1), 0]).await;
    }
}

#[tokio::test]
async fn the_versions_of_a_balance_keep_within_their_budget() {
    let (world, meter) = World::counted().await;
    let tenant = world.tenant().await;
    let books = Books { tenant: &tenant, meter };
    let account = tenant.account("@a").await;
    let listed = account.get("/balances").await.json(200);
    let id = id_of(&listed["items"][0]);
    let after_creation = now();
    for _ in 0..110 {
        tenant.post("/transactions/inflow", &inflow("@a", "1")).await.json(201);
    }
    for (limit, kilobytes) in [(10, 2_000), (50, 7_000), (100, 12_000)] {
        let versions = format!("/balances/{id}/versions?limit={limit}");
        books.get(&versions, [1, 2, 1_000 + kilobytes, 0]).await;
    }
    // A balance of 110 versions is known as of a moment for what one of a single version costs.
    for moment in [after_creation, now()] {
        books.get(&format!("/balances/{id}/history?date={moment}"), [1, 1, 1_000, 0]).await;
    }
}

#[tokio::test]
async fn a_transaction_keeps_within_its_budget_in_every_step() {
    let (world, meter) = World::counted().await;
    let tenant = world.tenant().await;
    let books = Books { tenant: &tenant, meter };
    tenant.account("@a").await;
    tenant.account("@b").await;
    tenant.post("/transactions/inflow", &inflow("@a", "1000")).await.json(201);
    tenant.post("/transactions/json", &transfer("@a", "@b", "1")).await.json(201);

    // Two accounts and two balances; the transaction, its listing item, two balances and two versions.
    let post = "/transactions/json";
    let sent = books.post(post, &transfer("@a", "@b", "1"), [2, 2, 4_000, 12_000]).await;
    books.post("/transactions/inflow", &inflow("@a", "1"), [2, 2, 4_000, 12_000]).await;
    // A key is looked for first, and then answers.
    let request = || Request::post(&tenant.at(post), &transfer("@a", "@b", "1")).key("key");
    books.costs(request(), [3, 3, 5_000, 12_000]).await;
    books.costs(request(), [1, 1, 1_000, 0]).await;

    let step =
        |transaction: &Value, step: &str| format!("/transactions/{}/{step}", id_of(transaction));
    let mut pending = transfer("@a", "@b", "1");
    pending["pending"] = json!(true);
    let first = books.post(post, &pending, [2, 2, 4_000, 8_000]).await;
    let second = books.post(post, &pending, [2, 2, 4_000, 8_000]).await;
    books.send("POST", &step(&first, "commit"), [3, 3, 5_000, 12_000]).await;
    books.send("POST", &step(&second, "cancel"), [3, 3, 5_000, 6_000]).await;
    books.send("POST", &step(&sent, "revert"), [3, 3, 5_000, 14_000]).await;
    let one = format!("/transactions/{}", id_of(&sent));
    books.patch(&one, &json!({ "description": "Rent" }), [2, 2, 1_000, 2_000]).await;
    books.get(&one, [1, 1, 1_000, 0]).await;
}

#[tokio::test]
async fn the_lists_of_transactions_keep_within_their_budgets() {
    let (world, meter) = World::counted().await;
    let tenant = world.tenant().await;
    let books = Books { tenant: &tenant, meter };
    let account = tenant.account("@a").await;
    for _ in 0..110 {
        tenant.post("/transactions/inflow", &inflow("@a", "1")).await.json(201);
    }
    for (limit, entries) in [(10, 1_000), (50, 2_000), (100, 3_000)] {
        let calls = 2 + (limit + 1) / 101;
        let list = format!("/transactions?limit={limit}");
        books.get(&list, [2, calls, entries + 1_000 * (limit + 1), 0]).await;
    }
    for (limit, versions) in [(10, 2_000), (50, 7_000), (100, 13_000)] {
        let list = format!("/accounts/{}/operations?limit={limit}", account.id);
        let calls = 3 + (limit + 1) / 101;
        let reads = 1_000 + versions + 1_000 * (limit + 1);
        books.get(&list, [3, calls, reads, 0]).await;
    }
    books.send("HEAD", "/transactions/metrics/count", [1, 1, 4_000, 0]).await;
}

#[tokio::test]
async fn an_account_is_opened_read_and_changed_within_its_budget() {
    let (world, meter) = World::counted().await;
    let tenant = world.tenant().await;
    let books = Books { tenant: &tenant, meter };
    let new = json!({ "assetCode": "USD", "type": "deposit", "alias": "@a" });
    let opened = books.post("/accounts", &new, [3, 3, 2_000, 16_000]).await;
    let account = format!("/accounts/{}", id_of(&opened));
    books.get(&account, [1, 1, 1_000, 0]).await;
    books.get("/accounts/alias/@a", [2, 2, 2_000, 0]).await;
    books.patch(&account, &json!({ "name": "Savings" }), [2, 2, 1_000, 2_000]).await;
    books.get("/accounts?limit=10", [2, 2, 3_000, 0]).await;
}

#[tokio::test]
async fn a_ledger_is_set_up_within_its_budget() {
    let (world, meter) = World::counted().await;
    let tenant = world.tenant().await;
    let books = Books { tenant: &tenant, meter };
    // The ledger; the group, the counter, and the name or the key.
    let portfolio = books.post("/portfolios", &json!({ "name": "a" }), [2, 2, 1_000, 4_000]).await;
    let segment = books.post("/segments", &json!({ "name": "a" }), [2, 2, 1_000, 6_000]).await;
    let kind = json!({ "name": "a", "keyValue": "deposit" });
    let kind = books.post("/account-types", &kind, [2, 2, 1_000, 6_000]).await;
    for (path, made) in
        [("/portfolios", &portfolio), ("/segments", &segment), ("/account-types", &kind)]
    {
        books.get(&format!("{path}/{}", id_of(made)), [1, 1, 1_000, 0]).await;
        books.get(&format!("{path}?limit=10"), [1, 1, 1_000, 0]).await;
        let change = json!({ "metadata": { "a": 1 } });
        let group = format!("{path}/{}", id_of(made));
        books.patch(&group, &change, [2, 2, 1_000, 2_000]).await;
    }
    for path in ["/portfolios", "/segments", "/accounts", "/assets"] {
        books.send("HEAD", &format!("{path}/metrics/count"), [1, 1, 1_000, 0]).await;
    }
    books.get("/settings", [1, 1, 1_000, 0]).await;
    let settings = json!({ "accounting": { "validateAccountType": true } });
    books.patch("/settings", &settings, [2, 2, 1_000, 2_000]).await;
    // The ledger, the type, the asset, the portfolio, the segment; two more counters.
    let new = json!({
        "assetCode": "USD", "type": "deposit",
        "portfolioId": portfolio["id"], "segmentId": segment["id"],
    });
    let account = books.post("/accounts", &new, [6, 6, 5_000, 20_000]).await;
    let account = format!("/accounts/{}", id_of(&account));
    let leaving = json!({ "portfolioId": null });
    books.patch(&account, &leaving, [2, 2, 1_000, 4_000]).await;
    books.send("DELETE", &account, [5, 5, 3_000, 18_000]).await;
    books
        .send("DELETE", &format!("/portfolios/{}", id_of(&portfolio)), [3, 3, 2_000, 38_000])
        .await;
    books.send("DELETE", &format!("/account-types/{}", id_of(&kind)), [2, 2, 1_000, 8_000]).await;
    books.patch("", &json!({ "name": "New name" }), [2, 2, 1_000, 6_000]).await;
}

#[tokio::test]
async fn an_operation_is_read_and_changed_within_its_budget() {
    let (world, meter) = World::counted().await;
    let tenant = world.tenant().await;
    let books = Books { tenant: &tenant, meter };
    let account = tenant.account("@a").await;
    tenant.account("@b").await;
    tenant.post("/transactions/inflow", &inflow("@a", "10")).await.json(201);
    tenant.post("/transactions/json", &transfer("@a", "@b", "1")).await.json(201);
    let posted =
        books.post("/transactions/block", &transfer("@a", "@b", "1"), [2, 2, 4_000, 12_000]).await;
    let operation = id_of(&posted["operations"][0]);
    let one = format!("/accounts/{}/operations/{operation}", account.id);
    books.get(&one, [1, 1, 1_000, 0]).await;
    let one = format!("/transactions/{}/operations/{operation}", id_of(&posted));
    books.patch(&one, &json!({ "description": "Rent" }), [2, 2, 1_000, 2_000]).await;
}
