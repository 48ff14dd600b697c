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
    for times in 1..=2 {
        let error = process.invoke(ask("/panic")).await.unwrap_err();
        let log = process.log();
        let lines = log.lines().filter(|line| line.contains("a function panicked"));
        let lines: Vec<Value> = lines.map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(lines.len(), times, "{log}");
        for line in lines {
            let id = &request("ListLedgerBalances").event["requestContext"]["requestId"];
            assert!(id.is_string() && line["span"]["request_id"] == *id, "{line}");
            assert_eq!(line["fields"]["reason"], "it was asked to", "{line}");
        }
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

/// A DynamoDB that has nothing, and where it is the first of January 2026.
async fn of_another_time() -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut bytes = [0; 65_536];
                // Requests are smaller than a packet, and their answers are all the same.
                while stream.read(&mut bytes).await.is_ok_and(|read| read > 0) {
                    let answer = "HTTP/1.1 200 OK\r\ncontent-type: application/x-amz-json-1.0\r\n\
                                  date: Thu, 01 Jan 2026 00:00:00 GMT\r\ncontent-length: 2\r\n\r\n{}";
                    drop(stream.write_all(answer.as_bytes()).await);
                }
            });
        }
    });
    endpoint
}

#[tokio::test]
async fn a_function_compares_its_clock_with_that_of_dynamodb() {
    let elsewhere = Connection::local(TABLE_NAME, &of_another_time().await);
    let process = FunctionProcess::of("balance-history", &elsewhere).await;
    let mut invocation = request("GetAccountBalancesHistory");
    invocation.event["rawQueryString"] = json!("date=2025-12-31T00:00:00Z");
    invocation.event["queryStringParameters"] = json!({ "date": "2025-12-31T00:00:00Z" });
    let (status, body) = parts(&process.invoke(invocation.event.to_string()).await.unwrap());
    assert_eq!((status, &body["title"]), (503, &json!("Wrong Clock")), "{body}");
}

#[tokio::test]
async fn a_function_takes_its_settling_time_from_the_environment() {
    let world = demo().await;
    let connection = world.table.connection(None);
    let now = subledger_tests::now();
    for (seconds, left) in [("30", 1..=30), ("3600", 3_500..=3_600)] {
        let variables = [("SETTLING_SECONDS", seconds.to_owned())];
        let process = FunctionProcess::configured("balance-history", &connection, &variables).await;
        let mut invocation = request("GetAccountBalancesHistory");
        invocation.event["rawQueryString"] = json!(format!("date={now}&settled=true"));
        let event = invocation.event.to_string();
        let answer: Value = serde_json::from_str(&process.invoke(event).await.unwrap()).unwrap();
        assert_eq!(answer["statusCode"], 409, "{answer}");
        let retry_after: u32 = answer["headers"]["retry-after"].as_str().unwrap().parse().unwrap();
        assert!(left.contains(&retry_after), "{retry_after}");
    }
}
