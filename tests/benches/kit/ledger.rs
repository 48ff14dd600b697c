//! A table in an engine of its own, filled directly, because requests would take hours.
//!
//! The imported items are copies of items that the store wrote, with other ids, times and numbers.
//! They are read through the functions, which check every item.

use std::collections::HashMap;
use std::net::Ipv4Addr;
use std::sync::Arc;

use dynoxide::actions::query::{QueryRequest, QueryResponse};
use dynoxide::{AttributeValue, Database, ImportOptions, Item};
use indicatif::ProgressBar;
use serde_json::{Value, json};
use subledger::money::timestamp::Timestamp;
use subledger_dynamodb::{Connection, DynamoStore, Meter};
use subledger_local::backend::TABLE_NAME;
use subledger_local::seed::{self, DEMO};
use subledger_local::template::Template;
use subledger_local::{Authorization, Functions, functions};
use subledger_tests::{ALL_SCOPES, Invocation, PathParameters};
use tokio::net::TcpListener;
use uuid::Uuid;

/// 2026-01-01, in microseconds.
const START: i64 = 1_767_225_600_000_000;
/// The distance between two versions, or two creations, in microseconds.
const DISTANCE: i64 = 1_000;
/// How many items one import has.
const ITEMS_PER_IMPORT: u64 = 5_000;

/// The table, the engine below it and the functions above it.
pub struct Ledger {
    database: Database,
    /// Where the engine answers.
    pub connection: Connection,
    /// Counts what the functions ask of it.
    pub meter: Arc<Meter>,
    /// Every function, in this process.
    pub functions: Functions,
}

/// Version 0 and the current version of a balance that is still new, as the store wrote them.
#[derive(Debug)]
pub struct NewBalance([Item; 2]);

impl NewBalance {
    /// The prefix of the sort keys of its versions, before the moment.
    fn place_of_versions(&self) -> &str {
        text(&self.0[0], "sk").strip_suffix(&Timestamp::MIN.fixed_width()).unwrap()
    }
}

/// What a function in this process answered.
#[derive(Debug)]
pub struct Answered {
    /// The status.
    pub status: u16,
    /// The body, as it would be sent.
    pub body: Vec<u8>,
}

impl Ledger {
    /// The demo data in the memory of an engine, over HTTP on a free port.
    pub async fn new() -> Self {
        let database = Database::memory().unwrap();
        let mut table = json!(Template::embedded().unwrap().table);
        table["TableName"] = json!(TABLE_NAME);
        database.create_table(serde_json::from_value(table).unwrap()).unwrap();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(dynoxide::server::serve_on(listener, database.clone()));
        let meter = Arc::new(Meter::default());
        let connection = Connection::local(TABLE_NAME, &endpoint);
        let metered = connection.clone().with_meter(Arc::clone(&meter));
        let store = DynamoStore::connect(&metered);
        seed::seed(&store, &|_| {}).await.unwrap();
        let functions = functions::compose(&store, Authorization::Jwt, &DEMO);
        Self { database, connection, meter, functions }
    }

    /// The variables of paths below the demo ledger and the customer's account.
    #[must_use]
    pub fn parameters() -> PathParameters {
        PathParameters::from([
            ("organization_id", DEMO.organization_id.to_string()),
            ("ledger_id", DEMO.ledger_id.to_string()),
            ("account_id", DEMO.customer_account_id.to_string()),
        ])
    }

    /// The claims of a token with all permissions in the demo ledger.
    #[must_use]
    pub fn claims() -> Value {
        json!({
            "organization_id": DEMO.organization_id.to_string(),
            "ledger_id": DEMO.ledger_id.to_string(),
            "scope": ALL_SCOPES
        })
    }

    /// A request of an operation in the demo ledger.
    #[must_use]
    pub fn request(operation: &str, parameters: &[(&'static str, String)]) -> Invocation {
        let mut all = Self::parameters();
        all.extend(parameters.iter().cloned());
        Invocation::new(operation, &all, &Self::claims())
    }

    /// Invokes the function of a request.
    pub async fn ask(&self, request: &Invocation) -> Answered {
        let handler = self.functions.get(request.package).unwrap();
        let response = handler(request.event.to_string()).await.unwrap();
        let (status, body) = (response.status().as_u16(), response.body().to_vec());
        let answered = Answered { status, body };
        assert!((200..300).contains(&answered.status), "{answered:?}");
        answered
    }

    /// Invokes the function of a request, and gives the JSON of its answer.
    pub async fn json(&self, request: &Invocation) -> Value {
        let plain = request.clone().header("accept-encoding", "identity");
        serde_json::from_slice(&self.ask(&plain).await.body).unwrap()
    }

    /// Opens one more balance of the customer's account, and gives its id.
    pub async fn open_balance(&self, key: &str) -> Uuid {
        let opening = Self::request("CreateBalance", &[]).body(&json!({ "key": key }));
        Uuid::parse_str(self.json(&opening).await["id"].as_str().unwrap()).unwrap()
    }

    /// The customer's default balance and nine more.
    pub async fn ten_balances(&self) -> Vec<NewBalance> {
        let list = Self::request("ListAccountBalances", &[]);
        let default = self.json(&list).await["items"][0]["id"].as_str().unwrap().to_owned();
        let mut ids = vec![Uuid::parse_str(&default).unwrap()];
        for number in 1..10 {
            ids.push(self.open_balance(&format!("key-{number}")).await);
        }
        ids.into_iter().map(|id| self.new_balance(id)).collect()
    }

    /// The moment of the version, or of the creation, with this number among the imported items.
    #[must_use]
    pub fn moment(number: u64) -> Timestamp {
        Timestamp::from_micros(START + i64::try_from(number).unwrap() * DISTANCE).unwrap()
    }

    /// Gives a new balance this many versions, version 0 included, a millisecond apart.
    pub fn give_past(&self, balance: &NewBalance, versions: u64, bar: &ProgressBar) {
        let NewBalance([first, current]) = balance;
        let place = balance.place_of_versions();
        let opened = Self::moment(0).fixed_width();
        let at = |item: &Item, number: u64| {
            let moment = Self::moment(number).fixed_width();
            let mut item = item.clone();
            set(&mut item, "created_at", &opened);
            set(&mut item, "recorded_at", &moment);
            set(&mut item, "available", &format!("{number}.5"));
            item.insert("version".to_owned(), AttributeValue::N(number.to_string()));
            (item, format!("{place}{moment}"))
        };
        let (mut zero, _) = at(first, 0);
        set(&mut zero, "available", "0");
        let (now, _) = at(current, versions - 1);
        self.import([zero, now]);
        let numbers: Vec<u64> = (1..versions).collect();
        for chunk in numbers.chunks(usize::try_from(ITEMS_PER_IMPORT).unwrap()) {
            self.import(chunk.iter().map(|number| {
                let (mut item, place) = at(first, *number);
                set(&mut item, "sk", &place);
                item
            }));
            bar.inc(u64::try_from(chunk.len()).unwrap());
        }
    }

    /// Adds accounts with one balance each to the lists of balances, but to no other list.
    ///
    /// The balances have no versions, because only their lists are measured.
    pub fn give_balances(&self, template: Uuid, count: u64, bar: &ProgressBar) {
        let NewBalance([_, current]) = self.new_balance(template);
        let listing_item = self.listing_item_of(template);
        let id_text = template.to_string();
        // The sort key of a listing item is a moment, a separator and the id.
        let place = text(&listing_item, "sk").strip_suffix(&id_text).unwrap();
        let separator = place.chars().last().unwrap();
        let account = text(&current, "account").to_owned();
        let numbers: Vec<u64> = (0..count).collect();
        for chunk in numbers.chunks(usize::try_from(ITEMS_PER_IMPORT).unwrap()) {
            let items = chunk.iter().flat_map(|number| {
                let moment = Self::moment(*number).fixed_width();
                let id = id(0x7000, *number).to_string();
                let holder = id_of_account(*number).to_string();
                let mut now = current.clone();
                let holding = text(&now, "pk").replace(&account, &holder);
                set(&mut now, "pk", &holding);
                set(&mut now, "account", &holder);
                set(&mut now, "id", &id);
                set(&mut now, "created_at", &moment);
                set(&mut now, "recorded_at", &moment);
                let mut listed = listing_item.clone();
                set(&mut listed, "sk", &format!("{moment}{separator}{id}"));
                set(&mut listed, "account", &holder);
                [now, listed]
            });
            self.import(items);
            bar.inc(u64::try_from(chunk.len()).unwrap());
        }
    }

    /// The queries of the store for an account as of this version: one for its balances, and one for
    /// the version of each.
    #[must_use]
    pub fn questions_about_past(balances: &[NewBalance], version: u64) -> Vec<QueryRequest> {
        let moment = Self::moment(version).fixed_width();
        let NewBalance([_, current]) = &balances[0];
        // The prefix of all balances, deleted ones included.
        let balances_ever = text(current, "sk").split('#').next().unwrap();
        let last = format!("{balances_ever}\u{ffff}");
        let listed = question(text(current, "pk"), [balances_ever, &last], None);
        let then = balances.iter().map(|balance| {
            let NewBalance([first, _]) = balance;
            let until = format!("{}{moment}", balance.place_of_versions());
            question(text(first, "pk"), [text(first, "sk"), &until], Some(1))
        });
        std::iter::once(listed).chain(then).collect()
    }

    /// The answers of the engine, without the store.
    #[must_use]
    pub fn query(&self, questions: Vec<QueryRequest>) -> Vec<QueryResponse> {
        questions.into_iter().map(|question| self.database.query(question).unwrap()).collect()
    }

    fn import(&self, items: impl IntoIterator<Item = Item>) {
        let items = items.into_iter().collect();
        self.database.import_items(TABLE_NAME, items, ImportOptions::default()).unwrap();
    }

    /// The items of a balance. Only while one page of a scan holds the whole table.
    #[must_use]
    pub fn new_balance(&self, balance: Uuid) -> NewBalance {
        let id = balance.to_string();
        let mut items = self.items(|item| item.get("id").is_some_and(|it| is_text(it, &id)));
        items.sort_by_key(|item| !text(item, "pk").ends_with(&id));
        NewBalance(items.try_into().unwrap())
    }

    fn listing_item_of(&self, balance: Uuid) -> Item {
        let id = balance.to_string();
        let items = self.items(|item| text(item, "sk").ends_with(&id) && !item.contains_key("id"));
        let [listing_item] = items.try_into().unwrap();
        listing_item
    }

    fn items(&self, wanted: impl Fn(&Item) -> bool) -> Vec<Item> {
        let scan = json!({ "TableName": TABLE_NAME });
        let page = self.database.scan(serde_json::from_value(scan).unwrap()).unwrap();
        let page = serde_json::to_value(page).unwrap();
        assert!(page.get("LastEvaluatedKey").is_none_or(Value::is_null), "the table is not new");
        let items: Vec<HashMap<String, AttributeValue>> =
            serde_json::from_value(page["Items"].clone()).unwrap();
        items.into_iter().filter(wanted).collect()
    }
}

/// A query for the last items between two sort keys of a partition.
fn question(pk: &str, [from, until]: [&str; 2], limit: Option<u64>) -> QueryRequest {
    let question = json!({
        "TableName": TABLE_NAME,
        "KeyConditionExpression": "pk = :pk AND sk BETWEEN :from AND :until",
        "ExpressionAttributeValues": {
            ":pk": { "S": pk },
            ":from": { "S": from },
            ":until": { "S": until },
        },
        "ScanIndexForward": false,
        "Limit": limit,
        "ConsistentRead": true,
        "ReturnConsumedCapacity": "TOTAL",
    });
    serde_json::from_value(question).unwrap()
}

/// Version 7 UUIDs in the order of their numbers, with low bits that look random.
fn id(series: u128, number: u64) -> Uuid {
    let scattered = number.wrapping_mul(0x9E37_79B9_7F4A_7C15) & 0x3FFF_FFFF_FFFF_FFFF;
    let time = u128::from(number) + 0x0190_0001_0000;
    Uuid::from_u128(time << 80 | series << 64 | 1 << 63 | u128::from(scattered))
}

fn id_of_account(number: u64) -> Uuid {
    id(0x7001, number)
}

fn text<'i>(item: &'i Item, name: &str) -> &'i str {
    let AttributeValue::S(text) = &item[name] else {
        panic!("{name} is no text");
    };
    text
}

fn is_text(value: &AttributeValue, expected: &str) -> bool {
    matches!(value, AttributeValue::S(text) if text == expected)
}

fn set(item: &mut Item, name: &str, value: &str) {
    item.insert(name.to_owned(), AttributeValue::S(value.to_owned()));
}
