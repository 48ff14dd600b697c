//! One request of one operation, before its dialect decodes it.

use std::collections::HashMap;

use http::HeaderMap;
use lambda_http::aws_lambda_events::query_map::QueryMap;
use lambda_http::{Body, Request, RequestExt};

use crate::encoding;
use crate::rejection::Rejection;
use crate::request::authorization::Caller;
use crate::request::gateway;
use crate::request::routes::{Input, Route};

/// The largest body, in bytes.
///
/// What is stored of a body of this size fits in a DynamoDB item of 400 kB.
pub const BODY_BYTES_MAX: usize = 256 * 1024;

/// The longest request id that a client may choose, in bytes.
const REQUEST_ID_BYTES_MAX: usize = 128;

/// One request of one operation.
#[derive(Debug)]
pub struct Call<T> {
    /// The operation.
    pub operation: T,
    /// The caller.
    pub caller: Caller,
    /// The body, decoded from base64 where the gateway encoded it, and from gzip where the client
    /// did.
    pub body: Vec<u8>,
    /// Whether the operation reads a body.
    pub(crate) takes_body: bool,
    parameters: QueryMap,
    headers: HeaderMap,
    query: QueryMap,
}

impl<T: Copy> Call<T> {
    /// The call that a request of this route makes.
    pub(crate) fn new(
        route: &Route<T>,
        caller: Caller,
        request: Request,
    ) -> Result<Self, Rejection> {
        if request.body().len() > BODY_BYTES_MAX {
            return Err(Rejection::BodyTooLarge);
        }
        let is_chosen = gateway::route(&request).is_some_and(|chosen| route.is(chosen));
        let parameters = Some(gateway::path_parameters(&request))
            .filter(|parameters| is_chosen && !parameters.is_empty())
            .unwrap_or_else(|| path_parameters(route.path, request.raw_http_path()).into());
        let query = request.query_string_parameters();
        let unknown = query.iter().find(|(name, _)| !route.input.has_parameter(name));
        if let Some((name, _)) = unknown {
            return Err(Rejection::UnknownParameter(name.to_owned()));
        }
        let (head, body) = request.into_parts();
        let body = match body {
            Body::Text(text) => text.into_bytes(),
            Body::Binary(bytes) => bytes,
            Body::Empty | _ => Vec::new(),
        };
        let body = encoding::decoded(&head.headers, body)?;
        let takes_body = route.input == Input::Body;
        let operation = route.operation;
        Ok(Self { operation, caller, body, takes_body, parameters, headers: head.headers, query })
    }
}

impl<T> Call<T> {
    /// A parameter of the path; empty if the route has none of this name.
    #[must_use]
    pub fn parameter(&self, name: &str) -> &str {
        self.parameters.first(name).unwrap_or_default()
    }

    /// A parameter of the query; the last one if there are several.
    #[must_use]
    pub fn query(&self, name: &str) -> Option<&str> {
        self.query.all(name)?.last().copied()
    }

    /// The names in the query, in any order.
    pub fn parameter_names(&self) -> impl Iterator<Item = &str> {
        self.query.iter().map(|(name, _)| name)
    }

    /// A header; the last one if there are several.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.headers, name)
    }
}

/// A header; the last one if there are several. Its text comes from JSON, so it is UTF-8.
pub(crate) fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let value = headers.get_all(name).iter().next_back()?;
    std::str::from_utf8(value.as_bytes()).ok()
}

/// The parameters of a path, for a request whose gateway does not give them.
fn path_parameters(route: &str, path: &str) -> HashMap<String, String> {
    let named = |segment: &str| segment.strip_prefix('{')?.strip_suffix('}').map(ToOwned::to_owned);
    route
        .split('/')
        .zip(path.split('/'))
        .filter_map(|(name, segment)| Some((named(name)?, gateway::decoded(segment))))
        .collect()
}

/// The id under which a request is answered: the client's, if it sent one that fits in
/// a header, else the gateway's.
pub(crate) fn request_id(request: &Request) -> String {
    let fits = |id: &&str| {
        (1..=REQUEST_ID_BYTES_MAX).contains(&id.len())
            && id.bytes().all(|byte| (b' '..=b'~').contains(&byte))
    };
    let sent = header(request.headers(), "x-request-id").map(str::trim).filter(fits);
    #[expect(
        clippy::disallowed_methods,
        reason = "it identifies a request in the log and is never stored"
    )]
    match (sent, gateway::request_id(request)) {
        (Some(id), _) => id.to_owned(),
        (None, "") => uuid::Uuid::now_v7().to_string(),
        (None, id) => id.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use subledger::money::ids::{LedgerId, OrganizationId, Scope};
    use uuid::Uuid;

    use super::*;
    use crate::request::authorization::Authorization;
    use crate::request::event::Incoming;
    use crate::request::routes::{BALANCE_HISTORY, BalanceHistory};

    const PATH: &str = "/v1/organizations/o/ledgers/l/balances/%40b%2Fc/versions";

    /// The call that an event becomes where no token is asked for.
    fn call(event: &Value) -> Call<BalanceHistory> {
        let request = Incoming::read(&event.to_string()).unwrap().into_request();
        let organization = OrganizationId::new(Uuid::from_u128(1));
        let scope = Scope { organization, ledger: LedgerId::new(Uuid::from_u128(2)) };
        let route = &BALANCE_HISTORY[2];
        let off = Authorization::Off(scope);
        let caller = off.authorize(&request, route.permission).unwrap();
        Call::new(route, caller, request).unwrap()
    }

    /// An event of a function URL, of a REST API and of a load balancer with its two settings, each
    /// with this query in its own way.
    fn events(raw: &str, last: &Value, all: &Value) -> [Value; 4] {
        let body = "";
        let elb = json!({ "elb": { "targetGroupArn": "arn" } });
        let rest = json!({ "httpMethod": "GET", "resourcePath": "/{proxy+}" });
        let url = json!({ "routeKey": "$default", "http": { "method": "GET" } });
        [
            json!({ "rawPath": PATH, "rawQueryString": raw, "requestContext": url }),
            json!({
                "path": PATH, "httpMethod": "GET", "requestContext": rest,
                "pathParameters": { "proxy": "v1/x", "balance_id": "another" },
                "queryStringParameters": last, "multiValueQueryStringParameters": all,
            }),
            json!({
                "path": PATH, "httpMethod": "GET", "requestContext": elb, "body": body,
                "queryStringParameters": last,
            }),
            json!({
                "path": PATH, "httpMethod": "GET", "requestContext": elb, "body": body,
                "multiValueQueryStringParameters": all,
            }),
        ]
    }

    #[test]
    fn the_last_of_several_equal_query_parameters_counts() {
        let raw = "limit=1&limit=2&cursor";
        let last = json!({ "limit": "2", "cursor": "" });
        let all = json!({ "limit": ["1", "2"], "cursor": [""] });
        for event in events(raw, &last, &all) {
            let call = call(&event);
            assert_eq!(call.query("limit"), Some("2"), "{event}");
            assert_eq!(call.query("cursor"), Some(""), "{event}");
            assert_eq!(call.query("y"), None, "{event}");
        }
    }

    #[test]
    fn a_query_is_decoded_once_whoever_decodes_it() {
        let sent = "start_date=2026-01-01+10%3A00&cur%73or=c%3Dd%2541";
        let encoded = json!({ "start_date": "2026-01-01+10%3A00", "cur%73or": "c%3Dd%2541" });
        let decoded = json!({ "start_date": "2026-01-01 10:00", "cursor": "c=d%41" });
        let several = |one: &Value| {
            let one = one.as_object().unwrap().iter();
            Value::Object(one.map(|(name, value)| (name.clone(), json!([value]))).collect())
        };
        let [url, _, balancer, _] = events(sent, &encoded, &json!({}));
        let [_, rest, _, _] = events("", &decoded, &several(&decoded));
        let [_, _, _, balancer_of_lists] = events("", &json!({}), &several(&encoded));
        for event in [url, rest, balancer, balancer_of_lists] {
            let call = call(&event);
            assert_eq!(call.query("start_date"), Some("2026-01-01 10:00"), "{event}");
            assert_eq!(call.query("cursor"), Some("c=d%41"), "{event}");
        }
    }

    #[test]
    fn a_path_that_no_gateway_took_apart_is_taken_apart_and_decoded() {
        for event in events("", &json!({}), &json!({})) {
            let call = call(&event);
            assert_eq!(call.parameter("organization_id"), "o", "{event}");
            assert_eq!(call.parameter("balance_id"), "@b/c", "{event}");
            assert_eq!(call.parameter("proxy"), "", "{event}");
        }
    }

    #[test]
    fn a_header_is_found_in_either_case_and_may_be_any_text() {
        let mut event = events("", &json!({}), &json!({}))[0].clone();
        event["headers"] = json!({ "X-Name": "caf\u{e9}" });
        assert_eq!(call(&event).header("x-name"), Some("caf\u{e9}"));
        let mut event = events("", &json!({}), &json!({}))[3].clone();
        event["multiValueHeaders"] = json!({ "x-name": ["a", "b"] });
        assert_eq!(call(&event).header("X-Name"), Some("b"));
    }
}
