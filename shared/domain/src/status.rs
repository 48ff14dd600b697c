//! The status label of an object.

use crate::money::text::{Name, Text};

/// A label that the client gives to an object; it has no effect of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// At most 100 characters.
    pub code: Text<100>,
    /// Free text.
    pub description: Option<Name>,
}

/// The changes of a status; `None` leaves a part as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StatusChange {
    /// See [`Status`].
    pub code: Option<Text<100>>,
    /// See [`Status`].
    pub description: Option<Name>,
}

impl Status {
    /// The status after a change.
    #[must_use]
    pub fn changed(&self, change: StatusChange) -> Self {
        Self {
            code: change.code.unwrap_or_else(|| self.code.clone()),
            description: change.description.or_else(|| self.description.clone()),
        }
    }

    /// `ACTIVE` without a description: what an object has when the client says nothing.
    #[must_use]
    pub fn active() -> Self {
        Self { code: Text::fixed("ACTIVE"), description: None }
    }
}
