//! Everything that can go wrong in a use case.

use crate::account::Alias;
use crate::account::group::GroupKind;
use crate::account::lifecycle::RemainingMoney;
use crate::balance::BalanceKey;
use crate::count::Counts;
use crate::ledger::asset::AssetCode;
use crate::money::amount::{Amount, AmountError};
use crate::money::ids::TransactionId;
use crate::money::timestamp::Timestamp;
use crate::transaction::{LegName, Restriction, Shortfall, Side, TransactionStatus};

/// What a store failed with. It goes to the log and never to a client.
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
    /// A final answer was asked for, and the moment has not settled yet.
    #[error("{as_of} has not settled yet")]
    MomentUnsettled {
        /// The moment asked about.
        as_of: Timestamp,
        /// In how many seconds it will have settled; at least one.
        seconds: u32,
    },
    /// The organization does not exist, or is another tenant's.
    #[error("there is no such organization")]
    OrganizationNotFound,
    /// The organization that another one names as its parent does not exist.
    #[error("there is no such parent organization")]
    ParentOrganizationNotFound,
    /// The organization names itself as its parent.
    #[error("an organization is not its own parent")]
    OwnParentOrganization,
    /// What is to be changed or deleted does not exist, or is another tenant's.
    #[error("there is nothing with this id")]
    ObjectNotFound,
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
    /// No account type of the ledger has the type of a new account as its key, and the ledger asks for
    /// one.
    #[error("the type of the account is no account type of the ledger")]
    AccountTypeUnknown,
    /// The portfolio or the segment that an account names does not exist in the ledger.
    #[error("there is no such {}", .kind.name())]
    GroupNotFound {
        /// Portfolio or segment.
        kind: GroupKind,
    },
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
    /// Another segment of the ledger has the name, or another account type the key.
    #[error("the name or the key of the {} is taken", .kind.name())]
    GroupTaken {
        /// Segment or account type.
        kind: GroupKind,
    },
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
    /// The account is an external account, which has exactly one balance.
    #[error("an external account has one balance")]
    ExternalAccount,
    /// The account is closed.
    #[error("the account is closed")]
    AccountClosed,
    /// The account of a new balance has another asset than the balance.
    #[error("the account has another asset than the balance")]
    HolderAsset,
    /// The account was not opened for this type of balance.
    #[error("the account does not support this type of balance")]
    CapabilityMissing,
    /// The state of the account does not allow the change.
    #[error("the account's status does not allow this change")]
    StatusTransition,
    /// The transaction does not exist in the ledger.
    #[error("there is no such transaction")]
    TransactionNotFound,
    /// The amount of a leg is zero or less.
    #[error("the amount of a leg is not positive")]
    LegNotPositive {
        /// The side of the leg.
        side: Side,
        /// Its amount.
        amount: Amount,
    },
    /// The amounts of a side do not add up to the transaction's value.
    #[error("the legs do not add up to the transaction's value")]
    TransactionTotals {
        /// The side.
        side: Side,
        /// Its sum.
        total: Amount,
        /// The transaction's value.
        value: Amount,
    },
    /// The transaction's value is zero or less.
    #[error("the transaction's value is not positive")]
    TransactionValue,
    /// The legs at the same position of both sides name the same balance.
    #[error("a balance is on both sides of a transaction")]
    TransactionAmbiguous,
    /// More legs, or more balances, than one write of the store holds.
    #[error(
        "the transaction has more than {legs_max} legs or changes more than {balances_max} balances"
    )]
    TransactionTooLarge {
        /// The most legs.
        legs_max: usize,
        /// The most balances.
        balances_max: usize,
    },
    /// The date given to a transaction has not come yet.
    #[error("the transaction's date is in the future")]
    TransactionDateInFuture,
    /// A pending transaction was given a date.
    #[error("a pending transaction has no date of its own")]
    TransactionDateOnPending,
    /// A leg names a balance of the system.
    #[error("a leg names an internal balance")]
    InternalBalance,
    /// A leg names an account or a balance that does not exist.
    #[error("a leg names a balance that does not exist")]
    LegNotFound {
        /// The leg.
        leg: LegName,
    },
    /// What a leg names can be no alias of an account, or no key of a balance.
    #[error("a leg names what no account or balance can be called")]
    LegImpossible {
        /// The side of the leg.
        side: Side,
        /// Its place on the side, from 1.
        place: usize,
    },
    /// The balance on which a transaction was posted was deleted, so it can be neither committed nor
    /// reverted. Another balance may have the key now.
    #[error("the balance {key} of {alias} was deleted")]
    LegBalanceDeleted {
        /// The alias of its account.
        alias: Alias,
        /// Its key in the account.
        key: BalanceKey,
    },
    /// The balance of a leg has another asset than the transaction.
    #[error("a leg's balance has another asset")]
    LegAsset {
        /// The leg.
        leg: LegName,
        /// The asset of its balance.
        asset_code: AssetCode,
    },
    /// The balance of a leg may not send or receive, or its account is blocked or closed.
    #[error("a leg's balance may not take part")]
    LegRestricted {
        /// The leg.
        leg: LegName,
        /// Why.
        restriction: Restriction,
    },
    /// More is repaid on a balance of an account that was charged off than is owed. The surplus could
    /// not be moved any more.
    #[error("more is repaid on the balance {key} of {alias} than is owed")]
    RepaymentAboveDebt {
        /// The alias of the account.
        alias: Alias,
        /// The key of the balance.
        key: BalanceKey,
        /// What is owed.
        owed: Amount,
    },
    /// A pending transaction has an external account as a source, on which no hold can be placed.
    #[error("a pending transaction has an external source")]
    PendingExternalSource,
    /// A balance has less than a leg takes.
    #[error("insufficient funds")]
    InsufficientFunds(Box<Shortfall>),
    /// A leg needs more overdraft than the balance may use.
    #[error("the overdraft limit would be exceeded")]
    OverdraftLimit(Box<Shortfall>),
    /// The transaction is not in the status that the step needs.
    #[error("the transaction's status does not allow this step")]
    TransactionStatus {
        /// The status.
        status: TransactionStatus,
    },
    /// The transaction was reverted before.
    #[error("the transaction was reverted by {by}")]
    AlreadyReverted {
        /// The transaction that reverts it.
        by: TransactionId,
    },
    /// The transaction reverts another one.
    #[error("the transaction is itself a reversal")]
    IsReversal,
    /// The transaction moved nothing.
    #[error("the transaction moved nothing")]
    NothingToRevert,
    /// The balance holds value.
    #[error("the balance holds value")]
    BalanceNotEmpty,
    /// The balance is the default balance of its account and cannot be deleted alone.
    #[error("the default balance of an account stays")]
    DefaultBalance,
    /// The balance is changed by the system only and cannot be deleted.
    #[error("an internal balance cannot be deleted")]
    InternalBalanceDeletion,
    /// The balance is changed by the system only.
    #[error("an internal balance cannot be changed")]
    InternalBalanceUpdate,
    /// More overdraft is used than the new limit allows.
    #[error("the overdraft limit is below what is used")]
    OverdraftLimitBelowUsage,
    /// The account is an external account, which cannot be changed.
    #[error("an external account cannot be changed")]
    ExternalAccountChange,
    /// The account has more balances than one write of the store deletes.
    #[error("an account with more than {balances_max} balances is not deleted at once")]
    AccountTooLarge {
        /// The most balances.
        balances_max: usize,
    },
    /// With what it keeps, metadata would have too many entries.
    #[error("metadata would have more than {entries_max} entries")]
    MetadataTooLarge {
        /// The most entries.
        entries_max: usize,
    },
    /// What is to be written together is larger than the store writes at once.
    #[error("more is to be written than one write of the store takes")]
    WriteTooLarge,
    /// The answer is larger than one may be, or takes more reading than one request may do.
    #[error("the answer is larger than one may be")]
    AnswerTooLarge,
    /// So few items match a filter that a list or a count would look at too many.
    #[error("more than {examined_max} items would have to be looked at")]
    TooManyExamined {
        /// The most items.
        examined_max: usize,
    },
    /// A list is longer, or larger, than it may be as a whole; it is read in pages.
    #[error("a list has more than {items_max} items, or larger ones than one answer may have")]
    ListTooLong {
        /// The most items of a list that is read as a whole.
        items_max: usize,
    },
    /// A balance of the account holds value.
    #[error("a balance of the account holds value")]
    AccountNotEmpty,
    /// Something is available, on hold or owed on balances of the account, so it cannot be closed.
    #[error("money is left on balances of the account")]
    AccountHoldsMoney {
        /// The balances that are in the way, at most one for each balance of the account.
        remaining: Vec<RemainingMoney>,
    },
    /// Something stands on what is to be deleted.
    #[error("{counts} stand on what is to be deleted")]
    InUse {
        /// What does.
        counts: Counts,
    },
    /// A sum has more digits than an amount may have.
    #[error("an amount left its range")]
    AmountOutOfRange,
    /// What is to be written follows something that was recorded ahead of the present time, by a
    /// clock that was wrong. Nothing was written.
    #[error("it would be recorded at {recorded_at}, ahead of the present time")]
    RecordedAhead {
        /// When it would be recorded.
        recorded_at: Timestamp,
        /// In how many seconds it may be; at least one.
        seconds: u32,
    },
    /// Other requests changed the same items at each attempt; nothing was written.
    #[error("other requests are changing the same items")]
    Contended,
    /// The store has no capacity for the request; nothing was written.
    #[error("the store is throttling")]
    Throttled,
    /// The clock of this process and that of the store differ too much to record anything, or to
    /// say what was at a moment. Nothing was written.
    #[error("the clock differs from that of the store by {seconds} seconds")]
    ClockWrong {
        /// By how many seconds, rounded down.
        seconds: u64,
    },
    /// The store cannot be reached or failed. The request may have been carried out.
    #[error("the store is unavailable")]
    Unavailable {
        /// What it failed with.
        #[source]
        cause: Cause,
    },
    /// A stored item cannot be read as what it should be.
    #[error("the stored item {key} is not readable")]
    Corrupt {
        /// Which item it is: its kind and the ids in its key, without what clients chose.
        key: String,
        /// What is wrong with it, for the audit. It may quote the item, so no log shows it.
        reason: String,
    },
}

impl Error {
    /// After how many seconds the same request may be sent again; `None` if that does not help.
    #[must_use]
    pub const fn retry_after_seconds(&self) -> Option<u32> {
        if let Self::MomentUnsettled { seconds, .. } | Self::RecordedAhead { seconds, .. } = self {
            return Some(*seconds);
        }
        if self.retryable() { Some(1) } else { None }
    }

    /// Whether the same request may succeed later.
    #[must_use]
    #[expect(clippy::too_many_lines, reason = "a table: one row per error")]
    pub const fn retryable(&self) -> bool {
        match self {
            Self::MomentUnsettled { .. }
            | Self::RecordedAhead { .. }
            | Self::Contended
            | Self::Throttled
            | Self::ClockWrong { .. }
            | Self::Unavailable { .. } => true,
            Self::IdempotencyKeyReused
            | Self::BalanceKeyReserved
            | Self::MomentInFuture { .. }
            | Self::OrganizationNotFound
            | Self::ParentOrganizationNotFound
            | Self::OwnParentOrganization
            | Self::ObjectNotFound
            | Self::AccountTypeUnknown
            | Self::GroupNotFound { .. }
            | Self::GroupTaken { .. }
            | Self::InUse { .. }
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
            | Self::HolderAsset
            | Self::CapabilityMissing
            | Self::StatusTransition
            | Self::TransactionNotFound
            | Self::LegNotPositive { .. }
            | Self::TransactionTotals { .. }
            | Self::TransactionValue
            | Self::TransactionAmbiguous
            | Self::TransactionTooLarge { .. }
            | Self::TransactionDateInFuture
            | Self::TransactionDateOnPending
            | Self::InternalBalance
            | Self::LegNotFound { .. }
            | Self::LegImpossible { .. }
            | Self::LegBalanceDeleted { .. }
            | Self::LegAsset { .. }
            | Self::LegRestricted { .. }
            | Self::RepaymentAboveDebt { .. }
            | Self::PendingExternalSource
            | Self::InsufficientFunds(_)
            | Self::OverdraftLimit(_)
            | Self::TransactionStatus { .. }
            | Self::AlreadyReverted { .. }
            | Self::IsReversal
            | Self::NothingToRevert
            | Self::BalanceNotEmpty
            | Self::DefaultBalance
            | Self::InternalBalanceDeletion
            | Self::InternalBalanceUpdate
            | Self::OverdraftLimitBelowUsage
            | Self::ExternalAccountChange
            | Self::AccountTooLarge { .. }
            | Self::MetadataTooLarge { .. }
            | Self::WriteTooLarge
            | Self::AnswerTooLarge
            | Self::TooManyExamined { .. }
            | Self::ListTooLong { .. }
            | Self::AccountNotEmpty
            | Self::AccountHoldsMoney { .. }
            | Self::AmountOutOfRange
            | Self::Corrupt { .. } => false,
        }
    }
}

impl From<AmountError> for Error {
    /// Amounts in the domain are parsed already, so an error can only be about the range.
    fn from(_: AmountError) -> Self {
        Self::AmountOutOfRange
    }
}
