//! Transactions that move at once, and those that only say so.
#![expect(clippy::unwrap_used, reason = "a behaviour fails by panicking")]

use crate::contract::Store;
use crate::contract::money::{NO_CHANGE, bank, legs, operations};
use crate::contract::world::{
    World, amount, code, idempotency_key, key, metadata, new_account, new_asset, new_balance, text,
};
use subledger::account::Alias;
use subledger::account::lifecycle::change_lifecycle;
use subledger::account::lifecycle::{ClosedReason, LifecycleChange};
use subledger::account::open::{NewAccount, open_account};
use subledger::account::update::{AccountChange, update_account};
use subledger::balance::create::NewBalance;
use subledger::balance::update::BalanceChange;
use subledger::balance::{Balance, BalanceKey, Direction};
use subledger::error::Error;
use subledger::idempotency::IdempotencyKey;
use subledger::ledger::asset::create_asset;
use subledger::money::ids::{LedgerId, Scope};
use subledger::transaction::portion::Portion;
use subledger::transaction::post::{NewLeg, NewTransaction};
use subledger::transaction::{LegLabels, Notes, TransactionLabels, TransactionStatus};

/// Out of one balance, into the other, and every operation says what it did.
pub async fn a_transaction_moves_at_once<S: Store>(store: &S) {
    let world = bank(store, "ada bob").await;
    let funding = world.fund("ada", "100").await;
    assert_eq!(
        operations(&funding),
        ["debit world 100: 0/0/0 v0 > 100/0/0 v1", "credit ada 100: 0/0/0 v0 > 100/0/0 v1"]
    );
    let sent = world.send("30.5", "ada 30.5", "bob 30.50").await;
    assert_eq!(
        operations(&sent),
        ["debit ada 30.5: 100/0/0 v1 > 69.5/0/0 v2", "credit bob 30.5: 0/0/0 v0 > 30.5/0/0 v1"]
    );
    assert_eq!(sent.status, TransactionStatus::Approved);
    assert_eq!(world.states("world ada bob").await, "100/0/0 v1, 69.5/0/0 v2, 30.5/0/0 v1");
    let out = world.send("9.5", "ada rest", "world rest").await;
    assert_eq!(
        operations(&out),
        ["debit ada 9.5: 69.5/0/0 v2 > 60/0/0 v3", "credit world 9.5: 100/0/0 v1 > 90.5/0/0 v2"]
    );
    for transaction in [funding, sent, out] {
        assert_eq!(world.stored(transaction.id).await, transaction);
    }
    world.check_books().await;
}

/// The external account may owe as much as it likes.
pub async fn an_external_account_may_be_owed_and_owe<S: Store>(store: &S) {
    let world = bank(store, "ada").await;
    world.fund("ada", "100").await;
    world.send("100", "ada rest", "world rest").await;
    let ada = world.holder("ada").await;
    let loan = NewBalance { direction: Direction::Debit, ..new_balance(&ada, "loan") };
    world.create(loan).await.unwrap();
    let lent = world.send("40", "ada:loan 40", "world 40").await;
    assert_eq!(
        operations(&lent),
        ["debit ada:loan 40: 0/0/0 v0 > 40/0/0 v1", "credit world 40: 0/0/0 v2 > -40/0/0 v3"]
    );
    world.check_books().await;
}

/// What a source gives increases a balance of direction debit; it cannot get more than it has.
pub async fn a_balance_of_direction_debit_counts_the_other_way<S: Store>(store: &S) {
    let world = bank(store, "ada bob").await;
    let account = world.holder("ada").await;
    let loan = NewBalance { direction: Direction::Debit, ..new_balance(&account, "loan") };
    world.create(loan).await.unwrap();
    world.send("40", "ada:loan 40", "ada 40").await;
    assert_eq!(world.states("ada:loan ada").await, "40/0/0 v1, 40/0/0 v1");
    world.send("15", "ada 15", "ada:loan 15").await;
    assert_eq!(world.states("ada:loan ada").await, "25/0/0 v2, 25/0/0 v2");
    world.fund("bob", "100").await;
    let refusal = world.post(world.moving("25.01", "bob rest", "ada:loan rest")).await;
    assert_refused!(refusal, Error::InsufficientFunds(_));
    world.send("25", "bob rest", "ada:loan rest").await;
    assert_eq!(world.states("ada:loan bob").await, "0/0/0 v3, 75/0/0 v2");
    world.check_books().await;
}

/// Amounts, shares, shares of shares, and what remains.
pub async fn sources_and_destinations_share_the_value<S: Store>(store: &S) {
    let world = bank(store, "ada bob cat dan eve fay").await;
    for party in ["ada", "bob", "cat"] {
        world.fund(party, "50").await;
    }
    let sent =
        world.send("100", "ada 50%, bob 30, cat rest", "dan 60, eve 50%of50, fay rest").await;
    let legs: Vec<String> =
        sent.legs.iter().map(|leg| format!("{} {}", leg.alias, leg.amount)).collect();
    assert_eq!(legs, ["ada 50", "bob 30", "cat 20", "dan 60", "eve 25", "fay 15"]);
    assert_eq!(
        world.states("ada bob cat dan eve fay").await,
        "0/0/0 v2, 20/0/0 v2, 30/0/0 v2, 60/0/0 v1, 25/0/0 v1, 15/0/0 v1"
    );
    world.check_books().await;
}

/// Legs on one balance are applied one after the other, and make one version.
pub async fn several_legs_on_one_balance_make_one_version<S: Store>(store: &S) {
    let world = bank(store, "ada bob").await;
    world.fund("ada", "30").await;
    let sent = world.send("30", "ada 10, ada 20", "bob 25, bob 5").await;
    assert_eq!(
        operations(&sent),
        [
            "debit ada 10: 30/0/0 v1 > 20/0/0 v2",
            "debit ada 20: 20/0/0 v1 > 0/0/0 v2",
            "credit bob 25: 0/0/0 v0 > 25/0/0 v1",
            "credit bob 5: 25/0/0 v0 > 30/0/0 v1",
        ]
    );
    assert_eq!(world.states("ada bob").await, "0/0/0 v2, 30/0/0 v1");
    // A balance may give in one place and get in another.
    let circle = world.send("30", "bob 10, bob 20", "ada 10, world 5, bob 15").await;
    assert_eq!(circle.operations.len(), 5);
    assert_eq!(world.states("ada bob world").await, "10/0/0 v3, 15/0/0 v2, 25/0/0 v2");
    // It has to have what it gives before it gets.
    let refusal = world.post(world.moving("16", "bob 8, bob 8", "world 1, world 1, bob 14")).await;
    assert_refused!(refusal, Error::InsufficientFunds(_));
    world.check_books().await;
}

/// An annotation says what would be done, whatever the balances have and allow, and does nothing.
pub async fn an_annotation_moves_nothing<S: Store>(store: &S) {
    let world = bank(store, "ada bob").await;
    let closed = BalanceChange { allow_sending: Some(false), ..NO_CHANGE };
    world.patch("ada", closed).await.unwrap();
    let annotation = NewTransaction {
        status: TransactionStatus::Annotation,
        ..world.moving("1000", "ada rest", "bob 600, bob 400")
    };
    let annotation = world.post(annotation).await.unwrap().transaction;
    assert_eq!(annotation.status, TransactionStatus::Annotation);
    assert!(annotation.operations.iter().all(|operation| !operation.balance_affected));
    assert_eq!(
        operations(&annotation),
        [
            "debit ada 1000: 0/0/0 v1 > 0/0/0 v1",
            "credit bob 600: 0/0/0 v0 > 0/0/0 v0",
            "credit bob 400: 0/0/0 v0 > 0/0/0 v0",
        ]
    );
    assert_eq!(world.stored(annotation.id).await, annotation);
    assert_eq!(world.states("ada bob").await, "0/0/0 v1, 0/0/0 v0");
    world.check_books().await;
}

/// Every word of a client is read as it was written.
pub async fn every_word_about_a_transaction_is_kept<S: Store>(store: &S) {
    let world = bank(store, "ada bob").await;
    let labels = |description: &str| LegLabels {
        description: Some(text(description)),
        chart_of_accounts: Some(text("1.2.3")),
        route: Some(text("route")),
        route_id: Some(world.fresh_id()),
        metadata: metadata(),
    };
    let labeled = |text: &str, words: &str| -> Vec<NewLeg> {
        legs(text).into_iter().map(|leg| NewLeg { labels: labels(words), ..leg }).collect()
    };
    world.set(60);
    let new = NewTransaction {
        sources: labeled("world rest", "from"),
        destinations: labeled("ada 1, bob rest", "to"),
        labels: TransactionLabels {
            chart_of_accounts_group_name: Some(text("FUNDING")),
            code: Some(text("TR1")),
            route: Some(text("in")),
            route_id: Some(world.fresh_id()),
        },
        notes: Notes { description: Some(text("größe")), metadata: metadata() },
        transaction_date: Some(world.at(-1_000_000)),
        idempotency_key: Some(world.fresh_key()),
        ..world.moving("3", "world 3", "ada 3")
    };
    let posted = world.post(new.clone()).await.unwrap().transaction;
    assert_eq!((&posted.labels, &posted.notes), (&new.labels, &new.notes));
    assert_eq!(posted.transaction_date, new.transaction_date);
    assert_eq!((posted.recorded_at, posted.updated_at), (world.at(60), world.at(60)));
    let asked = new.sources.iter().chain(&new.destinations);
    assert!(std::iter::zip(&posted.legs, asked).all(|(leg, asked)| leg.labels == asked.labels));
    let operations = posted.operations.iter().zip(&posted.legs);
    assert!(operations.clone().all(|(operation, leg)| operation.labels == leg.labels));
    assert_eq!(operations.count(), 3);
    assert_eq!(world.stored(posted.id).await, posted);
}

/// Sixty digits are added and subtracted exactly, and no digit decides wrongly.
pub async fn amounts_of_sixty_digits_move_exactly<S: Store>(store: &S) {
    let world = bank(store, "ada bob").await;
    let many = "123456789012345678901234567890.123456789012345678901234567899";
    let one_more = "123456789012345678901234567890.1234567890123456789012345679";
    world.fund("ada", many).await;
    world.fund("ada", "0.000000000000000000000000000001").await;
    assert_eq!(world.balance("ada").await.available, amount(one_more));
    let sent = world.send(many, "ada rest", "bob rest").await;
    assert_eq!(sent.amount, amount(many));
    assert_eq!(world.balance("bob").await.available, amount(many));
    assert_eq!(world.balance("ada").await.available, amount("0.000000000000000000000000000001"));
    let refusal = world.post(world.moving(one_more, "bob rest", "ada rest")).await;
    assert_refused!(refusal, Error::InsufficientFunds(_));
    world.allow_overdraft("bob", Some("0.000000000000000000000000000001")).await;
    world.send(one_more, "bob rest", "ada rest").await;
    let owed = "0.000000000000000000000000000001";
    let all = "123456789012345678901234567890.123456789012345678901234567901";
    assert_eq!(world.states("bob ada").await, format!("0/0/{owed} v3, {all}/0/0 v4"));
    world.check_books().await;
}

/// Asserts that the request is refused with the error of this name.
async fn check_refused<S: Store>(world: &World<'_, S>, new: &NewTransaction, name: &str) {
    let refusal = world.post(new.clone()).await.map(|posted| posted.transaction.status);
    let printed = format!("{refusal:?}");
    assert!(printed.starts_with(&format!("Err({name}")), "expected {name}, got {printed}");
}

/// A ledger where something is wrong with most, and a key that a transaction of 1 was posted under.
async fn flawed_bank<S: Store>(store: &S) -> (World<'_, S>, IdempotencyKey) {
    let world = bank(store, "ada bob shut").await;
    let euro = create_asset(store, &world.clock, &world.ids, new_asset(world.scope, "Euro", "EUR"));
    euro.await.unwrap();
    let alias = Some(Alias::parse("eva").unwrap());
    let new = NewAccount { alias, ..new_account(world.scope, "EUR") };
    open_account(store, &world.clock, &world.ids, new).await.unwrap();
    let shut = BalanceChange { allow_receiving: Some(false), ..NO_CHANGE };
    world.patch("shut", shut).await.unwrap();
    world.allow_overdraft("bob", Some("5")).await;
    let used = world.fresh_key();
    let first = NewTransaction {
        idempotency_key: Some(used.clone()),
        ..world.moving("1", "world 1", "ada 1")
    };
    world.post(first).await.unwrap();
    (world, used)
}

/// A request with everything wrong is refused for one thing after the other as they are mended.
pub async fn refusals_to_post_have_an_order<S: Store>(store: &S) {
    let (world, used) = flawed_bank(store).await;
    let nowhere = Scope { ledger: LedgerId::new(world.fresh_id()), ..world.scope };
    let too_many = |sources: &str| format!("{sources}, {}", vec!["world 1"; 100].join(", "));
    let mut new = NewTransaction {
        idempotency_key: Some(used),
        transaction_date: Some(world.at(1)),
        ..world.pending("0", &too_many("ada 1"), "ada 1")
    };
    check_refused(&world, &new, "TransactionDateInFuture").await;
    new.transaction_date = Some(world.at(0));
    check_refused(&world, &new, "TransactionDateOnPending").await;
    new.transaction_date = None;
    check_refused(&world, &new, "TransactionValue").await;
    new.value = amount("-1");
    check_refused(&world, &new, "TransactionValue").await;
    new.value = amount("10");
    check_refused(&world, &new, "IdempotencyKeyReused").await;
    new.idempotency_key = Some(world.fresh_key());
    new.scope = nowhere;
    check_refused(&world, &new, "TransactionTooLarge").await;
    let unknown = NewLeg { alias: None, ..legs("bob 8").remove(0) };
    new.sources = legs("ada 1");
    new.sources.push(unknown);
    check_refused(&world, &new, "TransactionTotals").await;
    new.sources.extend(legs("nobody 1"));
    new.destinations = legs("ada 1, ada:overdraft 1");
    check_refused(&world, &new, "TransactionTotals").await;
    new.destinations = legs("ada 1, ada:overdraft 1, shut 1, bob rest");
    check_refused(&world, &new, "TransactionAmbiguous").await;
    new.destinations.swap(0, 2);
    check_refused(&world, &new, "LedgerNotFound").await;
    new.scope = world.scope;
    check_refused(&world, &new, "InternalBalance").await;
    new.destinations = legs("shut 1, eva 1, world rest");
    check_refused(&world, &new, "LegImpossible").await;
    new.sources = legs("world 1, nobody 9");
    check_refused(&world, &new, "LegNotFound").await;
    new.sources = legs("world 1, bob:savings 9");
    check_refused(&world, &new, "LegNotFound").await;
    new.sources = legs("world 1, bob 9");
    check_refused(&world, &new, "LegAsset").await;
    new.destinations = legs("shut 1, world 9");
    check_refused(&world, &new, "LegRestricted").await;
    new.destinations = legs("ada 1, world 9");
    check_refused(&world, &new, "PendingExternalSource").await;
    new.sources = legs("ada 2, bob 8");
    new.destinations = legs("world 10");
    check_refused(&world, &new, "InsufficientFunds").await;
    new.sources = legs("ada 1, bob 9");
    check_refused(&world, &new, "OverdraftLimit").await;
    new.sources = legs("ada 1, bob 9, world 0");
    check_refused(&world, &new, "LegNotPositive").await;
    assert_eq!(world.count().await, 1);
    new.value = amount("6");
    new.sources = legs("ada 1, bob 5");
    new.destinations = legs("world 6");
    assert!(world.post(new).await.is_ok());
    world.check_books().await;
}

/// Portions that do not add up, on either side.
pub async fn totals_have_to_match_the_value<S: Store>(store: &S) {
    let world = bank(store, "ada bob").await;
    for (sources, destinations) in [
        ("world 10.01", "ada 10"),
        ("world 10", "ada 9.99"),
        ("world rest, world 1", "ada 10"),
        ("world 10, world rest", "ada 10"),
        ("world 50%, world 49%", "ada 10"),
        ("world 0%, world rest", "ada 10"),
        ("world 10", "ada -1, bob 11"),
        ("world 10", "ada 0, bob 10"),
        ("world 10", "ada 50%of50, bob 50%of50"),
    ] {
        let refusal = world.post(world.moving("10", sources, destinations)).await;
        assert_refused!(refusal, Error::TransactionTotals { .. } | Error::LegNotPositive { .. });
    }
    let nobody = NewTransaction { sources: Vec::new(), ..world.moving("10", "ada 10", "bob 10") };
    assert_refused!(world.post(nobody).await, Error::TransactionTotals { .. });
    assert_eq!(world.count().await, 0);
}

/// All or nothing: a refusal of the last leg undoes the first.
pub async fn a_refused_transaction_changes_nothing<S: Store>(store: &S) {
    let world = bank(store, "ada bob cat").await;
    world.fund("ada", "10").await;
    let refusal = world.post(world.moving("15", "ada 10, bob 5", "cat rest")).await;
    assert_refused!(refusal, Error::InsufficientFunds(_));
    let refusal = world.post(world.moving("15", "world rest", "cat 5, nobody 10")).await;
    assert_refused!(refusal, Error::LegNotFound { .. });
    assert_eq!(world.states("ada bob cat").await, "10/0/0 v1, 0/0/0 v0, 0/0/0 v0");
    assert_eq!(world.count().await, 1);
    world.check_books().await;
}

/// What the client closed on a balance holds from the next transaction on.
pub async fn a_restricted_balance_takes_no_part<S: Store>(store: &S) {
    let world = bank(store, "ada bob").await;
    world.fund("ada", "10").await;
    let mute = BalanceChange { allow_sending: Some(false), ..NO_CHANGE };
    world.patch("ada", mute).await.unwrap();
    let send = async || world.post(world.moving("1", "ada rest", "bob rest")).await;
    assert_refused!(send().await, Error::LegRestricted { .. });
    world.fund("ada", "1").await;
    let deaf =
        BalanceChange { allow_sending: Some(true), allow_receiving: Some(false), ..NO_CHANGE };
    world.patch("ada", deaf).await.unwrap();
    assert!(send().await.is_ok());
    let refusal = world.post(world.moving("1", "bob rest", "ada rest")).await;
    assert_refused!(refusal, Error::LegRestricted { .. });
    world.check_books().await;
}

/// Neither a blocked nor a closed account gives or gets.
pub async fn a_blocked_or_closed_account_takes_no_part<S: Store>(store: &S) {
    let world = bank(store, "ada bob").await;
    world.fund("ada", "10").await;
    world.fund("bob", "10").await;
    let ada = world.account_id("ada").await;
    let block = async |blocked| {
        let change = AccountChange { blocked: Some(blocked), ..AccountChange::default() };
        update_account(store, &world.clock, world.scope, ada, &change).await.unwrap()
    };
    let both = async || {
        [
            world.post(world.moving("1", "ada rest", "bob rest")).await,
            world.post(world.moving("1", "bob rest", "ada rest")).await,
        ]
    };
    block(true).await;
    for refusal in both().await {
        assert_refused!(refusal, Error::LegRestricted { .. });
    }
    block(false).await;
    for outcome in both().await {
        assert!(outcome.is_ok());
    }
    world.send("10", "ada rest", "bob rest").await;
    let close = LifecycleChange::Close(ClosedReason::ClientClosed);
    change_lifecycle(store, &world.clock, world.scope, ada, close).await.unwrap();
    for refusal in both().await {
        assert_refused!(refusal, Error::LegRestricted { .. });
    }
    world.check_books().await;
}

/// Balances of another ledger take no part, and its transactions are not seen.
pub async fn transactions_stay_in_their_ledger<S: Store>(store: &S) {
    let world = bank(store, "ada bob").await;
    let other = bank(store, "ada cat").await;
    let funding = world.fund("ada", "10").await;
    let refusal = world.post(world.moving("1", "ada rest", "cat rest")).await;
    assert_refused!(refusal, Error::LegNotFound { .. });
    let held = world.hold("1", "ada rest", "bob rest").await;
    let moving = world.moving("1", "ada rest", "bob rest");
    for scope in world.elsewhere(other.scope) {
        assert_eq!(store.transaction(scope, funding.id).await.unwrap(), None);
        let ledger_exists = store.ledger_exists(scope).await.unwrap();
        assert_eq!(ledger_exists, scope == other.scope);
        let read = store.leg_balances(scope, &held.legs).await.unwrap();
        assert!(read.accounts.iter().all(|account| account.scope == scope));
        assert!(read.balances.iter().all(|balance| balance.scope == scope));
        let refusal = world.post(NewTransaction { scope, ..moving.clone() }).await;
        assert!(matches!(refusal, Err(Error::LedgerNotFound | Error::LegNotFound { .. })));
    }
    assert_refused!(other.commit(held.id).await, Error::TransactionNotFound);
    assert_refused!(other.cancel(held.id).await, Error::TransactionNotFound);
    assert_refused!(other.revert(funding.id).await, Error::TransactionNotFound);
    assert_eq!((other.count().await, world.count().await), (0, 2));
}

/// A hundred legs are posted, one more is refused in words.
pub async fn a_transaction_has_up_to_a_hundred_legs<S: Store>(store: &S) {
    let world = bank(store, "ada bob").await;
    let value = "123456789012345678901234567890.123456789012345678901234567899";
    let side = |party: &str, count| vec![format!("{party} 1"); count].join(", ");
    let moving = |sources, destinations| NewTransaction {
        value: amount(&(100_usize.max(sources) / 2).to_string()),
        ..world.moving("1", &side("world", sources), &side("ada", destinations))
    };
    let posted = world.post(moving(50, 50)).await.unwrap().transaction;
    assert_eq!((posted.legs.len(), posted.operations.len()), (100, 100));
    assert_eq!(world.stored(posted.id).await, posted);
    assert_eq!(world.states("world ada").await, "50/0/0 v1, 50/0/0 v1");
    let refusal = world.post(moving(50, 51)).await;
    assert_refused!(refusal, Error::TransactionTooLarge { legs_max: 100, balances_max: 48 });
    // Also where every leg has all digits, and is reserved first.
    let total = subledger::money::amount::Amount::sum(&vec![amount(value); 50]).unwrap();
    world.fund("ada", &total.to_string()).await;
    let long = side("bob", 50).replace(" 1", &format!(" {value}"));
    let held = world.hold(&total.to_string(), &long.replace("bob", "ada"), &long).await;
    let done = world.commit(held.id).await.unwrap();
    assert_eq!((done.legs.len(), done.operations.len()), (100, 150));
    assert_eq!(world.stored(held.id).await, done);
    assert_eq!(world.balance("bob").await.available, total);
    world.check_books().await;
}

/// A transaction changes up to 48 balances, overdraft balances included; one more is refused in words.
pub async fn a_transaction_changes_up_to_48_balances<S: Store>(store: &S) {
    let world = bank(store, "ada").await;
    let account = world.holder("ada").await;
    for number in 1..=48 {
        world.open(&account, &number.to_string()).await;
    }
    let spread = |source: &str, destinations: usize| {
        let to: Vec<String> = (1..=destinations).map(|n| format!("ada:{n} 1")).collect();
        world.moving(&destinations.to_string(), &format!("{source} rest"), &to.join(", "))
    };
    let sent = world.post(spread("world", 47)).await.unwrap().transaction;
    assert_eq!(sent.operations.len(), 48);
    assert_eq!(world.states("world ada:1 ada:47").await, "47/0/0 v1, 1/0/0 v1, 1/0/0 v1");
    let too_large = async |new| {
        let refusal = world.post(new).await;
        assert_refused!(refusal, Error::TransactionTooLarge { legs_max: 100, balances_max: 48 });
    };
    too_large(spread("world", 48)).await;
    too_large(NewTransaction { status: TransactionStatus::Pending, ..spread("ada", 48) }).await;
    // The overdraft balance of an overdrawn source counts.
    world.allow_overdraft("ada", None).await;
    too_large(spread("ada", 47)).await;
    let sent = world.post(spread("ada", 46)).await.unwrap().transaction;
    assert_eq!(sent.operations.len(), 48);
    let reverted = world.revert(sent.id).await.unwrap();
    assert_eq!(reverted.operations.len(), 48);
    assert_eq!(
        world.states("ada ada:overdraft ada:46 ada:48").await,
        "0/0/0 v3, 0/0/0 v2, 1/0/0 v3, 0/0/0 v0"
    );
    world.check_books().await;
}

/// A leg may name any balance that a client may have, and none that a client cannot.
pub async fn a_leg_names_a_balance_by_alias_and_key<S: Store>(store: &S) {
    let world = bank(store, "ada").await;
    let account = world.holder("ada").await;
    let odd = world.open(&account, "größe#1/2").await;
    let to = |key: Option<BalanceKey>, alias: Option<Alias>| {
        let leg = NewLeg { alias, key, portion: Portion::Remaining, labels: LegLabels::default() };
        NewTransaction { destinations: vec![leg], ..world.moving("1", "world 1", "ada 1") }
    };
    let alias = Some(account.alias.clone());
    world.post(to(Some(odd.key.clone()), alias.clone())).await.unwrap();
    assert_eq!(world.balance("ada:größe#1/2").await.available, amount("1"));
    for new in [
        to(Some(key("größe#1")), alias.clone()),
        to(Some(odd.key.clone()), Some(Alias::external(&code("EUR")))),
    ] {
        assert_refused!(world.post(new).await, Error::LegNotFound { .. });
    }
    for new in [to(None, alias), to(Some(odd.key.clone()), None)] {
        assert_refused!(world.post(new).await, Error::LegImpossible { .. });
    }
    // An account without an alias is called by its id.
    let unnamed = open_account(store, &world.clock, &world.ids, new_account(world.scope, "USD"));
    let unnamed = unnamed.await.unwrap();
    world.post(to(Some(BalanceKey::default_key()), Some(unnamed.alias.clone()))).await.unwrap();
    let balances = store.account_balances(world.scope, unnamed.id).await.unwrap();
    assert_eq!(balances.iter().map(|it: &Balance| it.version).collect::<Vec<_>>(), [1]);
}

/// An idempotency key that no request used yet is no obstacle, whatever it looks like.
pub async fn a_transaction_under_a_key_is_posted<S: Store>(store: &S) {
    let world = bank(store, "ada").await;
    let key = idempotency_key(&"k#/!".repeat(60));
    let new = NewTransaction {
        idempotency_key: Some(key),
        ..world.moving("1", "world rest", "ada rest")
    };
    let posted = world.post(new).await.unwrap();
    assert!(!posted.replayed);
    assert_eq!(world.stored(posted.transaction.id).await, posted.transaction);
}
