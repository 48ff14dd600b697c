//! Ledgers on the wire.

use serde::Serialize;
use serde_json::{Map, Value};
use subledger::ledger::create::NewLedger;
use subledger::ledger::update::{LedgerChange, SettingsChange};
use subledger::ledger::{Ledger, LedgerSettings, ListingShards};
use subledger::money::ids::OrganizationId;
use subledger::money::unique_name::UniqueName;
use subledger::status::Status;

use super::error::ApiError;
use super::fields::{Fields, parse_object, parsed};
use super::metadata;
use super::organization::{StatusBody, label, label_change};
use crate::json::{Kind, Members};

/// The group of settings that there is.
const ACCOUNTING: &str = "accounting";
const VALIDATE_ACCOUNT_TYPE: &str = "validateAccountType";
const VALIDATE_ROUTES: &str = "validateRoutes";
/// Why the rule about routes cannot be switched on.
const NO_ROUTES: &str = "must be false: there are no transaction routes to check against";

/// Reads the body of a request that creates a ledger.
///
/// # Errors
/// Those of [`Fields::finish`].
pub fn decode(organization: OrganizationId, body: &[u8]) -> Result<NewLedger, ApiError> {
    let mut fields = Fields::parse(body)?;
    let name = fields.required("name", UniqueName::parse);
    let status = label(&mut fields).unwrap_or_else(Status::active);
    let settings = fields.object("settings", |settings| {
        settings.object(ACCOUNTING, |accounting| LedgerSettings {
            validate_account_type: accounting.boolean(VALIDATE_ACCOUNT_TYPE).unwrap_or(false),
            validate_routes: unenforced(accounting),
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

/// The rule that may only be switched off.
fn unenforced(accounting: &mut Fields) -> bool {
    let on = accounting.boolean(VALIDATE_ROUTES).unwrap_or(false);
    if on {
        accounting.invalid(VALIDATE_ROUTES, NO_ROUTES);
    }
    on
}

/// Reads the body of a request that changes a ledger.
///
/// # Errors
/// Those of [`Fields::finish`].
pub fn decode_change(body: &[u8]) -> Result<LedgerChange, ApiError> {
    let mut fields = Fields::parse(body)?;
    let name = fields.changed("name", UniqueName::parse);
    let status = label_change(&mut fields);
    let metadata = metadata::take(&mut fields);
    fields.finish(|| {
        Some(LedgerChange {
            name,
            status,
            metadata: metadata?,
            settings: SettingsChange::default(),
        })
    })
}

/// Reads the body of a request that changes the settings of a ledger. `null` switches a rule off, and
/// in the place of the group all of its rules.
///
/// # Errors
/// `0094` if it is not JSON or not an object, `0147` for a setting that does not exist, `0148` for one
/// of the wrong type, `0047` for the rule that may only be switched off.
pub fn decode_settings(body: &[u8]) -> Result<SettingsChange, ApiError> {
    let mut settings = parse_object(body)?;
    refuse_repeated(&settings)?;
    let accounting = settings.remove(ACCOUNTING);
    if let Some((name, _)) = settings.first_key_value() {
        return Err(ApiError::unknown_setting(name));
    }
    let Some(accounting) = accounting else {
        return Ok(SettingsChange::default());
    };
    let accounting = accounting.value;
    if accounting.kind() == Kind::Null {
        let off = Some(false);
        return Ok(SettingsChange { validate_account_type: off, validate_routes: off });
    }
    let mut rules =
        accounting.members().ok_or_else(|| ApiError::setting_type(ACCOUNTING, "an object"))?;
    refuse_repeated(&rules)?;
    let mut rule = |name| match rules.remove(name).map(|member| parsed(member.value)) {
        None => Ok(None),
        Some(Value::Null) => Ok(Some(false)),
        Some(Value::Bool(on)) => Ok(Some(on)),
        Some(Value::Number(_) | Value::String(_) | Value::Array(_) | Value::Object(_)) => {
            Err(ApiError::setting_type(&format!("{ACCOUNTING}.{name}"), "true or false"))
        }
    };
    let change = SettingsChange {
        validate_account_type: rule(VALIDATE_ACCOUNT_TYPE)?,
        validate_routes: rule(VALIDATE_ROUTES)?,
    };
    if let Some((name, _)) = rules.first_key_value() {
        return Err(ApiError::unknown_setting(&format!("{ACCOUNTING}.{name}")));
    }
    if change.validate_routes == Some(true) {
        let why = format!("{ACCOUNTING}.{VALIDATE_ROUTES} {NO_ROUTES}");
        return Err(ApiError::invalid_fields(Map::from_iter([(
            VALIDATE_ROUTES.to_owned(),
            why.into(),
        )])));
    }
    Ok(change)
}

fn refuse_repeated(settings: &Members<'_>) -> Result<(), ApiError> {
    let repeated = settings.iter().find(|(_, member)| member.repeated);
    repeated.map_or(Ok(()), |(name, _)| {
        Err(ApiError::unreadable_body(&format!("{name} is given more than once")))
    })
}

/// The settings of a ledger on the wire; those of a ledger that has none are all off.
pub fn settings_body(settings: Option<LedgerSettings>) -> impl Serialize {
    SettingsBody::of(settings.unwrap_or_default())
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

impl SettingsBody {
    const fn of(settings: LedgerSettings) -> Self {
        let LedgerSettings { validate_account_type, validate_routes } = settings;
        Self { accounting: AccountingBody { validate_account_type, validate_routes } }
    }
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
    Body {
        id: ledger.scope.ledger.to_string(),
        name: ledger.name.as_str(),
        organization_id: ledger.scope.organization.to_string(),
        status: StatusBody::of(&ledger.status),
        created_at: ledger.timeline.created_at.to_string(),
        updated_at: ledger.timeline.updated_at.to_string(),
        deleted_at: None,
        metadata: metadata::body(&ledger.metadata),
        settings: ledger.settings.map(SettingsBody::of),
    }
}
