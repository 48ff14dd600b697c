//! What is agreed when an account is opened through v0.

use crate::idempotency::Fingerprint;
use crate::text::Name;

/// What kinds of balances an account may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Capability {
    /// Deposits.
    Deposit,
    /// Credit that was underwritten.
    CreditWithUnderwriting,
    /// Credit that was not.
    CreditWithoutUnderwriting,
}

/// What is agreed when an account is opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountProfile {
    /// At least one.
    pub capabilities: Vec<Capability>,
    /// What the product is called.
    pub product_name: Name,
    /// What the request asked for, to tell a repetition from another request.
    pub fingerprint: Fingerprint,
}

impl AccountProfile {
    /// Whether the account may have a credit balance.
    #[must_use]
    pub fn supports_credit(&self) -> bool {
        self.capabilities.iter().any(|capability| match capability {
            Capability::CreditWithUnderwriting | Capability::CreditWithoutUnderwriting => true,
            Capability::Deposit => false,
        })
    }
}
