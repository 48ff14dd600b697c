//! Assets.

use subledger::count::{self, Counted, Owner};
use subledger::ledger::asset::{Asset, create_asset, delete_asset, update_asset};
use subledger::page::Filter;
use subledger::ports::{ChangeAssets, InsertAsset, ReadAssets, ReadCounts, ReadLedgers};
use subledger_http::reply::Reply;
use subledger_http::request::call::Call;
use subledger_http::request::routes::Ledgers;
use subledger_http::serve::Api;
use subledger_http::v1::error::ApiError;
use subledger_http::v1::list::numbered_list;
use subledger_http::v1::{asset, path, query};

pub(crate) async fn create<S: ReadLedgers + InsertAsset>(
    api: &Api<S>,
    call: &Call<Ledgers>,
) -> Result<Reply, ApiError> {
    let new = asset::decode(path::scope(call)?, &call.body)?;
    let created = create_asset(&api.store, &*api.clock, &*api.ids, new).await?;
    Ok(Reply::json(201, &asset::body(&created)))
}

pub(crate) async fn get(store: &impl ReadAssets, call: &Call<Ledgers>) -> Result<Reply, ApiError> {
    let scope = path::scope(call)?;
    let asset = store.asset_by_id(scope, path::asset(call)?).await?;
    Ok(Reply::json(200, &asset::body(&asset.ok_or_else(ApiError::not_found)?)))
}

pub(crate) async fn list(store: &impl ReadAssets, call: &Call<Ledgers>) -> Result<Reply, ApiError> {
    let scope = path::scope(call)?;
    let page = query::numbered_page(call)?;
    let assets = store.assets(scope, &page).await?;
    let items = assets.iter().map(asset::body).collect();
    Ok(Reply::json(200, &numbered_list(items, &page)))
}

pub(crate) async fn update<S: ChangeAssets>(
    api: &Api<S>,
    call: &Call<Ledgers>,
) -> Result<Reply, ApiError> {
    let scope = path::scope(call)?;
    let id = path::asset(call)?;
    let change = asset::decode_change(&call.body)?;
    let changed = update_asset(&api.store, &*api.clock, scope, id, &change).await?;
    Ok(Reply::json(200, &asset::body(&changed)))
}

pub(crate) async fn delete<S: ChangeAssets>(
    api: &Api<S>,
    call: &Call<Ledgers>,
) -> Result<Reply, ApiError> {
    let scope = path::scope(call)?;
    delete_asset(&api.store, &*api.clock, scope, path::asset(call)?).await?;
    Ok(Reply::empty(204))
}

pub(crate) async fn count(
    store: &(impl ReadAssets + ReadCounts),
    call: &Call<Ledgers>,
) -> Result<Reply, ApiError> {
    let scope = path::scope(call)?;
    let all: Filter<Asset> = Filter::default();
    let wanted = (query::created(call)?, &all);
    let counted = (Owner::Ledger(scope), Counted::Assets);
    let list = async |page| store.assets(scope, &page).await;
    Ok(Reply::count(count::count(store, counted, wanted, list).await?))
}
