//! Clients that move money, look at it, and try again as real ones do.

use std::sync::{Arc, Mutex};

use futures_util::future::join;
use serde_json::{Value, json};
use subledger::money::ids::{LedgerId, OrganizationId, Scope};
use subledger::money::timestamp::Timestamp;
use subledger_tests::{Random, id_of};
use tokio::time::Instant;
use uuid::Uuid;

use crate::fault::Fault;
use crate::history::{Attempt, Outcome, Wish, WishedLeg};
use crate::instance::{Instance, Request, START};
use crate::proxy::{AttemptId, Proxy, ROUND};

/// How many accounts everybody moves money on.
const ACCOUNTS: usize = 4;
/// What each of them has at first.
const FUNDS: &str = "500";
/// How often a client tries.
const ATTEMPTS_MAX: u64 = 7;
/// How many attempts fit into the number of one.
const ATTEMPTS_OF_A_WISH: u64 = 100;
/// How many wishes fit into the number of a client.
const WISHES_OF_A_CLIENT: u64 = 100_000;
/// How wrong a clock gets, in microseconds: a little, or very.
const SKEWS: [u64; 3] = [1_000, 2_000_000, 3_600_000_000];

/// A balance that the clients know.
#[derive(Debug, Clone)]
struct KnownBalance {
    account: String,
    alias: String,
    key: String,
    id: String,
}

/// What the clients tell each other.
#[derive(Debug, Default)]
struct Known {
    /// Those that are not there from the beginning.
    accounts: Vec<String>,
    balances: Vec<KnownBalance>,
    pending: Vec<String>,
    approved: Vec<String>,
    dates: Vec<String>,
}

impl Known {
    /// A balance was opened. One that had its name before was deleted in the meantime: the request
    /// had been delivered twice.
    fn opened(&mut self, balance: KnownBalance) {
        self.balances.retain(|it| (&it.account, &it.key) != (&balance.account, &balance.key));
        self.balances.push(balance);
    }
}

/// The ledger that the clients work on.
#[derive(Debug)]
pub(crate) struct Ledger {
    pub(crate) proxy: Arc<Proxy>,
    pub(crate) scope: Scope,
    began: Instant,
    /// An account that may carry v0 balances.
    v0_account: String,
    known: Mutex<Known>,
    attempts: Mutex<Vec<Attempt>>,
}

impl Ledger {
    /// A ledger with accounts that have money. Nothing must go wrong yet.
    pub(crate) async fn open(proxy: &Arc<Proxy>, seed: u64) -> Self {
        let nowhere = Scope {
            organization: OrganizationId::new(Uuid::nil()),
            ledger: LedgerId::new(Uuid::nil()),
        };
        let mut founder = Instance::start(proxy, 0, nowhere).await;
        let organization = json!({ "legalName": "Lion", "legalDocument": "HRB 1" });
        let organization =
            ask(&mut founder, Request::post("/v1/organizations".to_owned(), organization)).await;
        let organization = id_of(&organization);
        let ledgers = format!("/v1/organizations/{organization}/ledgers");
        let ledger = ask(&mut founder, Request::post(ledgers, json!({ "name": "Books" }))).await;
        let scope = Scope {
            organization: OrganizationId::new(organization),
            ledger: LedgerId::new(id_of(&ledger)),
        };
        let mut founder = Instance::start(proxy, 1, scope).await;
        let mut opened = Self {
            proxy: Arc::clone(proxy),
            scope,
            began: Instant::now(),
            v0_account: String::new(),
            known: Mutex::default(),
            attempts: Mutex::default(),
        };
        let asset = json!({ "name": "Dollar", "type": "currency", "code": "USD" });
        ask(&mut founder, Request::post(opened.at("/assets"), asset)).await;
        let v0_account = json!({
            "capabilities": ["credit_without_underwriting"],
            "entities": { "account_holders": ["entity_1"] },
            "details": { "product_name": "Card" },
            "documents": []
        });
        let mut request = Request::post("/v0/accounts".to_owned(), v0_account);
        request.key = Some(format!("account-of-{seed}"));
        opened.v0_account = text(&ask(&mut founder, request).await["id"]);
        for number in 0..ACCOUNTS {
            let alias = format!("@{number}");
            let body = json!({ "assetCode": "USD", "type": "deposit", "alias": alias });
            let account = ask(&mut founder, Request::post(opened.at("/accounts"), body)).await;
            let account = text(&account["id"]);
            let list = Request::get(opened.at(&format!("/accounts/{account}/balances")));
            let balance = ask(&mut founder, list).await["items"][0].clone();
            let (key, id) = (text(&balance["key"]), text(&balance["id"]));
            opened.known.lock().unwrap().balances.push(KnownBalance { account, alias, key, id });
        }
        for number in 0..ACCOUNTS {
            let wish = opened.post(
                format!("setup-{number}"),
                &mut proxy.random((number, "setup")),
                vec![opened.external(true, FUNDS), opened.leg(false, number, FUNDS)],
                FUNDS,
            );
            let mut client = Client::start(&opened, number).await;
            client.wish(wish, u64::try_from(number).unwrap()).await;
        }
        opened
    }

    fn at(&self, rest: &str) -> String {
        let Scope { organization, ledger } = self.scope;
        format!("/v1/organizations/{organization}/ledgers/{ledger}{rest}")
    }

    fn external(&self, gives: bool, amount: &str) -> WishedLeg {
        WishedLeg {
            gives,
            alias: "@external/USD".to_owned(),
            key: "default".to_owned(),
            amount: amount.to_owned(),
        }
    }

    fn leg(&self, gives: bool, balance: usize, amount: &str) -> WishedLeg {
        let known = self.known.lock().unwrap();
        let KnownBalance { alias, key, .. } = known.balances[balance].clone();
        WishedLeg { gives, alias, key, amount: amount.to_owned() }
    }

    fn post(&self, tag: String, random: &mut Random, legs: Vec<WishedLeg>, value: &str) -> Wish {
        let external = legs.iter().any(|leg| leg.gives && leg.alias.starts_with("@external"));
        Wish::Post {
            tag,
            keyed: random.below(3) > 0,
            pending: !external && random.below(10) < 3,
            value: value.to_owned(),
            legs,
        }
    }

    /// Everything that was asked.
    pub(crate) fn into_attempts(self) -> Vec<Attempt> {
        self.attempts.into_inner().unwrap()
    }

    /// Every question about the past that was asked, once.
    pub(crate) fn questions_about_the_past(&self) -> Vec<Wish> {
        let mut questions: Vec<Wish> = Vec::new();
        for attempt in self.attempts.lock().unwrap().iter() {
            let is_one = matches!(attempt.wish, Wish::AsOf { .. } | Wish::AccountAsOf { .. });
            if is_one && !questions.contains(&attempt.wish) {
                questions.push(attempt.wish.clone());
            }
        }
        questions
    }

    /// The request of a wish.
    pub(crate) fn request(&self, wish: &Wish) -> Request {
        match wish {
            Wish::Post { tag, keyed, pending, value, legs } => {
                let side = |gives| -> Vec<Value> {
                    let legs = legs.iter().filter(|leg| leg.gives == gives);
                    let leg = |leg: &WishedLeg| {
                        json!({
                            "accountAlias": leg.alias,
                            "balanceKey": leg.key,
                            "amount": { "asset": "USD", "value": leg.amount },
                        })
                    };
                    legs.map(leg).collect()
                };
                let mut body = json!({
                    "description": tag,
                    "send": {
                        "asset": "USD",
                        "value": value,
                        "source": { "from": side(true) },
                        "distribute": { "to": side(false) },
                    },
                });
                if *pending {
                    body["pending"] = json!(true);
                }
                let mut request = Request::post(self.at("/transactions/json"), body);
                request.key = keyed.then(|| tag.clone());
                request
            }
            Wish::Conclude { transaction, commits } => {
                let step = if *commits { "commit" } else { "cancel" };
                let path = self.at(&format!("/transactions/{transaction}/{step}"));
                Request { method: "POST", ..Request::get(path) }
            }
            Wish::Revert { transaction } => {
                let path = self.at(&format!("/transactions/{transaction}/revert"));
                Request { method: "POST", ..Request::get(path) }
            }
            Wish::Open { account, key } => {
                let path = self.at(&format!("/accounts/{account}/balances"));
                Request::post(path, json!({ "key": key }))
            }
            Wish::OpenCredit { name } => {
                let body = json!({
                    "account_id": self.v0_account,
                    "client_subledger_balance_name": name,
                    "currency_code": "USD",
                    "type": "credit",
                    "details": {
                        "structure": "revolving",
                        "autopay_method": "none",
                        "is_interest_based": false,
                        "effective_apr": "10.250",
                        "effective_interest_rate": "9.500000",
                        "repayment_details": [{ "expected_payment_frequency": "monthly" }]
                    }
                });
                let mut request = Request::post("/v0/subledger_balances".to_owned(), body);
                request.key = Some(name.clone());
                request
            }
            Wish::OpenAccount { alias } => {
                let body = json!({ "assetCode": "USD", "type": "deposit", "alias": alias });
                Request::post(self.at("/accounts"), body)
            }
            Wish::DeleteAccount { account } => {
                let path = self.at(&format!("/accounts/{account}"));
                Request { method: "DELETE", ..Request::get(path) }
            }
            Wish::Limit { balance, limit } => {
                let body = json!({ "settings": {
                    "allowOverdraft": true,
                    "overdraftLimitEnabled": true,
                    "overdraftLimit": limit,
                } });
                let path = self.at(&format!("/balances/{balance}"));
                Request { method: "PATCH", ..Request::post(path, body) }
            }
            Wish::Delete { balance } => {
                let path = self.at(&format!("/balances/{balance}"));
                Request { method: "DELETE", ..Request::get(path) }
            }
            Wish::Get { balance } => Request::get(self.at(&format!("/balances/{balance}"))),
            Wish::ListAccount { account } => {
                let path = self.at(&format!("/accounts/{account}/balances"));
                Request { query: "limit=100".to_owned(), ..Request::get(path) }
            }
            Wish::PageQuery => Request::get(self.at("/balances")),
            Wish::AsOf { balance, date } => {
                let path = self.at(&format!("/balances/{balance}/history"));
                Request { query: format!("date={date}"), ..Request::get(path) }
            }
            Wish::AccountAsOf { account, date } => {
                let path = self.at(&format!("/accounts/{account}/balances/history"));
                Request { query: format!("date={date}"), ..Request::get(path) }
            }
            Wish::Versions { balance } => {
                let path = self.at(&format!("/balances/{balance}/versions"));
                Request { query: "limit=100".to_owned(), ..Request::get(path) }
            }
            Wish::GetTransaction { transaction } => {
                Request::get(self.at(&format!("/transactions/{transaction}")))
            }
        }
    }

    /// Learns from a success.
    fn learn(&self, wish: &Wish, body: &Value) {
        let mut known = self.known.lock().unwrap();
        match wish {
            Wish::Post { pending, .. } => {
                let id = text(&body["id"]);
                if *pending {
                    known.pending.push(id)
                } else {
                    known.approved.push(id)
                }
                known.dates.extend(body["createdAt"].as_str().map(str::to_owned));
            }
            Wish::Conclude { transaction, commits } => {
                known.pending.retain(|it| it != transaction);
                if *commits {
                    known.approved.push(transaction.clone());
                }
            }
            Wish::Revert { .. } => known.approved.push(text(&body["id"])),
            Wish::Open { .. } => known.opened(KnownBalance {
                account: text(&body["accountId"]),
                alias: text(&body["alias"]),
                key: text(&body["key"]),
                id: text(&body["id"]),
            }),
            Wish::Get { .. } => known.dates.extend(body["updatedAt"].as_str().map(str::to_owned)),
            Wish::OpenAccount { .. } => known.accounts.push(text(&body["id"])),
            Wish::DeleteAccount { account } => known.accounts.retain(|it| it != account),
            Wish::OpenCredit { .. }
            | Wish::Limit { .. }
            | Wish::Delete { .. }
            | Wish::ListAccount { .. }
            | Wish::PageQuery
            | Wish::AsOf { .. }
            | Wish::AccountAsOf { .. }
            | Wish::Versions { .. }
            | Wish::GetTransaction { .. } => {}
        }
    }
}

/// The body of an answer that has to be a success.
async fn ask(instance: &mut Instance, request: Request) -> Value {
    let (outcome, _) = instance.answer(AttemptId(0), &request).await;
    outcome.done().unwrap_or_else(|| panic!("{request:?}: {outcome:?}")).clone()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
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

    /// Works through so many wishes.
    pub(crate) async fn work(&mut self, first: u64, wishes: u64) {
        for number in first..first + wishes {
            let mut random = self.random((self.number, number, "wish"));
            let wish = self.invent(number, &mut random);
            self.wish(wish, number).await;
        }
    }

    fn random(&self, what: impl std::hash::Hash) -> Random {
        self.ledger.proxy.random(what)
    }

    /// What a client might want next.
    fn invent(&self, number: u64, random: &mut Random) -> Wish {
        let tag = format!("client-{}-wish-{number}", self.number);
        let known = self.ledger.known.lock().unwrap();
        let any = |random: &mut Random, of: usize| {
            usize::try_from(random.below(u64::try_from(of.max(1)).unwrap())).unwrap()
        };
        // The first ones are hot.
        let index = if random.below(4) > 0 {
            any(random, ACCOUNTS)
        } else {
            any(random, known.balances.len())
        };
        let balance = known.balances[index].clone();
        let others = known.balances.len();
        let other = (index + 1 + any(random, others - 1)) % others;
        let pick = |random: &mut Random, of: &[String]| of.get(any(random, of.len())).cloned();
        let pending = pick(random, &known.pending);
        let approved = pick(random, &known.approved);
        let opened = pick(random, &known.accounts);
        let account = opened.clone().filter(|_| random.below(2) == 0).unwrap_or(balance.account);
        let date = match (random.below(3), pick(random, &known.dates)) {
            (0, Some(date)) => date,
            _ => {
                let now = u64::try_from(self.ledger.began.elapsed().as_micros()).unwrap();
                let then = START + i64::try_from(random.below(now)).unwrap();
                Timestamp::from_micros(then).unwrap().to_string()
            }
        };
        drop(known);
        let kind = random.below(100);
        match kind {
            0..=39 => self.transaction(tag, index, other, random),
            40..=49 => match pending {
                Some(transaction) => Wish::Conclude { transaction, commits: random.below(3) > 0 },
                None => self.transaction(tag, index, other, random),
            },
            50..=53 => match approved {
                Some(transaction) => Wish::Revert { transaction },
                None => Wish::PageQuery,
            },
            54..=57 => Wish::Open { account, key: tag },
            58..=60 => Wish::OpenCredit { name: tag },
            61..=62 => Wish::OpenAccount { alias: format!("@{tag}") },
            63..=66 => {
                let limit = format!("{}.{:03}{number:04}", random.below(300) + 1, self.number);
                Wish::Limit { balance: balance.id, limit }
            }
            67..=68 if index >= ACCOUNTS => Wish::Delete { balance: balance.id },
            67..=75 => Wish::Get { balance: balance.id },
            76..=77 => match opened {
                Some(account) => Wish::DeleteAccount { account },
                None => Wish::PageQuery,
            },
            78..=80 => Wish::ListAccount { account },
            81..=84 => Wish::PageQuery,
            85..=91 => Wish::AsOf { balance: balance.id, date },
            92..=94 => Wish::AccountAsOf { account, date },
            95..=96 => Wish::Versions { balance: balance.id },
            _ => match approved {
                Some(transaction) => Wish::GetTransaction { transaction },
                None => Wish::PageQuery,
            },
        }
    }

    fn transaction(&self, tag: String, from: usize, to: usize, random: &mut Random) -> Wish {
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

    /// Tries until there is an answer that means something, as long as trying again is safe.
    pub(crate) async fn wish(&mut self, wish: Wish, number: u64) {
        let wish_id = self.number * WISHES_OF_A_CLIENT + number;
        if wish == Wish::PageQuery {
            return self.walk(wish_id).await;
        }
        let request = self.ledger.request(&wish);
        self.try_until_answered(&wish, wish_id, 0, &request).await;
    }

    /// Gives the last outcome.
    async fn try_until_answered(
        &mut self,
        wish: &Wish,
        wish_id: u64,
        first_attempt: u64,
        request: &Request,
    ) -> Outcome {
        let repeatable = !matches!(wish, Wish::Post { keyed: false, .. });
        let mut outcome = Outcome::Lost;
        for attempt in 0..ATTEMPTS_MAX {
            let attempt = first_attempt + 2 * attempt;
            let mut random = self.random((wish_id, attempt, "attempt"));
            self.wind_clocks(&mut random);
            let which = usize::from(random.below(2) == 0);
            let twice = repeatable && random.below(1_000) < self.ledger.proxy.others();
            let lost = random.below(1_000) < self.ledger.proxy.others();
            let [one, other] = &mut self.instances;
            let (one, other) = if which == 0 { (one, other) } else { (other, one) };
            let ledger = self.ledger;
            let id = |attempt| AttemptId(wish_id * ATTEMPTS_OF_A_WISH + attempt + 1);
            if twice {
                ledger.proxy.count(Fault::DeliveredTwice);
                let second = attempt_once(ledger, other, id(attempt + 1), wish, request, false);
                let first = attempt_once(ledger, one, id(attempt), wish, request, lost);
                outcome = join(first, second).await.0;
            } else {
                outcome = attempt_once(ledger, one, id(attempt), wish, request, lost).await;
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

    /// Lets a clock jump now and then.
    fn wind_clocks(&self, random: &mut Random) {
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

    /// Lists the whole ledger. A walk that does not come to its end is not recorded.
    async fn walk(&mut self, wish_id: u64) {
        let limit = self.random((wish_id, "limit")).below(6) + 2;
        let start = self.ledger.proxy.next_step();
        let mut items = Vec::new();
        let mut cursor = String::new();
        for page in 0_u64.. {
            let mut request = self.ledger.request(&Wish::PageQuery);
            request.query = format!("limit={limit}{cursor}");
            // Pages are reads of their own; their attempts are not told apart in the history.
            let outcome =
                self.try_until_answered(&Wish::PageQuery, wish_id, 16 * (page % 5), &request).await;
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
        let outcome =
            Outcome::Answered { status: 200, retry_after: false, body: json!({ "walk": items }) };
        let id = AttemptId(wish_id * ATTEMPTS_OF_A_WISH);
        let wish = Wish::PageQuery;
        let walked = Attempt { id, wish_id, wish, start, end, outcome, clock: Vec::new() };
        self.ledger.attempts.lock().unwrap().push(walked);
    }
}

/// One attempt, recorded as the client sees it.
async fn attempt_once(
    ledger: &Ledger,
    instance: &mut Instance,
    id: AttemptId,
    wish: &Wish,
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
        ledger.learn(wish, body);
    }
    let attempt = Attempt {
        id,
        wish_id: id.0 / ATTEMPTS_OF_A_WISH,
        wish: wish.clone(),
        start,
        end,
        outcome: outcome.clone(),
        clock,
    };
    ledger.attempts.lock().unwrap().push(attempt);
    outcome
}

#[test]
fn no_two_known_balances_have_one_name() {
    let balance = |key: &str, id: &str| KnownBalance {
        account: "account".to_owned(),
        alias: "@0".to_owned(),
        key: key.to_owned(),
        id: id.to_owned(),
    };
    let mut known = Known::default();
    known.opened(balance("default", "1"));
    known.opened(balance("card", "2"));
    known.opened(balance("card", "3"));
    let ids: Vec<&str> = known.balances.iter().map(|it| it.id.as_str()).collect();
    assert_eq!(ids, ["1", "3"]);
}
