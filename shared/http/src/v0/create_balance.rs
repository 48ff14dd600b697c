//! Decodes the request that opens a balance.

use std::collections::BTreeMap;

use serde::Serialize;
use subledger::bounded_list::BoundedList;
use subledger::create_balance::NewCreditBalance;
use subledger::credit::{
    AutopayMethod, CreditRecord, CreditStructure, CreditTerms, INTERVAL_DAYS_MAX, Interest,
    IntervalDays, NonRevolvingTerms, PaymentFrequency, PaymentFrequencyError,
    RATE_INTEGER_DIGITS_MAX, REPAYMENT_DETAILS_MAX, Rate, Repayment, RevolvingTerms, RewardsUnit,
    Term, TermUnit,
};
use subledger::idempotency::Fingerprint;
use subledger::ids::{AccountId, Scope};

use super::credit::Details;
use super::fields::{Node, Object, read_body};
use super::ids::{account_referred_to, spell_account_id};
use super::problem::Problem;
use super::{idempotency_key, metadata};

/// The one currency of the dialect.
const CURRENCY: &str = "USD";
/// The one type of balance that the dialect opens.
const TYPE: &str = "credit";

const INTERVAL: &str = "expected_payment_frequency_interval_days";

/// Decodes `POST /v0/subledger_balances`: the header first, then the body as JSON, then everything
/// that is wrong with the body at once.
///
/// # Errors
/// Those of [`idempotency_key`]; [`Problem::PayloadInvalid`]; [`Problem::ParametersInvalid`].
pub fn decode_create_balance(
    scope: Scope,
    idempotency_key_header: Option<&str>,
    body: &[u8],
) -> Result<NewCreditBalance, Problem> {
    let idempotency_key = idempotency_key(idempotency_key_header)?;
    let (account, credit) = read_body(body, balance)?;
    Ok(NewCreditBalance { scope, idempotency_key, account, credit })
}

fn balance(body: &Object<'_>) -> Option<(AccountId, CreditRecord)> {
    let only = |wanted: &'static str| {
        move |node: &Node<'_>| {
            node.parsed(|text| (text == wanted).then_some(()), format!("must be {wanted}"))
        }
    };
    let account_reference = body.required("account_id", Node::text);
    let name = body.required("client_subledger_balance_name", Node::text);
    let currency = body.required("currency_code", only(CURRENCY));
    let kind = body.required("type", only(TYPE));
    let terms = body.required("details", |node| details(&node.object()?));
    let settlement_bank_account = body.optional("client_settlement_bank_account_id", Node::text);
    let metadata = body.optional("metadata", Node::metadata);
    let ((), ()) = (currency?, kind?);
    let account_reference = account_reference?;
    let account = account_referred_to(account_reference.as_str());
    let mut credit = CreditRecord {
        account_reference,
        name: name?,
        settlement_bank_account: settlement_bank_account?,
        terms: terms?,
        metadata: metadata?.unwrap_or_default(),
        fingerprint: Fingerprint::of(&[]),
    };
    credit.fingerprint = Fingerprint::of(canonical(account, &credit).as_bytes());
    Some((account, credit))
}

fn details(details: &Object<'_>) -> Option<CreditTerms> {
    let structure = details.required("structure", |node| {
        node.named(&["non_revolving", "revolving"], |name| match name {
            "non_revolving" => Some(true),
            "revolving" => Some(false),
            _ => None,
        })
    });
    let rewards = details.optional("balances", |node| {
        node.object()?.optional("rewards", |node| {
            node.object()?.required("unit", |unit| unit.named(RewardsUnit::NAMES, RewardsUnit::from_name))
        })
    });
    let autopay_method = details
        .required("autopay_method", |node| node.named(AutopayMethod::NAMES, AutopayMethod::from_name));
    let is_interest_based = details.required("is_interest_based", |node| {
        if node.is_null() { Some(None) } else { node.boolean().map(Some) }
    });
    let effective_apr = details.required("effective_apr", rate);
    let effective_interest_rate = details.required("effective_interest_rate", rate);
    let interest_rate = details.optional("interest_rate", rate);
    let interest = match (is_interest_based, interest_rate) {
        (Some(is_based), Some(rate)) => {
            Interest::new(is_based, rate).or_else(|| details.refuse("interest_rate", "missing"))
        }
        (None, _) | (_, None) => None,
    };
    let structure = if structure? {
        non_revolving(details).map(CreditStructure::NonRevolving)
    } else {
        revolving(details).map(CreditStructure::Revolving)
    };
    Some(CreditTerms {
        rewards: rewards?.flatten(),
        autopay_method: autopay_method?,
        interest: interest?,
        effective_apr: effective_apr?,
        effective_interest_rate: effective_interest_rate?,
        structure: structure?,
    })
}

fn rate<const DECIMALS: usize>(node: &Node<'_>) -> Option<Rate<DECIMALS>> {
    node.parsed(
        Rate::parse,
        format!(
            "must be a percentage with at most {RATE_INTEGER_DIGITS_MAX} digits, a point and exactly \
             {DECIMALS} digits"
        ),
    )
}

fn non_revolving(details: &Object<'_>) -> Option<NonRevolvingTerms> {
    let expected_maturity_date = details.required("expected_maturity_date", Node::date);
    let repayment_details = details.required("repayment_details", |node| {
        let items = node.items(REPAYMENT_DETAILS_MAX, |item| repayment(&item.object()?))?;
        BoundedList::new(items).ok()
    });
    let max_funding_amount = details.required("max_funding_amount", Node::integer);
    let term = details.required("term", |node| {
        let term = node.object()?;
        let value = term.required("value", Node::integer);
        let unit = term.required("unit", |unit| unit.named(TermUnit::NAMES, TermUnit::from_name));
        Some(Term { value: value?, unit: unit? })
    });
    let expected_finance_charge_amount =
        details.required("expected_finance_charge_amount", Node::integer);
    Some(NonRevolvingTerms {
        expected_maturity_date: expected_maturity_date?,
        repayment_details: repayment_details?,
        max_funding_amount: max_funding_amount?,
        term: term?,
        expected_finance_charge_amount: expected_finance_charge_amount?,
    })
}

fn revolving(details: &Object<'_>) -> Option<RevolvingTerms> {
    let repayment_details = details.required("repayment_details", |node| {
        let items = node.items(REPAYMENT_DETAILS_MAX, |item| frequency(&item.object()?))?;
        BoundedList::new(items).ok()
    });
    Some(RevolvingTerms { repayment_details: repayment_details? })
}

fn repayment(item: &Object<'_>) -> Option<Repayment> {
    let frequency = frequency(item);
    let expected_number_of_payments = item.optional("expected_number_of_payments", Node::integer);
    let expected_first_payment_date = item.optional("expected_first_payment_date", Node::date);
    let expected_last_payment_date = item.optional("expected_last_payment_date", Node::date);
    let expected_first_payment_amount =
        item.optional("expected_first_payment_amount", Node::integer);
    let expected_last_payment_amount = item.optional("expected_last_payment_amount", Node::integer);
    let expected_payment_amount = item.optional("expected_payment_amount", Node::integer);
    Some(Repayment {
        frequency: frequency?,
        expected_number_of_payments: expected_number_of_payments?,
        expected_first_payment_date: expected_first_payment_date?,
        expected_last_payment_date: expected_last_payment_date?,
        expected_first_payment_amount: expected_first_payment_amount?,
        expected_last_payment_amount: expected_last_payment_amount?,
        expected_payment_amount: expected_payment_amount?,
    })
}

fn frequency(item: &Object<'_>) -> Option<PaymentFrequency> {
    let name = item.required("expected_payment_frequency", |node| {
        let known = |name: &str| PaymentFrequency::NAMES.iter().find(|known| **known == name).copied();
        node.named(PaymentFrequency::NAMES, known)
    });
    let interval = item.optional(INTERVAL, |node| {
        node.small_integer(IntervalDays::new, format!("must be 1 to {INTERVAL_DAYS_MAX}"))
    });
    match PaymentFrequency::new(name?, interval?) {
        Ok(frequency) => Some(frequency),
        Err(PaymentFrequencyError::IntervalMissing) => item.refuse(INTERVAL, "missing"),
        Err(PaymentFrequencyError::IntervalNotAllowed) => {
            item.refuse(INTERVAL, "must be absent unless the frequency is fixed_interval")
        }
        Err(PaymentFrequencyError::UnknownName) => None,
    }
}

/// One text for every way to ask for the same thing: what the service knows of the request, in the
/// order of these structs. Fingerprints of it are stored, so the order and the names stay; what is
/// added later is left out where it is absent.
fn canonical(account: AccountId, credit: &CreditRecord) -> String {
    #[derive(Serialize)]
    struct Canonical<'a> {
        account_id: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        client_settlement_bank_account_id: Option<&'a str>,
        client_subledger_balance_name: &'a str,
        currency_code: &'static str,
        details: Details<'a, Balances>,
        metadata: BTreeMap<&'a str, &'a str>,
        r#type: &'static str,
    }

    #[derive(Serialize)]
    struct Balances {
        #[serde(skip_serializing_if = "Option::is_none")]
        rewards: Option<Rewards>,
    }

    #[derive(Serialize)]
    struct Rewards {
        unit: &'static str,
    }

    let rewards = credit.terms.rewards.map(|unit| Rewards { unit: unit.name() });
    let canonical = Canonical {
        account_id: spell_account_id(account),
        client_settlement_bank_account_id: credit
            .settlement_bank_account
            .as_ref()
            .map(|text| text.as_str()),
        client_subledger_balance_name: credit.name.as_str(),
        currency_code: CURRENCY,
        details: Details::new(&credit.terms, Balances { rewards }),
        metadata: metadata(&credit.metadata),
        r#type: TYPE,
    };
    // A struct of texts and numbers cannot fail to be written.
    serde_json::to_string(&canonical).unwrap_or_default()
}
