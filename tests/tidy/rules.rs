//! Rules about sources and manifests that neither the compiler nor Clippy can check.

use crate::source::below;
use crate::workspace::{packages, read};

/// Protects the schema: whoever changes a key finds every key in one file.
#[test]
fn keys_are_spelled_in_one_file() {
    for source in below("shared/dynamodb/src") {
        let is_home = source.path.ends_with("/keys.rs");
        let keys: Vec<_> = source.texts.iter().filter(|text| inside(text).contains('#')).collect();
        assert_eq!(!keys.is_empty(), is_home, "{}: {keys:?}", source.path);
    }
}

/// What stands between the quotes; the number signs of a raw string do not.
fn inside(literal: &str) -> &str {
    literal.trim_start_matches(['b', 'c', 'r']).trim_matches('#')
}

/// Protects every other rule that a lint carries: a package without the table has no lints.
#[test]
fn every_package_takes_the_lints_of_the_workspace() {
    for package in packages() {
        let manifest = read(&format!("{}/Cargo.toml", package.directory));
        assert!(manifest.contains("[lints]\nworkspace = true\n"), "{}", package.name);
    }
}

/// Protects who deploys: nothing but the functions is built for a deployment, and a panic answers
/// one request with an error instead of ending the process.
#[test]
fn a_deployment_builds_the_functions_and_nothing_else() {
    let aliases = read(".cargo/config.toml");
    let alias = aliases.lines().find(|line| line.starts_with("bootstraps = ")).unwrap();
    for package in packages() {
        let words: Vec<&str> = alias.split([' ', '"']).collect();
        let is_excluded = words.windows(2).any(|two| two == ["--exclude", &package.name]);
        let is_deployed = package.is_function() || package.directory.starts_with("shared/");
        assert_ne!(is_excluded, is_deployed, "{}", package.name);
    }
    // cargo-lambda makes a panic end the process unless the profile says otherwise.
    assert!(read("Cargo.toml").contains("\npanic = \"unwind\"\n"));
}
