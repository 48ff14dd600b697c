//! Accounts, as v1 sees them.

use subledger::account::Alias;
use subledger::account::delete::delete_account;
use subledger::account::open::open_account;
use subledger::account::update::update_account;
use subledger::error::Error;
use subledger::ledger::asset::AssetCode;
use subledger::ports::{
    DeleteAccounts, ListAccounts, ReadAccounts, ReadAssets, ReadLedgers, ResolveAlias,
    WriteAccounts,
};
use subledger_http::reply::Reply;
use subledger_http::request::call::Call;
use subledger_http::request::routes::Accounts;
use subledger_http::serve::Api;
use subledger_http::v1::error::ApiError;
use subledger_http::v1::list::numbered_list;
use subledger_http::v1::{account, filter, path, query};

pub(crate) async fn create<S>(api: &Api<S>, call: &Call<Accounts>) -> Result<Reply, ApiError>
where
    S: ReadLedgers + ReadAssets + ReadAccounts + WriteAccounts,
{
    let new = account::decode(path::scope(call)?, &call.body)?;
    let created = open_account(&api.store, &*api.clock, &*api.ids, new).await?;
    Ok(Reply::json(201, &account::body(&created)))
}

pub(crate) async fn get(
    store: &impl ReadAccounts,
    call: &Call<Accounts>,
) -> Result<Reply, ApiError> {
    let scope = path::scope(call)?;
    let account = store.account(scope, path::account(call)?).await?;
    Ok(Reply::json(200, &account::body(&account.ok_or(Error::AccountNotFound)?)))
}

pub(crate) async fn get_by_alias(
    store: &(impl ReadAccounts + ResolveAlias),
    call: &Call<Accounts>,
) -> Result<Reply, ApiError> {
    by_alias(store, call, Alias::recognize(call.parameter("alias"))).await
}

pub(crate) async fn get_external(
    store: &(impl ReadAccounts + ResolveAlias),
    call: &Call<Accounts>,
) -> Result<Reply, ApiError> {
    let code = AssetCode::parse(call.parameter("code")).ok();
    by_alias(store, call, code.map(|code| Alias::external(&code))).await
}

pub(crate) async fn update<S: ReadAccounts + WriteAccounts>(
    api: &Api<S>,
    call: &Call<Accounts>,
) -> Result<Reply, ApiError> {
    let scope = path::scope(call)?;
    let id = path::account(call)?;
    let change = account::decode_change(&call.body)?;
    let changed = update_account(&api.store, &*api.clock, scope, id, &change).await?;
    Ok(Reply::json(200, &account::body(&changed)))
}

pub(crate) async fn delete<S: DeleteAccounts>(
    api: &Api<S>,
    call: &Call<Accounts>,
) -> Result<Reply, ApiError> {
    let scope = path::scope(call)?;
    delete_account(&api.store, &*api.clock, scope, path::account(call)?).await?;
    Ok(Reply::empty(204))
}

async fn by_alias(
    store: &(impl ReadAccounts + ResolveAlias),
    call: &Call<Accounts>,
    alias: Option<Alias>,
) -> Result<Reply, ApiError> {
    let scope = path::scope(call)?;
    let alias = alias.ok_or(Error::AliasNotFound)?;
    let id = store.account_of_alias(scope, &alias).await?.ok_or(Error::AliasNotFound)?;
    let account = store.account(scope, id).await?.ok_or(Error::AliasNotFound)?;
    Ok(Reply::json(200, &account::body(&account)))
}

pub(crate) async fn list(
    store: &(impl ListAccounts + ReadAccounts + ResolveAlias),
    call: &Call<Accounts>,
) -> Result<Reply, ApiError> {
    let scope = path::scope(call)?;
    let page = query::numbered_page(call)?;
    let wanted = filter::accounts(call)?;
    let accounts = match filter::alias(call)? {
        None => store.accounts(scope, &page, &wanted).await?,
        // An alias names one account at most.
        Some(alias) => {
            let named = match store.account_of_alias(scope, &alias).await? {
                Some(id) => store.account(scope, id).await?,
                None => None,
            };
            let named = named.filter(|account| wanted.matches(account));
            page.cut(named.into_iter().collect(), |account| account.created_at)
        }
    };
    let items = accounts.iter().map(account::body).collect();
    Ok(Reply::json(200, &numbered_list(items, &page)))
}
