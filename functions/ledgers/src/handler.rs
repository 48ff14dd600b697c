//! Manages organizations, ledgers, and what a ledger is set up with: assets, portfolios, segments and
//! account types.

use subledger::account::group::GroupKind;
use subledger::ports::{
    ChangeAssets, ChangeGroups, ChangeLedgers, ChangeOrganizations, InsertAsset, InsertGroup,
    InsertLedger, InsertOrganization, ListGroups, ReadAssets, ReadCounts, ReadGroups, ReadLedgers,
    ReadOrganizations,
};
use subledger_http::answer::answer;
use subledger_http::request::routes::{LEDGERS, Ledgers};
use subledger_http::serve::Api;
use subledger_http::{Request, Response};

mod asset;
mod group;
mod ledger;
mod organization;

/// What this function needs of a store.
pub trait Store:
    ReadOrganizations
    + InsertOrganization
    + ChangeOrganizations
    + ReadLedgers
    + InsertLedger
    + ChangeLedgers
    + ReadAssets
    + InsertAsset
    + ChangeAssets
    + ReadGroups
    + ListGroups
    + InsertGroup
    + ChangeGroups
    + ReadCounts
{
}

impl<S> Store for S where
    S: ReadOrganizations
        + InsertOrganization
        + ChangeOrganizations
        + ReadLedgers
        + InsertLedger
        + ChangeLedgers
        + ReadAssets
        + InsertAsset
        + ChangeAssets
        + ReadGroups
        + ListGroups
        + InsertGroup
        + ChangeGroups
        + ReadCounts
{
}

/// Answers one request.
pub async fn handle<S: Store>(api: &Api<S>, request: Request) -> Response {
    use GroupKind::{AccountType, Portfolio, Segment};
    answer(api.authorization, LEDGERS, request, |call| async move {
        let (store, call) = (&api.store, &call);
        Ok(match call.operation {
            Ledgers::CreateOrganization => organization::create(api, call).await?,
            Ledgers::ListOrganizations => organization::list(store, call).await?,
            Ledgers::GetOrganization => organization::get(store, call).await?,
            Ledgers::UpdateOrganization => organization::update(api, call).await?,
            Ledgers::DeleteOrganization => organization::delete(api, call).await?,
            Ledgers::CountOrganizations => organization::count(store, call).await?,
            Ledgers::CreateLedger => ledger::create(api, call).await?,
            Ledgers::ListLedgers => ledger::list(store, call).await?,
            Ledgers::GetLedger => ledger::get(store, call).await?,
            Ledgers::UpdateLedger => ledger::update(api, call).await?,
            Ledgers::DeleteLedger => ledger::delete(api, call).await?,
            Ledgers::CountLedgers => ledger::count(store, call).await?,
            Ledgers::GetLedgerSettings => ledger::settings(store, call).await?,
            Ledgers::UpdateLedgerSettings => ledger::update_settings(api, call).await?,
            Ledgers::CreateAsset => asset::create(api, call).await?,
            Ledgers::ListAssets => asset::list(store, call).await?,
            Ledgers::GetAsset => asset::get(store, call).await?,
            Ledgers::UpdateAsset => asset::update(api, call).await?,
            Ledgers::DeleteAsset => asset::delete(api, call).await?,
            Ledgers::CountAssets => asset::count(store, call).await?,
            Ledgers::CreatePortfolio => group::create(api, call, Portfolio).await?,
            Ledgers::ListPortfolios => group::list(store, call, Portfolio).await?,
            Ledgers::GetPortfolio => group::get(store, call, Portfolio).await?,
            Ledgers::UpdatePortfolio => group::update(api, call, Portfolio).await?,
            Ledgers::DeletePortfolio => group::delete(api, call, Portfolio).await?,
            Ledgers::CountPortfolios => group::count_portfolios(store, call).await?,
            Ledgers::CreateSegment => group::create(api, call, Segment).await?,
            Ledgers::ListSegments => group::list(store, call, Segment).await?,
            Ledgers::GetSegment => group::get(store, call, Segment).await?,
            Ledgers::UpdateSegment => group::update(api, call, Segment).await?,
            Ledgers::DeleteSegment => group::delete(api, call, Segment).await?,
            Ledgers::CountSegments => group::count_segments(store, call).await?,
            Ledgers::CreateAccountType => group::create(api, call, AccountType).await?,
            Ledgers::ListAccountTypes => group::list_by_cursor(store, call, AccountType).await?,
            Ledgers::GetAccountType => group::get(store, call, AccountType).await?,
            Ledgers::UpdateAccountType => group::update(api, call, AccountType).await?,
            Ledgers::DeleteAccountType => group::delete(api, call, AccountType).await?,
        })
    })
    .await
}
