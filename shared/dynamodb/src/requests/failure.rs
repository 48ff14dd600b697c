//! What became of a request that failed: it was carried out, it was not, or that is unknown.
//!
//! The SDK's own retries are switched off. They do not tell the results of earlier attempts, on
//! which it depends whether something may have been written.

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::CancellationReason;
use subledger::error::{Cause, Error};

/// The codes of refusals after which a retry may succeed. `TransactionInProgressException` means
/// that the same transaction was sent before and is not finished.
const PASSING_CODES: &[&str] = &[
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestTimeout",
    "RequestTimeoutException",
    "ThrottlingException",
    "TransactionInProgressException",
];

/// Of those, the codes after which the request may have been carried out.
const UNDECIDED_CODES: &[&str] =
    &["RequestTimeout", "RequestTimeoutException", "TransactionInProgressException"];

/// DynamoDB throttles.
const THROTTLING_CODES: &[&str] =
    &["ProvisionedThroughputExceededException", "RequestLimitExceeded", "ThrottlingException"];
/// A transaction is changing the item that was to be read or written.
const CONFLICT_CODES: &[&str] = &["TransactionConflictException"];

/// Why a request failed.
///
/// `Display` has the code and not the message: DynamoDB may quote in it what a client sent.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// DynamoDB refused the request.
    #[error("DynamoDB refused with {} {}", .0.status, .0.code)]
    Refused(Refused),
    /// There was no answer in time. It may have been carried out.
    #[error("DynamoDB did not answer in time")]
    TimedOut,
    /// The connection broke or was not made. It may have been carried out.
    #[error("the connection to DynamoDB failed")]
    Connection(#[source] Cause),
    /// The request was never sent: the SDK could not make it.
    #[error("the request to DynamoDB cannot be made")]
    NotSent(#[source] Cause),
    /// The answer is not one of this request.
    #[error("the answer of DynamoDB is not readable")]
    Unreadable(#[source] Cause),
}

/// DynamoDB refused the request.
#[derive(Debug)]
pub struct Refused {
    /// The HTTP status.
    pub status: u16,
    /// The name of the exception; empty if the answer has none.
    pub code: String,
    /// For each item of a transaction, in their order, if it was canceled; empty for anything else.
    pub reasons: Vec<CancellationReason>,
    /// Whether the same request was sent before with an unknown outcome.
    pub follows_unknown: bool,
}

/// The reasons of a cancellation after which nothing of the transaction was written, also by an
/// earlier attempt: DynamoDB does not check the conditions of a transaction again that it has
/// carried out, which it recognizes by the token. Nor will an earlier attempt be carried out later,
/// unless the condition may hold again.
const DECISIVE_REASONS: &[&str] = &["ConditionalCheckFailed", "None"];

impl Failure {
    /// The failure of a request.
    pub fn of<E>(error: SdkError<E>) -> Self
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        let refused = error.as_service_error().map(|it| it.code().unwrap_or_default().to_owned());
        let status = error.raw_response().map(|response| response.status());
        let timed_out = matches!(&error, SdkError::TimeoutError(_))
            || matches!(&error, SdkError::DispatchFailure(failure) if failure.is_timeout());
        let never_sent = matches!(&error, SdkError::ConstructionFailure(_));
        match (refused, status) {
            // An answer that is not JSON is not from DynamoDB. Only its status is used.
            (Some(code), Some(status)) if !status.is_success() => Self::Refused(Refused {
                status: status.as_u16(),
                code,
                reasons: Vec::new(),
                follows_unknown: false,
            }),
            (_, Some(_)) => Self::Unreadable(error.into()),
            (_, None) if timed_out => Self::TimedOut,
            (_, None) if never_sent => Self::NotSent(error.into()),
            (_, None) => Self::Connection(error.into()),
        }
    }

    /// The failure of a transaction, with the reason for each of its items.
    pub fn of_transaction(error: SdkError<TransactWriteItemsError>) -> Self {
        let reasons = match error.as_service_error() {
            Some(TransactWriteItemsError::TransactionCanceledException(canceled)) => {
                canceled.cancellation_reasons().to_vec()
            }
            _ => Vec::new(),
        };
        match Self::of(error) {
            Self::Refused(refused) => Self::Refused(Refused { reasons, ..refused }),
            other @ (Self::TimedOut
            | Self::Connection(_)
            | Self::NotSent(_)
            | Self::Unreadable(_)) => other,
        }
    }

    /// Why each item of a transaction was not written, if it was canceled.
    pub fn reasons(&self) -> Option<&[CancellationReason]> {
        let reasons = &self.refused()?.reasons;
        (!reasons.is_empty()).then_some(reasons)
    }

    /// Whether the request was refused and was sent before with an unknown outcome.
    pub fn follows_unknown(&self) -> bool {
        self.refused().is_some_and(|refused| refused.follows_unknown)
    }

    fn refused(&self) -> Option<&Refused> {
        match self {
            Self::Refused(refused) => Some(refused),
            Self::TimedOut | Self::Connection(_) | Self::NotSent(_) | Self::Unreadable(_) => None,
        }
    }

    /// The same failure of a request that was sent before with an unknown outcome.
    pub fn after_unknown(self) -> Self {
        match self {
            Self::Refused(refused) => Self::Refused(Refused { follows_unknown: true, ..refused }),
            Self::TimedOut | Self::Connection(_) | Self::NotSent(_) | Self::Unreadable(_) => self,
        }
    }

    /// Whether the same request may succeed when it is sent again.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Refused(Refused { status, code, .. }) => {
                *status >= 500 || PASSING_CODES.contains(&code.as_str())
            }
            Self::TimedOut | Self::Connection(_) => true,
            Self::NotSent(_) | Self::Unreadable(_) => false,
        }
    }

    /// Whether the request may have been carried out, or may still be.
    pub fn may_be_done(&self) -> bool {
        match self {
            Self::Refused(Refused { status, code, .. }) => {
                *status >= 500 || UNDECIDED_CODES.contains(&code.as_str())
            }
            Self::TimedOut | Self::Connection(_) | Self::Unreadable(_) => true,
            Self::NotSent(_) => false,
        }
    }

    /// Whether it also settles the outcome of earlier attempts of the same request.
    pub fn is_about_all_attempts(&self) -> bool {
        let decisive = |reason: &CancellationReason| {
            reason.code().is_none_or(|code| DECISIVE_REASONS.contains(&code))
        };
        self.reasons().is_some_and(|reasons| reasons.iter().all(decisive))
    }
}

/// The error of a request that failed after its attempts.
///
/// [`Error::Throttled`] and [`Error::Contended`] promise that nothing was written; everything else
/// is [`Error::Unavailable`], whose outcome is unknown.
pub fn of_request(failure: Failure) -> Error {
    match failure.refused().map(|refused| refused.code.as_str()) {
        Some(code) if THROTTLING_CODES.contains(&code) => Error::Throttled,
        Some(code) if CONFLICT_CODES.contains(&code) => Error::Contended,
        Some(_) | None => Error::Unavailable { cause: failure.into() },
    }
}

/// The error of a query that would read more than a request may. The reason goes to the log.
pub fn limit(reason: &'static str) -> Error {
    tracing::warn!(reason, "a limit of reading was reached");
    Error::AnswerTooLarge
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
            let reason = |code: &&str| CancellationReason::builder().code(*code).build();
            let reasons = codes.iter().map(reason).collect();
            let code = "TransactionCanceledException".to_owned();
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
            (Failure::Unreadable("{".into()), true),
            (Failure::NotSent("no credentials".into()), false),
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
            (Failure::NotSent("no credentials".into()), false),
            (Failure::Unreadable("{".into()), false),
        ] {
            assert_eq!(failure.may_pass(), passes, "{failure}");
        }
    }

    #[test]
    fn a_code_decides_what_a_failure_is() {
        let failed_with = |code| of_request(refused(400, code));
        assert!(matches!(failed_with("ThrottlingException"), Error::Throttled));
        assert!(matches!(failed_with("RequestLimitExceeded"), Error::Throttled));
        assert!(matches!(failed_with("ProvisionedThroughputExceededException"), Error::Throttled));
        assert!(matches!(failed_with("TransactionConflictException"), Error::Contended));
        for code in ["InternalServerError", "ResourceNotFoundException", "ValidationException", ""]
        {
            assert!(matches!(failed_with(code), Error::Unavailable { .. }), "{code}");
        }
    }

    #[test]
    fn what_did_not_arrive_is_unavailable_and_says_why_only_in_its_cause() {
        let error = of_request(Failure::Connection("secret".into()));
        assert!(matches!(error, Error::Unavailable { .. }));
        assert!(!error.to_string().contains("secret"));
        assert!(error.retryable());
    }
}
