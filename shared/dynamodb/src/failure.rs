//! What DynamoDB fails with, in the words of the domain.

use subledger::error::Error;

use crate::client::Failure;

/// DynamoDB asks for fewer requests.
const THROTTLING_CODES: &[&str] =
    &["ProvisionedThroughputExceededException", "RequestLimitExceeded", "ThrottlingException"];
/// A transaction is changing the item that was to be read or written.
const CONFLICT_CODES: &[&str] = &["TransactionConflictException"];

/// What a request failed with after its attempts.
///
/// [`Error::Throttled`] and [`Error::Contended`] promise that nothing was written; everything else
/// is [`Error::Unavailable`], whose outcome is unknown.
pub(crate) fn of_request(failure: Failure) -> Error {
    match failure.code() {
        Some(code) if THROTTLING_CODES.contains(&code) => Error::Throttled,
        Some(code) if CONFLICT_CODES.contains(&code) => Error::Contended,
        Some(_) | None => Error::Unavailable { cause: failure.into() },
    }
}

/// A question that takes more reading than a request may do; the reason is for the log.
pub(crate) fn limit(reason: &'static str) -> Error {
    tracing::warn!(reason, "a limit of reading was met");
    Error::AnswerTooLarge
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::Refused;

    fn failed_with(code: &str) -> Error {
        let code = code.to_owned();
        let refused = Refused { status: 400, code, reasons: Vec::new(), follows_unknown: false };
        of_request(Failure::Refused(refused))
    }

    #[test]
    fn a_code_decides_what_a_failure_is() {
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
