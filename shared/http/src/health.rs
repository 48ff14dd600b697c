//! The answers about the service itself, in the form that monitors of Midaz know.

use serde::Serialize;
use subledger::error::Error;
use subledger::money::timestamp::Timestamp;

use crate::answer::chain;
use crate::reply::Reply;

/// The version of the service.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The service answers.
#[must_use]
pub fn healthy() -> Reply {
    Reply::text(200, "healthy")
}

/// Which version answers.
#[must_use]
pub fn version(now: Timestamp) -> Reply {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Body {
        version: &'static str,
        request_date: String,
    }
    Reply::json(200, &Body { version: VERSION, request_date: now.to_string() })
}

/// Whether the table can be read; 503 if not. The log has the reason.
#[must_use]
pub fn readiness(read: Result<(), Error>) -> Reply {
    #[derive(Serialize)]
    struct Body {
        status: &'static str,
        checks: Checks,
        version: &'static str,
    }
    #[derive(Serialize)]
    struct Checks {
        dynamodb: Check,
    }
    #[derive(Serialize)]
    struct Check {
        status: &'static str,
    }
    let body = |status, check| {
        let checks = Checks { dynamodb: Check { status: check } };
        Body { status, checks, version: VERSION }
    };
    match read {
        Ok(()) => Reply::json(200, &body("healthy", "up")),
        Err(failure) => {
            tracing::error!(cause = chain(&failure), "the table cannot be read");
            Reply::json(503, &body("unhealthy", "down")).retry_after(Some(1))
        }
    }
}
