//! What use cases need from a store, a clock and a source of ids: one trait per capability.
//!
//! A Lambda function receives only the traits that it needs, and its IAM policy allows only the
//! actions behind them. Every read is strongly consistent. A read within a ledger takes the scope
//! of the caller and finds nothing of any other ledger.

use std::future::Future;
use std::sync::Arc;

use uuid::Uuid;

use crate::account::group::{AccountTypeKey, Group, GroupKind};
use crate::account::{Account, Alias};
use crate::balance::history::BalanceLife;
use crate::balance::{Balance, BalanceKey};
use crate::count::{Counts, Owner};
use crate::error::Error;
use crate::ledger::Ledger;
use crate::ledger::asset::{Asset, AssetCode};
use crate::ledger::organization::Organization;
use crate::money::ids::{
    AccountId, AssetId, BalanceId, GroupId, OrganizationId, Scope, TransactionId,
};
use crate::money::timestamp::Timestamp;
use crate::page::{Filter, NumberedPage, Page, PageQuery, PageRequest, TimeRange};
use crate::settling::SettlingTime;
use crate::transaction::{Leg, Operation, Transaction};

/// Tells the time.
pub trait Clock: Send + Sync {
    /// The time now, in UTC.
    fn now(&self) -> Timestamp;

    /// How long it takes until an answer about a moment is final, with clocks like this one.
    fn settling_time(&self) -> SettlingTime {
        SettlingTime::DEFAULT
    }
}

/// Makes identifiers.
pub trait IdSource: Send + Sync {
    /// A version 7 UUID, whose order is the order of creation. Two differ also without their last three
    /// digits, in which the operations of a transaction have their number.
    fn next_id(&self) -> Uuid;
}

/// Waits between attempts, and knows whether the clock of this process is right.
pub trait BackOff: Send + Sync {
    /// Checks the clock of this process. A store without a clock of its own accepts every clock.
    ///
    /// # Errors
    /// [`Error::ClockWrong`] if the clock is known to differ too much from that of the store.
    fn check_clock(&self) -> Result<(), Error> {
        Ok(())
    }

    /// Waits before another attempt. `attempt` counts the failed attempts before the last one. The
    /// time is random, so that two callers do not meet again.
    fn back_off(&self, attempt: u32) -> impl Future<Output = ()> + Send;
}

/// Reads an item that is not there, to see whether the store can be read.
pub trait ReadNothing: Send + Sync {
    /// Reads it.
    fn read_nothing(&self) -> impl Future<Output = Result<(), Error>> + Send;
}

/// Reads organizations.
pub trait ReadOrganizations: Send + Sync {
    /// The organization with this id.
    fn organization(
        &self,
        id: OrganizationId,
    ) -> impl Future<Output = Result<Option<Organization>, Error>> + Send;

    /// The organizations that the filter lets through, in order of creation.
    ///
    /// MUST return [`Error::TooManyExamined`] if a page is not full after
    /// [`EXAMINED_ITEMS_MAX`](crate::page::EXAMINED_ITEMS_MAX) organizations and there are more.
    fn organizations(
        &self,
        page: &NumberedPage,
        wanted: &Filter<Organization>,
    ) -> impl Future<Output = Result<Vec<Organization>, Error>> + Send;
}

/// Writes organizations.
pub trait InsertOrganization: Send + Sync {
    /// Writes a new organization.
    ///
    /// MUST return [`Error::ParentOrganizationNotFound`] and write nothing if the parent was deleted.
    fn insert_organization(
        &self,
        organization: &Organization,
    ) -> impl Future<Output = Result<(), Error>> + Send;
}

/// Reads how many objects there are.
pub trait ReadCounts: Send + Sync {
    /// How many objects stand on the owner; none on one that does not exist. What is being created or
    /// deleted at the same time may be missing or be counted.
    fn counts(&self, owner: &Owner) -> impl Future<Output = Result<Counts, Error>> + Send;
}

/// Changes and deletes organizations.
pub trait ChangeOrganizations: ReadOrganizations + ReadCounts + BackOff {
    /// Writes the next revision of an organization.
    ///
    /// MUST return `false` and write nothing unless the stored revision is the one before it.
    fn replace_organization(
        &self,
        before: &Organization,
        next: &Organization,
    ) -> impl Future<Output = Result<bool, Error>> + Send;

    /// Writes the last revision of an organization, which is not returned any more.
    ///
    /// MUST return `false` and write nothing unless the stored revision is the one before it and
    /// nothing stands on the organization.
    fn delete_organization(
        &self,
        last: &Organization,
    ) -> impl Future<Output = Result<bool, Error>> + Send;
}

/// Reads ledgers.
pub trait ReadLedgers: Send + Sync {
    /// The ledger, if the organization has it.
    fn ledger(&self, scope: Scope) -> impl Future<Output = Result<Option<Ledger>, Error>> + Send;

    /// The ledgers of an organization that the filter lets through, in order of creation.
    ///
    /// MUST return [`Error::TooManyExamined`] as the list of organizations does.
    fn ledgers(
        &self,
        organization: OrganizationId,
        page: &NumberedPage,
        wanted: &Filter<Ledger>,
    ) -> impl Future<Output = Result<Vec<Ledger>, Error>> + Send;
}

/// Writes ledgers.
pub trait InsertLedger: Send + Sync {
    /// Writes a new ledger.
    ///
    /// MUST return [`Error::OrganizationNotFound`] if the organization was deleted, else
    /// [`Error::LedgerNameTaken`] and write nothing if a ledger of the organization
    /// has the name in any spelling
    /// ([`UniqueName::folded`](crate::money::unique_name::UniqueName::folded)).
    fn insert_ledger(&self, ledger: &Ledger) -> impl Future<Output = Result<(), Error>> + Send;
}

/// Changes and deletes ledgers.
pub trait ChangeLedgers: ReadLedgers + ReadCounts + BackOff {
    /// Writes the next revision of a ledger.
    ///
    /// MUST return [`Error::LedgerNameTaken`] as [`InsertLedger::insert_ledger`] does, and `false`
    /// unless the stored revision is the one before it, and write nothing in both cases.
    fn replace_ledger(
        &self,
        before: &Ledger,
        next: &Ledger,
    ) -> impl Future<Output = Result<bool, Error>> + Send;

    /// Writes the last revision of a ledger, which is not returned any more and whose name is free.
    /// Its lists of balances and transactions stay.
    ///
    /// MUST return `false` and write nothing unless the stored revision is the one before it and
    /// nothing stands on the ledger.
    fn delete_ledger(&self, last: &Ledger) -> impl Future<Output = Result<bool, Error>> + Send;
}

/// Reads assets.
pub trait ReadAssets: Send + Sync {
    /// The asset of the ledger with this code.
    fn asset(
        &self,
        scope: Scope,
        code: &AssetCode,
    ) -> impl Future<Output = Result<Option<Asset>, Error>> + Send;

    /// The asset of the ledger with this id.
    fn asset_by_id(
        &self,
        scope: Scope,
        id: AssetId,
    ) -> impl Future<Output = Result<Option<Asset>, Error>> + Send;

    /// The assets of a ledger in order of creation.
    fn assets(
        &self,
        scope: Scope,
        page: &NumberedPage,
    ) -> impl Future<Output = Result<Vec<Asset>, Error>> + Send;
}

/// Writes assets.
pub trait InsertAsset: Send + Sync {
    /// The external account of the asset that had the code before it was deleted.
    fn former_external_account(
        &self,
        scope: Scope,
        code: &AssetCode,
    ) -> impl Future<Output = Result<Option<Account>, Error>> + Send;

    /// Writes a new asset together with its external account and that account's balance. An account
    /// of a revision above 0 is in use again.
    ///
    /// MUST return [`Error::LedgerNotFound`] if the ledger was deleted, and write nothing.
    /// MUST return [`Error::AssetTaken`] and write nothing if an asset of the ledger has the code,
    /// or the name in any spelling
    /// ([`UniqueName::folded`](crate::money::unique_name::UniqueName::folded)).
    fn insert_asset(
        &self,
        asset: &Asset,
        external: &Account,
        balance: &Balance,
    ) -> impl Future<Output = Result<(), Error>> + Send;
}

/// Changes and deletes assets.
pub trait ChangeAssets: ReadAssets + ReadCounts + BackOff {
    /// Writes the next revision of an asset.
    ///
    /// MUST return [`Error::AssetTaken`] if another asset of the ledger has the name, and `false`
    /// unless the stored revision is the one before it, and write nothing in both cases.
    fn replace_asset(
        &self,
        before: &Asset,
        next: &Asset,
    ) -> impl Future<Output = Result<bool, Error>> + Send;

    /// The external account of an asset and its balance.
    fn external_account(
        &self,
        asset: &Asset,
    ) -> impl Future<Output = Result<Option<(Account, Balance)>, Error>> + Send;

    /// Writes the last revisions of an asset and of its external account, and the last version of the
    /// balance of that account. Code and name of the asset are free.
    ///
    /// MUST return `false` and write nothing unless each follows what is stored and no other account
    /// has the asset.
    fn delete_asset(
        &self,
        last: &Asset,
        external: &Account,
        balance: &Balance,
    ) -> impl Future<Output = Result<bool, Error>> + Send;
}

/// Reads portfolios, segments and account types.
pub trait ReadGroups: Send + Sync {
    /// The group of the ledger with this kind and this id.
    fn group(
        &self,
        scope: Scope,
        kind: GroupKind,
        id: GroupId,
    ) -> impl Future<Output = Result<Option<Group>, Error>> + Send;

    /// Whether an account type of the ledger has the key.
    fn has_account_type(
        &self,
        scope: Scope,
        key: &AccountTypeKey,
    ) -> impl Future<Output = Result<bool, Error>> + Send;
}

/// Lists portfolios, segments and account types.
pub trait ListGroups: Send + Sync {
    /// The groups of a ledger of one kind, in order of creation.
    fn groups(
        &self,
        scope: Scope,
        kind: GroupKind,
        page: &NumberedPage,
    ) -> impl Future<Output = Result<Vec<Group>, Error>> + Send;

    /// The same list by cursor.
    fn groups_page(
        &self,
        scope: Scope,
        kind: GroupKind,
        page: &PageRequest,
    ) -> impl Future<Output = Result<Page<Group>, Error>> + Send;
}

/// Writes portfolios, segments and account types.
pub trait InsertGroup: Send + Sync {
    /// Writes a new group.
    ///
    /// MUST return [`Error::LedgerNotFound`] if the ledger was deleted, and [`Error::GroupTaken`] if
    /// another group has what is [unique](Group::unique), and write nothing in both cases.
    fn insert_group(&self, group: &Group) -> impl Future<Output = Result<(), Error>> + Send;
}

/// Changes and deletes portfolios, segments and account types.
pub trait ChangeGroups: ReadGroups + ReadCounts + BackOff {
    /// Writes the next revision of a group.
    ///
    /// MUST return [`Error::GroupTaken`] as [`InsertGroup::insert_group`] does, and `false` unless the
    /// stored revision is the one before it, and write nothing in both cases.
    fn replace_group(
        &self,
        before: &Group,
        next: &Group,
    ) -> impl Future<Output = Result<bool, Error>> + Send;

    /// Writes the last revision of a group, which is not returned any more; what was
    /// [unique](Group::unique) is free.
    ///
    /// MUST return `false` and write nothing unless the stored revision is the one before it and no
    /// account is in the group.
    fn delete_group(&self, last: &Group) -> impl Future<Output = Result<bool, Error>> + Send;
}

/// Reads accounts.
pub trait ReadAccounts: Send + Sync {
    /// The account of the ledger with this id, unless it was deleted.
    fn account(
        &self,
        scope: Scope,
        id: AccountId,
    ) -> impl Future<Output = Result<Option<Account>, Error>> + Send;
}

/// Lists accounts.
pub trait ListAccounts: Send + Sync {
    /// The accounts of a ledger that the filter lets through, in order of creation, but for those
    /// that were deleted.
    ///
    /// MUST return [`Error::TooManyExamined`] if a page is not full after
    /// [`EXAMINED_ITEMS_MAX`](crate::page::EXAMINED_ITEMS_MAX) accounts and there are more.
    fn accounts(
        &self,
        scope: Scope,
        page: &NumberedPage,
        wanted: &Filter<Account>,
    ) -> impl Future<Output = Result<Vec<Account>, Error>> + Send;
}

/// Finds accounts by their alias.
pub trait ResolveAlias: Send + Sync {
    /// The account of the ledger with this alias.
    fn account_of_alias(
        &self,
        scope: Scope,
        alias: &Alias,
    ) -> impl Future<Output = Result<Option<AccountId>, Error>> + Send;
}

/// What became of an account that was to be written.
#[derive(Debug)]
pub enum AccountInsertion {
    /// It was written.
    Inserted,
    /// An account with this id existed; this is it, as it is now. Nothing was written.
    Existing(Box<Account>),
}

/// Writes accounts.
pub trait WriteAccounts: BackOff {
    /// Writes a new account, and its first balance if it has one.
    ///
    /// MUST return [`AccountInsertion::Existing`] if the account's id is taken, else
    /// [`Error::AliasTaken`] if its alias is, else [`Error::LedgerNotFound`],
    /// [`Error::AssetNotFound`] or [`Error::GroupNotFound`] if the ledger, the asset (unless the
    /// account was opened through v0), the portfolio or the segment was deleted, and write nothing in
    /// all these cases.
    fn insert_account(
        &self,
        account: &Account,
        balance: Option<&Balance>,
    ) -> impl Future<Output = Result<AccountInsertion, Error>> + Send;

    /// Writes the next revision of an account.
    ///
    /// MUST return `false` and write nothing unless the stored revision is the one before it and the
    /// portfolio and the segment that it enters are there.
    fn replace_account(
        &self,
        before: &Account,
        next: &Account,
    ) -> impl Future<Output = Result<bool, Error>> + Send;
}

/// Ends accounts: deletes or closes them with their balances.
pub trait DeleteAccounts: ReadAccounts + WriteAccounts {
    /// All balances of the account, in any order; of more than `balances_max` any so many and one
    /// more.
    fn all_balances(
        &self,
        account: &Account,
        balances_max: usize,
    ) -> impl Future<Output = Result<Vec<Balance>, Error>> + Send;

    /// Writes the last revision of an account and the last versions of its balances, all or none.
    /// The account is not returned any more, and its balances keep their history.
    ///
    /// MUST return `false` and write nothing unless the stored account is of the revision before
    /// and every stored balance of the version before.
    fn delete_account(
        &self,
        account: &Account,
        balances: &[Balance],
    ) -> impl Future<Output = Result<bool, Error>> + Send;

    /// Writes the next revision of an account and the next versions of its balances, all or none.
    ///
    /// MUST return `false` and write nothing unless the stored account is of the revision before
    /// and every stored balance of the version before.
    fn close_account(
        &self,
        account: &Account,
        balances: &[Balance],
    ) -> impl Future<Output = Result<bool, Error>> + Send;
}

/// What became of balances that were to be opened.
#[derive(Debug)]
pub enum Opening {
    /// All were written.
    Opened,
    /// A balance with the id of the first one was opened before; this is its version 0.
    Existing(Box<Balance>),
    /// The account has a balance with this key.
    KeyTaken(BalanceKey),
    /// The account is not in the revision that was read.
    AccountChanged,
}

/// Opens balances.
pub trait OpenBalances: BackOff {
    /// The account of the ledger with this id.
    fn account_to_open(
        &self,
        scope: Scope,
        id: AccountId,
    ) -> impl Future<Output = Result<Option<Account>, Error>> + Send;

    /// Version 0 of the balance of the ledger with this id, also of one that was deleted.
    fn first_version(
        &self,
        scope: Scope,
        id: BalanceId,
    ) -> impl Future<Output = Result<Option<Balance>, Error>> + Send;

    /// Whether the account has a balance with this key.
    fn has_balance(
        &self,
        account: &Account,
        key: &BalanceKey,
    ) -> impl Future<Output = Result<bool, Error>> + Send;

    /// Writes version 0 of one or more balances of the account, all or none. An account that is
    /// being deleted is kept: its next revision is written with them.
    ///
    /// MUST write nothing and return the first that applies of [`Opening::Existing`],
    /// [`Opening::KeyTaken`] and [`Opening::AccountChanged`].
    fn open_balances(
        &self,
        account: &Account,
        balances: &[Balance],
    ) -> impl Future<Output = Result<Opening, Error>> + Send;
}

/// Reads one balance.
pub trait ReadBalance: Send + Sync {
    /// The newest version of the balance of the ledger with this id; the last one, with its
    /// `deleted_at`, of a balance that was deleted.
    fn newest_version(
        &self,
        scope: Scope,
        id: BalanceId,
    ) -> impl Future<Output = Result<Option<Balance>, Error>> + Send;
}

/// Lists balances.
pub trait ListBalances: ResolveAlias + ReadAccounts {
    /// A page of the balances of a ledger, in order of creation. A balance that was opened before
    /// the call and not deleted is in the list.
    fn ledger_balances(
        &self,
        scope: Scope,
        page: &PageRequest,
    ) -> impl Future<Output = Result<Page<Balance>, Error>> + Send;

    /// A page of the balances of an account, in order of creation, however many and large they are;
    /// empty for an account of another ledger.
    fn account_balances_page(
        &self,
        scope: Scope,
        account: AccountId,
        page: &PageRequest,
    ) -> impl Future<Output = Result<Page<Balance>, Error>> + Send;

    /// All balances of an account, in no order; none for an account of another ledger.
    fn account_balances(
        &self,
        scope: Scope,
        account: AccountId,
    ) -> impl Future<Output = Result<Vec<Balance>, Error>> + Send;
}

/// Reads what balances were.
pub trait ReadHistory: Send + Sync {
    /// The last version recorded at or before the moment. If there is none, version 0, which was
    /// recorded after the moment. `None` if the ledger never had the balance.
    fn version_as_of(
        &self,
        scope: Scope,
        id: BalanceId,
        as_of: Timestamp,
    ) -> impl Future<Output = Result<Option<Balance>, Error>> + Send;

    /// The newest version of every balance that the account ever had, deleted ones included, in any
    /// order; none for an account of another ledger. A balance that is changed or deleted meanwhile
    /// MUST be there once, in one of its versions.
    fn account_balances_ever(
        &self,
        scope: Scope,
        account: AccountId,
    ) -> impl Future<Output = Result<Vec<Balance>, Error>> + Send;

    /// When every balance that the account ever had was there, deleted ones included, in any order,
    /// however many and large they are; none for an account of another ledger. A balance that is
    /// changed or deleted meanwhile MUST be there once.
    fn balance_lives(
        &self,
        scope: Scope,
        account: AccountId,
    ) -> impl Future<Output = Result<Vec<BalanceLife>, Error>> + Send;

    /// A page of the versions of a balance; `None` if the ledger never had the balance. The position
    /// of a version is its `recorded_at`.
    fn versions(
        &self,
        scope: Scope,
        id: BalanceId,
        page: &PageRequest,
    ) -> impl Future<Output = Result<Option<Page<Balance>>, Error>> + Send;
}

/// What a step of a transaction reads before it decides.
#[derive(Debug, Clone, Default)]
pub struct LegBalances {
    /// The accounts of the legs that exist, each once.
    pub accounts: Vec<Account>,
    /// The balances of the legs that exist, and the overdraft balances that their movements can change,
    /// each once.
    pub balances: Vec<Balance>,
}

/// What became of a step of a transaction that was to be written.
#[derive(Debug)]
pub enum Recording {
    /// All of it was written.
    Recorded,
    /// A transaction with this id was posted before; this is it, as it is now.
    Existing(Box<Transaction>),
    /// The transaction to be reverted was reverted or changed by another request.
    Reverted,
    /// A balance is not in the version, or the transaction not in the revision, that was read.
    Stale,
}

/// Writes transactions and what they do to balances.
pub trait PostTransactions: BackOff {
    /// Whether the organization has the ledger.
    fn ledger_exists(&self, scope: Scope) -> impl Future<Output = Result<bool, Error>> + Send;

    /// The transaction of the ledger with this id.
    fn transaction(
        &self,
        scope: Scope,
        id: TransactionId,
    ) -> impl Future<Output = Result<Option<Transaction>, Error>> + Send;

    /// The accounts and balances of the legs, and the overdraft balance of every account that has
    /// one of these balances and needs it
    /// ([`BalanceFields::moves_overdraft_balance`](crate::balance::BalanceFields::moves_overdraft_balance)).
    fn leg_balances(
        &self,
        scope: Scope,
        legs: &[Leg],
    ) -> impl Future<Output = Result<LegBalances, Error>> + Send;

    /// Writes a step of a transaction, the next versions of balances, and the next revision of the
    /// transaction that it reverts, all or none.
    ///
    /// A transaction of revision 0 is new; any other MUST follow the stored revision. Every
    /// balance MUST follow its stored version. MUST write nothing and return the first that
    /// applies of [`Recording::Existing`], [`Recording::Reverted`] and [`Recording::Stale`].
    fn record(
        &self,
        transaction: &Transaction,
        changed: &[Balance],
        reverted: Option<&Transaction>,
    ) -> impl Future<Output = Result<Recording, Error>> + Send;
}

/// An operation in the list of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountOperation {
    /// The operation.
    pub operation: Operation,
    /// Its transaction, which operations of it share.
    pub transaction: Arc<Transaction>,
}

/// Lists transactions and operations.
pub trait ListTransactions: ReadAccounts {
    /// A page of the transactions of a ledger, in the order in which they were recorded.
    fn transactions(
        &self,
        scope: Scope,
        page: &PageRequest,
    ) -> impl Future<Output = Result<Page<Transaction>, Error>> + Send;

    /// How many transactions of a ledger were recorded in a time.
    fn count_transactions(
        &self,
        scope: Scope,
        range: TimeRange,
    ) -> impl Future<Output = Result<u64, Error>> + Send;

    /// The operations that match the query and changed a balance of the account, deleted balances
    /// included. The position of an operation is when it was recorded, and its id. Operations of
    /// annotations changed nothing and are not among them.
    fn account_operations(
        &self,
        scope: Scope,
        account: AccountId,
        query: &PageQuery,
    ) -> impl Future<Output = Result<Vec<AccountOperation>, Error>> + Send;
}

/// Changes and deletes balances.
pub trait ChangeBalances: ReadBalance + OpenBalances {
    /// Writes the next version of a balance and opens its overdraft balance, if there is one to open. A
    /// version with `deleted_at` is the last: the balance leaves its account and the lists, and
    /// keeps its history.
    ///
    /// MUST return `false` and write nothing unless the stored version is the one before it and
    /// not deleted, and the account has no balance with the overdraft balance's key.
    fn change_balance(
        &self,
        next: &Balance,
        overdraft_balance: Option<(&Account, &Balance)>,
    ) -> impl Future<Output = Result<bool, Error>> + Send;
}
