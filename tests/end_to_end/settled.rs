//! Whether an answer about the past is final, and what was recorded ahead of time.

use serde_json::{Value, json};
use subledger::balance::{Balance, BalanceKey};
use subledger::money::ids::{AccountId, BalanceId};
use subledger_tests::{Account, Request, Tenant, World, in_both_worlds, now};
use uuid::Uuid;

use crate::seed::next_version;

in_both_worlds! {
    an_answer_says_whether_it_is_final,
    what_was_recorded_ahead_of_time_is_not_changed,
}

fn text(body: &Value, name: &str) -> String {
    body[name].as_str().unwrap().to_owned()
}

async fn an_answer_says_whether_it_is_final(world: World) {
    let tenant = world.tenant().await;
    let account = tenant.account("@a").await;
    let balance = account.balance("x").await;
    let old = balance_of_last_year(&tenant, &account).await;
    let of_balance = |id: &str| format!("/balances/{id}/history");
    let of_account = format!("/accounts/{}/balances/history", account.id);
    let (id, date) = (text(&balance, "id"), now());
    let final_date = "2025-12-31T23:59:59Z";
    for (path, date, settled) in [
        (of_balance(&id), date.as_str(), "false"),
        (of_account.clone(), date.as_str(), "false"),
        (of_balance(&old), final_date, "true"),
        (of_account.clone(), final_date, "true"),
    ] {
        for query in ["", "&settled=false"] {
            let answer = tenant.get(&format!("{path}?date={date}{query}")).await;
            assert_eq!(answer.header("x-settled"), settled, "{path}{query}");
            answer.json(200);
        }
        let answer = tenant.get(&format!("{path}?date={date}&settled=true")).await;
        if settled == "true" {
            assert_eq!(answer.header("x-settled"), "true", "{path}");
            answer.json(200);
            continue;
        }
        let seconds: u32 = answer.header("retry-after").parse().unwrap();
        assert!((1..=30).contains(&seconds), "{seconds}");
        let refused = answer.refused(409, "0901");
        let message = refused["message"].as_str().unwrap();
        assert!(message.contains("may still change for"), "{message}");
    }
    // A list of versions says it of its end, if it has one.
    for (dates, settled) in [
        (String::new(), None),
        (format!("?start_date=2025-01-01&end_date={final_date}"), Some(true)),
        (format!("?start_date=2025-01-01&end_date={date}"), Some(false)),
        ("?start_date=2025-01-01&end_date=2999-01-01".to_owned(), Some(false)),
    ] {
        let answer = tenant.get(&format!("/balances/{old}/versions{dates}")).await;
        let shown = settled.map_or("", |settled: bool| if settled { "true" } else { "false" });
        assert_eq!(answer.header("x-settled"), shown, "{dates}");
        assert_eq!(answer.json(200)["settled"], json!(settled), "{dates}");
    }
    let rows = [of_balance(&id), of_account].into_iter().flat_map(|path| {
        ["settled=", "settled=yes", "settled=1", "settled=TRUE"]
            .map(|query| (tenant.at(&format!("{path}?date={date}&{query}")), 400, "0082"))
            .into_iter()
            // A moment that has not come is refused for that.
            .chain([(
                tenant.at(&format!("{path}?date=2999-01-01T00:00:00Z&settled=true")),
                400,
                "0140",
            )])
            .collect::<Vec<_>>()
    });
    tenant.client.refuses_targets(rows).await;
}

/// A balance of the account that was opened on the last day of 2025.
async fn balance_of_last_year(tenant: &Tenant<'_>, account: &Account<'_>) -> String {
    use subledger::ports::OpenBalances;

    let store = &tenant.client.world.store;
    let id = AccountId::new(account.id);
    let holder = store.account_to_open(tenant.scope(), id).await.unwrap().unwrap();
    let created_at = subledger_http::v1::date::parse_moment("2025-12-31T12:00:00Z").unwrap();
    let id = BalanceId::new(Uuid::now_v7());
    let balance = Balance::open(id, &holder, BalanceKey::parse("old").unwrap(), created_at);
    store.open_balances(&holder, &[balance]).await.unwrap();
    id.to_string()
}

async fn what_was_recorded_ahead_of_time_is_not_changed(world: World) {
    let tenant = world.tenant().await;
    let account = tenant.account("@a").await;
    let balance = account.balance("x").await;
    let id = text(&balance, "id");
    // A quarter of a minute ahead is within what clocks may differ by.
    let quarter = 15_000_000;
    next_version(&tenant, &id, quarter, |_| {}).await;
    let path = tenant.at(&format!("/balances/{id}"));
    let change =
        |sending: bool| Request::post(&path, &json!({ "allowSending": sending })).method("PATCH");
    let changed = tenant.client.send(change(false)).await.json(200);
    assert_eq!(changed["version"], 2);
    tenant.client.send(change(true)).await.json(200);

    let hour = 3_600_000_000;
    next_version(&tenant, &id, hour, |_| {}).await;
    let leg = |alias: &str, key: &str| {
        json!({ "accountAlias": alias, "balanceKey": key,
                "amount": { "asset": "USD", "value": "1" } })
    };
    let send = json!({ "send": {
        "asset": "USD",
        "value": "1",
        "source": { "from": [leg("@external/USD", "default")] },
        "distribute": { "to": [leg("@a", "x")] },
    } });
    for request in [
        change(false),
        Request::new("DELETE", &path),
        Request::new("DELETE", &account.at("")),
        Request::post(&tenant.at("/transactions/json"), &send),
        Request::post(&tenant.at("/transactions/annotation"), &send),
    ] {
        let answer = tenant.client.send(request).await;
        let seconds: u32 = answer.header("retry-after").parse().unwrap();
        assert!((3_500..=3_600).contains(&seconds), "{seconds}");
        let refused = answer.refused(409, "0086");
        assert_eq!(refused["title"], "Recorded Ahead");
        let message = refused["message"].as_str().unwrap();
        assert!(message.contains("recorded ahead of the present time"), "{message}");
    }
    // It infects nobody, and others go on.
    let send = json!({ "send": {
        "asset": "USD",
        "value": "1",
        "source": { "from": [leg("@external/USD", "default")] },
        "distribute": { "to": [leg("@a", "default")] },
    } });
    tenant.post("/transactions/json", &send).await.json(201);
    let now_shown = tenant.get(&format!("/balances/{id}")).await.json(200);
    assert_eq!(now_shown["version"], 4);
}
