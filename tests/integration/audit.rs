//! The audit: nothing is wrong with what the product writes, and everything that is damaged is seen.

use std::collections::BTreeSet;

use futures_util::future::join;
use serde_json::{Value, json};
use subledger::money::timestamp::Timestamp;
use subledger::ports::Clock;
use subledger_audit::{AuditOptions, AuditReport, Finding};
use subledger_http::system::SystemClock;
use subledger_tests::{ALL_SCOPES, Client, Request, Tenant, World, id_of, revolving_credit};
use uuid::Uuid;

const EVERYTHING: AuditOptions<'_> =
    AuditOptions { clock: &SystemClock, read_units_per_second: None, settled: Timestamp::MAX };

async fn audit(world: &World) -> AuditReport {
    subledger_audit::audit(&world.store, &EVERYTHING, &|_| {}).await.unwrap()
}

/// What was found: the words of the key, without ids, times and names, and the problem. Of a counter
/// its owner, and the problem in words.
fn found(report: &AuditReport) -> BTreeSet<String> {
    let word = |part: &str| part.split('#').next().unwrap().to_owned();
    let each = |finding: &Finding| {
        let (pk, sk) = finding.key.split_once(' ').unwrap();
        if let Some(owner) = pk.strip_prefix("COUNTS#") {
            return format!("COUNTS {}: {}", word(owner), finding.problem);
        }
        let sk = word(sk);
        // What begins with a year is an entry.
        let sk = if sk.starts_with('2') { "entry".to_owned() } else { sk };
        format!("{} {sk}: {:?}", word(pk), finding.problem)
    };
    report.findings.iter().map(each).collect()
}

fn leg(alias: &str, key: &str, value: &str) -> Value {
    json!({ "accountAlias": alias, "balanceKey": key, "amount": { "asset": "USD", "value": value } })
}

async fn transfer(tenant: &Tenant<'_>, from: Value, to: Value, pending: bool) -> Value {
    let value = from["amount"]["value"].clone();
    let body = json!({
        "pending": pending,
        "send": {
            "asset": "USD",
            "value": value,
            "source": { "from": [from] },
            "distribute": { "to": [to] }
        }
    });
    tenant.post("/transactions/json", &body).await.json(201)
}

async fn step(tenant: &Tenant<'_>, transaction: &Value, step: &str) {
    let target = format!("/transactions/{}/{step}", id_of(transaction));
    tenant.post(&target, &json!({})).await.json(201);
}

/// Every kind of item, and a transaction of every kind.
async fn live(tenant: &Tenant<'_>) {
    let (ada, bob) = (tenant.account("@ada").await, tenant.account("@bob").await);
    let overdraft = json!({ "key": "line", "settings": {
        "allowOverdraft": true, "overdraftLimitEnabled": true, "overdraftLimit": "100" } });
    ada.open(&overdraft).await.json(201);
    let inflow = json!({ "send": { "asset": "USD", "value": "500",
        "distribute": { "to": [leg("@ada", "default", "500")] } } });
    tenant.post("/transactions/inflow", &inflow).await.json(201);
    let paid =
        transfer(tenant, leg("@ada", "default", "30.5"), leg("@bob", "default", "30.5"), false);
    step(tenant, &paid.await, "revert").await;
    transfer(tenant, leg("@ada", "line", "70"), leg("@bob", "default", "70"), false).await;
    transfer(tenant, leg("@bob", "default", "20"), leg("@ada", "line", "20"), false).await;
    let held = transfer(tenant, leg("@ada", "default", "11"), leg("@bob", "default", "11"), true);
    step(tenant, &held.await, "commit").await;
    let held = transfer(tenant, leg("@ada", "default", "12"), leg("@bob", "default", "12"), true);
    step(tenant, &held.await, "cancel").await;
    transfer(tenant, leg("@ada", "default", "13"), leg("@bob", "default", "13"), true).await;
    // A change of rules, a deleted balance whose key is used again, and a deleted account.
    let old = bob.balance("old").await;
    delete(&tenant.client, &tenant.at(&format!("/balances/{}", id_of(&old)))).await;
    bob.balance("old").await;
    delete(&tenant.client, &tenant.account("@gone").await.at("")).await;
    let account = tenant.v0_account("open-an-account", &["credit_without_underwriting"]).await;
    tenant
        .v0_post("/v0/subledger_balances", "open-a-balance", &revolving_credit(&account, "Line"))
        .await
        .json(200);
}

/// Sends a request with a body.
async fn change(client: &Client<'_>, target: &str, body: &Value) -> Value {
    client.send(Request::new("PATCH", target).text(&body.to_string())).await.json(200)
}

async fn delete(client: &Client<'_>, target: &str) {
    client.send(Request::new("DELETE", target)).await.is_deletion();
}

/// Creates something below the ledger, and gives the target of it.
async fn create(tenant: &Tenant<'_>, path: &str, body: Value) -> String {
    let created = tenant.post(path, &body).await.json(201);
    tenant.at(&format!("{path}/{}", id_of(&created)))
}

/// The id at the end of a target.
fn last(target: &str) -> &str {
    target.rsplit('/').next().unwrap()
}

/// What a ledger is set up with: changed, deleted, and created again.
async fn set_up(tenant: &Tenant<'_>) {
    let client = &tenant.client;
    groups(tenant).await;
    // An asset that was deleted and came back, also under the name that it had.
    let pound = json!({ "name": "Pound", "type": "currency", "code": "GBP" });
    let asset = create(tenant, "/assets", pound.clone()).await;
    change(client, &asset, &json!({ "name": "Sterling" })).await;
    let body = json!({ "assetCode": "GBP", "type": "deposit" });
    let account = create(tenant, "/accounts", body.clone()).await;
    delete(client, &account).await;
    delete(client, &asset).await;
    let asset = create(tenant, "/assets", pound.clone()).await;
    delete(client, &asset).await;
    create(tenant, "/assets", pound).await;
    create(tenant, "/accounts", body).await;
    // An asset that stays away.
    let euro = json!({ "name": "Euro", "type": "currency", "code": "EUR" });
    let asset = create(tenant, "/assets", euro).await;
    delete(client, &asset).await;
    // A block, its end, and a transaction of an earlier date.
    tenant.account("@carol").await;
    let send = |value: &str| {
        json!({ "asset": "USD", "value": value,
            "source": { "from": [leg("@external/USD", "default", value)] },
            "distribute": { "to": [leg("@carol", "default", value)] } })
    };
    for (path, body) in [
        ("/transactions/block", json!({ "send": send("7") })),
        ("/transactions/unblock", json!({ "send": send("8") })),
        (
            "/transactions/json",
            json!({ "send": send("9"), "transactionDate": "2024-02-29T12:00:00Z" }),
        ),
    ] {
        tenant.post(path, &body).await.json(201);
    }
    organizations_and_ledgers(tenant).await;
}

/// Portfolios, segments and account types, with and without accounts, and deleted ones.
async fn groups(tenant: &Tenant<'_>) {
    let client = &tenant.client;
    let named = |name: &str| json!({ "name": name });
    let (north, south) = (
        create(tenant, "/portfolios", named("North")).await,
        create(tenant, "/portfolios", named("South")).await,
    );
    let (retail, trade) = (
        create(tenant, "/segments", named("Retail")).await,
        create(tenant, "/segments", named("Trade")).await,
    );
    change(client, &retail, &named("Retail banking")).await;
    let account_type = |key: &str| json!({ "name": key, "keyValue": key });
    create(tenant, "/account-types", account_type("deposit")).await;
    let savings = create(tenant, "/account-types", account_type("savings")).await;
    delete(client, &savings).await;
    create(tenant, "/account-types", account_type("savings")).await;
    // One account moves from one portfolio to another, one is deleted, one stays.
    let grouped = |portfolio: &str, segment: &str| {
        json!({ "assetCode": "USD", "type": "deposit",
            "portfolioId": last(portfolio), "segmentId": last(segment) })
    };
    let moved = create(tenant, "/accounts", grouped(&south, &retail)).await;
    let gone = create(tenant, "/accounts", grouped(&south, &trade)).await;
    create(tenant, "/accounts", grouped(&north, &retail)).await;
    change(client, &moved, &json!({ "portfolioId": last(&north) })).await;
    delete(client, &gone).await;
    delete(client, &south).await;
    delete(client, &trade).await;
    create(tenant, "/segments", named("Trade")).await;
}

/// A deleted ledger with a past, and deleted organizations.
async fn organizations_and_ledgers(tenant: &Tenant<'_>) {
    let world = tenant.client.world;
    let operator = world.operator();
    let body = |parent: Value| json!({ "legalName": "Below", "legalDocument": "1", "parentOrganizationId": parent });
    let mut below = Vec::new();
    for parent in [json!(tenant.organization.to_string()), Value::Null] {
        let created = operator.post("/v1/organizations", &body(parent)).await.json(201);
        below.push(id_of(&created));
    }
    let at = |id: &Uuid| format!("/v1/organizations/{id}");
    let parent = json!({ "parentOrganizationId": below[0].to_string() });
    change(&operator, &at(&below[1]), &parent).await;
    let gone = body(parent["parentOrganizationId"].clone());
    let gone = operator.post("/v1/organizations", &gone).await.json(201);
    delete(&operator, &at(&id_of(&gone))).await;
    change(&operator, &tenant.at(""), &json!({ "name": "Main books" })).await;
    change(&operator, &tenant.at(""), &json!({ "name": "Books" })).await;

    let ledgers = format!("{}/ledgers", at(&tenant.organization));
    let ledger = id_of(&operator.post(&ledgers, &json!({ "name": "Closed" })).await.json(201));
    let organization = tenant.organization;
    let client = world.client(Some(organization), Some(ledger), ALL_SCOPES);
    let closed = Tenant { client, organization, ledger };
    let dollar = json!({ "name": "Dollar", "type": "currency", "code": "USD" });
    let dollar = create(&closed, "/assets", dollar).await;
    let account_type = json!({ "name": "deposit", "keyValue": "deposit" });
    let account_type = create(&closed, "/account-types", account_type).await;
    let portfolio = create(&closed, "/portfolios", json!({ "name": "North" })).await;
    let account = closed.account("@past").await;
    let (out, there) = (leg("@external/USD", "default", "5"), leg("@past", "default", "5"));
    transfer(&closed, out.clone(), there.clone(), false).await;
    transfer(&closed, there, out, false).await;
    for target in [account.at(""), dollar, portfolio, account_type, closed.at("")] {
        delete(&closed.client, &target).await;
    }
    operator.post(&ledgers, &json!({ "name": "Closed" })).await.json(201);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_wrong_with_what_the_product_writes() {
    let world = World::over_http().await;
    let tenant = world.tenant().await;
    live(&tenant).await;
    set_up(&tenant).await;
    let report = audit(&world).await;
    assert_eq!(found(&report), BTreeSet::new());
    let kinds: Vec<&str> = report.items.keys().copied().collect();
    assert_eq!(kinds.len(), 27, "{kinds:?}");
    let items = u64::try_from(world.items().await.len()).unwrap();
    assert_eq!(report.items.values().sum::<u64>(), items);
}

/// Creates, changes and deletes everything that an account stands on.
async fn set_up_for_a_while(tenant: &Tenant<'_>, account: &str, portfolio: &str) {
    let client = &tenant.client;
    let segment = create(tenant, "/segments", json!({ "name": "Retail" })).await;
    change(client, &segment, &json!({ "name": "Trade" })).await;
    for (portfolio, segment) in
        [(json!(last(portfolio)), json!(last(&segment))), (Value::Null, Value::Null)]
    {
        let groups = json!({ "portfolioId": portfolio, "segmentId": segment });
        change(client, account, &groups).await;
    }
    delete(client, &segment).await;
    let body = json!({ "name": "Euro", "type": "currency", "code": "EUR" });
    let asset = create(tenant, "/assets", body).await;
    let body = json!({ "assetCode": "EUR", "type": "deposit" });
    let other = create(tenant, "/accounts", body).await;
    delete(client, &other).await;
    delete(client, &asset).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writing_during_an_audit_is_no_finding() {
    let world = World::over_http().await;
    let tenant = world.tenant().await;
    live(&tenant).await;
    // So many items that a scan reads several pages.
    for number in 0..80_u32 {
        tenant.account(&format!("@holder-{number}")).await;
    }
    let before = Timestamp::from_micros(1).unwrap();
    let options = AuditOptions { settled: before, ..EVERYTHING };
    let portfolio = create(&tenant, "/portfolios", json!({ "name": "North" })).await;
    let writing = async {
        for number in 0..12_u32 {
            let account = tenant.account(&format!("@writer-{number}")).await;
            set_up_for_a_while(&tenant, &account.at(""), &portfolio).await;
            let balance = account.balance("short-lived").await;
            let target = tenant.at(&format!("/balances/{}", id_of(&balance)));
            transfer(&tenant, leg("@ada", "default", "1"), leg("@bob", "default", "1"), false)
                .await;
            delete(&tenant.client, &target).await;
        }
    };
    let auditing = async {
        for _ in 0..8 {
            let report = subledger_audit::audit(&world.store, &options, &|_| {}).await.unwrap();
            assert_eq!(found(&report), BTreeSet::new());
        }
    };
    join(writing, auditing).await;
    assert_eq!(found(&audit(&world).await), BTreeSet::new());
}

/// What is done to an item.
enum Damage {
    Removed,
    Changed(fn(&mut Value)),
    /// Put back under other values, beside the item itself.
    Copied(fn(&mut Value)),
}
use Damage::{Changed, Copied, Removed};

/// A text of an item.
fn text<'a>(item: &'a Value, name: &str) -> &'a str {
    item[name]["S"].as_str().unwrap_or_default()
}

/// Whether the item has this key by its words.
fn is(item: &Value, family: &str, word: &str) -> bool {
    let begins = |key: &str, word: &str| {
        key.strip_prefix(word).is_some_and(|rest| rest.is_empty() || rest.starts_with('#'))
    };
    begins(text(item, "pk"), family) && begins(text(item, "sk"), word)
}

/// Whether it is an entry, and of which list.
fn is_entry(item: &Value, family: &str) -> bool {
    text(item, "pk").split('#').next() == Some(family) && text(item, "sk").starts_with('2')
}

/// A version of this balance of this account.
fn is_version(item: &Value, alias: &str, key: &str, number: &str) -> bool {
    is(item, "BALANCE", "AT")
        && text(item, "alias") == alias
        && text(item, "key") == key
        && item["version"]["N"] == number
}

fn is_balance(item: &Value, alias: &str, key: &str) -> bool {
    is(item, "ACCOUNT", "BALANCE") && text(item, "alias") == alias && text(item, "key") == key
}

/// A transaction that was posted by the tenant in [`live`], by what is special about it.
fn is_posted(item: &Value, amount: &str) -> bool {
    is(item, "TRANSACTION", "TRANSACTION") && text(item, "amount") == amount
}

/// Damages one item of this world, compares what is found, and mends it.
async fn check(
    world: &World,
    name: &str,
    chosen: impl Fn(&Value) -> bool,
    damage: Damage,
    expected: &[&str],
) {
    let items = world.items().await;
    let item = items.iter().find(|item| chosen(item));
    assert!(item.is_some(), "{name}: no item");
    let item = item.unwrap();
    let key = |item: &Value| json!({ "Key": { "pk": item["pk"], "sk": item["sk"] } });
    let mut other = item.clone();
    match damage {
        Removed => drop(world.table.ask("DeleteItem", &key(item)).await),
        Changed(change) | Copied(change) => {
            change(&mut other);
            assert_ne!(item, &other, "{name}: nothing was changed");
            world.table.ask("PutItem", &json!({ "Item": other })).await;
        }
    }
    let found = found(&audit(world).await);
    let expected: BTreeSet<String> = expected.iter().map(|it| (*it).to_owned()).collect();
    assert_eq!(found, expected, "{name}");
    if key(&other) != key(item) {
        match items.iter().find(|it| key(it) == key(&other)) {
            Some(replaced) => world.table.ask("PutItem", &json!({ "Item": replaced })).await,
            None => world.table.ask("DeleteItem", &key(&other)).await,
        };
    }
    world.table.ask("PutItem", &json!({ "Item": item })).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[expect(clippy::too_many_lines, reason = "a row for each damage")]
async fn everything_that_is_missing_is_seen() {
    let world = World::over_http().await;
    live(&world.tenant().await).await;
    let lion = |it: &Value| is(it, "ORG", "ORG") && text(it, "legal_name") == "Lion";
    check(
        &world,
        "organization",
        lion,
        Removed,
        &[
            "COUNTS SYSTEM: its number of organizations is 2, and there are 1",
            "ORG LEDGER: OrganizationMissing",
            "ORGS entry: ListingOfNothing",
        ],
    )
    .await;
    check(
        &world,
        "listing item of an organization",
        |it| is(it, "ORGS", "") || is_entry(it, "ORGS"),
        Removed,
        &["ORG ORG: ListingMissing"],
    )
    .await;
    check(
        &world,
        "ledger",
        |it| is(it, "ORG", "LEDGER") && text(it, "name") == "Books",
        Removed,
        &[
            "ACCOUNT ACCOUNT: LedgerMissing",
            "COUNTS ORG: its number of ledgers is 1, and there are 0",
            "LEDGER ASSET: LedgerMissing",
            "ORG LEDGER_NAME: NameOfNothing",
            "TRANSACTION TRANSACTION: LedgerMissing",
        ],
    )
    .await;
    check(
        &world,
        "name of a ledger",
        |it| is(it, "ORG", "LEDGER_NAME"),
        Removed,
        &["ORG LEDGER: NameNotTaken"],
    )
    .await;
    check(
        &world,
        "asset",
        |it| is(it, "LEDGER", "ASSET"),
        Removed,
        &[
            "ACCOUNT ACCOUNT: AssetMissing",
            "COUNTS LEDGER: its number of assets is 1, and there are 0",
            "LEDGER ASSET_ID: IdOfNothing",
            "LEDGER ASSET_NAME: NameOfNothing",
        ],
    )
    .await;
    check(
        &world,
        "id of an asset",
        |it| is(it, "LEDGER", "ASSET_ID"),
        Removed,
        &["LEDGER ASSET: IdMissing"],
    )
    .await;
    check(
        &world,
        "name of an asset",
        |it| is(it, "LEDGER", "ASSET_NAME"),
        Removed,
        &["LEDGER ASSET: NameNotTaken"],
    )
    .await;
    check(
        &world,
        "alias",
        |it| is(it, "ALIAS", "ALIAS") && text(it, "alias") == "@bob",
        Removed,
        &["ACCOUNT ACCOUNT: AliasNotTaken"],
    )
    .await;
    check(
        &world,
        "external alias",
        |it| text(it, "sk") == "ALIAS" && text(it, "alias") == "@external/USD",
        Removed,
        &["ACCOUNT ACCOUNT: AliasNotTaken", "LEDGER ASSET: ExternalAccountMissing"],
    )
    .await;
    check(
        &world,
        "account",
        |it| is(it, "ACCOUNT", "ACCOUNT") && text(it, "alias") == "@bob",
        Removed,
        &[
            "ACCOUNT BALANCE: AccountMissing",
            "ACCOUNT BALANCE_DELETED: AccountMissing",
            "ACCOUNTS entry: ListingOfNothing",
            "ALIAS ALIAS: AliasOfNothing",
            "COUNTS ASSET: its number of accounts is 3, and there are 2",
            "COUNTS LEDGER: its number of accounts is 4, and there are 3",
        ],
    )
    .await;
    check(
        &world,
        "listing item of an account",
        |it| is_entry(it, "ACCOUNTS"),
        Removed,
        &["ACCOUNT ACCOUNT: ListingMissing"],
    )
    .await;
    check(
        &world,
        "balance",
        |it| is_balance(it, "@bob", "default"),
        Removed,
        &["BALANCE AT: BalanceMissing", "LEDGER entry: ListingOfNothing"],
    )
    .await;
    check(
        &world,
        "deleted balance",
        |it| is(it, "ACCOUNT", "BALANCE_DELETED") && text(it, "alias") == "@bob",
        Removed,
        &["BALANCE AT: BalanceMissing", "LEDGER entry: ListingOfNothing"],
    )
    .await;
    check(
        &world,
        "listing item of a balance",
        |it| is_entry(it, "LEDGER"),
        Removed,
        &["ACCOUNT BALANCE: ListingMissing"],
    )
    .await;
    check(
        &world,
        "version 0",
        |it| is_version(it, "@bob", "default", "0"),
        Removed,
        &[
            "BALANCE AT: FirstVersionMissing",
            // Its history is not read, so its money is missing from the sum.
            "LEDGER ASSET: BooksDoNotBalance(\"-61\")",
        ],
    )
    .await;
    check(
        &world,
        "version 2 of several",
        |it| is_version(it, "@bob", "default", "2"),
        Removed,
        &["BALANCE AT: Gap", "TRANSACTION TRANSACTION: OperationWithoutVersion"],
    )
    .await;
    check(
        &world,
        "newest version",
        |it| is_version(it, "@bob", "default", "5"),
        Removed,
        &[
            "ACCOUNT BALANCE: VersionMissing",
            "LEDGER ASSET: BooksDoNotBalance(\"-11\")",
            "TRANSACTION TRANSACTION: OperationWithoutVersion",
        ],
    )
    .await;
    check(
        &world,
        "transaction",
        |it| is_posted(it, "70"),
        Removed,
        &["BALANCE AT: CauseMissing", "TRANSACTIONS entry: ListingOfNothing"],
    )
    .await;
    check(
        &world,
        "reversal",
        |it| is_posted(it, "30.5") && it.get("parent").is_some(),
        Removed,
        &[
            "BALANCE AT: CauseMissing",
            "TRANSACTION TRANSACTION: ReversalDisagrees",
            "TRANSACTIONS entry: ListingOfNothing",
        ],
    )
    .await;
    check(
        &world,
        "listing item of a transaction",
        |it| is_entry(it, "TRANSACTIONS"),
        Removed,
        &["TRANSACTION TRANSACTION: ListingMissing"],
    )
    .await;
    assert_eq!(found(&audit(&world).await), BTreeSet::new());
}

/// A clock that is this many microseconds before the machine's.
struct Behind(i64);

impl Clock for Behind {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(SystemClock.now().micros() - self.0).unwrap()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_recorded_in_the_future_is_seen_beyond_half_a_minute() {
    let world = World::over_http().await;
    live(&world.tenant().await).await;
    let audit = async |clock: &dyn Clock| {
        let options = AuditOptions { clock, ..EVERYTHING };
        let report = subledger_audit::audit(&world.store, &options, &|_| {}).await.unwrap();
        let kinds = report.findings.iter().map(|it| it.problem.to_string());
        let kinds: BTreeSet<_> = kinds.map(|it| it.split(" at ").next().unwrap().into()).collect();
        (report.findings_count, kinds, report.items["versions"] + report.items["transactions"])
    };
    // What was just written is in the future of a clock behind, but not by too much.
    assert_eq!(audit(&Behind(25_000_000)).await.0, 0);
    // An hour is: for every version and every transaction, and for nothing else.
    let (findings, kinds, recorded) = audit(&Behind(3_600_000_000)).await;
    assert_eq!(findings, recorded);
    assert_eq!(kinds, BTreeSet::from(["it was recorded".to_owned()]));
}

#[tokio::test]
async fn an_empty_table_is_a_finding() {
    let (world, _) = World::counted().await;
    let report = audit(&world).await;
    let findings: Vec<_> = report.findings.iter().map(|it| it.problem.to_string()).collect();
    assert_eq!(findings, ["the table is empty: no stack has written to it"]);
    assert_eq!(report.findings[0].key, world.table.backend.table_name);
    assert_eq!((report.findings_count, report.items.len()), (1, 0));
}

fn set(item: &mut Value, name: &str, value: &str) {
    item[name] = json!({ "S": value });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[expect(clippy::too_many_lines, reason = "a row for each damage")]
async fn everything_that_is_changed_is_seen() {
    let world = World::over_http().await;
    live(&world.tenant().await).await;
    let other_id = |it: &mut Value| set(it, "ledger", "01900000-0000-7000-8000-00000000ffff");
    check(
        &world,
        "another ledger has the name",
        |it| is(it, "ORG", "LEDGER_NAME"),
        Changed(other_id),
        &["ORG LEDGER: NameNotTaken", "ORG LEDGER_NAME: NameOfNothing"],
    )
    .await;
    check(
        &world,
        "a ledger has another name",
        |it| is(it, "ORG", "LEDGER"),
        Changed(|it| set(it, "name", "X")),
        &["ORG LEDGER: NameNotTaken", "ORG LEDGER_NAME: NameOfNothing"],
    )
    .await;
    check(
        &world,
        "an account has another alias",
        |it| is(it, "ACCOUNT", "ACCOUNT") && text(it, "alias") == "@bob",
        Changed(|it| set(it, "alias", "@eve")),
        &[
            "ACCOUNT ACCOUNT: AliasNotTaken",
            "ACCOUNT BALANCE: AccountMissing",
            "ACCOUNT BALANCE_DELETED: AccountMissing",
            "ALIAS ALIAS: AliasOfNothing",
        ],
    )
    .await;
    check(
        &world,
        "a deleted account lives",
        |it| is(it, "ACCOUNT", "ACCOUNT") && it.get("deleted_at").is_some(),
        Changed(|it| {
            it.as_object_mut().unwrap().remove("deleted_at");
        }),
        &["ACCOUNT ACCOUNT: ListingMissing"],
    )
    .await;
    check(
        &world,
        "a living account is deleted",
        |it| is(it, "ACCOUNT", "ACCOUNT") && text(it, "alias") == "@bob",
        Changed(|it| set(it, "deleted_at", "2026-01-01T00:00:00.000000Z")),
        &[
            "ACCOUNT ACCOUNT: DeletedIsListed",
            "ACCOUNT BALANCE: AccountMissing",
            "COUNTS ASSET: its number of accounts is 3, and there are 2",
            "COUNTS LEDGER: its number of accounts is 4, and there are 3",
        ],
    )
    .await;
    check(
        &world,
        "a cent more",
        |it| is_balance(it, "@bob", "default"),
        Changed(|it| set(it, "available", "61.01")),
        &["ACCOUNT BALANCE: DiffersFromHistory"],
    )
    .await;
    check(
        &world,
        "a cent more in the history",
        |it| is_version(it, "@bob", "default", "5"),
        Changed(|it| set(it, "available", "61.01")),
        &[
            "ACCOUNT BALANCE: DiffersFromHistory",
            "BALANCE AT: CauseDiffers",
            "LEDGER ASSET: BooksDoNotBalance(\"0.01\")",
            "TRANSACTION TRANSACTION: OperationWithoutVersion",
        ],
    )
    .await;
    check(
        &world,
        "a balance of yesterday",
        |it| is_version(it, "@bob", "default", "4"),
        Copied(|it| {
            let at = format!("ACCOUNT#{}", text(it, "account"));
            set(it, "pk", &at);
            set(it, "sk", "BALANCE#default");
        }),
        &["BALANCE AT: BalanceIsOlder"],
    )
    .await;
    check(
        &world,
        "nobody did it",
        |it| is_version(it, "@bob", "default", "3"),
        Changed(|it| {
            it.as_object_mut().unwrap().remove("caused_by");
        }),
        &["BALANCE AT: UnexplainedChange", "TRANSACTION TRANSACTION: OperationWithoutVersion"],
    )
    .await;
    check(
        &world,
        "another number",
        |it| is_version(it, "@bob", "default", "3"),
        Changed(|it| it["version"] = json!({ "N": "33" })),
        &[
            "BALANCE AT: CauseDiffers",
            "BALANCE AT: Gap",
            "TRANSACTION TRANSACTION: OperationWithoutVersion",
        ],
    )
    .await;
    check(
        &world,
        "opened after what followed",
        |it| is_version(it, "@bob", "default", "0"),
        Changed(|it| {
            set(it, "created_at", "2999-01-01T00:00:00.000000Z");
            set(it, "recorded_at", "2999-01-01T00:00:00.000000Z");
        }),
        &[
            "BALANCE AT: IdentityChanged",
            "BALANCE AT: OutOfTime",
            "BALANCE AT: RecordedInFuture(Timestamp { micros: 32472144000000000 })",
        ],
    )
    .await;
    check(
        &world,
        "opened with money",
        |it| is_version(it, "@bob", "default", "0"),
        Changed(|it| set(it, "available", "1")),
        &["BALANCE AT: CauseDiffers", "BALANCE AT: OpenedWithMoney"],
    )
    .await;
    check(
        &world,
        "opened at another time, says the history",
        |it| is_version(it, "@bob", "default", "3"),
        Changed(|it| set(it, "created_at", "2026-01-01T00:00:00.000000Z")),
        &["BALANCE AT: IdentityChanged"],
    )
    .await;
    check(
        &world,
        "deleted with money, and used again",
        |it| is_version(it, "@bob", "default", "3"),
        Changed(|it| set(it, "deleted_at", "2026-01-01T00:00:00.000000Z")),
        &["BALANCE AT: AfterDeletion", "BALANCE AT: BadDeletion"],
    )
    .await;
    check(
        &world,
        "a lower limit in the history",
        |it| is_version(it, "@ada", "line", "1"),
        Changed(|it| it["settings"]["M"]["overdraft_limit"] = json!({ "S": "69" })),
        &["BALANCE AT: OverdraftLimitExceeded"],
    )
    .await;
    check(
        &world,
        "an unequal transaction",
        |it| is_posted(it, "70"),
        Changed(|it| set(it, "amount", "71")),
        &["TRANSACTION TRANSACTION: Unreadable(\"the sources do not give the amount\")"],
    )
    .await;
    check(
        &world,
        "a reversal of nothing",
        |it| is_posted(it, "30.5") && it.get("reverted_by").is_some(),
        Changed(|it| {
            it.as_object_mut().unwrap().remove("reverted_by");
        }),
        &["TRANSACTION TRANSACTION: ReversalDisagrees"],
    )
    .await;
    check(
        &world,
        "an operation of another transaction",
        |it| is_posted(it, "70"),
        Changed(|it| {
            set(&mut it["operations"]["L"][0]["M"], "id", "01900000-0000-7000-8000-000000000001");
        }),
        &["TRANSACTION TRANSACTION: \
            Unreadable(\"an operation has the id of another transaction\")"],
    )
    .await;
    check(
        &world,
        "an overdraft balance that did not follow",
        |it| is_posted(it, "70"),
        Changed(|it| {
            let operations = it["operations"]["L"].as_array_mut().unwrap();
            operations.retain(|it| {
                text(&it["M"], "kind") != "overdraft" && text(&it["M"], "kind") != "OVERDRAFT"
            });
        }),
        &["BALANCE AT: CauseDiffers", "TRANSACTION TRANSACTION: OverdraftBalanceDisagrees"],
    )
    .await;
    check(
        &world,
        "an unreadable amount",
        |it| is_balance(it, "@bob", "default"),
        Changed(|it| set(it, "available", "1e3")),
        &["ACCOUNT BALANCE: Unreadable(\"an amount is not readable\")"],
    )
    .await;
    check(
        &world,
        "an item of somebody else",
        |it| is(it, "ORG", "ORG"),
        Copied(|it| set(it, "pk", "SESSION#1")),
        &["SESSION ORG: Unknown"],
    )
    .await;
    check(
        &world,
        "an entry where nobody looks",
        |it| is_entry(it, "LEDGER"),
        Copied(|it| {
            let pk = format!("{}#9", text(it, "pk").rsplit_once('#').unwrap().0);
            set(it, "pk", &pk);
        }),
        &["LEDGER entry: WrongShard"],
    )
    .await;
    check(
        &world,
        "a transaction listed twice",
        |it| is_entry(it, "TRANSACTIONS"),
        Copied(|it| {
            let pk = format!("{}#9", text(it, "pk").rsplit_once('#').unwrap().0);
            set(it, "pk", &pk);
        }),
        &["TRANSACTIONS entry: WrongShard"],
    )
    .await;
    assert_eq!(found(&audit(&world).await), BTreeSet::new());
}

/// A shard of the counter of an owner, which counts something under this name.
fn is_counter(item: &Value, owner: &str, name: &str) -> bool {
    text(item, "pk").strip_prefix("COUNTS#").is_some_and(|it| it.starts_with(owner))
        && is(item, "COUNTS", "SHARD")
        && item[name]["N"].as_str().is_some_and(|count| count != "0")
}

/// A shard of the counter of a deleted owner of this kind.
fn is_closed(item: &Value, owner: &str) -> bool {
    text(item, "pk").split('#').nth(1) == Some(owner) && item.get("closed").is_some()
}

fn ten_more(item: &mut Value, name: &str) {
    let count: u64 = item[name]["N"].as_str().unwrap().parse().unwrap();
    item[name] = json!({ "N": (count + 10).to_string() });
}

fn close(item: &mut Value) {
    item["closed"] = json!({ "BOOL": true });
}

fn reopen(item: &mut Value) {
    item.as_object_mut().unwrap().remove("closed");
}

const CLOSED: &str = "the counter is closed, and its owner was not deleted";
const OPEN: &str = "the counter is not closed, and its owner was deleted";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[expect(clippy::too_many_lines, reason = "a row for each damage")]
async fn every_damage_to_a_counter_is_seen() {
    let world = World::over_http().await;
    let tenant = world.tenant().await;
    set_up(&tenant).await;
    let organization = format!("ORG#{}", tenant.organization);
    let ledger = format!("LEDGER#{}#{}", tenant.organization, tenant.ledger);
    let pound = format!("ASSET#{}#{}#GBP", tenant.organization, tenant.ledger);
    check(
        &world,
        "too many organizations",
        |it| is_counter(it, "SYSTEM", "organization_count"),
        Changed(|it| ten_more(it, "organization_count")),
        &["COUNTS SYSTEM: its number of organizations is 14, and there are 4"],
    )
    .await;
    check(
        &world,
        "too many ledgers",
        |it| is_counter(it, &organization, "ledger_count"),
        Changed(|it| ten_more(it, "ledger_count")),
        &["COUNTS ORG: its number of ledgers is 12, and there are 2"],
    )
    .await;
    check(
        &world,
        "too many organizations below one",
        |it| is_counter(it, "ORG", "organization_count"),
        Changed(|it| ten_more(it, "organization_count")),
        &["COUNTS ORG: its number of organizations is 11, and there are 1"],
    )
    .await;
    check(
        &world,
        "too many assets",
        |it| is_counter(it, &ledger, "asset_count"),
        Changed(|it| ten_more(it, "asset_count")),
        &["COUNTS LEDGER: its number of assets is 12, and there are 2"],
    )
    .await;
    check(
        &world,
        "too many accounts of a portfolio",
        |it| is_counter(it, "GROUP", "account_count"),
        Changed(|it| ten_more(it, "account_count")),
        &["COUNTS GROUP: its number of accounts is 12, and there are 2"],
    )
    .await;
    check(
        &world,
        "a shard that is missing",
        |it| is_counter(it, &pound, "account_count"),
        Removed,
        &["COUNTS ASSET: its number of accounts is 0, and there are 1"],
    )
    .await;
    check(
        &world,
        "something that is not counted there",
        |it| is_counter(it, "ASSET", "account_count"),
        Changed(|it| it["ledger_count"] = json!({ "N": "1" })),
        &["COUNTS ASSET: its number of ledgers is 1, and there are 0"],
    )
    .await;
    check(
        &world,
        "less than nothing",
        |it| is_counter(it, "LEDGER", "account_count"),
        Changed(|it| it["account_count"] = json!({ "N": "-1" })),
        &["COUNTS LEDGER: it cannot be read: Failed to parse '-1' as an integer: \
            invalid digit found in string"],
    )
    .await;
    check(
        &world,
        "a shard that nobody reads",
        |it| is_counter(it, "SYSTEM", "organization_count"),
        Copied(|it| set(it, "sk", "SHARD#16")),
        &["COUNTS SYSTEM: it cannot be read: it is no shard of a counter"],
    )
    .await;
    for (owner, name) in [
        ("SYSTEM", "organization_count"),
        ("ORG", "ledger_count"),
        ("LEDGER", "account_count"),
        ("ASSET", "account_count"),
        ("GROUP", "account_count"),
    ] {
        let chosen = |it: &Value| is_counter(it, owner, name);
        let expected = format!("COUNTS {owner}: {CLOSED}");
        check(&world, "a closed counter", chosen, Changed(close), &[&expected]).await;
    }
    for owner in ["ORG", "LEDGER", "ASSET", "GROUP"] {
        let chosen = |it: &Value| is_closed(it, owner);
        let expected = format!("COUNTS {owner}: {OPEN}");
        check(&world, "an open counter", chosen, Changed(reopen), &[&expected]).await;
        check(&world, "a shard less", chosen, Removed, &[&expected]).await;
    }
    assert_eq!(found(&audit(&world).await), BTreeSet::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[expect(clippy::too_many_lines, reason = "a row for each damage")]
async fn every_damage_to_what_objects_stand_on_is_seen() {
    let world = World::over_http().await;
    set_up(&world.tenant().await).await;
    check(
        &world,
        "a portfolio",
        |it| is(it, "LEDGER", "PORTFOLIO"),
        Removed,
        &[
            "ACCOUNT ACCOUNT: GroupMissing",
            "COUNTS LEDGER: its number of portfolios is 1, and there are 0",
        ],
    )
    .await;
    check(
        &world,
        "a segment",
        |it| is(it, "LEDGER", "SEGMENT") && text(it, "name") == "Retail banking",
        Removed,
        &[
            "ACCOUNT ACCOUNT: GroupMissing",
            "COUNTS LEDGER: its number of segments is 2, and there are 1",
            "LEDGER SEGMENT_NAME: NameOfNothing",
        ],
    )
    .await;
    check(
        &world,
        "an account type",
        |it| is(it, "LEDGER", "ACCOUNT_TYPE"),
        Removed,
        &[
            "COUNTS LEDGER: its number of account types is 2, and there are 1",
            "LEDGER ACCOUNT_TYPE_KEY: NameOfNothing",
        ],
    )
    .await;
    check(
        &world,
        "the name of a segment",
        |it| is(it, "LEDGER", "SEGMENT_NAME"),
        Removed,
        &["LEDGER SEGMENT: NameNotTaken"],
    )
    .await;
    check(
        &world,
        "the key of an account type",
        |it| is(it, "LEDGER", "ACCOUNT_TYPE_KEY"),
        Removed,
        &["LEDGER ACCOUNT_TYPE: NameNotTaken"],
    )
    .await;
    check(
        &world,
        "another group has the name",
        |it| is(it, "LEDGER", "SEGMENT_NAME"),
        Changed(|it| set(it, "group", "01900000-0000-7000-8000-00000000ffff")),
        &["LEDGER SEGMENT: NameNotTaken", "LEDGER SEGMENT_NAME: NameOfNothing"],
    )
    .await;
    check(
        &world,
        "a deleted ledger",
        |it| is(it, "ORG", "LEDGER_DELETED"),
        Removed,
        &[
            "ACCOUNT ACCOUNT: LedgerMissing",
            "LEDGER ACCOUNT_TYPE_DELETED: LedgerMissing",
            "LEDGER ASSET_DELETED: LedgerMissing",
            "LEDGER PORTFOLIO_DELETED: LedgerMissing",
            "TRANSACTION TRANSACTION: LedgerMissing",
        ],
    )
    .await;
    check(
        &world,
        "a deleted ledger lives",
        |it| is(it, "ORG", "LEDGER_DELETED"),
        Copied(|it| {
            let sk = format!("LEDGER#{}", text(it, "id"));
            set(it, "sk", &sk);
            it.as_object_mut().unwrap().remove("deleted_at");
        }),
        &[
            "COUNTS LEDGER: the counter is closed, and its owner was not deleted",
            "COUNTS ORG: its number of ledgers is 2, and there are 3",
            "ORG LEDGER: NameNotTaken",
            "ORG LEDGER_DELETED: DeletedIsThere",
        ],
    )
    .await;
    check(
        &world,
        "a deleted asset lives",
        |it| is(it, "LEDGER", "ASSET_DELETED") && text(it, "code") == "EUR",
        Copied(|it| {
            set(it, "sk", "ASSET#EUR");
            it.as_object_mut().unwrap().remove("deleted_at");
        }),
        &[
            "COUNTS ASSET: the counter is closed, and its owner was not deleted",
            "COUNTS LEDGER: its number of assets is 2, and there are 3",
            "LEDGER ASSET: ExternalAccountMissing",
            "LEDGER ASSET: IdMissing",
            "LEDGER ASSET: NameNotTaken",
            "LEDGER ASSET_DELETED: DeletedIsThere",
        ],
    )
    .await;
    check(
        &world,
        "a ledger is there and deleted",
        |it| is(it, "ORG", "LEDGER") && text(it, "name") == "Books",
        Changed(|it| {
            let sk = format!("LEDGER_DELETED#{}", text(it, "id"));
            set(it, "sk", &sk);
            set(it, "deleted_at", "2026-01-01T00:00:00.000000Z");
        }),
        &["ORG LEDGER_DELETED: DeletedIsThere"],
    )
    .await;
    check(
        &world,
        "a living organization is deleted",
        |it| is(it, "ORG", "ORG") && it["revision"]["N"] == "1" && it.get("deleted_at").is_none(),
        Changed(|it| set(it, "deleted_at", "2026-01-01T00:00:00.000000Z")),
        &[
            "COUNTS ORG: its number of organizations is 1, and there are 0",
            "COUNTS ORG: the counter is not closed, and its owner was deleted",
            "COUNTS SYSTEM: its number of organizations is 4, and there are 3",
            "ORG ORG: DeletedIsListed",
        ],
    )
    .await;
    check(
        &world,
        "a deleted organization lives",
        |it| is(it, "ORG", "ORG") && it.get("deleted_at").is_some(),
        Changed(|it| {
            it.as_object_mut().unwrap().remove("deleted_at");
        }),
        &["ORG ORG: ListingMissing"],
    )
    .await;
    check(
        &world,
        "an account in a portfolio that is not there",
        |it| {
            is(it, "ACCOUNT", "ACCOUNT")
                && it["revision"]["N"] == "1"
                && it.get("portfolio").is_some()
        },
        Changed(|it| set(it, "portfolio", "01900000-0000-7000-8000-00000000ffff")),
        &[
            "ACCOUNT ACCOUNT: GroupMissing",
            "COUNTS GROUP: its number of accounts is 0, and there are 1",
            "COUNTS GROUP: its number of accounts is 2, and there are 1",
        ],
    )
    .await;
    check(
        &world,
        "an organization below one that is not there",
        |it| is(it, "ORG", "ORG") && it["revision"]["N"] == "1" && it.get("deleted_at").is_none(),
        Changed(|it| set(it, "parent", "01900000-0000-7000-8000-00000000ffff")),
        &[
            "COUNTS ORG: its number of organizations is 0, and there are 1",
            "COUNTS ORG: its number of organizations is 1, and there are 0",
            "ORG ORG: ParentMissing",
        ],
    )
    .await;
    check(
        &world,
        "the external account of an asset is deleted",
        |it| is(it, "ACCOUNT", "ACCOUNT") && text(it, "alias") == "@external/GBP",
        Changed(|it| set(it, "deleted_at", "2026-01-01T00:00:00.000000Z")),
        &[
            "ACCOUNT ACCOUNT: DeletedIsListed",
            "ACCOUNT BALANCE: AccountMissing",
            "COUNTS LEDGER: its number of accounts is 6, and there are 5",
            "LEDGER ASSET: ExternalAccountMissing",
        ],
    )
    .await;
    assert_eq!(found(&audit(&world).await), BTreeSet::new());
}
