//! What balances were.

use serde_json::{Value, json};
use subledger::balance::{BalanceFields, BalanceSettings, OverdraftLimit};
use subledger::money::amount::Amount;
use subledger::money::timestamp::Timestamp;
use subledger_tests::{Tenant, World, in_both_worlds, masked, now};
use uuid::Uuid;

use crate::seed::{delete, next_version};

in_both_worlds! {
    a_new_balance_is_known_from_its_creation_on,
    a_balance_is_known_as_of_any_moment,
    an_account_is_known_as_of_any_moment,
    what_was_true_at_the_moment_is_shown,
    a_deleted_balance_keeps_its_history,
    a_date_may_be_written_in_several_ways,
    a_date_that_is_none_is_refused,
    what_never_was_has_no_history,
}

/// The moment so many microseconds later, as a date of a query.
fn later(moment: &str, micros: i64) -> String {
    let parsed = subledger_http::v1::date::parse_moment(moment).unwrap();
    Timestamp::from_micros(parsed.micros() + micros).unwrap().to_string()
}

fn text(body: &Value, name: &str) -> String {
    body[name].as_str().unwrap().to_owned()
}

fn set_available(amount: &'static str) -> impl FnOnce(&mut BalanceFields) {
    move |balance| balance.available = Amount::parse(amount).unwrap()
}

async fn a_new_balance_is_known_from_its_creation_on(world: World) {
    let tenant = world.tenant().await;
    let account = tenant.account("@a").await;
    let balance = account.balance("savings").await;
    let created = text(&balance, "createdAt");
    let of_balance = format!("/balances/{}/history", text(&balance, "id"));
    let known = tenant.get(&format!("{of_balance}?date={created}")).await.json(200);
    assert_eq!(
        masked(&known),
        json!({
            "id": "<uuid>",
            "organizationId": "<uuid>",
            "ledgerId": "<uuid>",
            "accountId": "<uuid>",
            "alias": "@a",
            "key": "savings",
            "assetCode": "USD",
            "available": "0",
            "onHold": "0",
            "version": 0,
            "accountType": "deposit",
            "direction": "credit",
            "overdraftUsed": "0",
            "settings": null,
            "createdAt": "<moment>",
            "updatedAt": "<moment>",
            "position": { "available": "0", "onHold": "0", "overdraftLimitAvailable": "0" }
        })
    );
    assert_eq!(known["id"], balance["id"]);
    assert_eq!(tenant.get(&format!("{of_balance}?date={}", now())).await.json(200), known);

    // By account: a bare array, of what was there at the moment.
    let all = account.get(&format!("/balances/history?date={}", now())).await.json(200);
    let keys: Vec<_> = all.as_array().unwrap().iter().map(|it| it["key"].clone()).collect();
    assert_eq!(keys, ["default", "savings"]);
    assert_eq!(all[1], known);
    let before = later(&created, -1);
    let first = account.get(&format!("/balances/history?date={before}")).await.json(200);
    assert_eq!(first.as_array().unwrap().len(), 1);
    assert_eq!(first[0]["key"], "default");

    let rows = [
        (tenant.at(&format!("{of_balance}?date={before}")), 404, "0141"),
        (tenant.at(&format!("{of_balance}?date=2001-01-01%2000:00:00")), 404, "0141"),
        (tenant.at(&format!("{of_balance}?date=0001-01-01%2000:00:00")), 404, "0141"),
        (account.at("/balances/history?date=2001-01-01%2000:00:00"), 404, "0141"),
    ];
    tenant.client.refuses_targets(rows).await;
}

async fn a_balance_is_known_as_of_any_moment(world: World) {
    let tenant = world.tenant().await;
    let balance = tenant.account("@a").await.balance("x").await;
    let (id, created) = (text(&balance, "id"), text(&balance, "createdAt"));
    next_version(&tenant, &id, 10, set_available("10")).await;
    next_version(&tenant, &id, 1, set_available("20.5")).await;
    next_version(&tenant, &id, 89, |balance| {
        balance.available = Amount::parse("15.5").unwrap();
        balance.on_hold = Amount::parse("5").unwrap();
    })
    .await;
    for (micros, version, available, on_hold, recorded) in [
        (0, 0, "0", "0", 0),
        (9, 0, "0", "0", 0),
        (10, 1, "10", "0", 10),
        (11, 2, "20.5", "0", 11),
        (12, 2, "20.5", "0", 11),
        (99, 2, "20.5", "0", 11),
        (100, 3, "15.5", "5", 100),
        (101, 3, "15.5", "5", 100),
    ] {
        let date = later(&created, micros);
        let known = tenant.get(&format!("/balances/{id}/history?date={date}")).await.json(200);
        assert_eq!(known["version"], version, "{micros}");
        assert_eq!(known["available"], available, "{micros}");
        assert_eq!(known["onHold"], on_hold, "{micros}");
        assert_eq!(known["createdAt"], *created, "{micros}");
        assert_eq!(known["updatedAt"], later(&created, recorded), "{micros}");
    }
}

async fn an_account_is_known_as_of_any_moment(world: World) {
    let tenant = world.tenant().await;
    let account = tenant.account("@a").await;
    let first = account.get("/balances").await.json(200)["items"][0].clone();
    let second = account.balance("second").await;
    let created = text(&second, "createdAt");
    next_version(&tenant, &text(&second, "id"), 10, set_available("1")).await;
    next_version(&tenant, &text(&second, "id"), 10, set_available("2")).await;
    let since = later(&text(&first, "createdAt"), 0);
    // The first one moves later than the second, whatever the order of their creation.
    let gap = micros_between(&since, &created);
    next_version(&tenant, &text(&first, "id"), gap + 15, set_available("100")).await;
    for (micros, expected) in [
        (-1, json!([["default", 0, "0"]])),
        (0, json!([["default", 0, "0"], ["second", 0, "0"]])),
        (10, json!([["default", 0, "0"], ["second", 1, "1"]])),
        (15, json!([["default", 1, "100"], ["second", 1, "1"]])),
        (20, json!([["default", 1, "100"], ["second", 2, "2"]])),
    ] {
        let date = later(&created, micros);
        let all = account.get(&format!("/balances/history?date={date}")).await.json(200);
        let seen = all.as_array().unwrap().iter();
        let seen: Value =
            seen.map(|it| json!([it["key"], it["version"], it["available"]])).collect();
        assert_eq!(seen, expected, "{micros}");
    }
}

fn micros_between(from: &str, to: &str) -> i64 {
    let micros = |moment: &str| subledger_http::v1::date::parse_moment(moment).unwrap().micros();
    micros(to) - micros(from)
}

async fn what_was_true_at_the_moment_is_shown(world: World) {
    let tenant = world.tenant().await;
    let account = tenant.account("@a").await;
    let body = json!({ "key": "x", "direction": "debit" });
    let balance = account.open(&body).await.json(201);
    let (id, created) = (text(&balance, "id"), text(&balance, "createdAt"));
    next_version(&tenant, &id, 10, |balance| {
        balance.settings = Some(BalanceSettings {
            scope: None,
            allow_overdraft: true,
            overdraft_limit: OverdraftLimit::parse("100.00"),
        });
    })
    .await;
    next_version(&tenant, &id, 10, |balance| {
        balance.overdraft_used = Amount::parse("30").unwrap();
    })
    .await;
    next_version(&tenant, &id, 10, |balance| {
        balance.overdraft_used = Amount::ZERO;
        balance.settings = None;
    })
    .await;
    let settings = json!({ "allowOverdraft": true, "overdraftLimitEnabled": true, "overdraftLimit": "100.00" });
    for (micros, settings, used, position) in [
        (0, json!(null), "0", json!(["0", "0"])),
        (10, settings.clone(), "0", json!(["0", "100"])),
        (20, settings, "30", json!(["-30", "70"])),
        (30, json!(null), "0", json!(["0", "0"])),
    ] {
        let date = later(&created, micros);
        let of_balance = tenant.get(&format!("/balances/{id}/history?date={date}")).await.json(200);
        let all = account.get(&format!("/balances/history?date={date}")).await.json(200);
        assert_eq!(of_balance, all[1], "{micros}");
        assert_eq!(of_balance["direction"], "debit", "{micros}");
        assert_eq!(of_balance["settings"], settings, "{micros}");
        assert_eq!(of_balance["overdraftUsed"], used, "{micros}");
        let shown = &of_balance["position"];
        let shown = json!([shown["available"], shown["overdraftLimitAvailable"]]);
        assert_eq!(shown, position, "{micros}");
    }
}

async fn a_deleted_balance_keeps_its_history(world: World) {
    let tenant = world.tenant().await;
    let account = tenant.account("@a").await;
    let balance = account.balance("x").await;
    let (id, created) = (text(&balance, "id"), text(&balance, "createdAt"));
    next_version(&tenant, &id, 10, set_available("5")).await;
    next_version(&tenant, &id, 10, set_available("0")).await;
    delete(&tenant, &id, 10).await;
    let of_balance =
        |micros: i64| format!("/balances/{id}/history?date={}", later(&created, micros));
    let of_account = |micros: i64| format!("/balances/history?date={}", later(&created, micros));
    for (micros, available) in [(0, "0"), (10, "5"), (29, "0")] {
        let known = tenant.get(&of_balance(micros)).await.json(200);
        assert_eq!(known["available"], available, "{micros}");
        let all = account.get(&of_account(micros)).await.json(200);
        assert_eq!(all[1], known, "{micros}");
    }
    let all = account.get(&of_account(30)).await.json(200);
    assert_eq!(all.as_array().unwrap().len(), 1);
    let rows = [
        (tenant.at(&of_balance(30)), 404, "0141"),
        (tenant.at(&format!("/balances/{id}")), 404, "0007"),
    ];
    tenant.client.refuses_targets(rows).await;
    assert_eq!(account.keys().await, ["default"]);
    assert_eq!(tenant.balances().await.len(), 2);
    // Its key is free, and the next balance of the key is another one.
    let next = account.balance("x").await;
    assert_ne!(next["id"], balance["id"]);
    let all = account.get(&of_account(15)).await.json(200);
    assert_eq!(all[1]["id"], balance["id"]);
    let all = account.get(&format!("/balances/history?date={}", now())).await.json(200);
    assert_eq!(all[1]["id"], next["id"]);
}

async fn a_date_may_be_written_in_several_ways(world: World) {
    let tenant = world.tenant().await;
    let account = tenant.account("@a").await;
    let balance = account.balance("x").await;
    let created = text(&balance, "createdAt");
    let of_balance = format!("/balances/{}/history", text(&balance, "id"));
    let known = async |tenant: &Tenant<'_>, date: &str| {
        tenant.get(&format!("{of_balance}?date={date}")).await.status
    };
    let plain = created.trim_end_matches('Z');
    let (day, time) = plain.split_once('T').unwrap();
    for date in [
        created.clone(),
        plain.to_owned(),
        format!("{day}%20{time}"),
        format!("{day}+{time}"),
        format!("{day}%20{time}Z"),
        format!("{plain}%2B00:00"),
        format!("{plain}-00:00"),
        format!("{day}t{time}z"),
        // Nanoseconds are cut.
        format!("{}999Z", later(&created, 0).trim_end_matches('Z')),
    ] {
        assert_eq!(known(&tenant, &date).await, 200, "{date}");
    }
    // An hour further east the same digits are an hour earlier.
    for (date, status) in [(format!("{plain}%2B01:00"), 404), (format!("{plain}%2B00:01"), 404)] {
        assert_eq!(known(&tenant, &date).await, status, "{date}");
    }
    tenant
        .client
        .refuses_targets([(tenant.at(&format!("{of_balance}?date={plain}-01:00")), 400, "0140")])
        .await;
}

async fn a_date_that_is_none_is_refused(world: World) {
    let tenant = world.tenant().await;
    let account = tenant.account("@a").await;
    let balance = account.balance("x").await;
    let of_balance = tenant.at(&format!("/balances/{}/history", text(&balance, "id")));
    let of_account = account.at("/balances/history");
    let long = format!("date={}", "2026-01-01T00:00:00.0".repeat(400));
    for history in [of_balance, of_account] {
        let rows = [
            ("", "0142"),
            ("date=", "0142"),
            ("Date=2026-01-01%2000:00:00", "0082"),
            ("date=2026-01-01", "0131"),
            ("date=abc", "0131"),
            ("date=01/02/2026%2000:00:00", "0131"),
            ("date=2026-02-30%2000:00:00", "0131"),
            ("date=2026-01-01%2024:00:00", "0131"),
            ("date=2026-01-01%2000:00", "0131"),
            ("date=2026-01-01T00:00:00%2B99:00", "0131"),
            // An offset whose plus sign was not escaped.
            ("date=2026-01-01T00:00:00+01:00", "0131"),
            ("date=1767225600", "0131"),
            ("date=%FF", "0131"),
            ("date=10000-01-01%2000:00:00", "0131"),
            (&long, "0131"),
            ("date=2999-01-01%2000:00:00", "0140"),
            ("date=9999-12-31T23:59:59.999999Z", "0140"),
        ];
        let rows = rows.map(|(query, code)| (format!("{history}?{query}"), 400, code));
        tenant.client.refuses_targets(rows).await;
    }
    // The path first, then the date.
    let rows = [
        (tenant.at("/balances/abc/history"), 400, "0065"),
        (tenant.at("/accounts/abc/balances/history"), 400, "0065"),
        (tenant.at(&format!("/balances/{}/history", Uuid::now_v7())), 400, "0142"),
    ];
    tenant.client.refuses_targets(rows).await;
}

async fn what_never_was_has_no_history(world: World) {
    let tenant = world.tenant().await;
    let stranger = world.tenant().await;
    let account = stranger.account("@a").await;
    let balance = account.balance("x").await;
    let foreign = text(&balance, "id");
    let (date, unknown) = (now(), Uuid::now_v7());
    let elsewhere = |rest: &str| {
        format!("/v1/organizations/{}/ledgers/{}{rest}", tenant.organization, stranger.ledger)
    };
    let rows = [
        (tenant.at(&format!("/balances/{unknown}/history?date={date}")), 404, "0007"),
        (tenant.at(&format!("/balances/{foreign}/history?date={date}")), 404, "0007"),
        (tenant.at(&format!("/accounts/{unknown}/balances/history?date={date}")), 404, "0141"),
        (tenant.at(&format!("/accounts/{}/balances/history?date={date}", account.id)), 404, "0141"),
        (elsewhere(&format!("/balances/{foreign}/history?date={date}")), 404, "0007"),
        (elsewhere(&format!("/accounts/{}/balances/history?date={date}", account.id)), 404, "0141"),
    ];
    tenant.client.refuses_targets(rows).await;
}
