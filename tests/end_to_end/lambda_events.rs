//! Events that a Lambda may get and an API Gateway HTTP API would not send, or not like this.

use serde_json::{Value, json};
use subledger_tests::{Tenant, World, now};
use uuid::Uuid;

const PACKAGES: [&str; 6] = [
    "accounts",
    "balance-history",
    "create-balance",
    "get-balance",
    "list-balances",
    "unknown-route",
];

/// A sample event, made one for another request and with this token's claims.
fn event(method: &str, path: &str, claims: Option<&Value>, body: Option<&str>) -> Value {
    let sample = include_str!("../events/unknown-route.default.json");
    let mut event: Value = serde_json::from_str(sample).unwrap();
    event["rawPath"] = json!(path);
    event["headers"]["content-type"] = json!("application/json");
    event["headers"]["idempotency-key"] = json!("key-1");
    let context = &mut event["requestContext"];
    context["requestId"] = json!("gateway-id");
    context["http"]["method"] = json!(method);
    context["http"]["path"] = json!(path);
    if let Some(claims) = claims {
        event["requestContext"]["authorizer"] =
            json!({ "jwt": { "claims": claims, "scopes": null } });
    }
    if let Some(body) = body {
        event["body"] = json!(body);
    }
    event
}

fn claims(tenant: &Tenant<'_>) -> Value {
    json!({
        "organization_id": tenant.organization.to_string(),
        "ledger_id": tenant.ledger.to_string(),
        "scope": subledger_tests::ALL_SCOPES
    })
}

#[tokio::test]
async fn without_an_authorizer_nobody_is_let_through() {
    let world = World::on_lambda().await;
    let tenant = world.tenant().await;
    let account = tenant.account("@a").await;
    let items = world.items().await;
    for (package, method, path) in [
        ("accounts", "POST", "/v0/accounts".to_owned()),
        ("ledgers", "POST", "/v1/organizations".to_owned()),
        ("accounts", "GET", tenant.at("/accounts")),
        ("create-balance", "POST", "/v0/subledger_balances".to_owned()),
        ("create-balance", "POST", account.at("/balances")),
        ("get-balance", "GET", "/v0/subledger_balances/subledger_balance_x".to_owned()),
        ("get-balance", "GET", tenant.at(&format!("/balances/{}", Uuid::now_v7()))),
        ("list-balances", "GET", tenant.at("/balances")),
        ("balance-history", "GET", account.at("/balances/history")),
    ] {
        let answer = world.invoke(package, &event(method, &path, None, Some("{}"))).await;
        let code = if path.starts_with("/v0") { "unauthorized" } else { "0042" };
        answer.refused(401, code);
        // An authorizer of another kind is none.
        let mut other = event(method, &path, None, Some("{}"));
        other["requestContext"]["authorizer"] =
            json!({ "lambda": { "scope": "organization/read_write" } });
        world.invoke(package, &other).await.refused(401, code);
    }
    assert!(world.items().await == items);
}

#[tokio::test]
async fn claims_that_are_no_ids_allow_nothing() {
    let world = World::on_lambda().await;
    let tenant = world.tenant().await;
    for (name, value) in [("organization_id", "abc"), ("ledger_id", "abc"), ("organization_id", "")]
    {
        let mut claims = claims(&tenant);
        claims[name] = json!(value);
        let path = tenant.at("/balances");
        world
            .invoke("list-balances", &event("GET", &path, Some(&claims), None))
            .await
            .refused(403, "0043");
        let path = "/v0/accounts/account_x";
        world
            .invoke("accounts", &event("GET", path, Some(&claims), None))
            .await
            .refused(403, "forbidden");
    }
}

#[tokio::test]
async fn a_gateway_that_does_not_route_is_enough() {
    let world = World::on_lambda().await;
    let tenant = world.tenant().await;
    let account = tenant.account("@a").await;
    let claims = claims(&tenant);
    let open = event("POST", &account.at("/balances"), Some(&claims), Some(r#"{"key":"x"}"#));
    let balance = world.invoke("create-balance", &open).await.json(201);
    let path = tenant.at(&format!("/balances/{}", balance["id"].as_str().unwrap()));
    let read = world.invoke("get-balance", &event("GET", &path, Some(&claims), None)).await;
    assert_eq!(read.json(200), balance);
    let mut history = event("GET", &account.at("/balances/history"), Some(&claims), None);
    history["rawQueryString"] = json!(format!("date={}", now()));
    let history = world.invoke("balance-history", &history).await.json(200);
    assert_eq!(history.as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_function_answers_only_its_own_routes() {
    let world = World::on_lambda().await;
    let tenant = world.tenant().await;
    let claims = claims(&tenant);
    for package in PACKAGES {
        for (method, path, code) in
            [("GET", "/v0/nothing", "not_found"), ("GET", "/v1/nothing", "0484"), ("", "", "0484")]
        {
            let event = event(method, path, Some(&claims), None);
            world.invoke(package, &event).await.refused(404, code);
        }
    }
    let path = "/v0/accounts/account_x";
    let mut foreign = event("GET", path, Some(&claims), None);
    foreign["routeKey"] = json!("GET /v0/accounts/{id}");
    world.invoke("get-balance", &foreign).await.refused(404, "not_found");
}

#[tokio::test]
async fn a_body_that_is_not_the_base64_it_claims_to_be_is_refused() {
    let world = World::on_lambda().await;
    let tenant = world.tenant().await;
    let account = tenant.account("@a").await;
    let claims = claims(&tenant);
    let items = world.items().await;
    for (path, code) in [
        (account.at("/balances"), "0094"),
        ("/v0/subledger_balances".to_owned(), "payload_invalid"),
    ] {
        for body in ["{\"key\":\"x\"}", "!!!!", "e30"] {
            let mut event = event("POST", &path, Some(&claims), Some(body));
            event["isBase64Encoded"] = json!(true);
            world.invoke("create-balance", &event).await.refused(400, code);
        }
    }
    assert!(world.items().await == items);
}

#[tokio::test]
async fn an_answer_carries_the_request_id_of_the_gateway() {
    let world = World::on_lambda().await;
    let tenant = world.tenant().await;
    let event = event("GET", &tenant.at("/balances"), Some(&claims(&tenant)), None);
    let answer = world.invoke("list-balances", &event).await;
    assert_eq!(answer.header("x-request-id"), "gateway-id");
}

#[tokio::test]
async fn a_body_in_base64_is_the_body() {
    let world = World::on_lambda().await;
    let tenant = world.tenant().await;
    let account = tenant.account("@a").await;
    // `{"key":"x"}`.
    let path = account.at("/balances");
    let mut event = event("POST", &path, Some(&claims(&tenant)), Some("eyJrZXkiOiJ4In0="));
    event["isBase64Encoded"] = json!(true);
    let opened = world.invoke("create-balance", &event).await.json(201);
    assert_eq!(opened["key"], "x");
}

#[tokio::test]
async fn a_path_is_decoded_with_and_without_parameters_of_the_gateway() {
    let world = World::on_lambda().await;
    let tenant = world.tenant().await;
    tenant.account("@a:1").await;
    let claims = claims(&tenant);
    for alias in ["@a:1", "%40a%3A1", "%40a:1"] {
        let path = tenant.at(&format!("/accounts/alias/{alias}/balances"));
        let bare = event("GET", &path, Some(&claims), None);
        let found = world.invoke("list-balances", &bare).await.json(200);
        assert_eq!(found["items"].as_array().unwrap().len(), 1, "{alias}");
        // The gateway decodes its parameters itself.
        let mut routed = bare;
        routed["pathParameters"] = json!({
            "organization_id": tenant.organization.to_string(),
            "ledger_id": tenant.ledger.to_string(),
            "alias": "@a:1"
        });
        assert_eq!(world.invoke("list-balances", &routed).await.json(200), found, "{alias}");
    }
}

#[tokio::test]
async fn headers_may_be_missing_repeated_or_beside_cookies() {
    let world = World::on_lambda().await;
    let tenant = world.tenant().await;
    let claims = claims(&tenant);
    let mut bare = event("GET", &tenant.at("/balances"), Some(&claims), None);
    bare.as_object_mut().unwrap().remove("headers");
    world.invoke("list-balances", &bare).await.json(200);
    let mut with_cookies = event("GET", &tenant.at("/balances"), Some(&claims), None);
    with_cookies["cookies"] = json!(["a=1", "b=2"]);
    world.invoke("list-balances", &with_cookies).await.json(200);
    // API Gateway joins by a comma what stands twice, which makes it another key.
    let body = json!({
        "capabilities": ["deposit"],
        "entities": { "account_holders": ["entity_1"] },
        "details": { "product_name": "Card" },
        "documents": []
    });
    let open = event("POST", "/v0/accounts", Some(&claims), Some(&body.to_string()));
    let mut twice = open.clone();
    twice["headers"]["idempotency-key"] = json!("key-1,key-1");
    let first = world.invoke("accounts", &open).await.json(200);
    assert_ne!(world.invoke("accounts", &twice).await.json(200)["id"], first["id"]);
    let mut without = open;
    without["headers"].as_object_mut().unwrap().remove("idempotency-key");
    world.invoke("accounts", &without).await.refused(400, "idempotency_error");
}

/// What a load balancer makes of a request, with this host.
fn balanced(path: &str, host: &str) -> Value {
    json!({
        "requestContext": { "elb": { "targetGroupArn": "arn:aws:elasticloadbalancing:x" } },
        "httpMethod": "GET",
        "path": path,
        "headers": { "host": host, "x-forwarded-proto": "https" },
        "body": "",
        "isBase64Encoded": false
    })
}

/// What a REST API makes of a request, with what its authorizer found.
fn rest(path: &str, authorizer: &Value) -> Value {
    json!({
        "resource": "/{proxy+}",
        "path": path,
        "httpMethod": "GET",
        "headers": { "Host": "api.example.com" },
        "pathParameters": { "proxy": path.trim_start_matches('/') },
        "requestContext": {
            "authorizer": authorizer,
            "httpMethod": "GET",
            "resourcePath": "/{proxy+}",
            "requestId": "gateway-id",
            "stage": "prod"
        },
        "isBase64Encoded": false
    })
}

#[tokio::test]
async fn what_is_no_request_of_http_is_refused_and_the_next_one_is_answered() {
    let world = World::on_lambda().await;
    let v1 = "/v1/organizations";
    for (path, code) in [("/v0/accounts/x", "payload_invalid"), (v1, "0094")] {
        let mut odd_name = balanced(path, "example.com");
        odd_name["headers"]["a b"] = json!("c");
        let mut odd_value = balanced(path, "example.com");
        odd_value["headers"]["a"] = json!("b\nc");
        let mut odd_method = balanced(path, "example.com");
        odd_method["httpMethod"] = json!("G T");
        let mut odd_query = event("GET", path, None, None);
        odd_query["rawQueryString"] = json!("a=<b>");
        for event in [odd_name, odd_value, odd_method, odd_query, balanced(path, "a b:99999")] {
            for package in ["accounts", "ledgers", "unknown-route"] {
                world.invoke(package, &event).await.refused(400, code);
            }
        }
        let (package, code) =
            if path == v1 { ("ledgers", "0042") } else { ("accounts", "unauthorized") };
        world.invoke(package, &balanced(path, "example.com")).await.refused(401, code);
    }
}

#[tokio::test]
async fn a_header_is_no_token_that_was_checked() {
    let world = World::on_lambda().await;
    let tenant = world.tenant().await;
    let path = tenant.at("/balances");
    let token = tenant.client.token.clone().unwrap();
    let mut events = [
        balanced(&path, "example.com"),
        rest(&path, &Value::Null),
        event("GET", &path, None, None),
    ];
    for event in &mut events {
        event["headers"]["authorization"] = json!(format!("Bearer {token}"));
        world.invoke("list-balances", event).await.refused(401, "0042");
    }
}

#[tokio::test]
async fn a_rest_api_is_believed_where_its_authorizer_checked_a_token() {
    let world = World::on_lambda().await;
    let tenant = world.tenant().await;
    tenant.account("@a").await;
    let path = tenant.at("/balances");
    let claims = claims(&tenant);
    let event = rest(&path, &json!({ "claims": claims }));
    let page = world.invoke("list-balances", &event).await.json(200);
    assert!(page["items"].is_array(), "{page}");
    // What a function of the account returned may be anything.
    let mut flat = claims.clone();
    flat["principalId"] = json!("user");
    for authorizer in [
        flat,
        json!({ "principalId": "user", "claims": claims }),
        json!({ "claims": claims.to_string() }),
        json!({ "jwt": { "claims": claims } }),
        json!({}),
    ] {
        let event = rest(&path, &authorizer);
        world.invoke("list-balances", &event).await.refused(401, "0042");
    }
    for (name, value) in
        [("organization_id", json!(7)), ("organization_id", json!(null)), ("scope", json!(["x"]))]
    {
        let mut claims = claims.clone();
        claims[name] = value;
        let event = rest(&path, &json!({ "claims": claims }));
        world.invoke("list-balances", &event).await.refused(403, "0043");
    }
}
