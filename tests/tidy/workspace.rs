//! The workspace as Cargo sees it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Where the workspace is.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// A file of the workspace.
pub(crate) fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// What Cargo says; it needs no network for what these tests ask.
pub(crate) fn cargo(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO"))
        .args(arguments)
        .arg("--offline")
        .current_dir(root())
        .output()
        .unwrap();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "cargo {arguments:?}: {complaint}");
    String::from_utf8(output.stdout).unwrap()
}

/// A package of the workspace.
#[derive(Debug)]
pub(crate) struct Package {
    pub(crate) name: String,
    /// Below the root, with slashes.
    pub(crate) directory: String,
    /// What it is built with; not what only its tests need.
    pub(crate) dependencies: BTreeSet<String>,
    /// The names of its binaries.
    pub(crate) binaries: Vec<String>,
}

impl Package {
    /// Whether it is one of the Lambda functions.
    pub(crate) fn is_function(&self) -> bool {
        self.directory.starts_with("functions/")
    }
}

/// The packages of the workspace.
pub(crate) fn packages() -> Vec<Package> {
    let metadata = cargo(&["metadata", "--format-version", "1", "--no-deps"]);
    let metadata: Value = serde_json::from_str(&metadata).unwrap();
    list(&metadata, "packages").iter().map(package).collect()
}

fn package(metadata: &Value) -> Package {
    let manifest = PathBuf::from(text(metadata, "manifest_path"));
    let directory = manifest.parent().unwrap().strip_prefix(root()).unwrap();
    let dependencies = list(metadata, "dependencies").iter();
    let targets = list(metadata, "targets").iter();
    Package {
        name: text(metadata, "name"),
        directory: directory.to_str().unwrap().replace('\\', "/"),
        dependencies: dependencies
            .filter(|dependency| dependency.get("kind").is_some_and(Value::is_null))
            .map(|dependency| text(dependency, "name"))
            .collect(),
        binaries: targets
            .filter(|target| list(target, "kind").iter().any(|kind| kind == "bin"))
            .map(|target| text(target, "name"))
            .collect(),
    }
}

fn list<'a>(value: &'a Value, name: &str) -> &'a Vec<Value> {
    value.get(name).and_then(Value::as_array).unwrap_or_else(|| panic!("no {name}"))
}

fn text(value: &Value, name: &str) -> String {
    value.get(name).and_then(Value::as_str).unwrap_or_else(|| panic!("no {name}")).to_owned()
}
