//! One balance from which all clients transfer.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use futures_util::future::join_all;
use serde_json::{Value, json};
use subledger_benches::chart;
use subledger_benches::ledger::Ledger;
use subledger_benches::numbers::{Samples, short};
use subledger_benches::progress::bar;
use subledger_benches::report::Report;
use subledger_dynamodb::{Connection, DynamoStore, Meter};
use subledger_local::backend::TABLE_NAME;
use subledger_local::seed::{self, DEMO};
use subledger_local::{Authorization, Functions, functions};
use subledger_tests::Invocation;

use crate::Sizes;

/// The receivers of the transfers: another one for each client.
const RECEIVERS: usize = 64;

/// The functions on a table that has the demo data and the receivers.
struct Bank {
    functions: Functions,
    meter: Arc<Meter>,
}

/// The results of a number of clients.
struct Reached {
    times: Samples,
    commits: usize,
    given_up: usize,
    seconds: f64,
    retries: u64,
}

impl Bank {
    async fn open(endpoint: &str) -> Self {
        let meter = Arc::new(Meter::default());
        let connection = Connection::local(TABLE_NAME, endpoint).with_meter(Arc::clone(&meter));
        let store = DynamoStore::connect(&connection);
        seed::seed(&store, &|_| {}).await.unwrap();
        let functions = functions::compose(&store, Authorization::Jwt, &DEMO);
        let bank = Self { functions, meter };
        let to = json!([{ "accountAlias": "@customer", "amount": amount("1000000000") }]);
        let inflow = json!({ "send": { "asset": "USD", "value": "1000000000", "distribute": { "to": to } } });
        assert_eq!(bank.ask("PostInflow", &inflow).await, 201);
        for number in 0..RECEIVERS {
            let alias = format!("@receiver-{number}");
            let account = json!({ "assetCode": "USD", "type": "deposit", "alias": alias });
            // A table that was used before already has them.
            assert!(matches!(bank.ask("CreateAccount", &account).await, 201 | 409));
        }
        bank
    }

    async fn ask(&self, operation: &str, body: &Value) -> u16 {
        let request: Invocation = Ledger::request(operation, &[]).body(body);
        let handler = self.functions.get(request.package).unwrap();
        handler(request.event.to_string()).await.unwrap().status().as_u16()
    }

    async fn run(&self, clients: usize, requests: usize) -> Reached {
        let left = AtomicUsize::new(requests);
        let take =
            || left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
        let client = |number: usize| async move {
            let (mut times, mut given_up) = (Samples::default(), 0);
            let body = transfer(number);
            while take().is_ok() {
                let start = Instant::now();
                match self.ask("PostTransaction", &body).await {
                    201 => times.add_time(start.elapsed()),
                    409 | 429 | 503 => given_up += 1,
                    status => panic!("answered {status}"),
                }
            }
            (times, given_up)
        };
        self.meter.take();
        let start = Instant::now();
        let all = join_all((0..clients).map(client)).await;
        let seconds = start.elapsed().as_secs_f64();
        let mut times = Samples::default();
        let mut given_up = 0;
        for (samples, refused) in all {
            times.extend(samples);
            given_up += refused;
        }
        let retries = self.meter.take().retries;
        Reached { commits: times.count(), times, given_up, seconds, retries }
    }
}

fn amount(value: &str) -> Value {
    json!({ "asset": "USD", "value": value })
}

fn transfer(client: usize) -> Value {
    let leg = |alias: String| json!([{ "accountAlias": alias, "amount": amount("0.01") }]);
    json!({ "send": {
        "asset": "USD",
        "value": "0.01",
        "source": { "from": leg("@customer".to_owned()) },
        "distribute": { "to": leg(format!("@receiver-{}", client % RECEIVERS)) }
    } })
}

pub(crate) async fn measure(
    sizes: Sizes,
    writes: bool,
    endpoint: Option<String>,
    report: &mut Report,
) {
    let embedded = Ledger::new().await;
    let given = endpoint.is_some();
    let endpoint =
        endpoint.or_else(|| embedded.connection.endpoint_url().map(str::to_owned)).unwrap();
    let bank = Bank::open(&endpoint).await;
    bank.run(1, sizes.requests / 10).await;
    let (mut rows, mut points) = (Vec::new(), Vec::new());
    let bar = bar("clients of one balance", sizes.clients.len() as u64);
    for clients in sizes.clients.iter().copied() {
        let reached = bank.run(clients, sizes.requests).await;
        let commits = reached.commits as f64;
        points.push((clients as f64, commits / reached.seconds));
        rows.push(vec![
            clients.to_string(),
            short(commits / reached.seconds),
            short(reached.retries as f64 / commits),
            reached.given_up.to_string(),
            short(reached.times.median() / 1000.0),
            short(reached.times.quantile(0.99) / 1000.0),
        ]);
        bar.inc(1);
    }
    bar.finish_and_clear();
    report.heading("One busy balance");
    let place = if given { "the DynamoDB of `--endpoint-url`" } else { "the embedded engine" };
    report.paragraph(&format!(
        "{} transfers of a cent out of one balance, each client to a receiver of its own, through \
         the handler, on {place}. A retry is a transaction that was sent again; given up are \
         answers of 409, 429 or 503. The embedded engine takes one transaction after the other and \
         never reports a `TransactionConflict`: what is retried on it are transactions whose \
         balance was changed since it was read.",
        sizes.requests,
    ));
    let head =
        ["clients", "commits per second", "retries per commit", "given up", "p50, ms", "p99, ms"];
    report.table(&head, &rows);
    if writes {
        let line = ("one balance".to_owned(), points);
        let names = ("clients", "commits per second");
        chart::draw("hot.svg", "One busy balance, embedded engine", names, &[line]);
        report.picture("hot.svg", "commits per second over clients");
    }
}
