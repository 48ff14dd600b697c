//! How to reach the table: the configuration of the SDK and of this store.

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use aws_config::ecs::EcsCredentialsProvider;
use aws_config::environment::{
    EnvironmentVariableCredentialsProvider, EnvironmentVariableRegionProvider,
};
use aws_config::meta::credentials::CredentialsProviderChain;
use aws_config::provider_config::ProviderConfig;
use aws_config::{BehaviorVersion, ConfigLoader, Region, SdkConfig};
use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};
use aws_sdk_dynamodb::config::{Credentials, SharedCredentialsProvider};
use subledger::error::Cause;
use subledger::ports::Clock;

use crate::requests::connector::Hyper;
use crate::requests::meter::Meter;
use crate::requests::store_clock::StoreClock;

/// How to reach the table.
#[derive(Debug, Clone)]
pub struct Connection {
    pub(crate) table: String,
    /// The configuration of the SDK: region, credentials, endpoint.
    pub(crate) sdk: SdkConfig,
    /// The HTTP client of `sdk`; `None` if a test has replaced it.
    pub(crate) hyper: Option<Hyper>,
    pub(crate) timeouts: Timeouts,
    pub(crate) meter: Option<Arc<Meter>>,
    /// The clock that is compared with that of DynamoDB; `None` compares none.
    pub(crate) clock: Option<StoreClock>,
    #[cfg(feature = "testing")]
    pub(crate) jitter: Option<Arc<dyn crate::Jitter>>,
}

/// How long to wait for answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// For opening a connection.
    pub connect: Duration,
    /// For an attempt: a request that is sent once, its connection included.
    pub attempt: Duration,
    /// For all attempts of a request together.
    pub operation: Duration,
}

/// A connection within a region takes milliseconds, and the slowest request, a transaction, some
/// 20. All attempts of one request fit into the 10 seconds that a function has. If those of several
/// requests do not, the function answers before its time is over.
impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(1),
            attempt: Duration::from_secs(3),
            operation: Duration::from_secs(8),
        }
    }
}

/// A required environment variable is missing or not UTF-8.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MissingVariable(pub &'static str);

impl fmt::Display for MissingVariable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the environment has no {}", self.0)
    }
}

impl std::error::Error for MissingVariable {}

/// The variable with the name of the table.
const TABLE_VARIABLE: &str = "TABLE_NAME";
/// The variable with the path of a file of TLS root certificates, which replace the public ones.
/// The SDK leaves it to the HTTP client.
const CA_BUNDLE_VARIABLE: &str = "AWS_CA_BUNDLE";
/// The variable that every Lambda function has.
const REGION_VARIABLE: &str = "AWS_REGION";

impl Connection {
    /// A table of an engine at this address that accepts any credentials.
    ///
    /// # Panics
    /// If rustls and ring have no version of TLS in common, which no input changes.
    #[must_use]
    pub fn local(table: &str, endpoint_url: &str) -> Self {
        #[expect(clippy::expect_used, reason = "without a file of certificates nothing can fail")]
        let hyper = Hyper::new(None).expect("ring has what TLS needs");
        let credentials = Credentials::new("local", "local", None, None, "local");
        let sdk = SdkConfig::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::from_static("local"))
            .endpoint_url(endpoint_url)
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .http_client(hyper.clone())
            .build();
        Self::new(table.to_owned(), sdk, hyper)
    }

    fn new(table: String, sdk: SdkConfig, hyper: Hyper) -> Self {
        Self {
            table,
            sdk,
            hyper: Some(hyper),
            timeouts: Timeouts::default(),
            meter: None,
            clock: None,
            #[cfg(feature = "testing")]
            jitter: None,
        }
    }

    /// The connection that the environment of a Lambda function configures: `TABLE_NAME`, and what
    /// the SDK reads of region, credentials and endpoint, for example `AWS_REGION`,
    /// `AWS_ACCESS_KEY_ID`, `AWS_ENDPOINT_URL_DYNAMODB` and `AWS_USE_FIPS_ENDPOINT`;
    /// `AWS_CA_BUNDLE` as well.
    ///
    /// Credentials come from the environment, or from the endpoint of a container that it names;
    /// those that expire are renewed. No other file is read and no metadata service is asked,
    /// because that would take time at every start.
    ///
    /// # Errors
    /// [`MissingVariable`] for the first required variable that is missing; also if the file of
    /// certificates cannot be read.
    pub async fn from_env() -> Result<Self, Cause> {
        let table = required(TABLE_VARIABLE)?;
        let hyper = hyper_from_env()?;
        let provider = ProviderConfig::default().with_http_client(hyper.clone());
        let container = EcsCredentialsProvider::builder().configure(&provider).build();
        let environment = EnvironmentVariableCredentialsProvider::new();
        let credentials = CredentialsProviderChain::first_try("Environment", environment)
            .or_else("Container", container);
        let sdk = loader(&hyper)
            .region(EnvironmentVariableRegionProvider::new())
            .credentials_provider(credentials)
            .profile_files(no_files())
            .load()
            .await;
        if sdk.region().is_none() {
            return Err(MissingVariable(REGION_VARIABLE).into());
        }
        Ok(Self::new(table, sdk, hyper))
    }

    /// A DynamoDB at this address, with region and credentials from where an AWS command line takes
    /// them: the environment, profiles (`AWS_PROFILE`), single sign-on, processes, web identities,
    /// containers and instance metadata, renewed when they expire. The table's name is in
    /// `TABLE_NAME`.
    ///
    /// # Errors
    /// [`MissingVariable`] if there is no name of a table, or no region anywhere; also if the file
    /// of certificates cannot be read.
    #[cfg(feature = "profiles")]
    pub async fn from_profile(endpoint_url: &str) -> Result<Self, Cause> {
        let table = required(TABLE_VARIABLE)?;
        let hyper = hyper_from_env()?;
        let sdk = loader(&hyper).endpoint_url(endpoint_url).load().await;
        if sdk.region().is_none() {
            return Err(MissingVariable(REGION_VARIABLE).into());
        }
        Ok(Self::new(table, sdk, hyper))
    }

    /// The name of the table.
    #[must_use]
    pub fn table(&self) -> &str {
        &self.table
    }

    /// The same connection, with a meter that adds up what the requests cost.
    #[must_use]
    pub fn with_meter(self, meter: Arc<Meter>) -> Self {
        Self { meter: Some(meter), ..self }
    }

    /// The same connection, which writes nothing, and tells nothing of the past, while this clock
    /// differs too much from that of DynamoDB.
    #[must_use]
    pub fn with_clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock: Some(StoreClock::new(clock)), ..self }
    }

    /// The same connection, with other timeouts.
    #[must_use]
    pub fn with_timeouts(self, timeouts: Timeouts) -> Self {
        Self { timeouts, ..self }
    }

    /// The address that was given instead of the region's own, if one was.
    #[must_use]
    pub fn endpoint_url(&self) -> Option<&str> {
        self.sdk.endpoint_url()
    }

    /// The same connection, with these random numbers for delays.
    #[cfg(feature = "testing")]
    #[must_use]
    pub fn with_jitter(self, jitter: Arc<dyn crate::Jitter>) -> Self {
        Self { jitter: Some(jitter), ..self }
    }

    /// The same connection through another HTTP client of the SDK.
    #[cfg(feature = "testing")]
    #[must_use]
    pub fn with_http_client(
        self,
        client: impl aws_sdk_dynamodb::config::HttpClient + 'static,
    ) -> Self {
        let sdk = self.sdk.into_builder().http_client(client).build();
        Self { sdk, hyper: None, ..self }
    }
}

fn loader(hyper: &Hyper) -> ConfigLoader {
    aws_config::defaults(BehaviorVersion::v2026_01_12()).http_client(hyper.clone())
}

/// No profile files. The SDK requires at least one, so it gets an empty one in memory.
fn no_files() -> EnvConfigFiles {
    EnvConfigFiles::builder().with_contents(EnvConfigFileKind::Config, "").build()
}

fn hyper_from_env() -> Result<Hyper, Cause> {
    Hyper::new(variable(CA_BUNDLE_VARIABLE).as_deref().map(Path::new))
}

fn required(name: &'static str) -> Result<String, MissingVariable> {
    variable(name).ok_or(MissingVariable(name))
}

/// A variable; `None` if it is empty.
fn variable(name: &str) -> Option<String> {
    #[expect(clippy::disallowed_methods, reason = "this is the place that reads the environment")]
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A connection to a region, with the endpoints of FIPS or of both IP versions, which no test opens.
    pub(crate) fn connection(region: &'static str, fips: bool, dual_stack: bool) -> Connection {
        let credentials = Credentials::new("AKIA", "hush", Some("quiet".to_owned()), None, "test");
        let credentials = SharedCredentialsProvider::new(credentials);
        let hyper = Hyper::new(None).unwrap();
        let sdk = SdkConfig::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::from_static(region))
            .use_fips(fips)
            .use_dual_stack(dual_stack)
            .credentials_provider(credentials)
            .http_client(hyper.clone());
        Connection::new("balances".to_owned(), sdk.build(), hyper)
    }

    #[test]
    fn a_secret_is_not_shown() {
        let shown = format!("{:?}", connection("eu-central-1", false, false));
        assert!(!shown.contains("hush") && !shown.contains("quiet"), "{shown}");
    }
}
