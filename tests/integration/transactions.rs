//! Many clients move money at once.

use std::sync::Arc;

use futures_util::future::join_all;
use futures_util::stream::{self, StreamExt};
use subledger::account::open::{NewAccount, open_account};
use subledger::account::{AccountType, Alias};
use subledger::balance::{Balance, BalanceKey};
use subledger::error::Error;
use subledger::idempotency::Fingerprint;
use subledger::ledger::ListingShards;
use subledger::ledger::asset::{AssetCode, AssetType};
use subledger::ledger::asset::{NewAsset, create_asset};
use subledger::ledger::create::{NewLedger, create_ledger};
use subledger::ledger::organization::{NewOrganization, create_organization};
use subledger::metadata::Metadata;
use subledger::money::amount::Amount;
use subledger::money::ids::Scope;
use subledger::money::text::Text;
use subledger::money::unique_name::UniqueName;
use subledger::page::{PageLimit, PageRequest, PageStart, SortOrder, TimeRange};
use subledger::ports::{ListBalances, ListTransactions, PostTransactions, ReadHistory};
use subledger::status::Status;
use subledger::transaction::finalize::{Finalization, finalize_transaction};
use subledger::transaction::portion::Portion;
use subledger::transaction::post::{NewLeg, NewTransaction, post_transaction};
use subledger::transaction::{LegLabels, Notes, TransactionLabels, TransactionStatus};
use subledger_dynamodb::DynamoStore;
use subledger_http::system::{RandomIds, SystemClock};
use subledger_tests::Random;

use crate::table::Table;

const CLIENTS: usize = 64;
const BALANCES: u64 = 20;
/// How many transactions are sent unless `SUBLEDGER_TEST_TRANSACTIONS` says another number; ten
/// thousand take minutes in a debug build.
const TRANSACTIONS: usize = 1_000;
/// The funds of each balance at first.
const FUNDS: u64 = 1_000;

/// A ledger with accounts `@0`, `@1`, …, each with [`FUNDS`].
struct Bank {
    store: DynamoStore,
    scope: Scope,
}

fn transactions() -> usize {
    #[expect(clippy::disallowed_methods, reason = "a size is given to a run of the tests")]
    let given = std::env::var("SUBLEDGER_TEST_TRANSACTIONS").ok();
    given.map_or(TRANSACTIONS, |number| number.parse().unwrap())
}

fn usd() -> AssetCode {
    AssetCode::parse("USD").unwrap()
}

fn amount(units: u64) -> Amount {
    Amount::parse(&units.to_string()).unwrap()
}

fn alias(number: u64) -> Alias {
    Alias::parse(&format!("@{number}")).unwrap()
}

fn leg(alias: Alias, units: u64) -> NewLeg {
    NewLeg {
        alias: Some(alias),
        key: Some(BalanceKey::default_key()),
        portion: Portion::Amount(amount(units)),
        labels: LegLabels::default(),
    }
}

impl Bank {
    async fn open(store: DynamoStore, accounts: u64) -> Self {
        let organization = NewOrganization {
            parent: None,
            legal_name: Text::parse("Lion").unwrap(),
            legal_document: Text::parse("HRB 1").unwrap(),
            doing_business_as: None,
            address: None,
            status: Status::active(),
            metadata: Metadata::default(),
        };
        let organization = create_organization(&store, &SystemClock, &RandomIds, organization);
        let ledger = NewLedger {
            organization: organization.await.unwrap().id,
            name: UniqueName::parse("Books").unwrap(),
            status: Status::active(),
            settings: None,
            metadata: Metadata::default(),
            listing_shards: ListingShards::ONE,
        };
        let ledger = create_ledger(&store, &SystemClock, &RandomIds, ledger).await.unwrap();
        let asset = NewAsset {
            scope: ledger.scope,
            name: UniqueName::parse("US Dollar").unwrap(),
            kind: AssetType::Currency,
            code: usd(),
            status: Status::active(),
            metadata: Metadata::default(),
        };
        create_asset(&store, &SystemClock, &RandomIds, asset).await.unwrap();
        let bank = Self { store, scope: ledger.scope };
        for number in 0..accounts {
            bank.account(number).await;
            bank.post(Alias::external(&usd()), alias(number), FUNDS).await.unwrap();
        }
        bank
    }

    async fn account(&self, number: u64) {
        let account = NewAccount {
            scope: self.scope,
            name: None,
            parent: None,
            entity_id: None,
            asset_code: usd(),
            portfolio_id: None,
            segment_id: None,
            status: Status::active(),
            alias: Some(alias(number)),
            kind: AccountType::parse("deposit").unwrap(),
            blocked: false,
            metadata: Metadata::default(),
        };
        open_account(&self.store, &SystemClock, &RandomIds, account).await.unwrap();
    }

    fn transfer(&self, from: Alias, to: Alias, units: u64) -> NewTransaction {
        NewTransaction {
            scope: self.scope,
            idempotency_key: None,
            status: TransactionStatus::Approved,
            label: None,
            asset_code: usd(),
            value: amount(units),
            sources: vec![leg(from, units)],
            destinations: vec![leg(to, units)],
            labels: TransactionLabels::default(),
            notes: Notes::default(),
            transaction_date: None,
            fingerprint: Fingerprint::of(b"transfer"),
        }
    }

    async fn post(&self, from: Alias, to: Alias, units: u64) -> Result<(), Error> {
        let new = self.transfer(from, to, units);
        post_transaction(&self.store, &SystemClock, &RandomIds, new).await.map(|_| ())
    }

    async fn balances(&self) -> Vec<Balance> {
        let page = whole(PageStart::Start);
        let balances = self.store.ledger_balances(self.scope, &page).await.unwrap().items;
        balances.into_iter().filter(|balance| !balance.account_type.is_external()).collect()
    }

    /// All versions of a balance, oldest first.
    async fn versions(&self, balance: &Balance) -> Vec<Balance> {
        let mut versions = Vec::new();
        let mut position = PageStart::Start;
        loop {
            let page = whole(position);
            let page = self.store.versions(self.scope, balance.id, &page).await.unwrap().unwrap();
            versions.extend(page.items);
            match page.next {
                Some(mark) => position = PageStart::After(mark),
                None => return versions,
            }
        }
    }

    /// Checks that the books are whole after so many transactions on their balances.
    async fn check(&self, transactions: usize) {
        let count = self.store.count_transactions(self.scope, TimeRange::ALL).await.unwrap();
        assert_eq!(count, u64::try_from(transactions).unwrap());
        let balances = self.balances().await;
        let total = Amount::sum(balances.iter().map(|balance| &balance.available)).unwrap();
        let funds = FUNDS * u64::try_from(balances.len()).unwrap();
        assert_eq!(total, amount(funds));
        let mut changes = 0;
        for balance in &balances {
            let versions = self.versions(balance).await;
            assert_eq!(versions.last(), Some(balance), "the current version is not the last one");
            for (place, version) in versions.iter().enumerate() {
                assert_eq!(version.version, u64::try_from(place).unwrap(), "a gap or a fork");
                assert!(!version.available.is_negative());
            }
            for pair in versions.windows(2) {
                assert!(pair[0].recorded_at < pair[1].recorded_at);
            }
            changes += versions.len() - 1;
        }
        // A transfer makes a version of two balances, an inflow of one: none is missing or doubled.
        assert_eq!(changes, 2 * transactions - balances.len());
    }
}

fn whole(start: PageStart) -> PageRequest {
    PageRequest {
        limit: PageLimit::new(100).unwrap(),
        order: SortOrder::Ascending,
        range: TimeRange::ALL,
        start,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixty_four_clients_move_money_and_none_is_lost() {
    let bank = Arc::new(Bank::open(Table::new().await.into_store(), BALANCES).await);
    let mut random = Random::new();
    eprintln!("SUBLEDGER_TEST_SEED={}", random.seed);
    let sent = transactions();
    let transfers: Vec<(u64, u64, u64)> = (0..sent)
        .map(|_| {
            let from = random.below(BALANCES);
            let to = (from + 1 + random.below(BALANCES - 1)) % BALANCES;
            (from, to, 1 + random.below(300))
        })
        .collect();
    let outcomes: Vec<Result<(), Error>> = stream::iter(transfers)
        .map(|(from, to, units)| {
            let bank = Arc::clone(&bank);
            async move { bank.post(alias(from), alias(to), units).await }
        })
        .buffer_unordered(CLIENTS)
        .collect()
        .await;
    let mut posted = usize::try_from(BALANCES).unwrap();
    let mut without_funds = 0;
    for outcome in outcomes {
        match outcome {
            Ok(()) => posted += 1,
            Err(Error::InsufficientFunds(_)) => without_funds += 1,
            Err(error) => assert!(matches!(error, Error::Contended), "{error}"),
        }
    }
    assert!(posted > sent / 2, "{posted} posted");
    // In a short run, all transfers may find funds.
    assert!(without_funds > 0 || sent < TRANSACTIONS, "no transfer ran out of funds");
    bank.check(posted).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixteen_clients_on_one_balance_all_get_an_answer() {
    let bank = Bank::open(Table::new().await.into_store(), 17).await;
    let posts = (1..17).map(|number| {
        let bank = &bank;
        async move {
            let mut posted = 0;
            for _ in 0..10 {
                match bank.post(alias(0), alias(number), 1).await {
                    Ok(()) => posted += 1,
                    Err(error) => assert!(matches!(error, Error::Contended), "{error}"),
                }
            }
            posted
        }
    });
    let posted: usize = join_all(posts).await.into_iter().sum();
    assert!(posted > 0);
    bank.check(17 + posted).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_of_two_hundred_commits_and_cancels_wins() {
    let bank = Bank::open(Table::new().await.into_store(), 2).await;
    let pending = NewTransaction {
        status: TransactionStatus::Pending,
        ..bank.transfer(alias(0), alias(1), 10)
    };
    let pending = post_transaction(&bank.store, &SystemClock, &RandomIds, pending).await.unwrap();
    let id = pending.transaction.id;
    let steps = (0..200).map(|number| {
        let bank = &bank;
        async move {
            let finalization =
                if number % 2 == 0 { Finalization::Commit } else { Finalization::Cancel };
            finalize_transaction(&bank.store, &SystemClock, bank.scope, id, finalization).await
        }
    });
    let outcomes = join_all(steps).await;
    let (won, lost): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
    assert_eq!((won.len(), lost.len()), (1, 199));
    for refusal in lost.into_iter().filter_map(Result::err) {
        assert!(matches!(refusal, Error::TransactionStatus { .. } | Error::Contended), "{refusal}");
    }
    let won = won.into_iter().find_map(Result::ok).unwrap();
    let stored = bank.store.transaction(bank.scope, id).await.unwrap().unwrap();
    assert_eq!(stored, won);
    let balances = bank.balances().await;
    let available: Vec<_> = balances.iter().map(|balance| balance.available.to_string()).collect();
    assert!(balances.iter().all(|balance| balance.on_hold.is_zero()));
    let expected = match won.status {
        TransactionStatus::Approved => ["990", "1010"],
        TransactionStatus::Canceled
        | TransactionStatus::Pending
        | TransactionStatus::Annotation => ["1000", "1000"],
    };
    assert_eq!(available, expected);
}
