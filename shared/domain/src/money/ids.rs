//! Typed identifiers. One type per kind, so that they cannot be mixed up.

use std::fmt;

use uuid::Uuid;

macro_rules! identifier {
    ($(#[doc = $doc:literal] $name:ident),+ $(,)?) => {$(
        #[doc = $doc]
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// The id with this UUID.
            #[must_use]
            pub const fn new(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The 128 bits of the identifier.
            #[must_use]
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }
    )+};
}

identifier! {
    /// Names an organization, the tenant.
    OrganizationId,
    /// Names a ledger of an organization.
    LedgerId,
    /// Names an asset of a ledger.
    AssetId,
    /// Names an account of a ledger.
    AccountId,
    /// Names a balance of an account.
    BalanceId,
    /// Names a transaction of a ledger.
    TransactionId,
    /// Names an operation of a transaction.
    OperationId,
}

/// The ledger that a request works in. Every read and every write carries one: what belongs to
/// another ledger does not exist for the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Scope {
    /// The tenant.
    pub organization: OrganizationId,
    /// One of the tenant's ledgers.
    pub ledger: LedgerId,
}
