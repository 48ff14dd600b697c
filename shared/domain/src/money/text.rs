//! Texts with a limit.

use std::fmt;

/// Why a text is not acceptable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Empty where something has to stand.
    #[error("is empty")]
    Empty,
    /// Longer than its limit, in characters.
    #[error("is longer than {characters_max} characters")]
    TooLong {
        /// The limit.
        characters_max: usize,
    },
    /// A character that the text may not contain.
    #[error("contains a character that is not allowed")]
    ForbiddenCharacter,
    /// A name that the system keeps for itself.
    #[error("is reserved")]
    Reserved,
    /// A name in the form of an id of this system, which would stand for the object with that id.
    #[error("has the form of an id")]
    FormOfId,
    /// Only spaces.
    #[error("has nothing but spaces")]
    Blank,
    /// A character that cannot be seen.
    #[error("contains the character U+{:04X}, which cannot be seen", u32::from(*.character))]
    InvisibleCharacter {
        /// The first such character.
        character: char,
    },
}

/// A text of at most `MAX` characters without NUL. May be empty.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text<const MAX: usize>(String);

impl<const MAX: usize> Text<MAX> {
    /// Checks the length, in characters, and refuses NUL.
    ///
    /// # Errors
    /// [`TextError::TooLong`], [`TextError::ForbiddenCharacter`].
    pub fn parse(text: &str) -> Result<Self, TextError> {
        check(text, MAX, |c| c != '\0')?;
        Ok(Self(text.to_owned()))
    }

    /// A text of the domain's own, which is known to fit.
    #[expect(clippy::expect_used, reason = "callers pass constants and texts of bounded parts")]
    pub(crate) fn fixed(text: &str) -> Self {
        Self::parse(text).expect("a text of the domain fits")
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<const MAX: usize> fmt::Display for Text<MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A name or a description.
pub type Name = Text<256>;

/// Checks a text against a length and a set of characters.
pub(crate) fn check(
    text: &str,
    characters_max: usize,
    allowed: impl Fn(char) -> bool,
) -> Result<(), TextError> {
    // A character has at most four bytes: a body of megabytes is refused without being counted.
    if text.len() > characters_max.saturating_mul(4) || text.chars().count() > characters_max {
        return Err(TextError::TooLong { characters_max });
    }
    if !text.chars().all(allowed) {
        return Err(TextError::ForbiddenCharacter);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_counts_characters_not_bytes() {
        assert!(Text::<3>::parse("äöü").is_ok());
        assert_eq!(Text::<3>::parse("abcd"), Err(TextError::TooLong { characters_max: 3 }));
        assert_eq!(Text::<3>::parse("a\0b"), Err(TextError::ForbiddenCharacter));
        assert!(Text::<3>::parse("").is_ok());
    }
}
