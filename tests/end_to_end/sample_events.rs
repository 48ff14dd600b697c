//! The sample events of `tests/events`: each is what API Gateway would send, and is answered as the
//! table beside them says.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use subledger_http::event::Event;
use subledger_http::routes;
use subledger_local::seed;
use subledger_tests::World;

/// The route of an event that no other route takes.
const CATCH_ALL: &str = "$default";

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
fn a_sample_event_says_everywhere_which_route_it_takes() {
    for name in promised().keys() {
        let event = event(name);
        let context = &event["requestContext"];
        assert_eq!(event["version"], "2.0", "{name}");
        assert_eq!(event["routeKey"], context["routeKey"], "{name}");
        assert_eq!(event["rawPath"], context["http"]["path"], "{name}");
        let parsed: Event = serde_json::from_value(event.clone()).unwrap();
        let route_key = parsed.route_key.unwrap();
        if route_key == CATCH_ALL {
            assert_eq!(function_of(name), "unknown-route");
            continue;
        }
        let (method, path) = route_key.split_once(' ').unwrap();
        let route = (function_of(name), method, path);
        assert!(routes::all().any(|served| served == route), "{name}: {route:?}");
        assert_eq!(context["http"]["method"], method, "{name}");
        let raw_path = parsed.raw_path.unwrap();
        assert!(routes::path_matches(path, &raw_path), "{name}: {raw_path}");
        let parameters = path.split('/').zip(raw_path.split('/')).filter_map(|(name, value)| {
            let name = name.strip_prefix('{')?.strip_suffix('}')?;
            Some((name.to_owned(), json!(value)))
        });
        let parameters = Value::Object(parameters.collect());
        let named = event.get("pathParameters").cloned().unwrap_or_else(|| json!({}));
        assert_eq!(named, parameters, "{name}");
    }
}
