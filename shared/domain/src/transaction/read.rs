//! Listing transactions and operations.

use crate::error::Error;
use crate::money::ids::{AccountId, Scope};
use crate::page::{ListPosition, Page, PageRequest};
use crate::ports::{AccountOperation, ListTransactions};
use crate::transaction::Transaction;

/// The place of a transaction in a list: when it was recorded.
#[must_use]
pub const fn transaction_position(transaction: &Transaction) -> ListPosition {
    ListPosition { at: transaction.recorded_at, id: transaction.id.uuid() }
}

/// The place of an operation in a list: when it was recorded; its id tells the order within a
/// transaction.
#[must_use]
pub const fn operation_position(listed: &AccountOperation) -> ListPosition {
    ListPosition { at: listed.operation.recorded_at, id: listed.operation.id.uuid() }
}

/// A page of the operations on the balances of an account.
///
/// # Errors
/// Those of the store.
pub async fn list_account_operations(
    store: &impl ListTransactions,
    scope: Scope,
    account: AccountId,
    page: &PageRequest,
) -> Result<Page<AccountOperation>, Error> {
    let found = store.account_operations(scope, account, &page.query()).await?;
    Ok(page.page(found, operation_position))
}
