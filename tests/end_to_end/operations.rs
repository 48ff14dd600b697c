//! Single operations, and blocks.

use serde_json::{Value, json};
use subledger_tests::{Request, World, id_of, in_both_worlds};
use uuid::Uuid;

use crate::bank::{Bank, transfer};

in_both_worlds! {
    an_operation_is_read_by_its_id,
    an_operation_that_is_not_there_is_not_found,
    the_notes_of_an_operation_are_changed,
    a_block_moves_and_is_called_so,
    a_block_is_no_pending_transaction,
}

async fn an_operation_is_read_by_its_id(world: World) {
    let tenant = world.tenant().await;
    let bank = Bank(&tenant);
    let (a, b) = (tenant.account("@a").await, tenant.account("@b").await);
    bank.inflow("@a", "10").await;
    let held = bank.post("json", &crate::bank::pending("@a", "@b", "4")).await.json(201);
    bank.step(&held, "commit").await.json(201);
    for account in [&a, &b] {
        let listed = account.get("/operations").await.json(200);
        for operation in listed["items"].as_array().unwrap() {
            let read = account.get(&format!("/operations/{}", id_of(operation))).await;
            assert_eq!(read.json(200), *operation);
        }
    }
    let listed = a.get("/operations").await.json(200);
    let ids: Vec<_> = listed["items"].as_array().unwrap().iter().map(id_of).collect();
    // A commit numbers its operations behind those of the hold.
    assert!(ids.is_sorted() && ids.len() == 3, "{ids:?}");
}

async fn an_operation_that_is_not_there_is_not_found(world: World) {
    let (tenant, other) = (world.tenant().await, world.tenant().await);
    let (a, b) = (tenant.account("@a").await, tenant.account("@b").await);
    let posted = Bank(&tenant).inflow("@a", "10").await;
    let operation = |side: &str| {
        let all = posted["operations"].as_array().unwrap();
        id_of(all.iter().find(|it| it["type"] == side).unwrap())
    };
    let (credit, transaction) = (operation("CREDIT"), id_of(&posted));
    let foreign = other.at(&format!("/accounts/{}/operations/{credit}", a.id));
    let rows = [
        (b.at(&format!("/operations/{credit}")), 404, "0007"),
        (a.at(&format!("/operations/{}", operation("DEBIT"))), 404, "0007"),
        (a.at(&format!("/operations/{transaction}")), 404, "0007"),
        (a.at(&format!("/operations/{}", Uuid::now_v7())), 404, "0007"),
        (tenant.at(&format!("/accounts/{}/operations/{credit}", Uuid::now_v7())), 404, "0007"),
        (a.at("/operations/abc"), 400, "0065"),
        (tenant.at(&format!("/accounts/abc/operations/{credit}")), 400, "0065"),
    ];
    tenant.client.refuses_targets(rows).await;
    other.client.refuses_targets([(foreign, 404, "0007")]).await;
    let change = |transaction: Uuid, operation: &str| {
        let rest = format!("/transactions/{transaction}/operations/{operation}");
        Request::new("PATCH", &tenant.at(&rest)).text(r#"{"description":"x"}"#)
    };
    let nobody = Uuid::now_v7();
    let rows = [
        (change(transaction, &nobody.to_string()), 404, "0007"),
        (change(nobody, &credit.to_string()), 404, "0007"),
        (change(transaction, "abc"), 400, "0065"),
        (change(transaction, &credit.to_string()).text(r#"{"amount":"1"}"#), 400, "0053"),
    ];
    tenant.client.is_refused(rows).await;
}

async fn the_notes_of_an_operation_are_changed(world: World) {
    let tenant = world.tenant().await;
    let bank = Bank(&tenant);
    let a = tenant.account("@a").await;
    tenant.account("@b").await;
    bank.inflow("@a", "10").await;
    let mut body = transfer("@a", "@b", "4");
    body["description"] = json!("rent");
    body["send"]["source"]["from"][0]["metadata"] = json!({ "a": 1, "b": 2 });
    let request = Request::post(&tenant.at("/transactions/json"), &body).key("key-1");
    let posted = tenant.client.send(request.clone()).await.json(201);
    let [debit, credit] = ["DEBIT", "CREDIT"].map(|kind| {
        let all = posted["operations"].as_array().unwrap();
        all.iter().find(|it| it["type"] == kind).unwrap().clone()
    });
    let rest = format!("/transactions/{}/operations/{}", id_of(&posted), id_of(&debit));
    let change = json!({ "description": "half of it", "metadata": { "a": null, "c": 3 } });
    let changed = bank.patch(&rest, &change).await.json(200);
    assert_eq!(changed["description"], "half of it");
    assert_eq!(changed["metadata"], json!({ "b": 2, "c": 3 }));
    assert!(changed["updatedAt"].as_str() > debit["updatedAt"].as_str());
    for name in ["id", "amount", "balance", "balanceAfter", "createdAt", "recordedAt"] {
        assert_eq!(changed[name], debit[name], "{name}");
    }
    assert_eq!(a.get(&format!("/operations/{}", id_of(&debit))).await.json(200), changed);
    let read = tenant.get(&format!("/transactions/{}", id_of(&posted))).await.json(200);
    let operations = read["operations"].as_array().unwrap();
    assert!(operations.contains(&changed) && operations.contains(&credit), "{read}");
    assert_eq!(read["description"], "rent");
    let same = bank.patch(&rest, &json!({ "description": "" })).await.json(200);
    assert_eq!(same["description"], "half of it");
    // A repetition is answered with what was posted.
    assert_eq!(tenant.client.send(request).await.json(201), posted);
    bank.step(&posted, "revert").await.json(201);
}

async fn a_block_moves_and_is_called_so(world: World) {
    let tenant = world.tenant().await;
    let bank = Bank(&tenant);
    let (a, b) = (tenant.account("@a").await, tenant.account("@b").await);
    bank.inflow("@a", "10").await;
    let types = |transaction: &Value| {
        let all = transaction["operations"].as_array().unwrap().iter();
        all.map(|it| format!("{} {}", it["type"], it["direction"]).replace('"', ""))
            .collect::<Vec<_>>()
    };
    let blocked = bank.post("block", &transfer("@a", "@b", "4")).await.json(201);
    assert_eq!(blocked["status"]["code"], "CREATED");
    assert_eq!(types(&blocked), ["BLOCK debit", "BLOCK credit"]);
    assert_eq!(
        (&blocked["feesSkipped"], &blocked["tracerSkipped"]),
        (&json!(false), &json!(false))
    );
    assert_eq!(bank.amounts(&b, "default").await[0], "4");
    let unblocked = bank.post("unblock", &transfer("@b", "@a", "1")).await.json(201);
    assert_eq!(types(&unblocked), ["UNBLOCK debit", "UNBLOCK credit"]);
    let listed = a.get("/operations?type=BLOCK").await.json(200);
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    let listed = b.get("/operations?type=UNBLOCK").await.json(200);
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    let reversal = bank.step(&unblocked, "revert").await.json(201);
    assert_eq!(types(&reversal), ["DEBIT debit", "CREDIT credit"]);
    assert_eq!(bank.amounts(&b, "default").await[0], "4");
    bank.step(&blocked, "commit").await.refused(422, "0099");
    bank.post("block", &transfer("@a", "@b", "7")).await.refused(422, "0018");
}

async fn a_block_is_no_pending_transaction(world: World) {
    let tenant = world.tenant().await;
    let bank = Bank(&tenant);
    tenant.account("@a").await;
    tenant.account("@b").await;
    bank.inflow("@a", "10").await;
    let mut body = transfer("@a", "@b", "1");
    body["pending"] = json!(true);
    for form in ["block", "unblock"] {
        bank.post(form, &body).await.refused(400, "0047");
    }
    body["pending"] = json!(false);
    let key = |form: &str| {
        Request::post(&tenant.at(&format!("/transactions/{form}")), &body).key("key-1")
    };
    tenant.client.send(key("block")).await.json(201);
    let again = tenant.client.send(key("block")).await;
    assert_eq!((again.status, again.header("x-idempotency-replayed")), (201, "true"));
    // The same body in another form is another request.
    tenant.client.send(key("json")).await.refused(409, "0084");
}
