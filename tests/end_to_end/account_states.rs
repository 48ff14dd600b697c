//! What the states of accounts and balances let in and out, and how they end.

use serde_json::{Value, json};
use subledger_tests::{Account, Request, Tenant, World, id_of, in_both_worlds, revolving_credit};

use crate::bank::{Bank, inflow, outflow, pending, transfer};

in_both_worlds! {
    an_account_with_money_is_not_closed,
    a_charged_off_account_takes_repayments,
    too_large_a_repayment_is_the_customers_credit,
    every_state_lets_in_and_out_what_it_should,
    a_label_does_not_close_an_account,
    a_balance_under_an_old_key_is_another_balance,
    an_id_names_its_account_however_it_is_written,
}

async fn close(tenant: &Tenant<'_>, account: &str, reason: &str) -> subledger_tests::Answer {
    let body = json!({ "status_reason": reason });
    tenant.client.post(&format!("/v0/accounts/{account}/close"), &body).await
}

/// The reasons of a refused closing.
async fn left(tenant: &Tenant<'_>, account: &str, reason: &str) -> Vec<String> {
    let refused = close(tenant, account, reason).await;
    let body = refused.refused(422, "invalid_status_transition");
    let listed = body["invalid_parameters"].as_array().unwrap().iter();
    listed.map(|it| it["reason"].as_str().unwrap().to_owned()).collect()
}

/// Opens a v0 account with a line of credit, and gives its id and the line as v1 shows it.
async fn line_of_credit(tenant: &Tenant<'_>) -> (String, String, Value) {
    let account = tenant.v0_account("open-account", &["credit_without_underwriting"]).await;
    let body = revolving_credit(&account, "Line");
    let opened = tenant.v0_post("/v0/subledger_balances", "open-line", &body).await.json(200);
    let listed = tenant.balances().await;
    let line = listed.iter().find(|it| it["accountType"] == "credit").unwrap().clone();
    (account, opened["id"].as_str().unwrap().to_owned(), line)
}

fn drawn(line: &Value, value: &str) -> Value {
    let mut body = outflow(line["alias"].as_str().unwrap(), value);
    body["send"]["source"]["from"][0]["balanceKey"] = line["key"].clone();
    body
}

fn repaid(line: &Value, value: &str) -> Value {
    let mut body = inflow(line["alias"].as_str().unwrap(), value);
    body["send"]["distribute"]["to"][0]["balanceKey"] = line["key"].clone();
    body
}

/// What is owed on the line, in cents.
async fn core(tenant: &Tenant<'_>, id: &str) -> Value {
    let shown = tenant.client.get(&format!("/v0/subledger_balances/{id}")).await.json(200);
    shown["details"]["balances"]["core"].clone()
}

async fn an_account_with_money_is_not_closed(world: World) {
    let tenant = world.tenant().await;
    let bank = Bank(&tenant);
    let a = tenant.account("@a").await;
    tenant.account("@b").await;
    bank.inflow("@a", "95").await;
    let held = bank.post("json", &pending("@a", "@b", "20")).await.json(201);
    for reason in ["client_closed", "paid_off", "charged_off"] {
        let reasons = left(&tenant, &a.id.to_string(), reason).await;
        assert_eq!(reasons.len(), 1, "{reasons:?}");
        let expected = "with the key default in v1: available 75, on hold 20, owed 0";
        assert!(reasons[0].ends_with(expected), "{reasons:?}");
    }
    assert_eq!(bank.amounts(&a, "default").await, ["75", "20", "0"]);
    bank.step(&held, "cancel").await.json(201);
    bank.outflow("@a", "95").await.json(201);
    close(&tenant, &a.id.to_string(), "client_closed").await.json(200);
    bank.post("inflow", &inflow("@a", "1")).await.refused(400, "0024");
}

async fn a_charged_off_account_takes_repayments(world: World) {
    let tenant = world.tenant().await;
    let bank = Bank(&tenant);
    let (account, id, line) = line_of_credit(&tenant).await;
    bank.post("outflow", &drawn(&line, "80")).await.json(201);
    let reasons = left(&tenant, &account, "paid_off").await;
    assert!(reasons[0].starts_with(&format!("{id}, ")), "{reasons:?}");
    assert!(reasons[0].ends_with("available 0, on hold 0, owed 80"), "{reasons:?}");
    close(&tenant, &account, "charged_off").await.json(200);
    bank.post("outflow", &drawn(&line, "1")).await.refused(400, "0024");
    bank.post("inflow", &repaid(&line, "80.01")).await.refused(400, "0024");
    let repayment = bank.post("inflow", &repaid(&line, "30")).await.json(201);
    assert_eq!(core(&tenant, &id).await["amount"], 5_000);
    // The payment bounces and is made again.
    bank.step(&repayment, "revert").await.json(201);
    assert_eq!(core(&tenant, &id).await["amount"], 8_000);
    bank.post("inflow", &repaid(&line, "80")).await.json(201);
    assert_eq!(core(&tenant, &id).await["amount"], 0);
    bank.post("inflow", &repaid(&line, "1")).await.refused(400, "0024");
}

async fn too_large_a_repayment_is_the_customers_credit(world: World) {
    let tenant = world.tenant().await;
    let bank = Bank(&tenant);
    let (account, id, line) = line_of_credit(&tenant).await;
    bank.post("outflow", &drawn(&line, "80")).await.json(201);
    bank.post("inflow", &repaid(&line, "100.25")).await.json(201);
    let shown = core(&tenant, &id).await;
    assert_eq!((&shown["amount"], &shown["amount_in_usd"]), (&json!(-2_025), &json!(-2_025)));
    assert_eq!(shown["outstanding_principal"], -2_025);
    let balance = tenant.get(&format!("/balances/{}", id_of(&line))).await.json(200);
    assert_eq!((&balance["available"], &balance["direction"]), (&json!("-20.25"), &json!("debit")));
    // It is money of the customer, so that not even a write-off ends the account.
    let reasons = left(&tenant, &account, "charged_off").await;
    assert!(reasons[0].ends_with("available 20.25, on hold 0, owed 0"), "{reasons:?}");
    bank.post("outflow", &drawn(&line, "20.25")).await.json(201);
    assert_eq!(core(&tenant, &id).await["amount"], 0);
    close(&tenant, &account, "paid_off").await.json(200);
}

/// Whether money enters and leaves the account.
async fn in_and_out(bank: &Bank<'_>, alias: &str) -> (bool, bool) {
    let enters = bank.post("json", &transfer("@b", alias, "1")).await.status == 201;
    let leaves = bank.post("json", &transfer(alias, "@b", "1")).await.status == 201;
    (enters, leaves)
}

async fn every_state_lets_in_and_out_what_it_should(world: World) {
    let tenant = world.tenant().await;
    let bank = Bank(&tenant);
    let a = tenant.account("@a").await;
    tenant.account("@b").await;
    for alias in ["@a", "@b"] {
        bank.inflow(alias, "10").await;
    }
    assert_eq!(in_and_out(&bank, "@a").await, (true, true));
    let step = async |step: &str, reason: &str| {
        let body = json!({ "status_reason": reason });
        let target = format!("/v0/accounts/{}/{step}", a.id);
        tenant.client.post(&target, &body).await.json(200);
    };
    step("deactivate", "frozen").await;
    assert_eq!(in_and_out(&bank, "@a").await, (true, true));
    a.balance("savings").await;
    step("activate", "").await;
    let account = format!("/accounts/{}", a.id);
    let held = bank.post("json", &pending("@a", "@b", "3")).await.json(201);
    bank.patch(&account, &json!({ "blocked": true })).await.json(200);
    assert_eq!(in_and_out(&bank, "@a").await, (false, false));
    bank.step(&held, "commit").await.refused(400, "0024");
    bank.step(&held, "cancel").await.json(201);
    a.balance("more").await;
    bank.patch(&account, &json!({ "blocked": false })).await.json(200);
    let balance = format!("/balances/{}", id_of(&bank.balance(&a, "default").await));
    bank.patch(&balance, &json!({ "allowSending": false })).await.json(200);
    assert_eq!(in_and_out(&bank, "@a").await, (true, false));
    let change = json!({ "allowSending": true, "allowReceiving": false });
    bank.patch(&balance, &change).await.json(200);
    assert_eq!(in_and_out(&bank, "@a").await, (false, true));
    bank.patch(&balance, &json!({ "allowReceiving": true })).await.json(200);
    let rest = bank.balance(&a, "default").await["available"].clone();
    bank.outflow("@a", rest.as_str().unwrap()).await.json(201);
    step("close", "client_closed").await;
    assert_eq!(in_and_out(&bank, "@a").await, (false, false));
    a.open(&json!({ "key": "late" })).await.refused(400, "0024");
}

async fn a_label_does_not_close_an_account(world: World) {
    let tenant = world.tenant().await;
    let bank = Bank(&tenant);
    let a = tenant.account("@a").await;
    let rest = format!("/accounts/{}", a.id);
    let request = |body: Value| Request::new("PATCH", &tenant.at(&rest)).text(&body.to_string());
    let rows = ["CLOSED", "INACTIVE", "closed", " Inactive ", "BLOCKED"]
        .map(|code| (request(json!({ "status": { "code": code } })), 400, "0047"));
    tenant.client.is_refused(rows).await;
    let refused = bank.patch(&rest, &json!({ "status": { "code": "CLOSED" } })).await;
    let why = refused.refused(400, "0047")["fields"]["status"].clone();
    assert!(why.as_str().unwrap().contains("POST /v0/accounts/{id}/close"), "{why}");
    let label = json!({ "status": { "code": "CLOSED_BOOK" } });
    assert_eq!(bank.patch(&rest, &label).await.json(200)["status"]["code"], "CLOSED_BOOK");
    // The states themselves are shown where the label would be.
    let body = json!({ "status_reason": "dormant" });
    tenant.client.post(&format!("/v0{rest}/deactivate"), &body).await.json(200);
    assert_eq!(tenant.get(&rest).await.json(200)["status"]["code"], "INACTIVE");
}

async fn on_savings(body: &mut Value) {
    body["send"]["distribute"]["to"][0]["balanceKey"] = json!("savings");
}

/// Opens the balance again that was deleted, under its key.
async fn opened_again(bank: &Bank<'_>, account: &Account<'_>, old: &Value) -> Value {
    assert_eq!(bank.delete(&format!("/balances/{}", id_of(old))).await.status, 204);
    account.balance("savings").await
}

async fn a_balance_under_an_old_key_is_another_balance(world: World) {
    let tenant = world.tenant().await;
    let bank = Bank(&tenant);
    tenant.account("@a").await;
    let b = tenant.account("@b").await;
    bank.inflow("@a", "10").await;
    let first = b.balance("savings").await;
    let mut to = transfer("@a", "@b", "4");
    on_savings(&mut to).await;
    let sent = bank.post("json", &to).await.json(201);
    to["pending"] = json!(true);
    let held = bank.post("json", &to).await.json(201);
    let mut back = transfer("@b", "@a", "4");
    back["send"]["source"]["from"][0]["balanceKey"] = json!("savings");
    bank.post("json", &back).await.json(201);
    let second = opened_again(&bank, &b, &first).await;
    let mut fund = inflow("@b", "7");
    on_savings(&mut fund).await;
    bank.post("inflow", &fund).await.json(201);
    for (transaction, step) in [(&sent, "revert"), (&held, "commit")] {
        let refused = bank.step(transaction, step).await.refused(422, "0019");
        let message = refused["message"].as_str().unwrap().to_owned();
        assert!(message.starts_with("The balance savings of @b, "), "{message}");
    }
    assert_eq!(bank.amounts(&b, "savings").await, ["7", "0", "0"]);
    assert_eq!(bank.balance(&b, "savings").await["id"], second["id"]);
    // What was reserved is given back all the same.
    bank.step(&held, "cancel").await.json(201);
}

async fn an_id_names_its_account_however_it_is_written(world: World) {
    let tenant = world.tenant().await;
    let bank = Bank(&tenant);
    let body = json!({ "assetCode": "USD", "type": "deposit" });
    let id = id_of(&tenant.post("/accounts", &body).await.json(201)).to_string();
    let shown = format!("/accounts/alias/{}", id.to_uppercase());
    assert_eq!(tenant.get(&shown).await.json(200)["id"], json!(id));
    let posted = bank.inflow(&id.to_uppercase(), "5").await;
    assert_eq!(posted["destination"], json!([id]));
    // An account with an alias of its own is not named by its id, and nobody else takes the name.
    let named = tenant.account("@named").await;
    let target = named.id.to_string();
    let squatting = json!({ "assetCode": "USD", "type": "deposit", "alias": target });
    tenant.post("/accounts", &squatting).await.refused(400, "0096");
    bank.post("inflow", &inflow(&target, "5")).await.refused(422, "0019");
}
