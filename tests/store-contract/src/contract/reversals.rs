//! Transactions that move everything back.
#![expect(clippy::unwrap_used, reason = "a behaviour fails by panicking")]

use futures_util::future::{join, join_all};

use crate::contract::Store;
use crate::contract::money::{bank, operations};
use crate::contract::world::{metadata, text};
use subledger::account::Alias;
use subledger::balance::BalanceKey;
use subledger::balance::update::delete_balance;
use subledger::error::Error;
use subledger::money::ids::TransactionId;
use subledger::transaction::post::NewTransaction;
use subledger::transaction::update::update_transaction;
use subledger::transaction::{Notes, Transaction, TransactionFields, TransactionStatus};

/// The legs the other way round; each of the two knows the other.
pub async fn a_reversal_moves_everything_back<S: Store>(store: &S) {
    let world = bank(store, "ada bob cat").await;
    world.fund("ada", "100").await;
    world.set(10);
    let notes = Notes { description: Some(text("rent")), metadata: metadata() };
    let new = NewTransaction {
        notes: notes.clone(),
        transaction_date: Some(world.at(5)),
        ..world.moving("30", "ada 10, ada 20", "bob 12, cat rest")
    };
    let sent = world.post(new).await.unwrap().transaction;
    world.set(20);
    let reversal = world.revert(sent.id).await.unwrap();
    assert_eq!(
        operations(&reversal),
        [
            "debit bob 12: 12/0/0 v1 > 0/0/0 v2",
            "debit cat 18: 18/0/0 v1 > 0/0/0 v2",
            "credit ada 10: 70/0/0 v2 > 80/0/0 v3",
            "credit ada 20: 80/0/0 v2 > 100/0/0 v3",
        ]
    );
    assert_eq!((reversal.parent, reversal.reverted_by), (Some(sent.id), None));
    assert_eq!((reversal.status, reversal.revision), (TransactionStatus::Approved, 0));
    assert_eq!((reversal.transaction_date, reversal.recorded_at), (None, world.at(20)));
    assert_eq!((&reversal.notes, &reversal.first_notes), (&notes, &notes));
    assert_eq!(world.stored(reversal.id).await, reversal);
    let original = world.stored(sent.id).await;
    assert_eq!((original.reverted_by, original.parent), (Some(reversal.id), None));
    assert_eq!((original.revision, original.updated_at), (1, world.at(20)));
    let unchanged = Transaction::new(TransactionFields {
        reverted_by: None,
        revision: 0,
        updated_at: sent.updated_at,
        ..original.into_fields()
    })
    .unwrap();
    assert_eq!(unchanged, sent);
    world.check_books().await;
}

/// A committed transaction is reverted like one that moved at once.
pub async fn a_committed_transaction_is_reverted<S: Store>(store: &S) {
    let world = bank(store, "ada bob").await;
    world.fund("ada", "10").await;
    let held = world.hold("4", "ada rest", "bob rest").await;
    world.commit(held.id).await.unwrap();
    let reversal = world.revert(held.id).await.unwrap();
    assert_eq!(
        operations(&reversal),
        ["debit bob 4: 4/0/0 v1 > 0/0/0 v2", "credit ada 4: 6/0/0 v3 > 10/0/0 v4"]
    );
    world.check_books().await;
}

/// What cannot be reverted, in the order in which it is said.
pub async fn refusals_to_revert_have_an_order<S: Store>(store: &S) {
    let world = bank(store, "ada bob").await;
    world.fund("ada", "10").await;
    let nobody = TransactionId::new(world.fresh_id());
    assert_refused!(world.revert(nobody).await, Error::TransactionNotFound);
    let sent = world.send("1", "ada rest", "bob rest").await;
    let reversal = world.revert(sent.id).await.unwrap();
    assert_refused!(world.revert(sent.id).await, Error::AlreadyReverted);
    assert_refused!(world.revert(reversal.id).await, Error::IsReversal);
    let held = world.hold("1", "ada rest", "bob rest").await;
    assert_refused!(world.revert(held.id).await, Error::TransactionStatus);
    world.cancel(held.id).await.unwrap();
    assert_refused!(world.revert(held.id).await, Error::TransactionStatus);
    let annotation = NewTransaction {
        status: TransactionStatus::Annotation,
        ..world.moving("1", "ada rest", "bob rest")
    };
    let annotation = world.post(annotation).await.unwrap().transaction;
    assert_refused!(world.revert(annotation.id).await, Error::TransactionStatus);
    assert_eq!(world.states("ada bob").await, "10/0/0 v5, 0/0/0 v2");
    world.check_books().await;
}

/// A reversal that lacks the funds leaves the original as it was, to be reverted later.
pub async fn a_reversal_needs_funds<S: Store>(store: &S) {
    let world = bank(store, "ada bob cat").await;
    world.fund("ada", "10").await;
    let sent = world.send("10", "ada rest", "bob rest").await;
    let spent = world.send("3", "bob rest", "cat rest").await;
    assert_refused!(world.revert(sent.id).await, Error::InsufficientFunds);
    assert_eq!(world.stored(sent.id).await, sent);
    assert_eq!(world.count().await, 3);
    world.revert(spent.id).await.unwrap();
    world.revert(sent.id).await.unwrap();
    assert_eq!(world.states("ada bob cat").await, "10/0/0 v3, 0/0/0 v4, 0/0/0 v2");
    world.check_books().await;
}

/// Two equal payments have two reversals.
pub async fn equal_transactions_have_reversals_of_their_own<S: Store>(store: &S) {
    let world = bank(store, "ada bob").await;
    world.fund("ada", "10").await;
    let [one, two] =
        [world.send("5", "ada 5", "bob 5").await, world.send("5", "ada 5", "bob 5").await];
    let [first, second] =
        [world.revert(one.id).await.unwrap(), world.revert(two.id).await.unwrap()];
    assert_ne!(first.id, second.id);
    assert_eq!((first.parent, second.parent), (Some(one.id), Some(two.id)));
    assert_eq!(world.states("ada bob").await, "10/0/0 v5, 0/0/0 v4");
    world.check_books().await;
}

/// A transaction whose notes were changed is the same transaction; time goes on for both.
pub async fn a_transaction_is_reverted_after_its_notes_changed<S: Store>(store: &S) {
    let world = bank(store, "ada bob").await;
    world.fund("ada", "10").await;
    let sent = world.send("5", "ada rest", "bob rest").await;
    let notes = Notes { description: Some(text("new")), metadata: metadata() };
    let change = |_: &Notes| Ok(notes.clone());
    world.set(1_000);
    update_transaction(store, &world.clock, world.scope, sent.id, change).await.unwrap();
    // A clock that went back.
    world.set(500);
    let reversal = world.revert(sent.id).await.unwrap();
    assert_eq!(reversal.notes, notes);
    assert_eq!((reversal.recorded_at, reversal.revision), (world.at(1_001), 0));
    let original = world.stored(sent.id).await;
    assert_eq!((original.revision, original.updated_at), (2, world.at(1_001)));
    world.check_books().await;
}

/// Twenty ask at the same time: one reverts, and the others do not say that the funds are gone.
pub async fn a_transaction_is_reverted_once<S: Store>(store: &S) {
    let world = bank(store, "ada bob").await;
    world.fund("ada", "10").await;
    let sent = world.send("5", "ada rest", "bob rest").await;
    let mut reversals = Vec::new();
    for answer in join_all((0..20).map(|_| world.revert(sent.id))).await {
        match answer {
            Ok(reversal) => reversals.push(reversal.id),
            Err(error) => assert_refused!(Err::<(), _>(error), Error::AlreadyReverted),
        }
    }
    assert_eq!(world.stored(sent.id).await.reverted_by.as_slice(), reversals);
    assert_eq!(world.states("ada bob").await, "10/0/0 v3, 0/0/0 v2");
    world.check_books().await;
}

/// Changing the notes and reverting at the same time: both happen.
pub async fn notes_change_while_a_transaction_is_reverted<S: Store>(store: &S) {
    let world = bank(store, "ada bob").await;
    world.fund("ada", "10").await;
    let sent = world.send("5", "ada rest", "bob rest").await;
    let notes = Notes { description: Some(text("new")), metadata: metadata() };
    let change = |_: &Notes| Ok(notes.clone());
    let annotating = update_transaction(store, &world.clock, world.scope, sent.id, change);
    let (annotated, reversal) = join(annotating, world.revert(sent.id)).await;
    let (annotated, reversal) = (annotated.unwrap(), reversal.unwrap());
    let now = world.stored(sent.id).await;
    assert_eq!((&now.notes, now.reverted_by, now.revision), (&notes, Some(reversal.id), 2));
    assert!(annotated.revision <= 2);
    world.check_books().await;
}

/// A balance under the key of a deleted one is another balance: what was posted on the deleted one
/// never moves it.
pub async fn a_reversal_stays_on_the_balances_of_its_original<S: Store>(store: &S) {
    let world = bank(store, "ada bob").await;
    world.fund("ada", "10").await;
    let bob = world.holder("bob").await;
    let first = world.open(&bob, "savings").await;
    let sent = world.send("5", "ada rest", "bob:savings rest").await;
    world.send("5", "bob:savings rest", "bob rest").await;
    delete_balance(store, &world.clock, world.scope, first.id).await.unwrap();
    let gone =
        |alias: &Alias, key: &BalanceKey| (alias.as_str(), key.as_str()) == ("bob", "savings");
    let refused = world.revert(sent.id).await;
    assert_refused!(refused, Error::LegBalanceDeleted { alias, key } if gone(alias, key));
    world.open(&bob, "savings").await;
    world.fund("bob:savings", "7").await;
    let refused = world.revert(sent.id).await;
    assert_refused!(refused, Error::LegBalanceDeleted { alias, key } if gone(alias, key));
    assert_eq!(world.states("ada bob:savings").await, "5/0/0 v2, 7/0/0 v1");
    assert_eq!(world.stored(sent.id).await, sent);
    world.check_books().await;
}
