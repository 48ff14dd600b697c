//! The answers that show transactions and operations.

use serde::Serialize;
use subledger::account::Alias;
use subledger::error::Error;
use subledger::money::ids::OperationId;
use subledger::money::text::Text;
use subledger::page::Page;
use subledger::ports::AccountOperation;
use subledger::transaction::{
    Amounts, Operation, OperationType, Side, Transaction, TransactionStatus,
};

use crate::v1::balance::direction_text;
use crate::v1::query::CursorPage;
use crate::v1::{list, metadata};

#[derive(Serialize)]
struct StatusBody {
    code: &'static str,
    description: &'static str,
}

impl StatusBody {
    const fn of(code: &'static str) -> Self {
        Self { code, description: code }
    }
}

pub(crate) const fn status_text(status: TransactionStatus) -> &'static str {
    match status {
        TransactionStatus::Pending => "PENDING",
        TransactionStatus::Approved => "APPROVED",
        TransactionStatus::Canceled => "CANCELED",
        TransactionStatus::Annotation => "NOTED",
    }
}

pub(crate) const fn operation_type_text(kind: OperationType) -> &'static str {
    match kind {
        OperationType::Debit => "DEBIT",
        OperationType::Credit => "CREDIT",
        OperationType::OnHold => "ON_HOLD",
        OperationType::Release => "RELEASE",
        OperationType::Overdraft => "OVERDRAFT",
        OperationType::Block => "BLOCK",
        OperationType::Unblock => "UNBLOCK",
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TransactionBody<'a, M> {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent_transaction_id: Option<String>,
    description: &'a str,
    status: StatusBody,
    amount: String,
    asset_code: &'a str,
    chart_of_accounts_group_name: &'a str,
    source: Vec<&'a str>,
    destination: Vec<&'a str>,
    ledger_id: String,
    organization_id: String,
    route: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    route_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reverted_by: Option<String>,
    created_at: String,
    recorded_at: String,
    updated_at: String,
    deleted_at: Option<String>,
    /// Of the next version of that API: there are no fees and no tracer here to be skipped.
    fees_skipped: bool,
    tracer_skipped: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<M>,
    operations: Vec<OperationBody<'a, M>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OperationBody<'a, M> {
    id: String,
    transaction_id: String,
    description: &'a str,
    r#type: &'static str,
    asset_code: &'a str,
    chart_of_accounts: &'a str,
    amount: ValueBody,
    balance: AmountsBody,
    balance_after: AmountsBody,
    status: StatusBody,
    account_id: String,
    account_alias: &'a str,
    balance_key: &'a str,
    balance_id: String,
    organization_id: String,
    ledger_id: String,
    route: &'a str,
    balance_affected: bool,
    direction: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    route_id: Option<String>,
    created_at: String,
    recorded_at: String,
    updated_at: String,
    deleted_at: Option<String>,
    metadata: Option<M>,
}

#[derive(Serialize)]
struct ValueBody {
    value: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AmountsBody {
    available: String,
    on_hold: String,
    version: u64,
    overdraft_used: String,
}

impl AmountsBody {
    fn of(amounts: &Amounts) -> Self {
        Self {
            available: amounts.available.to_string(),
            on_hold: amounts.on_hold.to_string(),
            version: amounts.version,
            overdraft_used: amounts.overdraft_used.to_string(),
        }
    }
}

/// A transaction as it was just posted: what moved at once is `CREATED`.
pub fn posted_body(transaction: &Transaction) -> impl Serialize {
    let code = match transaction.status {
        TransactionStatus::Approved => "CREATED",
        TransactionStatus::Pending
        | TransactionStatus::Canceled
        | TransactionStatus::Annotation => status_text(transaction.status),
    };
    with_status(transaction, code, transaction.operations.iter())
}

/// A transaction as it was just committed or canceled: with the operations of this step.
pub fn finalized_body(transaction: &Transaction) -> impl Serialize {
    let step = transaction.updated_at;
    let operations = transaction.operations.iter();
    let of_step = operations.filter(move |operation| operation.recorded_at == step);
    with_status(transaction, status_text(transaction.status), of_step)
}

/// A transaction as it is now.
pub fn body(transaction: &Transaction) -> impl Serialize {
    with_status(transaction, status_text(transaction.status), transaction.operations.iter())
}

fn with_status<'a>(
    transaction: &'a Transaction,
    code: &'static str,
    operations: impl Iterator<Item = &'a Operation>,
) -> TransactionBody<'a, impl Serialize> {
    let names = |side| transaction.aliases(side).into_iter().map(Alias::as_str).collect();
    TransactionBody {
        id: transaction.id.to_string(),
        parent_transaction_id: transaction.parent.map(|parent| parent.to_string()),
        description: optional(transaction.notes.description.as_ref()),
        status: StatusBody::of(code),
        amount: transaction.amount.to_string(),
        asset_code: transaction.asset_code.as_str(),
        chart_of_accounts_group_name: optional(
            transaction.labels.chart_of_accounts_group_name.as_ref(),
        ),
        source: names(Side::Source),
        destination: names(Side::Destination),
        ledger_id: transaction.scope.ledger.to_string(),
        organization_id: transaction.scope.organization.to_string(),
        route: optional(transaction.labels.route.as_ref()),
        route_id: transaction.labels.route_id.map(|id| id.to_string()),
        reverted_by: transaction.reverted_by.map(|reversal| reversal.to_string()),
        created_at: transaction.created_at().to_string(),
        recorded_at: transaction.recorded_at.to_string(),
        updated_at: transaction.updated_at.to_string(),
        deleted_at: None,
        fees_skipped: false,
        tracer_skipped: false,
        metadata: metadata::body(&transaction.notes.metadata),
        operations: operations
            .map(|operation| operation_body(transaction, operation, metadata::body))
            .collect(),
    }
}

fn optional<const MAX: usize>(text: Option<&Text<MAX>>) -> &str {
    text.map_or("", Text::as_str)
}

fn operation_body<'a, M>(
    transaction: &'a Transaction,
    operation: &'a Operation,
    metadata: impl Fn(&'a subledger::metadata::Metadata) -> Option<M>,
) -> OperationBody<'a, M> {
    let labels = &operation.labels;
    let (description, shown) = match &operation.amended {
        Some(amended) => (&amended.notes.description, &amended.notes.metadata),
        None => (&labels.description, &labels.metadata),
    };
    OperationBody {
        id: operation.id.to_string(),
        transaction_id: transaction.id.to_string(),
        description: description
            .as_ref()
            .map_or_else(|| optional(transaction.first_notes.description.as_ref()), Text::as_str),
        r#type: operation_type_text(operation.kind),
        asset_code: transaction.asset_code.as_str(),
        chart_of_accounts: optional(labels.chart_of_accounts.as_ref()),
        amount: ValueBody { value: operation.amount.to_string() },
        balance: AmountsBody::of(&operation.before),
        balance_after: AmountsBody::of(&operation.after),
        status: StatusBody::of(status_text(transaction.status)),
        account_id: operation.account.to_string(),
        account_alias: operation.alias.as_str(),
        balance_key: operation.key.as_str(),
        balance_id: operation.balance.to_string(),
        organization_id: transaction.scope.organization.to_string(),
        ledger_id: transaction.scope.ledger.to_string(),
        route: optional(labels.route.as_ref()),
        balance_affected: operation.balance_affected,
        direction: direction_text(operation.direction),
        route_id: labels.route_id.map(|id| id.to_string()),
        created_at: transaction.operation_created_at(operation).to_string(),
        recorded_at: operation.recorded_at.to_string(),
        updated_at: operation.updated_at().to_string(),
        deleted_at: None,
        metadata: metadata(shown),
    }
}

/// One operation of a transaction.
///
/// # Errors
///
/// [`Error::ObjectNotFound`] if the transaction does not have it.
pub fn one_operation_body(
    transaction: &Transaction,
    id: OperationId,
) -> Result<impl Serialize, Error> {
    let operation = transaction.operation(id).ok_or(Error::ObjectNotFound)?;
    Ok(operation_body(transaction, operation, metadata::body))
}

/// A page of transactions.
pub fn page_body(page: &Page<Transaction>, asked: &CursorPage) -> impl Serialize {
    let items: Vec<_> = page.items.iter().map(body).collect();
    list::body(items, (page.previous, page.next), asked)
}

/// A page of the operations of an account.
pub fn operations_body(page: &Page<AccountOperation>, asked: &CursorPage) -> impl Serialize {
    let items: Vec<_> = page
        .items
        .iter()
        .map(|listed| operation_body(&listed.transaction, &listed.operation, metadata::body))
        .collect();
    list::body(items, (page.previous, page.next), asked)
}
