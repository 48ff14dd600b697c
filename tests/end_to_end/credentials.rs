//! Where an operator's commands and a function take their credentials from, and what happens when
//! these expire.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, post};
use serde_json::{Value, json};
use subledger_local::engine::{Engine, Place};
use subledger_local::template::Template;
use subledger_tests::{FunctionProcess, HttpClient, Invocation, LocalProcess, Request, binary};
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{OffsetDateTime, PrimitiveDateTime};
use tokio::net::TcpListener;

/// When credentials expire that are handed out. Soon, so that the test is short; the SDK renews them
/// at the latest then.
const GOOD_FOR: Duration = Duration::from_secs(1);

/// A DynamoDB that takes no request that was signed with credentials that had expired by then, however
/// long the request was under way, and the endpoint of a container that hands credentials out.
struct Gatekeeper {
    engine: Engine,
    client: HttpClient,
    /// When credentials expire that were handed out: first `KEY0`, then `KEY1`, …
    handed_out: Mutex<Vec<OffsetDateTime>>,
    /// The access keys that requests were signed with.
    used: Mutex<BTreeSet<String>>,
}

async fn hand_out(State(gatekeeper): State<Arc<Gatekeeper>>) -> String {
    let mut handed_out = gatekeeper.handed_out.lock().unwrap();
    let number = handed_out.len();
    #[expect(clippy::disallowed_methods, reason = "what is handed out is good for a time from now")]
    let expires = OffsetDateTime::now_utc() + GOOD_FOR;
    handed_out.push(expires);
    json!({
        "AccessKeyId": format!("KEY{number}"),
        "SecretAccessKey": "secret",
        "Token": "token",
        "Expiration": expires.format(&Rfc3339).unwrap(),
    })
    .to_string()
}

async fn ask(
    State(gatekeeper): State<Arc<Gatekeeper>>,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, String) {
    let signature = headers["authorization"].to_str().unwrap();
    let (_, key) = signature.split_once("Credential=").unwrap();
    let key = key.split('/').next().unwrap().to_owned();
    let number: Option<usize> = key.strip_prefix("KEY").map(|number| number.parse().unwrap());
    let expires = number.map(|number| gatekeeper.handed_out.lock().unwrap()[number]);
    let is_good = expires.is_none_or(|expires| signed_at(&headers) <= expires);
    gatekeeper.used.lock().unwrap().insert(key);
    if !is_good {
        let kind = "com.amazon.coral.service#ExpiredTokenException";
        return (StatusCode::BAD_REQUEST, json!({ "__type": kind }).to_string());
    }
    let target = headers["x-amz-target"].to_str().unwrap();
    let request = Request::new("POST", "/")
        .header("content-type", "application/x-amz-json-1.0")
        .header("x-amz-target", target)
        .header("authorization", signature)
        .header("x-amz-date", headers["x-amz-date"].to_str().unwrap())
        .bytes(&body);
    let answer = gatekeeper.client.try_send(&request).await.unwrap();
    (StatusCode::from_u16(answer.status).unwrap(), answer.text)
}

/// When a request was signed, to the second below.
fn signed_at(headers: &HeaderMap) -> OffsetDateTime {
    let format = format_description!("[year][month][day]T[hour][minute][second]Z");
    let date = headers["x-amz-date"].to_str().unwrap();
    PrimitiveDateTime::parse(date, format).unwrap().assume_utc()
}

impl Gatekeeper {
    /// Starts it, and gives its address.
    async fn start() -> (Arc<Self>, String) {
        let table = Template::embedded().unwrap().table;
        let engine = Engine::start(Place::Memory, "subledger", &table).await.unwrap();
        let client = HttpClient::new(engine.endpoint_url());
        let (handed_out, used) = (Mutex::default(), Mutex::default());
        let gatekeeper = Arc::new(Self { engine, client, handed_out, used });
        let service = Router::new()
            .route("/credentials", get(hand_out))
            .route("/", post(ask))
            .with_state(Arc::clone(&gatekeeper));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(axum::serve(listener, service).into_future());
        (gatekeeper, url)
    }

    /// Fills the table with the demo data.
    async fn fill(&self, path: &str) {
        let url = self.engine.endpoint_url();
        let start = ["--port", "0", "--data-dir", path, "--endpoint-url", url];
        let variables = [
            ("TABLE_NAME", "subledger"),
            ("AWS_REGION", "local"),
            ("AWS_ACCESS_KEY_ID", "local"),
            ("AWS_SECRET_ACCESS_KEY", "local"),
        ];
        LocalProcess::start_with(&variables, &start).await.stop("-TERM").await;
    }

    fn used(&self) -> BTreeSet<String> {
        std::mem::take(&mut *self.used.lock().unwrap())
    }
}

#[tokio::test]
async fn an_audit_takes_region_and_credentials_from_a_profile() {
    let directory = tempfile::tempdir().unwrap();
    let path = |name: &str| directory.path().join(name).to_str().unwrap().to_owned();
    let (gatekeeper, url) = Gatekeeper::start().await;
    gatekeeper.fill(&path("data")).await;
    let profile = "[profile auditor]\nregion = eu-central-1\naws_access_key_id = PROFILE\n\
                   aws_secret_access_key = secret\n";
    std::fs::write(path("config"), profile).unwrap();
    let variables = [
        ("TABLE_NAME", "subledger"),
        ("AWS_PROFILE", "auditor"),
        ("AWS_CONFIG_FILE", &path("config")),
        ("AWS_SHARED_CREDENTIALS_FILE", &path("none")),
    ];
    let audit = ["audit", "--endpoint-url", &url];
    let output = LocalProcess::run_with(&variables, &audit).await;
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.ends_with("\nnothing is wrong\n"), "{said}");
    assert_eq!(gatekeeper.used(), BTreeSet::from(["PROFILE".to_owned()]));
}

#[tokio::test]
async fn an_audit_outlives_the_credentials_that_it_began_with() {
    let directory = tempfile::tempdir().unwrap();
    let path = |name: &str| directory.path().join(name).to_str().unwrap().to_owned();
    let (gatekeeper, url) = Gatekeeper::start().await;
    gatekeeper.fill(&path("data")).await;
    let container = format!("{url}/credentials");
    let variables = [
        ("TABLE_NAME", "subledger"),
        ("AWS_REGION", "eu-central-1"),
        ("AWS_CONTAINER_CREDENTIALS_FULL_URI", container.as_str()),
        ("AWS_CONFIG_FILE", &path("none")),
        ("AWS_SHARED_CREDENTIALS_FILE", &path("none")),
    ];
    // Slower than it could, so that it is still reading when they expire.
    let audit = ["audit", "--endpoint-url", &url, "--read-units-per-second", "40"];
    let output = LocalProcess::run_with(&variables, &audit).await;
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.ends_with("\nnothing is wrong\n"), "{said}");
    let used = gatekeeper.used();
    assert!(used.len() >= 2 && !used.contains("local"), "{used:?}");
}

#[tokio::test]
async fn a_function_renews_the_credentials_of_its_container() {
    let (gatekeeper, url) = Gatekeeper::start().await;
    let program = tokio::task::spawn_blocking(|| binary("get-balance")).await.unwrap();
    let mut command = std::process::Command::new(program);
    command.env_clear().envs([
        ("AWS_LAMBDA_FUNCTION_NAME", "get-balance"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
        ("AWS_REGION", "eu-central-1"),
        ("AWS_CONTAINER_CREDENTIALS_FULL_URI", &format!("{url}/credentials")),
        // For all services of AWS, where the one for DynamoDB says nothing.
        ("AWS_ENDPOINT_URL", &url),
        ("TABLE_NAME", "subledger"),
    ]);
    let function = FunctionProcess::start(command).await;
    let id = "01920000-0000-7000-8000-000000000001";
    let parameters = ["organization_id", "ledger_id", "balance_id"].map(|name| (name, id.into()));
    let claims = json!({ "organization_id": id, "scope": "subledger_balance/read" });
    let invocation = Invocation::new("GetBalance", &parameters.into(), &claims);
    let mut used = BTreeSet::new();
    while used.len() < 2 {
        let answer = function.invoke(invocation.event.to_string()).await.unwrap();
        let answer: Value = serde_json::from_str(&answer).unwrap();
        assert_eq!(answer["statusCode"], 404, "{answer}");
        used.extend(gatekeeper.used());
    }
    assert!(used.iter().all(|key| key.starts_with("KEY")), "{used:?}");
}
