//! Transactions as they are stored: one item each, with its legs and operations.
//!
//! The item is written on every step and costs by the kilobyte, so nothing is stored twice.

use serde::{Deserialize, Serialize};
use subledger::account::Alias;
use subledger::balance::BalanceKey;
use subledger::error::Error;
use subledger::idempotency::Fingerprint;
use subledger::ledger::asset::AssetCode;
use subledger::money::amount::Amount;
use subledger::money::ids::{BalanceId, LedgerId, OrganizationId, Scope, TransactionId};
use subledger::money::text::{Name, Text};
use subledger::money::timestamp::Timestamp;
use subledger::transaction::{
    Leg, LegLabels, Notes, Operation, Side, Step, Transaction, TransactionFields,
    TransactionLabels, TransactionStatus,
};
use uuid::Uuid;

use crate::schema::canonical;
use crate::schema::item::{self, ITEM_BYTES_MAX, Item};
use crate::schema::items::metadata::MetadataAttribute;
use crate::schema::items::operation::{self, OperationAttribute};
use crate::schema::keys::Key;

/// The most bytes by which the next step of a transaction lengthens its item for each leg: an
/// operation on its balance and one on the overdraft balance, each with seven amounts of 64 digits on both
/// sides of the point.
const STEP_BYTES_PER_LEG: usize = 2 * 1_300;
/// The most bytes by which an item becomes longer without an operation: other words for its status
/// and times, and the transaction that reverts it.
const STEP_BYTES: usize = 256;

#[derive(Serialize, Deserialize)]
struct TransactionRow {
    #[serde(with = "canonical")]
    organization: OrganizationId,
    #[serde(with = "canonical")]
    ledger: LedgerId,
    #[serde(with = "canonical")]
    id: TransactionId,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "canonical::option")]
    parent: Option<TransactionId>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "canonical::option")]
    reverted_by: Option<TransactionId>,
    #[serde(with = "canonical")]
    status: TransactionStatus,
    /// Only if it is not the status.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "canonical::option")]
    initial_status: Option<TransactionStatus>,
    #[serde(with = "canonical")]
    asset: AssetCode,
    #[serde(with = "canonical")]
    amount: Amount,
    #[serde(deserialize_with = "canonical::maps")]
    sources: Vec<LegAttribute>,
    #[serde(deserialize_with = "canonical::maps")]
    destinations: Vec<LegAttribute>,
    #[serde(deserialize_with = "canonical::maps")]
    operations: Vec<OperationAttribute>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "canonical::option")]
    chart_group: Option<Name>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "canonical::option")]
    code: Option<Text<100>>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "canonical::option")]
    route: Option<Text<250>>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "canonical::option")]
    route_id: Option<Uuid>,
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "canonical::some_map"
    )]
    notes: Option<NotesAttribute>,
    /// Only if they are not the notes.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "canonical::some_map"
    )]
    first_notes: Option<NotesAttribute>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "canonical::option")]
    transaction_date: Option<Timestamp>,
    #[serde(with = "canonical")]
    recorded_at: Timestamp,
    /// When it was committed or canceled.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "canonical::option")]
    finalized_at: Option<Timestamp>,
    /// Only if it is not the time of recording.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "canonical::option")]
    updated_at: Option<Timestamp>,
    revision: u64,
    #[serde(with = "canonical")]
    fingerprint: Fingerprint,
}

#[derive(Serialize, Deserialize)]
struct LegAttribute {
    #[serde(with = "canonical")]
    alias: Alias,
    #[serde(with = "canonical")]
    key: BalanceKey,
    /// Only if no operation is on it.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "canonical::option")]
    balance: Option<BalanceId>,
    #[serde(with = "canonical")]
    amount: Amount,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "canonical::option")]
    description: Option<Name>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "canonical::option")]
    chart: Option<Name>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "canonical::option")]
    route: Option<Text<250>>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "canonical::option")]
    route_id: Option<Uuid>,
    #[serde(default, skip_serializing_if = "MetadataAttribute::is_empty")]
    metadata: MetadataAttribute,
}

#[derive(Serialize, Deserialize)]
pub(super) struct NotesAttribute {
    #[serde(default, skip_serializing_if = "Option::is_none", with = "canonical::option")]
    description: Option<Name>,
    #[serde(default, skip_serializing_if = "MetadataAttribute::is_empty")]
    metadata: MetadataAttribute,
}

impl NotesAttribute {
    const fn is_empty(&self) -> bool {
        self.description.is_none() && self.metadata.is_empty()
    }

    pub(super) fn into_notes(self) -> Result<Notes, String> {
        let description = self.description;
        Ok(Notes { description, metadata: self.metadata.into_metadata()? })
    }
}

impl From<&Notes> for NotesAttribute {
    fn from(notes: &Notes) -> Self {
        Self {
            description: notes.description.clone(),
            metadata: MetadataAttribute::from(&notes.metadata),
        }
    }
}

/// The item of a transaction.
///
/// # Errors
/// [`Error::WriteTooLarge`] for one that does not fit, or whose next step would not;
/// [`Error::Corrupt`] for one that does not add up.
pub fn write(transaction: &Transaction) -> Result<Item, Error> {
    let key = Key::Transaction(transaction.id);
    let corrupt = |reason: &'static str| item::corrupt(key.for_log(), &reason);
    let finalized_at = finalized_at(transaction);
    let operations: Result<_, &str> = transaction
        .operations
        .iter()
        .map(|operation| operation::write(transaction, finalized_at, operation))
        .collect();
    let row = TransactionRow {
        organization: transaction.scope.organization,
        ledger: transaction.scope.ledger,
        id: transaction.id,
        parent: transaction.parent,
        reverted_by: transaction.reverted_by,
        status: transaction.status,
        initial_status: other_than(&transaction.initial_status, &transaction.status),
        asset: transaction.asset_code.clone(),
        amount: transaction.amount.clone(),
        sources: write_legs(transaction, Side::Source).map_err(corrupt)?,
        destinations: write_legs(transaction, Side::Destination).map_err(corrupt)?,
        operations: operations.map_err(corrupt)?,
        chart_group: transaction.labels.chart_of_accounts_group_name.clone(),
        code: transaction.labels.code.clone(),
        route: transaction.labels.route.clone(),
        route_id: transaction.labels.route_id,
        notes: Some(NotesAttribute::from(&transaction.notes)).filter(|notes| !notes.is_empty()),
        first_notes: (transaction.first_notes != transaction.notes)
            .then(|| NotesAttribute::from(&transaction.first_notes)),
        transaction_date: transaction.transaction_date,
        recorded_at: transaction.recorded_at,
        finalized_at,
        updated_at: other_than(&transaction.updated_at, &transaction.recorded_at),
        revision: transaction.revision,
        fingerprint: transaction.fingerprint,
    };
    let item = Item::write(&key, &row)?;
    let reserved = match transaction.status {
        TransactionStatus::Pending => transaction.legs.len().saturating_mul(STEP_BYTES_PER_LEG),
        TransactionStatus::Approved
        | TransactionStatus::Canceled
        | TransactionStatus::Annotation => 0,
    };
    let reserved = reserved.saturating_add(STEP_BYTES);
    let fits = item.bytes().saturating_add(reserved) <= ITEM_BYTES_MAX;
    if fits { Ok(item) } else { Err(Error::WriteTooLarge) }
}

/// The value, unless it is the usual one.
fn other_than<T: Copy + PartialEq>(value: &T, usual: &T) -> Option<T> {
    (value != usual).then_some(*value)
}

/// When the operations of the second step were recorded.
fn finalized_at(transaction: &Transaction) -> Option<Timestamp> {
    let mut operations = transaction.operations.iter();
    operations.find(|operation| operation.step == Step::Finalized).map(|it| it.recorded_at)
}

fn write_legs(transaction: &Transaction, side: Side) -> Result<Vec<LegAttribute>, &'static str> {
    let write = |leg: &Leg| {
        let named = balance_of_operations(&transaction.operations, leg);
        if named.is_some() && leg.balance != named {
            return Err("a leg is on another balance than its operation");
        }
        Ok(LegAttribute {
            alias: leg.alias.clone(),
            key: leg.key.clone(),
            balance: leg.balance.filter(|_| named.is_none()),
            amount: leg.amount.clone(),
            description: leg.labels.description.clone(),
            chart: leg.labels.chart_of_accounts.clone(),
            route: leg.labels.route.clone(),
            route_id: leg.labels.route_id,
            metadata: MetadataAttribute::from(&leg.labels.metadata),
        })
    };
    transaction.legs.iter().filter(|leg| leg.side == side).map(write).collect()
}

/// The balance of a leg as its operations name it; `None` if it has none.
fn balance_of_operations(operations: &[Operation], leg: &Leg) -> Option<BalanceId> {
    let of_leg = |operation: &&Operation| operation.alias == leg.alias && operation.key == leg.key;
    operations.iter().find(of_leg).map(|operation| operation.balance)
}

/// The transaction of an item.
pub fn read(item: Item) -> Result<Transaction, Error> {
    let (here, row): (_, TransactionRow) = item.read()?;
    let transaction = into_transaction(row).map_err(|reason| here.corrupt(&reason))?;
    here.expect(&[Key::Transaction(transaction.id)])?;
    Ok(transaction)
}

fn into_transaction(row: TransactionRow) -> Result<Transaction, String> {
    let recorded_at = row.recorded_at;
    let finalized_at = row.finalized_at;
    let sources = row.sources.into_iter().map(|leg| read_leg(leg, Side::Source));
    let destinations = row.destinations.into_iter().map(|leg| read_leg(leg, Side::Destination));
    let mut legs: Vec<Leg> = sources.chain(destinations).collect::<Result<_, _>>()?;
    let operations: Result<_, String> = row
        .operations
        .into_iter()
        .map(|operation| operation::read(row.id, &legs, recorded_at, finalized_at, operation))
        .collect();
    let operations: Vec<Operation> = operations?;
    for leg in &mut legs {
        match (leg.balance, balance_of_operations(&operations, leg)) {
            (Some(_), Some(_)) => {
                return Err("a leg repeats the balance of its operation".to_owned());
            }
            (None, named) => leg.balance = named,
            (Some(_), None) => {}
        }
    }
    let notes = match row.notes {
        None => Notes::default(),
        Some(notes) if notes.is_empty() => return Err("notes are there and empty".to_owned()),
        Some(notes) => notes.into_notes()?,
    };
    Transaction::new(TransactionFields {
        id: row.id,
        scope: Scope { organization: row.organization, ledger: row.ledger },
        parent: row.parent,
        reverted_by: row.reverted_by,
        status: row.status,
        initial_status: row.initial_status.unwrap_or(row.status),
        asset_code: row.asset,
        amount: row.amount,
        legs,
        operations,
        labels: TransactionLabels {
            chart_of_accounts_group_name: row.chart_group,
            code: row.code,
            route: row.route,
            route_id: row.route_id,
        },
        first_notes: match row.first_notes {
            Some(first) => first.into_notes()?,
            None => notes.clone(),
        },
        notes,
        transaction_date: row.transaction_date,
        recorded_at,
        updated_at: row.updated_at.map_or(recorded_at, |at| at),
        revision: row.revision,
        fingerprint: row.fingerprint,
    })
    .map_err(str::to_owned)
}

fn read_leg(leg: LegAttribute, side: Side) -> Result<Leg, String> {
    Ok(Leg {
        side,
        alias: leg.alias,
        key: leg.key,
        balance: leg.balance,
        amount: leg.amount,
        labels: LegLabels {
            description: leg.description,
            chart_of_accounts: leg.chart,
            route: leg.route,
            route_id: leg.route_id,
            metadata: leg.metadata.into_metadata()?,
        },
    })
}

#[cfg(test)]
mod tests {
    use subledger::balance::Direction;
    use subledger::money::ids::OperationId;
    use subledger::transaction::{Amounts, OperationType};

    use super::*;
    use crate::samples::{self, l, m, n, s};

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
            step: Step::Finalized,
            recorded_at: at,
            ..first
        });
        Transaction::new(TransactionFields {
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
            ..posted.into_fields()
        })
        .unwrap()
    }

    #[test]
    fn a_transaction_is_read_as_it_was_written() {
        let mut annotation = samples::transaction().into_fields();
        annotation.status = TransactionStatus::Annotation;
        annotation.initial_status = TransactionStatus::Annotation;
        for operation in &mut annotation.operations {
            operation.balance_affected = false;
            operation.after = operation.before.clone();
        }
        let annotation = Transaction::new(annotation).unwrap();
        for transaction in [samples::transaction(), full(), annotation] {
            assert_eq!(read(write(&transaction).unwrap()).unwrap(), transaction);
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
        let mut transaction = TransactionFields {
            status: TransactionStatus::Pending,
            initial_status: TransactionStatus::Pending,
            amount: Amount::sum(std::iter::repeat_n(&one, 50)).unwrap(),
            legs: Vec::new(),
            operations: Vec::new(),
            ..posted.clone().into_fields()
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
        Transaction::new(transaction).unwrap()
    }

    #[test]
    fn a_hundred_legs_of_sixty_digits_fit_into_an_item_with_room_for_the_next_step() {
        let transaction = hundred_legs(&LegLabels::default());
        assert_eq!((transaction.legs.len(), transaction.operations.len()), (100, 200));
        let item = write(&transaction).unwrap();
        assert!(item.bytes() + 100 * STEP_BYTES_PER_LEG < ITEM_BYTES_MAX);
        assert_eq!(read(item).unwrap(), transaction);
    }

    #[test]
    fn an_operation_is_no_longer_than_what_is_reserved_for_it() {
        let digits = format!("-{0}.{0}", "9".repeat(64));
        let amount = samples::amount(&digits);
        let mut transaction = samples::transaction().into_fields();
        let before = write(&samples::transaction()).unwrap().bytes();
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
            step: Step::Finalized,
            recorded_at: samples::moment(8),
            before: amounts(u64::MAX - 1),
            after: amounts(u64::MAX),
            ..transaction.operations[0].clone()
        };
        transaction.operations.extend([longest.clone(), longest]);
        let longer = write(&Transaction::new(transaction).unwrap()).unwrap().bytes() - before;
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
        let approved = Transaction::new(TransactionFields {
            status: TransactionStatus::Approved,
            ..hundred_legs(&long).into_fields()
        })
        .unwrap();
        assert!(write(&approved).is_ok());
    }

    #[test]
    fn a_transaction_with_a_wrong_operation_is_not_written_and_a_wrong_one_is_not_read() {
        let corrupt =
            |transaction: &Transaction| matches!(write(transaction), Err(Error::Corrupt { .. }));
        let good = samples::transaction();
        let changes: [fn(&mut Operation); 4] = [
            |operation| operation.alias = Alias::parse("nobody").unwrap(),
            |operation| operation.key = BalanceKey::overdraft(),
            |operation| operation.after.version += 1,
            |operation| operation.recorded_at = samples::moment(8),
        ];
        for (n, change) in changes.into_iter().enumerate() {
            let mut bad = good.clone().into_fields();
            change(&mut bad.operations[0]);
            assert!(corrupt(&Transaction::new(bad).unwrap()), "change {n}");
        }
        for (attribute, value) in [
            ("amount", s("1")),
            ("amount", s("12.50")),
            ("amount", n("12.5")),
            ("status", s("APPROVED")),
            ("sources", l([])),
            ("notes", m([])),
            ("id", s(&samples::uuid(5).to_string())),
        ] {
            let item = samples::with(write(&good).unwrap(), attribute, value);
            assert!(matches!(read(item), Err(Error::Corrupt { .. })), "{attribute}");
        }
        for attribute in ["amount", "sources", "operations", "recorded_at", "fingerprint", "pk"] {
            let item = samples::without(write(&good).unwrap(), attribute);
            assert!(matches!(read(item), Err(Error::Corrupt { .. })), "{attribute}");
        }
    }

    #[test]
    fn the_revision_is_under_the_name_that_conditions_use() {
        let item = write(&samples::transaction()).unwrap();
        assert!(item.0.contains_key(crate::schema::keys::REVISION));
    }
}
