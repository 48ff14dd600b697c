//! The kinds of faults, and how often each is injected under a seed.

use std::collections::BTreeMap;

use serde_json::Value;
use subledger_tests::Random;

use crate::wire::Asked;

/// A fault between a client and DynamoDB.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Fault {
    /// The connection breaks before DynamoDB has seen the request.
    RequestLost,
    /// The connection breaks after DynamoDB has done what was asked.
    AnswerLost,
    /// The transact write conflicts with another one; nothing is written.
    Conflict,
    /// There are too many requests; nothing is written.
    Throttled,
    /// DynamoDB fails and has done nothing.
    ErrorBefore,
    /// DynamoDB fails and has done what was asked.
    ErrorAfter,
    /// A batch leaves some keys unprocessed.
    PartialBatch,
    /// A page of a query ends early.
    ShortPage,
    /// DynamoDB does what was asked, and the answer does not arrive before the timeout.
    SlowAnswer,
    /// DynamoDB does what was asked long after the sender has given up.
    LateRequest,
    /// The function reaches its timeout while it waits for DynamoDB.
    FunctionTimeout,
    /// The function is killed; DynamoDB never gets the request.
    KilledBefore,
    /// The function is killed; DynamoDB does what was asked.
    KilledAfter,
    /// The function has answered, and the client never gets the answer.
    ReplyLost,
    /// The same request is delivered to two instances at once.
    DeliveredTwice,
    /// The function's clock jumps forward.
    ClockForward,
    /// The function's clock jumps back.
    ClockBack,
}

/// All kinds of faults.
pub(crate) const ALL: [Fault; 17] = [
    Fault::RequestLost,
    Fault::AnswerLost,
    Fault::Conflict,
    Fault::Throttled,
    Fault::ErrorBefore,
    Fault::ErrorAfter,
    Fault::PartialBatch,
    Fault::ShortPage,
    Fault::SlowAnswer,
    Fault::LateRequest,
    Fault::FunctionTimeout,
    Fault::KilledBefore,
    Fault::KilledAfter,
    Fault::ReplyLost,
    Fault::DeliveredTwice,
    Fault::ClockForward,
    Fault::ClockBack,
];

impl Fault {
    /// Whether it is injected into a request to DynamoDB, not into a request of a client.
    const fn is_of_requests(self) -> bool {
        match self {
            Self::RequestLost
            | Self::AnswerLost
            | Self::Conflict
            | Self::Throttled
            | Self::ErrorBefore
            | Self::ErrorAfter
            | Self::PartialBatch
            | Self::ShortPage
            | Self::SlowAnswer
            | Self::LateRequest
            | Self::FunctionTimeout
            | Self::KilledBefore
            | Self::KilledAfter => true,
            Self::ReplyLost | Self::DeliveredTwice | Self::ClockForward | Self::ClockBack => false,
        }
    }

    /// Whether it can be injected into this request.
    fn can_meet(self, asked: &Asked) -> bool {
        if self == Self::Conflict {
            asked.action == "TransactWriteItems"
        } else if self == Self::PartialBatch {
            keys_of_batch(&asked.body).is_some_and(|keys| keys.len() > 1)
        } else if self == Self::ShortPage {
            asked.action == "Query" && asked.body["Limit"].as_u64().is_none_or(|it| it > 1)
        } else {
            true
        }
    }
}

/// The keys of a batch.
pub(crate) fn keys_of_batch(body: &Value) -> Option<&Vec<Value>> {
    body["RequestItems"].as_object()?.values().next()?["Keys"].as_array()
}

/// How often each fault is injected. Drawn from the seed, so that runs differ.
#[derive(Debug, Clone)]
pub(crate) struct FaultRates {
    /// Faults per thousand requests to DynamoDB.
    request_faults: u64,
    /// Delays per thousand requests to DynamoDB.
    pub(crate) delays: u64,
    /// Of each other fault, how many per thousand requests of clients.
    pub(crate) others: u64,
    weights: BTreeMap<Fault, u64>,
}

impl FaultRates {
    /// Draws the rates of a run.
    pub(crate) fn of(random: &mut Random) -> Self {
        let pick = |random: &mut Random, of: &[u64]| {
            of[usize::try_from(random.below(u64::try_from(of.len()).unwrap())).unwrap()]
        };
        let request_faults = pick(random, &[10, 50, 100, 200, 300, 600]);
        let delays = pick(random, &[0, 100, 300, 600]);
        let others = pick(random, &[10, 50, 100, 200]);
        let met = ALL.into_iter().filter(|fault| fault.is_of_requests());
        let weights = met.map(|fault| (fault, random.below(4))).collect();
        Self { request_faults, delays, others, weights }
    }

    /// No faults.
    pub(crate) const fn none() -> Self {
        Self { request_faults: 0, delays: 0, others: 0, weights: BTreeMap::new() }
    }

    /// The fault of a request to DynamoDB; `None` if it is served without one.
    pub(crate) fn meets(&self, asked: &Asked, random: &mut Random) -> Option<Fault> {
        if random.below(1_000) >= self.request_faults {
            return None;
        }
        let possible: Vec<(Fault, u64)> = self
            .weights
            .iter()
            .filter(|(fault, _)| fault.can_meet(asked))
            .map(|(fault, weight)| (*fault, *weight))
            .collect();
        let all: u64 = possible.iter().map(|(_, weight)| weight).sum();
        let mut left = random.below(all.max(1));
        possible.into_iter().find_map(|(fault, weight)| {
            if left < weight {
                return Some(fault);
            }
            left -= weight;
            None
        })
    }
}
