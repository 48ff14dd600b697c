//! The HTTP client that the SDK is given: hyper, and rustls with `ring`.
//!
//! The default clients of the SDK either execute 423 million instructions for entropy at their
//! first connection (aws-lc), or parse 150 root certificates from text at every start.
//! `docs/decisions` has the numbers.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use http_body_util::BodyExt;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector as TcpConnector;
use hyper_util::rt::TokioExecutor;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{CipherSuite, ClientConfig, RootCertStore};
use subledger::error::Cause;

/// HTTP/1.1 over TLS, or without it where an address begins with `http:`. Cloning it shares the
/// connections.
#[derive(Debug, Clone)]
pub(crate) struct Hyper {
    tls: ClientConfig,
    /// The SDK asks for a connector with each request. It gets the same one for the same timeout.
    connectors: Arc<Mutex<HashMap<Option<Duration>, Connector>>>,
}

impl Hyper {
    /// A client that trusts the certificate authorities in this file of PEM certificates, or else
    /// the public ones. It connects when it is first used.
    ///
    /// # Errors
    /// If the file cannot be read or has no certificates.
    pub(crate) fn new(ca_bundle: Option<&Path>) -> Result<Self, Cause> {
        let tls = ClientConfig::builder_with_provider(Arc::new(cryptography()))
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots(ca_bundle)?)
            .with_no_client_auth();
        Ok(Self { tls, connectors: Arc::default() })
    }

    /// The connector whose connections are open within this time, or are given up.
    pub(crate) fn connector(&self, connect_timeout: Option<Duration>) -> Connector {
        let mut connectors = self.connectors.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || Connector::new(self.tls.clone(), connect_timeout);
        connectors.entry(connect_timeout).or_insert_with(new).clone()
    }
}

impl HttpClient for Hyper {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.connector(settings.connect_timeout()))
    }
}

/// Sends requests and collects the bodies of their answers.
#[derive(Debug, Clone)]
pub(crate) struct Connector(Client<HttpsConnector<TcpConnector>, SdkBody>);

impl Connector {
    fn new(tls: ClientConfig, connect_timeout: Option<Duration>) -> Self {
        let mut tcp = TcpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_connect_timeout(connect_timeout);
        let https = HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            .https_or_http()
            .enable_http1()
            .wrap_connector(tcp);
        Self(Client::builder(TokioExecutor::new()).build(https))
    }

    /// Opens a connection with a request to DynamoDB's health check, which needs no signature and
    /// no permission and costs nothing. Any answer will do.
    ///
    /// # Errors
    /// If there is no answer.
    pub(crate) async fn preconnect(&self, address: &str) -> Result<(), Cause> {
        let mut request = hyper::Request::new(SdkBody::empty());
        *request.uri_mut() = address.parse()?;
        self.0.request(request).await?.into_body().collect().await?;
        Ok(())
    }

    async fn send(self, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let user = |error| ConnectorError::user(Box::new(error));
        let request = request.try_into_http1x().map_err(user)?;
        let lost = |error| ConnectorError::io(Box::new(error));
        let (head, body) = self.0.request(request).await.map_err(lost)?.into_parts();
        let body = body.collect().await.map_err(|error| ConnectorError::io(Box::new(error)))?;
        let answer = hyper::Response::from_parts(head, SdkBody::from(body.to_bytes()));
        HttpResponse::try_from(answer).map_err(|error| ConnectorError::other(error.into(), None))
    }
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        HttpConnectorFuture::new(self.clone().send(request))
    }
}

/// The cryptography of connections: `ring`, with AES-128 and SHA-256 as the first choice.
/// Processors have instructions for them, which saves a twentieth of a handshake.
fn cryptography() -> CryptoProvider {
    let mut provider = ring::default_provider();
    let first = CipherSuite::TLS13_AES_128_GCM_SHA256;
    // Stable: the others stay in their order.
    provider.cipher_suites.sort_by_key(|suite| suite.suite() != first);
    provider
}

/// The TLS roots: those of the file, or else the public ones. The public ones are compiled in,
/// because the image of a function has no list of them and searching for one costs time at every
/// start.
fn roots(ca_bundle: Option<&Path>) -> Result<RootCertStore, Cause> {
    let mut roots = RootCertStore::empty();
    match ca_bundle {
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

    #[test]
    fn the_cheapest_encryption_comes_first_and_none_is_missing() {
        let suites = cryptography().cipher_suites;
        assert_eq!(suites[0].suite(), CipherSuite::TLS13_AES_128_GCM_SHA256);
        assert_eq!(suites.len(), ring::default_provider().cipher_suites.len());
    }

    #[test]
    fn a_file_of_certificates_has_to_be_there() {
        let missing = Path::new("there is no such file");
        assert!(Hyper::new(Some(missing)).is_err());
        assert!(!roots(None).unwrap().is_empty());
    }

    #[test]
    fn requests_with_one_connect_timeout_share_a_connector() {
        let hyper = Hyper::new(None).unwrap();
        let second = Some(Duration::from_secs(1));
        for timeout in [None, second, None, second] {
            hyper.connector(timeout);
        }
        assert_eq!(hyper.connectors.lock().unwrap().len(), 2);
    }
}
