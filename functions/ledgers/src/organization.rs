//! Organizations.

use subledger::count::{self, Counted, Owner};
use subledger::error::Error;
use subledger::ledger::organization::{
    create_organization, delete_organization, update_organization,
};
use subledger::page::NumberedPage;
use subledger::ports::{ChangeOrganizations, InsertOrganization, ReadCounts, ReadOrganizations};
use subledger_http::reply::Reply;
use subledger_http::request::call::Call;
use subledger_http::request::routes::Ledgers;
use subledger_http::serve::Api;
use subledger_http::v1::error::ApiError;
use subledger_http::v1::list::numbered_list;
use subledger_http::v1::{filter, organization, path, query};

/// Creates an organization for an operator. A tenant may not create one: it could not see it, and
/// must not learn which other organizations exist.
pub(crate) async fn create<S: ReadOrganizations + InsertOrganization>(
    api: &Api<S>,
    call: &Call<Ledgers>,
) -> Result<Reply, ApiError> {
    call.caller.expect_operator()?;
    let new = organization::decode(&call.body)?;
    let created = create_organization(&api.store, &*api.clock, &*api.ids, new).await?;
    Ok(Reply::json(201, &organization::body(&created)))
}

pub(crate) async fn get(
    store: &impl ReadOrganizations,
    call: &Call<Ledgers>,
) -> Result<Reply, ApiError> {
    let organization = store.organization(path::organization(call)?).await?;
    let organization = organization.ok_or_else(ApiError::not_found)?;
    Ok(Reply::json(200, &organization::body(&organization)))
}

/// All organizations for an operator; for a tenant its own.
pub(crate) async fn list(
    store: &impl ReadOrganizations,
    call: &Call<Ledgers>,
) -> Result<Reply, ApiError> {
    let page = query::numbered_page(call)?;
    let wanted = filter::organizations(call)?;
    let organizations = match call.caller.only_organization() {
        None => store.organizations(&page, &wanted).await?,
        Some(own) => {
            let own = store.organization(own).await?.filter(|own| wanted.matches(own));
            page.cut(own.into_iter().collect(), |it| it.timeline.created_at)
        }
    };
    let items = organizations.iter().map(organization::body).collect();
    Ok(Reply::json(200, &numbered_list(items, &page)))
}

/// Changes an organization. The parent is an organization that the caller may see, so a tenant can
/// only take it away.
pub(crate) async fn update<S: ChangeOrganizations>(
    api: &Api<S>,
    call: &Call<Ledgers>,
) -> Result<Reply, ApiError> {
    let id = path::organization(call)?;
    let change = organization::decode_change(&call.body)?;
    if change.parent.flatten().is_some_and(|parent| !call.caller.may_see(parent)) {
        return Err(Error::ParentOrganizationNotFound.into());
    }
    let changed = update_organization(&api.store, &*api.clock, id, &change).await?;
    Ok(Reply::json(200, &organization::body(&changed)))
}

/// Deletes an organization for an operator, who created it.
pub(crate) async fn delete<S: ChangeOrganizations>(
    api: &Api<S>,
    call: &Call<Ledgers>,
) -> Result<Reply, ApiError> {
    call.caller.expect_operator()?;
    delete_organization(&api.store, &*api.clock, path::organization(call)?).await?;
    Ok(Reply::empty(204))
}

/// How many organizations the caller may see.
pub(crate) async fn count(
    store: &(impl ReadOrganizations + ReadCounts),
    call: &Call<Ledgers>,
) -> Result<Reply, ApiError> {
    let wanted = (query::created(call)?, &filter::organizations(call)?);
    if let Some(own) = call.caller.only_organization() {
        let page = NumberedPage::to_count(wanted.0);
        let own = store.organization(own).await?.filter(|own| wanted.1.matches(own));
        let shown = page.cut(own.into_iter().collect(), |it| it.timeline.created_at);
        return Ok(Reply::count(u64::from(!shown.is_empty())));
    }
    let counted = (Owner::System, Counted::Organizations);
    let list = async |page| store.organizations(&page, wanted.1).await;
    Ok(Reply::count(count::count(store, counted, wanted, list).await?))
}
