//! Accounts of v0.

use serde_json::{Value, json};
use subledger::money::ids::AccountId;
use subledger_http::v0::ids::spell_account_id;
use subledger_tests::{Request, World, in_both_worlds, masked};
use uuid::Uuid;

in_both_worlds! {
    an_account_is_opened_and_read,
    as_little_as_possible_opens_an_account,
    an_account_is_led_through_its_life,
    an_impossible_step_is_refused,
    an_external_account_takes_no_step,
    a_repeated_request_is_answered_byte_for_byte,
    a_key_is_needed_and_has_a_length,
    a_body_that_cannot_be_an_account_is_refused,
    a_step_needs_a_reason_that_fits,
    an_account_of_v1_is_shown_by_what_it_has,
    an_account_that_is_not_there_is_not_found,
    a_body_is_read_before_its_account_is_looked_for,
}

const ACCOUNTS: &str = "/v0/accounts";

/// Everything that an account can have.
fn credit_account() -> Value {
    json!({
        "application_id": "application_xyz123",
        "capabilities": ["credit_with_underwriting", "deposit"],
        "entities": {
            "account_holder_type": "commercial",
            "account_holders": ["entity_biz_456"],
            "authorized_signers": ["entity_signer_789"],
            "authorized_users": ["entity_user_1", "entity_user_2"]
        },
        "details": {
            "product_name": "Business Credit Line",
            "credit": {
                "is_secured": false,
                "is_mla": true,
                "underwriting_grade": "A",
                "currency": "USD",
                "available_credit": 5_000_000,
                "limit": 5_000_000,
                "max_limit": 10_000_000
            }
        },
        "metadata": { "a": "b" },
        "documents": ["document_1"]
    })
}

fn deposit_account() -> Value {
    json!({
        "capabilities": ["deposit"],
        "entities": { "account_holders": ["entity_1"] },
        "details": { "product_name": "Everyday Checking" },
        "documents": []
    })
}

fn expected(asked: Value) -> Value {
    let mut expected = asked;
    expected["id"] = json!("<v0 account>");
    expected["created_at"] = json!("<moment>");
    expected["updated_at"] = json!("<moment>");
    expected["status"] = json!("active");
    expected["status_reason"] = json!("active");
    expected
}

async fn an_account_is_opened_and_read(world: World) {
    let tenant = world.tenant().await;
    let opened = tenant.v0_post(ACCOUNTS, "key-1", &credit_account()).await.json(200);
    assert_eq!(masked(&opened), expected(credit_account()));
    let id = opened["id"].as_str().unwrap();
    assert_eq!(tenant.client.get(&format!("{ACCOUNTS}/{id}")).await.json(200), opened);
}

async fn as_little_as_possible_opens_an_account(world: World) {
    let tenant = world.tenant().await;
    let opened = tenant.v0_post(ACCOUNTS, "key-1", &deposit_account()).await.json(200);
    let mut expected = expected(deposit_account());
    expected["entities"]["authorized_signers"] = json!([]);
    expected["entities"]["authorized_users"] = json!([]);
    expected["metadata"] = json!({});
    assert_eq!(masked(&opened), expected);
    // It has no balance, and is an account of v1 as well.
    assert!(tenant.balances().await.iter().all(|balance| balance["accountType"] == "external"));
    let accounts = tenant.get("/accounts").await.json(200);
    assert_eq!(accounts["items"][1]["name"], "Everyday Checking");
}

async fn an_account_is_led_through_its_life(world: World) {
    let tenant = world.tenant().await;
    let opened = tenant.v0_post(ACCOUNTS, "key-1", &deposit_account()).await.json(200);
    let at = |step: &str| format!("{ACCOUNTS}/{}{step}", opened["id"].as_str().unwrap());
    let activate = Request::new("POST", &at("/activate"));
    for reason in ["dormant", "frozen", "other"] {
        let body = json!({ "status_reason": reason });
        let account = tenant.client.post(&at("/deactivate"), &body).await.json(200);
        assert_eq!(
            (&account["status"], &account["status_reason"]),
            (&json!("inactive"), &json!(reason))
        );
        assert_eq!(tenant.client.get(&at("")).await.json(200), account);
        let account = tenant.client.send(activate.clone()).await.json(200);
        assert_eq!(
            (&account["status"], &account["status_reason"]),
            (&json!("active"), &json!("active"))
        );
    }
    let body = json!({ "status_reason": "charged_off" });
    let account = tenant.client.post(&at("/close"), &body).await.json(200);
    assert_eq!(
        (&account["status"], &account["status_reason"]),
        (&json!("closed"), &json!("charged_off"))
    );
    assert_eq!(account["details"]["closed_at"], account["updated_at"]);
    assert_eq!(tenant.client.get(&at("")).await.json(200), account);
}

async fn an_impossible_step_is_refused(world: World) {
    let tenant = world.tenant().await;
    let open = async |key: &str| {
        let opened = tenant.v0_post(ACCOUNTS, key, &deposit_account()).await.json(200);
        format!("{ACCOUNTS}/{}", opened["id"].as_str().unwrap())
    };
    let step = |at: &str, step: &str, reason: &str| {
        let body = json!({ "status_reason": reason });
        (Request::post(&format!("{at}/{step}"), &body), 422, "invalid_status_transition")
    };
    let active = open("active").await;
    tenant.client.is_refused([step(&active, "activate", "")]).await;

    let inactive = open("inactive").await;
    tenant.client.send(step(&inactive, "deactivate", "frozen").0).await.json(200);
    tenant.client.is_refused([step(&inactive, "deactivate", "dormant")]).await;

    let closed = open("closed").await;
    tenant.client.send(step(&closed, "close", "canceled").0).await.json(200);
    let rows = [
        step(&closed, "activate", ""),
        step(&closed, "deactivate", "other"),
        step(&closed, "close", "canceled"),
    ];
    tenant.client.is_refused(rows).await;
}

async fn an_external_account_takes_no_step(world: World) {
    let tenant = world.tenant().await;
    let id = AccountId::new(tenant.external_account("USD").await.id);
    for id in [id.to_string(), spell_account_id(id)] {
        let at = format!("{ACCOUNTS}/{id}");
        let shown = tenant.client.get(&at).await.json(200);
        let steps = [("activate", "none"), ("deactivate", "frozen"), ("close", "client_closed")];
        for (step, reason) in steps {
            let body = json!({ "status_reason": reason });
            let request = Request::post(&format!("{at}/{step}"), &body);
            let rows = [(request.clone(), 422, "parameters_invalid")];
            tenant.client.is_refused(rows).await;
            let violations = tenant.client.send(request).await.violations();
            assert_eq!(violations, [("id".to_owned(), "external_account".to_owned())], "{step}");
        }
        assert_eq!(tenant.client.get(&at).await.json(200), shown);
    }
    // Money still comes in.
    tenant.account("@a").await;
    let to = json!([{ "accountAlias": "@a", "amount": { "asset": "USD", "value": "1" } }]);
    let inflow = json!({ "send": { "asset": "USD", "value": "1", "distribute": { "to": to } } });
    tenant.post("/transactions/inflow", &inflow).await.json(201);
}

async fn a_repeated_request_is_answered_byte_for_byte(world: World) {
    let tenant = world.tenant().await;
    let first = tenant.v0_post(ACCOUNTS, "key-1", &credit_account()).await;
    let id = first.json(200)["id"].as_str().unwrap().to_owned();
    let again = tenant.v0_post(ACCOUNTS, "key-1", &credit_account()).await;
    assert_eq!((again.status, &again.text), (200, &first.text));
    // The answer is that of the first time, whatever has happened since.
    let uuid = tenant.get("/accounts").await.json(200)["items"][1]["id"].clone();
    let target = tenant.at(&format!("/accounts/{}", uuid.as_str().unwrap()));
    for body in [json!({ "metadata": { "n": 1 } }), json!({ "metadata": {}, "name": "Another" })] {
        let change = Request::new("PATCH", &target).text(&body.to_string());
        tenant.client.send(change).await.json(200);
        let again = tenant.v0_post(ACCOUNTS, "key-1", &credit_account()).await;
        assert_eq!((again.status, &again.text), (200, &first.text));
    }
    let close = json!({ "status_reason": "entity_closed" });
    tenant.client.post(&format!("{ACCOUNTS}/{id}/close"), &close).await.json(200);
    let again = tenant.v0_post(ACCOUNTS, "key-1", &credit_account()).await;
    assert_eq!((again.status, &again.text), (200, &first.text));
    let other = Request::post(ACCOUNTS, &deposit_account()).key("key-1");
    tenant.client.is_refused([(other, 422, "idempotency_request_inconsistent")]).await;
}

async fn a_key_is_needed_and_has_a_length(world: World) {
    let tenant = world.tenant().await;
    let asked = || Request::post(ACCOUNTS, &deposit_account());
    let rows = [
        (asked(), 400, "idempotency_error"),
        (asked().key(""), 422, "parameters_invalid"),
        (asked().key(&"k".repeat(256)), 422, "parameters_invalid"),
        // Before anything is said about the body.
        (Request::new("POST", ACCOUNTS).text("{"), 400, "idempotency_error"),
        (Request::new("POST", ACCOUNTS).text("{").key(""), 422, "parameters_invalid"),
    ];
    tenant.client.is_refused(rows).await;
    let violations = tenant.client.send(asked().key("")).await.violations();
    let expected =
        ("Idempotency-Key".to_owned(), "must have 1 to 255 printable ASCII characters".to_owned());
    assert_eq!(violations, [expected]);
    // Shorter than one for a balance may be.
    tenant.v0_post(ACCOUNTS, "1", &deposit_account()).await.json(200);
    tenant.v0_post(ACCOUNTS, &"k".repeat(255), &deposit_account()).await.json(200);
}

async fn a_body_that_cannot_be_an_account_is_refused(world: World) {
    let tenant = world.tenant().await;
    let rows = [
        (Request::new("POST", ACCOUNTS).key("key-1"), 400, "payload_invalid"),
        (Request::new("POST", ACCOUNTS).key("key-1").text("{"), 400, "payload_invalid"),
    ];
    tenant.client.is_refused(rows).await;
    let items = world.items().await;
    let violations = async |body: Value| {
        let answer = tenant.v0_post(ACCOUNTS, "key-1", &body).await;
        let listed = answer.violations().into_iter();
        listed.map(|(parameter, reason)| format!("{parameter}: {reason}")).collect::<Vec<_>>()
    };
    let listed = violations(json!({})).await;
    let missing =
        ["capabilities: missing", "entities: missing", "details: missing", "documents: missing"];
    assert_eq!(listed, missing);
    let body = json!({
        "application_id": "x",
        "capabilities": [],
        "entities": {
            "account_holder_type": "robot",
            "account_holders": ["entity_a b", 1],
            "authorized_users": ["user"]
        },
        "details": { "product_name": 1 },
        "documents": [5, ""],
        "metadata": { "a": 1 }
    });
    assert_eq!(
        violations(body).await,
        [
            "capabilities: must not be empty",
            "entities.account_holder_type: must be one of consumer, commercial",
            "entities.account_holders[0]: must be entity_ and 1 to 33 characters without white space",
            "entities.account_holders[1]: must be a string",
            "entities.authorized_users[0]: must be entity_ and 1 to 33 characters without white space",
            "details.product_name: must be a string",
            "documents[0]: must be an object",
            "documents[1]: must not be empty",
            "application_id: must be application_ and letters, digits or underscores",
            "metadata.a: must be a string",
        ]
    );
    let mut underwritten = deposit_account();
    underwritten["capabilities"] = json!(["credit_with_underwriting"]);
    underwritten["entities"]["account_holder_type"] = json!("commercial");
    assert_eq!(
        violations(underwritten).await,
        [
            "entities.authorized_signers: missing_for_commercial",
            "details.credit: missing",
            "application_id: missing",
        ]
    );
    let mut many = deposit_account();
    many["capabilities"] = json!(["deposit", "deposit"]);
    many["entities"]["account_holders"] = json!(vec!["entity_1"; 21]);
    assert_eq!(
        violations(many).await,
        [
            "capabilities[1]: must not be named twice",
            "entities.account_holders: must have at most 20 items",
        ]
    );
    assert!(world.items().await == items);
}

async fn a_step_needs_a_reason_that_fits(world: World) {
    let tenant = world.tenant().await;
    let account = tenant.v0_account("key-1", &["deposit"]).await;
    let step = |step: &str, body: &str| {
        Request::new("POST", &format!("{ACCOUNTS}/{account}/{step}")).text(body)
    };
    let rows = [
        (step("deactivate", ""), 400, "payload_invalid"),
        (step("deactivate", "{"), 400, "payload_invalid"),
        (step("deactivate", "{}"), 422, "parameters_invalid"),
        (step("deactivate", r#"{"status_reason":null}"#), 422, "parameters_invalid"),
        (step("deactivate", r#"{"status_reason":1}"#), 422, "parameters_invalid"),
        (step("deactivate", r#"{"status_reason":"paid_off"}"#), 422, "parameters_invalid"),
        (step("close", ""), 400, "payload_invalid"),
        (step("close", "{}"), 422, "parameters_invalid"),
        (step("close", r#"{"status_reason":"dormant"}"#), 422, "parameters_invalid"),
        (step("close", r#"{"status_reason":"Paid_off"}"#), 422, "parameters_invalid"),
    ];
    tenant.client.is_refused(rows).await;
    let violations = tenant.client.send(step("deactivate", "{}")).await.violations();
    assert_eq!(violations, [("status_reason".to_owned(), "missing".to_owned())]);
}

async fn an_account_of_v1_is_shown_by_what_it_has(world: World) {
    let tenant = world.tenant().await;
    let body = r#"{"assetCode":"USD","type":"deposit","name":"Old",
        "metadata":{"n":1.50,"t":"x","yes":true,"nothing":null}}"#;
    let request = Request::new("POST", &tenant.at("/accounts")).text(body);
    let account = tenant.client.send(request).await.json(201);
    let id = account["id"].as_str().unwrap();
    let shown = tenant.client.get(&format!("{ACCOUNTS}/{id}")).await.json(200);
    assert_eq!(
        masked(&shown),
        json!({
            "id": "<v0 account>",
            "created_at": "<moment>",
            "updated_at": "<moment>",
            "status": "active",
            "status_reason": "active",
            "details": { "product_name": "Old" },
            "metadata": { "n": "1.50", "t": "x", "yes": "true" },
            "documents": []
        })
    );
}

async fn an_account_that_is_not_there_is_not_found(world: World) {
    let tenant = world.tenant().await;
    let stranger = world.tenant().await;
    let foreign = stranger.v0_account("key-1", &["deposit"]).await;
    let at = |id: &str| format!("{ACCOUNTS}/{id}");
    let unknown = Uuid::now_v7().to_string();
    let rows = [
        (at("abc"), 400, "parameters_invalid"),
        (at("account_"), 400, "parameters_invalid"),
        (at("account_%20"), 400, "parameters_invalid"),
        (at("subledger_balance_abc"), 400, "parameters_invalid"),
        (at("account_xyz123"), 404, "not_found"),
        (at("account_2N5Hk8xYmQpL9rBvC3jD"), 404, "not_found"),
        (at(&unknown), 404, "not_found"),
        (at(&foreign), 404, "not_found"),
    ];
    tenant.client.refuses_targets(rows.clone()).await;
    let refused = tenant.client.get(&at("abc")).await.refused(400, "parameters_invalid");
    let reason = "must be account_ and letters, digits or underscores, or a UUID with hyphens";
    assert_eq!(refused["invalid_parameters"], json!([{ "parameter": "id", "reason": reason }]));
    let steps = rows.iter().map(|(target, status, code)| {
        let body = json!({ "status_reason": "other" });
        (Request::post(&format!("{target}/deactivate"), &body), *status, *code)
    });
    tenant.client.is_refused(steps).await;
}

async fn a_body_is_read_before_its_account_is_looked_for(world: World) {
    let tenant = world.tenant().await;
    let unknown = Uuid::now_v7();
    // However it is spelled, and whether it could be an id of this system or not.
    let ids = [
        unknown.to_string(),
        spell_account_id(AccountId::new(unknown)),
        "account_xyz123".to_owned(),
        "account_zzzzzzzzzzzzzzzzzzzzzz".to_owned(),
    ];
    for id in ids {
        let step =
            |body: &str| Request::new("POST", &format!("{ACCOUNTS}/{id}/deactivate")).text(body);
        let rows = [
            (step("{"), 400, "payload_invalid"),
            (step("{}"), 422, "parameters_invalid"),
            (step(r#"{"status_reason":"frozen"}"#), 404, "not_found"),
        ];
        tenant.client.is_refused(rows).await;
    }
    // What is no id is refused before anything is said about the body.
    let malformed = Request::new("POST", &format!("{ACCOUNTS}/xyz123/deactivate")).text("{");
    tenant.client.is_refused([(malformed, 400, "parameters_invalid")]).await;
}
