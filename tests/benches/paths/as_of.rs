//! Past states of a balance with many later versions.

use std::time::Instant;

use serde_json::{Value, json};
use subledger_benches::chart;
use subledger_benches::ledger::Ledger;
use subledger_benches::numbers::{Samples, short, thousands};
use subledger_benches::progress::bar;
use subledger_benches::report::Report;
use subledger_dynamodb::Consumption;
use subledger_tests::{Invocation, Random};

use crate::{Sizes, verdict};

const BALANCES: u64 = 10;

/// A query, and the figures of its answers.
struct Place {
    ledger: Ledger,
    versions: u64,
    balance: Option<String>,
    times: Samples,
    consumed: Consumption,
}

impl Place {
    /// One balance with this many versions.
    async fn balance(versions: u64) -> Self {
        let ledger = Ledger::new().await;
        let id = ledger.open_balance("watched").await;
        let bar = bar("versions of a balance", versions);
        ledger.give_past(&ledger.new_balance(id), versions, &bar);
        bar.finish_and_clear();
        Self::new(ledger, versions, Some(id.to_string()))
    }

    /// An account of ten balances with this many versions each.
    async fn account(versions: u64) -> Self {
        let ledger = Ledger::new().await;
        let balances = ledger.ten_balances().await;
        let bar = bar("versions of ten balances", versions * BALANCES);
        balances.iter().for_each(|balance| ledger.give_past(balance, versions, &bar));
        bar.finish_and_clear();
        Self::new(ledger, versions, None)
    }

    fn new(ledger: Ledger, versions: u64, balance: Option<String>) -> Self {
        ledger.meter.take();
        let (times, consumed) = (Samples::default(), Consumption::default());
        Self { ledger, versions, balance, times, consumed }
    }

    /// Queries as of the moment of a version before the newest.
    async fn ask(&mut self, random: &mut Random) {
        let number = random.below(self.versions - 1);
        let date = format!("date={}", Ledger::moment(number));
        let question = match &self.balance {
            Some(id) => Ledger::request("GetBalanceHistory", &[("balance_id", id.clone())]),
            None => Ledger::request("GetAccountBalancesHistory", &[]),
        };
        let question: Invocation = question.query(&date);
        let question = question.header("accept-encoding", "identity");
        let start = Instant::now();
        let answered = self.ledger.ask(&question).await;
        self.times.add_time(start.elapsed());
        let consumed = self.ledger.meter.take();
        let is_first = self.times.count() == 1;
        // The number of round trips depends on the order in which parallel requests end.
        let round_trips = self.consumed.round_trips;
        let is_same = Consumption { round_trips, ..consumed } == self.consumed;
        assert!(is_first || is_same, "{consumed:?} and {:?}", self.consumed);
        self.consumed = consumed;
        let answer: Value = serde_json::from_slice(&answered.body).unwrap();
        let versions: Vec<&Value> = match &self.balance {
            Some(_) => vec![&answer["version"]],
            None => answer.as_array().unwrap().iter().map(|it| &it["version"]).collect(),
        };
        let count = if self.balance.is_some() { 1 } else { BALANCES };
        assert_eq!(versions, vec![&json!(number); usize::try_from(count).unwrap()]);
    }
}

pub(crate) async fn measure(sizes: Sizes, writes: bool, report: &mut Report) {
    report.heading("What was, as of a moment");
    report.paragraph(
        "`GetBalanceHistory` of a balance and `GetAccountBalancesHistory` of an account of ten, \
         through the handler, as of random moments. Every answer is checked, and every question of \
         a row has to consume the same. The questions go to all rows in turn. Items are those that \
         DynamoDB read: each query for one balance has a limit of one.",
    );
    let mut random = Random::from_seed(1);
    let mut lines = Vec::new();
    for (name, is_account) in [("a balance", false), ("an account of 10", true)] {
        let mut places = Vec::new();
        for versions in sizes.versions.iter().copied() {
            if !is_account {
                places.push(Place::balance(versions).await);
            } else if versions.saturating_mul(BALANCES) <= sizes.versions_of_account {
                places.push(Place::account(versions).await);
            }
        }
        let bar = bar(format!("questions about {name}"), sizes.questions as u64);
        for _ in 0..sizes.questions {
            for place in &mut places {
                place.ask(&mut random).await;
            }
            bar.inc(1);
        }
        bar.finish_and_clear();
        let rows: Vec<_> = places.iter().map(|place| row(place, is_account)).collect();
        report.paragraph(&format!("As of a moment, {name}:"));
        let head = ["versions", "calls", "read units", "items", "p50, µs", "p99, µs"];
        report.table(&head, &rows);
        let (first, last) = (places.first().unwrap(), places.last().unwrap());
        let units = last.consumed.read_milli_units as f64 / first.consumed.read_milli_units as f64;
        let time = last.times.median() / first.times.median();
        report.paragraph(&format!(
            "{} versions to {}: units {}; time {}.",
            thousands(&last.versions.to_string()),
            first.versions,
            verdict(units, 1.05),
            verdict(time, 1.3),
        ));
        let points = places.iter().map(|it| (it.versions as f64, it.times.median() / 1000.0));
        lines.push((name.to_owned(), points.collect()));
    }
    if writes {
        let title = "As of a moment: the median of the time";
        chart::draw("as-of.svg", title, ("versions of each balance", "ms"), &lines);
        report.picture("as-of.svg", "time over versions: a flat line for a balance and for ten");
    }
}

fn row(place: &Place, is_account: bool) -> Vec<String> {
    let items = if is_account { 2 * BALANCES } else { 1 };
    vec![
        thousands(&place.versions.to_string()),
        place.consumed.calls.to_string(),
        short(place.consumed.read_milli_units as f64 / 1000.0),
        items.to_string(),
        short(place.times.median()),
        short(place.times.quantile(0.99)),
    ]
}
