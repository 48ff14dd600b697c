//! Answers.

use http::{HeaderMap, HeaderName, HeaderValue};
use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpResponse;
use lambda_http::aws_lambda_events::encodings::Body;
use serde::Serialize;

use crate::encoding::{Coding, GZIP_BYTES_MIN, gzip};

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

    /// The answer as API Gateway takes it, its body in this coding.
    pub(crate) fn into_response(
        self,
        request_id: &str,
        coding: Coding,
    ) -> ApiGatewayV2httpResponse {
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
        let may_be_compressed = self.body.len() >= GZIP_BYTES_MIN;
        let compressed = match coding {
            Coding::Gzip if may_be_compressed => gzip(&self.body),
            Coding::Gzip | Coding::Identity => None,
        };
        if may_be_compressed {
            // What is kept on the way for one client may be unreadable for another.
            headers.insert(http::header::VARY, HeaderValue::from_static("accept-encoding"));
        }
        let mut response = ApiGatewayV2httpResponse::default();
        response.status_code = i64::from(self.status);
        if let Some(bytes) = compressed {
            headers.insert(http::header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            // Base64 on its way to the gateway, which sends the bytes.
            response.is_base64_encoded = true;
            response.body = Some(Body::Binary(bytes));
        } else if !self.body.is_empty() {
            response.body = Some(Body::Text(self.body));
        }
        response.headers = headers;
        response
    }
}
