//! Runs of seeds.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use futures_util::future::join_all;
use serde_json::Value;
use tokio::runtime::Builder;

use crate::checker;
use crate::clients::{Client, Ledger};
use crate::conditions::Dropped;
use crate::engine::Engine;
use crate::fault::{self, Fault, Weather};
use crate::history::{FinalAnswer, History};
use crate::instance::Instance;
use crate::proxy::{AttemptId, Proxy, ROUND};

/// How many wishes each client has, unless a plan says another number.
pub(crate) const WISHES: u64 = 30;
/// The number of the first wish behind those that give the accounts their money.
const FIRST_WISH: u64 = 10;
/// At the end everybody's clock is behind this one, which is so wrong, in microseconds.
const DAY: i64 = 86_400_000_000;

/// What happened under a seed.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) history: History,
    pub(crate) faults: BTreeMap<Fault, u64>,
    pub(crate) calls: BTreeMap<String, u64>,
    /// Everything that happened, in lines.
    pub(crate) trace: Vec<String>,
}

/// What is simulated.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    /// Where DynamoDB is, `http://host:port`; nothing for the one in this process.
    pub(crate) endpoint: Option<String>,
    /// Whether things go wrong.
    pub(crate) faults: bool,
    /// How many wishes each client has.
    pub(crate) wishes: u64,
    /// A condition that is kept from DynamoDB.
    pub(crate) dropped: Option<Dropped>,
}

/// The stack of a run, in bytes. The futures of all clients are on it, and without optimization
/// they are large.
const STACK_BYTES: usize = 64 << 20;

/// Runs a seed.
pub(crate) fn simulate(seed: u64, plan: &Plan) -> Report {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK_BYTES);
        let run = thread.spawn_scoped(scope, || simulate_here(seed, plan)).unwrap();
        run.join().unwrap_or_else(|_| panic!("seed {seed} ended in a panic"))
    })
}

fn simulate_here(seed: u64, plan: &Plan) -> Report {
    let engine = Engine::new(plan.endpoint.as_deref(), &format!("faults-{seed}"));
    let proxy = Proxy::new(engine, seed, plan.dropped);
    let runtime = Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    let history = runtime.block_on(async {
        tokio::select! {
            history = work(&proxy, seed, plan) => history,
            () = proxy.conduct() => unreachable!("it goes on for ever"),
        }
    });
    drop(runtime);
    proxy.engine().remove();
    let faults = proxy.faults.lock().unwrap().clone();
    let calls = proxy.calls.lock().unwrap().clone();
    let trace = std::mem::take(&mut *proxy.trace.lock().unwrap());
    Report { history, faults, calls, trace }
}

async fn work(proxy: &Arc<Proxy>, seed: u64, plan: &Plan) -> History {
    let ledger = Ledger::open(proxy, seed).await;
    if plan.faults {
        proxy.set_weather(Weather::of(&mut proxy.random("weather")));
    }
    let number = usize::try_from(3 + proxy.random("clients").below(4)).unwrap();
    let mut clients = Vec::new();
    for number in 0..number {
        clients.push(Client::start(&ledger, number).await);
    }
    join_all(clients.iter_mut().map(|client| client.work(FIRST_WISH, plan.wishes))).await;
    drop(clients);
    proxy.set_weather(Weather::calm());
    while !proxy.is_quiet() {
        tokio::time::sleep(ROUND).await;
    }
    let mut last = Instance::start(proxy, usize::MAX, ledger.scope).await;
    last.set_skew(DAY);
    let mut final_answers = Vec::new();
    for wish in ledger.questions_about_the_past() {
        let (outcome, _) = last.answer(AttemptId(u64::MAX), &ledger.request(&wish)).await;
        final_answers.push(FinalAnswer { wish, outcome });
    }
    let arrivals = proxy.arrivals.lock().unwrap().iter().map(|(id, step)| (*id, *step)).collect();
    let items = proxy.engine().items();
    History { attempts: ledger.into_attempts(), arrivals, final_answers, items }
}

/// What happened to everything that has the text in it: the attempts, their requests and what they
/// met, and the items at the end.
pub(crate) fn story(report: &Report, text: &str) -> String {
    let attempts: Vec<(String, String)> = report
        .history
        .attempts
        .iter()
        .map(|attempt| (format!("{:?}", attempt.id), format!("{attempt:?}")))
        .filter(|(_, shown)| shown.contains(text))
        .collect();
    let mut lines: Vec<String> = attempts.iter().map(|(_, shown)| shown.clone()).collect();
    let mut is_told = false;
    for line in &report.trace {
        // What a request met stands alone, behind it.
        is_told = if line.contains("AttemptId") {
            attempts.iter().any(|(id, _)| line.contains(id))
        } else {
            is_told
        };
        lines.extend(is_told.then(|| line.clone()));
    }
    let items = report.history.items.iter().map(Value::to_string);
    lines.extend(items.filter(|item| item.contains(text)));
    lines.join("\n")
}

/// What all seeds together were.
#[derive(Debug, Default)]
pub(crate) struct Sum {
    pub(crate) seeds: u64,
    operations: BTreeMap<&'static str, u64>,
    calls: BTreeMap<String, u64>,
    pub(crate) faults: BTreeMap<Fault, u64>,
    outcomes: BTreeMap<String, u64>,
    /// The seeds under which something was wrong, and what.
    pub(crate) violations: Vec<(u64, Vec<String>)>,
}

impl Sum {
    fn add(&mut self, seed: u64, report: &Report) {
        self.seeds += 1;
        for attempt in &report.history.attempts {
            // A walk is the requests that it consists of.
            if attempt.is_summary() {
                continue;
            }
            *self.operations.entry(attempt.wish.name()).or_default() += 1;
            *self.outcomes.entry(attempt.outcome.to_string()).or_default() += 1;
        }
        for (fault, times) in &report.faults {
            *self.faults.entry(*fault).or_default() += times;
        }
        for (action, times) in &report.calls {
            *self.calls.entry(action.clone()).or_default() += times;
        }
        let wrong = checker::check(&report.history);
        if !wrong.is_empty() {
            self.violations.push((seed, wrong));
        }
    }
}

/// Everything that was counted, for people.
impl std::fmt::Display for Sum {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let operations: u64 = self.operations.values().sum();
        writeln!(f, "{} seeds, {operations} operations", self.seeds)?;
        for (name, times) in &self.operations {
            writeln!(f, "  {times:>9}  {name}")?;
        }
        writeln!(f, "their outcomes")?;
        for (name, times) in &self.outcomes {
            writeln!(f, "  {times:>9}  {name}")?;
        }
        writeln!(f, "requests that DynamoDB got: {}", self.calls.values().sum::<u64>())?;
        for (name, times) in &self.calls {
            writeln!(f, "  {times:>9}  {name}")?;
        }
        writeln!(f, "injected faults: {}", self.faults.values().sum::<u64>())?;
        for fault in fault::ALL {
            let times = self.faults.get(&fault).copied().unwrap_or_default();
            writeln!(f, "  {times:>9}  {fault:?}")?;
        }
        write!(f, "seeds with violations: {}", self.violations.len())
    }
}

/// Runs so many seeds, from the first, on all processors.
pub(crate) fn run(first: u64, seeds: u64, plan: &Plan) -> Sum {
    let next = AtomicU64::new(first);
    let sum = Mutex::new(Sum::default());
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= first + seeds {
                        return;
                    }
                    let report = simulate(seed, plan);
                    sum.lock().unwrap().add(seed, &report);
                }
            });
        }
    });
    sum.into_inner().unwrap()
}
