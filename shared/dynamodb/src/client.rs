//! The client, made by hand.
//!
//! The SDK's own defaults cost too much at a cold start: another TLS library spends most of the
//! first connection on collecting entropy, and the chain of profiles and metadata services asks
//! where a Lambda function already knows. So: `ring`, compiled-in roots, static credentials.

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{
    BehaviorVersion, Config, Credentials, Region, SharedHttpClient, SharedInterceptor,
    StalledStreamProtectionConfig,
};
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore, rustls_provider::CryptoMode};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use subledger::error::Cause;

use crate::config::Connection;
use crate::meter::Sendings;

/// How often a request is sent that was throttled, failed in DynamoDB or did not arrive.
///
/// DynamoDB is told apart from the network by the SDK's standard classification. Sending a
/// transaction again is safe: it carries the token of the first sending.
const ATTEMPTS_MAX: u32 = 3;
/// The first pause between two attempts; doubled each time, and of random length up to that.
const INITIAL_BACKOFF: Duration = Duration::from_millis(50);
/// The longest pause between two attempts.
const BACKOFF_MAX: Duration = Duration::from_millis(500);
/// How long a connection may take: a region answers within a few milliseconds.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
/// How long an attempt may take: the slowest request, a transaction, takes some 20 ms.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(3);
/// How long all attempts may take together: less than the 10 seconds that a function has.
const OPERATION_TIMEOUT: Duration = Duration::from_secs(8);

/// Makes the client; it connects when it is first used.
///
/// # Errors
/// If the compiled-in roots are not acceptable.
pub(crate) fn connect(connection: &Connection) -> Result<Client, Cause> {
    let credentials = &connection.credentials;
    let credentials = Credentials::new(
        credentials.access_key_id.clone(),
        credentials.secret_access_key.clone(),
        credentials.session_token.clone(),
        None,
        "Connection",
    );
    let retry = RetryConfig::standard()
        .with_max_attempts(ATTEMPTS_MAX)
        .with_initial_backoff(INITIAL_BACKOFF)
        .with_max_backoff(BACKOFF_MAX);
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .operation_attempt_timeout(ATTEMPT_TIMEOUT)
        .operation_timeout(OPERATION_TIMEOUT)
        .build();
    let mut config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(connection.region.clone()))
        .credentials_provider(credentials)
        .http_client(http_client(connection.endpoint.as_deref())?)
        .retry_config(retry)
        .timeout_config(timeouts)
        // Answers are small; the timeout of the attempt is protection enough.
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled());
    config.set_endpoint_url(connection.endpoint.clone());
    if let Some(meter) = &connection.meter {
        config.push_interceptor(SharedInterceptor::new(Sendings(Arc::clone(meter))));
    }
    Ok(Client::from_conf(config.build()))
}

fn http_client(endpoint: Option<&str>) -> Result<SharedHttpClient, Cause> {
    if endpoint.is_some_and(|endpoint| endpoint.starts_with("http://")) {
        return Ok(Builder::new().build_http());
    }
    let tls = TlsContext::builder().with_trust_store(roots()).build()?;
    let provider = Provider::Rustls(CryptoMode::Ring);
    Ok(Builder::new().tls_provider(provider).tls_context(tls).build_https())
}

/// The public roots that are compiled in: a function's image has none, and looking for them would
/// cost time at every start.
fn roots() -> TrustStore {
    webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().fold(TrustStore::empty(), |store, root| {
        store.with_pem_certificate(format!(
            "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n",
            STANDARD.encode(root)
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Credentials;

    #[test]
    fn a_client_is_made_with_and_without_tls() {
        for endpoint in [None, Some("https://localhost:1"), Some("http://localhost:1")] {
            let connection = Connection {
                table: "table".to_owned(),
                region: "eu-central-1".to_owned(),
                credentials: Credentials::anybody(),
                endpoint: endpoint.map(str::to_owned),
                meter: None,
            };
            assert!(connect(&connection).is_ok(), "{endpoint:?}");
        }
    }
}
