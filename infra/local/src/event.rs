//! The event that API Gateway makes of an HTTP request: payload format 2.0.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>

use std::collections::BTreeMap;
use std::net::SocketAddr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::request::Parts;
use http::{HeaderMap, header};
use serde_json::{Map, Value, json};
use time::OffsetDateTime;

use crate::authorizer::Claims;

/// The account, API and stage that local events name.
const ACCOUNT_ID: &str = "000000000000";
const API_ID: &str = "local";
const STAGE: &str = "$default";

/// A request on its way to a function.
#[derive(Debug)]
pub struct Call<'a> {
    /// Method, target and headers as they came.
    pub head: &'a Parts,
    /// The body; empty when there is none.
    pub body: &'a [u8],
    /// The decoded path.
    pub path: &'a str,
    /// The route that takes it, for example `GET /v0/accounts/{id}`.
    pub route_key: &'a str,
    /// The variables of the route.
    pub path_parameters: &'a BTreeMap<String, String>,
    /// The claims of its token; `None` on a route without authorizer.
    pub claims: Option<&'a Claims>,
    /// Who sent it.
    pub source: SocketAddr,
    /// The address of this gateway, as `host:port`.
    pub domain: &'a str,
    /// The id of this request, unique in the log.
    pub request_id: &'a str,
    /// When it came.
    pub received_at: OffsetDateTime,
}

impl Call<'_> {
    /// The event.
    pub fn event(&self) -> Value {
        let query = self.head.uri.query().unwrap_or_default();
        let mut event = json!({
            "version": "2.0",
            "routeKey": self.route_key,
            "rawPath": self.path,
            "rawQueryString": query,
            "headers": self.headers(),
            "requestContext": self.request_context(),
        });
        // API Gateway leaves out what a request does not have.
        let cookies = cookies(&self.head.headers);
        if !cookies.is_empty() {
            set(&mut event, "cookies", json!(cookies));
        }
        if !query.is_empty() {
            set(&mut event, "queryStringParameters", json!(query_parameters(query)));
        }
        if !self.path_parameters.is_empty() {
            set(&mut event, "pathParameters", json!(self.path_parameters));
        }
        let (body, is_base64_encoded) = self.body();
        if !body.is_empty() {
            set(&mut event, "body", json!(body));
        }
        set(&mut event, "isBase64Encoded", json!(is_base64_encoded));
        event
    }

    /// Each name once, in lower case, its values joined with commas.
    fn headers(&self) -> Map<String, Value> {
        let mut headers = Map::new();
        for name in self.head.headers.keys() {
            if name != header::COOKIE {
                let value = joined(&self.head.headers, name);
                headers.insert(name.as_str().to_owned(), Value::String(value));
            }
        }
        // API Gateway sets these four itself, whatever the client sent.
        let forwarded = [
            (header::HOST.as_str(), self.domain.to_owned()),
            ("x-forwarded-for", self.source.ip().to_string()),
            ("x-forwarded-port", self.port().to_owned()),
            ("x-forwarded-proto", "http".to_owned()),
        ];
        for (name, value) in forwarded {
            headers.insert(name.to_owned(), Value::String(value));
        }
        headers
    }

    fn port(&self) -> &str {
        self.domain.rsplit(':').next().unwrap_or_default()
    }

    fn request_context(&self) -> Value {
        let mut context = json!({
            "accountId": ACCOUNT_ID,
            "apiId": API_ID,
            "domainName": self.domain,
            "domainPrefix": API_ID,
            "http": {
                "method": self.head.method.as_str(),
                "path": self.path,
                "protocol": format!("{:?}", self.head.version),
                "sourceIp": self.source.ip(),
                "userAgent": joined(&self.head.headers, &header::USER_AGENT),
            },
            "requestId": self.request_id,
            "routeKey": self.route_key,
            "stage": STAGE,
            "time": log_time(self.received_at),
            "timeEpoch": epoch_milliseconds(self.received_at),
        });
        if let Some(claims) = self.claims {
            // The scopes are null because the template names none on its routes.
            let authorizer = json!({ "jwt": { "claims": claims, "scopes": null } });
            set(&mut context, "authorizer", authorizer);
        }
        context
    }

    /// The body as the event carries it, and whether that is base64. Text of a textual type goes
    /// as it is; `application/x-www-form-urlencoded`, the default of curl, does not count as
    /// one.
    fn body(&self) -> (String, bool) {
        let content_type = joined(&self.head.headers, &header::CONTENT_TYPE);
        match std::str::from_utf8(self.body) {
            Ok(text) if is_textual(&content_type) => (text.to_owned(), false),
            Ok(_) | Err(_) if self.body.is_empty() => (String::new(), false),
            Ok(_) | Err(_) => (STANDARD.encode(self.body), true),
        }
    }
}

fn set(object: &mut Value, name: &str, value: Value) {
    if let Value::Object(members) = object {
        members.insert(name.to_owned(), value);
    }
}

/// The values of a header, joined with commas; what is not UTF-8 is replaced, because an event is
/// JSON.
fn joined(headers: &HeaderMap, name: &header::HeaderName) -> String {
    let values: Vec<_> = headers
        .get_all(name)
        .iter()
        .map(|value| String::from_utf8_lossy(value.as_bytes()))
        .collect();
    values.join(",")
}

fn cookies(headers: &HeaderMap) -> Vec<String> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .flat_map(|value| {
            let text = String::from_utf8_lossy(value.as_bytes()).into_owned();
            let cookies: Vec<_> = text.split(';').map(|one| one.trim().to_owned()).collect();
            cookies
        })
        .filter(|cookie| !cookie.is_empty())
        .collect()
}

/// Decoded, the values of a repeated name joined with commas.
fn query_parameters(query: &str) -> BTreeMap<String, String> {
    let mut parameters: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        parameters
            .entry(name.into_owned())
            .and_modify(|values| {
                values.push(',');
                values.push_str(&value);
            })
            .or_insert_with(|| value.clone().into_owned());
    }
    parameters
}

fn is_textual(content_type: &str) -> bool {
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    let media_type = media_type.to_ascii_lowercase();
    let textual = ["application/json", "application/javascript", "application/xml"];
    media_type.is_empty()
        || media_type.starts_with("text/")
        || textual.contains(&media_type.as_str())
}

/// The time as an access log writes it, for example `12/Mar/2020:19:03:58 +0000`.
fn log_time(time: OffsetDateTime) -> String {
    let month = time.month().to_string();
    let (date, clock) = (time.date(), time.time());
    format!(
        "{:02}/{}/{:04}:{:02}:{:02}:{:02} +0000",
        date.day(),
        month.get(..3).unwrap_or_default(),
        date.year(),
        clock.hour(),
        clock.minute(),
        clock.second(),
    )
}

fn epoch_milliseconds(time: OffsetDateTime) -> i64 {
    i64::try_from(time.unix_timestamp_nanos() / 1_000_000).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use http::Request;
    use lambda_http::RequestExt;
    use subledger_http::request::event::Incoming;

    use super::*;

    fn event(request: &Request<Vec<u8>>, claims: Option<&Claims>) -> Value {
        let (head, body) = request.clone().into_parts();
        Call {
            head: &head,
            body: &body,
            path: "/things/a b",
            route_key: "POST /things/{id}",
            path_parameters: &BTreeMap::from([("id".to_owned(), "a b".to_owned())]),
            claims,
            source: ([192, 0, 2, 7], 4711).into(),
            domain: "127.0.0.1:3000",
            request_id: "r1",
            received_at: OffsetDateTime::from_unix_timestamp(1_583_348_638).unwrap(),
        }
        .event()
    }

    #[test]
    fn a_request_becomes_the_documented_event() {
        let request = Request::post("/things/a%20b?x=1&y=%20&x=2&z")
            .header("Content-Type", "application/json; charset=utf-8")
            .header("X-Twice", "one")
            .header("X-Twice", "two")
            .header("Cookie", "a=1; b=2")
            .header("Host", "elsewhere example")
            .header("X-Forwarded-Proto", "not a scheme")
            .header("User-Agent", "test")
            .body(br#"{"a":1}"#.to_vec())
            .unwrap();
        let claims = Claims::from([("scope".to_owned(), "a b".to_owned())]);
        let expected = json!({
            "version": "2.0",
            "routeKey": "POST /things/{id}",
            "rawPath": "/things/a b",
            "rawQueryString": "x=1&y=%20&x=2&z",
            "cookies": ["a=1", "b=2"],
            "headers": {
                "content-type": "application/json; charset=utf-8",
                "host": "127.0.0.1:3000",
                "user-agent": "test",
                "x-forwarded-for": "192.0.2.7",
                "x-forwarded-port": "3000",
                "x-forwarded-proto": "http",
                "x-twice": "one,two",
            },
            "queryStringParameters": { "x": "1,2", "y": " ", "z": "" },
            "pathParameters": { "id": "a b" },
            "requestContext": {
                "accountId": "000000000000",
                "apiId": "local",
                "authorizer": { "jwt": { "claims": { "scope": "a b" }, "scopes": null } },
                "domainName": "127.0.0.1:3000",
                "domainPrefix": "local",
                "http": {
                    "method": "POST",
                    "path": "/things/a b",
                    "protocol": "HTTP/1.1",
                    "sourceIp": "192.0.2.7",
                    "userAgent": "test",
                },
                "requestId": "r1",
                "routeKey": "POST /things/{id}",
                "stage": "$default",
                "time": "04/Mar/2020:19:03:58 +0000",
                "timeEpoch": 1_583_348_638_000_i64,
            },
            "body": r#"{"a":1}"#,
            "isBase64Encoded": false,
        });
        assert_eq!(event(&request, Some(&claims)), expected);
    }

    #[test]
    fn what_a_request_does_not_have_is_absent() {
        let request = Request::get("/things/a%20b").body(Vec::new()).unwrap();
        let event = event(&request, None);
        for name in ["body", "cookies", "queryStringParameters"] {
            assert_eq!(event.get(name), None, "{name}");
        }
        assert_eq!(event.pointer("/requestContext/authorizer"), None);
        assert_eq!(event.get("isBase64Encoded"), Some(&json!(false)));
    }

    #[test]
    fn only_text_of_a_textual_type_is_carried_as_text() {
        for (content_type, body, is_base64_encoded) in [
            ("application/json", &b"{}"[..], false),
            ("TEXT/plain", b"{}", false),
            ("application/json", b"\xff", true),
            ("application/x-www-form-urlencoded", b"{}", true),
            ("application/octet-stream", b"{}", true),
            ("application/octet-stream", b"", false),
        ] {
            let request = Request::post("/")
                .header("content-type", content_type)
                .body(body.to_vec())
                .unwrap();
            let event = event(&request, None);
            assert_eq!(
                event.get("isBase64Encoded"),
                Some(&json!(is_base64_encoded)),
                "{content_type}"
            );
        }
    }

    #[test]
    fn the_function_gets_the_request_that_was_sent() {
        let request = Request::post("/things/a%20b?x=1&x=2")
            .header("Cookie", "a=1; b=2")
            .header("X-Odd", "caf\u{e9}".as_bytes())
            .body(b"text".to_vec())
            .unwrap();
        let event = event(&request, None).to_string();
        let got = Incoming::read(&event).unwrap().into_request();
        assert_eq!(got.raw_http_path(), "/things/a b");
        assert_eq!(got.query_string_parameters().all("x"), Some(vec!["1", "2"]));
        assert_eq!(got.path_parameters().first("id"), Some("a b"));
        assert_eq!(got.headers()["x-odd"], "caf\u{e9}".as_bytes());
        assert_eq!(got.headers()["cookie"], "a=1; b=2");
        assert_eq!(got.body().as_ref(), b"text");
    }
}
