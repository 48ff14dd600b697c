//! The instructions, bytes and memory of a function at start-up and for a request, compared with an
//! empty function and with one on the defaults of the AWS SDK.
//!
//! `cargo bench --workspace --bench start_up -- [--check] [--quick] [--no-write]`
//!
//! `--check` measures only the functions of the product, as `.ci/run` does, and fails if one is over
//! its budget. Needs valgrind and openssl.
#![expect(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::disallowed_types,
    clippy::float_arithmetic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a benchmark stops by panicking, and a ratio is a float"
)]

mod tls;

use std::io::Write;
use std::path::PathBuf;
use std::process::Command;

use flate2::Compression;
use flate2::write::DeflateEncoder;
use serde_json::json;
use subledger_benches::ledger::Ledger;
use subledger_benches::options::Options;
use subledger_benches::process::peak_memory;
use subledger_benches::report::{Report, root};
use subledger_tests::{FunctionProcess, function_environment};
use tempfile::TempDir;
use tls::TlsProxy;

/// The number of requests in the shorter and in the longer run; the difference between the runs is
/// the cost of warm requests.
const WARM: [usize; 2] = [20, 120];
/// After how many requests the memory is read: early, and much later.
const MEMORY: [usize; 2] = [100, 10_000];

/// The budgets of `get-balance` and of `create-balance`, in the unit of the column. Each is half
/// again what was measured, so that a patch release of a dependency passes.
const BUDGETS: [(&str, [u64; 2]); 6] = [
    (FIRST_NEXT, [5_800_000, 5_800_000]),
    (FIRST_ANSWER, [7_100_000, 8_300_000]),
    (WARM_REQUEST, [1_250_000, 2_500_000]),
    (BINARY, [11_500_000, 12_300_000]),
    (ZIPPED, [5_300_000, 5_700_000]),
    (MEMORY_LATER, [14_300_000, 15_200_000]),
];

const FIRST_NEXT: &str = "instructions to the first event";
const FIRST_ANSWER: &str = "to the end of the first answer";
const WARM_REQUEST: &str = "for a warm request";
const BINARY: &str = "binary, bytes";
const ZIPPED: &str = "zipped, bytes";
const MEMORY_EARLY: &str = "peak memory after 100 requests, bytes";
const MEMORY_LATER: &str = "after 10,000, bytes";
const COLUMNS: [&str; 7] =
    [FIRST_NEXT, FIRST_ANSWER, WARM_REQUEST, BINARY, ZIPPED, MEMORY_EARLY, MEMORY_LATER];

/// A function that is measured.
struct Contender {
    name: &'static str,
    binary: PathBuf,
    /// The operation that it is asked for.
    operation: &'static str,
    is_ours: bool,
}

/// The engine, the TLS proxy and the data that all functions are measured with.
struct Scene {
    ledger: Ledger,
    proxy: TlsProxy,
    balance: String,
    /// Certificates and counts.
    directory: TempDir,
}

impl Scene {
    async fn new() -> Self {
        let ledger = Ledger::new().await;
        let balance = ledger.open_balance("watched").await.to_string();
        let directory = tempfile::tempdir().unwrap();
        let endpoint = ledger.connection.endpoint_url().unwrap().to_owned();
        let proxy = TlsProxy::open(&endpoint, directory.path()).await;
        // As on Amazon Linux: one file with all public roots; the stub's is one more of them.
        let public = std::fs::read_to_string("/etc/ssl/certs/ca-certificates.crt").unwrap();
        let own = std::fs::read_to_string(&proxy.root).unwrap();
        std::fs::write(directory.path().join("bundle.pem"), public + &own).unwrap();
        Self { ledger, proxy, balance, directory }
    }

    fn event(&self, operation: &str, number: usize) -> String {
        let request = match operation {
            "CreateBalance" => {
                let key = json!({ "key": format!("key-{number}") });
                Ledger::request(operation, &[]).body(&key)
            }
            _ => Ledger::request(operation, &[("balance_id", self.balance.clone())]),
        };
        request.header("accept-encoding", "identity").event.to_string()
    }

    async fn start(&self, program: &[&str], contender: &Contender) -> FunctionProcess {
        let (first, rest) = program.split_first().unwrap();
        let mut command = Command::new(first);
        #[expect(clippy::disallowed_methods, reason = "valgrind is started by name")]
        let path = std::env::var_os("PATH").unwrap();
        command
            .args(rest)
            .env_clear()
            .envs(function_environment(contender.name, &self.ledger.connection))
            .env("AWS_ENDPOINT_URL_DYNAMODB", &self.proxy.url)
            .env("AWS_CA_BUNDLE", &self.proxy.root)
            .env("SSL_CERT_FILE", self.directory.path().join("bundle.pem"))
            // As long as Lambda's.
            .env("AWS_SESSION_TOKEN", "t".repeat(900))
            .env("STACK", "bench")
            .env("PATH", path);
        FunctionProcess::start(command).await
    }

    /// The instructions of a process from its start until it has answered this many requests.
    async fn instructions(&self, contender: &Contender, requests: usize) -> u64 {
        let counts = self.directory.path().join("counts");
        let output = format!("--callgrind-out-file={}", counts.display());
        let binary = contender.binary.to_str().unwrap();
        let program = ["valgrind", "--tool=callgrind", &output, binary];
        let process = self.start(&program, contender).await;
        self.ask(&process, contender, 0..requests).await;
        process.has_asked(requests + 1).await;
        process.terminate().await;
        let counts = std::fs::read_to_string(counts).unwrap();
        let totals = counts.lines().find_map(|line| line.strip_prefix("totals: ")).unwrap();
        totals.trim().parse().unwrap()
    }

    async fn ask(
        &self,
        process: &FunctionProcess,
        contender: &Contender,
        numbers: std::ops::Range<usize>,
    ) {
        for number in numbers {
            // Each process opens balances of its own.
            let number = number + usize::try_from(process.id()).unwrap() * MEMORY[1];
            let answer = process.invoke(self.event(contender.operation, number)).await.unwrap();
            assert!(answer.contains(r#""statusCode":20"#), "{answer}");
        }
    }

    /// The figures of a contender, in the order of [`COLUMNS`].
    async fn measure(&self, contender: &Contender, is_quick: bool) -> Vec<u64> {
        let first_next = self.instructions(contender, 0).await;
        let first_answer = self.instructions(contender, 1).await;
        let few = self.instructions(contender, WARM[0]).await;
        let many = self.instructions(contender, WARM[1]).await;
        let warm = (many - few) / u64::try_from(WARM[1] - WARM[0]).unwrap();
        let binary = std::fs::read(&contender.binary).unwrap();
        let mut zipped = DeflateEncoder::new(Vec::new(), Compression::best());
        zipped.write_all(&binary).unwrap();
        let zipped = zipped.finish().unwrap();
        let process = self.start(&[contender.binary.to_str().unwrap()], contender).await;
        let [early, later] = if is_quick { [MEMORY[0], MEMORY[0] * 2] } else { MEMORY };
        self.ask(&process, contender, 0..early).await;
        let memory_early = peak_memory(process.id());
        self.ask(&process, contender, early..later).await;
        let memory_later = peak_memory(process.id());
        let bytes = |all: &[u8]| u64::try_from(all.len()).unwrap();
        vec![
            first_next,
            first_answer,
            warm,
            bytes(&binary),
            bytes(&zipped),
            memory_early,
            memory_later,
        ]
    }
}

fn run(arguments: &[&str]) {
    let status = Command::new(env!("CARGO")).args(arguments).current_dir(root()).status().unwrap();
    assert!(status.success(), "cargo {arguments:?} failed");
}

/// Builds everything as it is deployed.
fn contenders(is_check: bool) -> Vec<Contender> {
    // `<target directory>/<profile>/deps/<benchmark>`.
    let benchmark = std::env::current_exe().unwrap();
    let target = benchmark.ancestors().nth(3).unwrap().to_owned();
    let ours = |name, operation| Contender {
        name,
        binary: target.join("release").join(name),
        operation,
        is_ours: true,
    };
    let peers = target.join("peers/rust");
    let peer = |name, file: &str| Contender {
        name,
        binary: peers.join("release").join(file),
        operation: "GetBalance",
        is_ours: false,
    };
    let release = ["build", "--release", "--locked"];
    let functions = ["--package", "get-balance", "--package", "create-balance"];
    run(&[&release[..], &functions[..]].concat());
    let mut all = vec![ours("get-balance", "GetBalance"), ours("create-balance", "CreateBalance")];
    if !is_check {
        let directory = peers.to_str().unwrap();
        let manifest =
            ["--manifest-path", "tests/peers/rust/Cargo.toml", "--target-dir", directory];
        run(&[&release[..], &manifest[..]].concat());
        all.push(peer("an empty function", "empty"));
        all.push(peer("the AWS SDK's defaults", "stock"));
    }
    all
}

/// `3,035,684`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let chunks: Vec<&str> = digits
        .as_bytes()
        .rchunks(3)
        .rev()
        .map(|chunk| std::str::from_utf8(chunk).unwrap())
        .collect();
    chunks.join(",")
}

fn check(contender: &Contender, figures: &[u64]) -> bool {
    let over: Vec<String> = BUDGETS
        .iter()
        .filter_map(|(name, [get, create])| {
            let column = COLUMNS.iter().position(|column| column == name).unwrap();
            let figure = figures[column];
            let most = if contender.operation == "CreateBalance" { *create } else { *get };
            (figure > most).then(|| format!("{name}: {figure}, at most {most}"))
        })
        .collect();
    for line in &over {
        println!("{} is over its budget: {line}", contender.name);
    }
    over.is_empty()
}

fn write(report: &mut Report, measured: &[(Contender, Vec<u64>)]) {
    report.heading("Start, first answer, warm requests, size and memory");
    report.paragraph(
        "Instructions are counted by `valgrind --tool=callgrind`, whatever the machine does. Every \
         function stands behind a Runtime API and speaks TLS 1.3 to the embedded DynamoDB, with a \
         chain of three RSA certificates; its connection is opened before it asks for its first \
         event. A warm request is a hundredth of the difference between 120 and 20. Ours create \
         and get a balance; the peers read the same balance with one Query, or do nothing. valgrind \
         has no SHA instructions, so hashing, a quarter of a create, is counted as processors without \
         them do it.",
    );
    let head: Vec<&str> = [&["Function"], &COLUMNS[..]].concat();
    let rows: Vec<Vec<String>> = measured
        .iter()
        .map(|(contender, figures)| {
            let figures = figures.iter().map(|figure| grouped(*figure));
            std::iter::once(contender.name.to_owned()).chain(figures).collect()
        })
        .collect();
    report.table(&head, &rows);
    let of = |name: &str| measured.iter().find(|(contender, _)| contender.name == name);
    if let (Some((_, ours)), Some((_, stock))) = (of("get-balance"), of("the AWS SDK's defaults")) {
        let ratio = |column: usize| stock[column] as f64 / ours[column] as f64;
        report.paragraph(&format!(
            "Beside the SDK's defaults, get-balance takes 1/{:.0} of the instructions to its first \
             answer, {:.2} times those of a warm request, and 1/{:.1} of the bytes. Of a warm request, \
             the peer reads the balance and nothing else; get-balance also makes a request of the \
             event, finds the route, checks what the token allows, and writes a line of metrics.",
            ratio(1),
            1.0 / ratio(2),
            ratio(3),
        ));
    }
}

#[tokio::main]
async fn main() {
    let options = Options::of_process();
    let is_check = options.has("--check");
    let contenders = contenders(is_check);
    let scene = Scene::new().await;
    let mut measured = Vec::new();
    for contender in contenders {
        let figures = scene.measure(&contender, options.has("--quick")).await;
        measured.push((contender, figures));
    }
    let command = "cargo bench --workspace --bench start_up";
    let mut report = Report::new("start-up.md", "Starting and staying small", command);
    write(&mut report, &measured);
    report.finish(!is_check && !options.has("--quick") && !options.has("--no-write"));
    let ours = measured.iter().filter(|(contender, _)| contender.is_ours);
    let over = ours.filter(|(contender, figures)| !check(contender, figures)).count();
    assert_eq!(over, 0, "functions are over their budgets");
}
