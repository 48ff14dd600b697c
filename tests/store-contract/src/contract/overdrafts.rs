//! Overdrafts: used, limited, repaid, and counted by the overdraft balance.
#![expect(clippy::unwrap_used, reason = "a behaviour fails by panicking")]

use crate::contract::Store;
use crate::contract::money::{NO_CHANGE, bank, operations, overdraft_up_to};
use subledger::balance::BalanceSettings;
use subledger::balance::update::BalanceChange;
use subledger::error::Error;

/// Used up to the limit, the limit included; repaid before anything is available again.
pub async fn an_overdraft_is_used_up_to_its_limit_and_repaid_first<S: Store>(store: &S) {
    let world = bank(store, "ada").await;
    world.allow_overdraft("ada", Some("100.00")).await;
    assert_eq!(world.states("ada ada:overdraft").await, "0/0/0 v1, 0/0/0 v0");
    let out = world.send("30", "ada rest", "world rest").await;
    assert_eq!(
        operations(&out),
        [
            "debit ada 0: 0/0/0 v1 > 0/0/30 v2",
            "owe ada:overdraft 30: 0/0/0 v0 > 30/0/0 v1",
            "credit world 30: 0/0/0 v0 > -30/0/0 v1",
        ]
    );
    for value in ["70.000000000000000000000000000001", "71"] {
        let refusal = world.post(world.moving(value, "ada rest", "world rest")).await;
        assert_refused!(refusal, Error::OverdraftLimit(_));
    }
    world.send("70", "ada rest", "world rest").await;
    assert_eq!(world.states("ada ada:overdraft").await, "0/0/100 v3, 100/0/0 v2");
    let back = world.fund("ada", "40").await;
    assert_eq!(
        operations(&back).split_off(1),
        ["credit ada 0: 0/0/100 v3 > 0/0/60 v4", "repay ada:overdraft 40: 100/0/0 v2 > 60/0/0 v3",]
    );
    let back = world.fund("ada", "110").await;
    assert_eq!(
        operations(&back).split_off(1),
        ["credit ada 50: 0/0/60 v4 > 50/0/0 v5", "repay ada:overdraft 60: 60/0/0 v3 > 0/0/0 v4",]
    );
    // Within what is available nobody owes anything.
    assert_eq!(world.send("50", "ada rest", "world rest").await.operations.len(), 2);
    world.check_books().await;
}

/// Without a limit there is none.
pub async fn an_overdraft_without_limit_has_none<S: Store>(store: &S) {
    let world = bank(store, "ada").await;
    world.fund("ada", "1").await;
    world.allow_overdraft("ada", None).await;
    let value = "123456789012345678901234567890.5";
    world.send(value, "ada rest", "world rest").await;
    let owed = "123456789012345678901234567889.5";
    let states = world.states("ada ada:overdraft").await;
    assert_eq!(states, format!("0/0/{owed} v3, {owed}/0/0 v1"));
    world.check_books().await;
}

/// The overdraft balance's versions are made by the transactions that use the overdraft.
pub async fn the_overdraft_balance_is_written_with_the_balance<S: Store>(store: &S) {
    let world = bank(store, "ada bob").await;
    world.allow_overdraft("ada", None).await;
    world.set(50);
    let sent = world.send("3", "ada 1, ada 2", "bob rest").await;
    assert_eq!(
        operations(&sent),
        [
            "debit ada 0: 0/0/0 v1 > 0/0/1 v2",
            "owe ada:overdraft 1: 0/0/0 v0 > 1/0/0 v1",
            "debit ada 0: 0/0/1 v1 > 0/0/3 v2",
            "owe ada:overdraft 2: 1/0/0 v0 > 3/0/0 v1",
            "credit bob 3: 0/0/0 v0 > 3/0/0 v1",
        ]
    );
    for party in ["ada", "ada:overdraft", "bob"] {
        let balance = world.balance(party).await;
        assert_eq!((balance.caused_by, balance.recorded_at), (Some(sent.id), world.at(50)));
    }
    world.check_books().await;
}

/// One overdraft balance counts what all balances of the account owe.
pub async fn balances_of_an_account_share_the_overdraft_balance<S: Store>(store: &S) {
    let world = bank(store, "ada bob").await;
    world.open(&world.holder("ada").await, "savings").await;
    world.allow_overdraft("ada", Some("10")).await;
    world.allow_overdraft("ada:savings", Some("5")).await;
    world.send("12", "ada 8, ada:savings 4", "bob rest").await;
    assert_eq!(world.states("ada:overdraft").await, "12/0/0 v1");
    // One repays while the other uses.
    world.send("1", "ada:savings 1", "ada 1").await;
    assert_eq!(
        world.states("ada ada:savings ada:overdraft").await,
        "0/0/7 v3, 0/0/5 v3, 12/0/0 v2"
    );
    world.check_books().await;
}

/// What is owed stays owed when no more may be, and is repaid as before.
pub async fn an_overdraft_that_ends_is_still_repaid<S: Store>(store: &S) {
    let world = bank(store, "ada").await;
    world.allow_overdraft("ada", Some("100")).await;
    world.send("30", "ada rest", "world rest").await;
    let settings = BalanceSettings { scope: None, allow_overdraft: false, overdraft_limit: None };
    let change = BalanceChange { settings: Some(settings), ..NO_CHANGE };
    world.patch("ada", change).await.unwrap();
    let refusal = world.post(world.moving("1", "ada rest", "world rest")).await;
    assert_refused!(refusal, Error::InsufficientFunds(_));
    world.fund("ada", "31").await;
    assert_eq!(world.states("ada ada:overdraft").await, "1/0/0 v4, 0/0/0 v2");
    world.check_books().await;
}

/// A new limit may not be below what is used.
pub async fn a_limit_is_not_set_below_what_is_used<S: Store>(store: &S) {
    let world = bank(store, "ada").await;
    world.allow_overdraft("ada", None).await;
    world.send("100", "ada rest", "world rest").await;
    let limit = |limit| BalanceChange { settings: Some(overdraft_up_to(Some(limit))), ..NO_CHANGE };
    for below in ["99", "99.999999999999999999999999999999"] {
        let refusal = world.patch("ada", limit(below)).await;
        assert_refused!(refusal, Error::OverdraftLimitBelowUsage);
    }
    assert_eq!(world.balance("ada").await.version, 2);
    world.patch("ada", limit("100.0")).await.unwrap();
    let refusal = world.post(world.moving("0.1", "ada rest", "world rest")).await;
    assert_refused!(refusal, Error::OverdraftLimit(_));
    world.check_books().await;
}

/// A hold may use the overdraft; canceled, it gives back exactly what it used.
pub async fn a_canceled_hold_gives_back_its_overdraft<S: Store>(store: &S) {
    let world = bank(store, "ada bob").await;
    world.fund("ada", "5").await;
    world.allow_overdraft("ada", Some("100")).await;
    let held = world.hold("25", "ada 10, ada 15", "bob rest").await;
    assert_eq!(
        operations(&held),
        [
            "hold ada 10: 5/0/0 v2 > 0/10/5 v3",
            "owe ada:overdraft 5: 0/0/0 v0 > 5/0/0 v1",
            "hold ada 15: 0/10/5 v2 > 0/25/20 v3",
            "owe ada:overdraft 15: 5/0/0 v0 > 20/0/0 v1",
        ]
    );
    let canceled = world.cancel(held.id).await.unwrap();
    assert_eq!(
        operations(&canceled).split_off(4),
        [
            "release ada 10: 0/25/20 v3 > 5/15/15 v4",
            "repay ada:overdraft 5: 20/0/0 v1 > 15/0/0 v2",
            "release ada 15: 5/15/15 v3 > 5/0/0 v4",
            "repay ada:overdraft 15: 15/0/0 v1 > 0/0/0 v2",
        ]
    );
    // Committed, it stays used.
    let held = world.hold("25", "ada rest", "bob rest").await;
    world.commit(held.id).await.unwrap();
    assert_eq!(world.states("ada ada:overdraft bob").await, "0/0/20 v6, 20/0/0 v3, 25/0/0 v1");
    world.check_books().await;
}

/// Whoever repaid in between has repaid: the rest of the hold is available.
pub async fn a_canceled_hold_gives_back_no_more_than_is_owed<S: Store>(store: &S) {
    let world = bank(store, "ada bob").await;
    world.allow_overdraft("ada", Some("100")).await;
    let held = world.hold("20", "ada rest", "bob rest").await;
    world.fund("ada", "15").await;
    assert_eq!(world.states("ada ada:overdraft").await, "0/20/5 v3, 5/0/0 v2");
    let canceled = world.cancel(held.id).await.unwrap();
    assert_eq!(
        operations(&canceled).split_off(2),
        ["release ada 20: 0/20/5 v3 > 15/0/0 v4", "repay ada:overdraft 5: 5/0/0 v2 > 0/0/0 v3",]
    );
    world.check_books().await;
}

/// A destination that owes repays with what it gets at commit.
pub async fn a_commit_repays_the_destination_s_overdraft<S: Store>(store: &S) {
    let world = bank(store, "ada bob").await;
    world.fund("ada", "10").await;
    world.allow_overdraft("bob", None).await;
    world.send("4", "bob rest", "world rest").await;
    let held = world.hold("10", "ada rest", "bob rest").await;
    world.commit(held.id).await.unwrap();
    assert_eq!(world.states("bob bob:overdraft").await, "6/0/0 v3, 0/0/0 v2");
    world.check_books().await;
}

/// A reverted payment out of an overdraft repays it.
pub async fn a_reversal_repays_an_overdraft<S: Store>(store: &S) {
    let world = bank(store, "ada bob").await;
    world.fund("ada", "1").await;
    world.allow_overdraft("ada", Some("10")).await;
    let sent = world.send("8", "ada rest", "bob rest").await;
    let reversal = world.revert(sent.id).await.unwrap();
    assert_eq!(
        operations(&reversal),
        [
            "debit bob 8: 8/0/0 v1 > 0/0/0 v2",
            "credit ada 1: 0/0/7 v3 > 1/0/0 v4",
            "repay ada:overdraft 7: 7/0/0 v1 > 0/0/0 v2",
        ]
    );
    world.check_books().await;
}
