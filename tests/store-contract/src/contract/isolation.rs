//! What belongs to another ledger does not exist: not in another organization, not in another
//! ledger of the same one, and not under the right ledger id with the wrong organization.
#![expect(clippy::unwrap_used, reason = "a behaviour fails by panicking")]

use crate::contract::Store;
use crate::contract::world::{
    World, alias_balances, first_page, new_account, new_asset, new_balance, new_credit_balance,
    new_ledger, numbered_page,
};
use subledger::account::lifecycle::change_lifecycle;
use subledger::account::lifecycle::{ClosedReason, LifecycleChange};
use subledger::account::open::{NewAccount, open_account};
use subledger::balance::create::{NewBalance, NewCreditBalance};
use subledger::balance::get::{get_balance, get_credit_balance};
use subledger::balance::history::{account_balances_as_of, balance_as_of, list_versions};
use subledger::balance::list::list_account_balances;
use subledger::error::Error;
use subledger::ledger::asset::AssetCode;
use subledger::ledger::asset::create_asset;
use subledger::ledger::create::create_ledger;
use subledger::money::ids::Scope;
use subledger::page::SortOrder::Ascending;
use subledger::page::{Filter, Page, TimeRange};
use subledger::ports::Clock;

/// Ledgers, assets and accounts are read where they are and nowhere else.
pub async fn accounts_are_not_seen_from_elsewhere<S: Store>(store: &S) {
    let world = World::new(store).await;
    let other = World::new(store).await;
    let asset = world.usd().await;
    let account = world.account_called("ada").await;
    let page = numbered_page(1, 10, Ascending, TimeRange::ALL);
    for scope in world.elsewhere(other.scope) {
        if scope != other.scope {
            assert_eq!(store.ledger(scope).await.unwrap(), None);
        }
        assert_eq!(store.asset(scope, &AssetCode::usd()).await.unwrap(), None);
        assert_eq!(store.asset_by_id(scope, asset.id).await.unwrap(), None);
        assert_eq!(store.assets(scope, &page).await.unwrap(), []);
        assert_eq!(store.account(scope, account.id).await.unwrap(), None);
        assert_eq!(store.account_to_open(scope, account.id).await.unwrap(), None);
        assert_eq!(store.accounts(scope, &page, &Filter::default()).await.unwrap(), []);
        assert_eq!(store.account_of_alias(scope, &account.alias).await.unwrap(), None);
    }
    for (world, other) in [(&world, &other), (&other, &world)] {
        let ledgers =
            store.ledgers(world.scope.organization, &page, &Filter::default()).await.unwrap();
        let scopes: Vec<Scope> = ledgers.iter().map(|ledger| ledger.scope).collect();
        assert_eq!(scopes, [world.scope]);
        assert_ne!(scopes, [other.scope]);
    }
}

/// Balances and their history are read where they are and nowhere else.
pub async fn balances_are_not_seen_from_elsewhere<S: Store>(store: &S) {
    let world = World::with_shards(store, 4).await;
    let other = World::with_shards(store, 4).await;
    let account = world.account().await;
    let new = new_credit_balance(&account, &world.fresh_key(), "one");
    let first = world.create_credit(new).await.unwrap();
    world.set(1);
    let (id, now) = (world.change(&first, "10").await.id, world.clock.now());
    let page = first_page(10, Ascending);
    let empty = Page { items: Vec::new(), previous: None, next: None };
    for scope in world.elsewhere(other.scope) {
        assert_eq!(store.first_version(scope, id).await.unwrap(), None);
        assert_eq!(store.newest_version(scope, id).await.unwrap(), None);
        assert_eq!(store.version_as_of(scope, id, now).await.unwrap(), None);
        assert_eq!(store.versions(scope, id, &page).await.unwrap(), None);
        assert_eq!(store.ledger_balances(scope, &page).await.unwrap(), empty);
        assert_eq!(store.account_balances(scope, account.id).await.unwrap(), []);
        assert_eq!(store.account_balances_ever(scope, account.id).await.unwrap(), []);

        assert_refused!(get_balance(store, scope, id).await, Error::BalanceNotFound);
        assert_refused!(get_credit_balance(store, scope, id).await, Error::BalanceNotFound);
        let answer = balance_as_of(store, &world.clock, scope, id, now).await;
        assert_refused!(answer, Error::BalanceNotFound);
        let answer = account_balances_as_of(store, &world.clock, scope, account.id, now).await;
        assert_refused!(answer, Error::NoBalanceAtMoment);
        let answer = list_versions(store, scope, id, &page).await;
        assert_refused!(answer, Error::BalanceNotFound);
        let answer = list_account_balances(store, scope, account.id, &page).await;
        assert_refused!(answer, Error::AccountNotFound);
        let answer = alias_balances(store, scope, &account.alias).await;
        assert_eq!(answer.unwrap(), []);
    }
}

/// Nothing can be done to an account, or with it, from elsewhere.
pub async fn nothing_is_written_from_elsewhere<S: Store>(store: &S) {
    let world = World::new(store).await;
    let other = World::new(store).await;
    world.usd().await;
    other.usd().await;
    let account = world.account_called("ada").await;
    let idempotency_key = world.fresh_key();
    let credit = new_credit_balance(&account, &idempotency_key, "one");
    world.set(1);
    let opened = world.create_credit(credit.clone()).await.unwrap();
    for scope in world.elsewhere(other.scope) {
        let new = NewBalance { scope, ..new_balance(&account, "savings") };
        assert_refused!(world.create(new).await, Error::HolderNotFound);
        let new = NewCreditBalance { scope, ..credit.clone() };
        assert_refused!(world.create_credit(new).await, Error::HolderNotFound);
        let close = LifecycleChange::Close(ClosedReason::EntityClosed);
        let answer = change_lifecycle(store, &world.clock, scope, account.id, close).await;
        assert_refused!(answer, Error::AccountNotFound);
        if scope == other.scope {
            let new = NewAccount { parent: Some(account.id), ..new_account(scope, "USD") };
            let answer = open_account(store, &world.clock, &world.ids, new).await;
            assert_refused!(answer, Error::ParentAccountNotFound);
        } else {
            let new = new_asset(scope, "Euro", "EUR");
            let answer = create_asset(store, &world.clock, &world.ids, new).await;
            assert_refused!(answer, Error::LedgerNotFound);
            let new = new_account(scope, "USD");
            let answer = open_account(store, &world.clock, &world.ids, new).await;
            assert_refused!(answer, Error::LedgerNotFound);
        }
    }
    assert_eq!(store.account(world.scope, account.id).await.unwrap(), Some(account));
    assert_eq!(world.listed_keys().await, format!("default default {}", opened.id));
    assert_eq!(other.listed_keys().await, "default");
}

/// Two ledgers of one organization share nothing but the organization.
pub async fn ledgers_of_one_organization_are_apart<S: Store>(store: &S) {
    let world = World::new(store).await;
    let new = new_ledger(world.scope.organization, "Second");
    let second = create_ledger(store, &world.clock, &world.ids, new).await.unwrap().scope;
    let account = world.account().await;
    let balance = world.open(&account, "savings").await;
    assert_eq!(store.account(second, account.id).await.unwrap(), None);
    assert_eq!(store.newest_version(second, balance.id).await.unwrap(), None);
    assert_eq!(store.account_balances(second, account.id).await.unwrap(), []);
    let page = first_page(10, Ascending);
    assert_eq!(store.ledger_balances(second, &page).await.unwrap().items, []);
    let refused = world.create(NewBalance { scope: second, ..new_balance(&account, "more") }).await;
    assert_refused!(refused, Error::HolderNotFound);
    // What is taken in one is free in the other.
    for scope in [world.scope, second] {
        let new = new_asset(scope, "US dollar", "USD");
        create_asset(store, &world.clock, &world.ids, new).await.unwrap();
    }
}
