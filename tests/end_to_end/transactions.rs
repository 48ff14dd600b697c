//! Transactions: what moves money, and what is refused.

use serde_json::{Map, Value, json};
use subledger_tests::{Request, World, id_of, in_both_worlds, now};

use crate::bank::{Bank, amount, inflow, pending, transfer};

in_both_worlds! {
    money_comes_in_and_goes_out,
    a_transfer_moves_shares_and_what_remains,
    a_pending_transaction_is_committed_once,
    a_canceled_transaction_gives_back_what_it_held,
    a_reversal_moves_everything_back_once,
    every_refusal_has_its_code_and_writes_nothing,
    a_transaction_of_101_legs_is_refused_with_the_limit,
    a_repeated_request_is_answered_with_the_first_answer,
    equal_bodies_without_a_key_are_two_transactions,
    the_notes_of_a_transaction_change,
    transactions_and_operations_are_listed_and_counted,
    a_blocked_account_neither_sends_nor_receives,
    a_closed_account_neither_sends_nor_receives,
    amounts_of_sixty_digits_stay_exact,
    an_annotation_does_not_disturb_history,
    a_destination_that_says_is_from_does_not_destroy_value,
    magnitudes_beyond_fifteen_digits_compare_exactly,
    a_back_dated_transaction_leaves_the_past_alone,
    reversals_of_equal_payments_are_two_reversals,
    an_annotation_and_a_transfer_of_the_same_body_are_two_transactions,
}

async fn money_comes_in_and_goes_out(world: World) {
    let tenant = world.tenant().await;
    let bank = Bank(&tenant);
    let a = tenant.account("@a").await;
    let posted = bank.inflow("@a", "123.45").await;
    assert_eq!(posted["status"], json!({ "code": "CREATED", "description": "CREATED" }));
    assert_eq!(posted["amount"], "123.45");
    assert_eq!(posted["source"], json!(["@external/USD"]));
    assert_eq!(posted["destination"], json!(["@a"]));
    let operation = &posted["operations"][1];
    assert_eq!(operation["type"], "CREDIT");
    assert_eq!(operation["balance"]["available"], "0");
    assert_eq!(operation["balanceAfter"]["available"], "123.45");
    assert_eq!(operation["balanceAfter"]["version"], 1);
    assert_eq!(bank.balance(&a, "default").await["version"], 1);
    let outside = tenant.external_account("USD").await;
    assert_eq!(bank.amounts(&outside, "default").await, ["123.45", "0", "0"]);
    let stored = tenant.get(&format!("/transactions/{}", id_of(&posted))).await.json(200);
    assert_eq!(stored["status"]["code"], "APPROVED");
    bank.outflow("@a", "23.45").await.json(201);
    assert_eq!(bank.amounts(&a, "default").await, ["100", "0", "0"]);
    assert_eq!(bank.amounts(&outside, "default").await, ["100", "0", "0"]);
}

async fn a_transfer_moves_shares_and_what_remains(world: World) {
    let tenant = world.tenant().await;
    let bank = Bank(&tenant);
    let (a, b, c) =
        (tenant.account("@a").await, tenant.account("@b").await, tenant.account("@c").await);
    a.balance("savings").await;
    bank.inflow("@a", "100").await;
    let body = json!({ "send": {
        "asset": "USD",
        "value": "100",
        "source": { "from": [
            { "accountAlias": "@a", "amount": amount("60") },
            { "accountAlias": "@a", "share": { "percentage": 40 } },
        ] },
        "distribute": { "to": [
            { "accountAlias": "@b", "share": { "percentage": 50, "percentageOfPercentage": 50 } },
            { "accountAlias": "@c", "share": { "percentage": 5 } },
            { "accountAlias": "@a", "balanceKey": "Savings", "remaining": "remaining" },
        ] },
    } });
    let posted = bank.post("json", &body).await.json(201);
    let operations = posted["operations"].as_array().unwrap();
    let values: Vec<_> = operations.iter().map(|it| &it["amount"]["value"]).collect();
    assert_eq!(values, ["60", "40", "25", "5", "70"]);
    // Two legs on one balance are one version of it.
    assert_eq!(operations[1]["balance"]["available"], "40");
    assert_eq!(
        operations[1]["balanceAfter"],
        json!({ "available": "0", "onHold": "0", "version": 2, "overdraftUsed": "0" })
    );
    assert_eq!(bank.amounts(&a, "default").await, ["0", "0", "0"]);
    assert_eq!(bank.amounts(&a, "savings").await, ["70", "0", "0"]);
    assert_eq!(bank.amounts(&b, "default").await, ["25", "0", "0"]);
    assert_eq!(bank.amounts(&c, "default").await, ["5", "0", "0"]);
}

async fn a_pending_transaction_is_committed_once(world: World) {
    let tenant = world.tenant().await;
    let bank = Bank(&tenant);
    let (a, b) = (tenant.account("@a").await, tenant.account("@b").await);
    bank.inflow("@a", "50").await;
    let posted = bank.post("json", &pending("@a", "@b", "10")).await.json(201);
    assert_eq!(posted["status"]["code"], "PENDING");
    assert_eq!(posted["operations"].as_array().unwrap().len(), 1);
    assert_eq!(posted["operations"][0]["type"], "ON_HOLD");
    assert_eq!(bank.amounts(&a, "default").await, ["40", "10", "0"]);
    assert_eq!(bank.amounts(&b, "default").await, ["0", "0", "0"]);
    let committed = bank.step(&posted, "commit").await.json(201);
    assert_eq!(committed["status"]["code"], "APPROVED");
    assert_eq!(committed["operations"].as_array().unwrap().len(), 2);
    assert_eq!(bank.amounts(&a, "default").await, ["40", "0", "0"]);
    assert_eq!(bank.amounts(&b, "default").await, ["10", "0", "0"]);
    bank.step(&posted, "commit").await.refused(422, "0099");
    bank.step(&posted, "cancel").await.refused(422, "0099");
    let stored = tenant.get(&format!("/transactions/{}", id_of(&posted))).await.json(200);
    assert_eq!(stored["operations"].as_array().unwrap().len(), 3);
}

async fn a_canceled_transaction_gives_back_what_it_held(world: World) {
    let tenant = world.tenant().await;
    let bank = Bank(&tenant);
    let a = tenant.account("@a").await;
    tenant.account("@b").await;
    bank.inflow("@a", "50").await;
    let posted = bank.post("json", &pending("@a", "@b", "50")).await.json(201);
    assert_eq!(bank.amounts(&a, "default").await, ["0", "50", "0"]);
    bank.outflow("@a", "1").await.refused(422, "0018");
    let canceled = bank.step(&posted, "cancel").await.json(201);
    assert_eq!(canceled["status"]["code"], "CANCELED");
    assert_eq!(canceled["operations"][0]["type"], "RELEASE");
    assert_eq!(bank.amounts(&a, "default").await, ["50", "0", "0"]);
    bank.step(&posted, "commit").await.refused(422, "0099");
    bank.step(&posted, "revert").await.refused(422, "0099");
}

async fn a_reversal_moves_everything_back_once(world: World) {
    let tenant = world.tenant().await;
    let bank = Bank(&tenant);
    let (a, b) = (tenant.account("@a").await, tenant.account("@b").await);
    bank.inflow("@a", "50").await;
    let posted = bank.post("json", &transfer("@a", "@b", "20")).await.json(201);
    let answer = bank.step(&posted, "revert").await;
    assert_eq!(answer.header("x-idempotency-replayed"), "false");
    let reversal = answer.json(201);
    assert_eq!(reversal["parentTransactionId"], posted["id"]);
    assert_eq!(reversal["source"], json!(["@b"]));
    assert_eq!(bank.amounts(&a, "default").await, ["50", "0", "0"]);
    assert_eq!(bank.amounts(&b, "default").await, ["0", "0", "0"]);
    bank.step(&posted, "revert").await.refused(400, "0087");
    bank.step(&reversal, "revert").await.refused(400, "0088");
    let annotation = bank.post("annotation", &transfer("@a", "@b", "20")).await.json(201);
    bank.step(&annotation, "revert").await.refused(422, "0099");
    let spent = bank.post("json", &transfer("@a", "@b", "50")).await.json(201);
    bank.outflow("@b", "50").await.json(201);
    bank.step(&spent, "revert").await.refused(422, "0018");
}

#[expect(clippy::too_many_lines, reason = "a table: one row per refusal")]
async fn every_refusal_has_its_code_and_writes_nothing(world: World) {
    let tenant = world.tenant().await;
    let bank = Bank(&tenant);
    tenant.asset("EUR").await;
    let a = tenant.account("@a").await;
    tenant.account("@b").await;
    let euro = json!({ "assetCode": "EUR", "type": "deposit", "alias": "@euro" });
    tenant.post("/accounts", &euro).await.json(201);
    bank.inflow("@a", "100").await;
    let frozen = a.balance("frozen").await;
    let flags = json!({ "allowSending": false, "allowReceiving": false });
    bank.patch(&format!("/balances/{}", id_of(&frozen)), &flags).await.json(200);
    let change = |path: &str, value: Value| {
        let mut body = transfer("@a", "@b", "10");
        *body.pointer_mut(path).unwrap() = value;
        body
    };
    let with = |name: &str, value: Value| {
        let mut body = transfer("@a", "@b", "10");
        body[name] = value;
        body
    };
    let key = |side: &str, key: &str| {
        let mut body = transfer("@a", "@b", "10");
        body.pointer_mut(side).unwrap()["balanceKey"] = json!(key);
        body
    };
    let mut back_dated = pending("@a", "@b", "10");
    back_dated["transactionDate"] = json!("2020-01-01T00:00:00Z");
    let (from, to) = ("/send/source/from/0", "/send/distribute/to/0");
    let mut onto_frozen = key(to, "frozen");
    onto_frozen.pointer_mut(to).unwrap()["accountAlias"] = json!("@a");
    let rows: Vec<(Value, u16, &str)> = vec![
        (change("/send/value", json!("0")), 422, "0125"),
        (change("/send/value", json!("-10")), 422, "0125"),
        (change("/send/value", Value::Null), 422, "0125"),
        (change("/send/value", json!(0)), 422, "0125"),
        (change("/send/value", json!(10)), 400, "0053"),
        (change("/send/value", json!(10.5)), 400, "0053"),
        (change("/send/value", json!("ten")), 400, "0094"),
        (change("/send/value", json!("1e1")), 400, "0094"),
        (change("/send/value", json!("11")), 400, "0073"),
        (change("/send/source/from/0/amount/value", json!("9.99")), 400, "0073"),
        (change("/send/source/from/0/amount/value", json!("0")), 400, "0073"),
        (change("/send/source/from/0/amount/value", json!("-10")), 400, "0073"),
        (change("/send/source/from/0/amount/value", json!(10)), 400, "0053"),
        (change("/send/source/from/0/amount", Value::Null), 400, "0072"),
        (change("/send/source/from/0/accountAlias", json!("@nobody")), 422, "0019"),
        (change("/send/source/from/0/accountAlias", json!("not an alias")), 422, "0019"),
        (change("/send/source/from/0/accountAlias", json!("@b")), 400, "0090"),
        (change("/send/source/from", json!([])), 400, "0009"),
        (change("/send/distribute", Value::Null), 400, "0009"),
        (change("/send/asset", json!("EUR")), 404, "0034"),
        (change("/send/distribute/to/0/accountAlias", json!("@euro")), 404, "0034"),
        (change("/send/source/from/0/amount/asset", json!("EUR")), 404, "0034"),
        (key(from, "none"), 422, "0019"),
        (key(to, "none"), 422, "0019"),
        (key(from, "frozen"), 400, "0024"),
        (onto_frozen, 400, "0024"),
        (key(to, "overdraft"), 422, "0168"),
        (transfer("@a", "@b", "100.01"), 422, "0018"),
        (pending("@a", "@b", "100.01"), 422, "0018"),
        (pending("@external/USD", "@b", "10"), 422, "0098"),
        (with("transactionDate", json!("2999-01-01T00:00:00Z")), 400, "0121"),
        (with("transactionDate", json!("yesterday")), 400, "0047"),
        (back_dated, 400, "0122"),
        (with("foo", json!(1)), 400, "0053"),
        (with("pending", json!("yes")), 400, "0094"),
        (with("description", json!("d".repeat(257))), 400, "0047"),
        (with("routeId", json!("r")), 400, "0047"),
        (with("metadata", json!({ "a": {} })), 400, "0067"),
        (json!({}), 400, "0009"),
        (json!([]), 400, "0094"),
    ];
    let target = tenant.at("/transactions/json");
    let requests =
        rows.iter().map(|(body, status, code)| (Request::post(&target, body), *status, *code));
    tenant.client.is_refused(requests).await;
    let unknown = format!("/transactions/{}", uuid::Uuid::now_v7());
    for step in ["commit", "cancel", "revert"] {
        let target = tenant.at(&format!("{unknown}/{step}"));
        tenant.client.send(Request::new("POST", &target)).await.refused(404, "0007");
    }
    tenant.get(&unknown).await.refused(404, "0007");
    tenant.get("/transactions/x").await.refused(400, "0065");
    let megabyte = with("description", json!("d".repeat(1_000_000)));
    tenant.client.send(Request::post(&target, &megabyte)).await.refused(413, "0143");
    let other = world.tenant().await;
    let foreign = Request::post(&target, &transfer("@a", "@b", "10"));
    other.client.send(foreign).await.refused(404, "0007");
    let reader = tenant.limited_to("transaction/read");
    reader.post(&target, &transfer("@a", "@b", "10")).await.refused(403, "0043");
    let mut no_ledger = tenant.at("/transactions/json");
    no_ledger = no_ledger.replace(&tenant.ledger.to_string(), &uuid::Uuid::now_v7().to_string());
    tenant.client.post(&no_ledger, &transfer("@a", "@b", "10")).await.refused(404, "0007");
}

async fn a_transaction_of_101_legs_is_refused_with_the_limit(world: World) {
    let tenant = world.tenant().await;
    let bank = Bank(&tenant);
    tenant.account("@a").await;
    let body = |legs: usize| {
        let to: Vec<Value> =
            (1..legs).map(|_| json!({ "accountAlias": "@a", "amount": amount("1") })).collect();
        let value = (legs - 1).to_string();
        json!({ "send": { "asset": "USD", "value": value, "distribute": { "to": to } } })
    };
    let refused = bank.post("inflow", &body(101)).await.refused(422, "0904");
    assert!(refused["message"].as_str().unwrap().contains("100 legs"), "{refused}");
    let posted = bank.post("inflow", &body(100)).await.json(201);
    assert_eq!(posted["operations"].as_array().unwrap().len(), 100);
}

async fn a_repeated_request_is_answered_with_the_first_answer(world: World) {
    let tenant = world.tenant().await;
    let bank = Bank(&tenant);
    let a = tenant.account("@a").await;
    tenant.account("@b").await;
    bank.inflow("@a", "10").await;
    let target = tenant.at("/transactions/json");
    for header in ["X-Idempotency", "Idempotency-Key"] {
        let request = |body: &Value| Request::post(&target, body).header(header, header);
        let first = tenant.client.send(request(&pending("@a", "@b", "5"))).await;
        assert_eq!(first.header("x-idempotency-replayed"), "false");
        bank.step(&first.json(201), "commit").await.json(201);
        let again = tenant.client.send(request(&pending("@a", "@b", "5"))).await;
        assert_eq!(again.header("x-idempotency-replayed"), "true");
        assert_eq!((again.status, &again.text), (201, &first.text));
        tenant.client.send(request(&pending("@a", "@b", "6"))).await.refused(409, "0084");
    }
    assert_eq!(bank.amounts(&a, "default").await, ["0", "0", "0"]);
    // A refused request has consumed nothing.
    let request =
        Request::post(&target, &transfer("@a", "@b", "1")).header("X-Idempotency", "late");
    tenant.client.send(request.clone()).await.refused(422, "0018");
    bank.inflow("@a", "1").await;
    tenant.client.send(request).await.json(201);
    // A key that is none is refused and not left out of account.
    for key in ["k".repeat(256).as_str(), "cl\u{e9}"] {
        let posting = Request::post(&target, &transfer("@a", "@b", "1"));
        tenant.client.send(posting.header("X-Idempotency", key)).await.refused(400, "0047");
    }
}

async fn equal_bodies_without_a_key_are_two_transactions(world: World) {
    let tenant = world.tenant().await;
    let bank = Bank(&tenant);
    let a = tenant.account("@a").await;
    let one = bank.inflow("@a", "10").await;
    let other = bank.inflow("@a", "10").await;
    assert_ne!(one["id"], other["id"]);
    assert_eq!(bank.amounts(&a, "default").await, ["20", "0", "0"]);
}

async fn the_notes_of_a_transaction_change(world: World) {
    let tenant = world.tenant().await;
    let bank = Bank(&tenant);
    tenant.account("@a").await;
    let mut body = inflow("@a", "10");
    body["description"] = json!("first");
    body["metadata"] = json!({ "a": "b" });
    let posted = bank.post("inflow", &body).await.json(201);
    let rest = format!("/transactions/{}", id_of(&posted));
    let patched = bank.patch(&rest, &json!({ "description": "second" })).await.json(200);
    assert_eq!(patched["description"], "second");
    assert_eq!(patched["metadata"], json!({ "a": "b" }));
    let patched = bank.patch(&rest, &json!({ "metadata": { "c": 1 } })).await.json(200);
    assert_eq!(patched["metadata"], json!({ "a": "b", "c": 1 }));
    let patched = bank.patch(&rest, &json!({ "metadata": { "a": null, "c": 2 } })).await.json(200);
    assert_eq!(patched["metadata"], json!({ "c": 2 }));
    let many: Map<String, Value> = (0..100).map(|n| (n.to_string(), json!(n))).collect();
    bank.patch(&rest, &json!({ "metadata": many })).await.refused(400, "0145");
    assert_eq!(tenant.get(&rest).await.json(200), patched);
    bank.patch(&rest, &json!({ "amount": "11" })).await.refused(400, "0053");
}

async fn transactions_and_operations_are_listed_and_counted(world: World) {
    let tenant = world.tenant().await;
    let bank = Bank(&tenant);
    let a = tenant.account("@a").await;
    tenant.account("@b").await;
    let mut posted = vec![bank.inflow("@a", "100").await["id"].clone()];
    for _ in 0..4 {
        let body = transfer("@a", "@b", "1");
        posted.push(bank.post("json", &body).await.json(201)["id"].clone());
    }
    let ids = |page: &Value| -> Vec<Value> {
        page["items"].as_array().unwrap().iter().map(|item| item["id"].clone()).collect()
    };
    let first = tenant.get("/transactions?limit=2").await.json(200);
    assert_eq!(ids(&first), posted[..2]);
    let next = first["next_cursor"].as_str().unwrap();
    let second = tenant.get(&format!("/transactions?limit=2&cursor={next}")).await.json(200);
    assert_eq!(ids(&second), posted[2..4]);
    let back = second["prev_cursor"].as_str().unwrap();
    let back = tenant.get(&format!("/transactions?limit=2&cursor={back}")).await.json(200);
    assert_eq!((ids(&back), &back["next_cursor"]), (ids(&first), &first["next_cursor"]));
    let newest = tenant.get("/transactions?limit=1&sort_order=desc").await.json(200);
    assert_eq!(ids(&newest), posted[4..]);
    let head = Request::new("HEAD", &tenant.at("/transactions/metrics/count"));
    let count = tenant.client.send(head).await;
    assert_eq!((count.status, count.header("x-total-count")), (204, "5"));
    let operations = a.get("/operations?limit=3").await.json(200);
    let listed = operations["items"].as_array().unwrap();
    let values: Vec<_> = listed.iter().map(|it| &it["balanceAfter"]["available"]).collect();
    assert_eq!(values, ["100", "99", "98"]);
    let next = operations["next_cursor"].as_str().unwrap();
    let rest = a.get(&format!("/operations?limit=3&cursor={next}")).await.json(200);
    assert_eq!(rest["items"].as_array().unwrap().len(), 2);
    assert_eq!(rest["next_cursor"], Value::Null);
    tenant.get(&format!("/transactions?cursor={next}")).await.refused(400, "0082");
    tenant.get("/transactions?limit=101").await.refused(400, "0080");
}

async fn a_blocked_account_neither_sends_nor_receives(world: World) {
    let tenant = world.tenant().await;
    let bank = Bank(&tenant);
    let a = tenant.account("@a").await;
    tenant.account("@b").await;
    bank.inflow("@a", "10").await;
    let held = bank.post("json", &pending("@b", "@a", "1")).await;
    held.refused(422, "0018");
    let held = bank.post("json", &pending("@a", "@b", "4")).await.json(201);
    let rest = format!("/accounts/{}", a.id);
    let blocked = bank.patch(&rest, &json!({ "blocked": true })).await.json(200);
    assert_eq!(blocked["blocked"], true);
    bank.post("json", &transfer("@a", "@b", "1")).await.refused(400, "0024");
    bank.post("inflow", &inflow("@a", "1")).await.refused(400, "0024");
    // Flags and accounts are checked again at commit; a cancellation always gives back.
    bank.step(&held, "commit").await.refused(400, "0024");
    bank.step(&held, "cancel").await.json(201);
    bank.patch(&rest, &json!({ "blocked": false })).await.json(200);
    bank.post("json", &transfer("@a", "@b", "10")).await.json(201);
    let outside = tenant.external_account("USD").await;
    let rest = format!("/accounts/{}", outside.id);
    bank.patch(&rest, &json!({ "blocked": true })).await.refused(400, "0074");
}

async fn a_closed_account_neither_sends_nor_receives(world: World) {
    let tenant = world.tenant().await;
    let bank = Bank(&tenant);
    let a = tenant.account("@a").await;
    bank.inflow("@a", "10").await;
    bank.outflow("@a", "10").await.json(201);
    let target = format!("/v0/accounts/{}/close", a.id);
    let body = json!({ "status_reason": "client_closed" });
    tenant.client.post(&target, &body).await.json(200);
    bank.outflow("@a", "1").await.refused(400, "0024");
    bank.post("inflow", &inflow("@a", "1")).await.refused(400, "0024");
}

async fn amounts_of_sixty_digits_stay_exact(world: World) {
    let tenant = world.tenant().await;
    let bank = Bank(&tenant);
    let (a, b) = (tenant.account("@a").await, tenant.account("@b").await);
    let all = "123456789012345678901234567890.123456789012345678901234567891";
    let most = "123456789012345678901234567890.12345678901234567890123456789";
    let least = "0.000000000000000000000000000001";
    bank.inflow("@a", all).await;
    bank.post("json", &transfer("@a", "@b", most)).await.json(201);
    assert_eq!(bank.amounts(&a, "default").await, [least, "0", "0"]);
    assert_eq!(bank.amounts(&b, "default").await, [most, "0", "0"]);
    let history = b.get(&format!("/balances/history?date={}", now())).await.json(200);
    assert_eq!(history[0]["available"], most);
}

async fn an_annotation_does_not_disturb_history(world: World) {
    let tenant = world.tenant().await;
    let bank = Bank(&tenant);
    let a = tenant.account("@a").await;
    tenant.account("@b").await;
    bank.inflow("@a", "10").await;
    let annotation = bank.post("annotation", &transfer("@a", "@b", "1000")).await.json(201);
    assert_eq!(annotation["status"]["code"], "NOTED");
    assert_eq!(annotation["operations"][0]["balanceAffected"], false);
    let balance = bank.balance(&a, "default").await;
    let history = bank.history(&balance, &now()).await.json(200);
    assert_eq!((&history["available"], &history["version"]), (&json!("10"), &json!(1)));
}

async fn a_destination_that_says_is_from_does_not_destroy_value(world: World) {
    let tenant = world.tenant().await;
    let bank = Bank(&tenant);
    let a = tenant.account("@a").await;
    tenant.account("@b").await;
    bank.inflow("@a", "10").await;
    let mut body = transfer("@a", "@b", "10");
    body["send"]["distribute"]["to"][0]["isFrom"] = json!(true);
    bank.post("json", &body).await.refused(400, "0053");
    assert_eq!(bank.amounts(&a, "default").await, ["10", "0", "0"]);
}

async fn magnitudes_beyond_fifteen_digits_compare_exactly(world: World) {
    let tenant = world.tenant().await;
    let bank = Bank(&tenant);
    tenant.account("@a").await;
    bank.inflow("@a", "10000000000000000.01").await;
    bank.outflow("@a", "10000000000000000.02").await.refused(422, "0018");
    bank.outflow("@a", "10000000000000000.01").await.json(201);
}

async fn a_back_dated_transaction_leaves_the_past_alone(world: World) {
    let tenant = world.tenant().await;
    let bank = Bank(&tenant);
    let a = tenant.account("@a").await;
    bank.inflow("@a", "100").await;
    let between = now();
    bank.inflow("@a", "50").await;
    let balance = bank.balance(&a, "default").await;
    assert_eq!(bank.history(&balance, &between).await.json(200)["available"], "100");
    let mut body = inflow("@a", "10");
    body["transactionDate"] = json!(between);
    let posted = bank.post("inflow", &body).await.json(201);
    assert_eq!(posted["createdAt"].as_str().unwrap().get(..19), between.get(..19));
    assert_eq!(bank.amounts(&a, "default").await, ["160", "0", "0"]);
    assert_eq!(bank.history(&balance, &between).await.json(200)["available"], "100");
}

async fn reversals_of_equal_payments_are_two_reversals(world: World) {
    let tenant = world.tenant().await;
    let bank = Bank(&tenant);
    let a = tenant.account("@a").await;
    let one = bank.inflow("@a", "10").await;
    let other = bank.inflow("@a", "10").await;
    let (one, other) = (bank.step(&one, "revert").await, bank.step(&other, "revert").await);
    assert_ne!(one.json(201)["id"], other.json(201)["id"]);
    assert_eq!(bank.amounts(&a, "default").await, ["0", "0", "0"]);
}

async fn an_annotation_and_a_transfer_of_the_same_body_are_two_transactions(world: World) {
    let tenant = world.tenant().await;
    let bank = Bank(&tenant);
    tenant.account("@a").await;
    tenant.account("@b").await;
    bank.inflow("@a", "10").await;
    let body = transfer("@a", "@b", "10");
    let request = |form: &str| {
        let target = tenant.at(&format!("/transactions/{form}"));
        Request::post(&target, &body).header("X-Idempotency", "same")
    };
    tenant.client.send(request("annotation")).await.json(201);
    tenant.client.send(request("json")).await.refused(409, "0084");
    tenant.client.send(request("annotation")).await.json(201);
}
