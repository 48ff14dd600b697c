//! An instance of the functions, as Lambda starts, keeps and kills it.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use subledger::money::ids::Scope;
use subledger::money::timestamp::Timestamp;
use subledger::ports::{Clock, IdSource};
use subledger::settling::SettlingTime;
use subledger_dynamodb::{Connection, DynamoStore, Timeouts};
use subledger_http::Response;
use subledger_http::request::authorization::Authorization;
use subledger_http::request::event::Incoming;
use subledger_http::request::routes;
use subledger_http::serve::Api;
use subledger_tests::Random;
use uuid::{Builder, Uuid};

use crate::history::Outcome;
use crate::proxy::{ATTEMPT_TIMEOUT, AttemptId, Line, OPERATION_TIMEOUT, Proxy, ROUND};

/// When every run begins: 2026-01-01, in microseconds since 1970.
pub(crate) const START: i64 = 1_767_225_600_000_000;
/// The timeout of a function. Answers of DynamoDB take far longer here than on AWS.
const FUNCTION_TIMEOUT: Duration = ROUND.saturating_mul(180);
/// The settling time of the functions. A third of it is longer than a write takes at most from its
/// time on: all attempts of its request, the last of them late, are 51 rounds, which are 107 seconds.
const SETTLING_SECONDS: u16 = 330;

/// The clock of a function: the simulated time, off by a number of microseconds.
#[derive(Debug, Clone)]
pub(crate) struct SkewedClock {
    proxy: Arc<Proxy>,
    skew_micros: Arc<AtomicI64>,
    /// Every time that it returned, in microseconds since 1970.
    said: Arc<Mutex<Vec<i64>>>,
}

impl Clock for SkewedClock {
    fn now(&self) -> Timestamp {
        let micros = self.proxy.now() + self.skew_micros.load(Ordering::Relaxed);
        self.said.lock().unwrap().push(micros);
        Timestamp::from_micros(micros).unwrap()
    }

    fn settling_time(&self) -> SettlingTime {
        SettlingTime::new(SETTLING_SECONDS).unwrap()
    }
}

/// Ids that follow from the seed.
#[derive(Debug)]
pub(crate) struct SeededIds(Mutex<Random>);

impl IdSource for SeededIds {
    fn next_id(&self) -> Uuid {
        let mut random = self.0.lock().unwrap();
        let mut bytes = [0; 10];
        for byte in &mut bytes {
            *byte = u8::try_from(random.below(256)).unwrap();
        }
        Builder::from_unix_timestamp_millis(random.below(1 << 40), &bytes).into_uuid()
    }
}

/// A request of a client.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) method: &'static str,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) key: Option<String>,
    pub(crate) body: Option<Value>,
}

impl Request {
    pub(crate) fn get(path: String) -> Self {
        Self { method: "GET", path, query: String::new(), key: None, body: None }
    }

    pub(crate) fn post(path: String, body: Value) -> Self {
        Self { method: "POST", body: Some(body), ..Self::get(path) }
    }

    fn to_http(&self) -> subledger_http::Request {
        let mut headers = json!({ "content-type": "application/json" });
        if let Some(key) = &self.key {
            headers["idempotency-key"] = json!(key);
        }
        let mut event = json!({
            "version": "2.0",
            "routeKey": "$default",
            "rawPath": self.path,
            "rawQueryString": self.query,
            "headers": headers,
            "requestContext": {
                "accountId": "000000000000",
                "apiId": "local",
                "http": {
                    "method": self.method,
                    "path": self.path,
                    "protocol": "HTTP/1.1",
                    "sourceIp": "127.0.0.1",
                    "userAgent": "test"
                },
                "requestId": "request",
                "routeKey": "$default",
                "stage": "$default",
                "timeEpoch": 0
            },
            "isBase64Encoded": false
        });
        if let Some(body) = &self.body {
            event["body"] = json!(body.to_string());
        }
        Incoming::read(&event.to_string()).unwrap().into_request()
    }
}

/// An instance of the functions.
pub(crate) struct Instance {
    proxy: Arc<Proxy>,
    line: Arc<Line>,
    clock: SkewedClock,
    api: Api<DynamoStore>,
}

impl Instance {
    pub(crate) async fn start(proxy: &Arc<Proxy>, number: usize, scope: Scope) -> Self {
        let line = proxy.line(number).await;
        let clock = SkewedClock {
            proxy: Arc::clone(proxy),
            skew_micros: Arc::default(),
            said: Arc::default(),
        };
        let api = Api {
            store: store(proxy, &line, &clock),
            clock: Arc::new(clock.clone()),
            ids: Arc::new(SeededIds(Mutex::new(proxy.random((number, "ids"))))),
            authorization: Authorization::Off(scope),
        };
        Self { proxy: Arc::clone(proxy), line, clock, api }
    }

    /// Sets how far the clock is off, in microseconds.
    pub(crate) fn set_skew(&self, micros: i64) {
        self.clock.skew_micros.store(micros, Ordering::Relaxed);
    }

    /// How far the clock is off, in microseconds.
    pub(crate) fn skew(&self) -> i64 {
        self.clock.skew_micros.load(Ordering::Relaxed)
    }

    /// Answers a request, unless the instance is killed before. Also gives every time that the
    /// clock returned.
    pub(crate) async fn answer(
        &mut self,
        attempt: AttemptId,
        request: &Request,
    ) -> (Outcome, Vec<i64>) {
        self.line.carries(attempt);
        self.proxy.active.fetch_add(1, Ordering::Relaxed);
        let outcome = tokio::select! {
            response = respond(&self.api, request) => Some(response),
            () = self.line.kill.notified() => None,
            () = tokio::time::sleep(FUNCTION_TIMEOUT) => None,
        };
        self.proxy.active.fetch_sub(1, Ordering::Relaxed);
        let clock = std::mem::take(&mut *self.clock.said.lock().unwrap());
        let Some(response) = outcome else {
            // The next instance starts with an empty cache.
            self.api.store = store(&self.proxy, &self.line, &self.clock);
            return (Outcome::Lost, clock);
        };
        let outcome = Outcome::Answered {
            status: response.status().as_u16(),
            retry_after: response.headers().contains_key("retry-after"),
            settled: response.headers().get("x-settled").is_some_and(|it| it == "true"),
            body: match response.headers().get("x-total-count") {
                // A client of counts takes this for the answer.
                Some(count) => json!(count.to_str().unwrap().parse::<usize>().unwrap()),
                None => serde_json::from_slice(response.body()).unwrap_or_default(),
            },
        };
        (outcome, clock)
    }
}

fn store(proxy: &Proxy, line: &Line, clock: &SkewedClock) -> DynamoStore {
    let timeouts = Timeouts {
        connect: ATTEMPT_TIMEOUT,
        attempt: ATTEMPT_TIMEOUT,
        operation: OPERATION_TIMEOUT,
    };
    let connection = Connection::local(proxy.table(), &line.endpoint)
        .with_timeouts(timeouts)
        .with_clock(Arc::new(clock.clone()));
    DynamoStore::connect(&connection)
}

/// The answer of the function that has the route.
pub(crate) async fn respond(api: &Api<DynamoStore>, request: &Request) -> Response {
    let asked = request.to_http();
    let package = routes::all()
        .find(|(_, method, path)| {
            *method == request.method && routes::path_matches(path, &request.path)
        })
        .map(|(package, ..)| package);
    match package {
        Some("accounts") => accounts::handle(api, asked).await,
        Some("balance-history") => balance_history::handle(api, asked).await,
        Some("create-balance") => create_balance::handle(api, asked).await,
        Some("get-balance") => get_balance::handle(api, asked).await,
        Some("health") => health::handle(api, asked).await,
        Some("ledgers") => ledgers::handle(api, asked).await,
        Some("list-balances") => list_balances::handle(api, asked).await,
        Some("post-transaction") => post_transaction::handle(api, asked).await,
        Some("update-balance") => update_balance::handle(api, asked).await,
        Some(_) | None => unknown_route::handle(asked).await,
    }
}
