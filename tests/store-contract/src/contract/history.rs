//! What balances were: as of a moment, and version by version.
#![expect(clippy::unwrap_used, reason = "a behaviour fails by panicking")]

use uuid::Uuid;

use crate::contract::Store;
use crate::contract::world::{World, first_page, forth_and_back, join, new_balance, versions};
use subledger::balance::create::NewBalance;
use subledger::balance::history::{
    account_balances_as_of, account_balances_page_as_of, balance_as_of, list_versions,
};
use subledger::balance::{Balance, BalanceSettings, Direction};
use subledger::error::Error;
use subledger::money::ids::{AccountId, BalanceId};
use subledger::money::timestamp::Timestamp;
use subledger::page::SortOrder::{Ascending, Descending};
use subledger::page::{PageLimit, PageRequest, PageStart};

/// Opens a balance at moment 10 and changes it at the moments given, to available 1, 2 and so on.
async fn changed_at<S: Store>(world: &World<'_, S>, moments: &[i64]) -> Vec<Balance> {
    let account = world.account().await;
    world.set(10);
    let mut history = vec![world.open(&account, "savings").await];
    for (available, moment) in (1..).zip(moments) {
        world.set(*moment);
        let newest = history.last().unwrap();
        let next = world.change(newest, &format!("{available}")).await;
        history.push(next);
    }
    history
}

/// The last version recorded by the moment is the answer, the moment included.
pub async fn a_balance_is_known_as_of_any_moment<S: Store>(store: &S) {
    let world = World::new(store).await;
    let history = changed_at(&world, &[20, 21, 1_000_020]).await;
    let id = history.first().unwrap().id;
    world.set(2_000_000);
    for (moment, version) in [
        (10, 0),
        (11, 0),
        (19, 0),
        (20, 1),
        (21, 2),
        (22, 2),
        (1_000_019, 2),
        (1_000_020, 3),
        (1_000_021, 3),
        (2_000_000, 3),
    ] {
        let as_of = world.at(moment);
        let answer = balance_as_of(store, &world.clock, world.scope, id, as_of).await.unwrap();
        assert_eq!(Some(&answer), history.get(version), "as of {moment}");
    }
}

/// Before its creation a balance did not exist.
pub async fn a_balance_is_not_known_before_it_was_opened<S: Store>(store: &S) {
    let world = World::new(store).await;
    let history = changed_at(&world, &[20]).await;
    let first = history.first().unwrap();
    for as_of in [Timestamp::MIN, world.at(0), world.at(9)] {
        let answer = balance_as_of(store, &world.clock, world.scope, first.id, as_of).await;
        assert_refused!(answer, Error::NoBalanceAtMoment);
        // The store answers with version 0, to tell such a moment from an unknown balance.
        let version = store.version_as_of(world.scope, first.id, as_of).await.unwrap();
        assert_eq!(version.as_ref(), Some(first));
    }
}

/// The future is refused before anything is looked up; now is not the future.
pub async fn the_future_is_not_known<S: Store>(store: &S) {
    let world = World::new(store).await;
    let history = changed_at(&world, &[20]).await;
    let newest = history.last().unwrap();
    let nobody = (BalanceId::new(Uuid::from_u128(1)), AccountId::new(Uuid::from_u128(1)));
    for (balance, account) in [(newest.id, newest.account), nobody] {
        for moment in [world.at(21), Timestamp::MAX] {
            let answer = balance_as_of(store, &world.clock, world.scope, balance, moment).await;
            assert_refused!(answer, Error::MomentInFuture { as_of } if *as_of == moment);
            let answer =
                account_balances_as_of(store, &world.clock, world.scope, account, moment).await;
            assert_refused!(answer, Error::MomentInFuture { as_of } if *as_of == moment);
        }
    }
    let now = world.at(20);
    let answer = balance_as_of(store, &world.clock, world.scope, newest.id, now).await.unwrap();
    assert_eq!(answer, *newest);
}

/// A balance that was deleted later was still there before.
pub async fn a_deleted_balance_keeps_its_history<S: Store>(store: &S) {
    let world = World::new(store).await;
    let mut history = changed_at(&world, &[20]).await;
    let newest = history.last().unwrap();
    world.set(30);
    let last = world.delete(newest).await;
    history.push(last.clone());
    world.set(100);
    let as_of = async |moment| {
        balance_as_of(store, &world.clock, world.scope, last.id, world.at(moment)).await
    };
    for (moment, version) in [(10, 0), (20, 1), (29, 1)] {
        let answer = as_of(moment).await.unwrap();
        assert_eq!(Some(&answer), history.get(version), "as of {moment}");
    }
    for moment in [9, 30, 31, 100] {
        assert_refused!(as_of(moment).await, Error::NoBalanceAtMoment);
    }
    let page = first_page(10, Ascending);
    let listed = list_versions(store, world.scope, last.id, &page).await.unwrap();
    assert_eq!(listed.items, history);
}

/// What never was has no history.
pub async fn an_unknown_balance_has_no_history<S: Store>(store: &S) {
    let world = World::new(store).await;
    let unknown = BalanceId::new(Uuid::from_u128(1));
    let now = world.at(0);
    assert_eq!(store.version_as_of(world.scope, unknown, now).await.unwrap(), None);
    let answer = balance_as_of(store, &world.clock, world.scope, unknown, now).await;
    assert_refused!(answer, Error::BalanceNotFound);
    let page = first_page(10, Ascending);
    assert_eq!(store.versions(world.scope, unknown, &page).await.unwrap(), None);
    let answer = list_versions(store, world.scope, unknown, &page).await;
    assert_refused!(answer, Error::BalanceNotFound);
    let nobody = AccountId::new(Uuid::from_u128(1));
    let answer = account_balances_as_of(store, &world.clock, world.scope, nobody, now).await;
    assert_refused!(answer, Error::NoBalanceAtMoment);
}

/// Each balance of the account in its own version of that moment, in order of creation.
pub async fn an_account_is_known_as_of_any_moment<S: Store>(store: &S) {
    let world = World::with_shards(store, 4).await;
    let account = world.account().await;
    let other = world.account().await;
    world.set(10);
    let a = world.open(&account, "a").await;
    world.open(&other, "z").await;
    world.set(15);
    let b = world.open(&account, "b").await;
    world.set(20);
    let a = world.change(&a, "1").await;
    world.set(25);
    world.delete(&b).await;
    world.set(30);
    let a = world.change(&a, "2").await;
    world.set(40);
    // Takes the key of the deleted one.
    let again = world.open(&account, "b").await;
    world.set(50);
    world.delete(&a).await;
    world.set(60);
    world.delete(&again).await;
    world.set(100);
    for (moment, expected) in [
        (9, None),
        (10, Some("a0")),
        (14, Some("a0")),
        (15, Some("a0 b0")),
        (20, Some("a1 b0")),
        (24, Some("a1 b0")),
        (25, Some("a1")),
        (30, Some("a2")),
        (39, Some("a2")),
        (40, Some("a2 b0")),
        (49, Some("a2 b0")),
        (50, Some("b0")),
        (60, None),
        (100, None),
    ] {
        let as_of = world.at(moment);
        let answer =
            account_balances_as_of(store, &world.clock, world.scope, account.id, as_of).await;
        let Some(expected) = expected else {
            assert_refused!(answer, Error::NoBalanceAtMoment);
            continue;
        };
        let answer = answer.unwrap();
        let printed = join(answer.iter().map(|it| format!("{}{}", it.key, it.version)));
        assert_eq!(printed, expected, "as of {moment}");
    }
    let as_of = world.at(30);
    let answer = account_balances_as_of(store, &world.clock, world.scope, account.id, as_of).await;
    assert_eq!(answer.unwrap(), vec![a]);
}

/// The overdraft balance is a balance of the account like any other.
pub async fn an_account_is_known_with_its_overdraft_balance<S: Store>(store: &S) {
    let world = World::new(store).await;
    let account = world.account().await;
    let settings = BalanceSettings { scope: None, allow_overdraft: true, overdraft_limit: None };
    world.set(10);
    let new = NewBalance { settings: Some(settings), ..new_balance(&account, "a") };
    world.create(new).await.unwrap();
    let now = world.at(10);
    let answer = account_balances_as_of(store, &world.clock, world.scope, account.id, now).await;
    let answer = answer.unwrap();
    let printed: Vec<_> = answer.iter().map(|it| (it.key.as_str(), it.direction)).collect();
    assert_eq!(printed, [("a", Direction::Credit), ("overdraft", Direction::Debit)]);
}

/// An account may have more balances than one read brings.
pub async fn an_account_of_120_balances_is_known_as_of_any_moment<S: Store>(store: &S) {
    let world = World::new(store).await;
    let account = world.account().await;
    let opened = world.open_in_a_row(&account, 120).await;
    let mut changed = Vec::new();
    for (moment, balance) in (1_001..).zip(&opened) {
        world.set(moment);
        changed.push(world.change(balance, "1").await);
    }
    // The balances of the second vector are the answer up to this one, those of the first behind.
    for (moment, opened_count, changed_count) in [
        (1, 1, 0),
        (60, 60, 0),
        (120, 120, 0),
        (1_001, 120, 1),
        (1_070, 120, 70),
        (1_120, 120, 120),
    ] {
        let as_of = world.at(moment);
        let answer =
            account_balances_as_of(store, &world.clock, world.scope, account.id, as_of).await;
        let expected: Vec<Balance> = changed
            .iter()
            .take(changed_count)
            .chain(opened.iter().take(opened_count).skip(changed_count))
            .cloned()
            .collect();
        assert_eq!(answer.unwrap(), expected, "as of {moment}");
        // In pages the answer is the same.
        let mut request =
            PageRequest { limit: PageLimit::new(50).unwrap(), ..first_page(1, Ascending) };
        let mut walked = Vec::new();
        loop {
            let (clock, scope, id) = (&world.clock, world.scope, account.id);
            let page = account_balances_page_as_of(store, clock, scope, id, as_of, &request);
            let page = page.await.unwrap();
            walked.extend(page.items);
            match page.next {
                Some(last) => request.start = PageStart::After(last),
                None => break,
            }
        }
        assert_eq!(walked, expected, "as of {moment}");
    }
}

/// The versions of a balance in pages of three, forth and back, in both orders.
pub async fn versions_are_walked_forth_and_back<S: Store>(store: &S) {
    let world = World::new(store).await;
    let history = changed_at(&world, &[11, 12, 13, 1_000_000, 1_000_001, 2_000_000]).await;
    let id = history.first().unwrap().id;
    let list = async |page| list_versions(store, world.scope, id, &page).await.unwrap();
    for (order, forth, back) in [
        (Ascending, ["0 1 2", "3 4 5", "6"], ["3 4 5", "0 1 2"]),
        (Descending, ["6 5 4", "3 2 1", "0"], ["3 2 1", "6 5 4"]),
    ] {
        let walked = forth_and_back(first_page(3, order), list, versions).await;
        assert_eq!(walked, [Vec::from(forth), Vec::from(back)], "{order:?}");
    }
    assert_eq!(list(first_page(100, Ascending)).await.items, history);
}

/// Versions between two moments, both included; version 0 stands at the time of the creation.
pub async fn versions_between_two_moments_are_listed<S: Store>(store: &S) {
    let world = World::new(store).await;
    let history = changed_at(&world, &[20, 21, 1_000_020]).await;
    let id = history.first().unwrap().id;
    for ((from, to), forth, back) in [
        ((0, 9), "", ""),
        ((0, 10), "0", "0"),
        ((10, 10), "0", "0"),
        ((11, 19), "", ""),
        ((10, 20), "0 1", "1 0"),
        ((20, 21), "1 2", "2 1"),
        ((21, 1_000_019), "2", "2"),
        ((21, 1_000_020), "2 3", "3 2"),
        ((1_000_021, 9_000_000), "", ""),
        ((0, 9_000_000), "0 1 2 3", "3 2 1 0"),
        // A range that ends before it begins holds nothing.
        ((21, 10), "", ""),
    ] {
        for (order, expected) in [(Ascending, forth), (Descending, back)] {
            for limit in [1, 3, 100] {
                let range = world.range(from, to);
                let first = PageRequest { range, ..first_page(limit, order) };
                let list = async |page| list_versions(store, world.scope, id, &page).await.unwrap();
                let [walked, _] = forth_and_back(first, list, versions).await;
                assert_eq!(walked.join(" "), expected, "{from} to {to}, {order:?}");
            }
        }
    }
}

/// A page of versions stays in its range wherever it begins.
pub async fn a_page_of_versions_stays_in_its_range<S: Store>(store: &S) {
    use PageStart::{After, Before};
    let world = World::new(store).await;
    let history = changed_at(&world, &[20, 30, 40]).await;
    let id = history.first().unwrap().id;
    let position = |moment| subledger::page::ListPosition { at: world.at(moment), id: id.uuid() };
    for (order, position, expected) in [
        (Ascending, After(position(10)), "1 2"),
        (Ascending, After(position(20)), "2"),
        (Ascending, After(position(40)), ""),
        (Ascending, Before(position(10)), ""),
        (Ascending, Before(position(40)), "1 2"),
        (Descending, After(position(10)), ""),
        (Descending, After(position(30)), "1"),
        (Descending, After(position(40)), "2 1"),
        (Descending, Before(position(40)), ""),
        (Descending, Before(position(10)), "2 1"),
    ] {
        let range = world.range(20, 30);
        let page = PageRequest { range, start: position, ..first_page(10, order) };
        let listed = list_versions(store, world.scope, id, &page).await.unwrap();
        assert_eq!(versions(&listed.items), expected, "{order:?} {position:?}");
    }
}

/// Neither a moment nor a page gets lost in a long history.
pub async fn a_balance_of_300_versions_is_known<S: Store>(store: &S) {
    let world = World::new(store).await;
    // Version v is recorded at moment 10 v + 10.
    let moments: Vec<i64> = (20..=3_010).step_by(10).collect();
    let history = changed_at(&world, &moments).await;
    assert_eq!(history.len(), 301);
    let newest = history.last().unwrap();
    world.set(10_000);
    for (moment, version) in
        [(10, 0), (19, 0), (20, 1), (1_509, 149), (1_510, 150), (3_009, 299), (3_010, 300)]
    {
        let as_of = world.at(moment);
        let answer = balance_as_of(store, &world.clock, world.scope, newest.id, as_of).await;
        assert_eq!(Some(&answer.unwrap()), history.get(version), "as of {moment}");
    }
    let read = store.newest_version(world.scope, newest.id).await.unwrap();
    assert_eq!(read.as_ref(), Some(newest));
    let list = async |page| list_versions(store, world.scope, newest.id, &page).await.unwrap();
    let first = first_page(100, Ascending);
    let [pages, back] = forth_and_back(first, list, versions).await;
    assert_eq!((pages.len(), back.len()), (4, 3));
    assert_eq!(pages.join(" "), versions(&history));
}
