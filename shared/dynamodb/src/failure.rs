//! What DynamoDB fails with, in the words of the domain.

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use subledger::error::Error;

/// DynamoDB asks for fewer requests.
const THROTTLING_CODES: &[&str] =
    &["ProvisionedThroughputExceededException", "RequestLimitExceeded", "ThrottlingException"];
/// A transaction is changing the item that was to be read or written.
const CONFLICT_CODES: &[&str] = &["TransactionConflictException"];

/// What a request failed with after its attempts.
///
/// [`Error::Throttled`] and [`Error::Contended`] promise that nothing was written; everything else
/// is [`Error::Unavailable`], whose outcome is unknown.
pub(crate) fn of_request<E, R>(error: SdkError<E, R>) -> Error
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    R: std::fmt::Debug + Send + Sync + 'static,
{
    match error.code() {
        Some(code) if THROTTLING_CODES.contains(&code) => Error::Throttled,
        Some(code) if CONFLICT_CODES.contains(&code) => Error::Contended,
        _ => Error::Unavailable { cause: Box::new(error) },
    }
}

/// A limit of this crate was met; its reason is for the log.
pub(crate) fn limit(reason: &'static str) -> Error {
    Error::Unavailable { cause: reason.into() }
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::error::ErrorMetadata;
    use aws_sdk_dynamodb::operation::get_item::GetItemError;

    use super::*;

    fn failed_with(code: &str) -> Error {
        let error = GetItemError::generic(ErrorMetadata::builder().code(code).build());
        of_request(SdkError::service_error(error, "answer"))
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
        let error: SdkError<GetItemError, &str> = SdkError::timeout_error("secret");
        let error = of_request(error);
        assert!(matches!(error, Error::Unavailable { .. }));
        assert!(!error.to_string().contains("secret"));
        assert!(error.retryable());
    }
}
