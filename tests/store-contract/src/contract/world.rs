//! The ledger that a behaviour plays in, and the few things that happen there all the time.
#![expect(
    clippy::unwrap_used,
    clippy::arithmetic_side_effects,
    reason = "a behaviour fails by panicking"
)]

use crate::SeedVersions;
use std::collections::BTreeMap;
use std::hash::{BuildHasher, RandomState};

use uuid::Uuid;

use crate::contract::Store;
use crate::contract::agreements::{credit, profile};
use crate::{ManualClock, SequentialIds};
use subledger::account::group::{AccountTypeKey, Group, GroupDetails, NewGroup, create_group};
use subledger::account::open::{NewAccount, NewV0Account, open_account, open_v0_account};
use subledger::account::profile::Capability;
use subledger::account::{Account, AccountType, Alias};
use subledger::balance::create::{
    NewBalance, NewCreditBalance, create_balance, create_credit_balance,
};
use subledger::balance::list::list_all_account_balances;
use subledger::balance::list::list_ledger_balances;
use subledger::balance::{Balance, BalanceFields, BalanceKey, Direction};
use subledger::count::Owner;
use subledger::error::Error;
use subledger::idempotency::IdempotencyKey;
use subledger::ledger::ListingShards;
use subledger::ledger::asset::{Asset, AssetCode, AssetType};
use subledger::ledger::asset::{NewAsset, create_asset};
use subledger::ledger::create::{NewLedger, create_ledger};
use subledger::ledger::organization::{NewOrganization, create_organization};
use subledger::metadata::{Metadata, MetadataValue};
use subledger::money::amount::Amount;
use subledger::money::ids::{OrganizationId, Scope};
use subledger::money::text::Text;
use subledger::money::timestamp::Timestamp;
use subledger::money::unique_name::UniqueName;
use subledger::page::{
    NumberedPage, Page, PageLimit, PageRequest, PageStart, SortOrder, TimeRange,
};
use subledger::ports::{Clock, IdSource};
use subledger::status::Status;

/// A fresh organization with a fresh ledger, made at moment 0 of its own time.
///
/// Ids and time are drawn from a random series, so that behaviours do not meet in a store that
/// they share. No expected value depends on the series.
pub(super) struct World<'s, S> {
    pub(super) store: &'s S,
    pub(super) clock: ManualClock,
    pub(super) ids: SequentialIds,
    pub(super) scope: Scope,
    start: Timestamp,
}

impl<'s, S: Store> World<'s, S> {
    pub(super) async fn new(store: &'s S) -> Self {
        Self::with_shards(store, 1).await
    }

    pub(super) async fn with_shards(store: &'s S, shards: u8) -> Self {
        let series = RandomState::new().hash_one("series");
        // Some second of thirty years, behind 1990.
        let second = 631_152_000 + i64::from(u32::try_from(series % 946_684_800).unwrap());
        let start = Timestamp::from_micros(second * 1_000_000).unwrap();
        let clock = ManualClock::new(start);
        let ids = SequentialIds::new(series);
        let organization =
            create_organization(store, &clock, &ids, new_organization("Ada")).await.unwrap().id;
        let new = NewLedger {
            listing_shards: ListingShards::new(shards).unwrap(),
            ..new_ledger(organization, "Main")
        };
        let scope = create_ledger(store, &clock, &ids, new).await.unwrap().scope;
        Self { store, clock, ids, scope, start }
    }

    /// The moment so many microseconds after the ledger was made.
    pub(super) fn at(&self, micros: i64) -> Timestamp {
        Timestamp::from_micros(self.start.micros() + micros).unwrap()
    }

    /// Both moments and the time between them.
    pub(super) fn range(&self, from: i64, to: i64) -> TimeRange {
        TimeRange { from: self.at(from), to: self.at(to) }
    }

    /// Makes it the moment so many microseconds after the ledger was made.
    pub(super) fn set(&self, micros: i64) {
        self.clock.set(self.at(micros));
    }

    /// Where nothing of this ledger is: in the other ledger, in a ledger of the same id in the
    /// other organization, and in one of the other id in this organization.
    pub(super) fn elsewhere(&self, other: Scope) -> [Scope; 3] {
        [
            other,
            Scope { organization: other.organization, ..self.scope },
            Scope { ledger: other.ledger, ..self.scope },
        ]
    }

    pub(super) fn fresh_id(&self) -> Uuid {
        self.ids.next_id()
    }

    pub(super) fn fresh_key(&self) -> IdempotencyKey {
        idempotency_key(&self.fresh_id().to_string())
    }

    /// Makes the asset `USD`, whose external account and balance come with it.
    pub(super) async fn usd(&self) -> Asset {
        let new = new_asset(self.scope, "US dollar", "USD");
        create_asset(self.store, &self.clock, &self.ids, new).await.unwrap()
    }

    pub(super) async fn portfolio(&self, name: &str) -> Group {
        let details = GroupDetails::Portfolio { entity_id: None, status: Status::active() };
        self.group(name, details).await.unwrap()
    }

    pub(super) async fn segment(&self, name: &str) -> Group {
        let details = GroupDetails::Segment { status: Status::active() };
        self.group(name, details).await.unwrap()
    }

    pub(super) async fn account_type(&self, key: &str) -> Result<Group, Error> {
        let key = AccountTypeKey::parse(key).unwrap();
        let details = GroupDetails::AccountType { key, description: None };
        self.group("Some type", details).await
    }

    pub(super) async fn group(&self, name: &str, details: GroupDetails) -> Result<Group, Error> {
        let name = UniqueName::parse(name).unwrap();
        let new = NewGroup { scope: self.scope, name, details, metadata: Metadata::default() };
        create_group(self.store, &self.clock, &self.ids, new).await
    }

    /// What stands on the owner.
    pub(super) async fn counts(&self, owner: &Owner) -> String {
        self.store.counts(owner).await.unwrap().to_string()
    }

    /// An account without a balance that may have any.
    pub(super) async fn account(&self) -> Account {
        self.account_with(vec![Capability::Deposit, Capability::CreditWithUnderwriting]).await
    }

    /// An account without a balance that may have balances of these types.
    pub(super) async fn account_with(&self, capabilities: Vec<Capability>) -> Account {
        let new = NewV0Account {
            scope: self.scope,
            idempotency_key: self.fresh_key(),
            profile: profile(capabilities, "account"),
            metadata: Metadata::default(),
        };
        open_v0_account(self.store, &self.clock, new).await.unwrap()
    }

    /// An account with the alias and a default balance. The ledger needs its asset first.
    pub(super) async fn account_called(&self, alias: &str) -> Account {
        let alias = Alias::parse(alias).unwrap();
        let new = NewAccount { alias: Some(alias), ..new_account(self.scope, "USD") };
        open_account(self.store, &self.clock, &self.ids, new).await.unwrap()
    }

    pub(super) async fn create(&self, new: NewBalance) -> Result<Balance, Error> {
        create_balance(self.store, &self.clock, &self.ids, new).await
    }

    /// Opens a balance now.
    pub(super) async fn open(&self, account: &Account, key: &str) -> Balance {
        self.create(new_balance(account, key)).await.unwrap()
    }

    /// Opens balances one microsecond after another, the first at moment 1, with the keys `1`, `2`
    /// and so on, and answers them in this order.
    pub(super) async fn open_in_a_row(&self, account: &Account, count: i64) -> Vec<Balance> {
        let mut balances = Vec::new();
        for micros in 1..=count {
            self.set(micros);
            balances.push(self.open(account, &micros.to_string()).await);
        }
        balances
    }

    pub(super) async fn create_credit(&self, new: NewCreditBalance) -> Result<Balance, Error> {
        create_credit_balance(self.store, &self.clock, new).await
    }

    /// The version after this one, recorded now: the only change is what is available.
    pub(super) fn next(&self, balance: &Balance, available: &str) -> Balance {
        Balance::new(BalanceFields {
            available: amount(available),
            version: balance.version + 1,
            recorded_at: self.clock.now(),
            ..balance.clone().into_fields()
        })
        .unwrap()
    }

    /// Brings the balance to its next version, now.
    pub(super) async fn change(&self, balance: &Balance, available: &str) -> Balance {
        let next = self.next(balance, available);
        self.store.append_version(&next).await.unwrap();
        next
    }

    /// Deletes the balance, now.
    pub(super) async fn delete(&self, balance: &Balance) -> Balance {
        let next = self.next(balance, "0");
        let last = Balance::new(BalanceFields {
            deleted_at: Some(next.recorded_at),
            ..next.into_fields()
        })
        .unwrap();
        self.store.append_version(&last).await.unwrap();
        last
    }

    /// A page of the balances of the ledger.
    pub(super) async fn list(&self, page: PageRequest) -> Page<Balance> {
        list_ledger_balances(self.store, self.scope, &page).await.unwrap()
    }

    /// The keys of all balances of the ledger, oldest first, one after the other.
    pub(super) async fn listed_keys(&self) -> String {
        keys(&self.list(first_page(100, SortOrder::Ascending)).await.items)
    }
}

pub(super) fn text<const MAX: usize>(text: &str) -> Text<MAX> {
    Text::parse(text).unwrap()
}

pub(super) fn unique(name: &str) -> UniqueName {
    UniqueName::parse(name).unwrap()
}

pub(super) fn amount(text: &str) -> Amount {
    Amount::parse(text).unwrap()
}

pub(super) fn key(text: &str) -> BalanceKey {
    BalanceKey::parse(text).unwrap()
}

pub(super) fn code(text: &str) -> AssetCode {
    AssetCode::parse(text).unwrap()
}

pub(super) fn idempotency_key(text: &str) -> IdempotencyKey {
    IdempotencyKey::parse_with_min(text, 1).unwrap()
}

/// Metadata of every kind of value.
pub(super) fn metadata() -> Metadata {
    let entries = BTreeMap::from([
        (String::new(), MetadataValue::Text(text(""))),
        ("größe#1/2".to_owned(), MetadataValue::Text(text("一\n\"two\" \u{1f980}"))),
        ("number".to_owned(), MetadataValue::Number(text("-1.10e400"))),
        ("yes".to_owned(), MetadataValue::Boolean(true)),
        ("no".to_owned(), MetadataValue::Boolean(false)),
        ("nothing".to_owned(), MetadataValue::Null),
    ]);
    Metadata::new(entries).unwrap()
}

pub(super) fn new_organization(legal_name: &str) -> NewOrganization {
    NewOrganization {
        parent: None,
        legal_name: text(legal_name),
        legal_document: text("12-3456789"),
        doing_business_as: None,
        address: None,
        status: Status::active(),
        metadata: Metadata::default(),
    }
}

pub(super) fn new_ledger(organization: OrganizationId, name: &str) -> NewLedger {
    NewLedger {
        organization,
        name: unique(name),
        status: Status::active(),
        settings: None,
        metadata: Metadata::default(),
        listing_shards: ListingShards::ONE,
    }
}

pub(super) fn new_asset(scope: Scope, name: &str, asset_code: &str) -> NewAsset {
    NewAsset {
        scope,
        name: unique(name),
        kind: AssetType::Currency,
        code: code(asset_code),
        status: Status::active(),
        metadata: Metadata::default(),
    }
}

pub(super) fn new_account(scope: Scope, asset_code: &str) -> NewAccount {
    NewAccount {
        scope,
        name: None,
        parent: None,
        entity_id: None,
        asset_code: code(asset_code),
        portfolio_id: None,
        segment_id: None,
        status: Status::active(),
        alias: None,
        kind: AccountType::parse("deposit").unwrap(),
        blocked: false,
        metadata: Metadata::default(),
    }
}

pub(super) fn new_balance(account: &Account, balance_key: &str) -> NewBalance {
    NewBalance {
        scope: account.scope,
        account: account.id,
        key: key(balance_key),
        allow_sending: true,
        allow_receiving: true,
        direction: Direction::Credit,
        settings: None,
    }
}

pub(super) fn new_credit_balance(
    account: &Account,
    idempotency_key: &IdempotencyKey,
    asked: &str,
) -> NewCreditBalance {
    NewCreditBalance {
        scope: account.scope,
        idempotency_key: idempotency_key.clone(),
        account: account.id,
        credit: credit(asked),
    }
}

/// The first page of a list.
pub(super) fn first_page(limit: u16, order: SortOrder) -> PageRequest {
    PageRequest {
        limit: PageLimit::new(limit).unwrap(),
        order,
        range: TimeRange::ALL,
        start: PageStart::Start,
    }
}

/// A page of a list with page numbers, of everything that was created in the range.
pub(super) fn numbered_page(
    number: u32,
    limit: u16,
    order: SortOrder,
    range: TimeRange,
) -> NumberedPage {
    NumberedPage::new(number, PageLimit::new(limit).unwrap(), order, range).unwrap()
}

/// The keys of balances, one after the other.
pub(super) fn keys(balances: &[Balance]) -> String {
    join(balances.iter().map(|balance| balance.key.to_string()))
}

/// The version numbers of balances, one after the other.
pub(super) fn versions(balances: &[Balance]) -> String {
    join(balances.iter().map(|balance| balance.version.to_string()))
}

/// Words, one after the other.
pub(super) fn join(words: impl Iterator<Item = String>) -> String {
    words.collect::<Vec<String>>().join(" ")
}

/// Follows a list page by page to its end, and then back to its beginning. Answers what is on the
/// pages in the order in which they were met.
pub(super) async fn forth_and_back<T>(
    first: PageRequest,
    list: impl AsyncFn(PageRequest) -> Page<T>,
    print: impl Fn(&[T]) -> String,
) -> [Vec<String>; 2] {
    let mut page = list(first).await;
    let mut forth = vec![print(&page.items)];
    while let Some(position) = page.next {
        page = list(PageRequest { start: PageStart::After(position), ..first }).await;
        forth.push(print(&page.items));
    }
    let mut back = Vec::new();
    while let Some(position) = page.previous {
        page = list(PageRequest { start: PageStart::Before(position), ..first }).await;
        back.push(print(&page.items));
    }
    [forth, back]
}

/// All balances of the account with this alias, newest first; none if there is no such account.
pub(super) async fn alias_balances<S: Store>(
    store: &S,
    scope: Scope,
    alias: &Alias,
) -> Result<Vec<Balance>, Error> {
    match store.account_of_alias(scope, alias).await? {
        Some(account) => list_all_account_balances(store, scope, account).await,
        None => Ok(Vec::new()),
    }
}
