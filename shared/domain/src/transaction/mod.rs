//! Transactions: sets of legs that move one asset between balances and sum to zero.
//!
//! [`portion`] turns what a client asks for into exact amounts, [`movement`] is the arithmetic of
//! one leg on one balance, [`posting`] applies all legs of a step to the balances that were read.
//! All of it is pure: the same balances, legs and time give the same versions.

use std::fmt;
use std::ops::Deref;

use uuid::Uuid;

use crate::account::Alias;
use crate::balance::{BalanceFields, BalanceKey, Direction};
use crate::error::Error;
use crate::idempotency::Fingerprint;
use crate::ledger::asset::AssetCode;
use crate::metadata::Metadata;
use crate::money::amount::Amount;
use crate::money::ids::{AccountId, BalanceId, OperationId, Scope, TransactionId};
use crate::money::text::{Name, Text};
use crate::money::timestamp::Timestamp;

pub mod finalize;
pub mod movement;
mod parties;
pub mod portion;
pub mod post;
pub mod posting;
pub mod read;
pub mod revert;
pub mod update;

/// The most balances that one transaction may change, overdraft balances included.
///
/// One `TransactWriteItems` takes 100 items: two for each balance (its current version and the
/// record of it), one for the transaction, one for its listing item, and one for the
/// transaction that it reverts.
pub const CHANGED_BALANCES_MAX: usize = 48;

/// The most legs that one transaction may have, on both sides together. Several legs may name the
/// same balance; all of them are kept in the transaction's one item of 400 kB.
pub const LEGS_MAX: usize = 100;

/// The status of a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransactionStatus {
    /// Holds are placed; it waits to be committed or canceled.
    Pending,
    /// Done.
    Approved,
    /// Its holds were released.
    Canceled,
    /// An annotation: recorded, and moves nothing.
    Annotation,
}

/// Which side of a transaction a leg is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Value leaves here.
    Source,
    /// Value arrives here.
    Destination,
}

/// The client's description of a leg. It has no effect.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LegLabels {
    /// Free text.
    pub description: Option<Name>,
    /// An account of the client's chart of accounts.
    pub chart_of_accounts: Option<Name>,
    /// The client's route, as text.
    pub route: Option<Text<250>>,
    /// The client's route, by id.
    pub route_id: Option<Uuid>,
    /// The client's metadata.
    pub metadata: Metadata,
}

/// One leg: an amount that leaves a balance or arrives at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leg {
    /// Which side it is on.
    pub side: Side,
    /// The alias of the account.
    pub alias: Alias,
    /// The key of the balance in the account.
    pub key: BalanceKey,
    /// The balance that had the key when the transaction was posted; `None` before. The key may be
    /// another balance's later, and the transaction never moves that one.
    pub balance: Option<BalanceId>,
    /// More than zero.
    pub amount: Amount,
    /// The client's description.
    pub labels: LegLabels,
}

impl Leg {
    /// Whether the leg is on this balance.
    #[must_use]
    pub fn is_on(&self, balance: &BalanceFields) -> bool {
        self.alias == balance.alias
            && self.key == balance.key
            && self.balance.is_none_or(|id| id == balance.id)
    }

    /// How errors name the leg.
    #[must_use]
    pub fn name(&self) -> LegName {
        LegName { side: self.side, alias: self.alias.clone(), key: self.key.clone() }
    }

    /// The refusal if the balance of the leg is not there.
    #[must_use]
    pub fn not_found(&self) -> Error {
        match self.balance {
            None => Error::LegNotFound { leg: self.name() },
            Some(_) => {
                Error::LegBalanceDeleted { alias: self.alias.clone(), key: self.key.clone() }
            }
        }
    }
}

/// A leg, as errors name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LegName {
    /// See [`Leg`].
    pub side: Side,
    /// See [`Leg`].
    pub alias: Alias,
    /// See [`Leg`].
    pub key: BalanceKey,
}

impl fmt::Display for LegName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}, balance {}", self.side, self.alias, self.key)
    }
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Source => "source",
            Self::Destination => "destination",
        })
    }
}

/// A leg that takes more than its balance gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shortfall {
    /// The leg.
    pub leg: LegName,
    /// How much there is; the limit, where the overdraft is too small.
    pub available: Amount,
    /// How much is needed; the overdraft in all, where that is too small.
    pub needed: Amount,
}

/// Why a leg may not take part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Restriction {
    /// The balance may not send.
    Sending,
    /// The balance may not receive.
    Receiving,
    /// The account is blocked.
    Blocked,
    /// The account is closed.
    Closed,
}

/// What an operation did to its balance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OperationType {
    /// Value left.
    Debit,
    /// Value arrived.
    Credit,
    /// Value was reserved.
    OnHold,
    /// A reservation was given back.
    Release,
    /// The overdraft balance followed a change of an overdraft.
    Overdraft,
    /// A debit or a credit, as its direction says, which the client calls a block.
    Block,
    /// A debit or a credit, as its direction says, which the client calls the end of a block.
    Unblock,
}

/// The amounts of a balance before or after an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Amounts {
    /// See [`BalanceFields::available`].
    pub available: Amount,
    /// See [`BalanceFields::on_hold`].
    pub on_hold: Amount,
    /// See [`BalanceFields::overdraft_used`].
    pub overdraft_used: Amount,
    /// See [`BalanceFields::version`].
    pub version: u64,
}

impl Amounts {
    /// The amounts of a balance.
    #[must_use]
    pub fn of(balance: &BalanceFields) -> Self {
        Self {
            available: balance.available.clone(),
            on_hold: balance.on_hold.clone(),
            overdraft_used: balance.overdraft_used.clone(),
            version: balance.version,
        }
    }
}

/// The step of a transaction in which an operation was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// When it was posted.
    Posted,
    /// When it was committed or canceled.
    Finalized,
}

/// What one leg did to one balance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    /// Its id.
    pub id: OperationId,
    /// The step of the transaction.
    pub step: Step,
    /// What it did.
    pub kind: OperationType,
    /// Whether it is a debit or a credit of the balance.
    pub direction: Direction,
    /// How much moved on this balance, zero or more. If a part of the leg moved on the overdraft
    /// balance, that part is another operation, and the two add up to the amount of the leg.
    pub amount: Amount,
    /// The account of the balance.
    pub account: AccountId,
    /// The account's alias.
    pub alias: Alias,
    /// The balance.
    pub balance: BalanceId,
    /// Its key in the account.
    pub key: BalanceKey,
    /// The amounts before. The version is the one that the step found.
    pub before: Amounts,
    /// The amounts after. The version is the one that the step wrote, also where several legs of
    /// the step are on the same balance.
    pub after: Amounts,
    /// Whether it changed the balance; an annotation's does not.
    pub balance_affected: bool,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// The client's description, which is that of the leg.
    pub labels: LegLabels,
    /// What the client has changed of the description since.
    pub amended: Option<Amendment>,
}

/// The description and metadata that a client has given to an operation after it was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Amendment {
    /// Description and metadata now.
    pub notes: Notes,
    /// When they were last changed.
    pub at: Timestamp,
}

impl Operation {
    /// The description and metadata now.
    #[must_use]
    pub fn notes(&self) -> Notes {
        self.amended.as_ref().map_or_else(
            || Notes {
                description: self.labels.description.clone(),
                metadata: self.labels.metadata.clone(),
            },
            |amended| amended.notes.clone(),
        )
    }

    /// When it was last changed.
    #[must_use]
    pub fn updated_at(&self) -> Timestamp {
        self.amended.as_ref().map_or(self.recorded_at, |amended| amended.at)
    }
}

/// The client's classification of a transaction. It has no effect.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TransactionLabels {
    /// The client's group of accounts.
    pub chart_of_accounts_group_name: Option<Name>,
    /// The client's code; stored, not shown.
    pub code: Option<Text<100>>,
    /// The client's route, as text.
    pub route: Option<Text<250>>,
    /// The client's route, by id.
    pub route_id: Option<Uuid>,
}

/// What a client may change after posting: description and metadata.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Notes {
    /// Free text.
    pub description: Option<Name>,
    /// The client's metadata.
    pub metadata: Metadata,
}

/// A set of legs and what it did: [`TransactionFields`] that keep the rules of [`Transaction::new`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transaction(TransactionFields);

impl Deref for Transaction {
    type Target = TransactionFields;

    fn deref(&self) -> &TransactionFields {
        &self.0
    }
}

/// What a transaction consists of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransactionFields {
    /// Its id.
    pub id: TransactionId,
    /// The organization and the ledger that it belongs to.
    pub scope: Scope,
    /// The transaction that this one reverts.
    pub parent: Option<TransactionId>,
    /// The transaction that reverts this one.
    pub reverted_by: Option<TransactionId>,
    /// Its state.
    pub status: TransactionStatus,
    /// Its first status: pending, approved or annotation.
    pub initial_status: TransactionStatus,
    /// The asset that it moves.
    pub asset_code: AssetCode,
    /// The amount that the sources give and the destinations get.
    pub amount: Amount,
    /// Sources, then destinations, in the order of the request.
    pub legs: Vec<Leg>,
    /// What it did, in order.
    pub operations: Vec<Operation>,
    /// The client's description.
    pub labels: TransactionLabels,
    /// The description and metadata as posted, for the answer to a repetition.
    pub first_notes: Notes,
    /// The description and metadata now.
    pub notes: Notes,
    /// The date that the client gave it. It has no effect on history.
    pub transaction_date: Option<Timestamp>,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// How often it was changed: 0 at first, plus exactly 1 per change.
    pub revision: u64,
    /// The fingerprint of the request, which distinguishes a repetition from another request.
    pub fingerprint: Fingerprint,
}

impl TransactionFields {
    /// The time that the transaction shows as its creation: the date that the client gave it, else
    /// when it was recorded.
    #[must_use]
    pub fn created_at(&self) -> Timestamp {
        self.transaction_date.unwrap_or(self.recorded_at)
    }

    /// The time that an operation of this transaction shows as its creation.
    #[must_use]
    pub fn operation_created_at(&self, operation: &Operation) -> Timestamp {
        self.transaction_date.unwrap_or(operation.recorded_at)
    }

    /// The operation with this id.
    #[must_use]
    pub fn operation(&self, id: OperationId) -> Option<&Operation> {
        self.operations.iter().find(|operation| operation.id == id)
    }

    /// The aliases of one side, in the order of the legs, each once.
    #[must_use]
    pub fn aliases(&self, side: Side) -> Vec<&Alias> {
        let mut aliases: Vec<&Alias> = Vec::new();
        for leg in self.legs.iter().filter(|leg| leg.side == side) {
            if !aliases.contains(&&leg.alias) {
                aliases.push(&leg.alias);
            }
        }
        aliases
    }
}

impl Transaction {
    /// A transaction with these fields.
    ///
    /// # Errors
    /// The reason, if the legs of a side do not sum to the amount.
    pub fn new(fields: TransactionFields) -> Result<Self, &'static str> {
        let total = |side: Side| {
            let amounts = fields.legs.iter().filter(|leg| leg.side == side).map(|leg| &leg.amount);
            Amount::sum(amounts).map_err(|_| "a total left its range")
        };
        if total(Side::Source)? != fields.amount {
            return Err("the sources do not give the amount");
        }
        if total(Side::Destination)? != fields.amount {
            return Err("the destinations do not get the amount");
        }
        Ok(Self(fields))
    }

    /// The fields of this transaction.
    #[must_use]
    pub fn into_fields(self) -> TransactionFields {
        self.0
    }

    /// The transaction as it was when it was posted: the answer to a repetition.
    #[must_use]
    pub fn as_posted(&self) -> Self {
        let posted = |operation: &&Operation| operation.step == Step::Posted;
        let as_posted = |operation: &Operation| Operation { amended: None, ..operation.clone() };
        Self(TransactionFields {
            status: self.initial_status,
            operations: self.operations.iter().filter(posted).map(as_posted).collect(),
            reverted_by: None,
            notes: self.first_notes.clone(),
            updated_at: self.recorded_at,
            revision: 0,
            ..self.0.clone()
        })
    }

    /// The transaction after one more change, which is recorded at this moment.
    fn next_revision(&self, at: Timestamp) -> TransactionFields {
        TransactionFields {
            revision: self.revision.saturating_add(1),
            updated_at: at,
            ..self.0.clone()
        }
    }
}
