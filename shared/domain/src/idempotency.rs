//! One request, however often it is sent.
//!
//! The id of what a request creates is derived from the caller's key, so a repeated request names
//! the same item, and the store's "only if absent" refuses it. There is no second record, nothing
//! expires, and a request that failed has consumed nothing.

use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::money::ids::Scope;
use crate::money::text::{TextError, check};

/// The shortest key of a request whose format knows a shortest, in characters.
pub const IDEMPOTENCY_KEY_CHARACTERS_MIN: usize = 5;
/// The longest key, in characters.
pub const IDEMPOTENCY_KEY_CHARACTERS_MAX: usize = 255;

/// A caller's name for one request: 5 to 255 printable ASCII characters, or 1 to 255 where the format
/// of the request knows no shortest. Others may be made into one and the same between a client and
/// the service, and two requests would then be one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// Checks the length and the characters.
    ///
    /// # Errors
    /// [`TextError::Empty`] below the shortest, [`TextError::TooLong`] above the longest,
    /// [`TextError::ForbiddenCharacter`].
    pub fn parse(text: &str) -> Result<Self, TextError> {
        if text.chars().take(IDEMPOTENCY_KEY_CHARACTERS_MIN).count()
            < IDEMPOTENCY_KEY_CHARACTERS_MIN
        {
            return Err(TextError::Empty);
        }
        Self::parse_short(text)
    }

    /// Checks the same, but for the shortest, which is one character.
    ///
    /// # Errors
    /// [`TextError::Empty`], [`TextError::TooLong`], [`TextError::ForbiddenCharacter`].
    pub fn parse_short(text: &str) -> Result<Self, TextError> {
        if text.is_empty() {
            return Err(TextError::Empty);
        }
        check(text, IDEMPOTENCY_KEY_CHARACTERS_MAX, |c| (' '..='~').contains(&c))?;
        Ok(Self(text.to_owned()))
    }
}

/// What a request can create under a key. The same key may be used once for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdempotentOperation {
    /// A v0 account.
    CreateAccount,
    /// A v0 subledger balance.
    CreateBalance,
    /// A transaction.
    PostTransaction,
}

impl IdempotentOperation {
    const fn name(self) -> &'static str {
        match self {
            Self::CreateAccount => "create-account",
            Self::CreateBalance => "create-balance",
            Self::PostTransaction => "post-transaction",
        }
    }
}

/// The id that a request under this key creates: a version 8 UUID of the first 128 bits of the
/// SHA-256 of tenant, operation and key.
#[must_use]
pub fn derive_id(scope: Scope, operation: IdempotentOperation, key: &IdempotencyKey) -> Uuid {
    let digest = Sha256::new()
        .chain_update(scope.organization.uuid().as_bytes())
        .chain_update(scope.ledger.uuid().as_bytes())
        .chain_update(operation.name().as_bytes())
        .chain_update([0])
        .chain_update(key.0.as_bytes())
        .finalize();
    let mut bytes = [0; 16];
    bytes.iter_mut().zip(digest.iter()).for_each(|(byte, hashed)| *byte = *hashed);
    Uuid::new_v8(bytes)
}

/// The SHA-256 of what a request asks for, to tell a repetition from another request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// The fingerprint of a request in its canonical form.
    #[must_use]
    pub fn of(canonical: &[u8]) -> Self {
        Self(Sha256::digest(canonical).into())
    }

    /// A fingerprint that was stored.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// To store it.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::ids::{LedgerId, OrganizationId};

    fn scope(organization: u128, ledger: u128) -> Scope {
        Scope {
            organization: OrganizationId::new(Uuid::from_u128(organization)),
            ledger: LedgerId::new(Uuid::from_u128(ledger)),
        }
    }

    #[test]
    fn a_key_has_5_to_255_characters() {
        for (length, fits) in [(0, false), (4, false), (5, true), (255, true), (256, false)] {
            assert_eq!(IdempotencyKey::parse(&"~".repeat(length)).is_ok(), fits, "{length}");
        }
    }

    #[test]
    fn a_key_is_printable_ascii() {
        for (key, fits) in
            [("a key!", true), ("clé-001", false), ("a\tkey", false), ("\u{7f}abcd", false)]
        {
            assert_eq!(IdempotencyKey::parse(key).is_ok(), fits, "{key:?}");
        }
    }

    #[test]
    fn a_short_key_has_1_to_255_characters() {
        for (length, fits) in [(0, false), (1, true), (255, true), (256, false)] {
            assert_eq!(IdempotencyKey::parse_short(&"~".repeat(length)).is_ok(), fits, "{length}");
        }
    }

    #[test]
    fn an_id_depends_on_tenant_operation_and_key_and_nothing_else() {
        let key = IdempotencyKey::parse("first").unwrap();
        let other = IdempotencyKey::parse("other").unwrap();
        let id = derive_id(scope(1, 2), IdempotentOperation::CreateBalance, &key);
        assert_eq!(id, derive_id(scope(1, 2), IdempotentOperation::CreateBalance, &key));
        assert_ne!(id, derive_id(scope(1, 2), IdempotentOperation::CreateAccount, &key));
        assert_ne!(id, derive_id(scope(1, 2), IdempotentOperation::CreateBalance, &other));
        assert_ne!(id, derive_id(scope(1, 3), IdempotentOperation::CreateBalance, &key));
        assert_ne!(id, derive_id(scope(3, 2), IdempotentOperation::CreateBalance, &key));
        assert_eq!(id.get_version_num(), 8);
    }
}
