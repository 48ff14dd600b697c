//! The command line.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;

use http::Uri;
use lexopt::{Arg, Parser, ValueExt};
use uuid::Uuid;

use crate::audit::{Audit, AuditedTable, READ_UNITS_PER_SECOND};
use crate::authorizer::{Grant, LONGEST_EXPIRES_IN_SECONDS};
use crate::data_dir;
use crate::engine::ANY_LOCAL_PORT;
use crate::stack::{Authorization, Options, Store};
use crate::welcome::EXPIRES_IN_SECONDS;

/// The port of the API when nothing else is said.
const DEFAULT_PORT: u16 = 3000;

/// What `--help` prints.
pub const HELP: &str = "\
The whole subledger API on this machine.

Usage: cargo run -- [OPTIONS]
       cargo run -- token --scope SCOPES [TOKEN OPTIONS]
       cargo run -- audit [AUDIT OPTIONS]

Options:
  --port N             the port of the API on 127.0.0.1; 0 takes a free one [3000]
  --data-dir DIR       where the data is kept [.data]
  --memory             keep the data in memory only
  --dynamodb ADDRESS   where the embedded DynamoDB answers, for the containers of an emulator;
                       it asks nobody for credentials [127.0.0.1:0]
  --endpoint-url URL   use another DynamoDB; the name of the table (TABLE_NAME), region and
                       credentials come from the environment; demo data is written only into a
                       table without organizations
  --auth jwt|none      whether requests need a token [jwt]
  --help               this text

token prints a token that a stack on the same data directory accepts:
  --scope SCOPES       what it allows, separated by spaces
  --organization UUID  the organization it acts in [none]
  --ledger UUID        the ledger that v0 requests run in [none]
  --expires-in N       how long it is valid, in seconds; negative: expired already [86400]
  --data-dir DIR       where the stack has its data [.data]

audit checks that everything in a table agrees; its exit status is 1 if something does not:
  --data-dir DIR       where the data is; no stack may run on it [.data]
  --endpoint-url URL   audit another DynamoDB, also while it is in use; the name of the table
                       (TABLE_NAME), region and credentials come from the environment
  --read-units-per-second N  how fast it reads [300; as fast as it can from a data directory]
";

/// What the command line asks for.
#[derive(Debug, PartialEq, Eq)]
pub enum Command {
    /// Start the stack.
    Serve(Options),
    /// Print a token.
    Token {
        /// The data directory of the stack that shall accept it.
        data_dir: PathBuf,
        /// What it allows.
        grant: Grant,
    },
    /// Check a table.
    Audit(Audit),
    /// Print [`HELP`].
    Help,
}

/// A command line that asks for nothing that can be done; one line that says why.
#[derive(Debug, thiserror::Error)]
#[error("{0}; --help shows what there is")]
pub struct Usage(String);

impl From<lexopt::Error> for Usage {
    fn from(error: lexopt::Error) -> Self {
        Self(error.to_string())
    }
}

/// Reads the arguments that follow the program's name.
///
/// # Errors
///
/// [`Usage`] for an unknown option, a missing or malformed value, and options that contradict.
pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Command, Usage> {
    let mut arguments = arguments.into_iter().peekable();
    let is_token = arguments.next_if(|first| first == "token").is_some();
    let is_audit = !is_token && arguments.next_if(|first| first == "audit").is_some();
    let parser = Parser::from_args(arguments);
    match (is_token, is_audit) {
        (true, _) => parse_token(parser),
        (false, true) => parse_audit(parser),
        (false, false) => parse_serve(parser),
    }
}

fn parse_serve(mut parser: Parser) -> Result<Command, Usage> {
    let mut port = DEFAULT_PORT;
    let mut data_dir = None;
    let mut memory = false;
    let mut authorization = Authorization::Jwt;
    let mut endpoint_url = None;
    let mut dynamodb = None;
    while let Some(argument) = parser.next()? {
        match argument {
            Arg::Long("port") => port = parser.value()?.parse()?,
            Arg::Long("data-dir") => data_dir = Some(directory(parser.value()?)?),
            Arg::Long("memory") => memory = true,
            Arg::Long("auth") => authorization = parser.value()?.parse_with(authorization_from)?,
            Arg::Long("dynamodb") => dynamodb = Some(parser.value()?.parse()?),
            Arg::Long("endpoint-url") => {
                endpoint_url = Some(parser.value()?.parse_with(url_from)?);
            }
            Arg::Long("help") | Arg::Short('h') => return Ok(Command::Help),
            Arg::Long(_) | Arg::Short(_) | Arg::Value(_) => {
                return Err(argument.unexpected().into());
            }
        }
    }
    if dynamodb.is_some() && endpoint_url.is_some() {
        return Err(conflict("--dynamodb", "--endpoint-url"));
    }
    let dynamodb: SocketAddr = dynamodb.unwrap_or(ANY_LOCAL_PORT);
    let store = match (memory, data_dir, endpoint_url) {
        (true, None, None) => Store::Memory,
        (true, Some(_), _) => return Err(conflict("--memory", "--data-dir")),
        (true, None, Some(_)) => return Err(conflict("--memory", "--endpoint-url")),
        (false, data_dir, endpoint_url) => {
            let data_dir = data_dir.unwrap_or_else(|| PathBuf::from(data_dir::DEFAULT));
            match endpoint_url {
                None => Store::DataDir(data_dir),
                Some(url) => Store::Endpoint { url, data_dir },
            }
        }
    };
    Ok(Command::Serve(Options { port, store, authorization, dynamodb }))
}

fn parse_token(mut parser: Parser) -> Result<Command, Usage> {
    let mut data_dir = PathBuf::from(data_dir::DEFAULT);
    let mut organization_id = None;
    let mut ledger_id = None;
    let mut scope = None;
    let mut expires_in_seconds = EXPIRES_IN_SECONDS;
    while let Some(argument) = parser.next()? {
        match argument {
            Arg::Long("data-dir") => data_dir = directory(parser.value()?)?,
            Arg::Long("organization") => organization_id = Some(parser.value()?.parse::<Uuid>()?),
            Arg::Long("ledger") => ledger_id = Some(parser.value()?.parse::<Uuid>()?),
            Arg::Long("scope") => scope = Some(parser.value()?.string()?),
            Arg::Long("expires-in") => {
                expires_in_seconds = parser.value()?.parse_with(lifetime_from)?;
            }
            Arg::Long("help") | Arg::Short('h') => return Ok(Command::Help),
            Arg::Long(_) | Arg::Short(_) | Arg::Value(_) => {
                return Err(argument.unexpected().into());
            }
        }
    }
    let scope = scope.ok_or_else(|| Usage("token needs --scope".to_owned()))?;
    Ok(Command::Token {
        data_dir,
        grant: Grant { organization_id, ledger_id, scope, expires_in_seconds },
    })
}

fn parse_audit(mut parser: Parser) -> Result<Command, Usage> {
    let mut data_dir = None;
    let mut endpoint_url = None;
    let mut rate = None;
    while let Some(argument) = parser.next()? {
        match argument {
            Arg::Long("data-dir") => data_dir = Some(directory(parser.value()?)?),
            Arg::Long("endpoint-url") => {
                endpoint_url = Some(parser.value()?.parse_with(url_from)?);
            }
            Arg::Long("read-units-per-second") => {
                rate = Some(parser.value()?.parse::<NonZeroU32>()?);
            }
            Arg::Long("help") | Arg::Short('h') => return Ok(Command::Help),
            Arg::Long(_) | Arg::Short(_) | Arg::Value(_) => {
                return Err(argument.unexpected().into());
            }
        }
    }
    let (table, default_rate) = match (data_dir, endpoint_url) {
        (Some(_), Some(_)) => return Err(conflict("--data-dir", "--endpoint-url")),
        (None, Some(url)) => (AuditedTable::Endpoint(url), NonZeroU32::new(READ_UNITS_PER_SECOND)),
        (data_dir, None) => {
            let data_dir = data_dir.unwrap_or_else(|| PathBuf::from(data_dir::DEFAULT));
            (AuditedTable::DataDir(data_dir), None)
        }
    };
    Ok(Command::Audit(Audit { table, read_units_per_second: rate.or(default_rate) }))
}

fn conflict(one: &str, other: &str) -> Usage {
    Usage(format!("{one} and {other} contradict each other"))
}

fn directory(value: OsString) -> Result<PathBuf, Usage> {
    if value.is_empty() {
        return Err(Usage("--data-dir names no directory".to_owned()));
    }
    Ok(PathBuf::from(value))
}

fn authorization_from(text: &str) -> Result<Authorization, &'static str> {
    match text {
        "jwt" => Ok(Authorization::Jwt),
        "none" => Ok(Authorization::None),
        _ => Err("it is neither jwt nor none"),
    }
}

fn url_from(text: &str) -> Result<String, &'static str> {
    let url: Uri = text.parse().map_err(|_| "it is no URL")?;
    match url.scheme_str() {
        Some("http" | "https") => Ok(text.trim_end_matches('/').to_owned()),
        Some(_) | None => Err("it begins with neither http:// nor https://"),
    }
}

fn lifetime_from(text: &str) -> Result<i64, &'static str> {
    let longest = -LONGEST_EXPIRES_IN_SECONDS..=LONGEST_EXPIRES_IN_SECONDS;
    text.parse()
        .ok()
        .filter(|seconds| longest.contains(seconds))
        .ok_or("it is no number of seconds within a hundred years")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse_line(line: &[&str]) -> Result<Command, Usage> {
        parse(line.iter().map(OsString::from))
    }

    fn serve(port: u16, store: Store, authorization: Authorization) -> Command {
        Command::Serve(Options { port, store, authorization, dynamodb: ANY_LOCAL_PORT })
    }

    #[test]
    fn every_option_has_its_effect() {
        let data = || Store::DataDir(".data".into());
        let endpoint = |data_dir: &str| Store::Endpoint {
            url: "http://localhost:8000".to_owned(),
            data_dir: data_dir.into(),
        };
        for (line, expected) in [
            (&[][..], serve(3000, data(), Authorization::Jwt)),
            (&["--port", "0", "--memory"], serve(0, Store::Memory, Authorization::Jwt)),
            (&["--port=65535", "--auth=none"], serve(65535, data(), Authorization::None)),
            (&["--auth", "jwt"], serve(3000, data(), Authorization::Jwt)),
            (&["--data-dir", "d"], serve(3000, Store::DataDir("d".into()), Authorization::Jwt)),
            (
                &["--endpoint-url", "http://localhost:8000/"],
                serve(3000, endpoint(".data"), Authorization::Jwt),
            ),
            (
                &["--endpoint-url", "http://localhost:8000", "--data-dir", "d"],
                serve(3000, endpoint("d"), Authorization::Jwt),
            ),
            (
                &["--memory", "--dynamodb", "172.17.0.1:8000"],
                Command::Serve(Options {
                    port: 3000,
                    store: Store::Memory,
                    authorization: Authorization::Jwt,
                    dynamodb: SocketAddr::from(([172, 17, 0, 1], 8000)),
                }),
            ),
            (&["--help"], Command::Help),
            (&["-h"], Command::Help),
            (&["token", "--help"], Command::Help),
        ] {
            assert_eq!(parse_line(line).unwrap(), expected, "{line:?}");
        }
    }

    #[test]
    fn a_token_is_described_by_its_options() {
        let uuid = "00000000-0000-0000-0000-000000000001";
        let line = [
            "token",
            "--data-dir",
            "d",
            "--organization",
            uuid,
            "--ledger",
            uuid,
            "--scope",
            "a b",
            "--expires-in",
            "-5",
        ];
        assert_eq!(
            parse_line(&line).unwrap(),
            Command::Token {
                data_dir: "d".into(),
                grant: Grant {
                    organization_id: Some(Uuid::from_u128(1)),
                    ledger_id: Some(Uuid::from_u128(1)),
                    scope: "a b".to_owned(),
                    expires_in_seconds: -5,
                },
            }
        );
        assert_eq!(
            parse_line(&["token", "--scope", "a"]).unwrap(),
            Command::Token {
                data_dir: ".data".into(),
                grant: Grant {
                    organization_id: None,
                    ledger_id: None,
                    scope: "a".to_owned(),
                    expires_in_seconds: 86_400,
                },
            }
        );
    }

    #[test]
    fn an_audit_is_slow_where_others_read_unless_it_is_told() {
        let data = |path: &str| AuditedTable::DataDir(path.into());
        let url = || AuditedTable::Endpoint("http://localhost:8000".to_owned());
        for (line, table, rate) in [
            (&["audit"][..], data(".data"), None),
            (&["audit", "--data-dir", "d"], data("d"), None),
            (&["audit", "--read-units-per-second", "5"], data(".data"), Some(5)),
            (&["audit", "--endpoint-url", "http://localhost:8000/"], url(), Some(300)),
            (
                &["audit", "--endpoint-url=http://localhost:8000", "--read-units-per-second=9000"],
                url(),
                Some(9_000),
            ),
        ] {
            let read_units_per_second = rate.and_then(NonZeroU32::new);
            let expected = Command::Audit(Audit { table, read_units_per_second });
            assert_eq!(parse_line(line).unwrap(), expected, "{line:?}");
        }
        assert_eq!(parse_line(&["audit", "--help"]).unwrap(), Command::Help);
    }

    #[test]
    fn what_cannot_be_done_is_said_in_one_line() {
        for (line, reason) in [
            (&["--prot", "1"][..], "invalid option '--prot'"),
            (&["-p"], "invalid option '-p'"),
            (&["tokens"], "unexpected argument \"tokens\""),
            (&["--port"], "missing argument for option '--port'"),
            (
                &["--port", "65536"],
                "cannot parse argument \"65536\": number too large to fit in target type",
            ),
            (&["--port", "x"], "cannot parse argument \"x\": invalid digit found in string"),
            (&["--memory=yes"], "unexpected argument for option '--memory': \"yes\""),
            (&["--auth", "basic"], "cannot parse argument \"basic\": it is neither jwt nor none"),
            (
                &["--dynamodb", "localhost"],
                "cannot parse argument \"localhost\": invalid socket address syntax",
            ),
            (
                &["--dynamodb", "127.0.0.1:1", "--endpoint-url", "http://h"],
                "--dynamodb and --endpoint-url contradict each other",
            ),
            (&["--data-dir", ""], "--data-dir names no directory"),
            (
                &["--endpoint-url", "localhost:8000"],
                "cannot parse argument \"localhost:8000\": it begins with neither http:// nor https://",
            ),
            (&["--memory", "--data-dir", "d"], "--memory and --data-dir contradict each other"),
            (
                &["--endpoint-url", "http://h", "--memory"],
                "--memory and --endpoint-url contradict each other",
            ),
            (&["audit", "--memory"], "invalid option '--memory'"),
            (
                &["audit", "--data-dir", "d", "--endpoint-url", "http://h"],
                "--data-dir and --endpoint-url contradict each other",
            ),
            (
                &["audit", "--read-units-per-second", "0"],
                "cannot parse argument \"0\": number would be zero for non-zero type",
            ),
            (&["token"], "token needs --scope"),
            (&["token", "--scope", "a", "--memory"], "invalid option '--memory'"),
            (
                &["token", "--scope", "a", "--expires-in", "99999999999"],
                "cannot parse argument \"99999999999\": it is no number of seconds within a hundred years",
            ),
        ] {
            let message = parse_line(line).unwrap_err().to_string();
            assert_eq!(message, format!("{reason}; --help shows what there is"), "{line:?}");
        }
    }
}
