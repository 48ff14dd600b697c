//! Deleting accounts.
//!
//! An account is deleted together with its balances, and only if all of them are empty. The
//! deletion first marks the account, which clients do not see. A request that opens a balance
//! removes the mark, so the balances that are read after the mark are all there are. If a posting
//! or another request changes anything before the deletion is written, it starts again. A deletion
//! that is given up leaves an account that works as before.

use crate::account::Account;
use crate::balance::Balance;
use crate::balance::update::last_version;
use crate::conflict::{ATTEMPTS_MAX, until_current};
use crate::error::Error;
use crate::money::ids::{AccountId, Scope};
use crate::ports::{Clock, DeleteAccounts};

/// The most balances that are deleted with their account: one `TransactWriteItems` takes 100 items,
/// three for each balance, two for the account, and four
/// for the counters of what it stands on.
pub const DELETED_BALANCES_MAX: usize = 31;

/// Deletes an account and its balances.
///
/// # Errors
/// [`Error::AccountNotFound`], [`Error::ExternalAccountChange`], [`Error::AccountTooLarge`],
/// [`Error::AccountNotEmpty`], [`Error::RecordedAhead`], [`Error::Contended`], and those of the store.
pub async fn delete_account(
    store: &impl DeleteAccounts,
    clock: &dyn Clock,
    scope: Scope,
    id: AccountId,
) -> Result<(), Error> {
    until_current(store, ATTEMPTS_MAX, || async {
        let account = store.account(scope, id).await?.ok_or(Error::AccountNotFound)?;
        if account.kind.is_external() {
            return Err(Error::ExternalAccountChange);
        }
        let Some(announced) = announce(store, account, DELETED_BALANCES_MAX, check).await? else {
            return Ok(None);
        };
        let balances = store.all_balances(&announced, DELETED_BALANCES_MAX).await?;
        check(&balances)?;
        let last = announced.deleted(clock.now());
        let balances: Vec<Balance> = balances
            .iter()
            .map(|balance| last_version(balance, clock))
            .collect::<Result<_, _>>()?;
        match store.delete_account(&last, &balances).await {
            // What helps is the same as where there are too many.
            Err(Error::WriteTooLarge) => Err(too_large()),
            deleted => Ok(deleted?.then_some(())),
        }
    })
    .await
}

/// The account, marked so that no balance is opened unnoticed before it ends; `None` if another
/// request changed it meanwhile. An account with balances that it must not have then is not marked.
pub(super) async fn announce(
    store: &impl DeleteAccounts,
    account: Account,
    balances_max: usize,
    check: impl Fn(&[Balance]) -> Result<(), Error>,
) -> Result<Option<Account>, Error> {
    if account.being_deleted {
        return Ok(Some(account));
    }
    check(&store.all_balances(&account, balances_max).await?)?;
    let announced = account.with_deletion(true);
    Ok(store.replace_account(&account, &announced).await?.then_some(announced))
}

const fn too_large() -> Error {
    Error::AccountTooLarge { balances_max: DELETED_BALANCES_MAX }
}

fn check(balances: &[Balance]) -> Result<(), Error> {
    if balances.len() > DELETED_BALANCES_MAX {
        return Err(too_large());
    }
    if balances.iter().all(|balance| balance.is_empty()) {
        Ok(())
    } else {
        Err(Error::AccountNotEmpty)
    }
}
