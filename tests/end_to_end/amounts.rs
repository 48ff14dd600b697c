//! Amounts of many digits.

use serde_json::{Value, json};
use subledger::money::amount::Amount;
use subledger_tests::{World, in_both_worlds, now};

use crate::seed::next_version;

in_both_worlds! {
    thirty_digits_before_and_behind_the_point_survive,
    a_limit_of_many_digits_survives,
    v0_shows_whole_cents_and_nothing_else,
}

async fn thirty_digits_before_and_behind_the_point_survive(world: World) {
    let tenant = world.tenant().await;
    let account = tenant.account("@a").await;
    let balance = account.balance("x").await;
    let id = balance["id"].as_str().unwrap();
    let available = "987654321098765432109876543210.123456789012345678901234567891";
    let on_hold = "0.000000000000000000000000000001";
    let used = "100000000000000000000000000000.000000000000000000000000000009";
    next_version(&tenant, id, 10, |balance| {
        balance.available = Amount::parse(available).unwrap();
        balance.on_hold = Amount::parse(on_hold).unwrap();
        balance.overdraft_used = Amount::parse(used).unwrap();
    })
    .await;
    let date = now();
    next_version(&tenant, id, 1, |balance| {
        balance.available = Amount::parse("999999999999999999999999999999").unwrap();
    })
    .await;
    let targets = [
        format!("/balances/{id}/history?date={date}"),
        format!("/balances/{id}"),
        "/balances?sort_order=desc".to_owned(),
        format!("/accounts/{}/balances?sort_order=desc", account.id),
        "/accounts/alias/@a/balances".to_owned(),
        format!("/balances/{id}/versions?sort_order=desc"),
    ];
    for target in targets {
        let answer = tenant.get(&target).await.json(200);
        let shown = if answer["items"].is_array() { &answer["items"][0] } else { &answer };
        assert_eq!(shown["available"], "999999999999999999999999999999", "{target}");
        assert_eq!(shown["onHold"], on_hold, "{target}");
        assert_eq!(shown["overdraftUsed"], used, "{target}");
        let position = "899999999999999999999999999998.999999999999999999999999999991";
        assert_eq!(shown["position"]["available"], position, "{target}");
    }
    let versions = tenant.get(&format!("/balances/{id}/versions")).await.json(200);
    let second = &versions["items"][1];
    let recorded = second["updatedAt"].as_str().unwrap();
    let of_balance = tenant.get(&format!("/balances/{id}/history?date={recorded}")).await.json(200);
    let of_account = account.get(&format!("/balances/history?date={recorded}")).await.json(200);
    for shown in [second, &of_balance, &of_account[1]] {
        assert_eq!(shown["available"], available);
        assert_eq!(shown["onHold"], on_hold);
        assert_eq!(shown["overdraftUsed"], used);
        let position = "887654321098765432109876543210.123456789012345678901234567882";
        assert_eq!(shown["position"]["available"], position);
    }
}

async fn a_limit_of_many_digits_survives(world: World) {
    let tenant = world.tenant().await;
    let account = tenant.account("@a").await;
    let limit = "123456789012345678901234567890.123456789012345678901234567800";
    let body = json!({
        "key": "x",
        "settings": { "allowOverdraft": true, "overdraftLimitEnabled": true, "overdraftLimit": limit }
    });
    let balance = account.open(&body).await.json(201);
    let check = |shown: &Value| {
        assert_eq!(shown["settings"]["overdraftLimit"], limit);
        let headroom = "123456789012345678901234567890.1234567890123456789012345678";
        assert_eq!(shown["position"]["overdraftLimitAvailable"], headroom);
    };
    check(&balance);
    let id = balance["id"].as_str().unwrap();
    check(&tenant.get(&format!("/balances/{id}")).await.json(200));
    check(&tenant.get(&format!("/balances/{id}/history?date={}", now())).await.json(200));
    check(&tenant.get(&format!("/balances/{id}/versions")).await.json(200)["items"][0]);
    let page = account.get("/balances").await.json(200);
    let listed = page["items"].as_array().unwrap().iter().find(|item| item["key"] == "x");
    check(listed.unwrap());
}

async fn v0_shows_whole_cents_and_nothing_else(world: World) {
    let tenant = world.tenant().await;
    let account = tenant.v0_account("key-1", &["credit_without_underwriting"]).await;
    let asked = json!({
        "account_id": account,
        "client_subledger_balance_name": "Line",
        "currency_code": "USD",
        "type": "credit",
        "details": {
            "structure": "revolving",
            "autopay_method": "none",
            "is_interest_based": false,
            "effective_apr": "0.000",
            "effective_interest_rate": "0.000000",
            "repayment_details": []
        }
    });
    let opened = tenant.v0_post("/v0/subledger_balances", "key-1", &asked).await;
    let v0 = opened.json(200)["id"].as_str().unwrap().to_owned();
    let target = format!("/v0/subledger_balances/{v0}");
    let listed = tenant.get("/balances?sort_order=desc&limit=1").await.json(200);
    let id = listed["items"][0]["id"].as_str().unwrap();
    let set = async |amount: &str| {
        next_version(&tenant, id, 1, |balance| balance.available = Amount::parse(amount).unwrap())
            .await
    };
    for (amount, cents) in [
        ("123.45", 12_345_i128),
        ("0.1", 10),
        ("1000000000000000000.01", 100_000_000_000_000_000_001),
    ] {
        set(amount).await;
        let answer = tenant.client.get(&target).await;
        answer.json(200);
        let core = format!(
            r#""core":{{"amount":{cents},"amount_in_usd":{cents},"outstanding_principal":{cents},"outstanding_interest":0,"outstanding_fees":0}}"#
        );
        assert!(answer.text.contains(&core), "{}", answer.text);
    }
    for amount in ["0.001", "123456789012345678901234567890123456789012345.00"] {
        set(amount).await;
        let rows = [(target.clone(), 422, "amount_not_representable")];
        tenant.client.refuses_targets(rows).await;
    }
    // What the request was answered with the first time, it is answered with again.
    let again = tenant.v0_post("/v0/subledger_balances", "key-1", &asked).await;
    assert_eq!((again.status, again.text), (200, opened.text));
}
