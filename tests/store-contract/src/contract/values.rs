//! Values at the limit of what a client may send, through every read.
#![expect(clippy::unwrap_used, reason = "a behaviour fails by panicking")]

use crate::SeedVersions;
use crate::contract::Store;
use crate::contract::world::{
    World, alias_balances, amount, code, first_page, key, new_balance, new_credit_balance,
};
use subledger::account::Alias;
use subledger::balance::create::NewBalance;
use subledger::balance::get::get_balance;
use subledger::balance::history::{account_balances_as_of, balance_as_of, list_versions};
use subledger::balance::list::list_account_balances;
use subledger::balance::{Balance, BalanceFields, BalanceScope, BalanceSettings, OverdraftLimit};
use subledger::error::Error;
use subledger::money::amount::Amount;
use subledger::money::ids::TransactionId;
use subledger::page::SortOrder::{Ascending, Descending};
use subledger::ports::{Clock, IdSource};

/// Asserts that every read answers the one balance of the account in this version.
async fn check_every_read<S: Store>(world: &World<'_, S>, expected: &Balance) {
    let (store, scope, id) = (world.store, world.scope, expected.id);
    let (account, now) = (expected.account, world.clock.now());
    let all = std::slice::from_ref(expected);
    let page = first_page(100, Ascending);
    assert_eq!(get_balance(store, scope, id).await.unwrap(), *expected);
    assert_eq!(list_account_balances(store, scope, account, &page).await.unwrap().items, all);
    assert_eq!(alias_balances(store, scope, &expected.alias).await.unwrap(), all);
    assert!(world.list(page).await.items.contains(expected));
    assert_eq!(balance_as_of(store, &world.clock, scope, id, now).await.unwrap(), *expected);
    let as_of = account_balances_as_of(store, &world.clock, scope, account, now).await.unwrap();
    assert_eq!(as_of, all);
    let newest_first = first_page(100, Descending);
    let versions = list_versions(store, scope, id, &newest_first).await.unwrap();
    assert_eq!(versions.items.first(), Some(expected));
}

/// Thirty digits on both sides of the point, and the most that an amount may have.
pub async fn amounts_of_many_digits_are_exact<S: Store>(store: &S) {
    let nines = format!("{}.{}", "9".repeat(64), "9".repeat(64));
    let world = World::new(store).await;
    let mut balance = world.open(&world.account().await, "savings").await;
    for (moment, available, on_hold, overdraft_used) in [
        (
            1,
            "123456789012345678901234567890.123456789012345678901234567891",
            "999999999999999999999999999999.999999999999999999999999999999",
            "100000000000000000000000000000.000000000000000000000000000001",
        ),
        (2, "0.000000000000000000000000000001", "79228162514264337593543950335", "1"),
        (3, "79228162514264337593543950336", "7.9228162514264337593543950335", "0"),
        (4, "10000000000000000000000000000000000000001", "0.1", "0.10"),
        (5, nines.as_str(), nines.as_str(), nines.as_str()),
        (6, "0", "0.00", "-0"),
    ] {
        world.set(moment);
        balance = Balance::new(BalanceFields {
            on_hold: amount(on_hold),
            overdraft_used: amount(overdraft_used),
            ..world.next(&balance, available).into_fields()
        })
        .unwrap();
        store.append_version(&balance).await.unwrap();
        check_every_read(&world, &balance).await;
        let read = get_balance(store, world.scope, balance.id).await.unwrap();
        if moment < 4 {
            assert_eq!(read.available.to_string(), available);
            assert_eq!(read.on_hold.to_string(), on_hold);
            assert_eq!(read.overdraft_used.to_string(), overdraft_used);
        }
    }
    assert_eq!(balance.available, Amount::ZERO);
}

/// The external account may owe; nobody else may.
pub async fn an_external_balance_may_be_negative<S: Store>(store: &S) {
    let world = World::new(store).await;
    world.usd().await;
    let alias = Alias::external(&code("USD"));
    let balances = alias_balances(store, world.scope, &alias).await.unwrap();
    world.set(1);
    let owing = "-123456789012345678901234567890.123456789012345678901234567891";
    let changed = world.change(balances.first().unwrap(), owing).await;
    check_every_read(&world, &changed).await;
    assert_eq!(changed.available.to_string(), owing);
}

/// Keys of a hundred characters, of signs that a store may use for itself, and keys that begin
/// like one another.
pub async fn keys_of_any_characters_are_kept_apart<S: Store>(store: &S) {
    let long = [
        "k".repeat(100),
        "é".repeat(100),
        "\u{1f980}".repeat(100),
        "\u{20000}".repeat(100),
        format!("{}b", "a".repeat(99)),
        "a".repeat(99),
        "a".repeat(98),
    ];
    let short = [
        "#",
        "##",
        "/",
        "a#b",
        "a/b",
        "a",
        "a#",
        "balance#a",
        "at#2026-01-01",
        "..",
        "%23",
        "\"",
        "\\",
        "'",
        "{}",
        "${a}",
        "ß",
        "ss",
        "é",
        "e",
        "-",
        "0",
        "null",
    ];
    let world = World::with_shards(store, 4).await;
    for text in long.iter().map(String::as_str).chain(short) {
        let account = world.account().await;
        let first = world.open(&account, text).await;
        assert_eq!(first.key.as_str(), text);
        check_every_read(&world, &first).await;
    }
    // All of them in one account.
    let account = world.account().await;
    for text in long.iter().map(String::as_str).chain(short) {
        assert!(!store.has_balance(&account, &key(text)).await.unwrap(), "{text}");
        world.open(&account, text).await;
        assert!(store.has_balance(&account, &key(text)).await.unwrap(), "{text}");
        let refused = world.create(new_balance(&account, text)).await;
        assert_refused!(refused, Error::BalanceKeyTaken { .. });
    }
    assert_eq!(store.account_balances(world.scope, account.id).await.unwrap().len(), 30);
}

/// Settings come back as they were sent; a limit keeps its spelling.
pub async fn settings_are_kept_as_they_were_sent<S: Store>(store: &S) {
    let world = World::new(store).await;
    for (scope, allow_overdraft, limit) in [
        (None, false, None),
        (Some(BalanceScope::Transactional), false, None),
        (Some(BalanceScope::Internal), false, Some("1000.00")),
        (None, false, Some("123456789012345678901234567890.123456789012345678901234567890")),
    ] {
        let account = world.account().await;
        let overdraft_limit = limit.map(|limit| OverdraftLimit::parse(limit).unwrap());
        let settings = Some(BalanceSettings { scope, allow_overdraft, overdraft_limit });
        let new = NewBalance { settings: settings.clone(), ..new_balance(&account, "savings") };
        let opened = world.create(new).await.unwrap();
        assert_eq!(opened.settings, settings);
        check_every_read(&world, &opened).await;
        let read = get_balance(store, world.scope, opened.id).await.unwrap();
        let read = read.settings.as_ref().and_then(|settings| settings.overdraft_limit.clone());
        assert_eq!(read.as_ref().map(OverdraftLimit::as_str), limit);
    }
}

/// A later version carries what the first one said, and what a later one changed.
pub async fn every_field_of_a_later_version_is_kept<S: Store>(store: &S) {
    let world = World::new(store).await;
    let account = world.account().await;
    let new = new_credit_balance(&account, &world.fresh_key(), "one");
    let first = world.create_credit(new).await.unwrap();
    world.set(1);
    let second = Balance::new(BalanceFields {
        allow_sending: false,
        allow_receiving: false,
        settings: Some(BalanceSettings {
            scope: Some(BalanceScope::Transactional),
            allow_overdraft: true,
            overdraft_limit: OverdraftLimit::parse("0.50"),
        }),
        on_hold: amount("2.5"),
        overdraft_used: amount("0.25"),
        caused_by: Some(TransactionId::new(world.ids.next_id())),
        ..world.next(&first, "10").into_fields()
    })
    .unwrap();
    store.append_version(&second).await.unwrap();
    check_every_read(&world, &second).await;
    world.set(2);
    let third = Balance::new(BalanceFields {
        settings: None,
        caused_by: None,
        ..world.next(&second, "0").into_fields()
    })
    .unwrap();
    store.append_version(&third).await.unwrap();
    check_every_read(&world, &third).await;
}
