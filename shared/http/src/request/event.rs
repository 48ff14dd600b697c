//! Events on their way to a function.
//!
//! `lambda_http` panics if it cannot make a request of an event: if host, path and query give no
//! URL, or if a body that is declared as base64 is not. A client can cause that, so events are
//! checked first. What is wrong is removed from the event and recorded as a [`Rejection`], with
//! which [`answer`](crate::answer::answer) refuses the request in the dialect of its path.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, Uri, header};
use lambda_http::Request;
use lambda_http::aws_lambda_events::alb::AlbTargetGroupRequest;
use lambda_http::aws_lambda_events::apigw::{ApiGatewayProxyRequest, ApiGatewayV2httpRequest};
use lambda_http::aws_lambda_events::query_map::QueryMap;
use lambda_http::request::LambdaRequest;
use serde_json::Value;
use url::Url;

use crate::rejection::Rejection;
use crate::request::call::BODY_BYTES_MAX;
use crate::request::routes::Dialect;

/// The longest URI, in bytes, that the crate `http` takes.
const URI_BYTES_MAX: usize = 65_534;

/// An event of which a request can be made.
#[derive(Debug)]
pub struct Incoming {
    pub(crate) event: LambdaRequest,
    pub(crate) rejection: Option<Rejection>,
}

impl Incoming {
    /// Reads an event: of an API Gateway HTTP API or REST API, of a function URL, or of a load
    /// balancer.
    ///
    /// # Errors
    /// If the text is no such event. What a client sent never causes this error.
    pub fn read(json: &str) -> Result<Self, serde_json::Error> {
        match parse(json) {
            Ok(event) => Ok(Self::check(event)),
            Err(error) => {
                let event = parse_without_head(json).ok_or(error)?;
                Ok(Self { event: without_client(event), rejection: Some(Rejection::Malformed) })
            }
        }
    }

    /// The request.
    #[must_use]
    pub fn into_request(self) -> Request {
        with_rejection(self.event.into(), self.rejection)
    }

    fn check(mut event: LambdaRequest) -> Self {
        if uri(&event).is_none() {
            return Self { event: without_client(event), rejection: Some(Rejection::Malformed) };
        }
        let rejection = check_body(&mut event).err();
        Self { event, rejection }
    }
}

/// The request, with the rejection of its event.
pub(crate) fn with_rejection(mut request: Request, rejection: Option<Rejection>) -> Request {
    if let Some(rejection) = rejection {
        request.extensions_mut().insert(rejection);
    }
    request
}

/// The rejection of the event of a request.
pub(crate) fn rejection_of(request: &Request) -> Option<Rejection> {
    request.extensions().get().cloned()
}

/// Format 2.0 is tried first because most events have it.
fn parse(json: &str) -> Result<LambdaRequest, serde_json::Error> {
    match serde_json::from_str(json) {
        Ok(event) => Ok(LambdaRequest::ApiGatewayV2(event)),
        Err(_) => serde_json::from_str(json),
    }
}

/// The event without headers and method, in which a client may have sent what is not valid HTTP and
/// a gateway has passed on.
fn parse_without_head(json: &str) -> Option<LambdaRequest> {
    let mut event: Value = serde_json::from_str(json).ok()?;
    let members = event.as_object_mut()?;
    members.remove("headers");
    members.remove("multiValueHeaders");
    for place in ["/httpMethod", "/requestContext/httpMethod", "/requestContext/http/method"] {
        if let Some(method) = event.pointer_mut(place) {
            *method = Value::from("GET");
        }
    }
    parse(&event.to_string()).ok()
}

/// The event without anything that its client sent, except for the dialect of the path.
fn without_client(event: LambdaRequest) -> LambdaRequest {
    let dialect = |path: Option<String>| {
        Some(match Dialect::of_path(&path.unwrap_or_default()) {
            Dialect::V0 => "/v0".to_owned(),
            Dialect::V1 => "/v1".to_owned(),
        })
    };
    match event {
        LambdaRequest::ApiGatewayV2(event) => {
            let mut rest = ApiGatewayV2httpRequest::default();
            rest.raw_path = dialect(event.raw_path);
            rest.request_context = event.request_context;
            rest.request_context.domain_name = None;
            LambdaRequest::ApiGatewayV2(rest)
        }
        LambdaRequest::ApiGatewayV1(event) => {
            let mut rest = ApiGatewayProxyRequest::default();
            rest.path = dialect(event.path);
            rest.http_method = event.http_method;
            rest.request_context = event.request_context;
            rest.request_context.domain_name = None;
            LambdaRequest::ApiGatewayV1(rest)
        }
        LambdaRequest::Alb(event) => {
            let mut rest = AlbTargetGroupRequest::default();
            rest.path = dialect(event.path);
            rest.http_method = event.http_method;
            rest.request_context = event.request_context;
            LambdaRequest::Alb(rest)
        }
        // The features of `lambda_http` for all others are off.
        other => other,
    }
}

/// The URI that `lambda_http` will build, but for the stage before the path and the query of
/// formats that have it in parts. They cannot make it wrong, except by its length.
fn uri(event: &LambdaRequest) -> Option<Uri> {
    match event {
        LambdaRequest::ApiGatewayV2(event) => {
            let context = &event.request_context;
            let domain_name = context.domain_name.as_deref();
            let url = url(event.raw_path.as_deref(), &event.headers, domain_name)?;
            let room = encoded_bytes_max(context.stage.as_deref());
            match event.raw_query_string.as_deref() {
                None => {
                    let query = query_bytes_max(&event.query_string_parameters)?;
                    with_room(url, room.saturating_add(query))
                }
                Some("") => with_room(url, room),
                Some(query) => with_room(format!("{url}?{query}"), room),
            }
        }
        LambdaRequest::ApiGatewayV1(event) => {
            let context = &event.request_context;
            let domain_name = context.domain_name.as_deref();
            let url = url(event.path.as_deref(), &event.headers, domain_name)?;
            let stage = encoded_bytes_max(context.stage.as_deref());
            let query = query_bytes_max(&event.query_string_parameters)?;
            let queries = query_bytes_max(&event.multi_value_query_string_parameters)?;
            with_room(url, stage.saturating_add(query).saturating_add(queries))
        }
        LambdaRequest::Alb(event) => {
            let url = url(event.path.as_deref(), &event.headers, None)?;
            let query = query_bytes_max(&event.query_string_parameters)?;
            let queries = query_bytes_max(&event.multi_value_query_string_parameters)?;
            with_room(url, query.saturating_add(queries))
        }
        _ => None,
    }
}

/// The URL of a request without its query: with scheme and host if there is a host.
fn url(path: Option<&str>, headers: &HeaderMap, domain_name: Option<&str>) -> Option<String> {
    let path = path.unwrap_or_default();
    if !path.is_empty() && !path.starts_with('/') {
        // It would become part of the host.
        return None;
    }
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    match header(header::HOST.as_str()).or(domain_name) {
        None => {
            let url = Url::parse(&format!("http://localhost{path}")).ok()?;
            Some(url.path().to_owned())
        }
        Some(host) => {
            let scheme = header("x-forwarded-proto").unwrap_or("https");
            Url::parse(&format!("{scheme}://{host}{path}")).ok().map(String::from)
        }
    }
}

/// The URI, if it stays short enough where this many bytes are added.
fn with_room(uri: String, more_bytes: usize) -> Option<Uri> {
    let fits = uri.len().saturating_add(more_bytes) <= URI_BYTES_MAX;
    Uri::try_from(uri).ok().filter(|_| fits)
}

/// The most bytes that parameters take in a query. `None` if one of them has an empty list of
/// values, on which a `QueryMap` panics.
fn query_bytes_max(parameters: &QueryMap) -> Option<usize> {
    if parameters.is_empty() {
        return Some(0);
    }
    let parameters = serde_json::to_value(parameters).ok()?;
    let is_empty = |values: &Value| values.as_array().is_none_or(Vec::is_empty);
    if parameters.as_object()?.values().any(is_empty) {
        return None;
    }
    let pairs = parameters.as_object()?.iter().flat_map(|(name, values)| {
        let values = values.as_array().into_iter().flatten();
        values.flat_map(move |value| [Some(name.as_str()), value.as_str()])
    });
    Some(pairs.fold(0, |bytes: usize, text| bytes.saturating_add(encoded_bytes_max(text))))
}

/// The most bytes that a text takes in a URI with the sign before it: any may be percent-encoded.
fn encoded_bytes_max(text: Option<&str>) -> usize {
    text.map_or(0, |text| text.len().saturating_mul(3).saturating_add(1))
}

/// Takes the body out of an event where it is said to be base64 and is not.
fn check_body(event: &mut LambdaRequest) -> Result<(), Rejection> {
    let (body, is_base64_encoded) = match event {
        LambdaRequest::ApiGatewayV2(event) => (&mut event.body, event.is_base64_encoded),
        LambdaRequest::ApiGatewayV1(event) => (&mut event.body, event.is_base64_encoded),
        LambdaRequest::Alb(event) => (&mut event.body, event.is_base64_encoded),
        _ => return Ok(()),
    };
    if !is_base64_encoded {
        return Ok(());
    }
    let text = body.as_deref().unwrap_or_default();
    // Base64 spells three bytes with four characters.
    let checked = if text.len() > BODY_BYTES_MAX.saturating_mul(2) {
        Err(Rejection::BodyTooLarge)
    } else {
        STANDARD.decode(text).map(drop).map_err(|_| Rejection::BodyUnreadable)
    };
    if checked.is_err() {
        *body = None;
    }
    checked
}

#[cfg(test)]
mod tests {
    use lambda_http::RequestExt;
    use serde_json::json;

    use super::*;

    /// Format 2.0.
    fn http_api(path: &str, query: &str, headers: &Value) -> Value {
        json!({
            "rawPath": path, "rawQueryString": query, "headers": headers,
            "requestContext": { "routeKey": "$default", "http": { "method": "GET" } },
        })
    }

    /// Format 1.0.
    fn rest(path: &str, headers: &Value) -> Value {
        json!({
            "path": path, "httpMethod": "GET", "headers": headers,
            "requestContext": { "httpMethod": "GET", "resourcePath": "/{proxy+}" },
        })
    }

    fn load_balancer(path: &str, headers: &Value) -> Value {
        json!({
            "path": path, "httpMethod": "GET", "headers": headers, "body": "",
            "requestContext": { "elb": {} },
        })
    }

    fn request(event: &Value) -> Request {
        Incoming::read(&event.to_string()).unwrap().into_request()
    }

    #[test]
    fn an_event_of_each_kind_becomes_a_request() {
        let headers = json!({ "host": "example.com", "x-forwarded-proto": "https" });
        for event in [
            http_api("/v0/accounts/x", "a=1", &headers),
            rest("/v0/accounts/x", &headers),
            load_balancer("/v0/accounts/x", &headers),
            http_api("/v0/accounts/x", "", &Value::Null),
        ] {
            let request = request(&event);
            assert_eq!(rejection_of(&request), None, "{event}");
            assert_eq!(request.raw_http_path(), "/v0/accounts/x", "{event}");
            assert_eq!(request.uri().path(), "/v0/accounts/x", "{event}");
        }
    }

    #[test]
    fn a_request_without_a_valid_url_is_malformed_and_keeps_only_its_dialect() {
        for (path, headers) in [
            ("/v0/accounts", json!({ "host": "a b" })),
            ("/v0/accounts", json!({ "host": "a:99999" })),
            ("/v0/accounts", json!({ "host": "h", "x-forwarded-proto": "" })),
            ("/v0/accounts", json!({ "host": "h", "x-forwarded-proto": "http:x y" })),
            ("/v0/accounts", json!({ "host": "[::1" })),
            ("/v0/accounts", json!({ "a b": "c" })),
            ("/v0/accounts", json!({ "a": "b\u{0}c" })),
            ("/v0/accounts", json!({ "": "c" })),
            (&format!("/v0/{}", "x".repeat(70_000)), json!({})),
        ] {
            for event in
                [http_api(path, "", &headers), rest(path, &headers), load_balancer(path, &headers)]
            {
                let request = request(&event);
                assert_eq!(rejection_of(&request), Some(Rejection::Malformed), "{event}");
                assert_eq!(request.raw_http_path(), "/v0", "{event}");
                assert!(request.headers().is_empty(), "{event}");
            }
        }
    }

    #[test]
    fn a_path_begins_with_a_slash_or_is_none() {
        for (path, flaw) in [
            ("", None),
            ("/", None),
            ("//", None),
            ("*", Some(Rejection::Malformed)),
            (":1", Some(Rejection::Malformed)),
        ] {
            assert_eq!(rejection_of(&request(&http_api(path, "", &Value::Null))), flaw, "{path}");
            assert_eq!(rejection_of(&request(&load_balancer(path, &Value::Null))), flaw, "{path}");
        }
    }

    #[test]
    fn a_path_may_be_decoded() {
        for path in ["/things/a b", "/things/\u{e9}\u{0}\n", "/a?b#c", "/%", "/things/{\"<|>\"}"] {
            let request = request(&http_api(path, "", &json!({ "host": "h" })));
            assert_eq!((rejection_of(&request), request.raw_http_path()), (None, path));
        }
    }

    #[test]
    fn a_query_that_is_none_is_with_rejection() {
        for (query, flaw) in [
            ("a=%zz&&=&b[]={}|^`", None),
            ("a=\u{e9}", None),
            ("a b", Some(Rejection::Malformed)),
            ("a=<\"b\">", Some(Rejection::Malformed)),
            ("a=\u{0}", Some(Rejection::Malformed)),
            (&"x".repeat(70_000), Some(Rejection::Malformed)),
        ] {
            let event = http_api("/", query, &Value::Null);
            assert_eq!(rejection_of(&request(&event)), flaw, "{query}");
        }
        let long = json!({ "a": "x".repeat(30_000) });
        let several = json!({ "a": ["x".repeat(30_000)] });
        for mut event in [rest("/", &Value::Null), load_balancer("/", &Value::Null)] {
            event["queryStringParameters"] = long.clone();
            assert_eq!(rejection_of(&request(&event)), Some(Rejection::Malformed));
            event["queryStringParameters"] = json!({});
            event["multiValueQueryStringParameters"] = several.clone();
            assert_eq!(rejection_of(&request(&event)), Some(Rejection::Malformed));
            event["multiValueQueryStringParameters"] = json!({ "a": [], "b": ["c"] });
            assert_eq!(rejection_of(&request(&event)), Some(Rejection::Malformed));
        }
    }

    #[test]
    fn a_method_that_is_none_is_with_rejection() {
        for method in ["G T", "\u{e9}", "\n"] {
            let mut events = [
                http_api("/v0", "", &Value::Null),
                rest("/v0", &Value::Null),
                load_balancer("/v0", &Value::Null),
            ];
            events[0]["requestContext"]["http"]["method"] = json!(method);
            events[1]["httpMethod"] = json!(method);
            events[1]["requestContext"]["httpMethod"] = json!(method);
            events[2]["httpMethod"] = json!(method);
            for event in events {
                assert_eq!(rejection_of(&request(&event)), Some(Rejection::Malformed), "{event}");
            }
        }
    }

    #[test]
    fn a_body_is_decoded_or_with_rejection() {
        let no_base64 = Some(Rejection::BodyUnreadable);
        let too_large = Some(Rejection::BodyTooLarge);
        for (body, flaw, bytes) in [
            ("eyJrZXkiOiJ4In0=", None, &b"{\"key\":\"x\"}"[..]),
            ("", None, b""),
            ("!!!!", no_base64.clone(), b""),
            ("e30", no_base64, b""),
            (&"A".repeat(2 * BODY_BYTES_MAX + 4), too_large, b""),
        ] {
            for mut event in [
                http_api("/", "", &Value::Null),
                rest("/", &Value::Null),
                load_balancer("/", &Value::Null),
            ] {
                event["isBase64Encoded"] = json!(true);
                event["body"] = json!(body);
                let request = request(&event);
                assert_eq!(rejection_of(&request), flaw);
                assert_eq!(request.body().as_ref(), bytes);
            }
        }
    }

    #[test]
    fn what_is_no_event_is_an_error_that_repeats_nothing_of_it() {
        for text in ["", "[]", "7", "{}", r#"{"headers":7}"#, r#"{"requestContext":{}}"#] {
            assert!(Incoming::read(text).is_err(), "{text}");
        }
        let event = json!({
            "headers": { "zebra zebra": "zebra" }, "rawPath": "/zebra", "requestContext": "zebra",
        });
        let error = Incoming::read(&event.to_string()).unwrap_err().to_string();
        assert!(!error.contains("zebra"), "{error}");
    }
}
