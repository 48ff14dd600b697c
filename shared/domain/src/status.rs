//! The status label of an object.

use crate::money::text::{Name, Text};

/// The states of an account. A label with one of these codes would say what is not so.
const STATES: &[&str] = &["BLOCKED", "CLOSED", "INACTIVE"];

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

    /// Whether the label says that the object is in a state into which no label brings it: closed,
    /// inactive or blocked, in any case of letters.
    #[must_use]
    pub fn names_state(&self) -> bool {
        let code = self.code.as_str().trim();
        STATES.iter().any(|state| state.eq_ignore_ascii_case(code))
    }
}
