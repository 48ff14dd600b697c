//! Clients that move money, read it, and retry as real ones do.

use std::sync::Arc;

use futures_util::future::join;
use serde_json::json;
use subledger::money::timestamp::Timestamp;
use subledger_tests::Random;

use crate::fault::Fault;
use crate::history::{Attempt, Intent, Outcome, Thing};
use crate::instance::{Instance, Request, START};
use crate::ledger::{
    ACCOUNTS, ALWAYS_IN_USE, Known, KnownObject, KnownOperation, Ledger, ORGANIZATIONS,
};
use crate::proxy::{AttemptId, Proxy, ROUND};

/// The balance of each account at first.
const FUNDS: &str = "500";
/// How often a client tries at most.
const ATTEMPTS_MAX: u64 = 7;
/// The distance between the attempt numbers of two intents.
const ATTEMPTS_PER_INTENT: u64 = 100;
/// The distance between the intent numbers of two clients.
const INTENTS_PER_CLIENT: u64 = 100_000;
/// How far a clock may be off, in microseconds; one of these is drawn. With the first two a function
/// may write, with most of the third it may not.
const SKEWS: [u64; 3] = [2_000_000, 100_000_000, 3_600_000_000];

/// The label of an intent in random numbers and tags. Another one would change what every seed does,
/// and the recorded runs with it.
const LABEL: &str = "wish";

/// Opens a ledger whose accounts have money. Faults must not have begun.
pub(crate) async fn open_funded_ledger(proxy: &Arc<Proxy>, seed: u64) -> Ledger {
    let ledger = Ledger::open(proxy, seed).await;
    for number in 0..ACCOUNTS {
        let intent = ledger.post(
            format!("setup-{number}"),
            &mut proxy.random((number, "setup")),
            vec![ledger.external(true, FUNDS), ledger.leg(false, number, FUNDS)],
            FUNDS,
        );
        let mut client = Client::start(&ledger, number).await;
        client.carry_out(intent, u64::try_from(number).unwrap()).await;
    }
    ledger
}

/// A client. Its requests go to two instances of the functions.
pub(crate) struct Client<'l> {
    ledger: &'l Ledger,
    number: u64,
    instances: [Instance; 2],
}

impl<'l> Client<'l> {
    pub(crate) async fn start(ledger: &'l Ledger, number: usize) -> Self {
        let instance = |which| Instance::start(&ledger.proxy, 2 + 2 * number + which, ledger.scope);
        let instances = [instance(0).await, instance(1).await];
        Self { ledger, number: u64::try_from(number).unwrap(), instances }
    }

    /// Carries out this many intents.
    pub(crate) async fn work(&mut self, first: u64, intents: u64) {
        for number in first..first + intents {
            let mut random = self.random((self.number, number, LABEL));
            let intent = self.invent(number, &mut random);
            self.carry_out(intent, number).await;
        }
    }

    fn random(&self, what: impl std::hash::Hash) -> Random {
        self.ledger.proxy.random(what)
    }

    /// Draws the next intent.
    fn invent(&self, number: u64, random: &mut Random) -> Intent {
        let tag = format!("client-{}-{LABEL}-{number}", self.number);
        let known = self.ledger.known.lock().unwrap().clone();
        let any = |random: &mut Random, of: usize| {
            usize::try_from(random.below(u64::try_from(of.max(1)).unwrap())).unwrap()
        };
        // The first accounts get most of the traffic.
        let index = if random.below(4) > 0 {
            any(random, ACCOUNTS)
        } else {
            any(random, known.balances.len())
        };
        let balance = known.balances[index].clone();
        let others = known.balances.len();
        let other = (index + 1 + any(random, others - 1)) % others;
        let pending = one_of(random, &known.pending);
        let approved = one_of(random, &known.approved);
        let opened = one_of(random, &known.accounts);
        let account = opened.clone().filter(|_| random.below(2) == 0).unwrap_or(balance.account);
        let date = match (random.below(3), one_of(random, &known.dates)) {
            (0, Some(date)) => date,
            _ => {
                let now = u64::try_from(self.ledger.began.elapsed().as_micros()).unwrap();
                let then = START + i64::try_from(random.below(now)).unwrap();
                Timestamp::from_micros(then).unwrap().to_string()
            }
        };
        let kind = random.below(137);
        match kind {
            0..=39 => self.transaction(tag, index, other, random),
            40..=49 => match pending {
                Some(transaction) => Intent::Finalize { transaction, commits: random.below(3) > 0 },
                None => self.transaction(tag, index, other, random),
            },
            50..=53 => match approved {
                Some(transaction) => Intent::Revert { transaction },
                None => Intent::ListLedger,
            },
            54..=57 => Intent::Open { account, key: tag },
            58..=60 => Intent::OpenCredit { name: tag },
            61..=62 | 112..=115 => self.open_account(tag, &known, random),
            63..=66 => {
                let limit = format!("{}.{:03}{number:04}", random.below(300) + 1, self.number);
                Intent::Limit { balance: balance.id, limit }
            }
            67..=68 if index >= ACCOUNTS => Intent::Delete { balance: balance.id },
            67..=75 => Intent::Get { balance: balance.id },
            76..=77 => match opened {
                Some(account) => Intent::DeleteAccount { account },
                None => Intent::ListLedger,
            },
            78..=80 => Intent::ListAccount { account },
            81..=84 => Intent::ListLedger,
            85..=91 => Intent::AsOf { balance: balance.id, date },
            92..=94 => Intent::AccountAsOf { account, date },
            95..=96 => Intent::Versions { balance: balance.id },
            97..=99 => match approved {
                Some(transaction) => Intent::GetTransaction { transaction },
                None => Intent::ListLedger,
            },
            100..=107 => self.create(tag, &known, random),
            108..=111 => match one_of(random, &known.objects) {
                Some(KnownObject { mut thing, list, id }) => {
                    if let Thing::Organization { parent } = &mut thing {
                        *parent = self.parent(&known, random).filter(|it| *it != id);
                    }
                    Intent::Rename { thing, list, id, name: tag }
                }
                None => self.create(tag, &known, random),
            },
            116..=118 => match opened {
                Some(account) => {
                    let kind = one_of(random, &["portfolio", "segment"]).unwrap();
                    Intent::Move { account, kind, group: self.group(kind, &known, random) }
                }
                None => self.open_account(tag, &known, random),
            },
            119..=126 => {
                // What is in use from the beginning to the end, now and then.
                let first = if random.below(8) == 0 { 0 } else { ALWAYS_IN_USE };
                match one_of(random, &known.objects[first..]) {
                    Some(KnownObject { list, id, .. }) => Intent::Remove { list, id },
                    None => self.create(tag, &known, random),
                }
            }
            127..=130 => Intent::Count { list: self.any_list(&known, random) },
            131..=134 => match one_of(random, &known.operations) {
                Some(KnownOperation { id: operation, .. }) if random.below(2) == 0 => {
                    Intent::Describe { operation, text: tag }
                }
                Some(KnownOperation { account, id: operation }) => {
                    Intent::GetOperation { account, operation }
                }
                None => Intent::ListLedger,
            },
            _ => Intent::Switch { ledger: self.a_ledger(&known, random), on: random.below(2) == 0 },
        }
    }

    /// Opens an account, often in an asset and in groups that others delete.
    fn open_account(&self, tag: String, known: &Known, random: &mut Random) -> Intent {
        let codes = known.objects.iter().filter_map(|it| match &it.thing {
            Thing::Asset { code } if it.list == self.ledger.at("/assets") => Some(*code),
            _ => None,
        });
        let code = one_of(random, &codes.collect::<Vec<_>>()).filter(|_| random.below(2) == 0);
        let asset = code.unwrap_or("USD").to_owned();
        let [portfolio, segment] =
            ["portfolio", "segment"].map(|kind| self.group(kind, known, random));
        Intent::OpenAccount { alias: format!("@{tag}"), asset, portfolio, segment }
    }

    /// A group of the ledger of this kind, or none.
    fn group(&self, kind: &str, known: &Known, random: &mut Random) -> Option<String> {
        let here = self.ledger.at(&format!("/{kind}s"));
        let groups = known.objects.iter().filter(|it| it.list == here);
        let groups: Vec<String> = groups.map(|it| it.id.clone()).collect();
        one_of(random, &groups).filter(|_| random.below(4) > 0)
    }

    fn create(&self, name: String, known: &Known, random: &mut Random) -> Intent {
        let (thing, list) = match random.below(10) {
            0 => {
                let parent = self.parent(known, random);
                (Thing::Organization { parent }, ORGANIZATIONS.to_owned())
            }
            1..=2 => (Thing::Ledger, self.ledgers(known, random)),
            3..=5 => {
                let code = one_of(random, &["EUR", "GBP"]).unwrap();
                (Thing::Asset { code }, self.in_a_ledger(known, random, "assets"))
            }
            6..=7 => (Thing::Portfolio, self.in_a_ledger(known, random, "portfolios")),
            8 => (Thing::Segment, self.in_a_ledger(known, random, "segments")),
            _ => (Thing::AccountType, self.in_a_ledger(known, random, "account-types")),
        };
        Intent::Create { thing, list, name }
    }

    /// An organization, or none.
    fn parent(&self, known: &Known, random: &mut Random) -> Option<String> {
        let organizations = known.objects.iter().filter(|it| it.list == ORGANIZATIONS);
        let organizations: Vec<String> = organizations.map(|it| it.id.clone()).collect();
        one_of(random, &organizations).filter(|_| random.below(2) == 0)
    }

    /// The list of the ledgers of an organization, mostly of that with the money.
    fn ledgers(&self, known: &Known, random: &mut Random) -> String {
        let organization = self.parent(known, random);
        let organization =
            organization.unwrap_or_else(|| self.ledger.scope.organization.to_string());
        format!("{ORGANIZATIONS}/{organization}/ledgers")
    }

    /// The path of the ledger with the money, or of one that was created during the run.
    fn a_ledger(&self, known: &Known, random: &mut Random) -> String {
        let ledgers = known.objects.iter().filter(|it| it.thing == Thing::Ledger);
        let ledgers: Vec<String> = ledgers.map(|it| format!("{}/{}", it.list, it.id)).collect();
        let any = one_of(random, &ledgers).filter(|_| random.below(2) == 0);
        any.unwrap_or_else(|| self.ledger.at(""))
    }

    fn in_a_ledger(&self, known: &Known, random: &mut Random, list: &str) -> String {
        format!("{}/{list}", self.a_ledger(known, random))
    }

    /// A list that can be counted.
    fn any_list(&self, known: &Known, random: &mut Random) -> String {
        match random.below(6) {
            0 => ORGANIZATIONS.to_owned(),
            1 => self.ledgers(known, random),
            2 => self.in_a_ledger(known, random, "assets"),
            3 => self.in_a_ledger(known, random, "portfolios"),
            4 => self.in_a_ledger(known, random, "segments"),
            _ => self.in_a_ledger(known, random, "accounts"),
        }
    }

    fn transaction(&self, tag: String, from: usize, to: usize, random: &mut Random) -> Intent {
        let ledger = self.ledger;
        let cents = |random: &mut Random| {
            let cents = 1 + random.below(20_000);
            (cents, format!("{}.{:02}", cents / 100, cents % 100))
        };
        let (first, value) = cents(random);
        let legs = match random.below(10) {
            0..=5 => vec![ledger.leg(true, from, &value), ledger.leg(false, to, &value)],
            6 => vec![ledger.external(true, &value), ledger.leg(false, to, &value)],
            7 => vec![ledger.leg(true, from, &value), ledger.external(false, &value)],
            _ => {
                let (second, rest) = cents(random);
                let all = first + second;
                let all = format!("{}.{:02}", all / 100, all % 100);
                let legs = vec![
                    ledger.leg(true, from, &all),
                    ledger.leg(false, to, &value),
                    ledger.external(false, &rest),
                ];
                return ledger.post(tag, random, legs, &all);
            }
        };
        ledger.post(tag, random, legs, &value)
    }

    /// Tries until an answer is final, as long as it is safe to try again.
    pub(crate) async fn carry_out(&mut self, intent: Intent, number: u64) {
        let intent_id = self.number * INTENTS_PER_CLIENT + number;
        if intent == Intent::ListLedger {
            return self.list_ledger(intent_id).await;
        }
        let request = self.ledger.request(&intent);
        self.try_until_answered(&intent, intent_id, 0, &request).await;
    }

    /// Sends the request, again where that is safe, and gives the last outcome.
    async fn try_until_answered(
        &mut self,
        intent: &Intent,
        intent_id: u64,
        first_attempt: u64,
        request: &Request,
    ) -> Outcome {
        let repeatable = !matches!(intent, Intent::Post { keyed: false, .. });
        let mut outcome = Outcome::Lost;
        for attempt in 0..ATTEMPTS_MAX {
            let attempt = first_attempt + 2 * attempt;
            let mut random = self.random((intent_id, attempt, "attempt"));
            self.skew_clocks(&mut random);
            let which = usize::from(random.below(2) == 0);
            let twice = repeatable && random.below(1_000) < self.ledger.proxy.others();
            let lost = random.below(1_000) < self.ledger.proxy.others();
            let [one, other] = &mut self.instances;
            let (one, other) = if which == 0 { (one, other) } else { (other, one) };
            let ledger = self.ledger;
            let id = |attempt| AttemptId(intent_id * ATTEMPTS_PER_INTENT + attempt + 1);
            if twice {
                ledger.proxy.count(Fault::DeliveredTwice);
                let second = attempt_once(ledger, other, id(attempt + 1), intent, request, false);
                let first = attempt_once(ledger, one, id(attempt), intent, request, lost);
                outcome = join(first, second).await.0;
            } else {
                outcome = attempt_once(ledger, one, id(attempt), intent, request, lost).await;
            }
            let again = outcome.is_try_again() || (repeatable && outcome.is_unknown());
            // Some give up.
            if !again || random.below(10) == 0 {
                break;
            }
            let rounds = u32::try_from(random.below(4)).unwrap();
            tokio::time::sleep(ROUND * rounds).await;
        }
        outcome
    }

    /// Sometimes changes how far a clock is off.
    fn skew_clocks(&self, random: &mut Random) {
        for instance in &self.instances {
            if random.below(1_000) >= self.ledger.proxy.others() {
                continue;
            }
            let most = SKEWS[usize::try_from(random.below(3)).unwrap()];
            let skew = i64::try_from(random.below(2 * most)).unwrap();
            let skew = skew - i64::try_from(most).unwrap();
            let back = skew < instance.skew();
            self.ledger.proxy.count(if back { Fault::ClockBack } else { Fault::ClockForward });
            instance.set_skew(skew);
        }
    }

    /// Lists the whole ledger, page by page. A list whose last page is not reached is not recorded.
    async fn list_ledger(&mut self, intent_id: u64) {
        let limit = self.random((intent_id, "limit")).below(6) + 2;
        let start = self.ledger.proxy.next_step();
        let mut items = Vec::new();
        let mut cursor = String::new();
        for page in 0_u64.. {
            let mut request = self.ledger.request(&Intent::ListLedger);
            request.query = format!("limit={limit}{cursor}");
            // Each page is a read of its own; the history does not distinguish their attempts.
            let outcome = self
                .try_until_answered(&Intent::ListLedger, intent_id, 16 * (page % 5), &request)
                .await;
            let Some(body) = outcome.done() else {
                return;
            };
            items.extend(body["items"].as_array().unwrap().iter().cloned());
            match body["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        let end = self.ledger.proxy.next_step();
        let outcome = Outcome::Answered {
            status: 200,
            retry_after: false,
            settled: false,
            body: json!({ "all_pages": items }),
        };
        let id = AttemptId(intent_id * ATTEMPTS_PER_INTENT);
        let intent = Intent::ListLedger;
        let summary = Attempt { id, intent_id, intent, start, end, outcome, clock: Vec::new() };
        self.ledger.attempts.lock().unwrap().push(summary);
    }
}

/// Draws one; `None` if there is none.
fn one_of<T: Clone>(random: &mut Random, of: &[T]) -> Option<T> {
    let number = random.below(u64::try_from(of.len().max(1)).unwrap());
    of.get(usize::try_from(number).unwrap()).cloned()
}

/// Makes one attempt and records it as the client sees it.
async fn attempt_once(
    ledger: &Ledger,
    instance: &mut Instance,
    id: AttemptId,
    intent: &Intent,
    request: &Request,
    reply_is_lost: bool,
) -> Outcome {
    let start = ledger.proxy.next_step();
    let (mut outcome, clock) = instance.answer(id, request).await;
    if reply_is_lost && outcome != Outcome::Lost {
        ledger.proxy.count(Fault::ReplyLost);
        outcome = Outcome::Lost;
    }
    let end = ledger.proxy.next_step();
    if let Some(body) = outcome.done() {
        ledger.learn(intent, body);
    }
    let attempt = Attempt {
        id,
        intent_id: id.0 / ATTEMPTS_PER_INTENT,
        intent: intent.clone(),
        start,
        end,
        outcome: outcome.clone(),
        clock,
    };
    ledger.attempts.lock().unwrap().push(attempt);
    outcome
}
