//! What was asked and what was answered.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::proxy::AttemptId;

/// What a client wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Wish {
    /// A transaction. Its description is the tag of the wish, so it is found again.
    Post { tag: String, keyed: bool, pending: bool, value: String, legs: Vec<WishedLeg> },
    /// The commitment (or else the cancellation) of a pending transaction.
    Conclude { transaction: String, commits: bool },
    /// The reversal of a transaction.
    Revert { transaction: String },
    /// A balance under a key that no other wish has.
    Open { account: String, key: String },
    /// A v0 balance, under an idempotency key.
    OpenCredit { name: String },
    /// An account under an alias that no other wish has.
    OpenAccount { alias: String },
    /// The end of an account and of its balances.
    DeleteAccount { account: String },
    /// An overdraft limit that no other wish has.
    Limit { balance: String, limit: String },
    /// The end of a balance.
    Delete { balance: String },
    /// A balance as it is.
    Get { balance: String },
    /// The balances of an account as they are.
    ListAccount { account: String },
    /// All balances of the ledger, page by page.
    PageQuery,
    /// A balance as it was.
    AsOf { balance: String, date: String },
    /// The balances of an account as they were.
    AccountAsOf { account: String, date: String },
    /// The first versions of a balance.
    Versions { balance: String },
    /// A transaction.
    GetTransaction { transaction: String },
}

/// A leg that is wished for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WishedLeg {
    pub(crate) gives: bool,
    pub(crate) alias: String,
    pub(crate) key: String,
    pub(crate) amount: String,
}

impl Wish {
    /// What kind of request it is, for counting.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Post { pending: true, .. } => "post a pending transaction",
            Self::Post { keyed: true, .. } => "post a transaction with a key",
            Self::Post { .. } => "post a transaction without a key",
            Self::Conclude { commits: true, .. } => "commit a transaction",
            Self::Conclude { .. } => "cancel a transaction",
            Self::Revert { .. } => "revert a transaction",
            Self::Open { .. } => "open a balance",
            Self::OpenCredit { .. } => "open a v0 balance",
            Self::OpenAccount { .. } => "open an account",
            Self::DeleteAccount { .. } => "delete an account",
            Self::Limit { .. } => "change a balance",
            Self::Delete { .. } => "delete a balance",
            Self::Get { .. } => "get a balance",
            Self::ListAccount { .. } => "list an account",
            Self::PageQuery => "list the ledger",
            Self::AsOf { .. } => "history of a balance",
            Self::AccountAsOf { .. } => "history of an account",
            Self::Versions { .. } => "list versions",
            Self::GetTransaction { .. } => "get a transaction",
        }
    }
}

/// What became of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// There is an answer.
    Answered { status: u16, retry_after: bool, body: Value },
    /// There is none, for whatever reason.
    Lost,
}

/// For counting.
impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Answered { status, .. } => write!(f, "{status}"),
            Self::Lost => f.write_str("lost"),
        }
    }
}

impl Outcome {
    /// The body of a success.
    pub(crate) fn done(&self) -> Option<&Value> {
        match self {
            Self::Answered { status: 200..=299, body, .. } => Some(body),
            Self::Answered { .. } | Self::Lost => None,
        }
    }

    /// Whether nobody can know if it was done.
    pub(crate) const fn is_unknown(&self) -> bool {
        matches!(self, Self::Lost | Self::Answered { status: 503, .. })
    }

    /// Whether the client is to try again, and was promised that nothing was done.
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

/// One attempt to get a wish fulfilled.
#[derive(Debug, Clone)]
pub(crate) struct Attempt {
    pub(crate) id: AttemptId,
    /// The attempts of one wish have the same number here.
    pub(crate) wish_id: u64,
    pub(crate) wish: Wish,
    /// The step in which it was sent.
    pub(crate) start: u64,
    /// The step in which its outcome was known.
    pub(crate) end: u64,
    pub(crate) outcome: Outcome,
    /// What the function's clock said, in microseconds, each time it was asked.
    pub(crate) clock: Vec<i64>,
}

impl Attempt {
    /// Whether it stands for a walk over several pages, each of which is an attempt as well.
    pub(crate) fn is_summary(&self) -> bool {
        self.outcome.done().is_some_and(|body| body["walk"].is_array())
    }
}

/// The answer to a question about the past that was asked again at the end.
#[derive(Debug, Clone)]
pub(crate) struct FinalAnswer {
    pub(crate) wish: Wish,
    pub(crate) outcome: Outcome,
}

/// A whole run.
#[derive(Debug, Clone, Default)]
pub(crate) struct History {
    /// Everything that was asked while things went wrong, in the order of the answers.
    pub(crate) attempts: Vec<Attempt>,
    /// The step in which the last request of an attempt arrived at DynamoDB.
    pub(crate) arrivals: BTreeMap<AttemptId, u64>,
    /// What was answered at the end, when nothing went wrong any more.
    pub(crate) final_answers: Vec<FinalAnswer>,
    /// The table at the end, each item in the JSON of DynamoDB.
    pub(crate) items: Vec<Value>,
}
