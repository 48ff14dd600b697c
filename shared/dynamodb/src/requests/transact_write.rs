//! Writing several items, all or none.
//!
//! Every write of this store is a `TransactWriteItems`, also of a single item: only a transaction
//! carries a token, and only the token makes it safe to send a request again whose answer got lost.
//! The client repeats the identical request with the same token while the outcome is unknown. A
//! transaction that DynamoDB canceled has written nothing, so the next attempt is a new transaction
//! with a new token.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{
    AttributeValue, CancellationReason, ConditionCheck, Delete, Put,
    ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
};
use subledger::error::Error;
use subledger::money::ids::{AssetId, BalanceId};
use uuid::Uuid;

use crate::requests::failure::{self, Failure};
use crate::requests::table::Table;
use crate::schema::item::{Attributes, ITEM_BYTES_MAX, Item};
use crate::schema::items::counter::{CLOSED, COUNTS};
use crate::schema::keys::{ID, Key, PK, REVISION, StoredKey, VERSION};

/// How often a transaction is tried that conflicts with others. With the delays between the
/// attempts that takes 1.4 seconds at most, and half of it on average.
const ATTEMPTS_MAX: u32 = 8;

/// A write that replaces what was read is given up at its first conflict. A conflict means that
/// another transaction is writing one of the items. If it succeeds, the versions to be replaced are
/// outdated, and a second attempt would cost its write units only to learn that. Reading again
/// costs a fraction and is needed anyway.
pub(crate) const CONFLICTS_MAX: u32 = 1;

/// How much one `TransactWriteItems` writes at most, in bytes: DynamoDB takes 4 MB.
const WRITE_BYTES_MAX: usize = 4_000_000;

/// The code of a part of a transaction whose condition failed.
const CONDITION_FAILED: &str = "ConditionalCheckFailed";

/// Writes that happen together. Each has a name, which a failed condition reports. Put them in
/// order of precedence.
#[derive(Debug)]
pub(crate) struct TransactWrite<W> {
    writes: Vec<(W, Write)>,
}

#[derive(Debug, Clone)]
struct Write {
    action: Action,
    condition: Condition,
    /// Whether a failed condition returns the existing item.
    return_old_item: bool,
}

#[derive(Debug, Clone)]
enum Action {
    /// Puts the item.
    Put(Item),
    /// Deletes the item at the key.
    Delete(StoredKey),
    /// Only checks the condition on the item at the key.
    Nothing(StoredKey),
    /// Changes a shard of a counter, which may not be there yet.
    Count(StoredKey, CounterChange),
}

/// A change of a shard of a counter.
#[derive(Debug, Clone)]
pub(crate) enum CounterChange {
    /// Adds to the counts in these attributes.
    Add(Vec<(&'static str, i64)>),
    /// Closes it: nothing more is created on its owner.
    Close,
    /// Opens it again.
    Open,
}

impl CounterChange {
    fn expression(&self) -> String {
        match self {
            Self::Add(counts) => {
                let all: Vec<String> =
                    counts.iter().map(|(name, _)| format!("{name} :{name}")).collect();
                format!("ADD {}", all.join(", "))
            }
            Self::Close => format!("SET {CLOSED} = :closed"),
            Self::Open => format!("REMOVE {CLOSED}"),
        }
    }

    fn values(&self) -> Attributes {
        match self {
            Self::Add(counts) => {
                let number = |by: &i64| AttributeValue::N(by.to_string());
                counts.iter().map(|(name, by)| (format!(":{name}"), number(by))).collect()
            }
            Self::Close => HashMap::from([(":closed".to_owned(), AttributeValue::Bool(true))]),
            Self::Open => Attributes::new(),
        }
    }
}

impl Action {
    const fn item(&self) -> Option<&Item> {
        match self {
            Self::Put(item) => Some(item),
            Self::Delete(_) | Self::Nothing(_) | Self::Count(..) => None,
        }
    }
}

/// The condition of a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Condition {
    /// No item with the key exists, or has ever existed.
    Absent,
    /// No item with the key exists now. One may have existed before, and an existing one may be
    /// deleted.
    AbsentNow,
    /// An item with the key exists.
    Present,
    /// The item has this revision.
    Revision(u64),
    /// The asset has this id and this revision. Another one may have its key.
    AssetRevision(AssetId, u64),
    /// The balance has this id and this version.
    Version(BalanceId, u64),
    /// The shard of a counter is not closed.
    Open,
    /// The shard of a counter counts nothing.
    CountsNothing,
    /// None: the write always happens.
    Unconditional,
}

impl Condition {
    fn expression(self) -> Option<String> {
        Some(match self {
            Self::Absent | Self::AbsentNow => format!("attribute_not_exists({PK})"),
            Self::Present => format!("attribute_exists({PK})"),
            Self::Revision(_) => format!("{REVISION} = :revision"),
            Self::AssetRevision(..) => format!("{REVISION} = :revision AND {ID} = :id"),
            Self::Version(..) => format!("{VERSION} = :version AND {ID} = :id"),
            Self::Open => format!("attribute_not_exists({CLOSED})"),
            Self::CountsNothing => {
                let is_zero =
                    |name: &&str| format!("(attribute_not_exists({name}) OR {name} = :zero)");
                COUNTS.iter().map(is_zero).collect::<Vec<_>>().join(" AND ")
            }
            Self::Unconditional => return None,
        })
    }

    /// Whether the condition may hold after it has failed: revisions and versions only grow.
    const fn may_hold_again(self) -> bool {
        match self {
            Self::AbsentNow
            | Self::Present
            | Self::Open
            | Self::CountsNothing
            | Self::Unconditional => true,
            Self::Absent | Self::Revision(_) | Self::AssetRevision(..) | Self::Version(..) => false,
        }
    }

    fn values(self) -> Option<Attributes> {
        let number =
            |name: &str, number: u64| (name.to_owned(), AttributeValue::N(number.to_string()));
        match self {
            Self::Absent | Self::AbsentNow | Self::Present | Self::Open | Self::Unconditional => {
                None
            }
            Self::CountsNothing => Some(HashMap::from([number(":zero", 0)])),
            Self::Revision(revision) => Some(HashMap::from([number(":revision", revision)])),
            Self::AssetRevision(id, revision) => Some(HashMap::from([
                number(":revision", revision),
                (":id".to_owned(), AttributeValue::S(id.to_string())),
            ])),
            Self::Version(id, version) => Some(HashMap::from([
                number(":version", version),
                (":id".to_owned(), AttributeValue::S(id.to_string())),
            ])),
        }
    }
}

/// What became of a transaction.
#[derive(Debug)]
pub(crate) enum Outcome<W> {
    /// Everything was written.
    Written,
    /// Nothing was written because these conditions failed, at least one, in the order of the
    /// writes.
    ConditionsFailed(Vec<FailedCondition<W>>),
}

/// A condition that failed.
#[derive(Debug)]
pub(crate) struct FailedCondition<W> {
    /// The write that had it.
    pub(crate) write: W,
    /// The existing item, for [`TransactWrite::put_if_absent_returning`].
    pub(crate) stored: Option<Item>,
}

/// Why a transaction was canceled.
#[derive(Debug)]
enum Cancellation<W> {
    /// Conditions failed.
    ConditionsFailed(Vec<FailedCondition<W>>),
    /// There was a conflict with another transaction.
    Conflict,
    /// It was throttled.
    Throttled,
    /// Anything else.
    Other,
}

impl<W: Copy> TransactWrite<W> {
    pub(crate) fn new() -> Self {
        Self { writes: Vec::new() }
    }

    /// Puts an item if none with its key has ever existed.
    pub(crate) fn put_if_absent(self, write: W, item: Item) -> Self {
        self.put(write, item, Condition::Absent)
    }

    /// Puts an item if none with its key has ever existed. If one does, the failed condition
    /// returns it, which saves reading it.
    pub(crate) fn put_if_absent_returning(mut self, write: W, item: Item) -> Self {
        let action = Action::Put(item);
        self.writes
            .push((write, Write { action, condition: Condition::Absent, return_old_item: true }));
        self
    }

    /// Puts an item if none with its key exists now.
    pub(crate) fn put_if_absent_now(self, write: W, item: Item) -> Self {
        self.put(write, item, Condition::AbsentNow)
    }

    /// Puts an item under a condition.
    pub(crate) fn put(self, write: W, item: Item, condition: Condition) -> Self {
        self.with(write, Action::Put(item), condition)
    }

    /// Deletes an item under a condition.
    pub(crate) fn delete(self, write: W, key: &Key<'_>, condition: Condition) -> Self {
        self.with(write, Action::Delete(key.stored()), condition)
    }

    /// Checks a condition on an item without writing it.
    pub(crate) fn check(self, write: W, key: &Key<'_>, condition: Condition) -> Self {
        self.with(write, Action::Nothing(key.stored()), condition)
    }

    /// Changes a shard of a counter under a condition.
    pub(crate) fn count(
        self,
        write: W,
        key: &Key<'_>,
        change: CounterChange,
        condition: Condition,
    ) -> Self {
        self.with(write, Action::Count(key.stored(), change), condition)
    }

    fn with(mut self, write: W, action: Action, condition: Condition) -> Self {
        self.writes.push((write, Write { action, condition, return_old_item: false }));
        self
    }

    /// Refuses a transaction that is too large for DynamoDB.
    fn check_size(&self) -> Result<(), Error> {
        let puts = || self.writes.iter().filter_map(|(_, write)| write.action.item());
        let all = puts().map(Item::bytes).fold(0, usize::saturating_add);
        if puts().any(|item| item.bytes() > ITEM_BYTES_MAX) || all > WRITE_BYTES_MAX {
            return Err(Error::WriteTooLarge);
        }
        Ok(())
    }

    /// Reads the reasons of a cancellation, which are in the order of the writes.
    ///
    /// A failed condition counts only without conflicts: the condition of a write with a conflict
    /// was not checked, and it might have failed with precedence. A failed condition that may hold
    /// again does not count if the transaction was sent before, because the first sending may still
    /// be carried out.
    fn cancellation(
        &self,
        reasons: &[CancellationReason],
        follows_unknown: bool,
    ) -> Cancellation<W> {
        let is = |codes: &[&str]| {
            let mut found = reasons.iter().filter_map(|reason| reason.code());
            found.any(|code| codes.contains(&code))
        };
        if is(&["TransactionConflict"]) {
            return Cancellation::Conflict;
        }
        if is(&["ThrottlingError", "ProvisionedThroughputExceeded"]) {
            return Cancellation::Throttled;
        }
        let failed = || {
            std::iter::zip(&self.writes, reasons)
                .filter(|(_, reason)| reason.code() == Some(CONDITION_FAILED))
        };
        let is_final = |condition: Condition| !follows_unknown || !condition.may_hold_again();
        if !failed().any(|((_, write), _)| is_final(write.condition)) {
            return Cancellation::Other;
        }
        let failed_condition = |((write, _), reason): (&(W, Write), &CancellationReason)| {
            FailedCondition { write: *write, stored: reason.item.clone().map(Item) }
        };
        Cancellation::ConditionsFailed(failed().map(failed_condition).collect())
    }
}

impl Table {
    /// Writes everything or nothing.
    ///
    /// # Errors
    /// [`Error::WriteTooLarge`] and [`Error::ClockWrong`]; [`Error::Contended`] and
    /// [`Error::Throttled`] after [`ATTEMPTS_MAX`] attempts, all four with nothing written;
    /// [`Error::Unavailable`] otherwise.
    pub(crate) async fn write_all<W: Copy>(
        &self,
        transaction: &TransactWrite<W>,
    ) -> Result<Outcome<W>, Error> {
        self.write_unless_conflicts(transaction, ATTEMPTS_MAX).await
    }

    /// Writes everything, or writes nothing and returns `false` if what is replaced has changed
    /// since it was read, or is being changed.
    ///
    /// # Errors
    /// Those of [`Table::write_all`], but for [`Error::Contended`].
    pub(crate) async fn write_if_current<W: Copy>(
        &self,
        transaction: &TransactWrite<W>,
    ) -> Result<bool, Error> {
        match self.write_unless_conflicts(transaction, CONFLICTS_MAX).await {
            Ok(Outcome::Written) => Ok(true),
            Ok(Outcome::ConditionsFailed(_)) | Err(Error::Contended) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Writes everything or nothing, and gives up after this many conflicts with other
    /// transactions.
    ///
    /// # Errors
    /// Those of [`Table::write_all`].
    pub(crate) async fn write_unless_conflicts<W: Copy>(
        &self,
        transaction: &TransactWrite<W>,
        conflicts_max: u32,
    ) -> Result<Outcome<W>, Error> {
        transaction.check_size()?;
        self.client.check_clock()?;
        let mut conflicts: u32 = 0;
        let mut last = Error::Contended;
        for attempts_before in 0..ATTEMPTS_MAX {
            self.client.wait_to_retry(attempts_before).await;
            let Err(failure) = self.write_once(transaction).await else {
                return Ok(Outcome::Written);
            };
            let Some(reasons) = failure.reasons() else {
                return Err(failure::of_request(failure));
            };
            last = match transaction.cancellation(reasons, failure.follows_unknown()) {
                Cancellation::ConditionsFailed(failed) => {
                    return Ok(Outcome::ConditionsFailed(failed));
                }
                Cancellation::Conflict => {
                    conflicts = conflicts.saturating_add(1);
                    if conflicts >= conflicts_max {
                        return Err(Error::Contended);
                    }
                    Error::Contended
                }
                Cancellation::Throttled => Error::Throttled,
                Cancellation::Other => return Err(failure::of_request(failure)),
            };
            tracing::debug!(attempts_before, "a transaction was canceled");
        }
        Err(last)
    }

    async fn write_once<W: Copy>(&self, transaction: &TransactWrite<W>) -> Result<(), Failure> {
        let items = transaction.writes.iter().map(|(_, write)| self.item(write)).collect();
        #[expect(clippy::disallowed_methods, reason = "it carries a token")]
        let request = self
            .client
            .sdk()
            .transact_write_items()
            .set_transact_items(Some(items))
            .client_request_token(Uuid::now_v7().to_string())
            .return_consumed_capacity(self.capacity_wanted());
        let attempt = || async { request.clone().send().await.map_err(Failure::of_transaction) };
        let answer = self.client.send(attempt).await?;
        self.count_write(answer.consumed_capacity());
        Ok(())
    }

    #[expect(clippy::expect_used, reason = "a builder fails without what is set right here")]
    fn item(&self, write: &Write) -> TransactWriteItem {
        let (condition, values) = (write.condition.expression(), write.condition.values());
        let item = TransactWriteItem::builder();
        match &write.action {
            Action::Put(stored) => {
                let return_old_item =
                    write.return_old_item.then_some(ReturnValuesOnConditionCheckFailure::AllOld);
                let put = Put::builder()
                    .table_name(&*self.name)
                    .set_item(Some(stored.0.clone()))
                    .set_condition_expression(condition)
                    .set_expression_attribute_values(values)
                    .set_return_values_on_condition_check_failure(return_old_item);
                item.put(put.build().expect("table and item are set"))
            }
            Action::Delete(key) => {
                let delete = Delete::builder()
                    .table_name(&*self.name)
                    .set_key(Some(key.clone().into_attributes()))
                    .set_condition_expression(condition)
                    .set_expression_attribute_values(values);
                item.delete(delete.build().expect("table and key are set"))
            }
            Action::Nothing(key) => {
                let check = ConditionCheck::builder()
                    .table_name(&*self.name)
                    .set_key(Some(key.clone().into_attributes()))
                    .set_condition_expression(condition)
                    .set_expression_attribute_values(values);
                item.condition_check(check.build().expect("table, key and condition are set"))
            }
            Action::Count(key, change) => {
                let mut all = change.values();
                all.extend(values.unwrap_or_default());
                let update = Update::builder()
                    .table_name(&*self.name)
                    .set_key(Some(key.clone().into_attributes()))
                    .update_expression(change.expression())
                    .set_condition_expression(condition)
                    // An empty map is refused.
                    .set_expression_attribute_values(Some(all).filter(|all| !all.is_empty()));
                item.update(update.build().expect("table, key and expression are set"))
            }
        }
        .build()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{at, somewhere};

    fn canceled(codes: [&str; 3]) -> Cancellation<char> {
        let transaction = ['a', 'b', 'c']
            .into_iter()
            .fold(TransactWrite::new(), |all, write| all.put_if_absent(write, at(&somewhere())));
        let reasons = codes.map(|code| {
            let item = (code == CONDITION_FAILED).then(|| at(&somewhere()).0);
            CancellationReason::builder().code(code).set_item(item).build()
        });
        transaction.cancellation(&reasons, false)
    }

    #[test]
    fn failed_conditions_name_their_writes_in_order_and_bring_the_stored_item() {
        let failed = "ConditionalCheckFailed";
        let Cancellation::ConditionsFailed(failed) = canceled(["None", failed, failed]) else {
            panic!("not refused");
        };
        assert_eq!(failed.iter().map(|condition| condition.write).collect::<String>(), "bc");
        assert!(failed.iter().all(|condition| condition.stored.is_some()));
    }

    #[test]
    fn a_conflict_hides_every_other_reason() {
        let failed = "ConditionalCheckFailed";
        assert!(matches!(
            canceled(["TransactionConflict", failed, "None"]),
            Cancellation::Conflict
        ));
        assert!(matches!(
            canceled([failed, "ThrottlingError", "TransactionConflict"]),
            Cancellation::Conflict
        ));
    }

    #[test]
    fn throttling_hides_refusals() {
        for code in ["ThrottlingError", "ProvisionedThroughputExceeded"] {
            let reasons = ["ConditionalCheckFailed", "None", code];
            assert!(matches!(canceled(reasons), Cancellation::Throttled), "{code}");
        }
    }

    #[test]
    fn what_is_not_known_is_not_retried() {
        for code in ["ValidationError", "ItemCollectionSizeLimitExceeded", "Else", "None"] {
            assert!(matches!(canceled(["None", code, "None"]), Cancellation::Other), "{code}");
        }
    }
}
