//! Activating, deactivating and closing accounts.

use crate::account::{Account, AccountFields};
use crate::conflict::{ATTEMPTS_MAX, until_current};
use crate::error::Error;
use crate::money::ids::{AccountId, Scope};
use crate::money::named::named;
use crate::money::timestamp::Timestamp;
use crate::ports::{Clock, ReadAccounts, WriteAccounts};

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
/// [`Error::Contended`], and those of the store.
pub async fn change_lifecycle(
    store: &(impl ReadAccounts + WriteAccounts),
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
        let next = account.next_revision(clock.now());
        // Not the clock, which may go back: an account is not closed before it was last changed.
        let lifecycle = account.lifecycle.after(change, next.updated_at);
        let lifecycle = lifecycle.ok_or(Error::StatusTransition)?;
        let changed = Account(AccountFields { lifecycle, ..next });
        Ok(store.replace_account(&changed).await?.then_some(changed))
    })
    .await
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
