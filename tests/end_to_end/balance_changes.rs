//! Balances and accounts with money: changed, frozen and deleted.

use serde_json::json;
use subledger_tests::{World, id_of, in_both_worlds, now, revolving_credit};

use crate::bank::{Bank, inflow, outflow};

in_both_worlds! {
    the_limits_of_a_balance_change,
    a_balance_is_deleted_when_nothing_is_on_it,
    a_v0_balance_shows_its_amount_in_minor_units,
    a_freeze_bites_on_the_very_next_transaction,
    a_deleted_balance_is_gone_at_once_and_keeps_its_history,
    an_account_with_money_is_never_deleted,
}

async fn the_limits_of_a_balance_change(world: World) {
    let tenant = world.tenant().await;
    let bank = Bank(&tenant);
    let a = tenant.account("@a").await;
    let rest = format!("/balances/{}", id_of(&bank.balance(&a, "default").await));
    let unchanged = bank.patch(&rest, &json!({})).await.json(200);
    assert_eq!(unchanged["allowSending"], true);
    let changed = bank.patch(&rest, &json!({ "allowSending": false })).await.json(200);
    assert_eq!(
        (&changed["allowSending"], &changed["allowReceiving"]),
        (&json!(false), &json!(true))
    );
    for (body, status, code) in [
        (json!({ "key": "x" }), 400, "0053"),
        (json!({ "direction": "debit" }), 400, "0053"),
        (json!({ "allowSending": "no" }), 400, "0094"),
        (json!({ "settings": { "balanceScope": "internal" } }), 400, "0172"),
        (json!({ "settings": { "overdraftLimit": "5" } }), 400, "0172"),
        (json!({ "settings": { "overdraftLimit": 5 } }), 400, "0094"),
        (json!({ "settings": { "balanceScope": "" } }), 400, "0053"),
    ] {
        bank.patch(&rest, &body).await.refused(status, code);
    }
    let unknown = format!("/balances/{}", uuid::Uuid::now_v7());
    bank.patch(&unknown, &json!({})).await.refused(404, "0007");
    // Settings are looked at after the balance that they are for.
    let internal = json!({ "settings": { "balanceScope": "internal" } });
    bank.patch(&unknown, &internal).await.refused(404, "0007");
    bank.patch(&rest, &json!({ "settings": { "allowOverdraft": true } })).await.json(200);
    let overdraft_balance = id_of(&bank.balance(&a, "overdraft").await);
    bank.patch(&format!("/balances/{overdraft_balance}"), &internal).await.refused(422, "0175");
}

async fn a_balance_is_deleted_when_nothing_is_on_it(world: World) {
    let tenant = world.tenant().await;
    let bank = Bank(&tenant);
    let a = tenant.account("@a").await;
    let savings = a.balance("savings").await;
    let rest = format!("/balances/{}", id_of(&savings));
    let mut body = inflow("@a", "5");
    body["send"]["distribute"]["to"][0]["balanceKey"] = json!("savings");
    bank.post("inflow", &body).await.json(201);
    bank.delete(&rest).await.refused(400, "0093");
    let mut body = outflow("@a", "5");
    body["send"]["source"]["from"][0]["balanceKey"] = json!("savings");
    bank.post("outflow", &body).await.json(201);
    let deleted = bank.delete(&rest).await;
    assert_eq!((deleted.status, deleted.text.as_str()), (204, ""));
    bank.delete(&rest).await.refused(404, "0007");
    tenant.get(&rest).await.refused(404, "0007");
    let default = format!("/balances/{}", id_of(&bank.balance(&a, "default").await));
    bank.delete(&default).await.refused(400, "0093");
    // The key is free again, for another balance.
    assert_ne!(a.balance("savings").await["id"], savings["id"]);
}

async fn a_v0_balance_shows_its_amount_in_minor_units(world: World) {
    let tenant = world.tenant().await;
    let bank = Bank(&tenant);
    let account = tenant.v0_account("open-account", &["credit_without_underwriting"]).await;
    let body = revolving_credit(&account, "Line");
    let opened = tenant.v0_post("/v0/subledger_balances", "open-balance", &body).await.json(200);
    let target = format!("/v0/subledger_balances/{}", opened["id"].as_str().unwrap());
    let listed = tenant.balances().await;
    let listed = listed
        .iter()
        .find(|balance| balance["direction"] == "debit" && balance["accountType"] == "credit")
        .unwrap();
    let (alias, key) = (&listed["alias"], &listed["key"]);
    let draw = |value: &str| {
        let mut body = outflow(alias.as_str().unwrap(), value);
        body["send"]["source"]["from"][0]["balanceKey"] = key.clone();
        body
    };
    bank.post("outflow", &draw("89.44")).await.json(201);
    let core = tenant.client.get(&target).await.json(200)["details"]["balances"]["core"].clone();
    assert_eq!(core["amount"], 8944);
    assert_eq!(core["outstanding_principal"], 8944);
    bank.post("outflow", &draw("0.001")).await.json(201);
    tenant.client.get(&target).await.refused(422, "amount_not_representable");
    bank.post("outflow", &draw("0.009")).await.json(201);
    let core = tenant.client.get(&target).await.json(200)["details"]["balances"]["core"].clone();
    assert_eq!(core["amount"], 8945);
}

async fn a_freeze_bites_on_the_very_next_transaction(world: World) {
    let tenant = world.tenant().await;
    let bank = Bank(&tenant);
    let a = tenant.account("@a").await;
    bank.inflow("@a", "10").await;
    let before = now();
    let balance = bank.balance(&a, "default").await;
    let rest = format!("/balances/{}", id_of(&balance));
    bank.patch(&rest, &json!({ "allowSending": false })).await.json(200);
    bank.outflow("@a", "1").await.refused(400, "0024");
    // The freeze is a version of its own; the past shows the balance without it.
    let versions = tenant.get(&format!("{rest}/versions")).await.json(200);
    let flags: Vec<_> =
        versions["items"].as_array().unwrap().iter().map(|it| it["allowSending"].clone()).collect();
    assert_eq!(flags, [json!(true), json!(true), json!(false)]);
    assert_eq!(bank.history(&balance, &before).await.json(200)["version"], 1);
}

async fn a_deleted_balance_is_gone_at_once_and_keeps_its_history(world: World) {
    let tenant = world.tenant().await;
    let bank = Bank(&tenant);
    let a = tenant.account("@a").await;
    let savings = a.balance("savings").await;
    let mut into = inflow("@a", "5");
    into["send"]["distribute"]["to"][0]["balanceKey"] = json!("savings");
    bank.post("inflow", &into).await.json(201);
    let full = now();
    let mut out = outflow("@a", "5");
    out["send"]["source"]["from"][0]["balanceKey"] = json!("savings");
    bank.post("outflow", &out).await.json(201);
    assert_eq!(bank.delete(&format!("/balances/{}", id_of(&savings))).await.status, 204);
    bank.post("inflow", &into).await.refused(422, "0019");
    assert_eq!(bank.history(&savings, &full).await.json(200)["available"], "5");
    let then = a.get(&format!("/balances/history?date={full}")).await.json(200);
    let keys: Vec<_> = then.as_array().unwrap().iter().map(|it| it["key"].clone()).collect();
    assert_eq!(keys, ["default", "savings"]);
    bank.history(&savings, &now()).await.refused(404, "0141");
}

async fn an_account_with_money_is_never_deleted(world: World) {
    let tenant = world.tenant().await;
    let bank = Bank(&tenant);
    let a = tenant.account("@a").await;
    let default = bank.balance(&a, "default").await;
    bank.inflow("@a", "10").await;
    let rest = format!("/accounts/{}", a.id);
    bank.delete(&rest).await.refused(400, "0012");
    bank.outflow("@a", "10").await.json(201);
    let before = now();
    let deleted = bank.delete(&rest).await;
    assert_eq!((deleted.status, deleted.text.as_str()), (204, ""));
    bank.delete(&rest).await.refused(404, "0007");
    tenant.get(&rest).await.refused(404, "0007");
    tenant.get("/accounts/alias/@a").await.refused(404, "0085");
    bank.post("inflow", &inflow("@a", "1")).await.refused(422, "0019");
    assert_eq!(bank.history(&default, &before).await.json(200)["version"], 2);
    let outside = tenant.external_account("USD").await;
    bank.delete(&format!("/accounts/{}", outside.id)).await.refused(400, "0074");
}
