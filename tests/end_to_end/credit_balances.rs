//! Balances of v0.

use serde_json::{Value, json};
use subledger_tests::{Request, Tenant, World, in_both_worlds, masked};

use crate::bank::outflow;
use uuid::Uuid;

in_both_worlds! {
    a_non_revolving_balance_is_opened_and_read,
    a_revolving_balance_is_opened_and_read,
    a_balance_says_how_transactions_name_it,
    a_v0_balance_is_a_balance_of_v1,
    a_pending_draw_is_owed_when_it_is_committed,
    a_repeated_request_is_answered_byte_for_byte,
    a_repeated_request_is_answered_after_the_account_was_closed,
    a_key_of_another_request_is_refused,
    a_refused_request_has_not_used_its_key,
    a_key_is_needed_and_has_a_length,
    a_body_that_does_not_parse_is_refused,
    everything_that_is_missing_is_listed,
    every_violation_is_listed,
    each_violation_is_named,
    an_account_has_to_be_there_open_and_capable,
    a_balance_that_is_not_there_is_not_found,
}

/// Everything that a non-revolving balance can have.
fn non_revolving(account: &str) -> Value {
    json!({
        "account_id": account,
        "client_subledger_balance_name": "Personal Loan - Home Improvement",
        "currency_code": "USD",
        "type": "credit",
        "client_settlement_bank_account_id": "12345",
        "metadata": { "external_id": "BIZ-1" },
        "details": {
            "structure": "non_revolving",
            "balances": { "rewards": { "unit": "points" } },
            "autopay_method": "ach",
            "is_interest_based": true,
            "effective_apr": "10.250",
            "effective_interest_rate": "9.500000",
            "interest_rate": "9.990000",
            "expected_maturity_date": "2020-02-29",
            "repayment_details": [
                {
                    "expected_payment_frequency": "monthly",
                    "expected_number_of_payments": 12,
                    "expected_first_payment_date": "2019-02-28",
                    "expected_last_payment_date": "2020-02-29",
                    "expected_first_payment_amount": 100,
                    "expected_last_payment_amount": 300,
                    "expected_payment_amount": 200
                },
                {
                    "expected_payment_frequency": "fixed_interval",
                    "expected_payment_frequency_interval_days": 730
                }
            ],
            "max_funding_amount": 500_000,
            "term": { "value": 12, "unit": "months" },
            "expected_finance_charge_amount": 9_223_372_036_854_775_807_i64
        }
    })
}

/// As little as a revolving balance can have.
fn revolving(account: &str) -> Value {
    json!({
        "account_id": account,
        "client_subledger_balance_name": "Line",
        "currency_code": "USD",
        "type": "credit",
        "details": {
            "structure": "revolving",
            "autopay_method": "none",
            "is_interest_based": null,
            "effective_apr": "0.000",
            "effective_interest_rate": "0.000000",
            "repayment_details": []
        }
    })
}

/// The body with another value at this place, or without one.
fn with(mut body: Value, pointer: &str, value: Option<Value>) -> Value {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let parent = body.pointer_mut(parent).unwrap();
    match value {
        Some(value) => parent[name] = value,
        None => drop(parent.as_object_mut().unwrap().remove(name)),
    }
    body
}

const BALANCES: &str = "/v0/subledger_balances";

async fn credit_account(tenant: &Tenant<'_>) -> String {
    tenant.v0_account("open-an-account", &["credit_without_underwriting"]).await
}

async fn a_non_revolving_balance_is_opened_and_read(world: World) {
    let tenant = world.tenant().await;
    let account = credit_account(&tenant).await;
    let asked = non_revolving(&account);
    let opened = tenant.v0_post(BALANCES, "key-1", &asked).await.json(200);
    let mut expected = asked;
    expected["account_id"] = json!("<v0 account>");
    expected["id"] = json!("<v0 balance>");
    expected["created_at"] = json!("<moment>");
    expected["updated_at"] = json!("<moment>");
    expected["status"] = json!("active");
    expected["status_reason"] = json!("active");
    let zeros = json!({ "amount": 0, "principal": 0, "interest": 0, "fees": 0 });
    expected["details"]["balances"] = json!({
        "core": {
            "amount": 0, "amount_in_usd": 0, "outstanding_principal": 0,
            "outstanding_interest": 0, "outstanding_fees": 0
        },
        "rewards": { "amount": 0, "unit": "points" },
        "dispute": zeros,
        "charge_off": zeros,
        "past_due": { "amount": 0, "past_due_days": 0, "principal": 0, "interest": 0, "fees": 0 }
    });
    expected["details"]["ledger"] = json!({ "account_alias": "<uuid>", "balance_key": "<uuid>" });
    assert_eq!(masked(&opened), expected);
    assert_eq!(opened["account_id"], account);
    assert_eq!(opened["created_at"], opened["updated_at"]);
    // To the second.
    assert_eq!(opened["created_at"].as_str().unwrap().len(), 20);
    let read = tenant.client.get(&format!("{BALANCES}/{}", opened["id"].as_str().unwrap())).await;
    assert_eq!(read.json(200), opened);
}

async fn a_revolving_balance_is_opened_and_read(world: World) {
    let tenant = world.tenant().await;
    let account = credit_account(&tenant).await;
    let mut asked = revolving(&account);
    // Unknown members are accepted and not shown.
    asked["unknown"] = json!([1, { "a": null }]);
    asked["details"]["term"] = json!("unknown here");
    let opened = tenant.v0_post(BALANCES, "key-1", &asked).await.json(200);
    let zeros = json!({ "amount": 0, "principal": 0, "interest": 0, "fees": 0 });
    let expected = json!({
        "account_id": "<v0 account>",
        "id": "<v0 balance>",
        "client_subledger_balance_name": "Line",
        "currency_code": "USD",
        "created_at": "<moment>",
        "updated_at": "<moment>",
        "status": "active",
        "status_reason": "active",
        "type": "credit",
        "metadata": {},
        "details": {
            "structure": "revolving",
            "balances": {
                "core": {
                    "amount": 0, "amount_in_usd": 0, "outstanding_principal": 0,
                    "outstanding_interest": 0, "outstanding_fees": 0
                },
                "dispute": zeros,
                "charge_off": zeros,
                "past_due": {
                    "amount": 0, "past_due_days": 0, "principal": 0, "interest": 0, "fees": 0
                }
            },
            "autopay_method": "none",
            "is_interest_based": null,
            "effective_apr": "0.000",
            "effective_interest_rate": "0.000000",
            "repayment_details": [],
            "ledger": { "account_alias": "<uuid>", "balance_key": "<uuid>" }
        }
    });
    assert_eq!(masked(&opened), expected);
    let read = tenant.client.get(&format!("{BALANCES}/{}", opened["id"].as_str().unwrap())).await;
    assert_eq!(read.json(200), opened);
}

async fn a_balance_says_how_transactions_name_it(world: World) {
    let tenant = world.tenant().await;
    let account = credit_account(&tenant).await;
    let opened = tenant.v0_post(BALANCES, "key-1", &revolving(&account)).await.json(200);
    let names = &opened["details"]["ledger"];
    let mut body = outflow(names["account_alias"].as_str().unwrap(), "12.34");
    body["send"]["source"]["from"][0]["balanceKey"] = names["balance_key"].clone();
    tenant.post("/transactions/outflow", &body).await.json(201);
    let target = format!("{BALANCES}/{}", opened["id"].as_str().unwrap());
    let drawn = tenant.client.get(&target).await.json(200);
    assert_eq!(drawn["details"]["balances"]["core"]["amount"], 1234);
}

async fn a_v0_balance_is_a_balance_of_v1(world: World) {
    let tenant = world.tenant().await;
    let account = tenant.account("@a").await;
    // An account of v1 is named by its UUID, and echoed as it was named.
    let asked = revolving(&account.id.to_string());
    let opened = tenant.v0_post(BALANCES, "key-1", &asked).await.json(200);
    assert_eq!(opened["account_id"], account.id.to_string());
    let page = account.get("/balances").await.json(200);
    let balance = &page["items"][1];
    assert_eq!(balance["key"], balance["id"]);
    assert_eq!(balance["direction"], "debit");
    let id = balance["id"].as_str().unwrap();
    let read = tenant.get(&format!("/balances/{id}")).await.json(200);
    assert_eq!(&read, balance);
    // Its v1 neighbour is none that v0 can show.
    let neighbour = &page["items"][0]["id"];
    let spelled = subledger_http::v0::ids::spell_balance_id(subledger::money::ids::BalanceId::new(
        Uuid::parse_str(neighbour.as_str().unwrap()).unwrap(),
    ));
    let rows = [(format!("{BALANCES}/{spelled}"), 404, "not_found")];
    tenant.client.refuses_targets(rows).await;
}

async fn a_pending_draw_is_owed_when_it_is_committed(world: World) {
    let tenant = world.tenant().await;
    let shop = tenant.account("@shop").await;
    let account = tenant.account("@customer").await;
    let asked = revolving(&account.id.to_string());
    let opened = tenant.v0_post(BALANCES, "key-1", &asked).await.json(200);
    let target = format!("{BALANCES}/{}", opened["id"].as_str().unwrap());
    let key = account.get("/balances").await.json(200)["items"][1]["key"].clone();
    let amount = json!({ "asset": "USD", "value": "89.44" });
    let draw = json!({ "pending": true, "send": {
        "asset": "USD",
        "value": "89.44",
        "source": {
            "from": [{ "accountAlias": "@customer", "balanceKey": key, "amount": amount }]
        },
        "distribute": { "to": [{ "accountAlias": "@shop", "amount": amount }] },
    } });
    let owed = async || {
        let core =
            tenant.client.get(&target).await.json(200)["details"]["balances"]["core"].clone();
        assert_eq!(core["amount"], core["amount_in_usd"]);
        assert_eq!(core["amount"], core["outstanding_principal"]);
        core["amount"].as_i64().unwrap()
    };
    let step = async |drawn: &Value, step: &str| {
        let target = format!("/transactions/{}/{step}", drawn["id"].as_str().unwrap());
        tenant.client.send(Request::new("POST", &tenant.at(&target))).await.json(201);
    };
    assert_eq!(owed().await, 0);
    let first = tenant.post("/transactions/json", &draw).await.json(201);
    assert_eq!(owed().await, 0);
    let second = tenant.post("/transactions/json", &draw).await.json(201);
    assert_eq!(owed().await, 0);
    step(&first, "commit").await;
    assert_eq!(owed().await, 8_944);
    step(&second, "cancel").await;
    assert_eq!(owed().await, 8_944);
    // The shop has what was committed, and nothing is on hold any more.
    let items = shop.get("/balances").await.json(200)["items"].clone();
    assert_eq!(items[0]["available"], "89.44");
    let items = account.get("/balances").await.json(200)["items"].clone();
    assert_eq!((&items[1]["available"], &items[1]["onHold"]), (&json!("89.44"), &json!("0")));
}

async fn a_repeated_request_is_answered_byte_for_byte(world: World) {
    let tenant = world.tenant().await;
    let account = credit_account(&tenant).await;
    let asked = non_revolving(&account);
    let first = tenant.v0_post(BALANCES, "key-1", &asked).await;
    first.json(200);
    let items = world.items().await;
    for _ in 0..3 {
        let again = tenant.v0_post(BALANCES, "key-1", &asked).await;
        assert_eq!((again.status, &again.text), (200, &first.text));
    }
    // Spelling is not what was asked.
    let spelled = Request::new("POST", BALANCES)
        .key("key-1")
        .text(&serde_json::to_string_pretty(&asked).unwrap());
    assert_eq!(tenant.client.send(spelled).await.text, first.text);
    assert!(world.items().await == items);
    // Another key is another request, and so is the same key of another ledger.
    let other = tenant.v0_post(BALANCES, "key-2", &asked).await.json(200);
    assert_ne!(other["id"], first.json(200)["id"]);
    let stranger = world.tenant().await;
    let account = credit_account(&stranger).await;
    let other = stranger.v0_post(BALANCES, "key-1", &non_revolving(&account)).await.json(200);
    assert_ne!(other["id"], first.json(200)["id"]);
}

async fn a_repeated_request_is_answered_after_the_account_was_closed(world: World) {
    let tenant = world.tenant().await;
    let account = credit_account(&tenant).await;
    let first = tenant.v0_post(BALANCES, "key-1", &revolving(&account)).await;
    first.json(200);
    let close = json!({ "status_reason": "client_closed" });
    tenant.client.post(&format!("/v0/accounts/{account}/close"), &close).await.json(200);
    let again = tenant.v0_post(BALANCES, "key-1", &revolving(&account)).await;
    assert_eq!((again.status, &again.text), (200, &first.text));
    let refused = Request::post(BALANCES, &revolving(&account)).key("key-2");
    tenant.client.is_refused([(refused, 422, "parameters_invalid")]).await;
}

async fn a_key_of_another_request_is_refused(world: World) {
    let tenant = world.tenant().await;
    let account = credit_account(&tenant).await;
    let other_account = tenant.v0_account("another", &["credit_without_underwriting"]).await;
    let asked = non_revolving(&account);
    tenant.v0_post(BALANCES, "key-1", &asked).await.json(200);
    let changed = |pointer: &str, value: Option<Value>| {
        let request = Request::post(BALANCES, &with(asked.clone(), pointer, value)).key("key-1");
        (request, 422, "idempotency_request_inconsistent")
    };
    let rows = [
        changed("/client_subledger_balance_name", Some(json!("Other"))),
        changed("/client_settlement_bank_account_id", None),
        changed("/metadata/more", Some(json!(""))),
        changed("/details/effective_apr", Some(json!("10.251"))),
        changed("/details/max_funding_amount", Some(json!(500_001))),
        changed("/account_id", Some(json!(other_account))),
        // The key is looked at before the account.
        changed("/account_id", Some(json!("account_0000000000000000000000"))),
        changed("/account_id", Some(json!("nobody"))),
    ];
    tenant.client.is_refused(rows).await;
}

async fn a_refused_request_has_not_used_its_key(world: World) {
    let tenant = world.tenant().await;
    let account = credit_account(&tenant).await;
    let wrong = Request::post(BALANCES, &revolving("nobody")).key("key-1");
    tenant.client.is_refused([(wrong, 422, "parameters_invalid")]).await;
    tenant.v0_post(BALANCES, "key-1", &revolving(&account)).await.json(200);
}

async fn a_key_is_needed_and_has_a_length(world: World) {
    let tenant = world.tenant().await;
    let account = credit_account(&tenant).await;
    let asked = || Request::post(BALANCES, &revolving(&account));
    let rows = [
        (asked(), 400, "idempotency_error"),
        (asked().key(""), 422, "parameters_invalid"),
        (asked().key("1234"), 422, "parameters_invalid"),
        (asked().key(&"k".repeat(256)), 422, "parameters_invalid"),
        // Before anything is said about the body.
        (Request::new("POST", BALANCES).text("{"), 400, "idempotency_error"),
        (Request::new("POST", BALANCES).text("{").key("1234"), 422, "parameters_invalid"),
    ];
    tenant.client.is_refused(rows).await;
    let violations = tenant.client.send(asked().key("1234")).await.violations();
    assert_eq!(violations.len(), 1);
    assert_eq!(violations.first().unwrap().0, "Idempotency-Key");
    tenant.v0_post(BALANCES, "12345", &revolving(&account)).await.json(200);
    tenant.v0_post(BALANCES, &"k".repeat(255), &revolving(&account)).await.json(200);
}

async fn a_body_that_does_not_parse_is_refused(world: World) {
    let tenant = world.tenant().await;
    let invalid = |body: &[u8]| {
        (Request::new("POST", BALANCES).key("key-1").bytes(body), 400, "payload_invalid")
    };
    let rows = [
        invalid(b""),
        invalid(b"{"),
        invalid(b"{\"account_id\":\"x\",}"),
        invalid(b"account_id=x"),
        invalid(b"{} {}"),
        invalid(b"\xff\xfe"),
        invalid(b"{\"account_id\":\"\xff\"}"),
        invalid("[".repeat(100_000).as_bytes()),
    ];
    tenant.client.is_refused(rows).await;
}

/// The violations that a body is answered with, each on a line.
async fn violations(tenant: &Tenant<'_>, body: &Value) -> Vec<String> {
    let answer = tenant.v0_post(BALANCES, "key-1", body).await;
    let listed = answer.violations().into_iter();
    listed.map(|(parameter, reason)| format!("{parameter}: {reason}")).collect()
}

async fn everything_that_is_missing_is_listed(world: World) {
    let tenant = world.tenant().await;
    let items = world.items().await;
    assert_eq!(
        violations(&tenant, &json!({})).await,
        [
            "account_id: missing",
            "client_subledger_balance_name: missing",
            "currency_code: missing",
            "type: missing",
            "details: missing",
        ]
    );
    assert_eq!(violations(&tenant, &json!([])).await, ["body: must be an object"]);
    assert_eq!(violations(&tenant, &json!(null)).await, ["body: must not be null"]);
    assert!(world.items().await == items);
}

async fn every_violation_is_listed(world: World) {
    let tenant = world.tenant().await;
    let items = world.items().await;
    let body = json!({
        "account_id": 1,
        "client_subledger_balance_name": "x".repeat(65),
        "currency_code": "EUR",
        "type": "deposit",
        "client_settlement_bank_account_id": 12345,
        "metadata": { "a": 1, "b": "c" },
        "details": {
            "structure": "non_revolving",
            "balances": { "rewards": { "unit": "miles" } },
            "autopay_method": "cash",
            "is_interest_based": true,
            "effective_apr": "10.25",
            "effective_interest_rate": 9.5,
            "expected_maturity_date": "2026-02-30",
            "repayment_details": [
                { "expected_payment_frequency": "monthly", "expected_payment_frequency_interval_days": 3 },
                { "expected_payment_frequency": "fixed_interval" },
                { "expected_payment_frequency": "daily" },
                { "expected_payment_frequency": "weekly", "expected_payment_amount": 1.5 }
            ],
            "max_funding_amount": "5",
            "term": { "value": 1 }
        }
    });
    assert_eq!(
        violations(&tenant, &body).await,
        [
            "account_id: must be a string",
            "client_subledger_balance_name: must have at most 64 characters",
            "currency_code: must be USD",
            "type: must be credit",
            "details.balances.rewards.unit: must be one of usd, points",
            "details.autopay_method: must be one of ach, debit_card, wire, virtual_wallet, \
             credit_card, none",
            "details.effective_apr: must be a percentage with at most 16 digits, a point and \
             exactly 3 digits",
            "details.effective_interest_rate: must be a string",
            "details.interest_rate: missing",
            "details.expected_maturity_date: must be a date such as 2026-07-17",
            "details.repayment_details[0].expected_payment_frequency_interval_days: must be absent \
             unless the frequency is fixed_interval",
            "details.repayment_details[1].expected_payment_frequency_interval_days: missing",
            "details.repayment_details[2].expected_payment_frequency: must be one of \
             business_daily, weekly, biweekly, semi_monthly, monthly, quarterly, semi_annually, \
             annually, fixed_interval, maturity, variable",
            "details.repayment_details[3].expected_payment_amount: must be an integer, without a \
             point or an exponent",
            "details.max_funding_amount: must be an integer",
            "details.term.unit: missing",
            "details.expected_finance_charge_amount: missing",
            "client_settlement_bank_account_id: must be a string",
            "metadata.a: must be a string",
        ]
    );
    assert!(world.items().await == items);
}

async fn each_violation_is_named(world: World) {
    let tenant = world.tenant().await;
    let account = credit_account(&tenant).await;
    let items = world.items().await;
    let days = "details.repayment_details[0].expected_payment_frequency_interval_days";
    let interval = |days: i64| {
        json!([{
            "expected_payment_frequency": "fixed_interval",
            "expected_payment_frequency_interval_days": days
        }])
    };
    for (pointer, value, parameter) in [
        ("/account_id", Some(json!("x".repeat(65))), "account_id"),
        ("/account_id", Some(json!(null)), "account_id"),
        ("/client_subledger_balance_name", Some(json!(null)), "client_subledger_balance_name"),
        ("/currency_code", Some(json!("usd")), "currency_code"),
        ("/type", Some(json!("Credit")), "type"),
        ("/metadata", Some(json!(null)), "metadata"),
        ("/metadata", Some(json!({ "a": null })), "metadata.a"),
        ("/metadata", Some(json!({ "a": {} })), "metadata.a"),
        ("/details", Some(json!([])), "details"),
        ("/details/structure", None, "details.structure"),
        ("/details/structure", Some(json!("balloon")), "details.structure"),
        ("/details/autopay_method", None, "details.autopay_method"),
        ("/details/is_interest_based", None, "details.is_interest_based"),
        ("/details/is_interest_based", Some(json!("true")), "details.is_interest_based"),
        ("/details/effective_apr", None, "details.effective_apr"),
        ("/details/effective_apr", Some(json!("-1.000")), "details.effective_apr"),
        ("/details/effective_apr", Some(json!("1e5")), "details.effective_apr"),
        ("/details/effective_interest_rate", Some(json!("9.5")), "details.effective_interest_rate"),
        ("/details/interest_rate", None, "details.interest_rate"),
        ("/details/interest_rate", Some(json!("9")), "details.interest_rate"),
        ("/details/repayment_details", None, "details.repayment_details"),
        ("/details/repayment_details", Some(json!({})), "details.repayment_details"),
        ("/details/repayment_details", Some(interval(0)), days),
        ("/details/repayment_details", Some(interval(731)), days),
        ("/details/max_funding_amount", Some(json!(1.5)), "details.max_funding_amount"),
        ("/details/max_funding_amount", None, "details.max_funding_amount"),
        ("/details/term/unit", Some(json!("month")), "details.term.unit"),
        ("/details/term/value", Some(json!("12")), "details.term.value"),
        (
            "/details/expected_maturity_date",
            Some(json!("20260101")),
            "details.expected_maturity_date",
        ),
    ] {
        let body = with(non_revolving(&account), pointer, value);
        let violations = tenant.v0_post(BALANCES, "key-1", &body).await.violations();
        let parameters: Vec<&str> =
            violations.iter().map(|(parameter, _)| parameter.as_str()).collect();
        assert_eq!(parameters, [parameter], "{body}");
    }
    assert!(world.items().await == items);
}

async fn an_account_has_to_be_there_open_and_capable(world: World) {
    let tenant = world.tenant().await;
    let stranger = world.tenant().await;
    let foreign = credit_account(&stranger).await;
    let closed = tenant.v0_account("closed", &["credit_without_underwriting"]).await;
    let close = json!({ "status_reason": "paid_off" });
    tenant.client.post(&format!("/v0/accounts/{closed}/close"), &close).await.json(200);
    let deposit = tenant.v0_account("deposit", &["deposit"]).await;
    let external = tenant.external_account("USD").await.id.to_string();
    let items = world.items().await;
    for (account, parameter, reason) in [
        ("account_2N5Hk8xYmQpL9rBvC3jD", "account_id", "not_found"),
        ("subledgered_account_1", "account_id", "not_found"),
        ("", "account_id", "not_found"),
        (&"x".repeat(64), "account_id", "not_found"),
        (&Uuid::now_v7().to_string(), "account_id", "not_found"),
        (&foreign, "account_id", "not_found"),
        (&external, "account_id", "external_account"),
        (&closed, "account_id", "account_closed"),
        (&deposit, "type", "not_supported_by_account"),
    ] {
        let violations = tenant.v0_post(BALANCES, "key-1", &revolving(account)).await.violations();
        assert_eq!(violations, [(parameter.to_owned(), reason.to_owned())], "{account}");
    }
    assert!(world.items().await == items);

    // What may have a balance: both kinds of capability, inactive accounts, accounts of v1.
    let both = tenant.v0_account("both-kinds", &["deposit", "credit_without_underwriting"]).await;
    tenant.v0_post(BALANCES, "key-both", &revolving(&both)).await.json(200);
    let inactive = json!({ "status_reason": "frozen" });
    tenant.client.post(&format!("/v0/accounts/{both}/deactivate"), &inactive).await.json(200);
    tenant.v0_post(BALANCES, "key-inactive", &revolving(&both)).await.json(200);
    let without = tenant.account("@a").await.id.to_string();
    tenant.v0_post(BALANCES, "key-v1", &revolving(&without)).await.json(200);
    tenant.v0_post(BALANCES, "key-upper", &revolving(&without.to_uppercase())).await.json(200);
}

async fn a_balance_that_is_not_there_is_not_found(world: World) {
    let tenant = world.tenant().await;
    let stranger = world.tenant().await;
    let account = credit_account(&stranger).await;
    let foreign = stranger.v0_post(BALANCES, "key-1", &revolving(&account)).await.json(200);
    let foreign = foreign["id"].as_str().unwrap();
    let at = |id: &str| format!("{BALANCES}/{id}");
    let rows = [
        (at("abc"), 400, "parameters_invalid"),
        (at("subledger_balance_"), 400, "parameters_invalid"),
        (at("subledger_balance_a-b"), 400, "parameters_invalid"),
        (at("account_k8L2n9QpW3xR5vT7mZ4jS1bA6cG"), 400, "parameters_invalid"),
        (at(&Uuid::now_v7().to_string()), 400, "parameters_invalid"),
        (at("subledger_balance_%FF"), 400, "parameters_invalid"),
        (at("subledger_balance_k8L2n9QpW3xR5vT7mZ4jS1bA6cG"), 404, "not_found"),
        (at("subledger_balance_zzzzzzzzzzzzzzzzzzzzzz"), 404, "not_found"),
        (at(&format!("subledger_balance_{}", "0".repeat(22))), 404, "not_found"),
        (at(&format!("subledger_balance_{}", "0".repeat(2_000))), 404, "not_found"),
        (at(foreign), 404, "not_found"),
    ];
    tenant.client.refuses_targets(rows).await;
    let refused = tenant.client.get(&at("abc")).await.refused(400, "parameters_invalid");
    let reason = "must be subledger_balance_ and letters, digits or underscores";
    assert_eq!(refused["invalid_parameters"], json!([{ "parameter": "id", "reason": reason }]));
}
