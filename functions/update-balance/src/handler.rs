//! Changes the rules of a balance, and deletes it: `PATCH` and `DELETE …/balances/{balance_id}`.

use subledger::balance::update::{balance_to_update, delete_balance, update_balance};
use subledger::ports::ChangeBalances;
use subledger_http::answer::answer;
use subledger_http::reply::Reply;
use subledger_http::request::call::Call;
use subledger_http::request::routes::{UPDATE_BALANCE, UpdateBalance};
use subledger_http::serve::Api;
use subledger_http::v1::error::ApiError;
use subledger_http::v1::{balance, path};
use subledger_http::{Request, Response};

/// Answers one request.
pub async fn handle<S: ChangeBalances>(api: &Api<S>, request: Request) -> Response {
    answer(api.authorization, UPDATE_BALANCE, request, |call| async move {
        match call.operation {
            UpdateBalance::UpdateBalance => Ok(update(api, &call).await?),
            UpdateBalance::DeleteBalance => Ok(delete(api, &call).await?),
        }
    })
    .await
}

async fn update<S: ChangeBalances>(
    api: &Api<S>,
    call: &Call<UpdateBalance>,
) -> Result<Reply, ApiError> {
    let scope = path::scope(call)?;
    let id = path::balance(call)?;
    let change = match balance::decode_change(&call.body)?.check() {
        Ok(change) => change,
        Err(settings) => {
            balance_to_update(&api.store, scope, id).await?;
            return Err(settings);
        }
    };
    let changed = update_balance(&api.store, &*api.clock, &*api.ids, scope, id, &change).await?;
    Ok(Reply::json(200, &balance::body(&changed)?))
}

async fn delete<S: ChangeBalances>(
    api: &Api<S>,
    call: &Call<UpdateBalance>,
) -> Result<Reply, ApiError> {
    let scope = path::scope(call)?;
    delete_balance(&api.store, &*api.clock, scope, path::balance(call)?).await?;
    Ok(Reply::empty(204))
}
