//! Requests at the same time: one is first, and the others are told.
#![expect(clippy::unwrap_used, reason = "a behaviour fails by panicking")]

use crate::SeedVersions;
use futures_util::future::{join, join_all};

use crate::contract::Store;
use crate::contract::agreements::profile;
use crate::contract::world::{
    World, code, new_account, new_asset, new_balance, new_credit_balance, new_ledger,
};
use subledger::account::Alias;
use subledger::account::lifecycle::change_lifecycle;
use subledger::account::lifecycle::{ClosedReason, InactiveReason, LifecycleChange};
use subledger::account::open::{NewAccount, NewV0Account, open_account, open_v0_account};
use subledger::account::profile::Capability;
use subledger::balance::BalanceSettings;
use subledger::balance::create::NewBalance;
use subledger::balance::get::get_balance;
use subledger::error::Error;
use subledger::ledger::asset::create_asset;
use subledger::ledger::create::create_ledger;
use subledger::metadata::Metadata;

/// Asserts that one result is good and the others are this refusal; answers the good one.
#[track_caller]
fn the_only_success<T>(results: Vec<Result<T, Error>>, refusal: impl Fn(&Error) -> bool) -> T {
    let mut successes = Vec::new();
    for result in results {
        match result {
            Ok(success) => successes.push(success),
            Err(error) => assert!(refusal(&error), "{error:?}"),
        }
    }
    assert_eq!(successes.len(), 1, "there are {} successes", successes.len());
    successes.remove(0)
}

/// However often a request is sent, it opens one balance, and every answer is that balance.
pub async fn fifty_equal_requests_open_one_balance<S: Store>(store: &S) {
    let world = World::new(store).await;
    let account = world.account().await;
    let new = new_credit_balance(&account, &world.fresh_key(), "one");
    let answers = join_all((0..50).map(|_| world.create_credit(new.clone()))).await;
    assert_eq!(answers.len(), 50);
    let balances = store.account_balances(world.scope, account.id).await.unwrap();
    assert_eq!(balances.len(), 1);
    for answer in answers {
        assert_eq!(Some(&answer.unwrap()), balances.first());
    }
}

/// The same for accounts.
pub async fn fifty_equal_requests_open_one_account<S: Store>(store: &S) {
    let world = World::new(store).await;
    let new = NewV0Account {
        scope: world.scope,
        idempotency_key: world.fresh_key(),
        profile: profile(vec![Capability::Deposit], "one"),
        metadata: Metadata::default(),
    };
    let requests = (0..50).map(|_| open_v0_account(store, &world.clock, new.clone()));
    let mut answers = join_all(requests).await.into_iter().map(Result::unwrap);
    let first = answers.next().unwrap();
    assert!(answers.all(|answer| answer == first));
    assert_eq!(store.account(world.scope, first.id).await.unwrap(), Some(first));
}

/// Different requests under one key at the same time: one is the request of the key.
pub async fn one_of_ten_requests_under_one_key_is_accepted<S: Store>(store: &S) {
    let world = World::new(store).await;
    let account = world.account().await;
    let idempotency_key = world.fresh_key();
    let requests = (0..10).map(|request: u8| {
        let asked = request.to_string();
        world.create_credit(new_credit_balance(&account, &idempotency_key, &asked))
    });
    let results = join_all(requests).await;
    let accepted = the_only_success(results, |it| matches!(it, Error::IdempotencyKeyReused));
    assert_eq!(get_balance(store, world.scope, accepted.id).await.unwrap(), accepted);
    assert_eq!(world.listed_keys().await, accepted.id.to_string());
}

/// An account and a key are one balance, also when twenty ask at the same time.
pub async fn one_of_twenty_balances_gets_the_key<S: Store>(store: &S) {
    let world = World::new(store).await;
    let account = world.account().await;
    let requests = (0..20).map(|_| world.create(new_balance(&account, "savings")));
    let results = join_all(requests).await;
    let opened = the_only_success(results, |it| matches!(it, Error::BalanceKeyTaken { .. }));
    let balances = store.account_balances(world.scope, account.id).await.unwrap();
    assert_eq!(balances, vec![opened]);
    assert_eq!(world.listed_keys().await, "savings");
}

/// An alias is one account.
pub async fn one_of_twenty_accounts_gets_the_alias<S: Store>(store: &S) {
    let world = World::new(store).await;
    world.usd().await;
    let alias = Some(Alias::parse("ada").unwrap());
    let new = NewAccount { alias, ..new_account(world.scope, "USD") };
    let requests = (0..20).map(|_| open_account(store, &world.clock, &world.ids, new.clone()));
    let results = join_all(requests).await;
    let opened = the_only_success(results, |it| matches!(it, Error::AliasTaken { .. }));
    let found = store.account_of_alias(world.scope, &opened.alias).await.unwrap();
    assert_eq!(found, Some(opened.id));
    assert_eq!(world.listed_keys().await, "default default");
}

/// A name is one ledger, and a code is one asset.
pub async fn one_of_ten_ledgers_and_assets_gets_the_name<S: Store>(store: &S) {
    let world = World::new(store).await;
    let new = new_ledger(world.scope.organization, "Second");
    let requests = (0..10).map(|_| create_ledger(store, &world.clock, &world.ids, new.clone()));
    let results = join_all(requests).await;
    let ledger = the_only_success(results, |it| matches!(it, Error::LedgerNameTaken));
    assert_eq!(store.ledger(ledger.scope).await.unwrap(), Some(ledger));

    let new = new_asset(world.scope, "US dollar", "USD");
    let requests = (0..10).map(|_| create_asset(store, &world.clock, &world.ids, new.clone()));
    let results = join_all(requests).await;
    let asset = the_only_success(results, |it| matches!(it, Error::AssetTaken));
    assert_eq!(store.asset(world.scope, &code("USD")).await.unwrap(), Some(asset));
    assert_eq!(world.listed_keys().await, "default");
}

/// Balances that may be overdrawn do not get in each other's way over their overdraft balance.
pub async fn eight_balances_share_one_overdraft_balance<S: Store>(store: &S) {
    let world = World::new(store).await;
    let account = world.account().await;
    let settings = BalanceSettings { scope: None, allow_overdraft: true, overdraft_limit: None };
    let requests = ["a", "b", "c", "d", "e", "f", "g", "h"].map(|key| {
        let new = new_balance(&account, key);
        world.create(NewBalance { settings: Some(settings.clone()), ..new })
    });
    for result in join_all(requests).await {
        result.unwrap();
    }
    let balances = store.account_balances(world.scope, account.id).await.unwrap();
    let mut keys: Vec<&str> = balances.iter().map(|balance| balance.key.as_str()).collect();
    keys.sort_unstable();
    assert_eq!(keys, ["a", "b", "c", "d", "e", "f", "g", "h", "overdraft"]);
}

/// A step is taken once.
pub async fn one_of_ten_equal_steps_is_taken<S: Store>(store: &S) {
    let world = World::new(store).await;
    let account = world.account().await;
    let step = LifecycleChange::Deactivate(InactiveReason::Dormant);
    let requests =
        (0..10).map(|_| change_lifecycle(store, &world.clock, world.scope, account.id, step));
    let results = join_all(requests).await;
    let changed = the_only_success(results, |it| matches!(it, Error::StatusTransition));
    assert_eq!(changed.revision, 1);
    assert_eq!(store.account(world.scope, account.id).await.unwrap(), Some(changed));
}

/// An account that is closed while balances are opened has those that were answered, and no other.
pub async fn an_account_is_closed_while_balances_are_opened<S: Store>(store: &S) {
    let world = World::new(store).await;
    let account = world.account().await;
    let close = LifecycleChange::Close(ClosedReason::ClientClosed);
    let closing = change_lifecycle(store, &world.clock, world.scope, account.id, close);
    let openings = ["a", "b", "c", "d", "e", "f"].map(|it| world.create(new_balance(&account, it)));
    let (closed, results) = join(closing, join_all(openings)).await;
    assert!(closed.unwrap().is_closed());
    let mut opened = Vec::new();
    for result in results {
        match result {
            Ok(balance) => opened.push(balance.id),
            Err(error) => assert!(matches!(error, Error::AccountClosed), "{error:?}"),
        }
    }
    let balances = store.account_balances(world.scope, account.id).await.unwrap();
    let mut stored: Vec<_> = balances.iter().map(|balance| balance.id).collect();
    opened.sort_unstable();
    stored.sort_unstable();
    assert_eq!(stored, opened);
}

/// Versions have no fork.
pub async fn one_of_ten_next_versions_is_written<S: Store>(store: &S) {
    let world = World::new(store).await;
    let first = world.open(&world.account().await, "savings").await;
    world.set(1);
    let nexts: Vec<_> = (1..=10).map(|it: u8| world.next(&first, &it.to_string())).collect();
    let writes = nexts.iter().map(async |next| store.append_version(next).await.map(|()| next));
    let results = join_all(writes).await;
    let written = the_only_success(results, |it| matches!(it, Error::Contended));
    assert_eq!(get_balance(store, world.scope, first.id).await.unwrap(), *written);
}
