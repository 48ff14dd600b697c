//! The binary of the local stack, as a user starts it.

use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Output, Stdio};

use crate::answer::Answer;
use crate::binaries::binary;
use crate::http_client::HttpClient;
use crate::request::Request;

/// The binary of the local stack, built if need be.
pub async fn local_binary() -> PathBuf {
    tokio::task::spawn_blocking(|| binary("subledger-local")).await.unwrap()
}

/// The local stack in a process of its own, which is killed when this is dropped.
#[derive(Debug)]
pub struct LocalProcess {
    process: Child,
    output: BufReader<ChildStdout>,
    /// What it has printed so far, up to the blank line that ends its welcome.
    pub welcome: String,
    http: HttpClient,
}

impl LocalProcess {
    /// Starts it with these arguments and waits until it says that it answers.
    pub async fn start(arguments: &[&str]) -> Self {
        Self::start_with(&[], arguments).await
    }

    /// Starts it with these arguments and environment variables, and waits until it answers.
    pub async fn start_with(variables: &[(&str, &str)], arguments: &[&str]) -> Self {
        let mut command = Command::new(local_binary().await);
        command.args(arguments).envs(variables.iter().copied());
        Self::start_from(command).await
    }

    /// Starts it with this command and waits until it answers.
    pub async fn start_from(mut command: Command) -> Self {
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let output = BufReader::new(process.stdout.take().unwrap());
        let (output, welcome) = tokio::task::spawn_blocking(|| read_welcome(output)).await.unwrap();
        let base_url = welcome
            .split_whitespace()
            .find_map(|word| word.strip_suffix(',').filter(|url| url.starts_with("http://")))
            .unwrap_or_else(|| panic!("no address in: {welcome}"));
        let http = HttpClient::new(base_url);
        Self { process, output, welcome, http }
    }

    /// Runs it with arguments with which it ends by itself, such as `--help`.
    pub async fn run(arguments: &[&str]) -> Output {
        let mut command = Command::new(local_binary().await);
        command.args(arguments).stdin(Stdio::null());
        tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap()
    }

    /// Runs it until it ends, with these arguments and environment variables.
    pub async fn run_with(variables: &[(&str, &str)], arguments: &[&str]) -> Output {
        let mut command = Command::new(local_binary().await);
        command.args(arguments).stdin(Stdio::null()).envs(variables.iter().copied());
        tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap()
    }

    /// The commands of the welcome.
    #[must_use]
    pub fn commands(&self) -> Vec<String> {
        let lines = self.welcome.lines().filter(|line| line.starts_with("curl "));
        lines.map(ToOwned::to_owned).collect()
    }

    /// The value after a name in the welcome.
    #[must_use]
    pub fn named(&self, name: &str) -> String {
        let mut lines = self.welcome.lines();
        let line = lines.find_map(|line| line.strip_prefix(name)).unwrap();
        line.split_whitespace().next().unwrap().to_owned()
    }

    /// Sends what a printed curl command sends.
    pub async fn curl(&self, command: &str) -> Answer {
        self.http.send(&parse_curl(command)).await
    }

    /// Sends a request.
    ///
    /// # Errors
    /// The error of the connection, if no complete answer was received.
    pub async fn try_send(&self, request: &Request) -> Result<Answer, String> {
        self.http.try_send(request).await
    }

    /// A client of the process that may outlive it.
    #[must_use]
    pub fn client(&self) -> HttpClient {
        self.http.clone()
    }

    /// Ends it as `kill -9` does.
    pub fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// Sends it this signal, and gives what it prints until it ends and how it ends.
    pub async fn stop(mut self, signal: &'static str) -> (String, Option<i32>) {
        let id = self.process.id().to_string();
        tokio::task::spawn_blocking(move || {
            let sent = Command::new("kill").args([signal, &id]).status().unwrap();
            assert!(sent.success());
            let mut rest = String::new();
            self.output.read_to_string(&mut rest).unwrap();
            (rest, self.process.wait().unwrap().code())
        })
        .await
        .unwrap()
    }
}

impl Drop for LocalProcess {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// Reads until the third command is printed, or a line that there is none, or the output ends.
fn read_welcome(mut output: BufReader<ChildStdout>) -> (BufReader<ChildStdout>, String) {
    let mut welcome = String::new();
    let mut commands = 0;
    while commands < 3 {
        let mut line = String::new();
        if output.read_line(&mut line).unwrap() == 0 {
            break;
        }
        if line.starts_with("curl ") {
            commands += 1;
        }
        let is_end = line.starts_with("No demo data");
        welcome.push_str(&line);
        if is_end {
            break;
        }
    }
    (output, welcome)
}

/// The request of a curl command whose words are in single quotes or have no blanks.
fn parse_curl(command: &str) -> Request {
    // Outside of quotes are the words at even places, inside those at odd ones.
    let words = command.split('\'').enumerate().flat_map(|(place, part)| {
        if place % 2 == 1 { vec![part] } else { part.split_whitespace().collect() }
    });
    let words: Vec<&str> = words.collect();
    let url = words.iter().find(|word| word.starts_with("http://")).unwrap();
    let (_, target) = url["http://".len()..].split_once('/').unwrap();
    let behind = |option: &str| {
        let pairs = words.windows(2).filter(move |pair| pair.first() == Some(&option));
        pairs.filter_map(|pair| pair.last().copied()).collect::<Vec<_>>()
    };
    let body = behind("-d");
    let method = if body.is_empty() { "GET" } else { "POST" };
    let request = behind("-H").into_iter().fold(
        Request::new(method, &format!("/{target}")),
        |request, header| {
            let (name, value) = header.split_once(": ").unwrap();
            request.header(name, value)
        },
    );
    body.into_iter().fold(request, |request, body| request.bytes(body.as_bytes()))
}
