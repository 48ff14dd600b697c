//! Encodes a balance.

use std::collections::BTreeMap;

use serde::Serialize;
use subledger::balance::Balance;
use subledger::credit::RewardsUnit;

use super::credit::Details;
use super::ids::spell_balance_id;
use super::problem::Problem;
use super::{metadata, seconds};

/// Digits behind the point of a US dollar: amounts are shown in cents.
const MINOR_UNIT_EXPONENT: u32 = 2;

/// `SubledgerBalanceResponse`.
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
    details: Details<'a, Balances>,
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
    /// The ledger counts one amount; the dialect's other amounts stay at zero.
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

/// The body that answers a create and a get.
///
/// # Errors
/// [`Problem::NotFound`] for a balance that v0 did not open, [`Problem::AmountNotRepresentable`] if
/// the amount is not a whole number of cents: it is never rounded.
pub fn balance(balance: &Balance) -> Result<impl Serialize + '_, Problem> {
    let credit = balance.credit.as_deref().ok_or(Problem::NotFound)?;
    let amount = balance
        .available
        .minor_units(MINOR_UNIT_EXPONENT)
        .ok_or(Problem::AmountNotRepresentable)?;
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
        details: Details::new(&credit.terms, Balances::of(amount, credit.terms.rewards)),
    })
}
