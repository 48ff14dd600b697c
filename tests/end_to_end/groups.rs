//! Portfolios, segments and account types.

use serde_json::{Value, json};
use subledger_tests::{Request, Tenant, World, id_of, in_both_worlds, masked};
use uuid::Uuid;

use crate::bank::Bank;

in_both_worlds! {
    a_portfolio_is_created_and_read,
    a_segment_is_created_and_read,
    an_account_type_is_created_and_read,
    a_name_or_a_key_is_taken_once,
    groups_are_listed_page_by_page,
    a_group_is_changed_as_asked,
    a_body_that_cannot_be_a_group_is_refused,
    a_group_that_is_not_there_is_not_found,
    a_group_with_accounts_stays,
    an_account_needs_groups_that_are_there,
    an_account_needs_a_registered_type_where_the_ledger_asks,
    groups_of_other_tenants_are_not_there,
}

async fn a_portfolio_is_created_and_read(world: World) {
    let tenant = world.tenant().await;
    let body = json!({
        "name": "North", "entityId": "e-1", "status": { "code": "NEW", "description": "just" },
        "metadata": { "a": "b" },
    });
    let created = tenant.post("/portfolios", &body).await.json(201);
    let mut expected = body;
    for name in ["id", "ledgerId", "organizationId"] {
        expected[name] = json!("<uuid>");
    }
    for name in ["createdAt", "updatedAt"] {
        expected[name] = json!("<moment>");
    }
    expected["deletedAt"] = Value::Null;
    assert_eq!(masked(&created), expected);
    let read = tenant.get(&format!("/portfolios/{}", id_of(&created))).await.json(200);
    assert_eq!(read, created);
    let plain = tenant.post("/portfolios", &json!({ "name": "North" })).await.json(201);
    assert_eq!((plain.get("entityId"), plain.get("metadata")), (None, None));
    assert_eq!(plain["status"], json!({ "code": "ACTIVE", "description": null }));
}

async fn a_segment_is_created_and_read(world: World) {
    let tenant = world.tenant().await;
    let created = tenant.post("/segments", &json!({ "name": "Retail" })).await.json(201);
    assert_eq!(
        masked(&created),
        json!({
            "id": "<uuid>", "name": "Retail", "ledgerId": "<uuid>", "organizationId": "<uuid>",
            "status": { "code": "ACTIVE", "description": null },
            "createdAt": "<moment>", "updatedAt": "<moment>", "deletedAt": null,
        })
    );
    let read = tenant.get(&format!("/segments/{}", id_of(&created))).await.json(200);
    assert_eq!(read, created);
}

async fn an_account_type_is_created_and_read(world: World) {
    let tenant = world.tenant().await;
    let body = json!({
        "name": "Cash", "description": "at hand", "keyValue": "CASH_1-a", "metadata": { "a": 1 },
    });
    let created = tenant.post("/account-types", &body).await.json(201);
    assert_eq!(
        masked(&created),
        json!({
            "id": "<uuid>", "name": "Cash", "description": "at hand", "keyValue": "cash_1-a",
            "ledgerId": "<uuid>", "organizationId": "<uuid>", "metadata": { "a": 1 },
            "createdAt": "<moment>", "updatedAt": "<moment>", "deletedAt": null,
        })
    );
    let read = tenant.get(&format!("/account-types/{}", id_of(&created))).await.json(200);
    assert_eq!(read, created);
    let body = json!({ "name": "x", "description": "", "keyValue": "x" });
    let plain = tenant.post("/account-types", &body).await.json(201);
    assert_eq!((plain.get("description"), plain.get("status")), (None, None));
}

async fn a_name_or_a_key_is_taken_once(world: World) {
    let tenant = world.tenant().await;
    segment(&tenant, "Retail").await;
    let refused = tenant.post("/segments", &json!({ "name": "RETAIL" })).await;
    refused.refused(409, "0015");
    account_type(&tenant, "cash").await;
    let again = json!({ "name": "Other", "keyValue": "CASH" });
    tenant.post("/account-types", &again).await.refused(409, "0108");
    let other = segment(&tenant, "Other").await;
    let change = json!({ "name": "retail" });
    Bank(&tenant).patch(&format!("/segments/{other}"), &change).await.refused(409, "0015");
    Bank(&tenant).delete(&format!("/segments/{other}")).await.is_deletion();
    segment(&tenant, "Other").await;
}

async fn groups_are_listed_page_by_page(world: World) {
    let tenant = world.tenant().await;
    for name in ["a", "b", "c"] {
        portfolio(&tenant, name).await;
        account_type(&tenant, name).await;
    }
    let names = async |list: &str| {
        let page = tenant.get(list).await.json(200);
        let items = page["items"].as_array().unwrap().iter();
        items.map(|item| item["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names("/portfolios?limit=2").await, ["a", "b"]);
    assert_eq!(names("/portfolios?limit=2&page=2").await, ["c"]);
    assert_eq!(names("/portfolios?sort_order=desc").await, ["c", "b", "a"]);
    assert!(names("/segments").await.is_empty());
    let page = tenant.get("/account-types?limit=2&page=1").await.json(200);
    let cursor = page["next_cursor"].as_str().unwrap();
    assert_eq!(names(&format!("/account-types?limit=2&cursor={cursor}")).await, ["c"]);
    let wrong = format!("/balances?cursor={cursor}");
    tenant.get(&wrong).await.refused(400, "0082");
    tenant.get("/account-types?page=2").await.refused(400, "0082");
    for path in ["/portfolios/metrics/count", "/segments/metrics/count"] {
        let count = tenant.client.send(Request::new("HEAD", &tenant.at(path))).await;
        let expected = if path.starts_with("/portfolios") { "3" } else { "0" };
        assert_eq!((count.status, count.header("x-total-count")), (204, expected), "{path}");
    }
}

async fn a_group_is_changed_as_asked(world: World) {
    let tenant = world.tenant().await;
    let bank = Bank(&tenant);
    let body = json!({
        "name": "North", "entityId": "e-1", "status": { "code": "NEW", "description": "d" },
        "metadata": { "a": "b", "c": "d" },
    });
    let portfolio = tenant.post("/portfolios", &body).await.json(201);
    let rest = format!("/portfolios/{}", id_of(&portfolio));
    for change in [
        json!({}),
        json!({ "name": "", "entityId": "", "status": { "code": "" }, "metadata": null }),
        json!({ "name": null, "status": null, "metadata": {} }),
    ] {
        let changed = bank.patch(&rest, &change).await.json(200);
        for name in ["name", "entityId", "status", "metadata", "createdAt"] {
            assert_eq!(changed[name], portfolio[name], "{change}");
        }
        assert!(changed["updatedAt"].as_str() > portfolio["updatedAt"].as_str());
    }
    let change = json!({
        "name": "South", "entityId": null, "status": { "code": "VIP" },
        "metadata": { "a": null, "e": 1 },
    });
    let changed = bank.patch(&rest, &change).await.json(200);
    assert_eq!((&changed["name"], changed.get("entityId")), (&json!("South"), None));
    assert_eq!(changed["status"], json!({ "code": "VIP", "description": "d" }));
    assert_eq!(changed["metadata"], json!({ "c": "d", "e": 1 }));
    assert_eq!(tenant.get(&rest).await.json(200), changed);

    let kind = account_type(&tenant, "cash").await;
    let rest = format!("/account-types/{kind}");
    let change = json!({ "name": "Cash", "description": "at hand" });
    let changed = bank.patch(&rest, &change).await.json(200);
    assert_eq!(changed["description"], "at hand");
    bank.patch(&rest, &json!({ "keyValue": "other" })).await.refused(400, "0053");
    let changed = bank.patch(&rest, &json!({ "description": null })).await.json(200);
    assert_eq!((&changed["name"], changed.get("description")), (&json!("Cash"), None));
}

async fn a_body_that_cannot_be_a_group_is_refused(world: World) {
    let tenant = world.tenant().await;
    let long = |name: &str, length: usize| {
        format!(r#"{{"name":"x","keyValue":"x","{name}":"{}"}}"#, "y".repeat(length))
    };
    for path in ["/portfolios", "/segments", "/account-types"] {
        let rows = [
            ("", 400, "0094"),
            ("[]", 400, "0094"),
            (r#"{"name":1}"#, 400, "0094"),
            ("{}", 400, "0009"),
            (r#"{"name":""}"#, 400, "0009"),
            (r#"{"name":"x","keyValue":"x","foo":"bar"}"#, 400, "0053"),
        ];
        tenant.client.refuses_bodies(&tenant.at(path), rows).await;
    }
    for path in ["/portfolios", "/segments"] {
        let rows = [
            (r#"{"name":"x","keyValue":"x"}"#, 400, "0053"),
            (r#"{"name":"   "}"#, 400, "0047"),
            (r#"{"name":"x","status":{"code":"CLOSED"}}"#, 400, "0047"),
            (r#"{"name":"x","metadata":{"a":{}}}"#, 400, "0067"),
        ];
        tenant.client.refuses_bodies(&tenant.at(path), rows).await;
    }
    let rows = [
        (r#"{"name":"x"}"#, 400, "0009"),
        (r#"{"name":"x","keyValue":"a b"}"#, 400, "0120"),
        (r#"{"name":"x","keyValue":"größe"}"#, 400, "0120"),
        (&long("keyValue", 51), 400, "0094"),
        (r#"{"name":"x","keyValue":"x","status":{"code":"A"}}"#, 400, "0053"),
    ];
    let rows = rows.into_iter().filter(|(_, _, code)| *code != "0094");
    tenant.client.refuses_bodies(&tenant.at("/account-types"), rows).await;
    let (name, description) = (long("name", 101), long("description", 501));
    let key = format!(r#"{{"name":"x","keyValue":"{}"}}"#, "k".repeat(51));
    let name = name.replacen(r#""name":"x","#, "", 1);
    for body in [name, description, key] {
        tenant.client.refuses_bodies(&tenant.at("/account-types"), [(&*body, 400, "0047")]).await;
    }
}

async fn a_group_that_is_not_there_is_not_found(world: World) {
    let tenant = world.tenant().await;
    let nobody = Uuid::now_v7();
    let portfolio = portfolio(&tenant, "North").await;
    for (path, code) in [("/portfolios", "0007"), ("/segments", "0007"), ("/account-types", "0109")]
    {
        for (id, status, code) in [
            (nobody.to_string(), 404, code),
            (portfolio.to_string(), 404, code),
            ("abc".to_owned(), 400, "0065"),
        ] {
            if id == portfolio.to_string() && path == "/portfolios" {
                continue;
            }
            let target = tenant.at(&format!("{path}/{id}"));
            let rows = [
                (Request::get(&target), status, code),
                (Request::new("PATCH", &target).text("{}"), status, code),
                (Request::new("DELETE", &target), status, code),
            ];
            tenant.client.is_refused(rows).await;
        }
    }
}

async fn a_group_with_accounts_stays(world: World) {
    let tenant = world.tenant().await;
    let bank = Bank(&tenant);
    let (portfolio, segment) = (portfolio(&tenant, "North").await, segment(&tenant, "R").await);
    let body = json!({
        "assetCode": "USD", "type": "deposit",
        "portfolioId": portfolio.to_string(), "segmentId": segment.to_string(),
    });
    let account = tenant.post("/accounts", &body).await.json(201);
    for rest in [format!("/portfolios/{portfolio}"), format!("/segments/{segment}")] {
        let refused = bank.delete(&rest).await.refused(422, "0905");
        assert!(refused["message"].as_str().unwrap().contains("1 account"), "{refused}");
    }
    let rest = format!("/accounts/{}", id_of(&account));
    bank.patch(&rest, &json!({ "portfolioId": null })).await.json(200);
    bank.delete(&format!("/portfolios/{portfolio}")).await.is_deletion();
    bank.delete(&rest).await.is_deletion();
    bank.delete(&format!("/segments/{segment}")).await.is_deletion();
    let target = tenant.at(&format!("/segments/{segment}"));
    tenant.client.refuses_targets([(target, 404, "0007")]).await;
}

async fn an_account_needs_groups_that_are_there(world: World) {
    let tenant = world.tenant().await;
    let body = json!({ "name": "North", "entityId": "e-1" });
    let portfolio = id_of(&tenant.post("/portfolios", &body).await.json(201));
    let segment = segment(&tenant, "Retail").await;
    let nobody = Uuid::now_v7();
    let account = |name: &str, id: Uuid| json!({ "assetCode": "USD", "type": "deposit", name: id.to_string() });
    let target = tenant.at("/accounts");
    let rows = [
        (Request::post(&target, &account("portfolioId", nobody)), 404, "0035"),
        (Request::post(&target, &account("portfolioId", segment)), 404, "0035"),
        (Request::post(&target, &account("segmentId", nobody)), 404, "0036"),
        (Request::post(&target, &account("segmentId", portfolio)), 404, "0036"),
    ];
    tenant.client.is_refused(rows).await;
    let opened = tenant.post("/accounts", &account("portfolioId", portfolio)).await.json(201);
    assert_eq!((&opened["entityId"], id_of(&opened).is_nil()), (&json!("e-1"), false));
    let target = tenant.at(&format!("/accounts/{}", id_of(&opened)));
    let change = |name: &str, id: Uuid| {
        Request::new("PATCH", &target).text(&json!({ name: id.to_string() }).to_string())
    };
    let rows =
        [(change("portfolioId", nobody), 404, "0035"), (change("segmentId", nobody), 404, "0036")];
    tenant.client.is_refused(rows).await;
    tenant.client.send(change("segmentId", segment)).await.json(200);
    let listed = tenant.get(&format!("/accounts?segment_id={segment}")).await.json(200);
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
}

async fn an_account_needs_a_registered_type_where_the_ledger_asks(world: World) {
    let tenant = world.tenant().await;
    let bank = Bank(&tenant);
    account_type(&tenant, "savings").await;
    let account = |kind: &str| json!({ "assetCode": "USD", "type": kind });
    tenant.post("/accounts", &account("deposit")).await.json(201);
    let settings = json!({ "accounting": { "validateAccountType": true } });
    bank.patch("/settings", &settings).await.json(200);
    let target = tenant.at("/accounts");
    let rows = [
        (Request::post(&target, &account("deposit")), 400, "0066"),
        (Request::post(&target, &account("no key")), 400, "0066"),
    ];
    tenant.client.is_refused(rows).await;
    let opened = tenant.post("/accounts", &account("SAVINGS")).await.json(201);
    assert_eq!(opened["type"], "SAVINGS");
    // The accounts of assets and of v0 have types of their own.
    tenant.asset("EUR").await;
    tenant.v0_account("key-of-v0", &["deposit"]).await;
    let settings = json!({ "accounting": { "validateAccountType": null } });
    bank.patch("/settings", &settings).await.json(200);
    tenant.post("/accounts", &account("deposit")).await.json(201);
}

async fn groups_of_other_tenants_are_not_there(world: World) {
    let (own, other) = (world.tenant().await, world.tenant().await);
    let foreign = portfolio(&other, "North").await;
    let body = json!({ "assetCode": "USD", "type": "deposit", "portfolioId": foreign.to_string() });
    own.post("/accounts", &body).await.refused(404, "0035");
    let target = own.at(&format!("/portfolios/{foreign}"));
    own.client.refuses_targets([(target, 404, "0007")]).await;
    let target = other.at("/portfolios");
    let rows = [
        (Request::get(&target), 404, "0007"),
        (Request::post(&target, &json!({ "name": "x" })), 404, "0007"),
        (Request::get(&other.at(&format!("/portfolios/{foreign}"))), 404, "0007"),
    ];
    own.client.is_refused(rows).await;
    let reader = other.limited_to("account/read");
    let rows = [
        (Request::post(&target, &json!({ "name": "x" })), 403, "0043"),
        (Request::new("DELETE", &other.at(&format!("/portfolios/{foreign}"))), 403, "0043"),
    ];
    reader.is_refused(rows).await;
    reader.get(&target).await.json(200);
}

async fn portfolio(tenant: &Tenant<'_>, name: &str) -> Uuid {
    id_of(&tenant.post("/portfolios", &json!({ "name": name })).await.json(201))
}

async fn segment(tenant: &Tenant<'_>, name: &str) -> Uuid {
    id_of(&tenant.post("/segments", &json!({ "name": name })).await.json(201))
}

async fn account_type(tenant: &Tenant<'_>, key: &str) -> Uuid {
    let body = json!({ "name": key, "keyValue": key });
    id_of(&tenant.post("/account-types", &body).await.json(201))
}
