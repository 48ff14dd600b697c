//! Exact decimal amounts of money.
//!
//! An [`Amount`] is never rounded: an operation answers the exact value or an [`AmountError`].
//! Nearly all amounts fit in 96 bits and 28 fractional digits and live in a
//! [`rust_decimal::Decimal`]; the others live in a [`bigdecimal::BigDecimal`]. Two rules make the
//! pair look like one type:
//!
//! - **One form per value.** Trailing zeros are dropped, zero has no sign, and the big form is used
//!   only for a value that the small one cannot hold. So equality, order and hash are by value, and
//!   a result that becomes small again returns to the small form.
//! - **No arithmetic of `rust_decimal`.** Its operators round a result that needs more than 28
//!   digits, and say nothing. The small form computes with checked `i128` integers of the smallest
//!   decimal place instead, and whatever does not fit is computed in the big form.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;
use std::sync::Arc;

use bigdecimal::BigDecimal;
use bigdecimal::num_bigint::{BigInt, Sign};
use rust_decimal::Decimal;
use thiserror::Error;

/// The most significant digits before the decimal point.
///
/// Clients are known to send 30 digits. 64 leaves room for any total of such amounts, and still
/// bounds the work of an addition and the size of a stored item.
pub const INTEGER_DIGITS_MAX: u32 = 64;

/// The most significant digits after the decimal point.
///
/// Clients are known to send 30 digits, and a percentage of a percentage adds four. The limit is
/// the same as for the integer digits.
pub const FRACTION_DIGITS_MAX: u32 = 64;

/// An exact decimal number, positive, negative or zero.
///
/// It has at most [`INTEGER_DIGITS_MAX`] digits before the point and [`FRACTION_DIGITS_MAX`] after
/// it. It carries no asset and no unit; `1.0` and `1.00` are the same amount. A clone never
/// allocates.
#[derive(Clone)]
pub struct Amount(Form);

/// The two representations; [`Amount::small`] and [`Amount::canonical`] choose between them.
#[derive(Clone)]
enum Form {
    /// Normalized: no trailing zero in the fraction, no negative zero.
    Small(Decimal),
    /// Normalized, and not exactly representable as `Small`; so never zero.
    Big(Arc<BigDecimal>),
}

/// Why a text or a result is not an [`Amount`].
///
/// The variants stand in order of precedence.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum AmountError {
    /// The text is not a plain decimal number.
    #[error("an amount is written as a plain decimal number, such as -12.50")]
    NotADecimal,
    /// The exact value has more digits than an amount may have.
    #[error(
        "an amount has at most {} digits before the decimal point and {} after it",
        INTEGER_DIGITS_MAX,
        FRACTION_DIGITS_MAX
    )]
    OutOfRange,
}

impl Amount {
    /// Zero.
    pub const ZERO: Amount = Amount(Form::Small(Decimal::ZERO));

    /// Reads a plain decimal number: digits, optionally a point and digits, and optionally a minus
    /// in front, which the OpenAPI document describes as `^-?[0-9]{1,64}(\.[0-9]{1,64})?$`.
    ///
    /// Leading and trailing zeros are accepted and count as digits. A plus, an exponent, a space, a
    /// separator of thousands and a point without digits on both sides are refused.
    ///
    /// # Errors
    ///
    /// - [`AmountError::NotADecimal`] if it is anything but a plain decimal number.
    /// - [`AmountError::OutOfRange`] if it has more digits than an amount may have.
    pub fn parse(text: &str) -> Result<Amount, AmountError> {
        let unsigned = text.strip_prefix('-').unwrap_or(text);
        let (integer, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
        if [integer, fraction].into_iter().any(|digits| !is_digits(digits)) {
            return Err(AmountError::NotADecimal);
        }
        let fits = |digits: &str, max| u32::try_from(digits.len()).is_ok_and(|count| count <= max);
        if !fits(integer, INTEGER_DIGITS_MAX) || !fits(fraction, FRACTION_DIGITS_MAX) {
            return Err(AmountError::OutOfRange);
        }
        // Refuses what it would have to round, and also padding past its 28 digits; the big form
        // reads both.
        if let Ok(decimal) = Decimal::from_str_exact(text) {
            return Ok(Amount(Form::Small(decimal.normalize())));
        }
        let big = BigDecimal::from_str(text).map_err(|_| AmountError::NotADecimal)?;
        Amount::canonical(&big).within_limits()
    }

    /// This amount counted in units of `10^-exponent`: 12.34 with exponent 2 is 1234.
    ///
    /// `None` if that is not a whole number of units, or does not fit in an `i128`.
    pub fn minor_units(&self, exponent: u32) -> Option<i128> {
        if self.is_zero() {
            return Some(0);
        }
        let (digits, scale) = match &self.0 {
            Form::Small(decimal) => (decimal.mantissa(), i64::from(decimal.scale())),
            Form::Big(big) => {
                let (digits, scale) = big.as_bigint_and_scale();
                (i128::try_from(digits.as_ref()).ok()?, scale)
            }
        };
        // Without trailing zeros, a scale beyond the exponent means a fraction of a unit.
        let zeros = u32::try_from(i64::from(exponent).checked_sub(scale)?).ok()?;
        with_zeros(digits, zeros)
    }

    /// The sum of two amounts.
    ///
    /// # Errors
    ///
    /// [`AmountError::OutOfRange`] if the exact sum has more digits than an amount may have.
    pub fn checked_add(&self, other: &Amount) -> Result<Amount, AmountError> {
        self.plus(other).within_limits()
    }

    /// This amount less another.
    ///
    /// # Errors
    ///
    /// [`AmountError::OutOfRange`] if the exact difference has more digits than an amount may have.
    pub fn checked_sub(&self, other: &Amount) -> Result<Amount, AmountError> {
        self.plus(&other.negated()).within_limits()
    }

    /// The sum of all the amounts; zero if there are none.
    ///
    /// Only the total is held to the limits, so the order of the amounts does not matter.
    ///
    /// # Errors
    ///
    /// [`AmountError::OutOfRange`] if the exact total has more digits than an amount may have.
    pub fn sum<'a>(amounts: impl IntoIterator<Item = &'a Amount>) -> Result<Amount, AmountError> {
        amounts.into_iter().fold(Amount::ZERO, |total, amount| total.plus(amount)).within_limits()
    }

    /// `percentage` hundredths of this amount.
    ///
    /// A percentage of a percentage is this, applied twice.
    ///
    /// # Errors
    ///
    /// [`AmountError::OutOfRange`] if the exact product has more digits than an amount may have.
    pub fn checked_percent(&self, percentage: u64) -> Result<Amount, AmountError> {
        if let Form::Small(decimal) = &self.0
            && let Some(product) = small_percent(decimal, percentage)
        {
            return Ok(product);
        }
        let big = self.as_big();
        let (digits, scale) = big.as_bigint_and_scale();
        let product = digits.checked_mul(&BigInt::from(percentage));
        match (product, scale.checked_add(2)) {
            (Some(product), Some(scale)) => {
                Amount::canonical(&BigDecimal::new(product, scale)).within_limits()
            }
            (None, _) | (_, None) => Err(AmountError::OutOfRange),
        }
    }

    /// The same amount with the opposite sign. Zero stays zero.
    #[must_use]
    pub fn negated(&self) -> Amount {
        match &self.0 {
            Form::Small(decimal) => {
                let mut opposite = *decimal;
                opposite.set_sign_negative(self.is_positive());
                Amount(Form::Small(opposite))
            }
            Form::Big(big) => {
                #[expect(
                    clippy::arithmetic_side_effects,
                    reason = "the sign of a big decimal changes without overflow"
                )]
                let opposite = -big.as_ref();
                Amount(Form::Big(Arc::new(opposite)))
            }
        }
    }

    /// The same amount without its sign.
    #[must_use]
    pub fn absolute(&self) -> Amount {
        if self.is_negative() { self.negated() } else { self.clone() }
    }

    /// Whether this is exactly zero.
    pub fn is_zero(&self) -> bool {
        match &self.0 {
            Form::Small(decimal) => decimal.is_zero(),
            Form::Big(_) => false,
        }
    }

    /// Whether this is less than zero.
    pub fn is_negative(&self) -> bool {
        match &self.0 {
            Form::Small(decimal) => decimal.is_sign_negative() && !decimal.is_zero(),
            Form::Big(big) => big.sign() == Sign::Minus,
        }
    }

    /// Whether this is greater than zero.
    pub fn is_positive(&self) -> bool {
        !self.is_zero() && !self.is_negative()
    }

    /// The exact sum, not yet held to the limits.
    fn plus(&self, other: &Amount) -> Amount {
        if let (Form::Small(left), Form::Small(right)) = (&self.0, &other.0)
            && let Some(sum) = small_sum(left, right)
        {
            return sum;
        }
        #[expect(
            clippy::arithmetic_side_effects,
            reason = "a sum of big decimals grows; it neither wraps nor rounds"
        )]
        let sum = self.as_big().as_ref() + other.as_big().as_ref();
        Amount::canonical(&sum)
    }

    /// `digits * 10^-scale` in the small form, or `None` if that cannot hold it exactly as given.
    ///
    /// `None` does not mean that the value is big: dropping trailing zeros may make it fit. The big
    /// form does that in [`Amount::canonical`].
    fn small(digits: i128, scale: u32) -> Option<Amount> {
        let decimal = Decimal::try_from_i128_with_scale(digits, scale).ok()?;
        Some(Amount(Form::Small(decimal.normalize())))
    }

    /// The one form of a value, not yet held to the limits.
    fn canonical(value: &BigDecimal) -> Amount {
        let normalized = value.normalized();
        let small = {
            let (digits, scale) = normalized.as_bigint_and_scale();
            i128::try_from(digits.as_ref()).ok().and_then(|digits| match u32::try_from(scale) {
                Ok(scale) => Amount::small(digits, scale),
                // A negative scale stands for zeros that the small form spells out.
                Err(_) => {
                    let zeros = u32::try_from(scale.checked_neg()?).ok()?;
                    Amount::small(with_zeros(digits, zeros)?, 0)
                }
            })
        };
        small.unwrap_or_else(|| Amount(Form::Big(Arc::new(normalized))))
    }

    fn within_limits(self) -> Result<Amount, AmountError> {
        if let Form::Big(big) = &self.0 {
            let fraction_digits = big.fractional_digit_count();
            let integer_digits =
                i64::try_from(big.digits()).unwrap_or(i64::MAX).saturating_sub(fraction_digits);
            if integer_digits > i64::from(INTEGER_DIGITS_MAX)
                || fraction_digits > i64::from(FRACTION_DIGITS_MAX)
            {
                return Err(AmountError::OutOfRange);
            }
        }
        Ok(self)
    }

    fn as_big(&self) -> Cow<'_, BigDecimal> {
        match &self.0 {
            Form::Small(decimal) => Cow::Owned(BigDecimal::new(
                BigInt::from(decimal.mantissa()),
                i64::from(decimal.scale()),
            )),
            Form::Big(big) => Cow::Borrowed(big.as_ref()),
        }
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// `None` if the sum needs the big form, be it only on the way.
fn small_sum(left: &Decimal, right: &Decimal) -> Option<Amount> {
    let scale = left.scale().max(right.scale());
    let left = with_zeros(left.mantissa(), scale.checked_sub(left.scale())?)?;
    let right = with_zeros(right.mantissa(), scale.checked_sub(right.scale())?)?;
    Amount::small(left.checked_add(right)?, scale)
}

/// `None` if the product needs the big form, be it only on the way.
fn small_percent(decimal: &Decimal, percentage: u64) -> Option<Amount> {
    let product = decimal.mantissa().checked_mul(i128::from(percentage))?;
    Amount::small(product, decimal.scale().checked_add(2)?)
}

/// `digits * 10^zeros`, if an `i128` holds it.
fn with_zeros(digits: i128, zeros: u32) -> Option<i128> {
    digits.checked_mul(10_i128.checked_pow(zeros)?)
}

impl Ord for Amount {
    fn cmp(&self, other: &Amount) -> Ordering {
        match (&self.0, &other.0) {
            (Form::Small(left), Form::Small(right)) => left.cmp(right),
            (Form::Small(_) | Form::Big(_), Form::Big(_)) | (Form::Big(_), Form::Small(_)) => {
                self.as_big().cmp(&other.as_big())
            }
        }
    }
}

impl PartialOrd for Amount {
    fn partial_cmp(&self, other: &Amount) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Amount {
    fn eq(&self, other: &Amount) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Amount {}

impl Hash for Amount {
    /// Equal amounts have the same form, so it does not matter that the forms hash differently.
    fn hash<H: Hasher>(&self, state: &mut H) {
        match &self.0 {
            Form::Small(decimal) => decimal.hash(state),
            Form::Big(big) => big.hash(state),
        }
    }
}

/// Plain notation without trailing zeros, exponent or negative zero: `0`, `100`, `-12.5`.
///
/// [`Amount::parse`] reads it back to the same amount. Width and precision of the format string are
/// ignored: a precision would drop digits.
impl fmt::Display for Amount {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Form::Small(decimal) => write!(formatter, "{decimal}"),
            Form::Big(big) => big.write_plain_string(formatter),
        }
    }
}

impl fmt::Debug for Amount {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Amount({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2^96 - 1, the largest integer of the small form, and its successor.
    const SMALL_MAX: &str = "79228162514264337593543950335";
    const SMALL_MAX_NEXT: &str = "79228162514264337593543950336";

    const NINES_64: &str = "9999999999999999999999999999999999999999999999999999999999999999";
    /// 10^-64.
    const SMALLEST: &str = "0.0000000000000000000000000000000000000000000000000000000000000001";

    fn amount(text: &str) -> Amount {
        Amount::parse(text).unwrap()
    }

    /// Compares by text, by value and by form: the big one only where the small one does not do.
    #[track_caller]
    fn check(result: Result<Amount, AmountError>, expected: Result<&str, AmountError>) {
        let printed = result.clone().map(|value| value.to_string());
        assert_eq!(printed.as_deref(), expected.as_ref().copied());
        let (Ok(value), Ok(text)) = (result, expected) else {
            return;
        };
        assert_eq!(value, amount(text));
        let scale = text.split_once('.').map_or(0, |(_, digits)| digits.len());
        let digits = text.replace(['-', '.'], "").parse::<u128>();
        let is_small = scale <= 28 && digits.is_ok_and(|digits| digits < 1 << 96);
        assert_eq!(matches!(value.0, Form::Small(_)), is_small, "form of {text}");
    }

    #[test]
    fn a_plain_decimal_is_read_and_printed_without_padding() {
        check(Amount::parse("0"), Ok("0"));
        check(Amount::parse("-0"), Ok("0"));
        check(Amount::parse("0.000"), Ok("0"));
        check(Amount::parse("100"), Ok("100"));
        check(Amount::parse("100.00"), Ok("100"));
        check(Amount::parse("-12.50"), Ok("-12.5"));
        check(Amount::parse("12.05"), Ok("12.05"));
        check(Amount::parse("000.10"), Ok("0.1"));
        check(Amount::parse("-0001"), Ok("-1"));
        check(Amount::parse("0.1"), Ok("0.1"));
        check(Amount::parse(SMALL_MAX), Ok(SMALL_MAX));
        check(Amount::parse(SMALL_MAX_NEXT), Ok(SMALL_MAX_NEXT));
        check(
            Amount::parse("-79228162514264337593543950336"),
            Ok("-79228162514264337593543950336"),
        );
        check(
            Amount::parse("7.9228162514264337593543950335"),
            Ok("7.9228162514264337593543950335"),
        );
        check(
            Amount::parse("7.9228162514264337593543950336"),
            Ok("7.9228162514264337593543950336"),
        );
        check(
            Amount::parse("0.0000000000000000000000000001"),
            Ok("0.0000000000000000000000000001"),
        );
        check(
            Amount::parse("0.00000000000000000000000000001"),
            Ok("0.00000000000000000000000000001"),
        );
        check(
            Amount::parse("123456789012345678901234567890.098765432109876543210987654321"),
            Ok("123456789012345678901234567890.098765432109876543210987654321"),
        );
        check(
            Amount::parse("1000000000000000000000000000000"),
            Ok("1000000000000000000000000000000"),
        );
        // Padding past the 28 digits of the small form.
        check(Amount::parse("1.5000000000000000000000000000000000000000"), Ok("1.5"));
        check(Amount::parse("-0.000000000000000000000000000000000000000"), Ok("0"));
        check(Amount::parse("0000000000000000000000000000000000000000.5"), Ok("0.5"));
    }

    #[test]
    fn anything_but_a_plain_decimal_is_refused() {
        for text in [
            "",
            " ",
            "-",
            "+",
            ".",
            "-.",
            "5.",
            ".5",
            "-.5",
            "+-5",
            "+5",
            "--5",
            "5-",
            "1e3",
            "1E3",
            "1e",
            "1_000",
            "1,000",
            "1,5",
            " 1",
            "1 ",
            "1.2.3",
            "1..2",
            "1.-2",
            "1.+2",
            "0x10",
            "NaN",
            "inf",
            "-Infinity",
            "١٢",
            "½",
            "１",
            "1\n",
            "1\0",
            "abc",
            "$5",
        ] {
            assert_eq!(Amount::parse(text), Err(AmountError::NotADecimal), "{text:?}");
        }
    }

    #[test]
    fn zeros_count_as_digits() {
        check(Amount::parse(&"0".repeat(64)), Ok("0"));
        check(Amount::parse(&"0".repeat(65)), Err(AmountError::OutOfRange));
        check(Amount::parse(&format!("1.5{}", "0".repeat(63))), Ok("1.5"));
        check(Amount::parse(&format!("1.5{}", "0".repeat(64))), Err(AmountError::OutOfRange));
        check(Amount::parse(&"x".repeat(100_000)), Err(AmountError::NotADecimal));
        check(Amount::parse(&"9".repeat(100_000)), Err(AmountError::OutOfRange));
    }

    #[test]
    fn sixty_four_significant_digits_fit_on_either_side_of_the_point() {
        check(Amount::parse(NINES_64), Ok(NINES_64));
        check(Amount::parse(&format!("-{NINES_64}")), Ok(&format!("-{NINES_64}")));
        check(Amount::parse(&format!("{NINES_64}.000")), Ok(NINES_64));
        check(Amount::parse(SMALLEST), Ok(SMALLEST));
        let widest = format!("-{NINES_64}.{NINES_64}");
        assert_eq!(widest.len(), 130);
        check(Amount::parse(&widest), Ok(&widest));
        let power_63 = format!("1{}", "0".repeat(63));
        check(Amount::parse(&power_63), Ok(&power_63));

        check(Amount::parse(&format!("1{}", "0".repeat(64))), Err(AmountError::OutOfRange));
        check(Amount::parse(&format!("1{NINES_64}")), Err(AmountError::OutOfRange));
        check(Amount::parse(&format!("0.{}1", "0".repeat(64))), Err(AmountError::OutOfRange));
        check(Amount::parse(&format!("{NINES_64}.{NINES_64}9")), Err(AmountError::OutOfRange));
    }

    #[test]
    fn a_sum_is_exact() {
        let sum = |left: &str, right: &str| amount(left).checked_add(&amount(right));
        check(sum("0", "0"), Ok("0"));
        check(sum("1.5", "0"), Ok("1.5"));
        check(sum("0.1", "0.2"), Ok("0.3"));
        check(sum("1.25", "-1.25"), Ok("0"));
        check(sum("-3", "1"), Ok("-2"));
        check(sum("99.95", "0.05"), Ok("100"));
        check(
            sum(
                "123456789012345678901234567890.000000000000000000000000000001",
                "876543210987654321098765432109.999999999999999999999999999999",
            ),
            Ok("1000000000000000000000000000000"),
        );
        check(
            sum(
                "111111111111111111111111111111.111111111111111111111111111111",
                "222222222222222222222222222222.222222222222222222222222222222",
            ),
            Ok("333333333333333333333333333333.333333333333333333333333333333"),
        );
        // Both fit in the small form, their sum does not: `rust_decimal` would round these.
        check(
            sum("0.0000000000000000000000000001", "7922816251426433759354395033.5"),
            Ok("7922816251426433759354395033.5000000000000000000000000001"),
        );
        check(sum(SMALL_MAX, "0.1"), Ok("79228162514264337593543950335.1"));
        check(sum(SMALL_MAX, "1"), Ok(SMALL_MAX_NEXT));
        check(sum(SMALL_MAX, SMALL_MAX), Ok("158456325028528675187087900670"));
        check(
            sum("7.9228162514264337593543950335", "0.0000000000000000000000000001"),
            Ok("7.9228162514264337593543950336"),
        );
        // Too wide for the small form until the trailing zeros are dropped.
        check(sum("5.5000000000000000000000000001", "4.4999999999999999999999999999"), Ok("10"));
    }

    #[test]
    fn a_difference_is_exact_and_returns_to_the_small_form() {
        let difference = |left: &str, right: &str| amount(left).checked_sub(&amount(right));
        check(difference("0", "0"), Ok("0"));
        check(difference("0", "5"), Ok("-5"));
        check(difference("1", "0.9"), Ok("0.1"));
        check(difference("-1", "-1"), Ok("0"));
        check(difference(SMALL_MAX_NEXT, "1"), Ok(SMALL_MAX));
        check(
            difference("-79228162514264337593543950335", "1"),
            Ok("-79228162514264337593543950336"),
        );
        check(difference(SMALL_MAX_NEXT, SMALL_MAX_NEXT), Ok("0"));
        check(
            difference(
                "7922816251426433759354395033.5000000000000000000000000001",
                "7922816251426433759354395033.5",
            ),
            Ok("0.0000000000000000000000000001"),
        );
        check(
            difference(
                "123456789012345678901234567890.000000000000000000000000000001",
                "123456789012345678901234567889.500000000000000000000000000001",
            ),
            Ok("0.5"),
        );
        check(
            difference("1000000000000000000000000000000", "0.1"),
            Ok("999999999999999999999999999999.9"),
        );
    }

    #[test]
    fn a_result_past_the_limits_is_refused() {
        check(amount(NINES_64).checked_add(&amount("1")), Err(AmountError::OutOfRange));
        check(
            amount(&format!("-{NINES_64}")).checked_sub(&amount("1")),
            Err(AmountError::OutOfRange),
        );
        check(
            amount(&format!("{NINES_64}.{NINES_64}")).checked_add(&amount(SMALLEST)),
            Err(AmountError::OutOfRange),
        );
        check(
            amount(NINES_64).checked_add(&amount("0.9")),
            Ok("9999999999999999999999999999999999999999999999999999999999999999.9"),
        );
        check(amount(SMALLEST).checked_percent(1), Err(AmountError::OutOfRange));
        check(amount(NINES_64).checked_percent(101), Err(AmountError::OutOfRange));
    }

    #[test]
    fn a_total_does_not_depend_on_the_order() {
        let amounts = |texts: &[&str]| texts.iter().map(|text| amount(text)).collect::<Vec<_>>();
        check(Amount::sum(&[]), Ok("0"));
        check(Amount::sum(&amounts(&["0.1", "0.2", "-0.3"])), Ok("0"));
        check(Amount::sum(&amounts(&[NINES_64, "1", "-1"])), Ok(NINES_64));
        check(Amount::sum(&amounts(&["1", "-1", NINES_64])), Ok(NINES_64));
        check(Amount::sum(&amounts(&[NINES_64, "1"])), Err(AmountError::OutOfRange));
        check(
            Amount::sum(&amounts(&[SMALL_MAX, "1", "-1", "0.5"])),
            Ok("79228162514264337593543950335.5"),
        );
    }

    #[test]
    fn a_percentage_is_exact() {
        check(amount("0").checked_percent(50), Ok("0"));
        check(amount("10").checked_percent(0), Ok("0"));
        check(amount("100").checked_percent(100), Ok("100"));
        check(amount("-100").checked_percent(33), Ok("-33"));
        check(amount("0.01").checked_percent(1), Ok("0.0001"));
        check(amount("12.34").checked_percent(250), Ok("30.85"));
        check(amount("1").checked_percent(u64::MAX), Ok("184467440737095516.15"));
        check(amount("10").checked_percent(33).unwrap().checked_percent(15), Ok("0.495"));
        check(amount(SMALL_MAX).checked_percent(100), Ok(SMALL_MAX));
        check(amount(SMALL_MAX).checked_percent(1), Ok("792281625142643375935439503.35"));
        check(amount(SMALL_MAX).checked_percent(101), Ok("80020444139406980969479389838.35"));
        check(
            amount("0.0000000000000000000000000001").checked_percent(1),
            Ok("0.000000000000000000000000000001"),
        );
        check(
            amount("0.0000000000000000000000000001").checked_percent(300),
            Ok("0.0000000000000000000000000003"),
        );
        check(amount(SMALLEST).checked_percent(100), Ok(SMALLEST));
        check(
            amount("0.000000000000000000000000000002").checked_percent(5_000),
            Ok("0.0000000000000000000000000001"),
        );
        check(amount(NINES_64).checked_percent(100), Ok(NINES_64));
    }

    #[test]
    fn minor_units_count_whole_units_only() {
        let units = |text: &str, exponent| amount(text).minor_units(exponent);
        assert_eq!(units("12.34", 2), Some(1234));
        assert_eq!(units("-12.3", 2), Some(-1230));
        assert_eq!(units("12", 2), Some(1200));
        assert_eq!(units("12", 0), Some(12));
        assert_eq!(units("12.345", 2), None);
        assert_eq!(units("0.1", 0), None);
        assert_eq!(units("0", u32::MAX), Some(0));
        assert_eq!(units("1", 38), Some(100_000_000_000_000_000_000_000_000_000_000_000_000));
        assert_eq!(units("2", 38), None);
        assert_eq!(units("1", u32::MAX), None);
        assert_eq!(
            units("1000000000000000000000000000000", 2),
            Some(100_000_000_000_000_000_000_000_000_000_000)
        );
        assert_eq!(
            units("1701411834604692317316873037158841057.27", 2),
            Some(170_141_183_460_469_231_731_687_303_715_884_105_727)
        );
        assert_eq!(units("1701411834604692317316873037158841057.28", 2), None);
        assert_eq!(
            units("-1701411834604692317316873037158841057.28", 2),
            Some(-170_141_183_460_469_231_731_687_303_715_884_105_728)
        );
        assert_eq!(units("0.00000000000000000000000000001", 28), None);
        assert_eq!(units("0.00000000000000000000000000001", 29), Some(1));
        assert_eq!(units(NINES_64, 0), None);
    }

    #[test]
    fn a_sign_is_one_of_three() {
        #[track_caller]
        fn check_sign(text: &str, negated: &str, sign: Ordering) {
            let value = amount(text);
            check(Ok(value.negated()), Ok(negated));
            check(Ok(value.negated().negated()), Ok(text));
            assert_eq!(value.cmp(&Amount::ZERO), sign);
            assert_eq!(value.is_negative(), sign == Ordering::Less);
            assert_eq!(value.is_zero(), sign == Ordering::Equal);
            assert_eq!(value.is_positive(), sign == Ordering::Greater);
        }
        check_sign("0", "0", Ordering::Equal);
        check_sign("0.01", "-0.01", Ordering::Greater);
        check_sign("-5", "5", Ordering::Less);
        check_sign(SMALL_MAX_NEXT, "-79228162514264337593543950336", Ordering::Greater);
        check_sign(
            "-0.00000000000000000000000000001",
            "0.00000000000000000000000000001",
            Ordering::Less,
        );
    }

    #[test]
    fn amounts_stand_in_numeric_order() {
        let ascending = [
            "-79228162514264337593543950336",
            "-79228162514264337593543950335",
            "-10",
            "-9.5",
            "-0.00000000000000000000000000001",
            "0",
            "0.00000000000000000000000000001",
            "0.0000000000000000000000000001",
            "0.5",
            "9",
            "10",
            "7922816251426433759354395033.5",
            "7922816251426433759354395033.5000000000000000000000000001",
            SMALL_MAX,
            "79228162514264337593543950335.00000000000000000000000000001",
            SMALL_MAX_NEXT,
            NINES_64,
        ]
        .map(amount);
        for (row, left) in ascending.iter().enumerate() {
            for (column, right) in ascending.iter().enumerate() {
                assert_eq!(left.cmp(right), row.cmp(&column), "{left} and {right}");
                assert_eq!(left == right, row == column, "{left} and {right}");
            }
        }
        assert_eq!(amount("2").min(amount("-3")), amount("-3"));
    }

    #[test]
    fn printing_ignores_a_precision_that_would_drop_digits() {
        assert_eq!(format!("{:.1} {:>9.0}", amount("12.345"), amount("-0.5")), "12.345 -0.5");
        assert_eq!(
            format!("{:.1}", amount("0.00000000000000000000000000001")),
            "0.00000000000000000000000000001"
        );
        assert_eq!(format!("{:50}|", amount(SMALL_MAX_NEXT)), format!("{SMALL_MAX_NEXT}|"));
        assert_eq!(format!("{:?}", amount("12.50")), "Amount(12.5)");
    }

    #[test]
    fn an_error_says_what_is_expected() {
        assert_eq!(
            AmountError::NotADecimal.to_string(),
            "an amount is written as a plain decimal number, such as -12.50"
        );
        assert_eq!(
            AmountError::OutOfRange.to_string(),
            "an amount has at most 64 digits before the decimal point and 64 after it"
        );
    }
}
