//! The documents against what they describe.

use std::collections::BTreeSet;

use subledger_http::request::routes;

use crate::workspace::{read, root};

/// What the README writes for the path of a ledger.
const LEDGER: &str = "/v1/organizations/{organization_id}/ledgers/{ledger_id}";

/// The longest README, in lines: it is a map, not the territory.
const README_LINES_MAX: usize = 265;

/// The parts of a decision.
const DECISION: &[&str] = &["Context", "Decision", "Consequences", "What would change our mind"];

/// The cells of the table rows of a text.
fn rows(text: &str) -> impl Iterator<Item = Vec<&str>> {
    let rows = text.lines().filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |"));
    rows.map(|row| row.split(" | ").map(str::trim).collect())
}

/// What stands between backquotes.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// A section of a document, from its heading to the next of the same level.
fn section<'a>(text: &'a str, heading: &str) -> &'a str {
    let start = format!("\n## {heading}\n");
    let (_, rest) = text.split_once(&start).unwrap_or_else(|| panic!("no section {heading}"));
    rest.split("\n## ").next().unwrap()
}

#[test]
fn the_readme_lists_every_route_and_no_other() {
    let readme = read("README.md");
    let listed: BTreeSet<String> = rows(section(&readme, "The API"))
        .flat_map(|cells| quoted(cells.first().copied().unwrap_or_default()).collect::<Vec<_>>())
        .map(ToOwned::to_owned)
        .collect();
    let served: BTreeSet<String> = routes::all()
        .map(|(_, method, path)| format!("{method} {}", path.replacen(LEDGER, "…", 1)))
        .collect();
    assert_eq!(listed, served);
}

/// The path that a command asks for, with the README's variables put in.
fn path_of(command: &str) -> String {
    let ledger = "/v1/organizations/o/ledgers/l";
    let url = command.split([' ', '"']).find(|word| word.starts_with(['$'])).unwrap();
    let path =
        url.replace("$API", "").replace("$LEDGER", ledger).replace("$ORG", "/v1/organizations/o");
    path.split('?').next().unwrap().to_owned()
}

/// The method that a command uses.
fn method_of(command: &str) -> &str {
    let mut words = command.split(' ');
    if words.by_ref().any(|word| word == "-X") {
        return words.next().unwrap();
    }
    let has = |option| command.split(' ').any(|word| word == option);
    match (has("-I"), has("-d")) {
        (true, _) => "HEAD",
        (false, true) => "POST",
        (false, false) => "GET",
    }
}

#[test]
fn every_command_of_the_readme_calls_the_route_it_stands_beside() {
    let readme = read("README.md");
    let mut commands: usize = 0;
    for cells in rows(section(&readme, "The API")) {
        let (Some(route), Some(command)) = (cells.first(), cells.last()) else { continue };
        let Some((method, path)) = quoted(route).next().and_then(|route| route.split_once(' '))
        else {
            continue;
        };
        let command = quoted(command).next().unwrap();
        let path = path.replacen('…', LEDGER, 1);
        assert!(routes::path_matches(&path, &path_of(command)), "{command}");
        assert_eq!(method_of(command), method, "{command}");
        commands += 1;
    }
    assert_eq!(commands, routes::all().count());
}

#[test]
fn the_readme_stays_a_map() {
    assert!(read("README.md").lines().count() <= README_LINES_MAX);
}

/// The tests of this package.
fn tests() -> BTreeSet<String> {
    let files = std::fs::read_dir(root().join("tests/tidy")).unwrap();
    let texts = files.map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap());
    texts
        .flat_map(|text| {
            let tests = text.split("\n#[test]\nfn ").skip(1);
            let names = tests.filter_map(|test| test.split('(').next());
            names.map(ToOwned::to_owned).collect::<Vec<_>>()
        })
        .collect()
}

#[test]
fn the_architecture_page_names_every_one_of_these_tests() {
    let page = read("ARCHITECTURE.md");
    let is_test = |word: &&str| {
        word.contains('_') && word.chars().all(|c| c.is_ascii_lowercase() || c == '_')
    };
    let named: BTreeSet<String> = rows(section(&page, "Invariants"))
        .flat_map(|cells| quoted(cells.last().copied().unwrap_or_default()).collect::<Vec<_>>())
        .filter(is_test)
        .map(ToOwned::to_owned)
        .collect();
    assert_eq!(named, tests());
}

#[test]
fn decisions_are_numbered_without_a_gap_and_have_their_four_parts() {
    let files = std::fs::read_dir(root().join("infra/decisions")).unwrap();
    let mut names: Vec<String> =
        files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    for (number, name) in (1..).zip(&names) {
        assert!(name.starts_with(&format!("{number:04}-")) && name.ends_with(".md"), "{name}");
        let text = read(&format!("infra/decisions/{name}"));
        let headings: Vec<&str> =
            text.lines().filter_map(|line| line.strip_prefix("## ")).collect();
        assert_eq!(headings, DECISION, "{name}");
    }
}
