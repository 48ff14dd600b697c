//! Transactions at the same time: value is conserved, and every step is taken once.
#![expect(clippy::unwrap_used, reason = "a behaviour fails by panicking")]

use futures_util::future::join_all;

use crate::contract::Store;
use crate::contract::money::bank;
use crate::contract::world::{World, metadata, text};
use subledger::error::Error;
use subledger::money::amount::Amount;
use subledger::transaction::finalize::Finalization;
use subledger::transaction::update::update_transaction;
use subledger::transaction::{Notes, TransactionStatus};

/// Two hundred commits and cancellations of one transaction: one wins, and all others are told.
pub async fn a_pending_transaction_ends_once_whatever_runs_in_parallel<S: Store>(store: &S) {
    let world = bank(store, "ada bob").await;
    world.fund("ada", "10").await;
    let held = world.hold("4", "ada rest", "bob rest").await;
    let requests = (0..200).map(|request| {
        let finalization =
            if request % 2 == 0 { Finalization::Commit } else { Finalization::Cancel };
        world.finalize(held.id, finalization)
    });
    let mut winners = Vec::new();
    for answer in join_all(requests).await {
        match answer {
            Ok(transaction) => winners.push(transaction),
            Err(error) => assert_refused!(Err::<(), _>(error), Error::TransactionStatus { .. }),
        }
    }
    assert_eq!(winners, [world.stored(held.id).await]);
    let expected = match winners.first().map(|winner| winner.status) {
        Some(TransactionStatus::Approved) => "6/0/0 v3, 4/0/0 v1",
        _ => "10/0/0 v3, 0/0/0 v0",
    };
    assert_eq!(world.states("ada bob").await, expected);
    world.check_books().await;
}

/// Eight changes of one transaction's notes: each is a revision of its own.
pub async fn every_change_of_notes_is_a_revision<S: Store>(store: &S) {
    let world = bank(store, "ada").await;
    let funded = world.fund("ada", "10").await;
    let notes = Notes { description: Some(text("new")), metadata: metadata() };
    let change = |_: &Notes| Ok(notes.clone());
    let requests =
        (0..8).map(|_| update_transaction(store, &world.clock, world.scope, funded.id, change));
    let answers = join_all(requests).await.into_iter();
    let mut revisions: Vec<u64> = answers.map(|answer| answer.unwrap().revision).collect();
    revisions.sort_unstable();
    assert_eq!(revisions, [1, 2, 3, 4, 5, 6, 7, 8]);
    assert_eq!(world.stored(funded.id).await.revision, 8);
}

/// Whether the request succeeded. Panics on any error but contention or a lack of funds.
fn succeeded<T>(answer: Result<T, Error>) -> bool {
    if let Err(error) = &answer {
        assert!(
            matches!(
                error,
                Error::InsufficientFunds(_) | Error::OverdraftLimit(_) | Error::Contended
            ),
            "{error:?}"
        );
    }
    answer.is_ok()
}

/// Sixteen writers on one balance: each answer is true, and nothing is counted twice.
pub async fn sixteen_writers_share_one_balance<S: Store>(store: &S) {
    let world = bank(store, "ada bob").await;
    world.fund("ada", "1000").await;
    let answers = join_all((0..16).map(async |_| {
        let new = world.moving("1", "ada rest", "bob rest");
        succeeded(world.post(new).await)
    }))
    .await;
    let count = answers.into_iter().filter(|succeeded| *succeeded).count();
    assert!(count > 0);
    let bob = world.balance("bob").await;
    assert_eq!(bob.available.to_string(), count.to_string());
    assert_eq!(u64::try_from(count).ok(), Some(bob.version));
    assert_eq!(world.count().await, bob.version.saturating_add(1));
    world.check_books().await;
}

/// Sixteen writers move among eight balances: the total stays, and so does every version.
pub async fn sixteen_writers_conserve_the_total<S: Store>(store: &S) {
    let parties = ["a", "b", "c", "d", "e", "f", "g", "h"];
    let world = bank(store, &parties.join(" ")).await;
    for party in parties {
        world.fund(party, "100").await;
    }
    world.allow_overdraft("a", Some("50")).await;
    let writers = (0..16_usize).map(|writer| write(&world, writer, parties));
    let posted: u64 = join_all(writers).await.into_iter().sum();
    let mut total = Amount::ZERO;
    for party in parties {
        let balance = world.balance(party).await;
        let worth = balance.position().unwrap();
        total = total.checked_add(&worth.available).unwrap().checked_add(&worth.on_hold).unwrap();
    }
    assert_eq!(total.to_string(), "800");
    // The eight fundings, and what was answered.
    assert_eq!(Some(world.count().await), posted.checked_add(8));
    world.check_books().await;
}

/// Ten transactions of one writer, each with its own parties; answers how many were posted.
async fn write<S: Store>(world: &World<'_, S>, writer: usize, parties: [&str; 8]) -> u64 {
    let party = |number: usize| parties.iter().cycle().nth(number).copied().unwrap_or("a");
    let mut posted: u64 = 0;
    for round in 0..10_usize {
        let at = writer.wrapping_mul(7).wrapping_add(round.wrapping_mul(3));
        let (from, to) = (party(at % 8), party(at.wrapping_add(1).wrapping_add(round % 7) % 8));
        let value = round.wrapping_mul(writer).wrapping_add(1).to_string();
        if from == to {
            continue;
        }
        let (source, destination) = (format!("{from} rest"), format!("{to} rest"));
        if round % 3 != 0 {
            let moving = world.moving(&value, &source, &destination);
            posted = posted.wrapping_add(u64::from(succeeded(world.post(moving).await)));
            continue;
        }
        let pending = world.pending(&value, &source, &destination);
        if let Ok(held) = world.post(pending).await {
            posted = posted.wrapping_add(1);
            let finalization =
                if writer.is_multiple_of(2) { Finalization::Commit } else { Finalization::Cancel };
            succeeded(world.finalize(held.transaction.id, finalization).await);
        }
    }
    posted
}
