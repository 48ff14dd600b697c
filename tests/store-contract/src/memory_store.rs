//! The store that says what a store does: everything in maps behind one lock.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;

use subledger::account::group::{AccountTypeKey, Group, GroupKind, UniqueInLedger};
use subledger::account::{Account, Alias};
use subledger::balance::history::{BalanceLife, recording_position};
use subledger::balance::list::creation_position;
use subledger::balance::{Balance, BalanceKey};
use subledger::count::{Counted, Counts, Owner};
use subledger::error::Error;
use subledger::ledger::Ledger;
use subledger::ledger::asset::{Asset, AssetCode};
use subledger::ledger::organization::Organization;
use subledger::money::ids::{
    AccountId, AssetId, BalanceId, GroupId, LedgerId, OrganizationId, Scope, TransactionId,
};
use subledger::money::timestamp::Timestamp;
use subledger::money::unique_name::UniqueName;
use subledger::page::{
    Filter, ListPosition, NumberedPage, Page, PageQuery, PageRequest, TimeRange,
};
use subledger::ports::{
    AccountInsertion, AccountOperation, BackOff, ChangeAssets, ChangeBalances, ChangeGroups,
    ChangeLedgers, ChangeOrganizations, DeleteAccounts, InsertAsset, InsertGroup, InsertLedger,
    InsertOrganization, LegBalances, ListAccounts, ListBalances, ListGroups, ListTransactions,
    OpenBalances, Opening, PostTransactions, ReadAccounts, ReadAssets, ReadBalance, ReadCounts,
    ReadGroups, ReadHistory, ReadLedgers, ReadNothing, ReadOrganizations, Recording, ResolveAlias,
    WriteAccounts,
};
use subledger::transaction::read::{operation_position, transaction_position};
use subledger::transaction::{Leg, Transaction};

/// Everything a ledger knows, in memory. It is the reference for other stores: it looks through
/// all it has instead of being fast.
#[derive(Debug, Default)]
pub struct MemoryStore {
    tables: Mutex<Tables>,
}

#[derive(Debug, Default)]
struct Tables {
    organizations: BTreeMap<OrganizationId, Organization>,
    ledgers: BTreeMap<LedgerId, Ledger>,
    assets: BTreeMap<AssetId, Asset>,
    groups: BTreeMap<GroupId, Group>,
    accounts: BTreeMap<AccountId, Account>,
    balances: BTreeMap<BalanceId, History>,
    transactions: BTreeMap<TransactionId, Transaction>,
}

/// A balance from version 0 on.
#[derive(Debug)]
struct History {
    first: Balance,
    /// Version 1 and on, in order.
    later: Vec<Balance>,
}

impl History {
    fn newest(&self) -> &Balance {
        self.later.last().unwrap_or(&self.first)
    }

    fn versions(&self) -> impl DoubleEndedIterator<Item = &Balance> {
        std::iter::once(&self.first).chain(&self.later)
    }
}

impl MemoryStore {
    /// A store with nothing in it.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Lets the other futures of the task go first, as a network would, and then takes the lock:
    /// what was read in one call may be outdated in the next.
    async fn tables(&self) -> MutexGuard<'_, Tables> {
        yield_once().await;
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Lets the other futures of the task go first.
async fn yield_once() {
    let mut waited = false;
    poll_fn(|context| {
        if std::mem::replace(&mut waited, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

impl Tables {
    fn account(&self, scope: Scope, id: AccountId) -> Option<Account> {
        let account = self.accounts.get(&id).filter(|account| account.scope == scope);
        account.filter(|account| account.deleted_at.is_none()).cloned()
    }

    fn has_alias(&self, scope: Scope, alias: &Alias) -> bool {
        self.accounts.values().any(|account| account.scope == scope && account.alias == *alias)
    }

    fn organization(&self, id: OrganizationId) -> Option<&Organization> {
        self.organizations.get(&id).filter(|it| it.timeline.deleted_at.is_none())
    }

    fn ledger(&self, scope: Scope) -> Option<&Ledger> {
        let ledger = self.ledgers.get(&scope.ledger).filter(|ledger| ledger.scope == scope);
        ledger.filter(|it| it.timeline.deleted_at.is_none())
    }

    /// The assets of a ledger.
    fn assets_of(&self, scope: Scope) -> impl Iterator<Item = &Asset> {
        let assets = self.assets.values().filter(move |it| it.scope == scope);
        assets.filter(|it| it.timeline.deleted_at.is_none())
    }

    fn asset_with_code(&self, scope: Scope, code: &AssetCode) -> Option<&Asset> {
        self.assets_of(scope).find(|asset| asset.code == *code)
    }

    /// The portfolios, the segments or the account types of a ledger.
    fn groups_of(&self, scope: Scope, kind: GroupKind) -> impl Iterator<Item = &Group> {
        let groups = self.groups.values();
        groups.filter(move |it| {
            it.scope == scope && it.kind() == kind && it.timeline.deleted_at.is_none()
        })
    }

    fn group(&self, scope: Scope, kind: GroupKind, id: GroupId) -> Option<&Group> {
        self.groups_of(scope, kind).find(|group| group.id == id)
    }

    fn accounts_of(&self, scope: Scope) -> impl Iterator<Item = &Account> {
        let accounts = self.accounts.values().filter(move |it| it.scope == scope);
        accounts.filter(|it| it.deleted_at.is_none())
    }

    /// Whether the portfolio and the segment of an account are there; else which is not.
    fn missing_group(&self, account: &Account) -> Option<GroupKind> {
        let named = [
            (GroupKind::Portfolio, account.portfolio_id),
            (GroupKind::Segment, account.segment_id),
        ];
        let missing = named
            .into_iter()
            .find(|(kind, id)| id.is_some_and(|id| self.group(account.scope, *kind, id).is_none()));
        missing.map(|(kind, _)| kind)
    }

    fn counts(&self, owner: &Owner) -> Counts {
        let organizations = |wanted: &dyn Fn(&Organization) -> bool| {
            let all = self.organizations.values().filter(|it| it.timeline.deleted_at.is_none());
            all.filter(|it| wanted(it)).count()
        };
        let accounts = |scope: Option<Scope>, wanted: &dyn Fn(&Account) -> bool| {
            let all = self.accounts.values().filter(|it| it.deleted_at.is_none());
            all.filter(|it| scope.is_none_or(|scope| it.scope == scope) && wanted(it)).count()
        };
        let found = match owner {
            Owner::System => vec![(Counted::Organizations, organizations(&|_| true))],
            Owner::Organization(id) => {
                let ledgers = self.ledgers.values().filter(|it| it.timeline.deleted_at.is_none());
                let ledgers = ledgers.filter(|it| it.scope.organization == *id).count();
                let below = organizations(&|it| it.parent == Some(*id));
                vec![(Counted::Ledgers, ledgers), (Counted::Organizations, below)]
            }
            Owner::Ledger(scope) => vec![
                (Counted::Assets, self.assets_of(*scope).count()),
                (Counted::Accounts, accounts(Some(*scope), &|_| true)),
                (Counted::Portfolios, self.groups_of(*scope, GroupKind::Portfolio).count()),
                (Counted::Segments, self.groups_of(*scope, GroupKind::Segment).count()),
                (Counted::AccountTypes, self.groups_of(*scope, GroupKind::AccountType).count()),
            ],
            Owner::Asset(scope, code) => {
                let own = |it: &Account| it.asset_code == *code && !it.kind.is_external();
                vec![(Counted::Accounts, accounts(Some(*scope), &own))]
            }
            Owner::Group(group) => {
                let own = |it: &Account| [it.portfolio_id, it.segment_id].contains(&Some(*group));
                vec![(Counted::Accounts, accounts(None, &own))]
            }
        };
        let mut counts = Counts::default();
        for (counted, number) in found {
            counts.add(counted, u64::try_from(number).unwrap_or(u64::MAX));
        }
        counts
    }

    fn history(&self, scope: Scope, id: BalanceId) -> Option<&History> {
        self.balances.get(&id).filter(|history| history.first.scope == scope)
    }

    /// The newest version of every balance of the ledger, deleted ones included.
    fn newest_versions(&self, scope: Scope) -> impl Iterator<Item = &Balance> {
        self.balances.values().map(History::newest).filter(move |newest| newest.scope == scope)
    }

    fn has_balance(&self, account: &Account, key: &BalanceKey) -> bool {
        self.newest_versions(account.scope).any(|newest| {
            newest.account == account.id && newest.key == *key && newest.deleted_at.is_none()
        })
    }

    /// Whether the version is the one after the newest, which is not the last.
    fn follows(&self, next: &Balance) -> bool {
        self.history(next.scope, next.id).is_some_and(|history| {
            let newest = history.newest();
            newest.deleted_at.is_none() && newest.version.checked_add(1) == Some(next.version)
        })
    }

    fn append(&mut self, next: &Balance) {
        if let Some(history) = self.balances.get_mut(&next.id) {
            history.later.push(next.clone());
        }
    }

    fn transaction(&self, scope: Scope, id: TransactionId) -> Option<&Transaction> {
        self.transactions.get(&id).filter(|transaction| transaction.scope == scope)
    }

    /// Whether the transaction is the one after the stored revision.
    fn is_next_revision(&self, next: &Transaction) -> bool {
        let stored = self.transaction(next.scope, next.id);
        stored.and_then(|stored| stored.revision.checked_add(1)) == Some(next.revision)
    }

    fn open(&mut self, balance: &Balance) {
        let history = History { first: balance.clone(), later: Vec::new() };
        self.balances.insert(balance.id, history);
    }
}

/// Whether a revision is the one after what is stored.
fn is_next(stored: Option<u64>, next: u64) -> bool {
    stored.and_then(|stored| stored.checked_add(1)) == Some(next)
}

fn same_name(one: &UniqueName, other: &UniqueName) -> bool {
    one.folded() == other.folded()
}

/// A numbered page of items in any order.
fn numbered<T, I: Ord>(
    mut items: Vec<T>,
    page: &NumberedPage,
    created_at: impl Fn(&T) -> Timestamp,
    id: impl Fn(&T) -> I,
) -> Vec<T> {
    items.sort_by_key(|item| (created_at(item), id(item)));
    page.cut(items, created_at)
}

impl BackOff for MemoryStore {
    async fn back_off(&self, _attempt: u32) {
        yield_once().await;
    }
}

impl ReadNothing for MemoryStore {
    async fn read_nothing(&self) -> Result<(), Error> {
        Ok(())
    }
}

impl ReadOrganizations for MemoryStore {
    async fn organization(&self, id: OrganizationId) -> Result<Option<Organization>, Error> {
        Ok(self.tables().await.organization(id).cloned())
    }

    async fn organizations(
        &self,
        page: &NumberedPage,
        wanted: &Filter<Organization>,
    ) -> Result<Vec<Organization>, Error> {
        let tables = self.tables().await;
        let organizations = tables.organizations.values();
        let organizations = organizations.filter(|it| it.timeline.deleted_at.is_none());
        let organizations = organizations.filter(|it| wanted.matches(it)).cloned().collect();
        Ok(numbered(organizations, page, |it| it.timeline.created_at, |it| it.id))
    }
}

impl InsertOrganization for MemoryStore {
    async fn insert_organization(&self, organization: &Organization) -> Result<(), Error> {
        let mut tables = self.tables().await;
        if organization.parent.is_some_and(|parent| tables.organization(parent).is_none()) {
            return Err(Error::ParentOrganizationNotFound);
        }
        tables.organizations.insert(organization.id, organization.clone());
        Ok(())
    }
}

impl ReadCounts for MemoryStore {
    async fn counts(&self, owner: &Owner) -> Result<Counts, Error> {
        Ok(self.tables().await.counts(owner))
    }
}

impl ChangeOrganizations for MemoryStore {
    async fn replace_organization(
        &self,
        before: &Organization,
        next: &Organization,
    ) -> Result<bool, Error> {
        let mut tables = self.tables().await;
        let stored = tables.organization(next.id).map(|stored| stored.timeline.revision);
        let entered = next.parent.filter(|_| before.parent != next.parent);
        let is_lost = entered.is_some_and(|parent| tables.organization(parent).is_none());
        if is_lost || !is_next(stored, next.timeline.revision) {
            return Ok(false);
        }
        tables.organizations.insert(next.id, next.clone());
        Ok(true)
    }

    async fn delete_organization(&self, last: &Organization) -> Result<bool, Error> {
        let mut tables = self.tables().await;
        let stored = tables.organization(last.id).map(|stored| stored.timeline.revision);
        let is_used = !tables.counts(&Owner::Organization(last.id)).is_empty();
        if is_used || !is_next(stored, last.timeline.revision) {
            return Ok(false);
        }
        tables.organizations.insert(last.id, last.clone());
        Ok(true)
    }
}

impl ReadLedgers for MemoryStore {
    async fn ledger(&self, scope: Scope) -> Result<Option<Ledger>, Error> {
        Ok(self.tables().await.ledger(scope).cloned())
    }

    async fn ledgers(
        &self,
        organization: OrganizationId,
        page: &NumberedPage,
        wanted: &Filter<Ledger>,
    ) -> Result<Vec<Ledger>, Error> {
        let tables = self.tables().await;
        let ledgers = tables.ledgers.values().filter(|it| it.timeline.deleted_at.is_none());
        let ledgers = ledgers.filter(|ledger| ledger.scope.organization == organization);
        let ledgers = ledgers.filter(|ledger| wanted.matches(ledger)).cloned().collect();
        Ok(numbered(ledgers, page, |it| it.timeline.created_at, |it| it.scope.ledger))
    }
}

impl Tables {
    fn has_ledger_name(&self, ledger: &Ledger) -> bool {
        self.ledgers.values().any(|other| {
            other.scope.organization == ledger.scope.organization
                && other.scope != ledger.scope
                && other.timeline.deleted_at.is_none()
                && same_name(&other.name, &ledger.name)
        })
    }

    fn has_asset_name(&self, asset: &Asset) -> bool {
        let mut others = self.assets_of(asset.scope).filter(|other| other.id != asset.id);
        others.any(|other| other.code == asset.code || same_name(&other.name, &asset.name))
    }

    fn has_unique(&self, group: &Group) -> bool {
        let mut others =
            self.groups_of(group.scope, group.kind()).filter(|other| other.id != group.id);
        others.any(|other| match (other.unique(), group.unique()) {
            (Some(UniqueInLedger::SegmentName(one)), Some(UniqueInLedger::SegmentName(other))) => {
                same_name(one, other)
            }
            (one, other) => one.is_some() && one == other,
        })
    }
}

impl InsertLedger for MemoryStore {
    async fn insert_ledger(&self, ledger: &Ledger) -> Result<(), Error> {
        let mut tables = self.tables().await;
        if tables.organization(ledger.scope.organization).is_none() {
            return Err(Error::OrganizationNotFound);
        }
        if tables.has_ledger_name(ledger) {
            return Err(Error::LedgerNameTaken);
        }
        tables.ledgers.insert(ledger.scope.ledger, ledger.clone());
        Ok(())
    }
}

impl ChangeLedgers for MemoryStore {
    async fn replace_ledger(&self, _before: &Ledger, next: &Ledger) -> Result<bool, Error> {
        let mut tables = self.tables().await;
        let stored = tables.ledger(next.scope).map(|stored| stored.timeline.revision);
        if !is_next(stored, next.timeline.revision) {
            return Ok(false);
        }
        if tables.has_ledger_name(next) {
            return Err(Error::LedgerNameTaken);
        }
        tables.ledgers.insert(next.scope.ledger, next.clone());
        Ok(true)
    }

    async fn delete_ledger(&self, last: &Ledger) -> Result<bool, Error> {
        let mut tables = self.tables().await;
        let stored = tables.ledger(last.scope).map(|stored| stored.timeline.revision);
        let is_used = !tables.counts(&Owner::Ledger(last.scope)).is_empty();
        if is_used || !is_next(stored, last.timeline.revision) {
            return Ok(false);
        }
        tables.ledgers.insert(last.scope.ledger, last.clone());
        Ok(true)
    }
}

impl ReadAssets for MemoryStore {
    async fn asset(&self, scope: Scope, code: &AssetCode) -> Result<Option<Asset>, Error> {
        Ok(self.tables().await.asset_with_code(scope, code).cloned())
    }

    async fn asset_by_id(&self, scope: Scope, id: AssetId) -> Result<Option<Asset>, Error> {
        let tables = self.tables().await;
        Ok(tables.assets_of(scope).find(|asset| asset.id == id).cloned())
    }

    async fn assets(&self, scope: Scope, page: &NumberedPage) -> Result<Vec<Asset>, Error> {
        let tables = self.tables().await;
        let assets = tables.assets_of(scope).cloned().collect();
        Ok(numbered(assets, page, |asset| asset.timeline.created_at, |it| it.id))
    }
}

impl InsertAsset for MemoryStore {
    async fn former_external_account(
        &self,
        scope: Scope,
        code: &AssetCode,
    ) -> Result<Option<Account>, Error> {
        let tables = self.tables().await;
        let alias = Alias::external(code);
        let mut accounts = tables.accounts.values();
        let former = accounts.find(|it| it.scope == scope && it.alias == alias);
        Ok(former.filter(|former| former.deleted_at.is_some()).cloned())
    }

    async fn insert_asset(
        &self,
        asset: &Asset,
        external: &Account,
        balance: &Balance,
    ) -> Result<(), Error> {
        let mut tables = self.tables().await;
        if tables.ledger(asset.scope).is_none() {
            return Err(Error::LedgerNotFound);
        }
        if tables.has_asset_name(asset) {
            return Err(Error::AssetTaken);
        }
        tables.assets.insert(asset.id, asset.clone());
        tables.accounts.insert(external.id, external.clone());
        tables.open(balance);
        Ok(())
    }
}

impl ChangeAssets for MemoryStore {
    async fn replace_asset(&self, _before: &Asset, next: &Asset) -> Result<bool, Error> {
        let mut tables = self.tables().await;
        let stored = tables.asset_with_code(next.scope, &next.code);
        let stored = stored.filter(|stored| stored.id == next.id);
        if !is_next(stored.map(|stored| stored.timeline.revision), next.timeline.revision) {
            return Ok(false);
        }
        if tables.has_asset_name(next) {
            return Err(Error::AssetTaken);
        }
        tables.assets.insert(next.id, next.clone());
        Ok(true)
    }

    async fn external_account(&self, asset: &Asset) -> Result<Option<(Account, Balance)>, Error> {
        let tables = self.tables().await;
        let alias = Alias::external(&asset.code);
        let account = tables.accounts_of(asset.scope).find(|it| it.alias == alias);
        let balance = account.and_then(|account| {
            let mut newest = tables.newest_versions(asset.scope);
            newest.find(|it| it.account == account.id && it.deleted_at.is_none())
        });
        Ok(account.cloned().zip(balance.cloned()))
    }

    async fn delete_asset(
        &self,
        last: &Asset,
        external: &Account,
        balance: &Balance,
    ) -> Result<bool, Error> {
        let mut tables = self.tables().await;
        let stored = tables.asset_with_code(last.scope, &last.code);
        let stored = stored.filter(|stored| stored.id == last.id);
        let account = tables.account(external.scope, external.id);
        let is_used = !tables.counts(&Owner::Asset(last.scope, last.code.clone())).is_empty();
        if is_used
            || !is_next(stored.map(|stored| stored.timeline.revision), last.timeline.revision)
            || !is_next(account.map(|account| account.revision), external.revision)
            || !tables.follows(balance)
        {
            return Ok(false);
        }
        tables.assets.insert(last.id, last.clone());
        tables.accounts.insert(external.id, external.clone());
        tables.append(balance);
        Ok(true)
    }
}

impl ReadGroups for MemoryStore {
    async fn group(
        &self,
        scope: Scope,
        kind: GroupKind,
        id: GroupId,
    ) -> Result<Option<Group>, Error> {
        Ok(self.tables().await.group(scope, kind, id).cloned())
    }

    async fn has_account_type(&self, scope: Scope, key: &AccountTypeKey) -> Result<bool, Error> {
        let tables = self.tables().await;
        let wanted = Some(UniqueInLedger::AccountTypeKey(key));
        Ok(tables.groups_of(scope, GroupKind::AccountType).any(|it| it.unique() == wanted))
    }
}

impl ListGroups for MemoryStore {
    async fn groups(
        &self,
        scope: Scope,
        kind: GroupKind,
        page: &NumberedPage,
    ) -> Result<Vec<Group>, Error> {
        let tables = self.tables().await;
        let groups = tables.groups_of(scope, kind).cloned().collect();
        Ok(numbered(groups, page, |it| it.timeline.created_at, |it| it.id))
    }

    async fn groups_page(
        &self,
        scope: Scope,
        kind: GroupKind,
        page: &PageRequest,
    ) -> Result<Page<Group>, Error> {
        let tables = self.tables().await;
        let position = |it: &Group| ListPosition { at: it.timeline.created_at, id: it.id.uuid() };
        let groups = tables.groups_of(scope, kind).cloned().collect();
        Ok(page.page(page.query().answer(groups, position), position))
    }
}

impl InsertGroup for MemoryStore {
    async fn insert_group(&self, group: &Group) -> Result<(), Error> {
        let mut tables = self.tables().await;
        if tables.ledger(group.scope).is_none() {
            return Err(Error::LedgerNotFound);
        }
        if tables.has_unique(group) {
            return Err(Error::GroupTaken { kind: group.kind() });
        }
        tables.groups.insert(group.id, group.clone());
        Ok(())
    }
}

impl ChangeGroups for MemoryStore {
    async fn replace_group(&self, _before: &Group, next: &Group) -> Result<bool, Error> {
        let mut tables = self.tables().await;
        let stored = tables.group(next.scope, next.kind(), next.id);
        if !is_next(stored.map(|stored| stored.timeline.revision), next.timeline.revision) {
            return Ok(false);
        }
        if tables.has_unique(next) {
            return Err(Error::GroupTaken { kind: next.kind() });
        }
        tables.groups.insert(next.id, next.clone());
        Ok(true)
    }

    async fn delete_group(&self, last: &Group) -> Result<bool, Error> {
        let mut tables = self.tables().await;
        let stored = tables.group(last.scope, last.kind(), last.id);
        let is_used = !tables.counts(&Owner::Group(last.id)).is_empty();
        if is_used
            || !is_next(stored.map(|stored| stored.timeline.revision), last.timeline.revision)
        {
            return Ok(false);
        }
        tables.groups.insert(last.id, last.clone());
        Ok(true)
    }
}

impl ReadAccounts for MemoryStore {
    async fn account(&self, scope: Scope, id: AccountId) -> Result<Option<Account>, Error> {
        Ok(self.tables().await.account(scope, id))
    }
}

impl ListAccounts for MemoryStore {
    async fn accounts(
        &self,
        scope: Scope,
        page: &NumberedPage,
        wanted: &Filter<Account>,
    ) -> Result<Vec<Account>, Error> {
        let tables = self.tables().await;
        let shown = |account: &&Account| {
            account.scope == scope && account.deleted_at.is_none() && wanted.matches(account)
        };
        let accounts = tables.accounts.values().filter(shown).cloned();
        Ok(numbered(accounts.collect(), page, |account| account.created_at, |it| it.id))
    }
}

impl ResolveAlias for MemoryStore {
    async fn account_of_alias(
        &self,
        scope: Scope,
        alias: &Alias,
    ) -> Result<Option<AccountId>, Error> {
        let tables = self.tables().await;
        let mut accounts = tables.accounts.values();
        let account = accounts.find(|account| account.scope == scope && account.alias == *alias);
        Ok(account.map(|account| account.id))
    }
}

impl WriteAccounts for MemoryStore {
    async fn insert_account(
        &self,
        account: &Account,
        balance: Option<&Balance>,
    ) -> Result<AccountInsertion, Error> {
        let mut tables = self.tables().await;
        if let Some(existing) = tables.accounts.get(&account.id) {
            return Ok(AccountInsertion::Existing(Box::new(existing.clone())));
        }
        if tables.has_alias(account.scope, &account.alias) {
            return Err(Error::AliasTaken { alias: account.alias.clone() });
        }
        if tables.ledger(account.scope).is_none() {
            return Err(Error::LedgerNotFound);
        }
        let asset = tables.asset_with_code(account.scope, &account.asset_code);
        if account.profile.is_none() && asset.is_none() {
            return Err(Error::AssetNotFound);
        }
        if let Some(kind) = tables.missing_group(account) {
            return Err(Error::GroupNotFound { kind });
        }
        tables.accounts.insert(account.id, account.clone());
        if let Some(balance) = balance {
            tables.open(balance);
        }
        Ok(AccountInsertion::Inserted)
    }

    async fn replace_account(&self, _before: &Account, next: &Account) -> Result<bool, Error> {
        let mut tables = self.tables().await;
        let stored = tables.account(next.scope, next.id);
        let follows = is_next(stored.map(|stored| stored.revision), next.revision);
        if !follows || tables.missing_group(next).is_some() {
            return Ok(false);
        }
        tables.accounts.insert(next.id, next.clone());
        Ok(true)
    }
}

impl DeleteAccounts for MemoryStore {
    async fn all_balances(
        &self,
        account: &Account,
        _balances_max: usize,
    ) -> Result<Vec<Balance>, Error> {
        self.account_balances(account.scope, account.id).await
    }

    async fn delete_account(&self, account: &Account, balances: &[Balance]) -> Result<bool, Error> {
        self.close_account(account, balances).await
    }

    async fn close_account(&self, account: &Account, balances: &[Balance]) -> Result<bool, Error> {
        let mut tables = self.tables().await;
        let stored = tables.account(account.scope, account.id);
        let follows = is_next(stored.map(|stored| stored.revision), account.revision);
        if !follows || !balances.iter().all(|next| tables.follows(next)) {
            return Ok(false);
        }
        tables.accounts.insert(account.id, account.clone());
        balances.iter().for_each(|next| tables.append(next));
        Ok(true)
    }
}

impl OpenBalances for MemoryStore {
    async fn account_to_open(&self, scope: Scope, id: AccountId) -> Result<Option<Account>, Error> {
        Ok(self.tables().await.account(scope, id))
    }

    async fn first_version(&self, scope: Scope, id: BalanceId) -> Result<Option<Balance>, Error> {
        Ok(self.tables().await.history(scope, id).map(|history| history.first.clone()))
    }

    async fn has_balance(&self, account: &Account, key: &BalanceKey) -> Result<bool, Error> {
        Ok(self.tables().await.has_balance(account, key))
    }

    async fn open_balances(
        &self,
        account: &Account,
        balances: &[Balance],
    ) -> Result<Opening, Error> {
        let mut tables = self.tables().await;
        if let Some(existing) = balances.first().and_then(|first| tables.balances.get(&first.id)) {
            return Ok(Opening::Existing(Box::new(existing.first.clone())));
        }
        if let Some(taken) = balances.iter().find(|it| tables.has_balance(account, &it.key)) {
            return Ok(Opening::KeyTaken(taken.key.clone()));
        }
        let stored = tables.account(account.scope, account.id);
        if stored.is_none_or(|stored| stored.revision != account.revision) {
            return Ok(Opening::AccountChanged);
        }
        if account.being_deleted {
            tables.accounts.insert(account.id, account.with_deletion(false));
        }
        balances.iter().for_each(|balance| tables.open(balance));
        Ok(Opening::Opened)
    }
}

impl ReadBalance for MemoryStore {
    async fn newest_version(&self, scope: Scope, id: BalanceId) -> Result<Option<Balance>, Error> {
        Ok(self.tables().await.history(scope, id).map(|history| history.newest().clone()))
    }
}

impl ListBalances for MemoryStore {
    async fn ledger_balances(
        &self,
        scope: Scope,
        page: &PageRequest,
    ) -> Result<Page<Balance>, Error> {
        let tables = self.tables().await;
        let balances = tables.newest_versions(scope).filter(|newest| newest.deleted_at.is_none());
        let found = page.query().answer(balances.cloned().collect(), creation_position);
        Ok(page.page(found, creation_position))
    }

    async fn account_balances_page(
        &self,
        scope: Scope,
        account: AccountId,
        page: &PageRequest,
    ) -> Result<Page<Balance>, Error> {
        let balances = self.account_balances(scope, account).await?;
        Ok(page.page(page.query().answer(balances, creation_position), creation_position))
    }

    async fn account_balances(
        &self,
        scope: Scope,
        account: AccountId,
    ) -> Result<Vec<Balance>, Error> {
        let mut balances = self.account_balances_ever(scope, account).await?;
        balances.retain(|newest| newest.deleted_at.is_none());
        Ok(balances)
    }
}

impl ReadHistory for MemoryStore {
    async fn version_as_of(
        &self,
        scope: Scope,
        id: BalanceId,
        as_of: Timestamp,
    ) -> Result<Option<Balance>, Error> {
        let tables = self.tables().await;
        Ok(tables.history(scope, id).map(|history| {
            let mut versions = history.versions().rev();
            versions.find(|version| version.recorded_at <= as_of).unwrap_or(&history.first).clone()
        }))
    }

    async fn account_balances_ever(
        &self,
        scope: Scope,
        account: AccountId,
    ) -> Result<Vec<Balance>, Error> {
        let tables = self.tables().await;
        let balances = tables.newest_versions(scope);
        Ok(balances.filter(|newest| newest.account == account).cloned().collect())
    }

    async fn balance_lives(
        &self,
        scope: Scope,
        account: AccountId,
    ) -> Result<Vec<BalanceLife>, Error> {
        let balances = self.account_balances_ever(scope, account).await?;
        let life = |newest: &Balance| BalanceLife {
            id: newest.id,
            created_at: newest.created_at,
            recorded_at: newest.recorded_at,
            is_deleted: newest.deleted_at.is_some(),
            version: newest.version,
        };
        Ok(balances.iter().map(life).collect())
    }

    async fn versions(
        &self,
        scope: Scope,
        id: BalanceId,
        page: &PageRequest,
    ) -> Result<Option<Page<Balance>>, Error> {
        let tables = self.tables().await;
        Ok(tables.history(scope, id).map(|history| {
            let versions = history.versions().cloned().collect();
            page.page(page.query().answer(versions, recording_position), recording_position)
        }))
    }
}

impl PostTransactions for MemoryStore {
    async fn ledger_exists(&self, scope: Scope) -> Result<bool, Error> {
        Ok(self.ledger(scope).await?.is_some())
    }

    async fn transaction(
        &self,
        scope: Scope,
        id: TransactionId,
    ) -> Result<Option<Transaction>, Error> {
        Ok(self.tables().await.transaction(scope, id).cloned())
    }

    async fn leg_balances(&self, scope: Scope, legs: &[Leg]) -> Result<LegBalances, Error> {
        let tables = self.tables().await;
        let named = |account: &&Account| {
            account.scope == scope && legs.iter().any(|leg| leg.alias == account.alias)
        };
        let of_leg = |newest: &&Balance| {
            let is_of = |leg: &Leg| leg.alias == newest.alias && leg.key == newest.key;
            newest.deleted_at.is_none() && legs.iter().any(is_of)
        };
        let of_legs: Vec<&Balance> = tables.newest_versions(scope).filter(of_leg).collect();
        let wanted = |newest: &&Balance| {
            let moves_it = |balance: &&Balance| {
                balance.account == newest.account && balance.moves_overdraft_balance()
            };
            of_leg(newest)
                || (newest.key == BalanceKey::overdraft()
                    && newest.deleted_at.is_none()
                    && of_legs.iter().any(moves_it))
        };
        Ok(LegBalances {
            accounts: tables.accounts.values().filter(named).cloned().collect(),
            balances: tables.newest_versions(scope).filter(wanted).cloned().collect(),
        })
    }

    async fn record(
        &self,
        transaction: &Transaction,
        changed: &[Balance],
        reverted: Option<&Transaction>,
    ) -> Result<Recording, Error> {
        let mut tables = self.tables().await;
        let existing = tables.transactions.get(&transaction.id);
        if let Some(existing) = existing.filter(|_| transaction.revision == 0) {
            return Ok(Recording::Existing(Box::new(existing.clone())));
        }
        if reverted.is_some_and(|reverted| !tables.is_next_revision(reverted)) {
            return Ok(Recording::Reverted);
        }
        let fresh = transaction.revision == 0 || tables.is_next_revision(transaction);
        if !fresh || !changed.iter().all(|next| tables.follows(next)) {
            return Ok(Recording::Stale);
        }
        changed.iter().for_each(|next| tables.append(next));
        for written in [Some(transaction), reverted].into_iter().flatten() {
            tables.transactions.insert(written.id, written.clone());
        }
        Ok(Recording::Recorded)
    }
}

impl ListTransactions for MemoryStore {
    async fn transactions(
        &self,
        scope: Scope,
        page: &PageRequest,
    ) -> Result<Page<Transaction>, Error> {
        let tables = self.tables().await;
        let transactions = tables.transactions.values().filter(|it| it.scope == scope);
        let found = page.query().answer(transactions.cloned().collect(), transaction_position);
        Ok(page.page(found, transaction_position))
    }

    async fn count_transactions(&self, scope: Scope, range: TimeRange) -> Result<u64, Error> {
        let tables = self.tables().await;
        let transactions = tables.transactions.values().filter(|it| it.scope == scope);
        let counted = transactions.filter(|it| range.contains(it.recorded_at)).count();
        Ok(u64::try_from(counted).unwrap_or(u64::MAX))
    }

    async fn account_operations(
        &self,
        scope: Scope,
        account: AccountId,
        query: &PageQuery,
    ) -> Result<Vec<AccountOperation>, Error> {
        let tables = self.tables().await;
        let transactions = tables.transactions.values().filter(|it| it.scope == scope);
        let operations = transactions.flat_map(|transaction| {
            let operations = transaction.operations.iter();
            let own = operations.filter(|it| it.account == account && it.balance_affected);
            own.map(|operation| AccountOperation {
                operation: operation.clone(),
                transaction: Arc::new(transaction.clone()),
            })
        });
        Ok(query.answer(operations.collect(), operation_position))
    }
}

impl ChangeBalances for MemoryStore {
    async fn change_balance(
        &self,
        next: &Balance,
        overdraft_balance: Option<(&Account, &Balance)>,
    ) -> Result<bool, Error> {
        let mut tables = self.tables().await;
        let taken = overdraft_balance.is_some_and(|(account, overdraft_balance)| {
            tables.has_balance(account, &overdraft_balance.key)
        });
        if taken || !tables.follows(next) {
            return Ok(false);
        }
        tables.append(next);
        if let Some((_, overdraft_balance)) = overdraft_balance {
            tables.open(overdraft_balance);
        }
        Ok(true)
    }
}
