//! A Lambda function: its real binary behind the Runtime API that Lambda would give it.

use std::collections::HashMap;
use std::fs::File;
use std::io::{Read, Seek};
use std::net::Ipv4Addr;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use subledger_dynamodb::Connection;
use tokio::net::TcpListener;
use tokio::sync::{Mutex as AsyncMutex, OnceCell, mpsc, oneshot, watch};
use uuid::Uuid;

use crate::binaries::binary;

/// The time that a function has for an answer, its start included, before the test fails.
const PATIENCE: Duration = Duration::from_secs(60);

/// A Lambda function that starts when it is first invoked and ends when it is dropped.
#[derive(Debug)]
pub(crate) struct LambdaFunction {
    package: String,
    store: Connection,
    running: OnceCell<FunctionProcess>,
}

/// An event, and the channel for its answer.
type Invocation = (String, oneshot::Sender<Outcome>);

/// The answer of a function, or its error.
pub type Outcome = Result<String, String>;

/// A process behind a Runtime API of its own. It ends when this is dropped.
#[derive(Debug)]
pub struct FunctionProcess {
    invocations: mpsc::UnboundedSender<Invocation>,
    /// How many times it asked for an event.
    asked: watch::Receiver<usize>,
    process: Mutex<Child>,
    log: File,
}

impl Drop for FunctionProcess {
    fn drop(&mut self) {
        let process = self.process.get_mut().unwrap();
        drop(process.kill());
        drop(process.wait());
    }
}

impl LambdaFunction {
    pub(crate) fn new(package: &str, store: &Connection) -> Self {
        Self { package: package.to_owned(), store: store.clone(), running: OnceCell::new() }
    }

    /// Invokes the function with an event and waits for its answer.
    pub(crate) async fn invoke(&self, event: String) -> Outcome {
        let start = || FunctionProcess::of(&self.package, &self.store);
        self.running.get_or_init(start).await.invoke(event).await
    }
}

/// The environment of a function from Lambda and the template, without the address of its Runtime API.
pub fn function_environment(name: &str, store: &Connection) -> [(&'static str, String); 8] {
    [
        ("AWS_LAMBDA_FUNCTION_NAME", name.to_owned()),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST".to_owned()),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256".to_owned()),
        ("AWS_REGION", "local".to_owned()),
        ("AWS_ACCESS_KEY_ID", "local".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "local".to_owned()),
        ("AWS_ENDPOINT_URL_DYNAMODB", store.endpoint_url().unwrap().to_owned()),
        ("TABLE_NAME", store.table().to_owned()),
    ]
}

impl FunctionProcess {
    /// Starts the binary of a function on a store, in the environment that Lambda would give it.
    pub async fn of(package: &str, store: &Connection) -> Self {
        Self::configured(package, store, &[]).await
    }

    /// The same with more variables.
    pub async fn configured(
        package: &str,
        store: &Connection,
        variables: &[(&str, String)],
    ) -> Self {
        let name = package.to_owned();
        let binary = tokio::task::spawn_blocking(move || binary(&name)).await.unwrap();
        let mut command = Command::new(binary);
        command.env_clear().envs(function_environment(package, store));
        command.envs(variables.iter().map(|(name, value)| (name, value)));
        Self::start(command).await
    }

    /// Starts the process of this command, with a Runtime API of its own.
    pub async fn start(mut command: Command) -> Self {
        let (invocations, queue) = mpsc::unbounded_channel();
        let (asks, asked) = watch::channel(0);
        let runtime_api = serve_runtime_api(queue, asks).await;
        let log = tempfile::tempfile().unwrap();
        let process = command
            .env("AWS_LAMBDA_RUNTIME_API", runtime_api)
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log.try_clone().unwrap())
            .spawn()
            .unwrap();
        Self { invocations, asked, process: Mutex::new(process), log }
    }

    /// Invokes the function with an event and waits for its answer.
    ///
    /// # Errors
    /// The error that the function reported, or its log if it did not answer in time.
    pub async fn invoke(&self, event: String) -> Outcome {
        let (answer, answered) = oneshot::channel();
        self.invocations.send((event, answer)).expect("the Runtime API is running");
        match tokio::time::timeout(PATIENCE, answered).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) | Err(_) => Err(format!("no answer; the log says: {}", self.log())),
        }
    }

    /// Waits until the function has asked for this many events.
    ///
    /// # Panics
    /// If it does not within a minute.
    pub async fn has_asked(&self, times: usize) {
        let mut asked = self.asked.clone();
        let waited = tokio::time::timeout(PATIENCE, asked.wait_for(|asked| *asked >= times)).await;
        assert!(matches!(waited, Ok(Ok(_))), "it does not ask; the log says: {}", self.log());
    }

    /// The id of the process.
    pub fn id(&self) -> u32 {
        self.process.lock().unwrap().id()
    }

    /// Asks the process to end, as Lambda does, and waits until it has.
    pub async fn terminate(self) -> ExitStatus {
        let id = self.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        tokio::task::spawn_blocking(move || self.process.lock().unwrap().wait().unwrap())
            .await
            .unwrap()
    }

    /// What it has printed.
    pub fn log(&self) -> String {
        let mut log = self.log.try_clone().unwrap();
        let mut text = String::new();
        log.rewind().unwrap();
        log.read_to_string(&mut text).unwrap();
        text
    }
}

/// What the handlers of one Runtime API share.
struct RuntimeApi {
    queue: AsyncMutex<mpsc::UnboundedReceiver<Invocation>>,
    asks: watch::Sender<usize>,
    unanswered: Mutex<HashMap<String, oneshot::Sender<Outcome>>>,
}

impl RuntimeApi {
    fn finish(&self, id: &str, outcome: Outcome) -> StatusCode {
        match self.unanswered.lock().unwrap().remove(id) {
            Some(answer) => {
                // Whoever asked may have gone.
                drop(answer.send(outcome));
                StatusCode::ACCEPTED
            }
            None => StatusCode::BAD_REQUEST,
        }
    }
}

/// Serves the Runtime API of one function on a free port, and gives its address.
async fn serve_runtime_api(
    queue: mpsc::UnboundedReceiver<Invocation>,
    asks: watch::Sender<usize>,
) -> String {
    let api = RuntimeApi { queue: AsyncMutex::new(queue), asks, unanswered: Mutex::default() };
    let service = Router::new()
        .route("/2018-06-01/runtime/invocation/next", get(next))
        .route("/2018-06-01/runtime/invocation/{id}/response", post(response))
        .route("/2018-06-01/runtime/invocation/{id}/error", post(error))
        .route("/2018-06-01/runtime/init/error", post(async || StatusCode::ACCEPTED))
        .with_state(Arc::new(api));
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(axum::serve(listener, service).into_future());
    address
}

async fn next(State(api): State<Arc<RuntimeApi>>) -> Response {
    api.asks.send_modify(|asked| *asked += 1);
    let Some((event, answer)) = api.queue.lock().await.recv().await else {
        return StatusCode::GONE.into_response();
    };
    #[expect(clippy::disallowed_methods, reason = "Lambda gives every invocation a random id")]
    let id = Uuid::now_v7().to_string();
    api.unanswered.lock().unwrap().insert(id.clone(), answer);
    let headers = [
        ("lambda-runtime-aws-request-id", id),
        // The end of the year 9999, in milliseconds: no deadline.
        ("lambda-runtime-deadline-ms", "253402300799000".to_owned()),
        (
            "lambda-runtime-invoked-function-arn",
            "arn:aws:lambda:local:000000000000:function:local".to_owned(),
        ),
        ("content-type", "application/json".to_owned()),
    ];
    (headers, event).into_response()
}

async fn response(
    State(api): State<Arc<RuntimeApi>>,
    Path(id): Path<String>,
    body: String,
) -> StatusCode {
    api.finish(&id, Ok(body))
}

async fn error(
    State(api): State<Arc<RuntimeApi>>,
    Path(id): Path<String>,
    body: String,
) -> StatusCode {
    api.finish(&id, Err(body))
}
