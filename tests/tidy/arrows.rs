//! Which crate may know which.

use std::collections::BTreeSet;

use crate::source::{Source, below, product};
use crate::workspace::{Package, cargo, packages};

/// Everything that the domain is built with: numbers, calendars, hashes and names.
const DOMAIN_DEPENDENCIES: &[&str] = &[
    "bigdecimal",
    "futures-util",
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

/// The statuses of success; refusals have theirs from the error map of their dialect.
const SUCCESS: &[&str] = &["200", "201", "204"];

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

/// The files outside these directories that have one of these tokens.
fn strays(tokens: &[&str], homes: &[&str]) -> Vec<String> {
    let is_stray = |source: &Source| {
        tokens.iter().any(|tokens| source.has(tokens))
            && !homes.iter().any(|home| source.path.starts_with(home))
    };
    product().into_iter().filter(is_stray).map(|source| source.path).collect()
}

#[test]
fn the_domain_knows_no_runtime_no_cloud_and_no_wire() {
    assert_eq!(named("subledger").dependencies, names(DOMAIN_DEPENDENCIES));
    let tree = cargo(&["tree", "-p", "subledger", "-e", "normal", "--prefix", "none"]);
    let outside: Vec<&str> =
        tree.lines().filter(|line| OUTSIDE.iter().any(|name| line.starts_with(name))).collect();
    assert!(outside.is_empty(), "{outside:?}");
}

#[test]
fn the_domain_does_not_reach_out_of_its_process() {
    for source in below("shared/domain/src") {
        let reached: Vec<_> = REACHING_OUT.iter().filter(|tokens| source.has(tokens)).collect();
        assert!(reached.is_empty(), "{} has {reached:?}", source.path);
    }
}

#[test]
fn only_the_dynamodb_crate_speaks_to_dynamodb() {
    for spoken in ["aws-config", "aws-sdk-dynamodb", "hyper-rustls", "rustls", "serde_dynamo"] {
        assert_eq!(users_of(spoken), ["subledger-dynamodb"], "{spoken}");
    }
    let tokens = ["aws_config", "aws_sdk_dynamodb", "hyper_rustls", "rustls", "serde_dynamo"];
    assert!(strays(&tokens, &["shared/dynamodb/"]).is_empty());
}

/// `infra/local` is exempt: it is the gateway, which speaks HTTP for a living.
#[test]
fn only_the_http_crate_names_json_and_statuses() {
    assert_eq!(users_of("serde_json"), ["subledger-http", "subledger-local"]);
    let tokens = ["serde_json", "StatusCode", "HeaderMap", "HeaderValue", "lambda_http"];
    let strays = strays(&tokens, &["shared/http/", "infra/local/"]);
    assert!(strays.is_empty(), "{strays:?}");
}

#[test]
fn a_function_names_no_status_but_that_of_its_success() {
    for source in below("functions") {
        let is_number = |token: &&str| token.starts_with(|c: char| c.is_ascii_digit());
        let others: Vec<&str> =
            source.tokens().filter(is_number).filter(|token| !SUCCESS.contains(token)).collect();
        assert!(others.is_empty(), "{}: {others:?}", source.path);
    }
}

#[test]
fn the_wire_and_the_store_do_not_know_each_other() {
    assert!(!named("subledger-http").dependencies.contains("subledger-dynamodb"));
    assert!(!named("subledger-dynamodb").dependencies.contains("subledger-http"));
}

#[test]
fn a_function_is_built_with_its_three_layers_and_a_runtime() {
    let allowed = names(FUNCTION_DEPENDENCIES);
    for function in packages().iter().filter(|package| package.is_function()) {
        let others: Vec<_> = function.dependencies.difference(&allowed).collect();
        assert!(others.is_empty(), "{}: {others:?}", function.name);
    }
}

#[test]
fn no_function_knows_another() {
    let packages = packages();
    let functions: BTreeSet<&str> = packages
        .iter()
        .filter(|package| package.is_function())
        .map(|package| package.name.as_str())
        .collect();
    for package in &packages {
        let known = package.dependencies.iter().any(|name| functions.contains(name.as_str()));
        let may_know = ["subledger-local", "subledger-tests"].contains(&package.name.as_str());
        assert!(!known || may_know, "{} knows a function", package.name);
    }
}

#[test]
fn nothing_that_is_deployed_knows_the_local_stack_or_the_tests() {
    assert!(users_of("subledger-local").is_empty());
    assert!(users_of("subledger-tests").is_empty());
    assert_eq!(users_of("dynoxide-rs"), ["subledger-local"]);
}

/// What only the tool that people run is built with: other sources of credentials, a command line,
/// an engine. And the TLS library that the SDK brings by default.
const NEVER_DEPLOYED: &[&str] =
    &["aws-lc", "aws-sdk-sso", "aws-sdk-signin", "clap", "dynoxide", "h2 ", "jsonwebtoken"];

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
