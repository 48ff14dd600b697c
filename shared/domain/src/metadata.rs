//! Metadata: keys and values that a client attaches to an object.

use std::collections::BTreeMap;

use crate::error::Error;
use crate::money::text::{Text, TextError, check};

/// The most entries in one metadata object.
pub const METADATA_ENTRIES_MAX: usize = 100;
/// The longest key, in characters.
pub const METADATA_KEY_CHARACTERS_MAX: usize = 100;
/// The longest value, in characters.
pub const METADATA_VALUE_CHARACTERS_MAX: usize = 2_000;

/// A value without structure. Numbers keep the digits that the client wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MetadataValue {
    /// Text.
    Text(Text<METADATA_VALUE_CHARACTERS_MAX>),
    /// A number, as the client spelled it.
    Number(Text<METADATA_VALUE_CHARACTERS_MAX>),
    /// True or false.
    Boolean(bool),
    /// Present without a value.
    Null,
}

/// Why metadata is not acceptable.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MetadataError {
    /// More than [`METADATA_ENTRIES_MAX`] entries.
    #[error("has more than {METADATA_ENTRIES_MAX} entries")]
    TooManyEntries,
    /// A key that is too long or holds a NUL.
    #[error("the key {key:?} is not acceptable")]
    Key {
        /// The key.
        key: String,
        /// What is wrong with it.
        #[source]
        source: TextError,
    },
}

/// Entries by key. May be empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Metadata(BTreeMap<String, MetadataValue>);

impl Metadata {
    /// Checks the number of entries and the keys.
    ///
    /// # Errors
    /// [`MetadataError`].
    pub fn new(entries: BTreeMap<String, MetadataValue>) -> Result<Self, MetadataError> {
        if entries.len() > METADATA_ENTRIES_MAX {
            return Err(MetadataError::TooManyEntries);
        }
        for key in entries.keys() {
            check(key, METADATA_KEY_CHARACTERS_MAX, |c| c != '\0')
                .map_err(|source| MetadataError::Key { key: key.clone(), source })?;
        }
        Ok(Self(entries))
    }

    /// The metadata after a change, whose entries are added to those that exist or replace them. An
    /// entry without a value removes one.
    ///
    /// # Errors
    /// [`Error::MetadataTooLarge`].
    pub fn merged(&self, change: &Self) -> Result<Self, Error> {
        let mut entries = self.0.clone();
        for (key, value) in &change.0 {
            if *value == MetadataValue::Null {
                entries.remove(key);
            } else {
                entries.insert(key.clone(), value.clone());
            }
        }
        let entries_max = METADATA_ENTRIES_MAX;
        if entries.len() > entries_max {
            return Err(Error::MetadataTooLarge { entries_max });
        }
        Ok(Self(entries))
    }

    /// The entries in key order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &MetadataValue)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value))
    }

    /// Whether there is no entry.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_entries_and_the_keys_are_bounded() {
        let entries = |n: usize| (0..n).map(|i| (i.to_string(), MetadataValue::Null)).collect();
        assert!(Metadata::new(entries(100)).is_ok());
        assert_eq!(Metadata::new(entries(101)), Err(MetadataError::TooManyEntries));
        let long = BTreeMap::from([("k".repeat(101), MetadataValue::Null)]);
        assert!(matches!(Metadata::new(long), Err(MetadataError::Key { .. })));
    }

    fn metadata(entries: &[(&str, MetadataValue)]) -> Metadata {
        let entries = entries.iter().map(|(key, value)| ((*key).to_owned(), value.clone()));
        Metadata::new(entries.collect()).unwrap()
    }

    #[test]
    fn a_change_adds_replaces_and_takes_away() {
        let [yes, no] = [true, false].map(MetadataValue::Boolean);
        let before = metadata(&[("a", yes.clone()), ("b", yes.clone()), ("c", yes.clone())]);
        let change = metadata(&[("b", no.clone()), ("c", MetadataValue::Null), ("d", no.clone())]);
        let after = metadata(&[("a", yes.clone()), ("b", no.clone()), ("d", no)]);
        assert_eq!(before.merged(&change).unwrap(), after);
        assert_eq!(before.merged(&Metadata::default()).unwrap(), before);
        let many = (0..100).map(|n| (n.to_string(), yes.clone())).collect();
        let refused = before.merged(&Metadata::new(many).unwrap());
        assert!(matches!(refused, Err(Error::MetadataTooLarge { entries_max: 100 })));
    }
}
