//! Idempotency: a request that is sent several times has one effect.
//!
//! The id of what a request creates is derived from the key of the request. So a repeated request
//! would create the same item, and the store refuses it because the item exists. There is no record
//! of requests that could expire, and a request that failed has not used its key.

use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::money::ids::Scope;
use crate::money::text::{TextError, check};

/// The longest key, in characters.
pub const IDEMPOTENCY_KEY_CHARACTERS_MAX: usize = 255;

/// The key that a client gives to one request: printable ASCII characters, at most 255 of them. Other
/// characters may be changed on the way to the service, and two keys could become one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// Checks that a text has at least `characters_min` and at most
    /// [`IDEMPOTENCY_KEY_CHARACTERS_MAX`] characters, all of them printable ASCII. A key of no
    /// characters is never one.
    ///
    /// # Errors
    /// [`TextError::Empty`] for fewer characters, [`TextError::TooLong`] for more,
    /// [`TextError::ForbiddenCharacter`].
    pub fn parse_with_min(text: &str, characters_min: usize) -> Result<Self, TextError> {
        if text.is_empty() || text.chars().take(characters_min).count() < characters_min {
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

    /// The bytes of the hash.
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
    fn a_key_has_the_least_number_of_characters_to_255() {
        for (length, least, fits) in [
            (0, 0, false),
            (0, 1, false),
            (1, 1, true),
            (4, 5, false),
            (5, 5, true),
            (255, 5, true),
            (256, 1, false),
        ] {
            let key = IdempotencyKey::parse_with_min(&"~".repeat(length), least);
            assert_eq!(key.is_ok(), fits, "{length} of at least {least}");
        }
    }

    #[test]
    fn a_key_is_printable_ascii() {
        for (key, fits) in
            [("a key!", true), ("clé-001", false), ("a\tkey", false), ("\u{7f}abcd", false)]
        {
            assert_eq!(IdempotencyKey::parse_with_min(key, 1).is_ok(), fits, "{key:?}");
        }
    }

    #[test]
    fn an_id_depends_on_tenant_operation_and_key_and_nothing_else() {
        let key = IdempotencyKey::parse_with_min("first", 1).unwrap();
        let other = IdempotencyKey::parse_with_min("other", 1).unwrap();
        let id = derive_id(scope(1, 2), IdempotentOperation::CreateBalance, &key);
        assert_eq!(id, derive_id(scope(1, 2), IdempotentOperation::CreateBalance, &key));
        assert_ne!(id, derive_id(scope(1, 2), IdempotentOperation::CreateAccount, &key));
        assert_ne!(id, derive_id(scope(1, 2), IdempotentOperation::CreateBalance, &other));
        assert_ne!(id, derive_id(scope(1, 3), IdempotentOperation::CreateBalance, &key));
        assert_ne!(id, derive_id(scope(3, 2), IdempotentOperation::CreateBalance, &key));
        assert_eq!(id.get_version_num(), 8);
    }
}
