//! Changing balances: the next version of one.

use subledger::balance::Balance;
use subledger::error::Error;

use crate::balance_item;
use crate::keys::Key;
use crate::store::DynamoStore;
use crate::transaction::{Guard, Outcome, Transaction};

impl DynamoStore {
    /// Writes the next version of a balance. One with `deleted_at` is its last: it takes the
    /// balance out of the lists, frees its key, and stays in the history.
    ///
    /// Returns `false` and writes nothing unless the newest version in the store is the one before
    /// it and not deleted.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for a version that no balance may have, and those of the store.
    pub async fn write_next_version(&self, next: &Balance) -> Result<bool, Error> {
        let current = balance_item::write_current(next)?;
        let Some(replaced) = next.version.checked_sub(1) else {
            return Ok(false);
        };
        let guard = Guard::Version(next.id, replaced);
        let transaction = match next.deleted_at {
            None => Transaction::new().put((), current, guard),
            Some(_) => Transaction::new()
                .delete((), &Key::Balance(next.account, &next.key), guard)
                .insert((), current),
        };
        let transaction = transaction.insert((), balance_item::write_version(next)?);
        match self.commit(&transaction).await? {
            Outcome::Committed => Ok(true),
            Outcome::Refused(_) => Ok(false),
        }
    }
}

#[cfg(feature = "testing")]
impl subledger::testing::SeedVersions for DynamoStore {
    async fn append_version(&self, balance: &Balance) -> Result<(), Error> {
        if self.write_next_version(balance).await? { Ok(()) } else { Err(Error::Contended) }
    }
}
