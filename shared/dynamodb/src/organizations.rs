//! Organizations: the ports [`ReadOrganizations`] and [`InsertOrganization`].

use subledger::error::Error;
use subledger::ids::OrganizationId;
use subledger::organization::Organization;
use subledger::page::NumberedPage;
use subledger::ports::{InsertOrganization, ReadOrganizations};

use crate::keys::{Key, Span};
use crate::query::Limit;
use crate::store::DynamoStore;
use crate::transaction::{Outcome, Transaction};
use crate::{directory_entry, organization_item};

impl ReadOrganizations for DynamoStore {
    async fn organization(&self, id: OrganizationId) -> Result<Option<Organization>, Error> {
        let item = self.get_consistent(&Key::Organization(id)).await?;
        item.map(organization_item::read).transpose()
    }

    async fn organizations(&self, page: &NumberedPage) -> Result<Vec<Organization>, Error> {
        let Some(span) = Span::organizations(page.range) else {
            return Ok(Vec::new());
        };
        let limit = Limit::Items(page.skipped().saturating_add(page.limit.items()));
        let entries = self.query_consistent(&span, page.order, limit).await?;
        let entries = entries.iter().skip(page.skipped());
        let ids: Vec<OrganizationId> =
            entries.map(directory_entry::read_organization).collect::<Result<_, _>>()?;
        let mut items = self.get_all_consistent(ids.iter().copied().map(Key::Organization)).await?;
        ids.into_iter()
            .map(|id| organization_item::read(items.expect(&Key::Organization(id))?))
            .collect()
    }
}

impl InsertOrganization for DynamoStore {
    async fn insert_organization(&self, organization: &Organization) -> Result<(), Error> {
        let transaction = Transaction::new()
            .insert((), organization_item::write(organization)?)
            .insert((), directory_entry::write_organization(organization)?);
        match self.commit(&transaction).await? {
            Outcome::Committed => Ok(()),
            // Two version 7 UUIDs are equal only if the source of randomness is broken.
            Outcome::Refused(_) => Err(Error::Contended),
        }
    }
}
