//! Sending requests through the SDK, and sending them again where that helps.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use aws_sdk_dynamodb::Client as Sdk;
use aws_sdk_dynamodb::config::interceptors::BeforeTransmitInterceptorContextRef;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{
    Builder, ConfigBag, Intercept, RuntimeComponents, SharedInterceptor,
    StalledStreamProtectionConfig,
};
use aws_sdk_dynamodb::error::BoxError;
use subledger::error::{Cause, Error};

use crate::requests::backoff;
use crate::requests::connection::{Connection, Timeouts};
use crate::requests::connector::Hyper;
use crate::requests::failure::Failure;
use crate::requests::meter::Meter;
use crate::requests::store_clock::StoreClock;

/// How often a request is sent that was throttled, failed in DynamoDB or did not arrive.
///
/// Sending a transaction again is safe: it carries the token of the first sending.
const ATTEMPTS_MAX: u32 = 3;

/// The client of the SDK. It keeps its connections, and cloning it shares them.
#[derive(Debug, Clone)]
pub struct Client {
    sdk: Sdk,
    /// The HTTP client, to open a connection in advance; `None` if a test has replaced it.
    hyper: Option<Hyper>,
    timeouts: Timeouts,
    meter: Option<Arc<Meter>>,
    clock: Option<StoreClock>,
    #[cfg(feature = "testing")]
    jitter: Option<Arc<dyn crate::Jitter>>,
}

impl Client {
    /// Makes the client; it connects when it is first used.
    pub fn new(connection: &Connection) -> Self {
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(connection.timeouts.connect)
            .operation_attempt_timeout(connection.timeouts.attempt)
            .build();
        let mut config = Builder::from(&connection.sdk)
            // The retries are in this file, which has to know the result of each attempt.
            .retry_config(RetryConfig::disabled())
            .timeout_config(timeouts)
            // It watches bodies as they arrive, and the connector returns only complete bodies.
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled());
        if let Some(clock) = &connection.clock {
            config.push_interceptor(SharedInterceptor::new(clock.clone()));
        }
        Self {
            sdk: Sdk::from_conf(config.build()),
            hyper: connection.hyper.clone(),
            timeouts: connection.timeouts,
            meter: connection.meter.clone(),
            clock: connection.clock.clone(),
            #[cfg(feature = "testing")]
            jitter: connection.jitter.clone(),
        }
    }

    /// Refuses to go on if the clock of this process differs too much from that of DynamoDB.
    ///
    /// # Errors
    /// [`Error::ClockWrong`].
    pub fn check_clock(&self) -> Result<(), Error> {
        self.clock.as_ref().map_or(Ok(()), StoreClock::check)
    }

    /// What makes requests; [`Client::send`] sends them.
    pub const fn sdk(&self) -> &Sdk {
        &self.sdk
    }

    /// What counts the requests, if they are counted.
    pub fn meter(&self) -> Option<&Meter> {
        self.meter.as_deref()
    }

    /// Waits before an attempt, and counts it unless it is the first.
    pub async fn wait_to_retry(&self, attempts_before: u32) {
        if attempts_before > 0 {
            self.wait(backoff::retry_delay(attempts_before, self.jitter())).await;
        }
    }

    /// Waits before a use case starts again; `failed_before` counts its failed attempts before the
    /// last one.
    pub async fn back_off(&self, failed_before: u32) {
        self.wait(backoff::conflict_delay(failed_before, self.jitter())).await;
    }

    /// Counts a repetition and waits.
    async fn wait(&self, delay: Duration) {
        if let Some(meter) = self.meter() {
            meter.count_repetition();
        }
        tokio::time::sleep(delay).await;
    }

    /// A random number for a delay.
    fn jitter(&self) -> u32 {
        #[cfg(feature = "testing")]
        if let Some(jitter) = &self.jitter {
            return jitter.next();
        }
        backoff::random_jitter()
    }

    /// Opens a connection to where requests will go.
    ///
    /// # Errors
    /// If there is no answer in time, or the address cannot be resolved.
    pub async fn preconnect(&self) -> Result<(), Cause> {
        let Some(hyper) = &self.hyper else {
            return Ok(());
        };
        let address = self.address().await?;
        let connector = hyper.connector(Some(self.timeouts.connect));
        tokio::time::timeout(self.timeouts.attempt, connector.preconnect(&address)).await?
    }

    /// The address of DynamoDB as the SDK resolves it, from region, partition and settings.
    async fn address(&self) -> Result<String, Cause> {
        let address = AddressOnly::default();
        let request = self.sdk.list_tables().customize().interceptor(address.clone());
        let stopped = request.send().await.err();
        match (address.0.get(), stopped) {
            (Some(address), _) => Ok(address.clone()),
            (None, Some(error)) => Err(error.into()),
            (None, None) => Err("a request was sent that was to be stopped".into()),
        }
    }

    /// Sends a request until it is answered, is refused in a way that a retry cannot change, or the
    /// time for all attempts is over. `attempt` sends it once.
    pub async fn send<T, F>(&self, attempt: impl Fn() -> F + Send) -> Result<T, Failure>
    where
        F: Future<Output = Result<T, Failure>> + Send,
    {
        let _on_its_way = self.meter().map(Meter::on_its_way);
        // Boxed because it is large.
        let attempts = Box::pin(self.attempts(attempt));
        let answer = tokio::time::timeout(self.timeouts.operation, attempts).await;
        answer.unwrap_or(Err(Failure::TimedOut))
    }

    /// The result of the last attempt. If an earlier attempt may have been carried out, its failure
    /// is the result, because the refusal of a later attempt does not undo it.
    async fn attempts<T, F>(&self, attempt: impl Fn() -> F) -> Result<T, Failure>
    where
        F: Future<Output = Result<T, Failure>>,
    {
        let mut last = Failure::TimedOut;
        for attempts_before in 0..ATTEMPTS_MAX {
            self.wait_to_retry(attempts_before).await;
            let failure = match attempt().await {
                Ok(answer) => return Ok(answer),
                Err(failure) => failure,
            };
            let passes = failure.may_pass();
            // Before the first attempt nothing can have been carried out.
            if attempts_before == 0 || !last.may_be_done() {
                last = failure;
            } else if failure.is_about_all_attempts() {
                last = failure.after_unknown();
            }
            if !passes {
                break;
            }
        }
        Err(last)
    }
}

/// Keeps the address of a request, and stops the request before it is signed.
#[derive(Debug, Clone, Default)]
struct AddressOnly(Arc<OnceLock<String>>);

impl Intercept for AddressOnly {
    fn name(&self) -> &'static str {
        "AddressOnly"
    }

    fn read_before_signing(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        // A request has one address, and this is called once for it.
        let _ = self.0.set(context.request().uri().to_owned());
        Err("only the address was asked for".into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::requests::connection::tests::connection;

    #[tokio::test]
    async fn the_address_is_that_of_the_region_and_the_settings() {
        for (region, fips, dual_stack, address) in [
            ("eu-central-1", false, false, "https://dynamodb.eu-central-1.amazonaws.com/"),
            ("cn-north-1", false, false, "https://dynamodb.cn-north-1.amazonaws.com.cn/"),
            ("us-gov-west-1", false, false, "https://dynamodb.us-gov-west-1.amazonaws.com/"),
            ("eusc-de-east-1", false, false, "https://dynamodb.eusc-de-east-1.amazonaws.eu/"),
            ("us-iso-east-1", false, false, "https://dynamodb.us-iso-east-1.c2s.ic.gov/"),
            ("us-east-1", true, false, "https://dynamodb-fips.us-east-1.amazonaws.com/"),
            ("eu-central-1", false, true, "https://dynamodb.eu-central-1.api.aws/"),
        ] {
            let client = Client::new(&connection(region, fips, dual_stack));
            assert_eq!(client.address().await.unwrap(), address);
        }
        let other = Client::new(&Connection::local("table", "https://vpce-1.example"));
        assert_eq!(other.address().await.unwrap(), "https://vpce-1.example/");
    }

    #[tokio::test]
    async fn what_is_no_address_is_said() {
        for endpoint in ["no address", "/path"] {
            let connection = Connection::local("table", endpoint);
            assert!(Client::new(&connection).preconnect().await.is_err(), "{endpoint}");
        }
    }
}
