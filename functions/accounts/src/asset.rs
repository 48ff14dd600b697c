//! Assets.

use subledger::ledger::asset::create_asset;
use subledger::ports::{InsertAsset, ReadAssets, ReadLedgers};
use subledger_http::reply::Reply;
use subledger_http::request::call::Call;
use subledger_http::request::routes::Accounts;
use subledger_http::serve::Api;
use subledger_http::v1::error::ApiError;
use subledger_http::v1::list::numbered_list;
use subledger_http::v1::{asset, path, query};

pub(crate) async fn create<S: ReadLedgers + InsertAsset>(
    api: &Api<S>,
    call: &Call<Accounts>,
) -> Result<Reply, ApiError> {
    let new = asset::decode(path::scope(call)?, &call.body)?;
    let created = create_asset(&api.store, &*api.clock, &*api.ids, new).await?;
    Ok(Reply::json(201, &asset::body(&created)))
}

pub(crate) async fn get(store: &impl ReadAssets, call: &Call<Accounts>) -> Result<Reply, ApiError> {
    let scope = path::scope(call)?;
    let asset = store.asset_by_id(scope, path::asset(call)?).await?;
    Ok(Reply::json(200, &asset::body(&asset.ok_or_else(ApiError::not_found)?)))
}

pub(crate) async fn list(
    store: &impl ReadAssets,
    call: &Call<Accounts>,
) -> Result<Reply, ApiError> {
    let scope = path::scope(call)?;
    let page = query::numbered_page(call)?;
    let assets = store.assets(scope, &page).await?;
    let items = assets.iter().map(asset::body).collect();
    Ok(Reply::json(200, &numbered_list(items, &page)))
}
