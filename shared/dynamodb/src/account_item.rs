//! Accounts and their aliases as they are stored.

use serde::{Deserialize, Serialize};
use subledger::account::{Account, AccountType, Alias, ClosedReason, InactiveReason, Lifecycle};
use subledger::asset::AssetCode;
use subledger::error::Error;
use subledger::ids::{AccountId, LedgerId, OrganizationId, Scope};
use subledger::text::Name;
use subledger::timestamp::Timestamp;
use uuid::Uuid;

use crate::attribute::{AsBoolean, AsMap, AsNumber, AsText};
use crate::item::Item;
use crate::keys::Key;
use crate::ledger_item;
use crate::metadata_attribute::MetadataAttribute;
use crate::organization_item::StatusAttribute;
use crate::profile_attribute::ProfileAttribute;

#[derive(Serialize, Deserialize)]
struct AccountRow {
    organization: AsText<OrganizationId>,
    ledger: AsText<LedgerId>,
    id: AsText<AccountId>,
    name: AsText<Name>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    parent: Option<AsText<AccountId>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    entity: Option<AsText<Name>>,
    asset: AsText<AssetCode>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    portfolio: Option<AsText<Uuid>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    segment: Option<AsText<Uuid>>,
    status: AsMap<StatusAttribute>,
    alias: AsText<Alias>,
    kind: AsText<AccountType>,
    blocked: AsBoolean<bool>,
    lifecycle: LifecycleAttribute,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    profile: Option<AsMap<ProfileAttribute>>,
    #[serde(default, skip_serializing_if = "MetadataAttribute::is_empty")]
    metadata: MetadataAttribute,
    directory_shards: AsNumber<u8>,
    /// True, or absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    being_deleted: Option<AsBoolean<bool>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    deleted_at: Option<AsText<Timestamp>>,
    revision: AsNumber<u64>,
    created_at: AsText<Timestamp>,
    updated_at: AsText<Timestamp>,
}

/// A word where there is nothing more to say; otherwise a map with the word as its only name.
#[derive(Serialize, Deserialize)]
enum LifecycleAttribute {
    S(OpenAttribute),
    M(EndedAttribute),
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum OpenAttribute {
    Active,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum EndedAttribute {
    Inactive(AsMap<InactiveAttribute>),
    Closed(AsMap<ClosedAttribute>),
}

#[derive(Serialize, Deserialize)]
struct InactiveAttribute {
    reason: AsText<InactiveReason>,
}

#[derive(Serialize, Deserialize)]
struct ClosedAttribute {
    reason: AsText<ClosedReason>,
    at: AsText<Timestamp>,
}

/// A taken alias: which account has it.
#[derive(Serialize, Deserialize)]
struct AliasRow {
    organization: AsText<OrganizationId>,
    ledger: AsText<LedgerId>,
    alias: AsText<Alias>,
    account: AsText<AccountId>,
}

/// Which account an alias names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NamedAccount {
    pub(crate) scope: Scope,
    pub(crate) account: AccountId,
}

/// The item of an account.
pub(crate) fn write(account: &Account) -> Result<Item, Error> {
    let row = AccountRow {
        organization: AsText(account.scope.organization),
        ledger: AsText(account.scope.ledger),
        id: AsText(account.id),
        name: AsText(account.name.clone()),
        parent: account.parent.map(AsText),
        entity: account.entity_id.clone().map(AsText),
        asset: AsText(account.asset_code.clone()),
        portfolio: account.portfolio_id.map(AsText),
        segment: account.segment_id.map(AsText),
        status: AsMap(StatusAttribute::from(&account.status)),
        alias: AsText(account.alias.clone()),
        kind: AsText(account.kind.clone()),
        blocked: AsBoolean(account.blocked),
        lifecycle: LifecycleAttribute::from(account.lifecycle),
        profile: account.profile.as_deref().map(|it| AsMap(it.into())),
        metadata: MetadataAttribute::from(&account.metadata),
        directory_shards: AsNumber(account.directory_shards.count()),
        being_deleted: account.being_deleted.then_some(AsBoolean(true)),
        deleted_at: account.deleted_at.map(AsText),
        revision: AsNumber(account.revision),
        created_at: AsText(account.created_at),
        updated_at: AsText(account.updated_at),
    };
    Item::write(&Key::Account(account.id), &row)
}

/// The item that keeps an account's alias from being given twice.
pub(crate) fn write_alias(account: &Account) -> Result<Item, Error> {
    let row = AliasRow {
        organization: AsText(account.scope.organization),
        ledger: AsText(account.scope.ledger),
        alias: AsText(account.alias.clone()),
        account: AsText(account.id),
    };
    Item::write(&Key::Alias(account.scope.ledger, &account.alias), &row)
}

/// The account of an item.
pub(crate) fn read(item: &Item) -> Result<Account, Error> {
    let (here, row): (_, AccountRow) = item.read()?;
    item.expect_at(&here, &[Key::Account(row.id.0)])?;
    let unreadable = |reason: String| item.corrupt(&reason);
    let profile = row.profile.map(|AsMap(profile)| profile.into_profile()).transpose();
    Ok(Account {
        id: row.id.0,
        scope: Scope { organization: row.organization.0, ledger: row.ledger.0 },
        name: row.name.0,
        parent: row.parent.map(|AsText(parent)| parent),
        entity_id: row.entity.map(|AsText(entity)| entity),
        asset_code: row.asset.0,
        portfolio_id: row.portfolio.map(|AsText(portfolio)| portfolio),
        segment_id: row.segment.map(|AsText(segment)| segment),
        status: row.status.0.into(),
        alias: row.alias.0,
        kind: row.kind.0,
        blocked: row.blocked.0,
        lifecycle: row.lifecycle.into(),
        profile: profile.map_err(unreadable)?.map(Box::new),
        metadata: row.metadata.into_metadata().map_err(unreadable)?,
        directory_shards: ledger_item::shards(row.directory_shards.0)
            .map_err(|reason| item.corrupt(&reason))?,
        being_deleted: row.being_deleted.is_some_and(|AsBoolean(began)| began),
        deleted_at: row.deleted_at.map(|AsText(moment)| moment),
        revision: row.revision.0,
        created_at: row.created_at.0,
        updated_at: row.updated_at.0,
    })
}

/// The account that the item of an alias names.
pub(crate) fn read_alias(item: &Item) -> Result<NamedAccount, Error> {
    read_alias_and_account(item).map(|(_, named)| named)
}

/// The alias of an item, and the account that it names.
pub(crate) fn read_alias_and_account(item: &Item) -> Result<(Alias, NamedAccount), Error> {
    let (here, row): (_, AliasRow) = item.read()?;
    item.expect_at(&here, &[Key::Alias(row.ledger.0, &row.alias.0)])?;
    let scope = Scope { organization: row.organization.0, ledger: row.ledger.0 };
    Ok((row.alias.0, NamedAccount { scope, account: row.account.0 }))
}

impl From<Lifecycle> for LifecycleAttribute {
    fn from(lifecycle: Lifecycle) -> Self {
        match lifecycle {
            Lifecycle::Active => Self::S(OpenAttribute::Active),
            Lifecycle::Inactive(reason) => {
                let inactive = InactiveAttribute { reason: AsText(reason) };
                Self::M(EndedAttribute::Inactive(AsMap(inactive)))
            }
            Lifecycle::Closed { reason, at } => {
                let closed = ClosedAttribute { reason: AsText(reason), at: AsText(at) };
                Self::M(EndedAttribute::Closed(AsMap(closed)))
            }
        }
    }
}

impl From<LifecycleAttribute> for Lifecycle {
    fn from(lifecycle: LifecycleAttribute) -> Self {
        match lifecycle {
            LifecycleAttribute::S(OpenAttribute::Active) => Self::Active,
            LifecycleAttribute::M(EndedAttribute::Inactive(AsMap(inactive))) => {
                Self::Inactive(inactive.reason.0)
            }
            LifecycleAttribute::M(EndedAttribute::Closed(AsMap(closed))) => {
                Self::Closed { reason: closed.reason.0, at: closed.at.0 }
            }
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
        assert_eq!(read(&write(&bare).unwrap()).unwrap(), bare);
        let closed = Lifecycle::Closed { reason: ClosedReason::PaidOff, at: samples::moment(7) };
        for lifecycle in [Lifecycle::Inactive(InactiveReason::Frozen), closed] {
            let full = Account {
                parent: Some(AccountId::new(samples::uuid(21))),
                entity_id: Some(Name::parse("entity").unwrap()),
                portfolio_id: Some(samples::uuid(22)),
                segment_id: Some(samples::uuid(23)),
                alias: Alias::parse("@person").unwrap(),
                blocked: true,
                lifecycle,
                profile: Some(Box::new(samples::profile())),
                metadata: samples::metadata(),
                being_deleted: true,
                deleted_at: Some(Timestamp::MAX),
                revision: u64::MAX,
                ..bare.clone()
            };
            assert_eq!(read(&write(&full).unwrap()).unwrap(), full);
        }
    }

    #[test]
    fn an_alias_names_its_account() {
        let account = samples::account();
        let named = NamedAccount { scope: account.scope, account: account.id };
        assert_eq!(read_alias(&write_alias(&account).unwrap()).unwrap(), named);
    }

    #[test]
    fn the_revision_is_under_the_name_that_conditions_use() {
        let item = write(&samples::account()).unwrap();
        assert!(samples::attributes(&item).contains_key(crate::keys::REVISION));
    }
}
