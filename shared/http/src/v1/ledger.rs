//! Ledgers on the wire.

use serde::Serialize;
use subledger::ledger::create::NewLedger;
use subledger::ledger::{Ledger, LedgerSettings, ListingShards};
use subledger::money::ids::OrganizationId;
use subledger::money::unique_name::UniqueName;
use subledger::status::Status;

use super::error::ApiError;
use super::fields::Fields;
use super::metadata;
use super::organization::{StatusBody, label};

/// Reads the body of a request that creates a ledger.
///
/// # Errors
/// Those of [`Fields::finish`].
pub fn decode(organization: OrganizationId, body: &[u8]) -> Result<NewLedger, ApiError> {
    let mut fields = Fields::parse(body)?;
    let name = fields.required("name", UniqueName::parse);
    let status = label(&mut fields).unwrap_or_else(Status::active);
    let settings = fields.object("settings", |settings| {
        settings.object("accounting", |accounting| LedgerSettings {
            validate_account_type: unenforced(accounting, "validateAccountType", "account types"),
            validate_routes: unenforced(accounting, "validateRoutes", "transaction routes"),
        })
    });
    let metadata = metadata::take(&mut fields);
    fields.finish(|| {
        Some(NewLedger {
            organization,
            name: name?,
            status,
            settings: settings.flatten(),
            metadata: metadata?,
            listing_shards: ListingShards::ONE,
        })
    })
}

/// A rule that may only be switched off, because what it would check does not exist here.
fn unenforced(accounting: &mut Fields, name: &str, missing: &str) -> bool {
    let on = accounting.boolean(name).unwrap_or(false);
    if on {
        let why = format!("must be false: there are no {missing} to check against");
        accounting.invalid(name, &why);
    }
    on
}

/// A ledger on the wire.
pub fn body(ledger: &Ledger) -> impl Serialize {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Body<'a, M> {
        id: String,
        name: &'a str,
        organization_id: String,
        status: StatusBody<'a>,
        created_at: String,
        updated_at: String,
        deleted_at: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        metadata: Option<M>,
        #[serde(skip_serializing_if = "Option::is_none")]
        settings: Option<SettingsBody>,
    }
    #[derive(Serialize)]
    struct SettingsBody {
        accounting: AccountingBody,
    }
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct AccountingBody {
        validate_account_type: bool,
        validate_routes: bool,
    }
    Body {
        id: ledger.scope.ledger.to_string(),
        name: ledger.name.as_str(),
        organization_id: ledger.scope.organization.to_string(),
        status: StatusBody::of(&ledger.status),
        created_at: ledger.created_at.to_string(),
        updated_at: ledger.created_at.to_string(),
        deleted_at: None,
        metadata: metadata::body(&ledger.metadata),
        settings: ledger.settings.map(|settings| SettingsBody {
            accounting: AccountingBody {
                validate_account_type: settings.validate_account_type,
                validate_routes: settings.validate_routes,
            },
        }),
    }
}
