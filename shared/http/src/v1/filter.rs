//! The filters of lists: parameters of the query that name what the items of a list show.
//!
//! A value is compared whole and exactly, and an item that does not show the field does not match.

use subledger::account::{Account, Alias};
use subledger::balance::Direction;
use subledger::ledger::Ledger;
use subledger::ledger::asset::AssetCode;
use subledger::ledger::organization::Organization;
use subledger::money::text::{Name, Text};
use subledger::page::Filter;
use subledger::ports::AccountOperation;
use subledger::transaction::{OperationType, Transaction, TransactionStatus};
use uuid::Uuid;

use super::account::status_code;
use super::error::ApiError;
use super::query::given;
use super::transaction::{direction_text, operation_type_text, status_text};
use crate::request::call::Call;

/// The filter of a list of organizations.
///
/// # Errors
/// `0082`.
pub fn organizations<C>(call: &Call<C>) -> Result<Filter<Organization>, ApiError> {
    let mut filter: Filter<Organization> = Filter::default();
    text(&mut filter, call, "legal_name", |it| Some(it.legal_name.as_str()))?;
    text(&mut filter, call, "doing_business_as", |it| {
        it.doing_business_as.as_ref().map(Text::as_str)
    })?;
    text(&mut filter, call, "legal_document", |it| Some(it.legal_document.as_str()))?;
    text(&mut filter, call, "status", |it| Some(it.status.code.as_str()))?;
    Ok(filter)
}

/// The filter of a list of ledgers.
///
/// # Errors
/// `0082`.
pub fn ledgers<C>(call: &Call<C>) -> Result<Filter<Ledger>, ApiError> {
    let mut filter: Filter<Ledger> = Filter::default();
    text(&mut filter, call, "name", |it| Some(it.name.as_str()))?;
    text(&mut filter, call, "status", |it| Some(it.status.code.as_str()))?;
    Ok(filter)
}

/// The alias that a list of accounts is about.
///
/// # Errors
/// `0082`.
pub fn alias<C>(call: &Call<C>) -> Result<Option<Alias>, ApiError> {
    let parse = |text: &str| {
        let why = "has to be an alias: letters, digits and the characters @ : _ -, or the alias of \
                   an external account";
        Alias::recognize(text).ok_or_else(|| ApiError::query_parameter("alias", why))
    };
    given(call, "alias").map(parse).transpose()
}

/// The filter of a list of accounts, but for the alias.
///
/// # Errors
/// `0082`.
pub fn accounts<C>(call: &Call<C>) -> Result<Filter<Account>, ApiError> {
    let mut filter: Filter<Account> = Filter::default();
    text(&mut filter, call, "name", |it| Some(it.name.as_str()))?;
    text(&mut filter, call, "status", |it| Some(status_code(it)))?;
    text(&mut filter, call, "type", |it| Some(it.kind.as_str()))?;
    text(&mut filter, call, "entity_id", |it| it.entity_id.as_ref().map(Text::as_str))?;
    if let Some(code) = given(call, "asset_code") {
        let why = "has to be the code of an asset, in capital letters";
        let code = AssetCode::parse(code);
        let code = code.map_err(|_| ApiError::query_parameter("asset_code", why))?;
        filter.add(move |it| it.asset_code == code);
    }
    if let Some(blocked) = given(call, "blocked") {
        let why = "has to be true or false";
        let blocked: bool =
            blocked.parse().map_err(|_| ApiError::query_parameter("blocked", why))?;
        filter.add(move |it| it.blocked == blocked);
    }
    id(&mut filter, call, "parent_account_id", |it| it.parent.map(|parent| parent.uuid()))?;
    id(&mut filter, call, "portfolio_id", |it| it.portfolio_id.map(|id| id.uuid()))?;
    id(&mut filter, call, "segment_id", |it| it.segment_id.map(|id| id.uuid()))?;
    Ok(filter)
}

/// The filter of a list of operations.
///
/// # Errors
/// `0082`.
pub fn operations<C>(call: &Call<C>) -> Result<Filter<AccountOperation>, ApiError> {
    const TYPES: [OperationType; 7] = [
        OperationType::Debit,
        OperationType::Credit,
        OperationType::OnHold,
        OperationType::Release,
        OperationType::Overdraft,
        OperationType::Block,
        OperationType::Unblock,
    ];
    const DIRECTIONS: [Direction; 2] = [Direction::Debit, Direction::Credit];
    let mut filter: Filter<AccountOperation> = Filter::default();
    if let Some(kind) = one_of(call, "type", TYPES, operation_type_text)? {
        filter.add(move |it| it.operation.kind == kind);
    }
    if let Some(direction) = one_of(call, "direction", DIRECTIONS, direction_text)? {
        filter.add(move |it| it.operation.direction == direction);
    }
    id(&mut filter, call, "route_id", |it| it.operation.labels.route_id)?;
    // There are no operation routes, so no operation has the code of one.
    text(&mut filter, call, "route_code", |_| None)?;
    Ok(filter)
}

/// The filter of a count of transactions.
///
/// # Errors
/// `0082`.
pub fn transactions<C>(call: &Call<C>) -> Result<Filter<Transaction>, ApiError> {
    const STATUSES: [TransactionStatus; 4] = [
        TransactionStatus::Pending,
        TransactionStatus::Approved,
        TransactionStatus::Canceled,
        TransactionStatus::Annotation,
    ];
    let mut filter: Filter<Transaction> = Filter::default();
    if let Some(status) = one_of(call, "status", STATUSES, status_text)? {
        filter.add(move |it| it.status == status);
    }
    text(&mut filter, call, "route", |it| it.labels.route.as_ref().map(Text::as_str))?;
    Ok(filter)
}

fn text<C, T: 'static>(
    filter: &mut Filter<T>,
    call: &Call<C>,
    name: &str,
    shown: impl Fn(&T) -> Option<&str> + Send + Sync + 'static,
) -> Result<(), ApiError> {
    if let Some(text) = given(call, name) {
        let why = "has at most 256 characters, none of them NUL";
        let wanted = Name::parse(text).map_err(|_| ApiError::query_parameter(name, why))?;
        filter.add(move |item| shown(item) == Some(wanted.as_str()));
    }
    Ok(())
}

fn id<C, T: 'static>(
    filter: &mut Filter<T>,
    call: &Call<C>,
    name: &str,
    shown: impl Fn(&T) -> Option<Uuid> + Send + Sync + 'static,
) -> Result<(), ApiError> {
    if let Some(text) = given(call, name) {
        let wanted = Uuid::parse_str(text);
        let wanted = wanted.map_err(|_| ApiError::query_parameter(name, "has to be a UUID"))?;
        filter.add(move |item| shown(item) == Some(wanted));
    }
    Ok(())
}

/// One of several values by its name.
fn one_of<C, V: Copy, const N: usize>(
    call: &Call<C>,
    name: &str,
    values: [V; N],
    name_of: impl Fn(V) -> &'static str,
) -> Result<Option<V>, ApiError> {
    let Some(text) = given(call, name) else {
        return Ok(None);
    };
    let found = values.into_iter().find(|value| name_of(*value) == text);
    let why = || format!("has to be one of {}", values.map(&name_of).join(", "));
    found.map(Some).ok_or_else(|| ApiError::query_parameter(name, &why()))
}
