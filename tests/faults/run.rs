//! Runs of seeds.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::join_all;
use serde_json::Value;
use tokio::runtime::Builder;

use crate::checker;
use crate::clients::{Client, open_funded_ledger};
use crate::conditions::Dropped;
use crate::engine::Engine;
use crate::fault::{self, Fault, FaultRates};
use crate::history::{FinalAnswer, History};
use crate::instance::Instance;
use crate::proxy::{AttemptId, Proxy, ROUND};

/// How many intents each client has, unless a plan has another number.
pub(crate) const INTENTS: u64 = 30;
/// The number of the first intent after those that fund the accounts.
const FIRST_INTENT: u64 = 10;
/// After this time every clock with which a function wrote has passed every moment that was asked
/// about, and the moment has settled.
const UNTIL_SETTLED: Duration = Duration::from_secs(1_000);

/// The result of running a seed.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) history: History,
    pub(crate) faults: BTreeMap<Fault, u64>,
    pub(crate) calls: BTreeMap<String, u64>,
    /// A line for everything that happened.
    pub(crate) trace: Vec<String>,
}

/// How a seed is run.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    /// Where DynamoDB is, `http://host:port`; `None` for the one in this process.
    pub(crate) endpoint: Option<String>,
    /// Whether faults are injected.
    pub(crate) faults: bool,
    /// How many intents each client has.
    pub(crate) intents: u64,
    /// A condition that is removed from requests to DynamoDB.
    pub(crate) dropped: Option<Dropped>,
}

/// The stack of a run, in bytes. It holds the futures of all clients, which are large without
/// optimization.
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
            () = proxy.answer_in_rounds() => unreachable!("it goes on for ever"),
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
    let ledger = open_funded_ledger(proxy, seed).await;
    if plan.faults {
        // Another label would change what every seed does, and the recorded runs with it.
        proxy.set_fault_rates(FaultRates::of(&mut proxy.random("weather")));
    }
    let number = usize::try_from(3 + proxy.random("clients").below(4)).unwrap();
    let mut clients = Vec::new();
    for number in 0..number {
        clients.push(Client::start(&ledger, number).await);
    }
    join_all(clients.iter_mut().map(|client| client.work(FIRST_INTENT, plan.intents))).await;
    drop(clients);
    proxy.set_fault_rates(FaultRates::none());
    while !proxy.is_quiet() {
        tokio::time::sleep(ROUND).await;
    }
    tokio::time::sleep(UNTIL_SETTLED).await;
    let mut last = Instance::start(proxy, usize::MAX, ledger.scope).await;
    let mut final_answers = Vec::new();
    for intent in ledger.questions_about_the_past() {
        let (outcome, _) = last.answer(AttemptId(u64::MAX), &ledger.request(&intent)).await;
        final_answers.push(FinalAnswer { intent, outcome });
    }
    let arrivals = proxy.arrivals.lock().unwrap().iter().map(|(id, step)| (*id, *step)).collect();
    let items = proxy.engine().items();
    History { attempts: ledger.into_attempts(), arrivals, final_answers, items }
}

/// Everything that contains the text: attempts with their requests and faults, and the items at the
/// end.
pub(crate) fn trace_of(report: &Report, text: &str) -> String {
    let attempts: Vec<(String, String)> = report
        .history
        .attempts
        .iter()
        .map(|attempt| (format!("{:?}", attempt.id), format!("{attempt:?}")))
        .filter(|(_, shown)| shown.contains(text))
        .collect();
    let mut lines: Vec<String> = attempts.iter().map(|(_, shown)| shown.clone()).collect();
    let mut is_shown = false;
    for line in &report.trace {
        // A fault has a line of its own after its request.
        is_shown = if line.contains("AttemptId") {
            attempts.iter().any(|(id, _)| line.contains(id))
        } else {
            is_shown
        };
        lines.extend(is_shown.then(|| line.clone()));
    }
    let items = report.history.items.iter().map(Value::to_string);
    lines.extend(items.filter(|item| item.contains(text)));
    lines.join("\n")
}

/// The totals of all seeds.
#[derive(Debug, Default)]
pub(crate) struct Sum {
    pub(crate) seeds: u64,
    operations: BTreeMap<&'static str, u64>,
    calls: BTreeMap<String, u64>,
    pub(crate) faults: BTreeMap<Fault, u64>,
    outcomes: BTreeMap<String, u64>,
    /// The seeds with violations, and the violations of each.
    pub(crate) violations: Vec<(u64, Vec<String>)>,
}

impl Sum {
    fn add(&mut self, seed: u64, report: &Report) {
        self.seeds += 1;
        for attempt in &report.history.attempts {
            // The pages of a list are counted one by one.
            if attempt.is_summary() {
                continue;
            }
            *self.operations.entry(attempt.intent.name()).or_default() += 1;
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

/// The counts as a text to read.
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

/// Runs this many seeds, from the first, on all processors.
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
