//! Transactions as they are stored: one item each, with its legs and operations.
//!
//! The item is written on every step and paid by the kilobyte, so nothing stands in it twice. An
//! operation names its leg and repeats of it only what differs: alias, key and labels are the leg's,
//! and the time is that of its step.

use serde::{Deserialize, Serialize};
use subledger::account::Alias;
use subledger::amount::Amount;
use subledger::asset::AssetCode;
use subledger::balance::{BalanceKey, Direction};
use subledger::error::Error;
use subledger::idempotency::Fingerprint;
use subledger::ids::{
    AccountId, BalanceId, LedgerId, OperationId, OrganizationId, Scope, TransactionId,
};
use subledger::text::{Name, Text};
use subledger::timestamp::Timestamp;
use subledger::transaction::{
    Amounts, Leg, LegLabels, Notes, Operation, OperationType, Side, Step, Transaction,
    TransactionLabels, TransactionStatus,
};
use uuid::Uuid;

use crate::attribute::{AsBoolean, AsList, AsMap, AsNumber, AsText};
use crate::item::{self, ITEM_BYTES_MAX, Item};
use crate::keys::Key;
use crate::metadata_attribute::MetadataAttribute;

/// The most bytes by which the next step of a transaction lengthens its item for each leg: an
/// operation on its balance and one on the companion, each with seven amounts of 64 digits on both
/// sides of the point.
const STEP_BYTES_PER_LEG: usize = 2 * 1_300;
/// The most bytes by which an item becomes longer without an operation: other words for its status
/// and times, and the transaction that reverts it.
const STEP_BYTES: usize = 256;

#[derive(Serialize, Deserialize)]
struct TransactionRow {
    organization: AsText<OrganizationId>,
    ledger: AsText<LedgerId>,
    id: AsText<TransactionId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    parent: Option<AsText<TransactionId>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reverted_by: Option<AsText<TransactionId>>,
    status: AsText<TransactionStatus>,
    /// Where it is not the status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    initial_status: Option<AsText<TransactionStatus>>,
    asset: AsText<AssetCode>,
    amount: AsText<Amount>,
    sources: AsList<Vec<AsMap<LegAttribute>>>,
    destinations: AsList<Vec<AsMap<LegAttribute>>>,
    operations: AsList<Vec<AsMap<OperationAttribute>>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    chart_group: Option<AsText<Name>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    code: Option<AsText<Text<100>>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    route: Option<AsText<Text<250>>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    route_id: Option<AsText<Uuid>>,
    #[serde(default, skip_serializing_if = "NotesAttribute::is_empty")]
    notes: AsMap<NotesAttribute>,
    /// Where they are not the notes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    first_notes: Option<AsMap<NotesAttribute>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    transaction_date: Option<AsText<Timestamp>>,
    recorded_at: AsText<Timestamp>,
    /// When it was committed or canceled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    concluded_at: Option<AsText<Timestamp>>,
    /// Where it is not when it was recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    updated_at: Option<AsText<Timestamp>>,
    revision: AsNumber<u64>,
    fingerprint: AsText<Fingerprint>,
}

#[derive(Serialize, Deserialize)]
struct LegAttribute {
    alias: AsText<Alias>,
    key: AsText<BalanceKey>,
    amount: AsText<Amount>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    description: Option<AsText<Name>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    chart: Option<AsText<Name>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    route: Option<AsText<Text<250>>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    route_id: Option<AsText<Uuid>>,
    #[serde(default, skip_serializing_if = "MetadataAttribute::is_empty")]
    metadata: MetadataAttribute,
}

/// Available, on hold, overdraft used.
type AmountsAttribute = AsList<(AsText<Amount>, AsText<Amount>, AsText<Amount>)>;

#[derive(Serialize, Deserialize)]
struct OperationAttribute {
    id: AsText<OperationId>,
    /// The place of its leg: sources from 0, then destinations.
    leg: AsNumber<usize>,
    kind: AsText<OperationType>,
    /// Where it is not the leg's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    direction: Option<AsText<Direction>>,
    /// Where it is not the leg's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    amount: Option<AsText<Amount>>,
    account: AsText<AccountId>,
    balance: AsText<BalanceId>,
    before: AmountsAttribute,
    after: AmountsAttribute,
    /// The version before. The one after is the next; the same where nothing was changed.
    version: AsNumber<u64>,
    /// Where it only says what would have been done.
    #[serde(default, skip_serializing_if = "is_false")]
    unaffected: AsBoolean<bool>,
    /// Where it was not made when the transaction was posted.
    #[serde(default, skip_serializing_if = "is_false")]
    concluded: AsBoolean<bool>,
}

#[derive(Default, Serialize, Deserialize)]
struct NotesAttribute {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    description: Option<AsText<Name>>,
    #[serde(default, skip_serializing_if = "MetadataAttribute::is_empty")]
    metadata: MetadataAttribute,
}

impl NotesAttribute {
    fn is_empty(AsMap(notes): &AsMap<Self>) -> bool {
        notes.description.is_none() && notes.metadata.is_empty()
    }

    fn into_notes(self) -> Result<Notes, String> {
        let description = self.description.map(|AsText(text)| text);
        Ok(Notes { description, metadata: self.metadata.into_metadata()? })
    }
}

impl From<&Notes> for NotesAttribute {
    fn from(notes: &Notes) -> Self {
        Self {
            description: notes.description.clone().map(AsText),
            metadata: MetadataAttribute::from(&notes.metadata),
        }
    }
}

const fn is_false(AsBoolean(flag): &AsBoolean<bool>) -> bool {
    !*flag
}

/// The item of a transaction.
///
/// # Errors
/// [`Error::WriteTooLarge`] for one that does not fit, or whose next step would not;
/// [`Error::Corrupt`] for one that does not add up.
pub(crate) fn write(transaction: &Transaction) -> Result<Item, Error> {
    let key = Key::Transaction(transaction.id);
    let corrupt = |reason: &'static str| item::corrupt(key.to_string(), &reason);
    transaction.check().map_err(corrupt)?;
    let concluded_at = concluded_at(transaction);
    let operations: Result<_, &str> = transaction
        .operations
        .iter()
        .map(|operation| write_operation(transaction, concluded_at, operation).map(AsMap))
        .collect();
    let row = TransactionRow {
        organization: AsText(transaction.scope.organization),
        ledger: AsText(transaction.scope.ledger),
        id: AsText(transaction.id),
        parent: transaction.parent.map(AsText),
        reverted_by: transaction.reverted_by.map(AsText),
        status: AsText(transaction.status),
        initial_status: other_than(&transaction.initial_status, &transaction.status),
        asset: AsText(transaction.asset_code.clone()),
        amount: AsText(transaction.amount.clone()),
        sources: write_legs(transaction, Side::Source),
        destinations: write_legs(transaction, Side::Destination),
        operations: operations.map_err(corrupt)?,
        chart_group: transaction.labels.chart_of_accounts_group_name.clone().map(AsText),
        code: transaction.labels.code.clone().map(AsText),
        route: transaction.labels.route.clone().map(AsText),
        route_id: transaction.labels.route_id.map(AsText),
        notes: AsMap(NotesAttribute::from(&transaction.notes)),
        first_notes: (transaction.first_notes != transaction.notes)
            .then(|| AsMap(NotesAttribute::from(&transaction.first_notes))),
        transaction_date: transaction.transaction_date.map(AsText),
        recorded_at: AsText(transaction.recorded_at),
        concluded_at: concluded_at.map(AsText),
        updated_at: other_than(&transaction.updated_at, &transaction.recorded_at),
        revision: AsNumber(transaction.revision),
        fingerprint: AsText(transaction.fingerprint),
    };
    let item = Item::write(&key, &row)?;
    let reserved = match transaction.status {
        TransactionStatus::Pending => transaction.legs.len().saturating_mul(STEP_BYTES_PER_LEG),
        TransactionStatus::Approved | TransactionStatus::Canceled | TransactionStatus::Noted => 0,
    };
    let reserved = reserved.saturating_add(STEP_BYTES);
    let fits = |bytes: usize| bytes.saturating_add(reserved) <= ITEM_BYTES_MAX;
    if fits(item.bytes_max()) || fits(item.bytes()) { Ok(item) } else { Err(Error::WriteTooLarge) }
}

/// The value, where it is not the usual one.
fn other_than<T: Copy + PartialEq>(value: &T, usual: &T) -> Option<AsText<T>> {
    (value != usual).then_some(AsText(*value))
}

/// When the operations of the second step were recorded.
fn concluded_at(transaction: &Transaction) -> Option<Timestamp> {
    let mut operations = transaction.operations.iter();
    operations.find(|operation| operation.step == Step::Concluded).map(|it| it.recorded_at)
}

fn write_legs(transaction: &Transaction, side: Side) -> AsList<Vec<AsMap<LegAttribute>>> {
    let legs = transaction.legs.iter().filter(|leg| leg.side == side);
    let attributes = legs.map(|leg| LegAttribute {
        alias: AsText(leg.alias.clone()),
        key: AsText(leg.key.clone()),
        amount: AsText(leg.amount.clone()),
        description: leg.labels.description.clone().map(AsText),
        chart: leg.labels.chart_of_accounts.clone().map(AsText),
        route: leg.labels.route.clone().map(AsText),
        route_id: leg.labels.route_id.map(AsText),
        metadata: MetadataAttribute::from(&leg.labels.metadata),
    });
    attributes.map(AsMap).collect()
}

fn write_operation(
    transaction: &Transaction,
    concluded_at: Option<Timestamp>,
    operation: &Operation,
) -> Result<OperationAttribute, &'static str> {
    // Sources stand in front of destinations, so the place in the item is the place in the legs.
    let (at, leg) = transaction
        .legs
        .iter()
        .enumerate()
        .find(|(_, leg)| {
            leg.alias == operation.alias
                && key_of(leg, operation.kind) == operation.key
                && leg.labels == operation.labels
        })
        .ok_or("an operation belongs to no leg")?;
    let recorded_at = recorded_at(operation.step, transaction.recorded_at, concluded_at);
    if recorded_at != Some(operation.recorded_at) {
        return Err("an operation was not recorded with its step");
    }
    let version = version_after(operation.before.version, operation.balance_affected);
    if version != operation.after.version {
        return Err("an operation does not lead to the next version");
    }
    let usual = direction_of(leg.side);
    Ok(OperationAttribute {
        id: AsText(operation.id),
        leg: AsNumber(at),
        kind: AsText(operation.kind),
        direction: other_than(&operation.direction, &usual),
        amount: (operation.amount != leg.amount).then(|| AsText(operation.amount.clone())),
        account: AsText(operation.account),
        balance: AsText(operation.balance),
        before: write_amounts(&operation.before),
        after: write_amounts(&operation.after),
        version: AsNumber(operation.before.version),
        unaffected: AsBoolean(!operation.balance_affected),
        concluded: AsBoolean(operation.step == Step::Concluded),
    })
}

/// Which balance of the leg's account an operation of this type is on.
fn key_of(leg: &Leg, kind: OperationType) -> BalanceKey {
    match kind {
        OperationType::Overdraft => BalanceKey::overdraft(),
        OperationType::Debit
        | OperationType::Credit
        | OperationType::OnHold
        | OperationType::Release => leg.key.clone(),
    }
}

/// The usual direction of an operation of a leg on this side.
const fn direction_of(side: Side) -> Direction {
    match side {
        Side::Source => Direction::Debit,
        Side::Destination => Direction::Credit,
    }
}

const fn recorded_at(
    step: Step,
    posted_at: Timestamp,
    concluded_at: Option<Timestamp>,
) -> Option<Timestamp> {
    match step {
        Step::Posted => Some(posted_at),
        Step::Concluded => concluded_at,
    }
}

const fn version_after(version: u64, affected: bool) -> u64 {
    if affected { version.saturating_add(1) } else { version }
}

fn write_amounts(amounts: &Amounts) -> AmountsAttribute {
    AsList((
        AsText(amounts.available.clone()),
        AsText(amounts.on_hold.clone()),
        AsText(amounts.overdraft_used.clone()),
    ))
}

fn read_amounts(amounts: AmountsAttribute, version: u64) -> Amounts {
    let AsList((AsText(available), AsText(on_hold), AsText(overdraft_used))) = amounts;
    Amounts { available, on_hold, overdraft_used, version }
}

/// The transaction of an item.
pub(crate) fn read(item: &Item) -> Result<Transaction, Error> {
    let (here, row): (_, TransactionRow) = item.read()?;
    let transaction = into_transaction(row).map_err(|reason| item.corrupt(&reason))?;
    item.expect_at(&here, &[Key::Transaction(transaction.id)])?;
    transaction.check().map_err(|reason| item.corrupt(&reason))?;
    Ok(transaction)
}

fn into_transaction(row: TransactionRow) -> Result<Transaction, String> {
    let AsText(recorded_at) = row.recorded_at;
    let concluded_at = row.concluded_at.map(|AsText(at)| at);
    let sources = row.sources.0.into_iter().map(|leg| read_leg(leg, Side::Source));
    let destinations = row.destinations.0.into_iter().map(|leg| read_leg(leg, Side::Destination));
    let legs: Vec<Leg> = sources.chain(destinations).collect::<Result<_, _>>()?;
    let operations: Result<_, String> = row
        .operations
        .0
        .into_iter()
        .map(|operation| read_operation(&legs, recorded_at, concluded_at, operation))
        .collect();
    let operations = operations?;
    let notes = row.notes.0.into_notes()?;
    Ok(Transaction {
        id: row.id.0,
        scope: Scope { organization: row.organization.0, ledger: row.ledger.0 },
        parent: row.parent.map(|AsText(id)| id),
        reverted_by: row.reverted_by.map(|AsText(id)| id),
        status: row.status.0,
        initial_status: row.initial_status.unwrap_or(row.status).0,
        asset_code: row.asset.0,
        amount: row.amount.0,
        legs,
        operations,
        labels: TransactionLabels {
            chart_of_accounts_group_name: row.chart_group.map(|AsText(text)| text),
            code: row.code.map(|AsText(text)| text),
            route: row.route.map(|AsText(text)| text),
            route_id: row.route_id.map(|AsText(id)| id),
        },
        first_notes: match row.first_notes {
            Some(AsMap(first)) => first.into_notes()?,
            None => notes.clone(),
        },
        notes,
        transaction_date: row.transaction_date.map(|AsText(date)| date),
        recorded_at,
        updated_at: row.updated_at.map_or(recorded_at, |AsText(at)| at),
        revision: row.revision.0,
        fingerprint: row.fingerprint.0,
    })
}

fn read_leg(AsMap(leg): AsMap<LegAttribute>, side: Side) -> Result<Leg, String> {
    Ok(Leg {
        side,
        alias: leg.alias.0,
        key: leg.key.0,
        amount: leg.amount.0,
        labels: LegLabels {
            description: leg.description.map(|AsText(text)| text),
            chart_of_accounts: leg.chart.map(|AsText(text)| text),
            route: leg.route.map(|AsText(text)| text),
            route_id: leg.route_id.map(|AsText(id)| id),
            metadata: leg.metadata.into_metadata()?,
        },
    })
}

fn read_operation(
    legs: &[Leg],
    posted_at: Timestamp,
    concluded_at: Option<Timestamp>,
    AsMap(row): AsMap<OperationAttribute>,
) -> Result<Operation, String> {
    let leg = legs.get(row.leg.0).ok_or("an operation names a leg that is not there")?;
    let step = if row.concluded.0 { Step::Concluded } else { Step::Posted };
    let recorded_at = recorded_at(step, posted_at, concluded_at);
    let balance_affected = !row.unaffected.0;
    Ok(Operation {
        id: row.id.0,
        step,
        kind: row.kind.0,
        direction: row.direction.map_or(direction_of(leg.side), |AsText(direction)| direction),
        amount: row.amount.map_or_else(|| leg.amount.clone(), |AsText(amount)| amount),
        account: row.account.0,
        alias: leg.alias.clone(),
        balance: row.balance.0,
        key: key_of(leg, row.kind.0),
        before: read_amounts(row.before, row.version.0),
        after: read_amounts(row.after, version_after(row.version.0, balance_affected)),
        balance_affected,
        recorded_at: recorded_at.ok_or("an operation was made in a step that was not taken")?,
        labels: leg.labels.clone(),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::samples;

    /// Sixty digits.
    const DIGITS: &str = "123456789012345678901234567890.123456789012345678901234567899";

    fn labels() -> LegLabels {
        LegLabels {
            description: Some(Name::parse("rent").unwrap()),
            chart_of_accounts: Some(Name::parse("1.2").unwrap()),
            route: Some(Text::parse("out").unwrap()),
            route_id: Some(samples::uuid(70)),
            metadata: samples::metadata(),
        }
    }

    /// A pending transaction with everything that one can have, and committed.
    fn full() -> Transaction {
        let posted = samples::transaction();
        let at = samples::moment(9);
        let mut legs = posted.legs.clone();
        legs.iter_mut().for_each(|leg| leg.labels = labels());
        let mut operations = posted.operations.clone();
        operations.iter_mut().for_each(|operation| operation.labels = labels());
        let [held, settled] = [OperationType::OnHold, OperationType::Debit];
        let first = operations[0].clone();
        operations[0].kind = held;
        operations[1] = Operation {
            id: OperationId::new(samples::uuid(30)),
            kind: OperationType::Overdraft,
            direction: Direction::Credit,
            amount: samples::amount(DIGITS),
            key: BalanceKey::overdraft(),
            ..operations[0].clone()
        };
        operations.push(Operation {
            id: OperationId::new(samples::uuid(40)),
            kind: settled,
            step: Step::Concluded,
            recorded_at: at,
            ..first
        });
        Transaction {
            parent: Some(TransactionId::new(samples::uuid(60))),
            reverted_by: Some(TransactionId::new(samples::uuid(61))),
            initial_status: TransactionStatus::Pending,
            legs,
            operations,
            labels: TransactionLabels {
                chart_of_accounts_group_name: Some(Name::parse("FUNDING").unwrap()),
                code: Some(Text::parse("TR1").unwrap()),
                route: Some(Text::parse("in").unwrap()),
                route_id: Some(samples::uuid(71)),
            },
            first_notes: Notes::default(),
            notes: Notes {
                description: Some(Name::parse("March").unwrap()),
                metadata: samples::metadata(),
            },
            transaction_date: Some(samples::moment(2)),
            updated_at: at,
            revision: 2,
            ..posted
        }
    }

    #[test]
    fn a_transaction_is_read_as_it_was_written() {
        let mut annotation = samples::transaction();
        annotation.status = TransactionStatus::Noted;
        annotation.initial_status = TransactionStatus::Noted;
        for operation in &mut annotation.operations {
            operation.balance_affected = false;
            operation.after = operation.before.clone();
        }
        for transaction in [samples::transaction(), full(), annotation] {
            assert_eq!(read(&write(&transaction).unwrap()).unwrap(), transaction);
        }
    }

    #[test]
    fn a_transaction_of_two_legs_is_less_than_one_write_unit() {
        let bytes = write(&samples::transaction()).unwrap().bytes();
        assert!(bytes < 1_024, "{bytes} bytes");
    }

    /// A pending transaction of a hundred legs, with these labels on each.
    fn hundred_legs(labels: &LegLabels) -> Transaction {
        let posted = samples::transaction();
        let one = samples::amount(DIGITS);
        let mut transaction = Transaction {
            status: TransactionStatus::Pending,
            initial_status: TransactionStatus::Pending,
            amount: Amount::sum(std::iter::repeat_n(&one, 50)).unwrap(),
            legs: Vec::new(),
            operations: Vec::new(),
            ..posted.clone()
        };
        for (leg, operation) in std::iter::zip(&posted.legs, &posted.operations) {
            let labels = labels.clone();
            let leg = Leg { amount: one.clone(), labels: labels.clone(), ..leg.clone() };
            let amounts = |version| Amounts {
                available: one.clone(),
                on_hold: one.clone(),
                overdraft_used: one.clone(),
                version,
            };
            let operation = Operation {
                amount: one.clone(),
                before: amounts(1),
                after: amounts(2),
                labels,
                ..operation.clone()
            };
            transaction.legs.extend(vec![leg; 50]);
            transaction.operations.extend(vec![operation; 100]);
        }
        transaction
    }

    #[test]
    fn a_hundred_legs_of_sixty_digits_fit_into_an_item_with_room_for_the_next_step() {
        let transaction = hundred_legs(&LegLabels::default());
        assert_eq!((transaction.legs.len(), transaction.operations.len()), (100, 200));
        let item = write(&transaction).unwrap();
        assert!(item.bytes() + 100 * STEP_BYTES_PER_LEG < ITEM_BYTES_MAX);
        assert_eq!(read(&item).unwrap(), transaction);
    }

    #[test]
    fn an_operation_is_no_longer_than_what_is_reserved_for_it() {
        let digits = format!("-{0}.{0}", "9".repeat(64));
        let amount = samples::amount(&digits);
        let mut transaction = samples::transaction();
        let before = write(&transaction).unwrap().bytes();
        let amounts = |version| Amounts {
            available: amount.clone(),
            on_hold: amount.clone(),
            overdraft_used: amount.clone(),
            version,
        };
        let longest = Operation {
            kind: OperationType::Overdraft,
            direction: Direction::Credit,
            key: BalanceKey::overdraft(),
            amount: amount.clone(),
            step: Step::Concluded,
            recorded_at: samples::moment(8),
            before: amounts(u64::MAX - 1),
            after: amounts(u64::MAX),
            ..transaction.operations[0].clone()
        };
        transaction.operations.extend([longest.clone(), longest]);
        let longer = write(&transaction).unwrap().bytes() - before;
        assert!(longer <= STEP_BYTES_PER_LEG + STEP_BYTES, "{longer} bytes");
    }

    #[test]
    fn a_transaction_that_does_not_fit_is_refused_by_name() {
        let long = LegLabels {
            description: Some(Name::parse(&"一".repeat(256)).unwrap()),
            chart_of_accounts: Some(Name::parse(&"一".repeat(256)).unwrap()),
            ..LegLabels::default()
        };
        assert!(matches!(write(&hundred_legs(&long)), Err(Error::WriteTooLarge)));
        // Nothing follows once it is approved.
        let approved = Transaction { status: TransactionStatus::Approved, ..hundred_legs(&long) };
        assert!(write(&approved).is_ok());
    }

    #[test]
    fn a_transaction_that_cannot_be_is_neither_written_nor_read() {
        let corrupt =
            |transaction: &Transaction| matches!(write(transaction), Err(Error::Corrupt { .. }));
        let good = samples::transaction();
        assert!(corrupt(&Transaction { amount: samples::amount("1"), ..good.clone() }));
        let changes: [fn(&mut Operation); 4] = [
            |operation| operation.alias = Alias::parse("nobody").unwrap(),
            |operation| operation.key = BalanceKey::overdraft(),
            |operation| operation.after.version += 1,
            |operation| operation.recorded_at = samples::moment(8),
        ];
        for (n, change) in changes.into_iter().enumerate() {
            let mut bad = good.clone();
            change(&mut bad.operations[0]);
            assert!(corrupt(&bad), "change {n}");
        }
        for (attribute, value) in [
            ("amount", json!({"S": "1"})),
            ("amount", json!({"S": "12.50"})),
            ("amount", json!({"N": "12.5"})),
            ("status", json!({"S": "APPROVED"})),
            ("sources", json!({"L": []})),
            ("id", json!({"S": samples::uuid(5).to_string()})),
        ] {
            let item = samples::with(&write(&good).unwrap(), attribute, value);
            assert!(matches!(read(&item), Err(Error::Corrupt { .. })), "{attribute}");
        }
        for attribute in ["amount", "sources", "operations", "recorded_at", "fingerprint", "pk"] {
            let item = samples::without(&write(&good).unwrap(), attribute);
            assert!(matches!(read(&item), Err(Error::Corrupt { .. })), "{attribute}");
        }
    }

    #[test]
    fn the_revision_is_under_the_name_that_conditions_use() {
        let item = write(&samples::transaction()).unwrap();
        assert!(samples::attributes(&item).contains_key(crate::keys::REVISION));
    }
}
