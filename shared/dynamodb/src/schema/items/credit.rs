//! The terms of a credit, as an attribute of its balance.

use serde::{Deserialize, Serialize};
use subledger::balance::credit::{
    ACCOUNT_REFERENCE_CHARACTERS_MAX, AnnualPercentageRate, AutopayMethod,
    BALANCE_NAME_CHARACTERS_MAX, CreditRecord, CreditStructure, CreditTerms, Interest,
    InterestRate, IntervalDays, NonRevolvingTerms, PaymentFrequency, Repayment, RevolvingTerms,
    RewardsUnit, SETTLEMENT_BANK_ACCOUNT_CHARACTERS_MAX, Term, TermUnit,
};
use subledger::idempotency::Fingerprint;
use subledger::money::bounded_list::BoundedList;
use subledger::money::calendar_date::CalendarDate;
use subledger::money::text::Text;

use crate::schema::canonical;
use crate::schema::items::metadata::MetadataAttribute;

/// The terms of a balance that was opened through v0.
#[derive(Serialize, Deserialize)]
pub(crate) struct CreditAttribute {
    #[serde(with = "canonical")]
    account_reference: Text<ACCOUNT_REFERENCE_CHARACTERS_MAX>,
    #[serde(with = "canonical")]
    name: Text<BALANCE_NAME_CHARACTERS_MAX>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "canonical::option")]
    settlement_bank_account: Option<Text<SETTLEMENT_BANK_ACCOUNT_CHARACTERS_MAX>>,
    #[serde(deserialize_with = "canonical::map")]
    terms: TermsAttribute,
    #[serde(default, skip_serializing_if = "MetadataAttribute::is_empty")]
    metadata: MetadataAttribute,
    #[serde(with = "canonical")]
    fingerprint: Fingerprint,
}

#[derive(Serialize, Deserialize)]
struct TermsAttribute {
    #[serde(default, skip_serializing_if = "Option::is_none", with = "canonical::option")]
    rewards: Option<RewardsUnit>,
    #[serde(with = "canonical")]
    autopay_method: AutopayMethod,
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "canonical::present"
    )]
    is_interest_based: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "canonical::option")]
    interest_rate: Option<InterestRate>,
    #[serde(with = "canonical")]
    effective_apr: AnnualPercentageRate,
    #[serde(with = "canonical")]
    effective_interest_rate: InterestRate,
    structure: StructureAttribute,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StructureAttribute {
    NonRevolving(#[serde(deserialize_with = "canonical::map")] NonRevolvingAttribute),
    Revolving(#[serde(deserialize_with = "canonical::map")] RevolvingAttribute),
}

#[derive(Serialize, Deserialize)]
struct RevolvingAttribute {
    #[serde(deserialize_with = "canonical::maps")]
    repayment_details: Vec<FrequencyAttribute>,
}

#[derive(Serialize, Deserialize)]
struct NonRevolvingAttribute {
    #[serde(with = "canonical")]
    expected_maturity_date: CalendarDate,
    #[serde(deserialize_with = "canonical::maps")]
    repayment_details: Vec<RepaymentAttribute>,
    max_funding_amount: i64,
    term_value: i64,
    #[serde(with = "canonical")]
    term_unit: TermUnit,
    expected_finance_charge_amount: i64,
}

#[derive(Serialize, Deserialize)]
struct RepaymentAttribute {
    #[serde(deserialize_with = "canonical::map")]
    frequency: FrequencyAttribute,
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "canonical::present"
    )]
    payments: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "canonical::option")]
    first_date: Option<CalendarDate>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "canonical::option")]
    last_date: Option<CalendarDate>,
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "canonical::present"
    )]
    first_amount: Option<i64>,
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "canonical::present"
    )]
    last_amount: Option<i64>,
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "canonical::present"
    )]
    amount: Option<i64>,
}

#[derive(Serialize, Deserialize)]
struct FrequencyAttribute {
    #[serde(with = "canonical")]
    name: String,
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "canonical::present"
    )]
    interval_days: Option<u16>,
}

impl From<&CreditRecord> for CreditAttribute {
    fn from(record: &CreditRecord) -> Self {
        Self {
            account_reference: record.account_reference.clone(),
            name: record.name.clone(),
            settlement_bank_account: record.settlement_bank_account.clone(),
            terms: TermsAttribute::from(&record.terms),
            metadata: MetadataAttribute::from(&record.metadata),
            fingerprint: record.fingerprint,
        }
    }
}

impl CreditAttribute {
    /// The record, or what is wrong with the stored one.
    pub(crate) fn into_record(self) -> Result<CreditRecord, String> {
        Ok(CreditRecord {
            account_reference: self.account_reference,
            name: self.name,
            settlement_bank_account: self.settlement_bank_account,
            terms: self.terms.into_terms()?,
            metadata: self.metadata.into_metadata()?,
            fingerprint: self.fingerprint,
        })
    }
}

impl From<&CreditTerms> for TermsAttribute {
    fn from(terms: &CreditTerms) -> Self {
        Self {
            rewards: terms.rewards,
            autopay_method: terms.autopay_method,
            is_interest_based: terms.interest.is_interest_based(),
            interest_rate: terms.interest.rate().cloned(),
            effective_apr: terms.effective_apr.clone(),
            effective_interest_rate: terms.effective_interest_rate.clone(),
            structure: StructureAttribute::from(&terms.structure),
        }
    }
}

impl TermsAttribute {
    fn into_terms(self) -> Result<CreditTerms, String> {
        let rate = self.interest_rate;
        Ok(CreditTerms {
            rewards: self.rewards,
            autopay_method: self.autopay_method,
            interest: Interest::new(self.is_interest_based, rate)
                .ok_or("interest without a rate")?,
            effective_apr: self.effective_apr,
            effective_interest_rate: self.effective_interest_rate,
            structure: self.structure.into_structure()?,
        })
    }
}

impl From<&CreditStructure> for StructureAttribute {
    fn from(structure: &CreditStructure) -> Self {
        match structure {
            CreditStructure::NonRevolving(terms) => {
                let repayments = terms.repayment_details.as_slice();
                let charge = terms.expected_finance_charge_amount;
                Self::NonRevolving(NonRevolvingAttribute {
                    expected_maturity_date: terms.expected_maturity_date,
                    repayment_details: repayments.iter().map(Into::into).collect(),
                    max_funding_amount: terms.max_funding_amount,
                    term_value: terms.term.value,
                    term_unit: terms.term.unit,
                    expected_finance_charge_amount: charge,
                })
            }
            CreditStructure::Revolving(RevolvingTerms { repayment_details }) => {
                let frequencies = repayment_details.as_slice().iter().copied();
                let repayment_details = frequencies.map(Into::into).collect();
                Self::Revolving(RevolvingAttribute { repayment_details })
            }
        }
    }
}

impl StructureAttribute {
    fn into_structure(self) -> Result<CreditStructure, String> {
        Ok(match self {
            Self::NonRevolving(terms) => {
                let repayments = terms.repayment_details.into_iter();
                CreditStructure::NonRevolving(NonRevolvingTerms {
                    expected_maturity_date: terms.expected_maturity_date,
                    repayment_details: list(repayments.map(RepaymentAttribute::into_repayment))?,
                    max_funding_amount: terms.max_funding_amount,
                    term: Term { value: terms.term_value, unit: terms.term_unit },
                    expected_finance_charge_amount: terms.expected_finance_charge_amount,
                })
            }
            Self::Revolving(RevolvingAttribute { repayment_details }) => {
                let frequencies = repayment_details.into_iter();
                CreditStructure::Revolving(RevolvingTerms {
                    repayment_details: list(frequencies.map(FrequencyAttribute::into_frequency))?,
                })
            }
        })
    }
}

/// A stored list, if its items are readable and not too many.
fn list<T, const MIN: usize, const MAX: usize>(
    items: impl Iterator<Item = Result<T, String>>,
) -> Result<BoundedList<T, MIN, MAX>, String> {
    BoundedList::new(items.collect::<Result<_, _>>()?)
        .ok_or_else(|| "a list has too few or too many items".to_owned())
}

impl From<&Repayment> for RepaymentAttribute {
    fn from(repayment: &Repayment) -> Self {
        Self {
            frequency: FrequencyAttribute::from(repayment.frequency),
            payments: repayment.expected_number_of_payments,
            first_date: repayment.expected_first_payment_date,
            last_date: repayment.expected_last_payment_date,
            first_amount: repayment.expected_first_payment_amount,
            last_amount: repayment.expected_last_payment_amount,
            amount: repayment.expected_payment_amount,
        }
    }
}

impl RepaymentAttribute {
    fn into_repayment(self) -> Result<Repayment, String> {
        Ok(Repayment {
            frequency: self.frequency.into_frequency()?,
            expected_number_of_payments: self.payments,
            expected_first_payment_date: self.first_date,
            expected_last_payment_date: self.last_date,
            expected_first_payment_amount: self.first_amount,
            expected_last_payment_amount: self.last_amount,
            expected_payment_amount: self.amount,
        })
    }
}

impl From<PaymentFrequency> for FrequencyAttribute {
    fn from(frequency: PaymentFrequency) -> Self {
        let interval_days = frequency.interval().map(|interval| interval.days());
        Self { name: frequency.name().to_owned(), interval_days }
    }
}

impl FrequencyAttribute {
    fn into_frequency(self) -> Result<PaymentFrequency, String> {
        let interval = self.interval_days.map(|days| {
            IntervalDays::new(days).ok_or_else(|| "an interval is out of range".to_owned())
        });
        PaymentFrequency::new(&self.name, interval.transpose()?)
            .map_err(|error| format!("a frequency {error}"))
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::types::AttributeValue;
    use serde_dynamo::{from_attribute_value, to_attribute_value};

    use super::*;
    use crate::samples;

    #[track_caller]
    fn check(record: &CreditRecord) {
        let stored: AttributeValue = to_attribute_value(CreditAttribute::from(record)).unwrap();
        let stored: CreditAttribute = from_attribute_value(stored).unwrap();
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
