//! What is the same on every route: unknown paths and methods, request ids, the size of a body.

use serde_json::json;
use subledger_tests::{Request, World, in_both_worlds};
use uuid::Uuid;

use crate::authorization::requests;

in_both_worlds! {
    an_unknown_path_is_not_found_in_its_dialect,
    an_unknown_method_is_not_allowed_in_its_dialect,
    a_request_id_comes_back,
    a_body_may_have_256_kibibytes_and_no_more,
    a_body_needs_no_content_type,
    a_body_of_nothing_but_depth_is_refused,
}

async fn an_unknown_path_is_not_found_in_its_dialect(world: World) {
    let tenant = world.tenant().await;
    let v1 = [
        "/health-of-nobody".to_owned(),
        "/v1".to_owned(),
        "/v2/organizations".to_owned(),
        "/v1/organizations/".to_owned(),
        "/V1/organizations".to_owned(),
        "/v1/Organizations".to_owned(),
        "//v1/organizations".to_owned(),
        "/v1//organizations".to_owned(),
        tenant.at("/"),
        tenant.at("/balances/"),
        tenant.at("/unknown"),
        tenant.at("/balances/a/b/c"),
        tenant.at("/accounts/alias/a/b/balances"),
        tenant.at("/accounts/alias/%40external%2FUSD/balances"),
        format!("/v1/organizations%2F{}", Uuid::now_v7()).replace("%2F", "%252F"),
    ];
    let v0 = [
        "/v0",
        "/v0/",
        "/v0/unknown",
        "/v0/subledger_balances/",
        "/v0/accounts/a/b",
        "/v0/accounts/a/b/c",
    ];
    for client in [&tenant.client, &world.anonymous()] {
        client.refuses_targets(v1.iter().map(|target| (target.clone(), 404, "0484"))).await;
        client
            .refuses_targets(v0.iter().map(|target| ((*target).to_owned(), 404, "not_found")))
            .await;
    }
}

async fn an_unknown_method_is_not_allowed_in_its_dialect(world: World) {
    let tenant = world.tenant().await;
    let items = world.items().await;
    for (path, request) in requests() {
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] {
            let request = request.clone().method(method);
            if request.has_route() {
                continue;
            }
            let code = if path.starts_with("/v0") { "method_not_allowed" } else { "0485" };
            tenant.client.send(request.clone()).await.refused(405, code);
            world.anonymous().send(request).await.refused(405, code);
        }
    }
    assert!(world.items().await == items);
}

async fn a_request_id_comes_back(world: World) {
    let tenant = world.tenant().await;
    let targets = [
        tenant.at("/balances"),
        tenant.at("/balances/abc"),
        tenant.at("/unknown"),
        "/v0/accounts/abc".to_owned(),
        "/v0/unknown".to_owned(),
    ];
    for target in targets {
        for id in ["my-id", "x", &"i".repeat(128)] {
            let answer = tenant.client.send(Request::get(&target).header("X-Request-Id", id)).await;
            assert_eq!(answer.header("x-request-id"), id, "{target}");
        }
        for request in [
            Request::get(&target),
            Request::get(&target).header("X-Request-Id", ""),
            Request::get(&target).header("X-Request-Id", &"i".repeat(129)),
        ] {
            let answer = tenant.client.send(request).await;
            let id = answer.header("x-request-id");
            assert!(Uuid::parse_str(id).is_ok(), "{target}: {id}");
        }
    }
}

async fn a_body_may_have_256_kibibytes_and_no_more(world: World) {
    let tenant = world.tenant().await;
    let account = tenant.account("@a").await;
    let padded = |body: &str, bytes: usize| format!("{body}{}", " ".repeat(bytes - body.len()));
    let limit = 256 * 1024;
    let rows = requests().into_iter().filter(|(_, request)| request.writes()).flat_map(
        |(path, request)| {
            let code = if path.starts_with("/v0") { "payload_too_large" } else { "0143" };
            [
                (request.clone().bytes(padded("{}", limit + 1).as_bytes()), 413, code),
                (request.bytes(&vec![0xff; 600_000]), 413, code),
            ]
        },
    );
    tenant.client.is_refused(rows).await;
    let open = |body: &str| Request::new("POST", &account.at("/balances")).text(body);
    let fits = padded(r#"{"key":"x"}"#, limit);
    tenant.client.send(open(&fits)).await.json(201);
    // API Gateway itself takes no more than ten megabytes.
    let huge = tenant.client.send(open(&padded("{}", 10 * 1024 * 1024 + 1))).await;
    assert_eq!(huge.json(413), json!({ "message": "Request Entity Too Large" }));
}

async fn a_body_needs_no_content_type(world: World) {
    let tenant = world.tenant().await;
    let account = tenant.account("@a").await;
    let open = |body: &str| Request::new("POST", &account.at("/balances")).bytes(body.as_bytes());
    // Where API Gateway does not take a body for text, it comes as base64.
    let form = "application/x-www-form-urlencoded";
    tenant.client.send(open(r#"{"key":"a"}"#)).await.json(201);
    tenant.client.send(open(r#"{"key":"ü"}"#).header("Content-Type", form)).await.json(201);
    tenant.client.send(open(r#"{"key":"c"}"#).header("Content-Type", "text/plain")).await.json(201);
    assert_eq!(account.keys().await, ["default", "a", "ü", "c"]);
}

async fn a_body_of_nothing_but_depth_is_refused(world: World) {
    let tenant = world.tenant().await;
    let account = tenant.account("@a").await;
    let depth = 20_000;
    let deep = format!(r#"{{"key":"x","a":{}{}}}"#, "[".repeat(depth), "]".repeat(depth));
    let objects =
        format!(r#"{{"key":"x","a":{}1{}}}"#, r#"{"a":"#.repeat(depth), "}".repeat(depth));
    let rows = [(deep.as_str(), 400, "0094"), (objects.as_str(), 400, "0094")];
    for target in [account.at("/balances"), tenant.at("/accounts")] {
        tenant.client.refuses_bodies(&target, rows).await;
    }
    world.operator().refuses_bodies("/v1/organizations", rows).await;
}
