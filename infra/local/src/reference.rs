//! The API reference: the contract of both dialects as JSON, and as a page for people.
//!
//! `infra/openapi/v0.yaml` and `v1.yaml` are the contract; they are compiled in like the template.
//! Three paths of the local stack show them. They are no routes of the template: they need no token
//! and reach no function.
//!
//! | path | what |
//! |---|---|
//! | `/` | the page: `page` |
//! | `/openapi/v0.json`, `/openapi/v1.json` | the documents |

use axum::body::Body;
use axum::response::Response;
use http::{HeaderValue, Method, header};
use serde_yaml_ng::Value;

use crate::Error;

mod page;
mod schema;

/// The contracts: name, and document as it is kept.
const DOCUMENTS: [(&str, &str); 2] =
    [("v0", include_str!("../../openapi/v0.yaml")), ("v1", include_str!("../../openapi/v1.yaml"))];

/// Every path of the reference, with what it answers. Made once, when the stack starts.
#[derive(Debug)]
pub struct Reference {
    answers: Vec<(String, &'static str, String)>,
}

impl Reference {
    /// The reference of a stack that answers at `base_url`.
    ///
    /// # Errors
    ///
    /// [`Error::Contract`] when a document is not what it has to be.
    pub fn new(base_url: &str, authorized: bool) -> Result<Self, Error> {
        let mut documents = Vec::new();
        let mut answers = Vec::new();
        for (name, text) in DOCUMENTS {
            let failed = |reason: String| Error::Contract { document: name, reason };
            let mut document: Value =
                serde_yaml_ng::from_str(text).map_err(|error| failed(error.to_string()))?;
            let server = document.get_mut("servers").and_then(|servers| servers.get_mut(0));
            if let Some(url) = server.and_then(|server| server.get_mut("url")) {
                *url = Value::String(base_url.to_owned());
            }
            // Mappings keep their order on the way: properties stand as they do on the wire.
            let json = serde_json::to_string_pretty(&document)
                .map_err(|error| failed(error.to_string()))?;
            answers.push((format!("/openapi/{name}.json"), "application/json", json));
            documents.push((name, document));
        }
        let html = page::render(&documents, base_url, authorized);
        answers.push(("/".to_owned(), "text/html; charset=utf-8", html));
        Ok(Self { answers })
    }

    /// The answer to a request for one of the paths; `None` for any other request.
    pub fn answer(&self, method: &Method, path: &str) -> Option<Response> {
        if method != Method::GET && method != Method::HEAD {
            return None;
        }
        let (_, content_type, text) = self.answers.iter().find(|(own, ..)| own == path)?;
        let mut response = Response::new(Body::from(text.clone()));
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        Some(response)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reference() -> Reference {
        Reference::new("http://127.0.0.1:4711", true).unwrap()
    }

    fn text(path: &str) -> String {
        let reference = reference();
        reference.answers.iter().find(|(own, ..)| own == path).unwrap().2.clone()
    }

    #[test]
    fn the_documents_are_json_in_the_order_of_the_file() {
        for (name, key) in [("v0", "account_id"), ("v1", "accountId")] {
            let json = text(&format!("/openapi/{name}.json"));
            let document: serde_json::Value = serde_json::from_str(&json).unwrap();
            assert_eq!(document["openapi"], "3.1.0");
            assert_eq!(document["servers"][0]["url"], "http://127.0.0.1:4711");
            assert!(json.contains(key), "{name}");
            assert!(json.find("\"info\"") < json.find("\"paths\""), "{name}");
        }
    }

    #[test]
    fn the_page_shows_every_operation_and_needs_nothing_from_elsewhere() {
        let page = text("/");
        for (_, yaml) in DOCUMENTS {
            for id in yaml.lines().filter_map(|line| line.trim().strip_prefix("operationId: ")) {
                assert!(page.contains(&format!("-{id}\"")), "{id}");
            }
        }
        for elsewhere in ["<script src", "<link", "@import", "url("] {
            assert!(!page.contains(elsewhere), "{elsewhere}");
        }
    }

    #[test]
    fn only_its_own_paths_are_answered_and_only_when_read() {
        for (method, path, answered) in [
            (Method::GET, "/", true),
            (Method::HEAD, "/openapi/v0.json", true),
            (Method::GET, "/openapi/v1.json", true),
            (Method::POST, "/", false),
            (Method::GET, "/openapi", false),
            (Method::GET, "/v1/organizations", false),
        ] {
            let answer = reference().answer(&method, path);
            assert_eq!(answer.is_some(), answered, "{method} {path}");
        }
    }
}
