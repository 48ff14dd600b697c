//! Portfolios, segments and account types on the wire.

use serde::Serialize;
use subledger::account::group::{
    ACCOUNT_TYPE_KEY_CHARACTERS_MAX, AccountTypeKey, Group, GroupChange, GroupDetails, GroupKind,
    NewGroup,
};
use subledger::error::Error;
use subledger::money::ids::Scope;
use subledger::money::text::{Name, Text};
use subledger::money::unique_name::UniqueName;
use subledger::page::{ListPosition, Page};
use subledger::status::{Status, StatusChange};

use super::error::ApiError;
use super::fields::Fields;
use super::organization::{StatusBody, label, label_change};
use super::query::CursorPage;
use super::{list, metadata};

/// The longest name of an account type, in characters.
const ACCOUNT_TYPE_NAME_CHARACTERS_MAX: usize = 100;

/// Reads the body of a request that creates a group.
///
/// # Errors
/// Those of [`Fields::finish`]; `0120` for the characters of the key of an account type.
pub fn decode(scope: Scope, kind: GroupKind, body: &[u8]) -> Result<NewGroup, ApiError> {
    let mut fields = Fields::parse(body)?;
    let name = fields.required("name", UniqueName::parse);
    limit_name(&mut fields, kind, name.as_ref());
    let status = |fields: &mut Fields| label(fields).unwrap_or_else(Status::active);
    let details = match kind {
        GroupKind::Portfolio => Some(GroupDetails::Portfolio {
            entity_id: fields.changed("entityId", Name::parse),
            status: status(&mut fields),
        }),
        GroupKind::Segment => Some(GroupDetails::Segment { status: status(&mut fields) }),
        GroupKind::AccountType => {
            let key = account_type_key(&mut fields);
            let description = fields.changed("description", Text::parse);
            key.map(|key| GroupDetails::AccountType { key, description })
        }
    };
    let metadata = metadata::take(&mut fields);
    fields.finish(|| Some(NewGroup { scope, name: name?, details: details?, metadata: metadata? }))
}

/// Reads the body of a request that changes a group.
///
/// # Errors
/// Those of [`Fields::finish`].
pub fn decode_change(kind: GroupKind, body: &[u8]) -> Result<GroupChange, ApiError> {
    let mut fields = Fields::parse(body)?;
    let name = fields.changed("name", UniqueName::parse);
    limit_name(&mut fields, kind, name.as_ref());
    let (mut entity_id, mut status, mut description) = (None, StatusChange::default(), None);
    match kind {
        GroupKind::Portfolio => {
            entity_id =
                fields.removable("entityId", |fields| fields.changed("entityId", Name::parse));
            status = label_change(&mut fields);
        }
        GroupKind::Segment => status = label_change(&mut fields),
        GroupKind::AccountType => {
            description = fields
                .removable("description", |fields| fields.changed("description", Text::parse));
        }
    }
    let metadata = metadata::take(&mut fields);
    fields
        .finish(|| Some(GroupChange { name, entity_id, status, description, metadata: metadata? }))
}

/// Names of account types are shorter than others.
fn limit_name(fields: &mut Fields, kind: GroupKind, name: Option<&UniqueName>) {
    let length = name.map_or(0, |name| name.as_str().chars().count());
    if kind == GroupKind::AccountType && length > ACCOUNT_TYPE_NAME_CHARACTERS_MAX {
        let most = ACCOUNT_TYPE_NAME_CHARACTERS_MAX;
        fields.invalid("name", &format!("must have at most {most} characters"));
    }
}

fn account_type_key(fields: &mut Fields) -> Option<AccountTypeKey> {
    let text = fields.required("keyValue", Text::<ACCOUNT_TYPE_KEY_CHARACTERS_MAX>::parse)?;
    AccountTypeKey::parse(text.as_str())
        .map_err(|_| fields.special(ApiError::account_type_characters()))
        .ok()
}

/// The error of an operation on a group that exists or not. A missing account type has a code of its
/// own.
#[must_use]
pub fn group_error(kind: GroupKind, error: Error) -> ApiError {
    match (kind, &error) {
        (GroupKind::AccountType, Error::ObjectNotFound) => ApiError::account_type_not_found(),
        (_, _) => error.into(),
    }
}

/// A group on the wire.
pub fn body(group: &Group) -> impl Serialize {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Body<'a, M> {
        id: String,
        name: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        description: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        key_value: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        entity_id: Option<&'a str>,
        ledger_id: String,
        organization_id: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        status: Option<StatusBody<'a>>,
        created_at: String,
        updated_at: String,
        deleted_at: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        metadata: Option<M>,
    }
    let (status, key_value, description) = match &group.details {
        GroupDetails::Portfolio { status, .. } | GroupDetails::Segment { status } => {
            (Some(StatusBody::of(status)), None, None)
        }
        GroupDetails::AccountType { key, description } => {
            (None, Some(key.as_str()), description.as_ref().map(Text::as_str))
        }
    };
    Body {
        id: group.id.to_string(),
        name: group.name.as_str(),
        description,
        key_value,
        entity_id: group.entity_id().map(Text::as_str),
        ledger_id: group.scope.ledger.to_string(),
        organization_id: group.scope.organization.to_string(),
        status,
        created_at: group.timeline.created_at.to_string(),
        updated_at: group.timeline.updated_at.to_string(),
        deleted_at: None,
        metadata: metadata::body(&group.metadata),
    }
}

/// A page of groups.
pub fn page_body(page: &Page<Group>, asked: &CursorPage) -> impl Serialize {
    let items: Vec<_> = page.items.iter().map(body).collect();
    let ends: (Option<ListPosition>, Option<ListPosition>) = (page.previous, page.next);
    list::body(items, ends, asked)
}
