//! Amounts against an oracle: a big decimal that never rounds and knows no small form.
#![expect(
    clippy::unwrap_used,
    clippy::arithmetic_side_effects,
    reason = "a property that cannot state its case should fail, and the oracle computes freely"
)]

use std::cmp::Ordering;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::str::FromStr;

use bigdecimal::BigDecimal;
use bigdecimal::num_bigint::{BigInt, Sign};
use proptest::collection::vec;
use proptest::prelude::*;
use subledger::money::amount::{Amount, AmountError};

fn amount(text: &str) -> Amount {
    Amount::parse(text).unwrap()
}

fn oracle(text: &str) -> BigDecimal {
    BigDecimal::from_str(text).unwrap()
}

fn hash(amount: &Amount) -> u64 {
    let mut hasher = DefaultHasher::new();
    amount.hash(&mut hasher);
    hasher.finish()
}

/// What an exact operation must answer: the oracle's value, printed, if its digits are within the
/// limits. They are counted in the printed text, which is not how an amount counts them.
fn expected(value: &BigDecimal) -> Result<String, AmountError> {
    let text = value.normalized().to_plain_string();
    let digits = text.trim_start_matches('-');
    let (integer, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if integer.trim_start_matches('0').len() > 64 || fraction.len() > 64 {
        return Err(AmountError::OutOfRange);
    }
    Ok(text)
}

fn printed(result: Result<Amount, AmountError>) -> Result<String, AmountError> {
    result.map(|amount| amount.to_string())
}

/// Texts of amounts, crowded where the representation changes.
fn texts() -> impl Strategy<Value = String> {
    prop_oneof![
        // Everyday money.
        3 => "-?[0-9]{1,6}(\\.[0-9]{1,4})?",
        // Any width.
        3 => "-?[0-9]{1,64}(\\.[0-9]{1,64})?",
        // Around 28 and 29 digits, on one side or split over both.
        3 => "-?[0-9]{26,31}",
        3 => "-?[0-9]{1,15}\\.[0-9]{12,28}",
        2 => "-?0\\.0{20,30}[0-9]{1,3}",
        // Carries that run far, and results that lose most of their digits.
        2 => "-?[09]{1,64}(\\.[09]{1,64})?",
        2 => "-?[1-9]0{0,40}",
        // Close to 2^96 units of any decimal place.
        3 => (-3_i128..=3, 0_i64..=30, any::<bool>()).prop_map(|(offset, scale, negative)| {
            let units = (1_i128 << 96) + offset;
            let units = if negative { -units } else { units };
            BigDecimal::new(BigInt::from(units), scale).to_plain_string()
        }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn printing_and_reading_return_the_same_amount(text in texts()) {
        let value = amount(&text);
        prop_assert_eq!(Ok(value.to_string()), expected(&oracle(&text)));
        prop_assert_eq!(amount(&value.to_string()), value);
    }

    #[test]
    fn a_sum_is_exact_or_refused(left in texts(), right in texts()) {
        let sum = amount(&left).checked_add(&amount(&right));
        prop_assert_eq!(printed(sum), expected(&(oracle(&left) + oracle(&right))));
    }

    #[test]
    fn a_difference_is_exact_or_refused(left in texts(), right in texts()) {
        let difference = amount(&left).checked_sub(&amount(&right));
        prop_assert_eq!(printed(difference), expected(&(oracle(&left) - oracle(&right))));
    }

    #[test]
    fn a_percentage_of_a_percentage_is_exact_or_refused(
        text in texts(),
        percentage in prop_oneof![0_u64..=100, any::<u64>()],
        of_percentage in 0_u64..=100,
    ) {
        let once = amount(&text).checked_percent(percentage);
        let exact = oracle(&text) * BigDecimal::new(BigInt::from(percentage), 2);
        prop_assert_eq!(printed(once.clone()), expected(&exact));
        if let Ok(once) = once {
            let exact = exact * BigDecimal::new(BigInt::from(of_percentage), 2);
            prop_assert_eq!(printed(once.checked_percent(of_percentage)), expected(&exact));
        }
    }

    #[test]
    fn a_total_is_exact_in_any_order(texts in vec(texts(), 0..8)) {
        let amounts: Vec<Amount> = texts.iter().map(|text| amount(text)).collect();
        let exact = texts.iter().fold(oracle("0"), |total, text| total + oracle(text));
        prop_assert_eq!(printed(Amount::sum(&amounts)), expected(&exact));
        prop_assert_eq!(Amount::sum(amounts.iter().rev()), Amount::sum(&amounts));
    }

    #[test]
    fn addition_is_commutative_and_associative(a in texts(), b in texts(), c in texts()) {
        let (a, b, c) = (amount(&a), amount(&b), amount(&c));
        prop_assert_eq!(a.checked_add(&b), b.checked_add(&a));
        let left = a.checked_add(&b).and_then(|sum| sum.checked_add(&c));
        let right = b.checked_add(&c).and_then(|sum| a.checked_add(&sum));
        if let (Ok(left), Ok(right)) = (left, right) {
            prop_assert_eq!(left, right);
        }
    }

    #[test]
    fn subtraction_undoes_addition(left in texts(), right in texts()) {
        let (left, right) = (amount(&left), amount(&right));
        if let Ok(sum) = left.checked_add(&right) {
            let back = sum.checked_sub(&right).unwrap();
            prop_assert_eq!(&back, &left);
            prop_assert_eq!(hash(&back), hash(&left));
        }
        prop_assert_eq!(left.checked_add(&left.negated()), Ok(Amount::ZERO));
        prop_assert_eq!(hash(&left.checked_sub(&left).unwrap()), hash(&Amount::ZERO));
    }

    #[test]
    fn order_is_the_sign_of_the_difference(left in texts(), right in texts()) {
        let order = match (oracle(&left) - oracle(&right)).sign() {
            Sign::Minus => Ordering::Less,
            Sign::NoSign => Ordering::Equal,
            Sign::Plus => Ordering::Greater,
        };
        let (left, right) = (amount(&left), amount(&right));
        prop_assert_eq!(left.cmp(&right), order);
        prop_assert_eq!(right.cmp(&left), order.reverse());
        prop_assert_eq!(left == right, order == Ordering::Equal);
        prop_assert_eq!(left.clone().min(right.clone()) == left, order != Ordering::Greater);
    }

    #[test]
    fn close_neighbours_stand_in_order(text in texts(), step in "0\\.0{0,63}1") {
        let value = amount(&text);
        if let Ok(above) = value.checked_add(&amount(&step)) {
            prop_assert!(value < above);
            prop_assert!(above > value);
            prop_assert_ne!(value, above);
        }
    }

    #[test]
    fn equal_values_hash_alike_however_they_are_reached(
        text in texts(),
        leading in 0_usize..40,
        trailing in 1_usize..40,
        detour in texts(),
    ) {
        let value = amount(&text);
        let (sign, digits) = match text.strip_prefix('-') {
            Some(digits) => ("-", digits),
            None => ("", text.as_str()),
        };
        let (integer, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
        let zeros = |digits: &str, wanted: usize| "0".repeat(wanted.min(64 - digits.len()));
        let (front, end) = (zeros(integer, leading), zeros(fraction, trailing));
        let padded = amount(&format!("{sign}{front}{integer}.{fraction}{end}"));
        prop_assert_eq!(&padded, &value);
        prop_assert_eq!(hash(&padded), hash(&value));
        prop_assert_eq!(padded.to_string(), value.to_string());

        let detour = amount(&detour);
        let around = Amount::sum([&detour, &value, &detour.negated()]).unwrap();
        prop_assert_eq!(&around, &value);
        prop_assert_eq!(hash(&around), hash(&value));

        let hundredfold = value.checked_percent(10_000);
        if let Ok(back) = hundredfold.and_then(|hundredfold| hundredfold.checked_percent(1)) {
            prop_assert_eq!(&back, &value);
            prop_assert_eq!(hash(&back), hash(&value));
        }
    }

    #[test]
    fn minor_units_return_from_any_amount_they_make(
        units in prop_oneof![any::<i128>(), -1_000_000_i128..1_000_000],
        exponent in 0_u32..80,
    ) {
        let exact = BigDecimal::new(BigInt::from(units), i64::from(exponent));
        let made = Amount::parse(&exact.normalized().to_plain_string());
        prop_assert_eq!(printed(made.clone()), expected(&exact));
        if let Ok(made) = made {
            prop_assert_eq!(made.minor_units(exponent), Some(units));
            prop_assert_eq!(hash(&made), hash(&amount(&made.to_string())));
        }
    }

    #[test]
    fn minor_units_are_whole_or_none(text in texts(), exponent in 0_u32..40) {
        let (units, scale) = oracle(&text).normalized().into_bigint_and_scale();
        let shift = i64::from(exponent) - scale;
        let exact = u32::try_from(shift)
            .ok()
            .map(|shift| units * BigInt::from(10).pow(shift))
            .and_then(|units| i128::try_from(units).ok());
        prop_assert_eq!(amount(&text).minor_units(exponent), exact);
    }

    #[test]
    fn any_text_is_read_or_refused(text in ".{0,300}") {
        // Whatever a text is, the answer is an amount or an error, and an amount is a number.
        if Amount::parse(&text).is_ok() {
            prop_assert!(BigDecimal::from_str(&text).is_ok());
        }
    }

    #[test]
    fn a_text_made_of_number_parts_is_read_only_as_its_number(text in "[-+]?[0-9._eE+ -]{0,12}") {
        match Amount::parse(&text) {
            Ok(value) => {
                prop_assert!(text.bytes().all(|byte| b"-.0123456789".contains(&byte)));
                prop_assert_eq!(Ok(value.to_string()), expected(&oracle(&text)));
            }
            Err(error) => prop_assert_eq!(error, AmountError::NotADecimal),
        }
    }
}
