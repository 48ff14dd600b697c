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

/// Whether the code of a label says that the object is in a state into which no label brings it:
/// closed, inactive or blocked, in any case of letters.
#[must_use]
pub fn names_state(code: &Text<100>) -> bool {
    let code = code.as_str().trim();
    STATES.iter().any(|state| state.eq_ignore_ascii_case(code))
}
