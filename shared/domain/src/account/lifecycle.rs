//! Activating, deactivating and closing accounts.
//!
//! An account is closed only if nothing is available, on hold or owed on its balances, because what
//! is left behind could not be moved any more. Charged off, it may owe something, and repayments are
//! still taken.
//!
//! A posting reads the account and writes its balances. So the closing writes the next version of
//! every balance: a posting that read the account while it was open finds its balances changed, reads
//! again, and is refused. A balance that is opened meanwhile removes the mark that the closing has
//! set, as in [`delete`](crate::account::delete).

use crate::account::delete::announce;
use crate::account::{Account, AccountFields};
use crate::balance::{Balance, BalanceFields, BalanceKey};
use crate::conflict::{ATTEMPTS_MAX, until_current};
use crate::error::Error;
use crate::money::amount::Amount;
use crate::money::ids::{AccountId, BalanceId, Scope};
use crate::money::named::named;
use crate::money::timestamp::Timestamp;
use crate::ports::{Clock, DeleteAccounts};

/// The most balances that are closed with their account: one `TransactWriteItems` takes 100 items,
/// two for each balance and one for the account.
pub const CLOSED_BALANCES_MAX: usize = 49;

named! {
    /// Why an account is inactive.
    pub enum InactiveReason {
        /// It is not used.
        Dormant => "dormant",
        /// It was stopped.
        Frozen => "frozen",
        /// Anything else.
        Other => "other",
    }
}

named! {
    /// Why an account is closed.
    pub enum ClosedReason {
        /// Its holder was closed.
        EntityClosed => "entity_closed",
        /// The client closed it.
        ClientClosed => "client_closed",
        /// The credit was repaid.
        PaidOff => "paid_off",
        /// The credit was written off.
        ChargedOff => "charged_off",
        /// It was never used.
        Canceled => "canceled",
    }
}

/// The state of an account. It goes back and forth between active and inactive; closed is final.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lifecycle {
    /// In use.
    Active,
    /// Restricted by the client.
    Inactive(InactiveReason),
    /// Closed for good.
    Closed {
        /// Why.
        reason: ClosedReason,
        /// Since when.
        at: Timestamp,
    },
}

/// A change of the state of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LifecycleChange {
    /// Inactive becomes active.
    Activate,
    /// Active becomes inactive.
    Deactivate(InactiveReason),
    /// Active or inactive becomes closed.
    Close(ClosedReason),
}

impl Lifecycle {
    /// The state after the change; `None` if the change is not possible in this state.
    #[must_use]
    pub fn after(self, change: LifecycleChange, now: Timestamp) -> Option<Self> {
        match (self, change) {
            (Self::Inactive(_), LifecycleChange::Activate) => Some(Self::Active),
            (Self::Active, LifecycleChange::Deactivate(reason)) => Some(Self::Inactive(reason)),
            (Self::Active | Self::Inactive(_), LifecycleChange::Close(reason)) => {
                Some(Self::Closed { reason, at: now })
            }
            (Self::Active, LifecycleChange::Activate)
            | (Self::Inactive(_), LifecycleChange::Deactivate(_))
            | (Self::Closed { .. }, _) => None,
        }
    }
}

/// Activates, deactivates or closes an account. External accounts cannot be: without them no money
/// of the asset could enter or leave the ledger.
///
/// # Errors
/// [`Error::AccountNotFound`], [`Error::ExternalAccountChange`], [`Error::StatusTransition`],
/// [`Error::AccountTooLarge`], [`Error::AccountHoldsMoney`], [`Error::Contended`], and those of the
/// store.
pub async fn change_lifecycle(
    store: &impl DeleteAccounts,
    clock: &dyn Clock,
    scope: Scope,
    id: AccountId,
    change: LifecycleChange,
) -> Result<Account, Error> {
    until_current(store, ATTEMPTS_MAX, || async {
        let account = store.account(scope, id).await?.ok_or(Error::AccountNotFound)?;
        if account.kind.is_external() {
            return Err(Error::ExternalAccountChange);
        }
        let changed = changed(&account, change, clock.now())?;
        let LifecycleChange::Close(reason) = change else {
            return Ok(store.replace_account(&account, &changed).await?.then_some(changed));
        };
        let closable = |balances: &[Balance]| check_closable(balances, reason);
        let Some(announced) = announce(store, account, CLOSED_BALANCES_MAX, closable).await? else {
            return Ok(None);
        };
        let balances = store.all_balances(&announced, CLOSED_BALANCES_MAX).await?;
        closable(&balances)?;
        let Account(closed) = self::changed(&announced, change, clock.now())?;
        let closed = Account(AccountFields { being_deleted: false, ..closed });
        let now = closed.updated_at;
        let balances: Vec<Balance> =
            balances.iter().map(|balance| balance.next_version(now)).collect();
        Ok(store.close_account(&closed, &balances).await?.then_some(closed))
    })
    .await
}

/// The account after the change.
fn changed(account: &Account, change: LifecycleChange, now: Timestamp) -> Result<Account, Error> {
    let next = account.next_revision(now);
    // Not the clock, which may go back: an account is not closed before it was last changed.
    let lifecycle = account.lifecycle.after(change, next.updated_at);
    let lifecycle = lifecycle.ok_or(Error::StatusTransition)?;
    Ok(Account(AccountFields { lifecycle, ..next }))
}

/// What is left on a balance of an account that cannot be closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemainingMoney {
    /// The balance.
    pub balance: BalanceId,
    /// Its key in the account.
    pub key: BalanceKey,
    /// What may be spent. Zero or more.
    pub available: Amount,
    /// What pending transactions reserve. Zero or more.
    pub on_hold: Amount,
    /// What the holder owes. Zero or more.
    pub owed: Amount,
}

impl RemainingMoney {
    fn of(balance: &BalanceFields) -> Self {
        Self {
            balance: balance.id,
            key: balance.key.clone(),
            available: balance.available_to_holder(),
            on_hold: balance.on_hold.clone(),
            owed: balance.owed(),
        }
    }

    fn allows(&self, reason: ClosedReason) -> bool {
        let settled = self.owed.is_zero() || reason == ClosedReason::ChargedOff;
        self.available.is_zero() && self.on_hold.is_zero() && settled
    }
}

/// Checks that an account with these balances can be closed for this reason.
fn check_closable(balances: &[Balance], reason: ClosedReason) -> Result<(), Error> {
    if balances.len() > CLOSED_BALANCES_MAX {
        return Err(Error::AccountTooLarge { balances_max: CLOSED_BALANCES_MAX });
    }
    let remaining = balances.iter().map(|balance| RemainingMoney::of(balance));
    let remaining: Vec<_> = remaining.filter(|remaining| !remaining.allows(reason)).collect();
    if remaining.is_empty() { Ok(()) } else { Err(Error::AccountHoldsMoney { remaining }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closed_account_stays_closed() {
        let now = Timestamp::MIN;
        let closed = Lifecycle::Closed { reason: ClosedReason::PaidOff, at: now };
        let inactive = Lifecycle::Inactive(InactiveReason::Frozen);
        let close = LifecycleChange::Close(ClosedReason::PaidOff);
        let deactivate = LifecycleChange::Deactivate(InactiveReason::Frozen);
        for (state, change, after) in [
            (Lifecycle::Active, LifecycleChange::Activate, None),
            (Lifecycle::Active, deactivate, Some(inactive)),
            (Lifecycle::Active, close, Some(closed)),
            (inactive, LifecycleChange::Activate, Some(Lifecycle::Active)),
            (inactive, deactivate, None),
            (inactive, close, Some(closed)),
            (closed, LifecycleChange::Activate, None),
            (closed, deactivate, None),
            (closed, close, None),
        ] {
            assert_eq!(state.after(change, now), after, "{state:?} {change:?}");
        }
    }
}
