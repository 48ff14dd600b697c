//! Parameters of the query: each is acted upon or refused.

use serde_json::{Value, json};
use subledger_http::request::routes;
use subledger_tests::{Request, Tenant, World, id_of, in_both_worlds};
use uuid::Uuid;

use crate::authorization::requests;
use crate::bank::{Bank, inflow, pending, transfer};

in_both_worlds! {
    accounts_are_filtered_by_what_they_show,
    an_alias_finds_its_account_alone,
    a_filtered_list_has_pages_of_what_matches,
    organizations_are_filtered_by_what_they_show,
    ledgers_are_filtered_by_what_they_show,
    operations_are_filtered_by_what_they_show,
    transactions_are_counted_by_what_they_show,
    a_filter_that_is_malformed_is_refused,
    a_parameter_that_a_route_does_not_have_is_refused,
    a_list_has_the_paging_of_its_kind_alone,
    a_cursor_keeps_the_order_and_the_dates_of_its_list,
    a_cursor_keeps_the_filters_of_its_list,
    transactions_are_listed_and_counted_by_the_date_that_they_show,
    operations_are_listed_by_the_date_that_they_show,
}

/// The names or aliases of the items of a list.
async fn listed(tenant: &Tenant<'_>, member: &str, target: &str) -> Vec<String> {
    let page = tenant.client.get(target).await.json(200);
    let items = page["items"].as_array().unwrap().iter();
    items.map(|item| item[member].as_str().unwrap().to_owned()).collect()
}

async fn accounts_are_filtered_by_what_they_show(world: World) {
    let tenant = world.tenant().await;
    tenant.asset("EUR").await;
    let group =
        async |list: &str| id_of(&tenant.post(list, &json!({ "name": "North" })).await.json(201));
    let (portfolio, segment) = (group("/portfolios").await, group("/segments").await);
    let parent = tenant.account("@parent").await;
    let account = async |body: Value| tenant.post("/accounts", &body).await.json(201);
    account(json!({
        "assetCode": "USD", "type": "savings", "alias": "@one", "name": "One", "entityId": "e-1",
        "blocked": true, "parentAccountId": parent.id.to_string(), "portfolioId": portfolio.to_string(),
        "status": { "code": "REVIEW" },
    }))
    .await;
    account(json!({
        "assetCode": "EUR", "type": "savings", "alias": "@two", "name": "one",
        "segmentId": segment.to_string(),
    }))
    .await;
    let none: [&str; 0] = [];
    for (query, aliases) in [
        ("type=savings", &["@one", "@two"][..]),
        ("type=external", &["@external/USD", "@external/EUR"]),
        ("name=One", &["@one"]),
        ("name=On", &none),
        ("status=REVIEW", &["@one"]),
        ("status=ACTIVE&type=savings", &["@two"]),
        ("asset_code=EUR", &["@external/EUR", "@two"]),
        ("entity_id=e-1", &["@one"]),
        ("blocked=true", &["@one"]),
        ("blocked=false&type=savings", &["@two"]),
        (&format!("parent_account_id={}", parent.id), &["@one"]),
        (&format!("portfolio_id={portfolio}"), &["@one"]),
        (&format!("segment_id={segment}"), &["@two"]),
        (&format!("segment_id={}", parent.id), &none),
        ("name=&type=savings&sort_order=desc", &["@two", "@one"]),
    ] {
        let target = tenant.at(&format!("/accounts?{query}"));
        assert_eq!(listed(&tenant, "alias", &target).await, aliases, "{query}");
    }
}

async fn an_alias_finds_its_account_alone(world: World) {
    let tenant = world.tenant().await;
    let one = tenant.account("@one").await;
    tenant.account("@two").await;
    let none: [&str; 0] = [];
    for (query, aliases) in [
        ("alias=@one", &["@one"][..]),
        ("alias=%40one&limit=1", &["@one"]),
        ("alias=@external/USD", &["@external/USD"]),
        ("alias=@On", &none),
        ("alias=@one&type=savings", &none),
        ("alias=@one&page=2", &none),
        ("alias=@one&start_date=2000-01-01&end_date=2000-01-02", &none),
    ] {
        let target = tenant.at(&format!("/accounts?{query}"));
        assert_eq!(listed(&tenant, "alias", &target).await, aliases, "{query}");
    }
    Bank(&tenant).delete(&format!("/accounts/{}", one.id)).await;
    assert_eq!(listed(&tenant, "alias", &tenant.at("/accounts?alias=@one")).await, none);
}

async fn a_filtered_list_has_pages_of_what_matches(world: World) {
    let tenant = world.tenant().await;
    for alias in ["@a", "@b", "@c", "@d", "@e"] {
        tenant.account(alias).await;
    }
    let page = |number: u8| tenant.at(&format!("/accounts?type=deposit&limit=2&page={number}"));
    assert_eq!(listed(&tenant, "alias", &page(1)).await, ["@a", "@b"]);
    assert_eq!(listed(&tenant, "alias", &page(2)).await, ["@c", "@d"]);
    assert_eq!(listed(&tenant, "alias", &page(3)).await, ["@e"]);
    let newest = tenant.at("/accounts?type=deposit&limit=2&sort_order=desc");
    assert_eq!(listed(&tenant, "alias", &newest).await, ["@e", "@d"]);
}

async fn organizations_are_filtered_by_what_they_show(world: World) {
    let tenant = world.tenant().await;
    let operator = world.operator();
    let document = Uuid::now_v7().to_string();
    let body = json!({
        "legalName": "Tiger", "legalDocument": document, "doingBusinessAs": "Stripes",
        "status": { "code": "NEW" },
    });
    operator.post("/v1/organizations", &body).await.json(201);
    let filter = |query: &str| format!("/v1/organizations?legal_document={document}&{query}");
    for (query, count) in [
        ("legal_name=Tiger", 1),
        ("doing_business_as=Stripes&status=NEW", 1),
        ("legal_name=Lion", 0),
        ("status=ACTIVE", 0),
        ("doing_business_as=Tiger", 0),
    ] {
        let page = operator.get(&filter(query)).await.json(200);
        assert_eq!(page["items"].as_array().unwrap().len(), count, "{query}");
    }
    // A tenant's list is its own organization, filtered as well.
    let own = |query: &str| format!("/v1/organizations?{query}");
    assert_eq!(listed(&tenant, "legalName", &own("legal_name=Lion")).await, ["Lion"]);
    assert!(listed(&tenant, "legalName", &own("legal_name=Tiger")).await.is_empty());
}

async fn ledgers_are_filtered_by_what_they_show(world: World) {
    let tenant = world.tenant().await;
    let ledgers = format!("/v1/organizations/{}/ledgers", tenant.organization);
    for (name, code) in [("Loans", "NEW"), ("Cards", "ACTIVE")] {
        let body = json!({ "name": name, "status": { "code": code } });
        tenant.client.post(&ledgers, &body).await.json(201);
    }
    for (query, names) in [
        ("name=Loans", &["Loans"][..]),
        ("status=NEW", &["Loans"]),
        ("status=ACTIVE&sort_order=desc", &["Cards", "Books"]),
        ("name=Loans&status=ACTIVE", &[]),
    ] {
        let found = listed(&tenant, "name", &format!("{ledgers}?{query}")).await;
        assert_eq!(found, names, "{query}");
    }
}

async fn operations_are_filtered_by_what_they_show(world: World) {
    let tenant = world.tenant().await;
    let bank = Bank(&tenant);
    let a = tenant.account("@a").await;
    tenant.account("@b").await;
    bank.inflow("@a", "100").await;
    let route = Uuid::now_v7();
    let mut body = transfer("@a", "@b", "1");
    body["send"]["source"]["from"][0]["routeId"] = json!(route.to_string());
    bank.post("json", &body).await.json(201);
    let held = bank.post("json", &pending("@a", "@b", "2")).await.json(201);
    bank.step(&held, "cancel").await.json(201);
    for (query, types) in [
        ("", &["CREDIT", "DEBIT", "ON_HOLD", "RELEASE"][..]),
        ("type=DEBIT", &["DEBIT"]),
        ("type=ON_HOLD", &["ON_HOLD"]),
        ("type=OVERDRAFT", &[]),
        ("direction=credit", &["CREDIT"]),
        ("direction=debit&sort_order=desc", &["RELEASE", "ON_HOLD", "DEBIT"]),
        (&format!("route_id={route}"), &["DEBIT"]),
        (&format!("route_id={}", Uuid::now_v7()), &[]),
        ("route_code=R1", &[]),
    ] {
        let target = a.at(&format!("/operations?{query}"));
        assert_eq!(listed(&tenant, "type", &target).await, types, "{query}");
    }
}

/// The number of transactions that match.
async fn count(tenant: &Tenant<'_>, query: &str) -> String {
    let target = tenant.at(&format!("/transactions/metrics/count?{query}"));
    let answer = tenant.client.send(Request::new("HEAD", &target)).await;
    assert_eq!(answer.status, 204, "{query}");
    answer.header("x-total-count").to_owned()
}

async fn transactions_are_counted_by_what_they_show(world: World) {
    let tenant = world.tenant().await;
    let bank = Bank(&tenant);
    tenant.account("@a").await;
    tenant.account("@b").await;
    let mut body = inflow("@a", "100");
    body["route"] = json!("in");
    bank.post("inflow", &body).await.json(201);
    let held = bank.post("json", &pending("@a", "@b", "2")).await.json(201);
    bank.post("json", &pending("@a", "@b", "3")).await.json(201);
    bank.step(&held, "cancel").await.json(201);
    for (query, number) in [
        ("", "3"),
        ("status=PENDING", "1"),
        ("status=APPROVED", "1"),
        ("status=CANCELED", "1"),
        ("status=NOTED", "0"),
        ("route=in", "1"),
        ("route=in&status=PENDING", "0"),
        ("status=APPROVED&start_date=2000-01-01&end_date=2100-01-01", "1"),
        ("status=APPROVED&start_date=2000-01-01&end_date=2000-01-02", "0"),
    ] {
        assert_eq!(count(&tenant, query).await, number, "{query}");
    }
}

async fn a_filter_that_is_malformed_is_refused(world: World) {
    let tenant = world.tenant().await;
    let a = tenant.account("@a").await;
    let long = "x".repeat(257);
    let accounts = [
        "alias=a%20b",
        "alias=@external/usd",
        "asset_code=usd",
        "blocked=yes",
        "parent_account_id=1",
        "portfolio_id=x",
        "segment_id=x",
        &format!("name={long}"),
        &format!("type={long}"),
        "status=%00",
    ];
    let rows = accounts.map(|query| (tenant.at(&format!("/accounts?{query}")), 400, "0082"));
    tenant.client.refuses_targets(rows).await;
    let operations = ["type=debit", "direction=DEBIT", "route_id=7", "route_code=%00"];
    let rows = operations.map(|query| (a.at(&format!("/operations?{query}")), 400, "0082"));
    tenant.client.refuses_targets(rows).await;
    for query in ["status=CREATED", "status=approved"] {
        let target = tenant.at(&format!("/transactions/metrics/count?{query}"));
        assert_eq!(tenant.client.send(Request::new("HEAD", &target)).await.status, 400, "{query}");
    }
    let said = tenant.get("/accounts?blocked=yes").await.refused(400, "0082");
    assert_eq!(said["message"], "The query parameter blocked has to be true or false.");
}

async fn a_parameter_that_a_route_does_not_have_is_refused(world: World) {
    let tenant = world.tenant().await;
    let operator = world.client(None, None, &format!("operator {}", subledger_tests::ALL_SCOPES));
    for (path, request) in requests() {
        let code = if path.starts_with("/v0") { "parameters_invalid" } else { "0082" };
        let route = (request.method_name(), path);
        let takes = routes::input_of_route(route).unwrap();
        for query in ["LIMIT=1", "limit[]=1", "metadata.tier=x", "my_cursor=x", "account_id=1"] {
            let name = query.split('=').next().unwrap();
            assert!(!takes.has_parameter(name), "{path} {name}");
            let request = request.clone().query(query);
            let client = if path.starts_with("/v0") { &tenant.client } else { &operator };
            let said = client.send(request).await.refused(400, code);
            let words =
                said["message"].as_str().or(said["invalid_parameters"][0]["parameter"].as_str());
            assert!(said.is_null() || words.unwrap().contains(name), "{path}: {said}");
        }
    }
}

async fn a_list_has_the_paging_of_its_kind_alone(world: World) {
    let tenant = world.tenant().await;
    let a = tenant.account("@a").await;
    for list in [tenant.at("/balances"), tenant.at("/transactions"), a.at("/operations")] {
        tenant.client.get(&format!("{list}?page=1")).await.json(200);
        for query in ["page=2", "page=0", "page=x"] {
            tenant.client.get(&format!("{list}?{query}")).await.refused(400, "0082");
        }
    }
    for list in [tenant.at("/accounts"), tenant.at("/assets"), "/v1/organizations".to_owned()] {
        for query in ["cursor=x", "cursor="] {
            tenant.client.get(&format!("{list}?{query}")).await.refused(400, "0082");
        }
    }
}

async fn a_cursor_keeps_the_order_and_the_dates_of_its_list(world: World) {
    let tenant = world.tenant().await;
    let account = tenant.account("@a").await;
    for key in ["b", "c", "d"] {
        account.balance(key).await;
    }
    let list = account.at("/balances");
    let keys = async |query: &str| listed(&tenant, "key", &format!("{list}?{query}")).await;
    let first = account.get("/balances?limit=2&sort_order=desc").await.json(200);
    let cursor = first["next_cursor"].as_str().unwrap();
    // What the cursor carries may be left out, and has to be the same if it is given.
    assert_eq!(keys(&format!("limit=2&cursor={cursor}")).await, ["b", "default"]);
    assert_eq!(keys(&format!("limit=2&sort_order=DESC&cursor={cursor}")).await, ["b", "default"]);
    let dates = "start_date=2000-01-01&end_date=2100-01-01";
    let rows = ["sort_order=asc", dates, &format!("sort_order=desc&{dates}")]
        .map(|query| (format!("{list}?{query}&cursor={cursor}"), 400, "0082"));
    tenant.client.refuses_targets(rows).await;
    let first = account.get(&format!("/balances?limit=2&{dates}")).await.json(200);
    let cursor = first["next_cursor"].as_str().unwrap();
    assert_eq!(keys(&format!("cursor={cursor}")).await, ["c", "d"]);
    assert_eq!(keys(&format!("{dates}&cursor={cursor}")).await, ["c", "d"]);
    let others = "start_date=2000-01-02&end_date=2100-01-01";
    account.get(&format!("/balances?{others}&cursor={cursor}")).await.refused(400, "0082");
}

async fn a_cursor_keeps_the_filters_of_its_list(world: World) {
    let tenant = world.tenant().await;
    let bank = Bank(&tenant);
    let a = tenant.account("@a").await;
    for _ in 0..3 {
        bank.inflow("@a", "5").await;
        bank.outflow("@a", "1").await.json(201);
    }
    let first = a.get("/operations?limit=2&type=DEBIT").await.json(200);
    let cursor = first["next_cursor"].as_str().unwrap();
    let rest = a.get(&format!("/operations?limit=2&type=DEBIT&cursor={cursor}")).await.json(200);
    assert_eq!(rest["items"].as_array().unwrap().len(), 1);
    assert_eq!(rest["next_cursor"], Value::Null);
    let back = rest["prev_cursor"].as_str().unwrap();
    let back = a.get(&format!("/operations?limit=2&type=DEBIT&cursor={back}")).await.json(200);
    assert_eq!(back["items"], first["items"]);
    for query in ["", "type=CREDIT", "type=DEBIT&direction=debit"] {
        let target = a.at(&format!("/operations?{query}&cursor={cursor}"));
        tenant.client.get(&target).await.refused(400, "0082");
    }
}

/// Brings in money with this date.
async fn dated(bank: &Bank<'_>, date: &str) -> Value {
    let mut body = inflow("@a", "1");
    body["transactionDate"] = json!(date);
    bank.post("inflow", &body).await.json(201)
}

async fn transactions_are_listed_and_counted_by_the_date_that_they_show(world: World) {
    let tenant = world.tenant().await;
    let bank = Bank(&tenant);
    tenant.account("@a").await;
    let now = bank.inflow("@a", "1").await;
    let later = dated(&bank, "2026-01-02T10:00:00Z").await;
    let earlier = dated(&bank, "2026-01-01").await;
    assert_eq!(earlier["createdAt"], "2026-01-01T00:00:00Z");
    assert!(earlier["recordedAt"].as_str() > later["recordedAt"].as_str());
    // Go's zero time is the absent one.
    let zero = dated(&bank, "0001-01-01T00:00:00Z").await;
    assert_eq!(zero["createdAt"], zero["recordedAt"]);
    let ids = async |query: &str| {
        let page = tenant.get(&format!("/transactions?{query}")).await.json(200);
        page["items"].as_array().unwrap().iter().map(id_of).collect::<Vec<_>>()
    };
    let [now, later, earlier, zero] = [&now, &later, &earlier, &zero].map(id_of);
    assert_eq!(ids("").await, [earlier, later, now, zero]);
    let day = "start_date=2026-01-01&end_date=2026-01-01";
    assert_eq!(ids(day).await, [earlier]);
    assert_eq!(count(&tenant, day).await, "1");
    let (first, last) = ("recorded_start_date", "recorded_end_date");
    assert!(ids(&format!("{first}=2026-01-01&{last}=2026-01-02")).await.is_empty());
    let all = format!("{first}=2026-01-01&{last}=2100-01-01");
    assert_eq!(ids(&all).await, [earlier, later, now, zero]);
    assert_eq!(ids(&format!("{all}&{day}")).await, [earlier]);
    tenant.get(&format!("/transactions?{first}=2026-01-01")).await.refused(400, "0083");
    tenant
        .get(&format!("/transactions?{first}=2026-01-02&{last}=2026-01-01"))
        .await
        .refused(400, "0078");
}

async fn operations_are_listed_by_the_date_that_they_show(world: World) {
    let tenant = world.tenant().await;
    let bank = Bank(&tenant);
    let a = tenant.account("@a").await;
    bank.inflow("@a", "1").await;
    let old = dated(&bank, "2026-01-02").await;
    let operation = &old["operations"][1];
    assert_eq!(operation["createdAt"], "2026-01-02T00:00:00Z");
    assert_eq!(operation["recordedAt"], old["recordedAt"]);
    let number = async |query: &str| {
        let page = a.get(&format!("/operations?{query}")).await.json(200);
        page["items"].as_array().unwrap().len()
    };
    assert_eq!(number("").await, 2);
    assert_eq!(number("start_date=2026-01-02&end_date=2026-01-02").await, 1);
    assert_eq!(number("start_date=2026-01-03&end_date=2100-01-01").await, 1);
    assert_eq!(number("recorded_start_date=2026-01-01&recorded_end_date=2026-01-03").await, 0);
    assert_eq!(number("recorded_start_date=2026-01-01&recorded_end_date=2100-01-03").await, 2);
}
