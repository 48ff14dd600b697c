//! How this dialect spells identifiers: a prefix and 22 base62 digits.

use subledger::money::ids::{AccountId, BalanceId};
use uuid::Uuid;

use super::error::ApiError;

/// The prefix of the id of a balance.
pub const BALANCE_PREFIX: &str = "subledger_balance_";
/// The prefix of the id of an account.
pub const ACCOUNT_PREFIX: &str = "account_";

/// The message about a malformed id of a balance.
const NO_BALANCE_ID: &str = "must be subledger_balance_ and letters, digits or underscores";
/// The message about a malformed id of an account.
const NO_ACCOUNT_ID: &str =
    "must be account_ and letters, digits or underscores, or a UUID with hyphens";

/// Base62 digits in the order of their values, which is also their order as characters: ids sort
/// as text as they do as numbers.
const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// How many base62 digits 128 bits take, leading zeros included.
const DIGITS: usize = 22;

/// `subledger_balance_` and 22 digits.
#[must_use]
pub fn spell_balance_id(id: BalanceId) -> String {
    format!("{BALANCE_PREFIX}{}", encode(id.uuid().as_u128()))
}

/// `account_` and 22 digits.
#[must_use]
pub fn spell_account_id(id: AccountId) -> String {
    format!("{ACCOUNT_PREFIX}{}", encode(id.uuid().as_u128()))
}

/// Reads the id of a balance from a path. A well-formed id that cannot have been issued becomes the
/// nil UUID, which no balance has, so that the store reports it as not found.
///
/// # Errors
/// [`ApiError::IdMalformed`] if it does not have the form of one.
pub fn parse_balance_id(text: &str) -> Result<BalanceId, ApiError> {
    let digits = after_prefix(text, BALANCE_PREFIX)
        .ok_or(ApiError::IdMalformed { reason: NO_BALANCE_ID })?;
    Ok(BalanceId::new(decode_or_nil(digits)))
}

/// Reads the id of an account from a path: spelled by this dialect, or as a UUID. A well-formed id
/// that cannot have been issued becomes the nil UUID, which no account has, so that the store
/// reports it as not found.
///
/// # Errors
/// [`ApiError::IdMalformed`] if it does not have the form of one.
pub fn parse_account_id(text: &str) -> Result<AccountId, ApiError> {
    account_id(text).ok_or(ApiError::IdMalformed { reason: NO_ACCOUNT_ID })
}

/// The account that a body refers to. A text that is no account id becomes the nil UUID, which no
/// account has.
///
/// The store is asked about it all the same, so that a reused idempotency key is reported before a
/// missing account.
pub(super) fn account_referred_to(text: &str) -> AccountId {
    account_id(text).unwrap_or(AccountId::new(Uuid::nil()))
}

fn account_id(text: &str) -> Option<AccountId> {
    let uuid =
        hyphenated_uuid(text).or_else(|| after_prefix(text, ACCOUNT_PREFIX).map(decode_or_nil));
    uuid.map(AccountId::new)
}

/// The id that the digits encode; the nil UUID if they encode none.
fn decode_or_nil(digits: &str) -> Uuid {
    decode(digits).map_or_else(Uuid::nil, Uuid::from_u128)
}

/// The rest of an id after its prefix; `None` unless it consists of letters, digits and underscores.
fn after_prefix<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    text.strip_prefix(prefix).filter(|rest| !rest.is_empty() && rest.bytes().all(is_word))
}

/// A UUID with hyphens, in either case of letters. Other spellings are not accepted, because the
/// service never writes them.
fn hyphenated_uuid(text: &str) -> Option<Uuid> {
    let hyphenated = text.len() == uuid::fmt::Hyphenated::LENGTH;
    hyphenated.then(|| Uuid::try_parse(text).ok())?
}

fn encode(number: u128) -> String {
    let mut digits = [b'0'; DIGITS];
    let mut rest = number;
    for place in digits.iter_mut().rev() {
        let digit = usize::try_from(rest % 62).ok().and_then(|value| ALPHABET.get(value));
        #[expect(clippy::expect_used, reason = "a remainder of 62 is one of 62 digits")]
        let digit = *digit.expect("the alphabet has 62 digits");
        *place = digit;
        rest /= 62;
    }
    digits.into_iter().map(char::from).collect()
}

/// Reads exactly what [`encode`] writes: one spelling per number.
fn decode(digits: &str) -> Option<u128> {
    if digits.len() != DIGITS {
        return None;
    }
    digits.bytes().try_fold(0_u128, |number, digit| {
        let value = ALPHABET.iter().position(|candidate| *candidate == digit)?;
        number.checked_mul(62)?.checked_add(u128::try_from(value).ok()?)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(number: u128, digits: &str) {
        let id = BalanceId::new(Uuid::from_u128(number));
        let spelled = format!("subledger_balance_{digits}");
        assert_eq!(spell_balance_id(id), spelled);
        assert_eq!(parse_balance_id(&spelled).unwrap(), id);
    }

    #[test]
    fn an_id_is_22_digits_whatever_the_number() {
        check(0, "0000000000000000000000");
        check(61, "000000000000000000000z");
        check(62, "0000000000000000000010");
        check(0x0198_0f3a_7c6e_7bbb_8000_0123_4567_89ab, "030TzMmCFlZ2aKKjNFA42V");
        check(u128::MAX, "7n42DGM5Tflk9n8mt7Fhc7");
    }

    #[track_caller]
    fn check_malformed(result: Result<impl std::fmt::Debug, ApiError>, reason: &str) {
        let error = result.unwrap_err();
        assert_eq!(error.status(), 400);
        let listed = error.invalid_parameters();
        let listed: Vec<_> = listed.iter().map(|one| (one.parameter(), one.reason())).collect();
        assert_eq!(listed, [("id", reason)]);
    }

    #[test]
    fn text_without_the_form_of_an_id_is_a_bad_request() {
        for text in [
            "",
            "subledger_balance_",
            "subledger_balance_a-b",
            "subledger_balance_a b",
            "subledger_balance_é",
            "Subledger_balance_0000000000000000000000",
            "account_0000000000000000000000",
            "01980f3a-7c6e-7bbb-8000-0123456789ab",
            " subledger_balance_0000000000000000000000",
        ] {
            let form = "must be subledger_balance_ and letters, digits or underscores";
            check_malformed(parse_balance_id(text), form);
        }
        for text in ["", "account_", "account_a.b", "x", "01980f3a7c6e7bbb80000123456789ab"] {
            let forms =
                "must be account_ and letters, digits or underscores, or a UUID with hyphens";
            check_malformed(parse_account_id(text), forms);
        }
    }

    #[test]
    fn an_id_that_was_never_given_is_the_one_that_nobody_has() {
        for digits in [
            "x",
            "1HCpXwx2EK9oYluWbacgeCnFcLf",
            "_000000000000000000000",
            "000000000000000000000",
            "00000000000000000000000",
            // One more than 128 bits hold.
            "7n42DGM5Tflk9n8mt7Fhc8",
            "zzzzzzzzzzzzzzzzzzzzzz",
        ] {
            let balance = parse_balance_id(&format!("subledger_balance_{digits}")).unwrap();
            let account = parse_account_id(&format!("account_{digits}")).unwrap();
            assert_eq!((balance.uuid(), account.uuid()), (Uuid::nil(), Uuid::nil()), "{digits}");
        }
    }

    #[test]
    fn an_account_has_two_spellings() {
        let id = AccountId::new(Uuid::from_u128(0x0198_0f3a_7c6e_7bbb_8000_0123_4567_89ab));
        for text in [
            "account_030TzMmCFlZ2aKKjNFA42V",
            "01980f3a-7c6e-7bbb-8000-0123456789ab",
            "01980F3A-7C6E-7BBB-8000-0123456789AB",
        ] {
            assert_eq!(parse_account_id(text).unwrap(), id, "{text}");
            assert_eq!(account_referred_to(text), id, "{text}");
        }
        assert_eq!(spell_account_id(id), "account_030TzMmCFlZ2aKKjNFA42V");
    }

    #[test]
    fn a_reference_to_no_account_is_the_account_that_no_one_has() {
        for text in ["", "x", "partner_ledgered_account_1", "account_2N5Hk8xYmQpL9rBvC3jD"] {
            assert_eq!(account_referred_to(text), AccountId::new(Uuid::nil()), "{text}");
        }
    }
}
