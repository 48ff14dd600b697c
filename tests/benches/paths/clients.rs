//! Many clients over HTTP.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use futures_util::future::join_all;
use serde_json::{Value, json};
use subledger_benches::chart::{self, Line};
use subledger_benches::numbers::{Samples, short};
use subledger_benches::progress::bar;
use subledger_benches::report::Report;
use subledger_tests::{Request, Tenant, World, id_of, now};

use crate::Sizes;

const KINDS: [&str; 5] = ["create", "get", "list", "history", "post"];
/// The number of accounts: so many that two clients rarely use the same one.
const ACCOUNTS: usize = 128;

/// The accounts and balances that are requested.
struct Bank<'w> {
    tenant: Tenant<'w>,
    /// The ids of accounts and of their default balances.
    accounts: Vec<(String, String)>,
    date: String,
    asked: AtomicUsize,
}

impl<'w> Bank<'w> {
    async fn open(world: &'w World) -> Self {
        let tenant = world.tenant().await;
        let mut accounts = Vec::new();
        for number in 0..ACCOUNTS {
            let account = tenant.account(&format!("@{number}")).await;
            let page = account.get("/balances").await.json(200);
            let balance = id_of(&page["items"][0]).to_string();
            accounts.push((account.id.to_string(), balance));
            let to = json!([{ "accountAlias": format!("@{number}"), "amount": amount("1000000") }]);
            let inflow = json!({ "send": {
                "asset": "USD", "value": "1000000", "distribute": { "to": to }
            } });
            tenant.post("/transactions/inflow", &inflow).await.json(201);
        }
        // The first account has ten balances.
        for number in 1..10 {
            let opening = json!({ "key": format!("key-{number}") });
            let target = format!("/accounts/{}/balances", accounts[0].0);
            tenant.post(&target, &opening).await.json(201);
        }
        Self { tenant, accounts, date: now(), asked: AtomicUsize::new(0) }
    }

    /// The next request of a kind, and the status that it should be answered with.
    fn request(&self, kind: &str) -> (Request, u16) {
        let number = self.asked.fetch_add(1, Ordering::Relaxed);
        let (_, balance) = &self.accounts[number % ACCOUNTS];
        let at = |rest: String| self.tenant.at(&rest);
        match kind {
            "create" => {
                // Not the first account, which is listed.
                let (account, _) = &self.accounts[1 + number % (ACCOUNTS - 1)];
                let body = json!({ "key": format!("opened-{number}") });
                (Request::post(&at(format!("/accounts/{account}/balances")), &body), 201)
            }
            "get" => (Request::get(&at(format!("/balances/{balance}"))), 200),
            "list" => {
                let account = &self.accounts[0].0;
                (Request::get(&at(format!("/accounts/{account}/balances?limit=10"))), 200)
            }
            "history" => {
                let date = &self.date;
                (Request::get(&at(format!("/balances/{balance}/history?date={date}"))), 200)
            }
            _ => (Request::post(&at("/transactions/json".to_owned()), &transfer(number)), 201),
        }
    }

    /// Sends requests of a kind from a number of clients, and gives latencies and requests per second.
    async fn run(&self, kind: &str, clients: usize, requests: usize) -> (Samples, f64) {
        let left = AtomicUsize::new(requests);
        let take =
            || left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
        let client = || async {
            let mut times = Samples::default();
            while take().is_ok() {
                let (request, status) = self.request(kind);
                let start = Instant::now();
                let answer = self.tenant.client.send(request).await;
                times.add_time(start.elapsed());
                assert_eq!(answer.status, status, "{}", answer.text);
            }
            times
        };
        let start = Instant::now();
        let all = join_all((0..clients).map(|_| client())).await;
        let rate = requests as f64 / start.elapsed().as_secs_f64();
        let mut times = Samples::default();
        all.into_iter().for_each(|samples| times.extend(samples));
        (times, rate)
    }
}

fn amount(value: &str) -> Value {
    json!({ "asset": "USD", "value": value })
}

/// From one account to the one on the other side.
fn transfer(number: usize) -> Value {
    let leg = |number: usize| json!([{ "accountAlias": format!("@{}", number % ACCOUNTS), "amount": amount("0.01") }]);
    json!({ "send": {
        "asset": "USD",
        "value": "0.01",
        "source": { "from": leg(number) },
        "distribute": { "to": leg(number + ACCOUNTS / 2) }
    } })
}

pub(crate) async fn measure(sizes: Sizes, writes: bool, report: &mut Report) {
    let world = World::over_http().await;
    let bank = Bank::open(&world).await;
    let mut rows = Vec::new();
    let mut lines: Vec<Line> = KINDS.map(|kind| (kind.to_owned(), Vec::new())).to_vec();
    let bar = bar("kinds and clients", (KINDS.len() * sizes.clients.len()) as u64);
    for (kind, (_, line)) in KINDS.iter().zip(&mut lines) {
        // Connections and caches.
        bank.run(kind, 4, sizes.requests / 10).await;
        for clients in sizes.clients.iter().copied() {
            let (times, rate) = bank.run(kind, clients, sizes.requests).await;
            line.push((clients as f64, rate));
            let cells = [times.median(), times.quantile(0.99)].map(|time| short(time / 1000.0));
            let [p50, p99] = cells;
            rows.push(vec![(*kind).to_owned(), clients.to_string(), p50, p99, short(rate)]);
            bar.inc(1);
        }
    }
    bar.finish_and_clear();
    report.heading("Many clients");
    report.paragraph(&format!(
        "The local stack over HTTP with tokens: {} requests of each kind from each number of \
         clients, each of which asks again when it has its answer. `list` is the ten balances of \
         an account, `post` moves a cent between two of {ACCOUNTS} accounts. Clients and stack \
         share the machine.",
        sizes.requests,
    ));
    report.table(&["request", "clients", "p50, ms", "p99, ms", "requests per second"], &rows);
    if writes {
        let names = ("clients", "requests per second");
        chart::draw("clients.svg", "The local stack over HTTP", names, &lines);
        report.picture("clients.svg", "requests per second over clients, a line for each request");
    }
}
