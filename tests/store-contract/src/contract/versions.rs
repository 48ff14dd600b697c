//! How a balance goes from version to version.
#![expect(clippy::unwrap_used, reason = "a behaviour fails by panicking")]

use crate::SeedVersions;
use uuid::Uuid;

use crate::contract::Store;
use crate::contract::world::{World, first_page};
use subledger::balance::get::get_balance;
use subledger::balance::history::list_versions;
use subledger::balance::{Balance, BalanceFields};
use subledger::error::Error;
use subledger::money::ids::BalanceId;
use subledger::page::SortOrder::Ascending;

/// What was written last is what the balance is, from every read.
pub async fn the_newest_version_is_the_state_of_a_balance<S: Store>(store: &S) {
    let world = World::new(store).await;
    let account = world.account().await;
    let first = world.open(&account, "savings").await;
    world.set(1);
    let second = world.change(&first, "10").await;
    world.set(2);
    let third = world.change(&second, "5.5").await;
    assert_eq!(get_balance(store, world.scope, first.id).await.unwrap(), third);
    let newest = store.newest_version(world.scope, first.id).await.unwrap();
    assert_eq!(newest.as_ref(), Some(&third));
    let listed = store.account_balances(world.scope, account.id).await.unwrap();
    assert_eq!(listed, vec![third.clone()]);
    let ever = store.account_balances_ever(world.scope, account.id).await.unwrap();
    assert_eq!(ever, vec![third.clone()]);
    assert_eq!(world.list(first_page(10, Ascending)).await.items, vec![third]);
}

/// Versions have no gap and no fork, and a deleted balance has no next one.
pub async fn only_the_next_version_is_written<S: Store>(store: &S) {
    let world = World::new(store).await;
    let account = world.account().await;
    let first = world.open(&account, "savings").await;
    world.set(1);
    let second = world.change(&first, "10").await;
    world.set(2);
    let fork = world.next(&first, "11");
    let gap = Balance::new(BalanceFields { version: 3, ..world.next(&second, "12").into_fields() })
        .unwrap();
    let unknown = Balance::new(BalanceFields {
        id: BalanceId::new(Uuid::from_u128(1)),
        ..world.next(&second, "13").into_fields()
    })
    .unwrap();
    let end = world.next(&first, "0");
    let end =
        Balance::new(BalanceFields { deleted_at: Some(end.recorded_at), ..end.into_fields() })
            .unwrap();
    for version in [&fork, &gap, &unknown, &end] {
        assert_refused!(store.append_version(version).await, Error::Contended);
    }
    assert_eq!(get_balance(store, world.scope, first.id).await.unwrap(), second);
    let last = world.delete(&second).await;
    world.set(3);
    assert_refused!(store.append_version(&world.next(&last, "14")).await, Error::Contended);
    // Nor after another balance took the key.
    let successor = world.open(&account, "savings").await;
    world.set(4);
    assert_refused!(store.append_version(&world.next(&last, "15")).await, Error::Contended);
    assert_eq!(get_balance(store, world.scope, successor.id).await.unwrap(), successor);
    let page = first_page(10, Ascending);
    let listed = list_versions(store, world.scope, first.id, &page).await.unwrap();
    assert_eq!(listed.items, vec![first, second, last]);
}

/// A deleted balance is gone from everything that is about now.
pub async fn a_deleted_balance_is_in_no_list<S: Store>(store: &S) {
    let world = World::new(store).await;
    let account = world.account().await;
    let balances = world.open_in_a_row(&account, 3).await;
    let [_, second, _] = balances.as_slice() else { unreachable!() };
    world.set(10);
    let last = world.delete(second).await;
    assert_refused!(get_balance(store, world.scope, last.id).await, Error::BalanceNotFound);
    assert_eq!(world.listed_keys().await, "1 3");
    assert_eq!(store.account_balances(world.scope, account.id).await.unwrap().len(), 2);
    assert_eq!(store.account_balances_ever(world.scope, account.id).await.unwrap().len(), 3);
    assert_eq!(store.newest_version(world.scope, last.id).await.unwrap(), Some(last));
}

/// Reading one balance by the id of nothing finds nothing.
pub async fn an_unknown_balance_is_not_found<S: Store>(store: &S) {
    let world = World::new(store).await;
    let unknown = BalanceId::new(Uuid::from_u128(1));
    assert_eq!(store.newest_version(world.scope, unknown).await.unwrap(), None);
    assert_refused!(get_balance(store, world.scope, unknown).await, Error::BalanceNotFound);
}
