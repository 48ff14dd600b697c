//! Pending transactions: reserved, then committed or canceled, once.
#![expect(clippy::unwrap_used, reason = "a behaviour fails by panicking")]

use crate::contract::Store;
use crate::contract::money::{NO_CHANGE, bank, operations};
use crate::contract::world::new_balance;
use subledger::account::lifecycle::change_lifecycle;
use subledger::account::lifecycle::{ClosedReason, LifecycleChange};
use subledger::account::update::{AccountChange, update_account};
use subledger::balance::Direction;
use subledger::balance::create::NewBalance;
use subledger::balance::get::get_balance;
use subledger::balance::update::{BalanceChange, delete_balance};
use subledger::error::Error;
use subledger::money::ids::TransactionId;
use subledger::transaction::post::NewTransaction;
use subledger::transaction::{Step, TransactionStatus};

/// A hold takes what it reserves out of available, and the destination does not know of it.
pub async fn a_pending_transaction_reserves<S: Store>(store: &S) {
    let world = bank(store, "ada bob").await;
    world.fund("ada", "100").await;
    let held = world.hold("30", "ada rest", "bob rest").await;
    assert_eq!(held.status, TransactionStatus::Pending);
    assert_eq!(operations(&held), ["hold ada 30: 100/0/0 v1 > 70/30/0 v2"]);
    assert_eq!(world.states("ada bob").await, "70/30/0 v2, 0/0/0 v0");
    assert_eq!(world.stored(held.id).await, held);
    // What is reserved cannot be spent.
    let refusal = world.post(world.moving("70.01", "ada rest", "bob rest")).await;
    assert_refused!(refusal, Error::InsufficientFunds(_));
    world.check_books().await;
}

/// A commit takes what was reserved and gives it to the destinations.
pub async fn a_committed_transaction_moves_what_it_reserved<S: Store>(store: &S) {
    let world = bank(store, "ada bob cat").await;
    world.fund("ada", "100").await;
    world.set(10);
    let held = world.hold("30", "ada 20, ada 10", "bob 50%, cat rest").await;
    world.set(20);
    let done = world.commit(held.id).await.unwrap();
    assert_eq!(
        (done.status, done.initial_status),
        (TransactionStatus::Approved, TransactionStatus::Pending)
    );
    assert_eq!(
        operations(&done),
        [
            "hold ada 20: 100/0/0 v1 > 80/20/0 v2",
            "hold ada 10: 80/20/0 v1 > 70/30/0 v2",
            "debit ada 20: 70/30/0 v2 > 70/10/0 v3",
            "debit ada 10: 70/10/0 v2 > 70/0/0 v3",
            "credit bob 15: 0/0/0 v0 > 15/0/0 v1",
            "credit cat 15: 0/0/0 v0 > 15/0/0 v1",
        ]
    );
    let steps: Vec<Step> = done.operations.iter().map(|operation| operation.step).collect();
    let (posted, finalized) = ([Step::Posted; 2], [Step::Finalized; 4]);
    assert_eq!(steps, [posted.as_slice(), &finalized].concat());
    assert_eq!((done.recorded_at, done.updated_at), (world.at(10), world.at(20)));
    assert_eq!(done.revision, 1);
    assert_eq!(world.states("ada bob cat").await, "70/0/0 v3, 15/0/0 v1, 15/0/0 v1");
    assert_eq!(world.stored(held.id).await, done);
    world.check_books().await;
}

/// A cancellation gives back what was reserved; the destination never knew of it.
pub async fn a_canceled_transaction_gives_back_what_it_reserved<S: Store>(store: &S) {
    let world = bank(store, "ada bob cat").await;
    world.fund("ada", "100").await;
    world.fund("bob", "5").await;
    let held = world.hold("30", "ada 25, bob 5", "cat rest").await;
    assert_eq!(world.states("ada bob cat").await, "75/25/0 v2, 0/5/0 v2, 0/0/0 v0");
    let canceled = world.cancel(held.id).await.unwrap();
    assert_eq!(canceled.status, TransactionStatus::Canceled);
    assert_eq!(
        operations(&canceled).split_off(2),
        ["release ada 25: 75/25/0 v2 > 100/0/0 v3", "release bob 5: 0/5/0 v2 > 5/0/0 v3"]
    );
    assert_eq!(world.states("ada bob cat").await, "100/0/0 v3, 5/0/0 v3, 0/0/0 v0");
    assert_eq!(world.stored(held.id).await, canceled);
    world.check_books().await;
}

/// A balance of direction debit reserves by growing.
pub async fn a_balance_of_direction_debit_reserves_too<S: Store>(store: &S) {
    let world = bank(store, "ada bob").await;
    let ada = world.holder("ada").await;
    let loan = NewBalance { direction: Direction::Debit, ..new_balance(&ada, "loan") };
    world.create(loan).await.unwrap();
    let [first, second] = [
        world.hold("10", "ada:loan 10", "bob 10").await,
        world.hold("4", "ada:loan 4", "bob 4").await,
    ];
    assert_eq!(world.states("ada:loan").await, "14/14/0 v2");
    world.commit(first.id).await.unwrap();
    assert_eq!(world.states("ada:loan bob").await, "14/4/0 v3, 10/0/0 v1");
    world.cancel(second.id).await.unwrap();
    assert_eq!(world.states("ada:loan bob").await, "10/0/0 v4, 10/0/0 v1");
    world.check_books().await;
}

/// Only a pending transaction is committed or canceled, and only once.
pub async fn a_pending_transaction_ends_once<S: Store>(store: &S) {
    let world = bank(store, "ada bob").await;
    world.fund("ada", "100").await;
    let sent = world.send("1", "ada rest", "bob rest").await;
    let annotation = NewTransaction {
        status: TransactionStatus::Annotation,
        ..world.moving("1", "ada rest", "bob rest")
    };
    let annotation = world.post(annotation).await.unwrap().transaction;
    let [committed, canceled] =
        [world.hold("1", "ada 1", "bob 1").await, world.hold("1", "ada 1", "bob 1").await];
    world.commit(committed.id).await.unwrap();
    world.cancel(canceled.id).await.unwrap();
    let before = world.states("ada bob").await;
    for id in [sent.id, annotation.id, committed.id, canceled.id] {
        assert_refused!(world.commit(id).await, Error::TransactionStatus { .. });
        assert_refused!(world.cancel(id).await, Error::TransactionStatus { .. });
    }
    let nobody = TransactionId::new(world.fresh_id());
    assert_refused!(world.commit(nobody).await, Error::TransactionNotFound);
    assert_refused!(world.cancel(nobody).await, Error::TransactionNotFound);
    assert_eq!(world.states("ada bob").await, before);
    world.check_books().await;
}

/// What was allowed when it was reserved has to be allowed when it is committed.
pub async fn a_commit_checks_the_parties_again<S: Store>(store: &S) {
    let world = bank(store, "ada bob").await;
    world.fund("ada", "100").await;
    let held = world.hold("10", "ada rest", "bob rest").await;
    let flags = |sending, receiving| BalanceChange {
        allow_sending: Some(sending),
        allow_receiving: Some(receiving),
        ..NO_CHANGE
    };
    let refused = async || {
        assert_refused!(world.commit(held.id).await, Error::LegRestricted { .. });
        assert_eq!(world.stored(held.id).await, held);
    };
    world.patch("ada", flags(false, true)).await.unwrap();
    refused().await;
    world.patch("ada", flags(true, false)).await.unwrap();
    world.patch("bob", flags(true, false)).await.unwrap();
    refused().await;
    world.patch("bob", flags(false, true)).await.unwrap();
    for alias in ["ada", "bob"] {
        let id = world.account_id(alias).await;
        for blocked in [true, false] {
            let change = AccountChange { blocked: Some(blocked), ..AccountChange::default() };
            update_account(store, &world.clock, world.scope, id, &change).await.unwrap();
            if blocked {
                refused().await;
            }
        }
    }
    assert!(world.commit(held.id).await.is_ok());
    assert_eq!(world.states("ada bob").await, "90/0/0 v5, 10/0/0 v3");
    world.check_books().await;
}

/// A cancellation gives back to whom nothing else is allowed any more.
pub async fn a_cancellation_always_gives_back<S: Store>(store: &S) {
    let world = bank(store, "ada bob").await;
    world.fund("ada", "100").await;
    let held = world.hold("10", "ada rest", "bob rest").await;
    let none =
        BalanceChange { allow_sending: Some(false), allow_receiving: Some(false), ..NO_CHANGE };
    let close = async |alias| {
        let close = LifecycleChange::Close(ClosedReason::ClientClosed);
        let id = world.account_id(alias).await;
        change_lifecycle(store, &world.clock, world.scope, id, close).await
    };
    for alias in ["ada", "bob"] {
        world.patch(alias, none.clone()).await.unwrap();
    }
    close("bob").await.unwrap();
    // What is on hold would be out of reach.
    assert_refused!(close("ada").await, Error::AccountHoldsMoney { .. });
    assert_refused!(world.commit(held.id).await, Error::LegRestricted { .. });
    world.cancel(held.id).await.unwrap();
    assert_eq!(world.states("ada bob").await, "100/0/0 v4, 0/0/0 v2");
    world.check_books().await;
}

/// A destination that was deleted meanwhile cannot be given anything.
pub async fn a_commit_to_a_deleted_balance_is_refused<S: Store>(store: &S) {
    let world = bank(store, "ada bob").await;
    world.fund("ada", "100").await;
    let savings = world.open(&world.holder("bob").await, "savings").await;
    let held = world.hold("10", "ada rest", "bob:savings rest").await;
    delete_balance(store, &world.clock, world.scope, savings.id).await.unwrap();
    assert_refused!(world.commit(held.id).await, Error::LegBalanceDeleted { .. });
    // Another balance under the key is not the one that was meant.
    let other = world.open(&world.holder("bob").await, "savings").await;
    let refused = world.commit(held.id).await;
    assert_refused!(refused, Error::LegBalanceDeleted { .. });
    assert_eq!(get_balance(store, world.scope, other.id).await.unwrap(), other);
    world.cancel(held.id).await.unwrap();
    assert_eq!(world.states("ada").await, "100/0/0 v3");
    world.check_books().await;
}

/// The external account gets at commit, and cannot reserve.
pub async fn an_external_account_cannot_reserve<S: Store>(store: &S) {
    let world = bank(store, "ada").await;
    world.fund("ada", "10").await;
    let refusal = world.post(world.pending("1", "world rest", "ada rest")).await;
    assert_refused!(refusal, Error::PendingExternalSource);
    let held = world.hold("4", "ada rest", "world rest").await;
    assert_eq!(world.states("ada world").await, "6/4/0 v2, 10/0/0 v1");
    world.commit(held.id).await.unwrap();
    assert_eq!(world.states("ada world").await, "6/0/0 v3, 6/0/0 v2");
    world.check_books().await;
}

/// Many holds on one balance end in any order.
pub async fn holds_on_one_balance_end_in_any_order<S: Store>(store: &S) {
    let world = bank(store, "ada bob").await;
    world.fund("ada", "10").await;
    let mut held = Vec::new();
    for value in ["1", "2", "3", "4"] {
        held.push(world.hold(value, "ada rest", "bob rest").await.id);
    }
    assert_eq!(world.states("ada").await, "0/10/0 v5");
    let [one, two, three, four] = held.try_into().unwrap();
    world.cancel(three).await.unwrap();
    world.commit(two).await.unwrap();
    world.commit(four).await.unwrap();
    world.cancel(one).await.unwrap();
    assert_eq!(world.states("ada bob").await, "4/0/0 v9, 6/0/0 v2");
    world.check_books().await;
}
