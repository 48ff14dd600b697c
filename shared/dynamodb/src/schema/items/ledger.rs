//! Ledgers as they are stored.

#![expect(
    clippy::disallowed_types,
    reason = "serde's flatten names every type of number, and no item here has an amount"
)]

use serde::{Deserialize, Serialize};
use subledger::error::Error;
use subledger::ledger::{Ledger, LedgerSettings, ListingShards};
use subledger::money::ids::{LedgerId, OrganizationId, Scope};
use subledger::money::unique_name::UniqueName;

use crate::schema::canonical;
use crate::schema::item::Item;
use crate::schema::items::metadata::MetadataAttribute;
use crate::schema::items::organization::StatusAttribute;
use crate::schema::items::timeline::TimelineAttributes;
use crate::schema::keys::Key;

#[derive(Serialize, Deserialize)]
struct LedgerRow {
    #[serde(with = "canonical")]
    organization: OrganizationId,
    #[serde(with = "canonical")]
    id: LedgerId,
    #[serde(with = "canonical")]
    name: UniqueName,
    #[serde(deserialize_with = "canonical::map")]
    status: StatusAttribute,
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "canonical::some_map"
    )]
    settings: Option<SettingsAttribute>,
    #[serde(default, skip_serializing_if = "MetadataAttribute::is_empty")]
    metadata: MetadataAttribute,
    listing_shards: u8,
    #[serde(flatten)]
    timeline: TimelineAttributes,
}

#[derive(Serialize, Deserialize)]
struct SettingsAttribute {
    validate_account_type: bool,
    validate_routes: bool,
}

/// A taken name: which ledger has it.
#[derive(Serialize, Deserialize)]
struct NameRow {
    #[serde(with = "canonical")]
    ledger: LedgerId,
}

/// The item of a ledger.
pub fn write(ledger: &Ledger) -> Result<Item, Error> {
    let row = LedgerRow {
        organization: ledger.scope.organization,
        id: ledger.scope.ledger,
        name: ledger.name.clone(),
        status: StatusAttribute::from(&ledger.status),
        settings: ledger.settings.map(|settings| SettingsAttribute {
            validate_account_type: settings.validate_account_type,
            validate_routes: settings.validate_routes,
        }),
        metadata: MetadataAttribute::from(&ledger.metadata),
        listing_shards: ledger.listing_shards.count(),
        timeline: ledger.timeline.into(),
    };
    Item::write(&key(ledger), &row)
}

/// The key of a ledger, which is another one once it is deleted.
const fn key(ledger: &Ledger) -> Key<'_> {
    match ledger.timeline.deleted_at {
        None => Key::Ledger(ledger.scope),
        Some(_) => Key::DeletedLedger(ledger.scope),
    }
}

/// The item that keeps a ledger's name from being given twice.
pub fn write_name(ledger: &Ledger) -> Result<Item, Error> {
    let key = Key::LedgerName(ledger.scope.organization, &ledger.name);
    Item::write(&key, &NameRow { ledger: ledger.scope.ledger })
}

/// The ledger that has a taken name.
pub fn read_name(item: Item) -> Result<LedgerId, Error> {
    let (_, row): (_, NameRow) = item.read()?;
    Ok(row.ledger)
}

/// The ledger of an item.
pub fn read(item: Item) -> Result<Ledger, Error> {
    let (here, row): (_, LedgerRow) = item.read()?;
    let scope = Scope { organization: row.organization, ledger: row.id };
    let metadata = row.metadata.into_metadata();
    let ledger = Ledger {
        scope,
        name: row.name,
        status: row.status.into(),
        settings: row.settings.map(|settings| LedgerSettings {
            validate_account_type: settings.validate_account_type,
            validate_routes: settings.validate_routes,
        }),
        metadata: metadata.map_err(|reason| here.corrupt(&reason))?,
        listing_shards: shards(row.listing_shards).map_err(|reason| here.corrupt(&reason))?,
        timeline: row.timeline.into(),
    };
    here.expect(&[key(&ledger)])?;
    Ok(ledger)
}

/// A stored shard count.
pub fn shards(count: u8) -> Result<ListingShards, &'static str> {
    ListingShards::new(count).ok_or("the number of listing shards is out of range")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    #[test]
    fn a_ledger_is_read_as_it_was_written() {
        let bare = samples::ledger();
        assert_eq!(read(write(&bare).unwrap()).unwrap(), bare);
        let full = Ledger {
            settings: Some(LedgerSettings { validate_account_type: true, validate_routes: false }),
            metadata: samples::metadata(),
            listing_shards: ListingShards::new(64).unwrap(),
            ..bare
        };
        assert_eq!(read(write(&full).unwrap()).unwrap(), full);
    }

    #[test]
    fn a_ledger_that_stands_under_another_key_is_corrupt() {
        let mut item = write(&samples::ledger()).unwrap();
        item.0.extend(samples::at(&samples::somewhere()).0);
        assert!(matches!(read(item), Err(Error::Corrupt { .. })));
    }
}
