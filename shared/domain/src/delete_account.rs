//! Deleting accounts.
//!
//! An account is deleted together with its balances, and only if nothing is on them. It is closed
//! first: from then on no balance can be opened, so that the balances that are read are all there
//! are. A posting that was under way changes a version, and the deletion looks again.

use crate::account::{Account, ClosedReason, Lifecycle};
use crate::balance::Balance;
use crate::error::Error;
use crate::ids::{AccountId, Scope};
use crate::ports::{Clock, DeleteAccounts};

/// How often a deletion is tried on fresh reads before it is refused.
const ATTEMPTS_MAX: usize = 8;

/// The most balances that are deleted with their account: one `TransactWriteItems` takes 100 items,
/// three for each balance and two for the account.
pub const DELETED_BALANCES_MAX: usize = 32;

/// Deletes an account and its balances.
///
/// # Errors
/// [`Error::AccountNotFound`], [`Error::ExternalAccountChange`], [`Error::AccountTooLarge`],
/// [`Error::AccountNotEmpty`], [`Error::Contended`], and those of the store. A refused deletion
/// leaves the account as it was.
pub async fn delete_account(
    store: &impl DeleteAccounts,
    clock: &impl Clock,
    scope: Scope,
    id: AccountId,
) -> Result<(), Error> {
    for _ in 0..ATTEMPTS_MAX {
        let account = store.account(scope, id).await?.ok_or(Error::AccountNotFound)?;
        if account.kind.is_external() {
            return Err(Error::ExternalAccountChange);
        }
        check(&store.balances_to_delete(&account).await?)?;
        let Some(closed) = close(store, clock, &account).await? else {
            continue;
        };
        let balances = store.balances_to_delete(&closed).await?;
        if let Err(refusal) = check(&balances) {
            reopen(store, clock, &closed, account.lifecycle).await?;
            return Err(refusal);
        }
        let last = closed.next_revision(clock.now());
        let last = Account { deleted_at: Some(last.updated_at), ..last };
        let balances: Vec<Balance> = balances
            .iter()
            .map(|balance| {
                let last = balance.next_version(clock.now());
                Balance { deleted_at: Some(last.recorded_at), ..last }
            })
            .collect();
        if store.delete_account(&last, &balances).await? {
            return Ok(());
        }
        reopen(store, clock, &closed, account.lifecycle).await?;
    }
    Err(Error::Contended)
}

fn check(balances: &[Balance]) -> Result<(), Error> {
    if balances.len() > DELETED_BALANCES_MAX {
        return Err(Error::AccountTooLarge { balances_max: DELETED_BALANCES_MAX });
    }
    if balances.iter().all(Balance::is_empty) { Ok(()) } else { Err(Error::AccountNotEmpty) }
}

/// The account closed, or nothing if somebody changed it meanwhile.
async fn close(
    store: &impl DeleteAccounts,
    clock: &impl Clock,
    account: &Account,
) -> Result<Option<Account>, Error> {
    if account.is_closed() {
        return Ok(Some(account.clone()));
    }
    let now = clock.now();
    let closed = Lifecycle::Closed { reason: ClosedReason::ClientClosed, at: now };
    let closed = account.with_lifecycle(closed, now);
    Ok(store.replace_account(&closed).await?.then_some(closed))
}

/// Gives a closed account the life back that it had. If somebody changed it meanwhile, the change
/// stands.
async fn reopen(
    store: &impl DeleteAccounts,
    clock: &impl Clock,
    closed: &Account,
    lifecycle: Lifecycle,
) -> Result<(), Error> {
    if closed.lifecycle == lifecycle {
        return Ok(());
    }
    let reopened = closed.with_lifecycle(lifecycle, clock.now());
    store.replace_account(&reopened).await.map(|_| ())
}
