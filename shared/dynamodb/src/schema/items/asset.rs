//! Assets as they are stored.

#![expect(
    clippy::disallowed_types,
    reason = "serde's flatten names every type of number, and no item here has an amount"
)]

use serde::{Deserialize, Serialize};
use subledger::error::Error;
use subledger::ledger::asset::{Asset, AssetCode, AssetType};
use subledger::money::ids::{AssetId, LedgerId, OrganizationId, Scope};
use subledger::money::unique_name::UniqueName;

use crate::schema::canonical;
use crate::schema::item::Item;
use crate::schema::items::metadata::MetadataAttribute;
use crate::schema::items::organization::StatusAttribute;
use crate::schema::items::timeline::TimelineAttributes;
use crate::schema::keys::Key;

#[derive(Serialize, Deserialize)]
struct AssetRow {
    #[serde(with = "canonical")]
    organization: OrganizationId,
    #[serde(with = "canonical")]
    ledger: LedgerId,
    #[serde(with = "canonical")]
    id: AssetId,
    #[serde(with = "canonical")]
    name: UniqueName,
    #[serde(with = "canonical")]
    kind: AssetType,
    #[serde(with = "canonical")]
    code: AssetCode,
    #[serde(deserialize_with = "canonical::map")]
    status: StatusAttribute,
    #[serde(default, skip_serializing_if = "MetadataAttribute::is_empty")]
    metadata: MetadataAttribute,
    #[serde(flatten)]
    timeline: TimelineAttributes,
}

/// A taken name, or an id: which asset has it.
#[derive(Serialize, Deserialize)]
struct NameRow {
    #[serde(with = "canonical")]
    code: AssetCode,
}

/// The item of an asset.
pub fn write(asset: &Asset) -> Result<Item, Error> {
    let row = AssetRow {
        organization: asset.scope.organization,
        ledger: asset.scope.ledger,
        id: asset.id,
        name: asset.name.clone(),
        kind: asset.kind,
        code: asset.code.clone(),
        status: StatusAttribute::from(&asset.status),
        metadata: MetadataAttribute::from(&asset.metadata),
        timeline: asset.timeline.into(),
    };
    Item::write(&key(asset), &row)
}

/// The key of an asset, which is another one once it is deleted.
fn key(asset: &Asset) -> Key<'_> {
    let ledger = asset.scope.ledger;
    match asset.timeline.deleted_at {
        None => Key::Asset(ledger, &asset.code),
        Some(_) => Key::DeletedAsset(ledger, asset.id),
    }
}

/// The item that keeps an asset's name from being given twice.
pub fn write_name(asset: &Asset) -> Result<Item, Error> {
    let key = Key::AssetName(asset.scope.ledger, &asset.name);
    Item::write(&key, &NameRow { code: asset.code.clone() })
}

/// The item that finds an asset by its id: it names the code.
pub fn write_id(asset: &Asset) -> Result<Item, Error> {
    let key = Key::AssetId(asset.scope.ledger, asset.id);
    Item::write(&key, &NameRow { code: asset.code.clone() })
}

/// The code of the asset with an id.
pub fn read_id(item: Item) -> Result<AssetCode, Error> {
    read_name(item)
}

/// The asset that has a taken name.
pub fn read_name(item: Item) -> Result<AssetCode, Error> {
    let (_, row): (_, NameRow) = item.read()?;
    Ok(row.code)
}

/// The asset of an item.
pub fn read(item: Item) -> Result<Asset, Error> {
    let (here, row): (_, AssetRow) = item.read()?;
    let metadata = row.metadata.into_metadata();
    let asset = Asset {
        id: row.id,
        scope: Scope { organization: row.organization, ledger: row.ledger },
        name: row.name,
        kind: row.kind,
        code: row.code,
        status: row.status.into(),
        metadata: metadata.map_err(|reason| here.corrupt(&reason))?,
        timeline: row.timeline.into(),
    };
    here.expect(&[key(&asset)])?;
    Ok(asset)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    #[test]
    fn an_asset_is_read_as_it_was_written() {
        let bare = samples::asset();
        assert_eq!(read(write(&bare).unwrap()).unwrap(), bare);
        let full = Asset { kind: AssetType::Crypto, metadata: samples::metadata(), ..bare };
        assert_eq!(read(write(&full).unwrap()).unwrap(), full);
    }
}
