//! Assets and the accounts of the external account that come with them.

use serde_json::{Value, json};
use subledger_tests::{Request, World, id_of, in_both_worlds, masked};
use uuid::Uuid;

in_both_worlds! {
    an_asset_is_created_with_its_external_account,
    assets_are_listed_page_by_page,
    an_asset_name_or_code_is_taken_once,
    a_body_that_cannot_be_an_asset_is_refused,
    an_asset_that_is_not_there_is_not_found,
}

async fn an_asset_is_created_with_its_external_account(world: World) {
    let tenant = world.tenant_without_assets().await;
    let body =
        json!({ "name": "Gold", "type": "commodity", "code": "XAU", "metadata": { "a": 1 } });
    let asset = tenant.post("/assets", &body).await.json(201);
    assert_eq!(
        masked(&asset),
        json!({
            "id": "<uuid>",
            "name": "Gold",
            "type": "commodity",
            "code": "XAU",
            "status": { "code": "ACTIVE", "description": null },
            "ledgerId": "<uuid>",
            "organizationId": "<uuid>",
            "createdAt": "<moment>",
            "updatedAt": "<moment>",
            "deletedAt": null,
            "metadata": { "a": 1 }
        })
    );
    let read = tenant.get(&format!("/assets/{}", id_of(&asset))).await;
    assert_eq!(read.json(200), asset);

    let account = tenant.get("/accounts/external/XAU").await.json(200);
    assert_eq!(
        masked(&account),
        json!({
            "id": "<uuid>",
            "name": "External XAU",
            "parentAccountId": null,
            "entityId": null,
            "assetCode": "XAU",
            "organizationId": "<uuid>",
            "ledgerId": "<uuid>",
            "portfolioId": null,
            "segmentId": null,
            "status": {
                "code": "external",
                "description": "The world outside, for the asset XAU"
            },
            "alias": "@external/XAU",
            "type": "external",
            "blocked": false,
            "holderId": null,
            "holderCheckSkipped": false,
            "createdAt": "<moment>",
            "updatedAt": "<moment>",
            "deletedAt": null
        })
    );
    let by_id = tenant.get(&format!("/accounts/{}", id_of(&account))).await.json(200);
    assert_eq!(by_id, account);
}

async fn assets_are_listed_page_by_page(world: World) {
    let tenant = world.tenant_without_assets().await;
    for code in ["USD", "EUR", "BRL"] {
        tenant.asset(code).await;
    }
    for (query, expected) in [
        ("", json!(["USD", "EUR", "BRL"])),
        ("?limit=2", json!(["USD", "EUR"])),
        ("?limit=2&page=2", json!(["BRL"])),
        ("?sort_order=desc&limit=1", json!(["BRL"])),
        ("?start_date=2001-01-01&end_date=2001-12-31", json!([])),
    ] {
        let page = tenant.get(&format!("/assets{query}")).await.json(200);
        let codes = page["items"].as_array().unwrap().iter().map(|item| item["code"].clone());
        assert_eq!(codes.collect::<Value>(), expected, "{query}");
    }
}

async fn an_asset_name_or_code_is_taken_once(world: World) {
    let tenant = world.tenant_without_assets().await;
    tenant.asset("USD").await;
    let rows = [
        (r#"{"name":"Other","type":"currency","code":"USD"}"#, 409, "0003"),
        (r#"{"name":"The USD","type":"currency","code":"EUR"}"#, 409, "0003"),
        (r#"{"name":"THE usd","type":"currency","code":"EUR"}"#, 409, "0003"),
    ];
    tenant.client.refuses_bodies(&tenant.at("/assets"), rows).await;
}

async fn a_body_that_cannot_be_an_asset_is_refused(world: World) {
    let tenant = world.tenant_without_assets().await;
    let long = "x".repeat(257);
    let name = format!(r#"{{"name":"{long}","type":"others","code":"ABC"}}"#);
    let code = format!(r#"{{"name":"x","type":"others","code":"{}"}}"#, "A".repeat(101));
    let rows = [
        ("", 400, "0094"),
        ("{\"name\"", 400, "0094"),
        (r#"{"name":"x","type":1,"code":"USD"}"#, 400, "0094"),
        ("{}", 400, "0009"),
        (r#"{"type":"currency","code":"USD"}"#, 400, "0009"),
        (r#"{"name":"x","code":"USD"}"#, 400, "0009"),
        (r#"{"name":"x","type":"currency"}"#, 400, "0009"),
        (r#"{"name":"x","type":"currency","code":"USD","foo":1}"#, 400, "0053"),
        (&name, 400, "0047"),
        (r#"{"name":" ","type":"crypto","code":"BTC"}"#, 400, "0047"),
        (r#"{"name":"Bit\u200dcoin","type":"crypto","code":"BTC"}"#, 400, "0047"),
        (r#"{"name":"x","type":"crypto","code":"BTC","status":{"code":"INACTIVE"}}"#, 400, "0047"),
        (&code, 400, "0047"),
        (r#"{"name":"x","type":"stock","code":"ABC"}"#, 400, "0040"),
        (r#"{"name":"x","type":"Currency","code":"USD"}"#, 400, "0040"),
        (r#"{"name":"x","type":"others","code":"AB1"}"#, 400, "0033"),
        (r#"{"name":"x","type":"others","code":"A B"}"#, 400, "0033"),
        (r#"{"name":"x","type":"others","code":"abc"}"#, 400, "0004"),
        (r#"{"name":"x","type":"others","code":"Abc"}"#, 400, "0004"),
        (r#"{"name":"x","type":"currency","code":"ZZZ"}"#, 400, "0005"),
        (r#"{"name":"x","type":"currency","code":"GOLD"}"#, 400, "0005"),
    ];
    tenant.client.refuses_bodies(&tenant.at("/assets"), rows).await;
}

async fn an_asset_that_is_not_there_is_not_found(world: World) {
    let tenant = world.tenant().await;
    let other = world.tenant_without_assets().await;
    let foreign = id_of(&other.asset("USD").await);
    let rows = [
        (tenant.at(&format!("/assets/{}", Uuid::now_v7())), 404, "0007"),
        (tenant.at(&format!("/assets/{foreign}")), 404, "0007"),
        (tenant.at("/assets/abc"), 400, "0065"),
        (tenant.at("/accounts/external/EUR"), 404, "0085"),
        (tenant.at("/accounts/external/usd"), 404, "0085"),
        (tenant.at("/accounts/external/U%20D"), 404, "0085"),
    ];
    tenant.client.refuses_targets(rows).await;
    let unknown =
        format!("/v1/organizations/{}/ledgers/{}/assets", tenant.organization, Uuid::now_v7());
    let body = json!({ "name": "x", "type": "currency", "code": "USD" });
    tenant.client.is_refused([(Request::post(&unknown, &body), 404, "0037")]).await;
}
