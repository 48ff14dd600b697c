//! Why a request was not answered with what was asked for.

use subledger::error::Cause;

use super::requests::CancellationReason;

/// The codes of refusals that pass when there is less to do. `TransactionInProgressException` is
/// about the same transaction, sent before and not finished yet.
const PASSING_CODES: &[&str] = &[
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestTimeout",
    "RequestTimeoutException",
    "ThrottlingException",
    "TransactionInProgressException",
];

/// Of those, the codes after which the request may have been done.
const UNDECIDED_CODES: &[&str] =
    &["RequestTimeout", "RequestTimeoutException", "TransactionInProgressException"];

/// Why a request was not answered with what was asked for.
///
/// `Display` has the code and not the message: DynamoDB may quote in it what a client sent.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// DynamoDB says no.
    #[error("DynamoDB refused with {} {}", .0.status, .0.code)]
    Refused(Refused),
    /// There was no answer in time; it may have been done.
    #[error("DynamoDB did not answer in time")]
    TimedOut,
    /// The connection broke, or never was; it may have been done.
    #[error("the connection to DynamoDB failed")]
    Connection(#[source] Cause),
    /// The request cannot be put into words.
    #[error("the request cannot be written")]
    Unspeakable(#[source] serde_json::Error),
    /// The answer does not say what this request is answered with.
    #[error("the answer of DynamoDB is not readable")]
    Unreadable(#[source] serde_json::Error),
}

/// DynamoDB says no.
#[derive(Debug)]
pub(crate) struct Refused {
    /// The HTTP status.
    pub(crate) status: u16,
    /// The name of the exception; empty if the answer has none.
    pub(crate) code: String,
    /// For each item of a transaction, in their order; empty for anything else.
    pub(crate) reasons: Vec<CancellationReason>,
    /// Whether the same request was sent before, and nobody knows what became of it.
    pub(crate) follows_unknown: bool,
}

/// The code of a transaction that was canceled, with nothing written.
const CANCELED: &str = "TransactionCanceledException";

/// The reasons of a cancellation after which it is known that nothing of it was written: a condition
/// failed, and DynamoDB does not look at the conditions of what it has done already, which it knows
/// by the token. Nor will it be, unless the condition is one that may hold again.
const DECISIVE_REASONS: &[&str] = &["ConditionalCheckFailed", "None"];

impl Failure {
    /// Why each item of a transaction was not written, if it was canceled.
    pub(crate) fn reasons(&self) -> Option<&[CancellationReason]> {
        match self {
            Self::Refused(Refused { code, reasons, .. }) if code == CANCELED => Some(reasons),
            Self::Refused(_)
            | Self::TimedOut
            | Self::Connection(_)
            | Self::Unspeakable(_)
            | Self::Unreadable(_) => None,
        }
    }

    /// Whether the request was refused, and sent before with an outcome that nobody knows.
    pub(crate) fn follows_unknown(&self) -> bool {
        matches!(self, Self::Refused(Refused { follows_unknown: true, .. }))
    }

    /// The name of the exception, if DynamoDB answered with one.
    pub(crate) fn code(&self) -> Option<&str> {
        match self {
            Self::Refused(refused) => Some(&refused.code),
            Self::TimedOut | Self::Connection(_) | Self::Unspeakable(_) | Self::Unreadable(_) => {
                None
            }
        }
    }

    /// The same failure, after sendings of the same request of which nobody knows what became.
    pub(super) fn after_unknown(self) -> Self {
        match self {
            Self::Refused(refused) => Self::Refused(Refused { follows_unknown: true, ..refused }),
            Self::TimedOut | Self::Connection(_) | Self::Unspeakable(_) | Self::Unreadable(_) => {
                self
            }
        }
    }

    /// Whether the same request may be answered when it is sent again.
    pub(super) fn may_pass(&self) -> bool {
        match self {
            Self::Refused(Refused { status, code, .. }) => {
                *status >= 500 || PASSING_CODES.contains(&code.as_str())
            }
            Self::TimedOut | Self::Connection(_) => true,
            Self::Unspeakable(_) | Self::Unreadable(_) => false,
        }
    }

    /// Whether the request may have been done, or may yet be.
    pub(super) fn may_be_done(&self) -> bool {
        match self {
            Self::Refused(Refused { status, code, .. }) => {
                *status >= 500 || UNDECIDED_CODES.contains(&code.as_str())
            }
            Self::TimedOut | Self::Connection(_) => true,
            Self::Unspeakable(_) | Self::Unreadable(_) => false,
        }
    }

    /// Whether it tells about earlier attempts of the same request as well.
    pub(super) fn is_about_all_attempts(&self) -> bool {
        let decisive = |reason: &CancellationReason| {
            reason.code.as_deref().is_none_or(|code| DECISIVE_REASONS.contains(&code))
        };
        self.reasons().is_some_and(|reasons| reasons.iter().all(decisive))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(status: u16, code: &str) -> Failure {
        let code = code.to_owned();
        Failure::Refused(Refused { status, code, reasons: Vec::new(), follows_unknown: false })
    }

    #[test]
    fn only_a_condition_tells_about_earlier_attempts() {
        for (codes, tells) in [
            (vec!["None", "ConditionalCheckFailed"], true),
            (vec!["ConditionalCheckFailed", "TransactionConflict"], false),
            (vec!["ThrottlingError", "None"], false),
            (vec!["ProvisionedThroughputExceeded"], false),
        ] {
            let reason =
                |code: &&str| CancellationReason { code: Some((*code).to_owned()), item: None };
            let reasons = codes.iter().map(reason).collect();
            let code = CANCELED.to_owned();
            let refused = Refused { status: 400, code, reasons, follows_unknown: false };
            let failure = Failure::Refused(refused);
            assert_eq!(failure.is_about_all_attempts(), tells, "{codes:?}");
        }
        assert!(!Failure::TimedOut.is_about_all_attempts());
        assert!(!refused(400, "ThrottlingException").is_about_all_attempts());
    }

    #[test]
    fn what_was_not_answered_or_not_finished_may_be_done() {
        for (failure, may_be_done) in [
            (Failure::TimedOut, true),
            (Failure::Connection("reset".into()), true),
            (refused(500, "InternalServerError"), true),
            (refused(400, "TransactionInProgressException"), true),
            (refused(400, "ThrottlingException"), false),
            (refused(400, "TransactionCanceledException"), false),
        ] {
            assert_eq!(failure.may_be_done(), may_be_done, "{failure:?}");
        }
    }

    #[test]
    fn what_may_pass_is_sent_again_and_nothing_else() {
        for (failure, passes) in [
            (refused(400, "ProvisionedThroughputExceededException"), true),
            (refused(400, "ThrottlingException"), true),
            (refused(400, "TransactionInProgressException"), true),
            (refused(400, "ValidationException"), false),
            (refused(400, "TransactionCanceledException"), false),
            (refused(400, "TransactionConflictException"), false),
            (refused(400, "AccessDeniedException"), false),
            (refused(400, ""), false),
            (refused(500, "InternalServerError"), true),
            (refused(503, ""), true),
            (Failure::TimedOut, true),
            (Failure::Connection("reset".into()), true),
        ] {
            assert_eq!(failure.may_pass(), passes, "{failure}");
        }
    }
}
