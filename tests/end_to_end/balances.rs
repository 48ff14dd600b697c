//! Balances of v1: opening one and reading it.

use serde_json::{Value, json};
use subledger_tests::{Request, World, in_both_worlds, masked};
use uuid::Uuid;

in_both_worlds! {
    an_account_is_born_with_a_default_balance,
    an_external_account_has_one_balance_whose_direction_is_debit,
    a_balance_is_opened_and_read,
    a_key_is_kept_in_lower_case,
    null_says_nothing,
    settings_are_kept_as_they_were_sent,
    a_balance_that_may_be_overdrawn_brings_its_overdraft_balance,
    a_body_that_cannot_be_a_balance_is_refused,
    settings_that_contradict_themselves_are_refused,
    the_worst_problem_of_a_body_is_reported,
    a_balance_needs_its_account,
    a_balance_that_is_not_there_is_not_found,
    an_id_in_a_path_is_a_uuid_in_any_spelling,
}

/// The default balance of an account, as it is shown.
fn default_balance(alias: &str, account_type: &str, direction: &str) -> Value {
    json!({
        "id": "<uuid>",
        "organizationId": "<uuid>",
        "ledgerId": "<uuid>",
        "accountId": "<uuid>",
        "alias": alias,
        "key": "default",
        "assetCode": "USD",
        "available": "0",
        "onHold": "0",
        "version": 0,
        "accountType": account_type,
        "allowSending": true,
        "allowReceiving": true,
        "direction": direction,
        "overdraftUsed": "0",
        "createdAt": "<moment>",
        "updatedAt": "<moment>",
        "deletedAt": null,
        "position": { "available": "0", "onHold": "0", "overdraftLimitAvailable": "0" }
    })
}

async fn an_account_is_born_with_a_default_balance(world: World) {
    let tenant = world.tenant().await;
    let account = tenant.account("@a").await;
    let page = account.get("/balances").await.json(200);
    let expected = json!({ "items": [default_balance("@a", "deposit", "credit")], "limit": 10 });
    assert_eq!(masked(&page), expected);
    let balance = &page["items"][0];
    assert_eq!(balance["organizationId"], tenant.organization.to_string());
    assert_eq!(balance["ledgerId"], tenant.ledger.to_string());
    assert_eq!(balance["accountId"], account.id.to_string());
    assert_eq!(balance["createdAt"], balance["updatedAt"]);
}

async fn an_external_account_has_one_balance_whose_direction_is_debit(world: World) {
    let tenant = world.tenant().await;
    let page = tenant.get("/accounts/external/USD/balances").await.json(200);
    let expected =
        json!({ "items": [default_balance("@external/USD", "external", "debit")], "limit": 10 });
    assert_eq!(masked(&page), expected);
    let account = tenant.external_account("USD").await;
    let open = Request::post(&account.at("/balances"), &json!({ "key": "more" }));
    tenant.client.is_refused([(open, 400, "0124")]).await;
}

async fn a_balance_is_opened_and_read(world: World) {
    let tenant = world.tenant().await;
    let account = tenant.account("@a").await;
    let body = json!({
        "key": "savings",
        "allowSending": false,
        "allowReceiving": true,
        "direction": "debit",
        "settings": { "balanceScope": "transactional" }
    });
    let opened = account.open(&body).await;
    let mut expected = default_balance("@a", "deposit", "debit");
    expected["key"] = json!("savings");
    expected["allowSending"] = json!(false);
    expected["settings"] = json!({
        "balanceScope": "transactional",
        "allowOverdraft": false,
        "overdraftLimitEnabled": false
    });
    let balance = opened.json(201);
    assert_eq!(masked(&balance), expected);
    // The fields stand in the order that clients know.
    let names: Vec<&str> =
        opened.text.split('"').filter(|word| expected.get(word).is_some()).collect();
    assert_eq!(
        names,
        [
            "id",
            "organizationId",
            "ledgerId",
            "accountId",
            "alias",
            "key",
            "assetCode",
            "available",
            "onHold",
            "version",
            "accountType",
            "allowSending",
            "allowReceiving",
            "direction",
            "overdraftUsed",
            "settings",
            "createdAt",
            "updatedAt",
            "deletedAt",
            "position",
            "available",
            "onHold",
        ]
    );

    let id = balance["id"].as_str().unwrap();
    let read = tenant.get(&format!("/balances/{id}")).await;
    assert_eq!(read.json(200), balance);
    assert_eq!(account.keys().await, ["default", "savings"]);
}

async fn a_key_is_kept_in_lower_case(world: World) {
    let tenant = world.tenant().await;
    let account = tenant.account("@a").await;
    assert_eq!(account.balance("Savings").await["key"], "savings");
    assert_eq!(account.balance("a#b/ü\"{}").await["key"], "a#b/ü\"{}");
    let again = json!({ "key": "SAVINGS" });
    let rows = [
        (Request::post(&account.at("/balances"), &again), 409, "0123"),
        (Request::post(&account.at("/balances"), &json!({ "key": "Default" })), 409, "0123"),
    ];
    tenant.client.is_refused(rows).await;
}

async fn null_says_nothing(world: World) {
    let tenant = world.tenant().await;
    let account = tenant.account("@a").await;
    let body = r#"{"key":"x","allowSending":null,"allowReceiving":null,"direction":null,
        "settings":null,"unknown":null,"another":0}"#;
    let request = Request::new("POST", &account.at("/balances")).text(body);
    let balance = tenant.client.send(request).await.json(201);
    let mut expected = default_balance("@a", "deposit", "credit");
    expected["key"] = json!("x");
    assert_eq!(masked(&balance), expected);
}

async fn settings_are_kept_as_they_were_sent(world: World) {
    let tenant = world.tenant().await;
    let account = tenant.account("@a").await;
    for (key, settings, shown, headroom) in [
        (
            "limited",
            json!({ "allowOverdraft": true, "overdraftLimitEnabled": true, "overdraftLimit": "1000.00" }),
            json!({ "allowOverdraft": true, "overdraftLimitEnabled": true, "overdraftLimit": "1000.00" }),
            json!({ "available": "0", "onHold": "0", "overdraftLimitAvailable": "1000" }),
        ),
        (
            "unlimited",
            json!({ "allowOverdraft": true }),
            json!({ "allowOverdraft": true, "overdraftLimitEnabled": false }),
            json!({ "available": "0", "onHold": "0" }),
        ),
        (
            "a-limit-without-overdraft",
            json!({ "overdraftLimitEnabled": true, "overdraftLimit": "5" }),
            json!({ "allowOverdraft": false, "overdraftLimitEnabled": true, "overdraftLimit": "5" }),
            json!({ "available": "0", "onHold": "0", "overdraftLimitAvailable": "0" }),
        ),
        (
            "nothing",
            json!({}),
            json!({ "allowOverdraft": false, "overdraftLimitEnabled": false }),
            json!({ "available": "0", "onHold": "0", "overdraftLimitAvailable": "0" }),
        ),
    ] {
        let balance = account.open(&json!({ "key": key, "settings": settings })).await.json(201);
        assert_eq!(balance["settings"], shown, "{key}");
        assert_eq!(balance["position"], headroom, "{key}");
        let read = tenant.get(&format!("/balances/{}", balance["id"].as_str().unwrap())).await;
        assert_eq!(read.json(200), balance, "{key}");
    }
}

async fn a_balance_that_may_be_overdrawn_brings_its_overdraft_balance(world: World) {
    let tenant = world.tenant().await;
    let account = tenant.account("@a").await;
    for key in ["credit-line", "second-line"] {
        let body = json!({ "key": key, "settings": { "allowOverdraft": true } });
        account.open(&body).await.json(201);
    }
    let page = account.get("/balances").await.json(200);
    let overdraft_balance =
        page["items"].as_array().unwrap().iter().find(|it| it["key"] == "overdraft");
    let mut expected = default_balance("@a", "deposit", "debit");
    expected["key"] = json!("overdraft");
    expected["settings"] = json!({
        "balanceScope": "internal",
        "allowOverdraft": false,
        "overdraftLimitEnabled": false
    });
    assert_eq!(overdraft_balance.map(masked), Some(expected));
    let mut keys = account.keys().await;
    keys.sort();
    assert_eq!(keys, ["credit-line", "default", "overdraft", "second-line"]);
}

async fn a_body_that_cannot_be_a_balance_is_refused(world: World) {
    let tenant = world.tenant().await;
    let account = tenant.account("@a").await;
    let key = |characters: usize| format!(r#"{{"key":"{}"}}"#, "k".repeat(characters));
    let rows = [
        ("", 400, "0094"),
        ("{", 400, "0094"),
        ("{\"key\":\"x\"", 400, "0094"),
        ("key=x", 400, "0094"),
        ("[]", 400, "0094"),
        ("\"x\"", 400, "0094"),
        ("1", 400, "0094"),
        ("{} {}", 400, "0094"),
        ("{\"key\":\"\\ud800\"}", 400, "0094"),
        (r#"{"key":1}"#, 400, "0094"),
        (r#"{"key":["x"]}"#, 400, "0094"),
        (r#"{"key":"x","allowSending":"yes"}"#, 400, "0094"),
        (r#"{"key":"x","allowReceiving":1}"#, 400, "0094"),
        (r#"{"key":"x","direction":1}"#, 400, "0094"),
        (r#"{"key":"x","settings":"none"}"#, 400, "0094"),
        (r#"{"key":"x","settings":[]}"#, 400, "0094"),
        ("null", 400, "0009"),
        ("{}", 400, "0009"),
        (r#"{"key":null}"#, 400, "0009"),
        (r#"{"key":""}"#, 400, "0009"),
        (r#"{"key":"x","foo":1}"#, 400, "0053"),
        (r#"{"key":"x","foo":"bar"}"#, 400, "0053"),
        (r#"{"key":"x","Key":"y"}"#, 400, "0053"),
        (r#"{"key":"x","metadata":{}}"#, 400, "0053"),
        (r#"{"key":"x","available":"5"}"#, 400, "0053"),
        (r#"{"key":"x","assetCode":"USD"}"#, 400, "0053"),
        (r#"{"key":"x","settings":{"foo":true}}"#, 400, "0053"),
        (r#"{"key":"a b"}"#, 400, "0047"),
        (r#"{"key":" "}"#, 400, "0047"),
        (r#"{"key":"a\tb"}"#, 400, "0047"),
        (r#"{"key":"a\u00a0b"}"#, 400, "0047"),
        (r#"{"key":"a\u0000b"}"#, 400, "0047"),
        (r#"{"key":"a\u200bb"}"#, 400, "0047"),
        (r#"{"key":"a\u0001b"}"#, 400, "0047"),
        (r#"{"key":"\u3164"}"#, 400, "0047"),
        (r#"{"key":"01920000-0000-7000-8000-00000000000A"}"#, 400, "0047"),
        (r#"{"key":"subledger_balance_1"}"#, 400, "0047"),
        (&key(101), 400, "0047"),
        (&key(100_000), 400, "0047"),
        (r#"{"key":"overdraft"}"#, 400, "0170"),
        (r#"{"key":"OVERDRAFT"}"#, 400, "0170"),
        (r#"{"key":"default"}"#, 409, "0123"),
        (r#"{"key":"x","direction":"DEBIT"}"#, 400, "0171"),
        (r#"{"key":"x","direction":""}"#, 400, "0171"),
        (r#"{"key":"x","direction":"both"}"#, 400, "0171"),
    ];
    tenant.client.refuses_bodies(&account.at("/balances"), rows).await;
    assert_eq!(account.keys().await, ["default"]);
    account.balance(&"k".repeat(100)).await;
}

async fn settings_that_contradict_themselves_are_refused(world: World) {
    let tenant = world.tenant().await;
    let account = tenant.account("@a").await;
    let limit = r#""allowOverdraft":true,"overdraftLimitEnabled":true"#;
    let rows = [
        (limit.to_owned(), "0172"),
        (format!(r#"{limit},"overdraftLimit":"0""#), "0172"),
        (format!(r#"{limit},"overdraftLimit":"0.00""#), "0172"),
        (format!(r#"{limit},"overdraftLimit":"-1""#), "0172"),
        (format!(r#"{limit},"overdraftLimit":"abc""#), "0172"),
        (format!(r#"{limit},"overdraftLimit":"""#), "0172"),
        (format!(r#"{limit},"overdraftLimit":"{}""#, "9".repeat(300)), "0172"),
        (format!(r#"{limit},"overdraftLimit":null"#), "0172"),
        (r#""overdraftLimit":"5""#.to_owned(), "0172"),
        (r#""overdraftLimitEnabled":false,"overdraftLimit":"5""#.to_owned(), "0172"),
        (format!(r#"{limit},"overdraftLimit":5"#), "0094"),
        (r#""allowOverdraft":"true""#.to_owned(), "0094"),
        (r#""overdraftLimitEnabled":1"#.to_owned(), "0094"),
        (r#""balanceScope":1"#.to_owned(), "0094"),
        (r#""balanceScope":"internal""#.to_owned(), "0172"),
        (r#""balanceScope":"Transactional""#.to_owned(), "0172"),
        (r#""balanceScope":"other""#.to_owned(), "0172"),
        (r#""balanceScope":"""#.to_owned(), "0053"),
    ];
    let bodies: Vec<_> = rows
        .iter()
        .map(|(settings, code)| (format!(r#"{{"key":"x","settings":{{{settings}}}}}"#), *code))
        .collect();
    let rows = bodies.iter().map(|(body, code)| (body.as_str(), 400, *code));
    tenant.client.refuses_bodies(&account.at("/balances"), rows).await;
    assert_eq!(account.keys().await, ["default"]);
}

async fn the_worst_problem_of_a_body_is_reported(world: World) {
    let tenant = world.tenant().await;
    let account = tenant.account("@a").await;
    for (body, code, fields) in [
        (json!({ "key": "x", "foo": 1 }), "0053", json!({ "foo": 1 })),
        (
            json!({ "key": "x", "settings": { "foo": { "a": [1] } }, "bar": true }),
            "0053",
            json!({ "settings": { "foo": { "a": [1] } }, "bar": true }),
        ),
        (json!({}), "0009", json!({ "key": "key is required" })),
        (json!({ "foo": 1 }), "0053", json!({ "foo": 1 })),
        (json!({ "key": 1, "foo": 1 }), "0094", json!(null)),
        (json!({ "key": "overdraft", "direction": "x" }), "0170", json!(null)),
        (
            json!({ "key": "x", "direction": "x", "settings": { "balanceScope": "internal" } }),
            "0171",
            json!(null),
        ),
        (json!({ "key": "default", "direction": "x" }), "0171", json!(null)),
    ] {
        let answer = account.open(&body).await;
        assert_eq!(answer.refused(400, code)["fields"], fields, "{body}");
    }
    for key in ["a b", &"k".repeat(101)] {
        let fields =
            account.open(&json!({ "key": key })).await.refused(400, "0047")["fields"].clone();
        assert_eq!(fields.as_object().unwrap().keys().collect::<Vec<_>>(), ["key"]);
    }
}

async fn a_balance_needs_its_account(world: World) {
    let tenant = world.tenant().await;
    let other = world.tenant().await;
    let foreign = other.account("@a").await;
    let body = json!({ "key": "x" });
    let open =
        |account: &str| Request::post(&tenant.at(&format!("/accounts/{account}/balances")), &body);
    let rows = [
        (open(&Uuid::now_v7().to_string()), 404, "0007"),
        (open(&Uuid::nil().to_string()), 404, "0007"),
        (open(&foreign.id.to_string()), 404, "0007"),
        (open("abc"), 400, "0065"),
        (open("%00"), 400, "0065"),
        (open("%FF"), 400, "0065"),
        (open(&"0".repeat(1_000)), 400, "0065"),
        (open("@a"), 400, "0065"),
    ];
    tenant.client.is_refused(rows).await;

    let closed = tenant.v0_account("open-it", &["credit_without_underwriting"]).await;
    let close = format!("/v0/accounts/{closed}/close");
    let body = json!({ "status_reason": "client_closed" });
    tenant.client.post(&close, &body).await.json(200);
    let accounts = tenant.get("/accounts").await.json(200);
    let account = accounts["items"].as_array().unwrap().last().unwrap()["id"].clone();
    let open = open(account.as_str().unwrap());
    tenant.client.is_refused([(open, 400, "0024")]).await;
}

async fn a_balance_that_is_not_there_is_not_found(world: World) {
    let tenant = world.tenant().await;
    let other = world.tenant().await;
    let foreign = other.account("@a").await.balance("x").await;
    let foreign = foreign["id"].as_str().unwrap();
    let unknown = Uuid::now_v7();
    let rows = [
        (tenant.at(&format!("/balances/{unknown}")), 404, "0007"),
        (tenant.at(&format!("/balances/{foreign}")), 404, "0007"),
        (tenant.at("/balances/abc"), 400, "0065"),
        (tenant.at("/balances/%20"), 400, "0065"),
        (tenant.at(&format!("/balances/{}", "a".repeat(2_000))), 400, "0065"),
    ];
    tenant.client.refuses_targets(rows).await;
}

async fn an_id_in_a_path_is_a_uuid_in_any_spelling(world: World) {
    let tenant = world.tenant().await;
    let balance = tenant.account("@a").await.balance("x").await;
    let id = Uuid::parse_str(balance["id"].as_str().unwrap()).unwrap();
    for spelling in [
        id.simple().to_string(),
        id.hyphenated().to_string().to_uppercase(),
        id.urn().to_string(),
        format!("%7B{id}%7D"),
    ] {
        let read = tenant.get(&format!("/balances/{spelling}")).await.json(200);
        assert_eq!(read, balance, "{spelling}");
    }
}
