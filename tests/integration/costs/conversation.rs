//! Requests to the functions as Lambda would hand them over, one after the other, at known times
//! and with known ids, so that each answer has the same bytes in every run.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use http::HeaderMap;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use subledger::money::timestamp::Timestamp;
use subledger::ports::{Clock, IdSource};
use subledger_dynamodb::{Consumption, DynamoStore};
use subledger_http::metrics::Metrics;
use subledger_http::request::authorization::Authorization;
use subledger_http::request::event::Incoming;
use subledger_http::serve::{Api, measured};
use subledger_http::{Request, Response};
use subledger_store_contract::ManualClock;
use subledger_tests::cost::Usage;
use subledger_tests::{ALL_SCOPES, Invocation, PathParameters};
use uuid::Uuid;

use super::logs::{access_line_bytes, metrics_line_bytes};
use crate::table::Table;

/// 2026-01-01 at noon and 123456 microseconds: six decimals in every moment that is written.
const START: i64 = 1_767_268_800_123_456;
/// The time between two requests: a little more than a second, so that timestamps end differently
/// and compress no better than in production.
const STEP: i64 = 1_037_113;

/// One clock for all functions.
#[derive(Debug, Clone)]
struct SharedClock(Arc<ManualClock>);

impl Clock for SharedClock {
    fn now(&self) -> Timestamp {
        self.0.now()
    }
}

/// Version 7 UUIDs that are as random as in production, and the same in every run.
#[derive(Debug)]
struct ScatteredIds {
    clock: SharedClock,
    next: AtomicU64,
}

impl IdSource for ScatteredIds {
    fn next_id(&self) -> Uuid {
        let count = self.next.fetch_add(1, Ordering::Relaxed);
        let random = Sha256::digest(count.to_be_bytes());
        let millis = u64::try_from(self.clock.now().micros() / 1000).unwrap();
        let (random, _) = random.split_first_chunk().unwrap();
        uuid::Builder::from_unix_timestamp_millis(millis, random).into_uuid()
    }
}

/// An answer and what it cost.
#[derive(Debug)]
pub(crate) struct Exchange {
    pub(crate) json: Value,
    pub(crate) headers: HeaderMap,
    pub(crate) body_bytes: usize,
    pub(crate) usage: Usage,
}

/// A client of all functions.
pub(crate) struct Conversation {
    table: Table,
    clock: SharedClock,
    accounts: Api<DynamoStore>,
    ledgers: Api<DynamoStore>,
    create_balance: Api<DynamoStore>,
    update_balance: Api<DynamoStore>,
    post_transaction: Api<DynamoStore>,
    balance_history: Api<DynamoStore>,
    reads: Api<DynamoStore>,
    /// The values of path variables in the next requests.
    pub(crate) names: PathParameters,
    keys: u32,
}

impl Conversation {
    pub(crate) async fn new() -> Self {
        let table = Table::new().await;
        let start = Timestamp::from_micros(START).unwrap();
        let clock = SharedClock(Arc::new(ManualClock::new(start)));
        // Far enough apart that no two functions generate the same id.
        let mut series = (0..).step_by(1_000_000);
        let mut api = || Api {
            store: table.store.clone(),
            clock: Arc::new(clock.clone()),
            ids: Arc::new(ScatteredIds {
                clock: clock.clone(),
                next: AtomicU64::new(series.next().unwrap()),
            }),
            authorization: Authorization::Token,
        };
        Self {
            accounts: api(),
            ledgers: api(),
            create_balance: api(),
            update_balance: api(),
            post_transaction: api(),
            balance_history: api(),
            reads: Api::new(table.store.clone(), Authorization::Token),
            clock,
            table,
            names: BTreeMap::new(),
            keys: 0,
        }
    }

    /// The present, as a date of a query.
    pub(crate) fn now(&self) -> String {
        self.clock.now().to_string()
    }

    /// Opens an organization with a ledger that knows the dollar.
    pub(crate) async fn begin(&mut self) {
        let body = json!({ "legalName": "Acme Bank", "legalDocument": "12-3456789" });
        self.name("organization_id", "CreateOrganization", body).await;
        self.name("ledger_id", "CreateLedger", json!({ "name": "Loans" })).await;
        let body = json!({ "name": "US Dollar", "type": "currency", "code": "USD" });
        self.name("asset_id", "CreateAsset", body).await;
    }

    /// Opens an account, to which the next requests refer.
    pub(crate) async fn account(&mut self, alias: &str) -> Exchange {
        let body = json!({ "assetCode": "USD", "type": "deposit", "alias": alias });
        self.names.insert("alias", alias.to_owned());
        self.name("account_id", "CreateAccount", body).await
    }

    /// Creates something and keeps its id under this name for the next paths.
    pub(crate) async fn name(
        &mut self,
        name: &'static str,
        operation: &str,
        body: Value,
    ) -> Exchange {
        let made = self.ask(operation, "", Some(body)).await;
        self.names.insert(name, made.json["id"].as_str().unwrap().to_owned());
        made
    }

    /// Sends a request that accepts gzip, as most clients do.
    pub(crate) async fn ask(
        &mut self,
        operation: &str,
        query: &str,
        body: Option<Value>,
    ) -> Exchange {
        self.ask_accepting("gzip", operation, query, body).await
    }

    /// Sends a request that accepts these content codings, some time after the last one.
    pub(crate) async fn ask_accepting(
        &mut self,
        codings: &str,
        operation: &str,
        query: &str,
        body: Option<Value>,
    ) -> Exchange {
        let later = self.clock.now().micros() + STEP;
        self.clock.0.set(Timestamp::from_micros(later).unwrap());
        self.keys += 1;
        let key = format!("key-{:04}", self.keys);
        let claims = self.claims(operation);
        let invocation = Invocation::new(operation, &self.names, &claims)
            .query(query)
            .header("accept-encoding", codings)
            .header("idempotency-key", &key);
        let invocation = body.iter().fold(invocation, Invocation::body);
        self.table.meter.take();
        let (response, consumption, output) = self.invoke(&invocation).await;
        let (head, bytes) = response.into_parts();
        let text = if head.headers.contains_key("content-encoding") {
            unpacked(&bytes)
        } else {
            bytes.to_vec()
        };
        let text = String::from_utf8(text).unwrap();
        assert!(head.status.is_success(), "{operation}: {text}");
        let lines = head.headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4);
        let log = access_line_bytes(invocation.event["routeKey"].as_str().unwrap());
        let is_written = consumption.write_milli_units > 0;
        let usage = Usage {
            reads_in_turn: consumption.calls - u64::from(is_written),
            transactions: u64::from(is_written),
            read_milli_units: consumption.read_milli_units,
            write_milli_units: consumption.write_milli_units,
            answer_bytes: count(lines.sum::<usize>() + bytes.len()),
            log_bytes: count(log + metrics_line_bytes(&output)),
            log_lines: 2,
        };
        assert_eq!(consumption.retries, 0, "{operation}");
        Exchange {
            json: serde_json::from_str(&text).unwrap_or_default(),
            headers: head.headers,
            body_bytes: bytes.len(),
            usage,
        }
    }

    /// The claims of a tenant; those of an operator for what is about all organizations.
    fn claims(&self, operation: &str) -> Value {
        let mut claims = json!({
            "iss": "https://id.example.com/", "aud": "subledger", "sub": "client",
            "exp": "1767268800", "scope": ALL_SCOPES
        });
        let about_organizations =
            ["CreateOrganization", "ListOrganizations", "CountOrganizations", "DeleteOrganization"];
        if about_organizations.contains(&operation) {
            claims["scope"] = json!(format!("operator {ALL_SCOPES}"));
        } else {
            for name in ["organization_id", "ledger_id"] {
                if let Some(id) = self.names.get(name) {
                    claims[name] = json!(id);
                }
            }
        }
        claims
    }

    /// The function answers, and writes its line of metrics.
    async fn invoke(&self, invocation: &Invocation) -> (Response, Consumption, Vec<u8>) {
        let consumption = Mutex::new(Consumption::default());
        let metrics = Metrics::new(Some("production".to_owned()), || {
            let taken = self.table.meter.take();
            *consumption.lock().unwrap() = taken;
            taken.thousandths()
        });
        let event = Incoming::read(&invocation.event.to_string()).unwrap();
        let mut output = Vec::new();
        let handle = async |request: Request| match invocation.package {
            "accounts" => accounts::handle(&self.accounts, request).await,
            "balance-history" => balance_history::handle(&self.balance_history, request).await,
            "create-balance" => create_balance::handle(&self.create_balance, request).await,
            "get-balance" => get_balance::handle(&self.reads, request).await,
            "health" => health::handle(&self.reads, request).await,
            "ledgers" => ledgers::handle(&self.ledgers, request).await,
            "list-balances" => list_balances::handle(&self.reads, request).await,
            "post-transaction" => post_transaction::handle(&self.post_transaction, request).await,
            "update-balance" => update_balance::handle(&self.update_balance, request).await,
            package => unreachable!("no function {package}"),
        };
        let handle = |request| Box::pin(handle(request));
        let response = measured(&metrics, handle, event.into_request(), &mut output).await;
        let consumption = *consumption.lock().unwrap();
        (response, consumption, output)
    }
}

fn unpacked(bytes: &[u8]) -> Vec<u8> {
    use std::io::Read;
    let mut unpacked = Vec::new();
    flate2::read::GzDecoder::new(bytes).read_to_end(&mut unpacked).unwrap();
    unpacked
}

fn count(bytes: usize) -> u64 {
    u64::try_from(bytes).unwrap()
}
