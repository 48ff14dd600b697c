//! A large ledger, listed while it grows.

use std::collections::BTreeSet;

use futures_util::future::{join, join_all};
use serde_json::json;
use subledger::account::Account;
use subledger::balance::{Balance, BalanceKey};
use subledger::money::ids::{AccountId, BalanceId};
use subledger::ports::{Clock, IdSource, OpenBalances, Opening};
use subledger_http::system::{RandomIds, SystemClock};
use subledger_tests::{Tenant, World};

/// How many balances one transaction opens: three items each and the account fit in the hundred
/// items that DynamoDB allows.
const BALANCES_PER_TRANSACTION: usize = 33;

/// Opens this many balances of an account at the store.
async fn open_many(tenant: &Tenant<'_>, account: &Account, count: usize) {
    let store = &tenant.client.world.store;
    let numbers: Vec<usize> = (0..count).collect();
    for numbers in numbers.chunks(BALANCES_PER_TRANSACTION) {
        let balances: Vec<Balance> = numbers
            .iter()
            .map(|number| {
                let id = BalanceId::new(RandomIds.next_id());
                let key = BalanceKey::parse(&format!("k{number}")).unwrap();
                Balance::open(id, account, key, SystemClock.now())
            })
            .collect();
        let opening = store.open_balances(account, &balances).await.unwrap();
        assert!(matches!(opening, Opening::Opened), "{opening:?}");
    }
}

/// Lists the whole ledger and gives the ids of all its balances, in the order of the list.
async fn list_all(tenant: &Tenant<'_>, order: &str) -> Vec<String> {
    let mut ids = Vec::new();
    let mut cursor = String::new();
    loop {
        let target = format!("/balances?limit=100&sort_order={order}&cursor={cursor}");
        let page = tenant.get(&target).await.json(200);
        let items = page["items"].as_array().unwrap();
        ids.extend(items.iter().map(|item| item["id"].as_str().unwrap().to_owned()));
        match page["next_cursor"].as_str() {
            Some(next) => next.clone_into(&mut cursor),
            None => return ids,
        }
        assert_eq!(items.len(), 100);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ledger_of_ten_thousand_balances_is_listed_while_a_thousand_are_opened() {
    let world = World::over_http().await;
    let tenant = world.tenant().await;
    let mut accounts = Vec::new();
    for number in 0..5 {
        let alias = format!("@a{number}");
        let id = tenant.account(&alias).await.id;
        let account = world.store.account_to_open(tenant.scope(), AccountId::new(id)).await;
        accounts.push(account.unwrap().unwrap());
    }
    // The accounts and the dollar have a balance each already.
    for account in &accounts {
        open_many(&tenant, account, 2_000).await;
    }
    let at_start: BTreeSet<String> = list_all(&tenant, "asc").await.into_iter().collect();
    assert_eq!(at_start.len(), 10_006);

    // A thousand more, two hundred of each account one after the other, through the gateway.
    let creating = join_all(accounts.iter().map(|account| {
        let target = tenant.at(&format!("/accounts/{}/balances", account.id));
        let client = &tenant.client;
        async move {
            for number in 0..200 {
                let body = json!({ "key": format!("new-{number}") });
                client.post(&target, &body).await.json(201);
            }
        }
    }));
    let listing = join(list_all(&tenant, "asc"), list_all(&tenant, "desc"));
    let ((forth, back), _) = join(listing, creating).await;

    for (order, listed) in [("asc", forth), ("desc", back)] {
        let once: BTreeSet<String> = listed.iter().cloned().collect();
        assert_eq!(once.len(), listed.len(), "{order}: something is listed twice");
        let missing = at_start.difference(&once).count();
        assert_eq!(missing, 0, "{order}: something that was there is missing");
    }
    let at_end = list_all(&tenant, "desc").await;
    assert_eq!(at_end.len(), 11_006);
    assert_eq!(at_end.into_iter().collect::<BTreeSet<_>>().len(), 11_006);
}
