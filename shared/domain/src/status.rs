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
        Self::coded("ACTIVE")
    }

    /// A status that the system gives, such as `external`.
    pub(crate) fn coded(code: &str) -> Self {
        Self { code: Text::parse(code).unwrap_or_else(|_| Text::empty()), description: None }
    }
}
