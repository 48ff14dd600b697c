//! Organizations: the tenants.

use crate::conflict::{ATTEMPTS_MAX, until_current};
use crate::count::{Owner, expect_nothing_in};
use crate::error::Error;
use crate::metadata::Metadata;
use crate::money::ids::OrganizationId;
use crate::money::text::Name;
use crate::money::timeline::Timeline;
use crate::ports::{ChangeOrganizations, Clock, IdSource, InsertOrganization, ReadOrganizations};
use crate::status::{Status, StatusChange};

/// Where an organization is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// Street and number.
    pub line1: Option<Name>,
    /// Second line.
    pub line2: Option<Name>,
    /// Postal code.
    pub zip_code: Option<Name>,
    /// City.
    pub city: Option<Name>,
    /// State or province.
    pub state: Option<Name>,
    /// ISO 3166-1 alpha-2.
    pub country: CountryCode,
    /// Free text.
    pub description: Option<Name>,
}

/// An ISO 3166-1 alpha-2 country code in capitals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountryCode(String);

impl CountryCode {
    /// The code, if ISO 3166-1 assigns it to a country.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        rust_iso3166::from_alpha2(text).map(|country| Self(country.alpha2.to_owned()))
    }

    /// Two capital letters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organization {
    /// Its id.
    pub id: OrganizationId,
    /// The organization that this one belongs to.
    pub parent: Option<OrganizationId>,
    /// Its name in law.
    pub legal_name: Name,
    /// The number or text that identifies it in law.
    pub legal_document: Name,
    /// Its trade name.
    pub doing_business_as: Option<Name>,
    /// Where it is.
    pub address: Option<Address>,
    /// The client's status label.
    pub status: Status,
    /// The client's metadata.
    pub metadata: Metadata,
    /// When it was created, changed and deleted.
    pub timeline: Timeline,
}

/// The changes of a request; `None` leaves a field as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OrganizationChange {
    /// `Some(None)` removes it.
    pub parent: Option<Option<OrganizationId>>,
    /// See [`Organization`].
    pub legal_name: Option<Name>,
    /// `Some(None)` removes it.
    pub doing_business_as: Option<Option<Name>>,
    /// `Some(None)` removes it; another one replaces it as a whole.
    pub address: Option<Option<Address>>,
    /// See [`Organization`].
    pub status: StatusChange,
    /// Changes of the metadata: see [`Metadata::merged`].
    pub metadata: Metadata,
}

/// A request to create an organization.
#[derive(Debug, Clone)]
pub struct NewOrganization {
    /// See [`Organization`].
    pub parent: Option<OrganizationId>,
    /// See [`Organization`].
    pub legal_name: Name,
    /// See [`Organization`].
    pub legal_document: Name,
    /// See [`Organization`].
    pub doing_business_as: Option<Name>,
    /// See [`Organization`].
    pub address: Option<Address>,
    /// See [`Organization`].
    pub status: Status,
    /// See [`Organization`].
    pub metadata: Metadata,
}

/// Creates an organization.
///
/// # Errors
/// [`Error::ParentOrganizationNotFound`], and those of the store.
pub async fn create_organization(
    store: &(impl ReadOrganizations + InsertOrganization),
    clock: &dyn Clock,
    ids: &dyn IdSource,
    new: NewOrganization,
) -> Result<Organization, Error> {
    if let Some(parent) = new.parent {
        store.organization(parent).await?.ok_or(Error::ParentOrganizationNotFound)?;
    }
    let organization = Organization {
        id: OrganizationId::new(ids.next_id()),
        parent: new.parent,
        legal_name: new.legal_name,
        legal_document: new.legal_document,
        doing_business_as: new.doing_business_as,
        address: new.address,
        status: new.status,
        metadata: new.metadata,
        timeline: Timeline::begin(clock.now()),
    };
    store.insert_organization(&organization).await?;
    Ok(organization)
}

/// Changes an organization.
///
/// # Errors
/// [`Error::ObjectNotFound`], [`Error::OwnParentOrganization`],
/// [`Error::ParentOrganizationNotFound`], [`Error::MetadataTooLarge`], [`Error::Contended`], and those
/// of the store.
pub async fn update_organization(
    store: &impl ChangeOrganizations,
    clock: &dyn Clock,
    id: OrganizationId,
    change: &OrganizationChange,
) -> Result<Organization, Error> {
    until_current(store, ATTEMPTS_MAX, || async {
        let organization = store.organization(id).await?.ok_or(Error::ObjectNotFound)?;
        let parent = change.parent.unwrap_or(organization.parent);
        if parent == Some(id) {
            return Err(Error::OwnParentOrganization);
        }
        if let Some(parent) = parent.filter(|_| parent != organization.parent) {
            store.organization(parent).await?.ok_or(Error::ParentOrganizationNotFound)?;
        }
        let kept = || organization.clone();
        let changed = Organization {
            parent,
            legal_name: change.legal_name.clone().unwrap_or_else(|| kept().legal_name),
            doing_business_as: change
                .doing_business_as
                .clone()
                .unwrap_or_else(|| kept().doing_business_as),
            address: change.address.clone().unwrap_or_else(|| kept().address),
            status: organization.status.changed(change.status.clone()),
            metadata: organization.metadata.merged(&change.metadata)?,
            timeline: organization.timeline.changed(clock.now()),
            ..kept()
        };
        Ok(store.replace_organization(&organization, &changed).await?.then_some(changed))
    })
    .await
}

/// Deletes an organization that has no ledger any more and is nobody's parent.
///
/// # Errors
/// [`Error::ObjectNotFound`], [`Error::InUse`], [`Error::Contended`], and those of the store.
pub async fn delete_organization(
    store: &impl ChangeOrganizations,
    clock: &dyn Clock,
    id: OrganizationId,
) -> Result<(), Error> {
    until_current(store, ATTEMPTS_MAX, || async {
        let organization = store.organization(id).await?.ok_or(Error::ObjectNotFound)?;
        expect_nothing_in(store, Owner::Organization(id)).await?;
        let timeline = organization.timeline.ended(clock.now());
        let last = Organization { timeline, ..organization };
        Ok(store.delete_organization(&last).await?.then_some(()))
    })
    .await
}
