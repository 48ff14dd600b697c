//! Values for the tests of this crate: as little as each can have.

use uuid::Uuid;

use crate::account::lifecycle::Lifecycle;
use crate::account::{Account, AccountFields, AccountType, Alias};
use crate::balance::{Balance, BalanceKey};
use crate::ledger::ListingShards;
use crate::ledger::asset::AssetCode;
use crate::metadata::Metadata;
use crate::money::ids::{AccountId, BalanceId, LedgerId, OrganizationId, Scope};
use crate::money::text::Name;
use crate::money::timestamp::Timestamp;
use crate::status::Status;

pub(crate) fn scope() -> Scope {
    Scope {
        organization: OrganizationId::new(Uuid::from_u128(1)),
        ledger: LedgerId::new(Uuid::from_u128(2)),
    }
}

pub(crate) fn moment(micros: i64) -> Timestamp {
    Timestamp::from_micros(micros).unwrap()
}

/// An account of this kind with this alias.
pub(crate) fn account(alias: &str, kind: &str) -> Account {
    Account::new(AccountFields {
        id: AccountId::new(Uuid::from_u128(4)),
        scope: scope(),
        name: Name::parse("Account").unwrap(),
        parent: None,
        entity_id: None,
        asset_code: AssetCode::usd(),
        portfolio_id: None,
        segment_id: None,
        status: Status::active(),
        alias: Alias::recognize(alias).unwrap(),
        kind: AccountType::recognize(kind).unwrap(),
        blocked: false,
        lifecycle: Lifecycle::Active,
        profile: None,
        metadata: Metadata::default(),
        listing_shards: ListingShards::ONE,
        being_deleted: false,
        deleted_at: None,
        revision: 0,
        created_at: moment(1),
        updated_at: moment(1),
    })
    .unwrap()
}

/// The default balance of an account of this kind.
pub(crate) fn balance(kind: &str) -> Balance {
    let id = BalanceId::new(Uuid::from_u128(3));
    Balance::open(id, &account("@a", kind), BalanceKey::default_key(), moment(1))
}
