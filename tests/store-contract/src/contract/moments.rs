//! Time: when transactions are recorded, and what history says about it.
#![expect(clippy::unwrap_used, reason = "a behaviour fails by panicking")]

use crate::contract::Store;
use crate::contract::money::bank;
use crate::contract::world::join;
use subledger::balance::history::{account_balances_as_of, balance_as_of};
use subledger::error::Error;
use subledger::transaction::post::NewTransaction;

/// Minutes, in microseconds.
const MINUTE: i64 = 60_000_000;

/// The date that a client gives a transaction is kept with it, and history does not follow it: what
/// was answered about 10:45 at 11:30 is answered about 10:45 for good.
pub async fn a_date_in_the_past_does_not_change_history<S: Store>(store: &S) {
    let world = bank(store, "ada").await;
    // The ledger was made at 09:00.
    let clock = |hour: i64, minute: i64| {
        hour.saturating_sub(9)
            .saturating_mul(60 * MINUTE)
            .saturating_add(minute.saturating_mul(MINUTE))
    };
    let id = world.balance("ada").await.id;
    let known = async |hour, minute| {
        let as_of = world.at(clock(hour, minute));
        let balance = balance_as_of(store, &world.clock, world.scope, id, as_of).await.unwrap();
        balance.available.to_string()
    };
    world.set(clock(10, 0));
    world.fund("ada", "100").await;
    world.set(clock(11, 0));
    world.fund("ada", "50").await;
    world.set(clock(11, 30));
    assert_eq!(known(10, 45).await, "100");
    world.set(clock(12, 0));
    let late = NewTransaction {
        transaction_date: Some(world.at(clock(10, 30))),
        ..world.moving("10", "world rest", "ada rest")
    };
    let late = world.post(late).await.unwrap().transaction;
    assert_eq!(late.transaction_date, Some(world.at(clock(10, 30))));
    assert_eq!(late.recorded_at, world.at(clock(12, 0)));
    for (hour, minute, available) in [
        (9, 59, "0"),
        (10, 0, "100"),
        (10, 30, "100"),
        (10, 45, "100"),
        (11, 0, "150"),
        (11, 59, "150"),
        (12, 0, "160"),
    ] {
        assert_eq!(known(hour, minute).await, available, "as of {hour}:{minute}");
    }
    let as_of = world.at(clock(10, 45));
    let account = world.account_id("ada").await;
    let all = account_balances_as_of(store, &world.clock, world.scope, account, as_of).await;
    assert_eq!(join(all.unwrap().iter().map(|it| it.available.to_string())), "100");
    world.check_books().await;
}

/// Now is not the future; a microsecond later is.
pub async fn a_date_in_the_future_is_refused<S: Store>(store: &S) {
    let world = bank(store, "ada").await;
    world.set(10);
    let dated = |micros| NewTransaction {
        transaction_date: Some(world.at(micros)),
        ..world.moving("1", "world rest", "ada rest")
    };
    assert_refused!(world.post(dated(11)).await, Error::TransactionDateInFuture);
    assert!(world.post(dated(10)).await.is_ok());
}

/// All versions that a step writes are of one moment, its own.
pub async fn a_step_is_recorded_at_one_moment<S: Store>(store: &S) {
    let world = bank(store, "ada bob cat dan").await;
    world.set(10);
    world.fund("ada", "100").await;
    world.set(20);
    world.fund("bob", "100").await;
    // The clock is behind: the step is just after the newest version that it follows.
    world.set(15);
    let held = world.hold("30", "ada 10, bob 20", "cat 5, dan 25").await;
    assert_eq!(held.recorded_at, world.at(21));
    world.set(50);
    let done = world.commit(held.id).await.unwrap();
    assert_eq!((done.recorded_at, done.updated_at), (world.at(21), world.at(50)));
    for (party, moments) in [
        ("ada", vec![0, 10, 21, 50]),
        ("bob", vec![0, 20, 21, 50]),
        ("cat", vec![0, 50]),
        ("dan", vec![0, 50]),
    ] {
        let history = world.history(party).await;
        let recorded: Vec<_> = history.iter().map(|version| version.recorded_at).collect();
        let expected: Vec<_> = moments.into_iter().map(|micros| world.at(micros)).collect();
        assert_eq!(recorded, expected, "{party}");
    }
    let moments = done.operations.iter().map(|operation| operation.recorded_at);
    let expected = [21, 21, 50, 50, 50, 50].map(|micros| world.at(micros));
    assert_eq!(moments.collect::<Vec<_>>(), expected);
    world.check_books().await;
}

/// Where the clock stands still or goes back, versions go on by microseconds.
pub async fn time_goes_on_though_the_clock_stands_still<S: Store>(store: &S) {
    let world = bank(store, "ada bob").await;
    world.set(100);
    for value in ["1", "2", "3"] {
        world.fund("ada", value).await;
    }
    world.set(50);
    world.send("6", "ada rest", "bob rest").await;
    let history = world.history("ada").await;
    let recorded: Vec<_> = history.iter().map(|version| version.recorded_at).collect();
    assert_eq!(recorded, [0, 100, 101, 102, 103].map(|micros| world.at(micros)));
    world.set(1_000);
    let id = world.balance("ada").await.id;
    for (moment, available) in [(99, "0"), (100, "1"), (101, "3"), (102, "6"), (103, "0")] {
        let as_of = world.at(moment);
        let was = balance_as_of(store, &world.clock, world.scope, id, as_of).await.unwrap();
        assert_eq!(was.available.to_string(), available, "as of {moment}");
    }
    world.check_books().await;
}

/// Every version that a transaction made names it.
pub async fn a_version_names_the_transaction_that_made_it<S: Store>(store: &S) {
    let world = bank(store, "ada bob").await;
    let funding = world.fund("ada", "10").await;
    let held = world.hold("4", "ada rest", "bob rest").await;
    world.commit(held.id).await.unwrap();
    let reversal = world.revert(held.id).await.unwrap();
    let causes = |history: Vec<subledger::balance::Balance>| -> Vec<_> {
        history.into_iter().map(|version| version.caused_by).collect()
    };
    let [first, second, third] = [funding.id, held.id, reversal.id].map(Some);
    assert_eq!(causes(world.history("ada").await), [None, first, second, second, third]);
    assert_eq!(causes(world.history("bob").await), [None, second, third]);
    world.check_books().await;
}
