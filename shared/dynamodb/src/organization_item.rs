//! Organizations as they are stored.

use serde::{Deserialize, Serialize};
use subledger::error::Error;
use subledger::ids::OrganizationId;
use subledger::organization::{Address, CountryCode, Organization, Status};
use subledger::text::{Name, Text};
use subledger::timestamp::Timestamp;

use crate::attribute::{AsMap, AsText};
use crate::item::Item;
use crate::keys::Key;
use crate::metadata_attribute::MetadataAttribute;

#[derive(Serialize, Deserialize)]
struct OrganizationRow {
    id: AsText<OrganizationId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    parent: Option<AsText<OrganizationId>>,
    legal_name: AsText<Name>,
    legal_document: AsText<Name>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    doing_business_as: Option<AsText<Name>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    address: Option<AsMap<AddressAttribute>>,
    status: AsMap<StatusAttribute>,
    #[serde(default, skip_serializing_if = "MetadataAttribute::is_empty")]
    metadata: MetadataAttribute,
    created_at: AsText<Timestamp>,
}

#[derive(Serialize, Deserialize)]
struct AddressAttribute {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    line1: Option<AsText<Name>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    line2: Option<AsText<Name>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    zip_code: Option<AsText<Name>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    city: Option<AsText<Name>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    state: Option<AsText<Name>>,
    country: AsText<CountryCode>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    description: Option<AsText<Name>>,
}

/// The label that a client gives to an object.
#[derive(Serialize, Deserialize)]
pub(crate) struct StatusAttribute {
    code: AsText<Text<100>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    description: Option<AsText<Name>>,
}

/// The item of an organization.
pub(crate) fn write(organization: &Organization) -> Result<Item, Error> {
    let row = OrganizationRow {
        id: AsText(organization.id),
        parent: organization.parent.map(AsText),
        legal_name: AsText(organization.legal_name.clone()),
        legal_document: AsText(organization.legal_document.clone()),
        doing_business_as: organization.doing_business_as.clone().map(AsText),
        address: organization.address.as_ref().map(|it| AsMap(it.into())),
        status: AsMap(StatusAttribute::from(&organization.status)),
        metadata: MetadataAttribute::from(&organization.metadata),
        created_at: AsText(organization.created_at),
    };
    Item::write(&Key::Organization(organization.id), &row)
}

/// The organization of an item.
pub(crate) fn read(item: &Item) -> Result<Organization, Error> {
    let (here, row): (_, OrganizationRow) = item.read()?;
    item.expect_at(&here, &[Key::Organization(row.id.0)])?;
    let metadata = row.metadata.into_metadata();
    Ok(Organization {
        id: row.id.0,
        parent: row.parent.map(|AsText(parent)| parent),
        legal_name: row.legal_name.0,
        legal_document: row.legal_document.0,
        doing_business_as: row.doing_business_as.map(|AsText(name)| name),
        address: row.address.map(|AsMap(address)| address.into()),
        status: row.status.0.into(),
        metadata: metadata.map_err(|reason| item.corrupt(&reason))?,
        created_at: row.created_at.0,
    })
}

impl From<&Address> for AddressAttribute {
    fn from(address: &Address) -> Self {
        Self {
            line1: address.line1.clone().map(AsText),
            line2: address.line2.clone().map(AsText),
            zip_code: address.zip_code.clone().map(AsText),
            city: address.city.clone().map(AsText),
            state: address.state.clone().map(AsText),
            country: AsText(address.country.clone()),
            description: address.description.clone().map(AsText),
        }
    }
}

impl From<AddressAttribute> for Address {
    fn from(address: AddressAttribute) -> Self {
        let plain = |line: Option<AsText<Name>>| line.map(|AsText(line)| line);
        Self {
            line1: plain(address.line1),
            line2: plain(address.line2),
            zip_code: plain(address.zip_code),
            city: plain(address.city),
            state: plain(address.state),
            country: address.country.0,
            description: plain(address.description),
        }
    }
}

impl From<&Status> for StatusAttribute {
    fn from(status: &Status) -> Self {
        Self {
            code: AsText(status.code.clone()),
            description: status.description.clone().map(AsText),
        }
    }
}

impl From<StatusAttribute> for Status {
    fn from(status: StatusAttribute) -> Self {
        Self {
            code: status.code.0,
            description: status.description.map(|AsText(description)| description),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    #[test]
    fn an_organization_is_read_as_it_was_written() {
        let bare = samples::organization();
        assert_eq!(read(&write(&bare).unwrap()).unwrap(), bare);
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
        assert_eq!(read(&write(&full).unwrap()).unwrap(), full);
    }
}
