//! The terms of a credit on the wire, in a request's canonical form and in an answer.

use serde::Serialize;
use subledger::balance::credit::{
    CreditStructure, CreditTerms, NonRevolvingTerms, PaymentFrequency, Repayment, RevolvingTerms,
};

/// `details`: the terms, with what the caller has to say about `balances`.
///
/// The order of the fields is part of the fingerprints that are stored; see
/// [`create_balance`](mod@super::create_balance).
#[derive(Debug, Serialize)]
pub(super) struct Details<'a, B> {
    structure: &'static str,
    balances: B,
    autopay_method: &'static str,
    is_interest_based: Option<bool>,
    effective_apr: &'a str,
    effective_interest_rate: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    interest_rate: Option<&'a str>,
    #[serde(flatten)]
    terms: Terms,
}

/// What depends on the structure.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Terms {
    NonRevolving {
        expected_maturity_date: String,
        repayment_details: Vec<RepaymentDetails>,
        max_funding_amount: i64,
        term: Term,
        expected_finance_charge_amount: i64,
    },
    Revolving {
        repayment_details: Vec<Frequency>,
    },
}

#[derive(Debug, Serialize)]
struct Term {
    value: i64,
    unit: &'static str,
}

#[derive(Debug, Serialize)]
struct Frequency {
    expected_payment_frequency: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    expected_payment_frequency_interval_days: Option<u16>,
}

#[derive(Debug, Serialize)]
struct RepaymentDetails {
    #[serde(flatten)]
    frequency: Frequency,
    #[serde(skip_serializing_if = "Option::is_none")]
    expected_number_of_payments: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expected_first_payment_date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expected_last_payment_date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expected_first_payment_amount: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expected_last_payment_amount: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expected_payment_amount: Option<i64>,
}

impl<'a, B> Details<'a, B> {
    pub(super) fn new(terms: &'a CreditTerms, balances: B) -> Self {
        Self {
            structure: terms.structure.name(),
            balances,
            autopay_method: terms.autopay_method.name(),
            is_interest_based: terms.interest.is_interest_based(),
            effective_apr: terms.effective_apr.as_str(),
            effective_interest_rate: terms.effective_interest_rate.as_str(),
            interest_rate: terms.interest.rate().map(|rate| rate.as_str()),
            terms: Terms::from(&terms.structure),
        }
    }
}

impl From<&CreditStructure> for Terms {
    fn from(structure: &CreditStructure) -> Self {
        match structure {
            CreditStructure::NonRevolving(NonRevolvingTerms {
                expected_maturity_date,
                repayment_details,
                max_funding_amount,
                term,
                expected_finance_charge_amount,
            }) => Self::NonRevolving {
                expected_maturity_date: expected_maturity_date.to_string(),
                repayment_details: repayment_details.as_slice().iter().map(Into::into).collect(),
                max_funding_amount: *max_funding_amount,
                term: Term { value: term.value, unit: term.unit.name() },
                expected_finance_charge_amount: *expected_finance_charge_amount,
            },
            CreditStructure::Revolving(RevolvingTerms { repayment_details }) => Self::Revolving {
                repayment_details: repayment_details.as_slice().iter().map(Into::into).collect(),
            },
        }
    }
}

impl From<&PaymentFrequency> for Frequency {
    fn from(frequency: &PaymentFrequency) -> Self {
        Self {
            expected_payment_frequency: frequency.name(),
            expected_payment_frequency_interval_days: frequency
                .interval()
                .map(|interval| interval.days()),
        }
    }
}

impl From<&Repayment> for RepaymentDetails {
    fn from(repayment: &Repayment) -> Self {
        Self {
            frequency: Frequency::from(&repayment.frequency),
            expected_number_of_payments: repayment.expected_number_of_payments,
            expected_first_payment_date: repayment
                .expected_first_payment_date
                .map(|date| date.to_string()),
            expected_last_payment_date: repayment
                .expected_last_payment_date
                .map(|date| date.to_string()),
            expected_first_payment_amount: repayment.expected_first_payment_amount,
            expected_last_payment_amount: repayment.expected_last_payment_amount,
            expected_payment_amount: repayment.expected_payment_amount,
        }
    }
}
