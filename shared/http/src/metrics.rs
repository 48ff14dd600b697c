//! Metrics: a line on standard output for every request, in CloudWatch's embedded metric format.
//!
//! A line says which operation was asked for, how it was answered, how long that took and what it
//! cost. It contains nothing that a client sent: every text in it is a constant, the name of the
//! stack, or the request id of the gateway.

use std::collections::BTreeMap;
use std::io::Write;
use std::time::Duration;

use lambda_http::{Request, RequestExt};
use serde::Serialize;
use serde_json::value::RawValue;
use subledger::ports::Clock;

use crate::Response;
use crate::reply::json;
use crate::request::{gateway, routes};
use crate::system::SystemClock;

/// The namespace of every metric.
const NAMESPACE: &str = "Subledger";

/// The operation of a request that no route takes.
const UNKNOWN_ROUTE: &str = "UnknownRoute";

/// Where the metrics of a function go, and what it counts.
///
/// `C` returns what the store consumed since the last call: the name of each metric with its value
/// in thousandths.
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
    pub fn of(&self, request: &Request) -> RequestLine {
        let chosen = gateway::route(request).and_then(routes::operation_of_route);
        let (method, path) = (request.method().as_str(), request.raw_http_path());
        let operation = chosen.or_else(|| routes::operation_of_request(method, path));
        RequestLine {
            operation: operation.unwrap_or(UNKNOWN_ROUTE),
            request_id: gateway::request_id(request).to_owned(),
        }
    }

    /// Writes the line of a request that took so long and was answered like this.
    ///
    /// A line that cannot be written is lost, and the request is answered all the same.
    pub fn write(
        &self,
        request: &RequestLine,
        latency: Duration,
        response: &Response,
        output: &mut impl Write,
    ) {
        let Some(stack) = &self.stack else {
            return;
        };
        let values = values(latency, response).into_iter().chain((self.count)());
        // A metric that is not in the line costs nothing, and zeros do not change a sum.
        let values: Vec<_> = values.filter(|(_, thousandths)| *thousandths > 0).collect();
        let line = Line::new(stack, request, response.status().as_u16(), &values);
        let mut line = json(&line);
        line.push('\n');
        drop(output.write_all(line.as_bytes()));
    }
}

/// What a line says of its request.
#[derive(Debug)]
pub struct RequestLine {
    operation: &'static str,
    request_id: String,
}

/// The metrics that follow from the response, in thousandths.
fn values(latency: Duration, response: &Response) -> [(&'static str, u64); 4] {
    let status = response.status().as_u16();
    let is_conflict = response.extensions().get::<ConflictGivenUp>().is_some();
    let once = |happened: bool| if happened { 1000 } else { 0 };
    [
        // At least a microsecond, so that there is a latency for every request.
        (LATENCY, u64::try_from(latency.as_micros()).unwrap_or(u64::MAX).max(1)),
        ("ClientErrors", once((400..500).contains(&status))),
        ("ServerErrors", once(status >= 500)),
        ("ConflictsGivenUp", once(is_conflict)),
    ]
}

/// Marks the response to a request that was given up after several attempts, because other requests
/// changed the same items each time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ConflictGivenUp;

/// The metric that is a time; all others are counts.
const LATENCY: &str = "Latency";

/// The line: the directive for CloudWatch, then the values.
#[derive(Serialize)]
struct Line<'a> {
    #[serde(rename = "_aws")]
    directive: Directive<'a>,
    operation: &'a str,
    stack: &'a str,
    #[serde(rename = "requestId")]
    request_id: &'a str,
    status: u16,
    #[serde(flatten)]
    values: BTreeMap<&'a str, Box<RawValue>>,
}

/// Which values of a line are metrics, for CloudWatch.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Directive<'a> {
    /// Milliseconds since 1970.
    timestamp: i64,
    cloud_watch_metrics: [MetricSet<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct MetricSet<'a> {
    namespace: &'a str,
    dimensions: [&'a [&'a str]; 2],
    metrics: Vec<Metric<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Metric<'a> {
    name: &'a str,
    unit: &'a str,
}

impl<'a> Line<'a> {
    fn new(
        stack: &'a str,
        request: &'a RequestLine,
        status: u16,
        values: &[(&'a str, u64)],
    ) -> Self {
        let unit = |name| if name == LATENCY { "Milliseconds" } else { "Count" };
        let metrics = values.iter().map(|(name, _)| Metric { name, unit: unit(*name) }).collect();
        let metrics = MetricSet {
            namespace: NAMESPACE,
            dimensions: [&["operation", "stack"], &["stack"]],
            metrics,
        };
        let decimals = values.iter().map(|(name, thousandths)| {
            // A decimal in JSON as it is, because a float would not be exact.
            let text = format!("{}.{:03}", thousandths / 1000, thousandths % 1000);
            #[expect(clippy::expect_used, reason = "digits, a point and digits are JSON")]
            let decimal = RawValue::from_string(text).expect("a decimal is JSON");
            (*name, decimal)
        });
        Self {
            directive: Directive {
                timestamp: SystemClock.now().micros().div_euclid(1000),
                cloud_watch_metrics: [metrics],
            },
            operation: request.operation,
            stack,
            request_id: &request.request_id,
            status,
            values: decimals.collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use http::StatusCode;
    use serde_json::{Value, json};

    use super::*;
    use crate::request::event::Incoming;

    const COUNTED: [(&str, u64); 4] =
        [("StoreCalls", 2000), ("ReadUnits", 500), ("WriteUnits", 8000), ("Retries", 0)];

    fn request(route_key: &str, method: &str, path: &str, request_id: &str) -> Request {
        let event = json!({
            "rawPath": path,
            "requestContext": {
                "routeKey": route_key, "http": { "method": method }, "requestId": request_id,
            },
        });
        Incoming::read(&event.to_string()).unwrap().into_request()
    }

    fn response(status: u16, given_up: bool) -> Response {
        let mut response = Response::default();
        *response.status_mut() = StatusCode::from_u16(status).unwrap();
        if given_up {
            response.extensions_mut().insert(ConflictGivenUp);
        }
        response
    }

    fn write(stack: Option<&str>, request: &Request, response: &Response) -> String {
        let metrics = Metrics::new(stack.map(str::to_owned), || COUNTED);
        let request = metrics.of(request);
        let mut output = Vec::new();
        metrics.write(&request, Duration::from_micros(3214), response, &mut output);
        String::from_utf8(output).unwrap()
    }

    fn written(stack: Option<&str>, route_key: &str, response: &Response) -> String {
        write(stack, &request(route_key, "GET", "/", "JKJaXmPLvHcESHA="), response)
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
        for (status, given_up, counted) in [
            (200, false, &[][..]),
            (404, false, &["ClientErrors"]),
            (409, false, &["ClientErrors"]),
            (409, true, &["ClientErrors", "ConflictsGivenUp"]),
            (429, false, &["ClientErrors"]),
            (500, false, &["ServerErrors"]),
            (503, false, &["ServerErrors"]),
        ] {
            let line = written(Some("dev"), "GET /v0/accounts/{id}", &response(status, given_up));
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
    fn a_request_whose_route_nobody_chose_has_the_operation_of_its_path() {
        let request = request("$default", "GET", "/v0/accounts/x", "1");
        let line = write(Some("dev"), &request, &response(200, false));
        let line: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(line["operation"], "GetV0Account");
    }

    #[test]
    fn what_is_not_a_request_id_cannot_break_the_line() {
        let request_id = "a\"b\\c\n{}";
        let request = request("$default", "GET", "/", request_id);
        let line = write(Some("dev"), &request, &response(200, false));
        assert_eq!(line.matches('\n').count(), 1);
        let line: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(line["requestId"], request_id);
    }
}
