//! How organizations, ledgers and assets are changed, counted and deleted.

use serde_json::{Value, json};
use subledger_tests::{Request, World, id_of, in_both_worlds};
use uuid::Uuid;

use crate::bank::Bank;

in_both_worlds! {
    an_organization_is_changed_as_asked,
    a_tenant_changes_its_own_organization_and_gives_it_no_parent,
    an_organization_is_deleted_by_an_operator_once_it_is_empty,
    a_ledger_is_changed_as_asked,
    the_settings_of_a_ledger_are_read_and_changed,
    settings_that_do_not_exist_are_refused,
    a_ledger_is_deleted_once_nothing_stands_on_it,
    an_asset_is_changed_as_asked,
    an_asset_is_deleted_once_no_account_has_it_and_may_come_back,
    what_is_not_there_is_neither_changed_nor_deleted,
    what_is_listed_is_counted,
    a_count_takes_the_filters_of_its_list,
}

async fn patch(world: &World, target: &str, body: &Value) -> subledger_tests::Answer {
    world.operator().send(Request::new("PATCH", target).text(&body.to_string())).await
}

async fn an_organization_is_changed_as_asked(world: World) {
    let tenant = world.tenant_without_assets().await;
    let parent = world.tenant_without_assets().await.organization;
    let target = format!("/v1/organizations/{}", tenant.organization);
    let before = world.operator().get(&target).await.json(200);
    let change = json!({
        "legalName": "Lion SE", "doingBusinessAs": "Lion",
        "parentOrganizationId": parent.to_string(),
        "address": { "line1": "1 Main Street", "city": "Zürich", "country": "CH" },
        "status": { "code": "VIP" }, "metadata": { "a": "b" },
    });
    let changed = patch(&world, &target, &change).await.json(200);
    for name in ["legalName", "doingBusinessAs", "parentOrganizationId", "metadata"] {
        assert_eq!(changed[name], change[name], "{name}");
    }
    for name in ["id", "legalDocument", "createdAt", "deletedAt"] {
        assert_eq!(changed[name], before[name], "{name}");
    }
    assert!(changed["updatedAt"].as_str() > before["updatedAt"].as_str());
    assert_eq!(world.operator().get(&target).await.json(200), changed);
    // What clients send that know no absent value.
    let empty = json!({
        "legalName": "", "doingBusinessAs": "", "parentOrganizationId": "",
        "address": {
            "line1": "", "line2": null, "zipCode": "", "city": "", "state": "", "country": ""
        },
        "status": { "code": "" }, "metadata": null,
    });
    for change in [json!({}), empty] {
        let same = patch(&world, &target, &change).await.json(200);
        for name in ["legalName", "parentOrganizationId", "address", "status", "metadata"] {
            assert_eq!(same[name], changed[name], "{change}");
        }
    }
    let change = json!({ "parentOrganizationId": null, "address": null, "doingBusinessAs": null });
    let cleared = patch(&world, &target, &change).await.json(200);
    assert_eq!(cleared["parentOrganizationId"], Value::Null);
    assert_eq!(cleared["address"]["country"], Value::Null);
    for (body, status, code) in [
        (json!({ "legalDocument": "x" }), 400, "0053"),
        (json!({ "address": { "city": "Bonn" } }), 400, "0032"),
        (json!({ "parentOrganizationId": tenant.organization.to_string() }), 400, "0091"),
        (json!({ "parentOrganizationId": Uuid::now_v7().to_string() }), 404, "0039"),
        (json!({ "status": { "code": "CLOSED" } }), 400, "0047"),
    ] {
        patch(&world, &target, &body).await.refused(status, code);
    }
}

async fn a_tenant_changes_its_own_organization_and_gives_it_no_parent(world: World) {
    let (own, other) = (world.tenant_without_assets().await, world.tenant_without_assets().await);
    let at = |organization: Uuid| format!("/v1/organizations/{organization}");
    let change = |target: &str, body: &Value| Request::new("PATCH", target).text(&body.to_string());
    let target = at(own.organization);
    own.client.send(change(&target, &json!({ "legalName": "Mine" }))).await.json(200);
    let parent = json!({ "parentOrganizationId": other.organization.to_string() });
    let rows = [
        (change(&target, &parent), 404, "0039"),
        (change(&at(other.organization), &json!({ "legalName": "Mine" })), 404, "0007"),
        (Request::new("DELETE", &target), 403, "0043"),
        (Request::new("DELETE", &at(other.organization)), 403, "0043"),
    ];
    own.client.is_refused(rows).await;
}

async fn an_organization_is_deleted_by_an_operator_once_it_is_empty(world: World) {
    let tenant = world.tenant_without_assets().await;
    let operator = world.operator();
    let target = format!("/v1/organizations/{}", tenant.organization);
    let body = json!({
        "legalName": "Below", "legalDocument": "1",
        "parentOrganizationId": tenant.organization.to_string(),
    });
    let below = id_of(&operator.post("/v1/organizations", &body).await.json(201));
    let refused = operator.send(Request::new("DELETE", &target)).await.refused(422, "0905");
    let message = refused["message"].as_str().unwrap();
    assert!(message.contains("1 organization, 1 ledger"), "{message}");
    for target in [format!("/v1/organizations/{below}"), tenant.at(""), target.clone()] {
        operator.send(Request::new("DELETE", &target)).await.is_deletion();
        let rows = [
            (Request::get(&target), 404, "0007"),
            (Request::new("DELETE", &target), 404, "0007"),
            (Request::new("PATCH", &target).text("{}"), 404, "0007"),
        ];
        operator.is_refused(rows).await;
    }
    let ledgers = format!("{target}/ledgers");
    operator.post(&ledgers, &json!({ "name": "x" })).await.refused(404, "0038");
    let all = operator.get("/v1/organizations?limit=100&sort_order=desc").await.json(200);
    let mut ids = all["items"].as_array().unwrap().iter().map(id_of);
    assert!(!ids.any(|id| id == tenant.organization || id == below));
}

async fn a_ledger_is_changed_as_asked(world: World) {
    let tenant = world.tenant_without_assets().await;
    let bank = Bank(&tenant);
    let before = tenant.get("").await.json(200);
    let change = json!({ "name": "Journal", "status": { "code": "VIP" }, "metadata": { "a": 1 } });
    let changed = bank.patch("", &change).await.json(200);
    assert_eq!((&changed["name"], &changed["metadata"]), (&json!("Journal"), &json!({ "a": 1 })));
    assert_eq!(changed["createdAt"], before["createdAt"]);
    assert_eq!(tenant.get("").await.json(200), changed);
    for change in [json!({}), json!({ "name": "", "metadata": null })] {
        let same = bank.patch("", &change).await.json(200);
        assert_eq!((&same["name"], &same["metadata"]), (&changed["name"], &changed["metadata"]));
    }
    let ledgers = format!("/v1/organizations/{}/ledgers", tenant.organization);
    tenant.client.post(&ledgers, &json!({ "name": "Books" })).await.json(201);
    for (body, status, code) in [
        (json!({ "name": "BOOKS" }), 409, "0002"),
        (json!({ "settings": {} }), 400, "0053"),
        (json!({ "name": "   " }), 400, "0047"),
        (json!([]), 400, "0094"),
    ] {
        bank.patch("", &body).await.refused(status, code);
    }
}

async fn the_settings_of_a_ledger_are_read_and_changed(world: World) {
    let tenant = world.tenant_without_assets().await;
    let bank = Bank(&tenant);
    let settings =
        |on: bool| json!({ "accounting": { "validateAccountType": on, "validateRoutes": false } });
    assert_eq!(tenant.get("/settings").await.json(200), settings(false));
    assert_eq!(tenant.get("").await.json(200).get("settings"), None);
    assert_eq!(bank.patch("/settings", &json!({})).await.json(200), settings(false));
    assert_eq!(tenant.get("").await.json(200).get("settings"), None);
    for (change, on) in [
        (json!({ "accounting": { "validateAccountType": true } }), true),
        (json!({ "accounting": { "validateRoutes": false } }), true),
        (json!({ "accounting": {} }), true),
        (json!({}), true),
        (json!({ "accounting": { "validateAccountType": null } }), false),
        (json!({ "accounting": { "validateAccountType": true, "validateRoutes": null } }), true),
        (json!({ "accounting": null }), false),
    ] {
        let changed = bank.patch("/settings", &change).await.json(200);
        assert_eq!(changed, settings(on), "{change}");
        assert_eq!(tenant.get("/settings").await.json(200), settings(on), "{change}");
        assert_eq!(tenant.get("").await.json(200)["settings"], settings(on), "{change}");
    }
    let ledgers = format!("/v1/organizations/{}/ledgers", tenant.organization);
    let body =
        json!({ "name": "x", "settings": { "accounting": { "validateAccountType": true } } });
    let created = tenant.client.post(&ledgers, &body).await.json(201);
    assert_eq!(created["settings"], settings(true));
}

async fn settings_that_do_not_exist_are_refused(world: World) {
    let tenant = world.tenant_without_assets().await;
    let target = tenant.at("/settings");
    let rows = [
        ("", 400, "0094"),
        ("[]", 400, "0094"),
        (r#"{"validateRoutes":false}"#, 400, "0147"),
        (r#"{"tracer":{}}"#, 400, "0147"),
        (r#"{"accounting":{"requireHolder":true}}"#, 400, "0147"),
        (r#"{"accounting":{},"accounting":{}}"#, 400, "0094"),
        (r#"{"accounting":{"validateRoutes":false,"validateRoutes":false}}"#, 400, "0094"),
        (r#"{"accounting":1}"#, 400, "0148"),
        (r#"{"accounting":{"validateAccountType":"yes"}}"#, 400, "0148"),
        (r#"{"accounting":{"validateRoutes":1}}"#, 400, "0148"),
        (r#"{"accounting":{"validateRoutes":true}}"#, 400, "0047"),
    ];
    let rows =
        rows.map(|(body, status, code)| (Request::new("PATCH", &target).text(body), status, code));
    tenant.client.is_refused(rows).await;
}

async fn a_ledger_is_deleted_once_nothing_stands_on_it(world: World) {
    let tenant = world.tenant().await;
    let bank = Bank(&tenant);
    let a = tenant.account("@a").await;
    let posted = bank.inflow("@a", "5").await;
    bank.outflow("@a", "5").await.json(201);
    let balance = bank.balance(&a, "default").await;
    let cash = json!({ "name": "x", "keyValue": "x" });
    let cash = tenant.post("/account-types", &cash).await.json(201);
    let usd = tenant.get("/assets").await.json(200)["items"][0].clone();
    let refused = bank.delete("").await.refused(422, "0905");
    assert!(
        refused["message"].as_str().unwrap().contains("1 asset, 2 accounts, 1 account type."),
        "{refused}"
    );
    bank.delete(&format!("/accounts/{}", a.id)).await.is_deletion();
    bank.delete(&format!("/assets/{}", id_of(&usd))).await.is_deletion();
    bank.delete("").await.refused(422, "0905");
    bank.delete(&format!("/account-types/{}", id_of(&cash))).await.is_deletion();
    bank.delete("").await.is_deletion();
    tenant.client.refuses_targets([(tenant.at(""), 404, "0007")]).await;
    let ledgers = format!("/v1/organizations/{}/ledgers", tenant.organization);
    let listed = tenant.client.get(&ledgers).await.json(200);
    assert_eq!(listed["items"], json!([]));
    // What happened stays.
    let read = tenant.get(&format!("/transactions/{}", id_of(&posted))).await.json(200);
    assert_eq!(read["amount"], "5");
    let listed = tenant.get("/transactions").await.json(200);
    assert_eq!(listed["items"].as_array().unwrap().len(), 2);
    let versions = tenant.get(&format!("/balances/{}/versions", id_of(&balance))).await;
    assert!(versions.json(200)["items"].as_array().unwrap().len() >= 3);
    let rows = [
        (
            Request::post(
                &tenant.at("/assets"),
                &json!({ "name": "x", "type": "others", "code": "X" }),
            ),
            404,
            "0037",
        ),
        (
            Request::post(&tenant.at("/accounts"), &json!({ "assetCode": "USD", "type": "x" })),
            404,
            "0037",
        ),
        (Request::post(&tenant.at("/segments"), &json!({ "name": "x" })), 404, "0037"),
    ];
    tenant.client.is_refused(rows).await;
    tenant.client.post(&ledgers, &json!({ "name": "Books" })).await.json(201);
}

async fn an_asset_is_changed_as_asked(world: World) {
    let tenant = world.tenant().await;
    let bank = Bank(&tenant);
    let asset = tenant.asset("EUR").await;
    let rest = format!("/assets/{}", id_of(&asset));
    let change = json!({ "name": "Euro", "status": { "code": "VIP" }, "metadata": { "a": 1 } });
    let changed = bank.patch(&rest, &change).await.json(200);
    assert_eq!((&changed["name"], &changed["code"]), (&json!("Euro"), &json!("EUR")));
    assert_eq!(tenant.get(&rest).await.json(200), changed);
    for (body, status, code) in [
        (json!({ "name": "the usd" }), 409, "0003"),
        (json!({ "code": "XXX" }), 400, "0053"),
        (json!({ "type": "crypto" }), 400, "0053"),
    ] {
        bank.patch(&rest, &body).await.refused(status, code);
    }
    let gold = json!({ "name": "The EUR", "type": "others", "code": "GOLD" });
    tenant.post("/assets", &gold).await.json(201);
}

async fn an_asset_is_deleted_once_no_account_has_it_and_may_come_back(world: World) {
    let tenant = world.tenant_without_assets().await;
    let bank = Bank(&tenant);
    let asset = tenant.asset("USD").await;
    let a = tenant.account("@a").await;
    let external = tenant.external_account("USD").await;
    bank.inflow("@a", "5").await;
    let rest = format!("/assets/{}", id_of(&asset));
    let refused = bank.delete(&rest).await.refused(422, "0905");
    assert!(refused["message"].as_str().unwrap().contains("1 account"), "{refused}");
    bank.delete(&format!("/accounts/{}", a.id)).await.refused(400, "0012");
    bank.outflow("@a", "5").await.json(201);
    bank.delete(&format!("/accounts/{}", a.id)).await.is_deletion();
    bank.delete(&rest).await.is_deletion();
    let rows =
        [(tenant.at(&rest), 404, "0007"), (tenant.at("/accounts/external/USD"), 404, "0085")];
    tenant.client.refuses_targets(rows).await;
    assert!(tenant.balances().await.is_empty());
    let again = tenant.asset("USD").await;
    assert_ne!(id_of(&again), id_of(&asset));
    assert_eq!(tenant.external_account("USD").await.id, external.id);
    let b = tenant.account("@b").await;
    bank.inflow("@b", "7").await;
    assert_eq!(bank.amounts(&b, "default").await[0], "7");
    assert_eq!(bank.amounts(&external, "default").await[0], "7");
}

async fn what_is_not_there_is_neither_changed_nor_deleted(world: World) {
    let (own, other) = (world.tenant().await, world.tenant().await);
    let foreign = own.get("/assets").await.json(200)["items"][0].clone();
    let asset = |id: &str| other.at(&format!("/assets/{id}"));
    let ledger = |id: &str| format!("/v1/organizations/{}/ledgers/{id}", other.organization);
    let nobody = Uuid::now_v7().to_string();
    for (target, status, code) in [
        (asset(&nobody), 404, "0007"),
        (asset(&id_of(&foreign).to_string()), 404, "0007"),
        (asset("abc"), 400, "0065"),
        (ledger(&nobody), 404, "0007"),
        (ledger(&own.ledger.to_string()), 404, "0007"),
        (ledger("abc"), 400, "0065"),
        (own.at(""), 404, "0007"),
        (format!("{}/settings", ledger(&nobody)), 404, "0007"),
    ] {
        let rows = [(Request::new("PATCH", &target).text("{}"), status, code)];
        other.client.is_refused(rows).await;
        if !target.ends_with("/settings") {
            other.client.is_refused([(Request::new("DELETE", &target), status, code)]).await;
        }
    }
}

async fn what_is_listed_is_counted(world: World) {
    let tenant = world.tenant().await;
    for alias in ["@a", "@b"] {
        tenant.account(alias).await;
    }
    let a = id_of(&tenant.get("/accounts/alias/@a").await.json(200));
    Bank(&tenant).delete(&format!("/accounts/{a}")).await.is_deletion();
    tenant.v0_account("key-of-v0", &["deposit"]).await;
    let count = async |target: String| {
        let answer = tenant.client.send(Request::new("HEAD", &target)).await;
        assert_eq!((answer.status, answer.text.as_str()), (204, ""), "{target}");
        answer.header("x-total-count").to_owned()
    };
    let ledgers = format!("/v1/organizations/{}/ledgers", tenant.organization);
    assert_eq!(count(tenant.at("/accounts/metrics/count")).await, "3");
    assert_eq!(count(tenant.at("/assets/metrics/count")).await, "1");
    assert_eq!(count(format!("{ledgers}/metrics/count")).await, "1");
    assert_eq!(count("/v1/organizations/metrics/count".to_owned()).await, "1");
    let operator = world.operator();
    let all = operator.send(Request::new("HEAD", "/v1/organizations/metrics/count")).await;
    let before: u64 = all.header("x-total-count").parse().unwrap();
    world.tenant_without_assets().await;
    let all = operator.send(Request::new("HEAD", "/v1/organizations/metrics/count")).await;
    assert_eq!(all.header("x-total-count"), (before + 1).to_string());
    let nowhere = format!("{ledgers}/{}/accounts/metrics/count", Uuid::now_v7());
    assert_eq!(count(nowhere).await, "0");
}

async fn a_count_takes_the_filters_of_its_list(world: World) {
    let tenant = world.tenant().await;
    for alias in ["@a", "@b"] {
        tenant.account(alias).await;
    }
    for (rest, expected) in [
        ("/accounts/metrics/count?type=deposit", "2"),
        ("/accounts/metrics/count?type=external", "1"),
        ("/accounts/metrics/count?alias=@a", "1"),
        ("/accounts/metrics/count?alias=@a&type=external", "0"),
        ("/accounts/metrics/count?alias=@nobody", "0"),
        ("/accounts/metrics/count?start_date=2001-01-01&end_date=2001-12-31", "0"),
        ("/accounts/metrics/count?start_date=2001-01-01&end_date=2999-12-31", "3"),
        ("/assets/metrics/count?start_date=2001-01-01&end_date=2001-12-31", "0"),
        ("/portfolios/metrics/count?start_date=2001-01-01&end_date=2001-12-31", "0"),
    ] {
        let answer = tenant.client.send(Request::new("HEAD", &tenant.at(rest))).await;
        assert_eq!((answer.status, answer.header("x-total-count")), (204, expected), "{rest}");
    }
    let ledgers = format!("/v1/organizations/{}/ledgers/metrics/count", tenant.organization);
    for (query, expected) in [("name=Books", "1"), ("name=x", "0"), ("status=ACTIVE", "1")] {
        let target = format!("{ledgers}?{query}");
        let answer = tenant.client.send(Request::new("HEAD", &target)).await;
        assert_eq!(answer.header("x-total-count"), expected, "{query}");
    }
    for (query, expected) in [("legal_name=Lion", "1"), ("legal_name=x", "0")] {
        let target = format!("/v1/organizations/metrics/count?{query}");
        let answer = tenant.client.send(Request::new("HEAD", &target)).await;
        assert_eq!(answer.header("x-total-count"), expected, "{query}");
    }
    for rest in [
        "/accounts/metrics/count?blocked=maybe",
        "/accounts/metrics/count?limit=1",
        "/assets/metrics/count?name=x",
        "/accounts/metrics/count?start_date=x&end_date=y",
    ] {
        let answer = tenant.client.send(Request::new("HEAD", &tenant.at(rest))).await;
        assert_eq!(answer.status, 400, "{rest}");
    }
}
