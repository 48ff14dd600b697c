//! Changing an account.

use crate::account::open::portfolio_of;
use crate::account::{Account, AccountFields};
use crate::conflict::{ATTEMPTS_MAX, until_current};
use crate::error::Error;
use crate::metadata::Metadata;
use crate::money::ids::{AccountId, GroupId, Scope};
use crate::money::text::Name;
use crate::money::timestamp::Timestamp;
use crate::ports::{Clock, ReadAccounts, ReadGroups, WriteAccounts};
use crate::status::StatusChange;

/// The changes of a request; `None` leaves a field as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccountChange {
    /// A name for people.
    pub name: Option<Name>,
    /// `Some(None)` removes it.
    pub entity_id: Option<Option<Name>>,
    /// `Some(None)` removes it.
    pub portfolio_id: Option<Option<GroupId>>,
    /// `Some(None)` removes it.
    pub segment_id: Option<Option<GroupId>>,
    /// The client's status label.
    pub status: StatusChange,
    /// Whether it is blocked, from the next transaction on.
    pub blocked: Option<bool>,
    /// Changes of the metadata: see [`Metadata::merged`].
    pub metadata: Option<Metadata>,
}

/// Changes an account.
///
/// # Errors
/// [`Error::AccountNotFound`], [`Error::ExternalAccountChange`], [`Error::GroupNotFound`],
/// [`Error::MetadataTooLarge`], [`Error::Contended`], and those of the store.
pub async fn update_account(
    store: &(impl ReadAccounts + ReadGroups + WriteAccounts),
    clock: &dyn Clock,
    scope: Scope,
    id: AccountId,
    change: &AccountChange,
) -> Result<Account, Error> {
    until_current(store, ATTEMPTS_MAX, || async {
        let account = store.account(scope, id).await?.ok_or(Error::AccountNotFound)?;
        if account.kind.is_external() {
            return Err(Error::ExternalAccountChange);
        }
        let (portfolio, segment) = (change.portfolio_id.flatten(), change.segment_id.flatten());
        portfolio_of(store, scope, portfolio, segment).await?;
        let changed = changed(&account, change, clock.now())?;
        Ok(store.replace_account(&account, &changed).await?.then_some(changed))
    })
    .await
}

fn changed(account: &Account, change: &AccountChange, now: Timestamp) -> Result<Account, Error> {
    let metadata = change.metadata.as_ref();
    let metadata = metadata.map(|metadata| account.metadata.merged(metadata)).transpose()?;
    let change = change.clone();
    Ok(Account(AccountFields {
        name: change.name.unwrap_or_else(|| account.name.clone()),
        entity_id: change.entity_id.unwrap_or_else(|| account.entity_id.clone()),
        portfolio_id: change.portfolio_id.unwrap_or(account.portfolio_id),
        segment_id: change.segment_id.unwrap_or(account.segment_id),
        status: account.status.changed(change.status),
        blocked: change.blocked.unwrap_or(account.blocked),
        metadata: metadata.unwrap_or_else(|| account.metadata.clone()),
        ..account.next_revision(now)
    }))
}
