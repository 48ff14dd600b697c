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
}

/// The code of a transaction that was canceled, with nothing written.
const CANCELED: &str = "TransactionCanceledException";

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

    /// The name of the exception, if DynamoDB answered with one.
    pub(crate) fn code(&self) -> Option<&str> {
        match self {
            Self::Refused(refused) => Some(&refused.code),
            Self::TimedOut | Self::Connection(_) | Self::Unspeakable(_) | Self::Unreadable(_) => {
                None
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
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(status: u16, code: &str) -> Failure {
        Failure::Refused(Refused { status, code: code.to_owned(), reasons: Vec::new() })
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
