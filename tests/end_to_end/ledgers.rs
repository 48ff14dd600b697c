//! Ledgers.

use serde_json::json;
use subledger_tests::{Request, World, id_of, in_both_worlds, masked};
use uuid::Uuid;

in_both_worlds! {
    a_ledger_is_created_and_read,
    ledgers_are_listed_page_by_page,
    a_ledger_name_is_taken_once_however_it_is_spelled,
    a_body_that_cannot_be_a_ledger_is_refused,
    a_ledger_that_is_not_there_is_not_found,
}

async fn a_ledger_is_created_and_read(world: World) {
    let tenant = world.tenant_without_assets().await;
    let ledgers = format!("/v1/organizations/{}/ledgers", tenant.organization);
    let body = json!({
        "name": "Second",
        "status": { "code": "NEW", "description": null },
        "settings": { "accounting": { "validateAccountType": false } },
        "metadata": { "a": "b" }
    });
    let created = tenant.client.post(&ledgers, &body).await.json(201);
    assert_eq!(
        masked(&created),
        json!({
            "id": "<uuid>",
            "name": "Second",
            "organizationId": "<uuid>",
            "status": { "code": "NEW", "description": null },
            "createdAt": "<moment>",
            "updatedAt": "<moment>",
            "deletedAt": null,
            "metadata": { "a": "b" },
            "settings": { "accounting": { "validateAccountType": false, "validateRoutes": false } }
        })
    );
    assert_eq!(id_of(&json!({ "id": created["organizationId"] })), tenant.organization);
    let read = tenant.client.get(&format!("{ledgers}/{}", id_of(&created))).await;
    assert_eq!(read.json(200), created);
    let plain = tenant.get("").await.json(200);
    assert_eq!((plain.get("settings"), plain.get("metadata")), (None, None));
}

async fn ledgers_are_listed_page_by_page(world: World) {
    let tenant = world.tenant_without_assets().await;
    let ledgers = format!("/v1/organizations/{}/ledgers", tenant.organization);
    for name in ["b", "c"] {
        tenant.client.post(&ledgers, &json!({ "name": name })).await.json(201);
    }
    for (query, expected) in [
        ("", json!(["Books", "b", "c"])),
        ("?limit=2", json!(["Books", "b"])),
        ("?limit=2&page=2", json!(["c"])),
        ("?limit=2&page=3", json!([])),
        ("?sort_order=desc", json!(["c", "b", "Books"])),
        ("?start_date=2001-01-01&end_date=2001-12-31", json!([])),
    ] {
        let page = tenant.client.get(&format!("{ledgers}{query}")).await.json(200);
        let items = page["items"].as_array().unwrap();
        let names: Vec<_> = items.iter().map(|item| item["name"].clone()).collect();
        assert_eq!(json!(names), expected, "{query}");
    }
}

async fn a_ledger_name_is_taken_once_however_it_is_spelled(world: World) {
    let tenant = world.tenant_without_assets().await;
    let ledgers = format!("/v1/organizations/{}/ledgers", tenant.organization);
    let rows = [(r#"{"name":"Books"}"#, 409, "0002"), (r#"{"name":"BOOKS"}"#, 409, "0002")];
    tenant.client.refuses_bodies(&ledgers, rows).await;
    tenant.client.post(&ledgers, &json!({ "name": "Été" })).await.json(201);
    let composed = tenant.client.post(&ledgers, &json!({ "name": "Cafe\u{301}" })).await.json(201);
    assert_eq!(composed["name"], "Café");
    let rows = [
        ("{\"name\":\"E\u{301}te\u{301}\"}", 409, "0002"),
        ("{\"name\":\"ÉTÉ\"}", 409, "0002"),
        ("{\"name\":\"CAFÉ\"}", 409, "0002"),
        ("{\"name\":\" Books \"}", 409, "0002"),
    ];
    tenant.client.refuses_bodies(&ledgers, rows).await;
    // What is a wild card elsewhere is a character here.
    tenant.client.post(&ledgers, &json!({ "name": "B%" })).await.json(201);
    tenant.client.post(&ledgers, &json!({ "name": "B_oks" })).await.json(201);
}

async fn a_body_that_cannot_be_a_ledger_is_refused(world: World) {
    let tenant = world.tenant_without_assets().await;
    let long = format!(r#"{{"name":"{}"}}"#, "x".repeat(257));
    let rows = [
        ("", 400, "0094"),
        ("{", 400, "0094"),
        (r#"{"name":1}"#, 400, "0094"),
        (r#"{"name":"x","settings":1}"#, 400, "0094"),
        (r#"{"name":"x","settings":{"accounting":{"validateRoutes":"no"}}}"#, 400, "0094"),
        ("{}", 400, "0009"),
        (r#"{"name":""}"#, 400, "0009"),
        (r#"{"name":"x","foo":true}"#, 400, "0053"),
        (r#"{"name":"x","settings":{"foo":1}}"#, 400, "0053"),
        (r#"{"name":"x","settings":{"accounting":{"foo":1}}}"#, 400, "0053"),
        (&long, 400, "0047"),
        (r#"{"name":"   "}"#, 400, "0047"),
        (r#"{"name":"Bo\u200boks"}"#, 400, "0047"),
        (r#"{"name":"Bo\u0007oks"}"#, 400, "0047"),
        (r#"{"name":"x","settings":{"accounting":{"validateRoutes":true}}}"#, 400, "0047"),
        (r#"{"name":"x","status":{"code":"closed"}}"#, 400, "0047"),
    ];
    let ledgers = format!("/v1/organizations/{}/ledgers", tenant.organization);
    tenant.client.refuses_bodies(&ledgers, rows).await;
}

async fn a_ledger_that_is_not_there_is_not_found(world: World) {
    let tenant = world.tenant_without_assets().await;
    let other = world.tenant_without_assets().await;
    let unknown = Uuid::now_v7();
    let at =
        |organization: &str, rest: &str| format!("/v1/organizations/{organization}/ledgers{rest}");
    let own = tenant.organization.to_string();
    let foreign = other.organization.to_string();
    let rows = [
        (at(&own, &format!("/{unknown}")), 404, "0007"),
        (at(&own, &format!("/{}", other.ledger)), 404, "0007"),
        (at(&own, "/abc"), 400, "0065"),
        (at("abc", ""), 400, "0065"),
        (at("abc", &format!("/{unknown}")), 400, "0065"),
        (at(&foreign, ""), 404, "0007"),
        (at(&foreign, &format!("/{}", other.ledger)), 404, "0007"),
    ];
    tenant.client.refuses_targets(rows).await;
    let body = json!({ "name": "x" });
    let create = |organization: &str| Request::post(&at(organization, ""), &body);
    let rows = [(create(&unknown.to_string()), 404, "0038"), (create("abc"), 400, "0065")];
    world.operator().is_refused(rows).await;
    tenant.client.is_refused([(create(&foreign), 404, "0038")]).await;
}
