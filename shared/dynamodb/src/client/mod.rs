//! Speaking to DynamoDB: its JSON over HTTP, signed, and sent again where that helps.
//!
//! Made of `hyper`, `rustls` with `ring`, and one page of signing, because the AWS SDK costs more
//! instructions, bytes and memory than a function may; the numbers are in
//! `infra/decisions/0013-our-own-client.md`. Only what the store asks for can be said: [`requests`]
//! has the four operations.

mod connection;
mod failure;
#[cfg(feature = "testing")]
mod model;
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
#[cfg(feature = "testing")]
pub use model::{Model, ModelAnswer};
pub(crate) use requests::{
    BatchGetItem, CancellationReason, Capacity, Consumed, GetItem, Guarded, KeysAndAttributes,
    Query, QueryAnswer, Request, TransactItem, TransactWriteItems,
};

/// How often a request is sent that was throttled, failed in DynamoDB or did not arrive.
///
/// Sending a transaction again is safe: it carries the token of the first sending.
const ATTEMPTS_MAX: u32 = 3;

/// What most requests take, in bytes: a transaction of four small items.
const REQUEST_BYTES: usize = 4 * 1024;

/// A client for life: it keeps its connections. Cloning it shares them.
#[derive(Debug, Clone)]
pub(crate) struct Client(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    endpoint: Endpoint,
    signer: Signer,
    patience: Patience,
    meter: Option<Arc<Meter>>,
    #[cfg(feature = "testing")]
    model: Option<Arc<dyn Model>>,
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
            #[cfg(feature = "testing")]
            model: connection.model.clone(),
        })))
    }

    /// What requests are counted with, where they are.
    pub(crate) fn meter(&self) -> Option<&Meter> {
        self.0.meter.as_deref()
    }

    /// Waits before an attempt, and counts it unless it is the first.
    pub(crate) async fn pause(&self, attempts_before: u32) {
        if attempts_before > 0 {
            self.repeat_after(back_off::pause_before(attempts_before, self.chance())).await;
        }
    }

    /// Waits before a step is taken again, after so many that failed before the one that just did.
    pub(crate) async fn wait_for_turn(&self, failed_before: u32) {
        self.repeat_after(back_off::turn(failed_before, self.chance())).await;
    }

    async fn repeat_after(&self, pause: Duration) {
        if let Some(meter) = self.meter() {
            meter.count_repetition();
        }
        tokio::time::sleep(pause).await;
    }

    /// What a pause is drawn with.
    fn chance(&self) -> u32 {
        #[cfg(feature = "testing")]
        if let Some(model) = &self.0.model {
            return model.chance();
        }
        back_off::chance()
    }

    /// Opens a connection by asking for the page that says that DynamoDB is there: it needs no
    /// signature and no permission, and costs nothing. Any answer will do.
    pub(crate) async fn greet(&self) -> Result<(), Failure> {
        within(self.0.patience.attempt, self.0.endpoint.get()).await
    }

    /// Sends a request until it is answered, it is refused for good, or patience ends.
    pub(crate) async fn send<R: Request>(&self, request: &R) -> Result<R::Answer, Failure> {
        let mut body = Vec::with_capacity(REQUEST_BYTES);
        serde_json::to_writer(&mut body, request).map_err(Failure::Unspeakable)?;
        let body = Bytes::from(body);
        let _on_its_way = self.meter().map(Meter::on_its_way);
        // In a box, because it is large, and would be moved with everything that waits for it.
        let attempts = Box::pin(self.attempts(R::ACTION, &body));
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

    async fn attempt(&self, action: &str, body: &Bytes) -> Result<Bytes, Failure> {
        let (status, answer) = self.post(action, body).await?;
        if status == 200 {
            return Ok(answer);
        }
        // What is not its JSON is not from DynamoDB; the status has to be enough.
        let RefusalBody { kind, reasons } = serde_json::from_slice(&answer)
            .unwrap_or(RefusalBody { kind: String::new(), reasons: Vec::new() });
        // The name of a refusal stands behind that of the service.
        let code = kind.rsplit(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
        let code = code.to_owned();
        Err(Failure::Refused(Refused { status, code, reasons, follows_unknown: false }))
    }

    async fn post(&self, action: &str, body: &Bytes) -> Result<(u16, Bytes), Failure> {
        #[cfg(feature = "testing")]
        if let Some(model) = &self.0.model {
            let (status, answer) = model.answer(action, body).await;
            return Ok((status, answer.into()));
        }
        let Inner { endpoint, signer, .. } = &*self.0;
        let headers = signer.headers(endpoint.host(), action, body, now());
        endpoint.post(headers, body.clone()).await
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
    Timestamp::after_epoch(since_epoch)
}
