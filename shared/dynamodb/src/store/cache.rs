//! Facts that this process has read and need not read again.
//!
//! Only what is written once and never changed or deleted is cached: that a ledger exists and how
//! its listings are spread, and which account an alias names. The conditions of the schema make both
//! final, so what was read once is true in every process and for good. What was not found is not
//! cached: it may be written at any time. Balances, and whether an account is blocked, are read each
//! time.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The most entries of a cache. Each takes some 300 bytes, so a full cache takes 3 MB of the 128
/// that are the least memory a Lambda function can have.
const ENTRIES_MAX: usize = 10_000;

/// Facts by key. A full cache is emptied.
#[derive(Debug)]
pub(crate) struct Cache<K, V>(Mutex<HashMap<K, V>>);

impl<K, V> Default for Cache<K, V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Eq + Hash, V: Copy> Cache<K, V> {
    /// The fact, if it is cached.
    pub(crate) fn get(&self, key: &K) -> Option<V> {
        self.entries().get(key).copied()
    }

    /// Caches a fact that never changes.
    pub(crate) fn insert(&self, key: K, fact: V) {
        let mut entries = self.entries();
        if entries.len() >= ENTRIES_MAX {
            entries.clear();
        }
        entries.insert(key, fact);
    }

    fn entries(&self) -> MutexGuard<'_, HashMap<K, V>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fact_is_cached_until_there_are_too_many() {
        let cache = Cache::default();
        assert_eq!(cache.get(&0), None);
        for n in 0..ENTRIES_MAX {
            cache.insert(n, n + 1);
        }
        assert_eq!(cache.get(&0), Some(1));
        cache.insert(ENTRIES_MAX, 7);
        assert_eq!((cache.get(&0), cache.get(&ENTRIES_MAX)), (None, Some(7)));
    }
}
