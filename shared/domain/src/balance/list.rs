//! Listing balances.

use crate::account::Alias;
use crate::balance::Balance;
use crate::error::Error;
use crate::money::ids::{AccountId, Scope};
use crate::page::{ListPosition, Page, PageRequest};
use crate::ports::ListBalances;

/// The position of a balance in a list: when it was created.
#[must_use]
pub fn creation_position(balance: &Balance) -> ListPosition {
    ListPosition { at: balance.created_at, id: balance.id.uuid() }
}

/// A page of the balances of a ledger; empty for a ledger that does not exist.
///
/// # Errors
/// Those of the store.
pub async fn list_ledger_balances(
    store: &impl ListBalances,
    scope: Scope,
    page: &PageRequest,
) -> Result<Page<Balance>, Error> {
    store.ledger_balances(scope, page).await
}

/// A page of the balances of an account; empty for an account that does not exist.
///
/// # Errors
/// Those of the store.
pub async fn list_account_balances(
    store: &impl ListBalances,
    scope: Scope,
    account: AccountId,
    page: &PageRequest,
) -> Result<Page<Balance>, Error> {
    let balances = store.account_balances(scope, account).await?;
    Ok(page.page(page.query().answer(balances, creation_position), creation_position))
}

/// All balances of the account with this alias, newest first; none if there is no such account.
///
/// # Errors
/// Those of the store.
pub async fn list_alias_balances(
    store: &impl ListBalances,
    scope: Scope,
    alias: &Alias,
) -> Result<Vec<Balance>, Error> {
    let Some(account) = store.account_of_alias(scope, alias).await? else {
        return Ok(Vec::new());
    };
    let mut balances = store.account_balances(scope, account).await?;
    balances.sort_by_key(|balance| std::cmp::Reverse(creation_position(balance)));
    Ok(balances)
}
