//! What can keep the stack from starting or make it stop.

use std::net::SocketAddr;
use std::path::PathBuf;

use subledger::error::Cause;

/// Why the stack cannot start or go on.
///
/// `Display` is one line for the person at the terminal and never repeats its source; the command
/// line prints the chain once.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// `template.yaml` is not what this stack can run.
    #[error("template.yaml: {0}")]
    Template(String),
    /// `template.yaml` is not YAML, or one of its resources has another shape than expected.
    #[error("template.yaml cannot be read")]
    TemplateSyntax(#[source] serde_yaml_ng::Error),
    /// A document of `infra/openapi` cannot be read or shown.
    #[error("infra/openapi/{document}.yaml: {reason}")]
    Contract {
        /// Which one.
        document: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// A route of the template leads to a function that was not registered.
    #[error(
        "template.yaml routes {route} to the function {package}, which is not part of this build"
    )]
    UnknownFunction {
        /// The route as API Gateway writes it, for example `GET /v0/accounts/{id}`.
        route: String,
        /// The package that the template names.
        package: String,
    },
    /// The address is taken, or may not be used.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address that was asked for; port 0 means any free one.
        address: SocketAddr,
        /// What the operating system said.
        #[source]
        source: std::io::Error,
    },
    /// A file or directory of the data directory cannot be read or written.
    #[error("cannot {action} {}", path.display())]
    DataDir {
        /// What was tried, as a verb.
        action: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        source: std::io::Error,
    },
    /// Another process has the data directory: a stack, or an audit.
    #[error("another process uses the data directory {}", .0.display())]
    DataDirInUse(PathBuf),
    /// No stack has made a token secret in the directory.
    #[error("no stack has run on the data directory {}, so none accepts its tokens", .0.display())]
    NoSecret(PathBuf),
    /// The token secret has another size than the one that was written.
    #[error("the token secret {} is damaged; remove it and a new one is made", .0.display())]
    DamagedSecret(PathBuf),
    /// The file where the database should be is something else.
    #[error("{} is no database; move it away to start anew", .0.display())]
    NotADatabase(PathBuf),
    /// The file of the database has lost what was in it.
    #[error(
        "{} has 0 bytes, so the data that was in it is gone; put a backup in its place, or remove \
         it to start anew",
        .0.display()
    )]
    EmptyDatabase(PathBuf),
    /// The database is somebody else's, or what was in it is gone.
    #[error("{} has no table of this product; move it away to start anew", .0.display())]
    NoTable(PathBuf),
    /// The database cannot be opened.
    #[error("cannot open the database {}", path.display())]
    Database {
        /// The database file, or `:memory:`.
        path: PathBuf,
        /// What the engine said.
        #[source]
        source: dynoxide::DynoxideError,
    },
    /// The database holds a table that is not the template's.
    #[error("the table in {} has other keys than template.yaml; move it away to start anew", .0.display())]
    OtherTable(PathBuf),
    /// The engine refuses the table of the template.
    #[error("the engine refuses the table of template.yaml")]
    Table(#[source] dynoxide::DynoxideError),
    /// The operating system gives no random numbers.
    #[error("no random numbers from the operating system")]
    Randomness(#[source] getrandom::Error),
    /// A token could not be signed.
    #[error("the token cannot be signed")]
    Token(#[source] jsonwebtoken::errors::Error),
    /// The store of the functions cannot be used.
    #[error("the store cannot be used")]
    Store(#[source] Cause),
    /// Nothing can be written to the data directory; the text says why.
    #[error("{0}")]
    Disk(String),
    /// The demo data could not be written.
    #[error("the demo data cannot be written")]
    Seed(#[source] Cause),
    /// Requests without a token were to run in the demo ledger, and the table has none.
    #[error(
        "the table {0} has other organizations and no demo ledger, where requests without a token \
         run; start without --auth none"
    )]
    NoDemoLedger(String),
    /// There is nothing to audit.
    #[error("there is no database in {}", .0.display())]
    NoData(PathBuf),
    /// The audit did not come to its end.
    #[error("the audit stopped")]
    Audit(#[source] subledger::error::Error),
    /// A server of the stack ended by itself.
    #[error("the {server} ended unexpectedly: {reason}")]
    Server {
        /// Which server.
        server: &'static str,
        /// What it said.
        reason: String,
    },
}

impl Error {
    /// The error and everything behind it, on one line. A cause that only repeats what has been
    /// said is left out.
    pub fn chain(&self) -> String {
        let mut line = self.to_string();
        let mut cause = std::error::Error::source(self);
        while let Some(source) = cause {
            let text = source.to_string();
            if !line.contains(&text) {
                line.push_str(": ");
                line.push_str(&text);
            }
            cause = source.source();
        }
        line.replace('\n', " ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_and_its_causes_are_one_line() {
        let address = SocketAddr::from(([127, 0, 0, 1], 3000));
        let error = Error::Listen { address, source: std::io::Error::other("taken\nby another") };
        assert_eq!(error.chain(), "cannot listen on 127.0.0.1:3000: taken by another");
        let cause = "no such table".into();
        let error = Error::Audit(subledger::error::Error::Unavailable { cause });
        assert_eq!(error.chain(), "the audit stopped: the store is unavailable: no such table");
    }
}
