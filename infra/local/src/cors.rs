//! What API Gateway does for pages of other origins, as `CorsConfiguration` of the template says:
//! it answers preflights by itself and sets the headers of every other answer.
//!
//! On AWS the parameter `AllowedOrigins` names the origins, and there is none by default. Here every
//! page that this machine serves itself is allowed.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html>

use std::str::FromStr as _;

use axum::body::Body;
use axum::response::Response;
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use serde::Deserialize;

use crate::Error;

/// What pages of an allowed origin may do.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct CorsConfiguration {
    /// The methods that they may use.
    pub allow_methods: Vec<String>,
    /// The headers that they may send.
    pub allow_headers: Vec<String>,
    /// The headers of an answer that they may read.
    pub expose_headers: Vec<String>,
    /// How long a browser may keep the answer to a preflight, in seconds.
    pub max_age: u32,
}

/// The headers of the answers to pages of an allowed origin.
#[derive(Debug)]
pub struct Cors {
    allow_methods: HeaderValue,
    allow_headers: HeaderValue,
    expose_headers: HeaderValue,
    max_age: HeaderValue,
}

impl Cors {
    /// The headers for this configuration.
    ///
    /// # Errors
    ///
    /// [`Error::Template`] when a name in it cannot be part of a header.
    pub fn new(configuration: &CorsConfiguration) -> Result<Self, Error> {
        let CorsConfiguration { allow_methods, allow_headers, expose_headers, max_age } =
            configuration;
        let joined = |names: &[String]| {
            let value = HeaderValue::from_str(&names.join(","));
            let malformed = || format!("CorsConfiguration: {names:?} cannot be part of a header");
            value.map_err(|_| Error::Template(malformed()))
        };
        Ok(Self {
            allow_methods: joined(allow_methods)?,
            allow_headers: joined(allow_headers)?,
            expose_headers: joined(expose_headers)?,
            max_age: HeaderValue::from(*max_age),
        })
    }

    /// The answer to a preflight; `None` if the request is none. What is not allowed is answered as
    /// well, without the headers that would allow it.
    pub fn preflight(&self, head: &Parts) -> Option<Response> {
        let origin = head.headers.get(header::ORIGIN).filter(|_| head.method == Method::OPTIONS)?;
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NO_CONTENT;
        if is_of_this_machine(origin) {
            let headers = response.headers_mut();
            headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, self.allow_methods.clone());
            headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, self.allow_headers.clone());
            headers.insert(header::ACCESS_CONTROL_MAX_AGE, self.max_age.clone());
        }
        Some(response)
    }

    /// Sets the headers of an answer to this origin. Those that a function has set do not count.
    pub fn complete(&self, origin: &HeaderValue, headers: &mut HeaderMap) {
        // A cache must not give the answer for one origin to another.
        headers.append(header::VARY, HeaderValue::from(HeaderName::from_static("origin")));
        headers.remove(header::ACCESS_CONTROL_ALLOW_ORIGIN);
        headers.remove(header::ACCESS_CONTROL_EXPOSE_HEADERS);
        if is_of_this_machine(origin) {
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
            headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, self.expose_headers.clone());
        }
    }
}

/// Whether this machine has served the page itself, on whatever port.
fn is_of_this_machine(origin: &HeaderValue) -> bool {
    let origin = origin.to_str().ok().and_then(|origin| Uri::from_str(origin).ok());
    origin.is_some_and(|origin| {
        matches!(origin.scheme_str(), Some("http" | "https"))
            && matches!(origin.host(), Some("localhost" | "127.0.0.1" | "[::1]"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_of_this_machine_by_its_host_alone() {
        for (origin, is_local) in [
            ("http://localhost", true),
            ("http://localhost:5173", true),
            ("https://localhost:8443", true),
            ("http://127.0.0.1:3000", true),
            ("http://[::1]:3000", true),
            ("http://localhost.example.com", false),
            ("http://example.com/localhost", false),
            ("https://app.example.com", false),
            ("http://192.168.0.7:3000", false),
            ("file://localhost", false),
            ("localhost:3000", false),
            ("null", false),
            ("", false),
        ] {
            let value = HeaderValue::from_str(origin).unwrap();
            assert_eq!(is_of_this_machine(&value), is_local, "{origin}");
        }
    }
}
