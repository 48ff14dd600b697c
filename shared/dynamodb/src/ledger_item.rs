//! Ledgers as they are stored.

use serde::{Deserialize, Serialize};
use subledger::error::Error;
use subledger::ids::{LedgerId, OrganizationId, Scope};
use subledger::ledger::{DirectoryShards, Ledger, LedgerSettings};
use subledger::text::Name;
use subledger::timestamp::Timestamp;

use crate::attribute::{AsBoolean, AsMap, AsNumber, AsText};
use crate::item::Item;
use crate::keys::Key;
use crate::metadata_attribute::MetadataAttribute;
use crate::organization_item::StatusAttribute;

#[derive(Serialize, Deserialize)]
struct LedgerRow {
    organization: AsText<OrganizationId>,
    id: AsText<LedgerId>,
    name: AsText<Name>,
    status: AsMap<StatusAttribute>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    settings: Option<AsMap<SettingsAttribute>>,
    #[serde(default, skip_serializing_if = "MetadataAttribute::is_empty")]
    metadata: MetadataAttribute,
    directory_shards: AsNumber<u8>,
    created_at: AsText<Timestamp>,
}

#[derive(Serialize, Deserialize)]
struct SettingsAttribute {
    validate_account_type: AsBoolean<bool>,
    validate_routes: AsBoolean<bool>,
}

/// A taken name: which ledger has it.
#[derive(Serialize, Deserialize)]
struct NameRow {
    ledger: AsText<LedgerId>,
}

/// The item of a ledger.
pub(crate) fn write(ledger: &Ledger) -> Result<Item, Error> {
    let row = LedgerRow {
        organization: AsText(ledger.scope.organization),
        id: AsText(ledger.scope.ledger),
        name: AsText(ledger.name.clone()),
        status: AsMap(StatusAttribute::from(&ledger.status)),
        settings: ledger.settings.map(|settings| {
            AsMap(SettingsAttribute {
                validate_account_type: AsBoolean(settings.validate_account_type),
                validate_routes: AsBoolean(settings.validate_routes),
            })
        }),
        metadata: MetadataAttribute::from(&ledger.metadata),
        directory_shards: AsNumber(ledger.directory_shards.count()),
        created_at: AsText(ledger.created_at),
    };
    Item::write(&Key::Ledger(ledger.scope), &row)
}

/// The item that keeps a ledger's name from being given twice.
pub(crate) fn write_name(ledger: &Ledger) -> Result<Item, Error> {
    let key = Key::LedgerName(ledger.scope.organization, &ledger.name);
    Item::write(&key, &NameRow { ledger: AsText(ledger.scope.ledger) })
}

/// The ledger that has a taken name.
pub(crate) fn read_name(item: &Item) -> Result<LedgerId, Error> {
    let (_, row): (_, NameRow) = item.read()?;
    Ok(row.ledger.0)
}

/// The ledger of an item.
pub(crate) fn read(item: &Item) -> Result<Ledger, Error> {
    let (here, row): (_, LedgerRow) = item.read()?;
    let scope = Scope { organization: row.organization.0, ledger: row.id.0 };
    item.expect_at(&here, &[Key::Ledger(scope)])?;
    let metadata = row.metadata.into_metadata();
    Ok(Ledger {
        scope,
        name: row.name.0,
        status: row.status.0.into(),
        settings: row.settings.map(|AsMap(settings)| LedgerSettings {
            validate_account_type: settings.validate_account_type.0,
            validate_routes: settings.validate_routes.0,
        }),
        metadata: metadata.map_err(|reason| item.corrupt(&reason))?,
        directory_shards: shards(row.directory_shards.0).map_err(|reason| item.corrupt(&reason))?,
        created_at: row.created_at.0,
    })
}

/// A stored shard count.
pub(crate) fn shards(count: u8) -> Result<DirectoryShards, &'static str> {
    DirectoryShards::new(count).ok_or("the number of directory shards is out of range")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    #[test]
    fn a_ledger_is_read_as_it_was_written() {
        let bare = samples::ledger();
        assert_eq!(read(&write(&bare).unwrap()).unwrap(), bare);
        let full = Ledger {
            settings: Some(LedgerSettings { validate_account_type: true, validate_routes: false }),
            metadata: samples::metadata(),
            directory_shards: DirectoryShards::new(64).unwrap(),
            ..bare
        };
        assert_eq!(read(&write(&full).unwrap()).unwrap(), full);
    }

    #[test]
    fn a_ledger_that_stands_under_another_key_is_corrupt() {
        let mut attributes = samples::attributes(&write(&samples::ledger()).unwrap());
        attributes.extend(samples::attributes(&samples::at(&samples::somewhere())));
        let item = samples::item(&attributes);
        assert!(matches!(read(&item), Err(Error::Corrupt { .. })));
    }
}
