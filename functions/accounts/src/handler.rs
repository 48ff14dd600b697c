//! Opens, finds, changes and ends accounts.

use subledger::ports::{
    DeleteAccounts, ListAccounts, ReadAccounts, ReadAssets, ReadCounts, ReadGroups, ReadLedgers,
    ResolveAlias, WriteAccounts,
};
use subledger_http::answer::answer;
use subledger_http::request::routes::{ACCOUNTS, Accounts};
use subledger_http::serve::Api;
use subledger_http::{Request, Response};

mod account;
mod v0_account;

/// What this function needs of a store.
pub trait Store:
    ReadLedgers
    + ReadAssets
    + ReadGroups
    + ReadCounts
    + ReadAccounts
    + ListAccounts
    + ResolveAlias
    + WriteAccounts
    + DeleteAccounts
{
}

impl<S> Store for S where
    S: ReadLedgers
        + ReadAssets
        + ReadGroups
        + ReadCounts
        + ReadAccounts
        + ListAccounts
        + ResolveAlias
        + WriteAccounts
        + DeleteAccounts
{
}

/// Answers one request.
pub async fn handle<S: Store>(api: &Api<S>, request: Request) -> Response {
    answer(api.authorization, ACCOUNTS, request, |call| async move {
        let call = &call;
        match call.operation {
            Accounts::CreateV0Account => Ok(v0_account::create(api, call).await?),
            Accounts::GetV0Account => Ok(v0_account::get(&api.store, call).await?),
            Accounts::ActivateV0Account => Ok(v0_account::activate(api, call).await?),
            Accounts::DeactivateV0Account => Ok(v0_account::deactivate(api, call).await?),
            Accounts::CloseV0Account => Ok(v0_account::close(api, call).await?),
            Accounts::CreateAccount => Ok(account::create(api, call).await?),
            Accounts::ListAccounts => Ok(account::list(&api.store, call).await?),
            Accounts::GetAccount => Ok(account::get(&api.store, call).await?),
            Accounts::GetAccountByAlias => Ok(account::get_by_alias(&api.store, call).await?),
            Accounts::GetAccountByExternalCode => {
                Ok(account::get_external(&api.store, call).await?)
            }
            Accounts::UpdateAccount => Ok(account::update(api, call).await?),
            Accounts::DeleteAccount => Ok(account::delete(api, call).await?),
            Accounts::CountAccounts => Ok(account::count(&api.store, call).await?),
        }
    })
    .await
}
