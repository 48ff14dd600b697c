//! A model of DynamoDB: what it does with items exactly, and when, after published measurements.
//!
//! A transaction that comes in is looked at after 35 % of its time: it is refused if another holds
//! one of its items (`TransactionConflict`) or a condition fails; else it holds its items, until
//! after 80 % of its time what it writes is there. An item that passes is held by a transaction
//! that is refused for another one just as long, because DynamoDB has to take back what it has
//! prepared. A refusal takes as long as a success. A read is not refused and sees what is there
//! when half of its time is over.
//!
//! What it does not have: throttling, lost answers, partitions with limits. Time is that of `tokio`,
//! which stands still while there is something to do, and whose timers go by milliseconds.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use serde_json::{Map, Value, json};
use subledger_dynamodb::Jitter;
use tokio::time::sleep;

/// Time that a request takes: the shares of requests, in thousandths, and the microseconds within
/// which so many are answered. Between two points it is a straight line.
type Latency = &'static [(u64, u64)];

/// A transaction of five items, measured from Lambda (alexdebrie/dynamodb-performance-testing):
/// p50 25.3, p90 30.7, p99 92.5, longest 218 ms. The shortest is not published; 18 is a guess.
const TRANSACTION: Latency =
    &[(0, 18_000), (500, 25_300), (900, 30_700), (990, 92_500), (1_000, 218_000)];
/// What a transaction takes longer for each item above five: 25 items take 6.8 ms longer.
const ITEM_MICROS: u64 = 340;
/// A read by key: some 4 ms, with the tail of a put (p50 7.6, p90 11.3, p99 16.2) in proportion.
const READ: Latency = &[(0, 2_000), (500, 4_000), (900, 6_000), (990, 9_000), (1_000, 30_000)];
/// When a transaction is looked at, in percent of its time.
const PREPARED: u64 = 35;
/// When what it writes is there.
const APPLIED: u64 = 80;

type Place = (String, String);
type Item = Map<String, Value>;

/// What was asked of the model since it was last looked at.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Asked {
    /// Transactions that were written.
    pub(crate) committed: u64,
    /// Transactions that met another one.
    pub(crate) conflicts: u64,
    /// Transactions whose condition failed.
    pub(crate) outdated: u64,
    /// Read units.
    pub(crate) reads: u64,
    /// Write units of the transactions that were not written.
    pub(crate) wasted: u64,
}

#[derive(Debug, Default)]
struct State {
    items: HashMap<Place, Item>,
    held: HashSet<Place>,
    random: u64,
    asked: Asked,
}

/// DynamoDB, as far as this store needs it.
#[derive(Debug)]
pub(crate) struct DynamoDb(Mutex<State>);

impl DynamoDb {
    /// An empty table, and the chance of this seed.
    pub(crate) fn new(seed: u64) -> Self {
        Self(Mutex::new(State { random: seed, ..State::default() }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    /// What was asked since the last time.
    pub(crate) fn take_asked(&self) -> Asked {
        std::mem::take(&mut self.state().asked)
    }

    /// How many items there are under the partition key.
    pub(crate) fn items_under(&self, pk: &str) -> usize {
        self.state().items.keys().filter(|(partition, _)| partition == pk).count()
    }

    /// A number below `below`, by chance.
    pub(crate) fn below(&self, below: u64) -> u64 {
        self.state().next_random() % below
    }

    async fn read(&self, places: &[Place]) -> Vec<Item> {
        let half = Duration::from_micros(self.state().draw(READ) / 2);
        sleep(half).await;
        let items = {
            let mut state = self.state();
            state.asked.reads += places.len() as u64;
            places.iter().filter_map(|place| state.items.get(place).cloned()).collect()
        };
        sleep(half).await;
        items
    }

    async fn write(&self, parts: Vec<Part>) -> (u16, Value) {
        let longer = (parts.len() as u64).saturating_sub(5) * ITEM_MICROS;
        let time = self.state().draw(TRANSACTION) + longer;
        let percent = |share: u64| Duration::from_micros(time * share / 100);
        sleep(percent(PREPARED)).await;
        let (reasons, held) = self.prepare(&parts);
        sleep(percent(APPLIED - PREPARED)).await;
        let refused = reasons.iter().any(|reason| reason["Code"] != "None");
        {
            let mut state = self.state();
            for place in held {
                state.held.remove(&place);
            }
            if !refused {
                state.apply(parts);
            }
        }
        sleep(percent(100 - APPLIED)).await;
        if !refused {
            return (200, json!({}));
        }
        let code = "TransactionCanceledException";
        (400, json!({ "__type": code, "CancellationReasons": reasons }))
    }

    /// Looks at every part of a transaction and holds those that pass.
    fn prepare(&self, parts: &[Part]) -> (Vec<Value>, Vec<Place>) {
        let mut state = self.state();
        let mut held = Vec::new();
        let mut reasons = Vec::new();
        for part in parts {
            let item = state.items.get(&part.place);
            reasons.push(if state.held.contains(&part.place) {
                json!({ "Code": "TransactionConflict" })
            } else if !part.holds(item) {
                json!({ "Code": "ConditionalCheckFailed", "Item": item })
            } else {
                held.push(part.place.clone());
                json!({ "Code": "None" })
            });
        }
        state.held.extend(held.iter().cloned());
        let has = |code: &str| reasons.iter().any(|reason| reason["Code"] == code);
        let (met, outdated) = (has("TransactionConflict"), has("ConditionalCheckFailed"));
        state.asked.conflicts += u64::from(met);
        state.asked.outdated += u64::from(outdated && !met);
        state.asked.wasted += if met || outdated { 2 * parts.len() as u64 } else { 0 };
        (reasons, held)
    }
}

impl State {
    /// `SplitMix64`.
    fn next_random(&mut self) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.random ^ (self.random >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A latency in microseconds, by chance.
    fn draw(&mut self, latency: Latency) -> u64 {
        let share = self.next_random() % 1_000;
        let above = latency.iter().position(|(until, _)| share < *until).unwrap();
        let ((from, shortest), (until, longest)) = (latency[above - 1], latency[above]);
        shortest + (longest - shortest) * (share - from) / (until - from)
    }

    fn apply(&mut self, parts: Vec<Part>) {
        self.asked.committed += 1;
        for Part { place, action, .. } in parts {
            match action {
                Action::Put(item) => drop(self.items.insert(place, item)),
                Action::Delete => drop(self.items.remove(&place)),
                Action::Check => {}
                Action::Count(added) => {
                    let item = self.items.entry(place).or_default();
                    for (name, by) in added {
                        let digits = item.get(&name).and_then(|count| count["N"].as_str());
                        let count: i64 = digits.map_or(0, |digits| digits.parse().unwrap());
                        item.insert(name, json!({ "N": (count + by).to_string() }));
                    }
                }
            }
        }
    }
}

impl DynamoDb {
    /// Answers a request, given the name of its operation and its body: the status, and the body.
    async fn answer(&self, action: &str, request: &Value) -> (u16, Value) {
        match action {
            "GetItem" => {
                let item = self.read(&[place(&request["Key"])]).await.pop();
                (200, item.map_or_else(|| json!({}), |item| json!({ "Item": item })))
            }
            "BatchGetItem" => {
                let (table, asked) =
                    request["RequestItems"].as_object().unwrap().iter().next().unwrap();
                let keys: Vec<Place> =
                    asked["Keys"].as_array().unwrap().iter().map(place).collect();
                (200, json!({ "Responses": { table: self.read(&keys).await } }))
            }
            "TransactWriteItems" => {
                let parts = request["TransactItems"].as_array().unwrap();
                self.write(parts.iter().map(Part::read).collect()).await
            }
            other => panic!("{other} is not in the model"),
        }
    }
}

/// The model in the place of the SDK's connections.
#[derive(Debug, Clone)]
pub(crate) struct Connector(pub(crate) Arc<DynamoDb>);

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let model = Arc::clone(&self.0);
        let target = request.headers().get("x-amz-target").unwrap();
        let action = target.rsplit('.').next().unwrap().to_owned();
        let body: Value = serde_json::from_slice(request.body().bytes().unwrap()).unwrap();
        HttpConnectorFuture::new(async move {
            let (status, answer) = model.answer(&action, &body).await;
            let body = SdkBody::from(answer.to_string());
            Ok(HttpResponse::new(StatusCode::try_from(status).unwrap(), body))
        })
    }
}

impl Jitter for DynamoDb {
    fn next(&self) -> u32 {
        u32::try_from(self.state().next_random() >> 32).unwrap()
    }
}

fn place(item: &Value) -> Place {
    let text = |name: &str| item[name]["S"].as_str().unwrap().to_owned();
    (text("pk"), text("sk"))
}

enum Action {
    Put(Item),
    Delete,
    Check,
    /// Adds to these attributes.
    Count(Vec<(String, i64)>),
}

/// What `ADD name :name, …` adds.
fn added(update: &Value) -> Vec<(String, i64)> {
    let expression = update["UpdateExpression"].as_str().unwrap().strip_prefix("ADD ").unwrap();
    let values = &update["ExpressionAttributeValues"];
    let parts = expression.split(", ").map(|part| part.split_once(' ').unwrap());
    let number = |value: &str| values[value]["N"].as_str().unwrap().parse().unwrap();
    parts.map(|(name, value)| (name.to_owned(), number(value))).collect()
}

/// A part of a transaction.
struct Part {
    place: Place,
    action: Action,
    condition: String,
    values: Value,
}

impl Part {
    fn read(part: &Value) -> Self {
        let (name, part) = part.as_object().unwrap().iter().next().unwrap();
        let (place, action) = match name.as_str() {
            "Put" => {
                let item = part["Item"].as_object().unwrap().clone();
                (place(&part["Item"]), Action::Put(item))
            }
            "Delete" => (place(&part["Key"]), Action::Delete),
            "ConditionCheck" => (place(&part["Key"]), Action::Check),
            "Update" => (place(&part["Key"]), Action::Count(added(part))),
            other => panic!("{other} is not in the model"),
        };
        let condition = part["ConditionExpression"].as_str().unwrap_or_default().to_owned();
        Self { place, action, condition, values: part["ExpressionAttributeValues"].clone() }
    }

    /// Whether its condition holds.
    fn holds(&self, item: Option<&Item>) -> bool {
        let is = |name: &str, value: &str| {
            item.is_some_and(|item| item.get(name) == Some(&self.values[value]))
        };
        match self.condition.as_str() {
            "" => true,
            "attribute_not_exists(closed)" => item.is_none_or(|item| !item.contains_key("closed")),
            "attribute_not_exists(pk)" => item.is_none(),
            "attribute_exists(pk)" => item.is_some(),
            "revision = :revision" => is("revision", ":revision"),
            "version = :version AND id = :id" => is("version", ":version") && is("id", ":id"),
            other => panic!("{other} is not in the model"),
        }
    }
}
