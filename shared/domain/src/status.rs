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

impl Status {
    /// `ACTIVE` without a description: what an object has when the client says nothing.
    #[must_use]
    pub fn active() -> Self {
        Self { code: Text::fixed("ACTIVE"), description: None }
    }
}
