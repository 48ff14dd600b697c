//! Overdrafts: limits, overdraft balances and their history.

use serde_json::json;
use subledger_tests::{World, id_of, in_both_worlds, now};

use crate::bank::{Bank, transfer};

in_both_worlds! {
    an_overdraft_is_used_and_repaid,
    history_shows_the_overdraft_of_its_moment,
    an_overdraft_balance_is_opened_on_creation_and_on_change,
}

async fn an_overdraft_is_used_and_repaid(world: World) {
    let tenant = world.tenant().await;
    let bank = Bank(&tenant);
    let a = tenant.account("@a").await;
    let limit = json!({ "settings": {
        "allowOverdraft": true, "overdraftLimitEnabled": true, "overdraftLimit": "100.00"
    } });
    let id = id_of(&bank.balance(&a, "default").await);
    let patched = bank.patch(&format!("/balances/{id}"), &limit).await.json(200);
    assert_eq!(patched["settings"]["overdraftLimit"], "100.00");
    assert_eq!(patched["position"]["overdraftLimitAvailable"], "100");
    let overdraft_balance = bank.balance(&a, "overdraft").await;
    assert_eq!(overdraft_balance["direction"], "debit");
    assert_eq!(overdraft_balance["settings"]["balanceScope"], "internal");
    let posted = bank.outflow("@a", "30").await.json(201);
    let moved = |place: usize| {
        let operation = &posted["operations"][place];
        [&operation["type"], &operation["amount"]["value"]]
    };
    // What was moved is counted once: the account had nothing, so its overdraft balance took all of it.
    assert_eq!(moved(0), ["DEBIT", "0"]);
    assert_eq!(moved(1), ["OVERDRAFT", "30"]);
    assert_eq!(moved(2), ["CREDIT", "30"]);
    assert_eq!(bank.amounts(&a, "default").await, ["0", "0", "30"]);
    assert_eq!(bank.amounts(&a, "overdraft").await, ["30", "0", "0"]);
    let overdrawn = bank.balance(&a, "default").await;
    assert_eq!(overdrawn["position"]["available"], "-30");
    assert_eq!(overdrawn["position"]["overdraftLimitAvailable"], "70");
    bank.outflow("@a", "71").await.refused(422, "0167");
    bank.outflow("@a", "70").await.json(201);
    let lower = json!({ "settings": {
        "allowOverdraft": true, "overdraftLimitEnabled": true, "overdraftLimit": "99"
    } });
    bank.patch(&format!("/balances/{id}"), &lower).await.refused(422, "0173");
    bank.inflow("@a", "150").await;
    assert_eq!(bank.amounts(&a, "default").await, ["50", "0", "0"]);
    assert_eq!(bank.amounts(&a, "overdraft").await, ["0", "0", "0"]);
    let overdraft_balance = id_of(&overdraft_balance);
    bank.patch(&format!("/balances/{overdraft_balance}"), &json!({})).await.refused(422, "0175");
    bank.delete(&format!("/balances/{overdraft_balance}")).await.refused(422, "0169");
    let mut onto_overdraft_balance = transfer("@external/USD", "@a", "1");
    onto_overdraft_balance["send"]["distribute"]["to"][0]["balanceKey"] = json!("overdraft");
    bank.post("json", &onto_overdraft_balance).await.refused(422, "0168");
}

async fn history_shows_the_overdraft_of_its_moment(world: World) {
    let tenant = world.tenant().await;
    let bank = Bank(&tenant);
    let a = tenant.account("@a").await;
    let balance = bank.balance(&a, "default").await;
    let settings = json!({ "settings": { "allowOverdraft": true } });
    bank.patch(&format!("/balances/{}", id_of(&balance)), &settings).await.json(200);
    bank.outflow("@a", "30").await.json(201);
    let owing = now();
    bank.inflow("@a", "50").await;
    let then = bank.history(&balance, &owing).await.json(200);
    assert_eq!(then["overdraftUsed"], "30");
    assert_eq!(then["position"], json!({ "available": "-30", "onHold": "0" }));
    assert_eq!(then["settings"], json!({ "allowOverdraft": true, "overdraftLimitEnabled": false }));
    assert_eq!(bank.history(&balance, &now()).await.json(200)["overdraftUsed"], "0");
}

async fn an_overdraft_balance_is_opened_on_creation_and_on_change(world: World) {
    let tenant = world.tenant().await;
    let bank = Bank(&tenant);
    let settings = json!({ "allowOverdraft": true });
    let a = tenant.account("@a").await;
    a.open(&json!({ "key": "line", "settings": settings })).await.json(201);
    assert_eq!(a.keys().await, ["default", "line", "overdraft"]);
    a.open(&json!({ "key": "second", "settings": settings })).await.json(201);
    assert_eq!(a.keys().await, ["default", "line", "overdraft", "second"]);
    let b = tenant.account("@b").await;
    let rest = format!("/balances/{}", id_of(&bank.balance(&b, "default").await));
    bank.patch(&rest, &json!({ "settings": settings })).await.json(200);
    bank.patch(&rest, &json!({ "settings": settings })).await.json(200);
    assert_eq!(b.keys().await, ["default", "overdraft"]);
}
