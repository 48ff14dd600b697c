//! Changing the rules of balances and accounts, and deleting balances.
#![expect(clippy::unwrap_used, reason = "a behaviour fails by panicking")]

use futures_util::future::{join, join_all};
use uuid::Uuid;

use crate::contract::Store;
use crate::contract::money::{NO_CHANGE, bank, overdraft_up_to};
use crate::contract::world::{World, keys, metadata, text};
use subledger::account::update::{AccountChange, update_account};
use subledger::balance::get::get_balance;
use subledger::balance::history::balance_as_of;
use subledger::balance::update::{BalanceChange, delete_balance, update_balance};
use subledger::balance::{Balance, BalanceFields, BalanceScope, BalanceSettings};
use subledger::error::Error;
use subledger::metadata::Metadata;
use subledger::money::ids::{AccountId, BalanceId};
use subledger::status::{Status, StatusChange};

async fn delete<S: Store>(world: &World<'_, S>, id: BalanceId) -> Result<(), Error> {
    delete_balance(world.store, &world.clock, world.scope, id).await
}

/// Every change is a version, so the rules of a moment are known as of it.
pub async fn a_change_of_rules_is_a_version<S: Store>(store: &S) {
    let world = bank(store, "ada").await;
    let first = world.balance("ada").await;
    world.set(10);
    let mute = BalanceChange { allow_sending: Some(false), ..NO_CHANGE };
    let muted = world.patch("ada", mute).await.unwrap();
    let expected = Balance::new(BalanceFields {
        allow_sending: false,
        version: 1,
        recorded_at: world.at(10),
        ..first.clone().into_fields()
    })
    .unwrap();
    assert_eq!(muted, expected);
    world.set(20);
    world.fund("ada", "5").await;
    world.set(30);
    let settings = BalanceSettings {
        scope: Some(BalanceScope::Transactional),
        ..overdraft_up_to(Some("0.50"))
    };
    let change = BalanceChange {
        allow_sending: Some(true),
        allow_receiving: Some(false),
        settings: Some(settings.clone()),
    };
    let changed = world.patch("ada", change).await.unwrap();
    assert_eq!((changed.version, changed.caused_by), (3, None));
    assert_eq!((changed.allow_sending, changed.allow_receiving), (true, false));
    assert_eq!(changed.settings, Some(settings));
    // What is absent stays, and even nothing is a version.
    world.set(40);
    let same = world.patch("ada", NO_CHANGE).await.unwrap();
    let expected = Balance::new(BalanceFields {
        version: 4,
        recorded_at: world.at(40),
        ..changed.clone().into_fields()
    })
    .unwrap();
    assert_eq!(same, expected);
    assert_eq!(world.balance("ada").await, same);
    for (moment, sends, receives) in [
        (0, true, true),
        (10, false, true),
        (29, false, true),
        (30, true, false),
        (40, true, false),
    ] {
        let as_of = world.at(moment);
        let was = balance_as_of(store, &world.clock, world.scope, first.id, as_of).await.unwrap();
        assert_eq!((was.allow_sending, was.allow_receiving), (sends, receives), "as of {moment}");
    }
    world.check_books().await;
}

/// A balance that may be overdrawn from now on brings the overdraft balance, once per account.
pub async fn a_change_brings_one_overdraft_balance<S: Store>(store: &S) {
    let world = bank(store, "ada").await;
    world.set(10);
    world.open(&world.holder("ada").await, "savings").await;
    world.set(20);
    world.allow_overdraft("ada", Some("10")).await;
    let overdraft_balance = world.balance("ada:overdraft").await;
    assert_eq!((overdraft_balance.version, overdraft_balance.created_at), (0, world.at(20)));
    assert!(overdraft_balance.is_internal());
    world.allow_overdraft("ada:savings", None).await;
    world.allow_overdraft("ada", None).await;
    assert_eq!(world.balance("ada:overdraft").await, overdraft_balance);
    assert_eq!(world.listed_keys().await, "default default savings overdraft");
    let mut owned = store.account_balances(world.scope, overdraft_balance.account).await.unwrap();
    owned.sort_by_key(|balance| balance.created_at);
    assert_eq!(keys(&owned), "default savings overdraft");
    world.check_books().await;
}

/// What the system keeps is neither changed nor deleted by a client.
pub async fn a_overdraft_balance_is_left_to_the_system<S: Store>(store: &S) {
    let world = bank(store, "ada").await;
    world.allow_overdraft("ada", None).await;
    let overdraft_balance = world.balance("ada:overdraft").await;
    let below = overdraft_up_to(Some("1"));
    for change in [NO_CHANGE, BalanceChange { settings: Some(below), ..NO_CHANGE }] {
        assert_refused!(world.patch("ada:overdraft", change).await, Error::InternalBalanceUpdate);
    }
    assert_refused!(delete(&world, overdraft_balance.id).await, Error::InternalBalanceDeletion);
    assert_eq!(world.balance("ada:overdraft").await, overdraft_balance);
}

/// What is not there is neither changed nor deleted, and neither is what is elsewhere.
pub async fn an_unknown_balance_is_not_changed<S: Store>(store: &S) {
    let world = bank(store, "ada").await;
    let other = bank(store, "ada").await;
    let nobody = BalanceId::new(Uuid::from_u128(1));
    let here = world.balance("ada").await;
    for (scope, id) in [(world.scope, nobody), (other.scope, here.id)]
        .into_iter()
        .chain(world.elsewhere(other.scope).map(|scope| (scope, here.id)))
    {
        let change = update_balance(store, &world.clock, &world.ids, scope, id, &NO_CHANGE).await;
        assert_refused!(change, Error::BalanceNotFound);
        let deletion = delete_balance(store, &world.clock, scope, id).await;
        assert_refused!(deletion, Error::BalanceNotFound);
    }
    assert_eq!(world.balance("ada").await, here);
}

/// An empty balance is gone at once for everything new, and stays in the history.
pub async fn a_deleted_balance_takes_no_part<S: Store>(store: &S) {
    let world = bank(store, "ada").await;
    let ada = world.holder("ada").await;
    let savings = world.open(&ada, "savings").await;
    world.set(10);
    world.fund("ada:savings", "5").await;
    world.send("5", "ada:savings rest", "ada rest").await;
    world.set(20);
    delete(&world, savings.id).await.unwrap();
    let refusal = world.post(world.moving("1", "ada rest", "ada:savings rest")).await;
    assert_refused!(refusal, Error::LegNotFound { .. });
    assert_refused!(delete(&world, savings.id).await, Error::BalanceNotFound);
    let get = get_balance(store, world.scope, savings.id).await;
    assert_refused!(get, Error::BalanceNotFound);
    let change =
        update_balance(store, &world.clock, &world.ids, world.scope, savings.id, &NO_CHANGE);
    assert_refused!(change.await, Error::BalanceNotFound);
    assert_eq!(world.listed_keys().await, "default default");
    let versions = world.versions_of(&savings).await;
    let last = versions.last().unwrap();
    assert_eq!(
        (last.version, last.recorded_at, last.deleted_at),
        (3, world.at(20), Some(world.at(20)))
    );
    assert_eq!(last.caused_by, None);
    let was = balance_as_of(store, &world.clock, world.scope, savings.id, world.at(10)).await;
    assert_eq!(was.unwrap().available.to_string(), "5");
    // The key is free again, for another balance.
    let again = world.open(&ada, "savings").await;
    assert_ne!(again.id, savings.id);
    world.send("1", "ada rest", "ada:savings rest").await;
    assert_eq!(world.states("ada:savings").await, "1/0/0 v1");
    world.check_books().await;
}

/// Value available, on hold or owed keeps a balance; the default one is always kept.
pub async fn a_balance_is_deleted_only_when_it_is_empty<S: Store>(store: &S) {
    let world = bank(store, "ada bob").await;
    let savings = world.open(&world.holder("ada").await, "savings").await;
    let default = world.balance("ada").await;
    assert_refused!(delete(&world, default.id).await, Error::DefaultBalance);
    world.fund("ada:savings", "5").await;
    assert_refused!(delete(&world, savings.id).await, Error::BalanceNotEmpty);
    let held = world.hold("5", "ada:savings rest", "bob rest").await;
    assert_eq!(world.states("ada:savings").await, "0/5/0 v2");
    assert_refused!(delete(&world, savings.id).await, Error::BalanceNotEmpty);
    world.commit(held.id).await.unwrap();
    world.allow_overdraft("ada:savings", None).await;
    world.send("1", "ada:savings rest", "bob rest").await;
    assert_eq!(world.states("ada:savings").await, "0/0/1 v5");
    assert_refused!(delete(&world, savings.id).await, Error::BalanceNotEmpty);
    world.fund("ada:savings", "1").await;
    delete(&world, savings.id).await.unwrap();
    world.check_books().await;
}

/// What a client says about an account changes; everything else stays.
pub async fn an_account_is_changed<S: Store>(store: &S) {
    let world = bank(store, "ada").await;
    let before = world.holder("ada").await;
    let (portfolio, segment) = (world.portfolio("North").await, world.segment("Retail").await);
    world.set(10);
    let status = Status { code: text("VIP"), description: Some(text("very")) };
    let change = AccountChange {
        name: Some(text("Ada")),
        entity_id: Some(Some(text("E1"))),
        portfolio_id: Some(Some(portfolio.id)),
        segment_id: Some(Some(segment.id)),
        status: StatusChange {
            code: Some(status.code.clone()),
            description: status.description.clone(),
        },
        blocked: Some(true),
        metadata: Some(metadata()),
    };
    let update = async |change| {
        update_account(store, &world.clock, world.scope, before.id, &change).await.unwrap()
    };
    let changed = update(change).await;
    assert_eq!((changed.revision, changed.updated_at), (1, world.at(10)));
    assert_eq!((&changed.status, changed.blocked), (&status, true));
    assert_eq!((&changed.alias, &changed.kind), (&before.alias, &before.kind));
    assert_eq!(world.holder("ada").await, changed);
    let same = update(AccountChange::default()).await;
    assert_eq!((&same.name, same.revision), (&changed.name, 2));
    // An entry without a value took away what was not there.
    assert_eq!(same.metadata, Metadata::default().merged(&metadata()).unwrap());
    let none =
        AccountChange { entity_id: Some(None), segment_id: Some(None), ..AccountChange::default() };
    let cleared = update(none).await;
    assert_eq!((&cleared.entity_id, cleared.segment_id), (&None, None));
    assert_eq!(cleared.portfolio_id, Some(portfolio.id));
}

/// The account of the external account stays as it is, and an unknown one is not found.
pub async fn refusals_to_change_an_account_have_an_order<S: Store>(store: &S) {
    let world = bank(store, "ada").await;
    let other = bank(store, "ada").await;
    let change = AccountChange { blocked: Some(true), ..AccountChange::default() };
    let update = async |id| update_account(store, &world.clock, world.scope, id, &change).await;
    let nobody = AccountId::new(Uuid::from_u128(1));
    for unknown in [nobody, other.account_id("ada").await, other.account_id("world").await] {
        assert_refused!(update(unknown).await, Error::AccountNotFound);
    }
    let external = world.account_id("world").await;
    assert_refused!(update(external).await, Error::ExternalAccountChange);
}

/// Changes of one balance at the same time lose none of each other.
pub async fn changes_at_the_same_time_are_all_kept<S: Store>(store: &S) {
    let world = bank(store, "ada").await;
    let mute = BalanceChange { allow_sending: Some(false), ..NO_CHANGE };
    let deaf = BalanceChange { allow_receiving: Some(false), ..NO_CHANGE };
    let limit = BalanceChange { settings: Some(overdraft_up_to(Some("3"))), ..NO_CHANGE };
    for change in join_all([mute, deaf, limit].map(|change| world.patch("ada", change))).await {
        change.unwrap();
    }
    let balance = world.balance("ada").await;
    assert_eq!(
        (balance.version, balance.allow_sending, balance.allow_receiving),
        (3, false, false)
    );
    assert_eq!(balance.settings, Some(overdraft_up_to(Some("3"))));
    world.check_books().await;
}

/// A balance is deleted, or it got something; never both.
pub async fn a_balance_is_deleted_while_it_is_funded<S: Store>(store: &S) {
    let world = bank(store, "ada").await;
    let ada = world.holder("ada").await;
    for key in ["a", "b", "c", "d"] {
        let balance = world.open(&ada, key).await;
        let party = format!("ada:{key}");
        let new = world.moving("1", "world rest", &format!("{party} rest"));
        let (deleted, funded) = join(delete(&world, balance.id), world.post(new)).await;
        match (deleted, funded) {
            (Ok(()), Err(error)) => assert_refused!(Err::<(), _>(error), Error::LegNotFound { .. }),
            (Err(error), Ok(_)) => assert_refused!(Err::<(), _>(error), Error::BalanceNotEmpty),
            both => assert!(both.0.is_ok() != both.1.is_ok(), "{both:?}"),
        }
    }
    world.check_books().await;
}
