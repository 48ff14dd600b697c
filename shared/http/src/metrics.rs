//! Metrics: a line on standard output for every request, in CloudWatch's embedded metric format.
//!
//! A line says which operation was asked for, how it was answered, how long that took and what it
//! cost. It has no place for anything that a client sent: every text in it is a constant of this
//! program, but the stack's name and the gateway's own request id.

use std::fmt::Write as _;
use std::io::Write;
use std::time::Duration;

use subledger::ports::Clock;

use crate::answer::Response;
use crate::event::Event;
use crate::routes;
use crate::system::SystemClock;

/// The namespace of every metric.
const NAMESPACE: &str = "Subledger";

/// The operation of a request that no route takes.
const UNKNOWN_ROUTE: &str = "UnknownRoute";

/// The longest text that is written, in characters. The name of a stack may have so many, and cut
/// short it would be another dimension than the alarms watch; the gateway's ids have 16.
const TEXT_CHARACTERS_MAX: usize = 128;

/// Where the metrics of a function go, and what it counts.
///
/// `C` tells what the store was asked for since the last time: names with thousandths. The names
/// become metrics as they are.
#[derive(Debug)]
pub struct Metrics<C> {
    stack: Option<String>,
    count: C,
}

impl<C, N> Metrics<C>
where
    C: Fn() -> N,
    N: IntoIterator<Item = (&'static str, u64)>,
{
    /// The metrics of a stack; none are written without one.
    pub const fn new(stack: Option<String>, count: C) -> Self {
        Self { stack, count }
    }

    /// Begins the line of a request.
    pub fn of(&self, event: &Event) -> Request {
        let key = event.route_key.as_deref().unwrap_or_default();
        let request_id = event.request_context.request_id.as_deref().unwrap_or_default();
        Request {
            operation: routes::operation_of_key(key).unwrap_or(UNKNOWN_ROUTE),
            request_id: harmless(request_id),
        }
    }

    /// Writes the line of a request that took so long and was answered like this.
    ///
    /// A line that cannot be written is lost: the answer is worth more.
    pub fn write(
        &self,
        request: &Request,
        latency: Duration,
        response: &Response,
        output: &mut impl Write,
    ) {
        let Some(stack) = &self.stack else {
            return;
        };
        let values = values(latency, response).into_iter().chain((self.count)());
        // A metric that is not named costs nothing; a sum without zeros is the same sum.
        let values: Vec<_> = values.filter(|(_, thousandths)| *thousandths > 0).collect();
        let line = line(stack, request, response.status_code, &values);
        drop(output.write_all(line.as_bytes()));
    }
}

/// A request whose line is still to be written.
#[derive(Debug)]
pub struct Request {
    operation: &'static str,
    request_id: String,
}

/// The numbers that HTTP knows, in thousandths.
fn values(latency: Duration, response: &Response) -> [(&'static str, u64); 4] {
    let status = response.status_code;
    // 409 is many things; with the advice to try again it is a conflict that was given up.
    let is_conflict = status == 409 && response.headers.contains_key(http::header::RETRY_AFTER);
    let once = |happened: bool| if happened { 1000 } else { 0 };
    [
        // At least a microsecond, so that there is a latency for every request.
        (LATENCY, u64::try_from(latency.as_micros()).unwrap_or(u64::MAX).max(1)),
        ("ClientErrors", once((400..500).contains(&status))),
        ("ServerErrors", once(status >= 500)),
        ("ConflictsGivenUp", once(is_conflict)),
    ]
}

/// Roughly what half of a line takes, in bytes.
const LINE_BYTES: usize = 256;

/// The metric that is a time; all others are counts.
const LATENCY: &str = "Latency";

/// The line: what CloudWatch is to make of it, then the values.
fn line(stack: &str, request: &Request, status: i64, values: &[(&str, u64)]) -> String {
    let millis = SystemClock.now().micros().checked_div(1000).unwrap_or(0);
    let Request { operation, request_id } = request;
    let mut metrics = String::with_capacity(LINE_BYTES);
    let mut numbers = String::with_capacity(LINE_BYTES);
    for (name, thousandths) in values {
        let unit = if *name == LATENCY { "Milliseconds" } else { "Count" };
        let comma = if metrics.is_empty() { "" } else { "," };
        for part in [comma, r#"{"Name":""#, name, r#"","Unit":""#, unit, r#""}"#] {
            metrics.push_str(part);
        }
        for part in [r#",""#, name, r#"":"#] {
            numbers.push_str(part);
        }
        // Writing to a text never fails.
        let _ = write!(numbers, "{}.{:03}", thousandths / 1000, thousandths % 1000);
    }
    [
        r#"{"_aws":{"Timestamp":"#,
        &millis.to_string(),
        r#","CloudWatchMetrics":[{"Namespace":""#,
        NAMESPACE,
        r#"","Dimensions":[["operation","stack"],["stack"]],"Metrics":["#,
        &metrics,
        r#"]}]},"operation":""#,
        operation,
        r#"","stack":""#,
        &harmless(stack),
        r#"","requestId":""#,
        request_id,
        r#"","status":"#,
        &status.to_string(),
        &numbers,
        "}\n",
    ]
    .concat()
}

/// A text that may stand in JSON as it is: what the gateway and the template give is not changed.
fn harmless(text: &str) -> String {
    let is_harmless = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '=' | '.');
    text.chars().filter(is_harmless).take(TEXT_CHARACTERS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue};
    use serde_json::{Value, json};

    use super::*;
    use crate::event::RequestContext;

    const COUNTED: [(&str, u64); 4] =
        [("StoreCalls", 2000), ("ReadUnits", 500), ("WriteUnits", 8000), ("Retries", 0)];

    fn event(route_key: &str) -> Event {
        let request_id = Some("JKJaXmPLvHcESHA=".to_owned());
        let request_context = RequestContext { request_id, ..RequestContext::default() };
        let route_key = Some(route_key.to_owned());
        Event { route_key, request_context, ..Event::default() }
    }

    fn response(status: i64, retry: bool) -> Response {
        let mut response = Response::default();
        response.status_code = status;
        response.headers = HeaderMap::new();
        if retry {
            response.headers.insert(http::header::RETRY_AFTER, HeaderValue::from(1));
        }
        response
    }

    fn written(stack: Option<&str>, route_key: &str, response: &Response) -> String {
        let metrics = Metrics::new(stack.map(str::to_owned), || COUNTED);
        let request = metrics.of(&event(route_key));
        let mut output = Vec::new();
        metrics.write(&request, Duration::from_micros(3214), response, &mut output);
        String::from_utf8(output).unwrap()
    }

    #[test]
    fn a_request_is_one_line_that_cloudwatch_understands() {
        let line = written(Some("dev"), "POST /v0/subledger_balances", &response(200, false));
        assert_eq!(line.matches('\n').count(), 1);
        let mut line: Value = serde_json::from_str(&line).unwrap();
        let timestamp = line["_aws"]["Timestamp"].take();
        assert!(timestamp.as_i64().unwrap() > 1_600_000_000_000, "{timestamp}");
        assert_eq!(
            line,
            json!({
                "_aws": {
                    "Timestamp": null,
                    "CloudWatchMetrics": [{
                        "Namespace": "Subledger",
                        "Dimensions": [["operation", "stack"], ["stack"]],
                        "Metrics": [
                            { "Name": "Latency", "Unit": "Milliseconds" },
                            { "Name": "StoreCalls", "Unit": "Count" },
                            { "Name": "ReadUnits", "Unit": "Count" },
                            { "Name": "WriteUnits", "Unit": "Count" },
                        ],
                    }],
                },
                "operation": "CreateV0SubledgerBalance",
                "stack": "dev",
                "requestId": "JKJaXmPLvHcESHA=",
                "status": 200,
                "Latency": 3.214,
                "StoreCalls": 2.0,
                "ReadUnits": 0.5,
                "WriteUnits": 8.0,
            })
        );
    }

    #[test]
    fn the_class_of_a_status_is_counted() {
        for (status, retry, counted) in [
            (200, false, &[][..]),
            (404, false, &["ClientErrors"]),
            (409, false, &["ClientErrors"]),
            (409, true, &["ClientErrors", "ConflictsGivenUp"]),
            (429, true, &["ClientErrors"]),
            (500, false, &["ServerErrors"]),
            (503, true, &["ServerErrors"]),
        ] {
            let line = written(Some("dev"), "GET /v0/accounts/{id}", &response(status, retry));
            let line: Value = serde_json::from_str(&line).unwrap();
            for name in ["ClientErrors", "ServerErrors", "ConflictsGivenUp"] {
                let expected = counted.contains(&name).then(|| json!(1.0));
                assert_eq!(line.get(name).cloned(), expected, "{status} {name}");
            }
        }
    }

    #[test]
    fn a_request_that_no_route_takes_has_an_operation_too() {
        for key in ["$default", "GET /v0/secret", ""] {
            let line = written(Some("dev"), key, &response(404, false));
            let line: Value = serde_json::from_str(&line).unwrap();
            assert_eq!(line["operation"], "UnknownRoute", "{key}");
        }
    }

    #[test]
    fn without_a_stack_nothing_is_written() {
        assert_eq!(written(None, "GET /v0/accounts/{id}", &response(200, false)), "");
    }

    #[test]
    fn what_is_not_a_request_id_cannot_break_the_line() {
        assert_eq!(harmless("a\"b\\c\n{}-_=.9"), "abc-_=.9");
        assert_eq!(harmless(&"x".repeat(129)).len(), 128);
    }
}
