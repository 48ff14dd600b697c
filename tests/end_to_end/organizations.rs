//! Organizations.

use serde_json::json;
use subledger_tests::{World, id_of, in_both_worlds, masked};
use uuid::Uuid;

in_both_worlds! {
    an_organization_is_created_and_read,
    an_operator_lists_all_organizations_and_a_tenant_its_own,
    a_tenant_creates_no_organization_and_learns_of_none,
    a_status_without_a_code_is_active,
    organizations_are_listed_page_by_page,
    a_body_that_cannot_be_an_organization_is_refused,
    an_organization_that_is_not_there_is_not_found,
}

async fn an_organization_is_created_and_read(world: World) {
    let operator = world.operator();
    let parent = json!({ "legalName": "Parent", "legalDocument": "1" });
    let parent = operator.post("/v1/organizations", &parent).await.json(201);
    assert_eq!(
        masked(&parent),
        json!({
            "id": "<uuid>",
            "parentOrganizationId": null,
            "legalName": "Parent",
            "doingBusinessAs": null,
            "legalDocument": "1",
            "address": {
                "line1": null, "line2": null, "zipCode": null, "city": null, "state": null,
                "country": null
            },
            "status": { "code": "ACTIVE", "description": null },
            "createdAt": "<moment>",
            "updatedAt": "<moment>",
            "deletedAt": null
        })
    );
    let body = json!({
        "parentOrganizationId": parent["id"],
        "legalName": "Größe & Söhne <b>",
        "doingBusinessAs": "GS",
        "legalDocument": "HRB 1",
        "address": {
            "line1": "Street 1", "line2": null, "zipCode": "10115", "city": "Berlin",
            "state": "BE", "country": "DE"
        },
        "status": { "code": "NEW", "description": "not yet seen" },
        "metadata": { "text": "x", "number": 1.50, "yes": true, "nothing": null }
    });
    let created = operator.post("/v1/organizations", &body).await.json(201);
    let mut expected = body;
    expected["id"] = json!("<uuid>");
    expected["parentOrganizationId"] = json!("<uuid>");
    expected["createdAt"] = json!("<moment>");
    expected["updatedAt"] = json!("<moment>");
    expected["deletedAt"] = json!(null);
    assert_eq!(masked(&created), expected);
    let read = operator.get(&format!("/v1/organizations/{}", id_of(&created))).await;
    assert_eq!(read.json(200), created);
}

async fn an_operator_lists_all_organizations_and_a_tenant_its_own(world: World) {
    let first = world.tenant_without_assets().await;
    let second = world.tenant_without_assets().await;
    let all = world.operator().get("/v1/organizations").await.json(200);
    let ids: Vec<_> = all["items"].as_array().unwrap().iter().map(id_of).collect();
    assert!(ids.ends_with(&[first.organization, second.organization]), "{all}");
    let own = second.client.get("/v1/organizations").await.json(200);
    assert_eq!(
        own["items"].as_array().unwrap().iter().map(id_of).collect::<Vec<_>>(),
        [second.organization]
    );
    assert_eq!((&own["page"], &own["limit"]), (&json!(1), &json!(10)));
}

async fn a_tenant_creates_no_organization_and_learns_of_none(world: World) {
    let first = world.tenant_without_assets().await;
    let second = world.tenant_without_assets().await;
    let somebody = first.organization.to_string();
    for parent in [None, Some(somebody), Some(Uuid::now_v7().to_string())] {
        let body =
            json!({ "legalName": "x", "legalDocument": "y", "parentOrganizationId": parent });
        second.client.post("/v1/organizations", &body).await.refused(403, "0043");
    }
}

async fn a_status_without_a_code_is_active(world: World) {
    for status in [json!({}), json!({ "code": "" }), json!({ "code": null }), json!(null)] {
        let body = json!({ "legalName": "x", "legalDocument": "y", "status": status });
        let created = world.operator().post("/v1/organizations", &body).await.json(201);
        assert_eq!(created["status"]["code"], "ACTIVE");
    }
}

async fn organizations_are_listed_page_by_page(world: World) {
    let operator = world.operator();
    let before = operator.get("/v1/organizations?limit=100").await.json(200);
    let before = before["items"].as_array().unwrap().len();
    for name in ["a", "b", "c"] {
        let body = json!({ "legalName": name, "legalDocument": "1" });
        operator.post("/v1/organizations", &body).await.json(201);
    }
    let names = async |query: &str| {
        let page = operator.get(&format!("/v1/organizations?{query}")).await.json(200);
        let items = page["items"].as_array().unwrap().iter();
        items.map(|item| item["legalName"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names("sort_order=desc&limit=2").await, ["c", "b"]);
    assert_eq!(
        names("sort_order=desc&limit=2&page=2").await.first().map(String::as_str),
        Some("a")
    );
    assert_eq!(names("sort_order=asc&limit=1&page=3").await.len(), usize::from(before < 3));
    assert!(names("page=50").await.is_empty());
    assert!(names("start_date=2001-01-01&end_date=2001-12-31").await.is_empty());
}

async fn a_body_that_cannot_be_an_organization_is_refused(world: World) {
    let operator = world.operator();
    let with = |more: &str| format!(r#"{{"legalName":"x","legalDocument":"y"{more}}}"#);
    let long = "x".repeat(257);
    let entries: Vec<_> = (0..101).map(|n| format!(r#""k{n}":1"#)).collect();
    let unknown = Uuid::now_v7();
    let rows: Vec<(String, u16, &str)> = vec![
        (String::new(), 400, "0094"),
        ("{".to_owned(), 400, "0094"),
        ("[]".to_owned(), 400, "0094"),
        (r#"{"legalName":1,"legalDocument":"y"}"#.to_owned(), 400, "0094"),
        (with(r#","address":"here""#), 400, "0094"),
        (with(r#","address":{"line1":1,"country":"DE"}"#), 400, "0094"),
        (with(r#","status":"ACTIVE""#), 400, "0094"),
        (with(r#","metadata":[]"#), 400, "0094"),
        ("{}".to_owned(), 400, "0009"),
        (r#"{"legalName":"x"}"#.to_owned(), 400, "0009"),
        (r#"{"legalDocument":"y"}"#.to_owned(), 400, "0009"),
        (with(r#","foo":"bar""#), 400, "0053"),
        (with(r#","address":{"country":"DE","planet":"earth"}"#), 400, "0053"),
        (with(r#","status":{"code":"A","why":"b"}"#), 400, "0053"),
        (format!(r#"{{"legalName":"{long}","legalDocument":"y"}}"#), 400, "0047"),
        (format!(r#"{{"legalName":"x","legalDocument":"{long}"}}"#), 400, "0047"),
        (with(&format!(r#","doingBusinessAs":"{long}""#)), 400, "0047"),
        (with(&format!(r#","address":{{"country":"DE","city":"{long}"}}"#)), 400, "0047"),
        (with(&format!(r#","status":{{"code":"{}"}}"#, "x".repeat(101))), 400, "0047"),
        (r#"{"legalName":"a\u0000","legalDocument":"y"}"#.to_owned(), 400, "0047"),
        (with(r#","parentOrganizationId":"abc""#), 400, "0047"),
        (with(r#","status":{"code":"CLOSED"}"#), 400, "0047"),
        (with(&format!(r#","parentOrganizationId":"{unknown}""#)), 404, "0039"),
        (with(r#","address":{}"#), 400, "0032"),
        (with(r#","address":{"country":"XX"}"#), 400, "0032"),
        (with(r#","address":{"country":"Germany"}"#), 400, "0032"),
        (with(r#","metadata":{"a":{}}"#), 400, "0067"),
        (with(r#","metadata":{"a":[]}"#), 400, "0067"),
        (with(&format!(r#","metadata":{{"{}":1}}"#, "k".repeat(101))), 400, "0050"),
        (with(&format!(r#","metadata":{{"a":"{}"}}"#, "v".repeat(2_001))), 400, "0051"),
        (with(&format!(r#","metadata":{{{}}}"#, entries.join(","))), 400, "0145"),
    ];
    let rows = rows.iter().map(|(body, status, code)| (body.as_str(), *status, *code));
    operator.refuses_bodies("/v1/organizations", rows).await;
}

async fn an_organization_that_is_not_there_is_not_found(world: World) {
    let tenant = world.tenant_without_assets().await;
    let other = world.tenant_without_assets().await;
    let unknown = Uuid::now_v7();
    let unknown = [
        (format!("/v1/organizations/{unknown}"), 404, "0007"),
        ("/v1/organizations/abc".to_owned(), 400, "0065"),
    ];
    world.operator().refuses_targets(unknown).await;
    let foreign = format!("/v1/organizations/{}", other.organization);
    tenant.client.refuses_targets([(foreign, 404, "0007")]).await;
}
