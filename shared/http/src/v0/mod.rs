//! The v0 dialect: Lead Bank's Subledger Balance API. Snake case, minor units, `APIError`.
//!
//! [`create_balance`](mod@create_balance), [`balance`] and [`account`] decode requests and encode
//! answers; `credit` and `profile` are used by both; [`ids`] spells identifiers; `fields` reads
//! JSON and collects everything that is wrong with it; [`error`] is the one map from errors to
//! answers.

pub mod account;
pub mod balance;
pub mod create_balance;
mod credit;
pub mod error;
mod fields;
pub mod ids;
mod profile;

use std::collections::BTreeMap;

use subledger::idempotency::{IDEMPOTENCY_KEY_CHARACTERS_MAX, IdempotencyKey};
use subledger::metadata::{Metadata, MetadataValue};
use subledger::money::ids::Scope;
use subledger::money::timestamp::Timestamp;

use crate::json::{Json, Kind};
use crate::rejection::Rejection;
use crate::request::call::Call;
use error::{ApiError, InvalidParameter};

/// The header that names a request.
pub const IDEMPOTENCY_KEY: &str = "Idempotency-Key";

/// Where the request runs: in the organization and the ledger that the token names.
///
/// # Errors
/// [`ApiError`] 403 for a token that does not name both.
pub fn scope<T>(call: &Call<T>) -> Result<Scope, ApiError> {
    call.caller.scope().ok_or_else(|| Rejection::Forbidden.into())
}

/// Refuses a body that is no object, where the operation reads none. Fields are ignored, as they are
/// everywhere in this dialect where an operation does not know them.
///
/// # Errors
/// [`ApiError::PayloadInvalid`].
pub(crate) fn expect_no_body(body: &[u8]) -> Result<(), ApiError> {
    let kind = Json::parse(body).map(Json::kind);
    let is_acceptable = body.is_empty() || matches!(kind, Ok(Kind::Object | Kind::Null));
    is_acceptable.then_some(()).ok_or(ApiError::PayloadInvalid)
}

/// The least number of characters in the key of a request that opens a balance.
pub const BALANCE_KEY_CHARACTERS_MIN: usize = 5;
/// The least number of characters in the key of a request that opens an account.
pub const ACCOUNT_KEY_CHARACTERS_MIN: usize = 1;

/// Reads the header [`IDEMPOTENCY_KEY`], which a request that creates something has to carry: at
/// most 255 printable ASCII characters and no fewer than `characters_min`.
///
/// # Errors
/// [`ApiError::IdempotencyKeyMissing`] without the header, [`ApiError::ParametersInvalid`] for a key
/// that is too short, too long or has other characters.
pub fn idempotency_key(
    header: Option<&str>,
    characters_min: usize,
) -> Result<IdempotencyKey, ApiError> {
    let text = header.ok_or(ApiError::IdempotencyKeyMissing)?;
    IdempotencyKey::parse_with_min(text, characters_min).map_err(|_| {
        ApiError::ParametersInvalid(vec![InvalidParameter::new(
            IDEMPOTENCY_KEY,
            format!(
                "must have {characters_min} to {IDEMPOTENCY_KEY_CHARACTERS_MAX} printable ASCII \
                 characters"
            ),
        )])
    })
}

/// A moment without its fraction, such as `2026-07-17T18:42:53Z`. This dialect shows moments of its
/// own to the second.
#[expect(clippy::expect_used, reason = "the width is fixed, and the text is ASCII")]
fn seconds(moment: Timestamp) -> String {
    let text = moment.fixed_width();
    format!("{}Z", text.get(..19).expect("a moment has 19 characters before its fraction"))
}

/// Metadata as this dialect knows it: texts by key. What was given or changed through v1 may have
/// numbers and booleans, which are spelled out, and entries without a value, which are left out.
fn metadata(metadata: &Metadata) -> BTreeMap<&str, &str> {
    metadata
        .iter()
        .filter_map(|(key, value)| match value {
            MetadataValue::Text(text) | MetadataValue::Number(text) => Some((key, text.as_str())),
            MetadataValue::Boolean(true) => Some((key, "true")),
            MetadataValue::Boolean(false) => Some((key, "false")),
            MetadataValue::Null => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks one value of the header: the status with which it is refused for a balance and for an
    /// account; `None` where it is accepted.
    #[track_caller]
    fn check(header: Option<&str>, of_balance: Option<u16>, of_account: Option<u16>) {
        let status = |read: Result<IdempotencyKey, ApiError>| read.err().map(|it| it.status());
        assert_eq!(status(idempotency_key(header, BALANCE_KEY_CHARACTERS_MIN)), of_balance);
        assert_eq!(status(idempotency_key(header, ACCOUNT_KEY_CHARACTERS_MIN)), of_account);
    }

    #[test]
    fn a_balance_has_a_key_of_5_to_255_characters_and_an_account_of_1_to_255() {
        check(None, Some(400), Some(400));
        check(Some(""), Some(422), Some(422));
        check(Some("1"), Some(422), None);
        check(Some("four"), Some(422), None);
        check(Some("fives"), None, None);
        check(Some(&"k".repeat(255)), None, None);
        check(Some(&"k".repeat(256)), Some(422), Some(422));
    }

    #[test]
    fn a_key_of_the_wrong_length_is_told_the_right_one() {
        for (read, reason) in [
            (
                idempotency_key(Some(""), BALANCE_KEY_CHARACTERS_MIN),
                "must have 5 to 255 printable ASCII characters",
            ),
            (
                idempotency_key(Some(""), ACCOUNT_KEY_CHARACTERS_MIN),
                "must have 1 to 255 printable ASCII characters",
            ),
        ] {
            let error = read.unwrap_err();
            let listed = error.invalid_parameters();
            assert_eq!((listed[0].parameter(), listed[0].reason()), (IDEMPOTENCY_KEY, reason));
        }
    }

    #[test]
    fn moments_are_shown_to_the_second() {
        let moment = Timestamp::from_micros(1_756_810_896_999_999).unwrap();
        assert_eq!(seconds(moment), "2025-09-02T11:01:36Z");
    }
}
