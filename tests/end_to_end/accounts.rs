//! Accounts of v1.

use serde_json::{Value, json};
use subledger_tests::{Request, World, id_of, in_both_worlds, masked};
use uuid::Uuid;

in_both_worlds! {
    an_account_is_created_and_read,
    metadata_keeps_the_digits_of_its_numbers,
    an_account_has_defaults,
    accounts_are_listed_page_by_page,
    an_alias_is_taken_once_per_ledger,
    a_body_that_cannot_be_an_account_is_refused,
    an_account_needs_its_ledger_asset_and_parent,
    an_account_that_is_not_there_is_not_found,
}

async fn an_account_is_created_and_read(world: World) {
    let tenant = world.tenant().await;
    let parent = tenant.account("@parent").await;
    let portfolio = tenant.post("/portfolios", &json!({ "name": "North" })).await.json(201);
    let segment = tenant.post("/segments", &json!({ "name": "Retail" })).await.json(201);
    let body = json!({
        "name": "Savings of Ann",
        "parentAccountId": parent.id.to_string(),
        "entityId": "ann-1",
        "assetCode": "USD",
        "portfolioId": portfolio["id"],
        "segmentId": segment["id"],
        "status": { "code": "NEW", "description": "just here" },
        "alias": "@ann:1_a-B",
        "type": "savings",
        "blocked": true,
        "metadata": { "a": 1.5, "b": "c" }
    });
    let account = tenant.post("/accounts", &body).await.json(201);
    let mut expected = body;
    for name in ["id", "parentAccountId", "portfolioId", "segmentId", "organizationId", "ledgerId"]
    {
        expected[name] = json!("<uuid>");
    }
    for name in ["createdAt", "updatedAt"] {
        expected[name] = json!("<moment>");
    }
    expected["deletedAt"] = json!(null);
    expected["holderId"] = json!(null);
    expected["holderCheckSkipped"] = json!(false);
    assert_eq!(masked(&account), expected);
    let id = id_of(&account);
    assert_eq!(tenant.get(&format!("/accounts/{id}")).await.json(200), account);
    assert_eq!(tenant.get("/accounts/alias/@ann:1_a-B").await.json(200), account);
    assert_eq!(tenant.get("/accounts/alias/%40ann:1_a-B").await.json(200), account);
}

async fn metadata_keeps_the_digits_of_its_numbers(world: World) {
    let tenant = world.tenant().await;
    let digits = "12345678901234567890.123456789012345678901234567890";
    let body = format!(
        r#"{{"assetCode":"USD","type":"deposit","alias":"@a","metadata":{{"a":{digits},"b":1.50}}}}"#
    );
    let request = Request::new("POST", &tenant.at("/accounts")).text(&body);
    let created = tenant.client.send(request).await;
    created.json(201);
    let shown = format!(r#""metadata":{{"a":{digits},"b":1.50}}"#);
    assert!(created.text.contains(&shown), "{}", created.text);
    let read = tenant.get("/accounts/alias/@a").await;
    assert_eq!(read.text, created.text);
}

async fn an_account_has_defaults(world: World) {
    let tenant = world.tenant().await;
    let account = tenant.post("/accounts", &json!({ "assetCode": "USD", "type": "deposit" })).await;
    let account = account.json(201);
    assert_eq!(account["alias"], account["id"]);
    assert_eq!(account["name"], "USD deposit account");
    assert_eq!(
        masked(&account),
        json!({
            "id": "<uuid>",
            "name": "USD deposit account",
            "parentAccountId": null,
            "entityId": null,
            "assetCode": "USD",
            "organizationId": "<uuid>",
            "ledgerId": "<uuid>",
            "portfolioId": null,
            "segmentId": null,
            "status": { "code": "ACTIVE", "description": null },
            "alias": "<uuid>",
            "type": "deposit",
            "blocked": false,
            "holderId": null,
            "holderCheckSkipped": false,
            "createdAt": "<moment>",
            "updatedAt": "<moment>",
            "deletedAt": null
        })
    );
    let by_alias = format!("/accounts/alias/{}", id_of(&account));
    assert_eq!(tenant.get(&by_alias).await.json(200), account);
}

async fn accounts_are_listed_page_by_page(world: World) {
    let tenant = world.tenant().await;
    for alias in ["a", "b", "c"] {
        tenant.account(alias).await;
    }
    for (query, expected) in [
        ("", json!(["@external/USD", "a", "b", "c"])),
        ("?limit=3", json!(["@external/USD", "a", "b"])),
        ("?limit=3&page=2", json!(["c"])),
        ("?limit=3&page=3", json!([])),
        ("?sort_order=desc&limit=2", json!(["c", "b"])),
        ("?start_date=2001-01-01&end_date=2001-12-31", json!([])),
    ] {
        let page = tenant.get(&format!("/accounts{query}")).await.json(200);
        let aliases = page["items"].as_array().unwrap().iter().map(|item| item["alias"].clone());
        assert_eq!(aliases.collect::<Value>(), expected, "{query}");
    }
    let page = tenant.get("/accounts?limit=3&page=2").await.json(200);
    assert_eq!((&page["page"], &page["limit"]), (&json!(2), &json!(3)));
}

async fn an_alias_is_taken_once_per_ledger(world: World) {
    let tenant = world.tenant().await;
    let other = world.tenant().await;
    tenant.account("@a").await;
    other.account("@a").await;
    tenant.account("@A").await;
    let body = r#"{"assetCode":"USD","type":"deposit","alias":"@a"}"#;
    tenant.client.refuses_bodies(&tenant.at("/accounts"), [(body, 409, "0020")]).await;
}

async fn a_body_that_cannot_be_an_account_is_refused(world: World) {
    let tenant = world.tenant().await;
    let with = |more: &str| format!(r#"{{"assetCode":"USD","type":"deposit"{more}}}"#);
    let long = "x".repeat(257);
    let rows: Vec<(String, u16, &str)> = vec![
        (String::new(), 400, "0094"),
        ("{".to_owned(), 400, "0094"),
        (r#"{"assetCode":1,"type":"deposit"}"#.to_owned(), 400, "0094"),
        (with(r#","blocked":"no""#), 400, "0094"),
        (with(r#","alias":5"#), 400, "0094"),
        ("{}".to_owned(), 400, "0009"),
        (r#"{"assetCode":"USD"}"#.to_owned(), 400, "0009"),
        (r#"{"type":"deposit"}"#.to_owned(), 400, "0009"),
        (r#"{"assetCode":"USD","type":"external"}"#.to_owned(), 400, "0047"),
        (r#"{"assetCode":"USD","type":"EXTERNAL","alias":"@mint"}"#.to_owned(), 400, "0047"),
        (with(r#","status":{"code":"CLOSED"}"#), 400, "0047"),
        (with(r#","status":{"code":" inactive "}"#), 400, "0047"),
        (with(r#","foo":"bar""#), 400, "0053"),
        (with(r#","balance":"5""#), 400, "0053"),
        (with(&format!(r#","name":"{long}""#)), 400, "0047"),
        (with(&format!(r#","entityId":"{long}""#)), 400, "0047"),
        (format!(r#"{{"assetCode":"USD","type":"{long}"}}"#), 400, "0047"),
        (format!(r#"{{"assetCode":"{}","type":"x"}}"#, "A".repeat(101)), 400, "0047"),
        (with(&format!(r#","alias":"{}""#, "a".repeat(101))), 400, "0047"),
        (with(r#","alias":"@external/USD""#), 400, "0047"),
        (with(r#","alias":"x@external/y""#), 400, "0047"),
        (with(r#","parentAccountId":"abc""#), 400, "0047"),
        (with(r#","portfolioId":"abc""#), 400, "0047"),
        (with(r#","alias":"a b""#), 400, "0096"),
        (with(r#","alias":"a/b""#), 400, "0096"),
        (with(r#","alias":"ü""#), 400, "0096"),
        (with(r#","alias":"01920000-0000-7000-8000-00000000000a""#), 400, "0096"),
        (with(r#","alias":"01920000-0000-7000-8000-00000000000A""#), 400, "0096"),
        (with(r#","alias":"0192000000007000800000000000000a""#), 400, "0096"),
        (with(r#","alias":"account_0000000000000000000010""#), 400, "0096"),
        (with(r#","alias":"Subledger_balance_1""#), 400, "0096"),
        (with(r#","metadata":{"a":{"b":1}}"#), 400, "0067"),
    ];
    let rows = rows.iter().map(|(body, status, code)| (body.as_str(), *status, *code));
    tenant.client.refuses_bodies(&tenant.at("/accounts"), rows).await;
}

async fn an_account_needs_its_ledger_asset_and_parent(world: World) {
    let tenant = world.tenant().await;
    tenant.asset("EUR").await;
    let parent = tenant.account("@parent").await.id;
    let body = json!({ "assetCode": "USD", "type": "deposit" });
    let unknown = Uuid::now_v7();
    let accounts = format!("/v1/organizations/{}/ledgers/{unknown}/accounts", tenant.organization);
    tenant.client.is_refused([(Request::post(&accounts, &body), 404, "0037")]).await;
    let other = format!(r#"{{"assetCode":"EUR","type":"x","parentAccountId":"{parent}"}}"#);
    let unknown_parent =
        format!(r#"{{"assetCode":"USD","type":"x","parentAccountId":"{unknown}"}}"#);
    let rows = [
        (r#"{"assetCode":"BRL","type":"x"}"#, 404, "0034"),
        (r#"{"assetCode":"usd","type":"x"}"#, 404, "0034"),
        (r#"{"assetCode":"no asset","type":"x"}"#, 404, "0034"),
        (&unknown_parent, 400, "0029"),
        (&other, 400, "0030"),
    ];
    tenant.client.refuses_bodies(&tenant.at("/accounts"), rows).await;
}

async fn an_account_that_is_not_there_is_not_found(world: World) {
    let tenant = world.tenant().await;
    let other = world.tenant().await;
    let foreign = other.account("@other").await.id;
    let rows = [
        (tenant.at(&format!("/accounts/{}", Uuid::now_v7())), 404, "0007"),
        (tenant.at(&format!("/accounts/{foreign}")), 404, "0007"),
        (tenant.at("/accounts/abc"), 400, "0065"),
        (tenant.at("/accounts/alias/@other"), 404, "0085"),
        (tenant.at("/accounts/alias/a%20b"), 404, "0085"),
        (tenant.at(&format!("/accounts/alias/{}", "a".repeat(200))), 404, "0085"),
    ];
    tenant.client.refuses_targets(rows).await;
}
