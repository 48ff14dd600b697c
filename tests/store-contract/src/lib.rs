//! What tests stand on: a store in memory, a clock and ids under the test's control, and the list
//! of behaviours that every store is held to.

pub mod clock;
pub mod contract;
pub mod ids;
pub mod memory_store;
pub mod samples;

use std::future::Future;

use subledger::balance::Balance;
use subledger::error::Error;
use subledger::ports::ChangeBalances;

pub use clock::ManualClock;
pub use ids::SequentialIds;
pub use memory_store::MemoryStore;

/// Gives a balance a past, whatever the rules of postings.
pub trait SeedVersions: ChangeBalances {
    /// Writes the next version of a balance. The caller gives it a `recorded_at` later than that
    /// of the version before.
    ///
    /// A version with a `deleted_at` is the last one: it takes the balance out of the lists and
    /// frees its key, and stays in the history.
    ///
    /// # Errors
    /// [`Error::Contended`] with nothing written unless the newest version in the store is the one
    /// before it and not deleted.
    fn append_version(&self, balance: &Balance) -> impl Future<Output = Result<(), Error>> + Send {
        async {
            if self.change_balance(balance, None).await? { Ok(()) } else { Err(Error::Contended) }
        }
    }
}

impl<S: ChangeBalances> SeedVersions for S {}
