//! Events of every kind with random values in the places that a client controls, and some that no
//! gateway would send: no function panics, and every answer has a status below 500.

use std::path::Path;
use std::sync::Arc;

use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::{TestCaseError, TestRunner};
use serde_json::{Value, json};
use subledger_local::{Authorization, Functions, functions};

use crate::cases;
use crate::hostile::{Change, changes, texts};
use crate::requests::start;

/// A part of an event that a client controls.
#[derive(Debug, Clone)]
enum Sent {
    Method(String),
    Path(String),
    /// One more segment of the path.
    Segment(String),
    Query(String, String),
    RawQuery(String),
    Header(String, String),
    Host(String),
    Body(String, bool),
}

/// Texts as they stand in hosts, paths and queries.
fn addresses() -> impl Strategy<Value = String> {
    prop_oneof![
        2 => texts(),
        2 => "[a-z0-9.:@/?#%\\[\\]*\\\\ -]{0,16}",
        1 => "/v[01]/[a-z%/{}\"<>|^`]{0,16}",
        1 => "[A-Za-z%]{0,4}".prop_map(|text| text.repeat(20_000)),
        2 => select(vec![
            "", "/", "//", "*", ":99999", "[::1]", "[::1", "a b", "xn--", "256.256.256.256", "/%",
            "/v0", "/v0/accounts", "/v1/organizations", "h:80", "u:p@h", "?", "#", "/..", "\\",
            "http://h/", "javascript:0", "%2e%2e", "/v0/accounts/%00", "\u{e9}.example",
        ]).prop_map(str::to_owned),
    ]
}

fn sent() -> impl Strategy<Value = Sent> {
    let methods = select(vec!["GET", "POST", "PATCH", "DELETE", "HEAD", "OPTIONS", "BREW", "get"]);
    let names = select(vec![
        "accept-encoding",
        "content-type",
        "cookie",
        "host",
        "idempotency-key",
        "x-forwarded-proto",
        "x-idempotency",
        "x-request-id",
        "x-amzn-trace-id",
    ]);
    prop_oneof![
        1 => methods.prop_map(|method| Sent::Method(method.to_owned())),
        1 => texts().prop_map(Sent::Method),
        2 => addresses().prop_map(Sent::Path),
        2 => texts().prop_map(Sent::Segment),
        2 => (texts(), texts()).prop_map(|(name, value)| Sent::Query(name, value)),
        2 => addresses().prop_map(Sent::RawQuery),
        2 => (names, addresses()).prop_map(|(name, value)| Sent::Header(name.to_owned(), value)),
        1 => (texts(), texts()).prop_map(|(name, value)| Sent::Header(name, value)),
        2 => addresses().prop_map(Sent::Host),
        2 => (texts(), any::<bool>()).prop_map(|(body, is_encoded)| Sent::Body(body, is_encoded)),
        1 => Just(Sent::Body("A".repeat(600_000), true)),
    ]
}

impl Sent {
    /// Puts it in its place in this kind of event.
    fn apply(&self, event: &mut Value) {
        let is_second_format = event["version"] == "2.0";
        let path = if is_second_format { "rawPath" } else { "path" };
        match self {
            Self::Method(method) if is_second_format => {
                event["requestContext"]["http"]["method"] = json!(method);
            }
            Self::Method(method) => {
                event["httpMethod"] = json!(method);
                if event["requestContext"].get("httpMethod").is_some() {
                    event["requestContext"]["httpMethod"] = json!(method);
                }
            }
            Self::Path(text) => event[path] = json!(text),
            Self::Segment(text) => {
                let before = event[path].as_str().unwrap_or_default();
                event[path] = json!(format!("{before}/{text}"));
            }
            Self::Query(name, value) if is_second_format => {
                event["rawQueryString"] = json!(format!("{name}={value}"));
            }
            Self::Query(name, value) => {
                set(event, "queryStringParameters", name, json!(value));
                set(event, "multiValueQueryStringParameters", name, json!([value, value]));
            }
            Self::RawQuery(query) if is_second_format => event["rawQueryString"] = json!(query),
            Self::RawQuery(query) => Self::Query(query.clone(), query.clone()).apply(event),
            Self::Header(name, value) => {
                set(event, "headers", name, json!(value));
                set(event, "multiValueHeaders", name, json!([value]));
            }
            Self::Host(host) => Self::Header("host".to_owned(), host.clone()).apply(event),
            Self::Body(body, is_encoded) => {
                event["body"] = json!(body);
                event["isBase64Encoded"] = json!(is_encoded);
            }
        }
    }
}

/// Sets a member of a member that is an object. Does nothing if the event has no such object.
fn set(event: &mut Value, member: &str, name: &str, value: Value) {
    if let Some(Value::Object(members)) = event.get_mut(member) {
        members.insert(name.to_owned(), value);
    }
}

/// The sample events with their functions.
fn samples() -> Vec<(String, Value)> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("events");
    let mut samples: Vec<_> = std::fs::read_dir(directory)
        .unwrap()
        .map(|file| file.unwrap())
        .map(|file| (file.file_name().into_string().unwrap(), file.path()))
        .filter(|(name, _)| name.ends_with(".json"))
        .map(|(name, path)| {
            let event = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
            (name, event)
        })
        .collect();
    samples.sort_by(|(one, _), (other, _)| one.cmp(other));
    assert!(samples.len() > 12, "{} events", samples.len());
    samples
}

/// The status of a function's answer; `None` if the event is invalid. A panic fails the test.
async fn status(functions: &Functions, name: &str, event: &Value) -> Option<u16> {
    let function = Arc::clone(functions.get(name.split('.').next().unwrap()).unwrap());
    function(event.to_string()).await.ok().map(|response| response.status().as_u16())
}

#[test]
fn whatever_a_gateway_lets_through_is_answered_and_nothing_panics() {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.unwrap();
    let (_table, store, demo) = runtime.block_on(start());
    let samples = samples();
    for authorization in [Authorization::Jwt, Authorization::None] {
        let functions = functions::compose(&store, authorization, &demo);
        let cases_of_client = (any::<Index>(), prop::collection::vec(sent(), 1..4));
        let outcome = TestRunner::new(cases(400)).run(&cases_of_client, |(sample, all)| {
            let (name, mut event) = sample.get(&samples).clone();
            all.iter().for_each(|sent| sent.apply(&mut event));
            match runtime.block_on(status(&functions, &name, &event)) {
                Some(status) => prop_assert!((200..500).contains(&status), "{status}"),
                None => return Err(TestCaseError::fail("it is no event")),
            }
            Ok(())
        });
        assert!(outcome.is_ok(), "{}", outcome.unwrap_err());
        let cases_of_anybody = (any::<Index>(), prop::collection::vec(changes(), 1..4));
        let outcome = TestRunner::new(cases(400)).run(&cases_of_anybody, |(sample, all)| {
            let (name, mut event) = sample.get(&samples).clone();
            all.iter().for_each(|change: &Change| change.apply(&mut event));
            // No gateway sends such an event; it may be refused as none.
            if let Some(status) = runtime.block_on(status(&functions, &name, &event)) {
                prop_assert!((200..500).contains(&status), "{status}");
            }
            Ok(())
        });
        assert!(outcome.is_ok(), "{}", outcome.unwrap_err());
    }
}
