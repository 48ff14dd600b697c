//! A balance with a long past.

use subledger::account::open::{NewAccount, open_account};
use subledger::account::{Account, AccountType};
use subledger::balance::history::{account_balances_as_of, balance_as_of};
use subledger::balance::{Balance, BalanceKey};
use subledger::ledger::ListingShards;
use subledger::ledger::asset::{AssetCode, AssetType};
use subledger::ledger::asset::{NewAsset, create_asset};
use subledger::ledger::create::{NewLedger, create_ledger};
use subledger::ledger::organization::{NewOrganization, create_organization};
use subledger::metadata::Metadata;
use subledger::money::amount::Amount;
use subledger::money::ids::Scope;
use subledger::money::text::Text;
use subledger::money::timestamp::Timestamp;
use subledger::money::unique_name::UniqueName;
use subledger::ports::ListBalances;
use subledger::status::Status;
use subledger_dynamodb::{Consumption, DynamoStore};
use subledger_http::system::RandomIds;
use subledger_store_contract::ManualClock;
use subledger_tests::Random;

use crate::table::Table;

const VERSIONS: usize = 10_000;
const MOMENTS: usize = 1_000;

/// Without the balance itself, the most items that one transaction has.
const VERSIONS_PER_TRANSACTION: usize = 99;

/// 2026-01-01, in microseconds.
const START: i64 = 1_767_225_600_000_000;

fn moment(micros: i64) -> Timestamp {
    Timestamp::from_micros(micros).unwrap()
}

/// An account with its default balance, opened at the start.
async fn account(store: &DynamoStore) -> Account {
    let clock = &ManualClock::new(moment(START));
    let organization = NewOrganization {
        parent: None,
        legal_name: Text::parse("Lion").unwrap(),
        legal_document: Text::parse("HRB 1").unwrap(),
        doing_business_as: None,
        address: None,
        status: Status::active(),
        metadata: Metadata::default(),
    };
    let organization = create_organization(store, clock, &RandomIds, organization).await.unwrap();
    let ledger = NewLedger {
        organization: organization.id,
        name: UniqueName::parse("Books").unwrap(),
        status: Status::active(),
        settings: None,
        metadata: Metadata::default(),
        listing_shards: ListingShards::ONE,
    };
    let scope: Scope = create_ledger(store, clock, &RandomIds, ledger).await.unwrap().scope;
    let asset = NewAsset {
        scope,
        name: UniqueName::parse("Dollar").unwrap(),
        kind: AssetType::Currency,
        code: AssetCode::usd(),
        status: Status::active(),
        metadata: Metadata::default(),
    };
    create_asset(store, clock, &RandomIds, asset).await.unwrap();
    let new = NewAccount {
        scope,
        name: None,
        parent: None,
        entity_id: None,
        asset_code: AssetCode::usd(),
        portfolio_id: None,
        segment_id: None,
        status: Status::active(),
        alias: None,
        kind: AccountType::parse("deposit").unwrap(),
        blocked: false,
        metadata: Metadata::default(),
    };
    open_account(store, clock, &RandomIds, new).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_balance_of_ten_thousand_versions_is_known_as_of_any_moment_for_the_same_price() {
    let mut random = Random::new();
    let seed = random.seed;
    let table = Table::new().await;
    let (store, meter) = (&table.store, &table.meter);
    let account = account(store).await;
    let mut balances = store.account_balances(account.scope, account.id).await.unwrap();
    let first = balances.pop().unwrap();
    assert_eq!(first.key, BalanceKey::default_key());

    // Versions at irregular distances, now and then only a microsecond apart.
    let mut versions: Vec<Balance> = vec![first];
    while versions.len() < VERSIONS {
        let mut next = versions.last().unwrap().clone().into_fields();
        let farthest = if random.below(4) == 0 { 1 } else { 2_000 };
        let distance = 1 + random.below(farthest);
        next.version += 1;
        next.recorded_at = moment(next.recorded_at.micros() + i64::try_from(distance).unwrap());
        next.available = Amount::parse(&format!("{}.5", random.below(1_000_000))).unwrap();
        versions.push(Balance::new(next).unwrap());
    }
    for chunk in versions.split_first().unwrap().1.chunks(VERSIONS_PER_TRANSACTION) {
        store.append_versions(chunk).await.unwrap();
    }
    let newest = versions.last().unwrap().recorded_at;
    let clock = ManualClock::new(moment(newest.micros() + 1_000));
    let span = u64::try_from(newest.micros() - START + 1_000).unwrap();
    meter.take();
    for _ in 0..MOMENTS {
        let as_of = moment(START + i64::try_from(random.below(span)).unwrap());
        // The expected answer, found by looking at every version.
        let expected = versions.iter().rev().find(|version| version.recorded_at <= as_of).unwrap();
        let id = expected.id;
        let known = balance_as_of(store, &clock, account.scope, id, as_of).await.unwrap();
        assert_eq!(&known, expected, "seed {seed}, as of {as_of}");
        let one_query = Consumption {
            calls: 1,
            round_trips: 1,
            read_milli_units: 1_000,
            ..Consumption::default()
        };
        assert_eq!(meter.take(), one_query, "seed {seed}, as of {as_of}");
    }
    // By account: what the balances are now, and one query for those that have changed since.
    for _ in 0..100 {
        let as_of = moment(START + i64::try_from(random.below(span - 1_000)).unwrap());
        let expected = versions.iter().rev().find(|version| version.recorded_at <= as_of).unwrap();
        let all = account_balances_as_of(store, &clock, account.scope, account.id, as_of).await;
        assert_eq!(all.unwrap().first(), Some(expected), "seed {seed}, as of {as_of}");
        let two_queries = Consumption {
            calls: 2,
            round_trips: 2,
            read_milli_units: 2_000,
            ..Consumption::default()
        };
        let cost = meter.take();
        assert!(cost == two_queries || expected.recorded_at == newest, "seed {seed}: {cost:?}");
    }
}
