//! Creating what an account stands in: organizations, ledgers and assets.

use crate::account::{Account, AccountType, Alias, Lifecycle};
use crate::balance::{Balance, BalanceKey};
use crate::error::Error;
use crate::ledger::asset::{Asset, AssetCode, AssetType};
use crate::ledger::organization::{Address, Organization};
use crate::ledger::{Ledger, LedgerSettings, ListingShards};
use crate::metadata::Metadata;
use crate::money::ids::{AccountId, AssetId, BalanceId, LedgerId, OrganizationId, Scope};
use crate::money::text::Name;
use crate::ports::{
    Clock, IdSource, InsertAsset, InsertLedger, InsertOrganization, ReadLedgers, ReadOrganizations,
};
use crate::status::Status;

/// What a client says about a new organization.
#[derive(Debug, Clone)]
pub struct NewOrganization {
    /// See [`Organization`].
    pub parent: Option<OrganizationId>,
    /// See [`Organization`].
    pub legal_name: Name,
    /// See [`Organization`].
    pub legal_document: Name,
    /// See [`Organization`].
    pub doing_business_as: Option<Name>,
    /// See [`Organization`].
    pub address: Option<Address>,
    /// See [`Organization`].
    pub status: Status,
    /// See [`Organization`].
    pub metadata: Metadata,
}

/// Creates an organization.
///
/// # Errors
/// [`Error::ParentOrganizationNotFound`], and those of the store.
pub async fn create_organization(
    store: &(impl ReadOrganizations + InsertOrganization),
    clock: &dyn Clock,
    ids: &dyn IdSource,
    new: NewOrganization,
) -> Result<Organization, Error> {
    if let Some(parent) = new.parent {
        store.organization(parent).await?.ok_or(Error::ParentOrganizationNotFound)?;
    }
    let organization = Organization {
        id: OrganizationId::new(ids.next_id()),
        parent: new.parent,
        legal_name: new.legal_name,
        legal_document: new.legal_document,
        doing_business_as: new.doing_business_as,
        address: new.address,
        status: new.status,
        metadata: new.metadata,
        created_at: clock.now(),
    };
    store.insert_organization(&organization).await?;
    Ok(organization)
}

/// What a client says about a new ledger.
#[derive(Debug, Clone)]
pub struct NewLedger {
    /// Where it belongs.
    pub organization: OrganizationId,
    /// See [`Ledger`].
    pub name: Name,
    /// See [`Ledger`].
    pub status: Status,
    /// See [`Ledger`].
    pub settings: Option<LedgerSettings>,
    /// See [`Ledger`].
    pub metadata: Metadata,
    /// See [`Ledger`].
    pub listing_shards: ListingShards,
}

/// Creates a ledger.
///
/// # Errors
/// [`Error::OrganizationNotFound`], [`Error::LedgerNameTaken`], and those of the store.
pub async fn create_ledger(
    store: &(impl ReadOrganizations + InsertLedger),
    clock: &dyn Clock,
    ids: &dyn IdSource,
    new: NewLedger,
) -> Result<Ledger, Error> {
    store.organization(new.organization).await?.ok_or(Error::OrganizationNotFound)?;
    let ledger = Ledger {
        scope: Scope { organization: new.organization, ledger: LedgerId::new(ids.next_id()) },
        name: new.name,
        status: new.status,
        settings: new.settings,
        metadata: new.metadata,
        listing_shards: new.listing_shards,
        created_at: clock.now(),
    };
    store.insert_ledger(&ledger).await?;
    Ok(ledger)
}

/// What a client says about a new asset.
#[derive(Debug, Clone)]
pub struct NewAsset {
    /// Where it belongs.
    pub scope: Scope,
    /// See [`Asset`].
    pub name: Name,
    /// See [`Asset`].
    pub kind: AssetType,
    /// See [`Asset`].
    pub code: AssetCode,
    /// See [`Asset`].
    pub status: Status,
    /// See [`Asset`].
    pub metadata: Metadata,
}

/// Creates an asset, and the account that stands for the external account: money that enters or
/// leaves the ledger goes through `@external/<code>`.
///
/// # Errors
/// [`Error::LedgerNotFound`], [`Error::AssetTaken`], and those of the store.
pub async fn create_asset(
    store: &(impl ReadLedgers + InsertAsset),
    clock: &dyn Clock,
    ids: &dyn IdSource,
    new: NewAsset,
) -> Result<Asset, Error> {
    let ledger = store.ledger(new.scope).await?.ok_or(Error::LedgerNotFound)?;
    let now = clock.now();
    let asset = Asset {
        id: AssetId::new(ids.next_id()),
        scope: new.scope,
        name: new.name,
        kind: new.kind,
        code: new.code,
        status: new.status,
        metadata: new.metadata,
        created_at: now,
    };
    let name = format!("External {}", asset.code);
    let description = format!("The world outside, for the asset {}", asset.code);
    let external = Account {
        id: AccountId::new(ids.next_id()),
        scope: asset.scope,
        name: Name::parse(&name).unwrap_or_else(|_| Name::empty()),
        parent: None,
        entity_id: None,
        asset_code: asset.code.clone(),
        portfolio_id: None,
        segment_id: None,
        status: Status { description: Name::parse(&description).ok(), ..Status::coded("external") },
        alias: Alias::external(&asset.code),
        kind: AccountType::external(),
        blocked: false,
        lifecycle: Lifecycle::Active,
        profile: None,
        metadata: Metadata::default(),
        listing_shards: ledger.listing_shards,
        being_deleted: false,
        deleted_at: None,
        revision: 0,
        created_at: now,
        updated_at: now,
    };
    let id = BalanceId::new(ids.next_id());
    let balance = Balance::open(id, &external, BalanceKey::default_key(), now);
    store.insert_asset(&asset, &external, &balance).await?;
    Ok(asset)
}
