//! Accounts, as v0 sees them.

use subledger::account::lifecycle::LifecycleChange;
use subledger::account::lifecycle::change_lifecycle;
use subledger::account::open::open_v0_account;
use subledger::error::Error;
use subledger::ports::{DeleteAccounts, ReadAccounts, ReadLedgers, WriteAccounts};
use subledger_http::reply::Reply;
use subledger_http::request::call::Call;
use subledger_http::request::routes::Accounts;
use subledger_http::serve::Api;
use subledger_http::v0;
use subledger_http::v0::error::ApiError;

pub(crate) async fn create<S: ReadLedgers + WriteAccounts>(
    api: &Api<S>,
    call: &Call<Accounts>,
) -> Result<Reply, ApiError> {
    let scope = v0::scope(call)?;
    let key = call.header(v0::IDEMPOTENCY_KEY);
    let new = v0::account::decode_create_account(scope, key, &call.body)?;
    let created = open_v0_account(&api.store, &*api.clock, new).await?;
    Ok(Reply::json(200, &v0::account::account(&created)))
}

pub(crate) async fn get(
    store: &impl ReadAccounts,
    call: &Call<Accounts>,
) -> Result<Reply, ApiError> {
    let scope = v0::scope(call)?;
    let id = v0::ids::parse_account_id(call.parameter("id"))?;
    let account = store.account(scope, id).await?.ok_or(Error::AccountNotFound)?;
    Ok(Reply::json(200, &v0::account::account(&account)))
}

pub(crate) async fn activate<S: DeleteAccounts>(
    api: &Api<S>,
    call: &Call<Accounts>,
) -> Result<Reply, ApiError> {
    change(api, call, |_| Ok(LifecycleChange::Activate)).await
}

pub(crate) async fn deactivate<S: DeleteAccounts>(
    api: &Api<S>,
    call: &Call<Accounts>,
) -> Result<Reply, ApiError> {
    change(api, call, v0::account::decode_deactivate).await
}

pub(crate) async fn close<S: DeleteAccounts>(
    api: &Api<S>,
    call: &Call<Accounts>,
) -> Result<Reply, ApiError> {
    change(api, call, v0::account::decode_close).await
}

async fn change<S: DeleteAccounts>(
    api: &Api<S>,
    call: &Call<Accounts>,
    decode: impl FnOnce(&[u8]) -> Result<LifecycleChange, ApiError>,
) -> Result<Reply, ApiError> {
    let scope = v0::scope(call)?;
    let id = v0::ids::parse_account_id(call.parameter("id"))?;
    let change = decode(&call.body)?;
    let account = change_lifecycle(&api.store, &*api.clock, scope, id, change).await?;
    Ok(Reply::json(200, &v0::account::account(&account)))
}
