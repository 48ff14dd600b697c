//! Reading one balance.

use crate::balance::Balance;
use crate::error::Error;
use crate::money::ids::{BalanceId, Scope};
use crate::ports::ReadBalance;

/// The balance as it is now.
///
/// # Errors
/// [`Error::BalanceNotFound`] also for one that was deleted, and those of the store.
pub async fn get_balance(
    store: &impl ReadBalance,
    scope: Scope,
    id: BalanceId,
) -> Result<Balance, Error> {
    let newest = store.newest_version(scope, id).await?;
    newest.filter(|balance| balance.deleted_at.is_none()).ok_or(Error::BalanceNotFound)
}

/// The credit balance as it is now.
///
/// # Errors
/// [`Error::BalanceNotFound`] also for a balance that was not opened through v0, and those of the
/// store.
pub async fn get_credit_balance(
    store: &impl ReadBalance,
    scope: Scope,
    id: BalanceId,
) -> Result<Balance, Error> {
    let balance = get_balance(store, scope, id).await?;
    if balance.credit.is_none() {
        return Err(Error::BalanceNotFound);
    }
    Ok(balance)
}
