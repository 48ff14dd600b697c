//! Tells what balances were: one as of a moment, all of an account as of a moment, and the
//! versions of one between two moments.

use subledger::balance::history::{
    account_balances_as_of, account_balances_page_as_of, balance_as_of, check_settled, is_settled,
    list_versions,
};
use subledger::page::{SortOrder, TimeRange};
use subledger::ports::ReadHistory;
use subledger_http::answer::answer;
use subledger_http::reply::Reply;
use subledger_http::request::call::Call;
use subledger_http::request::routes::{BALANCE_HISTORY, BalanceHistory};
use subledger_http::serve::Api;
use subledger_http::v1::cursor::List;
use subledger_http::v1::error::ApiError;
use subledger_http::v1::query::Moment;
use subledger_http::v1::{balance, path, query};
use subledger_http::{Request, Response};

/// Says whether what was at the moment is final: nothing that is written from now on can change it.
const SETTLED: &str = "x-settled";

/// Answers one request.
pub async fn handle<S: ReadHistory>(api: &Api<S>, request: Request) -> Response {
    answer(api.authorization, BALANCE_HISTORY, request, |call| async move {
        match call.operation {
            BalanceHistory::GetBalanceHistory => Ok(of_balance(api, &call).await?),
            BalanceHistory::GetAccountBalancesHistory => Ok(of_account(api, &call).await?),
            BalanceHistory::ListBalanceVersions => Ok(versions(api, &call).await?),
        }
    })
    .await
}

async fn of_balance<S: ReadHistory>(
    api: &Api<S>,
    call: &Call<BalanceHistory>,
) -> Result<Reply, ApiError> {
    let scope = path::scope(call)?;
    let id = path::balance(call)?;
    let Moment { as_of, settled_only } = query::moment(call)?;
    let settled = check_settled(&*api.clock, as_of, settled_only)?;
    let version = balance_as_of(&api.store, &*api.clock, scope, id, as_of).await?;
    Ok(Reply::json(200, &balance::history_body(&version)?)
        .with_header(SETTLED, settled.to_string()))
}

async fn of_account<S: ReadHistory>(
    api: &Api<S>,
    call: &Call<BalanceHistory>,
) -> Result<Reply, ApiError> {
    let scope = path::scope(call)?;
    let account = path::account(call)?;
    let Moment { as_of, settled_only } = query::moment(call)?;
    let settled = check_settled(&*api.clock, as_of, settled_only)?;
    let list = List::BalancesAsOf(account.uuid(), as_of);
    let clock = &*api.clock;
    if let Some(asked) = query::optional_page(call, list, SortOrder::Ascending)? {
        let found =
            account_balances_page_as_of(&api.store, clock, scope, account, as_of, &asked.request)
                .await?;
        let body = balance::history_page(&found, &asked, settled)?;
        return Ok(Reply::json(200, &body).with_header(SETTLED, settled.to_string()));
    }
    let versions = account_balances_as_of(&api.store, clock, scope, account, as_of).await?;
    Ok(Reply::json(200, &balance::history_list(&versions)?)
        .with_header(SETTLED, settled.to_string()))
}

async fn versions<S: ReadHistory>(
    api: &Api<S>,
    call: &Call<BalanceHistory>,
) -> Result<Reply, ApiError> {
    let scope = path::scope(call)?;
    let id = path::balance(call)?;
    let list = List::Versions(id.uuid());
    let asked = query::page(call, list)?;
    let is_of_a_time = asked.request.range != TimeRange::ALL;
    let settled = is_of_a_time.then(|| is_settled(&*api.clock, asked.request.range.to));
    let page = list_versions(&api.store, scope, id, &asked.request).await?;
    let reply = Reply::json(200, &balance::versions_body(&page, &asked, settled)?);
    Ok(match settled {
        Some(settled) => reply.with_header(SETTLED, settled.to_string()),
        None => reply,
    })
}
