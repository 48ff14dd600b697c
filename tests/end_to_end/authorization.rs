//! Who may do what.

use serde_json::json;
use subledger_http::request::routes;
use subledger_local::authorizer::{Authorizer, Grant, SECRET_BYTES};
use subledger_tests::{Answer, Client, Request, World, in_both_worlds};
use uuid::Uuid;

in_both_worlds! {
    every_route_needs_a_token,
    a_token_that_is_not_valid_is_refused,
    a_token_of_another_party_is_refused,
    every_route_needs_its_scope,
    to_read_is_not_to_write,
    to_write_is_also_to_read,
    v0_needs_a_ledger_in_the_token,
    v1_needs_the_organization_in_the_token,
    an_operator_needs_no_organization_and_sees_what_its_scopes_allow,
    a_claim_that_is_missing_or_malformed_is_no_privilege,
    an_operator_that_names_an_organization_stays_in_it,
    a_refusal_names_the_scope_that_is_missing,
    a_scope_may_be_a_list,
}

/// Every route of the product that needs a token, with ids in the place of its parameters.
pub(crate) fn requests() -> Vec<(&'static str, Request)> {
    let routes = routes::all().filter(|(function, ..)| *function != "health");
    let requests = routes.map(|(_, method, path)| {
        let segments = path.split('/').map(|segment| match (segment, path.starts_with("/v0")) {
            ("{id}", true) => "account_0000000000000000000001".to_owned(),
            (segment, _) if segment.starts_with('{') => Uuid::now_v7().to_string(),
            (segment, _) => segment.to_owned(),
        });
        let target = segments.collect::<Vec<_>>().join("/");
        (path, Request::new(method, &target).text("{}").key("some-key"))
    });
    requests.collect()
}

/// Checks that API Gateway refused the request before it asked a function.
#[track_caller]
fn is_unauthorized(answer: &Answer) {
    let body = answer.json(401);
    let is_unauthorized = body.is_null() || body == json!({ "message": "Unauthorized" });
    assert!(is_unauthorized, "{}: {}", answer.asked, answer.text);
    assert!(answer.header("www-authenticate").starts_with("Bearer"), "{}", answer.asked);
}

async fn every_route_needs_a_token(world: World) {
    let items = world.items().await;
    for (_, request) in requests() {
        is_unauthorized(&world.anonymous().send(request).await);
    }
    assert!(world.items().await == items);
}

async fn a_token_that_is_not_valid_is_refused(world: World) {
    let tenant = world.tenant().await;
    let account = tenant.account("@a").await;
    let open = || Request::post(&account.at("/balances"), &json!({ "key": "x" }));
    let grant = |expires_in_seconds| Grant {
        organization_id: Some(tenant.organization),
        ledger_id: Some(tenant.ledger),
        scope: subledger_tests::ALL_SCOPES.to_owned(),
        expires_in_seconds,
    };
    let valid = world.token(&grant(60));
    let [head, claims, signature] = *valid.split('.').collect::<Vec<_>>() else {
        panic!("{valid}")
    };
    // `{"alg":"none"}`.
    let none = "eyJhbGciOiJub25lIn0";
    let forged_claims = claims.replacen(|_| true, "f", 1);
    let items = world.items().await;
    for header in [
        String::new(),
        "Bearer".to_owned(),
        "Bearer ".to_owned(),
        "Bearer x.y.z".to_owned(),
        "Basic bGlvbjpsaW9u".to_owned(),
        format!("Bearer {}", world.token(&grant(-1))),
        format!("Bearer {}", world.token(&grant(-86_400))),
        format!("Bearer {head}.{claims}."),
        format!("Bearer {head}.{claims}"),
        format!("Bearer {none}.{claims}."),
        format!("Bearer {none}.{claims}.{signature}"),
        format!("Bearer {head}.{forged_claims}.{signature}"),
        format!("Bearer {head}.{claims}.{}", signature.chars().rev().collect::<String>()),
    ] {
        is_unauthorized(&world.anonymous().send(open().header("Authorization", &header)).await);
    }
    // Two tokens are refused even if both are valid.
    let twice = open().header("Authorization", &valid).header("Authorization", &valid);
    is_unauthorized(&world.anonymous().send(twice).await);
    assert!(world.items().await == items);
    let sent = open().header("authorization", &format!("bearer {valid}"));
    world.anonymous().send(sent).await.json(201);
}

async fn a_token_of_another_party_is_refused(world: World) {
    let tenant = world.tenant().await;
    let ours = json!({
        "iss": "https://subledger.local/",
        "aud": "subledger",
        "exp": 4_102_444_800_u64,
        "organization_id": tenant.organization.to_string(),
        "ledger_id": tenant.ledger.to_string(),
        "scope": subledger_tests::ALL_SCOPES,
    });
    let anonymous = world.anonymous();
    let ask = |token: String| {
        let request = Request::get(&tenant.at("/balances"));
        anonymous.send(request.header("Authorization", &format!("Bearer {token}")))
    };
    ask(world.authorizer().sign(&ours).unwrap()).await.json(200);
    for (claim, value) in [
        ("iss", json!("https://issuer.example/")),
        ("iss", json!("https://subledger.local")),
        ("aud", json!("another")),
        ("aud", json!([])),
        ("aud", json!(null)),
        ("exp", json!(1)),
        ("nbf", json!(4_102_444_800_u64)),
    ] {
        let mut theirs = ours.clone();
        theirs[claim] = value;
        is_unauthorized(&ask(world.authorizer().sign(&theirs).unwrap()).await);
    }
    // A token of Amazon Cognito has a client and no audience; the audience counts where it has both.
    for (audience, client, status) in [
        (None, "subledger", 200),
        (None, "another", 401),
        (Some("subledger"), "another", 200),
        (Some("another"), "subledger", 401),
    ] {
        let mut theirs = ours.clone();
        theirs.as_object_mut().unwrap().remove("aud");
        if let Some(audience) = audience {
            theirs["aud"] = json!(audience);
        }
        theirs["client_id"] = json!(client);
        let answer = ask(world.authorizer().sign(&theirs).unwrap()).await;
        assert_eq!(answer.status, status, "{audience:?} {client}");
    }
    // The same claims under another key.
    is_unauthorized(&ask(Authorizer::new(&[1; SECRET_BYTES]).sign(&ours).unwrap()).await);
}

/// The code of a refusal for a lack of permission.
fn forbidden(path: &str) -> &'static str {
    if path.starts_with("/v0") { "forbidden" } else { "0043" }
}

async fn every_route_needs_its_scope(world: World) {
    let tenant = world.tenant().await;
    let scopes = ["organization", "asset", "account", "subledger_balance", "transaction"];
    for (path, request) in requests() {
        let own = match path {
            "/v0/subledger_balances" | "/v0/subledger_balances/{id}" => "subledger_balance",
            path if path.contains("/transactions") || path.contains("/operations") => "transaction",
            path if path.contains("/balances") => "subledger_balance",
            path if path.contains("/assets") => "asset",
            path if ["/accounts", "/portfolios", "/segments", "/account-types"]
                .iter()
                .any(|group| path.contains(group)) =>
            {
                "account"
            }
            _ => "organization",
        };
        let others = scopes.iter().filter(|scope| **scope != own);
        let others =
            others.map(|scope| format!("{scope}/read_write")).collect::<Vec<_>>().join(" ");
        for scope in ["", "read_write", &own.to_uppercase(), &format!("{own}/write"), &others] {
            let client = tenant.limited_to(scope);
            client.send(request.clone()).await.refused(403, forbidden(path));
        }
    }
}

async fn to_read_is_not_to_write(world: World) {
    let tenant = world.tenant().await;
    let read = "organization/read asset/read account/read subledger_balance/read transaction/read";
    let reader = tenant.limited_to(read);
    let rows = requests().into_iter().filter(|(_, request)| request.writes());
    reader.is_refused(rows.map(|(path, request)| (request, 403, forbidden(path)))).await;
    for target in
        [tenant.at("/balances"), tenant.at("/accounts"), tenant.at("/assets"), tenant.at("")]
    {
        reader.get(&target).await.json(200);
    }
}

async fn to_write_is_also_to_read(world: World) {
    let tenant = world.tenant().await;
    for (scope, target) in [
        ("subledger_balance/read_write", tenant.at("/balances")),
        ("x/y account/read_write z", tenant.at("/accounts")),
        ("asset/read_write", tenant.at("/assets")),
        ("organization/read_write", tenant.at("")),
    ] {
        tenant.limited_to(scope).get(&target).await.json(200);
    }
}

async fn v0_needs_a_ledger_in_the_token(world: World) {
    let tenant = world.tenant().await;
    let all = subledger_tests::ALL_SCOPES;
    let clients = [
        world.client(None, None, all),
        world.client(Some(tenant.organization), None, all),
        world.client(None, Some(tenant.ledger), all),
    ];
    for client in clients {
        let v0 = requests().into_iter().filter(|(path, _)| path.starts_with("/v0"));
        client.is_refused(v0.map(|(_, request)| (request, 403, "forbidden"))).await;
    }
    // A ledger that does not exist is one in which nothing is allowed.
    let nowhere = world.client(Some(tenant.organization), Some(Uuid::now_v7()), all);
    let body = json!({
        "capabilities": ["deposit"],
        "entities": { "account_holders": ["entity_1"] },
        "details": { "product_name": "Card" },
        "documents": []
    });
    let open = Request::post("/v0/accounts", &body).key("key-1");
    nowhere.is_refused([(open, 403, "forbidden")]).await;
}

async fn v1_needs_the_organization_in_the_token(world: World) {
    let tenant = world.tenant().await;
    let stranger = world.tenant().await;
    let all = subledger_tests::ALL_SCOPES;
    let targets = [tenant.at("/balances"), tenant.at("/accounts"), tenant.at("/assets")];
    let without_ids: Client<'_> = world.client(None, None, all);
    let rows = targets.clone().map(|target| (target, 403, "0043"));
    without_ids.refuses_targets(rows).await;
    let rows = targets.map(|target| (target, 404, "0007"));
    stranger.client.refuses_targets(rows).await;
    // The ledger of the token is v0's; a v1 path names its own.
    let other_ledger = world.client(Some(tenant.organization), Some(Uuid::now_v7()), all);
    other_ledger.get(&tenant.at("/balances")).await.json(200);
}

async fn an_operator_needs_no_organization_and_sees_what_its_scopes_allow(world: World) {
    let tenant = world.tenant().await;
    world.operator().get(&tenant.at("")).await.json(200);
    world.operator().get("/v1/organizations").await.json(200);
    let rows = [
        (tenant.at("/balances"), 403, "0043"),
        (tenant.at("/accounts"), 403, "0043"),
        (tenant.at("/assets"), 403, "0043"),
    ];
    world.operator().refuses_targets(rows).await;
    let body = json!({ "legalName": "x", "legalDocument": "y" });
    let create = || Request::post("/v1/organizations", &body);
    let reader = world.client(None, None, "operator organization/read");
    reader.is_refused([(create(), 403, "0043")]).await;
    let tenant_writer = tenant.limited_to("organization/read_write");
    tenant_writer.is_refused([(create(), 403, "0043")]).await;
    let accountant = world.client(None, None, "account/read operator");
    accountant.get(&tenant.at("/accounts")).await.json(200);
}

/// Each route with each way in which the claim of the organization can be missing.
async fn a_claim_that_is_missing_or_malformed_is_no_privilege(world: World) {
    let tenant = world.tenant().await;
    let organization = tenant.organization.to_string();
    let mut claims = Vec::new();
    for (name, value) in [
        (None, json!(null)),
        (Some("organization_id"), json!(null)),
        (Some("organization_id"), json!("")),
        (Some("organization_id"), json!("*")),
        (Some("organization_id"), json!([organization])),
        (Some("organization_id"), json!({ "id": organization })),
        (Some("organization_id"), json!(7)),
        (Some("Organization_Id"), json!(organization)),
        (Some("org_id"), json!(organization)),
        (Some("tenant"), json!(organization)),
    ] {
        let mut token = json!({
            "iss": "https://subledger.local/", "aud": "subledger", "exp": 4_102_444_800_u64,
            "ledger_id": tenant.ledger.to_string(), "scope": subledger_tests::ALL_SCOPES,
        });
        if let Some(name) = name {
            token[name] = value;
        }
        claims.push(token);
    }
    // The scope of an operator is a word of its own.
    for scope in ["operator/read_write", "Operator", "operators", "xoperator"] {
        let mut token = claims[0].clone();
        token["scope"] = json!(format!("{} {scope}", subledger_tests::ALL_SCOPES));
        claims.push(token);
    }
    let items = world.items().await;
    for claims in claims {
        let bearer = format!("Bearer {}", world.authorizer().sign(&claims).unwrap());
        for (path, request) in requests() {
            let request = request.header("Authorization", &bearer);
            world.anonymous().send(request).await.refused(403, forbidden(path));
        }
    }
    assert!(world.items().await == items);
}

async fn an_operator_that_names_an_organization_stays_in_it(world: World) {
    let tenant = world.tenant().await;
    let stranger = world.tenant().await;
    let scope = format!("operator {}", subledger_tests::ALL_SCOPES);
    let client = world.client(Some(tenant.organization), Some(tenant.ledger), &scope);
    client.get(&tenant.at("/balances")).await.json(200);
    client.get(&stranger.at("/balances")).await.refused(404, "0007");
}

async fn a_refusal_names_the_scope_that_is_missing(world: World) {
    let tenant = world.tenant().await;
    let client = tenant.limited_to("account/read");
    let said = client.get(&tenant.at("/balances")).await.refused(403, "0043");
    let words = "lacks subledger_balance/read, which";
    assert!(said["message"].as_str().unwrap().contains(words), "{said}");
    let said = client.get("/v0/subledger_balances/x").await.refused(403, "forbidden");
    let listed = &said["invalid_parameters"][0];
    assert_eq!(listed, &json!({ "parameter": "scope", "reason": "lacks subledger_balance/read" }));
}

/// Some identity providers make the claim an array, which the gateway hands on as `[a b c]`.
async fn a_scope_may_be_a_list(world: World) {
    let tenant = world.tenant().await;
    let ask = async |scope: serde_json::Value, target: String| {
        let claims = json!({
            "iss": "https://subledger.local/", "aud": "subledger", "exp": 4_102_444_800_u64,
            "organization_id": tenant.organization.to_string(),
            "ledger_id": tenant.ledger.to_string(), "scope": scope,
        });
        let bearer = format!("Bearer {}", world.authorizer().sign(&claims).unwrap());
        world.anonymous().send(Request::get(&target).header("Authorization", &bearer)).await
    };
    let scopes = json!(["account/read", "asset/read", "subledger_balance/read"]);
    for target in ["/accounts", "/assets", "/balances"] {
        ask(scopes.clone(), tenant.at(target)).await.json(200);
    }
    ask(scopes, tenant.at("/transactions")).await.refused(403, "0043");
    ask(json!(["account/read"]), tenant.at("/accounts")).await.json(200);
    ask(json!([]), tenant.at("/accounts")).await.refused(403, "0043");
}
