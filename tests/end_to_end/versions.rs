//! The versions of a balance.

use serde_json::{Value, json};
use subledger::money::amount::Amount;
use subledger_tests::{Tenant, World, in_both_worlds, masked, now};
use uuid::Uuid;

use crate::seed::{delete, next_version};

in_both_worlds! {
    a_new_balance_has_one_version,
    versions_are_listed_page_by_page_and_back,
    versions_between_two_moments_are_listed,
    a_deleted_balance_keeps_its_versions,
    what_never_was_has_no_versions,
}

/// A balance with this many versions, ten microseconds apart.
async fn balance_with_versions(tenant: &Tenant<'_>, count: i64) -> Value {
    let balance = tenant.account("@a").await.balance("x").await;
    for version in 1..count {
        next_version(tenant, balance["id"].as_str().unwrap(), 10, |balance| {
            balance.available = Amount::parse(&(version * 5).to_string()).unwrap();
        })
        .await;
    }
    balance
}

/// The versions on a page, and its cursors.
async fn page(tenant: &Tenant<'_>, target: &str) -> (Value, Option<String>, Option<String>) {
    let page = tenant.get(target).await.json(200);
    let items = page["items"].as_array().unwrap().iter();
    let versions = items.map(|item| json!([item["version"], item["available"]])).collect();
    let cursor = |name: &str| page.get(name).map(|cursor| cursor.as_str().unwrap().to_owned());
    (versions, cursor("next_cursor"), cursor("prev_cursor"))
}

async fn a_new_balance_has_one_version(world: World) {
    let tenant = world.tenant().await;
    let balance = balance_with_versions(&tenant, 1).await;
    let versions = format!("/balances/{}/versions", balance["id"].as_str().unwrap());
    let page = tenant.get(&versions).await.json(200);
    assert_eq!(page, json!({ "items": [balance], "limit": 10 }));
    assert_eq!(masked(&page["items"][0]["updatedAt"]), "<moment>");
}

async fn versions_are_listed_page_by_page_and_back(world: World) {
    let tenant = world.tenant().await;
    let balance = balance_with_versions(&tenant, 5).await;
    let versions = format!("/balances/{}/versions?limit=2", balance["id"].as_str().unwrap());
    for (order, pages) in [
        ("asc", [json!([[0, "0"], [1, "5"]]), json!([[2, "10"], [3, "15"]]), json!([[4, "20"]])]),
        ("desc", [json!([[4, "20"], [3, "15"]]), json!([[2, "10"], [1, "5"]]), json!([[0, "0"]])]),
    ] {
        let list = format!("{versions}&sort_order={order}");
        let at = |cursor: Option<String>| format!("{list}&cursor={}", cursor.unwrap());
        let (first, next, previous) = page(&tenant, &list).await;
        assert_eq!(previous, None);
        let (second, next, _) = page(&tenant, &at(next)).await;
        let (third, end, previous) = page(&tenant, &at(next)).await;
        assert_eq!([&first, &second, &third], pages.each_ref());
        assert_eq!(end, None);
        let (back, next, previous) = page(&tenant, &at(previous)).await;
        assert_eq!(back, second);
        assert_eq!(page(&tenant, &at(next)).await.0, third);
        let (back, next, start) = page(&tenant, &at(previous)).await;
        assert_eq!((back, start), (first, None));
        assert_eq!(page(&tenant, &at(next)).await.0, second);
    }
}

async fn versions_between_two_moments_are_listed(world: World) {
    let tenant = world.tenant().await;
    let balance = balance_with_versions(&tenant, 5).await;
    let versions = format!("/balances/{}/versions", balance["id"].as_str().unwrap());
    let all = tenant.get(&versions).await.json(200);
    let recorded = |place: usize| all["items"][place]["updatedAt"].as_str().unwrap().to_owned();
    for (from, to, expected) in [
        (recorded(1), recorded(3), json!([[1, "5"], [2, "10"], [3, "15"]])),
        (recorded(4), now(), json!([[4, "20"]])),
        (recorded(0), recorded(0), json!([[0, "0"]])),
        ("2001-01-01".to_owned(), "2001-12-31".to_owned(), json!([])),
        ("2001-01-01".to_owned(), recorded(0), json!([[0, "0"]])),
    ] {
        let target = format!("{versions}?start_date={from}&end_date={to}");
        assert_eq!(page(&tenant, &target).await, (expected, None, None), "{from} {to}");
    }
    let range = format!("{versions}?limit=1&start_date={}&end_date={}", recorded(1), recorded(2));
    let (first, next, _) = page(&tenant, &range).await;
    assert_eq!(first, json!([[1, "5"]]));
    let (second, end, previous) = page(&tenant, &format!("{range}&cursor={}", next.unwrap())).await;
    assert_eq!((second, end), (json!([[2, "10"]]), None));
    let (back, _, start) = page(&tenant, &format!("{range}&cursor={}", previous.unwrap())).await;
    assert_eq!((back, start), (first, None));
}

async fn a_deleted_balance_keeps_its_versions(world: World) {
    let tenant = world.tenant().await;
    let balance = balance_with_versions(&tenant, 1).await;
    let id = balance["id"].as_str().unwrap();
    delete(&tenant, id, 10).await;
    let page = tenant.get(&format!("/balances/{id}/versions")).await.json(200);
    let items = page["items"].as_array().unwrap();
    assert_eq!(items.len(), 2);
    assert_eq!(page["items"][0]["deletedAt"], json!(null));
    assert_eq!(page["items"][1]["deletedAt"], page["items"][1]["updatedAt"]);
}

async fn what_never_was_has_no_versions(world: World) {
    let tenant = world.tenant().await;
    let stranger = world.tenant().await;
    let foreign = balance_with_versions(&stranger, 1).await;
    let rows = [
        (tenant.at(&format!("/balances/{}/versions", Uuid::now_v7())), 404, "0007"),
        (
            tenant.at(&format!("/balances/{}/versions", foreign["id"].as_str().unwrap())),
            404,
            "0007",
        ),
    ];
    tenant.client.refuses_targets(rows).await;
}
