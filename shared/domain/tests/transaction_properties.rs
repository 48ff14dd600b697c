//! Random programs of transactions against a model that is written independently: integers of the
//! smallest place instead of amounts, one list of states for each balance instead of a store.
#![expect(
    clippy::unwrap_used,
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "a property that cannot state its case should fail, and the model computes freely"
)]

mod bank;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use subledger::account::Alias;
use subledger::balance::create::{NewBalance, create_balance};
use subledger::balance::history::{balance_as_of, list_versions};
use subledger::balance::update::{BalanceChange, update_balance};
use subledger::balance::{Balance, BalanceKey, BalanceSettings, Direction, OverdraftLimit};
use subledger::error::Error;
use subledger::idempotency::Fingerprint;
use subledger::ledger::asset::AssetCode;
use subledger::money::amount::Amount;
use subledger::money::ids::{BalanceId, TransactionId};
use subledger::page::{PageLimit, PageRequest, PageStart, SortOrder, TimeRange};
use subledger::ports::ListBalances;
use subledger::transaction::finalize::{Finalization, finalize_transaction};
use subledger::transaction::portion::Portion;
use subledger::transaction::post::{NewLeg, NewTransaction, post_transaction};
use subledger::transaction::revert::revert_transaction;
use subledger::transaction::{LegLabels, Notes, TransactionLabels, TransactionStatus};

use bank::{Bank, START, moment};

/// The balances that legs may name. Behind them stand the overdraft balances of `ada`, `bob` and `cat`.
const PARTIES: [(&str, &str); 6] = [
    ("@external/USD", "default"),
    ("ada", "default"),
    ("ada", "savings"),
    ("bob", "default"),
    ("cat", "default"),
    ("cat", "loan"),
];
const WORLD: usize = 0;
const LOAN: usize = 5;
/// Where the overdraft balance of a party's account stands.
const COMPANIONS: [Option<usize>; 6] = [None, Some(6), Some(6), Some(7), Some(8), Some(8)];

/// One unit in the smallest places that the programs use.
const UNIT: i128 = 1_000_000_000_000;

/// How a transaction is posted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Direct,
    Pending,
    Annotation,
}

/// What a program does next. Transactions are chosen by a number.
#[derive(Debug, Clone)]
enum Action {
    Post {
        mode: Mode,
        sources: Vec<(usize, i128)>,
        destinations: Vec<usize>,
    },
    Commit(usize),
    Cancel(usize),
    Revert(usize),
    /// Nothing takes the right to be overdrawn away; `Some(None)` sets no limit.
    Overdraft(usize, Option<Option<i128>>),
    Flags(usize, bool, bool),
    /// The clock goes on, or back.
    Tick(i64),
}

/// The amounts of a balance, signed as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct State {
    available: i128,
    on_hold: i128,
    owed: i128,
}

#[derive(Debug, Clone)]
struct Line {
    /// Each state, and when it was recorded.
    states: Vec<(i64, State)>,
    overdraft: Option<Option<i128>>,
    sends: bool,
    receives: bool,
}

impl Line {
    fn opened(at: i64) -> Self {
        let states = vec![(at, State::default())];
        Self { states, overdraft: None, sends: true, receives: true }
    }

    fn now(&self) -> State {
        self.states.last().unwrap().1
    }

    fn last_at(&self) -> i64 {
        self.states.last().unwrap().0
    }
}

#[derive(Debug, Clone)]
struct Posted {
    id: TransactionId,
    sources: Vec<(usize, i128)>,
    destinations: Vec<(usize, i128)>,
    status: TransactionStatus,
    /// What each source leg took from the overdraft when it was reserved.
    lent: Vec<i128>,
    reverted: bool,
    is_reversal: bool,
    updated_at: i64,
}

/// What a step does to a party.
#[derive(Debug, Clone, Copy)]
enum Move {
    Give(i128),
    Get(i128),
    Reserve(i128),
    Settle(i128),
    Return { value: i128, lent: i128 },
}

#[derive(Debug, Clone)]
struct Model {
    /// The parties, and their overdraft balances where they exist.
    lines: Vec<Option<Line>>,
    posted: Vec<Posted>,
    now: i64,
}

impl Model {
    fn new() -> Self {
        let lines = (0..9).map(|line| (line < 6).then(|| Line::opened(START))).collect();
        Self { lines, posted: Vec::new(), now: START }
    }

    /// A transaction of the wanted kind, if there is one, and now and then any at all.
    fn choose(&self, n: usize, wanted: fn(&Posted) -> bool) -> Option<usize> {
        let all = 0..self.posted.len();
        let chosen: Vec<usize> = all.clone().filter(|it| wanted(&self.posted[*it])).collect();
        let from = if n.is_multiple_of(8) || chosen.is_empty() { all.collect() } else { chosen };
        n.checked_rem(from.len()).map(|place| from[place])
    }

    fn line(&mut self, party: usize) -> &mut Line {
        self.lines[party].as_mut().unwrap()
    }

    /// Moves on one party; answers how much more it owes now.
    fn apply(
        states: &mut [State],
        party: usize,
        overdraft: Option<Option<i128>>,
        movement: Move,
    ) -> Result<i128, &'static str> {
        let state = &mut states[party];
        let before = state.owed;
        if party == WORLD || party == LOAN {
            // They count what was given, and a reservation is given at once.
            let given = match movement {
                Move::Give(value) => value,
                Move::Get(value) => -value,
                Move::Reserve(value) => {
                    state.on_hold += value;
                    value
                }
                Move::Settle(value) => {
                    state.on_hold -= value;
                    0
                }
                Move::Return { value, .. } => {
                    state.on_hold -= value;
                    -value
                }
            };
            state.available += given;
            if party == LOAN && state.available < 0 {
                return Err("InsufficientFunds");
            }
            return Ok(0);
        }
        match movement {
            Move::Give(value) | Move::Reserve(value) => {
                let own = value.min(state.available);
                state.available -= own;
                let lent = value - own;
                state.owed += lent;
                match (lent, overdraft) {
                    (0, _) | (_, Some(None)) => {}
                    (_, None) => return Err("InsufficientFunds"),
                    (_, Some(Some(limit))) if state.owed > limit => return Err("OverdraftLimit"),
                    (_, Some(Some(_))) => {}
                }
                if matches!(movement, Move::Reserve(_)) {
                    state.on_hold += value;
                }
            }
            Move::Get(value) => {
                let repaid = value.min(state.owed);
                state.owed -= repaid;
                state.available += value - repaid;
            }
            Move::Settle(value) => state.on_hold -= value,
            Move::Return { value, lent } => {
                state.on_hold -= value;
                let repaid = lent.min(state.owed);
                state.owed -= repaid;
                state.available += value - repaid;
            }
        }
        Ok(state.owed - before)
    }

    /// Whether a step reads the overdraft balance with the party.
    fn moves_overdraft_balance(&self, party: usize) -> bool {
        let overdrawn =
            |line: &Line| (line.overdraft.is_some() && party != LOAN) || line.now().owed != 0;
        self.lines[party].as_ref().is_some_and(overdrawn)
    }

    /// Takes a step with all its moves, or none; answers what each of them lent.
    fn step(
        &mut self,
        read: &[usize],
        moves: &[(usize, Move)],
        earliest: i64,
    ) -> Result<(i64, Vec<i128>), &'static str> {
        let mut states: Vec<State> = self
            .lines
            .iter()
            .map(|line| line.as_ref().map(Line::now).unwrap_or_default())
            .collect();
        let mut touched = [false; 9];
        let mut lent = Vec::new();
        for (party, movement) in moves {
            let overdraft = self.line(*party).overdraft.filter(|_| *party != LOAN);
            let owes = Self::apply(&mut states, *party, overdraft, *movement)?;
            touched[*party] = true;
            lent.push(owes);
            if let Some(overdraft_balance) = COMPANIONS[*party].filter(|_| owes != 0) {
                states[overdraft_balance].available += owes;
                touched[overdraft_balance] = true;
            }
        }
        let overdraft_balance =
            |party: usize| COMPANIONS[party].filter(|_| self.moves_overdraft_balance(party));
        let seen =
            read.iter().flat_map(|party| [Some(*party), overdraft_balance(*party)]).flatten();
        let recorded = seen.filter_map(|line| self.lines[line].as_ref().map(|it| it.last_at() + 1));
        let at = recorded.fold(self.now.max(earliest), i64::max);
        for (line, state) in states.into_iter().enumerate().filter(|(line, _)| touched[*line]) {
            self.line(line).states.push((at, state));
        }
        Ok((at, lent))
    }

    fn check_flags(
        &mut self,
        sources: &[(usize, i128)],
        destinations: &[(usize, i128)],
    ) -> Result<(), &'static str> {
        let mute = sources.iter().any(|(party, _)| !self.lines[*party].as_ref().unwrap().sends);
        let deaf =
            destinations.iter().any(|(party, _)| !self.lines[*party].as_ref().unwrap().receives);
        if mute || deaf { Err("LegRestricted") } else { Ok(()) }
    }

    fn post(
        &mut self,
        mode: Mode,
        sources: Vec<(usize, i128)>,
        destinations: Vec<(usize, i128)>,
        is_reversal: bool,
        earliest: i64,
    ) -> Result<Posted, &'static str> {
        let pairs = || std::iter::zip(&sources, &destinations);
        if !is_reversal && pairs().any(|((source, _), (destination, _))| source == destination) {
            return Err("TransactionAmbiguous");
        }
        if mode != Mode::Annotation {
            self.check_flags(&sources, &destinations)?;
        }
        if mode == Mode::Pending && sources.iter().any(|(party, _)| *party == WORLD) {
            return Err("PendingExternalSource");
        }
        let all = sources.iter().chain(&destinations);
        let read: Vec<usize> = all.map(|(party, _)| *party).collect();
        let gets = destinations.iter().map(|(party, value)| (*party, Move::Get(*value)));
        let (status, moves): (_, Vec<(usize, Move)>) = match mode {
            Mode::Direct => {
                let gives = sources.iter().map(|(party, value)| (*party, Move::Give(*value)));
                (TransactionStatus::Approved, gives.chain(gets).collect())
            }
            Mode::Pending => {
                let holds = sources.iter().map(|(party, value)| (*party, Move::Reserve(*value)));
                (TransactionStatus::Pending, holds.collect())
            }
            Mode::Annotation => (TransactionStatus::Annotation, Vec::new()),
        };
        let (updated_at, lent) = self.step(&read, &moves, earliest)?;
        let id = TransactionId::new(uuid::Uuid::nil());
        Ok(Posted {
            id,
            sources,
            destinations,
            status,
            lent,
            reverted: false,
            is_reversal,
            updated_at,
        })
    }

    fn finalize(&mut self, number: usize, finalization: Finalization) -> Result<(), &'static str> {
        let posted = self.posted[number].clone();
        if posted.status != TransactionStatus::Pending {
            return Err("TransactionStatus");
        }
        let sources = || std::iter::zip(&posted.sources, &posted.lent);
        let (status, moves): (_, Vec<(usize, Move)>) = match finalization {
            Finalization::Commit => {
                self.check_flags(&posted.sources, &posted.destinations)?;
                let settles = sources().map(|((party, value), _)| (*party, Move::Settle(*value)));
                let gets = posted.destinations.iter();
                let gets = gets.map(|(party, value)| (*party, Move::Get(*value)));
                (TransactionStatus::Approved, settles.chain(gets).collect())
            }
            Finalization::Cancel => {
                let returns = sources().map(|((party, value), lent)| {
                    (*party, Move::Return { value: *value, lent: *lent })
                });
                (TransactionStatus::Canceled, returns.collect())
            }
        };
        let all = posted.sources.iter().chain(&posted.destinations);
        let read: Vec<usize> = all.map(|(party, _)| *party).collect();
        let (at, _) = self.step(&read, &moves, posted.updated_at + 1)?;
        self.posted[number].status = status;
        self.posted[number].updated_at = at;
        Ok(())
    }

    fn revert(&mut self, number: usize) -> Result<Posted, &'static str> {
        let posted = self.posted[number].clone();
        if posted.reverted {
            return Err("AlreadyReverted");
        }
        if posted.is_reversal {
            return Err("IsReversal");
        }
        if posted.status != TransactionStatus::Approved {
            return Err("TransactionStatus");
        }
        let (sources, destinations) = (posted.destinations, posted.sources);
        let earliest = posted.updated_at + 1;
        let reversal = self.post(Mode::Direct, sources, destinations, true, earliest)?;
        self.posted[number].reverted = true;
        self.posted[number].updated_at = reversal.updated_at;
        Ok(reversal)
    }

    /// The next version of a balance that a client makes, with what else comes of it.
    fn patch(&mut self, party: usize, change: impl Fn(&mut Line)) {
        let now = self.now;
        let line = self.line(party);
        let at = now.max(line.last_at() + 1);
        change(line);
        line.states.push((at, line.now()));
        let brings = line.overdraft.is_some() && party != LOAN && party != WORLD;
        if let Some(overdraft_balance) = COMPANIONS[party].filter(|_| brings) {
            self.lines[overdraft_balance].get_or_insert_with(|| Line::opened(at));
        }
    }

    fn overdraft(
        &mut self,
        party: usize,
        overdraft: Option<Option<i128>>,
    ) -> Result<(), &'static str> {
        let owed = self.line(party).now().owed;
        if overdraft.flatten().is_some_and(|limit| limit < owed) {
            return Err("OverdraftLimitBelowUsage");
        }
        self.patch(party, |line| line.overdraft = overdraft);
        Ok(())
    }
}

/// A number of smallest places, as it would be written.
fn text(value: i128) -> String {
    let sign = if value < 0 { "-" } else { "" };
    let (whole, fraction) = (value.abs() / UNIT, value.abs() % UNIT);
    format!("{sign}{whole}.{fraction:012}")
}

fn amount(value: i128) -> Amount {
    Amount::parse(&text(value)).unwrap()
}

/// Equal parts for everybody, and the rest for the last.
fn split(total: i128, parties: &[usize]) -> Vec<(usize, i128)> {
    let part = total / i128::try_from(parties.len()).unwrap();
    let mut left = total;
    let mut parts: Vec<(usize, i128)> = Vec::new();
    for (place, party) in parties.iter().enumerate() {
        let own = if place + 1 == parties.len() { left } else { part };
        left -= own;
        parts.push((*party, own));
    }
    parts
}

/// The name of an error's variant.
fn name(error: &Error) -> String {
    let printed = format!("{error:?}");
    printed.split([' ', '{', '(']).next().unwrap().to_owned()
}

/// A ledger and the balances of the parties, in order.
struct Real {
    bank: Bank,
    balances: Vec<BalanceId>,
}

impl Real {
    async fn new() -> Self {
        let bank = Bank::new().await;
        let mut accounts = Vec::new();
        for alias in ["ada", "bob", "cat"] {
            accounts.push(bank.account(alias).await);
        }
        for (account, key, direction) in
            [(&accounts[0], "savings", Direction::Credit), (&accounts[2], "loan", Direction::Debit)]
        {
            let new = NewBalance {
                scope: bank.scope,
                account: account.id,
                key: BalanceKey::parse(key).unwrap(),
                allow_sending: true,
                allow_receiving: true,
                direction,
                settings: None,
            };
            create_balance(&bank.store, &bank.clock, &bank.ids, new).await.unwrap();
        }
        let mut real = Self { bank, balances: Vec::new() };
        let all = real.all().await;
        for (alias, key) in PARTIES {
            let named = all.iter().find(|it| it.alias.as_str() == alias && it.key.as_str() == key);
            real.balances.push(named.unwrap().id);
        }
        real
    }

    /// All balances of the ledger.
    async fn all(&self) -> Vec<Balance> {
        let page = first_page();
        self.bank.store.ledger_balances(self.bank.scope, &page).await.unwrap().items
    }

    async fn post(
        &self,
        mode: Mode,
        sources: &[(usize, i128)],
        destinations: &[usize],
    ) -> Result<TransactionId, Error> {
        let leg = |party: usize, portion| NewLeg {
            alias: Alias::recognize(PARTIES[party].0),
            key: BalanceKey::parse(PARTIES[party].1).ok(),
            portion,
            labels: LegLabels::default(),
        };
        let total: i128 = sources.iter().map(|(_, value)| value).sum();
        let gets = split(total, destinations);
        let last = gets.len() - 1;
        let gets = gets.into_iter().enumerate().map(|(place, (party, value))| {
            let rest = place == last;
            leg(party, if rest { Portion::Remaining } else { Portion::Amount(amount(value)) })
        });
        let new = NewTransaction {
            scope: self.bank.scope,
            idempotency_key: None,
            status: match mode {
                Mode::Direct => TransactionStatus::Approved,
                Mode::Pending => TransactionStatus::Pending,
                Mode::Annotation => TransactionStatus::Annotation,
            },
            label: None,
            asset_code: AssetCode::usd(),
            value: amount(total),
            sources: sources
                .iter()
                .map(|(party, value)| leg(*party, Portion::Amount(amount(*value))))
                .collect(),
            destinations: gets.collect(),
            labels: TransactionLabels::default(),
            notes: Notes::default(),
            transaction_date: None,
            fingerprint: Fingerprint::of(b""),
        };
        let Bank { store, clock, ids, .. } = &self.bank;
        post_transaction(store, clock, ids, new).await.map(|posted| posted.transaction.id)
    }

    async fn patch(&self, party: usize, change: BalanceChange) -> Result<(), Error> {
        let Bank { store, clock, ids, scope } = &self.bank;
        update_balance(store, clock, ids, *scope, self.balances[party], &change).await.map(drop)
    }

    async fn finalize(&self, id: TransactionId, finalization: Finalization) -> Result<(), Error> {
        let Bank { store, clock, scope, .. } = &self.bank;
        finalize_transaction(store, clock, *scope, id, finalization).await.map(drop)
    }

    async fn revert(&self, id: TransactionId) -> Result<TransactionId, Error> {
        let Bank { store, clock, ids, scope } = &self.bank;
        revert_transaction(store, clock, ids, *scope, id).await.map(|reversal| reversal.id)
    }
}

fn first_page() -> PageRequest {
    PageRequest {
        limit: PageLimit::new(100).unwrap(),
        order: SortOrder::Ascending,
        range: TimeRange::ALL,
        start: PageStart::Start,
    }
}

fn overdraft_change(overdraft: Option<Option<i128>>) -> BalanceChange {
    let limit = overdraft.flatten().map(|limit| OverdraftLimit::parse(&text(limit)).unwrap());
    let settings = BalanceSettings {
        scope: None,
        allow_overdraft: overdraft.is_some(),
        overdraft_limit: limit,
    };
    BalanceChange { allow_sending: None, allow_receiving: None, settings: Some(settings) }
}

/// Does the same on both sides; answers whether both say the same about it.
async fn act(
    real: &Real,
    model: &mut Model,
    action: &Action,
) -> (Result<(), String>, Result<(), String>) {
    let number = |n: usize, wanted: fn(&Posted) -> bool| model.choose(n, wanted);
    let (did, should) = match action {
        Action::Tick(micros) => {
            model.now += micros;
            real.bank.clock.set(moment(model.now));
            (Ok(()), Ok(()))
        }
        Action::Post { mode, sources, destinations } => {
            let total = sources.iter().map(|(_, value)| value).sum();
            let parts = split(total, destinations);
            let should = model.post(*mode, sources.clone(), parts, false, i64::MIN);
            let did = real.post(*mode, sources, destinations).await;
            remember(model, did, should)
        }
        Action::Revert(n) => {
            let wanted = |it: &Posted| it.status == TransactionStatus::Approved && !it.reverted;
            let Some(number) = number(*n, wanted) else { return (Ok(()), Ok(())) };
            let id = model.posted[number].id;
            let should = model.revert(number);
            let did = real.revert(id).await;
            remember(model, did, should)
        }
        Action::Commit(n) | Action::Cancel(n) => {
            let wanted = |it: &Posted| it.status == TransactionStatus::Pending;
            let Some(number) = number(*n, wanted) else { return (Ok(()), Ok(())) };
            let finalization = if matches!(action, Action::Commit(_)) {
                Finalization::Commit
            } else {
                Finalization::Cancel
            };
            let did = real.finalize(model.posted[number].id, finalization).await;
            (did, model.finalize(number, finalization))
        }
        Action::Overdraft(party, overdraft) => {
            let did = real.patch(*party, overdraft_change(*overdraft)).await;
            (did, model.overdraft(*party, *overdraft))
        }
        Action::Flags(party, sends, receives) => {
            let change = BalanceChange {
                allow_sending: Some(*sends),
                allow_receiving: Some(*receives),
                settings: None,
            };
            model.patch(*party, |line| (line.sends, line.receives) = (*sends, *receives));
            (real.patch(*party, change).await, Ok(()))
        }
    };
    (did.map_err(|error| name(&error)), should.map_err(str::to_owned))
}

/// Keeps a transaction that both sides posted under its id.
fn remember(
    model: &mut Model,
    did: Result<TransactionId, Error>,
    should: Result<Posted, &'static str>,
) -> (Result<(), Error>, Result<(), &'static str>) {
    match (did, should) {
        (Ok(id), Ok(posted)) => {
            model.posted.push(Posted { id, ..posted });
            (Ok(()), Ok(()))
        }
        (did, should) => (did.map(drop), should.map(drop)),
    }
}

/// Whether a version is this state.
fn is(version: &Balance, (at, state): (i64, State)) -> bool {
    version.recorded_at == moment(at)
        && version.available == amount(state.available)
        && version.on_hold == amount(state.on_hold)
        && version.overdraft_used == amount(state.owed)
}

/// The line of the model that a balance is.
fn line_of(real: &Real, balance: &Balance) -> usize {
    let party = real.balances.iter().position(|id| *id == balance.id);
    party.unwrap_or_else(|| match balance.alias.as_str() {
        "ada" => 6,
        "bob" => 7,
        _ => 8,
    })
}

/// Every balance is in the state of the model, and the value of the asset is what it was: none.
fn check_now(real: &Real, model: &Model, all: &[Balance]) -> Result<(), TestCaseError> {
    let opened = model.lines.iter().flatten().count();
    prop_assert_eq!(all.len(), opened);
    let mut total = Amount::ZERO;
    for balance in all {
        let line = model.lines[line_of(real, balance)].as_ref().unwrap();
        let state = *line.states.last().unwrap();
        prop_assert!(is(balance, state), "{balance:?} should be {state:?}");
        prop_assert_eq!(usize::try_from(balance.version).unwrap(), line.states.len() - 1);
        if balance.is_internal() {
            continue;
        }
        let held = &balance.on_hold;
        let worth = match balance.direction {
            Direction::Credit => balance.available.checked_add(held).unwrap(),
            Direction::Debit => held.checked_sub(&balance.available).unwrap(),
        };
        let worth = worth.checked_sub(&balance.overdraft_used).unwrap();
        total = total.checked_add(&worth).unwrap();
    }
    prop_assert!(total.is_zero(), "{total} appeared");
    Ok(())
}

/// Every version is a state of the model, and so is every moment.
async fn check_history(real: &Real, model: &Model, moments: &[u32]) -> Result<(), TestCaseError> {
    let Bank { store, clock, scope, .. } = &real.bank;
    let end = model.lines.iter().flatten().map(Line::last_at).max().unwrap() + 10;
    clock.set(moment(end));
    for balance in real.all().await {
        let line = model.lines[line_of(real, &balance)].as_ref().unwrap();
        let versions = list_versions(store, *scope, balance.id, &first_page()).await.unwrap();
        prop_assert!(versions.next.is_none());
        prop_assert_eq!(versions.items.len(), line.states.len());
        for (version, state) in versions.items.iter().zip(&line.states) {
            prop_assert!(is(version, *state), "{version:?} should be {state:?}");
        }
        for at in moments {
            let at = START - 5 + i64::from(*at) % (end - START + 5);
            let was = balance_as_of(store, clock, *scope, balance.id, moment(at)).await;
            match line.states.iter().rfind(|(recorded_at, _)| *recorded_at <= at) {
                Some(state) => prop_assert!(is(&was.unwrap(), *state), "as of {at}"),
                None => prop_assert!(matches!(was, Err(Error::NoBalanceAtMoment))),
            }
        }
    }
    Ok(())
}

async fn check(program: &[Action], moments: &[u32]) -> Result<(), TestCaseError> {
    let real = Real::new().await;
    let mut model = Model::new();
    for action in program {
        let (did, should) = act(&real, &mut model, action).await;
        prop_assert_eq!(did, should, "{:?}", action);
        check_now(&real, &model, &real.all().await)?;
    }
    check_history(&real, &model, moments).await
}

/// Mostly a few whole units, so that limits and balances are often met exactly; then cents, the
/// smallest place, and more than anybody has.
fn value() -> impl Strategy<Value = i128> {
    prop_oneof![
        12 => (1..10_i128).prop_map(|units| units * UNIT),
        2 => (1..2_000_i128).prop_map(|cents| cents * (UNIT / 100)),
        1 => 3..UNIT,
        1 => (1..1_000_i128).prop_map(|units| units * UNIT * UNIT),
    ]
}

/// Everybody, and the external account more often: somebody has to have something.
fn giver() -> impl Strategy<Value = usize> {
    prop_oneof![1 => Just(WORLD), 3 => 0..PARTIES.len()]
}

fn action() -> impl Strategy<Value = Action> {
    let mode = prop_oneof![
        6 => Just(Mode::Direct),
        4 => Just(Mode::Pending),
        1 => Just(Mode::Annotation),
    ];
    let legs = || prop_oneof![4 => Just(1_usize), 1 => Just(2), 1 => Just(3)];
    let sources = legs().prop_flat_map(|legs| vec((giver(), value()), legs));
    let destinations = legs().prop_flat_map(|legs| vec(0..PARTIES.len(), legs));
    let post = (mode, sources, destinations)
        .prop_map(|(mode, sources, destinations)| Action::Post { mode, sources, destinations });
    let fund = (1..PARTIES.len(), value()).prop_map(|(party, value)| Action::Post {
        mode: Mode::Direct,
        sources: vec![(WORLD, value)],
        destinations: vec![party],
    });
    let limit = prop_oneof![
        1 => Just(None),
        2 => Just(Some(None)),
        4 => (1..12_i128).prop_map(|units| Some(Some(units * UNIT))),
    ];
    let party = 1..PARTIES.len();
    prop_oneof![
        12 => post,
        4 => fund,
        4 => any::<u8>().prop_map(|n| Action::Commit(n.into())),
        4 => any::<u8>().prop_map(|n| Action::Cancel(n.into())),
        2 => any::<u8>().prop_map(|n| Action::Revert(n.into())),
        3 => (party.clone(), limit).prop_map(|(party, limit)| Action::Overdraft(party, limit)),
        1 => (party, prop::bool::weighted(0.9), prop::bool::weighted(0.9))
            .prop_map(|(party, sends, receives)| Action::Flags(party, sends, receives)),
        4 => (-20..40_i64).prop_map(Action::Tick),
    ]
}

proptest! {
    #[test]
    fn a_program_does_what_the_model_does(
        program in vec(action(), 1..120),
        moments in vec(any::<u32>(), 100),
    ) {
        pollster::block_on(check(&program, &moments))?;
    }
}
