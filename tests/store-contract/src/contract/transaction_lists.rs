//! Lists of transactions and operations.
#![expect(clippy::unwrap_used, reason = "a behaviour fails by panicking")]

use uuid::Uuid;

use crate::contract::Store;
use crate::contract::money::{NO_CHANGE, bank, values};
use crate::contract::world::{World, first_page, forth_and_back, join};
use subledger::balance::update::{BalanceChange, delete_balance};
use subledger::error::Error;
use subledger::money::ids::{AccountId, LedgerId, Scope};
use subledger::page::SortOrder::{Ascending, Descending};
use subledger::page::{Filter, ListPosition, Page, PageRequest, PageStart, TimeRange};
use subledger::ports::AccountOperation;
use subledger::transaction::post::NewTransaction;
use subledger::transaction::read::{
    list_account_operations, operation_position, transaction_position,
};
use subledger::transaction::{Transaction, TransactionStatus};

async fn list<S: Store>(world: &World<'_, S>, page: PageRequest) -> Page<Transaction> {
    world.store.transactions(world.scope, &page).await.unwrap()
}

/// A page of all operations of an account.
async fn operations<S: Store>(
    store: &S,
    scope: Scope,
    account: AccountId,
    page: &PageRequest,
) -> Result<Page<AccountOperation>, Error> {
    let all = Filter::default();
    list_account_operations(store, scope, account, page, TimeRange::ALL, &all).await
}

/// Seven fundings of 1 to 7, ten microseconds apart from moment 10 on, the last two at once.
async fn seven<S: Store>(world: &World<'_, S>) -> Vec<Transaction> {
    let mut transactions = Vec::new();
    for (value, moment) in (1..).zip([10, 20, 30, 40, 50, 60, 60]) {
        world.set(moment);
        // Of different accounts, so that two can be recorded at once.
        let party = if value == 7 { "ada:a rest" } else { "ada:b rest" };
        let annotation = NewTransaction {
            status: TransactionStatus::Annotation,
            ..world.moving(&format!("{value}"), "world rest", party)
        };
        transactions.push(world.post(annotation).await.unwrap().transaction);
    }
    transactions
}

/// A ledger whose account `ada` has the balances `a` and `b`.
async fn ledger<S: Store>(store: &S, shards: u8) -> World<'_, S> {
    let world = World::with_shards(store, shards).await;
    world.usd().await;
    let ada = world.account_called("ada").await;
    world.open(&ada, "a").await;
    world.open(&ada, "b").await;
    world
}

/// In the order in which they were recorded, in pages of three, whatever the shards.
pub async fn transactions_are_walked_forth_and_back<S: Store>(store: &S) {
    for shards in [1, 4] {
        let world = ledger(store, shards).await;
        let all = seven(&world).await;
        for (order, forth, back) in [
            (Ascending, ["1 2 3", "4 5 6", "7"], ["4 5 6", "1 2 3"]),
            (Descending, ["7 6 5", "4 3 2", "1"], ["4 3 2", "7 6 5"]),
        ] {
            let first = first_page(3, order);
            let walked = forth_and_back(first, async |page| list(&world, page).await, values).await;
            assert_eq!(walked, [Vec::from(forth), Vec::from(back)], "{order:?}, {shards} shards");
        }
        assert_eq!(list(&world, first_page(100, Ascending)).await.items, all);
        assert!(all.iter().map(transaction_position).is_sorted());
    }
}

/// Both ends of a time belong to it, in lists and in counts.
pub async fn transactions_of_a_time_are_listed_and_counted<S: Store>(store: &S) {
    let world = ledger(store, 4).await;
    seven(&world).await;
    for ((from, to), expected, count) in [
        ((0, 9), "", 0),
        ((10, 10), "1", 1),
        ((11, 30), "2 3", 2),
        ((50, 60), "5 6 7", 3),
        ((60, 99), "6 7", 2),
        ((0, 99), "1 2 3 4 5 6 7", 7),
        ((60, 10), "", 0),
    ] {
        let range = world.range(from, to);
        let page = PageRequest { range, ..first_page(100, Ascending) };
        assert_eq!(values(&list(&world, page).await.items), expected, "{from} to {to}");
        let counted = store.count_transactions(world.scope, range).await.unwrap();
        assert_eq!(counted, count, "{from} to {to}");
    }
}

/// A transaction that changed stands where it was, as it is now.
pub async fn a_listed_transaction_is_the_current_one<S: Store>(store: &S) {
    let world = bank(store, "ada bob").await;
    let funding = world.fund("ada", "10").await;
    let held = world.hold("4", "ada rest", "bob rest").await;
    let done = world.commit(held.id).await.unwrap();
    let reversal = world.revert(held.id).await.unwrap();
    let reverted = world.stored(held.id).await;
    assert_ne!(done, reverted);
    let listed = list(&world, first_page(10, Ascending)).await.items;
    assert_eq!(listed, [funding, reverted, reversal]);
    assert_eq!(world.count().await, 3);
}

/// A ledger without transactions, or that does not exist, has an empty list.
pub async fn an_empty_ledger_has_no_transactions<S: Store>(store: &S) {
    let world = bank(store, "ada").await;
    let other = bank(store, "ada").await;
    other.fund("ada", "1").await;
    let unknown = Scope { ledger: LedgerId::new(Uuid::from_u128(1)), ..world.scope };
    let foreign = Scope { organization: world.scope.organization, ..other.scope };
    for scope in [world.scope, unknown, foreign] {
        let page = first_page(10, Ascending);
        let listed = store.transactions(scope, &page).await.unwrap();
        assert_eq!(listed, Page { items: Vec::new(), previous: None, next: None });
        assert_eq!(store.count_transactions(scope, TimeRange::ALL).await.unwrap(), 0);
        let ada = other.account_id("ada").await;
        assert_refused!(operations(store, scope, ada, &page).await, Error::AccountNotFound);
    }
    let nobody = AccountId::new(Uuid::from_u128(1));
    let page = first_page(10, Ascending);
    let refusal = operations(store, world.scope, nobody, &page).await;
    assert_refused!(refusal, Error::AccountNotFound);
}

/// `balance:amount` of each operation.
fn print(listed: &[AccountOperation]) -> String {
    join(listed.iter().map(|it| format!("{}:{}", it.operation.key, it.operation.amount)))
}

/// An account with operations of every kind, among them several of one moment: those of one
/// transaction and those of two.
async fn busy<S: Store>(store: &S) -> (World<'_, S>, AccountId) {
    let world = ledger(store, 1).await;
    world.account_called("bob").await;
    world.set(10);
    world.fund("ada:a", "1").await;
    world.fund("ada:b", "2").await;
    world.set(20);
    world.allow_overdraft("ada:a", None).await;
    let annotation = NewTransaction {
        status: TransactionStatus::Annotation,
        ..world.moving("99", "ada:a rest", "bob rest")
    };
    world.post(annotation).await.unwrap();
    world.set(30);
    // Two legs on one balance, and its overdraft balance: five operations of one version each.
    let held = world.hold("7", "ada:a 3, ada:a 4", "bob rest").await;
    world.set(40);
    world.cancel(held.id).await.unwrap();
    let mute = BalanceChange { allow_receiving: Some(false), ..NO_CHANGE };
    for _ in 0..5 {
        world.patch("ada:a", mute.clone()).await.unwrap();
    }
    world.set(60);
    world.send("2", "ada:b rest", "bob rest").await;
    let empty = world.balance("ada:b").await;
    delete_balance(store, &world.clock, world.scope, empty.id).await.unwrap();
    world.set(70);
    world.fund("bob", "100").await;
    let ada = world.account_id("ada").await;
    (world, ada)
}

const ALL: &str = "a:1 b:2 a:3 overdraft:2 a:4 overdraft:4 a:3 overdraft:2 a:4 overdraft:4 b:2";

/// Every operation on every balance the account ever had, once, in pages of any size.
pub async fn operations_of_an_account_are_walked_forth_and_back<S: Store>(store: &S) {
    let (world, ada) = busy(store).await;
    let list = async |page| operations(store, world.scope, ada, &page).await.unwrap();
    let all = list(first_page(100, Ascending)).await.items;
    assert_eq!(print(&all), ALL);
    for listed in &all {
        assert_eq!(world.stored(listed.transaction.id).await, *listed.transaction);
        assert!(listed.transaction.operations.contains(&listed.operation));
    }
    let mut reversed = all.clone();
    reversed.reverse();
    for (order, expected) in [(Ascending, &all), (Descending, &reversed)] {
        for limit in [1, 2, 3, 4, 10, 11, 12] {
            let [forth, mut back] = forth_and_back(first_page(limit, order), list, print).await;
            assert_eq!(forth.join(" "), print(expected), "{order:?} {limit}");
            back.reverse();
            let last = forth.last().into_iter().cloned();
            let again: Vec<String> = back.into_iter().chain(last).collect();
            assert_eq!(again.join(" "), print(expected), "{order:?} {limit}");
        }
    }
}

/// Operations between two moments, both included, beginning at any place.
pub async fn operations_of_a_time_are_listed<S: Store>(store: &S) {
    let (world, ada) = busy(store).await;
    let list = async |page| operations(store, world.scope, ada, &page).await.unwrap();
    for ((from, to), expected) in [
        ((0, 9), ""),
        ((10, 10), "a:1"),
        ((0, 29), "a:1 b:2"),
        ((30, 30), "a:3 overdraft:2 a:4 overdraft:4"),
        ((31, 40), "a:3 overdraft:2 a:4 overdraft:4"),
        ((60, 90), "b:2"),
        ((61, 90), ""),
        ((60, 10), ""),
    ] {
        let page = PageRequest { range: world.range(from, to), ..first_page(100, Ascending) };
        assert_eq!(print(&list(page).await.items), expected, "{from} to {to}");
    }
    let position = |id| ListPosition { at: world.at(30), id };
    for (order, position, expected) in [
        (Ascending, PageStart::After(position(Uuid::nil())), "a:3 overdraft:2"),
        (Ascending, PageStart::After(position(Uuid::max())), "a:3 overdraft:2"),
        (Ascending, PageStart::Before(position(Uuid::nil())), "a:1 b:2"),
        (Descending, PageStart::After(position(Uuid::max())), "overdraft:4 a:4"),
        (Descending, PageStart::After(position(Uuid::nil())), "b:2 a:1"),
    ] {
        let page = PageRequest { start: position, ..first_page(2, order) };
        assert_eq!(print(&list(page).await.items), expected, "{order:?} {position:?}");
    }
    let all = list(first_page(100, Ascending)).await.items;
    let third = all.get(3).map(operation_position).unwrap();
    let page = PageRequest {
        range: world.range(30, 40),
        start: PageStart::After(third),
        ..first_page(3, Ascending)
    };
    assert_eq!(print(&list(page).await.items), "a:4 overdraft:4 a:3");
}

/// Transactions of one moment, on several balances of the account, are merged by the ids of their
/// operations.
pub async fn operations_of_one_moment_are_all_listed<S: Store>(store: &S) {
    let world = bank(store, "ada bob cat dan").await;
    let ada = world.holder("ada").await;
    for key in ["a", "b", "c"] {
        world.open(&ada, key).await;
        world.fund(&format!("ada:{key}"), "10").await;
    }
    world.set(1_000);
    let mut sent = Vec::new();
    for (source, destination) in
        [("ada:a 1, ada:a 2", "bob 3"), ("ada:b 1, ada:b 3", "cat 4"), ("ada:c 5", "dan 5")]
    {
        let value = destination.split(' ').next_back().unwrap();
        sent.push(world.send(value, source, destination).await);
    }
    assert!(sent.iter().all(|transaction| transaction.recorded_at == world.at(1_000)));
    let list = async |page| operations(store, world.scope, ada.id, &page).await;
    let list = async |page| list(page).await.unwrap();
    let of_the_moment =
        |limit, order| PageRequest { range: world.range(1_000, 1_000), ..first_page(limit, order) };
    for limit in [1, 2, 3, 4, 5] {
        let [walked, _] = forth_and_back(of_the_moment(limit, Ascending), list, print).await;
        assert_eq!(walked.join(" "), "a:1 a:2 b:1 b:3 c:5", "{limit}");
        let [walked, _] = forth_and_back(of_the_moment(limit, Descending), list, print).await;
        assert_eq!(walked.join(" "), "c:5 b:3 b:1 a:2 a:1", "{limit}");
    }
    for later in [2_000, 3_000, 4_000] {
        world.set(later);
        world.send("1", "ada:a 1", "bob rest").await;
    }
    let since_then =
        |limit, order| PageRequest { range: world.range(1_000, 4_000), ..first_page(limit, order) };
    for limit in [1, 2, 3, 4, 5, 6, 7] {
        let [walked, _] = forth_and_back(since_then(limit, Ascending), list, print).await;
        assert_eq!(walked.join(" "), "a:1 a:2 b:1 b:3 c:5 a:1 a:1 a:1", "{limit}");
        let [walked, _] = forth_and_back(since_then(limit, Descending), list, print).await;
        assert_eq!(walked.join(" "), "a:1 a:1 a:1 c:5 b:3 b:1 a:2 a:1", "{limit}");
    }
}
