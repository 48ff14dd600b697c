//! The DynamoDB that the functions see.
//!
//! Time is simulated: it stands still while any task has work, and jumps to the next timer when
//! none has. Requests are not answered as they arrive but in *rounds*. A round is longer than the
//! longest pause that the product makes between two requests, so when a round begins, every instance
//! that is working has a request waiting here. The requests are put in an order that follows from
//! the seed and are answered one after the other. So the seed decides how the work of the clients
//! interleaves, request by request.

use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use serde_json::{Value, json};
use subledger_tests::Random;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, oneshot};
use tokio::time::Instant;

use crate::conditions::Dropped;
use crate::engine::{Answer, Engine};
use crate::fault::{Fault, FaultRates, keys_of_batch};
use crate::instance::START;
use crate::wire::{self, Asked, Connection};

/// The length of a round: longer than the longest pause of the product, which is 1.6 seconds before
/// a use case tries again, and 0.4 before a request is sent again.
pub(crate) const ROUND: Duration = Duration::from_millis(2_100);
/// The most rounds that a slow request is delayed.
const DELAY_ROUNDS_MAX: u64 = 3;
/// The timeout of the product for one answer: a little longer than a number of rounds, so that the
/// product gives up in the same round however long its pauses were.
pub(crate) const ATTEMPT_TIMEOUT: Duration =
    ROUND.saturating_mul(5).saturating_add(Duration::from_millis(10));
/// The timeout of the product for all attempts of a request together.
pub(crate) const OPERATION_TIMEOUT: Duration =
    ROUND.saturating_mul(14).saturating_add(Duration::from_millis(20));
/// After how many rounds a late request arrives at least; its sender has given up by then.
const LATE_ROUNDS_MIN: u64 = 7;
/// How many rounds later than that it arrives at most.
const LATE_ROUNDS_SPREAD: u64 = 30;

/// How often a round waits at most for packets that are under way.
const SETTLING_ATTEMPTS: usize = 4;
/// How long it waits each time, in real time.
const SETTLING_PAUSE: Duration = Duration::from_micros(100);
/// How often the other tasks are let run before the waiting requests are counted.
const SETTLING_YIELDS: usize = 4;

/// The number of an attempt of a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct AttemptId(pub(crate) u64);

/// The line from an instance of a function to DynamoDB.
#[derive(Debug)]
pub(crate) struct Line {
    number: usize,
    /// Where the instance finds DynamoDB.
    pub(crate) endpoint: String,
    current: Mutex<AttemptId>,
    /// Ends what the instance is doing.
    pub(crate) kill: Notify,
}

impl Line {
    /// From now on the line carries requests of this attempt.
    pub(crate) fn carries(&self, attempt: AttemptId) {
        *self.current.lock().unwrap() = attempt;
    }
}

/// A request that waits for its round.
#[derive(Debug)]
struct Held {
    line: Arc<Line>,
    attempt: AttemptId,
    /// The hash of the request, without its random parts.
    hash: u64,
    asked: Asked,
    /// `None` closes the connection.
    reply: oneshot::Sender<Option<Answer>>,
    /// The round in which it is answered and its fault, once that is decided.
    decision: Option<(u64, Option<Fault>)>,
}

/// Everything that waits for a later round.
#[derive(Debug, Default)]
struct Waiting {
    held: Vec<Held>,
    /// Requests whose sender has given up, and the rounds in which they arrive.
    late: Vec<(u64, AttemptId, Asked)>,
    /// Instances that reach their timeout, and in which rounds.
    kills: Vec<(u64, Arc<Line>, AttemptId)>,
    /// Answers that are never sent.
    hung: Vec<oneshot::Sender<Option<Answer>>>,
    /// How many requests of each attempt were decided on.
    calls: HashMap<AttemptId, u64>,
    round: u64,
}

/// The DynamoDB that the functions see.
#[derive(Debug)]
pub(crate) struct Proxy {
    engine: Engine,
    /// A condition that is removed from requests.
    dropped: Option<Dropped>,
    seed: u64,
    fault_rates: Mutex<FaultRates>,
    waiting: Mutex<Waiting>,
    /// How often each fault was injected.
    pub(crate) faults: Mutex<BTreeMap<Fault, u64>>,
    /// How often each action of DynamoDB was requested.
    pub(crate) calls: Mutex<BTreeMap<String, u64>>,
    step: Mutex<u64>,
    /// When its time began, in the simulated time of the run.
    began: OnceLock<Instant>,
    /// The step in which the last request of an attempt arrived.
    pub(crate) arrivals: Mutex<HashMap<AttemptId, u64>>,
    /// How many instances are working.
    pub(crate) active: AtomicUsize,
    /// A line for everything that happened.
    pub(crate) trace: Mutex<Vec<String>>,
}

impl Proxy {
    pub(crate) fn new(engine: Engine, seed: u64, dropped: Option<Dropped>) -> Arc<Self> {
        Arc::new(Self {
            engine,
            dropped,
            seed,
            fault_rates: Mutex::new(FaultRates::none()),
            waiting: Mutex::default(),
            faults: Mutex::default(),
            calls: Mutex::default(),
            step: Mutex::default(),
            began: OnceLock::new(),
            arrivals: Mutex::default(),
            active: AtomicUsize::new(0),
            trace: Mutex::default(),
        })
    }

    pub(crate) const fn engine(&self) -> &Engine {
        &self.engine
    }

    pub(crate) fn table(&self) -> &str {
        &self.engine.table
    }

    /// Sets how often faults are injected from now on.
    pub(crate) fn set_fault_rates(&self, fault_rates: FaultRates) {
        *self.fault_rates.lock().unwrap() = fault_rates;
    }

    /// The rate of the faults outside DynamoDB, per thousand requests of clients.
    pub(crate) fn others(&self) -> u64 {
        self.fault_rates.lock().unwrap().others
    }

    /// The time at DynamoDB, in microseconds since 1970; it begins when it is first asked for.
    pub(crate) fn now(&self) -> i64 {
        let began = self.began.get_or_init(Instant::now);
        START + i64::try_from(began.elapsed().as_micros()).unwrap()
    }

    /// Numbers everything that happens, in order.
    pub(crate) fn next_step(&self) -> u64 {
        let mut step = self.step.lock().unwrap();
        *step += 1;
        *step
    }

    fn note(&self, what: String) {
        self.trace.lock().unwrap().push(what);
    }

    /// Counts a fault.
    pub(crate) fn count(&self, fault: Fault) {
        *self.faults.lock().unwrap().entry(fault).or_default() += 1;
        self.note(format!("{fault:?}"));
    }

    /// Opens the line of an instance.
    pub(crate) async fn line(self: &Arc<Self>, number: usize) -> Arc<Line> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let line = Arc::new(Line {
            number,
            endpoint: format!("http://{}", listener.local_addr().unwrap()),
            current: Mutex::new(AttemptId(0)),
            kill: Notify::new(),
        });
        let (proxy, served) = (Arc::clone(self), Arc::clone(&line));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(Arc::clone(&proxy).serve(Arc::clone(&served), stream));
            }
        });
        line
    }

    async fn serve(self: Arc<Self>, line: Arc<Line>, stream: TcpStream) {
        let mut connection = Connection::new(stream);
        while let Some(asked) = wire::read(&mut connection).await {
            let (reply, answer) = oneshot::channel();
            let attempt = *line.current.lock().unwrap();
            let hash = hash_of((&asked.action, canonical(&asked.body)));
            let line = Arc::clone(&line);
            let held = Held { line, attempt, hash, asked, reply, decision: None };
            self.waiting.lock().unwrap().held.push(held);
            // Without an answer, or if it cannot be sent, the connection is closed.
            let Ok(Some((status, body))) = answer.await else {
                return;
            };
            if !wire::answer(&mut connection, status, &body, self.now()).await {
                return;
            }
        }
    }

    /// Answers requests, round after round, without an end.
    pub(crate) async fn answer_in_rounds(&self) {
        loop {
            tokio::time::sleep(ROUND).await;
            self.settle().await;
            self.round();
        }
    }

    /// Waits in real time for packets that are under way. Simulated time would jump past them,
    /// because it only waits for tasks.
    async fn settle(&self) {
        for _ in 0..SETTLING_ATTEMPTS {
            for _ in 0..SETTLING_YIELDS {
                tokio::task::yield_now().await;
            }
            let held = self.waiting.lock().unwrap().held.len();
            if held >= self.active.load(Ordering::Relaxed) {
                return;
            }
            std::thread::sleep(SETTLING_PAUSE);
        }
    }

    /// Whether no request is waiting or late.
    pub(crate) fn is_quiet(&self) -> bool {
        let waiting = self.waiting.lock().unwrap();
        waiting.late.is_empty() && waiting.held.is_empty()
    }

    fn round(&self) {
        let mut waiting = self.waiting.lock().unwrap();
        waiting.round += 1;
        let round = waiting.round;
        let (due, later) = waiting.kills.drain(..).partition(|(due, ..)| *due <= round);
        waiting.kills = later;
        let due: Vec<(u64, Arc<Line>, AttemptId)> = due;
        for (_, line, attempt) in due {
            if *line.current.lock().unwrap() == attempt {
                line.kill.notify_one();
            }
        }
        let (due, later) = waiting.late.drain(..).partition(|(due, ..)| *due <= round);
        waiting.late = later;
        let due: Vec<(u64, AttemptId, Asked)> = due;
        for (_, attempt, asked) in due {
            self.forward(attempt, &asked);
        }
        let mut held = std::mem::take(&mut waiting.held);
        held.sort_by_key(|it| (it.line.number, it.attempt, it.hash));
        let mut random = self.random((round, "order"));
        // Fisher and Yates.
        for place in (1..held.len()).rev() {
            held.swap(place, usize::try_from(random.below(u64_of(place) + 1)).unwrap());
        }
        for mut held in held {
            let (due, fault) = held.decision.unwrap_or_else(|| self.decide(&mut waiting, &held));
            held.decision = Some((due, fault));
            if due <= round {
                self.act(&mut waiting, held, fault);
            } else {
                waiting.held.push(held);
            }
        }
    }

    /// Random numbers that follow from the seed and from their purpose.
    pub(crate) fn random(&self, what: impl Hash) -> Random {
        Random::from_seed(hash_of((self.seed, what)))
    }

    /// Decides in which round a request is answered, and with which fault.
    fn decide(&self, waiting: &mut Waiting, held: &Held) -> (u64, Option<Fault>) {
        let calls = waiting.calls.entry(held.attempt).or_default();
        *calls += 1;
        let mut random = self.random((held.attempt, *calls, "request"));
        let fault_rates = self.fault_rates.lock().unwrap();
        let wait = if random.below(1_000) < fault_rates.delays {
            random.below(DELAY_ROUNDS_MAX + 1)
        } else {
            0
        };
        (waiting.round + wait, fault_rates.meets(&held.asked, &mut random))
    }

    fn act(&self, waiting: &mut Waiting, held: Held, fault: Option<Fault>) {
        let Held { line, attempt, hash, asked, reply, .. } = held;
        let mut random = self.random((attempt, hash, waiting.round, "act"));
        self.note(format!("line {} {attempt:?} {} {hash:x}", line.number, asked.action));
        let Some(fault) = fault else {
            let answer = self.forward(attempt, &asked);
            drop(reply.send(Some(answer)));
            return;
        };
        self.count(fault);
        let answer = match fault {
            Fault::RequestLost => None,
            Fault::AnswerLost => {
                self.forward(attempt, &asked);
                None
            }
            Fault::Conflict => Some(canceled(&asked, "TransactionConflict", &mut random)),
            Fault::Throttled => Some(throttled(&asked, &mut random)),
            Fault::ErrorBefore => Some(failed(&mut random)),
            Fault::ErrorAfter => {
                self.forward(attempt, &asked);
                Some(failed(&mut random))
            }
            Fault::PartialBatch => Some(self.partial_batch(attempt, asked, &mut random)),
            Fault::ShortPage => Some(self.short_page(attempt, asked, &mut random)),
            Fault::SlowAnswer => {
                self.forward(attempt, &asked);
                waiting.hung.push(reply);
                return;
            }
            Fault::LateRequest => {
                let due = waiting.round + LATE_ROUNDS_MIN + random.below(LATE_ROUNDS_SPREAD);
                waiting.late.push((due, attempt, asked));
                waiting.hung.push(reply);
                return;
            }
            Fault::FunctionTimeout => {
                if random.below(2) == 0 {
                    self.forward(attempt, &asked);
                }
                waiting.kills.push((waiting.round + 1, line, attempt));
                waiting.hung.push(reply);
                return;
            }
            Fault::KilledBefore => {
                line.kill.notify_one();
                None
            }
            Fault::KilledAfter => {
                self.forward(attempt, &asked);
                line.kill.notify_one();
                None
            }
            Fault::ReplyLost | Fault::DeliveredTwice | Fault::ClockForward | Fault::ClockBack => {
                None
            }
        };
        drop(reply.send(answer));
    }

    fn forward(&self, attempt: AttemptId, asked: &Asked) -> Answer {
        *self.calls.lock().unwrap().entry(asked.action.clone()).or_default() += 1;
        let step = self.next_step();
        self.arrivals.lock().unwrap().insert(attempt, step);
        let mut asked = asked.clone();
        if let Some(dropped) = self.dropped {
            dropped.weaken(&mut asked);
        }
        let answer = self.engine.ask(&asked.action, &asked.body);
        let hash = hash_of(canonical(&answer.1));
        self.note(format!("{attempt:?} {} answered {} {hash:x}", asked.action, answer.0));
        answer
    }

    fn partial_batch(&self, attempt: AttemptId, mut asked: Asked, random: &mut Random) -> Answer {
        let mut keys = keys_of_batch(&asked.body).cloned().unwrap_or_default();
        // Their order is random.
        keys.sort_by_cached_key(canonical);
        let salt = random.below(u64::MAX);
        let (mut done, mut left): (Vec<Value>, Vec<Value>) =
            keys.into_iter().partition(|key| hash_of((salt, canonical(key))).is_multiple_of(2));
        if done.is_empty() {
            done.extend(left.pop());
        }
        let table = self.table().to_owned();
        let left_over = json!({ "Keys": left, "ConsistentRead": true });
        asked.body["RequestItems"][&table]["Keys"] = json!(done);
        let (status, mut answer) = self.forward(attempt, &asked);
        if status == 200 && !left.is_empty() {
            answer["UnprocessedKeys"] = json!({ table: left_over });
        }
        (status, answer)
    }

    fn short_page(&self, attempt: AttemptId, mut asked: Asked, random: &mut Random) -> Answer {
        let most = asked.body["Limit"].as_u64().map_or(3, |limit| limit - 1);
        asked.body["Limit"] = json!(1 + random.below(most));
        self.forward(attempt, &asked)
    }
}

fn throttled(asked: &Asked, random: &mut Random) -> Answer {
    let name = match random.below(4) {
        0 => "ProvisionedThroughputExceededException",
        1 => "ThrottlingException",
        2 => "RequestLimitExceeded",
        _ if asked.action == "TransactWriteItems" => {
            let reasons = ["ThrottlingError", "ProvisionedThroughputExceeded"];
            return canceled(asked, reasons[usize::from(random.below(2) == 0)], random);
        }
        _ => "ThrottlingException",
    };
    let name = format!("com.amazonaws.dynamodb.v20120810#{name}");
    (400, json!({ "__type": name, "message": "slow down" }))
}

fn failed(random: &mut Random) -> Answer {
    let (status, name) = match random.below(2) {
        0 => (500, "InternalServerError"),
        _ => (503, "ServiceUnavailable"),
    };
    let name = format!("com.amazonaws.dynamodb.v20120810#{name}");
    (status, json!({ "__type": name, "message": "sorry" }))
}

/// The answer to a transact write that was canceled because of one of its writes.
fn canceled(asked: &Asked, reason: &str, random: &mut Random) -> Answer {
    let writes = asked.body["TransactItems"].as_array().map_or(1, Vec::len);
    let place = usize::try_from(random.below(u64_of(writes))).unwrap();
    let reasons: Vec<Value> = (0..writes)
        .map(|write| json!({ "Code": if write == place { reason } else { "None" } }))
        .collect();
    let body = json!({
        "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
        "Message": format!("Transaction cancelled [{reason}]"),
        "CancellationReasons": reasons,
    });
    (400, body)
}

pub(crate) fn hash_of(what: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    what.hash(&mut hasher);
    hasher.finish()
}

fn u64_of(number: usize) -> u64 {
    u64::try_from(number).unwrap()
}

/// The value as text with its parts in a fixed order, and without the random token of a transact
/// write, so that equal requests have equal texts.
fn canonical(value: &Value) -> String {
    match value {
        Value::Array(items) => {
            let mut items: Vec<String> = items.iter().map(canonical).collect();
            items.sort_unstable();
            format!("[{}]", items.join(","))
        }
        Value::Object(members) => {
            let members = members.iter().filter(|(name, _)| *name != "ClientRequestToken");
            let mut members: Vec<String> =
                members.map(|(name, value)| format!("{name}:{}", canonical(value))).collect();
            members.sort_unstable();
            format!("{{{}}}", members.join(","))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.to_string(),
    }
}
