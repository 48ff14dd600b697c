//! The sample events of `tests/events`: each is what a gateway would send, and is answered as the
//! table beside them says, in the shape that its gateway takes.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use subledger_http::request::event::Incoming;
use subledger_http::request::routes;
use subledger_local::seed::{self, DEMO};
use subledger_tests::{FunctionProcess, World};

/// The events of what checks no token.
const WITHOUT_TOKEN: [&str; 3] = [
    "create-balance.function-url.json",
    "get-balance.alb.json",
    "list-balances.alb-multi-value.json",
];

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("events")
}

/// The events of the table with the status of each.
fn promised() -> BTreeMap<String, u16> {
    let table = std::fs::read_to_string(directory().join("README.md")).unwrap();
    let rows = table.lines().filter_map(|line| line.strip_prefix("| `"));
    rows.map(|row| {
        let (name, rest) = row.split_once('`').unwrap();
        let status = rest.trim_end_matches(" |").rsplit(' ').next().unwrap();
        (name.to_owned(), status.parse().unwrap())
    })
    .collect()
}

fn event(name: &str) -> Value {
    let text = std::fs::read_to_string(directory().join(name)).unwrap();
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The function that an event is for.
fn function_of(name: &str) -> &str {
    name.split('.').next().unwrap()
}

#[tokio::test]
async fn a_sample_event_is_answered_as_the_table_says() {
    let world = World::on_lambda().await;
    seed::seed(&world.store, &|_| {}).await.unwrap();
    for (name, status) in promised() {
        let answer = world.invoke(function_of(&name), &event(&name)).await;
        assert_eq!(answer.status, status, "{name}: {}", answer.text);
    }
}

#[test]
fn every_sample_event_is_in_the_table_and_every_function_has_one() {
    let files = std::fs::read_dir(directory()).unwrap();
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    let events: BTreeSet<String> = names.filter(|name| name != "README.md").collect();
    let promised = promised();
    assert_eq!(events, promised.keys().cloned().collect());
    let asked: BTreeSet<&str> = promised.keys().map(|name| function_of(name)).collect();
    let functions = routes::all().map(|(function, _, _)| function).chain(["unknown-route"]);
    assert_eq!(asked, functions.collect());
}

#[test]
fn a_sample_event_takes_a_route_of_its_function() {
    for name in promised().keys() {
        let event = event(name);
        let request = Incoming::read(&event.to_string()).unwrap().into_request();
        let path = [&event["rawPath"], &event["path"]].into_iter().find_map(Value::as_str);
        let (method, path) = (request.method().as_str(), path.unwrap());
        let takes = |(_, other, route): &(&str, &str, &str)| {
            *other == method && routes::path_matches(route, path)
        };
        let Some((function, _, route)) = routes::all().find(takes) else {
            assert_eq!(function_of(name), "unknown-route");
            continue;
        };
        assert_eq!(function_of(name), function);
        let named = event.get("pathParameters").cloned().unwrap_or_else(|| json!({}));
        if ["function-url", "alb"].iter().any(|kind| name.contains(kind)) {
            assert_eq!(named, json!({}), "{name}");
            continue;
        }
        let parameters = route.split('/').zip(path.split('/')).filter_map(|(name, value)| {
            let name = name.strip_prefix('{')?.strip_suffix('}')?;
            Some((name.to_owned(), json!(value)))
        });
        assert_eq!(named, Value::Object(parameters.collect()), "{name}");
        let context = &event["requestContext"];
        let resource = context["resourcePath"].as_str().unwrap_or(route);
        let key = context["routeKey"].as_str().unwrap_or_default();
        assert!(resource == route, "{name}: {resource}");
        assert!(key.is_empty() || key == format!("{method} {route}"), "{name}: {key}");
    }
}

#[test]
fn a_sample_event_says_everywhere_the_same() {
    for name in promised().keys() {
        let event = event(name);
        let context = &event["requestContext"];
        if event["version"] == "2.0" {
            assert_eq!(event["routeKey"], context["routeKey"], "{name}");
            assert_eq!(event["rawPath"], context["http"]["path"], "{name}");
        } else {
            assert!(event["httpMethod"].is_string() && event["path"].is_string(), "{name}");
        }
        if context.get("resourcePath").is_some() {
            assert_eq!(event["resource"], context["resourcePath"], "{name}");
            assert_eq!(event["httpMethod"], context["httpMethod"], "{name}");
        }
    }
}

/// The answer of the function of an event, started with authorization switched off.
async fn answer_without_authorization(world: &World, name: &str, event: &Value) -> Value {
    let setting = format!("none {} {}", DEMO.organization_id, DEMO.ledger_id);
    let variables = [("SUBLEDGER_AUTHORIZATION", setting)];
    let connection = world.table.connection(None);
    let process = FunctionProcess::configured(function_of(name), &connection, &variables).await;
    serde_json::from_str(&process.invoke(event.to_string()).await.unwrap()).unwrap()
}

#[tokio::test]
async fn what_checks_no_token_is_answered_where_authorization_is_off() {
    let world = World::on_lambda().await;
    seed::seed(&world.store, &|_| {}).await.unwrap();
    for (name, status) in WITHOUT_TOKEN.into_iter().zip([201, 200, 200]) {
        assert_eq!(promised()[name], 401, "{name}");
        let answer = answer_without_authorization(&world, name, &event(name)).await;
        assert_eq!(answer["statusCode"], status, "{name}: {answer}");
    }
    let name = "list-balances.alb-multi-value.json";
    let answer = answer_without_authorization(&world, name, &event(name)).await;
    let page: Value = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
    assert_eq!(page["limit"], 2, "the last of two limits counts");
    assert_eq!(page["items"].as_array().unwrap().len(), 2);
}

/// The answer of a function with the members that its gateway needs.
#[tokio::test]
async fn an_answer_has_the_shape_that_its_gateway_takes() {
    let world = World::on_lambda().await;
    seed::seed(&world.store, &|_| {}).await.unwrap();
    let id = "0b5e1f6c";
    for (name, member, description) in [
        ("list-balances.ledger.json", "headers", Value::Null),
        ("list-balances.rest.json", "multiValueHeaders", Value::Null),
        ("create-balance.function-url.json", "headers", Value::Null),
        ("get-balance.alb.json", "headers", json!("200 OK")),
        ("list-balances.alb-multi-value.json", "multiValueHeaders", json!("200 OK")),
    ] {
        let mut event = event(name);
        for (headers, value) in [("headers", json!(id)), ("multiValueHeaders", json!([id]))] {
            if let Some(Value::Object(headers)) = event.get_mut(headers) {
                headers.insert("x-request-id".to_owned(), value);
            }
        }
        let answer = answer_without_authorization(&world, name, &event).await;
        assert!(matches!(answer["statusCode"].as_u64(), Some(200 | 201)), "{name}: {answer}");
        assert_eq!(answer["statusDescription"], description, "{name}");
        assert_eq!(answer["isBase64Encoded"], false, "{name}");
        let text = answer["body"].as_str().unwrap();
        assert!(serde_json::from_str::<Value>(text).is_ok(), "{name}: {text}");
        let value = |value: &str| match member {
            "headers" => json!(value),
            _ => json!([value]),
        };
        assert_eq!(answer[member]["content-type"], value("application/json"), "{name}");
        assert_eq!(answer[member]["x-request-id"], value(id), "{name}");
    }
}

#[tokio::test]
async fn a_compressed_answer_is_base64_except_for_a_rest_api() {
    let world = World::on_lambda().await;
    seed::seed(&world.store, &|_| {}).await.unwrap();
    for (name, is_base64_encoded) in [
        ("list-balances.ledger.json", true),
        ("list-balances.alb-multi-value.json", true),
        ("list-balances.rest.json", false),
    ] {
        let mut event = event(name);
        for (headers, value) in [("headers", json!("gzip")), ("multiValueHeaders", json!(["gzip"]))]
        {
            if let Some(Value::Object(headers)) = event.get_mut(headers) {
                headers.insert("accept-encoding".to_owned(), value);
            }
        }
        let answer = answer_without_authorization(&world, name, &event).await;
        assert_eq!(answer["statusCode"], 200, "{name}: {answer}");
        assert_eq!(answer["isBase64Encoded"], is_base64_encoded, "{name}: {answer}");
    }
}
