//! Portfolios, segments and account types as they are stored.

#![expect(
    clippy::disallowed_types,
    reason = "serde's flatten names every type of number, and no item here has an amount"
)]

use serde::{Deserialize, Serialize};
use subledger::account::group::{AccountTypeKey, Group, GroupDetails, UniqueInLedger};
use subledger::error::Error;
use subledger::money::ids::{GroupId, LedgerId, OrganizationId, Scope};
use subledger::money::text::{Name, Text};
use subledger::money::unique_name::UniqueName;

use crate::schema::canonical;
use crate::schema::item::Item;
use crate::schema::items::metadata::MetadataAttribute;
use crate::schema::items::organization::StatusAttribute;
use crate::schema::items::timeline::TimelineAttributes;
use crate::schema::keys::Key;

#[derive(Serialize, Deserialize)]
struct GroupRow {
    #[serde(with = "canonical")]
    organization: OrganizationId,
    #[serde(with = "canonical")]
    ledger: LedgerId,
    #[serde(with = "canonical")]
    id: GroupId,
    #[serde(with = "canonical")]
    name: UniqueName,
    details: DetailsAttribute,
    #[serde(default, skip_serializing_if = "MetadataAttribute::is_empty")]
    metadata: MetadataAttribute,
    #[serde(flatten)]
    timeline: TimelineAttributes,
}

/// A map with the kind as its only name.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum DetailsAttribute {
    Portfolio {
        #[serde(default, skip_serializing_if = "Option::is_none", with = "canonical::option")]
        entity: Option<Name>,
        #[serde(deserialize_with = "canonical::map")]
        status: StatusAttribute,
    },
    Segment {
        #[serde(deserialize_with = "canonical::map")]
        status: StatusAttribute,
    },
    AccountType {
        #[serde(with = "canonical")]
        key: AccountTypeKey,
        #[serde(default, skip_serializing_if = "Option::is_none", with = "canonical::option")]
        description: Option<Text<500>>,
    },
}

/// A taken name or key: which group has it.
#[derive(Serialize, Deserialize)]
struct NameRow {
    #[serde(with = "canonical")]
    organization: OrganizationId,
    #[serde(with = "canonical")]
    group: GroupId,
}

/// The item of a group.
pub fn write(group: &Group) -> Result<Item, Error> {
    let details = match &group.details {
        GroupDetails::Portfolio { entity_id, status } => {
            DetailsAttribute::Portfolio { entity: entity_id.clone(), status: status.into() }
        }
        GroupDetails::Segment { status } => DetailsAttribute::Segment { status: status.into() },
        GroupDetails::AccountType { key, description } => {
            DetailsAttribute::AccountType { key: key.clone(), description: description.clone() }
        }
    };
    let row = GroupRow {
        organization: group.scope.organization,
        ledger: group.scope.ledger,
        id: group.id,
        name: group.name.clone(),
        details,
        metadata: MetadataAttribute::from(&group.metadata),
        timeline: group.timeline.into(),
    };
    Item::write(&key(group), &row)
}

/// The key of a group, which is another one once it is deleted.
fn key(group: &Group) -> Key<'_> {
    let (ledger, kind, id) = (group.scope.ledger, group.kind(), group.id);
    match group.timeline.deleted_at {
        None => Key::Group(ledger, kind, id),
        Some(_) => Key::DeletedGroup(ledger, kind, id),
    }
}

/// The key of the item that keeps a name or a key from being given twice; `None` for a portfolio.
pub fn unique_key(group: &Group) -> Option<Key<'_>> {
    group.unique().map(|unique| match unique {
        UniqueInLedger::SegmentName(name) => Key::SegmentName(group.scope.ledger, name),
        UniqueInLedger::AccountTypeKey(key) => Key::AccountTypeKey(group.scope.ledger, key),
    })
}

/// The item that keeps a name or a key from being given twice; `None` for a portfolio.
pub fn write_unique(group: &Group) -> Result<Option<Item>, Error> {
    let row = NameRow { organization: group.scope.organization, group: group.id };
    unique_key(group).map(|key| Item::write(&key, &row)).transpose()
}

/// The group that has a taken name or key, and its organization.
pub fn read_unique(item: Item) -> Result<(OrganizationId, GroupId), Error> {
    let (_, row): (_, NameRow) = item.read()?;
    Ok((row.organization, row.group))
}

/// The group of an item.
pub fn read(item: Item) -> Result<Group, Error> {
    let (here, row): (_, GroupRow) = item.read()?;
    let details = match row.details {
        DetailsAttribute::Portfolio { entity, status } => {
            GroupDetails::Portfolio { entity_id: entity, status: status.into() }
        }
        DetailsAttribute::Segment { status } => GroupDetails::Segment { status: status.into() },
        DetailsAttribute::AccountType { key, description } => {
            GroupDetails::AccountType { key, description }
        }
    };
    let metadata = row.metadata.into_metadata();
    let group = Group {
        id: row.id,
        scope: Scope { organization: row.organization, ledger: row.ledger },
        name: row.name,
        details,
        metadata: metadata.map_err(|reason| here.corrupt(&reason))?,
        timeline: row.timeline.into(),
    };
    here.expect(&[key(&group)])?;
    Ok(group)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    #[test]
    fn a_group_is_read_as_it_was_written() {
        for bare in [samples::portfolio(), samples::segment(), samples::account_type()] {
            assert_eq!(read(write(&bare).unwrap()).unwrap(), bare);
            let timeline = bare.timeline.ended(samples::moment(9));
            let full = Group { metadata: samples::metadata(), timeline, ..bare };
            assert_eq!(read(write(&full).unwrap()).unwrap(), full);
        }
        let portfolio = samples::portfolio();
        let details = GroupDetails::Portfolio {
            entity_id: Some(Name::parse("entity").unwrap()),
            status: subledger::status::Status::active(),
        };
        let full = Group { details, ..portfolio };
        assert_eq!(read(write(&full).unwrap()).unwrap(), full);
    }

    #[test]
    fn a_group_under_the_key_of_another_kind_is_corrupt() {
        let (portfolio, segment) = (samples::portfolio(), samples::segment());
        let mut item = write(&portfolio).unwrap();
        let key = Key::Group(segment.scope.ledger, segment.kind(), portfolio.id);
        item.0.extend(samples::at(&key).0);
        assert!(matches!(read(item), Err(Error::Corrupt { .. })));
    }
}
