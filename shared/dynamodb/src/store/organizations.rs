//! Organizations: the ports [`ReadNothing`], [`ReadOrganizations`], [`InsertOrganization`] and
//! [`ChangeOrganizations`].

use subledger::count::{Counted, Owner};
use subledger::error::Error;
use subledger::ledger::organization::Organization;
use subledger::money::ids::OrganizationId;
use subledger::page::{Filter, NumberedPage};
use subledger::ports::{ChangeOrganizations, InsertOrganization, ReadNothing, ReadOrganizations};
use uuid::Uuid;

use crate::requests::transact_write::{Condition, Outcome, TransactWrite};
use crate::schema::items;
use crate::schema::key_range::KeyRange;
use crate::schema::keys::Key;
use crate::store::DynamoStore;
use crate::store::numbered_list::{listing_items, numbered_page};
use crate::store::revisions::follows;

impl ReadNothing for DynamoStore {
    async fn read_nothing(&self) -> Result<(), Error> {
        let nobody = OrganizationId::new(Uuid::nil());
        self.table.get_consistent(&Key::Organization(nobody)).await.map(drop)
    }
}

impl ReadOrganizations for DynamoStore {
    async fn organization(&self, id: OrganizationId) -> Result<Option<Organization>, Error> {
        let item = self.table.get_consistent(&Key::Organization(id)).await?;
        let organization = item.map(items::organization::read).transpose()?;
        Ok(organization.filter(|organization| organization.timeline.deleted_at.is_none()))
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
        let mut organizations: Vec<Organization> = ids
            .into_iter()
            .map(|id| items::organization::read(items.expect(&Key::Organization(id))?))
            .collect::<Result<_, _>>()?;
        // One that is deleted meanwhile was in the listing.
        organizations.retain(|organization| organization.timeline.deleted_at.is_none());
        Ok(organizations)
    }
}

/// What the creation of an organization writes, in order of precedence.
#[derive(Debug, Clone, Copy)]
enum Write {
    Parent,
    Organization,
}

impl InsertOrganization for DynamoStore {
    async fn insert_organization(&self, organization: &Organization) -> Result<(), Error> {
        let id = organization.id.uuid();
        let mut transaction = TransactWrite::new();
        if let Some(parent) = organization.parent.map(Owner::Organization) {
            let counted = &[Counted::Organizations];
            transaction = transaction.count_in(Write::Parent, &parent, id, counted);
        }
        let transaction = transaction
            .put_if_absent(Write::Organization, items::organization::write(organization)?)
            .put_if_absent(Write::Organization, items::listing::write_organization(organization)?)
            .count_in(Write::Organization, &Owner::System, id, &[Counted::Organizations]);
        let failed = match self.table.write_all(&transaction).await? {
            Outcome::Written => return Ok(()),
            Outcome::ConditionsFailed(failed) => failed,
        };
        match failed.first().map(|refusal| refusal.write) {
            Some(Write::Parent) => Err(Error::ParentOrganizationNotFound),
            // Two version 7 UUIDs are equal only if the source of randomness is broken.
            Some(Write::Organization) | None => Err(Error::Contended),
        }
    }
}

impl ChangeOrganizations for DynamoStore {
    async fn replace_organization(
        &self,
        before: &Organization,
        next: &Organization,
    ) -> Result<bool, Error> {
        let Some(condition) = follows(next.timeline.revision) else {
            return Ok(false);
        };
        let item = items::organization::write(next)?;
        let mut transaction = TransactWrite::new().put((), item, condition);
        if before.parent != next.parent {
            let (id, counted) = (next.id.uuid(), &[Counted::Organizations]);
            if let Some(parent) = before.parent.map(Owner::Organization) {
                transaction = transaction.count_out((), &parent, id, counted);
            }
            if let Some(parent) = next.parent.map(Owner::Organization) {
                transaction = transaction.count_in((), &parent, id, counted);
            }
        }
        self.table.write_if_current(&transaction).await
    }

    async fn delete_organization(&self, last: &Organization) -> Result<bool, Error> {
        let Some(condition) = follows(last.timeline.revision) else {
            return Ok(false);
        };
        let listing_item = Key::OrganizationListingItem {
            created_at: last.timeline.created_at,
            organization: last.id,
        };
        let (id, counted) = (last.id.uuid(), &[Counted::Organizations]);
        let mut transaction = TransactWrite::new()
            .put((), items::organization::write(last)?, condition)
            .delete((), &listing_item, Condition::Present)
            .count_out((), &Owner::System, id, counted)
            .close_counter((), &Owner::Organization(last.id));
        if let Some(parent) = last.parent.map(Owner::Organization) {
            transaction = transaction.count_out((), &parent, id, counted);
        }
        self.table.write_if_current(&transaction).await
    }
}
