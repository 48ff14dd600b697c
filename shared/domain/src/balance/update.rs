//! Changing the rules of a balance, and deleting it.

use crate::account::Account;
use crate::balance::{Balance, BalanceFields, BalanceKey, BalanceSettings};
use crate::conflict::{ATTEMPTS_MAX, until_current};
use crate::error::Error;
use crate::money::ids::{BalanceId, Scope};
use crate::money::timestamp::Timestamp;
use crate::ports::{ChangeBalances, Clock, IdSource};

/// The changes of a request; `None` leaves a field as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BalanceChange {
    /// Whether the balance may be a source.
    pub allow_sending: Option<bool>,
    /// Whether it may be a destination.
    pub allow_receiving: Option<bool>,
    /// All of its rules.
    pub settings: Option<BalanceSettings>,
}

/// Changes the rules of a balance, from the next transaction on. The change is a version, so
/// history shows which rules applied at a moment. If the balance may be overdrawn from now on, the
/// overdraft balance of the account is opened with the change, unless it exists.
///
/// # Errors
/// [`Error::BalanceNotFound`], [`Error::InternalBalanceUpdate`],
/// [`Error::OverdraftLimitBelowUsage`], [`Error::RecordedAhead`], [`Error::Contended`], and those of
/// the store.
pub async fn update_balance(
    store: &impl ChangeBalances,
    clock: &dyn Clock,
    ids: &dyn IdSource,
    scope: Scope,
    id: BalanceId,
    change: &BalanceChange,
) -> Result<Balance, Error> {
    until_current(store, ATTEMPTS_MAX, || async {
        let balance = balance_to_update(store, scope, id).await?;
        let limit = change.settings.as_ref().and_then(|settings| settings.overdraft_limit.as_ref());
        if limit.is_some_and(|limit| *limit.amount() < balance.overdraft_used) {
            return Err(Error::OverdraftLimitBelowUsage);
        }
        let next = Balance(BalanceFields {
            allow_sending: change.allow_sending.unwrap_or(balance.allow_sending),
            allow_receiving: change.allow_receiving.unwrap_or(balance.allow_receiving),
            settings: change.settings.clone().or_else(|| balance.settings.clone()),
            ..next_version(&balance, clock)?.into_fields()
        });
        let opening = overdraft_balance_to_open(store, ids, &next).await?;
        let opening =
            opening.as_ref().map(|(account, overdraft_balance)| (account, overdraft_balance));
        Ok(store.change_balance(&next, opening).await?.then_some(next))
    })
    .await
}

/// The balance, if clients may change it. A request is refused for this before its changes are
/// decoded.
///
/// # Errors
/// [`Error::BalanceNotFound`], [`Error::InternalBalanceUpdate`], and those of the store.
pub async fn balance_to_update(
    store: &impl ChangeBalances,
    scope: Scope,
    id: BalanceId,
) -> Result<Balance, Error> {
    let balance = find(store, scope, id).await?;
    if balance.is_internal() { Err(Error::InternalBalanceUpdate) } else { Ok(balance) }
}

/// Deletes a balance with nothing on it: gone for new transactions at once; its history stays.
///
/// # Errors
/// [`Error::BalanceNotFound`], [`Error::InternalBalanceDeletion`], [`Error::DefaultBalance`],
/// [`Error::BalanceNotEmpty`], [`Error::RecordedAhead`], [`Error::Contended`], and those of the store.
pub async fn delete_balance(
    store: &impl ChangeBalances,
    clock: &dyn Clock,
    scope: Scope,
    id: BalanceId,
) -> Result<(), Error> {
    until_current(store, ATTEMPTS_MAX, || async {
        let balance = find(store, scope, id).await?;
        if balance.is_internal() {
            return Err(Error::InternalBalanceDeletion);
        }
        if balance.key == BalanceKey::default_key() {
            return Err(Error::DefaultBalance);
        }
        if !balance.is_empty() {
            return Err(Error::BalanceNotEmpty);
        }
        let last = last_version(&balance, clock)?;
        Ok(store.change_balance(&last, None).await?.then_some(()))
    })
    .await
}

/// The version after this one, recorded now or just after it.
fn next_version(balance: &Balance, clock: &dyn Clock) -> Result<Balance, Error> {
    unless_ahead(clock, |now| balance.next_version(now))
}

/// The version that deletes the balance, recorded now or just after the last one.
pub(crate) fn last_version(balance: &Balance, clock: &dyn Clock) -> Result<Balance, Error> {
    unless_ahead(clock, |now| balance.deleted(now))
}

/// The version made now, unless it would be recorded too far ahead of the clock.
fn unless_ahead(
    clock: &dyn Clock,
    version_at: impl FnOnce(Timestamp) -> Balance,
) -> Result<Balance, Error> {
    let now = clock.now();
    let version = version_at(now);
    clock.settling_time().refuse_ahead(version.recorded_at, now)?;
    Ok(version)
}

/// The newest version, unless the balance was deleted. Its account exists: one that is deleted
/// takes its balances with it.
async fn find(store: &impl ChangeBalances, scope: Scope, id: BalanceId) -> Result<Balance, Error> {
    let newest = store.newest_version(scope, id).await?;
    let balance = newest.filter(|balance| balance.deleted_at.is_none());
    balance.ok_or(Error::BalanceNotFound)
}

/// The overdraft balance that has to be opened, with its account; `None` if it exists or is not
/// needed.
async fn overdraft_balance_to_open(
    store: &impl ChangeBalances,
    ids: &dyn IdSource,
    next: &Balance,
) -> Result<Option<(Account, Balance)>, Error> {
    if !next.may_be_overdrawn() {
        return Ok(None);
    }
    let account = store.account_to_open(next.scope, next.account).await?;
    let account = account.ok_or(Error::BalanceNotFound)?;
    if store.has_balance(&account, &BalanceKey::overdraft()).await? {
        return Ok(None);
    }
    let id = BalanceId::new(ids.next_id());
    let overdraft_balance = Balance::open_overdraft_balance(id, &account, next.recorded_at);
    Ok(Some((account, overdraft_balance)))
}
