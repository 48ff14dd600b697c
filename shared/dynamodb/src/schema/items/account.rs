//! Accounts and their aliases as they are stored.

use serde::{Deserialize, Serialize};
use subledger::account::lifecycle::{ClosedReason, InactiveReason, Lifecycle};
use subledger::account::{Account, AccountFields, AccountType, Alias};
use subledger::error::Error;
use subledger::ledger::asset::AssetCode;
use subledger::money::ids::{AccountId, GroupId, LedgerId, OrganizationId, Scope};
use subledger::money::text::Name;
use subledger::money::timestamp::Timestamp;

use crate::schema::canonical;
use crate::schema::item::Item;
use crate::schema::items;
use crate::schema::items::metadata::MetadataAttribute;
use crate::schema::items::organization::StatusAttribute;
use crate::schema::items::profile::ProfileAttribute;
use crate::schema::keys::Key;

#[derive(Serialize, Deserialize)]
struct AccountRow {
    #[serde(with = "canonical")]
    organization: OrganizationId,
    #[serde(with = "canonical")]
    ledger: LedgerId,
    #[serde(with = "canonical")]
    id: AccountId,
    #[serde(with = "canonical")]
    name: Name,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "canonical::option")]
    parent: Option<AccountId>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "canonical::option")]
    entity: Option<Name>,
    #[serde(with = "canonical")]
    asset: AssetCode,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "canonical::option")]
    portfolio: Option<GroupId>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "canonical::option")]
    segment: Option<GroupId>,
    #[serde(deserialize_with = "canonical::map")]
    status: StatusAttribute,
    #[serde(with = "canonical")]
    alias: Alias,
    #[serde(with = "canonical")]
    kind: AccountType,
    blocked: bool,
    lifecycle: LifecycleAttribute,
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "canonical::some_map"
    )]
    profile: Option<ProfileAttribute>,
    #[serde(default, skip_serializing_if = "MetadataAttribute::is_empty")]
    metadata: MetadataAttribute,
    listing_shards: u8,
    #[serde(
        default,
        skip_serializing_if = "canonical::is_false",
        deserialize_with = "canonical::flag"
    )]
    being_deleted: bool,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "canonical::option")]
    deleted_at: Option<Timestamp>,
    revision: u64,
    #[serde(with = "canonical")]
    created_at: Timestamp,
    #[serde(with = "canonical")]
    updated_at: Timestamp,
}

/// A text if there is nothing more to store, otherwise a map with that text as its only name.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum LifecycleAttribute {
    Active,
    Inactive {
        #[serde(with = "canonical")]
        reason: InactiveReason,
    },
    Closed {
        #[serde(with = "canonical")]
        reason: ClosedReason,
        #[serde(with = "canonical")]
        at: Timestamp,
    },
}

/// A taken alias: which account has it.
#[derive(Serialize, Deserialize)]
struct AliasRow {
    #[serde(with = "canonical")]
    organization: OrganizationId,
    #[serde(with = "canonical")]
    ledger: LedgerId,
    #[serde(with = "canonical")]
    alias: Alias,
    #[serde(with = "canonical")]
    account: AccountId,
}

/// Which account an alias names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NamedAccount {
    /// Where it belongs.
    pub scope: Scope,
    /// Its id.
    pub account: AccountId,
}

/// The item of an account.
pub fn write(account: &Account) -> Result<Item, Error> {
    let row = AccountRow {
        organization: account.scope.organization,
        ledger: account.scope.ledger,
        id: account.id,
        name: account.name.clone(),
        parent: account.parent,
        entity: account.entity_id.clone(),
        asset: account.asset_code.clone(),
        portfolio: account.portfolio_id,
        segment: account.segment_id,
        status: StatusAttribute::from(&account.status),
        alias: account.alias.clone(),
        kind: account.kind.clone(),
        blocked: account.blocked,
        lifecycle: LifecycleAttribute::from(account.lifecycle),
        profile: account.profile.as_deref().map(Into::into),
        metadata: MetadataAttribute::from(&account.metadata),
        listing_shards: account.listing_shards.count(),
        being_deleted: account.being_deleted,
        deleted_at: account.deleted_at,
        revision: account.revision,
        created_at: account.created_at,
        updated_at: account.updated_at,
    };
    Item::write(&Key::Account(account.id), &row)
}

/// The item that keeps an account's alias from being given twice.
pub fn write_alias(account: &Account) -> Result<Item, Error> {
    let row = AliasRow {
        organization: account.scope.organization,
        ledger: account.scope.ledger,
        alias: account.alias.clone(),
        account: account.id,
    };
    Item::write(&Key::Alias(account.scope.ledger, &account.alias), &row)
}

/// The account of an item.
pub fn read(item: Item) -> Result<Account, Error> {
    let (here, row): (_, AccountRow) = item.read()?;
    here.expect(&[Key::Account(row.id)])?;
    let unreadable = |reason: String| here.corrupt(&reason);
    let profile = row.profile.map(ProfileAttribute::into_profile).transpose();
    Account::new(AccountFields {
        id: row.id,
        scope: Scope { organization: row.organization, ledger: row.ledger },
        name: row.name,
        parent: row.parent,
        entity_id: row.entity,
        asset_code: row.asset,
        portfolio_id: row.portfolio,
        segment_id: row.segment,
        status: row.status.into(),
        alias: row.alias,
        kind: row.kind,
        blocked: row.blocked,
        lifecycle: row.lifecycle.into(),
        profile: profile.map_err(unreadable)?.map(Box::new),
        metadata: row.metadata.into_metadata().map_err(unreadable)?,
        listing_shards: items::ledger::shards(row.listing_shards)
            .map_err(|reason| here.corrupt(&reason))?,
        being_deleted: row.being_deleted,
        deleted_at: row.deleted_at,
        revision: row.revision,
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
    .map_err(|reason| here.corrupt(&reason))
}

/// The account that the item of an alias names.
pub fn read_alias(item: Item) -> Result<NamedAccount, Error> {
    read_alias_and_account(item).map(|(_, named)| named)
}

/// The alias of an item, and the account that it names.
pub fn read_alias_and_account(item: Item) -> Result<(Alias, NamedAccount), Error> {
    let (here, row): (_, AliasRow) = item.read()?;
    here.expect(&[Key::Alias(row.ledger, &row.alias)])?;
    let scope = Scope { organization: row.organization, ledger: row.ledger };
    Ok((row.alias, NamedAccount { scope, account: row.account }))
}

impl From<Lifecycle> for LifecycleAttribute {
    fn from(lifecycle: Lifecycle) -> Self {
        match lifecycle {
            Lifecycle::Active => Self::Active,
            Lifecycle::Inactive(reason) => Self::Inactive { reason },
            Lifecycle::Closed { reason, at } => Self::Closed { reason, at },
        }
    }
}

impl From<LifecycleAttribute> for Lifecycle {
    fn from(lifecycle: LifecycleAttribute) -> Self {
        match lifecycle {
            LifecycleAttribute::Active => Self::Active,
            LifecycleAttribute::Inactive { reason } => Self::Inactive(reason),
            LifecycleAttribute::Closed { reason, at } => Self::Closed { reason, at },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    #[test]
    fn an_account_is_read_as_it_was_written() {
        let bare = samples::account();
        assert_eq!(read(write(&bare).unwrap()).unwrap(), bare);
        let closed = Lifecycle::Closed { reason: ClosedReason::PaidOff, at: samples::moment(7) };
        for lifecycle in [Lifecycle::Inactive(InactiveReason::Frozen), closed] {
            let full = Account::new(AccountFields {
                parent: Some(AccountId::new(samples::uuid(21))),
                entity_id: Some(Name::parse("entity").unwrap()),
                portfolio_id: Some(GroupId::new(samples::uuid(22))),
                segment_id: Some(GroupId::new(samples::uuid(23))),
                alias: Alias::parse("@person").unwrap(),
                blocked: true,
                lifecycle,
                profile: Some(Box::new(samples::profile())),
                metadata: samples::metadata(),
                being_deleted: true,
                deleted_at: Some(Timestamp::MAX),
                revision: u64::MAX,
                ..bare.clone().into_fields()
            })
            .unwrap();
            assert_eq!(read(write(&full).unwrap()).unwrap(), full);
        }
    }

    #[test]
    fn an_alias_names_its_account() {
        let account = samples::account();
        let named = NamedAccount { scope: account.scope, account: account.id };
        assert_eq!(read_alias(write_alias(&account).unwrap()).unwrap(), named);
    }

    #[test]
    fn the_revision_is_under_the_name_that_conditions_use() {
        let item = write(&samples::account()).unwrap();
        assert!(item.0.contains_key(crate::schema::keys::REVISION));
    }
}
