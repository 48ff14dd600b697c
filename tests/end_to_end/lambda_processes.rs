//! What becomes of a function's process: when it panics, when DynamoDB does not answer, and when it
//! is to end.

use std::os::unix::process::ExitStatusExt;

use serde_json::{Value, json};
use subledger_dynamodb::Connection;
use subledger_local::backend::TABLE_NAME;
use subledger_local::seed::{self, DEMO};
use subledger_tests::{ALL_SCOPES, FunctionProcess, Invocation, PathParameters, World};
use tokio::net::TcpListener;

/// The signal that Lambda ends a process with.
const SIGTERM: i32 = 15;

/// A request in the demo ledger.
fn request(operation: &str) -> Invocation {
    let parameters = PathParameters::from([
        ("organization_id", DEMO.organization_id.to_string()),
        ("ledger_id", DEMO.ledger_id.to_string()),
        ("account_id", DEMO.customer_account_id.to_string()),
    ]);
    let claims = json!({
        "organization_id": DEMO.organization_id.to_string(),
        "ledger_id": DEMO.ledger_id.to_string(),
        "scope": ALL_SCOPES
    });
    Invocation::new(operation, &parameters, &claims)
}

/// The demo data behind the Lambdas.
async fn demo() -> World {
    let world = World::on_lambda().await;
    seed::seed(&world.store, &|_| {}).await.unwrap();
    world
}

fn opening(key: &str) -> String {
    request("CreateBalance").body(&json!({ "key": key })).event.to_string()
}

/// The status and the body of an answer.
fn parts(answer: &str) -> (u64, Value) {
    let answer: Value = serde_json::from_str(answer).unwrap();
    let body = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
    (answer["statusCode"].as_u64().unwrap(), body)
}

#[tokio::test]
async fn a_panic_is_an_error_answer_and_the_next_request_is_served() {
    let nowhere = Connection::local(TABLE_NAME, "http://127.0.0.1:1");
    let process = FunctionProcess::of("panicking-function", &nowhere).await;
    let ask = |path: &str| {
        let mut event = request("ListLedgerBalances").event;
        event["rawPath"] = json!(path);
        event.to_string()
    };
    for _ in 0..2 {
        let error = process.invoke(ask("/panic")).await.unwrap_err();
        let error: Value = serde_json::from_str(&error).unwrap();
        assert!(error["errorType"].is_string(), "{error}");
        let (status, body) = parts(&process.invoke(ask("/v1/nothing")).await.unwrap());
        assert_eq!((status, &body["code"]), (404, &json!("0484")));
    }
}

#[tokio::test]
async fn an_event_that_is_none_is_an_error_answer_and_the_next_request_is_served() {
    let world = demo().await;
    let connection = world.table.connection(None);
    let process = FunctionProcess::of("create-balance", &connection).await;
    for event in ["[]", "7", r#"{"headers":7}"#] {
        process.invoke(event.to_owned()).await.unwrap_err();
    }
    assert_eq!(parts(&process.invoke(opening("savings")).await.unwrap()).0, 201);
}

#[tokio::test]
async fn a_dynamodb_that_does_not_answer_is_given_up_before_the_function_is() {
    // It takes connections and requests, and says nothing.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", silent.local_addr().unwrap());
    let process =
        FunctionProcess::of("create-balance", &Connection::local(TABLE_NAME, &endpoint)).await;
    let (status, body) = parts(&process.invoke(opening("savings")).await.unwrap());
    assert_eq!((status, &body["code"]), (503, &json!("0046")));
    assert!(!body.to_string().contains("DynamoDB"), "{body}");
}

#[tokio::test]
async fn a_function_ends_when_it_is_told_to_and_what_it_answered_stays() {
    let world = demo().await;
    let connection = world.table.connection(None);
    let process = FunctionProcess::of("create-balance", &connection).await;
    assert_eq!(parts(&process.invoke(opening("savings")).await.unwrap()).0, 201);
    process.has_asked(2).await;
    assert_eq!(process.terminate().await.signal(), Some(SIGTERM));
    // Another process finds what the first one did.
    let process = FunctionProcess::of("create-balance", &connection).await;
    let (status, body) = parts(&process.invoke(opening("savings")).await.unwrap());
    assert_eq!((status, &body["code"]), (409, &json!("0123")));
}
