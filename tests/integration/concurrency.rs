//! Many clients at once, through the gateway.

use futures_util::future::join_all;
use serde_json::json;
use subledger_tests::{Answer, Request, World, revolving_credit};

fn statuses(answers: &[Answer]) -> Vec<u16> {
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    statuses
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_equal_requests_make_one_balance_and_get_equal_answers() {
    let world = World::over_http().await;
    let tenant = world.tenant().await;
    let account = tenant.v0_account("open-an-account", &["credit_without_underwriting"]).await;
    let asked = revolving_credit(&account, "Line");
    let requests = (0..50).map(|_| tenant.v0_post("/v0/subledger_balances", "key-1", &asked));
    let answers = join_all(requests).await;
    let first = answers.first().unwrap();
    first.json(200);
    for answer in &answers {
        assert_eq!((answer.status, &answer.text), (200, &first.text));
    }
    let balances = tenant.balances().await;
    assert_eq!(balances.iter().filter(|balance| balance["accountType"] == "credit").count(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_equal_requests_make_one_account() {
    let world = World::over_http().await;
    let tenant = world.tenant().await;
    let asked = json!({
        "capabilities": ["deposit"],
        "entities": { "account_holders": ["entity_1"] },
        "details": { "product_name": "Card" },
        "documents": []
    });
    let requests = (0..50).map(|_| tenant.v0_post("/v0/accounts", "key-1", &asked));
    let answers = join_all(requests).await;
    let first = answers.first().unwrap();
    for answer in &answers {
        assert_eq!((answer.status, &answer.text), (200, &first.text));
    }
    let accounts = tenant.get("/accounts").await.json(200);
    assert_eq!(accounts["items"].as_array().unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_of_twenty_different_requests_under_one_key_is_accepted() {
    let world = World::over_http().await;
    let tenant = world.tenant().await;
    let account = tenant.v0_account("open-an-account", &["credit_without_underwriting"]).await;
    let requests = (0..20).map(|number| {
        let mut asked = revolving_credit(&account, "Line");
        asked["client_subledger_balance_name"] = json!(format!("Line {number}"));
        let tenant = &tenant;
        async move { tenant.v0_post("/v0/subledger_balances", "key-1", &asked).await }
    });
    let answers = join_all(requests).await;
    let mut expected = vec![422; 20];
    expected.splice(..1, [200]);
    assert_eq!(statuses(&answers), expected);
    for refused in answers.iter().filter(|answer| answer.status == 422) {
        refused.refused(422, "idempotency_request_inconsistent");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_of_twenty_balances_gets_the_key() {
    let world = World::over_http().await;
    let tenant = world.tenant().await;
    let account = tenant.account("@a").await;
    let body = json!({ "key": "savings" });
    let requests = (0..20).map(|_| account.open(&body));
    let answers = join_all(requests).await;
    let mut expected = vec![409; 20];
    expected.splice(..1, [201]);
    assert_eq!(statuses(&answers), expected);
    for refused in answers.iter().filter(|answer| answer.status == 409) {
        refused.refused(409, "0123");
    }
    assert_eq!(account.keys().await, ["default", "savings"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_balances_of_different_keys_are_all_opened() {
    let world = World::over_http().await;
    let tenant = world.tenant().await;
    let account = tenant.account("@a").await;
    let requests = (0..20).map(|number| {
        let body = json!({ "key": format!("k{number}"), "settings": { "allowOverdraft": true } });
        let account = &account;
        async move { account.open(&body).await }
    });
    let answers = join_all(requests).await;
    assert_eq!(statuses(&answers), vec![201; 20]);
    // With the default balance and one overdraft balance for all of them.
    assert_eq!(account.keys().await.len(), 22);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_is_closed_while_balances_are_opened() {
    let world = World::over_http().await;
    let tenant = world.tenant().await;
    let account = tenant.v0_account("open-an-account", &["credit_without_underwriting"]).await;
    let openings = (0..20).map(|number| {
        let request = Request::post("/v0/subledger_balances", &revolving_credit(&account, "Line"));
        tenant.client.send(request.key(&format!("key-{number}")))
    });
    let close = json!({ "status_reason": "client_closed" });
    let target = format!("/v0/accounts/{account}/close");
    let closing = tenant.client.post(&target, &close);
    let (answers, closed) = futures_util::future::join(join_all(openings), closing).await;
    closed.json(200);
    let opened = answers.iter().filter(|answer| answer.status == 200).count();
    for refused in answers.iter().filter(|answer| answer.status != 200) {
        let violations = refused.violations();
        assert_eq!(violations, [("account_id".to_owned(), "account_closed".to_owned())]);
    }
    let balances = tenant.balances().await;
    let listed = balances.iter().filter(|balance| balance["accountType"] == "credit").count();
    assert_eq!(listed, opened);
}
