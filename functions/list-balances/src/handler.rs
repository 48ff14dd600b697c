//! Lists balances: of a ledger, of an account, of an account's alias, of an external account.

use subledger::account::Alias;
use subledger::balance::list::{
    creation_position, list_account_balances, list_all_account_balances, list_ledger_balances,
};
use subledger::ledger::asset::AssetCode;
use subledger::money::ids::AccountId;
use subledger::page::SortOrder;
use subledger::ports::ListBalances;
use subledger_http::answer::answer;
use subledger_http::reply::Reply;
use subledger_http::request::call::Call;
use subledger_http::request::routes::{self, LIST_BALANCES};
use subledger_http::serve::Api;
use subledger_http::v1::cursor::List;
use subledger_http::v1::error::ApiError;
use subledger_http::v1::{balance, path, query};
use subledger_http::{Request, Response};

/// Answers one request.
pub async fn handle<S: ListBalances>(api: &Api<S>, request: Request) -> Response {
    answer(api.authorization, LIST_BALANCES, request, |call| async move {
        let store = &api.store;
        match call.operation {
            routes::ListBalances::ListLedgerBalances => Ok(of_ledger(store, &call).await?),
            routes::ListBalances::ListAccountBalances => Ok(of_account(store, &call).await?),
            routes::ListBalances::ListBalancesByAlias => {
                let alias = Alias::recognize(call.parameter("alias"));
                Ok(of_alias(store, &call, alias).await?)
            }
            routes::ListBalances::ListBalancesByExternalCode => {
                let code = AssetCode::parse(call.parameter("code")).ok();
                Ok(of_alias(store, &call, code.map(|code| Alias::external(&code))).await?)
            }
        }
    })
    .await
}

async fn of_ledger(
    store: &impl ListBalances,
    call: &Call<routes::ListBalances>,
) -> Result<Reply, ApiError> {
    let scope = path::scope(call)?;
    let list = List::LedgerBalances(scope.ledger.uuid());
    let request = query::page(call, list)?;
    let page = list_ledger_balances(store, scope, &request).await?;
    Ok(Reply::json(200, &balance::page_body(&page, list, request.limit)?))
}

async fn of_account(
    store: &impl ListBalances,
    call: &Call<routes::ListBalances>,
) -> Result<Reply, ApiError> {
    let scope = path::scope(call)?;
    let account = path::account(call)?;
    let list = List::AccountBalances(account.uuid());
    let request = query::page(call, list)?;
    let page = list_account_balances(store, scope, account, &request).await?;
    Ok(Reply::json(200, &balance::page_body(&page, list, request.limit)?))
}

async fn of_alias(
    store: &impl ListBalances,
    call: &Call<routes::ListBalances>,
    alias: Option<Alias>,
) -> Result<Reply, ApiError> {
    let scope = path::scope(call)?;
    let account = match alias {
        Some(alias) => store.account_of_alias(scope, &alias).await?,
        None => None,
    };
    let list = List::AliasBalances(account.map(AccountId::uuid));
    let page = query::optional_page(call, list, SortOrder::Descending)?;
    let balances = match (account, page) {
        (Some(account), Some(page)) => {
            let found = list_account_balances(store, scope, account, &page).await?;
            return Ok(Reply::json(200, &balance::page_body(&found, list, page.limit)?));
        }
        (None, Some(page)) => {
            let none = page.page(Vec::new(), creation_position);
            return Ok(Reply::json(200, &balance::page_body(&none, list, page.limit)?));
        }
        (Some(account), None) => list_all_account_balances(store, scope, account).await?,
        (None, None) => Vec::new(),
    };
    Ok(Reply::json(200, &balance::whole_list(&balances)?))
}
