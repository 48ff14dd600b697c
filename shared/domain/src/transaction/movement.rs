//! The arithmetic of one leg on one balance.
//!
//! | movement | when | direction credit | direction debit |
//! |---|---|---|---|
//! | debit | a source, at once | A − x | A + x |
//! | credit | a destination, at once or at commit | A + x | A − x |
//! | hold | a source, pending | A − x, H + x | A + x, H + x |
//! | settle | a source, at commit | H − x | H − x |
//! | release | a source, at cancel | H − x, A + x | H − x, A − x |
//!
//! A is available, H is on hold, x the amount. Where A would become negative, a balance of
//! direction credit that allows it uses its overdraft instead; a credit repays it first, and the
//! release of a hold gives back first what the hold had used. A balance of an external account and
//! a credit of v0 may have any A: what is repaid beyond the debt is a credit of the customer.

use crate::balance::{BalanceFields, Direction};
use crate::error::Error;
use crate::money::amount::Amount;
use crate::transaction::{LegName, Shortfall, Side};

/// What a leg does to a balance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Movement {
    /// A source gives at once.
    Debit,
    /// A destination gets.
    Credit,
    /// A source reserves.
    Hold,
    /// A source gives what it reserved.
    Settle,
    /// A source gets back what it reserved.
    Release {
        /// How much overdraft the reservation had used.
        overdraft: Amount,
    },
}

/// How the use of an overdraft changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OverdraftChange {
    /// Not at all.
    None,
    /// So much more is used.
    Used(Amount),
    /// So much was given back.
    Repaid(Amount),
}

/// The amounts of a balance after a movement; version and time are the caller's.
///
/// # Errors
/// [`Error::InsufficientFunds`], [`Error::OverdraftLimit`], [`Error::AmountOutOfRange`];
/// [`Error::Corrupt`] where a hold is to end that the balance does not have.
pub fn apply(
    balance: &BalanceFields,
    movement: &Movement,
    amount: &Amount,
) -> Result<(BalanceFields, OverdraftChange), Error> {
    let zero = Amount::ZERO;
    // Towards available and on hold, for a balance of direction credit.
    let (to_available, to_hold) = match movement {
        Movement::Debit => (amount.negated(), zero),
        Movement::Credit => (amount.clone(), zero),
        Movement::Hold => (amount.negated(), amount.clone()),
        Movement::Settle => (zero, amount.negated()),
        Movement::Release { .. } => (amount.clone(), amount.negated()),
    };
    let to_available = match balance.direction {
        Direction::Credit => to_available,
        Direction::Debit => to_available.negated(),
    };
    let mut after = balance.clone();
    after.on_hold = balance.on_hold.checked_add(&to_hold)?;
    if after.on_hold.is_negative() {
        let reason = "less is on hold than was reserved".to_owned();
        return Err(Error::Corrupt { key: balance.id.to_string(), reason });
    }
    let repaid = repayment(balance, movement, amount);
    after.overdraft_used = balance.overdraft_used.checked_sub(&repaid)?;
    after.available = balance.available.checked_add(&to_available)?.checked_sub(&repaid)?;
    if after.available.is_negative() && !balance.may_be_below_zero() {
        let side = match movement {
            Movement::Debit | Movement::Hold | Movement::Settle | Movement::Release { .. } => {
                Side::Source
            }
            Movement::Credit => Side::Destination,
        };
        let shortfall = |available: &Amount, needed: &Amount| {
            let leg = LegName { side, alias: balance.alias.clone(), key: balance.key.clone() };
            Box::new(Shortfall { leg, available: available.clone(), needed: needed.clone() })
        };
        if !after.may_be_overdrawn() {
            return Err(Error::InsufficientFunds(shortfall(&balance.available, amount)));
        }
        let used = use_overdraft(&mut after, shortfall)?;
        return Ok((after, OverdraftChange::Used(used)));
    }
    let change =
        if repaid.is_zero() { OverdraftChange::None } else { OverdraftChange::Repaid(repaid) };
    Ok((after, change))
}

/// How much of the overdraft a movement gives back before it adds to available.
fn repayment(balance: &BalanceFields, movement: &Movement, amount: &Amount) -> Amount {
    let may_owe = balance.direction == Direction::Credit && !balance.account_type.is_external();
    let owed = balance.overdraft_used.clone();
    match movement {
        Movement::Credit if may_owe => amount.clone().min(owed),
        Movement::Release { overdraft } if may_owe => overdraft.clone().min(owed),
        Movement::Credit
        | Movement::Release { .. }
        | Movement::Debit
        | Movement::Hold
        | Movement::Settle => Amount::ZERO,
    }
}

/// Turns a negative available into used overdraft, and returns how much.
fn use_overdraft(
    balance: &mut BalanceFields,
    shortfall: impl Fn(&Amount, &Amount) -> Box<Shortfall>,
) -> Result<Amount, Error> {
    let deficit = balance.available.negated();
    let used = balance.overdraft_used.checked_add(&deficit)?;
    let limit = balance.settings.as_ref().and_then(|settings| settings.overdraft_limit.as_ref());
    if let Some(limit) = limit.filter(|limit| used > *limit.amount()) {
        return Err(Error::OverdraftLimit(shortfall(limit.amount(), &used)));
    }
    balance.overdraft_used = used;
    balance.available = Amount::ZERO;
    Ok(deficit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::balance::{BalanceSettings, OverdraftLimit};
    use crate::samples::balance;

    /// One row: `direction available/hold/used limit`, a movement, an amount, and what comes of it.
    #[track_caller]
    fn check(before: &str, movement: &Movement, amount: &str, after: Result<&str, &str>) {
        let amount = Amount::parse(amount).unwrap();
        let outcome = match apply(&read(before), movement, &amount) {
            Ok((after, _)) => {
                Ok(format!("{}/{}/{}", after.available, after.on_hold, after.overdraft_used))
            }
            Err(Error::InsufficientFunds(_)) => Err("insufficient funds".to_owned()),
            Err(Error::OverdraftLimit(short)) => {
                Err(format!("limit {} below {}", short.available, short.needed))
            }
            Err(error) => Err(error.to_string()),
        };
        assert_eq!(outcome, after.map(str::to_owned).map_err(str::to_owned), "{before}");
    }

    fn read(row: &str) -> BalanceFields {
        let mut words = row.split(' ');
        let kind = words.next().unwrap();
        let amounts: Vec<Amount> =
            words.next().unwrap().split('/').map(|text| Amount::parse(text).unwrap()).collect();
        let limit = words.next();
        let kind_of_account = if kind == "external" { "external" } else { "deposit" };
        let mut balance = balance(kind_of_account).into_fields();
        balance.direction = if kind == "credit" { Direction::Credit } else { Direction::Debit };
        balance.available = amounts[0].clone();
        balance.on_hold = amounts[1].clone();
        balance.overdraft_used = amounts[2].clone();
        balance.settings = limit.map(|limit| BalanceSettings {
            scope: None,
            allow_overdraft: true,
            overdraft_limit: OverdraftLimit::parse(limit),
        });
        balance
    }

    fn release(overdraft: &str) -> Movement {
        Movement::Release { overdraft: Amount::parse(overdraft).unwrap() }
    }

    const NO_FUNDS: Result<&str, &str> = Err("insufficient funds");
    const LIMIT: Result<&str, &str> = Err("limit 100 below 100.01");

    #[test]
    fn every_movement_follows_the_table_in_both_directions() {
        check("credit 10/0/0", &Movement::Debit, "4", Ok("6/0/0"));
        check("credit 10/0/0", &Movement::Credit, "4", Ok("14/0/0"));
        check("credit 10/0/0", &Movement::Hold, "4", Ok("6/4/0"));
        check("credit 6/4/0", &Movement::Settle, "4", Ok("6/0/0"));
        check("credit 6/4/0", &release("0"), "4", Ok("10/0/0"));
        check("debit 10/0/0", &Movement::Debit, "4", Ok("14/0/0"));
        check("debit 10/0/0", &Movement::Credit, "4", Ok("6/0/0"));
        check("debit 10/0/0", &Movement::Hold, "4", Ok("14/4/0"));
        check("debit 14/4/0", &Movement::Settle, "4", Ok("14/0/0"));
        check("debit 14/4/0", &release("0"), "4", Ok("10/0/0"));
    }

    #[test]
    fn a_balance_without_overdraft_does_not_become_negative() {
        check("credit 10/0/0", &Movement::Debit, "10", Ok("0/0/0"));
        check("credit 10/0/0", &Movement::Debit, "10.000000000000000000000000000001", NO_FUNDS);
        check("credit 10/0/0", &Movement::Hold, "11", NO_FUNDS);
        check("debit 10/0/0", &Movement::Credit, "11", NO_FUNDS);
        check("debit 10/0/0 100", &Movement::Credit, "11", NO_FUNDS);
    }

    #[test]
    fn an_external_account_may_have_any_balance() {
        check("external 0/0/0", &Movement::Debit, "100", Ok("100/0/0"));
        check("external 0/0/0", &Movement::Credit, "100", Ok("-100/0/0"));
    }

    #[test]
    fn an_overdraft_is_used_up_to_its_limit_and_not_beyond() {
        check("credit 0/0/0 100", &Movement::Debit, "30", Ok("0/0/30"));
        check("credit 10/0/20 100", &Movement::Debit, "90", Ok("0/0/100"));
        check("credit 10/0/20 100", &Movement::Debit, "90.01", LIMIT);
        check("credit 5/0/0 100", &Movement::Hold, "25", Ok("0/25/20"));
        check("credit 0/0/0 unlimited", &Movement::Debit, "1000000", Ok("0/0/1000000"));
    }

    #[test]
    fn a_credit_repays_the_overdraft_first() {
        check("credit 0/0/100 100", &Movement::Credit, "150", Ok("50/0/0"));
        check("credit 0/0/100 100", &Movement::Credit, "40", Ok("0/0/60"));
    }

    #[test]
    fn a_hold_that_is_not_there_does_not_end() {
        let gone = |movement: &Movement| {
            let outcome = apply(&read("credit 6/3.99/0"), movement, &Amount::parse("4").unwrap());
            matches!(outcome, Err(Error::Corrupt { .. }))
        };
        assert!(gone(&Movement::Settle));
        assert!(gone(&release("0")));
    }

    #[test]
    fn a_released_hold_gives_back_the_overdraft_that_it_used() {
        check("credit 0/25/20 100", &release("20"), "25", Ok("5/0/0"));
        // Somebody repaid 15 of the 20 in between.
        check("credit 0/25/5 100", &release("20"), "25", Ok("20/0/0"));
        check("credit 0/25/50 100", &release("20"), "25", Ok("5/0/30"));
    }
}
