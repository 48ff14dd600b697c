//! What can be wrong.

use std::fmt;

use subledger::count::Counted;
use subledger::money::timestamp::Timestamp;

/// What is wrong with an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// It cannot be read; the text says why, without what is in it.
    Unreadable(String),
    /// Nothing that this product stores has such a key.
    Unknown,
    /// Its organization is not there.
    OrganizationMissing,
    /// Its ledger is not there.
    LedgerMissing,
    /// The organization that it names as its parent is not there.
    ParentMissing,
    /// Its asset is not there.
    AssetMissing,
    /// Its portfolio or its segment is not there.
    GroupMissing,
    /// Its account is not there, or belongs to another ledger.
    AccountMissing,
    /// The asset has no external account, or one that was deleted.
    ExternalAccountMissing,
    /// No list shows it.
    ListingMissing,
    /// A list shows what is not there.
    ListingOfNothing,
    /// The listing item is in a shard in which it is not read.
    WrongShard,
    /// It was deleted and is still in the list.
    DeletedIsListed,
    /// It was deleted and still stands where it stood before.
    DeletedIsThere,
    /// Its name is free for others, or taken by another.
    NameNotTaken,
    /// A name is taken by an owner that does not have it.
    NameOfNothing,
    /// It is not found by its id.
    IdMissing,
    /// An id finds what is not there, or has another.
    IdOfNothing,
    /// Its alias names another account, or none.
    AliasNotTaken,
    /// An alias names an account that is not there, or has another.
    AliasOfNothing,
    /// The balance is not where its newest version says.
    BalanceMissing,
    /// The balance is older than its newest version.
    BalanceIsOlder,
    /// The balance is not as its history says.
    DiffersFromHistory,
    /// Its version is not in the history.
    VersionMissing,
    /// The version belongs to no history: there is no version 0.
    FirstVersionMissing,
    /// A version is missing in front of this one, or is there twice.
    Gap,
    /// It was not recorded after the version before it.
    OutOfTime,
    /// It follows a version after which the balance was deleted.
    AfterDeletion,
    /// It was deleted while it was not empty, or its time of deletion is not that of this version.
    BadDeletion,
    /// Something that never changes has changed.
    IdentityChanged,
    /// Version 0 is not empty.
    OpenedWithMoney,
    /// Amounts changed, and no transaction did it.
    UnexplainedChange,
    /// More overdraft is used than the limit allows, or any where none is allowed.
    OverdraftLimitExceeded,
    /// The transaction that made it is not there, or belongs to another ledger.
    CauseMissing,
    /// The transaction that made it has other amounts.
    CauseDiffers,
    /// What the transaction did to a balance is not in the balance's history.
    OperationWithoutVersion,
    /// Operations of one step do not follow each other.
    OperationsDisagree,
    /// An overdraft balance did not follow a change of an overdraft.
    OverdraftBalanceDisagrees,
    /// It and the transaction that it reverts, or that reverts it, do not name each other.
    ReversalDisagrees,
    /// It was recorded in the future, by more than clocks may differ; the moment says when.
    RecordedInFuture(Timestamp),
    /// The table has no item at all.
    NothingThere,
    /// A counter counts other objects than there are.
    CountDiffers {
        /// What is counted.
        counted: Counted,
        /// How many the counter has.
        by_counter: u64,
        /// How many there are.
        seen: u64,
    },
    /// A counter is closed, so that nothing more can be created, and its owner was not deleted.
    CounterClosed,
    /// A counter is not closed, and its owner was deleted.
    CounterOpen,
    /// All balances of an asset together are not zero; the text says what they are.
    BooksDoNotBalance(String),
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = match self {
            Self::Unreadable(reason) => return write!(f, "it cannot be read: {reason}"),
            Self::BooksDoNotBalance(total) => {
                return write!(f, "all balances of the asset together are {total} and not 0");
            }
            Self::CountDiffers { counted, by_counter, seen } => {
                let kind = counted.name();
                return write!(f, "its number of {kind} is {by_counter}, and there are {seen}");
            }
            Self::RecordedInFuture(moment) => {
                let moment = moment.fixed_width();
                return write!(f, "it was recorded at {moment}, which is still to come");
            }
            Self::NothingThere => "the table is empty: no stack has written to it",
            Self::Unknown => "no item of this product has such a key",
            Self::OrganizationMissing => "its organization is not there",
            Self::LedgerMissing => "its ledger is not there",
            Self::ParentMissing => "its parent organization is not there",
            Self::AssetMissing => "its asset is not there",
            Self::GroupMissing => "its portfolio or its segment is not there",
            Self::AccountMissing => "its account is not there, or is another one's",
            Self::ExternalAccountMissing => "the asset has no external account",
            Self::ListingMissing => "no list shows it",
            Self::ListingOfNothing => "the listing item names what is not there",
            Self::WrongShard => {
                "the listing item is in a part of the listing where it does not belong"
            }
            Self::DeletedIsListed => "it was deleted and is still listed",
            Self::DeletedIsThere => "it was deleted and is still there",
            Self::NameNotTaken => "its name is not kept for it",
            Self::NameOfNothing => "the name is kept for what does not have it",
            Self::CounterClosed => "the counter is closed, and its owner was not deleted",
            Self::CounterOpen => "the counter is not closed, and its owner was deleted",
            Self::IdMissing => "it is not found by its id",
            Self::IdOfNothing => "the id finds what does not have it",
            Self::AliasNotTaken => "its alias is not kept for it",
            Self::AliasOfNothing => "the alias names an account that does not have it",
            Self::BalanceMissing => "the balance of this newest version is not there",
            Self::BalanceIsOlder => "the balance is older than this newest version",
            Self::DiffersFromHistory => "the balance is not what its history says",
            Self::VersionMissing => "the version of the balance is not in its history",
            Self::FirstVersionMissing => "the history has no version 0",
            Self::Gap => "it does not have the number after that of the version before",
            Self::OutOfTime => "it was not recorded after the version before",
            Self::AfterDeletion => "it follows the version that deleted the balance",
            Self::BadDeletion => "it deletes a balance that is not empty, or at another time",
            Self::IdentityChanged => "something changed that never changes",
            Self::OpenedWithMoney => "the first version is not empty",
            Self::UnexplainedChange => "amounts changed without a transaction",
            Self::OverdraftLimitExceeded => "more overdraft is used than is allowed",
            Self::CauseMissing => "the transaction that made it is not there",
            Self::CauseDiffers => "the transaction that made it says otherwise",
            Self::OperationWithoutVersion => "an operation is in no history of a balance",
            Self::OperationsDisagree => "operations of a step do not follow each other",
            Self::OverdraftBalanceDisagrees => {
                "an overdraft balance did not follow the use of an overdraft"
            }
            Self::ReversalDisagrees => "it and its reversal do not name each other",
        };
        f.write_str(words)
    }
}
