//! Ledgers.

use subledger::count::{self, Counted, Owner};
use subledger::ledger::create::create_ledger;
use subledger::ledger::delete::delete_ledger;
use subledger::ledger::update::{LedgerChange, update_ledger};
use subledger::ports::{ChangeLedgers, InsertLedger, ReadCounts, ReadLedgers, ReadOrganizations};
use subledger_http::reply::Reply;
use subledger_http::request::call::Call;
use subledger_http::request::routes::Ledgers;
use subledger_http::serve::Api;
use subledger_http::v1::error::ApiError;
use subledger_http::v1::list::numbered_list;
use subledger_http::v1::{filter, ledger, path, query};

pub(crate) async fn create<S: ReadOrganizations + InsertLedger>(
    api: &Api<S>,
    call: &Call<Ledgers>,
) -> Result<Reply, ApiError> {
    let organization = path::organization_to_fill(call)?;
    let new = ledger::decode(organization, &call.body)?;
    let created = create_ledger(&api.store, &*api.clock, &*api.ids, new).await?;
    Ok(Reply::json(201, &ledger::body(&created)))
}

pub(crate) async fn get(store: &impl ReadLedgers, call: &Call<Ledgers>) -> Result<Reply, ApiError> {
    let ledger = store.ledger(path::scope(call)?).await?.ok_or_else(ApiError::not_found)?;
    Ok(Reply::json(200, &ledger::body(&ledger)))
}

pub(crate) async fn list(
    store: &impl ReadLedgers,
    call: &Call<Ledgers>,
) -> Result<Reply, ApiError> {
    let organization = path::organization(call)?;
    let page = query::numbered_page(call)?;
    let ledgers = store.ledgers(organization, &page, &filter::ledgers(call)?).await?;
    let items = ledgers.iter().map(ledger::body).collect();
    Ok(Reply::json(200, &numbered_list(items, &page)))
}

pub(crate) async fn update<S: ChangeLedgers>(
    api: &Api<S>,
    call: &Call<Ledgers>,
) -> Result<Reply, ApiError> {
    let scope = path::scope(call)?;
    let change = ledger::decode_change(&call.body)?;
    let changed = update_ledger(&api.store, &*api.clock, scope, &change).await?;
    Ok(Reply::json(200, &ledger::body(&changed)))
}

pub(crate) async fn delete<S: ChangeLedgers>(
    api: &Api<S>,
    call: &Call<Ledgers>,
) -> Result<Reply, ApiError> {
    delete_ledger(&api.store, &*api.clock, path::scope(call)?).await?;
    Ok(Reply::empty(204))
}

pub(crate) async fn count(
    store: &(impl ReadLedgers + ReadCounts),
    call: &Call<Ledgers>,
) -> Result<Reply, ApiError> {
    let organization = path::organization(call)?;
    let wanted = filter::ledgers(call)?;
    let counted = (Owner::Organization(organization), Counted::Ledgers);
    let list = async |page| store.ledgers(organization, &page, &wanted).await;
    let number = count::count(store, counted, (query::created(call)?, &wanted), list).await?;
    Ok(Reply::count(number))
}

pub(crate) async fn settings(
    store: &impl ReadLedgers,
    call: &Call<Ledgers>,
) -> Result<Reply, ApiError> {
    let ledger = store.ledger(path::scope(call)?).await?.ok_or_else(ApiError::not_found)?;
    Ok(Reply::json(200, &ledger::settings_body(ledger.settings)))
}

pub(crate) async fn update_settings<S: ChangeLedgers>(
    api: &Api<S>,
    call: &Call<Ledgers>,
) -> Result<Reply, ApiError> {
    let scope = path::scope(call)?;
    let settings = ledger::decode_settings(&call.body)?;
    let change = LedgerChange { settings, ..LedgerChange::default() };
    let changed = update_ledger(&api.store, &*api.clock, scope, &change).await?;
    Ok(Reply::json(200, &ledger::settings_body(changed.settings)))
}
