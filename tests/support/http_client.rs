//! A small HTTP client.

use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

use crate::answer::Answer;
use crate::request::Request;

/// A client with a pool of connections to one server.
#[derive(Debug, Clone)]
pub struct HttpClient {
    base_url: String,
    client: Client<HttpConnector, Full<axum::body::Bytes>>,
}

impl HttpClient {
    /// A client of the server at this address, which has no slash at the end.
    #[must_use]
    pub fn new(base_url: &str) -> Self {
        let client = Client::builder(TokioExecutor::new()).build_http();
        Self { base_url: base_url.to_owned(), client }
    }

    /// Sends a request.
    ///
    /// # Errors
    /// The error of the connection, if no complete answer was received.
    pub async fn try_send(&self, request: &Request) -> Result<Answer, String> {
        let mut sent = http::Request::builder()
            .method(request.method.as_str())
            .uri(format!("{}{}", self.base_url, request.target));
        for (name, value) in &request.headers {
            sent = sent.header(name, value);
        }
        let sent = sent.body(Full::new(request.body.clone().into())).unwrap();
        let response = self.client.request(sent).await.map_err(|error| format!("{error:?}"))?;
        let (head, body) = response.into_parts();
        let body = body.collect().await.map_err(|error| format!("{error:?}"))?.to_bytes();
        Ok(Answer::new(request.to_string(), head.status.as_u16(), head.headers, &body))
    }

    pub(crate) async fn send(&self, request: &Request) -> Answer {
        self.try_send(request).await.unwrap()
    }
}
