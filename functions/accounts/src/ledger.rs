//! Ledgers.

use subledger::ledger::create::create_ledger;
use subledger::ports::{InsertLedger, ReadLedgers, ReadOrganizations};
use subledger_http::reply::Reply;
use subledger_http::request::call::Call;
use subledger_http::request::routes::Accounts;
use subledger_http::serve::Api;
use subledger_http::v1::error::ApiError;
use subledger_http::v1::list::numbered_list;
use subledger_http::v1::{filter, ledger, path, query};

pub(crate) async fn create<S: ReadOrganizations + InsertLedger>(
    api: &Api<S>,
    call: &Call<Accounts>,
) -> Result<Reply, ApiError> {
    let organization = path::organization_to_fill(call)?;
    let new = ledger::decode(organization, &call.body)?;
    let created = create_ledger(&api.store, &*api.clock, &*api.ids, new).await?;
    Ok(Reply::json(201, &ledger::body(&created)))
}

pub(crate) async fn get(
    store: &impl ReadLedgers,
    call: &Call<Accounts>,
) -> Result<Reply, ApiError> {
    let ledger = store.ledger(path::scope(call)?).await?.ok_or_else(ApiError::not_found)?;
    Ok(Reply::json(200, &ledger::body(&ledger)))
}

pub(crate) async fn list(
    store: &impl ReadLedgers,
    call: &Call<Accounts>,
) -> Result<Reply, ApiError> {
    let organization = path::organization(call)?;
    let page = query::numbered_page(call)?;
    let ledgers = store.ledgers(organization, &page, &filter::ledgers(call)?).await?;
    let items = ledgers.iter().map(ledger::body).collect();
    Ok(Reply::json(200, &numbered_list(items, &page)))
}
