//! Accounts, as v1 sees them.

use subledger::account::delete::delete_account;
use subledger::account::open::open_account;
use subledger::account::update::update_account;
use subledger::account::{Account, Alias};
use subledger::count::{self, Counted, Owner};
use subledger::error::Error;
use subledger::ledger::asset::AssetCode;
use subledger::money::ids::Scope;
use subledger::page::{Filter, NumberedPage};
use subledger::ports::{
    DeleteAccounts, ListAccounts, ReadAccounts, ReadAssets, ReadCounts, ReadGroups, ReadLedgers,
    ResolveAlias, WriteAccounts,
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
    S: ReadLedgers + ReadAssets + ReadAccounts + ReadGroups + WriteAccounts,
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

pub(crate) async fn update<S: ReadAccounts + ReadGroups + WriteAccounts>(
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
        Some(alias) => named(store, scope, &alias, &page, &wanted).await?,
    };
    let items = accounts.iter().map(account::body).collect();
    Ok(Reply::json(200, &numbered_list(items, &page)))
}

/// The page of a list of the one account that has the alias, if it is wanted.
async fn named(
    store: &(impl ReadAccounts + ResolveAlias),
    scope: Scope,
    alias: &Alias,
    page: &NumberedPage,
    wanted: &Filter<Account>,
) -> Result<Vec<Account>, Error> {
    let account = match store.account_of_alias(scope, alias).await? {
        Some(id) => store.account(scope, id).await?,
        None => None,
    };
    let account = account.filter(|account| wanted.matches(account));
    Ok(page.cut(account.into_iter().collect(), |account| account.created_at))
}

pub(crate) async fn count(
    store: &(impl ListAccounts + ReadAccounts + ResolveAlias + ReadCounts),
    call: &Call<Accounts>,
) -> Result<Reply, ApiError> {
    let scope = path::scope(call)?;
    let (range, wanted) = (query::created(call)?, filter::accounts(call)?);
    let number = match filter::alias(call)? {
        None => {
            let counted = (Owner::Ledger(scope), Counted::Accounts);
            let list = async |page| store.accounts(scope, &page, &wanted).await;
            count::count(store, counted, (range, &wanted), list).await?
        }
        Some(alias) => {
            let page = NumberedPage::to_count(range);
            let found = named(store, scope, &alias, &page, &wanted).await?;
            u64::from(!found.is_empty())
        }
    };
    Ok(Reply::count(number))
}
