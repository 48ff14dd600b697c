//! Organizations as they are stored.

#![expect(
    clippy::disallowed_types,
    reason = "serde's flatten names every type of number, and no item here has an amount"
)]

use serde::{Deserialize, Serialize};
use subledger::error::Error;
use subledger::ledger::organization::{Address, CountryCode, Organization};
use subledger::money::ids::OrganizationId;
use subledger::money::text::{Name, Text};
use subledger::status::Status;

use crate::schema::canonical;
use crate::schema::item::Item;
use crate::schema::items::metadata::MetadataAttribute;
use crate::schema::items::timeline::TimelineAttributes;
use crate::schema::keys::Key;

#[derive(Serialize, Deserialize)]
struct OrganizationRow {
    #[serde(with = "canonical")]
    id: OrganizationId,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "canonical::option")]
    parent: Option<OrganizationId>,
    #[serde(with = "canonical")]
    legal_name: Name,
    #[serde(with = "canonical")]
    legal_document: Name,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "canonical::option")]
    doing_business_as: Option<Name>,
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "canonical::some_map"
    )]
    address: Option<AddressAttribute>,
    #[serde(deserialize_with = "canonical::map")]
    status: StatusAttribute,
    #[serde(default, skip_serializing_if = "MetadataAttribute::is_empty")]
    metadata: MetadataAttribute,
    #[serde(flatten)]
    timeline: TimelineAttributes,
}

#[derive(Serialize, Deserialize)]
struct AddressAttribute {
    #[serde(default, skip_serializing_if = "Option::is_none", with = "canonical::option")]
    line1: Option<Name>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "canonical::option")]
    line2: Option<Name>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "canonical::option")]
    zip_code: Option<Name>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "canonical::option")]
    city: Option<Name>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "canonical::option")]
    state: Option<Name>,
    #[serde(with = "canonical")]
    country: CountryCode,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "canonical::option")]
    description: Option<Name>,
}

/// The label that a client gives to an object.
#[derive(Serialize, Deserialize)]
pub struct StatusAttribute {
    #[serde(with = "canonical")]
    code: Text<100>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "canonical::option")]
    description: Option<Name>,
}

/// The item of an organization.
pub fn write(organization: &Organization) -> Result<Item, Error> {
    let row = OrganizationRow {
        id: organization.id,
        parent: organization.parent,
        legal_name: organization.legal_name.clone(),
        legal_document: organization.legal_document.clone(),
        doing_business_as: organization.doing_business_as.clone(),
        address: organization.address.as_ref().map(Into::into),
        status: StatusAttribute::from(&organization.status),
        metadata: MetadataAttribute::from(&organization.metadata),
        timeline: organization.timeline.into(),
    };
    Item::write(&Key::Organization(organization.id), &row)
}

/// The organization of an item.
pub fn read(item: Item) -> Result<Organization, Error> {
    let (here, row): (_, OrganizationRow) = item.read()?;
    here.expect(&[Key::Organization(row.id)])?;
    let metadata = row.metadata.into_metadata();
    Ok(Organization {
        id: row.id,
        parent: row.parent,
        legal_name: row.legal_name,
        legal_document: row.legal_document,
        doing_business_as: row.doing_business_as,
        address: row.address.map(Into::into),
        status: row.status.into(),
        metadata: metadata.map_err(|reason| here.corrupt(&reason))?,
        timeline: row.timeline.into(),
    })
}

impl From<&Address> for AddressAttribute {
    fn from(address: &Address) -> Self {
        Self {
            line1: address.line1.clone(),
            line2: address.line2.clone(),
            zip_code: address.zip_code.clone(),
            city: address.city.clone(),
            state: address.state.clone(),
            country: address.country.clone(),
            description: address.description.clone(),
        }
    }
}

impl From<AddressAttribute> for Address {
    fn from(address: AddressAttribute) -> Self {
        Self {
            line1: address.line1,
            line2: address.line2,
            zip_code: address.zip_code,
            city: address.city,
            state: address.state,
            country: address.country,
            description: address.description,
        }
    }
}

impl From<&Status> for StatusAttribute {
    fn from(status: &Status) -> Self {
        Self { code: status.code.clone(), description: status.description.clone() }
    }
}

impl From<StatusAttribute> for Status {
    fn from(status: StatusAttribute) -> Self {
        Self { code: status.code, description: status.description }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    #[test]
    fn an_organization_is_read_as_it_was_written() {
        let bare = samples::organization();
        assert_eq!(read(write(&bare).unwrap()).unwrap(), bare);
        let name = |text| Some(Name::parse(text).unwrap());
        let full = Organization {
            parent: Some(OrganizationId::new(samples::uuid(9))),
            doing_business_as: name("Löwe & Co"),
            address: Some(Address {
                line1: name("1 Main Street"),
                line2: name(""),
                zip_code: name("10115"),
                city: name("Berlin"),
                state: None,
                country: CountryCode::parse("DE").unwrap(),
                description: name("head office"),
            }),
            status: Status { description: name("open"), ..Status::active() },
            metadata: samples::metadata(),
            ..bare
        };
        assert_eq!(read(write(&full).unwrap()).unwrap(), full);
    }
}
