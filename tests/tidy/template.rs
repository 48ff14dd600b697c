//! `template.yaml` against the code that it deploys.

use std::collections::{BTreeMap, BTreeSet};

use serde_yaml_ng::Value;
use subledger_http::request::routes;

use crate::source::below;
use crate::workspace::{packages, read};

/// The DynamoDB actions behind each port. A transaction is allowed by the actions it is made of.
///
/// A new port begins as a row here: the functions that use it get its actions and no others.
const ACTIONS: &[(&str, &[&str])] = &[
    ("ChangeAssets", &["DeleteItem", "GetItem", "PutItem", "UpdateItem"]),
    ("ChangeBalances", &["DeleteItem", "GetItem", "PutItem", "Query"]),
    ("ChangeGroups", &["DeleteItem", "PutItem", "UpdateItem"]),
    ("ChangeLedgers", &["DeleteItem", "PutItem", "UpdateItem"]),
    ("ChangeOrganizations", &["DeleteItem", "PutItem", "UpdateItem"]),
    (
        "DeleteAccounts",
        &["BatchGetItem", "DeleteItem", "GetItem", "PutItem", "Query", "UpdateItem"],
    ),
    ("InsertAsset", &["GetItem", "PutItem", "UpdateItem"]),
    ("InsertGroup", &["PutItem", "UpdateItem"]),
    ("InsertLedger", &["PutItem", "UpdateItem"]),
    ("InsertOrganization", &["PutItem", "UpdateItem"]),
    ("ListAccounts", &["BatchGetItem", "Query"]),
    ("ListBalances", &["BatchGetItem", "GetItem", "Query"]),
    ("ListGroups", &["BatchGetItem", "Query"]),
    ("ListTransactions", &["BatchGetItem", "GetItem", "Query"]),
    ("OpenBalances", &["ConditionCheckItem", "GetItem", "PutItem"]),
    ("PostTransactions", &["BatchGetItem", "GetItem", "PutItem"]),
    ("ReadAccounts", &["GetItem"]),
    ("ReadAssets", &["BatchGetItem", "GetItem", "Query"]),
    ("ReadBalance", &["Query"]),
    ("ReadCounts", &["Query"]),
    ("ReadGroups", &["GetItem"]),
    ("ReadHistory", &["GetItem", "Query"]),
    ("ReadLedgers", &["BatchGetItem", "GetItem", "Query"]),
    ("ReadNothing", &["GetItem"]),
    ("ReadOrganizations", &["BatchGetItem", "GetItem", "Query"]),
    ("ResolveAlias", &["GetItem"]),
    ("WriteAccounts", &["PutItem", "UpdateItem"]),
];

/// The function that answers what no route takes, and what browsers ask before a request.
const CATCH_ALL: &str = "unknown-route";

/// The function that monitors ask, without a token.
const HEALTH: &str = "health";

/// The route of what browsers ask before a request, without a token.
const PREFLIGHT: (&str, &str) = ("OPTIONS", "/{proxy+}");

fn is_preflight((method, path): &(String, String)) -> bool {
    (method.as_str(), path.as_str()) == PREFLIGHT
}

/// A function of the template.
#[derive(Debug)]
struct Function {
    /// The last part of its `CodeUri`.
    package: String,
    /// Method and path of each event; none for the catch-all.
    events: Vec<(Option<(String, String)>, bool)>,
    /// What it may do, without `dynamodb:`.
    actions: BTreeSet<String>,
    /// What it may do it to.
    resources: Vec<Value>,
}

fn at<'a>(value: &'a Value, path: &[&str]) -> &'a Value {
    path.iter().fold(value, |value, name| {
        value.get(name).unwrap_or_else(|| panic!("template.yaml has no {path:?}"))
    })
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// The resources of this type by their logical ids.
fn resources(kind: &str) -> BTreeMap<String, Value> {
    let template: Value = serde_yaml_ng::from_str(&read("template.yaml")).unwrap();
    let resources = at(&template, &["Resources"]).as_mapping().unwrap().clone();
    let wanted = resources.into_iter().filter(|(_, value)| text(at(value, &["Type"])) == kind);
    wanted.map(|(name, value)| (text(&name), value)).collect()
}

fn functions() -> Vec<Function> {
    resources("AWS::Serverless::Function").values().map(function).collect()
}

fn function(resource: &Value) -> Function {
    let properties = at(resource, &["Properties"]);
    let uri = text(at(properties, &["CodeUri"]));
    let package = uri.strip_prefix("target/lambda/").and_then(|rest| rest.strip_suffix('/'));
    let statements: Vec<Value> = properties
        .get("Policies")
        .and_then(Value::as_sequence)
        .into_iter()
        .flatten()
        .flat_map(|policy| at(policy, &["Statement"]).as_sequence().unwrap().clone())
        .collect();
    let actions = statements.iter().flat_map(|statement| {
        let actions = at(statement, &["Action"]).as_sequence().unwrap();
        actions.iter().map(|action| text(action).strip_prefix("dynamodb:").unwrap().to_owned())
    });
    Function {
        package: package.unwrap_or_else(|| panic!("CodeUri {uri}")).to_owned(),
        events: at(properties, &["Events"]).as_mapping().unwrap().values().map(event).collect(),
        actions: actions.collect(),
        resources: statements
            .iter()
            .map(|statement| at(statement, &["Resource"]).clone())
            .collect(),
    }
}

/// Method and path of an event, and whether the authorizer stands before it.
fn event(event: &Value) -> (Option<(String, String)>, bool) {
    assert_eq!(text(at(event, &["Type"])), "HttpApi");
    let properties = at(event, &["Properties"]);
    let part = |name: &str| properties.get(name).map(text);
    let authorizer = properties.get("Auth").map(|auth| text(at(auth, &["Authorizer"])));
    (part("Method").zip(part("Path")), authorizer.as_deref() != Some("NONE"))
}

/// Protects clients: every operation can be reached, and nothing else can.
#[test]
fn the_template_routes_exactly_what_the_functions_serve() {
    let served: BTreeSet<(String, String, String)> = routes::all()
        .map(|(package, method, path)| (package.to_owned(), method.to_owned(), path.to_owned()))
        .collect();
    let routed: BTreeSet<(String, String, String)> = functions()
        .into_iter()
        .flat_map(|Function { package, events, .. }| {
            let routes = events.into_iter().filter_map(|(route, _)| route);
            let routes = routes.filter(|route| !is_preflight(route));
            routes.map(move |(method, path)| (package.clone(), method, path)).collect::<Vec<_>>()
        })
        .collect();
    assert_eq!(routed, served);
}

/// Protects tenants: API Gateway checks a token before any function but the one that refuses and the
/// one that says nothing of anybody, and strangers get little out of these two.
#[test]
fn only_the_catch_all_and_health_stand_before_the_authorizer() {
    let mut open = BTreeSet::from(["$default".to_owned()]);
    for function in functions() {
        for (route, authorized) in function.events {
            let is_caught = route.as_ref().is_none_or(is_preflight);
            assert_eq!(is_caught, function.package == CATCH_ALL, "{}", function.package);
            let is_open = is_caught || function.package == HEALTH;
            assert_eq!(authorized, !is_open, "{}", function.package);
            let named = route.filter(|_| function.package == HEALTH);
            open.extend(named.map(|(method, path)| format!("{method} {path}")));
        }
    }
    let apis = resources("AWS::Serverless::HttpApi");
    let settings = apis.values().next().map(|api| at(api, &["Properties", "RouteSettings"]));
    for route in open {
        let limit = at(settings.unwrap(), &[&route, "ThrottlingRateLimit"]);
        assert_eq!(limit.as_u64(), Some(10), "{route}");
    }
    let apis = resources("AWS::Serverless::HttpApi");
    let auth = apis.values().map(|api| text(at(api, &["Properties", "Auth", "DefaultAuthorizer"])));
    assert_eq!(auth.collect::<Vec<_>>(), ["Jwt"]);
}

/// The ports that the sources of a package import.
fn ports_of(package: &str) -> BTreeSet<String> {
    let sources = below(&format!("functions/{package}/src"));
    let imports = sources.iter().flat_map(|source| source.statements("subledger :: ports ::"));
    let words = imports.flat_map(|import| import.split([' ', ',', '{', '}']));
    let is_port = |word: &&str| word.starts_with(char::is_uppercase) && *word != "Store";
    words.filter(is_port).map(ToOwned::to_owned).collect()
}

/// Protects the table: a function has no permission that its code does not need.
#[test]
fn a_function_may_do_what_its_ports_need_and_nothing_else() {
    let actions: BTreeMap<&str, &[&str]> = ACTIONS.iter().copied().collect();
    for function in functions() {
        let mut needed = BTreeSet::new();
        for port in ports_of(&function.package) {
            let row = actions.get(port.as_str()).unwrap_or_else(|| panic!("no row for {port}"));
            needed.extend(row.iter().map(|action| (*action).to_owned()));
        }
        assert_eq!(function.actions, needed, "{}", function.package);
    }
}

/// Protects the rest of the account.
#[test]
fn a_function_may_touch_the_one_table_and_nothing_else() {
    let tables = resources("AWS::DynamoDB::Table");
    assert_eq!(tables.len(), 1);
    let arn = format!("{}.Arn", tables.keys().next().unwrap());
    for function in functions() {
        for resource in function.resources {
            let Value::Tagged(resource) = resource else {
                panic!("{} may touch {resource:?}", function.package);
            };
            assert_eq!(resource.tag.to_string(), "!GetAtt");
            assert_eq!(text(&resource.value), arn);
        }
    }
}

/// Protects history: what is added to in place is a counter, and nothing else is changed but by being
/// replaced as a whole.
#[test]
fn only_counters_are_updated_in_place() {
    let all = resources("AWS::Serverless::Function");
    let functions = all.values().filter_map(|it| at(it, &["Properties"]).get("Policies"));
    let boundary = resources("AWS::IAM::ManagedPolicy");
    let boundary = boundary.values().map(|it| at(it, &["Properties", "PolicyDocument"]).clone());
    let policies = functions.flat_map(|policies| policies.as_sequence().unwrap().clone());
    let mut counters = 0;
    for policy in policies.chain(boundary) {
        for statement in at(&policy, &["Statement"]).as_sequence().unwrap() {
            let actions = at(statement, &["Action"]).as_sequence().unwrap();
            if !actions.iter().any(|action| text(action) == "dynamodb:UpdateItem") {
                continue;
            }
            let condition = ["Condition", "ForAllValues:StringLike", "dynamodb:LeadingKeys"];
            let keys = at(statement, &condition).as_sequence().unwrap();
            assert_eq!(keys.iter().map(text).collect::<Vec<_>>(), ["COUNTS#*"]);
            assert_eq!(actions.len(), 1);
            counters += 1;
        }
    }
    assert_eq!(counters, 3);
}

/// Protects the data: against deletion, and by recovery to any second of 35 days. An index would be
/// eventually consistent, and would bound a ledger to one partition.
#[test]
fn the_table_is_protected_has_the_two_keys_of_the_schema_and_no_index() {
    let tables = resources("AWS::DynamoDB::Table");
    let table = tables.values().next().unwrap();
    for (name, value) in [("DeletionPolicy", "Retain"), ("UpdateReplacePolicy", "Retain")] {
        assert_eq!(text(at(table, &[name])), value, "{name}");
    }
    let properties = at(table, &["Properties"]);
    let keys: Vec<(String, String)> = at(properties, &["KeySchema"])
        .as_sequence()
        .unwrap()
        .iter()
        .map(|key| (text(at(key, &["AttributeName"])), text(at(key, &["KeyType"]))))
        .collect();
    assert_eq!(keys, [("pk", "HASH"), ("sk", "RANGE")].map(|(a, b)| (a.to_owned(), b.to_owned())));
    let schema = read("shared/dynamodb/src/schema/keys.rs");
    for constant in ["PK: &str = \"pk\";", "SK: &str = \"sk\";"] {
        assert!(schema.contains(constant), "{constant}");
    }
    for index in ["GlobalSecondaryIndexes", "LocalSecondaryIndexes", "StreamSpecification"] {
        assert!(properties.get(index).is_none(), "{index}");
    }
    assert_eq!(text(at(properties, &["BillingMode"])), "PAY_PER_REQUEST");
    let recovery = ["PointInTimeRecoverySpecification", "PointInTimeRecoveryEnabled"];
    for on in [&["DeletionProtectionEnabled"][..], &recovery] {
        assert_eq!(at(properties, on).as_bool(), Some(true), "{on:?}");
    }
}

/// Protects who looks for a function: it has one name everywhere.
#[test]
fn a_function_has_one_name_as_package_directory_binary_and_code() {
    let deployed: BTreeSet<String> =
        functions().into_iter().map(|function| function.package).collect();
    let mut built = BTreeSet::new();
    for function in packages().into_iter().filter(|package| package.is_function()) {
        assert_eq!(function.directory, format!("functions/{}", function.name));
        assert_eq!(function.binaries, [function.name.as_str()]);
        built.insert(function.name);
    }
    assert_eq!(deployed, built);
}
