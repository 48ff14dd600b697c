//! Asking what a balance was.
//!
//! "As of" a moment is the last version recorded at or before it. Only the time of recording
//! counts: a date that a client gives to a transaction never changes an answer about the past.

use futures_util::{StreamExt, TryStreamExt, stream};

use crate::balance::Balance;
use crate::balance::list::{creation_position, whole_list};
use crate::error::Error;
use crate::money::ids::{AccountId, BalanceId, Scope};
use crate::money::timestamp::Timestamp;
use crate::page::{ListPosition, Page, PageRequest};
use crate::ports::{Clock, ReadHistory};

/// How many balances of an account are looked up at the same time.
const PARALLEL_LOOKUPS: usize = 16;

/// The position of a version in the list of versions: when it was recorded.
#[must_use]
pub fn recording_position(version: &Balance) -> ListPosition {
    ListPosition { at: version.recorded_at, id: version.id.uuid() }
}

/// The balance as of a moment, also one that was deleted later.
///
/// # Errors
/// [`Error::MomentInFuture`], [`Error::BalanceNotFound`], [`Error::NoBalanceAtMoment`] before it
/// was opened and once it is deleted, and those of the store.
pub async fn balance_as_of(
    store: &impl ReadHistory,
    clock: &dyn Clock,
    scope: Scope,
    id: BalanceId,
    as_of: Timestamp,
) -> Result<Balance, Error> {
    refuse_future(clock, as_of)?;
    let version = store.version_as_of(scope, id, as_of).await?;
    let version = version.ok_or(Error::BalanceNotFound)?;
    if existed(&version, as_of) { Ok(version) } else { Err(Error::NoBalanceAtMoment) }
}

/// All balances of an account as of a moment, in order of creation, those that were deleted later
/// included.
///
/// # Errors
/// [`Error::MomentInFuture`], [`Error::ListTooLong`], [`Error::NoBalanceAtMoment`] if there was none,
/// also because the account does not exist, and those of the store.
pub async fn account_balances_as_of(
    store: &impl ReadHistory,
    clock: &dyn Clock,
    scope: Scope,
    account: AccountId,
    as_of: Timestamp,
) -> Result<Vec<Balance>, Error> {
    refuse_future(clock, as_of)?;
    let newest = whole_list(store.account_balances_ever(scope, account).await)?;
    let candidates = newest.into_iter().filter(|balance| balance.created_at <= as_of);
    let versions = stream::iter(candidates.map(|balance| async move {
        // The newest version is the answer unless it was recorded later.
        if balance.recorded_at <= as_of {
            return Ok(Some(balance));
        }
        store.version_as_of(scope, balance.id, as_of).await
    }));
    let versions: Vec<Option<Balance>> =
        versions.buffer_unordered(PARALLEL_LOOKUPS).try_collect().await?;
    let mut balances: Vec<Balance> =
        versions.into_iter().flatten().filter(|version| existed(version, as_of)).collect();
    if balances.is_empty() {
        return Err(Error::NoBalanceAtMoment);
    }
    balances.sort_by_key(creation_position);
    Ok(balances)
}

/// When a balance was there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BalanceLife {
    /// The balance.
    pub id: BalanceId,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When its newest version was recorded.
    pub recorded_at: Timestamp,
    /// Whether its newest version deleted it.
    pub is_deleted: bool,
    /// The number of its newest version.
    pub version: u64,
}

impl BalanceLife {
    /// Whether it was there at the moment.
    fn covers(&self, as_of: Timestamp) -> bool {
        self.created_at <= as_of && !(self.is_deleted && self.recorded_at <= as_of)
    }

    const fn position(&self) -> ListPosition {
        ListPosition { at: self.created_at, id: self.id.uuid() }
    }
}

/// A page of the balances of an account as of a moment, in order of creation, those that were
/// deleted later included.
///
/// # Errors
/// [`Error::MomentInFuture`], [`Error::NoBalanceAtMoment`] if there was none, also because the
/// account does not exist, and those of the store.
pub async fn account_balances_page_as_of(
    store: &impl ReadHistory,
    clock: &dyn Clock,
    scope: Scope,
    account: AccountId,
    as_of: Timestamp,
    page: &PageRequest,
) -> Result<Page<Balance>, Error> {
    refuse_future(clock, as_of)?;
    let mut lives = store.balance_lives(scope, account).await?;
    lives.retain(|life| life.covers(as_of));
    if lives.is_empty() {
        return Err(Error::NoBalanceAtMoment);
    }
    let found = page.query().answer(lives, BalanceLife::position);
    let Page { items, previous, next } = page.page(found, BalanceLife::position);
    let ids: Vec<BalanceId> = items.into_iter().map(|life| life.id).collect();
    let versions = stream::iter(
        ids.into_iter().map(|id| async move { store.version_as_of(scope, id, as_of).await }),
    );
    let versions: Vec<Option<Balance>> = versions.buffered(PARALLEL_LOOKUPS).try_collect().await?;
    let existed = |version: &Balance| existed(version, as_of);
    Ok(Page { items: versions.into_iter().flatten().filter(existed).collect(), previous, next })
}

/// A page of the versions of a balance, deleted or not.
///
/// # Errors
/// [`Error::BalanceNotFound`], and those of the store.
pub async fn list_versions(
    store: &impl ReadHistory,
    scope: Scope,
    id: BalanceId,
    page: &PageRequest,
) -> Result<Page<Balance>, Error> {
    store.versions(scope, id, page).await?.ok_or(Error::BalanceNotFound)
}

/// Whether an answer about the moment is final: nothing that is written from now on can change it.
/// To be asked before what was at the moment is read.
///
/// # Errors
/// [`Error::MomentInFuture`]; [`Error::MomentUnsettled`] if only a final answer will do.
pub fn check_settled(
    clock: &dyn Clock,
    as_of: Timestamp,
    settled_only: bool,
) -> Result<bool, Error> {
    let now = clock.now();
    if as_of > now {
        return Err(Error::MomentInFuture { as_of });
    }
    match clock.settling_time().seconds_left(as_of, now) {
        0 => Ok(true),
        seconds if settled_only => Err(Error::MomentUnsettled { as_of, seconds }),
        _ => Ok(false),
    }
}

/// Whether a list of what was recorded up to the moment is final, also for a moment to come.
#[must_use]
pub fn is_settled(clock: &dyn Clock, moment: Timestamp) -> bool {
    clock.settling_time().seconds_left(moment, clock.now()) == 0
}

fn refuse_future(clock: &dyn Clock, as_of: Timestamp) -> Result<(), Error> {
    if as_of > clock.now() { Err(Error::MomentInFuture { as_of }) } else { Ok(()) }
}

/// Whether the version was recorded by the moment and is not the end of its balance.
fn existed(version: &Balance, as_of: Timestamp) -> bool {
    version.recorded_at <= as_of && version.deleted_at.is_none()
}
