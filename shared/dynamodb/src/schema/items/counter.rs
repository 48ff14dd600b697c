//! Counters as they are stored: how many objects stand on an owner, spread over shards.

use serde::{Deserialize, Serialize};
use subledger::count::{Counted, Counts};
use subledger::error::Error;
use uuid::Uuid;

use crate::schema::canonical;
use crate::schema::item::Item;

/// The number of shards of a counter. One shard takes some tens of transactions a second, as one
/// balance does, and reading all of them costs one read unit.
pub const SHARDS: u8 = 16;

/// The attribute of a shard that says that its owner was deleted.
pub const CLOSED: &str = "closed";

/// The attributes with the counts.
pub const COUNTS: &[&str] = &[
    attribute(Counted::Organizations),
    attribute(Counted::Ledgers),
    attribute(Counted::Assets),
    attribute(Counted::Accounts),
    attribute(Counted::Portfolios),
    attribute(Counted::Segments),
    attribute(Counted::AccountTypes),
];

/// The attribute with the count.
pub const fn attribute(counted: Counted) -> &'static str {
    match counted {
        Counted::Organizations => "organization_count",
        Counted::Ledgers => "ledger_count",
        Counted::Assets => "asset_count",
        Counted::Accounts => "account_count",
        Counted::Portfolios => "portfolio_count",
        Counted::Segments => "segment_count",
        Counted::AccountTypes => "account_type_count",
    }
}

/// The shard in which the object with this id is counted. The last three digits of an id are left out,
/// as they are for [listings](subledger::ledger::ListingShards::shard_of).
#[expect(clippy::expect_used, reason = "there are 16 shards")]
pub fn shard_of(id: Uuid) -> u8 {
    let spread = id.as_u128() >> 12;
    let shard = spread.checked_rem(u128::from(SHARDS)).expect("there is a shard");
    u8::try_from(shard).expect("a remainder is less than the count")
}

#[derive(Serialize, Deserialize)]
struct CounterRow {
    #[serde(default, deserialize_with = "canonical::present")]
    organization_count: Option<u64>,
    #[serde(default, deserialize_with = "canonical::present")]
    ledger_count: Option<u64>,
    #[serde(default, deserialize_with = "canonical::present")]
    asset_count: Option<u64>,
    #[serde(default, deserialize_with = "canonical::present")]
    account_count: Option<u64>,
    #[serde(default, deserialize_with = "canonical::present")]
    portfolio_count: Option<u64>,
    #[serde(default, deserialize_with = "canonical::present")]
    segment_count: Option<u64>,
    #[serde(default, deserialize_with = "canonical::present")]
    account_type_count: Option<u64>,
    #[serde(default, deserialize_with = "canonical::flag")]
    closed: bool,
}

/// A shard of a counter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shard {
    /// How many objects it counts.
    pub counts: Counts,
    /// Whether its owner was deleted.
    pub is_closed: bool,
}

/// The shard of an item.
pub fn read(item: Item) -> Result<Shard, Error> {
    let (_, row): (_, CounterRow) = item.read()?;
    let mut counts = Counts::default();
    for (counted, count) in [
        (Counted::Organizations, row.organization_count),
        (Counted::Ledgers, row.ledger_count),
        (Counted::Assets, row.asset_count),
        (Counted::Accounts, row.account_count),
        (Counted::Portfolios, row.portfolio_count),
        (Counted::Segments, row.segment_count),
        (Counted::AccountTypes, row.account_type_count),
    ] {
        counts.add(counted, count.unwrap_or_default());
    }
    Ok(Shard { counts, is_closed: row.closed })
}

#[cfg(test)]
mod tests {
    use subledger::count::Owner;

    use super::*;
    use crate::samples::{at, n, s, with};
    use crate::schema::keys::Key;

    #[test]
    fn a_shard_is_read_with_every_count_that_is_written() {
        let key = Key::Counter { owner: &Owner::System, shard: 15 };
        let full = COUNTS.iter().fold(at(&key), |item, name| with(item, name, n("7")));
        let shard = read(full).unwrap();
        assert_eq!(COUNTS.len(), Counted::NAMES.len());
        for name in Counted::NAMES {
            assert_eq!(shard.counts.of(Counted::from_name(name).unwrap()), 7, "{name}");
        }
        assert!(read(at(&key)).unwrap().counts.is_empty());
        for wrong in [n("-1"), s("7")] {
            let item = with(at(&key), COUNTS[0], wrong);
            assert!(matches!(read(item), Err(Error::Corrupt { .. })));
        }
    }

    #[test]
    fn every_shard_is_used() {
        let shards: Vec<u8> = (0..16).map(|n| shard_of(Uuid::from_u128(n << 12))).collect();
        assert_eq!(shards, (0..SHARDS).collect::<Vec<_>>());
    }
}
