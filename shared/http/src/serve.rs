//! The Lambda runtime around a function.

use std::future::Future;
use std::io::Write;
use std::sync::Arc;
use std::time::Instant;

use lambda_http::{Adapter, LambdaEvent, Request, Service, lambda_runtime, service_fn};
use serde_json::value::RawValue;
use subledger::money::ids::{LedgerId, OrganizationId, Scope};
use subledger::ports::{Clock, IdSource};
use subledger::settling::SettlingTime;
use tracing::Instrument;
use uuid::Uuid;

use crate::Response;
use crate::answer::span_of;
use crate::metrics::Metrics;
use crate::request::authorization::Authorization;
use crate::request::event::{Incoming, with_rejection};
use crate::system::{ConfiguredClock, RandomIds, SystemClock};

/// What a function works with.
#[derive(Clone)]
pub struct Api<S> {
    /// The store.
    pub store: S,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Where new ids come from.
    pub ids: Arc<dyn IdSource>,
    /// How requests are authorized.
    pub authorization: Authorization,
}

impl<S> Api<S> {
    /// A function with the clock and the randomness of this machine.
    #[must_use]
    pub fn new(store: S, authorization: Authorization) -> Self {
        Self { store, clock: Arc::new(SystemClock), ids: Arc::new(RandomIds), authorization }
    }

    /// The same function with another clock.
    #[must_use]
    pub fn with_clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock, ..self }
    }
}

/// The variable that switches authorization off: `none <organization id> <ledger id>`, the scope
/// that v0 requests then run in.
const AUTHORIZATION_VARIABLE: &str = "SUBLEDGER_AUTHORIZATION";

/// A setting of the process that cannot be understood.
#[derive(Debug, thiserror::Error)]
#[error("{AUTHORIZATION_VARIABLE} must be absent or `none <organization id> <ledger id>`")]
pub struct AuthorizationSettingError;

impl Authorization {
    /// Reads how requests are authorized from the environment; by token unless switched off.
    ///
    /// # Errors
    /// [`AuthorizationSettingError`] if the variable is set to anything else, so that a typing
    /// error never switches authorization off.
    pub fn from_env() -> Result<Self, AuthorizationSettingError> {
        #[expect(clippy::disallowed_methods, reason = "read once, where the process starts")]
        let setting = std::env::var(AUTHORIZATION_VARIABLE);
        setting.map_or(Ok(Self::Token), |setting| {
            tracing::warn!("requests need no token: {AUTHORIZATION_VARIABLE} is set");
            Self::parse(&setting)
        })
    }

    fn parse(setting: &str) -> Result<Self, AuthorizationSettingError> {
        let mut words = setting.split(' ');
        let id = |text: Option<&str>| {
            text.and_then(|text| Uuid::parse_str(text).ok()).ok_or(AuthorizationSettingError)
        };
        if words.next() != Some("none") {
            return Err(AuthorizationSettingError);
        }
        let organization = OrganizationId::new(id(words.next())?);
        let ledger = LedgerId::new(id(words.next())?);
        Ok(Self::Off(Scope { organization, ledger }))
    }
}

/// The variable with the number of seconds after which an answer about a moment is final.
const SETTLING_VARIABLE: &str = "SETTLING_SECONDS";

/// The settling time is not a number of seconds in its range.
#[derive(Debug, thiserror::Error)]
#[error(
    "{SETTLING_VARIABLE} must be absent or a number from {} to {}",
    SettlingTime::SECONDS_MIN,
    SettlingTime::SECONDS_MAX
)]
pub struct SettlingTimeError;

/// The machine's clock, with the settling time that the environment gives, or else the default.
///
/// # Errors
/// [`SettlingTimeError`] if the variable is set to anything but a number in its range.
pub fn clock_from_env() -> Result<Arc<dyn Clock>, SettlingTimeError> {
    #[expect(clippy::disallowed_methods, reason = "read once, where the process starts")]
    let setting = std::env::var(SETTLING_VARIABLE);
    let settling_time = setting.map_or(Ok(SettlingTime::DEFAULT), |text| settling_time(&text))?;
    Ok(Arc::new(ConfiguredClock(settling_time)))
}

fn settling_time(text: &str) -> Result<SettlingTime, SettlingTimeError> {
    text.parse().ok().and_then(SettlingTime::new).ok_or(SettlingTimeError)
}

/// The variable that names the stack under which metrics are written. Without it none are.
const STACK_VARIABLE: &str = "STACK";

impl<C, N> Metrics<C>
where
    C: Fn() -> N,
    N: IntoIterator<Item = (&'static str, u64)>,
{
    /// The metrics of the stack that the environment names, with what `count` counts.
    #[must_use]
    pub fn from_env(count: C) -> Self {
        #[expect(clippy::disallowed_methods, reason = "read once, where the process starts")]
        let stack = std::env::var(STACK_VARIABLE);
        Self::new(stack.ok().filter(|stack| !stack.is_empty()), count)
    }
}

/// Why a function cannot start or goes on no longer: its settings, or the runtime.
pub type RuntimeError = lambda_http::Error;

/// Runs a function: takes events from the Lambda runtime, answers them and writes their metrics
/// until it is stopped.
///
/// A request that fails is answered. This function returns an error only if the runtime fails.
///
/// # Errors
/// When the runtime cannot be reached.
pub async fn serve<F, C, N>(
    metrics: Metrics<C>,
    handle: impl Fn(Request) -> F + Send + Sync,
) -> Result<(), RuntimeError>
where
    F: Future<Output = Response> + Send,
    C: Fn() -> N + Send + Sync,
    N: IntoIterator<Item = (&'static str, u64)>,
{
    let (handle, metrics) = (&handle, &metrics);
    // The runtime would track its position in the event for error messages that are not used here,
    // which doubles the time of reading an event. So it gets the event as raw JSON.
    lambda_runtime::run(service_fn(async |event: LambdaEvent<Box<RawValue>>| {
        let Incoming { event: payload, rejection } = Incoming::read(event.payload.get())?;
        let answer = async |request| {
            let request = with_rejection(request, rejection.clone());
            let answer = measured(metrics, handle, request, &mut std::io::stdout()).await;
            Ok::<_, RuntimeError>(answer)
        };
        Adapter::from(service_fn(answer)).call(LambdaEvent::new(payload, event.context)).await
    }))
    .await
}

/// Answers a request and writes its metrics to the output.
pub async fn measured<F, C, N>(
    metrics: &Metrics<C>,
    handle: impl Fn(Request) -> F + Send,
    request: Request,
    output: &mut (impl Write + Send),
) -> Response
where
    F: Future<Output = Response> + Send,
    C: Fn() -> N + Sync,
    N: IntoIterator<Item = (&'static str, u64)>,
{
    let line = metrics.of(&request);
    let start = Instant::now();
    let span = span_of(&request);
    let response = async { handle(request).await }.instrument(span).await;
    metrics.write(&line, start.elapsed(), &response, output);
    response
}

/// Writes log events as lines of JSON to standard output, from `INFO` up, and a panic as such a line.
pub fn start_logging() {
    log_to(std::io::stdout);
    std::panic::set_hook(Box::new(|panic| {
        // A text that was formatted may quote what a client sent, a constant cannot.
        let reason = panic.payload().downcast_ref::<&'static str>().copied();
        let place = panic.location().map(ToString::to_string);
        tracing::error!(reason, place, "a function panicked");
    }));
}

/// Writes log events as lines of JSON, from `INFO` up, to what `writer` makes.
pub fn log_to<W: Write>(writer: impl Fn() -> W + Send + Sync + 'static) {
    tracing_subscriber::fmt()
        .json()
        .with_max_level(tracing::Level::INFO)
        .with_current_span(true)
        .with_span_list(false)
        .with_target(false)
        .with_writer(writer)
        .init();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_settling_time_is_a_number_of_seconds_in_its_range() {
        for (text, seconds) in [("30", Some(30)), ("3600", Some(3_600))] {
            assert_eq!(settling_time(text).ok().map(SettlingTime::seconds), seconds);
        }
        for text in ["", "0", "29", "3601", "-30", "30 s", "1e2"] {
            assert!(settling_time(text).is_err(), "{text}");
        }
    }

    #[test]
    fn authorization_is_switched_off_by_name_and_only_completely() {
        let id = "01890a5d-ac96-774b-bcce-b302099a8057";
        assert!(Authorization::parse(&format!("none {id} {id}")).is_ok());
        for setting in ["", "none", "off", &format!("none {id}"), &format!("none {id} x"), "NONE"] {
            assert!(Authorization::parse(setting).is_err(), "{setting}");
        }
    }
}
