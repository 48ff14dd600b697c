//! Which crate may know which.

use std::collections::BTreeSet;

use crate::source::below;
use crate::workspace::{Package, cargo, packages};

/// Everything that the domain is built with: numbers, calendars, hashes, names and
/// Unicode.
const DOMAIN_DEPENDENCIES: &[&str] = &[
    "bigdecimal",
    "futures-util",
    "icu_casemap",
    "icu_normalizer",
    "icu_properties",
    "iso_currency",
    "rust_decimal",
    "rust_iso3166",
    "sha2",
    "thiserror",
    "time",
    "uuid",
];

/// Everything that a function is built with: its three layers and the runtime of its `main`.
const FUNCTION_DEPENDENCIES: &[&str] =
    &["subledger", "subledger-dynamodb", "subledger-http", "tokio"];

/// How the names of crates begin that the domain must not bring in, not even through another.
const OUTSIDE: &[&str] = &["aws-", "axum", "http", "hyper", "lambda", "rustls", "serde", "tokio"];

/// What reaches out of a process.
const REACHING_OUT: &[&str] =
    &["std :: env", "std :: fs", "std :: net", "std :: process", "std :: thread", "println !"];

/// What is built on all of it and deployed nowhere.
const MEASURING: &[&str] = &["subledger-benches", "subledger-tests"];

fn named(name: &str) -> Package {
    packages().into_iter().find(|package| package.name == name).unwrap()
}

fn names(list: &[&str]) -> BTreeSet<String> {
    list.iter().map(|name| (*name).to_owned()).collect()
}

/// The packages of the product that are built with this crate, in order.
fn users_of(dependency: &str) -> Vec<String> {
    let mut users: Vec<String> = packages()
        .into_iter()
        .filter(|package| !MEASURING.contains(&package.name.as_str()))
        .filter(|package| package.dependencies.contains(dependency))
        .map(|package| package.name)
        .collect();
    users.sort();
    users
}

/// Protects the rules of money: they can be read, tested and reused without anything around them.
#[test]
fn the_domain_is_pure() {
    assert_eq!(named("subledger").dependencies, names(DOMAIN_DEPENDENCIES));
    let tree = cargo(&["tree", "-p", "subledger", "-e", "normal", "--prefix", "none"]);
    let outside: Vec<&str> =
        tree.lines().filter(|line| OUTSIDE.iter().any(|name| line.starts_with(name))).collect();
    assert!(outside.is_empty(), "{outside:?}");
    for source in below("shared/domain/src") {
        let reached: Vec<_> = REACHING_OUT.iter().filter(|tokens| source.has(tokens)).collect();
        assert!(reached.is_empty(), "{} has {reached:?}", source.path);
    }
}

/// Protects the schema and the promises of the store: nothing goes past it to the table. The audit
/// reads whole tables, which no function may do.
#[test]
fn only_the_store_and_the_audit_speak_to_dynamodb() {
    assert_eq!(users_of("aws-sdk-dynamodb"), ["subledger-audit", "subledger-dynamodb"]);
    for spoken in ["aws-config", "hyper-rustls", "rustls", "serde_dynamo"] {
        assert_eq!(users_of(spoken), ["subledger-dynamodb"], "{spoken}");
    }
    assert_eq!(users_of("subledger-audit"), ["subledger-local"]);
}

/// Protects the wire formats: what a client sees is decided in one crate. `infra/local` is the
/// gateway, which speaks HTTP itself.
#[test]
fn only_the_http_crate_and_the_local_gateway_know_json() {
    assert_eq!(users_of("serde_json"), ["subledger-http", "subledger-local"]);
}

/// Protects both: a wire format changes without the table, and the table without a wire format.
#[test]
fn the_wire_and_the_store_do_not_know_each_other() {
    assert!(!named("subledger-http").dependencies.contains("subledger-dynamodb"));
    assert!(!named("subledger-dynamodb").dependencies.contains("subledger-http"));
}

/// Protects the layers: a function wires them together and has no logic of its own to need more.
#[test]
fn a_function_is_built_with_its_three_layers_and_a_runtime() {
    let allowed = names(FUNCTION_DEPENDENCIES);
    for function in packages().iter().filter(|package| package.is_function()) {
        let others: Vec<_> = function.dependencies.difference(&allowed).collect();
        assert!(others.is_empty(), "{}: {others:?}", function.name);
    }
}

/// Protects what is deployed: functions are deployed apart, and no code for tests or for the local
/// stack is in them.
#[test]
fn nothing_that_is_deployed_knows_a_function_the_local_stack_or_the_tests() {
    for function in packages().iter().filter(|package| package.is_function()) {
        assert_eq!(users_of(&function.name), ["subledger-local"], "{}", function.name);
    }
    for outside in ["subledger-local", "subledger-store-contract", "subledger-tests"] {
        assert!(users_of(outside).is_empty(), "{outside}");
    }
    assert_eq!(users_of("dynoxide-rs"), ["subledger-local"]);
}

/// What only the tool that people run is built with: other sources of credentials, a command line,
/// an engine. And the TLS library that the SDK brings by default.
const NEVER_DEPLOYED: &[&str] =
    &["aws-lc", "aws-sdk-sso", "aws-sdk-signin", "clap", "dynoxide", "h2 ", "jsonwebtoken"];

/// Protects start-up and size: what each of these brings takes longer to load than all the rest.
#[test]
fn nothing_of_the_local_tool_is_built_into_a_function() {
    let functions: Vec<Package> = packages().into_iter().filter(Package::is_function).collect();
    let selected = functions.iter().flat_map(|package| ["-p", package.name.as_str()]);
    let arguments: Vec<&str> =
        ["tree", "-e", "normal", "--prefix", "none"].into_iter().chain(selected).collect();
    let tree = cargo(&arguments);
    for wanted in ["aws-config ", "aws-sdk-dynamodb ", "serde_dynamo "] {
        assert!(tree.lines().any(|line| line.starts_with(wanted)), "{wanted}");
    }
    let leaked: Vec<&str> = tree
        .lines()
        .filter(|line| NEVER_DEPLOYED.iter().any(|name| line.starts_with(name)))
        .collect();
    assert!(leaked.is_empty(), "{leaked:?}");
}
