//! Assets as they are stored.

use serde::{Deserialize, Serialize};
use subledger::asset::{Asset, AssetCode, AssetType};
use subledger::error::Error;
use subledger::ids::{AssetId, LedgerId, OrganizationId, Scope};
use subledger::text::Name;
use subledger::timestamp::Timestamp;

use crate::attribute::{AsMap, AsText};
use crate::item::Item;
use crate::keys::Key;
use crate::metadata_attribute::MetadataAttribute;
use crate::organization_item::StatusAttribute;

#[derive(Serialize, Deserialize)]
struct AssetRow {
    organization: AsText<OrganizationId>,
    ledger: AsText<LedgerId>,
    id: AsText<AssetId>,
    name: AsText<Name>,
    kind: AsText<AssetType>,
    code: AsText<AssetCode>,
    status: AsMap<StatusAttribute>,
    #[serde(default, skip_serializing_if = "MetadataAttribute::is_empty")]
    metadata: MetadataAttribute,
    created_at: AsText<Timestamp>,
}

/// A taken name: which asset has it.
#[derive(Serialize, Deserialize)]
struct NameRow {
    code: AsText<AssetCode>,
}

/// The item of an asset.
pub(crate) fn write(asset: &Asset) -> Result<Item, Error> {
    let row = AssetRow {
        organization: AsText(asset.scope.organization),
        ledger: AsText(asset.scope.ledger),
        id: AsText(asset.id),
        name: AsText(asset.name.clone()),
        kind: AsText(asset.kind),
        code: AsText(asset.code.clone()),
        status: AsMap(StatusAttribute::from(&asset.status)),
        metadata: MetadataAttribute::from(&asset.metadata),
        created_at: AsText(asset.created_at),
    };
    Item::write(&Key::Asset(asset.scope.ledger, &asset.code), &row)
}

/// The item that keeps an asset's name from being given twice.
pub(crate) fn write_name(asset: &Asset) -> Result<Item, Error> {
    let key = Key::AssetName(asset.scope.ledger, &asset.name);
    Item::write(&key, &NameRow { code: AsText(asset.code.clone()) })
}

/// The asset that has a taken name.
pub(crate) fn read_name(item: &Item) -> Result<AssetCode, Error> {
    let (_, row): (_, NameRow) = item.read()?;
    Ok(row.code.0)
}

/// The asset of an item.
pub(crate) fn read(item: &Item) -> Result<Asset, Error> {
    let (here, row): (_, AssetRow) = item.read()?;
    item.expect_at(&here, &[Key::Asset(row.ledger.0, &row.code.0)])?;
    let metadata = row.metadata.into_metadata();
    Ok(Asset {
        id: row.id.0,
        scope: Scope { organization: row.organization.0, ledger: row.ledger.0 },
        name: row.name.0,
        kind: row.kind.0,
        code: row.code.0,
        status: row.status.0.into(),
        metadata: metadata.map_err(|reason| item.corrupt(&reason))?,
        created_at: row.created_at.0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    #[test]
    fn an_asset_is_read_as_it_was_written() {
        let bare = samples::asset();
        assert_eq!(read(&write(&bare).unwrap()).unwrap(), bare);
        let full = Asset { kind: AssetType::Crypto, metadata: samples::metadata(), ..bare };
        assert_eq!(read(&write(&full).unwrap()).unwrap(), full);
    }
}
