//! Credit balances, which one request opens once, however often it is sent.
#![expect(clippy::unwrap_used, reason = "a behaviour fails by panicking")]

use uuid::Uuid;

use crate::contract::Store;
use crate::contract::agreements::{all_credits, credit};
use crate::contract::world::{World, code, idempotency_key, new_credit_balance};
use subledger::account::lifecycle::change_lifecycle;
use subledger::account::lifecycle::{ClosedReason, LifecycleChange};
use subledger::account::profile::Capability;
use subledger::account::{Account, AccountFields, Alias};
use subledger::balance::create::NewCreditBalance;
use subledger::balance::get::{get_balance, get_credit_balance};
use subledger::balance::{Balance, BalanceFields, BalanceKey, Direction};
use subledger::error::Error;
use subledger::money::amount::Amount;
use subledger::money::ids::{AccountId, BalanceId};

/// An account that does not exist.
const NOBODY: AccountId = AccountId::new(Uuid::from_u128(1));

async fn close<S: Store>(world: &World<'_, S>, account: &Account) {
    let close = LifecycleChange::Close(ClosedReason::ChargedOff);
    let closed = change_lifecycle(world.store, &world.clock, world.scope, account.id, close).await;
    closed.unwrap();
}

/// Every field comes back, the terms included.
pub async fn a_credit_balance_is_read_as_it_was_written<S: Store>(store: &S) {
    let world = World::new(store).await;
    let account = world.account().await;
    world.set(7);
    let new = new_credit_balance(&account, &world.fresh_key(), "one");
    let opened = world.create_credit(new).await.unwrap();
    let expected = Balance::new(BalanceFields {
        id: opened.id,
        scope: world.scope,
        account: account.id,
        alias: account.alias.clone(),
        key: BalanceKey::of_balance(opened.id),
        asset_code: code("USD"),
        account_type: account.kind.clone(),
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
        credit: Some(Box::new(credit("one"))),
    })
    .unwrap();
    assert_eq!(opened, expected);
    assert_eq!(get_credit_balance(store, world.scope, opened.id).await.unwrap(), expected);
    assert_eq!(get_balance(store, world.scope, opened.id).await.unwrap(), expected);
    let listed = store.account_balances(world.scope, account.id).await.unwrap();
    assert_eq!(listed, vec![expected]);
}

/// Terms come back as they were agreed, of the first version and of later ones.
pub async fn every_kind_of_terms_is_kept<S: Store>(store: &S) {
    let world = World::new(store).await;
    let account = world.account().await;
    for credit in all_credits() {
        world.set(0);
        let new = new_credit_balance(&account, &world.fresh_key(), "one");
        let new = NewCreditBalance { credit: credit.clone(), ..new };
        let first = world.create_credit(new).await.unwrap();
        assert_eq!(first.credit.as_deref(), Some(&credit));
        world.set(1);
        let second = world.change(&first, "1").await;
        assert_eq!(get_credit_balance(store, world.scope, first.id).await.unwrap(), second);
        assert_eq!(store.first_version(world.scope, first.id).await.unwrap(), Some(first));
    }
}

/// A balance that was not opened through v0 does not exist for it.
pub async fn only_a_credit_balance_is_read_as_one<S: Store>(store: &S) {
    let world = World::new(store).await;
    let balance = world.open(&world.account().await, "savings").await;
    let refused = get_credit_balance(store, world.scope, balance.id).await;
    assert_refused!(refused, Error::BalanceNotFound);
}

/// A repeated request is answered as the first one was; another key is another request.
pub async fn a_repeated_request_is_answered_with_the_same_balance<S: Store>(store: &S) {
    let world = World::new(store).await;
    let account = world.account().await;
    let new = new_credit_balance(&account, &idempotency_key("request #1/2"), "one");
    let first = world.create_credit(new.clone()).await.unwrap();
    world.set(1);
    assert_eq!(world.create_credit(new).await.unwrap(), first);
    let another = new_credit_balance(&account, &idempotency_key("request #1"), "one");
    let second = world.create_credit(another).await.unwrap();
    assert_ne!(second.id, first.id);
    assert_eq!(world.listed_keys().await, format!("{} {}", first.id, second.id));
}

/// The first answer is given again after later versions, after the account was closed and after
/// the balance was deleted, and nothing is opened.
pub async fn a_repeated_request_is_answered_whatever_happened_since<S: Store>(store: &S) {
    let world = World::new(store).await;
    let account = world.account().await;
    let new = new_credit_balance(&account, &world.fresh_key(), "one");
    let first = world.create_credit(new.clone()).await.unwrap();
    world.set(1);
    world.change(&first, "12.5").await;
    assert_eq!(world.create_credit(new.clone()).await.unwrap(), first);
    close(&world, &account).await;
    let closed = get_balance(store, world.scope, first.id).await.unwrap();
    assert_eq!(world.create_credit(new.clone()).await.unwrap(), first);
    // Later than the version that the closing made.
    world.set(10);
    let last = world.delete(&closed).await;
    assert_eq!(world.create_credit(new).await.unwrap(), first);
    assert_eq!(store.newest_version(world.scope, first.id).await.unwrap(), Some(last));
    assert_eq!(world.listed_keys().await, "");
}

/// The same of a balance that was deleted while its account stays open.
pub async fn a_repeated_request_does_not_bring_a_deleted_balance_back<S: Store>(store: &S) {
    let world = World::new(store).await;
    let account = world.account().await;
    let new = new_credit_balance(&account, &world.fresh_key(), "one");
    let first = world.create_credit(new.clone()).await.unwrap();
    world.set(1);
    world.delete(&first).await;
    world.set(2);
    assert_eq!(world.create_credit(new).await.unwrap(), first);
    assert_eq!(world.listed_keys().await, "");
}

/// A key stands for the request that used it: with other terms, or naming another account, open,
/// closed, deposit or not there at all, it is refused and nothing is opened.
pub async fn a_reused_key_is_refused<S: Store>(store: &S) {
    let world = World::new(store).await;
    let account = world.account().await;
    let idempotency_key = world.fresh_key();
    let first = new_credit_balance(&account, &idempotency_key, "one");
    let first = world.create_credit(first).await.unwrap();
    world.set(1);
    let open = world.account().await;
    let closed = world.account().await;
    close(&world, &closed).await;
    let deposit = world.account_with(vec![Capability::Deposit]).await;
    let unknown = Account::new(AccountFields {
        id: NOBODY,
        alias: Alias::of_account(NOBODY),
        ..account.clone().into_fields()
    })
    .unwrap();
    for account in [&account, &open, &closed, &deposit, &unknown] {
        let new = new_credit_balance(account, &idempotency_key, "two");
        assert_refused!(world.create_credit(new).await, Error::IdempotencyKeyReused);
    }
    assert_eq!(world.listed_keys().await, first.id.to_string());
    // The same key in another ledger is another key.
    let other = World::new(store).await;
    let new = new_credit_balance(&other.account().await, &idempotency_key, "two");
    assert_ne!(other.create_credit(new).await.unwrap().id, first.id);
}

/// The account is unknown, or the external account, or closed, or for deposits: the first that
/// applies is reported.
pub async fn refusals_to_open_credit_have_an_order<S: Store>(store: &S) {
    let world = World::new(store).await;
    world.usd().await;
    let open = async |account: &Account| {
        let new = new_credit_balance(account, &world.fresh_key(), "one");
        world.create_credit(new).await
    };
    let alias = Alias::external(&code("USD"));
    let external = store.account_of_alias(world.scope, &alias).await.unwrap().unwrap();
    let external = store.account(world.scope, external).await.unwrap().unwrap();
    let closed = world.account_with(vec![Capability::Deposit]).await;
    close(&world, &closed).await;
    let deposit = world.account_with(vec![Capability::Deposit]).await;
    let unknown = Account::new(AccountFields {
        id: NOBODY,
        alias: Alias::of_account(NOBODY),
        ..deposit.clone().into_fields()
    })
    .unwrap();
    assert_refused!(open(&unknown).await, Error::HolderNotFound);
    assert_refused!(open(&external).await, Error::ExternalAccount);
    assert_refused!(open(&closed).await, Error::AccountClosed);
    assert_refused!(open(&deposit).await, Error::CapabilityMissing);
    assert_eq!(world.listed_keys().await, "default");

    let ready = world.account_with(vec![Capability::CreditWithoutUnderwriting]).await;
    open(&ready).await.unwrap();
    // An account that was not opened through v0 has no capabilities to miss.
    open(&world.account_called("ada").await).await.unwrap();
}

/// A request that was refused may be sent again with the same key, and something else in it.
pub async fn a_refused_request_has_not_used_its_key<S: Store>(store: &S) {
    let world = World::new(store).await;
    let idempotency_key = world.fresh_key();
    let deposit = world.account_with(vec![Capability::Deposit]).await;
    let refused = new_credit_balance(&deposit, &idempotency_key, "one");
    assert_refused!(world.create_credit(refused).await, Error::CapabilityMissing);
    let account = world.account().await;
    let accepted = new_credit_balance(&account, &idempotency_key, "two");
    let opened = world.create_credit(accepted).await.unwrap();
    assert_eq!(opened.account, account.id);
}

/// Version 0 can be read of every balance, and of nothing else.
pub async fn the_first_version_is_never_forgotten<S: Store>(store: &S) {
    let world = World::new(store).await;
    let first = world.open(&world.account().await, "savings").await;
    world.set(1);
    let second = world.change(&first, "1").await;
    world.set(2);
    world.delete(&second).await;
    assert_eq!(store.first_version(world.scope, first.id).await.unwrap(), Some(first));
    let unknown = BalanceId::new(Uuid::from_u128(1));
    assert_eq!(store.first_version(world.scope, unknown).await.unwrap(), None);
}
