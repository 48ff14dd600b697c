//! Functions of the product compared with the same functions on Node.js and Python.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use serde_json::{Value, json};
use subledger_benches::ledger::Ledger;
use subledger_benches::numbers::{Samples, micros, short, thousands};
use subledger_benches::options::Options;
use subledger_benches::process::{peak_memory, processor_time};
use subledger_benches::progress::bar;
use subledger_benches::report::{Report, root};
use subledger_dynamodb::Connection;
use subledger_tests::{FunctionProcess, Invocation, function_environment, masked};

/// How many requests a process answers before any is measured, so that just-in-time compilation is
/// done.
const WARM_UP: usize = 300;

/// An operation, and what serves it in each contender.
struct Operation {
    id: &'static str,
    package: &'static str,
    node: &'static str,
    python: &'static str,
}

const OPERATIONS: [Operation; 3] = [
    Operation {
        id: "CreateBalance",
        package: "create-balance",
        node: "index.createBalance",
        python: "handlers.create_balance",
    },
    Operation {
        id: "GetBalance",
        package: "get-balance",
        node: "index.getBalance",
        python: "handlers.get_balance",
    },
    Operation {
        id: "GetBalanceHistory",
        package: "balance-history",
        node: "index.balanceHistory",
        python: "handlers.balance_history",
    },
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Contender {
    Ours,
    Node,
    Python,
}

const CONTENDERS: [Contender; 3] = [Contender::Ours, Contender::Node, Contender::Python];

impl Contender {
    const fn name(self) -> &'static str {
        match self {
            Self::Ours => "subledger",
            Self::Node => "Node.js",
            Self::Python => "Python",
        }
    }
}

/// The compared figures: name, unit, how each is taken, and the expected ratio.
struct Measure {
    name: &'static str,
    of: fn(&Run) -> f64,
    target: Option<f64>,
}

const MEASURES: [Measure; 5] = [
    Measure { name: "CPU per warm request, µs", of: |run| run.warm_cpu, target: None },
    Measure { name: "time per warm request, µs", of: |run| run.warm_time, target: None },
    Measure { name: "CPU to the first answer, ms", of: |run| run.first_cpu, target: Some(40.0) },
    Measure { name: "time to the first answer, ms", of: |run| run.first_time, target: None },
    Measure { name: "peak memory, MB", of: |run| run.peak_memory, target: Some(5.0) },
];

/// The figures of one process.
struct Run {
    first_time: f64,
    first_cpu: f64,
    warm_time: f64,
    warm_cpu: f64,
    peak_memory: f64,
}

/// The paths of the programs, and the table.
struct Places {
    /// The release binaries.
    ours: PathBuf,
    /// The installed peers.
    peers: PathBuf,
    /// The table that all of them use.
    connection: Connection,
}

impl Places {
    fn command(&self, contender: Contender, operation: &Operation) -> Command {
        let handler = match contender {
            Contender::Ours => "bootstrap",
            Contender::Node => operation.node,
            Contender::Python => operation.python,
        };
        let mut command = match contender {
            Contender::Ours => Command::new(self.ours.join(operation.package)),
            Contender::Node => {
                let mut command = Command::new(absolute("node"));
                command.arg("node_modules/aws-lambda-ric/index.mjs").arg(handler);
                command.current_dir(self.peers.join("node"));
                command
            }
            Contender::Python => {
                let directory = self.peers.join("python");
                let mut command = Command::new(directory.join("venv/bin/python"));
                command.args(["-m", "awslambdaric", handler]).current_dir(directory);
                command
            }
        };
        let root = command.get_current_dir().unwrap_or(&self.ours).to_owned();
        command
            .env_clear()
            .envs(function_environment(operation.package, &self.connection))
            // Lambda sets these too, and the other two contenders read them.
            .env("_HANDLER", handler)
            .env("AWS_DEFAULT_REGION", "local")
            .env("AWS_LAMBDA_LOG_GROUP_NAME", "log")
            .env("AWS_LAMBDA_LOG_STREAM_NAME", "log")
            .env("LAMBDA_TASK_ROOT", root)
            // So that the SDKs do not look for other sources of credentials.
            .env("AWS_EC2_METADATA_DISABLED", "true");
        command
    }
}

/// The path of a program, because a function's environment has no `PATH`.
fn absolute(program: &str) -> PathBuf {
    #[expect(clippy::disallowed_methods, reason = "programs are looked for where the shell looks")]
    let path = std::env::var_os("PATH").unwrap();
    let mut places = std::env::split_paths(&path).map(|place| place.join(program));
    places.find(|place| place.is_file()).unwrap_or_else(|| panic!("there is no {program}"))
}

fn run(program: &Path, arguments: &[&str]) {
    let status = Command::new(program).args(arguments).current_dir(root()).status().unwrap();
    assert!(status.success(), "{} failed", program.display());
}

/// Builds the functions of the product as they are deployed, and installs the others.
fn prepare() -> (PathBuf, PathBuf) {
    let mut arguments = vec!["build", "--release", "--locked", "--bins"];
    arguments.extend(OPERATIONS.iter().flat_map(|operation| ["--package", operation.package]));
    run(Path::new(env!("CARGO")), &arguments);
    // `<target directory>/<profile>/deps/<benchmark>`.
    let benchmark = std::env::current_exe().unwrap();
    let target = benchmark.ancestors().nth(3).unwrap().to_owned();
    let (release, peers) = (target.join("release"), target.join("peers"));
    run(&root().join("tests/peers/install"), &[peers.to_str().unwrap()]);
    (release, peers)
}

/// The request of an operation; each opening has another key.
fn request(operation: &Operation, balance: &str, date: &str, number: usize) -> Invocation {
    match operation.id {
        "CreateBalance" => {
            let body = json!({ "key": format!("key-{number}"), "allowSending": true });
            Ledger::request(operation.id, &[]).body(&body)
        }
        "GetBalance" => Ledger::request(operation.id, &[("balance_id", balance.to_owned())]),
        _ => Ledger::request(operation.id, &[("balance_id", balance.to_owned())])
            .query(&format!("date={date}")),
    }
}

/// Starts a process, sends it this many requests, and ends it.
async fn measure(command: Command, requests: usize, mut next: impl FnMut() -> String) -> Run {
    let first = next();
    let start = Instant::now();
    let process = FunctionProcess::start(command).await;
    let answer = process.invoke(first).await.unwrap();
    let first_time = micros(start.elapsed()) / 1000.0;
    let first_cpu = micros(processor_time(process.id())) / 1000.0;
    check_success(&answer);
    for _ in 0..WARM_UP {
        check_success(&process.invoke(next()).await.unwrap());
    }
    let events: Vec<String> = (0..requests).map(|_| next()).collect();
    let before = processor_time(process.id());
    let start = Instant::now();
    for event in events {
        check_success(&process.invoke(event).await.unwrap());
    }
    let count = requests as f64;
    Run {
        first_time,
        first_cpu,
        warm_time: micros(start.elapsed()) / count,
        warm_cpu: micros(processor_time(process.id()) - before) / count,
        peak_memory: peak_memory(process.id()) as f64 / 1e6,
    }
}

fn check_success(answer: &str) {
    assert!(
        answer.contains(r#""statusCode":20"#) || answer.contains(r#""statusCode": 20"#),
        "{answer}"
    );
}

/// Status and body of an answer.
fn parts(answer: &str) -> (Value, Value) {
    let answer: Value = serde_json::from_str(answer).unwrap();
    let body = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
    (answer["statusCode"].clone(), body)
}

/// Checks that all contenders give the same answers, refusals included.
async fn check_equal(places: &Places, balance: &str, date: &str) {
    for operation in &OPERATIONS {
        let mut answers = Vec::new();
        for (number, contender) in CONTENDERS.into_iter().enumerate() {
            let process = FunctionProcess::start(places.command(contender, operation)).await;
            let good = request(operation, balance, date, number);
            let mut anonymous = good.clone();
            anonymous.event["requestContext"]["authorizer"] = Value::Null;
            let mut stranger = good.clone();
            stranger.event["requestContext"]["authorizer"]["jwt"]["claims"]["organization_id"] =
                json!("01900000-0000-7000-8000-00000000ffff");
            let mut reader = good.clone();
            reader.event["requestContext"]["authorizer"]["jwt"]["claims"]["scope"] =
                json!("account/read");
            let mut elsewhere = good.clone();
            let id = if operation.id == "CreateBalance" { "account_id" } else { "balance_id" };
            elsewhere.event["pathParameters"][id] = json!("01900000-0000-7000-8000-00000000ffff");
            let mut garbled = good.clone();
            garbled.event["pathParameters"][id] = json!("x");
            let mut refused = Vec::new();
            let answer = process.invoke(good.event.to_string()).await.unwrap();
            for other in [anonymous, stranger, reader, elsewhere, garbled] {
                refused.push(process.invoke(other.event.to_string()).await.unwrap());
            }
            if operation.id == "CreateBalance" {
                // The key is taken by now; and malformed bodies.
                refused.push(process.invoke(good.event.to_string()).await.unwrap());
                for body in ["{", "{}", r#"{"key":"x","color":"red"}"#, r#"{"key":"x y"}"#] {
                    let mut bad = good.clone();
                    bad.event["body"] = json!(body);
                    refused.push(process.invoke(bad.event.to_string()).await.unwrap());
                }
            }
            let refused: Vec<_> = refused
                .iter()
                .map(|answer| parts(answer))
                .map(|(status, body)| (status, body["code"].clone()))
                .collect();
            let (status, mut body) = parts(&answer);
            if operation.id == "CreateBalance" {
                body = masked(&body);
                body["key"] = Value::Null;
            }
            answers.push((contender.name(), (status, body, refused)));
        }
        for pair in answers.windows(2) {
            assert_eq!(pair[0].1, pair[1].1, "{}: {} {}", operation.id, pair[0].0, pair[1].0);
        }
    }
}

pub(crate) async fn compare(options: &Options, report: &mut Report) {
    let is_quick = options.has("--quick");
    let runs = options.value("--runs").unwrap_or(if is_quick { 1 } else { 7 });
    let requests = options.value("--requests").unwrap_or(if is_quick { 100 } else { 1000 });
    let (ours, peers) = prepare();
    let ledger = Ledger::new().await;
    let balance = ledger.open_balance("watched").await;
    ledger.give_past(&ledger.new_balance(balance), 1_000, &bar("versions", 1_000));
    let (balance, date) = (balance.to_string(), Ledger::moment(500).to_string());
    let places = Places { ours, peers, connection: ledger.connection.clone() };
    check_equal(&places, &balance, &date).await;

    let mut results: Vec<Vec<Run>> = Vec::new();
    results.resize_with(OPERATIONS.len() * CONTENDERS.len(), Vec::new);
    let total = u64::try_from(runs * results.len()).unwrap();
    let bar = bar("processes", total);
    let mut keys = 1_000_usize;
    for round in 0..runs {
        for (row, operation) in OPERATIONS.iter().enumerate() {
            for place in 0..CONTENDERS.len() {
                // Each round begins with another contender.
                let column = (place + round) % CONTENDERS.len();
                let command = places.command(CONTENDERS[column], operation);
                let next = || {
                    keys += 1;
                    request(operation, &balance, &date, keys).event.to_string()
                };
                let run = measure(command, requests, next).await;
                results[row * CONTENDERS.len() + column].push(run);
                bar.inc(1);
            }
        }
    }
    bar.finish_and_clear();
    write(report, &results, runs, requests);
}

fn write(report: &mut Report, results: &[Vec<Run>], runs: usize, requests: usize) {
    report.heading("Three operations on three runtimes");
    report.paragraph(&format!(
        "The release binary of each function, and [the same operation](../../tests/peers) on \
         {node} with `@aws-sdk/client-dynamodb` and on {python} with `boto3`, each in a process of \
         its own behind the same Runtime API, on the same embedded DynamoDB over HTTP. Before \
         anything is measured, all three have to answer alike, also what they refuse. {runs} runs, \
         one contender after the other in changing order; of each process the first request, then \
         {WARM_UP} that are not measured, then {requests} that are. Medians of the runs; a ratio \
         is how many times more the other takes. CPU is the time of all threads of the process.",
        node = version("node"),
        python = version("python3"),
    ));
    let mut rows = Vec::new();
    for (row, operation) in OPERATIONS.iter().enumerate() {
        for Measure { name, of, target } in &MEASURES {
            let medians: Vec<f64> = (0..CONTENDERS.len())
                .map(|column| {
                    let mut samples = Samples::default();
                    let runs = &results[row * CONTENDERS.len() + column];
                    runs.iter().for_each(|run| samples.add(of(run)));
                    samples.median()
                })
                .collect();
            let ratio = |other: f64| format!("{} ×", short(other / medians[0]));
            let mut cells = vec![format!("`{}`", operation.id), (*name).to_owned()];
            cells.extend(medians.iter().map(|median| short(*median)));
            cells.extend([ratio(medians[1]), ratio(medians[2])]);
            let reached = medians[1].min(medians[2]) / medians[0];
            cells.push(target.map_or_else(String::new, |target| verdict(target, reached)));
            rows.push(cells);
        }
    }
    let [ours, node, python] = CONTENDERS.map(Contender::name);
    let head = ["Operation", "What", ours, node, python, "Node.js", "Python", "Target"];
    report.table(&head, &rows);
}

/// A target, and whether it was reached.
pub(crate) fn verdict(target: f64, reached: f64) -> String {
    let verdict = if reached >= target { "reached" } else { "**missed**" };
    format!("{} ×, {verdict}", thousands(&target.to_string()))
}

fn version(program: &str) -> String {
    let output = Command::new(program).arg("--version").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let number = text.trim().trim_start_matches("Python ").trim_start_matches('v').to_owned();
    let name = if program == "node" { "Node.js" } else { "Python" };
    format!("{name} {number}")
}
