//! The v0 dialect: Lead Bank's Subledger Balance API. Snake case, minor units, `APIError`.
//!
//! [`create_balance`](mod@create_balance), [`balance`] and [`account`] decode requests and encode
//! answers, `credit` and `profile` are the parts that both need; [`ids`] spells identifiers; `fields`
//! reads JSON and collects everything that is wrong with it; [`problem`] is the one map from errors
//! to answers.

pub mod account;
pub mod balance;
pub mod create_balance;
mod credit;
mod fields;
pub mod ids;
pub mod problem;
mod profile;

use std::collections::BTreeMap;

use subledger::idempotency::{
    IDEMPOTENCY_KEY_CHARACTERS_MAX, IDEMPOTENCY_KEY_CHARACTERS_MIN, IdempotencyKey,
};
use subledger::ids::Scope;
use subledger::metadata::{Metadata, MetadataValue};
use subledger::timestamp::Timestamp;

use crate::answer::Refusal;
use crate::call::Call;
use problem::{InvalidParameter, Problem};

/// The header that names a request.
pub const IDEMPOTENCY_KEY: &str = "Idempotency-Key";

/// Where the request runs: in the organization and the ledger that the token names.
///
/// # Errors
/// [`Problem`] 403 for a token that does not name both.
pub fn scope<T>(call: &Call<T>) -> Result<Scope, Problem> {
    call.caller.scope().ok_or_else(|| Refusal::Forbidden.into())
}

/// Reads the header that every request that creates something has to carry.
///
/// # Errors
/// [`Problem::IdempotencyKeyMissing`] without the header, [`Problem::ParametersInvalid`] if it is
/// too short or too long.
pub fn idempotency_key(header: Option<&str>) -> Result<IdempotencyKey, Problem> {
    let text = header.ok_or(Problem::IdempotencyKeyMissing)?;
    IdempotencyKey::parse(text).map_err(|_| {
        Problem::ParametersInvalid(vec![InvalidParameter::new(
            IDEMPOTENCY_KEY,
            format!(
                "must have {IDEMPOTENCY_KEY_CHARACTERS_MIN} to {IDEMPOTENCY_KEY_CHARACTERS_MAX} \
                 characters"
            ),
        )])
    })
}

/// `2026-07-17T18:42:53Z`: to the second, as this dialect shows moments of its own.
fn seconds(moment: Timestamp) -> String {
    let text = moment.fixed_width();
    format!("{}Z", text.get(..19).unwrap_or(&text))
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

    #[track_caller]
    fn check(header: Option<&str>, status: Option<u16>) {
        assert_eq!(idempotency_key(header).err().map(|problem| problem.status()), status);
    }

    #[test]
    fn a_request_that_creates_something_has_a_key_of_5_to_255_characters() {
        check(None, Some(400));
        check(Some(""), Some(422));
        check(Some("four"), Some(422));
        check(Some("fives"), None);
        check(Some(&"k".repeat(255)), None);
        check(Some(&"k".repeat(256)), Some(422));
    }

    #[test]
    fn moments_are_shown_to_the_second() {
        let moment = Timestamp::from_micros(1_756_810_896_999_999).unwrap();
        assert_eq!(seconds(moment), "2025-09-02T11:01:36Z");
    }
}
