//! Organizations on the wire, and what all v1 objects share.

use serde::Serialize;
use subledger::ledger::organization::{
    Address, CountryCode, NewOrganization, Organization, OrganizationChange,
};
use subledger::money::ids::OrganizationId;
use subledger::money::text::{Name, Text};
use subledger::status::{Status, StatusChange, names_state};

use super::error::ApiError;
use super::fields::Fields;
use super::metadata;

/// Reads the body of a request that creates an organization.
///
/// # Errors
/// Those of [`Fields::finish`]; `0032`.
pub fn decode(body: &[u8]) -> Result<NewOrganization, ApiError> {
    let mut fields = Fields::parse(body)?;
    let legal_name = fields.required("legalName", Name::parse);
    let parent = fields.uuid("parentOrganizationId").map(OrganizationId::new);
    let doing_business_as = fields.parsed("doingBusinessAs", Name::parse);
    let legal_document = fields.required("legalDocument", Name::parse);
    let address = fields.object("address", address).flatten();
    let status = label(&mut fields).unwrap_or_else(Status::active);
    let metadata = metadata::take(&mut fields);
    fields.finish(|| {
        Some(NewOrganization {
            parent,
            legal_name: legal_name?,
            legal_document: legal_document?,
            doing_business_as,
            address,
            status,
            metadata: metadata?,
        })
    })
}

/// Reads the body of a request that changes an organization.
///
/// # Errors
/// Those of [`Fields::finish`]; `0032`.
pub fn decode_change(body: &[u8]) -> Result<OrganizationChange, ApiError> {
    let mut fields = Fields::parse(body)?;
    let legal_name = fields.changed("legalName", Name::parse);
    let parent = fields.removable("parentOrganizationId", |fields| {
        fields.uuid("parentOrganizationId").map(OrganizationId::new)
    });
    let doing_business_as = fields
        .removable("doingBusinessAs", |fields| fields.changed("doingBusinessAs", Name::parse));
    let address =
        fields.removable("address", |fields| fields.object("address", changed_address).flatten());
    let status = label_change(&mut fields);
    let metadata = metadata::take(&mut fields);
    fields.finish(|| {
        Some(OrganizationChange {
            parent,
            legal_name,
            doing_business_as,
            address,
            status,
            metadata: metadata?,
        })
    })
}

/// An address of a change. One whose texts are all empty is that of clients that know no absent one.
fn changed_address(fields: &mut Fields) -> Option<Address> {
    let texts = ["line1", "line2", "zipCode", "city", "state", "country", "description"];
    if fields.take_if_empty(&texts) { None } else { address(fields) }
}

fn address(fields: &mut Fields) -> Option<Address> {
    let mut text = |name| fields.parsed(name, Name::parse);
    let (line1, line2) = (text("line1"), text("line2"));
    let (zip_code, city, state) = (text("zipCode"), text("city"), text("state"));
    let description = text("description");
    let country = fields.text("country").as_deref().and_then(CountryCode::parse);
    if country.is_none() {
        fields.special(ApiError::country());
    }
    let country = country?;
    Some(Address { line1, line2, zip_code, city, state, country, description })
}

/// Takes the field `status` of a body. One without a code is `ACTIVE`.
fn status(fields: &mut Fields) -> Option<Status> {
    fields.object("status", |status| {
        let code = status.parsed("code", Text::parse).filter(|code| !code.as_str().is_empty());
        let description = status.parsed("description", Name::parse);
        Status { code: code.unwrap_or_else(|| Status::active().code), description }
    })
}

/// Takes the field `status` of a change: what is empty or absent in it stays. A code that is a state
/// of accounts is refused as in [`label_only`].
pub(super) fn status_change(fields: &mut Fields, instead: &str) -> StatusChange {
    let change = fields.object("status", |status| StatusChange {
        code: status.parsed("code", Text::parse).filter(|code| !code.as_str().is_empty()),
        description: status
            .parsed("description", Name::parse)
            .filter(|description| !description.as_str().is_empty()),
    });
    let change = change.unwrap_or_default();
    if let Some(code) = change.code.as_ref().filter(|code| names_state(code)) {
        fields.invalid("status", &format!("must not have the code {code}: {instead}"));
    }
    change
}

/// Takes the field `status` of an object that is never closed, inactive or blocked.
pub(super) fn label(fields: &mut Fields) -> Option<Status> {
    label_only(fields, "this object has no such state")
}

/// Takes the field `status`, which is a label. A code that is a state of accounts is refused, because
/// the object would look closed and still take part; `instead` says what to do.
pub(super) fn label_only(fields: &mut Fields, instead: &str) -> Option<Status> {
    let status = status(fields)?;
    if names_state(&status.code) {
        let code = status.code.as_str();
        fields.invalid("status", &format!("must not have the code {code}: {instead}"));
        return None;
    }
    Some(status)
}

/// Takes the field `status` of a change of an object that is never closed, inactive or blocked.
pub(super) fn label_change(fields: &mut Fields) -> StatusChange {
    status_change(fields, "this object has no such state")
}

/// An address on the wire.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct AddressBody<'a> {
    line1: Option<&'a str>,
    line2: Option<&'a str>,
    zip_code: Option<&'a str>,
    city: Option<&'a str>,
    state: Option<&'a str>,
    country: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
}

/// A status on the wire.
#[derive(Serialize)]
pub(super) struct StatusBody<'a> {
    pub(super) code: &'a str,
    pub(super) description: Option<&'a str>,
}

impl<'a> StatusBody<'a> {
    pub(super) fn of(status: &'a Status) -> Self {
        let description = status.description.as_ref().map(Text::as_str);
        Self { code: status.code.as_str(), description }
    }
}

/// An organization on the wire.
pub fn body(organization: &Organization) -> impl Serialize {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Body<'a, M> {
        id: String,
        parent_organization_id: Option<String>,
        legal_name: &'a str,
        doing_business_as: Option<&'a str>,
        legal_document: &'a str,
        address: AddressBody<'a>,
        status: StatusBody<'a>,
        created_at: String,
        updated_at: String,
        deleted_at: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        metadata: Option<M>,
    }
    Body {
        id: organization.id.to_string(),
        parent_organization_id: organization.parent.map(|parent| parent.to_string()),
        legal_name: organization.legal_name.as_str(),
        doing_business_as: organization.doing_business_as.as_ref().map(Text::as_str),
        legal_document: organization.legal_document.as_str(),
        address: organization.address.as_ref().map(address_body).unwrap_or_default(),
        status: StatusBody::of(&organization.status),
        created_at: organization.timeline.created_at.to_string(),
        updated_at: organization.timeline.updated_at.to_string(),
        deleted_at: None,
        metadata: metadata::body(&organization.metadata),
    }
}

fn address_body(address: &Address) -> AddressBody<'_> {
    AddressBody {
        line1: address.line1.as_ref().map(Text::as_str),
        line2: address.line2.as_ref().map(Text::as_str),
        zip_code: address.zip_code.as_ref().map(Text::as_str),
        city: address.city.as_ref().map(Text::as_str),
        state: address.state.as_ref().map(Text::as_str),
        country: Some(address.country.as_str()),
        description: address.description.as_ref().map(Text::as_str),
    }
}
