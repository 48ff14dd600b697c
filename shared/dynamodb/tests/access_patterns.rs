//! One test for each row of the access-pattern table: its answer, and what it costs.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a test that panics is a test that fails"
)]

mod table;

use std::collections::BTreeSet;

use subledger::account::lifecycle::{ClosedReason, LifecycleChange};
use subledger::account::{Account, AccountFields, AccountType, Alias};
use subledger::balance::list::creation_position;
use subledger::balance::{Balance, BalanceFields, BalanceKey};
use subledger::error::Error;
use subledger::ledger::asset::{Asset, AssetCode, AssetType};
use subledger::ledger::organization::Organization;
use subledger::ledger::{Ledger, ListingShards};
use subledger::metadata::Metadata;
use subledger::money::amount::Amount;
use subledger::money::ids::{AccountId, AssetId, BalanceId, LedgerId, OrganizationId, Scope};
use subledger::money::text::Name;
use subledger::money::timeline::Timeline;
use subledger::money::timestamp::Timestamp;
use subledger::money::unique_name::UniqueName;
use subledger::page::{
    Filter, NumberedPage, Page, PageLimit, PageRequest, PageStart, SortOrder, TimeRange,
};
use subledger::ports::{
    AccountInsertion, DeleteAccounts, InsertAsset, InsertLedger, InsertOrganization, ListAccounts,
    ListBalances, OpenBalances, Opening, ReadAccounts, ReadAssets, ReadBalance, ReadHistory,
    ReadLedgers, ReadOrganizations, ResolveAlias, WriteAccounts,
};
use subledger::status::Status;
use subledger_dynamodb::{Connection, DynamoStore};
use uuid::Uuid;

use SortOrder::{Ascending, Descending};
use table::Table;

impl Table {
    async fn insert(&self, account: &Account) {
        let inserted = self.store.insert_account(account, None).await.unwrap();
        assert!(matches!(inserted, AccountInsertion::Inserted));
        self.meter.take();
    }

    async fn open(&self, account: &Account, balance: &Balance) {
        let balances = std::slice::from_ref(balance);
        let opening = self.store.open_balances(account, balances).await.unwrap();
        assert!(matches!(opening, Opening::Opened), "{opening:?}");
        self.meter.take();
    }
}

fn uuid(n: u64) -> Uuid {
    Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_0000 + u128::from(n))
}

fn moment(micros: u64) -> Timestamp {
    Timestamp::from_micros(1_700_000_000_000_000 + i64::try_from(micros).unwrap()).unwrap()
}

fn scope() -> Scope {
    Scope { organization: OrganizationId::new(uuid(1)), ledger: LedgerId::new(uuid(2)) }
}

/// A ledger of the same organization, and the same ledger under another organization.
fn foreign_scopes() -> [Scope; 2] {
    [
        Scope { ledger: LedgerId::new(uuid(99)), ..scope() },
        Scope { organization: OrganizationId::new(uuid(98)), ..scope() },
    ]
}

fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

fn organization(n: u64) -> Organization {
    Organization {
        id: OrganizationId::new(uuid(n)),
        parent: None,
        legal_name: name("Lion"),
        legal_document: name("HRB 1"),
        doing_business_as: None,
        address: None,
        status: Status::active(),
        metadata: Metadata::default(),
        timeline: Timeline::begin(moment(n)),
    }
}

fn ledger(n: u64, text: &str) -> Ledger {
    Ledger {
        scope: Scope { ledger: LedgerId::new(uuid(n)), ..scope() },
        name: UniqueName::parse(text).unwrap(),
        status: Status::active(),
        settings: None,
        metadata: Metadata::default(),
        listing_shards: ListingShards::ONE,
        timeline: Timeline::begin(moment(n)),
    }
}

fn asset(n: u64, code: &str, text: &str) -> Asset {
    Asset {
        id: AssetId::new(uuid(n)),
        scope: scope(),
        name: UniqueName::parse(text).unwrap(),
        kind: AssetType::Others,
        code: AssetCode::parse(code).unwrap(),
        status: Status::active(),
        metadata: Metadata::default(),
        timeline: Timeline::begin(moment(n)),
    }
}

fn account(n: u64) -> Account {
    let id = AccountId::new(uuid(n));
    Account::new(AccountFields {
        id,
        scope: scope(),
        name: name("Account"),
        parent: None,
        entity_id: None,
        asset_code: AssetCode::usd(),
        portfolio_id: None,
        segment_id: None,
        status: Status::active(),
        alias: Alias::of_account(id),
        kind: AccountType::parse("deposit").unwrap(),
        blocked: false,
        lifecycle: subledger::account::lifecycle::Lifecycle::Active,
        profile: None,
        metadata: Metadata::default(),
        listing_shards: ListingShards::ONE,
        being_deleted: false,
        deleted_at: None,
        revision: 0,
        created_at: moment(n),
        updated_at: moment(n),
    })
    .unwrap()
}

fn balance(n: u64, account: &Account, key: &str) -> Balance {
    let key = BalanceKey::parse(key).unwrap();
    Balance::open(BalanceId::new(uuid(n)), account, key, moment(n))
}

/// The version after this one, so many microseconds later.
fn next(balance: &Balance, micros: i64) -> Balance {
    Balance::new(BalanceFields {
        available: balance.available.checked_add(&Amount::parse("0.1").unwrap()).unwrap(),
        version: balance.version + 1,
        recorded_at: Timestamp::from_micros(balance.recorded_at.micros() + micros).unwrap(),
        ..balance.clone().into_fields()
    })
    .unwrap()
}

fn deleted(balance: &Balance) -> Balance {
    let last = next(balance, 10);
    Balance::new(BalanceFields { deleted_at: Some(last.recorded_at), ..last.into_fields() })
        .unwrap()
}

fn numbered(number: u32, limit: u16, order: SortOrder) -> NumberedPage {
    NumberedPage::new(number, PageLimit::new(limit).unwrap(), order, TimeRange::ALL).unwrap()
}

/// The first ten of this time.
fn in_time(range: TimeRange) -> NumberedPage {
    NumberedPage::new(1, PageLimit::DEFAULT, Ascending, range).unwrap()
}

fn request(limit: u16, order: SortOrder, position: PageStart) -> PageRequest {
    PageRequest {
        limit: PageLimit::new(limit).unwrap(),
        order,
        range: TimeRange::ALL,
        start: position,
    }
}

/// Walks a list from its start to its end and back, and gives what it saw forth and back.
async fn walk<F>(limit: u16, order: SortOrder, read: impl Fn(PageRequest) -> F) -> [Vec<Balance>; 2]
where
    F: Future<Output = Page<Balance>>,
{
    let mut page = read(request(limit, order, PageStart::Start)).await;
    assert_eq!(page.previous, None);
    let mut forth = page.items.clone();
    while let Some(position) = page.next {
        page = read(request(limit, order, PageStart::After(position))).await;
        assert!(page.previous.is_some());
        forth.extend(page.items.clone());
    }
    let mut back = page.items.clone();
    while let Some(position) = page.previous {
        page = read(request(limit, order, PageStart::Before(position))).await;
        assert!(page.next.is_some());
        back.splice(0..0, page.items.clone());
    }
    [forth, back]
}

#[tokio::test]
async fn organizations_are_created_read_and_listed() {
    let table = Table::new().await;
    let (first, second) = (organization(1), organization(3));
    table.store.insert_organization(&second).await.unwrap();
    table.cost(1, 0, 6_000);
    table.store.insert_organization(&first).await.unwrap();
    table.meter.take();

    assert_eq!(table.store.organization(first.id).await.unwrap(), Some(first.clone()));
    table.cost(1, 1_000, 0);
    assert_eq!(table.store.organization(OrganizationId::new(uuid(9))).await.unwrap(), None);
    table.meter.take();

    let list = async |page| table.store.organizations(&page, &Filter::default()).await.unwrap();
    assert_eq!(list(numbered(1, 10, Ascending)).await, [first.clone(), second.clone()]);
    table.cost(2, 3_000, 0);
    assert_eq!(list(numbered(1, 1, Descending)).await, std::slice::from_ref(&second));
    assert_eq!(list(numbered(2, 1, Descending)).await, std::slice::from_ref(&first));
    assert_eq!(list(numbered(3, 1, Descending)).await, []);
    let range = TimeRange { from: moment(2), to: moment(3) };
    assert_eq!(list(in_time(range)).await, [second]);
    let range = TimeRange { from: moment(3), to: moment(2) };
    assert_eq!(list(in_time(range)).await, []);
}

#[tokio::test]
async fn ledgers_are_created_read_and_listed_and_have_unique_names() {
    let table = Table::new().await;
    let (first, second) = (ledger(2, "Books"), ledger(3, "More books"));
    table.store.insert_ledger(&first).await.unwrap();
    table.cost(1, 0, 6_000);
    table.store.insert_ledger(&second).await.unwrap();
    let taken = table.store.insert_ledger(&ledger(4, "BOOKS")).await;
    assert!(matches!(taken, Err(Error::LedgerNameTaken)));
    table.meter.take();

    assert_eq!(table.store.ledger(first.scope).await.unwrap(), Some(first.clone()));
    table.cost(1, 1_000, 0);
    for foreign in foreign_scopes() {
        assert_eq!(table.store.ledger(foreign).await.unwrap(), None);
    }
    table.meter.take();

    let list = async |page| {
        table.store.ledgers(scope().organization, &page, &Filter::default()).await.unwrap()
    };
    assert_eq!(list(numbered(1, 10, Ascending)).await, [first.clone(), second.clone()]);
    table.cost(1, 1_000, 0);
    assert_eq!(list(numbered(2, 1, Descending)).await, std::slice::from_ref(&first));
    let range = TimeRange { from: moment(3), to: moment(3) };
    assert_eq!(list(in_time(range)).await, [second]);
}

#[tokio::test]
async fn assets_are_created_read_and_listed_and_have_unique_codes_and_names() {
    let table = Table::new().await;
    let external = |n: u64, asset: &Asset| {
        Account::new(AccountFields {
            alias: Alias::external(&asset.code),
            kind: AccountType::external(),
            ..account(n).into_fields()
        })
        .unwrap()
    };
    let (first, second) = (asset(3, "USD", "Dollar"), asset(4, "BRL", "Real"));
    for (n, asset) in [(10, &first), (20, &second)] {
        let external = external(n, asset);
        let default = balance(n + 1, &external, "default");
        table.store.insert_asset(asset, &external, &default).await.unwrap();
        table.cost(1, 0, 20_000);
    }
    for taken in [asset(5, "USD", "Other"), asset(6, "EUR", "DOLLAR")] {
        let external = external(30, &taken);
        let default = balance(31, &external, "default");
        let refusal = table.store.insert_asset(&taken, &external, &default).await;
        assert!(matches!(refusal, Err(Error::AssetTaken)));
        assert_eq!(table.store.account(scope(), external.id).await.unwrap(), None);
    }
    table.meter.take();

    assert_eq!(table.store.asset(scope(), &first.code).await.unwrap(), Some(first.clone()));
    table.cost(1, 1_000, 0);
    assert_eq!(table.store.asset_by_id(scope(), second.id).await.unwrap(), Some(second.clone()));
    table.cost(2, 2_000, 0);
    let list = async |scope, page| table.store.assets(scope, &page).await.unwrap();
    let all = list(scope(), numbered(1, 10, Ascending)).await;
    assert_eq!(all, [first.clone(), second.clone()]);
    table.cost(1, 1_000, 0);
    for foreign in foreign_scopes() {
        assert_eq!(table.store.asset(foreign, &first.code).await.unwrap(), None);
        assert_eq!(table.store.asset_by_id(foreign, first.id).await.unwrap(), None);
        assert_eq!(list(foreign, numbered(1, 10, Ascending)).await, []);
    }
    let alias = Alias::external(&first.code);
    let found = table.store.account_of_alias(scope(), &alias).await.unwrap();
    assert_eq!(found, Some(AccountId::new(uuid(10))));
    // The ledger itself was never created, so it has no list.
    let page = request(10, Ascending, PageStart::Start);
    assert_eq!(table.store.ledger_balances(scope(), &page).await.unwrap().items, []);
}

#[tokio::test]
async fn accounts_are_created_read_found_listed_and_changed() {
    let table = Table::new().await;
    let alias = Alias::parse("@person").unwrap();
    let first =
        Account::new(AccountFields { alias: alias.clone(), ..account(4).into_fields() }).unwrap();
    let second = account(6);
    let default = balance(5, &first, "default");
    let inserted = table.store.insert_account(&first, Some(&default)).await.unwrap();
    assert!(matches!(inserted, AccountInsertion::Inserted));
    table.cost(1, 0, 16_000);
    let inserted = table.store.insert_account(&second, None).await.unwrap();
    assert!(matches!(inserted, AccountInsertion::Inserted));
    table.cost(1, 0, 10_000);

    assert_eq!(table.store.account(scope(), first.id).await.unwrap(), Some(first.clone()));
    table.cost(1, 1_000, 0);
    assert_eq!(table.store.account_of_alias(scope(), &alias).await.unwrap(), Some(first.id));
    table.cost(1, 1_000, 0);
    let list =
        async |scope, page| table.store.accounts(scope, &page, &Filter::default()).await.unwrap();
    let all = list(scope(), numbered(1, 10, Ascending)).await;
    assert_eq!(all, [first.clone(), second.clone()]);
    table.cost(2, 3_000, 0);
    assert_eq!(list(scope(), numbered(2, 1, Descending)).await, std::slice::from_ref(&first));
    for foreign in foreign_scopes() {
        assert_eq!(table.store.account(foreign, first.id).await.unwrap(), None);
        assert_eq!(table.store.account_of_alias(foreign, &alias).await.unwrap(), None);
        assert_eq!(list(foreign, numbered(1, 10, Ascending)).await, []);
        assert_eq!(table.store.account_balances(foreign, first.id).await.unwrap(), []);
        assert_eq!(table.store.account_balances_ever(foreign, first.id).await.unwrap(), []);
    }
    assert_eq!(table.store.account_balances(scope(), first.id).await.unwrap(), [default]);
    table.meter.take();

    let close = LifecycleChange::Close(ClosedReason::PaidOff);
    let lifecycle = first.lifecycle.after(close, moment(9)).unwrap();
    let (revision, updated_at) = (first.revision + 1, moment(9));
    let fields = first.clone().into_fields();
    let closed = Account::new(AccountFields { lifecycle, revision, updated_at, ..fields }).unwrap();
    assert!(table.store.replace_account(&first, &closed).await.unwrap());
    table.cost(1, 0, 2_000);
    assert!(!table.store.replace_account(&first, &closed).await.unwrap());
    assert!(!table.store.replace_account(&closed, &first).await.unwrap());
    assert_eq!(table.store.account(scope(), first.id).await.unwrap(), Some(closed));
}

#[tokio::test]
async fn an_account_is_closed_in_one_write_with_its_balances() {
    let table = Table::new().await;
    let holder = account(4);
    table.insert(&holder).await;
    let open = balance(10, &holder, "a");
    table.open(&holder, &open).await;
    table.meter.take();
    let close = LifecycleChange::Close(ClosedReason::PaidOff);
    let lifecycle = holder.lifecycle.after(close, moment(20)).unwrap();
    let fields = holder.into_fields();
    let closed = AccountFields { lifecycle, revision: 1, updated_at: moment(20), ..fields };
    let closed = Account::new(closed).unwrap();
    let frozen = open.next_version(moment(20));
    // Not on balances that have changed since they were read.
    let outdated = frozen.next_version(moment(21));
    assert!(!table.store.close_account(&closed, &[outdated]).await.unwrap());
    table.meter.take();
    assert!(table.store.close_account(&closed, std::slice::from_ref(&frozen)).await.unwrap());
    table.cost(1, 0, 6_000);
    assert!(!table.store.close_account(&closed, &[frozen.next_version(moment(22))]).await.unwrap());
    assert_eq!(table.store.account(scope(), closed.id).await.unwrap(), Some(closed));
    assert_eq!(table.store.newest_version(scope(), open.id).await.unwrap(), Some(frozen));
}

#[tokio::test]
async fn an_account_that_exists_comes_before_an_alias_that_is_taken() {
    let table = Table::new().await;
    let alias = Alias::parse("@person").unwrap();
    let first =
        Account::new(AccountFields { alias: alias.clone(), ..account(4).into_fields() }).unwrap();
    table.insert(&first).await;
    let again = table.store.insert_account(&first, None).await.unwrap();
    assert!(matches!(again, AccountInsertion::Existing(existing) if *existing == first));
    let other =
        Account::new(AccountFields { alias: alias.clone(), ..account(5).into_fields() }).unwrap();
    let refusal = table.store.insert_account(&other, None).await;
    assert!(matches!(refusal, Err(Error::AliasTaken { alias: taken }) if taken == alias));
    assert_eq!(table.store.account(scope(), other.id).await.unwrap(), None);
}

#[tokio::test]
async fn a_balance_is_opened_once() {
    let table = Table::new().await;
    let holder = account(4);
    table.insert(&holder).await;
    let first = balance(5, &holder, "savings");
    let open = async |account: &Account, balances: &[Balance]| {
        table.store.open_balances(account, balances).await.unwrap()
    };
    assert!(matches!(open(&holder, std::slice::from_ref(&first)).await, Opening::Opened));
    table.cost(1, 0, 8_000);

    assert!(table.store.has_balance(&holder, &first.key).await.unwrap());
    table.cost(1, 1_000, 0);
    assert!(!table.store.has_balance(&holder, &BalanceKey::default_key()).await.unwrap());
    assert_eq!(table.store.first_version(scope(), first.id).await.unwrap(), Some(first.clone()));
    table.meter.take();

    // The same id again, whatever account, key and time it names.
    let elsewhere = account(6);
    table.insert(&elsewhere).await;
    let again = balance(5, &elsewhere, "other");
    let stale =
        Account::new(AccountFields { revision: 7, ..elsewhere.clone().into_fields() }).unwrap();
    for account in [&elsewhere, &stale] {
        let opening = open(account, &[again.clone(), balance(8, account, "overdraft")]).await;
        assert!(matches!(opening, Opening::Existing(existing) if *existing == first));
    }
    // A key that is taken comes before an account that changed.
    let stale =
        Account::new(AccountFields { revision: 7, ..holder.clone().into_fields() }).unwrap();
    let opening = open(&stale, &[balance(9, &stale, "savings")]).await;
    assert!(matches!(opening, Opening::KeyTaken(key) if key == first.key));
    let both = [balance(10, &holder, "new"), balance(11, &holder, "savings")];
    assert!(matches!(open(&holder, &both).await, Opening::KeyTaken(key) if key == first.key));
    let opening = open(&stale, &[balance(12, &stale, "new")]).await;
    assert!(matches!(opening, Opening::AccountChanged));
    let nobody = account(13);
    let opening = open(&nobody, &[balance(14, &nobody, "new")]).await;
    assert!(matches!(opening, Opening::AccountChanged));
    // Nothing of all that was written.
    assert_eq!(table.store.account_balances(scope(), holder.id).await.unwrap(), [first]);
    for id in [8, 9, 10, 11, 12, 14] {
        let id = BalanceId::new(uuid(id));
        assert_eq!(table.store.first_version(scope(), id).await.unwrap(), None);
    }
}

#[tokio::test]
async fn one_request_sent_fifty_times_at_once_opens_one_balance() {
    let table = Table::new().await;
    let holder = account(4);
    table.insert(&holder).await;
    let first = balance(5, &holder, "savings");
    let requests =
        (0..50).map(|_| table.store.open_balances(&holder, std::slice::from_ref(&first)));
    let openings = futures_util::future::join_all(requests).await;
    let opened = openings.iter().filter(|opening| matches!(opening, Ok(Opening::Opened))).count();
    let existing = openings
        .iter()
        .filter(|opening| matches!(opening, Ok(Opening::Existing(existing)) if **existing == first))
        .count();
    assert_eq!((opened, existing), (1, 49));
}

#[tokio::test]
async fn the_balance_now_is_its_newest_version() {
    let table = Table::new().await;
    let holder = account(4);
    table.insert(&holder).await;
    let first = balance(5, &holder, "savings");
    table.open(&holder, &first).await;
    let read = async |scope| table.store.newest_version(scope, first.id).await.unwrap();
    assert_eq!(read(scope()).await, Some(first.clone()));
    table.cost(1, 1_000, 0);

    let second = next(&first, 1);
    assert!(table.store.write_next_version(&second).await.unwrap());
    table.cost(1, 0, 4_000);
    assert!(!table.store.write_next_version(&second).await.unwrap());
    assert!(!table.store.write_next_version(&next(&next(&second, 1), 1)).await.unwrap());
    assert_eq!(read(scope()).await, Some(second.clone()));
    for foreign in foreign_scopes() {
        assert_eq!(read(foreign).await, None);
    }
    table.meter.take();

    let last = deleted(&second);
    assert!(table.store.write_next_version(&last).await.unwrap());
    table.cost(1, 0, 6_000);
    assert_eq!(read(scope()).await, Some(last.clone()));
    assert!(!table.store.has_balance(&holder, &first.key).await.unwrap());
    assert_eq!(table.store.first_version(scope(), first.id).await.unwrap(), Some(first));
}

#[tokio::test]
async fn the_balances_of_an_account_are_one_query_and_deleted_ones_another() {
    let table = Table::new().await;
    let holder = account(4);
    table.insert(&holder).await;
    let balances: Vec<Balance> =
        ["a", "b", "c"].into_iter().zip(10..).map(|(key, n)| balance(n, &holder, key)).collect();
    for balance in &balances {
        table.open(&holder, balance).await;
    }
    assert_eq!(table.store.account_balances(scope(), holder.id).await.unwrap(), balances);
    table.cost(1, 1_000, 0);

    let last = deleted(&balances[1]);
    assert!(table.store.write_next_version(&last).await.unwrap());
    // The key of a deleted balance is free again.
    let again = balance(20, &holder, "b");
    table.open(&holder, &again).await;
    let now = [balances[0].clone(), again.clone(), balances[2].clone()];
    assert_eq!(table.store.account_balances(scope(), holder.id).await.unwrap(), now);
    table.meter.take();
    let ever = table.store.account_balances_ever(scope(), holder.id).await.unwrap();
    table.cost(1, 1_000, 0);
    let ids = |balances: &[Balance]| -> BTreeSet<BalanceId> {
        balances.iter().map(|balance| balance.id).collect()
    };
    assert_eq!(ids(&ever), ids(&[now.as_slice(), std::slice::from_ref(&last)].concat()));
    assert!(ever.contains(&last));
}

/// A ledger with this many shards and twenty-three balances in six accounts, some of them opened
/// in the same microsecond.
async fn ledger_of_23(shards: u8) -> (Table, Vec<Balance>) {
    let table = Table::new().await;
    let listing_shards = ListingShards::new(shards).unwrap();
    table.store.insert_ledger(&Ledger { listing_shards, ..ledger(2, "Books") }).await.unwrap();
    let mut balances = Vec::new();
    for n in 0..23 {
        let holder =
            Account::new(AccountFields { listing_shards, ..account(100 + n % 6).into_fields() })
                .unwrap();
        if n < 6 {
            table.insert(&holder).await;
        }
        let opened = balance(200 + n, &holder, &format!("key-{n}"));
        let created_at = moment(1_000 + n / 3);
        let opened = Balance::new(BalanceFields {
            created_at,
            recorded_at: created_at,
            ..opened.into_fields()
        })
        .unwrap();
        table.open(&holder, &opened).await;
        balances.push(opened);
    }
    (table, balances)
}

#[tokio::test]
async fn a_ledger_is_walked_forth_and_back_whatever_its_shards() {
    for (shards, limits) in [(1, [1, 3, 22, 23, 100].as_slice()), (4, &[2, 7]), (64, &[10])] {
        let (table, balances) = ledger_of_23(shards).await;
        let read = async |request| table.store.ledger_balances(scope(), &request).await.unwrap();
        let mut newest_first = balances.clone();
        newest_first.reverse();
        for limit in limits.iter().copied() {
            assert_eq!(walk(limit, Ascending, read).await, [balances.clone(), balances.clone()]);
            let walked = walk(limit, Descending, read).await;
            assert_eq!(walked, [newest_first.clone(), newest_first.clone()]);
        }
        for foreign in foreign_scopes() {
            let page = request(10, Ascending, PageStart::Start);
            assert_eq!(table.store.ledger_balances(foreign, &page).await.unwrap().items, []);
        }
    }
}

#[tokio::test]
async fn a_page_of_a_ledger_is_two_round_trips() {
    let (table, balances) = ledger_of_23(1).await;
    table.meter.take();
    let page = request(10, Ascending, PageStart::Start);
    let page = table.store.ledger_balances(scope(), &page).await.unwrap();
    assert_eq!(page.items, balances[..10]);
    // The ledger, 11 entries, and 11 balances.
    table.cost(3, 1_000 + 1_000 + 11_000, 0);
}

#[tokio::test]
async fn a_time_range_of_a_ledger_includes_both_ends() {
    let (table, balances) = ledger_of_23(4).await;
    let range = TimeRange { from: moment(1_002), to: moment(1_004) };
    for order in [Ascending, Descending] {
        let page = PageRequest { range, ..request(100, order, PageStart::Start) };
        let found: BTreeSet<BalanceId> = table
            .store
            .ledger_balances(scope(), &page)
            .await
            .unwrap()
            .items
            .iter()
            .map(|balance| balance.id)
            .collect();
        let expected = balances[6..15].iter().map(|balance| balance.id).collect();
        assert_eq!(found, expected);
    }
    for (from, to) in [(1_004, 1_002), (2_000, 3_000)] {
        let range = TimeRange { from: moment(from), to: moment(to) };
        let page = PageRequest { range, ..request(100, Ascending, PageStart::Start) };
        assert_eq!(table.store.ledger_balances(scope(), &page).await.unwrap().items, []);
    }
}

#[tokio::test]
async fn deleted_balances_leave_full_pages_behind() {
    let (table, mut balances) = ledger_of_23(4).await;
    for n in (0..23).filter(|n| n % 4 != 0) {
        assert!(table.store.write_next_version(&deleted(&balances[n])).await.unwrap());
    }
    // One of the keys is used again: its new balance is listed once, where it was created.
    let holder = Account::new(AccountFields {
        listing_shards: ListingShards::new(4).unwrap(),
        ..account(101).into_fields()
    })
    .unwrap();
    let again = balance(300, &holder, "key-1");
    let again = Balance::new(BalanceFields {
        created_at: moment(5_000),
        recorded_at: moment(5_000),
        ..again.into_fields()
    })
    .unwrap();
    table.open(&holder, &again).await;
    let mut n = 0_usize;
    balances.retain(|_| {
        n += 1;
        (n - 1).is_multiple_of(4)
    });
    balances.push(again);
    let read = async |request| table.store.ledger_balances(scope(), &request).await.unwrap();
    for limit in [1, 2, 5, 100] {
        assert_eq!(walk(limit, Ascending, read).await, [balances.clone(), balances.clone()]);
    }
    let page = read(request(2, Ascending, PageStart::Start)).await;
    assert_eq!(page.next, Some(creation_position(&balances[1])));
}

/// A balance with versions 0 to 12, ten microseconds apart.
async fn balance_of_13_versions() -> (Table, Vec<Balance>) {
    let table = Table::new().await;
    let holder = account(4);
    table.insert(&holder).await;
    let mut versions = vec![balance(5, &holder, "savings")];
    table.open(&holder, &versions[0]).await;
    for _ in 0..12 {
        let version = next(versions.last().unwrap(), 10);
        assert!(table.store.write_next_version(&version).await.unwrap());
        versions.push(version);
    }
    table.meter.take();
    (table, versions)
}

#[tokio::test]
async fn the_balance_as_of_a_moment_is_one_query() {
    let (table, versions) = balance_of_13_versions().await;
    let id = versions[0].id;
    for (n, version) in versions.iter().enumerate() {
        let micros = version.recorded_at.micros();
        for later in [0, 9] {
            let as_of = Timestamp::from_micros(micros + later).unwrap();
            let found = table.store.version_as_of(scope(), id, as_of).await.unwrap();
            assert_eq!(found.as_ref(), Some(&versions[n]));
            table.cost(1, 1_000, 0);
        }
    }
    for early in [Timestamp::MIN, moment(4)] {
        let found = table.store.version_as_of(scope(), id, early).await.unwrap();
        assert_eq!(found.as_ref(), versions.first());
    }
    for foreign in foreign_scopes() {
        assert_eq!(table.store.version_as_of(foreign, id, Timestamp::MAX).await.unwrap(), None);
    }
    let nobody = BalanceId::new(uuid(99));
    assert_eq!(table.store.version_as_of(scope(), nobody, Timestamp::MAX).await.unwrap(), None);
}

#[tokio::test]
async fn versions_are_walked_forth_and_back_with_version_0_in_its_place() {
    let (table, versions) = balance_of_13_versions().await;
    let id = versions[0].id;
    let read = async |page| table.store.versions(scope(), id, &page).await.unwrap().unwrap();
    let mut newest_first = versions.clone();
    newest_first.reverse();
    for limit in [1, 3, 12, 13, 100] {
        assert_eq!(walk(limit, Ascending, read).await, [versions.clone(), versions.clone()]);
        let walked = walk(limit, Descending, read).await;
        assert_eq!(walked, [newest_first.clone(), newest_first.clone()]);
    }
    table.meter.take();
    assert_eq!(read(request(3, Ascending, PageStart::Start)).await.items, versions[..3]);
    table.cost(2, 2_000, 0);

    for (from, to) in [(0, 0), (0, 4), (3, 7), (12, 12)] {
        let range = TimeRange { from: versions[from].recorded_at, to: versions[to].recorded_at };
        let page = PageRequest { range, ..request(100, Ascending, PageStart::Start) };
        assert_eq!(read(page).await.items, versions[from..=to]);
    }
    for foreign in foreign_scopes() {
        let page = request(3, Ascending, PageStart::Start);
        assert_eq!(table.store.versions(foreign, id, &page).await.unwrap(), None);
    }
}

#[tokio::test]
async fn a_hundred_and_one_balances_are_read_in_two_batches_at_once() {
    let table = Table::new().await;
    table.store.insert_ledger(&ledger(2, "Books")).await.unwrap();
    let holder = account(4);
    table.insert(&holder).await;
    let balances: Vec<Balance> =
        (0..110).map(|n| balance(1_000 + n, &holder, &format!("key-{n}"))).collect();
    for chunk in balances.chunks(11) {
        let opening = table.store.open_balances(&holder, chunk).await.unwrap();
        assert!(matches!(opening, Opening::Opened));
    }
    table.meter.take();
    let page = request(100, Ascending, PageStart::Start);
    let page = table.store.ledger_balances(scope(), &page).await.unwrap();
    assert_eq!(page.items, balances[..100]);
    // The ledger, 101 entries of some 200 bytes, and 101 balances.
    table.cost(4, 1_000 + 5_000 + 101_000, 0);
}

#[tokio::test]
async fn warming_up_needs_no_table() {
    let table = Table::new().await;
    table.store.preconnect().await;
    // Over HTTPS this also shows that the compiled-in roots are readable.
    for endpoint in ["http://127.0.0.1:1", "https://127.0.0.1:1"] {
        let nowhere = Connection::local("nowhere", endpoint);
        let store = DynamoStore::connect(&nowhere);
        store.preconnect().await;
        let answer = store.organization(organization(1).id).await;
        assert!(matches!(answer, Err(Error::Unavailable { .. })));
    }
}
