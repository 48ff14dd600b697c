//! Answers.

use http::{HeaderMap, HeaderName, HeaderValue};
use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpResponse;
use lambda_http::aws_lambda_events::encodings::Body;
use serde::Serialize;

/// Seconds after which a client may try again what failed through no fault of its own.
pub const RETRY_AFTER_SECONDS: u32 = 1;

/// An answer: a status and a JSON body.
#[derive(Debug)]
pub struct Reply {
    status: u16,
    body: String,
    retry: bool,
    headers: Vec<(&'static str, String)>,
}

impl Reply {
    /// An answer with a JSON body.
    #[must_use]
    pub fn json(status: u16, body: &impl Serialize) -> Self {
        match serde_json::to_string(body) {
            Ok(body) => Self { status, body, retry: false, headers: Vec::new() },
            // Bodies are structs of texts and numbers; none of them can fail to be written.
            Err(_) => Self::empty(500),
        }
    }

    /// An answer without a body.
    #[must_use]
    pub const fn empty(status: u16) -> Self {
        Self { status, body: String::new(), retry: false, headers: Vec::new() }
    }

    /// The same answer with one more header; the name is in lower case.
    #[must_use]
    pub fn with_header(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
    }

    /// The same answer, with the advice to try again after [`RETRY_AFTER_SECONDS`].
    #[must_use]
    pub const fn retry_later(mut self) -> Self {
        self.retry = true;
        self
    }

    /// The HTTP status.
    #[must_use]
    pub const fn status(&self) -> u16 {
        self.status
    }

    /// The body, JSON.
    #[must_use]
    pub fn body(&self) -> &str {
        &self.body
    }

    /// The answer as API Gateway takes it.
    pub(crate) fn into_response(self, request_id: &str) -> ApiGatewayV2httpResponse {
        let mut headers = HeaderMap::new();
        if !self.body.is_empty() {
            let json = HeaderValue::from_static("application/json");
            headers.insert(http::header::CONTENT_TYPE, json);
        }
        for (name, value) in self.headers {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
        if let Ok(id) = HeaderValue::from_str(request_id) {
            headers.insert(HeaderName::from_static("x-request-id"), id);
        }
        if self.retry {
            headers.insert(http::header::RETRY_AFTER, HeaderValue::from(RETRY_AFTER_SECONDS));
        }
        let mut response = ApiGatewayV2httpResponse::default();
        response.status_code = i64::from(self.status);
        response.headers = headers;
        response.body = (!self.body.is_empty()).then_some(Body::Text(self.body));
        response
    }
}
