//! Lists of balances: of a ledger, of an account, of an alias.
#![expect(clippy::unwrap_used, reason = "a behaviour fails by panicking")]

use std::sync::atomic::{AtomicI64, Ordering};

use uuid::Uuid;

use crate::contract::Store;
use crate::contract::world::{
    World, alias_balances, first_page, forth_and_back, join, keys, new_credit_balance,
};
use subledger::account::Alias;
use subledger::balance::Balance;
use subledger::balance::history::account_balances_as_of;
use subledger::balance::list::{creation_position, list_account_balances};
use subledger::money::ids::{AccountId, LedgerId, Scope};
use subledger::page::PageStart::{After, Before};
use subledger::page::SortOrder::{Ascending, Descending};
use subledger::page::{ListPosition, Page, PageRequest};

/// Walks seven balances in pages of three, forth and back, in both orders.
async fn check_walks(first: PageRequest, list: impl AsyncFn(PageRequest) -> Page<Balance>) {
    for (order, forth, back) in [
        (Ascending, ["1 2 3", "4 5 6", "7"], ["4 5 6", "1 2 3"]),
        (Descending, ["7 6 5", "4 3 2", "1"], ["4 3 2", "7 6 5"]),
    ] {
        let first = PageRequest { order, ..first };
        let [went_forth, went_back] = forth_and_back(first, &list, keys).await;
        assert_eq!(went_forth, forth, "{order:?}");
        assert_eq!(went_back, back, "{order:?}");
    }
}

/// A ledger with one listing.
pub async fn a_ledger_is_walked_forth_and_back<S: Store>(store: &S) {
    let world = World::new(store).await;
    world.open_in_a_row(&world.account().await, 7).await;
    check_walks(first_page(3, Ascending), async |page| world.list(page).await).await;
}

/// A ledger whose listing is spread is listed as if it were not.
pub async fn a_ledger_of_four_shards_is_walked_forth_and_back<S: Store>(store: &S) {
    let world = World::with_shards(store, 4).await;
    world.open_in_a_row(&world.account().await, 7).await;
    check_walks(first_page(3, Ascending), async |page| world.list(page).await).await;
}

/// The list of an account has the balances of no other account.
pub async fn an_account_is_walked_forth_and_back<S: Store>(store: &S) {
    let world = World::new(store).await;
    let [account, other] = [world.account().await, world.account().await];
    world.open_in_a_row(&account, 7).await;
    world.open_in_a_row(&other, 7).await;
    let list =
        async |page| list_account_balances(store, world.scope, account.id, &page).await.unwrap();
    check_walks(first_page(3, Ascending), list).await;
}

/// The way back ends at the first page, from which the way forth is open again.
pub async fn the_first_page_offers_the_way_forth_however_it_was_reached<S: Store>(store: &S) {
    let world = World::new(store).await;
    world.open_in_a_row(&world.account().await, 4).await;
    let first = first_page(2, Ascending);
    let start = world.list(first).await;
    assert_eq!((start.previous, start.next.is_some()), (None, true));
    let after = After(start.next.unwrap());
    let second = world.list(PageRequest { start: after, ..first }).await;
    assert_eq!(second.next, None);
    let before = Before(second.previous.unwrap());
    assert_eq!(world.list(PageRequest { start: before, ..first }).await, start);
}

/// Where several balances were opened at the same moment, a page may end between them.
pub async fn balances_of_one_moment_are_all_listed<S: Store>(store: &S) {
    for shards in [1, 4] {
        let world = World::with_shards(store, shards).await;
        let account = world.account().await;
        world.set(1);
        for key in ["a", "b", "c", "d", "e"] {
            world.open(&account, key).await;
        }
        world.set(2);
        world.open(&account, "f").await;
        for (order, forth, back) in [
            (Ascending, ["a b", "c d", "e f"], ["c d", "a b"]),
            (Descending, ["f e", "d c", "b a"], ["d c", "f e"]),
        ] {
            let first = first_page(2, order);
            let walked = forth_and_back(first, async |page| world.list(page).await, keys).await;
            assert_eq!(walked, [Vec::from(forth), Vec::from(back)], "{order:?}");
        }
    }
}

/// The ids that idempotency keys give to balances are in no order; the lists are.
pub async fn lists_are_in_order_of_creation_whatever_the_ids<S: Store>(store: &S) {
    let world = World::with_shards(store, 4).await;
    let account = world.account().await;
    let mut opened = Vec::new();
    for micros in 1..=12 {
        world.set(micros);
        let new = new_credit_balance(&account, &world.fresh_key(), "one");
        opened.push(world.create_credit(new).await.unwrap());
    }
    let page = first_page(100, Ascending);
    assert_eq!(world.list(page).await.items, opened);
    let listed = list_account_balances(store, world.scope, account.id, &page).await.unwrap();
    assert_eq!(listed.items, opened);
    let now = world.at(12);
    let as_of = account_balances_as_of(store, &world.clock, world.scope, account.id, now).await;
    assert_eq!(as_of.unwrap(), opened);
    opened.reverse();
    let listed = alias_balances(store, world.scope, &account.alias).await.unwrap();
    assert_eq!(listed, opened);
    assert_eq!(world.list(first_page(100, Descending)).await.items, opened);
}

/// Ranges of time: both ends belong to them, to the microsecond, and pages stay inside.
pub async fn a_range_includes_both_its_ends<S: Store>(store: &S) {
    let world = World::with_shards(store, 4).await;
    let account = world.account().await;
    for key in ["1", "2", "3", "4", "5"] {
        world.set(key.parse::<i64>().unwrap().saturating_mul(1_000_000));
        world.open(&account, key).await;
    }
    for ((from, to), expected) in [
        ((1_000_000, 5_000_000), "1 2 3 4 5"),
        ((2_000_000, 4_000_000), "2 3 4"),
        ((2_000_001, 3_999_999), "3"),
        ((1_999_999, 4_000_001), "2 3 4"),
        ((3_000_000, 3_000_000), "3"),
        ((3_000_001, 3_999_999), ""),
        ((0, 999_999), ""),
        ((5_000_001, 9_000_000), ""),
        // A range that ends before it begins holds nothing.
        ((4_000_000, 2_000_000), ""),
    ] {
        let range = world.range(from, to);
        let mut reversed: Vec<&str> = expected.split(' ').collect();
        reversed.reverse();
        let reversed = reversed.join(" ");
        for (order, expected) in [(Ascending, expected), (Descending, reversed.as_str())] {
            for limit in [1, 2, 100] {
                let first = PageRequest { range, ..first_page(limit, order) };
                let ledger = async |page| world.list(page).await;
                let account = async |page| {
                    list_account_balances(store, world.scope, account.id, &page).await.unwrap()
                };
                let [forth, _] = forth_and_back(first, ledger, keys).await;
                assert_eq!(forth.join(" "), expected, "ledger, {from} to {to}, {order:?}");
                let [forth, _] = forth_and_back(first, account, keys).await;
                assert_eq!(forth.join(" "), expected, "account, {from} to {to}, {order:?}");
            }
        }
    }
}

/// A page may begin at a place outside its range, or where no balance ever was.
pub async fn a_page_may_begin_anywhere<S: Store>(store: &S) {
    let world = World::with_shards(store, 4).await;
    world.open_in_a_row(&world.account().await, 5).await;
    let place = |micros| ListPosition { at: world.at(micros), id: Uuid::nil() };
    for (order, position, expected) in [
        (Ascending, After(place(1)), "2 3 4"),
        (Ascending, After(place(4)), "4"),
        (Ascending, After(place(9)), ""),
        (Ascending, Before(place(1)), ""),
        (Ascending, Before(place(4)), "2 3"),
        (Ascending, Before(place(9)), "2 3 4"),
        (Descending, After(place(1)), ""),
        (Descending, After(place(4)), "3 2"),
        (Descending, After(place(9)), "4 3 2"),
        (Descending, Before(place(1)), "4 3 2"),
        (Descending, Before(place(4)), "4"),
        (Descending, Before(place(9)), ""),
    ] {
        let range = world.range(2, 4);
        let page = PageRequest { range, start: position, ..first_page(10, order) };
        assert_eq!(keys(&world.list(page).await.items), expected, "{order:?} {position:?}");
    }
}

/// A page that is exactly full does not promise another one.
pub async fn the_last_page_is_the_last<S: Store>(store: &S) {
    let world = World::new(store).await;
    world.open_in_a_row(&world.account().await, 4).await;
    for (limit, forth) in [(2, vec!["1 2", "3 4"]), (4, vec!["1 2 3 4"]), (100, vec!["1 2 3 4"])] {
        let first = first_page(limit, Ascending);
        let [went, _] = forth_and_back(first, async |page| world.list(page).await, keys).await;
        assert_eq!(went, forth, "pages of {limit}");
    }
}

/// Deleted balances take no room: a page is full as long as the list goes on.
pub async fn pages_are_full_though_balances_were_deleted<S: Store>(store: &S) {
    for shards in [1, 4] {
        let world = World::with_shards(store, shards).await;
        let balances = world.open_in_a_row(&world.account().await, 12).await;
        world.set(20);
        for deleted in balances.iter().filter(|it| !["1", "7", "9"].contains(&it.key.as_str())) {
            world.delete(deleted).await;
        }
        for (order, forth, back) in
            [(Ascending, ["1 7", "9"], ["1 7"]), (Descending, ["9 7", "1"], ["9 7"])]
        {
            let first = first_page(2, order);
            let walked = forth_and_back(first, async |page| world.list(page).await, keys).await;
            assert_eq!(walked, [Vec::from(forth), Vec::from(back)], "{order:?}");
        }
    }
}

/// Nothing is listed twice, and nothing that was there at the start is missing; new balances come
/// in front of the page, behind it and, from a machine whose clock is late, between the pages.
pub async fn a_walk_is_not_disturbed_by_new_balances<S: Store>(store: &S) {
    for (shards, order) in [(1, Ascending), (1, Descending), (4, Ascending), (4, Descending)] {
        let world = World::with_shards(store, shards).await;
        let account = world.account().await;
        let old = world.open_in_a_row(&account, 30).await;
        let first = first_page(7, order);
        let opened = AtomicI64::new(0);
        let list = async |page| {
            let count = opened.fetch_add(1, Ordering::Relaxed);
            for (micros, name) in [(0, "before"), (15, "between"), (40, "behind")] {
                world.set(micros);
                world.open(&account, &format!("{name}-{count}")).await;
            }
            world.list(page).await
        };
        let positions = |balances: &[Balance]| join(balances.iter().map(|it| it.id.to_string()));
        let [forth, mut back] = forth_and_back(first, list, positions).await;
        // The way back begins in front of the last page.
        back.extend(forth.last().cloned());
        for walked in [forth, back] {
            let walked = walked.join(" ");
            let mut ids: Vec<&str> = walked.split(' ').collect();
            let count = ids.len();
            ids.sort_unstable();
            ids.dedup();
            assert_eq!(ids.len(), count, "a balance was listed twice");
            for balance in &old {
                assert!(walked.contains(&balance.id.to_string()), "{} is missing", balance.key);
            }
        }
    }
}

/// A ledger without balances, and one that is not there.
pub async fn an_empty_ledger_has_one_empty_page<S: Store>(store: &S) {
    let world = World::with_shards(store, 4).await;
    let unknown = Scope { ledger: LedgerId::new(Uuid::from_u128(1)), ..world.scope };
    let empty = Page { items: Vec::new(), previous: None, next: None };
    for scope in [world.scope, unknown] {
        for order in [Ascending, Descending] {
            let page = store.ledger_balances(scope, &first_page(10, order)).await.unwrap();
            assert_eq!(page, empty);
        }
    }
    let nobody = AccountId::new(Uuid::from_u128(1));
    assert_eq!(store.account_balances(world.scope, nobody).await.unwrap(), []);
    assert_eq!(store.account_balances_ever(world.scope, nobody).await.unwrap(), []);
}

/// An account may have more balances than a page.
pub async fn an_account_of_120_balances_is_listed<S: Store>(store: &S) {
    let world = World::with_shards(store, 4).await;
    let account = world.account().await;
    let balances = world.open_in_a_row(&account, 120).await;
    let list =
        async |page| list_account_balances(store, world.scope, account.id, &page).await.unwrap();
    let first = list(first_page(100, Ascending)).await;
    assert_eq!(first.items, balances.iter().take(100).cloned().collect::<Vec<_>>());
    let position = first.next.unwrap();
    assert_eq!(Some(position), balances.get(99).map(creation_position));
    let position = After(position);
    let second = list(PageRequest { start: position, ..first_page(100, Ascending) }).await;
    assert_eq!(second.items, balances.iter().skip(100).cloned().collect::<Vec<_>>());
    assert_eq!(second.next, None);
    assert_eq!(world.list(first_page(100, Ascending)).await, first);
    let newest_first = list(first_page(100, Descending)).await;
    assert_eq!(newest_first.items, balances.iter().rev().take(100).cloned().collect::<Vec<_>>());
    let all = store.account_balances(world.scope, account.id).await.unwrap();
    assert_eq!(all.len(), 120);
}

/// The list of an alias is whole and newest first; an alias that nobody has is no error.
pub async fn an_alias_lists_all_balances_of_its_account<S: Store>(store: &S) {
    let world = World::new(store).await;
    world.usd().await;
    let account = world.account_called("@ada").await;
    world.account_called("@bob").await;
    world.open_in_a_row(&account, 12).await;
    let list = async |alias: &str| {
        let alias = Alias::recognize(alias).unwrap();
        keys(&alias_balances(store, world.scope, &alias).await.unwrap())
    };
    assert_eq!(list("@ada").await, "12 11 10 9 8 7 6 5 4 3 2 1 default");
    assert_eq!(list("@bob").await, "default");
    assert_eq!(list("@external/USD").await, "default");
    assert_eq!(list("@external/EUR").await, "");
    assert_eq!(list("@carol").await, "");
}
