//! The connections: HTTP/1.1 to one address, over TLS unless the address says otherwise.

use std::path::Path;
use std::sync::Arc;

use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::header::HeaderMap;
use hyper::{Method, Request, Uri};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{CipherSuite, ClientConfig, RootCertStore};
use subledger::error::Cause;

use super::Failure;
use crate::config::Connection;

/// The regions of China have addresses of their own.
const CHINA: &str = "cn-";

/// Where DynamoDB is, and the connections to it.
#[derive(Debug)]
pub(super) struct Endpoint {
    uri: Uri,
    host: String,
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
}

impl Endpoint {
    /// Connects when it is first used.
    pub(super) fn new(connection: &Connection) -> Result<Self, Cause> {
        let region = &connection.region;
        let suffix = if region.starts_with(CHINA) { ".cn" } else { "" };
        let uri: Uri = match &connection.endpoint {
            Some(endpoint) => endpoint.parse()?,
            None => format!("https://dynamodb.{region}.amazonaws.com{suffix}/").parse()?,
        };
        let host = uri.authority().ok_or("the address of DynamoDB names no host")?.to_string();
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_connect_timeout(Some(connection.patience.connect));
        let tls = ClientConfig::builder_with_provider(Arc::new(cryptography()))
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots(connection.ca_bundle.as_deref())?)
            .with_no_client_auth();
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            .https_or_http()
            .enable_http1()
            .wrap_connector(tcp);
        Ok(Self { uri, host, client: Client::builder(TokioExecutor::new()).build(connector) })
    }

    /// The host as a request names it.
    pub(super) fn host(&self) -> &str {
        &self.host
    }

    /// Asks for nothing in particular.
    pub(super) async fn get(&self) -> Result<(), Failure> {
        self.send(Request::new(Full::default())).await.map(drop)
    }

    /// Sends a request; its status and its body.
    pub(super) async fn post(
        &self,
        headers: HeaderMap,
        body: Bytes,
    ) -> Result<(u16, Bytes), Failure> {
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = Method::POST;
        *request.headers_mut() = headers;
        self.send(request).await
    }

    async fn send(&self, mut request: Request<Full<Bytes>>) -> Result<(u16, Bytes), Failure> {
        *request.uri_mut() = self.uri.clone();
        let answer = self.client.request(request).await;
        let (head, body) = answer.map_err(|error| Failure::Connection(error.into()))?.into_parts();
        let body = body.collect().await.map_err(|error| Failure::Connection(error.into()))?;
        Ok((head.status.as_u16(), body.to_bytes()))
    }
}

/// What connections are encrypted with: `ring`, and first of all AES with 128 bits and SHA-256, for
/// which processors have instructions and which saves a twentieth of a handshake.
fn cryptography() -> CryptoProvider {
    let mut provider = ring::default_provider();
    let first = CipherSuite::TLS13_AES_128_GCM_SHA256;
    // Stable: the others stay in their order.
    provider.cipher_suites.sort_by_key(|suite| suite.suite() != first);
    provider
}

/// Whom to believe: the authorities of the bundle, or else the public ones, which are compiled in,
/// because the image of a function has no list and looking for one costs time at every start.
fn roots(bundle: Option<&Path>) -> Result<RootCertStore, Cause> {
    let mut roots = RootCertStore::empty();
    match bundle {
        None => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
        Some(bundle) => {
            for certificate in CertificateDer::pem_file_iter(bundle)? {
                roots.add(certificate?)?;
            }
        }
    }
    Ok(roots)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connection(region: &str, endpoint: Option<&str>) -> Connection {
        Connection {
            region: region.to_owned(),
            endpoint: endpoint.map(str::to_owned),
            ..Connection::local("table", "http://localhost:1")
        }
    }

    #[test]
    fn a_region_has_its_address_and_another_may_be_given() {
        for (region, endpoint, host) in [
            ("eu-central-1", None, "dynamodb.eu-central-1.amazonaws.com"),
            ("cn-north-1", None, "dynamodb.cn-north-1.amazonaws.com.cn"),
            ("eu-central-1", Some("http://127.0.0.1:8000"), "127.0.0.1:8000"),
            ("eu-central-1", Some("https://vpce-1.example"), "vpce-1.example"),
        ] {
            let endpoint = Endpoint::new(&connection(region, endpoint)).unwrap();
            assert_eq!(endpoint.host(), host);
        }
    }

    #[test]
    fn the_cheapest_encryption_comes_first_and_none_is_missing() {
        let suites = cryptography().cipher_suites;
        assert_eq!(suites[0].suite(), CipherSuite::TLS13_AES_128_GCM_SHA256);
        assert_eq!(suites.len(), ring::default_provider().cipher_suites.len());
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for endpoint in ["", "no address", "/path"] {
            assert!(Endpoint::new(&connection("local", Some(endpoint))).is_err(), "{endpoint}");
        }
    }

    #[test]
    fn a_bundle_has_to_be_there_and_hold_certificates() {
        let missing = Path::new("there is no such file");
        assert!(roots(Some(missing)).is_err());
        assert!(!roots(None).unwrap().is_empty());
    }
}
