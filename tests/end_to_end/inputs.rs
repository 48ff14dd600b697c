//! What a request says in its body and its headers: each is acted upon or refused.

use serde_json::{Value, json};
use subledger_http::encoding::gzip;
use subledger_http::request::call::BODY_BYTES_MAX;
use subledger_http::request::routes::{self, Input};
use subledger_tests::{Request, World, id_of, in_both_worlds};

use crate::authorization::requests;
use crate::bank::{Bank, inflow, pending, transfer};

in_both_worlds! {
    a_step_that_reads_no_body_refuses_one,
    no_operation_ignores_a_body,
    a_field_that_is_given_twice_is_refused,
    what_is_wrong_with_a_body_is_said,
    an_amount_is_written_as_the_contract_says,
    the_empty_values_of_clients_count_as_absent,
    a_change_leaves_what_is_empty_in_it,
    a_body_may_be_gzip,
    a_change_of_a_transaction_leaves_its_operations,
    a_transaction_says_what_reverts_it,
    what_is_always_there_is_there,
    a_refusal_of_a_transaction_says_which_leg_and_which_sums,
}

async fn a_step_that_reads_no_body_refuses_one(world: World) {
    let tenant = world.tenant().await;
    let bank = Bank(&tenant);
    let a = tenant.account("@a").await;
    tenant.account("@b").await;
    let posted = bank.inflow("@a", "100").await;
    let held = bank.post("json", &pending("@a", "@b", "75")).await.json(201);
    for (transaction, step) in [(&held, "commit"), (&held, "cancel"), (&posted, "revert")] {
        let target = tenant.at(&format!("/transactions/{}/{step}", id_of(transaction)));
        let rows = [
            (r#"{"amount":"40"}"#, 400, "0053"),
            (r#"{"foo":"x"}"#, 400, "0053"),
            ("{{{", 400, "0094"),
            ("[]", 400, "0094"),
            ("garbage", 400, "0094"),
        ];
        tenant.client.refuses_bodies(&target, rows).await;
    }
    assert_eq!(bank.amounts(&a, "default").await, ["25", "75", "0"]);
    let target = tenant.at(&format!("/transactions/{}/commit", id_of(&held)));
    tenant.client.send(Request::new("POST", &target).text("{}")).await.json(201);
}

async fn no_operation_ignores_a_body(world: World) {
    let tenant = world.tenant().await;
    let operator = world.client(None, None, &format!("operator {}", subledger_tests::ALL_SCOPES));
    let mut checked = 0;
    for (path, request) in requests() {
        let is_v0 = path.starts_with("/v0");
        let client = if is_v0 { &tenant.client } else { &operator };
        if routes::input_of_route((request.method_name(), path)) == Some(Input::Body) {
            continue;
        }
        checked += 1;
        let code = if is_v0 { "payload_invalid" } else { "0094" };
        client.send(request.clone().text("{{{")).await.refused(400, code);
        if !is_v0 {
            client.send(request.text(r#"{"amount":"40"}"#)).await.refused(400, "0053");
        }
    }
    assert!(checked > 20);
}

async fn a_field_that_is_given_twice_is_refused(world: World) {
    let tenant = world.tenant().await;
    tenant.account("@a").await;
    let body = inflow("@a", "1").to_string();
    let twice = |from: &str, to: &str| {
        assert!(body.contains(from), "{from} in {body}");
        body.replacen(from, to, 1)
    };
    let rows = [
        twice(r#""value":"1""#, r#""value":"1","value":"1000""#),
        twice(r#""accountAlias":"@a""#, r#""accountAlias":"@b","accountAlias":"@a""#),
        twice(r#"{"send""#, r#"{"description":"x","description":"y","send""#),
        twice(r#"{"send""#, r#"{"metadata":{"k":"1","k":"2"},"send""#),
    ];
    let rows = rows.iter().map(|body| (body.as_str(), 400, "0094"));
    let inflows = tenant.at("/transactions/inflow");
    tenant.client.refuses_bodies(&inflows, rows).await;
    let account = r#"{"assetCode":"USD","type":"a","type":"b"}"#;
    tenant.client.refuses_bodies(&tenant.at("/accounts"), [(account, 400, "0094")]).await;
    let request =
        Request::new("POST", &inflows).text(&twice(r#""value":"1""#, r#""value":"1","value":"2""#));
    let said = tenant.client.send(request).await.refused(400, "0094");
    assert!(said["message"].as_str().unwrap().contains("value is given more than once"), "{said}");
}

async fn what_is_wrong_with_a_body_is_said(world: World) {
    let tenant = world.tenant().await;
    let deep = format!("{{\"metadata\":{}1{}}}", "[".repeat(200), "]".repeat(200));
    for (body, words) in [
        ("{", "is not JSON at line 1 column 1"),
        ("{\"name\":1e999}", "number that is out of range"),
        ("{\"name\":\"\\ud800\"}", "half of a surrogate pair"),
        (&deep, "nested more than 127 deep"),
        ("[]", "an object is expected, not an array"),
    ] {
        let request = Request::new("POST", &tenant.at("/accounts")).text(body);
        let said = tenant.client.send(request).await.refused(400, "0094");
        assert!(said["message"].as_str().unwrap().contains(words), "{body}: {said}");
    }
}

async fn an_amount_is_written_as_the_contract_says(world: World) {
    let tenant = world.tenant().await;
    let a = tenant.account("@a").await;
    let decimals = |zeros: usize| format!("5.{}", "0".repeat(zeros));
    for (value, code) in [
        ("+5", "0094"),
        (" 5", "0094"),
        ("5.", "0094"),
        ("5e2", "0094"),
        (&decimals(81), "0047"),
        (&decimals(65), "0047"),
        (&format!("{}5", "0".repeat(64)), "0047"),
    ] {
        let body = inflow("@a", value);
        tenant.post("/transactions/inflow", &body).await.refused(400, code);
    }
    tenant.post("/transactions/inflow", &inflow("@a", &decimals(64))).await.json(201);
    assert_eq!(Bank(&tenant).amounts(&a, "default").await, ["5", "0", "0"]);
    let settings = json!({ "settings": {
        "allowOverdraft": true, "overdraftLimitEnabled": true, "overdraftLimit": "+5",
    } });
    let mut new = settings.clone();
    new["key"] = json!("x");
    a.open(&new).await.refused(400, "0172");
}

async fn the_empty_values_of_clients_count_as_absent(world: World) {
    let tenant = world.tenant().await;
    let nil = "00000000-0000-0000-0000-000000000000";
    let body = json!({
        "assetCode": "USD", "type": "deposit", "alias": "@a", "parentAccountId": nil,
        "portfolioId": nil, "segmentId": nil,
    });
    let account = tenant.post("/accounts", &body).await.json(201);
    for name in ["parentAccountId", "portfolioId", "segmentId"] {
        assert_eq!(account[name], Value::Null, "{name}");
    }
    let mut body = inflow("@a", "1");
    body["transactionDate"] = json!("0001-01-01T00:00:00Z");
    body["routeId"] = json!(nil);
    let posted = tenant.post("/transactions/inflow", &body).await.json(201);
    assert_eq!(posted["createdAt"], posted["recordedAt"]);
    assert_eq!(posted.get("routeId"), None);
}

async fn a_change_leaves_what_is_empty_in_it(world: World) {
    let tenant = world.tenant().await;
    let bank = Bank(&tenant);
    let portfolio = tenant.post("/portfolios", &json!({ "name": "North" })).await.json(201);
    let body = json!({
        "assetCode": "USD", "type": "deposit", "alias": "@a", "name": "One", "entityId": "e",
        "portfolioId": portfolio["id"],
        "status": { "code": "REVIEW", "description": "why" }, "metadata": { "k": "v" },
    });
    let account = tenant.post("/accounts", &body).await.json(201);
    let rest = format!("/accounts/{}", id_of(&account));
    let kept = ["name", "entityId", "portfolioId", "status", "metadata"];
    for change in [
        json!({}),
        json!({ "name": "" }),
        json!({ "name": null }),
        json!({ "entityId": "" }),
        json!({ "portfolioId": "00000000-0000-0000-0000-000000000000" }),
        json!({ "status": {} }),
        json!({ "status": null }),
        json!({ "status": { "code": "", "description": "" } }),
        json!({ "metadata": {} }),
    ] {
        let changed = bank.patch(&rest, &change).await.json(200);
        for name in kept {
            assert_eq!(changed[name], account[name], "{change}");
        }
    }
    let changed = bank.patch(&rest, &json!({ "status": { "description": "x" } })).await.json(200);
    assert_eq!(changed["status"], json!({ "code": "REVIEW", "description": "x" }));
    let change = json!({ "entityId": null, "portfolioId": null, "metadata": { "k": null } });
    let changed = bank.patch(&rest, &change).await.json(200);
    assert_eq!((&changed["entityId"], &changed["portfolioId"]), (&Value::Null, &Value::Null));
    assert_eq!(changed.get("metadata"), None);
    let mut body = inflow("@a", "1");
    body["description"] = json!("salary");
    let posted = bank.post("inflow", &body).await.json(201);
    let rest = format!("/transactions/{}", id_of(&posted));
    let changed = bank.patch(&rest, &json!({ "description": "" })).await.json(200);
    assert_eq!(changed["description"], "salary");
}

async fn a_body_may_be_gzip(world: World) {
    let tenant = world.tenant().await;
    let body = json!({ "assetCode": "USD", "type": "deposit", "alias": "@a" }).to_string();
    let send = async |coding: &str, bytes: &[u8]| {
        let request = Request::new("POST", &tenant.at("/accounts"));
        let request = request.text("").bytes(bytes).header("Content-Encoding", coding);
        tenant.client.send(request).await
    };
    let account = send("gzip", &gzip(&body)).await.json(201);
    assert_eq!(account["alias"], "@a");
    let said = send("gzip", body.as_bytes()).await.refused(400, "0094");
    assert!(said["message"].as_str().unwrap().contains("not gzip"), "{said}");
    for coding in ["br", "deflate", "zstd", "gzip, gzip"] {
        let answer = send(coding, body.as_bytes()).await;
        answer.refused(415, "0094");
        assert_eq!(answer.header("accept-encoding"), "gzip", "{coding}");
    }
    // A hundred times the longest body, in less than the longest body.
    let bomb = gzip(&" ".repeat(100 * BODY_BYTES_MAX));
    assert!(bomb.len() < BODY_BYTES_MAX);
    send("gzip", &bomb).await.refused(413, "0143");
    let v0 = |coding: &str| {
        let request = Request::new("POST", "/v0/accounts").key("key-1").text("{}");
        request.header("Content-Encoding", coding)
    };
    let answer = tenant.client.send(v0("br")).await;
    answer.refused(415, "payload_invalid");
    assert_eq!(answer.header("accept-encoding"), "gzip");
    tenant.client.send(v0("gzip")).await.refused(400, "payload_invalid");
}

async fn a_change_of_a_transaction_leaves_its_operations(world: World) {
    let tenant = world.tenant().await;
    let bank = Bank(&tenant);
    let a = tenant.account("@a").await;
    let mut body = inflow("@a", "1");
    body["description"] = json!("first");
    let posted = bank.post("inflow", &body).await.json(201);
    let rest = format!("/transactions/{}", id_of(&posted));
    let changed = bank.patch(&rest, &json!({ "description": "second" })).await.json(200);
    assert_eq!(changed["description"], "second");
    for operation in changed["operations"].as_array().unwrap() {
        assert_eq!(operation["description"], "first");
    }
    let listed = a.get("/operations").await.json(200);
    assert_eq!(listed["items"][0]["description"], "first");
}

async fn a_transaction_says_what_reverts_it(world: World) {
    let tenant = world.tenant().await;
    let bank = Bank(&tenant);
    tenant.account("@a").await;
    let posted = bank.inflow("@a", "1").await;
    let rest = format!("/transactions/{}", id_of(&posted));
    assert_eq!(tenant.get(&rest).await.json(200).get("revertedBy"), None);
    let reversal = bank.step(&posted, "revert").await.json(201);
    assert_eq!(tenant.get(&rest).await.json(200)["revertedBy"], reversal["id"]);
    let said = bank.step(&posted, "revert").await.refused(400, "0087");
    assert!(said["message"].as_str().unwrap().contains(reversal["id"].as_str().unwrap()), "{said}");
}

async fn what_is_always_there_is_there(world: World) {
    let tenant = world.tenant().await;
    let bank = Bank(&tenant);
    let a = tenant.account("@a").await;
    let organization = format!("/v1/organizations/{}", tenant.organization);
    let address = &tenant.client.get(&organization).await.json(200)["address"];
    let names = ["line1", "line2", "zipCode", "city", "state", "country"];
    assert_eq!(address.as_object().unwrap().len(), names.len());
    assert!(names.iter().all(|name| address[name].is_null()), "{address}");
    let posted = bank.inflow("@a", "1").await;
    for operation in posted["operations"].as_array().unwrap() {
        assert_eq!(operation.get("metadata"), Some(&Value::Null));
    }
    let balance = bank.balance(&a, "default").await;
    assert_eq!(balance.get("settings"), None);
    let past = bank.history(&balance, &subledger_tests::now()).await.json(200);
    assert_eq!(past.get("settings"), Some(&Value::Null));
}

async fn a_refusal_of_a_transaction_says_which_leg_and_which_sums(world: World) {
    let tenant = world.tenant().await;
    let bank = Bank(&tenant);
    let a = tenant.account("@a").await;
    tenant.account("@b").await;
    bank.inflow("@a", "10").await;
    let post = async |body: Value, status: u16, code: &str| {
        let said = bank.post("json", &body).await.refused(status, code);
        said["message"].as_str().unwrap().to_owned()
    };
    let of_leg = |words: &str| format!("The source @a, balance default, {words}");
    assert_eq!(
        post(transfer("@a", "@b", "12"), 422, "0018").await,
        of_leg("has 10 available, and the transaction takes 12 from it.")
    );
    let said = post(transfer("@a", "@c", "1"), 422, "0019").await;
    assert!(said.starts_with("The destination @c, balance default, does not exist"), "{said}");
    let said = post(transfer("a b", "@b", "1"), 422, "0019").await;
    assert!(said.starts_with("The source at place 1 names an alias"), "{said}");
    let mut totals = transfer("@a", "@b", "5");
    totals["send"]["source"]["from"][0]["amount"]["value"] = json!("4");
    let said = post(totals, 400, "0073").await;
    assert!(said.starts_with("The source side adds up to 4. It has to add up to 5"), "{said}");
    let mut zero = transfer("@a", "@b", "5");
    zero["send"]["distribute"]["to"][0]["amount"]["value"] = json!("0");
    let said = post(zero, 400, "0073").await;
    assert!(said.starts_with("A destination has the amount 0."), "{said}");
    tenant.asset("EUR").await;
    let mut euros = transfer("@a", "@b", "1");
    euros["send"]["asset"] = json!("EUR");
    let said = post(euros.clone(), 404, "0034").await;
    assert_eq!(said, "A leg names the asset USD; it has to be EUR, that of the transaction.");
    for (side, list) in [("source", "from"), ("distribute", "to")] {
        euros["send"][side][list][0]["amount"]["asset"] = json!("EUR");
    }
    let said = post(euros, 404, "0034").await;
    assert_eq!(said, of_leg("has the asset USD, which is not that of the transaction."));
    let id = id_of(&bank.balance(&a, "default").await);
    bank.patch(&format!("/balances/{id}"), &json!({ "allowSending": false })).await.json(200);
    let said = post(transfer("@a", "@b", "1"), 400, "0024").await;
    assert_eq!(said, of_leg("may not take part: the balance has allowSending false."));
    let overdraft = json!({ "allowSending": true, "settings": {
        "allowOverdraft": true, "overdraftLimitEnabled": true, "overdraftLimit": "5",
    } });
    bank.patch(&format!("/balances/{id}"), &overdraft).await.json(200);
    let said = post(transfer("@a", "@b", "16"), 422, "0167").await;
    assert_eq!(said, of_leg("may use an overdraft of 5 in all, and would use 6."));
    let held = bank.post("json", &pending("@a", "@b", "1")).await.json(201);
    let said = bank.step(&held, "revert").await.refused(422, "0099");
    assert!(said["message"].as_str().unwrap().starts_with("The transaction is PENDING."), "{said}");
}
