//! Organizations.

use subledger::ledger::organization::create_organization;
use subledger::ports::{InsertOrganization, ReadOrganizations};
use subledger_http::reply::Reply;
use subledger_http::request::call::Call;
use subledger_http::request::routes::Accounts;
use subledger_http::serve::Api;
use subledger_http::v1::error::ApiError;
use subledger_http::v1::list::numbered_list;
use subledger_http::v1::{filter, organization, path, query};

/// Creates an organization for an operator. A tenant may not create one: it could not see it, and
/// must not learn which other organizations exist.
pub(crate) async fn create<S: ReadOrganizations + InsertOrganization>(
    api: &Api<S>,
    call: &Call<Accounts>,
) -> Result<Reply, ApiError> {
    call.caller.expect_operator()?;
    let new = organization::decode(&call.body)?;
    let created = create_organization(&api.store, &*api.clock, &*api.ids, new).await?;
    Ok(Reply::json(201, &organization::body(&created)))
}

pub(crate) async fn get(
    store: &impl ReadOrganizations,
    call: &Call<Accounts>,
) -> Result<Reply, ApiError> {
    let organization = store.organization(path::organization(call)?).await?;
    let organization = organization.ok_or_else(ApiError::not_found)?;
    Ok(Reply::json(200, &organization::body(&organization)))
}

/// All organizations for an operator; for a tenant its own.
pub(crate) async fn list(
    store: &impl ReadOrganizations,
    call: &Call<Accounts>,
) -> Result<Reply, ApiError> {
    let page = query::numbered_page(call)?;
    let wanted = filter::organizations(call)?;
    let organizations = match call.caller.only_organization() {
        None => store.organizations(&page, &wanted).await?,
        Some(own) => {
            let own = store.organization(own).await?.filter(|own| wanted.matches(own));
            page.cut(own.into_iter().collect(), |organization| organization.created_at)
        }
    };
    let items = organizations.iter().map(organization::body).collect();
    Ok(Reply::json(200, &numbered_list(items, &page)))
}
