//! Everything that can go wrong, in the words of the domain.

use crate::account::Alias;
use crate::amount::AmountError;
use crate::balance::BalanceKey;
use crate::timestamp::Timestamp;

/// What a store failed with; for the log, never for a client.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Why an operation did not happen.
///
/// Variants stand in order of precedence: when several apply, the first is reported. `Display`
/// never includes the cause; the log prints the chain.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The key was used for a request that asked for something else.
    #[error("the idempotency key was used for another request")]
    IdempotencyKeyReused,
    /// Only the system opens balances with this key.
    #[error("the balance key is reserved")]
    BalanceKeyReserved,
    /// The moment has not come yet.
    #[error("{as_of} is in the future")]
    MomentInFuture {
        /// The moment asked about.
        as_of: Timestamp,
    },
    /// The organization does not exist, or is another tenant's.
    #[error("there is no such organization")]
    OrganizationNotFound,
    /// The organization that a new one names as its parent does not exist.
    #[error("there is no such parent organization")]
    ParentOrganizationNotFound,
    /// The ledger does not exist, or is another tenant's.
    #[error("there is no such ledger")]
    LedgerNotFound,
    /// The asset does not exist in the ledger.
    #[error("there is no such asset")]
    AssetNotFound,
    /// The account does not exist in the ledger.
    #[error("there is no such account")]
    AccountNotFound,
    /// The account that a new balance names as its holder does not exist in the ledger.
    #[error("there is no such account to hold the balance")]
    HolderNotFound,
    /// The account that a new one names as its parent does not exist.
    #[error("there is no such parent account")]
    ParentAccountNotFound,
    /// The account that a new one names as its parent has another asset.
    #[error("the parent account has another asset")]
    ParentAccountOfOtherAsset,
    /// No account of the ledger has the alias.
    #[error("there is no account with this alias")]
    AliasNotFound,
    /// The balance does not exist in the ledger, or was deleted.
    #[error("there is no such balance")]
    BalanceNotFound,
    /// Nothing existed at the moment.
    #[error("no balance existed at that moment")]
    NoBalanceAtMoment,
    /// Another ledger of the organization has the name.
    #[error("the ledger name is taken")]
    LedgerNameTaken,
    /// Another asset of the ledger has the name or the code.
    #[error("the asset's name or code is taken")]
    AssetTaken,
    /// Another account of the ledger has the alias.
    #[error("the alias {alias} is taken")]
    AliasTaken {
        /// The alias.
        alias: Alias,
    },
    /// The account has a balance with the key.
    #[error("the account has a balance {key}")]
    BalanceKeyTaken {
        /// The key.
        key: BalanceKey,
    },
    /// The account stands for the world outside and has the one balance it was born with.
    #[error("an external account has one balance")]
    ExternalAccount,
    /// The account is closed.
    #[error("the account is closed")]
    AccountClosed,
    /// The account was not opened for this type of balance.
    #[error("the account does not support this type of balance")]
    CapabilityMissing,
    /// The account cannot go from where it is to where the request wants it.
    #[error("the account's status does not allow this change")]
    StatusTransition,
    /// A sum has more digits than an amount may have.
    #[error("an amount left its range")]
    AmountOutOfRange,
    /// Other writers changed the same items until the patience was spent; nothing was written.
    #[error("other requests are changing the same items")]
    Contended,
    /// The store asks for fewer requests; nothing was written.
    #[error("the store is throttling")]
    Throttled,
    /// The store cannot be reached, or failed. The request may be repeated.
    #[error("the store is unavailable")]
    Unavailable {
        /// What it failed with.
        #[source]
        cause: Cause,
    },
    /// A stored item is not what was stored.
    #[error("the stored item {key} is not readable: {reason}")]
    Corrupt {
        /// Where the item is.
        key: String,
        /// What is wrong with it.
        reason: String,
    },
}

impl Error {
    /// Whether the same request may succeed later without anybody changing it.
    #[must_use]
    pub const fn retryable(&self) -> bool {
        match self {
            Self::Contended | Self::Throttled | Self::Unavailable { .. } => true,
            Self::IdempotencyKeyReused
            | Self::BalanceKeyReserved
            | Self::MomentInFuture { .. }
            | Self::OrganizationNotFound
            | Self::ParentOrganizationNotFound
            | Self::LedgerNotFound
            | Self::AssetNotFound
            | Self::AccountNotFound
            | Self::HolderNotFound
            | Self::ParentAccountNotFound
            | Self::ParentAccountOfOtherAsset
            | Self::AliasNotFound
            | Self::BalanceNotFound
            | Self::NoBalanceAtMoment
            | Self::LedgerNameTaken
            | Self::AssetTaken
            | Self::AliasTaken { .. }
            | Self::BalanceKeyTaken { .. }
            | Self::ExternalAccount
            | Self::AccountClosed
            | Self::CapabilityMissing
            | Self::StatusTransition
            | Self::AmountOutOfRange
            | Self::Corrupt { .. } => false,
        }
    }
}

impl From<AmountError> for Error {
    /// Amounts that reach the domain were parsed; all that can still happen is a range.
    fn from(_: AmountError) -> Self {
        Self::AmountOutOfRange
    }
}
