//! The errors of v1, each with its code, status, title and message.
//!
//! Codes and statuses are those of Midaz 3.x; where that version answers with a number in `code`,
//! the text of the next version is used. Three codes have another status, because they are not
//! failures of the service: `0096` and `0097` are 500 there, and `0086` is 400. Titles and messages
//! are our own.

use serde::Serialize;
use serde_json::{Map, Value};
use subledger::error::Error;

use crate::rejection::Rejection;
use crate::reply::Reply;

/// Why a request is refused.
#[derive(Debug)]
pub struct ApiError(Box<Row>);

/// A row of the map, filled in. Boxed, because most requests are not refused.
#[derive(Debug)]
struct Row {
    code: &'static str,
    status: u16,
    title: &'static str,
    message: String,
    fields: Map<String, Value>,
    cause: Option<Error>,
}

impl ApiError {
    fn new(
        code: &'static str,
        status: u16,
        title: &'static str,
        message: impl Into<String>,
    ) -> Self {
        Self(Box::new(Row {
            code,
            status,
            title,
            message: message.into(),
            fields: Map::new(),
            cause: None,
        }))
    }

    fn with_fields(mut self, fields: Map<String, Value>) -> Self {
        self.0.fields = fields;
        self
    }

    /// Four digits.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.0.code
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.0.status
    }

    /// What the domain reported, for the log.
    pub(crate) fn cause(&self) -> Option<&Error> {
        self.0.cause.as_ref()
    }

    /// The answer.
    #[must_use]
    pub fn reply(&self) -> Reply {
        #[derive(Serialize)]
        struct Body<'a> {
            code: &'a str,
            title: &'a str,
            message: &'a str,
            #[serde(skip_serializing_if = "Map::is_empty")]
            fields: &'a Map<String, Value>,
        }
        let body = Body {
            code: self.0.code,
            title: self.0.title,
            message: &self.0.message,
            fields: &self.0.fields,
        };
        let reply = Reply::json(self.0.status, &body);
        if self.cause().is_some_and(Error::retryable) { reply.retry_later() } else { reply }
    }
}

/// Errors of requests, before a use case runs.
impl ApiError {
    /// The body is not JSON, or a value has the wrong type.
    #[must_use]
    pub fn unreadable_body(what: &str) -> Self {
        Self::new("0094", 400, "Unreadable Body", format!("The body cannot be read: {what}."))
    }

    /// Fields that the operation does not know, with what was sent in them.
    #[must_use]
    pub fn unexpected_fields(fields: Map<String, Value>) -> Self {
        let message = "The body has fields that this operation does not take; see `fields`.";
        Self::new("0053", 400, "Unexpected Fields", message).with_fields(fields)
    }

    /// Required fields that are not there.
    #[must_use]
    pub fn missing_fields(fields: Map<String, Value>) -> Self {
        let message = "The body lacks fields that this operation needs; see `fields`.";
        Self::new("0009", 400, "Missing Fields", message).with_fields(fields)
    }

    /// Fields whose value is not acceptable.
    #[must_use]
    pub fn invalid_fields(fields: Map<String, Value>) -> Self {
        let message = "The body has values that this operation does not accept; see `fields`.";
        Self::new("0047", 400, "Invalid Fields", message).with_fields(fields)
    }

    /// A parameter of the path that is not a UUID.
    #[must_use]
    pub fn path_parameter(name: &str) -> Self {
        let message = format!("The path parameter {name} is not a UUID.");
        Self::new("0065", 400, "Invalid Path Parameter", message)
    }

    /// A parameter of the query that is not acceptable.
    #[must_use]
    pub fn query_parameter(name: &str) -> Self {
        let message = format!("The query parameter {name} is not acceptable.");
        Self::new("0082", 400, "Invalid Query Parameter", message)
    }

    /// A page that is too large.
    #[must_use]
    pub fn limit_exceeded(limit_max: u16) -> Self {
        let message = format!("A page has at most {limit_max} items.");
        Self::new("0080", 400, "Page Too Large", message)
    }

    /// A sort order that is neither `asc` nor `desc`.
    #[must_use]
    pub fn sort_order() -> Self {
        Self::new("0081", 400, "Invalid Sort Order", "The sort order is asc or desc.")
    }

    /// A date in a form that is not one of the accepted ones.
    #[must_use]
    pub fn date_format(name: &str, form: &str) -> Self {
        let message = format!("The query parameter {name} is not a moment of the form {form}.");
        Self::new("0131", 400, "Invalid Date", message)
    }

    /// One end of a range without the other.
    #[must_use]
    pub fn half_a_range() -> Self {
        let message = "start_date and end_date are given together or not at all.";
        Self::new("0083", 400, "Incomplete Date Range", message)
    }

    /// A range that ends before it starts.
    #[must_use]
    pub fn reversed_range() -> Self {
        Self::new("0078", 400, "Reversed Date Range", "start_date is later than end_date.")
    }

    /// A query parameter that has to be there.
    #[must_use]
    pub fn missing_parameter(name: &str) -> Self {
        let message = format!("The query parameter {name} is missing.");
        Self::new("0142", 400, "Missing Query Parameter", message)
    }

    /// A metadata key that is too long.
    #[must_use]
    pub fn metadata_key(key: &str, characters_max: usize) -> Self {
        let message = format!("The metadata key {key} has more than {characters_max} characters.");
        Self::new("0050", 400, "Metadata Key Too Long", message)
    }

    /// A metadata value that is too long.
    #[must_use]
    pub fn metadata_value(key: &str, characters_max: usize) -> Self {
        let message =
            format!("The metadata value of {key} has more than {characters_max} characters.");
        Self::new("0051", 400, "Metadata Value Too Long", message)
    }

    /// A metadata value with structure.
    #[must_use]
    pub fn metadata_nesting(key: &str) -> Self {
        let message = format!("The metadata value of {key} is an object or an array.");
        Self::new("0067", 400, "Nested Metadata", message)
    }

    /// More metadata than an object may have.
    #[must_use]
    pub fn metadata_entries(entries_max: usize) -> Self {
        let message = format!("An object has at most {entries_max} metadata entries.");
        Self::new("0145", 400, "Too Many Keys", message)
    }

    /// An alias with other characters than letters, digits, `@`, `:`, `_` and `-`.
    #[must_use]
    pub fn alias_characters() -> Self {
        let message = "An alias consists of letters, digits and the characters @ : _ -";
        Self::new("0096", 400, "Invalid Alias", message)
    }

    /// A direction that is neither `credit` nor `debit`.
    #[must_use]
    pub fn direction(sent: &str) -> Self {
        let message = format!("The direction of a balance is credit or debit, not {sent}.");
        Self::new("0171", 400, "Invalid Direction", message)
    }

    /// Settings that contradict themselves or ask for what only the system may have.
    #[must_use]
    pub fn settings() -> Self {
        let message = "The settings do not fit together: a limit is a decimal above zero, given \
                       exactly when it is enabled, and the scope is transactional.";
        Self::new("0172", 400, "Invalid Settings", message)
    }

    /// A country that ISO 3166-1 does not list.
    #[must_use]
    pub fn country() -> Self {
        let message = "The country of an address is a two-letter code of ISO 3166-1.";
        Self::new("0032", 400, "Invalid Country", message)
    }

    /// An asset type that does not exist.
    #[must_use]
    pub fn asset_type() -> Self {
        let message = "The type of an asset is currency, crypto, commodity or others.";
        Self::new("0040", 400, "Invalid Asset Type", message)
    }

    /// An asset code with other characters than letters.
    #[must_use]
    pub fn asset_code_letters() -> Self {
        Self::new("0033", 400, "Invalid Asset Code", "An asset code consists of letters.")
    }

    /// An asset code in lower case.
    #[must_use]
    pub fn asset_code_case() -> Self {
        Self::new("0004", 400, "Lower-Case Asset Code", "An asset code is in capitals.")
    }

    /// A currency that ISO 4217 does not list.
    #[must_use]
    pub fn currency() -> Self {
        let message = "The code of an asset of type currency is a code of ISO 4217.";
        Self::new("0005", 400, "Unknown Currency", message)
    }

    /// An external account needs an alias of its own.
    #[must_use]
    pub fn external_without_alias() -> Self {
        let mut fields = Map::new();
        fields.insert("alias".to_owned(), "alias is required for an external account".into());
        Self::missing_fields(fields)
    }

    /// A leg without an amount, or with several.
    #[must_use]
    pub fn portion() -> Self {
        let message = "A leg has exactly one of amount, share and remaining.";
        Self::new("0072", 400, "Invalid Leg", message)
    }

    /// The object that the path names does not exist.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new("0007", 404, "Not Found", "There is nothing with this id.")
    }
}

impl From<Rejection> for ApiError {
    fn from(refusal: Rejection) -> Self {
        match refusal {
            Rejection::Unauthenticated => {
                let message = "The request needs a valid bearer token.";
                Self::new("0042", 401, "Unauthenticated", message)
            }
            Rejection::Forbidden => {
                let message = "The token does not allow this operation.";
                Self::new("0043", 403, "Forbidden", message)
            }
            Rejection::UnknownRoute => {
                Self::new("0484", 404, "Unknown Route", "There is nothing at this path.")
            }
            Rejection::MethodNotAllowed => {
                let message = "The path does not take this method.";
                Self::new("0485", 405, "Method Not Allowed", message)
            }
            Rejection::BodyTooLarge => {
                let message = "The body is larger than 256 KiB.";
                Self::new("0143", 413, "Body Too Large", message)
            }
            Rejection::BodyUnreadable => {
                Self::unreadable_body("it is not the base64 it claims to be")
            }
            Rejection::Malformed => {
                let message = "The host, the path, the query or a header is not acceptable.";
                Self::new("0094", 400, "Unreadable Request", message)
            }
        }
    }
}

impl From<Error> for ApiError {
    fn from(error: Error) -> Self {
        let mut problem = of_domain(&error);
        problem.0.cause = Some(error);
        problem
    }
}

#[expect(clippy::too_many_lines, reason = "a table: one row per error")]
fn of_domain(error: &Error) -> ApiError {
    match error {
        Error::IdempotencyKeyReused => ApiError::new(
            "0084",
            409,
            "Idempotency Key Reused",
            "The key was used for another request.",
        ),
        Error::OrganizationNotFound => {
            ApiError::new("0038", 404, "Organization Not Found", "There is no such organization.")
        }
        Error::ParentOrganizationNotFound => {
            ApiError::new("0039", 404, "Parent Not Found", "There is no such parent organization.")
        }
        Error::LedgerNotFound => {
            ApiError::new("0037", 404, "Ledger Not Found", "There is no such ledger.")
        }
        Error::AssetNotFound => {
            ApiError::new("0034", 404, "Asset Not Found", "The ledger has no asset with this code.")
        }
        Error::AccountNotFound => {
            ApiError::new("0052", 404, "Account Not Found", "There is no such account.")
        }
        Error::HolderNotFound | Error::BalanceNotFound | Error::TransactionNotFound => {
            ApiError::not_found()
        }
        Error::ParentAccountNotFound => {
            ApiError::new("0029", 400, "Parent Not Found", "There is no such parent account.")
        }
        Error::ParentAccountOfOtherAsset => {
            ApiError::new("0030", 400, "Asset Mismatch", "The parent account has another asset.")
        }
        Error::AliasNotFound => ApiError::new(
            "0085",
            404,
            "Alias Not Found",
            "No account of the ledger has this alias.",
        ),
        Error::MomentInFuture { as_of } => ApiError::new(
            "0140",
            400,
            "Moment In The Future",
            format!("The moment {as_of} has not come yet."),
        ),
        Error::NoBalanceAtMoment => ApiError::new(
            "0141",
            404,
            "Nothing At That Moment",
            "No balance existed at that moment.",
        ),
        Error::LedgerNameTaken => {
            ApiError::new("0002", 409, "Ledger Name Taken", "Another ledger has this name.")
        }
        Error::AssetTaken => {
            ApiError::new("0003", 409, "Asset Taken", "Another asset has this name or this code.")
        }
        Error::AliasTaken { alias } => ApiError::new(
            "0020",
            409,
            "Alias Taken",
            format!("Another account has the alias {alias}."),
        ),
        Error::BalanceKeyReserved => {
            ApiError::new("0170", 400, "Reserved Key", "The key overdraft belongs to the system.")
        }
        Error::BalanceKeyTaken { key } => ApiError::new(
            "0123",
            409,
            "Key Taken",
            format!("The account has a balance with the key {key}."),
        ),
        Error::ExternalAccount => ApiError::new(
            "0124",
            400,
            "External Account",
            "An external account has one balance only.",
        ),
        Error::AccountClosed | Error::CapabilityMissing | Error::HolderAsset => ApiError::new(
            "0024",
            400,
            "Account Not Eligible",
            "The account is closed or was not opened for this type of balance.",
        ),
        Error::TransactionTotals => ApiError::new(
            "0073",
            400,
            "Totals Differ",
            "The sources and the destinations have to be positive and to add up to the value.",
        ),
        Error::TransactionValue => ApiError::new(
            "0125",
            422,
            "Invalid Value",
            "The value of a transaction is more than zero.",
        ),
        Error::TransactionAmbiguous => ApiError::new(
            "0090",
            400,
            "Ambiguous Account",
            "The same balance stands on both sides of the transaction.",
        ),
        Error::TransactionDateInFuture => ApiError::new(
            "0121",
            400,
            "Date In The Future",
            "The date of a transaction has not come yet.",
        ),
        Error::TransactionDateOnPending => ApiError::new(
            "0122",
            400,
            "Date On A Pending Transaction",
            "A pending transaction has no date of its own.",
        ),
        Error::InternalBalance => ApiError::new(
            "0168",
            422,
            "Internal Balance",
            "A leg names a balance that belongs to the system.",
        ),
        Error::LegNotFound => ApiError::new(
            "0019",
            422,
            "Unknown Balance",
            "A leg names an account or a balance that does not exist.",
        ),
        Error::LegAsset => {
            ApiError::new("0034", 404, "Asset Mismatch", "A leg names a balance of another asset.")
        }
        Error::LegRestricted => ApiError::new(
            "0024",
            400,
            "Balance Restricted",
            "A balance of the transaction may not give or get, or its account is blocked or closed.",
        ),
        Error::PendingExternalSource => {
            ApiError::new("0098", 422, "External Source", "An external account cannot reserve.")
        }
        Error::InsufficientFunds => ApiError::new(
            "0018",
            422,
            "Insufficient Funds",
            "A balance has less than the transaction takes.",
        ),
        Error::OverdraftLimit => ApiError::new(
            "0167",
            422,
            "Overdraft Limit",
            "The transaction needs more overdraft than the balance may use.",
        ),
        Error::TransactionStatus => ApiError::new(
            "0099",
            422,
            "Invalid Status",
            "The status of the transaction does not allow this step.",
        ),
        Error::AlreadyReverted => {
            ApiError::new("0087", 400, "Already Reverted", "The transaction was reverted before.")
        }
        Error::IsReversal => ApiError::new(
            "0088",
            400,
            "Reversal",
            "A transaction that reverts another one cannot be reverted.",
        ),
        Error::NothingToRevert => {
            ApiError::new("0089", 400, "Nothing To Revert", "The transaction moved nothing.")
        }
        Error::BalanceNotEmpty => ApiError::new(
            "0093",
            400,
            "Balance Not Empty",
            "A balance with value on it cannot be deleted.",
        ),
        Error::DefaultBalance => {
            ApiError::new("0093", 400, "Default Balance", "An account keeps its default balance.")
        }
        Error::InternalBalanceDeletion => ApiError::new(
            "0169",
            422,
            "Internal Balance",
            "A balance that belongs to the system cannot be deleted.",
        ),
        Error::InternalBalanceUpdate => ApiError::new(
            "0175",
            422,
            "Internal Balance",
            "A balance that belongs to the system cannot be changed.",
        ),
        Error::OverdraftLimitBelowUsage => ApiError::new(
            "0173",
            422,
            "Limit Below Usage",
            "More overdraft is used than the new limit allows.",
        ),
        Error::ExternalAccountChange => {
            ApiError::new("0074", 400, "External Account", "An external account cannot be changed.")
        }
        Error::AccountTooLarge { balances_max } => ApiError::new(
            "0012",
            400,
            "Account Too Large",
            format!("Delete balances first: at most {balances_max} go with their account."),
        ),
        Error::AccountNotEmpty => ApiError::new(
            "0012",
            400,
            "Account Not Empty",
            "A balance of the account has value on it.",
        ),
        Error::TransactionTooLarge { legs_max, balances_max } => ApiError::new(
            "0097",
            422,
            "Transaction Too Large",
            format!(
                "A transaction has at most {legs_max} legs and changes at most {balances_max} \
                 balances."
            ),
        ),
        Error::MetadataTooLarge { entries_max } => ApiError::metadata_entries(*entries_max),
        Error::WriteTooLarge => ApiError::new(
            "0097",
            422,
            "Too Large",
            "Names, descriptions and metadata take more room than there is for one request.",
        ),
        Error::AnswerTooLarge => ApiError::new(
            "0097",
            422,
            "Answer Too Large",
            "The answer is larger than one may be. Ask for a smaller page or a shorter time.",
        ),
        Error::StatusTransition => ApiError::new(
            "0099",
            422,
            "Invalid Status",
            "The present status does not allow this change.",
        ),
        Error::AmountOutOfRange => ApiError::new(
            "0097",
            422,
            "Amount Out Of Range",
            "An amount has more digits than one may have.",
        ),
        Error::Contended => {
            ApiError::new("0086", 409, "Conflict", "Other requests are changing the same objects.")
        }
        Error::Throttled => ApiError::new("0046", 429, "Too Many Requests", "Try again later."),
        Error::Unavailable { .. } => {
            ApiError::new("0046", 503, "Service Unavailable", "Try again later.")
        }
        Error::Corrupt { .. } => ApiError::new(
            "0046",
            500,
            "Internal Error",
            "The request failed for a reason on our side.",
        ),
    }
}
