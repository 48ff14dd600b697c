//! The parties of a transaction: the account and the balance of each leg, and whether they may take
//! part.

use crate::account::Account;
use crate::balance::{Balance, BalanceScope};
use crate::error::Error;
use crate::ledger::asset::AssetCode;
use crate::money::amount::Amount;
use crate::ports::LegBalances;
use crate::transaction::{Leg, Restriction, Side, TransactionStatus};

/// Refuses legs that name an overdraft balance, whether it exists or not.
pub(super) fn refuse_overdraft_balances(legs: &[Leg]) -> Result<(), Error> {
    if legs.iter().any(|leg| leg.key.is_reserved()) {
        return Err(Error::InternalBalance);
    }
    Ok(())
}

/// What the checks of the legs depend on beside the balances.
pub(super) struct StepToCheck<'a> {
    /// See [`TransactionFields::asset_code`](super::TransactionFields::asset_code).
    pub(super) asset_code: &'a AssetCode,
    /// See [`TransactionFields::initial_status`](super::TransactionFields::initial_status).
    pub(super) initial_status: TransactionStatus,
    /// Whether the transaction reverts another one.
    pub(super) is_reversal: bool,
}

/// Checks that the balances of the legs may take part. The checks are in the order in which they
/// are reported.
pub(super) fn check_legs(
    legs: &[Leg],
    step: &StepToCheck<'_>,
    read: &LegBalances,
) -> Result<(), Error> {
    let parties = legs.iter().map(|leg| party(leg, read)).collect::<Result<Vec<_>, _>>()?;
    for (_, balance) in &parties {
        let scope = balance.settings.as_ref().and_then(|settings| settings.scope);
        if scope == Some(BalanceScope::Internal) {
            return Err(Error::InternalBalance);
        }
    }
    for (leg, (_, balance)) in legs.iter().zip(&parties) {
        if balance.asset_code != *step.asset_code {
            let asset_code = balance.asset_code.clone();
            return Err(Error::LegAsset { leg: leg.name(), asset_code });
        }
    }
    if step.initial_status == TransactionStatus::Annotation {
        return Ok(());
    }
    for (leg, (account, balance)) in legs.iter().zip(&parties) {
        let restriction = match leg.side {
            Side::Source if !balance.allow_sending => Some(Restriction::Sending),
            Side::Destination if !balance.allow_receiving => Some(Restriction::Receiving),
            Side::Source | Side::Destination => account.blocked.then_some(Restriction::Blocked),
        };
        if let Some(restriction) = restriction {
            return Err(Error::LegRestricted { leg: leg.name(), restriction });
        }
        if account.is_closed() {
            check_closed(leg, legs, account, balance, step.is_reversal)?;
        }
    }
    let reserves = step.initial_status == TransactionStatus::Pending;
    let external = |(leg, (account, _)): (&Leg, &(&Account, &Balance))| {
        leg.side == Side::Source && account.kind.is_external()
    };
    if reserves && legs.iter().zip(&parties).any(external) {
        return Err(Error::PendingExternalSource);
    }
    Ok(())
}

/// Checks a leg on a closed account. It takes nothing, unless it was charged off: then it takes
/// repayments up to what is owed, and gives them back where they are reverted.
fn check_closed(
    leg: &Leg,
    legs: &[Leg],
    account: &Account,
    balance: &Balance,
    is_reversal: bool,
) -> Result<(), Error> {
    match (account.is_charged_off(), leg.side) {
        (true, Side::Destination) => {
            let repaying = legs.iter().filter(|it| it.side == leg.side && it.is_on(balance));
            let repaid = Amount::sum(repaying.map(|it| &it.amount))?;
            let owed = balance.owed();
            if repaid > owed {
                let (alias, key) = (leg.alias.clone(), leg.key.clone());
                return Err(Error::RepaymentAboveDebt { alias, key, owed });
            }
            Ok(())
        }
        (true, Side::Source) if is_reversal => Ok(()),
        (true, Side::Source) | (false, _) => {
            let restriction = Restriction::Closed;
            Err(Error::LegRestricted { leg: leg.name(), restriction })
        }
    }
}

/// The legs with the balances that they are on.
pub(super) fn on_balances(legs: &[Leg], read: &LegBalances) -> Result<Vec<Leg>, Error> {
    let placed = |leg: &Leg| {
        let (_, balance) = party(leg, read)?;
        Ok(Leg { balance: Some(balance.id), ..leg.clone() })
    };
    legs.iter().map(placed).collect()
}

/// The account and the balance of a leg.
fn party<'a>(leg: &Leg, read: &'a LegBalances) -> Result<(&'a Account, &'a Balance), Error> {
    let account = read.accounts.iter().find(|account| account.alias == leg.alias);
    let account = account.ok_or_else(|| leg.not_found())?;
    let balance = read.balances.iter().find(|balance| {
        balance.account == account.id && leg.is_on(balance) && balance.deleted_at.is_none()
    });
    Ok((account, balance.ok_or_else(|| leg.not_found())?))
}
