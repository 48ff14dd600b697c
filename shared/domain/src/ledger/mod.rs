//! Ledgers: the books of an organization.

pub mod asset;
pub mod create;
pub mod delete;
pub mod organization;
pub mod update;

use uuid::Uuid;

use crate::metadata::Metadata;
use crate::money::ids::Scope;
use crate::money::timeline::Timeline;
use crate::money::unique_name::UniqueName;
use crate::status::Status;

/// How many partitions hold a ledger's listing of balances, and as many its listing of
/// transactions: 1 to 64, chosen when the ledger is created and never changed.
///
/// One partition takes about 500 new listing items a second. A page costs one query per partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListingShards(u8);

impl ListingShards {
    /// The most shards; a page of a ledger queries each of them.
    pub const MAX: u8 = 64;
    /// One shard.
    pub const ONE: Self = Self(1);

    /// The number of shards, if it is 1 to 64.
    #[must_use]
    pub fn new(count: u8) -> Option<Self> {
        (1..=Self::MAX).contains(&count).then_some(Self(count))
    }

    /// 1 to 64.
    #[must_use]
    pub const fn count(self) -> u8 {
        self.0
    }

    /// The shard of a balance or transaction with this id, from 0. It is always the same one. The
    /// low bits of an id are evenly spread: they are random in a version 7 UUID and a part of a
    /// hash in a version 8 UUID. The last three hexadecimal digits are left out, because those of a
    /// transaction are zeros.
    #[must_use]
    #[expect(clippy::expect_used, reason = "the count is 1 to 64")]
    pub fn shard_of(self, id: Uuid) -> u8 {
        let spread = id.as_u128() >> 12;
        let shard = spread.checked_rem(u128::from(self.0)).expect("there is a shard");
        u8::try_from(shard).expect("a remainder is less than the count")
    }
}

/// Rules that a ledger may switch on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LedgerSettings {
    /// Whether an account that is opened through v1 has to have the type of an
    /// [account type](crate::account::group::GroupDetails::AccountType) of the ledger.
    pub validate_account_type: bool,
    /// Whether a transaction has to follow a route. Clients cannot switch it on, because there are
    /// no transaction routes to check against.
    pub validate_routes: bool,
}

/// The books of an organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ledger {
    /// Its id and that of its organization.
    pub scope: Scope,
    /// Unique in the organization, however it is spelled.
    pub name: UniqueName,
    /// The client's status label.
    pub status: Status,
    /// Rules; `None` if the client never gave any, and then none is switched on.
    pub settings: Option<LedgerSettings>,
    /// The client's metadata.
    pub metadata: Metadata,
    /// How many shards its listings have.
    pub listing_shards: ListingShards,
    /// When it was created, changed and deleted.
    pub timeline: Timeline,
}
