//! The sum over all balances, which is zero for every asset.

use std::collections::BTreeMap;
use std::fmt;

use super::Problem;
use subledger::balance::{Balance, BalanceFields, BalanceKey, Direction};
use subledger::ledger::asset::AssetCode;
use subledger::money::amount::{Amount, AmountError};
use subledger::money::ids::LedgerId;

/// The sum of the balances of each asset of each ledger.
#[derive(Debug, Default)]
pub struct Books {
    totals: BTreeMap<(LedgerId, AssetCode), Result<Amount, AmountError>>,
}

impl Books {
    /// Adds a balance in the version of the moment that the books are summed for.
    pub fn add(&mut self, balance: &Balance) {
        // An overdraft balance repeats what the balances of its account owe.
        if balance.key == BalanceKey::overdraft() {
            return;
        }
        let key = (balance.scope.ledger, balance.asset_code.clone());
        let total = self.totals.entry(key).or_insert(Ok(Amount::ZERO));
        if let Ok(sum) = total {
            *total = worth(balance).and_then(|worth| sum.checked_add(&worth));
        }
    }

    /// The assets whose balances do not sum to zero, with their ledgers.
    pub fn problems(&self) -> impl Iterator<Item = (LedgerId, &AssetCode, Problem)> {
        self.totals.iter().filter_map(|((ledger, asset), total)| {
            let total: &dyn fmt::Display = match total {
                Ok(total) if total.is_zero() => return None,
                Ok(total) => total,
                Err(_) => &"too large to add up",
            };
            Some((*ledger, asset, Problem::BooksDoNotBalance(total.to_string())))
        })
    }
}

/// What a balance adds to the sum. An amount on hold has not left the balance yet.
///
/// | direction | worth |
/// |---|---|
/// | credit | available + on hold − overdraft used |
/// | debit | on hold − available |
fn worth(balance: &Balance) -> Result<Amount, AmountError> {
    let BalanceFields { available, on_hold, overdraft_used, .. } = &**balance;
    match balance.direction {
        Direction::Credit => available.checked_add(on_hold)?.checked_sub(overdraft_used),
        Direction::Debit => on_hold.checked_sub(available),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::samples::balance;

    fn amount(text: &str) -> Amount {
        Amount::parse(text).unwrap()
    }

    /// A balance of this kind with these amounts.
    fn with(kind: &str, available: &str, on_hold: &str, used: &str) -> Balance {
        Balance::new(BalanceFields {
            available: amount(available),
            on_hold: amount(on_hold),
            overdraft_used: amount(used),
            ..balance(kind).into_fields()
        })
        .unwrap()
    }

    fn total(balances: &[Balance]) -> Vec<String> {
        let mut books = Books::default();
        balances.iter().for_each(|balance| books.add(balance));
        books.problems().map(|(_, asset, problem)| format!("{asset}: {problem}")).collect()
    }

    #[test]
    fn what_came_in_and_has_not_left_is_somewhere() {
        let outside = with("external", "100", "0", "0");
        let none: [String; 0] = [];
        assert_eq!(total(&[outside.clone(), with("deposit", "100", "0", "0")]), none);
        assert_eq!(total(&[outside.clone(), with("deposit", "60", "40", "0")]), none);
        // 150 are with another, who owes 50 of it; its overdraft balance repeats the 50.
        let overdraft_balance = Balance::new(BalanceFields {
            key: BalanceKey::overdraft(),
            ..with("external", "50", "0", "0").into_fields()
        })
        .unwrap();
        let owing =
            [with("deposit", "150", "0", "0"), with("deposit", "0", "0", "50"), overdraft_balance];
        assert_eq!(total(&[&owing[..], std::slice::from_ref(&outside)].concat()), none);
        assert_eq!(
            total(&[outside, with("deposit", "99.99", "0", "0")]),
            ["USD: all balances of the asset together are -0.01 and not 0"]
        );
    }

    #[test]
    fn a_sum_that_leaves_its_range_is_said() {
        let large = with("deposit", &"9".repeat(64), "0", "0");
        assert_eq!(
            total(&[large.clone(), large]),
            ["USD: all balances of the asset together are too large to add up and not 0"]
        );
    }
}
