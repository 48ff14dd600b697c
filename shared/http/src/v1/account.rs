//! Accounts on the wire.

use serde::Serialize;
use subledger::account::lifecycle::Lifecycle;
use subledger::account::open::NewAccount;
use subledger::account::update::AccountChange;
use subledger::account::{Account, AccountType, Alias};
use subledger::error::Error;
use subledger::ledger::asset::{ASSET_CODE_LETTERS_MAX, AssetCode};
use subledger::money::ids::{AccountId, GroupId, Scope};
use subledger::money::text::{Name, Text, TextError};
use subledger::status::Status;

use super::error::ApiError;
use super::fields::Fields;
use super::metadata;
use super::organization::{StatusBody, label_only, status_change};

/// How an account gets into a state that a label must not name.
const STATE_OPERATIONS: &str = "a status is only a label. Close an account with \
    POST /v0/accounts/{id}/close, deactivate it with POST /v0/accounts/{id}/deactivate, or send \
    blocked: true";

/// Reads the body of a request that opens an account.
///
/// # Errors
/// Those of [`Fields::finish`]; `0096` for the characters of the alias or one in the form of an id, `0034` for an asset code
/// that no asset can have.
pub fn decode(scope: Scope, body: &[u8]) -> Result<NewAccount, ApiError> {
    let mut fields = Fields::parse(body)?;
    let name = fields.parsed("name", Name::parse).filter(|name| !name.as_str().is_empty());
    let parent = fields.uuid("parentAccountId").map(AccountId::new);
    let entity_id = fields.changed("entityId", Name::parse);
    let asset_code = fields.required("assetCode", Text::<ASSET_CODE_LETTERS_MAX>::parse);
    let portfolio_id = fields.uuid("portfolioId").map(GroupId::new);
    let segment_id = fields.uuid("segmentId").map(GroupId::new);
    let status = label_only(&mut fields, STATE_OPERATIONS).unwrap_or_else(Status::active);
    let alias = alias(&mut fields);
    let kind = account_type(&mut fields);
    let blocked = fields.boolean("blocked").unwrap_or(false);
    let metadata = metadata::take(&mut fields);
    let (asset_code, kind, metadata) = fields.finish(|| Some((asset_code?, kind?, metadata?)))?;
    let asset_code = AssetCode::parse(asset_code.as_str()).map_err(|_| Error::AssetNotFound)?;
    Ok(NewAccount {
        scope,
        name,
        parent,
        entity_id,
        asset_code,
        portfolio_id,
        segment_id,
        status,
        alias,
        kind,
        blocked,
        metadata,
    })
}

/// Reads the body of a request that changes an account. What is empty leaves the account as it is; a
/// null takes an entity, a portfolio or a segment away.
///
/// # Errors
/// Those of [`Fields::finish`].
pub fn decode_change(body: &[u8]) -> Result<AccountChange, ApiError> {
    let mut fields = Fields::parse(body)?;
    let filled = |text: &Name| !text.as_str().is_empty();
    let name = fields.parsed("name", Name::parse).filter(filled);
    let entity_id = fields
        .removable("entityId", |fields| fields.parsed("entityId", Name::parse).filter(filled));
    let mut group = |name| fields.removable(name, |fields| fields.uuid(name).map(GroupId::new));
    let (portfolio_id, segment_id) = (group("portfolioId"), group("segmentId"));
    let has_metadata = fields.has("metadata");
    let status = status_change(&mut fields, STATE_OPERATIONS);
    let blocked = fields.boolean("blocked");
    let metadata = metadata::take(&mut fields);
    fields.finish(|| {
        Some(AccountChange {
            name,
            entity_id,
            portfolio_id,
            segment_id,
            status,
            blocked,
            metadata: metadata.filter(|_| has_metadata),
        })
    })
}

/// The type that a client chose, which is not that of external accounts.
fn account_type(fields: &mut Fields) -> Option<AccountType> {
    let kind = fields.required("type", AccountType::recognize)?;
    AccountType::parse(kind.as_str())
        .map_err(|_| {
            let why = "must not be external: only POST …/assets opens an external account";
            fields.invalid("type", why);
        })
        .ok()
}

fn alias(fields: &mut Fields) -> Option<Alias> {
    let text = fields.text("alias")?;
    match Alias::parse(&text) {
        Ok(alias) => Some(alias),
        Err(TextError::Empty) => None,
        Err(TextError::Reserved) => {
            fields.invalid("alias", "must not contain the name of an external account");
            None
        }
        Err(TextError::TooLong { characters_max }) => {
            fields.invalid("alias", &format!("must have at most {characters_max} characters"));
            None
        }
        Err(TextError::FormOfId) => {
            fields.special(ApiError::alias_form_of_id());
            None
        }
        Err(
            TextError::ForbiddenCharacter | TextError::Blank | TextError::InvisibleCharacter { .. },
        ) => {
            fields.special(ApiError::alias_characters());
            None
        }
    }
}

/// An account on the wire.
pub fn body(account: &Account) -> impl Serialize {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Body<'a, M> {
        id: String,
        name: &'a str,
        parent_account_id: Option<String>,
        entity_id: Option<&'a str>,
        asset_code: &'a str,
        organization_id: String,
        ledger_id: String,
        portfolio_id: Option<String>,
        segment_id: Option<String>,
        status: StatusBody<'a>,
        alias: &'a str,
        r#type: &'a str,
        blocked: bool,
        /// Of the next version of that API: accounts have no holders here.
        holder_id: Option<String>,
        holder_check_skipped: bool,
        created_at: String,
        updated_at: String,
        deleted_at: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        metadata: Option<M>,
    }
    Body {
        id: account.id.to_string(),
        name: account.name.as_str(),
        parent_account_id: account.parent.map(|parent| parent.to_string()),
        entity_id: account.entity_id.as_ref().map(Text::as_str),
        asset_code: account.asset_code.as_str(),
        organization_id: account.scope.organization.to_string(),
        ledger_id: account.scope.ledger.to_string(),
        portfolio_id: account.portfolio_id.map(|id| id.to_string()),
        segment_id: account.segment_id.map(|id| id.to_string()),
        status: lifecycle_status(account),
        alias: account.alias.as_str(),
        r#type: account.kind.as_str(),
        blocked: account.blocked,
        holder_id: None,
        holder_check_skipped: false,
        created_at: account.created_at.to_string(),
        updated_at: account.updated_at.to_string(),
        deleted_at: None,
        metadata: metadata::body(&account.metadata),
    }
}

/// The code of the status that an account shows.
pub(super) fn status_code(account: &Account) -> &str {
    lifecycle_status(account).code
}

/// The client's status label while the account is active, otherwise its state.
fn lifecycle_status(account: &Account) -> StatusBody<'_> {
    let status = |code, description| StatusBody { code, description: Some(description) };
    match account.lifecycle {
        Lifecycle::Active => StatusBody::of(&account.status),
        Lifecycle::Inactive(reason) => status("INACTIVE", reason.name()),
        Lifecycle::Closed { reason, .. } => status("CLOSED", reason.name()),
    }
}
