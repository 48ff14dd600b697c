//! The terms of a credit, as an attribute of its balance.

use serde::{Deserialize, Serialize};
use subledger::bounded_list::BoundedList;
use subledger::calendar_date::CalendarDate;
use subledger::credit::{
    ACCOUNT_REFERENCE_CHARACTERS_MAX, AnnualPercentageRate, AutopayMethod,
    BALANCE_NAME_CHARACTERS_MAX, CreditRecord, CreditStructure, CreditTerms, Interest,
    InterestRate, IntervalDays, NonRevolvingTerms, PaymentFrequency, Repayment, RevolvingTerms,
    RewardsUnit, SETTLEMENT_BANK_ACCOUNT_CHARACTERS_MAX, Term, TermUnit,
};
use subledger::idempotency::Fingerprint;
use subledger::text::Text;

use crate::attribute::{AsBoolean, AsList, AsMap, AsNumber, AsText};
use crate::metadata_attribute::MetadataAttribute;

/// What a v0 request said about the balance that it opened.
#[derive(Serialize, Deserialize)]
pub(crate) struct CreditAttribute {
    account_reference: AsText<Text<ACCOUNT_REFERENCE_CHARACTERS_MAX>>,
    name: AsText<Text<BALANCE_NAME_CHARACTERS_MAX>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    settlement_bank_account: Option<AsText<Text<SETTLEMENT_BANK_ACCOUNT_CHARACTERS_MAX>>>,
    terms: AsMap<TermsAttribute>,
    #[serde(default, skip_serializing_if = "MetadataAttribute::is_empty")]
    metadata: MetadataAttribute,
    fingerprint: AsText<Fingerprint>,
}

#[derive(Serialize, Deserialize)]
struct TermsAttribute {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rewards: Option<AsText<RewardsUnit>>,
    autopay_method: AsText<AutopayMethod>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    is_interest_based: Option<AsBoolean<bool>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    interest_rate: Option<AsText<InterestRate>>,
    effective_apr: AsText<AnnualPercentageRate>,
    effective_interest_rate: AsText<InterestRate>,
    structure: AsMap<StructureAttribute>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StructureAttribute {
    NonRevolving(AsMap<NonRevolvingAttribute>),
    Revolving(AsMap<RevolvingAttribute>),
}

#[derive(Serialize, Deserialize)]
struct RevolvingAttribute {
    repayment_details: AsList<Vec<AsMap<FrequencyAttribute>>>,
}

#[derive(Serialize, Deserialize)]
struct NonRevolvingAttribute {
    expected_maturity_date: AsText<CalendarDate>,
    repayment_details: AsList<Vec<AsMap<RepaymentAttribute>>>,
    max_funding_amount: AsNumber<i64>,
    term_value: AsNumber<i64>,
    term_unit: AsText<TermUnit>,
    expected_finance_charge_amount: AsNumber<i64>,
}

#[derive(Serialize, Deserialize)]
struct RepaymentAttribute {
    frequency: AsMap<FrequencyAttribute>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    payments: Option<AsNumber<i64>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    first_date: Option<AsText<CalendarDate>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last_date: Option<AsText<CalendarDate>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    first_amount: Option<AsNumber<i64>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last_amount: Option<AsNumber<i64>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    amount: Option<AsNumber<i64>>,
}

#[derive(Serialize, Deserialize)]
struct FrequencyAttribute {
    name: AsText<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    interval_days: Option<AsNumber<u16>>,
}

impl From<&CreditRecord> for CreditAttribute {
    fn from(record: &CreditRecord) -> Self {
        Self {
            account_reference: AsText(record.account_reference.clone()),
            name: AsText(record.name.clone()),
            settlement_bank_account: record.settlement_bank_account.clone().map(AsText),
            terms: AsMap(TermsAttribute::from(&record.terms)),
            metadata: MetadataAttribute::from(&record.metadata),
            fingerprint: AsText(record.fingerprint),
        }
    }
}

impl CreditAttribute {
    /// The record, or what is wrong with the stored one.
    pub(crate) fn into_record(self) -> Result<CreditRecord, String> {
        Ok(CreditRecord {
            account_reference: self.account_reference.0,
            name: self.name.0,
            settlement_bank_account: self.settlement_bank_account.map(|AsText(name)| name),
            terms: self.terms.0.into_terms()?,
            metadata: self.metadata.into_metadata()?,
            fingerprint: self.fingerprint.0,
        })
    }
}

impl From<&CreditTerms> for TermsAttribute {
    fn from(terms: &CreditTerms) -> Self {
        Self {
            rewards: terms.rewards.map(AsText),
            autopay_method: AsText(terms.autopay_method),
            is_interest_based: terms.interest.is_interest_based().map(AsBoolean),
            interest_rate: terms.interest.rate().cloned().map(AsText),
            effective_apr: AsText(terms.effective_apr.clone()),
            effective_interest_rate: AsText(terms.effective_interest_rate.clone()),
            structure: AsMap(StructureAttribute::from(&terms.structure)),
        }
    }
}

impl TermsAttribute {
    fn into_terms(self) -> Result<CreditTerms, String> {
        let rate = self.interest_rate.map(|AsText(rate)| rate);
        Ok(CreditTerms {
            rewards: self.rewards.map(|AsText(unit)| unit),
            autopay_method: self.autopay_method.0,
            interest: Interest::new(self.is_interest_based.map(|AsBoolean(is)| is), rate)
                .ok_or("interest without a rate")?,
            effective_apr: self.effective_apr.0,
            effective_interest_rate: self.effective_interest_rate.0,
            structure: self.structure.0.into_structure()?,
        })
    }
}

impl From<&CreditStructure> for StructureAttribute {
    fn from(structure: &CreditStructure) -> Self {
        match structure {
            CreditStructure::NonRevolving(terms) => {
                let repayments = terms.repayment_details.as_slice();
                let charge = terms.expected_finance_charge_amount;
                Self::NonRevolving(AsMap(NonRevolvingAttribute {
                    expected_maturity_date: AsText(terms.expected_maturity_date),
                    repayment_details: repayments.iter().map(|it| AsMap(it.into())).collect(),
                    max_funding_amount: AsNumber(terms.max_funding_amount),
                    term_value: AsNumber(terms.term.value),
                    term_unit: AsText(terms.term.unit),
                    expected_finance_charge_amount: AsNumber(charge),
                }))
            }
            CreditStructure::Revolving(RevolvingTerms { repayment_details }) => {
                let frequencies = repayment_details.as_slice().iter().copied();
                let repayment_details = frequencies.map(|it| AsMap(it.into())).collect();
                Self::Revolving(AsMap(RevolvingAttribute { repayment_details }))
            }
        }
    }
}

impl StructureAttribute {
    fn into_structure(self) -> Result<CreditStructure, String> {
        Ok(match self {
            Self::NonRevolving(AsMap(terms)) => {
                let repayments = terms.repayment_details.0.into_iter();
                CreditStructure::NonRevolving(NonRevolvingTerms {
                    expected_maturity_date: terms.expected_maturity_date.0,
                    repayment_details: list(repayments.map(|AsMap(it)| it.into_repayment()))?,
                    max_funding_amount: terms.max_funding_amount.0,
                    term: Term { value: terms.term_value.0, unit: terms.term_unit.0 },
                    expected_finance_charge_amount: terms.expected_finance_charge_amount.0,
                })
            }
            Self::Revolving(AsMap(RevolvingAttribute { repayment_details })) => {
                let frequencies = repayment_details.0.into_iter();
                CreditStructure::Revolving(RevolvingTerms {
                    repayment_details: list(frequencies.map(|AsMap(it)| it.into_frequency()))?,
                })
            }
        })
    }
}

/// A stored list, if its items are readable and not too many.
fn list<T, const MIN: usize, const MAX: usize>(
    items: impl Iterator<Item = Result<T, String>>,
) -> Result<BoundedList<T, MIN, MAX>, String> {
    BoundedList::new(items.collect::<Result<_, _>>()?).map_err(|error| error.to_string())
}

impl From<&Repayment> for RepaymentAttribute {
    fn from(repayment: &Repayment) -> Self {
        Self {
            frequency: AsMap(FrequencyAttribute::from(repayment.frequency)),
            payments: repayment.expected_number_of_payments.map(AsNumber),
            first_date: repayment.expected_first_payment_date.map(AsText),
            last_date: repayment.expected_last_payment_date.map(AsText),
            first_amount: repayment.expected_first_payment_amount.map(AsNumber),
            last_amount: repayment.expected_last_payment_amount.map(AsNumber),
            amount: repayment.expected_payment_amount.map(AsNumber),
        }
    }
}

impl RepaymentAttribute {
    fn into_repayment(self) -> Result<Repayment, String> {
        let plain = |number: Option<AsNumber<i64>>| number.map(|AsNumber(number)| number);
        Ok(Repayment {
            frequency: self.frequency.0.into_frequency()?,
            expected_number_of_payments: plain(self.payments),
            expected_first_payment_date: self.first_date.map(|AsText(date)| date),
            expected_last_payment_date: self.last_date.map(|AsText(date)| date),
            expected_first_payment_amount: plain(self.first_amount),
            expected_last_payment_amount: plain(self.last_amount),
            expected_payment_amount: plain(self.amount),
        })
    }
}

impl From<PaymentFrequency> for FrequencyAttribute {
    fn from(frequency: PaymentFrequency) -> Self {
        let interval_days = frequency.interval().map(|interval| AsNumber(interval.days()));
        Self { name: AsText(frequency.name().to_owned()), interval_days }
    }
}

impl FrequencyAttribute {
    fn into_frequency(self) -> Result<PaymentFrequency, String> {
        let interval = self.interval_days.map(|AsNumber(days)| {
            IntervalDays::new(days).ok_or_else(|| "an interval is out of range".to_owned())
        });
        PaymentFrequency::new(&self.name.0, interval.transpose()?)
            .map_err(|error| format!("a frequency {error}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    #[track_caller]
    fn check(record: &CreditRecord) {
        let item = serde_json::to_string(&CreditAttribute::from(record)).unwrap();
        let stored: CreditAttribute = serde_json::from_str(&item).unwrap();
        assert_eq!(stored.into_record().as_ref(), Ok(record));
    }

    #[test]
    fn a_line_of_credit_is_read_as_it_was_written() {
        let record = samples::credit();
        check(&record);
        let interval = IntervalDays::new(730).unwrap();
        let frequencies =
            vec![PaymentFrequency::FixedInterval { interval }, PaymentFrequency::SemiMonthly];
        let structure = CreditStructure::Revolving(RevolvingTerms {
            repayment_details: BoundedList::new(frequencies).unwrap(),
        });
        let interest = Interest::new(Some(true), InterestRate::parse("10.250000")).unwrap();
        check(&CreditRecord {
            settlement_bank_account: Some(Text::parse("settlement").unwrap()),
            terms: CreditTerms {
                rewards: Some(RewardsUnit::Points),
                interest,
                structure,
                ..record.terms
            },
            metadata: samples::metadata(),
            ..record
        });
    }

    #[test]
    fn a_loan_is_read_as_it_was_written() {
        let date = CalendarDate::parse("2026-07-17");
        let sparse = Repayment {
            frequency: PaymentFrequency::Maturity,
            expected_number_of_payments: None,
            expected_first_payment_date: None,
            expected_last_payment_date: None,
            expected_first_payment_amount: None,
            expected_last_payment_amount: None,
            expected_payment_amount: None,
        };
        let full = Repayment {
            frequency: PaymentFrequency::Monthly,
            expected_number_of_payments: Some(12),
            expected_first_payment_date: date,
            expected_last_payment_date: date,
            expected_first_payment_amount: Some(i64::MAX),
            expected_last_payment_amount: Some(0),
            expected_payment_amount: Some(i64::MIN),
        };
        let structure = CreditStructure::NonRevolving(NonRevolvingTerms {
            expected_maturity_date: date.unwrap(),
            repayment_details: BoundedList::new(vec![sparse, full]).unwrap(),
            max_funding_amount: i64::MAX,
            term: Term { value: 12, unit: TermUnit::Months },
            expected_finance_charge_amount: 0,
        });
        let record = samples::credit();
        check(&CreditRecord { terms: CreditTerms { structure, ..record.terms }, ..record });
    }
}
