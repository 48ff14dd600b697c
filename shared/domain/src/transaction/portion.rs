//! How much a leg is, as requested.

use crate::error::Error;
use crate::money::amount::{Amount, AmountError};
use crate::transaction::Side;

/// What a leg asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Portion {
    /// So much.
    Amount(Amount),
    /// A percentage of the transaction's value, or a percentage of that percentage.
    Share {
        /// Of the value.
        percentage: u64,
        /// Of the percentage; 100 where the client says nothing.
        of_percentage: u64,
    },
    /// What the portions in front of it leave.
    Remaining,
}

/// The exact amounts of the portions of one side.
///
/// # Errors
/// [`Error::LegNotPositive`], [`Error::TransactionTotals`] if they do not add up to the value;
/// [`Error::AmountOutOfRange`].
pub fn resolve(side: Side, value: &Amount, portions: &[Portion]) -> Result<Vec<Amount>, Error> {
    let mut left = value.clone();
    let mut amounts = Vec::with_capacity(portions.len());
    for portion in portions {
        let amount = match portion {
            Portion::Amount(amount) => amount.clone(),
            Portion::Share { percentage, of_percentage } => {
                share(value, *percentage, *of_percentage)?
            }
            Portion::Remaining => left.clone(),
        };
        if !amount.is_positive() {
            return Err(Error::LegNotPositive { side, amount });
        }
        left = left.checked_sub(&amount)?;
        amounts.push(amount);
    }
    if !left.is_zero() {
        let total = value.checked_sub(&left)?;
        return Err(Error::TransactionTotals { side, total, value: value.clone() });
    }
    Ok(amounts)
}

fn share(value: &Amount, percentage: u64, of_percentage: u64) -> Result<Amount, AmountError> {
    value.checked_percent(percentage)?.checked_percent(of_percentage)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amount(text: &str) -> Portion {
        Portion::Amount(Amount::parse(text).unwrap())
    }

    fn share(percentage: u64, of_percentage: u64) -> Portion {
        Portion::Share { percentage, of_percentage }
    }

    #[track_caller]
    fn check(value: &str, portions: &[Portion], amounts: &[&str]) {
        let resolved = resolve(Side::Source, &Amount::parse(value).unwrap(), portions).unwrap();
        assert_eq!(resolved.iter().map(ToString::to_string).collect::<Vec<_>>(), amounts);
    }

    #[test]
    fn portions_are_exact() {
        check("100", &[amount("100.00")], &["100"]);
        check("100", &[share(50, 100), share(30, 100), Portion::Remaining], &["50", "30", "20"]);
        check(
            "0.01",
            &[share(33, 100), share(67, 50), Portion::Remaining],
            &["0.0033", "0.00335", "0.00335"],
        );
        check("10", &[amount("2.5"), Portion::Remaining], &["2.5", "7.5"]);
        // What remains is what is left at its place.
        check("10", &[Portion::Remaining], &["10"]);
    }

    #[test]
    fn portions_that_do_not_add_up_are_refused() {
        let refused = |value: &str, portions: &[Portion]| {
            let resolved = resolve(Side::Source, &Amount::parse(value).unwrap(), portions);
            matches!(resolved, Err(Error::TransactionTotals { .. } | Error::LegNotPositive { .. }))
        };
        assert!(refused("100", &[amount("99.99")]));
        assert!(refused("100", &[amount("100.01")]));
        assert!(refused("100", &[amount("0"), amount("100")]));
        assert!(refused("100", &[amount("-1"), amount("101")]));
        assert!(refused("100", &[Portion::Remaining, amount("1")]));
        assert!(refused("100", &[amount("100"), Portion::Remaining]));
        assert!(refused("100", &[share(0, 100), amount("100")]));
        assert!(refused("100", &[]));
        // Equal to 15 digits, and not equal.
        assert!(refused(
            "1000000000000000000000000000000.1",
            &[amount("1000000000000000000000000000000.2")]
        ));
    }
}
