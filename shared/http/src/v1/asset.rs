//! Assets on the wire.

use serde::Serialize;
use subledger::ledger::asset::NewAsset;
use subledger::ledger::asset::{
    ASSET_CODE_LETTERS_MAX, Asset, AssetChange, AssetCode, AssetCodeError, AssetType,
};
use subledger::money::ids::Scope;
use subledger::money::text::{Name, Text};
use subledger::money::unique_name::UniqueName;
use subledger::status::Status;

use super::error::ApiError;
use super::fields::Fields;
use super::metadata;
use super::organization::{StatusBody, label, label_change};

/// Reads the body of a request that creates an asset.
///
/// # Errors
/// Those of [`Fields::finish`]; `0040`, `0033`, `0004`, `0005`.
pub fn decode(scope: Scope, body: &[u8]) -> Result<NewAsset, ApiError> {
    let mut fields = Fields::parse(body)?;
    let name = fields.required("name", UniqueName::parse);
    let kind = fields.required("type", Name::parse);
    let code = fields.required("code", Text::<ASSET_CODE_LETTERS_MAX>::parse);
    let status = label(&mut fields).unwrap_or_else(Status::active);
    let metadata = metadata::take(&mut fields);
    let (name, kind, code, metadata) = fields.finish(|| Some((name?, kind?, code?, metadata?)))?;
    let kind = parse_type(kind.as_str())?;
    let code = AssetCode::parse(code.as_str()).map_err(|error| match error {
        AssetCodeError::Length | AssetCodeError::NotLetters => ApiError::asset_code_letters(),
        AssetCodeError::NotUpperCase => ApiError::asset_code_case(),
    })?;
    if kind == AssetType::Currency && !code.is_iso_4217() {
        return Err(ApiError::currency());
    }
    Ok(NewAsset { scope, name, kind, code, status, metadata })
}

/// Reads the body of a request that changes an asset.
///
/// # Errors
/// Those of [`Fields::finish`].
pub fn decode_change(body: &[u8]) -> Result<AssetChange, ApiError> {
    let mut fields = Fields::parse(body)?;
    let name = fields.changed("name", UniqueName::parse);
    let status = label_change(&mut fields);
    let metadata = metadata::take(&mut fields);
    fields.finish(|| Some(AssetChange { name, status, metadata: metadata? }))
}

fn parse_type(text: &str) -> Result<AssetType, ApiError> {
    let known = [AssetType::Currency, AssetType::Crypto, AssetType::Commodity, AssetType::Others];
    known.into_iter().find(|kind| type_text(*kind) == text).ok_or_else(ApiError::asset_type)
}

const fn type_text(kind: AssetType) -> &'static str {
    match kind {
        AssetType::Currency => "currency",
        AssetType::Crypto => "crypto",
        AssetType::Commodity => "commodity",
        AssetType::Others => "others",
    }
}

/// An asset on the wire.
pub fn body(asset: &Asset) -> impl Serialize {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Body<'a, M> {
        id: String,
        name: &'a str,
        r#type: &'static str,
        code: &'a str,
        status: StatusBody<'a>,
        ledger_id: String,
        organization_id: String,
        created_at: String,
        updated_at: String,
        deleted_at: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        metadata: Option<M>,
    }
    Body {
        id: asset.id.to_string(),
        name: asset.name.as_str(),
        r#type: type_text(asset.kind),
        code: asset.code.as_str(),
        status: StatusBody::of(&asset.status),
        ledger_id: asset.scope.ledger.to_string(),
        organization_id: asset.scope.organization.to_string(),
        created_at: asset.timeline.created_at.to_string(),
        updated_at: asset.timeline.updated_at.to_string(),
        deleted_at: None,
        metadata: metadata::body(&asset.metadata),
    }
}
