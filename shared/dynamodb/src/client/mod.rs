//! Speaking to DynamoDB: its JSON over HTTP, signed, and sent again where that helps.
//!
//! Made of `hyper`, `rustls` with `ring`, and one page of signing, because the AWS SDK costs ten
//! times the instructions of a request and half of a binary; the numbers are in
//! `infra/decisions/0013-our-own-client.md`. Only what the store asks for can be said: [`requests`]
//! has the four operations.

mod connection;
mod failure;
mod requests;
mod signature;

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use hyper::body::Bytes;
use serde::Deserialize;
use subledger::error::Cause;
use subledger::timestamp::Timestamp;

use crate::back_off;
use crate::config::{Connection, Patience};
use crate::meter::Meter;

use connection::Endpoint;
use signature::Signer;

pub(crate) use failure::{Failure, Refused};
pub(crate) use requests::{
    BatchGetItem, CancellationReason, Capacity, Consumed, GetItem, Guarded, KeysAndAttributes,
    Query, QueryAnswer, Request, TransactItem, TransactWriteItems,
};

/// How often a request is sent that was throttled, failed in DynamoDB or did not arrive.
///
/// Sending a transaction again is safe: it carries the token of the first sending.
const ATTEMPTS_MAX: u32 = 3;

/// A client for life: it keeps its connections. Cloning it shares them.
#[derive(Debug, Clone)]
pub(crate) struct Client(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    endpoint: Endpoint,
    signer: Signer,
    patience: Patience,
    meter: Option<Arc<Meter>>,
}

/// What DynamoDB answers that it does not do what it was asked.
#[derive(Debug, Deserialize)]
struct RefusalBody {
    #[serde(rename = "__type", default)]
    kind: String,
    #[serde(rename = "CancellationReasons", default)]
    reasons: Vec<CancellationReason>,
}

impl Client {
    /// Makes the client; it connects when it is first used.
    ///
    /// # Errors
    /// If the address is none, or the certificates of a bundle cannot be read.
    pub(crate) fn new(connection: &Connection) -> Result<Self, Cause> {
        Ok(Self(Arc::new(Inner {
            endpoint: Endpoint::new(connection)?,
            signer: Signer::new(&connection.region, &connection.credentials),
            patience: connection.patience,
            meter: connection.meter.clone(),
        })))
    }

    /// What requests are counted with, where they are.
    pub(crate) fn meter(&self) -> Option<&Meter> {
        self.0.meter.as_deref()
    }

    /// Waits before an attempt, and counts it unless it is the first.
    pub(crate) async fn pause(&self, attempts_before: u32) {
        if let Some(meter) = self.meter().filter(|_| attempts_before > 0) {
            meter.count_repetition();
        }
        back_off::pause(attempts_before).await;
    }

    /// Opens a connection by asking for the page that says that DynamoDB is there: it needs no
    /// signature and no permission, and costs nothing. Any answer will do.
    pub(crate) async fn greet(&self) -> Result<(), Failure> {
        within(self.0.patience.attempt, self.0.endpoint.get()).await
    }

    /// Sends a request until it is answered, it is refused for good, or patience ends.
    pub(crate) async fn send<R: Request>(&self, request: &R) -> Result<R::Answer, Failure> {
        let body = Bytes::from(serde_json::to_vec(request).map_err(Failure::Unspeakable)?);
        let attempts = self.attempts(R::ACTION, &body);
        let answer = within(self.0.patience.operation, attempts).await?;
        serde_json::from_slice(&answer).map_err(Failure::Unreadable)
    }

    /// What became of the last attempt, unless an earlier one may have been done: then it is that
    /// one's failure which counts, because no refusal of a later one takes it back.
    async fn attempts(&self, action: &str, body: &Bytes) -> Result<Bytes, Failure> {
        let mut last = Failure::TimedOut;
        for attempts_before in 0..ATTEMPTS_MAX {
            self.pause(attempts_before).await;
            let attempt = within(self.0.patience.attempt, self.attempt(action, body)).await;
            let failure = match attempt {
                Ok(answer) => return Ok(answer),
                Err(failure) => failure,
            };
            let passes = failure.may_pass();
            // Before the first attempt there is nothing that may have been done.
            if attempts_before == 0 || !last.may_be_done() || failure.is_about_all_attempts() {
                last = failure;
            }
            if !passes {
                break;
            }
        }
        Err(last)
    }

    async fn attempt(&self, action: &str, body: &Bytes) -> Result<Bytes, Failure> {
        let Inner { endpoint, signer, .. } = &*self.0;
        let headers = signer.headers(endpoint.host(), action, body, now());
        let (status, answer) = endpoint.post(headers, body.clone()).await?;
        if status == 200 {
            return Ok(answer);
        }
        // What is not its JSON is not from DynamoDB; the status has to be enough.
        let RefusalBody { kind, reasons } = serde_json::from_slice(&answer)
            .unwrap_or(RefusalBody { kind: String::new(), reasons: Vec::new() });
        // The name of a refusal stands behind that of the service.
        let code = kind.rsplit(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
        Err(Failure::Refused(Refused { status, code: code.to_owned(), reasons }))
    }
}

/// What becomes of a request in this time.
async fn within<T>(
    limit: Duration,
    request: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    tokio::time::timeout(limit, request).await.unwrap_or(Err(Failure::TimedOut))
}

/// The time that a request is signed with. DynamoDB accepts five minutes of difference to its own.
fn now() -> Timestamp {
    #[expect(clippy::disallowed_methods, reason = "a signature is not a decision")]
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let micros = i64::try_from(since_epoch.as_micros()).unwrap_or(i64::MAX);
    Timestamp::from_micros(micros).unwrap_or(Timestamp::MAX)
}
