//! When an object was created, changed and deleted.

use super::timestamp::Timestamp;

/// When an organization, a ledger or something that a ledger is set up with was created, changed and
/// deleted, and how often it was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeline {
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// When it was deleted. Stores keep what was deleted and do not return it.
    pub deleted_at: Option<Timestamp>,
    /// How often it was changed: 0 at first, plus exactly 1 per change.
    pub revision: u64,
}

impl Timeline {
    /// Of what is created now.
    #[must_use]
    pub const fn begin(now: Timestamp) -> Self {
        Self { created_at: now, updated_at: now, deleted_at: None, revision: 0 }
    }

    /// After one more change.
    #[must_use]
    pub fn changed(&self, now: Timestamp) -> Self {
        Self {
            updated_at: Timestamp::next_after(self.updated_at, now),
            revision: self.revision.saturating_add(1),
            ..*self
        }
    }

    /// After the deletion, which is the last change.
    #[must_use]
    pub fn ended(&self, now: Timestamp) -> Self {
        let last = self.changed(now);
        Self { deleted_at: Some(last.updated_at), ..last }
    }
}
