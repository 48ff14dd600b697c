//! Answers, and the checks on them.

use std::io::Read;

use flate2::read::GzDecoder;
use http::HeaderMap;
use serde_json::{Map, Value};
use subledger_http::request::routes::Dialect;
use uuid::Uuid;

/// An answer, and the request that it answers.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Method and target of the request.
    pub asked: String,
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, decompressed if it was gzip.
    pub text: String,
    /// The length of the body as received, in bytes.
    pub body_bytes: usize,
}

impl Answer {
    /// Reads an answer. A body with the header of gzip has to be gzip.
    pub(crate) fn new(asked: String, status: u16, headers: HeaderMap, body: &[u8]) -> Self {
        let mut text = String::new();
        if headers.get("content-encoding").is_some_and(|coding| coding == "gzip") {
            GzDecoder::new(body).read_to_string(&mut text).expect("the body is gzip of UTF-8");
        } else {
            text.push_str(std::str::from_utf8(body).expect("an answer is UTF-8"));
        }
        Self { asked, status, headers, text, body_bytes: body.len() }
    }

    /// Checks the status and gives the JSON of the body.
    ///
    /// An answer to `HEAD` has no body; its JSON is null.
    #[track_caller]
    pub fn json(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}: {}", self.asked, self.text);
        if self.asked.starts_with("HEAD ") {
            assert_eq!(self.text, "", "{}", self.asked);
            return Value::Null;
        }
        assert_eq!(self.header("content-type"), "application/json", "{}", self.asked);
        serde_json::from_str(&self.text)
            .unwrap_or_else(|error| panic!("{}: {error}: {}", self.asked, self.text))
    }

    /// Checks that the answer is that of a deletion: 204, without a body.
    #[track_caller]
    pub fn is_deletion(&self) {
        assert_eq!((self.status, self.text.as_str()), (204, ""), "{}", self.asked);
    }

    /// A header; empty if there is none.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Checks that the request was refused with this status and code, in the envelope of its
    /// dialect and without internal details. Gives the body.
    #[track_caller]
    pub fn refused(&self, status: u16, code: &str) -> Value {
        let body = self.json(status);
        if body.is_null() {
            return body;
        }
        assert_eq!(body["code"], code, "{}: {}", self.asked, self.text);
        let path = self.asked.split(' ').nth(1).unwrap_or_default();
        let names: Vec<&str> = body.as_object().unwrap().keys().map(String::as_str).collect();
        match Dialect::of_path(path) {
            Dialect::V0 => {
                let all = ["code", "detail", "instance", "invalid_parameters", "status", "title"];
                assert_eq!(names, all, "{}", self.text);
                assert_eq!(body["status"], status.to_string(), "{}", self.text);
                assert_eq!(body["instance"], self.header("x-request-id"), "{}", self.text);
                assert!(body["invalid_parameters"].is_array(), "{}", self.text);
            }
            Dialect::V1 => {
                let rest: Vec<_> = names.into_iter().filter(|name| *name != "fields").collect();
                assert_eq!(rest, ["code", "message", "title"], "{}", self.text);
                // Only these three name fields.
                let names_fields = ["0009", "0047", "0053"].contains(&code);
                assert_eq!(body["fields"].is_object(), names_fields, "{}", self.text);
            }
        }
        for sentence in ["title", "message", "detail"] {
            let is_said = body[sentence].as_str().is_none_or(|text| !text.is_empty());
            assert!(is_said, "{sentence}: {}", self.text);
        }
        body
    }

    /// The violations that a v0 answer lists: parameter and reason of each.
    #[track_caller]
    #[must_use]
    pub fn violations(&self) -> Vec<(String, String)> {
        let body = self.refused(422, "parameters_invalid");
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let listed = body["invalid_parameters"].as_array().unwrap().iter();
        listed.map(|it| (text(&it["parameter"]), text(&it["reason"]))).collect()
    }
}

/// The same JSON with every id and every timestamp replaced by the name of its kind, so that a test
/// can compare a whole body.
#[must_use]
pub fn masked(value: &Value) -> Value {
    match value {
        Value::String(text) => Value::String(mask(text)),
        Value::Array(items) => Value::Array(items.iter().map(masked).collect()),
        Value::Object(fields) => {
            let fields = fields.iter().map(|(name, value)| (name.clone(), masked(value)));
            Value::Object(fields.collect::<Map<_, _>>())
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}

fn mask(text: &str) -> String {
    let is_base62 =
        |rest: &str| rest.len() == 22 && rest.bytes().all(|b| b.is_ascii_alphanumeric());
    if text.len() == 36 && Uuid::parse_str(text).is_ok() {
        "<uuid>".to_owned()
    } else if text.strip_prefix("subledger_balance_").is_some_and(is_base62) {
        "<v0 balance>".to_owned()
    } else if text.strip_prefix("account_").is_some_and(is_base62) {
        "<v0 account>".to_owned()
    } else if is_moment(text) {
        "<moment>".to_owned()
    } else {
        text.to_owned()
    }
}

/// `2026-07-17T18:42:53Z`, with up to six decimals, the last of which is not zero.
fn is_moment(text: &str) -> bool {
    let Some((date, rest)) = text.split_at_checked(19) else {
        return false;
    };
    let shape: String = date.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    let decimals = rest.strip_suffix('Z');
    let fits = |decimals: &str| {
        decimals.is_empty()
            || decimals.strip_prefix('.').is_some_and(|digits| {
                (1..=6).contains(&digits.len())
                    && digits.bytes().all(|digit| digit.is_ascii_digit())
                    && !digits.ends_with('0')
            })
    };
    shape == "0000-00-00T00:00:00" && decimals.is_some_and(fits)
}
