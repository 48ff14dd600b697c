//! Names in paths.

use subledger::account::group::GroupKind;
use subledger::error::Error;
use subledger::money::ids::{
    AccountId, AssetId, BalanceId, GroupId, LedgerId, OperationId, OrganizationId, Scope,
    TransactionId,
};
use uuid::Uuid;

use super::error::ApiError;
use crate::request::call::Call;

/// The organization that the path names, if the caller may see it.
///
/// # Errors
/// `0065` if it is not a UUID, `0007` if it is another tenant's.
pub fn organization<T>(call: &Call<T>) -> Result<OrganizationId, ApiError> {
    visible_organization(call)?.ok_or_else(ApiError::not_found)
}

/// The organization in which the request creates something, if the caller may see it.
///
/// # Errors
/// `0065` if it is not a UUID, `0038` if it is another tenant's.
pub fn organization_to_fill<T>(call: &Call<T>) -> Result<OrganizationId, ApiError> {
    visible_organization(call)?.ok_or_else(|| Error::OrganizationNotFound.into())
}

fn visible_organization<T>(call: &Call<T>) -> Result<Option<OrganizationId>, ApiError> {
    let organization = OrganizationId::new(parse(call, "organization_id")?);
    Ok(call.caller.may_see(organization).then_some(organization))
}

/// The ledger that the path names, if the caller may see its organization.
///
/// # Errors
/// Those of [`organization`], and `0065`.
pub fn scope<T>(call: &Call<T>) -> Result<Scope, ApiError> {
    let ledger = LedgerId::new(parse(call, "ledger_id")?);
    Ok(Scope { organization: organization(call)?, ledger })
}

/// The account that the path names.
///
/// # Errors
/// `0065` if it is not a UUID.
pub fn account<T>(call: &Call<T>) -> Result<AccountId, ApiError> {
    parse(call, "account_id").map(AccountId::new)
}

/// The asset that the path names.
///
/// # Errors
/// `0065` if it is not a UUID.
pub fn asset<T>(call: &Call<T>) -> Result<AssetId, ApiError> {
    parse(call, "asset_id").map(AssetId::new)
}

/// The balance that the path names.
///
/// # Errors
/// `0065` if it is not a UUID.
pub fn balance<T>(call: &Call<T>) -> Result<BalanceId, ApiError> {
    parse(call, "balance_id").map(BalanceId::new)
}

/// The transaction that the path names.
///
/// # Errors
/// `0065` if it is not a UUID.
pub fn transaction<T>(call: &Call<T>) -> Result<TransactionId, ApiError> {
    parse(call, "transaction_id").map(TransactionId::new)
}

/// The operation that the path names.
///
/// # Errors
/// `0065` if it is not a UUID.
pub fn operation<T>(call: &Call<T>) -> Result<OperationId, ApiError> {
    parse(call, "operation_id").map(OperationId::new)
}

/// The portfolio, the segment or the account type that the path names.
///
/// # Errors
/// `0065` if it is not a UUID.
pub fn group<T>(call: &Call<T>, kind: GroupKind) -> Result<GroupId, ApiError> {
    let name = match kind {
        GroupKind::Portfolio => "portfolio_id",
        GroupKind::Segment => "segment_id",
        GroupKind::AccountType => "id",
    };
    parse(call, name).map(GroupId::new)
}

fn parse<T>(call: &Call<T>, name: &'static str) -> Result<Uuid, ApiError> {
    Uuid::parse_str(call.parameter(name)).map_err(|_| ApiError::path_parameter(name))
}
