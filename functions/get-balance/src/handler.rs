//! Reads one balance: `GET /v0/subledger_balances/{id}` and `GET …/balances/{balance_id}`.

use subledger::balance::get::{get_balance, get_credit_balance};
use subledger::ports::ReadBalance;
use subledger_http::answer::answer;
use subledger_http::reply::Reply;
use subledger_http::request::call::Call;
use subledger_http::request::routes::{GET_BALANCE, GetBalance};
use subledger_http::serve::Api;
use subledger_http::{Request, Response, v0, v1};

/// Answers one request.
pub async fn handle<S: ReadBalance>(api: &Api<S>, request: Request) -> Response {
    answer(api.authorization, GET_BALANCE, request, |call| async move {
        match call.operation {
            GetBalance::GetV0SubledgerBalance => Ok(v0(&api.store, &call).await?),
            GetBalance::GetBalance => Ok(v1(&api.store, &call).await?),
        }
    })
    .await
}

async fn v0(
    store: &impl ReadBalance,
    call: &Call<GetBalance>,
) -> Result<Reply, v0::error::ApiError> {
    let scope = v0::scope(call)?;
    let id = v0::ids::parse_balance_id(call.parameter("id"))?;
    let balance = get_credit_balance(store, scope, id).await?;
    Ok(Reply::json(200, &v0::balance::balance(&balance)?))
}

async fn v1(
    store: &impl ReadBalance,
    call: &Call<GetBalance>,
) -> Result<Reply, v1::error::ApiError> {
    let scope = v1::path::scope(call)?;
    let balance = get_balance(store, scope, v1::path::balance(call)?).await?;
    Ok(Reply::json(200, &v1::balance::body(&balance)?))
}
