//! The documents in `infra/openapi` against the code that they describe.

use std::collections::{BTreeMap, BTreeSet};

use serde_yaml_ng::Value;
use subledger_http::request::routes::{self, Input, Route};

use crate::workspace::read;

/// What no operation answers, so that no document has it among its answers. A new row needs a
/// reason.
const ANSWERED_BY_NO_OPERATION: &[(&str, &str, &str)] = &[
    ("v0", "method_not_allowed", "it is answered where no operation is"),
    ("v1", "0484", "it is answered where no operation is"),
    ("v1", "0485", "it is answered where no operation is"),
];

const DIALECTS: [&str; 2] = ["v0", "v1"];

fn document(dialect: &str) -> Value {
    serde_yaml_ng::from_str(&read(&format!("infra/openapi/{dialect}.yaml"))).unwrap()
}

fn members<'v>(value: &'v Value, name: &str) -> impl Iterator<Item = (&'v str, &'v Value)> {
    let members = value.get(name).and_then(Value::as_mapping).into_iter().flatten();
    members.map(|(name, value)| (name.as_str().unwrap(), value))
}

/// Method, path and operation.
fn operations(document: &Value) -> Vec<(String, String, &Value)> {
    let items = members(document, "paths");
    let operations = items.flat_map(|(path, item)| {
        let members = item.as_mapping().unwrap().iter();
        let members = members.map(|(name, value)| (name.as_str().unwrap(), value));
        let operations = members.filter(|(name, _)| *name != "parameters");
        operations.map(move |(method, operation)| {
            (method.to_ascii_uppercase(), path.to_owned(), operation)
        })
    });
    operations.collect()
}

/// Method, path and scope of every route.
fn served() -> BTreeSet<(String, String, String)> {
    fn of<T>(routes: &[Route<T>]) -> impl Iterator<Item = (String, String, String)> {
        routes.iter().map(|route| {
            (route.method.to_owned(), route.path.to_owned(), route.permission.to_string())
        })
    }
    let served: BTreeSet<_> = of(routes::ACCOUNTS)
        .chain(of(routes::HEALTH))
        .chain(of(routes::LEDGERS))
        .chain(of(routes::CREATE_BALANCE))
        .chain(of(routes::GET_BALANCE))
        .chain(of(routes::LIST_BALANCES))
        .chain(of(routes::BALANCE_HISTORY))
        .chain(of(routes::UPDATE_BALANCE))
        .chain(of(routes::TRANSACTIONS))
        .collect();
    assert_eq!(served.len(), routes::all().count(), "a table of routes is missing here");
    served
}

/// Protects whoever programs against the documents: they have every operation, and the scope that a
/// token needs for it.
#[test]
fn the_documents_have_the_routes_and_scopes_of_the_functions() {
    let mut described = BTreeSet::new();
    for dialect in DIALECTS {
        let document = document(dialect);
        for (method, path, operation) in operations(&document) {
            let security = operation.get("security").and_then(Value::as_sequence).unwrap();
            if security.is_empty() {
                described.insert((method, path, "nothing".to_owned()));
                continue;
            }
            let [requirement] = security.as_slice() else {
                panic!("{method} {path} has {} security requirements", security.len());
            };
            let scopes = requirement.get("bearerAuth").and_then(Value::as_sequence).unwrap();
            let [scope] = scopes.as_slice() else {
                panic!("{method} {path} has {} scopes", scopes.len());
            };
            assert!(path.starts_with(&format!("/{dialect}/")), "{path} in {dialect}");
            described.insert((method, path, scope.as_str().unwrap().to_owned()));
        }
    }
    assert_eq!(described, served());
}

/// A parameter, or the one that a reference names.
fn resolved<'v>(document: &'v Value, parameter: &'v Value) -> &'v Value {
    let Some(reference) = parameter.get("$ref").and_then(Value::as_str) else {
        return parameter;
    };
    reference.split('/').skip(1).fold(document, |value, name| value.get(name).unwrap())
}

/// Protects whoever programs against the documents: they have the parameters of the query that the
/// operations read, which refuse all others.
#[test]
fn the_documents_have_the_parameters_that_the_operations_read() {
    for dialect in DIALECTS {
        let document = document(dialect);
        for (method, path, operation) in operations(&document) {
            let listed = operation.get("parameters").and_then(Value::as_sequence);
            let text =
                |value: &Value, name| value.get(name).and_then(Value::as_str).map(str::to_owned);
            let described: BTreeSet<String> = listed
                .into_iter()
                .flatten()
                .map(|parameter| resolved(&document, parameter))
                .filter(|parameter| text(parameter, "in").as_deref() == Some("query"))
                .map(|parameter| text(parameter, "name").unwrap())
                .collect();
            let input = routes::input_of_route((&method, &path)).unwrap();
            let read: BTreeSet<String> = input.parameters().map(str::to_owned).collect();
            assert_eq!(described, read, "{method} {path}");
            let has_body = operation.get("requestBody").is_some();
            assert_eq!(has_body, input == Input::Body, "{method} {path}");
        }
    }
}

/// The part of an error map that is no test.
fn error_map(dialect: &str) -> String {
    let files: &[&str] = match dialect {
        "v0" => &["error.rs"],
        _ => &["error/mod.rs", "error/domain.rs"],
    };
    let sources = files.iter().map(|file| read(&format!("shared/http/src/{dialect}/{file}")));
    sources.map(|source| source.split("#[cfg(test)]").next().unwrap().to_owned()).collect()
}

/// The codes of an error map: in v1 every text of four digits, in v0 the second field of each row.
fn codes(dialect: &str) -> BTreeSet<String> {
    let source = error_map(dialect);
    let texts = |source: &str| -> Vec<String> {
        source.split('"').skip(1).step_by(2).map(ToOwned::to_owned).collect()
    };
    if dialect == "v0" {
        let rows = source.split("=> row(").skip(1);
        return rows.map(|row| texts(row).first().unwrap().clone()).collect();
    }
    let is_code = |text: &String| text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    texts(&source).into_iter().filter(is_code).collect()
}

/// The errors among the examples: name and body.
fn errors(document: &Value) -> BTreeMap<&str, &Value> {
    let examples = members(document.get("components").unwrap(), "examples");
    let values = examples.map(|(name, example)| (name, example.get("value").unwrap()));
    values.filter(|(_, value)| value.get("title").is_some()).collect()
}

/// Protects whoever programs against the documents: they have every error that the service answers.
#[test]
fn the_documents_have_the_codes_and_titles_of_the_errors() {
    for dialect in DIALECTS {
        let document = document(dialect);
        let described: BTreeSet<String> = errors(&document)
            .values()
            .map(|error| error.get("code").and_then(Value::as_str).unwrap().to_owned())
            .collect();
        let exempt = ANSWERED_BY_NO_OPERATION.iter();
        let exempt = exempt.filter(|(of, ..)| *of == dialect).map(|(_, code, _)| *code);
        let expected: BTreeSet<String> = codes(dialect)
            .into_iter()
            .filter(|code| !exempt.clone().any(|exempt| exempt == code))
            .collect();
        assert_eq!(described, expected, "{dialect}");
        let source = error_map(dialect);
        for (name, error) in errors(&document) {
            let title = error.get("title").and_then(Value::as_str).unwrap();
            assert!(source.contains(&format!("\"{title}\"")), "{dialect} {name}: {title}");
        }
    }
}
