//! The parameters of lists, and what they must not be.

use subledger_tests::{World, in_both_worlds};

in_both_worlds! {
    a_list_of_balances_refuses_what_it_cannot_mean,
    a_list_of_versions_refuses_what_it_cannot_mean,
    a_list_with_page_numbers_refuses_what_it_cannot_mean,
    a_limit_is_echoed,
}

/// Parameters that every list refuses.
const REFUSED: [(&str, &str); 35] = [
    ("metadata.crm=8812", "0082"),
    ("page=abc", "0082"),
    ("page=0", "0082"),
    ("limit=0", "0082"),
    ("limit=-1", "0082"),
    ("limit=abc", "0082"),
    ("limit=", "0082"),
    ("limit=1.5", "0082"),
    ("limit=%201", "0082"),
    ("limit=1e1", "0082"),
    ("limit=99999999999999999999", "0082"),
    ("limit=101", "0080"),
    ("limit=70000", "0080"),
    ("limit=9223372036854775807", "0080"),
    ("sort_order=x", "0081"),
    ("sort_order=", "0081"),
    ("sort_order=ascending", "0081"),
    ("start_date=2026-01-01", "0083"),
    ("end_date=2026-01-01", "0083"),
    ("start_date=2026-01-01&end_date=", "0083"),
    ("start_date=2026-01-02&end_date=2026-01-01", "0078"),
    ("start_date=2026-01-01T00:00:00.000001Z&end_date=2026-01-01T00:00:00Z", "0078"),
    ("start_date=01/02/2026&end_date=2026-01-01", "0131"),
    ("start_date=2026-01-01&end_date=tomorrow", "0131"),
    ("start_date=2026-02-30&end_date=2026-03-01", "0131"),
    ("start_date=2026-1-1&end_date=2026-03-01", "0131"),
    ("start_date=20260101&end_date=20260102", "0131"),
    ("start_date=1767225600&end_date=1767225601", "0131"),
    ("start_date=2026-01-01T24:00:00Z&end_date=2026-01-03", "0131"),
    ("start_date=2026-01-01T00:00:00%2B25:00&end_date=2026-01-03", "0131"),
    ("start_date=-0001-01-01&end_date=2026-01-03", "0131"),
    ("start_date=%00&end_date=%FF", "0131"),
    // The first problem is reported: dates, then the limit, then the order.
    ("start_date=x&end_date=y&limit=0&sort_order=z", "0131"),
    ("start_date=2026-01-01&limit=0&sort_order=z", "0083"),
    ("limit=0&sort_order=z", "0082"),
];

/// Each of the refused queries of a list, and one more that is too long to be anything.
fn rows(list: &str) -> Vec<(String, u16, &'static str)> {
    let long = format!("{list}?start_date={}&end_date=2026-01-01", "9".repeat(5_000));
    REFUSED
        .iter()
        .map(|(query, code)| (format!("{list}?{query}"), 400, *code))
        .chain([(long, 400, "0131")])
        .collect()
}

async fn a_list_of_balances_refuses_what_it_cannot_mean(world: World) {
    let tenant = world.tenant().await;
    let account = tenant.account("@a").await;
    tenant.client.refuses_targets(rows(&tenant.at("/balances"))).await;
    tenant.client.refuses_targets(rows(&account.at("/balances"))).await;
    let paths = [
        (tenant.at("/accounts/abc/balances"), 400, "0065"),
        ("/v1/organizations/abc/ledgers/abc/balances".to_owned(), 400, "0065"),
        (format!("/v1/organizations/{}/ledgers/abc/balances", tenant.organization), 400, "0065"),
        ("/v1/organizations/abc/ledgers/abc/accounts/alias/a/balances".to_owned(), 400, "0065"),
        ("/v1/organizations/abc/ledgers/abc/accounts/external/a/balances".to_owned(), 400, "0065"),
    ];
    tenant.client.refuses_targets(paths).await;
}

async fn a_list_of_versions_refuses_what_it_cannot_mean(world: World) {
    let tenant = world.tenant().await;
    let balance = tenant.account("@a").await.balance("x").await;
    let versions = format!("/balances/{}/versions", balance["id"].as_str().unwrap());
    tenant.client.refuses_targets(rows(&tenant.at(&versions))).await;
    tenant.client.refuses_targets([(tenant.at("/balances/abc/versions"), 400, "0065")]).await;
}

async fn a_list_with_page_numbers_refuses_what_it_cannot_mean(world: World) {
    let tenant = world.tenant().await;
    let organizations = "/v1/organizations".to_owned();
    let ledgers = format!("/v1/organizations/{}/ledgers", tenant.organization);
    for list in [organizations, ledgers, tenant.at("/assets"), tenant.at("/accounts")] {
        let pages = ["0", "-1", "abc", "", "1.5", "4294967296", "1002"];
        let pages = pages.map(|page| (format!("{list}?page={page}"), 400, "0082"));
        tenant.client.refuses_targets(pages).await;
        tenant.client.refuses_targets(rows(&list)).await;
        tenant.client.get(&format!("{list}?page=1001")).await.json(200);
    }
}

async fn a_limit_is_echoed(world: World) {
    let tenant = world.tenant().await;
    for (query, limit) in [("", 10), ("?limit=1", 1), ("?limit=100", 100), ("?limit=%2B5", 5)] {
        let page = tenant.get(&format!("/balances{query}")).await.json(200);
        assert_eq!(page["limit"], limit, "{query}");
    }
}
