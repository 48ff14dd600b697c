//! Cursors that are none of ours.

use subledger_tests::{World, in_both_worlds};

in_both_worlds! {
    a_cursor_that_is_none_is_refused,
    a_cursor_of_another_list_is_refused,
    a_cursor_that_was_changed_is_refused,
}

async fn a_cursor_that_is_none_is_refused(world: World) {
    let tenant = world.tenant().await;
    let account = tenant.account("@a").await;
    let balance = account.balance("b").await;
    let versions = format!("/balances/{}/versions", balance["id"].as_str().unwrap());
    let long = "A".repeat(10_000);
    for list in [tenant.at("/balances"), account.at("/balances"), tenant.at(&versions)] {
        let refused = [
            "zzz",
            "%20",
            "%00",
            "%FF%FE",
            "AA",
            "null",
            // What the original takes: a base64 of JSON.
            "eyJpZCI6IjAxOTgwMDAwLTAwMDAtNzAwMC04MDAwLTAwMDAwMDAwMDAwMSIsImRpcmVjdGlvbiI6Im5leHQifQ%3D%3D",
            &long,
        ];
        let rows = refused.map(|cursor| (format!("{list}?cursor={cursor}"), 400, "0082"));
        tenant.client.refuses_targets(rows).await;
        // An empty one is the first page.
        tenant.client.get(&format!("{list}?cursor=")).await.json(200);
    }
}

async fn a_cursor_of_another_list_is_refused(world: World) {
    let tenant = world.tenant().await;
    let stranger = world.tenant().await;
    let account = tenant.account("@a").await;
    let other = tenant.account("@b").await;
    let foreign = stranger.account("@a").await;
    for account in [&account, &other, &foreign] {
        account.balance("b").await;
        account.balance("c").await;
    }
    let next = |page: serde_json::Value| page["next_cursor"].as_str().unwrap().to_owned();
    let of_ledger = next(tenant.get("/balances?limit=1").await.json(200));
    let of_foreign_ledger = next(stranger.get("/balances?limit=1").await.json(200));
    let of_account = next(account.get("/balances?limit=1").await.json(200));
    let of_other_account = next(other.get("/balances?limit=1").await.json(200));
    let of_foreign_account = next(foreign.get("/balances?limit=1").await.json(200));
    let ledger = tenant.at("/balances");
    let account_list = account.at("/balances");
    let balance = account.get("/balances?limit=1").await.json(200)["items"][0].clone();
    let versions = tenant.at(&format!("/balances/{}/versions", balance["id"].as_str().unwrap()));
    let rows = [
        (&ledger, &of_foreign_ledger),
        (&ledger, &of_account),
        (&account_list, &of_ledger),
        (&account_list, &of_other_account),
        (&account_list, &of_foreign_account),
        (&versions, &of_ledger),
        (&versions, &of_account),
    ];
    let rows = rows.map(|(list, cursor)| (format!("{list}?cursor={cursor}"), 400, "0082"));
    tenant.client.refuses_targets(rows).await;
    tenant.client.get(&format!("{ledger}?cursor={of_ledger}")).await.json(200);
    tenant.client.get(&format!("{account_list}?cursor={of_account}")).await.json(200);
}

async fn a_cursor_that_was_changed_is_refused(world: World) {
    let tenant = world.tenant().await;
    let account = tenant.account("@a").await;
    account.balance("b").await;
    let page = account.get("/balances?limit=1").await.json(200);
    let cursor = page["next_cursor"].as_str().unwrap();
    // Every cursor that is cut short, and every one of which a letter was exchanged.
    let cut = (1..cursor.len()).map(|length| cursor[..length].to_owned());
    let forged = (0..cursor.len()).map(|place| {
        let letter = if cursor.as_bytes().get(place) == Some(&b'A') { "B" } else { "A" };
        format!("{}{letter}{}", &cursor[..place], &cursor[place + 1..])
    });
    let longer = [
        format!("{cursor}A"),
        format!("{cursor}AAAA"),
        format!("{cursor}%3D"),
        format!("A{cursor}"),
    ];
    let list = account.at("/balances");
    for cursor in cut.chain(forged).chain(longer) {
        tenant.client.get(&format!("{list}?cursor={cursor}")).await.refused(400, "0082");
    }
}
