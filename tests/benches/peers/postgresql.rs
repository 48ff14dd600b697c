//! The query of past balances compared with the same query in SQL.

use std::process::Command;
use std::time::Instant;

use serde_json::{Value, json};
use subledger_benches::ledger::Ledger;
use subledger_benches::numbers::{Samples, short, thousands};
use subledger_benches::options::Options;
use subledger_benches::progress::bar;
use subledger_benches::report::{Report, root};

use crate::functions::verdict;

const BALANCES: u64 = 10;
/// How often the product is asked; SQL takes seconds each time.
const QUESTIONS: usize = 300;
const SQL_QUESTIONS: usize = 5;

/// Time in milliseconds, rows of the table of operations, and pages of memory that were read.
struct Plan {
    milliseconds: f64,
    rows: u64,
    pages: u64,
}

impl Plan {
    fn parse(line: &str) -> Self {
        let explained: Value = serde_json::from_str(line).unwrap();
        let top = &explained[0];
        let page = |name: &str| top["Plan"][name].as_u64().unwrap();
        Self {
            milliseconds: top["Execution Time"].as_f64().unwrap(),
            rows: operations_read(&top["Plan"]),
            pages: page("Shared Hit Blocks") + page("Shared Read Blocks"),
        }
    }
}

/// The rows of the table that the parts of a plan have read, including those that they filtered out.
fn operations_read(plan: &Value) -> u64 {
    let is_table = plan["Relation Name"] == "operation";
    let count = |name: &str| plan[name].as_u64().unwrap_or(0);
    let here = count("Actual Rows") + count("Rows Removed by Filter");
    let below = plan["Plans"].as_array().into_iter().flatten().map(operations_read);
    below.sum::<u64>() + if is_table { here * count("Actual Loops") } else { 0 }
}

pub(crate) async fn compare(options: &Options, report: &mut Report) {
    let versions = if options.has("--quick") { 1_000 } else { 100_000 };
    let Ours { handler, queries, units } = ours(versions).await;
    let plans = sql(versions);
    let (first, second) = plans.split_at(SQL_QUESTIONS);
    let median = |plans: &[Plan]| {
        let mut samples = Samples::default();
        plans.iter().for_each(|plan| samples.add(plan.milliseconds));
        samples.median()
    };
    let [handler, queries] = [handler, queries].map(|samples| samples.median() / 1000.0);
    // Each query but the first has a limit of one item, and the first finds the balances.
    let items = 2 * BALANCES;
    report.heading("What an account was, beside SQL");
    report.paragraph(&format!(
        "An account of {BALANCES} balances with {} versions each, as of the moment before the \
         newest ones. Ours is `GetAccountBalancesHistory` through the handler, on the embedded \
         DynamoDB over HTTP: the median of {QUESTIONS} questions, {units} read units. Its \
         queries alone are calls of the engine with requests that are parsed already. SQL is \
         PostgreSQL 15 with everything in its memory, [its table and questions]\
         (../../tests/peers/postgresql): the median of {SQL_QUESTIONS} times of `EXPLAIN (ANALYZE, \
         BUFFERS)`, without a connection or a client. `DISTINCT ON` is how Midaz asks, over its own \
         index; a lateral join asks the same index once per balance, and is what such a ledger \
         could do instead.",
        thousands(&versions.to_string()),
    ));
    let row = |name: &str, plans: &[Plan]| {
        let (time, rows) = (median(plans), plans[0].rows);
        vec![
            name.to_owned(),
            short(time),
            thousands(&rows.to_string()),
            thousands(&plans[0].pages.to_string()),
            format!("{} ×", short(time / handler)),
            format!("{} ×", short(time / queries)),
            format!("{} ×", short(rows as f64 / items as f64)),
        ]
    };
    let this = |name: &str, time: f64| {
        let [name, time, items] = [name.to_owned(), short(time), items.to_string()];
        [vec![name, time, items], vec![String::new(); 4]].concat()
    };
    let (whole, alone) = (this("subledger", handler), this("its queries alone", queries));
    let rows = [whole, alone, row("SQL, `DISTINCT ON`", first), row("SQL, a lateral join", second)];
    let head =
        ["", "ms", "versions read", "pages of 8 kB", "time", "time, queries alone", "versions"];
    report.table(&head, &rows);
    report.paragraph(&format!(
        "Targets, against `DISTINCT ON`: time through the handler {}; time of the queries alone, \
         as `EXPLAIN` takes that of a planned statement, {}; versions {}.",
        verdict(500.0, median(first) / handler),
        verdict(500.0, median(first) / queries),
        verdict(10_000.0, first[0].rows as f64 / items as f64),
    ));
}

/// The figures of the product's queries.
struct Ours {
    /// Microseconds through the handler.
    handler: Samples,
    /// Microseconds of the queries alone.
    queries: Samples,
    /// Read units of one question.
    units: u64,
}

async fn ours(versions: u64) -> Ours {
    let ledger = Ledger::new().await;
    let bar = bar("versions", BALANCES * versions);
    let balances = ledger.ten_balances().await;
    balances.iter().for_each(|balance| ledger.give_past(balance, versions, &bar));
    bar.finish_and_clear();
    let date = format!("date={}", Ledger::moment(versions - 2));
    let question = Ledger::request("GetAccountBalancesHistory", &[]).query(&date);
    let answer = ledger.json(&question).await;
    let numbers: Vec<_> = answer.as_array().unwrap().iter().map(|it| &it["version"]).collect();
    assert_eq!(numbers, vec![&json!(versions - 2); usize::try_from(BALANCES).unwrap()]);
    ledger.meter.take();
    let (mut handler, mut queries) = (Samples::default(), Samples::default());
    for _ in 0..QUESTIONS {
        let start = Instant::now();
        ledger.ask(&question).await;
        handler.add_time(start.elapsed());
    }
    for _ in 0..QUESTIONS {
        let questions = Ledger::questions_about_past(&balances, versions - 2);
        let start = Instant::now();
        let answers = ledger.query(questions);
        queries.add_time(start.elapsed());
        let found: Vec<usize> = answers.iter().map(|answer| answer.count).collect();
        assert_eq!(found, [&[balances.len()][..], &vec![1; balances.len()]].concat());
    }
    let units = ledger.meter.take().read_milli_units / 1000;
    Ours { handler, queries, units: units / u64::try_from(QUESTIONS).unwrap() }
}

fn sql(versions: u64) -> Vec<Plan> {
    println!("PostgreSQL with {versions} versions for each of {BALANCES} balances …");
    let output = Command::new(root().join("tests/peers/postgresql/as_of"))
        .args([BALANCES, versions].map(|number| number.to_string()))
        .arg(SQL_QUESTIONS.to_string())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().lines().map(Plan::parse).collect()
}
