//! Deleting accounts.
//!
//! An account is deleted together with its balances, and only if nothing is on them. The deletion is
//! announced first, in the account, which nobody sees: whoever opens a balance from then on ends it
//! there, so that the balances that are read next are all there are. A posting changes a version,
//! and a deletion that finds anything changed looks again. One that is given up, wherever it stands,
//! leaves an account that does all it did before.

use crate::account::Account;
use crate::balance::Balance;
use crate::conflict::{ATTEMPTS_MAX, until_current};
use crate::error::Error;
use crate::money::ids::{AccountId, Scope};
use crate::ports::{Clock, DeleteAccounts};

/// The most balances that are deleted with their account: one `TransactWriteItems` takes 100 items,
/// three for each balance and two for the account.
pub const DELETED_BALANCES_MAX: usize = 32;

/// Deletes an account and its balances.
///
/// # Errors
/// [`Error::AccountNotFound`], [`Error::ExternalAccountChange`], [`Error::AccountTooLarge`],
/// [`Error::AccountNotEmpty`], [`Error::Contended`], and those of the store.
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
        let Some(announced) = announce(store, account).await? else {
            return Ok(None);
        };
        let balances = store.balances_to_delete(&announced).await?;
        check(&balances)?;
        let last = announced.deleted(clock.now());
        let balances: Vec<Balance> =
            balances.iter().map(|balance| balance.deleted(clock.now())).collect();
        Ok(store.delete_account(&last, &balances).await?.then_some(()))
    })
    .await
}

/// The account with the deletion announced, or nothing if somebody changed it meanwhile.
async fn announce(store: &impl DeleteAccounts, account: Account) -> Result<Option<Account>, Error> {
    if account.being_deleted {
        return Ok(Some(account));
    }
    check(&store.balances_to_delete(&account).await?)?;
    let announced = account.with_deletion(true);
    Ok(store.replace_account(&announced).await?.then_some(announced))
}

fn check(balances: &[Balance]) -> Result<(), Error> {
    if balances.len() > DELETED_BALANCES_MAX {
        return Err(Error::AccountTooLarge { balances_max: DELETED_BALANCES_MAX });
    }
    if balances.iter().all(|balance| balance.is_empty()) {
        Ok(())
    } else {
        Err(Error::AccountNotEmpty)
    }
}
