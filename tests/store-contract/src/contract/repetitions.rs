//! Requests that are sent again, and requests that only look like it.
#![expect(clippy::unwrap_used, reason = "a behaviour fails by panicking")]

use futures_util::future::join_all;

use crate::contract::Store;
use crate::contract::money::bank;
use crate::contract::world::{World, amount, metadata, text};
use subledger::error::Error;
use subledger::idempotency::Fingerprint;
use subledger::metadata::Metadata;
use subledger::transaction::post::NewTransaction;
use subledger::transaction::update::update_transaction;
use subledger::transaction::{Notes, Transaction, TransactionStatus};

/// The request again: answered as the first time, and nothing else happens.
async fn check_repeated<S: Store>(
    world: &World<'_, S>,
    new: &NewTransaction,
    first: &Transaction,
    parties: &str,
) {
    let (states, count) = (world.states(parties).await, world.count().await);
    let again = world.post(new.clone()).await.unwrap();
    assert!(again.replayed);
    assert_eq!(again.transaction, *first);
    assert_eq!(world.states(parties).await, states);
    assert_eq!(world.count().await, count);
}

/// Whatever became of the transaction, the answer is the first one.
pub async fn a_repeated_request_is_answered_as_the_first<S: Store>(store: &S) {
    let world = bank(store, "ada bob").await;
    world.fund("ada", "100").await;
    for status in
        [TransactionStatus::Approved, TransactionStatus::Pending, TransactionStatus::Annotation]
    {
        let new = NewTransaction {
            status,
            idempotency_key: Some(world.fresh_key()),
            notes: Notes { description: Some(text("first")), metadata: metadata() },
            ..world.moving("10", "ada rest", "bob rest")
        };
        let first = world.post(new.clone()).await.unwrap();
        assert!(!first.replayed);
        let first = first.transaction;
        check_repeated(&world, &new, &first, "ada bob").await;
        world.clock.set(world.at(1_000));
        let changed = Notes { description: None, metadata: Metadata::default() };
        let change = |_: &Notes| Ok(changed.clone());
        let annotation = update_transaction(store, &world.clock, world.scope, first.id, change);
        let annotation = annotation.await.unwrap();
        assert_eq!((&annotation.notes, annotation.revision), (&changed, 1));
        assert_eq!(world.stored(first.id).await, annotation);
        check_repeated(&world, &new, &first, "ada bob").await;
        if status == TransactionStatus::Pending {
            world.commit(first.id).await.unwrap();
            check_repeated(&world, &new, &first, "ada bob").await;
        }
        if status != TransactionStatus::Annotation {
            world.revert(first.id).await.unwrap();
            check_repeated(&world, &new, &first, "ada bob").await;
        }
    }
    world.check_books().await;
}

/// A repetition is answered even if the balances would refuse it now.
pub async fn a_repeated_request_needs_no_funds<S: Store>(store: &S) {
    let world = bank(store, "ada bob").await;
    world.fund("ada", "10").await;
    let new = NewTransaction {
        idempotency_key: Some(world.fresh_key()),
        ..world.moving("10", "ada rest", "bob rest")
    };
    let first = world.post(new.clone()).await.unwrap().transaction;
    check_repeated(&world, &new, &first, "ada bob").await;
}

/// Another request under a used key is refused, and changes nothing.
pub async fn a_key_is_not_used_for_another_request<S: Store>(store: &S) {
    let world = bank(store, "ada bob").await;
    world.fund("ada", "10").await;
    let new = NewTransaction {
        idempotency_key: Some(world.fresh_key()),
        ..world.moving("1", "ada rest", "bob rest")
    };
    world.post(new.clone()).await.unwrap();
    for other in [
        NewTransaction { fingerprint: Fingerprint::of(b"other"), ..new.clone() },
        NewTransaction { value: amount("2"), fingerprint: Fingerprint::of(b"two"), ..new.clone() },
    ] {
        assert_refused!(world.post(other).await, Error::IdempotencyKeyReused);
    }
    assert_eq!(world.states("ada bob").await, "9/0/0 v2, 1/0/0 v1");
    // In another ledger it is another key.
    let other = bank(store, "ada bob").await;
    other.fund("ada", "10").await;
    let there = NewTransaction { scope: other.scope, ..new };
    assert!(!other.post(there).await.unwrap().replayed);
    world.check_books().await;
}

/// A request that was refused has not used its key.
pub async fn a_refused_transaction_has_not_used_its_key<S: Store>(store: &S) {
    let world = bank(store, "ada bob").await;
    let new = NewTransaction {
        idempotency_key: Some(world.fresh_key()),
        ..world.moving("1", "ada rest", "bob rest")
    };
    assert_refused!(world.post(new.clone()).await, Error::InsufficientFunds(_));
    world.fund("ada", "10").await;
    assert!(!world.post(new.clone()).await.unwrap().replayed);
    assert!(world.post(new).await.unwrap().replayed);
    assert_eq!(world.states("ada bob").await, "9/0/0 v2, 1/0/0 v1");
}

/// Equal requests without a key are as many transactions.
pub async fn equal_requests_without_a_key_are_several_transactions<S: Store>(store: &S) {
    let world = bank(store, "ada bob").await;
    world.fund("ada", "10").await;
    let new = world.moving("3", "ada rest", "bob rest");
    let [one, two] = [world.post(new.clone()).await.unwrap(), world.post(new).await.unwrap()];
    assert!(!one.replayed && !two.replayed);
    assert_ne!(one.transaction.id, two.transaction.id);
    assert_eq!(world.states("ada bob").await, "4/0/0 v3, 6/0/0 v2");
    world.check_books().await;
}

/// However often a request is sent at the same time, value moves once, and every answer says so.
pub async fn fifty_equal_requests_post_one_transaction<S: Store>(store: &S) {
    let world = bank(store, "ada bob").await;
    world.fund("ada", "10").await;
    let new = NewTransaction {
        idempotency_key: Some(world.fresh_key()),
        ..world.moving("10", "ada rest", "bob rest")
    };
    let answers = join_all((0..50).map(|_| world.post(new.clone()))).await;
    let answers: Vec<_> = answers.into_iter().map(Result::unwrap).collect();
    assert_eq!(answers.iter().filter(|answer| !answer.replayed).count(), 1);
    let first = &answers.first().unwrap().transaction;
    assert!(answers.iter().all(|answer| answer.transaction == *first));
    assert_eq!(world.states("ada bob").await, "0/0/0 v2, 10/0/0 v1");
    assert_eq!(world.count().await, 2);
    world.check_books().await;
}

/// Different requests under one key at the same time: one is the request of the key.
pub async fn one_of_ten_transactions_under_one_key_is_posted<S: Store>(store: &S) {
    let world = bank(store, "ada bob").await;
    let key = world.fresh_key();
    let requests = (1..=10).map(|value: u8| {
        let new = world.moving(&value.to_string(), "world rest", "ada rest");
        world.post(NewTransaction { idempotency_key: Some(key.clone()), ..new })
    });
    let (mut posted, mut refused) = (Vec::new(), 0_u8);
    for answer in join_all(requests).await {
        match answer {
            Ok(answer) => posted.push(answer.transaction.amount.clone()),
            Err(Error::IdempotencyKeyReused) => refused = refused.saturating_add(1),
            Err(error) => assert_refused!(Err::<(), _>(error), Error::IdempotencyKeyReused),
        }
    }
    assert_eq!(refused, 9);
    assert_eq!(posted, [world.balance("ada").await.available.clone()]);
    world.check_books().await;
}
