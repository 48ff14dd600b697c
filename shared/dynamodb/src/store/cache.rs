//! What this process has learned and need not ask again.
//!
//! Only what is written once and never changed or deleted is remembered: that a ledger exists and
//! how its listings are spread, and which account an alias names. The conditions of the schema
//! make both final, so what was read once is true in every process and for good. What was not found
//! is not remembered: it may be written at any time. Balances, and whether an account is blocked,
//! are read each time.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The most facts of a kind. Each takes some 300 bytes, so a full memory takes 3 MB of the least
/// that a Lambda function can have, which is 128.
const FACTS_MAX: usize = 10_000;

/// Facts of a kind, by what they are about. A full memory forgets everything: what is asked again
/// is learned again.
#[derive(Debug)]
pub(crate) struct Cache<K, V>(Mutex<HashMap<K, V>>);

impl<K, V> Default for Cache<K, V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Eq + Hash, V: Copy> Cache<K, V> {
    /// The fact, if it is cache.
    pub(crate) fn get(&self, about: &K) -> Option<V> {
        self.facts().get(about).copied()
    }

    /// Remembers a fact that never changes.
    pub(crate) fn keep(&self, about: K, fact: V) {
        let mut facts = self.facts();
        if facts.len() >= FACTS_MAX {
            facts.clear();
        }
        facts.insert(about, fact);
    }

    fn facts(&self) -> MutexGuard<'_, HashMap<K, V>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fact_is_remembered_until_there_are_too_many() {
        let cache = Cache::default();
        assert_eq!(cache.get(&0), None);
        for n in 0..FACTS_MAX {
            cache.keep(n, n + 1);
        }
        assert_eq!(cache.get(&0), Some(1));
        cache.keep(FACTS_MAX, 7);
        assert_eq!((cache.get(&0), cache.get(&FACTS_MAX)), (None, Some(7)));
    }
}
