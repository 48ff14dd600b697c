//! Organizations: the tenants.

use crate::error::Error;
use crate::metadata::Metadata;
use crate::money::ids::OrganizationId;
use crate::money::text::Name;
use crate::money::timestamp::Timestamp;
use crate::ports::{Clock, IdSource, InsertOrganization, ReadOrganizations};
use crate::status::Status;

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
    /// When it was created.
    pub created_at: Timestamp,
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
        created_at: clock.now(),
    };
    store.insert_organization(&organization).await?;
    Ok(organization)
}
