//! Opens balances: `POST /v0/subledger_balances` and `POST …/accounts/{account_id}/balances`.

use subledger::balance::create::{create_balance, create_credit_balance};
use subledger::ports::OpenBalances;
use subledger_http::answer::answer;
use subledger_http::reply::Reply;
use subledger_http::request::call::Call;
use subledger_http::request::routes::{CREATE_BALANCE, CreateBalance};
use subledger_http::serve::Api;
use subledger_http::{Request, Response, v0, v1};

/// Answers one request.
pub async fn handle<S: OpenBalances>(api: &Api<S>, request: Request) -> Response {
    answer(api.authorization, CREATE_BALANCE, request, |call| async move {
        match call.operation {
            CreateBalance::CreateV0SubledgerBalance => Ok(v0(api, &call).await?),
            CreateBalance::CreateBalance => Ok(v1(api, &call).await?),
        }
    })
    .await
}

async fn v0<S: OpenBalances>(
    api: &Api<S>,
    call: &Call<CreateBalance>,
) -> Result<Reply, v0::error::ApiError> {
    let scope = v0::scope(call)?;
    let key = call.header(v0::IDEMPOTENCY_KEY);
    let new = v0::create_balance::decode_create_balance(scope, key, &call.body)?;
    let balance = create_credit_balance(&api.store, &*api.clock, new).await?;
    Ok(Reply::json(200, &v0::balance::balance(&balance)?))
}

async fn v1<S: OpenBalances>(
    api: &Api<S>,
    call: &Call<CreateBalance>,
) -> Result<Reply, v1::error::ApiError> {
    let scope = v1::path::scope(call)?;
    let new = v1::balance::decode(scope, v1::path::account(call)?, &call.body)?;
    let balance = create_balance(&api.store, &*api.clock, &*api.ids, new).await?;
    Ok(Reply::json(201, &v1::balance::body(&balance)?))
}
