//! Listing balances.

use crate::balance::Balance;
use crate::error::Error;
use crate::money::ids::{AccountId, Scope};
use crate::page::{ListPosition, Page, PageRequest, PageStart};
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

/// A page of the balances of an account.
///
/// # Errors
/// [`Error::AccountNotFound`], and those of the store.
pub async fn list_account_balances(
    store: &impl ListBalances,
    scope: Scope,
    account: AccountId,
    page: &PageRequest,
) -> Result<Page<Balance>, Error> {
    let found = store.account_balances_page(scope, account, page).await?;
    let is_first = page.start == PageStart::Start;
    if is_first && found.items.is_empty() && store.account(scope, account).await?.is_none() {
        return Err(Error::AccountNotFound);
    }
    Ok(found)
}

/// The most balances of an account in an answer that has all of them. So many always fit in one.
pub const WHOLE_LIST_BALANCES_MAX: usize = 1_000;

/// All balances of an account, newest first.
///
/// # Errors
/// [`Error::ListTooLong`], and those of the store.
pub async fn list_all_account_balances(
    store: &impl ListBalances,
    scope: Scope,
    account: AccountId,
) -> Result<Vec<Balance>, Error> {
    let mut balances = whole_list(store.account_balances(scope, account).await)?;
    balances.sort_by_key(|balance| std::cmp::Reverse(creation_position(balance)));
    Ok(balances)
}

/// The list, unless it is too long to be answered as a whole, or too large to be read so.
pub(crate) fn whole_list(balances: Result<Vec<Balance>, Error>) -> Result<Vec<Balance>, Error> {
    let too_long = Error::ListTooLong { items_max: WHOLE_LIST_BALANCES_MAX };
    match balances {
        Ok(balances) if balances.len() <= WHOLE_LIST_BALANCES_MAX => Ok(balances),
        Ok(_) | Err(Error::AnswerTooLarge) => Err(too_long),
        Err(error) => Err(error),
    }
}
