//! What the accounts of a ledger are grouped by: portfolios, segments and account types.
//!
//! An account may be in one portfolio and in one segment, which it names by their ids. Its type is a
//! text, and names the account type with that key where the ledger asks for one
//! ([`LedgerSettings::validate_account_type`](crate::ledger::LedgerSettings::validate_account_type)).

use std::fmt;

use crate::account::AccountType;
use crate::conflict::{ATTEMPTS_MAX, until_current};
use crate::count::{Owner, expect_nothing_in};
use crate::error::Error;
use crate::metadata::Metadata;
use crate::money::ids::{GroupId, Scope};
use crate::money::named::named;
use crate::money::text::{Name, Text, TextError, check};
use crate::money::timeline::Timeline;
use crate::money::unique_name::UniqueName;
use crate::ports::{ChangeGroups, Clock, IdSource, InsertGroup, ReadLedgers};
use crate::status::{Status, StatusChange};

/// The longest key of an account type, in characters.
pub const ACCOUNT_TYPE_KEY_CHARACTERS_MAX: usize = 50;

named! {
    /// The kinds of groups.
    pub enum GroupKind {
        /// Accounts that belong together for the client, such as those of one customer.
        Portfolio => "portfolio",
        /// Accounts of one part of the client's business.
        Segment => "segment",
        /// Accounts of one type.
        AccountType => "account_type",
    }
}

/// The key of an account type: letters, digits, `_` and `-`, in lower case. Unique in a ledger.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountTypeKey(String);

impl AccountTypeKey {
    /// The key in lower case.
    ///
    /// # Errors
    /// [`TextError::Empty`], [`TextError::TooLong`], [`TextError::ForbiddenCharacter`].
    pub fn parse(text: &str) -> Result<Self, TextError> {
        if text.is_empty() {
            return Err(TextError::Empty);
        }
        check(text, ACCOUNT_TYPE_KEY_CHARACTERS_MAX, |c| {
            c.is_ascii_alphanumeric() || matches!(c, '_' | '-')
        })?;
        Ok(Self(text.to_ascii_lowercase()))
    }

    /// The key that an account of this type names; `None` if no account type can have it.
    #[must_use]
    pub fn of(kind: &AccountType) -> Option<Self> {
        Self::parse(kind.as_str()).ok()
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AccountTypeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A portfolio, a segment or an account type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Its id.
    pub id: GroupId,
    /// The organization and the ledger that it belongs to.
    pub scope: Scope,
    /// A name for people; that of a segment is unique in the ledger, however it is spelled.
    pub name: UniqueName,
    /// What it is, and what only its kind has.
    pub details: GroupDetails,
    /// The client's metadata.
    pub metadata: Metadata,
    /// When it was created, changed and deleted.
    pub timeline: Timeline,
}

/// What a group is, and what only its kind has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GroupDetails {
    /// A portfolio.
    Portfolio {
        /// The client's id of whom it belongs to.
        entity_id: Option<Name>,
        /// The client's status label.
        status: Status,
    },
    /// A segment.
    Segment {
        /// The client's status label.
        status: Status,
    },
    /// An account type.
    AccountType {
        /// The text that accounts of the type have as their type. It never changes.
        key: AccountTypeKey,
        /// Free text.
        description: Option<Text<500>>,
    },
}

/// What no two groups of a ledger have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UniqueInLedger<'a> {
    /// The name of a segment.
    SegmentName(&'a UniqueName),
    /// The key of an account type.
    AccountTypeKey(&'a AccountTypeKey),
}

impl Group {
    /// The kind of the group.
    #[must_use]
    pub const fn kind(&self) -> GroupKind {
        match self.details {
            GroupDetails::Portfolio { .. } => GroupKind::Portfolio,
            GroupDetails::Segment { .. } => GroupKind::Segment,
            GroupDetails::AccountType { .. } => GroupKind::AccountType,
        }
    }

    /// The client's id of whom a portfolio belongs to.
    #[must_use]
    pub const fn entity_id(&self) -> Option<&Name> {
        match &self.details {
            GroupDetails::Portfolio { entity_id, .. } => entity_id.as_ref(),
            GroupDetails::Segment { .. } | GroupDetails::AccountType { .. } => None,
        }
    }

    /// What no other group of the ledger has; `None` for a portfolio.
    #[must_use]
    pub const fn unique(&self) -> Option<UniqueInLedger<'_>> {
        match &self.details {
            GroupDetails::Portfolio { .. } => None,
            GroupDetails::Segment { .. } => Some(UniqueInLedger::SegmentName(&self.name)),
            GroupDetails::AccountType { key, .. } => Some(UniqueInLedger::AccountTypeKey(key)),
        }
    }
}

/// A request to create a group.
#[derive(Debug, Clone)]
pub struct NewGroup {
    /// The organization and the ledger that it belongs to.
    pub scope: Scope,
    /// See [`Group`].
    pub name: UniqueName,
    /// See [`Group`].
    pub details: GroupDetails,
    /// See [`Group`].
    pub metadata: Metadata,
}

/// The changes of a request; `None` leaves a field as it is. What a kind does not have is ignored.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GroupChange {
    /// See [`Group`].
    pub name: Option<UniqueName>,
    /// Of a portfolio; `Some(None)` removes it.
    pub entity_id: Option<Option<Name>>,
    /// Of a portfolio or a segment.
    pub status: StatusChange,
    /// Of an account type; `Some(None)` removes it.
    pub description: Option<Option<Text<500>>>,
    /// Changes of the metadata: see [`Metadata::merged`].
    pub metadata: Metadata,
}

/// Creates a group.
///
/// # Errors
/// [`Error::LedgerNotFound`], [`Error::GroupTaken`], and those of the store.
pub async fn create_group(
    store: &(impl ReadLedgers + InsertGroup),
    clock: &dyn Clock,
    ids: &dyn IdSource,
    new: NewGroup,
) -> Result<Group, Error> {
    store.ledger(new.scope).await?.ok_or(Error::LedgerNotFound)?;
    let group = Group {
        id: GroupId::new(ids.next_id()),
        scope: new.scope,
        name: new.name,
        details: new.details,
        metadata: new.metadata,
        timeline: Timeline::begin(clock.now()),
    };
    store.insert_group(&group).await?;
    Ok(group)
}

/// Changes a group.
///
/// # Errors
/// [`Error::ObjectNotFound`], [`Error::MetadataTooLarge`], [`Error::GroupTaken`],
/// [`Error::Contended`], and those of the store.
pub async fn update_group(
    store: &impl ChangeGroups,
    clock: &dyn Clock,
    scope: Scope,
    (kind, id): (GroupKind, GroupId),
    change: &GroupChange,
) -> Result<Group, Error> {
    until_current(store, ATTEMPTS_MAX, || async {
        let group = store.group(scope, kind, id).await?.ok_or(Error::ObjectNotFound)?;
        let changed = Group {
            name: change.name.clone().unwrap_or_else(|| group.name.clone()),
            details: changed_details(&group.details, change),
            metadata: group.metadata.merged(&change.metadata)?,
            timeline: group.timeline.changed(clock.now()),
            ..group.clone()
        };
        Ok(store.replace_group(&group, &changed).await?.then_some(changed))
    })
    .await
}

fn changed_details(details: &GroupDetails, change: &GroupChange) -> GroupDetails {
    match details.clone() {
        GroupDetails::Portfolio { entity_id, status } => GroupDetails::Portfolio {
            entity_id: change.entity_id.clone().unwrap_or(entity_id),
            status: status.changed(change.status.clone()),
        },
        GroupDetails::Segment { status } => {
            GroupDetails::Segment { status: status.changed(change.status.clone()) }
        }
        GroupDetails::AccountType { key, description } => GroupDetails::AccountType {
            key,
            description: change.description.clone().unwrap_or(description),
        },
    }
}

/// Deletes a group that no account is in any more. An account type can be deleted at any time:
/// accounts that have it keep it.
///
/// # Errors
/// [`Error::ObjectNotFound`], [`Error::InUse`], [`Error::Contended`], and those of the store.
pub async fn delete_group(
    store: &impl ChangeGroups,
    clock: &dyn Clock,
    scope: Scope,
    (kind, id): (GroupKind, GroupId),
) -> Result<(), Error> {
    until_current(store, ATTEMPTS_MAX, || async {
        let group = store.group(scope, kind, id).await?.ok_or(Error::ObjectNotFound)?;
        match kind {
            GroupKind::Portfolio | GroupKind::Segment => {
                expect_nothing_in(store, Owner::Group(id)).await?;
            }
            GroupKind::AccountType => {}
        }
        let last = Group { timeline: group.timeline.ended(clock.now()), ..group };
        Ok(store.delete_group(&last).await?.then_some(()))
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_of_an_account_type_is_kept_in_lower_case() {
        let key = AccountTypeKey::parse("Current_Assets-1").unwrap();
        assert_eq!(key.as_str(), "current_assets-1");
        for (text, error) in [
            ("", TextError::Empty),
            ("current assets", TextError::ForbiddenCharacter),
            ("größe", TextError::ForbiddenCharacter),
        ] {
            assert_eq!(AccountTypeKey::parse(text), Err(error), "{text}");
        }
        assert!(AccountTypeKey::parse(&"a".repeat(50)).is_ok());
        assert!(AccountTypeKey::parse(&"a".repeat(51)).is_err());
        let kind = AccountType::parse("DEPOSIT").unwrap();
        assert_eq!(AccountTypeKey::of(&kind).unwrap().as_str(), "deposit");
        assert_eq!(AccountTypeKey::of(&AccountType::parse("a type").unwrap()), None);
    }
}
