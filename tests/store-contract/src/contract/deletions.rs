//! Deleting accounts.
#![expect(clippy::unwrap_used, reason = "a behaviour fails by panicking")]

use futures_util::future::join;
use uuid::Uuid;

use crate::contract::Store;
use crate::contract::money::bank;
use crate::contract::world::{World, alias_balances};
use subledger::account::Alias;
use subledger::account::delete::delete_account;
use subledger::account::lifecycle::Lifecycle;
use subledger::balance::history::balance_as_of;
use subledger::error::Error;
use subledger::ledger::asset::AssetCode;
use subledger::money::ids::AccountId;

async fn delete<S: Store>(world: &World<'_, S>, id: AccountId) -> Result<(), Error> {
    delete_account(world.store, &world.clock, world.scope, id).await
}

/// An empty account goes with all its balances, and their history stays.
pub async fn an_empty_account_is_deleted_with_its_balances<S: Store>(store: &S) {
    let world = bank(store, "ada bob").await;
    let ada = world.holder("ada").await;
    world.open(&ada, "savings").await;
    world.fund("ada", "5").await;
    world.set(10);
    world.send("5", "ada rest", "bob rest").await;
    let default = world.balance("ada").await;
    world.set(20);
    delete(&world, ada.id).await.unwrap();
    assert_eq!(store.account(world.scope, ada.id).await.unwrap(), None);
    assert_refused!(delete(&world, ada.id).await, Error::AccountNotFound);
    assert_eq!(world.listed_keys().await, "default default");
    let balances = alias_balances(store, world.scope, &ada.alias).await.unwrap();
    assert!(balances.is_empty());
    let refusal = world.post(world.moving("1", "bob rest", "ada rest")).await;
    assert_refused!(refusal, Error::LegNotFound { .. });
    let was = balance_as_of(store, &world.clock, world.scope, default.id, world.at(9)).await;
    assert_eq!(was.unwrap().available.to_string(), "5");
    let gone = balance_as_of(store, &world.clock, world.scope, default.id, world.at(20)).await;
    assert_refused!(gone, Error::NoBalanceAtMoment);
    // The alias stays taken: it names one account for good.
    let taken = store.account_of_alias(world.scope, &ada.alias).await.unwrap();
    assert_eq!(taken, Some(ada.id));
    world.check_books().await;
}

/// A refused deletion leaves the account as it was, and open.
pub async fn an_account_with_value_stays<S: Store>(store: &S) {
    let world = bank(store, "ada bob").await;
    let ada = world.holder("ada").await;
    let savings = world.open(&ada, "savings").await;
    world.fund("ada:savings", "0.01").await;
    assert_refused!(delete(&world, ada.id).await, Error::AccountNotEmpty);
    let held = world.hold("0.01", "ada:savings rest", "bob rest").await;
    assert_refused!(delete(&world, ada.id).await, Error::AccountNotEmpty);
    world.commit(held.id).await.unwrap();
    let after = store.account(world.scope, ada.id).await.unwrap().unwrap();
    assert_eq!((after.lifecycle, after.deleted_at), (Lifecycle::Active, None));
    assert_eq!(world.balance("ada:savings").await.id, savings.id);
    delete(&world, ada.id).await.unwrap();
    world.check_books().await;
}

/// A deletion that went no further than to be announced is seen by nobody, and hinders nothing.
pub async fn a_deletion_that_was_given_up_leaves_an_account_whole<S: Store>(store: &S) {
    let world = bank(store, "ada bob").await;
    let ada = world.holder("ada").await;
    let begin = async || {
        let account = world.holder("ada").await;
        assert!(store.replace_account(&account, &account.with_deletion(true)).await.unwrap());
        let begun = world.holder("ada").await;
        assert_eq!((begun.lifecycle, begun.updated_at), (ada.lifecycle, ada.updated_at));
        begun
    };
    begin().await;
    world.fund("ada", "5").await;
    world.send("5", "ada rest", "bob rest").await;
    // Whoever opens a balance ends it: the deletion of what was read before is refused.
    let begun = begin().await;
    let balances = store.all_balances(&begun, 32).await.unwrap();
    world.open(&ada, "savings").await;
    assert!(!world.holder("ada").await.being_deleted);
    let last = begun.deleted(world.at(20));
    let versions: Vec<_> = balances.iter().map(|balance| balance.deleted(world.at(20))).collect();
    assert!(!store.delete_account(&last, &versions).await.unwrap());
    begin().await;
    delete(&world, ada.id).await.unwrap();
    assert_eq!(store.account(world.scope, ada.id).await.unwrap(), None);
    world.check_books().await;
}

/// What is not there is not deleted, and neither is the external account.
pub async fn refusals_to_delete_an_account_have_an_order<S: Store>(store: &S) {
    let world = bank(store, "ada").await;
    let other = bank(store, "ada").await;
    let ada = world.holder("ada").await;
    let nobody = AccountId::new(Uuid::from_u128(1));
    assert_refused!(delete(&world, nobody).await, Error::AccountNotFound);
    assert_refused!(delete(&other, ada.id).await, Error::AccountNotFound);
    world.fund("ada", "1").await;
    let outside = Alias::external(&AssetCode::usd());
    let outside = store.account_of_alias(world.scope, &outside).await.unwrap().unwrap();
    assert_refused!(delete(&world, outside).await, Error::ExternalAccountChange);
    assert_eq!(store.account(world.scope, ada.id).await.unwrap(), Some(ada));
}

/// Whoever is first, there is never money on an account that is gone.
pub async fn an_account_is_deleted_while_it_is_funded<S: Store>(store: &S) {
    for _ in 0..10 {
        let world = bank(store, "ada bob").await;
        world.fund("bob", "5").await;
        let ada = world.holder("ada").await;
        let funding = world.post(world.moving("5", "bob rest", "ada rest"));
        let (funded, deleted) = join(funding, delete(&world, ada.id)).await;
        let account = store.account(world.scope, ada.id).await.unwrap();
        assert_eq!(account.is_none(), deleted.is_ok());
        if deleted.is_ok() {
            assert!(funded.is_err(), "money went to an account that is gone");
        }
        world.check_books().await;
    }
}
