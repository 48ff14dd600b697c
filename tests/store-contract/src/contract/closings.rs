//! Closing accounts: nothing is left behind, and a written-off debt may still be repaid.
#![expect(clippy::unwrap_used, reason = "a behaviour fails by panicking")]

use futures_util::future::join;

use crate::contract::Store;
use crate::contract::money::bank;
use crate::contract::world::{World, new_credit_balance};
use subledger::account::Account;
use subledger::account::lifecycle::{
    CLOSED_BALANCES_MAX, ClosedReason, LifecycleChange, RemainingMoney, change_lifecycle,
};
use subledger::error::Error;

async fn close<S: Store>(
    world: &World<'_, S>,
    alias: &str,
    reason: ClosedReason,
) -> Result<Account, Error> {
    let id = world.account_id(alias).await;
    let close = LifecycleChange::Close(reason);
    change_lifecycle(world.store, &world.clock, world.scope, id, close).await
}

/// `key available/on hold/owed` of each balance that is in the way.
fn in_the_way(closed: Result<Account, Error>) -> String {
    let Err(Error::AccountHoldsMoney { remaining }) = closed else {
        return format!("{closed:?}");
    };
    let print =
        |it: &RemainingMoney| format!("{} {}/{}/{}", it.key, it.available, it.on_hold, it.owed);
    remaining.iter().map(print).collect::<Vec<_>>().join(", ")
}

/// Opens a credit of v0 for the account, and gives the party that it is.
async fn credit<S: Store>(world: &World<'_, S>, alias: &str) -> String {
    let account = world.holder(alias).await;
    let new = new_credit_balance(&account, &world.fresh_key(), "one");
    format!("{alias}:{}", world.create_credit(new).await.unwrap().id)
}

/// Whatever the reason, nothing may be available or on hold.
pub async fn an_account_with_money_is_not_closed<S: Store>(store: &S) {
    let world = bank(store, "ada bob").await;
    world.fund("ada", "95").await;
    let held = world.hold("20", "ada rest", "bob rest").await;
    let before = world.holder("ada").await;
    for reason in [ClosedReason::ClientClosed, ClosedReason::PaidOff, ClosedReason::ChargedOff] {
        assert_eq!(in_the_way(close(&world, "ada", reason).await), "default 75/20/0");
    }
    assert_eq!(world.holder("ada").await, before);
    world.commit(held.id).await.unwrap();
    world.send("75", "ada rest", "bob rest").await;
    assert_eq!(world.states("ada").await, "0/0/0 v4");
    assert!(close(&world, "ada", ClosedReason::ClientClosed).await.unwrap().is_closed());
    // The closing is a version of every balance.
    assert_eq!(world.states("ada").await, "0/0/0 v5");
    world.check_books().await;
}

/// A debt is one of an overdraft or of a credit. Only a debt that is written off may stay.
pub async fn an_account_that_owes_is_closed_by_writing_off<S: Store>(store: &S) {
    let world = bank(store, "ada bob").await;
    world.allow_overdraft("bob", Some("100")).await;
    world.send("30", "bob rest", "ada rest").await;
    let left = in_the_way(close(&world, "bob", ClosedReason::PaidOff).await);
    assert_eq!(left, "default 0/0/30, overdraft 0/0/30");
    assert!(close(&world, "bob", ClosedReason::ChargedOff).await.unwrap().is_charged_off());
    // A repayment is taken, up to what is owed, and nothing else.
    let refused = world.post(world.moving("30.01", "ada rest", "bob rest")).await;
    assert_refused!(refused, Error::RepaymentAboveDebt { owed, .. } if owed.to_string() == "30");
    world.send("10", "ada rest", "bob rest").await;
    assert_refused!(
        world.post(world.moving("20.01", "ada rest", "bob 20, bob 0.01")).await,
        Error::RepaymentAboveDebt { .. }
    );
    let last = world.send("20", "ada rest", "bob rest").await;
    let refused = world.post(world.moving("1", "bob rest", "ada rest")).await;
    assert_refused!(refused, Error::LegRestricted { .. });
    // The payment bounces, and the debt is there again.
    world.revert(last.id).await.unwrap();
    assert_eq!(world.states("bob").await, "0/0/20 v6");
    world.check_books().await;
}

/// A credit of v0 is drawn, repaid with too much, and closed when it is even.
pub async fn a_credit_is_repaid_with_more_than_is_owed<S: Store>(store: &S) {
    let world = bank(store, "ada").await;
    let line = credit(&world, "ada").await;
    let source = format!("{line} rest");
    world.send("80", &source, "world rest").await;
    let (_, key) = line.split_once(':').unwrap();
    let left = in_the_way(close(&world, "ada", ClosedReason::PaidOff).await);
    assert_eq!(left, format!("{key} 0/0/80"));
    world.fund(&line, "100.005").await;
    assert_eq!(world.states(&line).await, "-20.005/0/0 v2");
    let left = in_the_way(close(&world, "ada", ClosedReason::ChargedOff).await);
    assert_eq!(left, format!("{key} 20.005/0/0"));
    // A draw is taken from the surplus first, and what is held for one is given back.
    let held = world.hold("30", &source, "world rest").await;
    assert_eq!(world.states(&line).await, "9.995/30/0 v3");
    world.fund(&line, "10").await;
    world.cancel(held.id).await.unwrap();
    assert_eq!(world.states(&line).await, "-30.005/0/0 v5");
    world.send("30.005", &source, "world rest").await;
    assert!(close(&world, "ada", ClosedReason::PaidOff).await.unwrap().is_closed());
    world.check_books().await;
}

/// Whoever is first, there is never money on an account that is closed.
pub async fn an_account_is_closed_while_it_is_funded<S: Store>(store: &S) {
    for _ in 0..10 {
        let world = bank(store, "ada bob").await;
        world.fund("bob", "5").await;
        let funding = world.post(world.moving("5", "bob rest", "ada rest"));
        let closing = close(&world, "ada", ClosedReason::ClientClosed);
        let (funded, closed) = join(funding, closing).await;
        assert_ne!(funded.is_ok(), closed.is_ok(), "{funded:?} {closed:?}");
        assert_eq!(world.holder("ada").await.is_closed(), closed.is_ok());
        world.check_books().await;
    }
}

/// One write closes all balances with their account.
pub async fn an_account_with_too_many_balances_is_not_closed<S: Store>(store: &S) {
    let world = bank(store, "ada").await;
    let ada = world.holder("ada").await;
    for number in 1..CLOSED_BALANCES_MAX {
        world.open(&ada, &format!("b{number}")).await;
    }
    world.open(&ada, "one-too-many").await;
    let refused = close(&world, "ada", ClosedReason::Canceled).await;
    assert_refused!(refused, Error::AccountTooLarge { balances_max: CLOSED_BALANCES_MAX });
    world.set(10);
    world.delete(&world.balance("ada:b1").await).await;
    assert!(close(&world, "ada", ClosedReason::Canceled).await.unwrap().is_closed());
}
