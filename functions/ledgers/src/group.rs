//! Portfolios, segments and account types.

use subledger::account::group::{Group, GroupKind, create_group, delete_group, update_group};
use subledger::count::{self, Counted, Owner};
use subledger::error::Error;
use subledger::page::Filter;
use subledger::ports::{
    ChangeGroups, InsertGroup, ListGroups, ReadCounts, ReadGroups, ReadLedgers,
};
use subledger_http::reply::Reply;
use subledger_http::request::call::Call;
use subledger_http::request::routes::Ledgers;
use subledger_http::serve::Api;
use subledger_http::v1::cursor::List;
use subledger_http::v1::error::ApiError;
use subledger_http::v1::list::numbered_list;
use subledger_http::v1::{group, path, query};

pub(crate) async fn create<S: ReadLedgers + InsertGroup>(
    api: &Api<S>,
    call: &Call<Ledgers>,
    kind: GroupKind,
) -> Result<Reply, ApiError> {
    let new = group::decode(path::scope(call)?, kind, &call.body)?;
    let created = create_group(&api.store, &*api.clock, &*api.ids, new).await?;
    Ok(Reply::json(201, &group::body(&created)))
}

pub(crate) async fn get(
    store: &impl ReadGroups,
    call: &Call<Ledgers>,
    kind: GroupKind,
) -> Result<Reply, ApiError> {
    let scope = path::scope(call)?;
    let found = store.group(scope, kind, path::group(call, kind)?).await?;
    let found = found.ok_or_else(|| group::group_error(kind, Error::ObjectNotFound))?;
    Ok(Reply::json(200, &group::body(&found)))
}

pub(crate) async fn list(
    store: &impl ListGroups,
    call: &Call<Ledgers>,
    kind: GroupKind,
) -> Result<Reply, ApiError> {
    let scope = path::scope(call)?;
    let page = query::numbered_page(call)?;
    let groups = store.groups(scope, kind, &page).await?;
    let items = groups.iter().map(group::body).collect();
    Ok(Reply::json(200, &numbered_list(items, &page)))
}

pub(crate) async fn list_by_cursor(
    store: &impl ListGroups,
    call: &Call<Ledgers>,
    kind: GroupKind,
) -> Result<Reply, ApiError> {
    let scope = path::scope(call)?;
    let asked = query::page(call, List::AccountTypes(scope.ledger.uuid()))?;
    let page = store.groups_page(scope, kind, &asked.request).await?;
    Ok(Reply::json(200, &group::page_body(&page, &asked)))
}

pub(crate) async fn update<S: ChangeGroups>(
    api: &Api<S>,
    call: &Call<Ledgers>,
    kind: GroupKind,
) -> Result<Reply, ApiError> {
    let scope = path::scope(call)?;
    let id = path::group(call, kind)?;
    let change = group::decode_change(kind, &call.body)?;
    let changed = update_group(&api.store, &*api.clock, scope, (kind, id), &change).await;
    let changed = changed.map_err(|error| group::group_error(kind, error))?;
    Ok(Reply::json(200, &group::body(&changed)))
}

pub(crate) async fn delete<S: ChangeGroups>(
    api: &Api<S>,
    call: &Call<Ledgers>,
    kind: GroupKind,
) -> Result<Reply, ApiError> {
    let scope = path::scope(call)?;
    let id = path::group(call, kind)?;
    let deleted = delete_group(&api.store, &*api.clock, scope, (kind, id)).await;
    deleted.map_err(|error| group::group_error(kind, error))?;
    Ok(Reply::empty(204))
}

pub(crate) async fn count_portfolios(
    store: &(impl ListGroups + ReadCounts),
    call: &Call<Ledgers>,
) -> Result<Reply, ApiError> {
    count(store, call, GroupKind::Portfolio, Counted::Portfolios).await
}

pub(crate) async fn count_segments(
    store: &(impl ListGroups + ReadCounts),
    call: &Call<Ledgers>,
) -> Result<Reply, ApiError> {
    count(store, call, GroupKind::Segment, Counted::Segments).await
}

async fn count(
    store: &(impl ListGroups + ReadCounts),
    call: &Call<Ledgers>,
    kind: GroupKind,
    counted: Counted,
) -> Result<Reply, ApiError> {
    let scope = path::scope(call)?;
    let all: Filter<Group> = Filter::default();
    let wanted = (query::created(call)?, &all);
    let list = async |page| store.groups(scope, kind, &page).await;
    let number = count::count(store, (Owner::Ledger(scope), counted), wanted, list).await?;
    Ok(Reply::count(number))
}
