//! The DynamoDB that the functions see.
//!
//! Time is simulated: it stands still while anybody has something to do, and jumps to the next
//! timer when nobody has. Requests are not answered as they come but in *rounds*. A round is longer
//! than the longest pause that the product makes between two requests, so when it begins, everybody
//! who is not waiting for something else has a request here. They are put in an order that follows
//! from the seed and answered one after the other. So it is the seed that decides how the work of
//! the clients interleaves, down to the single request.

use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use subledger_tests::Random;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, oneshot};

use crate::conditions::Dropped;
use crate::engine::{Answer, Engine};
use crate::fault::{Fault, Weather, keys_of_batch};
use crate::wire::{self, Asked, Connection};

/// Longer than the longest pause of the product: when a step is to be taken again, 1.6 seconds
/// before it is, and 0.4 before a request of it is sent again.
pub(crate) const ROUND: Duration = Duration::from_millis(2_100);
/// How many rounds longer a request waits at most that is only slow.
const DELAY_ROUNDS_MAX: u64 = 3;
/// How long the product waits for an answer: a little longer than some rounds, so that it is in the
/// same round that it gives up, however long its pauses were.
pub(crate) const ATTEMPT_PATIENCE: Duration =
    ROUND.saturating_mul(5).saturating_add(Duration::from_millis(10));
/// How long it waits for all attempts together.
pub(crate) const OPERATION_PATIENCE: Duration =
    ROUND.saturating_mul(14).saturating_add(Duration::from_millis(20));
/// After how many rounds a late request arrives, at least: nobody waits for it any more.
const LATE_ROUNDS_MIN: u64 = 7;
/// And at most so many rounds after that.
const LATE_ROUNDS_SPREAD: u64 = 30;

/// How often packets on their way are waited for before a round.
const SETTLING_ATTEMPTS: usize = 4;
/// How long each time, in real time.
const SETTLING_PAUSE: Duration = Duration::from_micros(100);
/// How often everybody gets a turn before it is asked who has a request.
const SETTLING_TURNS: usize = 4;

/// One attempt of a client to get a request answered.
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
    /// Of what was asked, whatever is random in it.
    hash: u64,
    asked: Asked,
    /// Nothing closes the connection.
    reply: oneshot::Sender<Option<Answer>>,
    /// What it meets, once that was decided, and when.
    fate: Option<(u64, Option<Fault>)>,
}

/// Everything that waits.
#[derive(Debug, Default)]
struct Waiting {
    held: Vec<Held>,
    /// Requests that nobody waits for any more, and the rounds in which they arrive.
    late: Vec<(u64, AttemptId, Asked)>,
    /// Instances whose time is up in these rounds.
    kills: Vec<(u64, Arc<Line>, AttemptId)>,
    /// Answers that never come.
    hung: Vec<oneshot::Sender<Option<Answer>>>,
    /// How many requests of an attempt were looked at.
    calls: HashMap<AttemptId, u64>,
    round: u64,
}

/// The DynamoDB that the functions see.
#[derive(Debug)]
pub(crate) struct Proxy {
    engine: Engine,
    /// A condition that DynamoDB never sees.
    dropped: Option<Dropped>,
    seed: u64,
    weather: Mutex<Weather>,
    waiting: Mutex<Waiting>,
    /// How often what went wrong.
    pub(crate) faults: Mutex<BTreeMap<Fault, u64>>,
    /// How often DynamoDB was asked for what.
    pub(crate) calls: Mutex<BTreeMap<String, u64>>,
    step: Mutex<u64>,
    /// The step in which the last request of an attempt arrived.
    pub(crate) arrivals: Mutex<HashMap<AttemptId, u64>>,
    /// How many instances are at work.
    pub(crate) active: AtomicUsize,
    /// Everything that happened, in lines.
    pub(crate) trace: Mutex<Vec<String>>,
}

impl Proxy {
    pub(crate) fn new(engine: Engine, seed: u64, dropped: Option<Dropped>) -> Arc<Self> {
        Arc::new(Self {
            engine,
            dropped,
            seed,
            weather: Mutex::new(Weather::calm()),
            waiting: Mutex::default(),
            faults: Mutex::default(),
            calls: Mutex::default(),
            step: Mutex::default(),
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

    /// Changes the weather.
    pub(crate) fn set_weather(&self, weather: Weather) {
        *self.weather.lock().unwrap() = weather;
    }

    /// How often what else is to go wrong, of a thousand requests of clients.
    pub(crate) fn others(&self) -> u64 {
        self.weather.lock().unwrap().others
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

    /// Counts something that went wrong.
    pub(crate) fn count(&self, fault: Fault) {
        *self.faults.lock().unwrap().entry(fault).or_default() += 1;
        self.note(format!("{fault:?}"));
    }

    /// A new line.
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
            let held = Held { line, attempt, hash, asked, reply, fate: None };
            self.waiting.lock().unwrap().held.push(held);
            // No answer, or one that nobody can take, is the end of the connection.
            let Ok(Some((status, body))) = answer.await else {
                return;
            };
            if !wire::answer(&mut connection, status, &body).await {
                return;
            }
        }
    }

    /// Answers, round after round, for ever.
    pub(crate) async fn conduct(&self) {
        loop {
            tokio::time::sleep(ROUND).await;
            self.settle().await;
            self.round();
        }
    }

    /// Simulated time jumps as soon as nobody has anything to do, and a packet on its way is
    /// nobody. So where somebody may have one, real time is given to it.
    async fn settle(&self) {
        for _ in 0..SETTLING_ATTEMPTS {
            for _ in 0..SETTLING_TURNS {
                tokio::task::yield_now().await;
            }
            let held = self.waiting.lock().unwrap().held.len();
            if held >= self.active.load(Ordering::Relaxed) {
                return;
            }
            std::thread::sleep(SETTLING_PAUSE);
        }
    }

    /// Whether a request is still on its way.
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
            let (due, fault) = held.fate.unwrap_or_else(|| self.decide(&mut waiting, &held));
            held.fate = Some((due, fault));
            if due <= round {
                self.act(&mut waiting, held, fault);
            } else {
                waiting.held.push(held);
            }
        }
    }

    /// Numbers that follow from the seed and what they are for.
    pub(crate) fn random(&self, what: impl Hash) -> Random {
        Random::from_seed(hash_of((self.seed, what)))
    }

    /// What a request meets, and in which round.
    fn decide(&self, waiting: &mut Waiting, held: &Held) -> (u64, Option<Fault>) {
        let calls = waiting.calls.entry(held.attempt).or_default();
        *calls += 1;
        let mut random = self.random((held.attempt, *calls, "request"));
        let weather = self.weather.lock().unwrap();
        let wait = if random.below(1_000) < weather.delays {
            random.below(DELAY_ROUNDS_MAX + 1)
        } else {
            0
        };
        (waiting.round + wait, weather.meets(&held.asked, &mut random))
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

/// A transaction that was canceled because of one of its writes.
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

/// The same text for what means the same, whatever the order of its parts; without the token of a
/// transaction, which is random.
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
