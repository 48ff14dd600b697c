//! The credit that was approved for an account, and what was not.

use crate::money::calendar_date::CalendarDate;
use crate::money::named::named;
use crate::money::text::Text;
use crate::money::timestamp::Timestamp;

/// The longest underwriting grade, in characters. The wire names no limit.
pub const UNDERWRITING_GRADE_CHARACTERS_MAX: usize = 64;
/// The longest reason in an adverse action notice, in characters. The wire names no limit.
pub const ADVERSE_ACTION_REASON_CHARACTERS_MAX: usize = 2_000;

/// How much credit was approved, and why. Amounts are in minor units of the currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApprovedCredit {
    /// Whether there is collateral.
    pub is_secured: bool,
    /// Whether the Military Lending Act applies.
    pub is_mla: bool,
    /// The client's grade.
    pub underwriting_grade: Text<UNDERWRITING_GRADE_CHARACTERS_MAX>,
    /// In what it is counted.
    pub currency: CurrencyCode,
    /// How much may still be drawn.
    pub available_credit: i64,
    /// How much may be drawn in all.
    pub limit: i64,
    /// How far the limit may be raised.
    pub max_limit: i64,
    /// While the Servicemembers Civil Relief Act applies.
    pub scra: Option<Protection>,
    /// The report of a credit bureau.
    pub report: Option<CreditReport>,
}

/// Three capital letters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CurrencyCode(String);

impl CurrencyCode {
    /// The code, if the text is three capital letters.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let code = text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase());
        code.then(|| Self(text.to_owned()))
    }

    /// The letters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The time in which a customer is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Protection {
    /// The first day.
    pub start_date: CalendarDate,
    /// The last day; absent while it is not known.
    pub end_date: Option<CalendarDate>,
}

/// The report of a credit bureau about a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CreditReport {
    /// The score.
    pub score: CreditScore,
    /// When the report was requested.
    pub pulled_at: Timestamp,
    /// The bureau.
    pub source: CreditBureau,
}

/// 300 to 850.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CreditScore(u16);

impl CreditScore {
    /// The score, if it is 300 to 850.
    #[must_use]
    pub fn new(score: u16) -> Option<Self> {
        (300..=850).contains(&score).then_some(Self(score))
    }

    /// 300 to 850.
    #[must_use]
    pub const fn get(self) -> u16 {
        self.0
    }
}

named! {
    /// Who reports about customers.
    pub enum CreditBureau {
        /// Equifax.
        Equifax => "equifax",
        /// Experian.
        Experian => "experian",
        /// `TransUnion`.
        Transunion => "transunion",
    }
}

/// What a customer was told about what was not approved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdverseActionNotice {
    /// When.
    pub delivered_at: Timestamp,
    /// Why it was not approved.
    pub reason: Text<ADVERSE_ACTION_REASON_CHARACTERS_MAX>,
    /// How.
    pub delivery_method: DeliveryMethod,
}

named! {
    /// How a notice reached a customer.
    pub enum DeliveryMethod {
        /// By electronic mail.
        Email => "email",
        /// By text message.
        Text => "text",
        /// In another way.
        Other => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_score_is_300_to_850_and_a_currency_three_capitals() {
        for (score, fits) in [(299, false), (300, true), (850, true), (851, false)] {
            assert_eq!(CreditScore::new(score).is_some(), fits, "{score}");
        }
        for (text, fits) in
            [("USD", true), ("usd", false), ("US", false), ("USDT", false), ("ÜS", false)]
        {
            assert_eq!(CurrencyCode::parse(text).is_some(), fits, "{text}");
        }
    }
}
