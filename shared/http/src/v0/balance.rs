//! Encodes a balance.

use std::collections::BTreeMap;

use serde::Serialize;
use subledger::balance::Balance;
use subledger::balance::credit::RewardsUnit;

use super::credit::Details;
use super::error::ApiError;
use super::ids::spell_balance_id;
use super::{metadata, seconds};

/// Digits behind the point of a US dollar: amounts are shown in cents.
const MINOR_UNIT_EXPONENT: u32 = 2;

/// The schema `SubledgerBalance` of the OpenAPI document.
#[derive(Debug, Serialize)]
struct BalanceBody<'a> {
    account_id: &'a str,
    id: String,
    client_subledger_balance_name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_settlement_bank_account_id: Option<&'a str>,
    currency_code: &'a str,
    created_at: String,
    updated_at: String,
    status: &'static str,
    status_reason: &'static str,
    r#type: &'static str,
    metadata: BTreeMap<&'a str, &'a str>,
    details: ShownDetails<'a>,
}

/// `details`: the terms, and how transactions name the balance.
#[derive(Debug, Serialize)]
struct ShownDetails<'a> {
    #[serde(flatten)]
    terms: Details<'a, Balances>,
    ledger: LegNames<'a>,
}

/// What a leg of a v1 transaction says to draw from the balance or to repay.
#[derive(Debug, Serialize)]
struct LegNames<'a> {
    account_alias: &'a str,
    balance_key: &'a str,
}

/// `details.balances`. All amounts are in minor units.
#[derive(Debug, Serialize)]
struct Balances {
    core: Core,
    #[serde(skip_serializing_if = "Option::is_none")]
    rewards: Option<Rewards>,
    dispute: Parts,
    charge_off: Parts,
    past_due: PastDue,
}

/// What is owed. The amount is the sum of the parts.
#[derive(Debug, Serialize)]
struct Core {
    amount: i128,
    amount_in_usd: i128,
    outstanding_principal: i128,
    outstanding_interest: i128,
    outstanding_fees: i128,
}

#[derive(Debug, Serialize)]
struct Rewards {
    amount: i128,
    unit: &'static str,
}

#[derive(Debug, Default, Serialize)]
struct Parts {
    amount: i128,
    principal: i128,
    interest: i128,
    fees: i128,
}

#[derive(Debug, Default, Serialize)]
struct PastDue {
    amount: i128,
    past_due_days: u32,
    principal: i128,
    interest: i128,
    fees: i128,
}

impl Balances {
    /// The ledger has one amount that is owed. The other amounts of the dialect are zero.
    fn of(amount: i128, rewards: Option<RewardsUnit>) -> Self {
        Self {
            core: Core {
                amount,
                amount_in_usd: amount,
                outstanding_principal: amount,
                outstanding_interest: 0,
                outstanding_fees: 0,
            },
            rewards: rewards.map(|unit| Rewards { amount: 0, unit: unit.name() }),
            dispute: Parts::default(),
            charge_off: Parts::default(),
            past_due: PastDue::default(),
        }
    }
}

/// What is owed, in cents. A pending draw adds to what is available and to what is on hold alike,
/// so it is not owed before its commit ends the hold.
fn owed(balance: &Balance) -> Option<i128> {
    let owed = balance.available.checked_sub(&balance.on_hold).ok()?;
    owed.minor_units(MINOR_UNIT_EXPONENT)
}

/// The body that answers a create and a get.
///
/// # Errors
/// [`ApiError::NotFound`] for a balance that v0 did not open, [`ApiError::AmountNotRepresentable`] if
/// the amount is not a whole number of cents, or has more of them than 127 bits count: it is never
/// rounded.
pub fn balance(balance: &Balance) -> Result<impl Serialize + '_, ApiError> {
    let credit = balance.credit.as_deref().ok_or(ApiError::NotFound)?;
    let amount = owed(balance).ok_or(ApiError::AmountNotRepresentable)?;
    Ok(BalanceBody {
        account_id: credit.account_reference.as_str(),
        id: spell_balance_id(balance.id),
        client_subledger_balance_name: credit.name.as_str(),
        client_settlement_bank_account_id: credit
            .settlement_bank_account
            .as_ref()
            .map(|text| text.as_str()),
        currency_code: balance.asset_code.as_str(),
        created_at: seconds(balance.created_at),
        updated_at: seconds(balance.recorded_at),
        status: "active",
        status_reason: "active",
        r#type: "credit",
        metadata: metadata(&credit.metadata),
        details: ShownDetails {
            terms: Details::new(&credit.terms, Balances::of(amount, credit.terms.rewards)),
            ledger: LegNames {
                account_alias: balance.alias.as_str(),
                balance_key: balance.key.as_str(),
            },
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::v0::create_balance::decode_create_balance;
    use subledger::account::{AccountType, Alias};
    use subledger::balance::BalanceFields;
    use subledger::balance::{BalanceKey, Direction};
    use subledger::ledger::asset::AssetCode;
    use subledger::money::amount::Amount;
    use subledger::money::ids::{AccountId, BalanceId, LedgerId, OrganizationId, Scope};
    use subledger::money::timestamp::Timestamp;
    use uuid::Uuid;

    /// A balance that `body` opened, with so much on it.
    fn opened(body: &str, available: &str) -> Balance {
        let scope = Scope {
            organization: OrganizationId::new(Uuid::from_u128(1)),
            ledger: LedgerId::new(Uuid::from_u128(2)),
        };
        let new = decode_create_balance(scope, Some("key-1"), body.as_bytes()).unwrap();
        let account = AccountId::new(Uuid::from_u128(62));
        let id = BalanceId::new(Uuid::from_u128(61));
        Balance::new(BalanceFields {
            id,
            scope,
            account,
            alias: Alias::of_account(account),
            key: BalanceKey::of_balance(id),
            asset_code: AssetCode::usd(),
            account_type: AccountType::parse("credit").unwrap(),
            direction: Direction::Debit,
            allow_sending: true,
            allow_receiving: true,
            settings: None,
            available: Amount::parse(available).unwrap(),
            on_hold: Amount::ZERO,
            overdraft_used: Amount::ZERO,
            version: 1,
            created_at: Timestamp::from_micros(1_756_810_896_999_999).unwrap(),
            recorded_at: Timestamp::from_micros(1_756_810_897_000_000).unwrap(),
            caused_by: None,
            deleted_at: None,
            credit: Some(Box::new(new.credit)),
        })
        .unwrap()
    }

    const REVOLVING: &str = r#"{
        "account_id": "account_0000000000000000000010",
        "client_subledger_balance_name": "Line of credit", "currency_code": "USD", "type": "credit",
        "details": {"structure": "revolving", "balances": {"rewards": {"unit": "points"}},
            "autopay_method": "none", "is_interest_based": null, "effective_apr": "0.000",
            "effective_interest_rate": "0.000000",
            "repayment_details": [{"expected_payment_frequency": "variable"}]},
        "client_settlement_bank_account_id": "12345", "metadata": {"external_id": "1"}, "more": 1
    }"#;

    const NON_REVOLVING: &str = r#"{
        "account_id": "00000000-0000-0000-0000-00000000003E",
        "client_subledger_balance_name": "Loan", "currency_code": "USD", "type": "credit",
        "details": {"structure": "non_revolving", "autopay_method": "ach",
            "is_interest_based": true, "effective_apr": "10.250",
            "effective_interest_rate": "9.500000", "interest_rate": "9.990000",
            "expected_maturity_date": "2020-01-31",
            "repayment_details": [{"expected_payment_frequency": "fixed_interval",
                "expected_payment_frequency_interval_days": 45, "expected_payment_amount": 200}],
            "max_funding_amount": 500000, "term": {"value": 12, "unit": "months"},
            "expected_finance_charge_amount": 0}
    }"#;

    const ZERO_PARTS: &str = "\
        \"dispute\":{\"amount\":0,\"principal\":0,\"interest\":0,\"fees\":0},\
        \"charge_off\":{\"amount\":0,\"principal\":0,\"interest\":0,\"fees\":0},\
        \"past_due\":{\"amount\":0,\"past_due_days\":0,\"principal\":0,\"interest\":0,\"fees\":0}";

    /// Neither the account nor the balance has a name of its own.
    const LEG_NAMES: &str = "\
        \"ledger\":{\"account_alias\":\"00000000-0000-0000-0000-00000000003e\",\
        \"balance_key\":\"00000000-0000-0000-0000-00000000003d\"}";

    #[track_caller]
    fn check(balance_of: &Balance, expected: &str) {
        assert_eq!(serde_json::to_string(&balance(balance_of).unwrap()).unwrap(), expected);
    }

    #[test]
    fn a_line_of_credit_is_shown_with_all_that_was_said() {
        check(
            &opened(REVOLVING, "0"),
            &format!(
                "{{\"account_id\":\"account_0000000000000000000010\",\
                 \"id\":\"subledger_balance_000000000000000000000z\",\
                 \"client_subledger_balance_name\":\"Line of credit\",\
                 \"client_settlement_bank_account_id\":\"12345\",\
                 \"currency_code\":\"USD\",\
                 \"created_at\":\"2025-09-02T11:01:36Z\",\"updated_at\":\"2025-09-02T11:01:37Z\",\
                 \"status\":\"active\",\"status_reason\":\"active\",\"type\":\"credit\",\
                 \"metadata\":{{\"external_id\":\"1\"}},\
                 \"details\":{{\"structure\":\"revolving\",\
                 \"balances\":{{\"core\":{{\"amount\":0,\"amount_in_usd\":0,\
                 \"outstanding_principal\":0,\"outstanding_interest\":0,\"outstanding_fees\":0}},\
                 \"rewards\":{{\"amount\":0,\"unit\":\"points\"}},{ZERO_PARTS}}},\
                 \"autopay_method\":\"none\",\"is_interest_based\":null,\
                 \"effective_apr\":\"0.000\",\"effective_interest_rate\":\"0.000000\",\
                 \"repayment_details\":[{{\"expected_payment_frequency\":\"variable\"}}],{LEG_NAMES}}}}}"
            ),
        );
    }

    #[test]
    fn a_loan_is_shown_with_its_amount_in_cents_and_without_what_was_not_given() {
        check(
            &opened(NON_REVOLVING, "1234.5"),
            &format!(
                "{{\"account_id\":\"00000000-0000-0000-0000-00000000003E\",\
                 \"id\":\"subledger_balance_000000000000000000000z\",\
                 \"client_subledger_balance_name\":\"Loan\",\
                 \"currency_code\":\"USD\",\
                 \"created_at\":\"2025-09-02T11:01:36Z\",\"updated_at\":\"2025-09-02T11:01:37Z\",\
                 \"status\":\"active\",\"status_reason\":\"active\",\"type\":\"credit\",\
                 \"metadata\":{{}},\
                 \"details\":{{\"structure\":\"non_revolving\",\
                 \"balances\":{{\"core\":{{\"amount\":123450,\"amount_in_usd\":123450,\
                 \"outstanding_principal\":123450,\"outstanding_interest\":0,\
                 \"outstanding_fees\":0}},{ZERO_PARTS}}},\
                 \"autopay_method\":\"ach\",\"is_interest_based\":true,\
                 \"effective_apr\":\"10.250\",\"effective_interest_rate\":\"9.500000\",\
                 \"interest_rate\":\"9.990000\",\"expected_maturity_date\":\"2020-01-31\",\
                 \"repayment_details\":[{{\"expected_payment_frequency\":\"fixed_interval\",\
                 \"expected_payment_frequency_interval_days\":45,\
                 \"expected_payment_amount\":200}}],\
                 \"max_funding_amount\":500000,\"term\":{{\"value\":12,\"unit\":\"months\"}},\
                 \"expected_finance_charge_amount\":0,{LEG_NAMES}}}}}"
            ),
        );
    }

    #[test]
    fn what_is_on_hold_is_not_yet_owed() {
        for (available, on_hold, cents) in [
            ("89.44", "89.44", 0_i128),
            ("89.44", "9.44", 8_000),
            // A fraction of a cent that is only reserved is none that is owed.
            ("80.005", "0.005", 8_000),
            (
                "123456789012345678901234567890.12",
                "0.12",
                12_345_678_901_234_567_890_123_456_789_000,
            ),
        ] {
            let on_hold = Amount::parse(on_hold).unwrap();
            let drawn = Balance::new(BalanceFields {
                on_hold,
                ..opened(REVOLVING, available).into_fields()
            })
            .unwrap();
            let body = serde_json::to_string(&balance(&drawn).unwrap()).unwrap();
            let core = format!(
                "\"core\":{{\"amount\":{cents},\"amount_in_usd\":{cents},\
                 \"outstanding_principal\":{cents},"
            );
            assert!(body.contains(&core), "{body}");
        }
        let on_hold = Amount::parse("0.001").unwrap();
        let fraction =
            Balance::new(BalanceFields { on_hold, ..opened(REVOLVING, "1").into_fields() })
                .unwrap();
        let error = balance(&fraction).map(drop).unwrap_err();
        assert_eq!((error.status(), error.code()), (422, "amount_not_representable"));
    }

    #[test]
    fn an_amount_beyond_64_bits_is_shown_exactly() {
        let large = opened(REVOLVING, "123456789012345678901234567890.12");
        let body = serde_json::to_string(&balance(&large).unwrap()).unwrap();
        assert!(body.contains("\"amount\":12345678901234567890123456789012,"), "{body}");
    }

    #[test]
    fn an_amount_that_cents_cannot_count_is_not_rounded() {
        // The second has more cents than 127 bits count.
        for amount in ["0.001", "1700000000000000000000000000000000000000"] {
            let error = balance(&opened(REVOLVING, amount)).map(drop).unwrap_err();
            assert_eq!((error.status(), error.code()), (422, "amount_not_representable"));
        }
    }

    #[test]
    fn a_balance_that_v0_did_not_open_does_not_exist_here() {
        let other =
            Balance::new(BalanceFields { credit: None, ..opened(REVOLVING, "0").into_fields() })
                .unwrap();
        assert_eq!(balance(&other).map(drop).unwrap_err().status(), 404);
    }
}
