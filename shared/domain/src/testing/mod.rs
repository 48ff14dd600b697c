//! What tests stand on: a store in memory, a clock and ids under the test's control, and the list
//! of behaviours that every store is held to.

pub mod clock;
pub mod contract;
pub mod ids;
pub mod memory_store;

use std::future::Future;

use crate::balance::Balance;
use crate::error::Error;

pub use clock::ManualClock;
pub use ids::SequentialIds;
pub use memory_store::MemoryStore;

/// Brings a balance to its next version without asking why, so that tests can give it a past.
pub trait SeedVersions: Send + Sync {
    /// Writes the next version of a balance. The caller gives it a `recorded_at` later than that
    /// of the version before.
    ///
    /// A version with a `deleted_at` is the last one: it takes the balance out of the lists and
    /// frees its key, and stays in the history.
    ///
    /// MUST return [`Error::Contended`] and write nothing unless the newest version in the store
    /// is the one before it and not deleted. MUST return [`Error::Corrupt`] and write nothing for
    /// a version that fails [`Balance::check`].
    fn append_version(&self, balance: &Balance) -> impl Future<Output = Result<(), Error>> + Send;
}
