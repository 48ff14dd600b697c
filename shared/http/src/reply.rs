//! Answers.

use http::{HeaderName, HeaderValue, StatusCode};
use lambda_http::Body;
use serde::Serialize;

use crate::Response;
use crate::encoding::{Coding, GZIP_BYTES_MIN, gzip};

/// The JSON of a value.
#[expect(
    clippy::expect_used,
    reason = "only maps with keys that are not texts fail, and there are none"
)]
pub(crate) fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("structs, lists and maps of texts are written as JSON")
}

/// An answer: a status and a body, which is JSON but for the one of `/health`.
#[derive(Debug)]
pub struct Reply {
    status: u16,
    content_type: &'static str,
    body: String,
    retry_after_seconds: Option<u32>,
    headers: Vec<(&'static str, String)>,
}

impl Reply {
    /// An answer with a JSON body.
    #[must_use]
    pub fn json(status: u16, body: &impl Serialize) -> Self {
        Self::of(status, "application/json", json(body))
    }

    /// An answer that is a text.
    #[must_use]
    pub fn text(status: u16, text: &str) -> Self {
        Self::of(status, "text/plain; charset=utf-8", text.to_owned())
    }

    const fn of(status: u16, content_type: &'static str, body: String) -> Self {
        Self { status, content_type, body, retry_after_seconds: None, headers: Vec::new() }
    }

    /// An answer without a body.
    #[must_use]
    pub const fn empty(status: u16) -> Self {
        Self::of(status, "", String::new())
    }

    /// The answer of a count, which has no body.
    #[must_use]
    pub fn count(number: u64) -> Self {
        Self::empty(204).with_header("x-total-count", number.to_string())
    }

    /// The same answer with one more header; the name is in lower case.
    #[must_use]
    pub fn with_header(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
    }

    /// The same answer, with the advice to try again after so many seconds, if there is one.
    #[must_use]
    pub const fn retry_after(mut self, seconds: Option<u32>) -> Self {
        self.retry_after_seconds = seconds;
        self
    }

    /// The HTTP status.
    #[must_use]
    pub const fn status(&self) -> u16 {
        self.status
    }

    /// The body.
    #[must_use]
    pub fn body(&self) -> &str {
        &self.body
    }

    /// The answer as an HTTP response. Its body has this coding if it is long enough for it.
    pub(crate) fn into_response(self, request_id: &str, coding: Coding) -> Response {
        let may_be_compressed = self.body.len() >= GZIP_BYTES_MIN;
        let compressed = match coding {
            Coding::Gzip if may_be_compressed => Some(gzip(&self.body)),
            Coding::Gzip | Coding::Identity => None,
        };
        let has_body = !self.body.is_empty();
        let is_compressed = compressed.is_some();
        let body = match compressed {
            Some(bytes) => Body::Binary(bytes),
            None if has_body => Body::Text(self.body),
            None => Body::Empty,
        };
        let mut response = Response::new(body);
        #[expect(
            clippy::expect_used,
            reason = "every status is a constant of the handlers and maps"
        )]
        let status = StatusCode::from_u16(self.status).expect("a status has three digits");
        *response.status_mut() = status;
        let headers = response.headers_mut();
        if has_body {
            let content_type = HeaderValue::from_static(self.content_type);
            headers.insert(http::header::CONTENT_TYPE, content_type);
        }
        if is_compressed {
            headers.insert(http::header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        if may_be_compressed {
            // A cache must not give the compressed answer to a client that cannot read it.
            headers.insert(http::header::VARY, HeaderValue::from_static("accept-encoding"));
        }
        let id = ("x-request-id", request_id.to_owned());
        for (name, value) in self.headers.into_iter().chain([id]) {
            #[expect(clippy::expect_used, reason = "ids are checked, and the others are constants")]
            let value = HeaderValue::from_str(&value).expect("a header is printable ASCII");
            headers.insert(HeaderName::from_static(name), value);
        }
        if let Some(seconds) = self.retry_after_seconds {
            headers.insert(http::header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
