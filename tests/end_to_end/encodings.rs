//! Answers for clients that take them compressed.

use serde_json::json;
use subledger_http::encoding::GZIP_BYTES_MIN;
use subledger_tests::{Answer, Request, Tenant, World, in_both_worlds};

in_both_worlds! {
    a_large_answer_is_compressed_for_those_who_accept_it,
    a_small_answer_and_one_without_a_body_are_not,
    a_repetition_unpacks_to_the_same_bytes,
}

async fn get(tenant: &Tenant<'_>, rest: &str, accepted: &str) -> Answer {
    let request = Request::get(&tenant.at(rest)).header("Accept-Encoding", accepted);
    tenant.client.send(request).await
}

async fn a_large_answer_is_compressed_for_those_who_accept_it(world: World) {
    let tenant = world.tenant().await;
    let account = tenant.account("@a").await;
    for key in ["b", "c", "d"] {
        account.balance(key).await;
    }
    for list in ["/balances", "/accounts/alias/@a/balances"] {
        let plain = tenant.get(list).await;
        let items = plain.json(200)["items"].as_array().unwrap().len();
        assert!(items >= 4 && plain.text.len() >= GZIP_BYTES_MIN, "{list}");
        assert_eq!(plain.header("content-encoding"), "");
        assert_eq!(plain.body_bytes, plain.text.len());
        // A cache has to know, also of the one that is not compressed.
        assert_eq!(plain.header("vary"), "accept-encoding");
        for accepted in ["gzip", "gzip, deflate, br, zstd", "br;q=1, GZIP;q=0.5", "*"] {
            let packed = get(&tenant, list, accepted).await;
            assert_eq!(packed.status, 200, "{accepted}");
            assert_eq!(packed.header("content-encoding"), "gzip", "{accepted}");
            assert_eq!(packed.header("content-type"), "application/json", "{accepted}");
            assert_eq!(packed.header("vary"), "accept-encoding", "{accepted}");
            assert!(packed.body_bytes * 2 < plain.body_bytes, "{}", packed.body_bytes);
            assert_eq!(packed.text, plain.text, "{accepted}");
        }
        for accepted in ["", "identity", "br, deflate", "gzip;q=0", "*;q=0"] {
            let answer = get(&tenant, list, accepted).await;
            assert_eq!(answer.header("content-encoding"), "", "{accepted}");
            assert_eq!(answer.text, plain.text, "{accepted}");
        }
    }
}

async fn a_small_answer_and_one_without_a_body_are_not(world: World) {
    let tenant = world.tenant().await;
    let account = tenant.account("@a").await;
    let balance = account.balance("b").await;
    let id = balance["id"].as_str().unwrap();
    let one = get(&tenant, &format!("/balances/{id}"), "gzip").await;
    assert_eq!(one.json(200), balance);
    let none = get(&tenant, "/balances/x", "gzip").await;
    none.refused(400, "0065");
    let head = Request::new("HEAD", &tenant.at("/transactions/metrics/count"));
    let head = tenant.client.send(head.header("Accept-Encoding", "gzip")).await;
    assert_eq!(head.status, 204);
    let deleted = Request::new("DELETE", &tenant.at(&format!("/balances/{id}")));
    let deleted = tenant.client.send(deleted.header("Accept-Encoding", "gzip")).await;
    assert_eq!(deleted.status, 204);
    for answer in [one, none, head, deleted] {
        assert_eq!(answer.header("content-encoding"), "", "{}", answer.asked);
        assert_eq!(answer.header("vary"), "", "{}", answer.asked);
        assert_eq!(answer.body_bytes, answer.text.len(), "{}", answer.asked);
    }
}

async fn a_repetition_unpacks_to_the_same_bytes(world: World) {
    let tenant = world.tenant().await;
    let holders: Vec<_> = (0..20).map(|n| format!("entity_{n:033}")).collect();
    let body = json!({
        "capabilities": ["deposit"],
        "entities": { "account_holders": holders },
        "details": { "product_name": "Card" },
        "documents": []
    });
    let ask = async |accepted: &str| {
        let request = Request::post("/v0/accounts", &body).key("key-1");
        tenant.client.send(request.header("Accept-Encoding", accepted)).await
    };
    let first = ask("gzip").await;
    assert_eq!(first.status, 200, "{}", first.text);
    assert_eq!(first.header("content-encoding"), "gzip");
    for (accepted, coding) in [("gzip", "gzip"), ("identity", "")] {
        let again = ask(accepted).await;
        assert_eq!(again.header("content-encoding"), coding);
        assert_eq!(again.text, first.text);
    }
}
