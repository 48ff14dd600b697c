//! Accounts: the holders of balances.

pub mod delete;
pub mod open;
pub mod profile;
pub mod update;

use std::fmt;

use uuid::Uuid;

use crate::account::profile::AccountProfile;
use crate::ledger::ListingShards;
use crate::ledger::asset::AssetCode;
use crate::metadata::Metadata;
use crate::money::ids::{AccountId, Scope};
use crate::money::named::named;
use crate::money::text::{Name, TextError, check};
use crate::money::timestamp::Timestamp;
use crate::status::Status;

/// The longest alias that a client may choose, in characters.
pub const ALIAS_CHARACTERS_MAX: usize = 100;
/// How the alias of an external account begins.
const EXTERNAL_ALIAS_PREFIX: &str = "@external/";

/// A alias of an account, unique in its ledger for good.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Alias(String);

impl Alias {
    /// An alias that a client chose: 1 to 100 letters, digits, `@`, `:`, `_` and `-`.
    ///
    /// # Errors
    /// [`TextError::Reserved`] for a name of an external account, then the length, then the
    /// characters.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        if text.contains(EXTERNAL_ALIAS_PREFIX) {
            return Err(TextError::Reserved);
        }
        if text.is_empty() {
            return Err(TextError::Empty);
        }
        check(text, ALIAS_CHARACTERS_MAX, |c| {
            c.is_ascii_alphanumeric() || matches!(c, '@' | ':' | '_' | '-')
        })?;
        Ok(Self(text.to_owned()))
    }

    /// The alias of the account that stands for the external account, one per asset.
    #[must_use]
    pub fn external(code: &AssetCode) -> Self {
        Self(format!("{EXTERNAL_ALIAS_PREFIX}{code}"))
    }

    /// What an account without a chosen alias is called: its id.
    #[must_use]
    pub fn of_account(id: AccountId) -> Self {
        Self(id.to_string())
    }

    /// Any alias that an account of this system can have, chosen or given.
    #[must_use]
    pub fn recognize(text: &str) -> Option<Self> {
        match text.strip_prefix(EXTERNAL_ALIAS_PREFIX) {
            Some(code) => AssetCode::parse(code).ok().map(|code| Self::external(&code)),
            None => Self::parse(text).ok(),
        }
    }

    /// Whether it names the account that stands for the external account.
    #[must_use]
    pub fn is_external(&self) -> bool {
        self.0.starts_with(EXTERNAL_ALIAS_PREFIX)
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Alias {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a client calls the kind of an account: 1 to 256 characters. `external` is the one that
/// has a meaning here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountType(Name);

impl AccountType {
    /// Checks the length.
    ///
    /// # Errors
    /// [`TextError::Empty`], [`TextError::TooLong`], [`TextError::ForbiddenCharacter`].
    pub fn parse(text: &str) -> Result<Self, TextError> {
        if text.is_empty() {
            return Err(TextError::Empty);
        }
        Ok(Self(Name::parse(text)?))
    }

    /// The type of the account that stands for the external account.
    #[must_use]
    pub fn external() -> Self {
        Self(Name::parse("external").unwrap_or_else(|_| Name::empty()))
    }

    /// Whether the account stands for the external account, in any case of letters.
    #[must_use]
    pub fn is_external(&self) -> bool {
        self.0.as_str().eq_ignore_ascii_case("external")
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

named! {
    /// Why an account is inactive.
    pub enum InactiveReason {
        /// Nobody uses it.
        Dormant => "dormant",
        /// Somebody stopped it.
        Frozen => "frozen",
        /// Anything else.
        Other => "other",
    }
}

named! {
    /// Why an account is closed.
    pub enum ClosedReason {
        /// Its holder was closed.
        EntityClosed => "entity_closed",
        /// The client closed it.
        ClientClosed => "client_closed",
        /// The credit was repaid.
        PaidOff => "paid_off",
        /// The credit was written off.
        ChargedOff => "charged_off",
        /// It was never used.
        Canceled => "canceled",
    }
}

/// The life of an account: active and inactive alternate, closed is the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lifecycle {
    /// In use.
    Active,
    /// Restricted by the client.
    Inactive(InactiveReason),
    /// Over.
    Closed {
        /// Why.
        reason: ClosedReason,
        /// Since when.
        at: Timestamp,
    },
}

/// A step in the life of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LifecycleChange {
    /// Inactive becomes active.
    Activate,
    /// Active becomes inactive.
    Deactivate(InactiveReason),
    /// Active or inactive becomes closed.
    Close(ClosedReason),
}

impl Lifecycle {
    /// The state after the step, or nothing if the step is not possible from here.
    #[must_use]
    pub fn after(self, change: LifecycleChange, now: Timestamp) -> Option<Self> {
        match (self, change) {
            (Self::Inactive(_), LifecycleChange::Activate) => Some(Self::Active),
            (Self::Active, LifecycleChange::Deactivate(reason)) => Some(Self::Inactive(reason)),
            (Self::Active | Self::Inactive(_), LifecycleChange::Close(reason)) => {
                Some(Self::Closed { reason, at: now })
            }
            (Self::Active, LifecycleChange::Activate)
            | (Self::Inactive(_), LifecycleChange::Deactivate(_))
            | (Self::Closed { .. }, _) => None,
        }
    }
}

/// A holder of balances. It has one asset, which all its balances count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// Where it belongs.
    pub scope: Scope,
    /// For people.
    pub name: Name,
    /// The account that this one belongs to, of the same ledger and asset.
    pub parent: Option<AccountId>,
    /// The client's name of whoever holds it.
    pub entity_id: Option<Name>,
    /// What its balances count.
    pub asset_code: AssetCode,
    /// The client's portfolio; kept and shown.
    pub portfolio_id: Option<Uuid>,
    /// The client's segment; kept and shown.
    pub segment_id: Option<Uuid>,
    /// The client's label.
    pub status: Status,
    /// Its alias.
    pub alias: Alias,
    /// The client's kind.
    pub kind: AccountType,
    /// Whether it neither sends nor receives.
    pub blocked: bool,
    /// Where it is in its life.
    pub lifecycle: Lifecycle,
    /// What was agreed when it was opened through v0; nothing for an account made through v1.
    pub profile: Option<Box<AccountProfile>>,
    /// The client's own.
    pub metadata: Metadata,
    /// Its ledger's, so that opening a balance needs no second read.
    pub listing_shards: ListingShards,
    /// Whether a deletion began that nobody has ended. It means nothing to a client, and whoever
    /// opens a balance ends it.
    pub being_deleted: bool,
    /// When it was deleted. Stores keep a deleted account for repeated requests, and show it to
    /// nobody.
    pub deleted_at: Option<Timestamp>,
    /// How often it was changed: 0 at first, plus exactly 1 per change.
    pub revision: u64,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl Account {
    /// The account after one more change at `now`.
    #[must_use]
    pub fn next_revision(&self, now: Timestamp) -> Self {
        Self {
            revision: self.revision.saturating_add(1),
            updated_at: Timestamp::next_after(self.updated_at, now),
            ..self.clone()
        }
    }

    /// The account as it stays after its deletion.
    #[must_use]
    pub fn deleted(&self, now: Timestamp) -> Self {
        let last = self.next_revision(now);
        Self { deleted_at: Some(last.updated_at), ..last }
    }

    /// The account while a deletion is under way, or after it was given up. Clients see no
    /// difference, so it has not been updated.
    #[must_use]
    pub fn with_deletion(&self, being_deleted: bool) -> Self {
        Self { being_deleted, revision: self.revision.saturating_add(1), ..self.clone() }
    }

    /// Whether the account is over.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        matches!(self.lifecycle, Lifecycle::Closed { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alias_has_a_small_alphabet_and_keeps_off_external_names() {
        assert!(Alias::parse("@person:1_a-b").is_ok());
        for (text, error) in [
            ("@external/USD", TextError::Reserved),
            ("", TextError::Empty),
            ("a b", TextError::ForbiddenCharacter),
            ("a/b", TextError::ForbiddenCharacter),
        ] {
            assert_eq!(Alias::parse(text), Err(error), "{text}");
        }
        assert!(Alias::parse(&"a".repeat(100)).is_ok());
        assert!(Alias::parse(&"a".repeat(101)).is_err());
        assert!(Alias::recognize("@external/USD").is_some());
        assert!(Alias::recognize("@external/usd").is_none());
    }

    #[test]
    fn a_closed_account_stays_closed() {
        let now = Timestamp::MIN;
        let closed = Lifecycle::Closed { reason: ClosedReason::PaidOff, at: now };
        let inactive = Lifecycle::Inactive(InactiveReason::Frozen);
        let close = LifecycleChange::Close(ClosedReason::PaidOff);
        let deactivate = LifecycleChange::Deactivate(InactiveReason::Frozen);
        for (state, change, after) in [
            (Lifecycle::Active, LifecycleChange::Activate, None),
            (Lifecycle::Active, deactivate, Some(inactive)),
            (Lifecycle::Active, close, Some(closed)),
            (inactive, LifecycleChange::Activate, Some(Lifecycle::Active)),
            (inactive, deactivate, None),
            (inactive, close, Some(closed)),
            (closed, LifecycleChange::Activate, None),
            (closed, deactivate, None),
            (closed, close, None),
        ] {
            assert_eq!(state.after(change, now), after, "{state:?} {change:?}");
        }
    }
}
