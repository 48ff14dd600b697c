//! Opening balances.
#![expect(clippy::unwrap_used, reason = "a behaviour fails by panicking")]

use uuid::Uuid;

use crate::contract::Store;
use crate::contract::world::{World, code, first_page, key, new_balance};
use subledger::account::lifecycle::change_lifecycle;
use subledger::account::lifecycle::{ClosedReason, InactiveReason, Lifecycle, LifecycleChange};
use subledger::account::{Account, AccountFields, AccountType, Alias};
use subledger::balance::create::NewBalance;
use subledger::balance::{
    Balance, BalanceFields, BalanceKey, BalanceScope, BalanceSettings, Direction, OverdraftLimit,
};
use subledger::error::Error;
use subledger::money::amount::Amount;
use subledger::money::ids::{AccountId, BalanceId};
use subledger::page::SortOrder::Ascending;
use subledger::ports::{IdSource, Opening};

/// Rules of a balance that may be overdrawn.
fn overdraft_allowed() -> Option<BalanceSettings> {
    Some(BalanceSettings {
        scope: Some(BalanceScope::Transactional),
        allow_overdraft: true,
        overdraft_limit: OverdraftLimit::parse("1000.00"),
    })
}

/// A balance that was never written, to be offered to the store.
fn unwritten<S: Store>(world: &World<'_, S>, account: &Account, balance_key: &str) -> Balance {
    let id = BalanceId::new(world.ids.next_id());
    Balance::open(id, account, key(balance_key), world.at(9))
}

/// Every field comes back, from every read, as soon as the create returned.
pub async fn a_balance_is_everywhere_once_it_is_opened<S: Store>(store: &S) {
    let world = World::with_shards(store, 4).await;
    let account = world.account().await;
    world.set(7);
    let new = NewBalance {
        allow_sending: false,
        allow_receiving: false,
        direction: Direction::Debit,
        settings: overdraft_allowed(),
        ..new_balance(&account, "Savings")
    };
    let opened = world.create(new).await.unwrap();
    let expected = Balance::new(BalanceFields {
        id: opened.id,
        scope: world.scope,
        account: account.id,
        alias: account.alias.clone(),
        key: key("savings"),
        asset_code: code("USD"),
        account_type: AccountType::parse("credit").unwrap(),
        direction: Direction::Debit,
        allow_sending: false,
        allow_receiving: false,
        settings: overdraft_allowed(),
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
    .unwrap();
    assert_eq!(opened, expected);
    let (scope, id) = (world.scope, opened.id);
    let page = first_page(10, Ascending);
    let one = Some(expected.clone());
    assert_eq!(store.newest_version(scope, id).await.unwrap(), one);
    assert_eq!(store.first_version(scope, id).await.unwrap(), one);
    assert_eq!(store.version_as_of(scope, id, world.at(7)).await.unwrap(), one);
    let all = vec![expected];
    assert_eq!(store.account_balances(scope, account.id).await.unwrap(), all);
    assert_eq!(store.account_balances_ever(scope, account.id).await.unwrap(), all);
    assert_eq!(world.list(page).await.items, all);
    assert_eq!(store.versions(scope, id, &page).await.unwrap().unwrap().items, all);
    assert!(store.has_balance(&account, &key("savings")).await.unwrap());
    assert!(!store.has_balance(&account, &key("saving")).await.unwrap());
}

/// The second balance with a key is refused, whatever its case; other accounts may use the key.
pub async fn a_balance_is_opened_once_per_account_and_key<S: Store>(store: &S) {
    let world = World::new(store).await;
    let account = world.account().await;
    let first = world.open(&account, "savings").await;
    for again in ["savings", "SAVINGS", "Savings"] {
        let refused = world.create(new_balance(&account, again)).await;
        assert_refused!(refused, Error::BalanceKeyTaken { key: taken } if *taken == key("savings"));
    }
    assert_eq!(store.account_balances(world.scope, account.id).await.unwrap(), vec![first]);
    let other = world.account().await;
    world.open(&other, "savings").await;
    assert_eq!(world.listed_keys().await, "savings savings");
}

/// `default` is taken from the beginning where an account is born with it, and `overdraft` is the
/// system's everywhere.
pub async fn the_default_and_the_overdraft_key_are_spoken_for<S: Store>(store: &S) {
    let world = World::new(store).await;
    world.usd().await;
    let account = world.account_called("ada").await;
    let refused = world.create(new_balance(&account, "DEFAULT")).await;
    assert_refused!(refused, Error::BalanceKeyTaken { .. });
    let refused = world.create(new_balance(&account, "Overdraft")).await;
    assert_refused!(refused, Error::BalanceKeyReserved);
    // An account without a default balance may have one.
    let account = world.account().await;
    world.open(&account, "default").await;
    assert_eq!(world.listed_keys().await, "default default default");
}

/// A reserved key, a taken key, an account of the external account, a closed account: the first that
/// applies is reported.
pub async fn refusals_to_open_have_an_order<S: Store>(store: &S) {
    let world = World::new(store).await;
    world.usd().await;
    let alias = Alias::external(&code("USD"));
    let external = store.account_of_alias(world.scope, &alias).await.unwrap().unwrap();
    let external = store.account(world.scope, external).await.unwrap().unwrap();
    let account = world.account_called("ada").await;
    let close = LifecycleChange::Close(ClosedReason::Canceled);
    change_lifecycle(store, &world.clock, world.scope, account.id, close).await.unwrap();
    let unknown = Account::new(AccountFields {
        id: AccountId::new(Uuid::from_u128(1)),
        ..account.clone().into_fields()
    })
    .unwrap();

    let open = async |account, key| world.create(new_balance(account, key)).await;
    assert_refused!(open(&unknown, "overdraft").await, Error::BalanceKeyReserved);
    assert_refused!(open(&unknown, "savings").await, Error::HolderNotFound);
    assert_refused!(open(&external, "default").await, Error::BalanceKeyTaken { .. });
    assert_refused!(open(&external, "savings").await, Error::ExternalAccount);
    assert_refused!(open(&account, "overdraft").await, Error::BalanceKeyReserved);
    assert_refused!(open(&account, "default").await, Error::BalanceKeyTaken { .. });
    assert_refused!(open(&account, "savings").await, Error::AccountClosed);
    assert_eq!(world.listed_keys().await, "default default");
}

/// Inactive is not closed.
pub async fn an_inactive_account_may_have_more_balances<S: Store>(store: &S) {
    let world = World::new(store).await;
    let account = world.account().await;
    let deactivate = LifecycleChange::Deactivate(InactiveReason::Dormant);
    change_lifecycle(store, &world.clock, world.scope, account.id, deactivate).await.unwrap();
    world.open(&account, "savings").await;
    assert_eq!(world.listed_keys().await, "savings");
}

/// The first balance of an account that may be overdrawn opens `overdraft` too, at the same
/// moment; the others find it there.
pub async fn a_balance_that_may_be_overdrawn_brings_one_overdraft_balance<S: Store>(store: &S) {
    let world = World::new(store).await;
    let account = world.account().await;
    let create = async |balance_key, direction, settings| {
        let new = new_balance(&account, balance_key);
        world.create(NewBalance { direction, settings, ..new }).await.unwrap()
    };
    world.set(5);
    create("a", Direction::Debit, overdraft_allowed()).await;
    create("b", Direction::Credit, Some(BalanceSettings::internal())).await;
    assert_eq!(world.listed_keys().await, "a b");
    world.set(6);
    let first = create("c", Direction::Credit, overdraft_allowed()).await;
    world.set(7);
    create("d", Direction::Credit, overdraft_allowed()).await;
    assert_eq!(world.listed_keys().await, "a b c overdraft d");

    let balances = store.account_balances(world.scope, account.id).await.unwrap();
    let overdraft_balance =
        balances.into_iter().find(|it| it.key == BalanceKey::overdraft()).unwrap();
    assert_ne!(overdraft_balance.id, first.id);
    let expected = Balance::new(BalanceFields {
        id: overdraft_balance.id,
        key: BalanceKey::overdraft(),
        direction: Direction::Debit,
        settings: Some(BalanceSettings {
            scope: Some(BalanceScope::Internal),
            allow_overdraft: false,
            overdraft_limit: None,
        }),
        ..first.into_fields()
    })
    .unwrap();
    assert_eq!(overdraft_balance, expected);
}

/// An account that was closed after it was read takes no balance.
pub async fn an_outdated_account_opens_nothing<S: Store>(store: &S) {
    let world = World::new(store).await;
    let read = world.account().await;
    let close = LifecycleChange::Close(ClosedReason::ClientClosed);
    let closed = change_lifecycle(store, &world.clock, world.scope, read.id, close).await.unwrap();
    let balance = unwritten(&world, &read, "savings");
    let offer = [balance.clone(), unwritten(&world, &read, "more")];
    let id = AccountId::new(world.ids.next_id());
    let unknown = Account::new(AccountFields {
        id,
        alias: Alias::of_account(id),
        ..read.clone().into_fields()
    })
    .unwrap();
    for account in [&read, &unknown] {
        let opening = store.open_balances(account, &offer).await.unwrap();
        assert!(matches!(opening, Opening::AccountChanged), "{opening:?}");
    }
    assert_eq!(world.listed_keys().await, "");
    assert_eq!(store.newest_version(world.scope, balance.id).await.unwrap(), None);
    // Whether a closed account may have balances is not the store's to say.
    assert!(matches!(closed.lifecycle, Lifecycle::Closed { .. }));
    let opening = store.open_balances(&closed, &offer).await.unwrap();
    assert!(matches!(opening, Opening::Opened), "{opening:?}");
    assert_eq!(world.listed_keys().await, "savings more");
}

/// All balances of one opening are written, or none.
pub async fn a_taken_key_of_any_balance_leaves_nothing_behind<S: Store>(store: &S) {
    let world = World::new(store).await;
    let account = world.account().await;
    world.open(&account, "overdraft-like").await;
    let fresh = unwritten(&world, &account, "fresh");
    let offer = [fresh.clone(), unwritten(&world, &account, "overdraft-like")];
    let opening = store.open_balances(&account, &offer).await.unwrap();
    let taken = key("overdraft-like");
    assert!(matches!(&opening, Opening::KeyTaken(key) if *key == taken), "{opening:?}");
    assert_eq!(world.listed_keys().await, "overdraft-like");
    assert_eq!(store.newest_version(world.scope, fresh.id).await.unwrap(), None);
    assert_eq!(store.first_version(world.scope, fresh.id).await.unwrap(), None);
    assert!(!store.has_balance(&account, &fresh.key).await.unwrap());
}

/// Where several reasons apply, the store names the balance before the key before the account.
pub async fn an_opening_that_fails_names_the_first_reason<S: Store>(store: &S) {
    let world = World::new(store).await;
    let account = world.account().await;
    let other = world.account().await;
    let first = world.open(&account, "savings").await;
    world.set(5);
    world.change(&first, "10").await;
    let outdated =
        Account::new(AccountFields { revision: 7, ..account.clone().into_fields() }).unwrap();

    // Also under another key, of another account, at another time: the answer is version 0.
    let elsewhere = Balance::new(BalanceFields {
        id: first.id,
        ..unwritten(&world, &other, "elsewhere").into_fields()
    })
    .unwrap();
    let renamed = Balance::new(BalanceFields {
        id: first.id,
        ..unwritten(&world, &account, "renamed").into_fields()
    })
    .unwrap();
    for (account, offer) in
        [(&account, &first), (&outdated, &first), (&account, &renamed), (&other, &elsewhere)]
    {
        let opening = store.open_balances(account, std::slice::from_ref(offer)).await.unwrap();
        assert!(matches!(&opening, Opening::Existing(it) if **it == first), "{opening:?}");
    }
    let offer = [unwritten(&world, &account, "savings")];
    let opening = store.open_balances(&outdated, &offer).await.unwrap();
    assert!(matches!(&opening, Opening::KeyTaken(it) if *it == first.key), "{opening:?}");
    let offer = [unwritten(&world, &account, "other")];
    let opening = store.open_balances(&outdated, &offer).await.unwrap();
    assert!(matches!(opening, Opening::AccountChanged), "{opening:?}");
    assert_eq!(world.listed_keys().await, "savings");
}

/// A deleted balance does not stand in the way of the next one, and keeps its own history.
pub async fn a_key_is_free_once_its_balance_is_deleted<S: Store>(store: &S) {
    let world = World::new(store).await;
    let account = world.account().await;
    let first = world.open(&account, "savings").await;
    world.set(1);
    let first_end = world.delete(&first).await;
    assert!(!store.has_balance(&account, &key("savings")).await.unwrap());
    world.set(2);
    let second = world.open(&account, "savings").await;
    assert_ne!(second.id, first.id);
    let refused = world.create(new_balance(&account, "savings")).await;
    assert_refused!(refused, Error::BalanceKeyTaken { .. });
    world.set(3);
    let second_end = world.delete(&second).await;
    world.set(4);
    let third = world.open(&account, "savings").await;

    for (balance, newest) in [(&first, &first_end), (&second, &second_end), (&third, &third)] {
        let read = store.newest_version(world.scope, balance.id).await.unwrap();
        assert_eq!(read.as_ref(), Some(newest));
        let read = store.first_version(world.scope, balance.id).await.unwrap();
        assert_eq!(read.as_ref(), Some(balance));
    }
    let current = store.account_balances(world.scope, account.id).await.unwrap();
    assert_eq!(current, vec![third.clone()]);
    let mut ever = store.account_balances_ever(world.scope, account.id).await.unwrap();
    ever.sort_by_key(|balance| balance.created_at);
    assert_eq!(ever, vec![first_end, second_end, third]);
}
