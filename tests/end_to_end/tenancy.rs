//! One tenant does not see another.

use std::collections::BTreeSet;

use serde_json::json;
use subledger_tests::{Request, World, id_of, in_both_worlds, now};

use crate::authorization::requests;

in_both_worlds! {
    no_route_leads_into_another_organization,
    nothing_of_another_ledger_is_seen,
    a_key_that_another_tenant_used_is_free,
}

async fn no_route_leads_into_another_organization(world: World) {
    let tenant = world.tenant().await;
    // The ids of these requests are new, so each names an organization that is not the tenant's.
    let rows = requests().into_iter().filter(|(path, _)| path.contains("{organization_id}"));
    let code = |path: &str, request: &Request| match (request.writes(), path) {
        (true, "/v1/organizations/{organization_id}/ledgers") => "0038",
        _ => "0007",
    };
    let rows = rows.map(|(path, request)| {
        // Only an operator deletes an organization, whosever it is.
        if (request.method_name(), path) == ("DELETE", "/v1/organizations/{organization_id}") {
            return (request, 403, "0043");
        }
        let code = code(path, &request);
        (request, 404, code)
    });
    tenant.client.is_refused(rows).await;

    let stranger = world.tenant().await;
    let account = stranger.account("@a").await;
    let balance = account.balance("x").await["id"].as_str().unwrap().to_owned();
    let date = now();
    let targets = [
        stranger.at(""),
        stranger.at("/balances"),
        stranger.at(&format!("/balances/{balance}")),
        stranger.at(&format!("/balances/{balance}/history?date={date}")),
        stranger.at(&format!("/balances/{balance}/versions")),
        account.at("/balances"),
        account.at(&format!("/balances/history?date={date}")),
        stranger.at("/accounts/alias/@a/balances"),
        stranger.at("/accounts/external/USD/balances"),
        stranger.at("/accounts/alias/@a"),
        account.at(""),
    ];
    tenant.client.refuses_targets(targets.map(|target| (target, 404, "0007"))).await;
    let open = Request::post(&account.at("/balances"), &json!({ "key": "y" }));
    tenant.client.is_refused([(open, 404, "0007")]).await;
}

async fn nothing_of_another_ledger_is_seen(world: World) {
    let tenant = world.tenant().await;
    let stranger = world.tenant().await;
    let account = stranger.account("@a").await;
    let balance = account.balance("x").await["id"].as_str().unwrap().to_owned();
    let (account, date) = (account.id, now());
    // Its own organization with the other's ledger, and its own ledger with the other's ids.
    let mixed = |rest: &str| {
        format!("/v1/organizations/{}/ledgers/{}{rest}", tenant.organization, stranger.ledger)
    };
    for ledger in [mixed(""), tenant.at("")] {
        let at = |rest: &str| format!("{ledger}{rest}");
        let rows = [
            (at(&format!("/balances/{balance}")), 404, "0007"),
            (at(&format!("/balances/{balance}/versions")), 404, "0007"),
            (at(&format!("/balances/{balance}/history?date={date}")), 404, "0007"),
            (at(&format!("/accounts/{account}/balances/history?date={date}")), 404, "0141"),
            (at(&format!("/accounts/{account}")), 404, "0007"),
            (at("/accounts/alias/@a"), 404, "0085"),
            (at("/accounts/alias/@a/balances"), 404, "0085"),
            (at(&format!("/accounts/{account}/balances")), 404, "0007"),
            (at(&format!("/accounts/{account}/operations")), 404, "0007"),
        ];
        tenant.client.refuses_targets(rows).await;
        let open =
            Request::post(&at(&format!("/accounts/{account}/balances")), &json!({ "key": "y" }));
        tenant.client.is_refused([(open, 404, "0007")]).await;
    }
    let page = tenant.client.get(&mixed("/balances")).await.json(200);
    assert_eq!(page["items"], json!([]));
    let rows = [(mixed(""), 404, "0007")];
    tenant.client.refuses_targets(rows).await;
}

async fn a_key_that_another_tenant_used_is_free(world: World) {
    let [tenant, stranger] = [world.tenant().await, world.tenant().await];
    let mut accounts = BTreeSet::new();
    let mut transactions = BTreeSet::new();
    for tenant in [&tenant, &stranger] {
        tenant.account("@a").await;
        accounts.insert(tenant.v0_account("key-1", &["deposit"]).await);
        let inflow = json!({ "send": {
            "asset": "USD",
            "value": "1",
            "distribute": { "to": [{ "accountAlias": "@a", "remaining": "remaining" }] },
        } });
        let post = Request::post(&tenant.at("/transactions/inflow"), &inflow);
        let posted = tenant.client.send(post.key("key-1")).await;
        assert_eq!(posted.header("x-idempotency-replayed"), "false");
        transactions.insert(id_of(&posted.json(201)));
    }
    assert_eq!((accounts.len(), transactions.len()), (2, 2));
    // What the other tenant's key made is not this tenant's.
    for account in &accounts {
        let found = tenant.client.get(&format!("/v0/accounts/{account}")).await.status == 200;
        let also = stranger.client.get(&format!("/v0/accounts/{account}")).await.status == 200;
        assert!(found != also, "{account}");
    }
}
