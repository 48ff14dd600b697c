//! The few attributes that say where an item stands in a list and when it was written: all that is
//! read of items that are too large, or too many, to be read as a whole.

use subledger::error::Error;
use subledger::money::ids::{LedgerId, OrganizationId};
use subledger::money::timestamp::Timestamp;
use subledger::page::ListPosition;
use uuid::Uuid;

use crate::schema::item::{Attributes, Item};
use crate::schema::keys::{ID, PK, SK, StoredKey, VERSION};

const ORGANIZATION: &str = "organization";
const LEDGER: &str = "ledger";
const CREATED_AT: &str = "created_at";
const RECORDED_AT: &str = "recorded_at";
const DELETED_AT: &str = "deleted_at";

/// The attributes, as the projection of a query names them.
pub fn projection() -> String {
    [PK, SK, ORGANIZATION, LEDGER, ID, CREATED_AT, RECORDED_AT, DELETED_AT, VERSION].join(", ")
}

/// What is known of an asset, a ledger or a balance without reading all of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Life {
    /// Its key.
    pub key: StoredKey,
    /// The organization that it belongs to.
    pub organization: OrganizationId,
    /// The ledger that it belongs to; `None` for a ledger itself.
    pub ledger: Option<LedgerId>,
    /// Its id.
    pub id: Uuid,
    /// When it was created.
    pub created_at: Timestamp,
    /// When its version was recorded; `None` for what has no versions.
    pub recorded_at: Option<Timestamp>,
    /// When it was deleted, if it was.
    pub deleted_at: Option<Timestamp>,
    /// The number of its version; zero for what has no versions.
    pub version: u64,
}

impl Life {
    /// Its position in a list in order of creation.
    pub const fn position(&self) -> ListPosition {
        ListPosition { at: self.created_at, id: self.id }
    }
}

/// Reads the attributes of an item that has at least these.
pub fn read(item: &Item) -> Result<Life, Error> {
    let life = || {
        let attributes = &item.0;
        Some(Life {
            key: item.key()?,
            organization: OrganizationId::new(uuid(attributes, ORGANIZATION)?),
            ledger: optional(attributes, LEDGER, uuid)?.map(LedgerId::new),
            id: uuid(attributes, ID)?,
            created_at: time(attributes, CREATED_AT)?,
            recorded_at: optional(attributes, RECORDED_AT, time)?,
            deleted_at: optional(attributes, DELETED_AT, time)?,
            version: optional(attributes, VERSION, number)?.unwrap_or(0),
        })
    };
    life().ok_or_else(|| item.corrupt(&"it has not the attributes of a list"))
}

/// An attribute that may be absent; `None` if it is there and cannot be read.
fn optional<T>(
    attributes: &Attributes,
    name: &str,
    read: impl FnOnce(&Attributes, &str) -> Option<T>,
) -> Option<Option<T>> {
    if attributes.contains_key(name) { read(attributes, name).map(Some) } else { Some(None) }
}

fn uuid(attributes: &Attributes, name: &str) -> Option<Uuid> {
    Uuid::try_parse(attributes.get(name)?.as_s().ok()?).ok()
}

fn time(attributes: &Attributes, name: &str) -> Option<Timestamp> {
    Timestamp::parse_fixed_width(attributes.get(name)?.as_s().ok()?)
}

fn number(attributes: &Attributes, name: &str) -> Option<u64> {
    attributes.get(name)?.as_n().ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;
    use crate::schema::items;

    #[test]
    fn a_life_is_read_of_whatever_is_in_such_a_list() {
        let balance = samples::balance();
        let life = read(&items::balance::write_current(&balance).unwrap()).unwrap();
        assert_eq!((life.id, life.created_at), (balance.id.uuid(), balance.created_at));
        assert_eq!(life.recorded_at, Some(balance.recorded_at));
        assert_eq!((life.version, life.deleted_at), (balance.version, None));
        let asset = samples::asset();
        let life = read(&items::asset::write(&asset).unwrap()).unwrap();
        assert_eq!((life.id, life.ledger), (asset.id.uuid(), Some(asset.scope.ledger)));
        let ledger = samples::ledger();
        let life = read(&items::ledger::write(&ledger).unwrap()).unwrap();
        assert_eq!((life.id, life.ledger), (ledger.scope.ledger.uuid(), None));
    }

    #[test]
    fn an_attribute_of_another_form_is_corrupt() {
        let item = items::balance::write_current(&samples::balance()).unwrap();
        for name in [ORGANIZATION, LEDGER, ID, CREATED_AT, RECORDED_AT, VERSION] {
            let mut item = item.clone();
            item.0.insert(name.to_owned(), samples::s("zebra"));
            assert!(matches!(read(&item), Err(Error::Corrupt { .. })), "{name}");
        }
    }
}
