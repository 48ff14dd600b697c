//! How many objects there are, and whether anything stands on an object that is to be deleted.
//!
//! A store counts when it writes: whatever creates or deletes an object changes the count of what it
//! stands on in the same write. So a count costs the same however many objects there are, and a
//! deletion that finds nothing cannot overlook what is created at the same time.

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;

use crate::error::Error;
use crate::ledger::asset::AssetCode;
use crate::money::ids::{GroupId, OrganizationId, Scope};
use crate::money::named::named;
use crate::page::{EXAMINED_ITEMS_MAX, Filter, NumberedPage, TimeRange};
use crate::ports::ReadCounts;

named! {
    /// What is counted.
    pub enum Counted {
        /// Organizations.
        Organizations => "organizations",
        /// Ledgers.
        Ledgers => "ledgers",
        /// Assets.
        Assets => "assets",
        /// Accounts, external ones included.
        Accounts => "accounts",
        /// Portfolios.
        Portfolios => "portfolios",
        /// Segments.
        Segments => "segments",
        /// Account types.
        AccountTypes => "account types",
    }
}

/// What objects stand on.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Owner {
    /// The whole system: organizations.
    System,
    /// An organization: its ledgers, and the organizations that name it as their parent.
    Organization(OrganizationId),
    /// A ledger: its assets, accounts, portfolios, segments and account types.
    Ledger(Scope),
    /// An asset of a ledger: the accounts in it, without its external account.
    Asset(Scope, AssetCode),
    /// A portfolio or a segment: its accounts.
    Group(GroupId),
}

/// How many objects stand on something. What is not there is zero.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts(BTreeMap<Counted, u64>);

impl Counts {
    /// How many of a kind.
    #[must_use]
    pub fn of(&self, counted: Counted) -> u64 {
        self.0.get(&counted).copied().unwrap_or_default()
    }

    /// Adds some of a kind.
    pub fn add(&mut self, counted: Counted, number: u64) {
        if number > 0 {
            let count = self.0.entry(counted).or_default();
            *count = count.saturating_add(number);
        }
    }

    /// Adds other counts.
    pub fn add_all(&mut self, other: &Self) {
        other.0.iter().for_each(|(counted, number)| self.add(*counted, *number));
    }

    /// Whether there is nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// `1 asset, 2 accounts`.
impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |(counted, number): (&Counted, &u64)| {
            let noun = counted.name();
            let noun = if *number == 1 { noun.trim_end_matches('s') } else { noun };
            format!("{number} {noun}")
        };
        f.write_str(&self.0.iter().map(shown).collect::<Vec<_>>().join(", "))
    }
}

/// Checks that nothing stands on what is to be deleted.
///
/// # Errors
/// [`Error::InUse`], and those of the store.
pub async fn expect_nothing_in(store: &impl ReadCounts, owner: Owner) -> Result<(), Error> {
    let counts = store.counts(&owner).await?;
    if counts.is_empty() { Ok(()) } else { Err(Error::InUse { counts }) }
}

/// How many objects a list has. `list` reads a page of it.
///
/// # Errors
/// [`Error::TooManyExamined`] if more than [`EXAMINED_ITEMS_MAX`] would have to be looked at, which
/// happens only with dates or a filter, and those of the store.
pub async fn count<T, F>(
    store: &impl ReadCounts,
    (owner, counted): (Owner, Counted),
    (range, wanted): (TimeRange, &Filter<T>),
    list: impl FnOnce(NumberedPage) -> F,
) -> Result<u64, Error>
where
    F: Future<Output = Result<Vec<T>, Error>>,
{
    if range == TimeRange::ALL && wanted.is_empty() {
        return Ok(store.counts(&owner).await?.of(counted));
    }
    let found = list(NumberedPage::to_count(range)).await?.len();
    if found > EXAMINED_ITEMS_MAX {
        return Err(Error::TooManyExamined { examined_max: EXAMINED_ITEMS_MAX });
    }
    Ok(u64::try_from(found).unwrap_or(u64::MAX))
}
