//! What is agreed when an account is opened through v0.

mod credit;
mod document;

use crate::idempotency::Fingerprint;
use crate::money::bounded_list::BoundedList;
use crate::money::named::named;
use crate::money::text::{Name, check};

pub use credit::{
    ADVERSE_ACTION_REASON_CHARACTERS_MAX, AdverseActionNotice, ApprovedCredit, CreditBureau,
    CreditReport, CreditScore, CurrencyCode, DeliveryMethod, Protection,
    UNDERWRITING_GRADE_CHARACTERS_MAX,
};
pub use document::{
    DOCUMENT_ID_CHARACTERS_MAX, DOCUMENT_VERSION_CHARACTERS_MAX, DOCUMENTS_MAX, Document,
    DocumentDescription, DocumentError, DocumentId, DocumentType,
};

/// The most entities that have the same relation to an account.
pub const ENTITIES_MAX: usize = 20;
/// The longest part of an entity's id behind `entity_`, in characters.
pub const ENTITY_ID_CHARACTERS_MAX: usize = 33;
/// The longest part of an application's id behind `application_`, in characters. The wire names
/// no limit.
pub const APPLICATION_ID_CHARACTERS_MAX: usize = 64;

/// What v0 knows of an account that was opened there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountProfile {
    /// What was agreed.
    pub agreement: Agreement,
    /// The fingerprint of the request that opened the account, which tells a repetition from
    /// another request.
    pub fingerprint: Fingerprint,
}

/// What is agreed when an account is opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agreement {
    /// What the account may be used for.
    pub capabilities: Capabilities,
    /// What the product is called.
    pub product_name: Name,
    /// The people and businesses related to the account.
    pub entities: AccountEntities,
    /// The application that was approved, and its credit.
    pub application_id: Option<ApplicationId>,
    /// How much credit was approved, and why.
    pub credit: Option<ApprovedCredit>,
    /// What the customer was told about what was not approved.
    pub adverse_action_notice: Option<AdverseActionNotice>,
    /// What the customer was shown; may be empty.
    pub documents: BoundedList<Document, 0, DOCUMENTS_MAX>,
}

impl Agreement {
    /// Whether the account may have a credit balance.
    #[must_use]
    pub fn supports_credit(&self) -> bool {
        self.capabilities.as_slice().iter().any(|capability| match capability {
            Capability::CreditWithUnderwriting | Capability::CreditWithoutUnderwriting => true,
            Capability::Deposit => false,
        })
    }
}

named! {
    /// What kinds of balances an account may have.
    pub enum Capability {
        /// Deposits.
        Deposit => "deposit",
        /// Credit that was underwritten.
        CreditWithUnderwriting => "credit_with_underwriting",
        /// Credit that was not.
        CreditWithoutUnderwriting => "credit_without_underwriting",
    }
}

/// Why a list of capabilities is not acceptable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CapabilitiesError {
    /// None.
    #[error("an account has at least one capability")]
    Empty,
    /// One twice.
    #[error("a capability is named twice")]
    Repeated {
        /// The index of the second occurrence.
        index: usize,
    },
}

/// At least one capability, none twice, in the order of the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capabilities(Vec<Capability>);

impl Capabilities {
    /// Checks that there is one, and none twice.
    ///
    /// # Errors
    /// [`CapabilitiesError`].
    pub fn new(capabilities: Vec<Capability>) -> Result<Self, CapabilitiesError> {
        if capabilities.is_empty() {
            return Err(CapabilitiesError::Empty);
        }
        for (index, capability) in capabilities.iter().enumerate() {
            if capabilities.iter().take(index).any(|earlier| earlier == capability) {
                return Err(CapabilitiesError::Repeated { index });
            }
        }
        Ok(Self(capabilities))
    }

    /// The capabilities.
    #[must_use]
    pub fn as_slice(&self) -> &[Capability] {
        &self.0
    }

    /// Whether it is one of them.
    #[must_use]
    pub fn contains(&self, capability: Capability) -> bool {
        self.0.contains(&capability)
    }
}

/// The people and businesses related to an account, by their ids. They are stored elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountEntities {
    /// What the holders are; absent where the client does not say.
    pub holder_type: Option<AccountHolderType>,
    /// Whose account it is.
    pub account_holders: BoundedList<EntityId, 1, ENTITIES_MAX>,
    /// Who signs for the holders; may be empty.
    pub authorized_signers: BoundedList<EntityId, 0, ENTITIES_MAX>,
    /// Who else may use it; may be empty.
    pub authorized_users: BoundedList<EntityId, 0, ENTITIES_MAX>,
}

named! {
    /// What the holders of an account are.
    pub enum AccountHolderType {
        /// People.
        Consumer => "consumer",
        /// Businesses.
        Commercial => "commercial",
    }
}

/// `entity_` and 1 to 33 characters that are not white space.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntityId(String);

impl EntityId {
    /// The id, if the text is one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let own = text.strip_prefix("entity_").filter(|own| !own.is_empty())?;
        // White space as in the wire's pattern, which is one of ECMAScript.
        let is_space = |c: char| c == '\u{feff}' || (c.is_whitespace() && c != '\u{85}');
        check(own, ENTITY_ID_CHARACTERS_MAX, |c| !is_space(c) && c != '\0').ok()?;
        Some(Self(text.to_owned()))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// `application_` and 1 to 64 letters, digits and underscores.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApplicationId(String);

impl ApplicationId {
    /// The id, if the text is one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let own = text.strip_prefix("application_").filter(|own| !own.is_empty())?;
        let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_';
        check(own, APPLICATION_ID_CHARACTERS_MAX, allowed).ok()?;
        Some(Self(text.to_owned()))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_has_a_capability_and_none_twice() {
        use Capability::{CreditWithoutUnderwriting, Deposit};
        assert_eq!(Capabilities::new(vec![]), Err(CapabilitiesError::Empty));
        assert!(Capabilities::new(vec![Deposit, CreditWithoutUnderwriting]).is_ok());
        assert_eq!(
            Capabilities::new(vec![Deposit, CreditWithoutUnderwriting, Deposit]),
            Err(CapabilitiesError::Repeated { index: 2 })
        );
    }

    #[test]
    fn ids_have_their_prefix_and_their_characters() {
        for (text, fits) in [
            ("entity_1", true),
            ("entity_é#/", true),
            ("entity_123456789012345678901234567890123", true),
            ("entity_1234567890123456789012345678901234", false),
            ("entity_", false),
            ("entity_a b", false),
            ("entity_a\u{a0}b", false),
            ("entity_a\u{feff}b", false),
            ("entity_a\u{85}b", true),
            ("entity_a\u{a0}", false),
            ("entity_a\0", false),
            ("Entity_1", false),
            ("", false),
        ] {
            assert_eq!(EntityId::parse(text).is_some(), fits, "{text:?}");
        }
        for (text, fits) in [
            ("application_xyz_123", true),
            ("application_", false),
            ("application_a-b", false),
            ("application_é", false),
            ("application", false),
        ] {
            assert_eq!(ApplicationId::parse(text).is_some(), fits, "{text:?}");
        }
        assert!(ApplicationId::parse(&format!("application_{}", "a".repeat(64))).is_some());
        assert!(ApplicationId::parse(&format!("application_{}", "a".repeat(65))).is_none());
    }
}
