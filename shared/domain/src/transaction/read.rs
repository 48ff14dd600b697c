//! Reading transactions and operations.

use crate::error::Error;
use crate::money::ids::{AccountId, Scope, TransactionId};
use crate::page::{ListPosition, Page, PageRequest};
use crate::ports::{AccountOperation, ListTransactions, PostTransactions};
use crate::transaction::Transaction;

/// The position of a transaction in a list: when it was recorded.
#[must_use]
pub fn transaction_position(transaction: &Transaction) -> ListPosition {
    ListPosition { at: transaction.recorded_at, id: transaction.id.uuid() }
}

/// The position of an operation in a list: when it was recorded. Its id gives the order within a
/// transaction.
#[must_use]
pub const fn operation_position(listed: &AccountOperation) -> ListPosition {
    ListPosition { at: listed.operation.recorded_at, id: listed.operation.id.uuid() }
}

/// The transaction as it is now.
///
/// # Errors
/// [`Error::TransactionNotFound`], and those of the store.
pub async fn get_transaction(
    store: &impl PostTransactions,
    scope: Scope,
    id: TransactionId,
) -> Result<Transaction, Error> {
    store.transaction(scope, id).await?.ok_or(Error::TransactionNotFound)
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
