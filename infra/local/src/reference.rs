//! The API reference: Swagger UI with the contract of both dialects.
//!
//! `infra/openapi/v0.yaml` and `v1.yaml` are the contract; they and the files of Swagger UI are
//! compiled in, so the page works offline. The local stack serves them by itself: they are no
//! routes of the template, need no token and reach no function.
//!
//! | path | what |
//! |---|---|
//! | `/` | the page, with a choice between the documents |
//! | `/swagger-ui-bundle.js`, `/swagger-ui.css`, … | what the page loads |
//! | `/openapi/v0.json`, `/openapi/v1.json` | the documents, with this stack as their server |

use std::fmt;
use std::sync::Arc;

use axum::body::Body;
use axum::response::Response;
use http::{HeaderValue, Method, header};
use serde_yaml_ng::{Mapping, Value};
use utoipa_swagger_ui::{Config, Url};

use crate::Error;

/// A document: its name, the path where it is served, and its text as it is kept.
struct Contract {
    name: &'static str,
    path: &'static str,
    yaml: &'static str,
}

const CONTRACTS: [Contract; 2] = [
    Contract { name: "v0", path: "/openapi/v0.json", yaml: include_str!("../../openapi/v0.yaml") },
    Contract { name: "v1", path: "/openapi/v1.json", yaml: include_str!("../../openapi/v1.yaml") },
];

/// The page and its documents. Made once, when the stack starts.
pub struct Reference {
    page: Arc<Config<'static>>,
    /// Path and JSON of each document.
    documents: Vec<(&'static str, String)>,
}

impl fmt::Debug for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reference").finish_non_exhaustive()
    }
}

impl Reference {
    /// Reads the documents and configures the page.
    ///
    /// # Errors
    ///
    /// [`Error::Contract`] when a document is not a YAML mapping.
    pub fn new() -> Result<Self, Error> {
        let documents = CONTRACTS.iter().map(|Contract { name, path, yaml }| {
            let json = served(yaml).map_err(|reason| Error::Contract { document: name, reason })?;
            Ok((*path, json))
        });
        let urls = CONTRACTS.iter().map(|Contract { name, path, .. }| Url::new(name, path));
        let page = Config::new(urls)
            .deep_linking(true)
            .display_request_duration(true)
            .filter(true)
            .persist_authorization(true)
            .try_it_out_enabled(true)
            // By default the page sends the address of a document to a public validator.
            .validator_url("none");
        Ok(Self { page: Arc::new(page), documents: documents.collect::<Result<_, Error>>()? })
    }

    /// The answer to a request for one of the paths; `None` for any other request.
    pub fn answer(&self, method: &Method, path: &str) -> Option<Response> {
        if method != Method::GET && method != Method::HEAD {
            return None;
        }
        if let Some((_, json)) = self.documents.iter().find(|(own, _)| *own == path) {
            let content_type = HeaderValue::from_static("application/json");
            return Some(response(content_type, json.clone().into()));
        }
        let name = if path == "/" { "index.html" } else { path.strip_prefix('/')? };
        // Swagger UI takes a second slash for its page, which is not a path of this API.
        if name == "/" {
            return None;
        }
        let file = utoipa_swagger_ui::serve(name, Arc::clone(&self.page))
            .inspect_err(|error| tracing::error!(%error, "the API reference cannot be served"))
            .ok()??;
        let content_type = HeaderValue::from_str(&file.content_type).ok()?;
        Some(response(content_type, file.bytes.into_owned().into()))
    }
}

/// A document as JSON. The server is relative, so that requests go to the stack that served it, at
/// whatever address it was reached.
fn served(yaml: &str) -> Result<String, String> {
    let mut document: Mapping = serde_yaml_ng::from_str(yaml).map_err(|error| error.to_string())?;
    let server = Mapping::from_iter([("url".into(), "/".into())]);
    document.insert("servers".into(), Value::Sequence(vec![server.into()]));
    // Mappings keep their order on the way: properties stand as they do on the wire.
    serde_json::to_string_pretty(&document).map_err(|error| error.to_string())
}

fn response(content_type: HeaderValue, body: Body) -> Response {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, content_type);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    async fn get(path: &str) -> (String, String) {
        let answer = Reference::new().unwrap().answer(&Method::GET, path);
        let (head, body) = answer.unwrap_or_else(|| panic!("no answer at {path}")).into_parts();
        let content_type = head.headers[header::CONTENT_TYPE].to_str().unwrap().to_owned();
        let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        (content_type, String::from_utf8(bytes.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn the_documents_are_the_contract_files_apart_from_their_servers() {
        for Contract { path, yaml, .. } in CONTRACTS {
            let (content_type, json) = get(path).await;
            let mut served: serde_json::Value = serde_json::from_str(&json).unwrap();
            let mut kept: serde_json::Value = serde_yaml_ng::from_str(yaml).unwrap();
            assert_eq!(content_type, "application/json");
            assert_eq!(served["servers"].take(), json!([{ "url": "/" }]));
            assert!(kept["servers"].take().is_array());
            assert_eq!(served, kept, "{path}");
        }
    }

    #[tokio::test]
    async fn properties_keep_the_order_of_the_file() {
        let (_, json) = get("/openapi/v0.json").await;
        let places = ["\"openapi\"", "\"info\"", "\"servers\"", "\"tags\"", "\"paths\""]
            .map(|key| json.find(key).unwrap());
        assert!(places.is_sorted(), "{places:?}");
    }

    #[tokio::test]
    async fn a_token_is_entered_as_a_bearer_token() {
        for Contract { path, .. } in CONTRACTS {
            let document: serde_json::Value = serde_json::from_str(&get(path).await.1).unwrap();
            let scheme = &document["components"]["securitySchemes"]["bearerAuth"];
            assert_eq!((&scheme["type"], &scheme["scheme"]), (&json!("http"), &json!("bearer")));
        }
    }

    #[tokio::test]
    async fn no_document_makes_the_page_link_elsewhere() {
        for Contract { path, .. } in CONTRACTS {
            let document: serde_json::Value = serde_json::from_str(&get(path).await.1).unwrap();
            // Swagger UI makes a link to spdx.org from the identifier of a licence.
            assert_eq!(document["info"]["license"], json!({ "name": "MIT OR Apache-2.0" }));
            for linked in ["contact", "termsOfService"] {
                assert_eq!(document["info"].get(linked), None, "{path}");
            }
            assert_eq!(document.get("externalDocs"), None, "{path}");
        }
    }

    #[tokio::test]
    async fn the_page_offers_both_documents() {
        let (content_type, script) = get("/swagger-initializer.js").await;
        assert_eq!(content_type, "text/javascript");
        for setting in [
            r#""url": "/openapi/v0.json""#,
            r#""url": "/openapi/v1.json""#,
            r#""deepLinking": true"#,
            r#""filter": true"#,
            r#""persistAuthorization": true"#,
            r#""tryItOutEnabled": true"#,
        ] {
            assert!(script.contains(setting), "{setting} is not in {script}");
        }
    }

    #[tokio::test]
    async fn the_page_loads_only_what_this_stack_serves() {
        let (content_type, page) = get("/").await;
        assert_eq!(content_type, "text/html");
        let loaded: Vec<&str> = [" src=\"", " href=\""]
            .iter()
            .flat_map(|attribute| page.split(attribute).skip(1))
            .map(|rest| rest.split('"').next().unwrap())
            .collect();
        assert_eq!(loaded.len(), 7, "{page}");
        let reference = Reference::new().unwrap();
        for name in loaded {
            let path = format!("/{}", name.trim_start_matches("./"));
            assert!(reference.answer(&Method::GET, &path).is_some(), "{name}");
        }
        let (_, script) = get("/swagger-initializer.js").await;
        assert!(script.contains(r#""validatorUrl": "none""#), "{script}");
        let (_, style) = get("/swagger-ui.css").await;
        for text in [&page, &script] {
            assert!(!text.contains("://") && !text.contains("\"//"), "{text}");
        }
        let urls: Vec<&str> = style.split("url(").skip(1).collect();
        assert!(urls.iter().all(|url| url.trim_start_matches('"').starts_with("data:")));
        assert!(!style.contains("@import"));
    }

    #[test]
    fn only_its_own_paths_are_answered_and_only_when_read() {
        let reference = Reference::new().unwrap();
        for (method, path, answered) in [
            (Method::GET, "/", true),
            (Method::HEAD, "/openapi/v0.json", true),
            (Method::GET, "/openapi/v1.json", true),
            (Method::GET, "/swagger-ui-bundle.js", true),
            (Method::POST, "/", false),
            (Method::POST, "/openapi/v0.json", false),
            (Method::GET, "", false),
            (Method::GET, "//", false),
            (Method::GET, "/openapi", false),
            (Method::GET, "/nothing.js", false),
            (Method::GET, "/v1/organizations", false),
        ] {
            let answer = reference.answer(&method, path);
            assert_eq!(answer.is_some(), answered, "{method} {path}");
        }
    }
}
