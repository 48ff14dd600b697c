//! The errors of v1, each with its code, status, title and message.
//!
//! Codes and statuses are those of Midaz 3.x; where that version answers with a number in `code`,
//! the text of the next version is used. Three codes have another status, because they are not
//! failures of the service: `0096` and `0097` are 500 there, and `0086` is 400. Codes from `0900` on
//! are our own, for what that version has no code for. Titles and messages are our own.

mod domain;

use serde::Serialize;
use serde_json::{Map, Value};
use subledger::error::Error;

use crate::encoding::GZIP;
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
        let seconds = self.cause().and_then(Error::retry_after_seconds);
        let reply = Reply::json(self.0.status, &body).retry_after(seconds);
        if self.0.status == 415 {
            return reply.with_header("accept-encoding", GZIP.to_owned());
        }
        reply
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
    pub fn query_parameter(name: &str, why: &str) -> Self {
        let message = format!("The query parameter {name} {why}.");
        Self::new("0082", 400, "Invalid Query Parameter", message)
    }

    /// A page that is too large.
    #[must_use]
    pub fn limit_exceeded(limit_max: u16) -> Self {
        let message = format!("The query parameter limit is 1 to {limit_max}.");
        Self::new("0080", 400, "Page Too Large", message)
    }

    /// A sort order that is neither `asc` nor `desc`.
    #[must_use]
    pub fn sort_order() -> Self {
        Self::new("0081", 400, "Invalid Sort Order", "The sort order is asc or desc.")
    }

    /// A date in a form that is not one of the accepted ones.
    #[must_use]
    pub fn date_format(name: &str, forms: &str) -> Self {
        let message = format!(
            "The query parameter {name} has to be {forms}. In a query, the + of an offset is sent \
             as %2B."
        );
        Self::new("0131", 400, "Invalid Date", message)
    }

    /// One end of a range without the other.
    #[must_use]
    pub fn half_a_range(first: &str, last: &str) -> Self {
        let message = format!("{first} and {last} are given together or not at all.");
        Self::new("0083", 400, "Incomplete Date Range", message)
    }

    /// A range that ends before it starts.
    #[must_use]
    pub fn reversed_range(first: &str, last: &str) -> Self {
        let message = format!("{first} is later than {last}.");
        Self::new("0078", 400, "Reversed Date Range", message)
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

    /// An alias that could be the id of an account.
    #[must_use]
    pub fn alias_form_of_id() -> Self {
        let message = "An alias is not a UUID and does not begin with account_ or \
                       subledger_balance_, because ids do.";
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

    /// A transaction, or a leg of one, that names an asset which is not its own.
    #[must_use]
    pub fn leg_asset(asset: &str, expected: &str) -> Self {
        let message = format!(
            "A leg names the asset {asset}; it has to be {expected}, that of the transaction."
        );
        Self::new("0034", 404, "Asset Mismatch", message)
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

/// Errors of settings and account types.
impl ApiError {
    /// A setting that does not exist.
    #[must_use]
    pub fn unknown_setting(name: &str) -> Self {
        Self::new("0147", 400, "Unknown Setting", format!("There is no setting {name}."))
    }

    /// A setting of the wrong type.
    #[must_use]
    pub fn setting_type(name: &str, expected: &str) -> Self {
        let message = format!("The setting {name} has to be {expected}.");
        Self::new("0148", 400, "Invalid Setting", message)
    }

    /// An account type that does not exist.
    #[must_use]
    pub fn account_type_not_found() -> Self {
        Self::new("0109", 404, "Account Type Not Found", "There is no account type with this id.")
    }

    /// A key of an account type with other characters than letters, digits, `_` and `-`.
    #[must_use]
    pub fn account_type_characters() -> Self {
        let message = "The keyValue of an account type consists of letters, digits and the \
                       characters _ -";
        Self::new("0120", 400, "Invalid Account Type", message)
    }
}

impl From<Rejection> for ApiError {
    fn from(refusal: Rejection) -> Self {
        match refusal {
            Rejection::Unauthenticated => {
                let message = "The request needs a valid bearer token.";
                Self::new("0042", 401, "Unauthenticated", message)
            }
            Rejection::ScopeMissing(permission) => {
                let message = format!(
                    "The scope of the token lacks {permission}, which this operation needs."
                );
                Self::new("0043", 403, "Forbidden", message)
            }
            Rejection::Forbidden => {
                let message = "The token does not allow this: it names no organization in the claim \
                               organization_id, and its scope does not contain operator.";
                Self::new("0043", 403, "Forbidden", message)
            }
            Rejection::OperatorOnly => {
                let message = "Only a token that names no organization and whose scope contains \
                               operator may do this.";
                Self::new("0043", 403, "Forbidden", message)
            }
            Rejection::UnknownParameter(name) => {
                Self::query_parameter(&name, "does not exist here")
            }
            Rejection::UnknownCoding => {
                let message = "The content coding of the body is not supported. Send the body as it \
                               is, or as gzip with Content-Encoding: gzip.";
                Self::new("0094", 415, "Unsupported Coding", message)
            }
            Rejection::NotGzip => {
                Self::unreadable_body("Content-Encoding says gzip, and it is not gzip")
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
