//! The lists of balances.

use serde_json::Value;
use subledger_tests::{Tenant, World, in_both_worlds, now};
use uuid::Uuid;

in_both_worlds! {
    a_ledger_is_listed_page_by_page_and_back,
    an_account_is_listed_page_by_page_and_back,
    a_list_may_be_in_either_order,
    the_way_back_to_the_first_page_offers_the_way_forward,
    a_list_of_an_alias_is_answered_whole_or_in_pages,
    a_list_may_be_of_some_time_only,
    a_list_under_what_does_not_exist_is_not_found,
    the_last_of_several_equal_parameters_counts,
    a_balance_is_in_the_list_once_its_creation_is_answered,
}

/// A page: its keys and its cursors.
async fn page(tenant: &Tenant<'_>, target: &str) -> (String, Option<String>, Option<String>) {
    let page = tenant.get(target).await.json(200);
    let items = page["items"].as_array().unwrap().iter();
    let keys: Vec<_> = items.map(|item| item["key"].as_str().unwrap()).collect();
    let cursor = |name: &str| page.get(name).map(|cursor| cursor.as_str().unwrap().to_owned());
    (keys.join(" "), cursor("next_cursor"), cursor("prev_cursor"))
}

/// Reads the pages of a list to its end and back to its beginning.
async fn pages_forth_and_back(tenant: &Tenant<'_>, list: &str) -> [Vec<String>; 2] {
    let (keys, mut next, mut previous) = page(tenant, list).await;
    assert_eq!(previous, None);
    let mut forth = vec![keys];
    while let Some(cursor) = next {
        let (keys, after, before) = page(tenant, &format!("{list}&cursor={cursor}")).await;
        forth.push(keys);
        (next, previous) = (after, before);
    }
    let mut back = Vec::new();
    while let Some(cursor) = previous {
        let (keys, after, before) = page(tenant, &format!("{list}&cursor={cursor}")).await;
        assert!(after.is_some(), "{list}: a page that was left backward has one behind it");
        back.push(keys);
        previous = before;
    }
    [forth, back]
}

async fn a_ledger_is_listed_page_by_page_and_back(world: World) {
    let tenant = world.tenant_without_assets().await;
    tenant.asset("USD").await;
    let one = tenant.account("@one").await;
    one.balance("b").await;
    tenant.account("@two").await.balance("c").await;
    one.balance("d").await;
    let pages = pages_forth_and_back(&tenant, "/balances?limit=2").await;
    assert_eq!(
        pages,
        [vec!["default default", "b default", "c d"], vec!["b default", "default default"]]
    );
    let pages = pages_forth_and_back(&tenant, "/balances?limit=4").await;
    assert_eq!(
        pages,
        [vec!["default default b default", "c d"], vec!["default default b default"]]
    );
    let pages = pages_forth_and_back(&tenant, "/balances?limit=100").await;
    assert_eq!(pages, [vec!["default default b default c d"], vec![]]);
}

async fn an_account_is_listed_page_by_page_and_back(world: World) {
    let tenant = world.tenant().await;
    let account = tenant.account("@a").await;
    for key in ["b", "c", "d"] {
        account.balance(key).await;
    }
    tenant.account("@other").await;
    let list = format!("/accounts/{}/balances?limit=1", account.id);
    assert_eq!(
        pages_forth_and_back(&tenant, &list).await,
        [vec!["default", "b", "c", "d"], vec!["c", "b", "default"]]
    );
}

async fn a_list_may_be_in_either_order(world: World) {
    let tenant = world.tenant().await;
    let account = tenant.account("@a").await;
    for key in ["b", "c", "d"] {
        account.balance(key).await;
    }
    let list = format!("/accounts/{}/balances?limit=3&sort_order=desc", account.id);
    assert_eq!(
        pages_forth_and_back(&tenant, &list).await,
        [vec!["d c b", "default"], vec!["d c b"]]
    );
    let list = "/balances?limit=3&sort_order=DESC";
    assert_eq!(
        pages_forth_and_back(&tenant, list).await,
        [vec!["d c b", "default default"], vec!["d c b"]]
    );
    assert_eq!(page(&tenant, "/balances?sort_order=Asc&limit=3").await.0, "default default b");
}

async fn the_way_back_to_the_first_page_offers_the_way_forward(world: World) {
    let tenant = world.tenant().await;
    let account = tenant.account("@a").await;
    for key in ["b", "c", "d"] {
        account.balance(key).await;
    }
    let list = format!("/accounts/{}/balances?limit=2", account.id);
    let (first, next, _) = page(&tenant, &list).await;
    let (second, _, previous) = page(&tenant, &format!("{list}&cursor={}", next.unwrap())).await;
    let (again, next, before) =
        page(&tenant, &format!("{list}&cursor={}", previous.unwrap())).await;
    assert_eq!((again, before), (first, None));
    assert_eq!(page(&tenant, &format!("{list}&cursor={}", next.unwrap())).await.0, second);
}

async fn a_list_of_an_alias_is_answered_whole_or_in_pages(world: World) {
    let tenant = world.tenant().await;
    let account = tenant.account("@a").await;
    for key in 0..11 {
        account.balance(&format!("k{key:02}")).await;
    }
    let all = "default k00 k01 k02 k03 k04 k05 k06 k07 k08 k09 k10";
    let list = "/accounts/alias/@a/balances";
    let (keys, next, previous) = page(&tenant, list).await;
    // The newest first.
    let mut newest_first: Vec<&str> = all.split(' ').collect();
    newest_first.reverse();
    assert_eq!((keys, next, previous), (newest_first.join(" "), None, None));
    let (keys, next, _) = page(&tenant, &format!("{list}?limit=2")).await;
    assert_eq!(keys, "k10 k09");
    let rest = format!("{list}?limit=100&cursor={}", next.unwrap());
    assert_eq!(page(&tenant, &rest).await.0, newest_first[2..].join(" "));
    for (query, code) in [
        ("limit=abc", "0082"),
        ("cursor=x", "0082"),
        ("page=2", "0082"),
        ("start_date=never", "0131"),
        ("sort_order=", "0081"),
    ] {
        tenant.get(&format!("{list}?{query}")).await.refused(400, code);
    }
    assert_eq!(page(&tenant, &format!("{list}?page=1")).await.0, newest_first.join(" "));
    let oldest_first = page(&tenant, &format!("{list}?sort_order=asc&limit=3")).await;
    assert_eq!(oldest_first.0, "default k00 k01");
    let rest = format!("{list}?limit=100&cursor={}", oldest_first.1.unwrap());
    assert_eq!(page(&tenant, &rest).await.0, all[16..]);
    let none = format!("{list}?start_date=2001-01-01&end_date=2001-12-31");
    assert_eq!(page(&tenant, &none).await.0, "");
    let body = tenant.get("/accounts/alias/@a/balances").await.json(200);
    assert_eq!(body["limit"], 10);
    assert_eq!(page(&tenant, "/accounts/alias/%40a/balances").await.0.len(), all.len());
    assert_eq!(page(&tenant, "/accounts/external/USD/balances").await.0, "default");
}

async fn a_list_may_be_of_some_time_only(world: World) {
    let tenant = world.tenant().await;
    let account = tenant.account("@a").await;
    account.balance("b").await;
    account.balance("c").await;
    let listed = account.get("/balances").await.json(200);
    let created = |place: usize| listed["items"][place]["createdAt"].as_str().unwrap().to_owned();
    let keys = async |from: &str, to: &str| {
        let query = format!("start_date={from}&end_date={to}");
        let of_account =
            page(&tenant, &format!("/accounts/{}/balances?{query}", account.id)).await.0;
        let of_ledger = page(&tenant, &format!("/balances?{query}&limit=100")).await.0;
        assert!(of_ledger.ends_with(&of_account), "{of_ledger}");
        of_account
    };
    // Both ends belong to it, to the microsecond.
    assert_eq!(keys(&created(1), &created(1)).await, "b");
    assert_eq!(keys(&created(1), &created(2)).await, "b c");
    assert_eq!(keys("2001-01-01", &created(0)).await, "default");
    assert_eq!(keys("2001-01-01", "2001-12-31").await, "");
    assert_eq!(keys("2001-01-01", "2999-12-31").await, "default b c");
    assert_eq!(keys("2001-01-01%2000:00:00", &now()).await, "default b c");
    assert_eq!(keys("2001-01-01T00:00:00", "2999-12-31T23:59:59.5Z").await, "default b c");
    // An offset is honoured: the moment is the same, written for another place.
    let (date, _) =
        created(1).split_once('T').map(|(date, time)| (date.to_owned(), time.to_owned())).unwrap();
    assert_eq!(keys(&date, "2999-12-31T23:59:59%2B05:30").await, "default b c");
    // A day without a time is the whole day.
    let days = now();
    let today = days.split('T').next().unwrap();
    assert_eq!(keys(&date, today).await, "default b c");
    // The cursor goes on in the range that is sent with it.
    let list = format!(
        "/accounts/{}/balances?limit=1&start_date={}&end_date={}",
        account.id,
        created(1),
        created(2)
    );
    assert_eq!(pages_forth_and_back(&tenant, &list).await, [vec!["b", "c"], vec!["b"]]);
}

async fn a_list_under_what_does_not_exist_is_not_found(world: World) {
    let tenant = world.tenant().await;
    let stranger = world.tenant().await;
    let foreign = stranger.account("@stranger").await.id;
    let unknown = Uuid::now_v7();
    let foreign_ledger = stranger.ledger;
    let in_ledger = |ledger: Uuid, rest: &str| {
        format!("/v1/organizations/{}/ledgers/{ledger}{rest}", tenant.organization)
    };
    let rows = [
        (tenant.at(&format!("/accounts/{unknown}/balances")), 404, "0007"),
        (tenant.at(&format!("/accounts/{foreign}/balances")), 404, "0007"),
        (tenant.at(&format!("/accounts/{unknown}/operations")), 404, "0007"),
        (tenant.at(&format!("/accounts/{foreign}/operations")), 404, "0007"),
        (tenant.at("/accounts/alias/@nobody/balances"), 404, "0085"),
        (tenant.at("/accounts/alias/@stranger/balances"), 404, "0085"),
        (tenant.at("/accounts/alias/a%20b/balances"), 404, "0085"),
        (tenant.at("/accounts/external/EUR/balances"), 404, "0085"),
        (tenant.at("/accounts/external/usd/balances"), 404, "0085"),
        (tenant.at("/accounts/external/U%20D/balances"), 404, "0085"),
        (in_ledger(foreign_ledger, &format!("/accounts/{foreign}/balances")), 404, "0007"),
    ];
    tenant.client.refuses_targets(rows).await;
    // The list of a ledger is empty where there is no ledger, as in the original.
    for ledger in [unknown, foreign_ledger] {
        let page = tenant.client.get(&in_ledger(ledger, "/balances")).await.json(200);
        assert_eq!(page["items"], Value::Array(Vec::new()), "{ledger}");
    }
}

async fn the_last_of_several_equal_parameters_counts(world: World) {
    let tenant = world.tenant().await;
    let page = tenant.get("/balances?limit=abc&limit=7&sort_order=asc&page=1").await.json(200);
    assert_eq!(page["limit"], 7);
    assert_eq!(page["items"].as_array().unwrap().len(), 1);
}

async fn a_balance_is_in_the_list_once_its_creation_is_answered(world: World) {
    let tenant = world.tenant().await;
    let account = tenant.account("@a").await;
    for key in ["b", "c", "d"] {
        let created = account.balance(key).await;
        let newest = tenant.get("/balances?sort_order=desc&limit=1").await.json(200);
        assert_eq!(newest["items"], Value::Array(vec![created.clone()]));
        let newest = account.get("/balances?sort_order=desc&limit=1").await.json(200);
        assert_eq!(newest["items"], Value::Array(vec![created]));
    }
}
