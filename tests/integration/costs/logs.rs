//! The length of the log lines of a request.

use serde_json::Value;
use subledger_local::template::TEMPLATE;

/// What API Gateway writes for each variable of an access log; longer names first, because some
/// begin with others.
const VARIABLES: &[(&str, &str)] = &[
    (
        "$context.authorizer.claims.scope",
        "account/read_write subledger_balance/read_write transaction/read_write",
    ),
    ("$context.error.responseType", "-"),
    ("$context.integrationLatency", "12"),
    ("$context.integrationStatus", "200"),
    ("$context.responseLatency", "15"),
    ("$context.responseLength", "1234"),
    ("$context.requestTime", "01/Jan/2026:00:00:00 +0000"),
    ("$context.requestId", "JKJaXmPLvHcESHA="),
    ("$context.status", "200"),
    ("${AWS::StackName}", "production"),
];

/// The line of the access log for a request on this route, in bytes.
pub(crate) fn access_line_bytes(route_key: &str) -> usize {
    let (_, format) = TEMPLATE.split_once("Format: !Sub >-\n").unwrap();
    // A folded text of YAML ends where the indentation does; its lines are joined by blanks.
    let lines = format.lines().take_while(|line| line.starts_with("          "));
    let format = lines.map(str::trim).collect::<Vec<_>>().join(" ");
    let named = format.replace("$context.routeKey", route_key);
    let line = VARIABLES.iter().fold(named, |line, (name, value)| line.replace(name, value));
    assert!(!line.contains('$'), "a variable without a value: {line}");
    line.len()
}

/// The length of a function's line of metrics, in bytes, for a request of usual duration.
pub(crate) fn metrics_line_bytes(output: &[u8]) -> usize {
    let text = std::str::from_utf8(output).unwrap();
    assert_eq!(text.lines().count(), 1, "{text}");
    let mut line: Value = serde_json::from_str(text).unwrap();
    let taken = line["Latency"].as_number().unwrap().to_string();
    line["Latency"] = Value::Null;
    // The duration depends on the machine; only the number of its digits is fixed.
    let (before, after) = text.split_once("\"Latency\":").unwrap();
    let rest = &after[after.find([',', '}']).unwrap()..];
    assert!(after.starts_with(&taken), "{text}");
    before.len() + "\"Latency\":12.345".len() + rest.trim_end().len()
}
