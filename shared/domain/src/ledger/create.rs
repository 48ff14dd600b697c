//! Creating ledgers.

use crate::error::Error;
use crate::ledger::{Ledger, LedgerSettings, ListingShards};
use crate::metadata::Metadata;
use crate::money::ids::{LedgerId, OrganizationId, Scope};
use crate::money::timeline::Timeline;
use crate::money::unique_name::UniqueName;
use crate::ports::{Clock, IdSource, InsertLedger, ReadOrganizations};
use crate::status::Status;

/// A request to create a ledger.
#[derive(Debug, Clone)]
pub struct NewLedger {
    /// The organization and the ledger that it belongs to.
    pub organization: OrganizationId,
    /// See [`Ledger`].
    pub name: UniqueName,
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
        timeline: Timeline::begin(clock.now()),
    };
    store.insert_ledger(&ledger).await?;
    Ok(ledger)
}
