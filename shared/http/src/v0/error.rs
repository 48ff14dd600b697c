//! The errors of the dialect, each with its status, code and texts.

use std::borrow::Cow;

use serde::Serialize;
use subledger::account::lifecycle::RemainingMoney;
use subledger::error::Error;

use crate::encoding::GZIP;
use crate::rejection::Rejection;
use crate::reply::Reply;

use super::ids::spell_balance_id;

/// One thing that is wrong with a request, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct InvalidParameter {
    /// The path of the parameter: `details.repayment_details[0].expected_payment_frequency`.
    parameter: String,
    /// What is wrong with it.
    reason: Cow<'static, str>,
}

impl InvalidParameter {
    /// Says what is wrong with a parameter.
    pub fn new(parameter: impl Into<String>, reason: impl Into<Cow<'static, str>>) -> Self {
        Self { parameter: parameter.into(), reason: reason.into() }
    }

    /// The path of the parameter.
    #[must_use]
    pub fn parameter(&self) -> &str {
        &self.parameter
    }

    /// What is wrong with it.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

/// The error of a v0 request, in the order in which errors are found.
#[derive(Debug)]
pub enum ApiError {
    /// The host, the path, the query, the method or a header is not valid HTTP.
    RequestMalformed,
    /// No such path.
    RouteUnknown,
    /// A path that does not have this method.
    MethodNotAllowed,
    /// No token.
    Unauthorized,
    /// A token whose scope does not allow the operation, with the scope that it lacks.
    ScopeMissing(Vec<InvalidParameter>),
    /// A token that does not name the ledger to work in.
    Forbidden,
    /// A parameter of the query, where the operation has none.
    QueryUnexpected(Vec<InvalidParameter>),
    /// A body over the limit.
    PayloadTooLarge,
    /// A body in a content coding that is not decoded.
    ContentCodingUnknown,
    /// A body that says it is gzip, and is not.
    PayloadNotGzip,
    /// The `id` of the path does not have the form of one.
    IdMalformed {
        /// The form that ids of the kind have.
        reason: &'static str,
    },
    /// No `Idempotency-Key`.
    IdempotencyKeyMissing,
    /// A body that is not JSON.
    PayloadInvalid,
    /// All that is wrong with the parameters.
    ParametersInvalid(Vec<InvalidParameter>),
    /// The key was used for a request that asked for something else.
    IdempotencyRequestInconsistent,
    /// The object of the path does not exist for the caller.
    NotFound,
    /// The account cannot go from where it is to where the request wants it.
    InvalidStatusTransition,
    /// The account cannot be closed with what is on its balances.
    AccountHoldsMoney(Vec<InvalidParameter>),
    /// The account has more balances than are closed with it.
    AccountTooLarge,
    /// Another object has the name.
    Conflict,
    /// An amount is not a whole number of minor units, or more of them than 127 bits count.
    AmountNotRepresentable,
    /// Other requests changed the same objects at each attempt.
    RequestInFlight(Error),
    /// What would be changed was recorded ahead of the present time.
    RecordedAhead(Error),
    /// Too many requests.
    RateLimitExceeded(Error),
    /// The clock of the service differs too much from that of its store.
    ClockWrong(Error),
    /// The store cannot be reached, or failed.
    Unavailable(Error),
    /// The service failed.
    Internal(Error),
}

impl From<Error> for ApiError {
    #[expect(clippy::too_many_lines, reason = "a table: one row per error")]
    fn from(error: Error) -> Self {
        let invalid = |parameter: &str, reason: &'static str| {
            Self::ParametersInvalid(vec![InvalidParameter::new(parameter, reason)])
        };
        match error {
            Error::IdempotencyKeyReused => Self::IdempotencyRequestInconsistent,
            // The token names the ledger of the request, and there is no such ledger.
            Error::OrganizationNotFound | Error::LedgerNotFound => Self::Forbidden,
            Error::AccountNotFound | Error::BalanceNotFound => Self::NotFound,
            Error::HolderNotFound => invalid("account_id", "not_found"),
            Error::ExternalAccount => invalid("account_id", "external_account"),
            Error::ExternalAccountChange => invalid("id", "external_account"),
            Error::AccountClosed => invalid("account_id", "account_closed"),
            Error::HolderAsset => invalid("account_id", "currency_mismatch"),
            Error::CapabilityMissing => invalid("type", "not_supported_by_account"),
            Error::StatusTransition => Self::InvalidStatusTransition,
            Error::AccountHoldsMoney { remaining } => {
                Self::AccountHoldsMoney(remaining.iter().map(in_the_way).collect())
            }
            Error::AccountTooLarge { .. } => Self::AccountTooLarge,
            Error::AliasTaken { .. } | Error::BalanceKeyTaken { .. } => Self::Conflict,
            Error::AmountOutOfRange => Self::AmountNotRepresentable,
            Error::Contended => Self::RequestInFlight(error),
            Error::RecordedAhead { .. } => Self::RecordedAhead(error),
            Error::Throttled => Self::RateLimitExceeded(error),
            Error::ClockWrong { .. } => Self::ClockWrong(error),
            Error::Unavailable { .. } => Self::Unavailable(error),
            // A stored item that cannot be read; and errors of operations that this dialect does
            // not have.
            Error::Corrupt { .. }
            | Error::ParentOrganizationNotFound
            | Error::OwnParentOrganization
            | Error::ObjectNotFound
            | Error::AccountTypeUnknown
            | Error::GroupNotFound { .. }
            | Error::GroupTaken { .. }
            | Error::InUse { .. }
            | Error::AssetNotFound
            | Error::ParentAccountNotFound
            | Error::ParentAccountOfOtherAsset
            | Error::AliasNotFound
            | Error::MomentInFuture { .. }
            | Error::MomentUnsettled { .. }
            | Error::NoBalanceAtMoment
            | Error::LedgerNameTaken
            | Error::AssetTaken
            | Error::BalanceKeyReserved
            | Error::TransactionNotFound
            | Error::LegNotPositive { .. }
            | Error::TransactionTotals { .. }
            | Error::TransactionValue
            | Error::TransactionAmbiguous
            | Error::TransactionTooLarge { .. }
            | Error::TransactionDateInFuture
            | Error::TransactionDateOnPending
            | Error::InternalBalance
            | Error::LegNotFound { .. }
            | Error::LegImpossible { .. }
            | Error::LegBalanceDeleted { .. }
            | Error::LegAsset { .. }
            | Error::LegRestricted { .. }
            | Error::RepaymentAboveDebt { .. }
            | Error::PendingExternalSource
            | Error::InsufficientFunds(_)
            | Error::OverdraftLimit(_)
            | Error::TransactionStatus { .. }
            | Error::AlreadyReverted { .. }
            | Error::IsReversal
            | Error::NothingToRevert
            | Error::BalanceNotEmpty
            | Error::DefaultBalance
            | Error::InternalBalanceDeletion
            | Error::InternalBalanceUpdate
            | Error::OverdraftLimitBelowUsage
            | Error::MetadataTooLarge { .. }
            | Error::WriteTooLarge
            | Error::AnswerTooLarge
            | Error::TooManyExamined { .. }
            | Error::ListTooLong { .. }
            | Error::AccountNotEmpty => Self::Internal(error),
        }
    }
}

/// What keeps an account from being closed, in the units of v1.
fn in_the_way(remaining: &RemainingMoney) -> InvalidParameter {
    let RemainingMoney { balance, key, available, on_hold, owed } = remaining;
    let balance = spell_balance_id(*balance);
    let reason = format!(
        "{balance}, with the key {key} in v1: available {available}, on hold {on_hold}, owed {owed}"
    );
    InvalidParameter::new("id", reason)
}

impl From<Rejection> for ApiError {
    fn from(rejection: Rejection) -> Self {
        match rejection {
            Rejection::Unauthenticated => Self::Unauthorized,
            Rejection::ScopeMissing(permission) => {
                let reason = format!("lacks {permission}");
                Self::ScopeMissing(vec![InvalidParameter::new("scope", reason)])
            }
            Rejection::Forbidden | Rejection::OperatorOnly => Self::Forbidden,
            Rejection::UnknownParameter(name) => {
                let reason = "is not a parameter here";
                Self::QueryUnexpected(vec![InvalidParameter::new(name, reason)])
            }
            Rejection::UnknownRoute => Self::RouteUnknown,
            Rejection::MethodNotAllowed => Self::MethodNotAllowed,
            Rejection::BodyTooLarge => Self::PayloadTooLarge,
            Rejection::BodyUnreadable => Self::PayloadInvalid,
            Rejection::UnknownCoding => Self::ContentCodingUnknown,
            Rejection::NotGzip => Self::PayloadNotGzip,
            Rejection::Malformed => Self::RequestMalformed,
        }
    }
}

/// A row of the map.
struct Answer {
    status: u16,
    code: &'static str,
    title: &'static str,
    detail: &'static str,
}

const fn row(status: u16, code: &'static str, title: &'static str, detail: &'static str) -> Answer {
    Answer { status, code, title, detail }
}

impl ApiError {
    #[expect(clippy::too_many_lines, reason = "a table: one row per error")]
    fn answer(&self) -> Answer {
        match self {
            Self::RequestMalformed => row(
                400,
                "payload_invalid",
                "The request is not one of HTTP.",
                "The host, the path, the query or a header is not acceptable.",
            ),
            Self::RouteUnknown => row(
                404,
                "not_found",
                "There is nothing at this path.",
                "Check the path and the version at its beginning.",
            ),
            Self::MethodNotAllowed => row(
                405,
                "method_not_allowed",
                "This path does not have this method.",
                "The path exists; use one of its methods.",
            ),
            Self::Unauthorized => row(
                401,
                "unauthorized",
                "The request carries no valid access token.",
                "Send a current access token as a bearer token in the Authorization header.",
            ),
            Self::ScopeMissing(_) => row(
                403,
                "forbidden",
                "The access token does not allow this operation.",
                "The scope of the token lacks the one that is listed.",
            ),
            Self::Forbidden => row(
                403,
                "forbidden",
                "The access token does not name a ledger to work in.",
                "Use a token with the claims organization_id and ledger_id of an existing ledger.",
            ),
            Self::QueryUnexpected(_) => row(
                400,
                "parameters_invalid",
                "The query has a parameter that this operation does not have.",
                "Leave out the parameter that is listed.",
            ),
            Self::PayloadTooLarge => row(
                413,
                "payload_too_large",
                "The request body is too large.",
                "A request body has at most 256 KiB.",
            ),
            Self::ContentCodingUnknown => row(
                415,
                "payload_invalid",
                "The content coding of the request body is not supported.",
                "Send the body as it is, or as gzip with Content-Encoding: gzip.",
            ),
            Self::PayloadNotGzip => row(
                400,
                "payload_invalid",
                "The request body is not gzip.",
                "Content-Encoding says gzip; compress the body, or leave the header out.",
            ),
            Self::IdMalformed { .. } => row(
                400,
                "parameters_invalid",
                "A parameter of the path is not valid.",
                "The id in the path does not have the form of an id of this kind.",
            ),
            Self::IdempotencyKeyMissing => row(
                400,
                "idempotency_error",
                "The request has no Idempotency-Key header.",
                "Send an Idempotency-Key header that is unique to this request.",
            ),
            Self::PayloadInvalid => row(
                400,
                "payload_invalid",
                "The request body is not JSON.",
                "Send one JSON object in UTF-8 as the request body.",
            ),
            Self::ParametersInvalid(_) => row(
                422,
                "parameters_invalid",
                "Some parameters of the request are not valid.",
                "Correct every parameter that is listed and send the request again.",
            ),
            Self::IdempotencyRequestInconsistent => row(
                422,
                "idempotency_request_inconsistent",
                "This idempotency key belongs to another request.",
                "Repeat the first request unchanged, or use a new key for a new request.",
            ),
            Self::NotFound => row(
                404,
                "not_found",
                "There is no such object.",
                "No object has the id in the path.",
            ),
            Self::InvalidStatusTransition => row(
                422,
                "invalid_status_transition",
                "The account's status does not allow this change.",
                "Read the account to see its status.",
            ),
            Self::AccountHoldsMoney(_) => row(
                422,
                "invalid_status_transition",
                "Money is left on the account.",
                "Move what is available, commit or cancel what is on hold, and have repaid what is \
                 owed; then close the account. With the reason charged_off it may owe something.",
            ),
            Self::AccountTooLarge => row(
                422,
                "invalid_status_transition",
                "The account has too many balances.",
                "An account with at most 49 balances is closed. Delete empty balances through v1.",
            ),
            Self::Conflict => row(
                409,
                "conflict",
                "Another object has this name.",
                "The new object would have a name that another object has.",
            ),
            Self::AmountNotRepresentable => row(
                422,
                "amount_not_representable",
                "An amount cannot be shown in whole minor units.",
                "The object exists; read it through v1, which shows amounts exactly.",
            ),
            Self::RequestInFlight(_) => row(
                409,
                "request_in_flight",
                "Other requests are changing the same objects.",
                "Nothing was changed. Send the same request again.",
            ),
            Self::RecordedAhead(_) => row(
                409,
                "request_in_flight",
                "What would be changed was recorded ahead of the present time.",
                "Nothing was changed. Send the same request again after the time of Retry-After.",
            ),
            Self::RateLimitExceeded(_) => row(
                429,
                "rate_limit_exceeded",
                "There are too many requests.",
                "Send the same request again, later, with its idempotency key if it has one.",
            ),
            Self::ClockWrong(_) => row(
                503,
                "service_unavailable",
                "The clock of the service is not right.",
                "Nothing was changed. Send the same request again.",
            ),
            Self::Unavailable(_) => row(
                503,
                "service_unavailable",
                "The service is not available.",
                "Send the same request again, with its idempotency key if it has one.",
            ),
            Self::Internal(_) => row(
                500,
                "internal_error",
                "The service failed.",
                "Send the same request again, with its idempotency key if it has one.",
            ),
        }
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.answer().status
    }

    /// The code, by which programs distinguish errors.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.answer().code
    }

    /// What is wrong with which parameter, in the order of the document.
    #[must_use]
    pub fn invalid_parameters(&self) -> Cow<'_, [InvalidParameter]> {
        if let Self::IdMalformed { reason } = self {
            return Cow::Owned(vec![InvalidParameter::new("id", *reason)]);
        }
        let (Self::ParametersInvalid(listed)
        | Self::AccountHoldsMoney(listed)
        | Self::ScopeMissing(listed)
        | Self::QueryUnexpected(listed)) = self
        else {
            return Cow::Borrowed(&[]);
        };
        Cow::Borrowed(listed)
    }

    /// The error of the domain behind this one, where the service could not do what was asked; for
    /// the log, never for a client.
    #[must_use]
    pub fn cause(&self) -> Option<&Error> {
        let (Self::RequestInFlight(error)
        | Self::RecordedAhead(error)
        | Self::RateLimitExceeded(error)
        | Self::ClockWrong(error)
        | Self::Unavailable(error)
        | Self::Internal(error)) = self
        else {
            return None;
        };
        Some(error)
    }

    /// Whether the same request may succeed later.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        self.cause().is_some_and(Error::retryable)
    }

    /// The body of the answer. `instance` is the id of the request.
    #[must_use]
    pub fn body<'a>(&'a self, instance: &'a str) -> impl Serialize + 'a {
        let Answer { status, code, title, detail } = self.answer();
        let invalid_parameters = self.invalid_parameters();
        Envelope { code, title, detail, status: status.to_string(), invalid_parameters, instance }
    }

    /// The answer. `instance` is the id of the request.
    #[must_use]
    pub fn reply(&self, instance: &str) -> Reply {
        let seconds = self.cause().and_then(Error::retry_after_seconds);
        let reply = Reply::json(self.status(), &self.body(instance)).retry_after(seconds);
        if matches!(self, Self::ContentCodingUnknown) {
            return reply.with_header("accept-encoding", GZIP.to_owned());
        }
        reply
    }
}

/// The envelope of every error.
#[derive(Debug, Serialize)]
struct Envelope<'a> {
    code: &'static str,
    title: &'static str,
    detail: &'static str,
    /// The HTTP status, as text.
    status: String,
    invalid_parameters: Cow<'a, [InvalidParameter]>,
    instance: &'a str,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::Coding;
    use subledger::money::timestamp::Timestamp;

    #[track_caller]
    fn check(error: impl Into<ApiError>, status: u16, code: &str, parameters: &[(&str, &str)]) {
        let error = error.into();
        let body = serde_json::to_value(error.body("request-1")).unwrap();
        assert_eq!(error.status(), status);
        assert_eq!(error.code(), code);
        assert_eq!(body["code"], code);
        assert_eq!(body["status"], status.to_string());
        assert_eq!(body["instance"], "request-1");
        let listed = body["invalid_parameters"].as_array().unwrap();
        let listed: Vec<_> = listed
            .iter()
            .map(|one| (one["parameter"].as_str().unwrap(), one["reason"].as_str().unwrap()))
            .collect();
        assert_eq!(listed, parameters);
        assert!(!body["title"].as_str().unwrap().is_empty());
        assert!(!body["detail"].as_str().unwrap().is_empty());
        assert_eq!(body.as_object().unwrap().len(), 6);
    }

    fn unavailable() -> Error {
        Error::Unavailable { cause: "the secret name of a host".into() }
    }

    fn recorded_ahead() -> Error {
        Error::RecordedAhead { recorded_at: Timestamp::MAX, seconds: 7 }
    }

    #[test]
    fn who_has_to_wait_is_told_how_long() {
        for (error, seconds) in [
            (recorded_ahead(), "7"),
            (Error::Contended, "1"),
            (Error::ClockWrong { seconds: 11 }, "1"),
        ] {
            let reply = ApiError::from(error).reply("request-1");
            let response = reply.into_response("request-1", Coding::Identity);
            assert_eq!(response.headers()["retry-after"], seconds);
        }
    }

    fn corrupt() -> Error {
        Error::Corrupt { key: "the secret key".to_owned(), reason: "torn".to_owned() }
    }

    #[test]
    fn every_refusal_of_the_domain_has_its_answer() {
        check(Error::IdempotencyKeyReused, 422, "idempotency_request_inconsistent", &[]);
        check(Error::LedgerNotFound, 403, "forbidden", &[]);
        check(Error::AccountNotFound, 404, "not_found", &[]);
        check(Error::BalanceNotFound, 404, "not_found", &[]);
        let account = |reason| [("account_id", reason)];
        check(Error::HolderNotFound, 422, "parameters_invalid", &account("not_found"));
        check(Error::ExternalAccount, 422, "parameters_invalid", &account("external_account"));
        let outside = [("id", "external_account")];
        check(Error::ExternalAccountChange, 422, "parameters_invalid", &outside);
        check(Error::AccountClosed, 422, "parameters_invalid", &account("account_closed"));
        let kind = [("type", "not_supported_by_account")];
        check(Error::CapabilityMissing, 422, "parameters_invalid", &kind);
        check(Error::StatusTransition, 422, "invalid_status_transition", &[]);
        check(Error::AmountOutOfRange, 422, "amount_not_representable", &[]);
        check(Error::Contended, 409, "request_in_flight", &[]);
        check(recorded_ahead(), 409, "request_in_flight", &[]);
        check(Error::Throttled, 429, "rate_limit_exceeded", &[]);
        check(Error::ClockWrong { seconds: 11 }, 503, "service_unavailable", &[]);
        check(unavailable(), 503, "service_unavailable", &[]);
        check(corrupt(), 500, "internal_error", &[]);
    }

    #[test]
    fn every_refusal_before_an_operation_has_its_answer() {
        check(Rejection::Unauthenticated, 401, "unauthorized", &[]);
        check(Rejection::Forbidden, 403, "forbidden", &[]);
        check(Rejection::UnknownRoute, 404, "not_found", &[]);
        check(Rejection::MethodNotAllowed, 405, "method_not_allowed", &[]);
        check(Rejection::BodyTooLarge, 413, "payload_too_large", &[]);
        check(Rejection::BodyUnreadable, 400, "payload_invalid", &[]);
        check(Rejection::Malformed, 400, "payload_invalid", &[]);
        check(ApiError::IdempotencyKeyMissing, 400, "idempotency_error", &[]);
        let malformed = ApiError::IdMalformed { reason: "must be an id" };
        check(malformed, 400, "parameters_invalid", &[("id", "must be an id")]);
    }

    #[test]
    fn what_may_succeed_later_says_so() {
        for (error, retryable) in [
            (Error::Contended, true),
            (Error::Throttled, true),
            (unavailable(), true),
            (corrupt(), false),
            (Error::IdempotencyKeyReused, false),
        ] {
            assert_eq!(error.retryable(), retryable);
            assert_eq!(ApiError::from(error).is_retryable(), retryable);
        }
    }

    #[test]
    fn no_advice_to_repeat_a_request_presumes_that_it_has_a_key() {
        let again = "Send the same request again, with its idempotency key if it has one.";
        let later = "Send the same request again, later, with its idempotency key if it has one.";
        for (error, detail) in [
            (Error::Contended, "Nothing was changed. Send the same request again."),
            (Error::Throttled, later),
            (unavailable(), again),
            (corrupt(), again),
        ] {
            let body = serde_json::to_value(ApiError::from(error).body("request-1")).unwrap();
            assert_eq!(body["detail"], detail);
        }
    }

    #[test]
    fn a_failure_keeps_its_cause_for_the_log_and_from_the_client() {
        for error in [unavailable(), corrupt()] {
            let error = ApiError::from(error);
            assert!(error.cause().is_some());
            let body = serde_json::to_string(&error.body("request-1")).unwrap();
            assert!(!body.contains("secret"), "{body}");
        }
    }

    #[test]
    fn the_fields_of_an_error_stand_in_the_order_of_the_reference() {
        let error = ApiError::from(Error::HolderNotFound);
        assert_eq!(
            serde_json::to_string(&error.body("request-1")).unwrap(),
            "{\"code\":\"parameters_invalid\",\
             \"title\":\"Some parameters of the request are not valid.\",\
             \"detail\":\"Correct every parameter that is listed and send the request again.\",\
             \"status\":\"422\",\
             \"invalid_parameters\":[{\"parameter\":\"account_id\",\"reason\":\"not_found\"}],\
             \"instance\":\"request-1\"}"
        );
    }
}
