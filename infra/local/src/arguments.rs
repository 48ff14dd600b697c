//! The command line.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;

use clap::builder::TypedValueParser as _;
use clap::{Args, Parser, Subcommand, value_parser};
use http::Uri;
use subledger_http::request::routes::SCOPES;
use uuid::Uuid;

use crate::audit::{Audit, AuditedTable, READ_UNITS_PER_SECOND};
use crate::authorizer::{Grant, LONGEST_EXPIRES_IN_SECONDS};
use crate::data_dir;
use crate::engine::ANY_LOCAL_PORT;
use crate::stack::{Authorization, Options, Store};
use crate::welcome::EXPIRES_IN_SECONDS;

/// What the command line asks for.
#[derive(Debug, PartialEq, Eq)]
pub enum Command {
    /// Start the stack.
    Serve(Options),
    /// Print a token.
    Token {
        /// The data directory of the stack that is to accept it.
        data_dir: PathBuf,
        /// What it allows.
        grant: Grant,
    },
    /// Check a table.
    Audit(Audit),
}

/// Reads the program's name and the arguments that follow it.
///
/// # Errors
///
/// [`clap::Error`] for an unknown option, a missing or malformed value, and options that exclude
/// each other; also where help or the version is asked for. Its `exit` prints it and ends the
/// process with the status that fits.
pub fn parse(line: impl IntoIterator<Item = OsString>) -> Result<Command, clap::Error> {
    let CommandLine { serve, subcommand } = CommandLine::try_parse_from(line)?;
    Ok(match subcommand {
        None => serve.into(),
        Some(Subcommands::Token(token)) => token.into(),
        Some(Subcommands::Audit(audit)) => audit.into(),
    })
}

/// The whole subledger API on this machine: an embedded DynamoDB, the routes of template.yaml and
/// demo data. It prints a token and commands to paste, and stops at Ctrl-C.
#[derive(Debug, Parser)]
#[command(bin_name = "cargo run --", version, disable_help_subcommand = true)]
#[command(args_conflicts_with_subcommands = true, args_override_self = true)]
struct CommandLine {
    #[command(flatten)]
    serve: ServeArguments,
    #[command(subcommand)]
    subcommand: Option<Subcommands>,
}

#[derive(Debug, Subcommand)]
enum Subcommands {
    Token(TokenArguments),
    Audit(AuditArguments),
}

#[derive(Debug, Args)]
struct ServeArguments {
    /// The port of the API on 127.0.0.1; 0 takes a free one
    #[arg(long, value_name = "N", default_value_t = 3000, allow_negative_numbers = true)]
    port: u16,

    /// The directory of the data and of the secret that signs the tokens
    #[arg(long, value_name = "DIR", default_value = data_dir::DEFAULT)]
    data_dir: PathBuf,

    /// Keep the data in memory only: it is gone when this stops
    #[arg(long, conflicts_with_all = ["data_dir", "endpoint_url"])]
    memory: bool,

    /// The IP address and port of the embedded DynamoDB, which containers of an emulator have to
    /// reach; port 0 takes a free one. It checks no credentials
    #[arg(
        long,
        value_name = "ADDRESS",
        default_value_t = ANY_LOCAL_PORT,
        conflicts_with = "endpoint_url"
    )]
    dynamodb: SocketAddr,

    /// Use the DynamoDB at this http:// or https:// address instead. `TABLE_NAME` names the table;
    /// region and credentials are those of the AWS command line (`AWS_PROFILE`, …). Demo data is
    /// written only into a table without organizations
    #[arg(long, value_name = "URL", value_parser = endpoint)]
    endpoint_url: Option<String>,

    /// Whether requests need a token
    #[arg(long, value_enum, default_value_t = Authorization::Jwt)]
    auth: Authorization,
}

impl From<ServeArguments> for Command {
    fn from(arguments: ServeArguments) -> Self {
        let ServeArguments { port, data_dir, memory, dynamodb, endpoint_url, auth } = arguments;
        let store = match endpoint_url {
            Some(url) => Store::Endpoint { url, data_dir },
            None if memory => Store::Memory,
            None => Store::DataDir(data_dir),
        };
        Self::Serve(Options { port, store, authorization: auth, dynamodb })
    }
}

/// Print a token that a stack on the same data directory accepts.
#[derive(Debug, Args)]
struct TokenArguments {
    #[arg(
        long,
        value_name = "SCOPES",
        help = format!(
            "The scopes that the token grants, separated by spaces, out of {}",
            SCOPES.join(", ")
        ),
        value_parser = scope
    )]
    scope: String,

    /// The organization that its bearer acts in; without one the token needs the scope `operator`
    #[arg(long, value_name = "UUID")]
    organization: Option<Uuid>,

    /// The ledger that v0 requests run in
    #[arg(long, value_name = "UUID")]
    ledger: Option<Uuid>,

    /// How long the token is valid, in seconds, at most a hundred years; a negative number makes
    /// one that has already expired
    #[arg(
        long,
        value_name = "N",
        default_value_t = EXPIRES_IN_SECONDS,
        allow_negative_numbers = true,
        value_parser = value_parser!(i64)
            .range(-LONGEST_EXPIRES_IN_SECONDS..=LONGEST_EXPIRES_IN_SECONDS)
    )]
    expires_in: i64,

    /// The data directory of the stack
    #[arg(long, value_name = "DIR", default_value = data_dir::DEFAULT)]
    data_dir: PathBuf,
}

impl From<TokenArguments> for Command {
    fn from(arguments: TokenArguments) -> Self {
        let TokenArguments { scope, organization, ledger, expires_in, data_dir } = arguments;
        let grant = Grant {
            organization_id: organization,
            ledger_id: ledger,
            scope,
            expires_in_seconds: expires_in,
        };
        Self::Token { data_dir, grant }
    }
}

/// Check that everything in a table agrees with everything else; the exit status is 1 if something
/// does not.
#[derive(Debug, Args)]
struct AuditArguments {
    /// The directory of the data; no stack may run on it meanwhile
    #[arg(long, value_name = "DIR", default_value = data_dir::DEFAULT)]
    data_dir: PathBuf,

    /// Audit a table of the DynamoDB at this http:// or https:// address instead, also while it is
    /// in use. `TABLE_NAME` names the table; region and credentials are those of the AWS command line
    /// (`AWS_PROFILE`, …)
    #[arg(long, value_name = "URL", value_parser = endpoint, conflicts_with = "data_dir")]
    endpoint_url: Option<String>,

    #[arg(
        long,
        value_name = "N",
        help = format!(
            "How many read units a second it uses at most [default: {READ_UNITS_PER_SECOND} with \
             --endpoint-url, otherwise no limit]"
        ),
        allow_negative_numbers = true,
        value_parser = value_parser!(u32).range(1..).try_map(NonZeroU32::try_from)
    )]
    read_units_per_second: Option<NonZeroU32>,
}

impl From<AuditArguments> for Command {
    fn from(arguments: AuditArguments) -> Self {
        let AuditArguments { data_dir, endpoint_url, read_units_per_second } = arguments;
        let (table, default) = match endpoint_url {
            Some(url) => (AuditedTable::Endpoint(url), NonZeroU32::new(READ_UNITS_PER_SECOND)),
            None => (AuditedTable::DataDir(data_dir), None),
        };
        Self::Audit(Audit { table, read_units_per_second: read_units_per_second.or(default) })
    }
}

/// Scopes that exist, at least one, with single spaces between them.
fn scope(text: &str) -> Result<String, String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let exist = || format!("the scopes are {}", SCOPES.join(", "));
    if words.is_empty() {
        return Err(format!("it has no scope; {}", exist()));
    }
    match words.iter().find(|word| !SCOPES.contains(word)) {
        Some(unknown) => Err(format!("there is no scope {unknown}; {}", exist())),
        None => Ok(words.join(" ")),
    }
}

/// The address of a DynamoDB, without a slash at its end.
fn endpoint(text: &str) -> Result<String, &'static str> {
    let url: Uri = text.parse().map_err(|_| "it is no URL")?;
    match url.scheme_str() {
        Some("http" | "https") => Ok(text.trim_end_matches('/').to_owned()),
        Some(_) | None => Err("it begins with neither http:// nor https://"),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;
    use clap::error::{ContextKind, ErrorKind};

    use super::*;

    const UUID: &str = "00000000-0000-0000-0000-000000000001";

    fn parse_line(line: &[&str]) -> Result<Command, clap::Error> {
        parse(std::iter::once(&"subledger-local").chain(line).map(OsString::from))
    }

    fn serve(port: u16, store: Store, authorization: Authorization) -> Command {
        Command::Serve(Options { port, store, authorization, dynamodb: ANY_LOCAL_PORT })
    }

    fn endpoint_in(data_dir: &str) -> Store {
        Store::Endpoint { url: "http://localhost:8000".to_owned(), data_dir: data_dir.into() }
    }

    fn token(data_dir: &str, id: Option<Uuid>, scope: &str, expires_in_seconds: i64) -> Command {
        let grant = Grant {
            organization_id: id,
            ledger_id: id,
            scope: scope.to_owned(),
            expires_in_seconds,
        };
        Command::Token { data_dir: data_dir.into(), grant }
    }

    fn audit(table: AuditedTable, rate: Option<u32>) -> Command {
        let read_units_per_second = rate.map(|rate| NonZeroU32::new(rate).unwrap());
        Command::Audit(Audit { table, read_units_per_second })
    }

    #[track_caller]
    fn check(line: &str, expected: Command) {
        let words: Vec<&str> = line.split_whitespace().collect();
        assert_eq!(parse_line(&words).unwrap(), expected, "{line}");
    }

    #[test]
    fn the_declaration_contradicts_itself_nowhere() {
        CommandLine::command().debug_assert();
    }

    #[test]
    fn every_option_of_the_stack_has_its_effect() {
        let data = || Store::DataDir(".data".into());
        check("", serve(3000, data(), Authorization::Jwt));
        check("--port 0 --memory", serve(0, Store::Memory, Authorization::Jwt));
        check("--port=65535 --auth=none", serve(65535, data(), Authorization::None));
        check("--auth jwt", serve(3000, data(), Authorization::Jwt));
        check("--port 1 --port 2", serve(2, data(), Authorization::Jwt));
        check("--data-dir d", serve(3000, Store::DataDir("d".into()), Authorization::Jwt));
        check(
            "--endpoint-url http://localhost:8000/",
            serve(3000, endpoint_in(".data"), Authorization::Jwt),
        );
        check(
            "--endpoint-url http://localhost:8000 --data-dir d",
            serve(3000, endpoint_in("d"), Authorization::Jwt),
        );
        check(
            "--memory --dynamodb 172.17.0.1:8000",
            Command::Serve(Options {
                port: 3000,
                store: Store::Memory,
                authorization: Authorization::Jwt,
                dynamodb: SocketAddr::from(([172, 17, 0, 1], 8000)),
            }),
        );
    }

    #[test]
    fn every_option_of_a_token_has_its_effect() {
        let id = Some(Uuid::from_u128(1));
        let read = "asset/read";
        check("token --scope asset/read", token(".data", None, read, 86_400));
        check("token --scope asset/read --expires-in -5 --data-dir d", token("d", None, read, -5));
        check(
            "token --scope asset/read --expires-in 3162240000",
            token(".data", None, read, 3_162_240_000),
        );
        check(
            &format!("token --organization {UUID} --ledger={UUID} --scope asset/read"),
            token(".data", id, read, 86_400),
        );
        assert_eq!(
            parse_line(&["token", "--scope", " asset/read  account/read_write"]).unwrap(),
            token(".data", None, "asset/read account/read_write", 86_400)
        );
        for scope in SCOPES {
            check(&format!("token --scope {scope}"), token(".data", None, scope, 86_400));
        }
    }

    #[test]
    fn an_audit_is_slow_where_others_read_unless_it_is_told() {
        let data = |path: &str| AuditedTable::DataDir(path.into());
        let url = || AuditedTable::Endpoint("http://localhost:8000".to_owned());
        check("audit", audit(data(".data"), None));
        check("audit --data-dir d", audit(data("d"), None));
        check("audit --read-units-per-second 5", audit(data(".data"), Some(5)));
        check("audit --endpoint-url http://localhost:8000/", audit(url(), Some(300)));
        check(
            "audit --endpoint-url=https://localhost --read-units-per-second=9000",
            audit(AuditedTable::Endpoint("https://localhost".to_owned()), Some(9_000)),
        );
    }

    /// Every argument that an error names.
    fn named(error: &clap::Error) -> String {
        let kinds =
            [ContextKind::InvalidArg, ContextKind::PriorArg, ContextKind::InvalidSubcommand];
        let values = kinds.iter().filter_map(|kind| error.get(*kind));
        values.map(ToString::to_string).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn what_cannot_be_done_is_refused_by_the_name_of_the_option() {
        let endpoint = "--endpoint-url http://h";
        for (line, kind, options) in [
            ("--prot 1", ErrorKind::UnknownArgument, "--prot"),
            ("-p", ErrorKind::UnknownArgument, "-p"),
            ("tokens", ErrorKind::InvalidSubcommand, "tokens"),
            ("--memory token", ErrorKind::ArgumentConflict, "--memory token"),
            ("--port", ErrorKind::InvalidValue, "--port <N>"),
            ("--port 65536", ErrorKind::ValueValidation, "--port <N>"),
            ("--port x", ErrorKind::ValueValidation, "--port <N>"),
            ("--port -1", ErrorKind::ValueValidation, "--port <N>"),
            ("--memory=yes", ErrorKind::TooManyValues, "--memory"),
            ("--auth basic", ErrorKind::InvalidValue, "--auth <AUTH>"),
            ("--dynamodb localhost", ErrorKind::ValueValidation, "--dynamodb <ADDRESS>"),
            ("--data-dir=", ErrorKind::InvalidValue, "--data-dir <DIR>"),
            ("--endpoint-url localhost:8000", ErrorKind::ValueValidation, "--endpoint-url <URL>"),
            ("--endpoint-url ftp://h", ErrorKind::ValueValidation, "--endpoint-url <URL>"),
            ("--memory --data-dir d", ErrorKind::ArgumentConflict, "--memory --data-dir <DIR>"),
            (
                &format!("--memory {endpoint}"),
                ErrorKind::ArgumentConflict,
                "--memory --endpoint-url <URL>",
            ),
            (
                &format!("--dynamodb 127.0.0.1:1 {endpoint}"),
                ErrorKind::ArgumentConflict,
                "--dynamodb <ADDRESS> --endpoint-url <URL>",
            ),
            ("token", ErrorKind::MissingRequiredArgument, "--scope <SCOPES>"),
            ("token --scope nonsense", ErrorKind::ValueValidation, "--scope <SCOPES>"),
            ("token --scope=", ErrorKind::ValueValidation, "--scope <SCOPES>"),
            ("token --scope asset/read --memory", ErrorKind::UnknownArgument, "--memory"),
            ("token --scope asset/read --ledger 1", ErrorKind::ValueValidation, "--ledger <UUID>"),
            (
                "token --scope asset/read --expires-in x",
                ErrorKind::ValueValidation,
                "--expires-in <N>",
            ),
            (
                "token --scope asset/read --expires-in 3162240001",
                ErrorKind::ValueValidation,
                "--expires-in <N>",
            ),
            ("audit --memory", ErrorKind::UnknownArgument, "--memory"),
            (
                &format!("audit --data-dir d {endpoint}"),
                ErrorKind::ArgumentConflict,
                "--data-dir <DIR> --endpoint-url <URL>",
            ),
            (
                "audit --read-units-per-second 0",
                ErrorKind::ValueValidation,
                "--read-units-per-second <N>",
            ),
            (
                "audit --read-units-per-second -5",
                ErrorKind::ValueValidation,
                "--read-units-per-second <N>",
            ),
        ] {
            let words: Vec<&str> = line.split_whitespace().collect();
            let error = parse_line(&words).unwrap_err();
            assert_eq!((error.kind(), &*named(&error)), (kind, options), "{line}");
            assert_eq!(error.exit_code(), 2, "{line}");
        }
    }

    #[test]
    fn help_and_version_are_printed_and_no_failure() {
        for (line, kind, contains) in [
            (&["--help"][..], ErrorKind::DisplayHelp, "--port <N>"),
            (&["-h"], ErrorKind::DisplayHelp, "[default: 127.0.0.1:0]"),
            (&["token", "--help"], ErrorKind::DisplayHelp, "[default: 86400]"),
            (&["audit", "-h"], ErrorKind::DisplayHelp, "[default: 300 with --endpoint-url"),
            (&["--version"], ErrorKind::DisplayVersion, env!("CARGO_PKG_VERSION")),
        ] {
            let shown = parse_line(line).unwrap_err();
            assert_eq!((shown.kind(), shown.exit_code()), (kind, 0), "{line:?}");
            let text = shown.to_string();
            let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(text.contains(contains), "{text}");
        }
    }
}
