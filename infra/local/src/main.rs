//! `cargo run`: the whole API on this machine.

use std::io::Write;
use std::process::ExitCode;

use subledger_http::request::routes::OPERATOR;
use subledger_local::arguments::{self, Command};
use subledger_local::audit::{self, Audit};
use subledger_local::authorizer::{Authorizer, Grant};
use subledger_local::data_dir::DataDir;
use subledger_local::welcome::{self, Welcome};
use subledger_local::{Authorization, Error, Options, Stack, Store, clock, logging};
use tokio::signal;

fn main() -> ExitCode {
    let command = match arguments::parse(std::env::args_os()) {
        Ok(command) => command,
        // Help goes to standard output with status 0, a usage error to standard error with 2.
        Err(error) => error.exit(),
    };
    let done = match command {
        Command::Token { data_dir, grant } => DataDir::existing_secret(&data_dir)
            .and_then(|secret| Authorizer::new(&secret).mint(&grant, clock::now()))
            .map(|token| say(&token)),
        Command::Audit(audit) => return run_audit(&audit),
        Command::Serve(options) => serve(&options),
    };
    finalize(done)
}

/// The exit status, after a line that says what went wrong.
fn finalize(done: Result<(), Error>) -> ExitCode {
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("subledger: {}", error.chain());
            ExitCode::FAILURE
        }
    }
}

/// Fails if something is wrong with the table, and if the audit could not be completed.
#[tokio::main]
async fn run_audit(audit: &Audit) -> ExitCode {
    match audit.run().await {
        Ok(report) => {
            say(&audit::summary(&report));
            if report.findings_count == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => finalize(Err(error)),
    }
}

#[tokio::main]
async fn serve(options: &Options) -> Result<(), Error> {
    let canceled = logging::start();
    say(&format!("subledger {}: starting", env!("CARGO_PKG_VERSION")));
    let stack = Stack::start(options, &say).await?;
    // Registered before the stack reports that it is ready, because it may be stopped from then on.
    let stop = Stop::register()?;
    let token = match options.authorization {
        Authorization::None => None,
        Authorization::Jwt => Some(stack.token(&Grant {
            organization_id: stack.demo.map(|demo| demo.organization_id),
            ledger_id: stack.demo.map(|demo| demo.ledger_id),
            scope: match stack.demo {
                Some(_) => welcome::SCOPE.to_owned(),
                // Without a demo there is no organization to name.
                None => format!("{OPERATOR} {}", welcome::SCOPE),
            },
            expires_in_seconds: welcome::EXPIRES_IN_SECONDS,
        })?),
    };
    let place = match &options.store {
        Store::Memory => "in memory, gone when this stops".to_owned(),
        Store::DataDir(path) => path.display().to_string(),
        Store::Endpoint { .. } => "in another DynamoDB".to_owned(),
    };
    let welcome = Welcome {
        base_url: &stack.base_url,
        place: &place,
        backend: &stack.backend,
        token: token.as_deref(),
        demo: stack.demo,
        now: clock::now(),
    };
    say(&welcome.text());
    stop.wait().await;
    say("stopping");
    stack.shutdown().await?;
    match canceled.count() {
        0 => {}
        count => say(&format!("conflicting or repeated writes that wrote nothing: {count}")),
    }
    say("stopped");
    Ok(())
}

/// Prints a line, and ignores a reader that has gone.
fn say(line: &str) {
    let mut output = std::io::stdout().lock();
    drop(writeln!(output, "{line}").and_then(|()| output.flush()));
}

/// The signals that stop the stack: Ctrl-C, and where there is one, SIGTERM.
struct Stop {
    #[cfg(unix)]
    interrupt: signal::unix::Signal,
    #[cfg(unix)]
    terminate: signal::unix::Signal,
}

impl Stop {
    #[cfg(unix)]
    fn register() -> Result<Self, Error> {
        let register = |kind| {
            signal::unix::signal(kind).map_err(|error| Error::Server {
                server: "signal handler",
                reason: error.to_string(),
            })
        };
        Ok(Self {
            interrupt: register(signal::unix::SignalKind::interrupt())?,
            terminate: register(signal::unix::SignalKind::terminate())?,
        })
    }

    #[cfg(unix)]
    async fn wait(mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }

    #[cfg(not(unix))]
    fn register() -> Result<Self, Error> {
        Ok(Self {})
    }

    #[cfg(not(unix))]
    async fn wait(self) {
        drop(signal::ctrl_c().await);
    }
}
