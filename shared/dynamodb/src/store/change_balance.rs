//! Changing balances: the port [`ChangeBalances`].

use subledger::account::Account;
use subledger::balance::Balance;
use subledger::error::Error;
use subledger::ports::ChangeBalances;

use crate::requests::transact_write::{Condition, TransactWrite};
use crate::schema::items;
use crate::schema::keys::Key;
use crate::store::DynamoStore;

impl DynamoStore {
    /// Writes the next version of a balance. One with `deleted_at` is its last: it takes the
    /// balance out of the lists, frees its key, and stays in the history.
    ///
    /// Returns `false` and writes nothing unless the newest version in the store is the one before
    /// it and not deleted.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn write_next_version(&self, next: &Balance) -> Result<bool, Error> {
        let Some(transaction) = with_next_version(TransactWrite::new(), next)? else {
            return Ok(false);
        };
        self.table.write_if_current(&transaction).await
    }
}

/// Adds the writes of the next version of a balance; `None` for version 0, which follows none.
pub(crate) fn with_next_version(
    transaction: TransactWrite<()>,
    next: &Balance,
) -> Result<Option<TransactWrite<()>>, Error> {
    let current = items::balance::write_current(next)?;
    let Some(replaced) = next.version.checked_sub(1) else {
        return Ok(None);
    };
    let condition = Condition::Version(next.id, replaced);
    let transaction = match next.deleted_at {
        None => transaction.put((), current, condition),
        Some(_) => transaction
            .delete((), &Key::Balance(next.account, &next.key), condition)
            .put_if_absent((), current),
    };
    Ok(Some(transaction.put_if_absent((), items::balance::write_version(next)?)))
}

impl ChangeBalances for DynamoStore {
    async fn change_balance(
        &self,
        next: &Balance,
        overdraft_balance: Option<(&Account, &Balance)>,
    ) -> Result<bool, Error> {
        let Some(mut transaction) = with_next_version(TransactWrite::new(), next)? else {
            return Ok(false);
        };
        if let Some((account, overdraft_balance)) = overdraft_balance {
            let listing_item =
                items::listing::write_balance(overdraft_balance, account.listing_shards)?;
            transaction = transaction
                .put_if_absent_now((), items::balance::write_current(overdraft_balance)?)
                .put_if_absent((), items::balance::write_version(overdraft_balance)?)
                .put_if_absent((), listing_item);
        }
        self.table.write_if_current(&transaction).await
    }
}

#[cfg(feature = "testing")]
impl DynamoStore {
    /// Writes several next versions of a balance at once, none of them a deletion: at most 99,
    /// which with the balance itself are as many items as a transaction may have.
    ///
    /// # Errors
    /// [`Error::Contended`] unless the newest version in the store is the one before the first,
    /// and those of the store.
    pub async fn append_versions(&self, versions: &[Balance]) -> Result<(), Error> {
        let (Some(first), Some(last)) = (versions.first(), versions.last()) else {
            return Ok(());
        };
        let replaced = first.version.checked_sub(1).ok_or(Error::Contended)?;
        let condition = Condition::Version(last.id, replaced);
        let mut transaction =
            TransactWrite::new().put((), items::balance::write_current(last)?, condition);
        for version in versions {
            transaction = transaction.put_if_absent((), items::balance::write_version(version)?);
        }
        if self.table.write_if_current(&transaction).await? {
            Ok(())
        } else {
            Err(Error::Contended)
        }
    }
}
