//! Organizations: the ports [`ReadOrganizations`] and [`InsertOrganization`].

use subledger::error::Error;
use subledger::ledger::organization::Organization;
use subledger::money::ids::OrganizationId;
use subledger::page::{Filter, NumberedPage};
use subledger::ports::{InsertOrganization, ReadOrganizations};

use crate::requests::transact_write::{Outcome, TransactWrite};
use crate::schema::items;
use crate::schema::key_range::KeyRange;
use crate::schema::keys::Key;
use crate::store::DynamoStore;
use crate::store::numbered_list::{listing_items, numbered_page};

impl ReadOrganizations for DynamoStore {
    async fn organization(&self, id: OrganizationId) -> Result<Option<Organization>, Error> {
        let item = self.table.get_consistent(&Key::Organization(id)).await?;
        item.map(items::organization::read).transpose()
    }

    async fn organizations(
        &self,
        page: &NumberedPage,
        wanted: &Filter<Organization>,
    ) -> Result<Vec<Organization>, Error> {
        let Some(key_range) = KeyRange::organizations(page.range) else {
            return Ok(Vec::new());
        };
        let limit = listing_items(page, wanted);
        let listing_items = self.table.query_consistent(&key_range, page.order, limit).await?;
        let ids: Result<Vec<OrganizationId>, Error> =
            listing_items.iter().map(items::listing::read_organization).collect();
        numbered_page(page, wanted, ids?, |ids| self.organizations_named(ids)).await
    }
}

impl DynamoStore {
    /// The organizations with these ids, which listing items name.
    async fn organizations_named(
        &self,
        ids: Vec<OrganizationId>,
    ) -> Result<Vec<Organization>, Error> {
        let mut items =
            self.table.get_all_consistent(ids.iter().copied().map(Key::Organization)).await?;
        ids.into_iter()
            .map(|id| items::organization::read(items.expect(&Key::Organization(id))?))
            .collect()
    }
}

impl InsertOrganization for DynamoStore {
    async fn insert_organization(&self, organization: &Organization) -> Result<(), Error> {
        let transaction = TransactWrite::new()
            .put_if_absent((), items::organization::write(organization)?)
            .put_if_absent((), items::listing::write_organization(organization)?);
        match self.table.write_all(&transaction).await? {
            Outcome::Written => Ok(()),
            // Two version 7 UUIDs are equal only if the source of randomness is broken.
            Outcome::ConditionsFailed(_) => Err(Error::Contended),
        }
    }
}
