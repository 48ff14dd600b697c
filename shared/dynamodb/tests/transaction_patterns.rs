//! One test for each row of the access-pattern table that is about transactions: what it costs.
//! What it answers is in the contract.

#![expect(clippy::unwrap_used, reason = "a test that panics is a test that fails")]

mod table;

use subledger::account::open::{NewAccount, open_account};
use subledger::account::{Account, AccountType, Alias};
use subledger::balance::create::{NewBalance, create_balance};
use subledger::balance::update::{BalanceChange, delete_balance, update_balance};
use subledger::balance::{Balance, BalanceKey, BalanceSettings, Direction};
use subledger::error::Error;
use subledger::idempotency::{Fingerprint, IdempotencyKey};
use subledger::ledger::ListingShards;
use subledger::ledger::asset::{AssetCode, AssetType};
use subledger::ledger::asset::{NewAsset, create_asset};
use subledger::ledger::create::{NewLedger, create_ledger};
use subledger::ledger::organization::{NewOrganization, create_organization};
use subledger::metadata::Metadata;
use subledger::money::amount::Amount;
use subledger::money::ids::{LedgerId, Scope, TransactionId};
use subledger::money::text::Name;
use subledger::money::timestamp::Timestamp;
use subledger::money::unique_name::UniqueName;
use subledger::page::{Filter, PageLimit, PageRequest, PageStart, SortOrder, TimeRange};
use subledger::ports::{ListBalances, ListTransactions, PostTransactions, Recording};
use subledger::status::Status;
use subledger::transaction::finalize::{Finalization, finalize_transaction};
use subledger::transaction::portion::Portion;
use subledger::transaction::post::{NewLeg, NewTransaction, post_transaction};
use subledger::transaction::read::list_account_operations;
use subledger::transaction::revert::revert_transaction;
use subledger::transaction::update::update_transaction;
use subledger::transaction::{
    LegLabels, Notes, Transaction, TransactionFields, TransactionLabels, TransactionStatus,
};
use subledger_store_contract::{ManualClock, SequentialIds};
use table::Table;
use uuid::Uuid;

/// A ledger with the accounts `ada` and `bob`, in a table of its own.
struct Bank {
    table: Table,
    clock: ManualClock,
    ids: SequentialIds,
    scope: Scope,
    ada: Account,
}

impl Bank {
    async fn new() -> Self {
        let table = Table::new().await;
        let clock = ManualClock::new(Timestamp::from_micros(1_700_000_000_000_000).unwrap());
        let ids = SequentialIds::new(7);
        let name = |text| Name::parse(text).unwrap();
        let organization = NewOrganization {
            parent: None,
            legal_name: name("Lion"),
            legal_document: name("HRB 1"),
            doing_business_as: None,
            address: None,
            status: Status::active(),
            metadata: Metadata::default(),
        };
        let store = &table.store;
        let organization = create_organization(store, &clock, &ids, organization).await.unwrap().id;
        let ledger = NewLedger {
            organization,
            name: UniqueName::parse("Books").unwrap(),
            status: Status::active(),
            settings: None,
            metadata: Metadata::default(),
            listing_shards: ListingShards::ONE,
        };
        let scope = create_ledger(store, &clock, &ids, ledger).await.unwrap().scope;
        let asset = NewAsset {
            scope,
            name: UniqueName::parse("Dollar").unwrap(),
            kind: AssetType::Currency,
            code: AssetCode::usd(),
            status: Status::active(),
            metadata: Metadata::default(),
        };
        create_asset(store, &clock, &ids, asset).await.unwrap();
        let open = async |alias| {
            let new = NewAccount {
                scope,
                name: None,
                parent: None,
                entity_id: None,
                asset_code: AssetCode::usd(),
                portfolio_id: None,
                segment_id: None,
                status: Status::active(),
                alias: Some(Alias::parse(alias).unwrap()),
                kind: AccountType::parse("deposit").unwrap(),
                blocked: false,
                metadata: Metadata::default(),
            };
            open_account(store, &clock, &ids, new).await.unwrap()
        };
        let ada = open("ada").await;
        open("bob").await;
        table.meter.take();
        Self { table, clock, ids, scope, ada }
    }

    fn moving(&self, value: &str, source: &str, destination: &str) -> NewTransaction {
        let leg = |alias| NewLeg {
            alias: Alias::recognize(alias),
            key: Some(BalanceKey::default_key()),
            portion: Portion::Remaining,
            labels: LegLabels::default(),
        };
        NewTransaction {
            scope: self.scope,
            idempotency_key: None,
            status: TransactionStatus::Approved,
            label: None,
            asset_code: AssetCode::usd(),
            value: Amount::parse(value).unwrap(),
            sources: vec![leg(source)],
            destinations: vec![leg(destination)],
            labels: TransactionLabels::default(),
            notes: Notes::default(),
            transaction_date: None,
            fingerprint: Fingerprint::of(value.as_bytes()),
        }
    }

    async fn post(&self, new: NewTransaction) -> Transaction {
        let posted = post_transaction(&self.table.store, &self.clock, &self.ids, new).await;
        posted.unwrap().transaction
    }

    /// Funds `ada` with 1,000, so that aliases and ledger are known.
    async fn funded() -> Self {
        let bank = Self::new().await;
        bank.post(bank.moving("1000", "@external/USD", "ada")).await;
        bank.post(bank.moving("1", "ada", "bob")).await;
        bank.table.meter.take();
        bank
    }

    async fn finalize(&self, id: TransactionId, finalization: Finalization) -> Transaction {
        let (store, clock) = (&self.table.store, &self.clock);
        finalize_transaction(store, clock, self.scope, id, finalization).await.unwrap()
    }

    async fn hold(&self) -> Transaction {
        let new = self.moving("10", "ada", "bob");
        self.post(NewTransaction { status: TransactionStatus::Pending, ..new }).await
    }

    /// One more balance of `ada`.
    async fn open(&self, key: &str) -> Balance {
        let new = NewBalance {
            scope: self.scope,
            account: self.ada.id,
            key: BalanceKey::parse(key).unwrap(),
            allow_sending: true,
            allow_receiving: true,
            direction: Direction::Credit,
            settings: None,
        };
        create_balance(&self.table.store, &self.clock, &self.ids, new).await.unwrap()
    }

    async fn default_of_ada(&self) -> Balance {
        let balances = self.table.store.account_balances(self.scope, self.ada.id).await.unwrap();
        balances.into_iter().find(|balance| balance.key == BalanceKey::default_key()).unwrap()
    }
}

/// The first page of a list.
fn page(limit: u16) -> PageRequest {
    PageRequest {
        limit: PageLimit::new(limit).unwrap(),
        order: SortOrder::Ascending,
        range: TimeRange::ALL,
        start: PageStart::Start,
    }
}

#[tokio::test]
async fn a_process_that_knows_the_aliases_posts_in_two_round_trips() {
    let bank = Bank::new().await;
    bank.post(bank.moving("100", "@external/USD", "ada")).await;
    // The ledger; two aliases; two accounts and their balances; and the write.
    bank.table.cost(4, 1_000 + 2_000 + 4_000, 12_000);
    bank.post(bank.moving("10", "ada", "@external/USD")).await;
    bank.table.cost(2, 4_000, 12_000);
    // One more alias.
    bank.post(bank.moving("10", "ada", "bob")).await;
    bank.table.cost(3, 1_000 + 4_000, 12_000);
    bank.post(bank.moving("10", "ada", "bob")).await;
    bank.table.cost(2, 4_000, 12_000);
}

#[tokio::test]
async fn a_transaction_under_a_key_is_looked_for_first() {
    let bank = Bank::funded().await;
    let key = Some(IdempotencyKey::parse_with_min("payment-1", 1).unwrap());
    let new = NewTransaction { idempotency_key: key, ..bank.moving("10", "ada", "bob") };
    let first = bank.post(new.clone()).await;
    bank.table.cost(3, 1_000 + 4_000, 12_000);
    assert_eq!(bank.post(new).await, first);
    bank.table.cost(1, 1_000, 0);
}

#[tokio::test]
async fn a_posting_on_overdraft_writes_the_overdraft_balance_too() {
    let bank = Bank::funded().await;
    let settings = BalanceSettings { scope: None, allow_overdraft: true, overdraft_limit: None };
    let (store, clock, ids) = (&bank.table.store, &bank.clock, &bank.ids);
    let id = bank.default_of_ada().await.id;
    let change =
        BalanceChange { allow_sending: None, allow_receiving: None, settings: Some(settings) };
    bank.table.meter.take();
    update_balance(store, clock, ids, bank.scope, id, &change).await.unwrap();
    // The newest version, the account, no overdraft balance; and the write with one.
    bank.table.cost(4, 3_000, 10_000);
    update_balance(store, clock, ids, bank.scope, id, &change).await.unwrap();
    bank.table.cost(4, 3_000, 4_000);
    // The overdraft balance is asked for when the balance says that it is needed, and at once from then on.
    bank.post(bank.moving("2000", "ada", "@external/USD")).await;
    bank.table.cost(3, 5_000, 18_000);
    bank.post(bank.moving("20", "ada", "@external/USD")).await;
    bank.table.cost(2, 5_000, 18_000);
}

#[tokio::test]
async fn a_pending_transaction_is_finalized_in_three_round_trips() {
    let bank = Bank::funded().await;
    let (first, second) = (bank.hold().await, bank.hold().await);
    bank.table.cost(4, 8_000, 16_000);
    bank.finalize(first.id, Finalization::Commit).await;
    // With its second step the transaction is longer than 1 kB.
    bank.table.cost(3, 5_000, 12_000);
    bank.finalize(second.id, Finalization::Cancel).await;
    bank.table.cost(3, 5_000, 6_000);
}

#[tokio::test]
async fn a_transaction_is_reverted_read_and_annotated() {
    let bank = Bank::funded().await;
    let sent = bank.post(bank.moving("10", "ada", "bob")).await;
    bank.table.meter.take();
    let (store, clock, ids) = (&bank.table.store, &bank.clock, &bank.ids);
    let notes = |_: &Notes| Ok(Notes { description: None, metadata: Metadata::default() });
    update_transaction(store, clock, bank.scope, sent.id, notes).await.unwrap();
    bank.table.cost(2, 1_000, 2_000);
    revert_transaction(store, clock, ids, bank.scope, sent.id).await.unwrap();
    bank.table.cost(3, 5_000, 14_000);
    let read = store.transaction(bank.scope, sent.id).await.unwrap();
    assert!(read.is_some_and(|read| read.reverted_by.is_some()));
    bank.table.cost(1, 1_000, 0);
}

#[tokio::test]
async fn a_page_of_transactions_is_one_query_and_one_batch() {
    let bank = Bank::funded().await;
    for _ in 0..20 {
        bank.post(bank.moving("1", "ada", "bob")).await;
    }
    bank.table.meter.take();
    let listed = bank.table.store.transactions(bank.scope, &page(10)).await.unwrap();
    assert_eq!(listed.items.len(), 10);
    bank.table.cost(2, 1_000 + 11_000, 0);
    let count = bank.table.store.count_transactions(bank.scope, TimeRange::ALL).await.unwrap();
    assert_eq!(count, 22);
    bank.table.cost(1, 1_000, 0);
}

#[tokio::test]
async fn a_page_of_operations_reads_the_versions_and_the_transactions() {
    let bank = Bank::funded().await;
    for _ in 0..20 {
        bank.post(bank.moving("1", "ada", "bob")).await;
    }
    bank.table.meter.take();
    let store = &bank.table.store;
    let listed = list_account_operations(
        store,
        bank.scope,
        bank.ada.id,
        &page(10),
        TimeRange::ALL,
        &Filter::default(),
    )
    .await
    .unwrap();
    assert_eq!(listed.items.len(), 10);
    // The balances; 12 versions; 11 transactions.
    bank.table.cost(3, 1_000 + 2_000 + 11_000, 0);
}

#[tokio::test]
async fn a_balance_is_deleted_in_two_round_trips() {
    let bank = Bank::funded().await;
    let savings = bank.open("savings").await;
    let (store, clock) = (&bank.table.store, &bank.clock);
    bank.table.meter.take();
    delete_balance(store, clock, bank.scope, savings.id).await.unwrap();
    bank.table.cost(2, 1_000, 6_000);
}

#[tokio::test]
async fn forty_eight_balances_are_one_transaction() {
    let bank = Bank::funded().await;
    let mut destinations = Vec::new();
    for n in 0..47 {
        let key = bank.open(&format!("key-{n}")).await.key.clone();
        destinations.push(NewLeg {
            alias: Some(bank.ada.alias.clone()),
            key: Some(key),
            portion: Portion::Amount(Amount::parse("1").unwrap()),
            labels: LegLabels::default(),
        });
    }
    bank.table.meter.take();
    let new = NewTransaction { destinations, ..bank.moving("47", "ada", "bob") };
    let sent = bank.post(new).await;
    assert_eq!(sent.operations.len(), 48);
    // One account and 48 balances; the transaction has 11 kB.
    bank.table.cost(2, 49_000, 22_000 + 2_000 + 48 * 4_000);
}

#[tokio::test]
async fn a_step_that_is_outdated_is_stale_and_one_that_was_taken_is_existing() {
    let bank = Bank::funded().await;
    let store = &bank.table.store;
    let sent = bank.post(bank.moving("10", "ada", "bob")).await;
    let again = store.record(&sent, &[], None).await.unwrap();
    assert!(matches!(again, Recording::Existing(existing) if *existing == sent));
    let gap =
        Transaction::new(TransactionFields { revision: 2, ..sent.clone().into_fields() }).unwrap();
    assert!(matches!(store.record(&gap, &[], None).await.unwrap(), Recording::Stale));
    let other = Transaction::new(TransactionFields {
        id: TransactionId::new(Uuid::nil()),
        ..sent.clone().into_fields()
    })
    .unwrap();
    let gone = store.record(&other, &[], Some(&gap)).await.unwrap();
    assert!(matches!(gone, Recording::Reverted));
    let balance = bank.default_of_ada().await;
    let gone = store.record(&other, std::slice::from_ref(&balance), Some(&gap)).await.unwrap();
    assert!(matches!(gone, Recording::Reverted));
    let stale = store.record(&other, &[balance], None).await.unwrap();
    assert!(matches!(stale, Recording::Stale));
    assert_eq!(store.transaction(bank.scope, other.id).await.unwrap(), None);
    let nowhere = Scope { ledger: LedgerId::new(Uuid::nil()), ..bank.scope };
    let lost = store
        .record(
            &Transaction::new(TransactionFields { scope: nowhere, ..other.into_fields() }).unwrap(),
            &[],
            None,
        )
        .await;
    assert!(matches!(lost, Err(Error::LedgerNotFound)));
}
