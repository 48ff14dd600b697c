//! What has to hold between stored items.
//!
//! The scan gives each item to this module as a [`Subject`]. [`partners`] tells which related items
//! have to be read to check it, and [`check`] checks it. Both are pure, so a subject that looks
//! wrong while the table is written to can be read and checked again.
//!
//! What can be checked on one item alone (legs that do not sum to zero, a negative balance, a wrong
//! key) is checked when it is read. Such an item is [`Problem::Unreadable`].

mod books;
mod chain;
mod counters;
mod owners;
mod posting;
mod problem;
#[cfg(test)]
mod samples;

use subledger::account::group::{AccountTypeKey, Group, GroupKind};
use subledger::account::{Account, Alias};
use subledger::balance::{Balance, BalanceKey};
use subledger::count::Owner;
use subledger::ledger::asset::{Asset, AssetCode};
use subledger::ledger::organization::Organization;
use subledger::ledger::{Ledger, ListingShards};
use subledger::money::ids::{
    AccountId, AssetId, BalanceId, GroupId, LedgerId, OrganizationId, Scope, TransactionId,
};
use subledger::money::timestamp::Timestamp;
use subledger::money::unique_name::UniqueName;
use subledger::page::ListPosition;
use subledger::transaction::Transaction;
use subledger::transaction::read::transaction_position;

use subledger_dynamodb::schema::items::counter::Shard;

pub use books::Books;
pub use counters::{Site, Suspect, Tallies};
pub use problem::Problem;

/// The part of a key that stands for a name. It is equal for names that count as the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameKey(pub String);

/// A stored item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Record {
    /// An organization.
    Organization(Organization),
    /// The listing item of an organization.
    OrganizationListingItem(ListPosition),
    /// A ledger, and the place that its name takes.
    Ledger(Ledger, NameKey),
    /// A ledger that was deleted.
    DeletedLedger(Ledger),
    /// A name of a ledger that is taken.
    LedgerName(Scope, NameKey),
    /// An asset, and the place that its name takes.
    Asset(Asset, NameKey),
    /// An asset that was deleted.
    DeletedAsset(Asset),
    /// A name of an asset that is taken.
    AssetName(LedgerId, AssetCode, NameKey),
    /// The id of an asset, and the code that has it.
    AssetId(LedgerId, AssetId, AssetCode),
    /// A portfolio, a segment or an account type, and the place that its name or its key takes; `None`
    /// for a portfolio.
    Group(Group, Option<NameKey>),
    /// A portfolio, a segment or an account type that was deleted.
    DeletedGroup(Group),
    /// A name of a segment, or a key of an account type, that is taken.
    GroupName {
        /// Where.
        scope: Scope,
        /// Of what kind.
        kind: GroupKind,
        /// The group that has it.
        group: GroupId,
        /// The place of the name or the key.
        name: NameKey,
    },
    /// An alias that is taken.
    Alias {
        /// Where.
        scope: Scope,
        /// The alias.
        alias: Alias,
        /// The account that has it.
        account: AccountId,
    },
    /// An account.
    Account(Account),
    /// The listing item of an account.
    AccountListingItem(LedgerId, ListPosition),
    /// A balance: its current version.
    Balance(Balance),
    /// A balance that was deleted: its last version.
    DeletedBalance(Balance),
    /// A version of a balance.
    Version(Balance),
    /// The listing item of a balance.
    BalanceListingItem {
        /// The ledger of the listing.
        ledger: LedgerId,
        /// The shard of the listing.
        shard: u8,
        /// Its position in the list.
        position: ListPosition,
        /// Whose balance.
        account: AccountId,
        /// Its name in the account.
        key: BalanceKey,
    },
    /// A transaction.
    Transaction(Transaction),
    /// The listing item of a transaction.
    TransactionListingItem {
        /// The ledger of the listing.
        ledger: LedgerId,
        /// The shard of the listing.
        shard: u8,
        /// Its position in the list.
        position: ListPosition,
    },
    /// A shard of a counter.
    Counter {
        /// What the counted objects stand on.
        owner: Owner,
        /// The number of the shard.
        number: u8,
        /// What it counts.
        shard: Shard,
    },
}

/// The key of an item, in terms of the domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// An organization.
    Organization(OrganizationId),
    /// Its listing item.
    OrganizationListingItem(ListPosition),
    /// A ledger.
    Ledger(Scope),
    /// A ledger, or what stays of it after its deletion.
    LedgerEver(Scope),
    /// The name of a ledger.
    LedgerName(OrganizationId, UniqueName),
    /// An asset.
    Asset(LedgerId, AssetCode),
    /// The name of an asset.
    AssetName(LedgerId, UniqueName),
    /// The id of an asset.
    AssetId(LedgerId, AssetId),
    /// A portfolio, a segment or an account type.
    Group(LedgerId, GroupKind, GroupId),
    /// The name of a segment.
    SegmentName(LedgerId, UniqueName),
    /// The key of an account type.
    AccountTypeKey(LedgerId, AccountTypeKey),
    /// An alias.
    Alias(LedgerId, Alias),
    /// An account.
    Account(AccountId),
    /// Its listing item.
    AccountListingItem(LedgerId, ListPosition),
    /// The current version of a balance.
    Balance(AccountId, BalanceKey),
    /// The last version of a deleted balance.
    DeletedBalance(AccountId, BalanceId),
    /// Version 0 of a balance.
    FirstVersion(BalanceId),
    /// Another version of a balance.
    LaterVersion(BalanceId, Timestamp),
    /// The listing item of a balance.
    BalanceListingItem(LedgerId, ListingShards, ListPosition),
    /// A transaction.
    Transaction(TransactionId),
    /// The listing item of a transaction.
    TransactionListingItem(LedgerId, ListingShards, ListPosition),
}

/// What is checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// An item by itself.
    Item(Box<Record>),
    /// A version together with the one before it, where there is one that can be read.
    Step {
        /// The version before; boxed, as a balance is large.
        previous: Option<Box<Balance>>,
        /// The version.
        version: Box<Balance>,
    },
    /// The newest version of a balance.
    Newest(Box<Balance>),
}

/// What was found under a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// Nothing.
    Nothing,
    /// An item that cannot be read. It is a finding of its own and causes no other.
    Unreadable,
    /// An item.
    Item(Box<Record>),
}

impl Found {
    fn record(&self) -> Option<&Record> {
        match self {
            Self::Item(record) => Some(record),
            Self::Nothing | Self::Unreadable => None,
        }
    }

    fn is_there(&self) -> bool {
        *self != Self::Nothing
    }

    /// Whether there is an item that fails the test. An unreadable item does not count.
    fn differs(&self, is_right: impl FnOnce(&Record) -> bool) -> bool {
        match self {
            Self::Nothing => true,
            Self::Unreadable => false,
            Self::Item(record) => !is_right(record),
        }
    }
}

/// The keys of the related items that have to be read next to check the subject. `found` has what
/// was read so far. Nothing more has to be read when it returns no key.
#[must_use]
pub fn partners(subject: &Subject, found: &[Found]) -> Vec<Place> {
    match subject {
        Subject::Item(record) => partners_of_item(record, found),
        Subject::Step { version, .. } => {
            let cause = version.caused_by.filter(|_| found.is_empty());
            cause.map(Place::Transaction).into_iter().collect()
        }
        Subject::Newest(_) if !found.is_empty() => Vec::new(),
        Subject::Newest(version) => vec![
            Place::Balance(version.account, version.key.clone()),
            Place::DeletedBalance(version.account, version.id),
        ],
    }
}

fn partners_of_item(record: &Record, found: &[Found]) -> Vec<Place> {
    if found.is_empty() { first_partners(record) } else { further_partners(record, found) }
}

/// The keys that follow from the record.
fn first_partners(record: &Record) -> Vec<Place> {
    match record {
        Record::Organization(it) => owners::organization_partners(it),
        Record::OrganizationListingItem(position) => {
            vec![Place::Organization(OrganizationId::new(position.id))]
        }
        Record::Ledger(it, _) => vec![
            Place::Organization(it.scope.organization),
            Place::LedgerName(it.scope.organization, it.name.clone()),
        ],
        Record::DeletedLedger(it) => {
            vec![Place::Organization(it.scope.organization), Place::Ledger(it.scope)]
        }
        Record::LedgerName(scope, _) => vec![Place::Ledger(*scope)],
        Record::Asset(it, _) => vec![
            Place::Ledger(it.scope),
            Place::AssetName(it.scope.ledger, it.name.clone()),
            Place::AssetId(it.scope.ledger, it.id),
            Place::Alias(it.scope.ledger, Alias::external(&it.code)),
        ],
        Record::DeletedAsset(it) => {
            vec![Place::LedgerEver(it.scope), Place::Asset(it.scope.ledger, it.code.clone())]
        }
        Record::AssetName(ledger, code, _) | Record::AssetId(ledger, _, code) => {
            vec![Place::Asset(*ledger, code.clone())]
        }
        Record::Group(it, _) => owners::group_partners(it),
        Record::DeletedGroup(it) => {
            vec![Place::LedgerEver(it.scope), Place::Group(it.scope.ledger, it.kind(), it.id)]
        }
        Record::GroupName { scope, kind, group, .. } => {
            vec![Place::Group(scope.ledger, *kind, *group)]
        }
        Record::Alias { account, .. } => vec![Place::Account(*account)],
        Record::Account(it) => owners::account_partners(it),
        Record::AccountListingItem(_, position) => {
            vec![Place::Account(AccountId::new(position.id))]
        }
        Record::Balance(it) | Record::DeletedBalance(it) => {
            vec![Place::Account(it.account), version_place(it)]
        }
        Record::Version(it) => vec![Place::FirstVersion(it.id)],
        Record::BalanceListingItem { account, key, position, .. } => vec![
            Place::Account(*account),
            Place::Balance(*account, key.clone()),
            Place::DeletedBalance(*account, BalanceId::new(position.id)),
        ],
        Record::Transaction(it) => posting::partners(it),
        Record::TransactionListingItem { position, .. } => {
            vec![Place::Transaction(TransactionId::new(position.id))]
        }
        // Whether it counts what is there is told by everything together: see [`Tallies`].
        Record::Counter { .. } => Vec::new(),
    }
}

/// The keys that follow from the records found so far; none for most kinds.
fn further_partners(record: &Record, found: &[Found]) -> Vec<Place> {
    match (record, found) {
        (Record::Asset(..), [_, _, _, alias]) => match alias.record() {
            Some(Record::Alias { account, .. }) => vec![Place::Account(*account)],
            Some(_) | None => Vec::new(),
        },
        (Record::Balance(it) | Record::DeletedBalance(it), [account, _]) => {
            let Some(Record::Account(account)) = account.record() else {
                return Vec::new();
            };
            let position = ListPosition { at: it.created_at, id: it.id.uuid() };
            vec![Place::BalanceListingItem(it.scope.ledger, account.listing_shards, position)]
        }
        (Record::Transaction(it), [ledger, ..]) if found.len() == posting::partners(it).len() => {
            let Some(shards) = ledger.record().and_then(listing_shards) else {
                return Vec::new();
            };
            vec![Place::TransactionListingItem(it.scope.ledger, shards, transaction_position(it))]
        }
        (Record::TransactionListingItem { .. }, [transaction]) => match transaction.record() {
            Some(Record::Transaction(it)) => vec![Place::LedgerEver(it.scope)],
            Some(_) | None => Vec::new(),
        },
        _ => Vec::new(),
    }
}

/// The number of shards that a ledger has, or had.
fn listing_shards(ledger: &Record) -> Option<ListingShards> {
    if let Record::Ledger(ledger, _) | Record::DeletedLedger(ledger) = ledger {
        return Some(ledger.listing_shards);
    }
    None
}

fn version_place(balance: &Balance) -> Place {
    match balance.version {
        0 => Place::FirstVersion(balance.id),
        _ => Place::LaterVersion(balance.id, balance.recorded_at),
    }
}

/// The problems of the subject. `found` has what was read under the keys that [`partners`]
/// returned, in their order.
#[must_use]
pub fn check(subject: &Subject, found: &[Found]) -> Vec<Problem> {
    let mut problems = Vec::new();
    match subject {
        Subject::Item(record) => check_item(record, found, &mut problems),
        Subject::Step { previous, version } => {
            chain::check_step(previous.as_deref(), version, &mut problems);
            if let [transaction] = found {
                posting::check_cause(previous.as_deref(), version, transaction, &mut problems);
            }
        }
        Subject::Newest(version) => chain::check_newest(version, found, &mut problems),
    }
    problems
}

/// When the record was recorded; `None` for what has no such moment.
#[must_use]
pub fn recorded_at(record: &Record) -> Option<Timestamp> {
    match record {
        Record::Version(it) => Some(it.recorded_at),
        Record::Transaction(it) => Some(it.recorded_at),
        Record::Organization(_)
        | Record::OrganizationListingItem(_)
        | Record::Ledger(..)
        | Record::DeletedLedger(_)
        | Record::LedgerName(..)
        | Record::Asset(..)
        | Record::DeletedAsset(_)
        | Record::Group(..)
        | Record::DeletedGroup(_)
        | Record::GroupName { .. }
        | Record::Counter { .. }
        | Record::AssetName(..)
        | Record::AssetId(..)
        | Record::Alias { .. }
        | Record::Account(_)
        | Record::AccountListingItem(..)
        | Record::Balance(_)
        | Record::DeletedBalance(_)
        | Record::BalanceListingItem { .. }
        | Record::TransactionListingItem { .. } => None,
    }
}

/// Adds a problem unless the condition holds.
fn expect(holds: bool, problem: Problem, problems: &mut Vec<Problem>) {
    if !holds {
        problems.push(problem);
    }
}

#[expect(clippy::too_many_lines, reason = "a table: one row per kind of record")]
fn check_item(record: &Record, found: &[Found], problems: &mut Vec<Problem>) {
    match (record, found) {
        (Record::Organization(organization), [listing_item, parent @ ..]) => {
            let parent = parent.first();
            owners::check_organization(organization, listing_item, parent, problems);
        }
        (Record::OrganizationListingItem(position), [organization]) => {
            let named = |it: &Record| matches!(it, Record::Organization(it) if it.timeline.created_at == position.at);
            expect(!organization.differs(named), Problem::ListingOfNothing, problems);
        }
        (Record::Ledger(ledger, _), [organization, name]) => {
            owners::check_ledger(ledger, organization, name, problems);
        }
        (Record::DeletedLedger(_), [organization, current]) => {
            expect(organization.is_there(), Problem::OrganizationMissing, problems);
            expect(current.record().is_none(), Problem::DeletedIsThere, problems);
        }
        (Record::LedgerName(_, key), [ledger]) => {
            let own = |it: &Record| matches!(it, Record::Ledger(_, name) if name == key);
            expect(!ledger.differs(own), Problem::NameOfNothing, problems);
        }
        (Record::Asset(asset, _), [ledger, name, id, alias, external @ ..]) => {
            let external = external.first();
            owners::check_asset(asset, [ledger, name, id, alias], external, problems);
        }
        (Record::DeletedAsset(asset), [ledger, current]) => {
            owners::check_deleted_asset(asset, ledger, current, problems);
        }
        (Record::AssetName(_, _, key), [asset]) => {
            let own = |it: &Record| matches!(it, Record::Asset(_, name) if name == key);
            expect(!asset.differs(own), Problem::NameOfNothing, problems);
        }
        (Record::AssetId(_, id, _), [asset]) => {
            let own = |it: &Record| matches!(it, Record::Asset(it, _) if it.id == *id);
            expect(!asset.differs(own), Problem::IdOfNothing, problems);
        }
        (Record::Group(group, _), [ledger, name @ ..]) => {
            owners::check_group(group, ledger, name.first(), problems);
        }
        (Record::DeletedGroup(_), [ledger, current]) => {
            expect(ledger.is_there(), Problem::LedgerMissing, problems);
            expect(current.record().is_none(), Problem::DeletedIsThere, problems);
        }
        (Record::GroupName { scope, name, .. }, [group]) => {
            let own = |it: &Record| matches!(it, Record::Group(it, Some(kept)) if it.scope == *scope && kept == name);
            expect(!group.differs(own), Problem::NameOfNothing, problems);
        }
        (Record::Alias { scope, alias, .. }, [account]) => {
            let own = |it: &Record| matches!(it, Record::Account(it) if it.scope == *scope && it.alias == *alias);
            expect(!account.differs(own), Problem::AliasOfNothing, problems);
        }
        (Record::Account(account), [..]) => owners::check_account(account, found, problems),
        (Record::AccountListingItem(ledger, position), [account]) => {
            let own = |it: &Record| matches!(it, Record::Account(it) if it.scope.ledger == *ledger && it.created_at == position.at);
            expect(!account.differs(own), Problem::ListingOfNothing, problems);
        }
        (
            Record::Balance(balance) | Record::DeletedBalance(balance),
            [account, version, rest @ ..],
        ) => {
            chain::check_state(balance, account, version, problems);
            if let [listing_item] = rest {
                let own = |it: &Record| matches!(it, Record::BalanceListingItem { account, key, .. } if *account == balance.account && *key == balance.key);
                expect(!listing_item.differs(own), Problem::ListingMissing, problems);
            }
        }
        (Record::Version(_), [first]) => {
            expect(first.is_there(), Problem::FirstVersionMissing, problems);
        }
        (Record::BalanceListingItem { .. }, [account, current, deleted]) => {
            check_balance_entry(record, account, current, deleted, problems);
        }
        (Record::Transaction(transaction), [..]) => posting::check(transaction, found, problems),
        (Record::TransactionListingItem { ledger, position, .. }, [transaction, rest @ ..]) => {
            let own = |it: &Record| matches!(it, Record::Transaction(it) if it.scope.ledger == *ledger && transaction_position(it) == *position);
            expect(!transaction.differs(own), Problem::ListingOfNothing, problems);
            let shards = rest.first().and_then(Found::record).and_then(listing_shards);
            if let (Record::TransactionListingItem { shard, .. }, Some(shards)) = (record, shards) {
                expect(*shard == shards.shard_of(position.id), Problem::WrongShard, problems);
            }
        }
        // Not all related items were read, because an item that names them is missing. That is a
        // problem of the item that refers to it.
        (
            Record::Organization(_)
            | Record::OrganizationListingItem(_)
            | Record::Ledger(..)
            | Record::DeletedLedger(_)
            | Record::LedgerName(..)
            | Record::Asset(..)
            | Record::DeletedAsset(_)
            | Record::Group(..)
            | Record::DeletedGroup(_)
            | Record::GroupName { .. }
            | Record::Counter { .. }
            | Record::AssetName(..)
            | Record::AssetId(..)
            | Record::Alias { .. }
            | Record::AccountListingItem(..)
            | Record::Balance(_)
            | Record::DeletedBalance(_)
            | Record::Version(_)
            | Record::BalanceListingItem { .. }
            | Record::TransactionListingItem { .. },
            _,
        ) => {}
    }
}

fn check_balance_entry(
    listing_item: &Record,
    account: &Found,
    current: &Found,
    deleted: &Found,
    problems: &mut Vec<Problem>,
) {
    let Record::BalanceListingItem { ledger, shard, position, .. } = listing_item else {
        return;
    };
    let is_it = |it: &Balance| {
        it.id.uuid() == position.id && it.scope.ledger == *ledger && it.created_at == position.at
    };
    // A key may be used again after a deletion, so what is there now may be another balance.
    let current = !current.differs(|it| matches!(it, Record::Balance(it) if is_it(it)));
    let deleted = !deleted.differs(|it| matches!(it, Record::DeletedBalance(it) if is_it(it)));
    expect(current || deleted, Problem::ListingOfNothing, problems);
    if let Some(Record::Account(account)) = account.record() {
        let right = account.listing_shards.shard_of(position.id);
        expect(*shard == right, Problem::WrongShard, problems);
    }
}
