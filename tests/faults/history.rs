//! The requests of a run and their answers.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::proxy::AttemptId;

/// What a client wants to do; it takes one or more attempts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Intent {
    /// Post a transaction. Its description is the tag, so that it is found in the table.
    Post {
        tag: String,
        /// The last part of the path: what kind of posting it is.
        route: &'static str,
        keyed: bool,
        pending: bool,
        value: String,
        legs: Vec<IntendedLeg>,
    },
    /// Commit, or else cancel, a pending transaction.
    Finalize { transaction: String, commits: bool },
    /// Revert a transaction.
    Revert { transaction: String },
    /// Open a balance under a key that no other intent has.
    Open { account: String, key: String },
    /// Open a v0 balance, with an idempotency key.
    OpenCredit { name: String },
    /// Open an account under an alias that no other intent has, and perhaps in groups.
    OpenAccount { alias: String, asset: String, portfolio: Option<String>, segment: Option<String> },
    /// Put an account into a group of this kind, or into none.
    Move { account: String, kind: &'static str, group: Option<String> },
    /// Delete an account and its balances.
    DeleteAccount { account: String },
    /// Set an overdraft limit that no other intent has.
    Limit { balance: String, limit: String },
    /// Delete a balance.
    Delete { balance: String },
    /// Get a balance.
    Get { balance: String },
    /// List the balances of an account.
    ListAccount { account: String },
    /// List all balances of the ledger, page by page.
    ListLedger,
    /// Get a balance as of a date.
    AsOf { balance: String, date: String },
    /// Get the balances of an account as of a date.
    AccountAsOf { account: String, date: String },
    /// List the first versions of a balance.
    Versions { balance: String },
    /// Get a transaction.
    GetTransaction { transaction: String },
    /// Get an operation.
    GetOperation { account: String, operation: String },
    /// Describe an operation with a text that no other intent has.
    Describe { operation: String, text: String },
    /// Create an object under a name that no other intent has, in the list with this path.
    Create { thing: Thing, list: String, name: String },
    /// Give an object a name that no other intent has, and an organization another parent.
    Rename { thing: Thing, list: String, id: String, name: String },
    /// Delete an object.
    Remove { list: String, id: String },
    /// Switch the check of account types on or off, in the ledger with this path.
    Switch { ledger: String, on: bool },
    /// Count the objects of a list.
    Count { list: String },
}

/// An object on which others can stand, or which is created and changed as those are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Thing {
    /// An organization, perhaps under another one.
    Organization {
        parent: Option<String>,
    },
    Ledger,
    Asset {
        code: &'static str,
    },
    Portfolio,
    Segment,
    AccountType,
}

/// A leg of a transaction that a client wants to post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct IntendedLeg {
    pub(crate) gives: bool,
    pub(crate) alias: String,
    pub(crate) key: String,
    pub(crate) amount: String,
}

impl Intent {
    /// The kind of request, by which it is counted.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Post { pending: true, .. } => "post a pending transaction",
            Self::Post { route: "block" | "unblock", .. } => "block or unblock",
            Self::Post { keyed: true, .. } => "post a transaction with a key",
            Self::Post { .. } => "post a transaction without a key",
            Self::Finalize { commits: true, .. } => "commit a transaction",
            Self::Finalize { .. } => "cancel a transaction",
            Self::Revert { .. } => "revert a transaction",
            Self::Open { .. } => "open a balance",
            Self::OpenCredit { .. } => "open a v0 balance",
            Self::OpenAccount { .. } => "open an account",
            Self::DeleteAccount { .. } => "delete an account",
            Self::Limit { .. } => "change a balance",
            Self::Delete { .. } => "delete a balance",
            Self::Get { .. } => "get a balance",
            Self::ListAccount { .. } => "list an account",
            Self::ListLedger => "list the ledger",
            Self::AsOf { .. } => "history of a balance",
            Self::AccountAsOf { .. } => "history of an account",
            Self::Versions { .. } => "list versions",
            Self::GetTransaction { .. } => "get a transaction",
            Self::Move { .. } => "move an account",
            Self::GetOperation { .. } => "get an operation",
            Self::Describe { .. } => "change an operation",
            Self::Create { thing, .. } => match thing {
                Thing::Organization { .. } => "create an organization",
                Thing::Ledger => "create a ledger",
                Thing::Asset { .. } => "create an asset",
                Thing::Portfolio => "create a portfolio",
                Thing::Segment => "create a segment",
                Thing::AccountType => "create an account type",
            },
            Self::Rename { thing, .. } => match thing {
                Thing::Organization { .. } => "change an organization",
                Thing::Ledger => "change a ledger",
                Thing::Asset { .. } => "change an asset",
                Thing::Portfolio => "change a portfolio",
                Thing::Segment => "change a segment",
                Thing::AccountType => "change an account type",
            },
            Self::Remove { list, .. } => match list.rsplit('/').next() {
                Some("organizations") => "delete an organization",
                Some("ledgers") => "delete a ledger",
                Some("assets") => "delete an asset",
                Some("portfolios") => "delete a portfolio",
                Some("segments") => "delete a segment",
                _ => "delete an account type",
            },
            Self::Switch { .. } => "change the settings of a ledger",
            Self::Count { .. } => "count",
        }
    }
}

/// The outcome of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The client got an answer.
    ///
    /// `settled` tells whether it says of itself that it is a final answer about the past.
    Answered { status: u16, retry_after: bool, settled: bool, body: Value },
    /// The client got no answer, for whatever reason.
    Lost,
}

/// The name under which it is counted.
impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Answered { status, .. } => write!(f, "{status}"),
            Self::Lost => f.write_str("lost"),
        }
    }
}

impl Outcome {
    /// The body of a successful answer.
    pub(crate) fn done(&self) -> Option<&Value> {
        match self {
            Self::Answered { status: 200..=299, body, .. } => Some(body),
            Self::Answered { .. } | Self::Lost => None,
        }
    }

    /// Whether the client cannot know if the request was done.
    pub(crate) const fn is_unknown(&self) -> bool {
        matches!(self, Self::Lost | Self::Answered { status: 503, .. })
    }

    /// Whether the answer says that nothing was done and that the client should try again.
    pub(crate) fn is_try_again(&self) -> bool {
        match self {
            Self::Answered { status: 429, .. } => true,
            Self::Answered { status: 409, body, .. } => {
                body["code"] == "0086" || body["code"] == "request_in_flight"
            }
            Self::Answered { .. } | Self::Lost => false,
        }
    }
}

/// One attempt to carry out an intent.
#[derive(Debug, Clone)]
pub(crate) struct Attempt {
    pub(crate) id: AttemptId,
    /// The same for all attempts of one intent.
    pub(crate) intent_id: u64,
    pub(crate) intent: Intent,
    /// The step in which it was sent.
    pub(crate) start: u64,
    /// The step in which its outcome was known.
    pub(crate) end: u64,
    pub(crate) outcome: Outcome,
    /// What the function's clock returned each time, in microseconds since 1970.
    pub(crate) clock: Vec<i64>,
}

impl Attempt {
    /// Whether it stands for a list of several pages, each of which is also an attempt.
    pub(crate) fn is_summary(&self) -> bool {
        self.outcome.done().is_some_and(|body| body["all_pages"].is_array())
    }
}

/// The answer at the end to a question about the past that a client had asked before.
#[derive(Debug, Clone)]
pub(crate) struct FinalAnswer {
    pub(crate) intent: Intent,
    pub(crate) outcome: Outcome,
}

/// A whole run.
#[derive(Debug, Clone, Default)]
pub(crate) struct History {
    /// All attempts while faults were injected, in the order of their outcomes.
    pub(crate) attempts: Vec<Attempt>,
    /// The step in which the last request of an attempt arrived at DynamoDB.
    pub(crate) arrivals: BTreeMap<AttemptId, u64>,
    /// The answers at the end, when no faults were injected any more.
    pub(crate) final_answers: Vec<FinalAnswer>,
    /// The table at the end, each item in the JSON of DynamoDB.
    pub(crate) items: Vec<Value>,
}
