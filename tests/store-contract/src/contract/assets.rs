//! Assets, and the accounts that stand for the external account.
#![expect(clippy::unwrap_used, reason = "a behaviour fails by panicking")]

use uuid::Uuid;

use crate::contract::Store;
use crate::contract::world::{
    World, alias_balances, code, join, key, metadata, new_asset, numbered_page, text,
};
use subledger::account::lifecycle::Lifecycle;
use subledger::account::{Account, AccountFields, AccountType, Alias};
use subledger::balance::{Balance, BalanceFields, Direction};
use subledger::error::Error;
use subledger::ledger::ListingShards;
use subledger::ledger::asset::{Asset, AssetType};
use subledger::ledger::asset::{NewAsset, create_asset};
use subledger::metadata::Metadata;
use subledger::money::amount::Amount;
use subledger::money::ids::{AssetId, LedgerId, Scope};
use subledger::money::timeline::Timeline;
use subledger::page::SortOrder::{Ascending, Descending};
use subledger::page::{Filter, TimeRange};
use subledger::status::Status;

/// Every field comes back, by both names.
pub async fn an_asset_is_read_as_it_was_written<S: Store>(store: &S) {
    let world = World::new(store).await;
    world.set(7);
    let new = NewAsset {
        kind: AssetType::Commodity,
        status: Status { code: text("NEW"), description: Some(text("heavy")) },
        metadata: metadata(),
        ..new_asset(world.scope, "Größe #1/2", "GOLD")
    };
    let created = create_asset(store, &world.clock, &world.ids, new.clone()).await.unwrap();
    let expected = Asset {
        id: created.id,
        scope: world.scope,
        name: new.name,
        kind: AssetType::Commodity,
        code: code("GOLD"),
        status: new.status,
        metadata: new.metadata,
        timeline: Timeline::begin(world.at(7)),
    };
    assert_eq!(created, expected);
    assert_eq!(store.asset(world.scope, &code("GOLD")).await.unwrap(), Some(expected.clone()));
    assert_eq!(store.asset_by_id(world.scope, created.id).await.unwrap(), Some(expected));
    assert_eq!(store.asset(world.scope, &code("GOL")).await.unwrap(), None);
    let unknown = AssetId::new(Uuid::from_u128(1));
    assert_eq!(store.asset_by_id(world.scope, unknown).await.unwrap(), None);
}

/// An asset brings `@external/<code>` and its balance, which debits increase.
pub async fn an_asset_comes_with_its_external_account<S: Store>(store: &S) {
    let world = World::with_shards(store, 4).await;
    world.set(7);
    world.usd().await;
    let alias = Alias::recognize("@external/USD").unwrap();
    let id = store.account_of_alias(world.scope, &alias).await.unwrap().unwrap();
    let account = store.account(world.scope, id).await.unwrap().unwrap();
    let expected = Account::new(AccountFields {
        id,
        scope: world.scope,
        name: text("External USD"),
        parent: None,
        entity_id: None,
        asset_code: code("USD"),
        portfolio_id: None,
        segment_id: None,
        status: Status {
            code: text("external"),
            description: Some(text("The world outside, for the asset USD")),
        },
        alias: alias.clone(),
        kind: AccountType::external(),
        blocked: false,
        lifecycle: Lifecycle::Active,
        profile: None,
        metadata: Metadata::default(),
        listing_shards: ListingShards::new(4).unwrap(),
        being_deleted: false,
        deleted_at: None,
        revision: 0,
        created_at: world.at(7),
        updated_at: world.at(7),
    })
    .unwrap();
    assert_eq!(account, expected);
    let balances = alias_balances(store, world.scope, &alias).await.unwrap();
    let ids: Vec<_> = balances.iter().map(|balance| balance.id).collect();
    let expected = ids.first().map(|id| {
        Balance::new(BalanceFields {
            id: *id,
            scope: world.scope,
            account: account.id,
            alias,
            key: key("default"),
            asset_code: code("USD"),
            account_type: AccountType::external(),
            direction: Direction::Debit,
            allow_sending: true,
            allow_receiving: true,
            settings: None,
            available: Amount::ZERO,
            on_hold: Amount::ZERO,
            overdraft_used: Amount::ZERO,
            version: 0,
            created_at: world.at(7),
            recorded_at: world.at(7),
            caused_by: None,
            deleted_at: None,
            credit: None,
        })
        .unwrap()
    });
    assert_eq!(balances, Vec::from_iter(expected));
    assert_eq!(balances.len(), 1);
    assert_eq!(world.listed_keys().await, "default");
}

/// An asset cannot be made in a ledger that is not there.
pub async fn an_asset_needs_its_ledger<S: Store>(store: &S) {
    let world = World::new(store).await;
    let scope = Scope { ledger: LedgerId::new(Uuid::from_u128(1)), ..world.scope };
    let new = new_asset(scope, "US dollar", "USD");
    let refused = create_asset(store, &world.clock, &world.ids, new).await;
    assert_refused!(refused, Error::LedgerNotFound);
    assert_eq!(store.asset(scope, &code("USD")).await.unwrap(), None);
}

/// Codes are compared with codes and names with names, and a refused asset leaves nothing behind.
pub async fn an_asset_name_or_code_is_taken_once<S: Store>(store: &S) {
    let world = World::new(store).await;
    let create = async |scope, name, code| {
        create_asset(store, &world.clock, &world.ids, new_asset(scope, name, code)).await
    };
    create(world.scope, "Été", "USD").await.unwrap();
    for (name, code) in
        [("Été", "EUR"), ("E\u{301}TE\u{301}", "EUR"), ("Other", "USD"), ("Été", "USD")]
    {
        assert_refused!(create(world.scope, name, code).await, Error::AssetTaken);
    }
    let alias = Alias::external(&code("EUR"));
    assert_eq!(store.account_of_alias(world.scope, &alias).await.unwrap(), None);
    assert_eq!(world.listed_keys().await, "default");

    create(world.scope, "USD", "EUR").await.unwrap();
    create(World::new(store).await.scope, "Été", "USD").await.unwrap();
    let page = numbered_page(1, 10, Ascending, TimeRange::ALL);
    let assets = store.assets(world.scope, &page).await.unwrap();
    assert_eq!(join(assets.iter().map(|asset| asset.code.to_string())), "USD EUR");
    let accounts = store.accounts(world.scope, &page, &Filter::default()).await.unwrap();
    let aliases = join(accounts.iter().map(|account| account.alias.to_string()));
    assert_eq!(aliases, "@external/USD @external/EUR");
}

/// The dates of the range belong to it, and a page behind the last one is empty.
pub async fn assets_are_listed_by_page_number<S: Store>(store: &S) {
    let world = World::new(store).await;
    for (micros, code) in [(1, "D"), (2, "B"), (3, "E"), (4, "A"), (5, "C")] {
        world.set(micros);
        let new = new_asset(world.scope, code, code);
        create_asset(store, &world.clock, &world.ids, new).await.unwrap();
    }
    for (number, order, (from, to), expected) in [
        (1, Ascending, (0, 9), "D B"),
        (2, Ascending, (0, 9), "E A"),
        (3, Ascending, (0, 9), "C"),
        (4, Ascending, (0, 9), ""),
        (1, Descending, (0, 9), "C A"),
        (3, Descending, (0, 9), "D"),
        (1, Ascending, (2, 4), "B E"),
        (2, Descending, (2, 4), "B"),
        (1, Ascending, (6, 9), ""),
        (1, Ascending, (4, 2), ""),
    ] {
        let page = numbered_page(number, 2, order, world.range(from, to));
        let listed = store.assets(world.scope, &page).await.unwrap();
        let codes = join(listed.iter().map(|asset| asset.code.to_string()));
        assert_eq!(codes, expected, "page {number} of {from} to {to}, {order:?}");
    }
}
