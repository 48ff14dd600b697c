//! The terms of a credit, which a v0 subledger balance has beside its amounts.
//!
//! The terms are what the client agreed with its customer. They are stored and shown and have no
//! effect: no interest accrues and no payment falls due by itself.

use std::fmt;

use crate::idempotency::Fingerprint;
use crate::metadata::Metadata;
use crate::money::bounded_list::BoundedList;
use crate::money::calendar_date::CalendarDate;
use crate::money::named::named;
use crate::money::text::Text;

/// The longest name of a balance, in characters.
pub const BALANCE_NAME_CHARACTERS_MAX: usize = 64;
/// The longest way to name an account, in characters.
pub const ACCOUNT_REFERENCE_CHARACTERS_MAX: usize = 64;
/// The longest name of a settlement bank account, in characters. The wire names no limit; a bank
/// account number has at most 34.
pub const SETTLEMENT_BANK_ACCOUNT_CHARACTERS_MAX: usize = 255;
/// The most repayment rules of one credit. The wire names no limit; a hundred monthly rules with
/// every field take 30 kB of the 400 kB that a stored item has room for.
pub const REPAYMENT_DETAILS_MAX: usize = 100;
/// The most digits in front of the point of a rate. The wire names no limit; no rate needs more
/// than four.
pub const RATE_INTEGER_DIGITS_MAX: usize = 16;
/// The longest interval between two payments, in days.
pub const INTERVAL_DAYS_MAX: u16 = 730;

/// What a v0 request states about the balance that it opens. It never changes afterwards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreditRecord {
    /// The id of the account as the client wrote it. An account id has two spellings, and answers
    /// repeat the client's.
    pub account_reference: Text<ACCOUNT_REFERENCE_CHARACTERS_MAX>,
    /// The client's name of the balance.
    pub name: Text<BALANCE_NAME_CHARACTERS_MAX>,
    /// The client's name of the bank account that the balance settles to.
    pub settlement_bank_account: Option<Text<SETTLEMENT_BANK_ACCOUNT_CHARACTERS_MAX>>,
    /// What is agreed with the customer.
    pub terms: CreditTerms,
    /// The client's metadata.
    pub metadata: Metadata,
    /// The fingerprint of the request, which distinguishes a repetition from another request.
    pub fingerprint: Fingerprint,
}

/// What is agreed about a credit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreditTerms {
    /// In what rewards are counted; absent where the credit earns none.
    pub rewards: Option<RewardsUnit>,
    /// How payments are collected.
    pub autopay_method: AutopayMethod,
    /// Whether it bears interest, and how much.
    pub interest: Interest,
    /// The annual percentage rate with all costs.
    pub effective_apr: AnnualPercentageRate,
    /// The interest rate with all effects of compounding.
    pub effective_interest_rate: InterestRate,
    /// What depends on whether it may be drawn again.
    pub structure: CreditStructure,
}

/// Whether repaid credit may be drawn again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CreditStructure {
    /// A loan: drawn up to a maximum and repaid by a date.
    NonRevolving(NonRevolvingTerms),
    /// A line of credit.
    Revolving(RevolvingTerms),
}

impl CreditStructure {
    /// `non_revolving` or `revolving`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::NonRevolving(_) => "non_revolving",
            Self::Revolving(_) => "revolving",
        }
    }
}

/// What is agreed about a loan. Amounts are in minor units of the balance's currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NonRevolvingTerms {
    /// When the last payment is expected; may be in the past.
    pub expected_maturity_date: CalendarDate,
    /// When and how much is repaid; may be empty.
    pub repayment_details: BoundedList<Repayment, 0, REPAYMENT_DETAILS_MAX>,
    /// How much may be drawn in all.
    pub max_funding_amount: i64,
    /// How long it runs.
    pub term: Term,
    /// What the credit costs in all.
    pub expected_finance_charge_amount: i64,
}

/// What is agreed about a line of credit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevolvingTerms {
    /// How often is repaid; may be empty.
    pub repayment_details: BoundedList<PaymentFrequency, 0, REPAYMENT_DETAILS_MAX>,
}

/// How long a credit runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Term {
    /// How many units.
    pub value: i64,
    /// Of what.
    pub unit: TermUnit,
}

/// One rule of repayment. Amounts are in minor units of the balance's currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Repayment {
    /// How often.
    pub frequency: PaymentFrequency,
    /// How many times.
    pub expected_number_of_payments: Option<i64>,
    /// When first; also the date of an only payment.
    pub expected_first_payment_date: Option<CalendarDate>,
    /// When last.
    pub expected_last_payment_date: Option<CalendarDate>,
    /// How much first; also the amount of an only payment.
    pub expected_first_payment_amount: Option<i64>,
    /// How much last.
    pub expected_last_payment_amount: Option<i64>,
    /// How much each time.
    pub expected_payment_amount: Option<i64>,
}

/// Why a frequency is not one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PaymentFrequencyError {
    /// No frequency has the name.
    #[error("is not the name of a frequency")]
    UnknownName,
    /// A fixed interval without its length.
    #[error("a fixed interval has a number of days")]
    IntervalMissing,
    /// The length of an interval beside another frequency.
    #[error("only a fixed interval has a number of days")]
    IntervalNotAllowed,
}

/// How often is repaid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaymentFrequency {
    /// Every business day.
    BusinessDaily,
    /// Every week.
    Weekly,
    /// Every second week.
    Biweekly,
    /// Twice a month.
    SemiMonthly,
    /// Every month.
    Monthly,
    /// Every third month.
    Quarterly,
    /// Every sixth month.
    SemiAnnually,
    /// Every year.
    Annually,
    /// Every so many days.
    FixedInterval {
        /// How many.
        interval: IntervalDays,
    },
    /// Once, at the end.
    Maturity,
    /// As it comes.
    Variable,
}

impl PaymentFrequency {
    /// The names of all frequencies.
    pub const NAMES: &[&str] = &[
        "business_daily",
        "weekly",
        "biweekly",
        "semi_monthly",
        "monthly",
        "quarterly",
        "semi_annually",
        "annually",
        "fixed_interval",
        "maturity",
        "variable",
    ];

    /// The frequency with this name; `fixed_interval`, and no other, has a number of days.
    ///
    /// # Errors
    /// [`PaymentFrequencyError`].
    pub fn new(name: &str, interval: Option<IntervalDays>) -> Result<Self, PaymentFrequencyError> {
        let frequency = match (name, interval) {
            ("fixed_interval", Some(interval)) => return Ok(Self::FixedInterval { interval }),
            ("fixed_interval", None) => return Err(PaymentFrequencyError::IntervalMissing),
            ("business_daily", _) => Self::BusinessDaily,
            ("weekly", _) => Self::Weekly,
            ("biweekly", _) => Self::Biweekly,
            ("semi_monthly", _) => Self::SemiMonthly,
            ("monthly", _) => Self::Monthly,
            ("quarterly", _) => Self::Quarterly,
            ("semi_annually", _) => Self::SemiAnnually,
            ("annually", _) => Self::Annually,
            ("maturity", _) => Self::Maturity,
            ("variable", _) => Self::Variable,
            _ => return Err(PaymentFrequencyError::UnknownName),
        };
        match interval {
            None => Ok(frequency),
            Some(_) => Err(PaymentFrequencyError::IntervalNotAllowed),
        }
    }

    /// The name of the frequency.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::BusinessDaily => "business_daily",
            Self::Weekly => "weekly",
            Self::Biweekly => "biweekly",
            Self::SemiMonthly => "semi_monthly",
            Self::Monthly => "monthly",
            Self::Quarterly => "quarterly",
            Self::SemiAnnually => "semi_annually",
            Self::Annually => "annually",
            Self::FixedInterval { .. } => "fixed_interval",
            Self::Maturity => "maturity",
            Self::Variable => "variable",
        }
    }

    /// The number of days of a fixed interval.
    #[must_use]
    pub const fn interval(self) -> Option<IntervalDays> {
        match self {
            Self::FixedInterval { interval } => Some(interval),
            Self::BusinessDaily
            | Self::Weekly
            | Self::Biweekly
            | Self::SemiMonthly
            | Self::Monthly
            | Self::Quarterly
            | Self::SemiAnnually
            | Self::Annually
            | Self::Maturity
            | Self::Variable => None,
        }
    }
}

/// 1 to 730 days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IntervalDays(u16);

impl IntervalDays {
    /// The interval, if it has 1 to [`INTERVAL_DAYS_MAX`] days.
    #[must_use]
    pub fn new(days: u16) -> Option<Self> {
        (1..=INTERVAL_DAYS_MAX).contains(&days).then_some(Self(days))
    }

    /// 1 to 730.
    #[must_use]
    pub const fn days(self) -> u16 {
        self.0
    }
}

/// Whether a credit bears interest, and how much. What is said to bear interest has a rate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interest {
    is_based: Option<bool>,
    rate: Option<InterestRate>,
}

impl Interest {
    /// What the client says; `None` if it says that there is interest and not how much.
    #[must_use]
    pub fn new(is_interest_based: Option<bool>, rate: Option<InterestRate>) -> Option<Self> {
        let consistent = is_interest_based != Some(true) || rate.is_some();
        consistent.then_some(Self { is_based: is_interest_based, rate })
    }

    /// Whether there is interest; `None` where the client left it open.
    #[must_use]
    pub const fn is_interest_based(&self) -> Option<bool> {
        self.is_based
    }

    /// How much.
    #[must_use]
    pub const fn rate(&self) -> Option<&InterestRate> {
        self.rate.as_ref()
    }
}

/// A percentage with exactly `DECIMALS` digits behind the point, not negative, kept as written:
/// `10.250` stays `10.250`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rate<const DECIMALS: usize>(String);

/// A percentage with three decimals.
pub type AnnualPercentageRate = Rate<3>;
/// A percentage with six decimals.
pub type InterestRate = Rate<6>;

impl<const DECIMALS: usize> Rate<DECIMALS> {
    /// One to [`RATE_INTEGER_DIGITS_MAX`] digits, a point, and exactly `DECIMALS` digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (integer, fraction) = text.split_once('.')?;
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let fits = (1..=RATE_INTEGER_DIGITS_MAX).contains(&integer.len());
        (fits && fraction.len() == DECIMALS && digits(integer) && digits(fraction))
            .then(|| Self(text.to_owned()))
    }

    /// As the client wrote it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<const DECIMALS: usize> fmt::Display for Rate<DECIMALS> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

named! {
    /// In what rewards are counted.
    pub enum RewardsUnit {
        /// US dollars, in cents.
        Usd => "usd",
        /// Points.
        Points => "points",
    }
}

named! {
    /// How payments are collected without the customer doing anything.
    pub enum AutopayMethod {
        /// From a bank account.
        Ach => "ach",
        /// From a debit card.
        DebitCard => "debit_card",
        /// By wire.
        Wire => "wire",
        /// From a virtual wallet.
        VirtualWallet => "virtual_wallet",
        /// From a credit card.
        CreditCard => "credit_card",
        /// Not at all.
        None => "none",
    }
}

named! {
    /// In what a term is counted.
    pub enum TermUnit {
        /// Days.
        Days => "days",
        /// Weeks.
        Weeks => "weeks",
        /// Months.
        Months => "months",
        /// Years.
        Years => "years",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_has_exactly_its_decimals_and_keeps_its_spelling() {
        for text in ["10.250", "0.000", "00.100", "1234567890123456.000"] {
            let rate = AnnualPercentageRate::parse(text);
            assert_eq!(rate.as_ref().map(Rate::as_str), Some(text));
        }
        for text in [
            "",
            ".",
            "10",
            "10.25",
            "10.2500",
            ".250",
            "10.",
            "-1.000",
            "+1.000",
            "1,000",
            "1e1.000",
            " 1.000",
            "1.000 ",
            "1.0.0",
            "１.000",
            "12345678901234567.000",
        ] {
            assert_eq!(AnnualPercentageRate::parse(text), None, "{text:?}");
        }
        assert!(InterestRate::parse("9.500000").is_some());
        assert!(InterestRate::parse("9.500").is_none());
    }

    #[test]
    fn a_fixed_interval_and_nothing_else_has_a_number_of_days() {
        let days = IntervalDays::new(45);
        for name in PaymentFrequency::NAMES {
            let fixed = *name == "fixed_interval";
            let with = PaymentFrequency::new(name, days);
            let without = PaymentFrequency::new(name, None);
            assert_eq!(with.is_ok(), fixed, "{name}");
            assert_eq!(without.is_ok(), !fixed, "{name}");
            let frequency = with.or(without).unwrap();
            assert_eq!((frequency.name(), frequency.interval().is_some()), (*name, fixed));
        }
        assert_eq!(PaymentFrequency::new("daily", None), Err(PaymentFrequencyError::UnknownName));
        assert_eq!(PaymentFrequency::new("Weekly", days), Err(PaymentFrequencyError::UnknownName));
    }

    #[test]
    fn an_interval_has_1_to_730_days() {
        for (days, fits) in [(0, false), (1, true), (730, true), (731, false)] {
            assert_eq!(IntervalDays::new(days).is_some(), fits, "{days}");
        }
    }

    #[test]
    fn credit_that_bears_interest_has_a_rate() {
        let rate = || InterestRate::parse("9.990000");
        for (is_based, rate, consistent) in [
            (Some(true), rate(), true),
            (Some(true), None, false),
            (Some(false), rate(), true),
            (Some(false), None, true),
            (None, rate(), true),
            (None, None, true),
        ] {
            assert_eq!(Interest::new(is_based, rate).is_some(), consistent, "{is_based:?}");
        }
    }

    #[test]
    fn a_name_leads_to_its_value_and_back() {
        for name in AutopayMethod::NAMES {
            assert_eq!(AutopayMethod::from_name(name).map(AutopayMethod::name), Some(*name));
        }
        assert_eq!(AutopayMethod::from_name("ACH"), None);
    }
}
