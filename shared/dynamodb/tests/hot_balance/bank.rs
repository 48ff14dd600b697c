//! A ledger on the model, and the clients that pay into one account of it.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use aws_smithy_runtime_api::client::http::{SharedHttpConnector, http_client_fn};
use futures_util::future::join_all;
use subledger::account::open::{NewAccount, open_account};
use subledger::account::{Account, AccountType, Alias};
use subledger::balance::create::{NewBalance, create_balance};
use subledger::balance::{Balance, BalanceKey, Direction};
use subledger::error::Error;
use subledger::idempotency::Fingerprint;
use subledger::ledger::ListingShards;
use subledger::ledger::asset::{AssetCode, AssetType};
use subledger::ledger::asset::{NewAsset, create_asset};
use subledger::ledger::create::{NewLedger, create_ledger};
use subledger::ledger::organization::{NewOrganization, create_organization};
use subledger::metadata::Metadata;
use subledger::money::amount::Amount;
use subledger::money::ids::{Scope, TransactionId};
use subledger::money::text::Name;
use subledger::money::timestamp::Timestamp;
use subledger::money::unique_name::UniqueName;
use subledger::ports::{BackOff, Clock, LegBalances, PostTransactions, Recording};
use subledger::status::Status;
use subledger::transaction::portion::Portion;
use subledger::transaction::post::{NewLeg, NewTransaction, post_transaction};
use subledger::transaction::{
    Leg, LegLabels, Notes, Side, Transaction, TransactionLabels, TransactionStatus,
};
use subledger_dynamodb::{Connection, DynamoStore, Jitter};
use subledger_store_contract::SequentialIds;
use tokio::time::{Instant, sleep, timeout};

use crate::model::{Asked, Connector, DynamoDb};

/// How long a function may take.
const FUNCTION: Duration = Duration::from_secs(10);
/// What every client has.
const FUNDS: &str = "1000000";

/// How those wait who were not fast enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Waiting {
    /// As the store does.
    Ours,
    /// A random time up to 20 ms, doubled each time, up to 400 ms: as the store did, and as most
    /// clients do.
    Growing,
}

/// Clients that post one after the other, as fast as they are answered.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Trial {
    pub(crate) waiting: Waiting,
    pub(crate) clients: u64,
    /// How many balances of the hot account they pay into, each time another by chance.
    pub(crate) balances: u64,
    pub(crate) seconds: u64,
}

/// What came of a trial.
#[derive(Debug)]
pub(crate) struct Measured {
    trial: Trial,
    asked: Asked,
    /// Of the postings that were answered with success, in order.
    latencies: Vec<Duration>,
    /// How many of them before the end.
    in_time: u64,
    gave_up: u64,
    timed_out: u64,
}

/// What became of postings.
#[derive(Debug, Default)]
struct Counts {
    in_time: AtomicU64,
    gave_up: AtomicU64,
    timed_out: AtomicU64,
}

/// The simulated time.
#[derive(Debug)]
struct SimulatedClock(Instant);

impl Clock for SimulatedClock {
    fn now(&self) -> Timestamp {
        let micros = i64::try_from(self.0.elapsed().as_micros()).unwrap();
        Timestamp::from_micros(1_700_000_000_000_000 + micros).unwrap()
    }
}

/// A ledger with a hot account, and a paying account for each client.
pub(crate) struct Bank {
    model: Arc<DynamoDb>,
    store: DynamoStore,
    waiting: Waiting,
    clock: SimulatedClock,
    ids: SequentialIds,
    scope: Scope,
}

impl Bank {
    /// Runs a trial and checks that no money was lost in it.
    pub(crate) async fn run(trial: Trial) -> Measured {
        let bank = Self::new(trial).await;
        bank.model.take_asked();
        let end = Instant::now() + Duration::from_secs(trial.seconds);
        let counts = Counts::default();
        let clients = (0..trial.clients).map(|client| bank.pay_until(client, end, trial, &counts));
        let mut latencies: Vec<Duration> = join_all(clients).await.concat();
        latencies.sort_unstable();
        let measured = Measured {
            trial,
            asked: bank.model.take_asked(),
            latencies,
            in_time: counts.in_time.into_inner(),
            gave_up: counts.gave_up.into_inner(),
            timed_out: counts.timed_out.into_inner(),
        };
        bank.check(trial, measured.asked.committed).await;
        measured
    }

    async fn new(trial: Trial) -> Self {
        let model = Arc::new(DynamoDb::new(trial.clients + 1_000 * trial.balances));
        let connector = SharedHttpConnector::new(Connector(Arc::clone(&model)));
        let connection = Connection::local("balances", "http://model")
            .with_jitter(Arc::clone(&model) as Arc<dyn Jitter>)
            .with_http_client(http_client_fn(move |_, _| connector.clone()));
        let store = DynamoStore::connect(&connection);
        let clock = SimulatedClock(Instant::now());
        let ids = SequentialIds::new(7);
        let scope = open_ledger(&store, &clock, &ids).await;
        let bank = Self { model, store, waiting: trial.waiting, clock, ids, scope };
        let shop = bank.open(&hot()).await;
        for balance in 1..trial.balances {
            bank.open_balance(&shop, &key(balance)).await;
        }
        for client in 0..trial.clients {
            bank.open(&payer(client)).await;
            let external = Alias::external(&AssetCode::usd());
            let funding = bank.moving(FUNDS, (&external, &key(0)), (&payer(client), &key(0)));
            post_transaction(&bank.store, &bank.clock, &bank.ids, funding).await.unwrap();
        }
        bank
    }

    async fn open(&self, alias: &Alias) -> Account {
        let new = NewAccount {
            scope: self.scope,
            name: None,
            parent: None,
            entity_id: None,
            asset_code: AssetCode::usd(),
            portfolio_id: None,
            segment_id: None,
            status: Status::active(),
            alias: Some(alias.clone()),
            kind: AccountType::parse("deposit").unwrap(),
            blocked: false,
            metadata: Metadata::default(),
        };
        open_account(&self.store, &self.clock, &self.ids, new).await.unwrap()
    }

    async fn open_balance(&self, account: &Account, key: &BalanceKey) {
        let new = NewBalance {
            scope: self.scope,
            account: account.id,
            key: key.clone(),
            allow_sending: true,
            allow_receiving: true,
            direction: Direction::Credit,
            settings: None,
        };
        create_balance(&self.store, &self.clock, &self.ids, new).await.unwrap();
    }

    fn moving(
        &self,
        value: &str,
        source: (&Alias, &BalanceKey),
        destination: (&Alias, &BalanceKey),
    ) -> NewTransaction {
        let leg = |(alias, key): (&Alias, &BalanceKey)| NewLeg {
            alias: Some(alias.clone()),
            key: Some(key.clone()),
            portion: Portion::Remaining,
            labels: LegLabels::default(),
        };
        NewTransaction {
            scope: self.scope,
            idempotency_key: None,
            status: TransactionStatus::Approved,
            label: None,
            asset_code: AssetCode::usd(),
            value: Amount::parse(value).unwrap(),
            sources: vec![leg(source)],
            destinations: vec![leg(destination)],
            labels: TransactionLabels::default(),
            notes: Notes::default(),
            transaction_date: None,
            fingerprint: Fingerprint::of(value.as_bytes()),
        }
    }

    /// Pays 1 to the hot account, again and again, and tells how long each took that succeeded.
    async fn pay_until(
        &self,
        client: u64,
        end: Instant,
        trial: Trial,
        counts: &Counts,
    ) -> Vec<Duration> {
        let count = |counter: &AtomicU64| {
            counter.fetch_add(1, Ordering::Relaxed);
        };
        let mut latencies = Vec::new();
        while Instant::now() < end {
            let start = Instant::now();
            let into = key(self.model.below(trial.balances));
            let new = self.moving("1", (&payer(client), &key(0)), (&hot(), &into));
            let posting = post_transaction(self, &self.clock, &self.ids, new);
            match timeout(FUNCTION, posting).await {
                Ok(Ok(_)) => {
                    latencies.push(start.elapsed());
                    if Instant::now() <= end {
                        count(&counts.in_time);
                    }
                }
                Ok(Err(Error::Contended)) => count(&counts.gave_up),
                Ok(Err(error)) => panic!("{error}"),
                Err(_) => count(&counts.timed_out),
            }
        }
        latencies
    }

    /// No posting was lost, none was counted twice, and every one is a version.
    async fn check(&self, trial: Trial, committed: u64) {
        let hot = self.balances(&hot(), trial.balances).await;
        let received: u64 = hot.iter().map(whole).sum();
        assert_eq!(received, committed);
        assert_eq!(hot.iter().map(|balance| balance.version).sum::<u64>(), committed);
        for balance in hot {
            let versions = self.model.items_under(&format!("BALANCE\u{23}{}", balance.id));
            assert_eq!(versions as u64, balance.version + 1);
        }
        let mut left = 0;
        for client in 0..trial.clients {
            left += self.balances(&payer(client), 1).await.iter().map(whole).sum::<u64>();
        }
        assert_eq!(left + committed, trial.clients * FUNDS.parse::<u64>().unwrap());
    }

    async fn balances(&self, alias: &Alias, count: u64) -> Vec<Balance> {
        let leg = |balance| Leg {
            side: Side::Source,
            alias: alias.clone(),
            key: key(balance),
            balance: None,
            amount: Amount::ZERO,
            labels: LegLabels::default(),
        };
        let legs: Vec<Leg> = (0..count).map(leg).collect();
        self.store.leg_balances(self.scope, &legs).await.unwrap().balances
    }
}

/// The store, but for how it waits.
impl PostTransactions for Bank {
    async fn ledger_exists(&self, scope: Scope) -> Result<bool, Error> {
        self.store.ledger_exists(scope).await
    }

    async fn transaction(
        &self,
        scope: Scope,
        id: TransactionId,
    ) -> Result<Option<Transaction>, Error> {
        self.store.transaction(scope, id).await
    }

    async fn leg_balances(&self, scope: Scope, legs: &[Leg]) -> Result<LegBalances, Error> {
        self.store.leg_balances(scope, legs).await
    }

    async fn record(
        &self,
        transaction: &Transaction,
        changed: &[Balance],
        reverted: Option<&Transaction>,
    ) -> Result<Recording, Error> {
        self.store.record(transaction, changed, reverted).await
    }
}

impl BackOff for Bank {
    async fn back_off(&self, attempt: u32) {
        match self.waiting {
            Waiting::Ours => self.store.back_off(attempt).await,
            Waiting::Growing => {
                let longest = (20 << attempt.min(5)).min(400) * 1_000;
                sleep(Duration::from_micros(self.model.below(longest))).await;
            }
        }
    }
}

fn whole(balance: &Balance) -> u64 {
    balance.available.to_string().parse().unwrap()
}

fn hot() -> Alias {
    Alias::parse("shop").unwrap()
}

fn payer(client: u64) -> Alias {
    Alias::parse(&format!("payer-{client}")).unwrap()
}

/// The balance with this number.
fn key(number: u64) -> BalanceKey {
    if number == 0 {
        return BalanceKey::default_key();
    }
    BalanceKey::parse(&format!("part-{number}")).unwrap()
}

async fn open_ledger(store: &DynamoStore, clock: &SimulatedClock, ids: &SequentialIds) -> Scope {
    let name = |text| Name::parse(text).unwrap();
    let organization = NewOrganization {
        parent: None,
        legal_name: name("Lion"),
        legal_document: name("HRB 1"),
        doing_business_as: None,
        address: None,
        status: Status::active(),
        metadata: Metadata::default(),
    };
    let organization = create_organization(store, clock, ids, organization).await.unwrap().id;
    let ledger = NewLedger {
        organization,
        name: UniqueName::parse("Books").unwrap(),
        status: Status::active(),
        settings: None,
        metadata: Metadata::default(),
        listing_shards: ListingShards::ONE,
    };
    let scope = create_ledger(store, clock, ids, ledger).await.unwrap().scope;
    let asset = NewAsset {
        scope,
        name: UniqueName::parse("Dollar").unwrap(),
        kind: AssetType::Currency,
        code: AssetCode::usd(),
        status: Status::active(),
        metadata: Metadata::default(),
    };
    create_asset(store, clock, ids, asset).await.unwrap();
    scope
}

impl Measured {
    pub(crate) const HEAD: &'static str = "\
| waiting | clients | balances | postings/s | attempts | conflicts | outdated | W wasted | R | p50 ms | p99 ms | refused % | timed out % |
|---|---|---|---|---|---|---|---|---|---|---|---|---|";

    /// Postings a second, in hundredths.
    pub(crate) fn pace(&self) -> u64 {
        self.in_time * 100 / self.trial.seconds
    }

    /// Write units that were spent in vain, in hundredths per posting.
    pub(crate) fn wasted(&self) -> u64 {
        self.per_posting(self.asked.wasted)
    }

    /// Requests that were not answered with success, in hundredths of a percent.
    pub(crate) fn failed(&self) -> u64 {
        self.share(self.gave_up + self.timed_out)
    }

    fn share(&self, count: u64) -> u64 {
        count * 10_000 / (self.latencies.len() as u64 + self.gave_up + self.timed_out)
    }

    /// Hundredths.
    fn per_posting(&self, count: u64) -> u64 {
        count * 100 / self.asked.committed
    }

    fn latency_millis(&self, percent: usize) -> u128 {
        self.latencies[self.latencies.len() * percent / 100].as_millis()
    }
}

fn hundredths(number: u64) -> String {
    format!("{}.{:02}", number / 100, number % 100)
}

impl fmt::Display for Measured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Trial { waiting, clients, balances, .. } = self.trial;
        let Asked { committed, conflicts, outdated, reads, wasted } = self.asked;
        let columns = [
            hundredths(self.pace()),
            hundredths(self.per_posting(committed + conflicts + outdated)),
            hundredths(self.per_posting(conflicts)),
            hundredths(self.per_posting(outdated)),
            hundredths(self.per_posting(wasted)),
            hundredths(self.per_posting(reads)),
            self.latency_millis(50).to_string(),
            self.latency_millis(99).to_string(),
            hundredths(self.share(self.gave_up)),
            hundredths(self.share(self.timed_out)),
        ];
        write!(f, "| {waiting:?} | {clients} | {balances} | {} |", columns.join(" | "))
    }
}
