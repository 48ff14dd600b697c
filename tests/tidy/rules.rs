//! What is deliberately absent from the sources, and the lints that keep the rest out.

use crate::source::{Source, below, product};
use crate::workspace::{packages, read, root};

/// The longest file, in lines without its tests. Beyond that it is split along a noun.
const FILE_LINES_MAX: usize = 600;

/// Where time, chance and the environment come in: what is asked for, and the files that ask.
///
/// Decisions take all three as arguments. The others are for what no decision depends on: the
/// token of a transaction, the length of a pause, the id that a request is logged under.
const COMING_IN: &[(&str, &[&str])] = &[
    ("SystemTime :: now", &["shared/http/src/system.rs"]),
    ("OffsetDateTime :: now_utc", &["infra/local/src/clock.rs"]),
    ("OffsetDateTime :: now_local", &[]),
    (
        "Uuid :: now_v7",
        &[
            "infra/local/src/gateway.rs",
            "infra/local/src/seed.rs",
            "shared/dynamodb/src/requests/backoff.rs",
            "shared/dynamodb/src/requests/transact_write.rs",
            "shared/http/src/request/call.rs",
            "shared/http/src/system.rs",
        ],
    ),
    ("Uuid :: new_v4", &[]),
    ("getrandom :: fill", &["infra/local/src/data_dir.rs"]),
    ("env :: var", &["shared/dynamodb/src/requests/connection.rs", "shared/http/src/serve.rs"]),
    ("env :: vars", &[]),
    ("env :: args_os", &["infra/local/src/main.rs"]),
];

/// The rules that Clippy and the compiler keep; the check of every change makes them errors.
const LINTS: &[&str] = &[
    "unsafe_code = \"forbid\"",
    "missing_docs = \"warn\"",
    "arithmetic_side_effects = \"warn\"",
    "as_conversions = \"warn\"",
    "float_arithmetic = \"warn\"",
    "unwrap_used = \"warn\"",
    "expect_used = \"warn\"",
    "indexing_slicing = \"warn\"",
    "panic = \"warn\"",
    "wildcard_enum_match_arm = \"warn\"",
    "match_wildcard_for_single_variants = \"warn\"",
    "missing_errors_doc = \"warn\"",
    "too_many_lines = \"warn\"",
    "allow_attributes_without_reason = \"warn\"",
];

/// What no code may call or name, whatever the lints of a file say.
const DISALLOWED: &[&str] = &["f64", "f32", "std::time::SystemTime::now", "std::env::var"];

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

/// Where the one Scan is: an operator's, which no function may call.
const SCANNING: &str = "shared/dynamodb/src/audit/scan.rs";

/// What the store asks DynamoDB for, as calls of the SDK: the reads, which all have to be strongly
/// consistent, and the one write. Clippy refuses the other writes (`.clippy.toml`).
const READS: &[&str] = &[". batch_get_item (", ". get_item (", ". query (", ". scan ("];
const WRITE: &str = ". transact_write_items (";

#[test]
fn nothing_scans_but_the_audit() {
    for source in below("shared/dynamodb/src") {
        let scans = source.has(". scan (") || source.has(". describe_table (");
        assert_eq!(scans, source.path == SCANNING, "{}", source.path);
    }
    for source in below("functions") {
        assert!(!source.has(". audit ("), "{}", source.path);
    }
    assert!(!read("template.yaml").contains("dynamodb:Scan"));
}

#[test]
fn every_read_is_strongly_consistent() {
    let mut found: usize = 0;
    for source in below("shared/dynamodb/src") {
        let reads: usize = READS.iter().map(|read| source.count(read)).sum();
        let consistent = source.count(". consistent_read ( true )");
        assert_eq!(consistent, reads, "{}", source.path);
        found += reads;
    }
    // A query, a get, a batch, and the audit: what is not found is not checked.
    assert_eq!(found, 4);
}

#[test]
fn every_write_is_a_transaction_with_a_token() {
    let sources = below("shared/dynamodb/src");
    let found: Vec<&Source> = sources.iter().filter(|source| source.has(WRITE)).collect();
    let [source] = found.as_slice() else {
        panic!("{} files write", found.len());
    };
    assert_eq!(source.count(WRITE), 1);
    assert_eq!(source.count(". client_request_token ( Uuid :: now_v7 ( )"), 1);
    let clippy = read(".clippy.toml");
    for write in ["put_item", "update_item", "delete_item", "batch_write_item"] {
        assert!(clippy.contains(&format!("aws_sdk_dynamodb::Client::{write}\"")), "{write}");
    }
}

#[test]
fn no_float_is_named() {
    for source in product() {
        let is_float = |token: &&str| {
            matches!(*token, "f32" | "f64")
                || (token.starts_with(|c: char| c.is_ascii_digit())
                    && !token.starts_with("0x")
                    && (token.contains('.') || token.ends_with("f32") || token.ends_with("f64")))
        };
        let floats: Vec<&str> = source.tokens().filter(is_float).collect();
        assert!(floats.is_empty(), "{}: {floats:?}", source.path);
    }
}

#[test]
fn time_chance_and_the_environment_come_in_at_named_places() {
    let sources = product();
    for (asked, places) in COMING_IN {
        let asking: Vec<&str> = sources
            .iter()
            .filter(|source| source.has(asked))
            .map(|source| source.path.as_str())
            .collect();
        assert_eq!(asking, *places, "{asked}");
    }
}

#[test]
fn a_function_decides_nothing() {
    for source in below("functions") {
        assert!(!source.has("if"), "{} has an if", source.path);
    }
}

#[test]
fn a_file_fits_in_the_head() {
    for source in product() {
        let text = read(&source.path);
        let lines = text.split("\n#[cfg(test)]\nmod tests").next().unwrap().lines().count();
        assert!(lines <= FILE_LINES_MAX, "{} has {lines} lines", source.path);
    }
}

#[test]
fn a_lint_is_silenced_by_an_expectation_with_a_reason() {
    for source in product() {
        assert!(!source.has("# allow ("), "{} has an allow", source.path);
        let expectations = source.count("# expect (");
        assert!(source.count("reason =") >= expectations, "{} gives no reason", source.path);
    }
}

#[test]
fn the_lints_that_carry_the_rules_are_on_in_every_package() {
    let manifest = read("Cargo.toml");
    for lint in LINTS {
        assert!(manifest.lines().any(|line| line == *lint), "{lint}");
    }
    let clippy = read(".clippy.toml");
    for path in DISALLOWED {
        assert!(clippy.contains(&format!("{path}\"")), "{path}");
    }
    for package in packages() {
        let manifest = read(&format!("{}/Cargo.toml", package.directory));
        assert!(manifest.contains("[lints]\nworkspace = true\n"), "{}", package.name);
    }
}

#[test]
fn every_dependency_is_chosen_in_the_root_manifest() {
    for package in packages() {
        let manifest = read(&format!("{}/Cargo.toml", package.directory));
        let tables = manifest.split("\n[").filter(|table| {
            table.starts_with("dependencies]") || table.starts_with("dev-dependencies]")
        });
        for line in tables.flat_map(str::lines).filter(|line| line.contains(" = ")) {
            assert!(line.contains("workspace = true"), "{}: {line}", package.name);
        }
    }
}

#[test]
fn a_deployment_builds_the_functions_and_nothing_else() {
    let aliases = read(".cargo/config.toml");
    let alias = aliases.lines().find_map(|line| line.strip_prefix("bootstraps = ")).unwrap();
    let words: Vec<&str> = alias.trim_matches('"').split(' ').collect();
    assert!(words.starts_with(&["lambda", "build", "--release"]) && words.contains(&"--workspace"));
    let excluded: Vec<&str> = words
        .windows(2)
        .filter_map(|pair| if let ["--exclude", name] = pair { Some(*name) } else { None })
        .collect();
    for package in packages() {
        let is_built = !excluded.contains(&package.name.as_str());
        let is_deployed = package.is_function() || package.directory.starts_with("shared/");
        assert_eq!(is_built, is_deployed, "{}", package.name);
    }
    // cargo-lambda makes a panic end the process where the profile does not say otherwise.
    assert!(read("Cargo.toml").contains("\n[profile.release]\n"));
    assert!(read("Cargo.toml").contains("\npanic = \"unwind\"\n"));
}

#[test]
fn the_check_of_a_change_runs_the_tests_as_the_readme_does() {
    let check = read(".ci/run");
    for command in [
        "cargo fmt --all --check",
        "cargo test --workspace",
        "cargo clippy --workspace --all-targets --all-features -- -D warnings",
        "RUSTDOCFLAGS=\"-D warnings\"",
        "cargo doc --workspace --no-deps",
        "step infra/checks/run",
        "step infra/openapi/check",
        "step infra/emulators/rie",
        "step infra/emulators/sam-local",
    ] {
        assert!(check.contains(command), "{command}");
    }
    assert!(read("README.md").contains("\ncargo test --workspace\n"));
    assert!(root().join("rustfmt.toml").exists());
}
