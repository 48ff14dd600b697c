//! Lists that are too long, or whose items are too large, to be answered as a whole.

use serde_json::Value;
use subledger::account::{Account, AccountType, Alias};
use subledger::balance::{Balance, BalanceFields, BalanceKey};
use subledger::ledger::asset::{Asset, AssetCode, AssetType};
use subledger::ledger::{Ledger, ListingShards};
use subledger::metadata::{Metadata, MetadataValue};
use subledger::money::ids::{AccountId, AssetId, BalanceId, LedgerId, Scope};
use subledger::money::text::Text;
use subledger::money::timeline::Timeline;
use subledger::money::timestamp::Timestamp;
use subledger::money::unique_name::UniqueName;
use subledger::ports::{InsertAsset, InsertLedger, OpenBalances, ReadLedgers};
use subledger::status::Status;
use subledger_store_contract::samples;
use subledger_tests::{Request, Tenant, World};
use uuid::Uuid;

/// 2025-12-31T00:00:00Z, in microseconds.
const START: i64 = 1_767_139_200_000_000;
/// A moment after everything that a test stores.
const AFTER: &str = "2025-12-31T12:00:00Z";
/// How many balances an answer with all of them has at most.
const WHOLE: usize = 1_000;
/// How many items of 200 kB are more than one request may read as a whole.
const LARGE_ITEMS: usize = 170;

fn moment(number: usize) -> Timestamp {
    Timestamp::from_micros(START + i64::try_from(number).unwrap() * 1_000_000).unwrap()
}

fn new_id() -> Uuid {
    Uuid::now_v7()
}

/// Some 200 kB.
fn large_metadata() -> Metadata {
    let entries = (0..98).map(|number| {
        (format!("key-{number}"), MetadataValue::Text(Text::parse(&"m".repeat(2_000)).unwrap()))
    });
    Metadata::new(entries.collect()).unwrap()
}

/// Opens so many balances of the account, one each second, from this number on.
async fn open(tenant: &Tenant<'_>, account: Uuid, numbers: std::ops::Range<usize>, is_large: bool) {
    let store = &tenant.client.world.store;
    let holder = store.account_to_open(tenant.scope(), AccountId::new(account)).await.unwrap();
    let holder = holder.unwrap();
    let balances: Vec<Balance> = numbers
        .map(|number| {
            let key = BalanceKey::parse(&format!("key-{number}")).unwrap();
            let id = BalanceId::new(new_id());
            let balance = Balance::open(id, &holder, key, moment(number));
            if !is_large {
                return balance;
            }
            let mut credit = samples::credit();
            credit.metadata = large_metadata();
            let credit = Some(Box::new(credit));
            Balance::new(BalanceFields { credit, ..balance.into_fields() }).unwrap()
        })
        .collect();
    for some in balances.chunks(if is_large { 8 } else { 30 }) {
        store.open_balances(&holder, some).await.unwrap();
    }
}

/// The keys in all pages of a list, and how many pages there are.
async fn walk(tenant: &Tenant<'_>, list: &str, field: &str) -> (Vec<String>, usize) {
    let (mut found, mut pages, mut cursor) = (Vec::new(), 0, String::new());
    loop {
        let page = tenant.client.get(&format!("{list}{cursor}")).await.json(200);
        pages += 1;
        let items = page["items"].as_array().unwrap().iter();
        found.extend(items.map(|item| item[field].as_str().unwrap().to_owned()));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return (found, pages),
        }
    }
}

fn expected(numbers: impl Iterator<Item = usize>) -> Vec<String> {
    numbers.map(|number| format!("key-{number}")).collect()
}

fn check_refusal(refused: &Value) {
    assert_eq!(refused["title"], "List Too Long");
    let message = refused["message"].as_str().unwrap();
    assert!(message.contains("limit=100") && message.contains("next_cursor"), "{message}");
}

#[tokio::test]
async fn an_account_of_a_thousand_balances_is_answered_whole_and_a_larger_one_in_pages() {
    let world = World::over_http().await;
    let tenant = world.tenant().await;
    let account = tenant.account("@a").await;
    // The default balance is there, and younger.
    open(&tenant, account.id, 0..WHOLE - 1, false).await;
    let by_alias = tenant.at("/accounts/alias/@a/balances");
    let past = account.at(&format!("/balances/history?date={AFTER}"));
    let all = tenant.client.get(&by_alias).await.json(200);
    assert_eq!(all["items"].as_array().unwrap().len(), WHOLE);
    let all = tenant.client.get(&past).await.json(200);
    assert_eq!(all.as_array().unwrap().len(), WHOLE - 1);

    open(&tenant, account.id, WHOLE - 1..WHOLE + 1, false).await;
    check_refusal(&tenant.client.get(&by_alias).await.refused(422, "0902"));
    check_refusal(&tenant.client.get(&past).await.refused(422, "0902"));
    let (mut found, pages) = walk(&tenant, &format!("{by_alias}?limit=100"), "key").await;
    assert_eq!(pages, 11);
    assert_eq!(found.remove(0), "default");
    assert_eq!(found, expected((0..=WHOLE).rev()));
    let (found, pages) = walk(&tenant, &format!("{past}&limit=100"), "key").await;
    assert_eq!(pages, 11);
    assert_eq!(found, expected(0..=WHOLE));
    let own = account.at("/balances?limit=100");
    let (mut found, pages) = walk(&tenant, &own, "key").await;
    assert_eq!((pages, found.pop().as_deref()), (11, Some("default")));
    assert_eq!(found, expected(0..=WHOLE));

    // A page says whether it is final; its cursor belongs to its moment and its list.
    let page = tenant.client.get(&format!("{past}&limit=2&settled=true")).await;
    assert_eq!(page.header("x-settled"), "true");
    let page = page.json(200);
    assert_eq!((&page["settled"], &page["limit"]), (&true.into(), &2.into()));
    let cursor = page["next_cursor"].as_str().unwrap();
    let other = account.at("/balances/history?date=2025-12-31T12:00:01Z");
    let rows = [
        (format!("{other}&cursor={cursor}"), 400, "0082"),
        (format!("{by_alias}?cursor={cursor}"), 400, "0082"),
        (format!("{past}&cursor=x"), 400, "0082"),
        (format!("{past}&limit=0"), 400, "0082"),
        (format!("{past}&limit=101"), 400, "0080"),
        (format!("{by_alias}?limit=0"), 400, "0082"),
        (format!("{by_alias}?limit=101"), 400, "0080"),
        (tenant.at("/accounts/alias/@nobody/balances?limit=1"), 404, "0085"),
    ];
    tenant.client.refuses_targets(rows).await;
    let second = tenant.client.get(&format!("{past}&cursor={cursor}&limit=2")).await.json(200);
    assert_eq!(second["items"][0]["key"], "key-2");
    assert!(second["prev_cursor"].is_string());
}

#[tokio::test]
async fn an_account_of_large_balances_is_read_in_pages() {
    let world = World::over_http().await;
    let tenant = world.tenant().await;
    let account = tenant.account("@a").await;
    open(&tenant, account.id, 0..LARGE_ITEMS, true).await;
    let own = account.at("/balances?limit=100");
    let (mut found, pages) = walk(&tenant, &own, "key").await;
    assert_eq!((pages, found.pop().as_deref()), (2, Some("default")));
    assert_eq!(found, expected(0..LARGE_ITEMS));
    let by_alias = tenant.at("/accounts/alias/@a/balances");
    check_refusal(&tenant.client.get(&by_alias).await.refused(422, "0902"));
    let (found, _) = walk(&tenant, &format!("{by_alias}?limit=100"), "key").await;
    assert_eq!(found.len(), LARGE_ITEMS + 1);
    let past = account.at(&format!("/balances/history?date={AFTER}"));
    check_refusal(&tenant.client.get(&past).await.refused(422, "0902"));
    let (found, _) = walk(&tenant, &format!("{past}&limit=100"), "key").await;
    assert_eq!(found, expected(0..LARGE_ITEMS));
    let operations = account.get("/operations").await.json(200);
    assert_eq!(operations["items"].as_array().unwrap().len(), 0);
    // Deleting it says what helps.
    let refused = tenant.client.send(Request::new("DELETE", &account.at(""))).await;
    let refused = refused.refused(400, "0012");
    assert!(refused["message"].as_str().unwrap().starts_with("Delete balances first"), "{refused}");

    // Few enough to go with their account, and too large to be written at once.
    let few = tenant.account("@few").await;
    open(&tenant, few.id, 0..20, true).await;
    let refused = tenant.client.send(Request::new("DELETE", &few.at(""))).await;
    let refused = refused.refused(400, "0012");
    assert!(refused["message"].as_str().unwrap().starts_with("Delete balances first"), "{refused}");
}

#[tokio::test]
async fn one_asset_of_many_large_ones_is_read() {
    let world = World::over_http().await;
    let tenant = world.tenant_without_assets().await;
    let ledger = world.store.ledger(tenant.scope()).await.unwrap().unwrap();
    let letters = |number: usize| {
        let letter = |digit: usize| char::from(b'A' + u8::try_from(digit % 26).unwrap());
        format!("X{}{}", letter(number / 26), letter(number))
    };
    let mut ids = Vec::new();
    for number in 0..LARGE_ITEMS {
        let code = AssetCode::parse(&letters(number)).unwrap();
        let asset = Asset {
            id: AssetId::new(new_id()),
            scope: tenant.scope(),
            name: UniqueName::parse(&format!("Asset {number}")).unwrap(),
            kind: AssetType::Others,
            code: code.clone(),
            status: Status::active(),
            metadata: large_metadata(),
            timeline: Timeline::begin(moment(number)),
        };
        let name = Text::parse("External").unwrap();
        let kind = AccountType::external();
        let id = AccountId::new(new_id());
        let external = Account::open(id, &ledger, code.clone(), kind, name, moment(number));
        let mut fields = external.into_fields();
        fields.alias = Alias::external(&code);
        let external = Account::new(fields).unwrap();
        let id = BalanceId::new(new_id());
        let balance = Balance::open(id, &external, BalanceKey::default_key(), moment(number));
        world.store.insert_asset(&asset, &external, &balance).await.unwrap();
        ids.push(asset.id);
    }
    for number in [0, 7, LARGE_ITEMS - 1] {
        let found = tenant.get(&format!("/assets/{}", ids[number])).await.json(200);
        assert_eq!(found["code"], letters(number));
    }
    let dates = format!("start_date=2025-12-31T00:00:07Z&end_date={AFTER}");
    let page = tenant.get(&format!("/assets?limit=1&{dates}")).await.json(200);
    assert_eq!(page["items"][0]["code"], letters(7));
    let page = tenant.get("/assets?limit=10&page=17&sort_order=desc").await.json(200);
    assert_eq!(page["items"][9]["code"], letters(0));
    let unknown = tenant.at(&format!("/assets/{}", Uuid::now_v7()));
    tenant.client.refuses_targets([(unknown, 404, "0007")]).await;
    // What fits on no page of a hundred fits on smaller ones.
    let refused = tenant.get("/assets?limit=100").await.refused(422, "0902");
    let message = refused["message"].as_str().unwrap();
    assert!(message.contains("smaller page"), "{message}");
}

#[tokio::test]
async fn many_large_ledgers_are_listed_by_date() {
    let world = World::over_http().await;
    let tenant = world.tenant_without_assets().await;
    for number in 0..LARGE_ITEMS {
        let ledger = Ledger {
            scope: Scope { ledger: LedgerId::new(new_id()), ..tenant.scope() },
            name: UniqueName::parse(&format!("Ledger {number}")).unwrap(),
            status: Status::active(),
            settings: None,
            metadata: large_metadata(),
            listing_shards: ListingShards::ONE,
            timeline: Timeline::begin(moment(number)),
        };
        world.store.insert_ledger(&ledger).await.unwrap();
    }
    let list = format!("/v1/organizations/{}/ledgers", tenant.organization);
    let client = tenant.limited_to("organization/read");
    let dates = format!("start_date=2025-12-31T00:00:07Z&end_date={AFTER}");
    let page = client.get(&format!("{list}?limit=1&{dates}")).await.json(200);
    assert_eq!(page["items"][0]["name"], "Ledger 7");
    let page = client.get(&format!("{list}?limit=1&page={LARGE_ITEMS}")).await.json(200);
    assert_eq!(page["items"][0]["name"], format!("Ledger {}", LARGE_ITEMS - 1));
}
