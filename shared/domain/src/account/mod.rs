//! Accounts: the holders of balances.

pub mod delete;
pub mod group;
pub mod lifecycle;
pub mod open;
pub mod profile;
pub mod update;

use std::fmt;
use std::ops::Deref;

use uuid::Uuid;

use crate::account::lifecycle::{ClosedReason, Lifecycle};
use crate::account::profile::AccountProfile;
use crate::ledger::asset::AssetCode;
use crate::ledger::{Ledger, ListingShards};
use crate::metadata::Metadata;
use crate::money::ids::{AccountId, GroupId, Scope};
use crate::money::text::{Name, Text, TextError, check};
use crate::money::timestamp::Timestamp;
use crate::status::Status;

/// The longest alias that a client may choose, in characters.
pub const ALIAS_CHARACTERS_MAX: usize = 100;
/// How the alias of an external account begins.
const EXTERNAL_ALIAS_PREFIX: &str = "@external/";
/// How the ids of v0 begin.
const V0_ID_PREFIXES: &[&str] = &["account_", "subledger_balance_"];

/// Whether a text has the form of an id: a UUID in any of its spellings, or the beginning of an id
/// of v0, in either case of letters. No client may give such a name to anything, because it would
/// stand for the object with that id.
pub(crate) fn has_form_of_id(text: &str) -> bool {
    let begins = |prefix: &&str| {
        text.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
    };
    Uuid::try_parse(text).is_ok() || V0_ID_PREFIXES.iter().any(begins)
}

/// The alias of an account. It is unique in its ledger and never changes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Alias(String);

impl Alias {
    /// An alias that a client chose: 1 to 100 letters, digits, `@`, `:`, `_` and `-`, and not in the
    /// form of an id, because an account without a chosen alias has its id as its alias.
    ///
    /// # Errors
    /// [`TextError::Reserved`] for a name of an external account, [`TextError::FormOfId`], then the
    /// length, then the characters.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        if text.contains(EXTERNAL_ALIAS_PREFIX) {
            return Err(TextError::Reserved);
        }
        if has_form_of_id(text) {
            return Err(TextError::FormOfId);
        }
        if text.is_empty() {
            return Err(TextError::Empty);
        }
        check(text, ALIAS_CHARACTERS_MAX, |c| {
            c.is_ascii_alphanumeric() || matches!(c, '@' | ':' | '_' | '-')
        })?;
        Ok(Self(text.to_owned()))
    }

    /// The alias of the external account of an asset.
    #[must_use]
    pub fn external(code: &AssetCode) -> Self {
        Self(format!("{EXTERNAL_ALIAS_PREFIX}{code}"))
    }

    /// The alias of an account for which none was chosen: its id.
    #[must_use]
    pub fn of_account(id: AccountId) -> Self {
        Self(id.to_string())
    }

    /// Any alias that an account of this system can have, chosen or given. A UUID, in either case
    /// of letters, is the alias of the account with that id.
    #[must_use]
    pub fn recognize(text: &str) -> Option<Self> {
        if let Some(code) = text.strip_prefix(EXTERNAL_ALIAS_PREFIX) {
            return AssetCode::parse(code).ok().map(|code| Self::external(&code));
        }
        match Uuid::try_parse(text) {
            Ok(id) => Some(Self::of_account(AccountId::new(id))),
            Err(_) => Self::parse(text).ok(),
        }
    }

    /// The account that has this alias because its client chose none; `None` for any other alias.
    #[must_use]
    pub fn account(&self) -> Option<AccountId> {
        Uuid::try_parse(&self.0).ok().map(AccountId::new)
    }

    /// Whether it is the alias of an external account.
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

/// The client's type of an account: 1 to 256 characters. Only `external` has a meaning here: it is
/// the type of the accounts that are opened with the assets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountType(Name);

impl AccountType {
    /// A type that a client chose.
    ///
    /// # Errors
    /// [`TextError::Empty`], [`TextError::TooLong`], [`TextError::ForbiddenCharacter`];
    /// [`TextError::Reserved`] for `external` in any case of letters, because an external account
    /// may give without having.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        let kind = Self::recognize(text)?;
        if kind.is_external() {
            return Err(TextError::Reserved);
        }
        Ok(kind)
    }

    /// Any type that an account of this system can have.
    ///
    /// # Errors
    /// [`TextError::Empty`], [`TextError::TooLong`], [`TextError::ForbiddenCharacter`].
    pub fn recognize(text: &str) -> Result<Self, TextError> {
        if text.is_empty() {
            return Err(TextError::Empty);
        }
        Ok(Self(Name::parse(text)?))
    }

    /// A type of the domain's own.
    fn fixed(text: &str) -> Self {
        Self(Name::fixed(text))
    }

    /// The type of external accounts.
    #[must_use]
    pub fn external() -> Self {
        Self::fixed("external")
    }

    /// Whether it is the type of external accounts, in any case of letters.
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

/// A holder of balances: [`AccountFields`] that keep the rules of [`Account::new`]. It has one asset,
/// which is the asset of all its balances.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account(AccountFields);

impl Deref for Account {
    type Target = AccountFields;

    fn deref(&self) -> &AccountFields {
        &self.0
    }
}

/// What an account consists of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountFields {
    /// Its id.
    pub id: AccountId,
    /// The organization and the ledger that it belongs to.
    pub scope: Scope,
    /// A name for people.
    pub name: Name,
    /// The account that this one belongs to, of the same ledger and asset.
    pub parent: Option<AccountId>,
    /// The client's id of its holder.
    pub entity_id: Option<Name>,
    /// The asset of its balances.
    pub asset_code: AssetCode,
    /// The portfolio that it is in.
    pub portfolio_id: Option<GroupId>,
    /// The segment that it is in.
    pub segment_id: Option<GroupId>,
    /// The client's status label.
    pub status: Status,
    /// Its alias.
    pub alias: Alias,
    /// The client's type of account.
    pub kind: AccountType,
    /// Whether it may take part in transactions: not while it is blocked.
    pub blocked: bool,
    /// Its state.
    pub lifecycle: Lifecycle,
    /// What was agreed when it was opened through v0; `None` for an account opened through v1.
    pub profile: Option<Box<AccountProfile>>,
    /// The client's metadata.
    pub metadata: Metadata,
    /// The number of listing shards of its ledger, so that opening a balance needs no second read.
    pub listing_shards: ListingShards,
    /// Whether a deletion or a closing has begun and is neither completed nor given up. Clients do
    /// not see it, and opening a balance gives it up.
    pub being_deleted: bool,
    /// When it was deleted. Stores keep a deleted account, to recognize repeated requests, but do
    /// not return it.
    pub deleted_at: Option<Timestamp>,
    /// How often it was changed: 0 at first, plus exactly 1 per change.
    pub revision: u64,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl Account {
    /// An account with these fields.
    ///
    /// # Errors
    /// The reason, if the account was changed before it was created, or has the id of another
    /// account as its alias.
    pub fn new(fields: AccountFields) -> Result<Self, &'static str> {
        if fields.updated_at < fields.created_at {
            return Err("the account was changed before it was created");
        }
        if fields.alias.account().is_some_and(|account| account != fields.id) {
            return Err("the alias is the id of another account");
        }
        Ok(Self(fields))
    }

    /// An account that has just been opened: active, with its id as alias and no balance yet.
    #[must_use]
    pub fn open(
        id: AccountId,
        ledger: &Ledger,
        asset_code: AssetCode,
        kind: AccountType,
        name: Name,
        now: Timestamp,
    ) -> Self {
        Self(AccountFields {
            id,
            scope: ledger.scope,
            name,
            parent: None,
            entity_id: None,
            asset_code,
            portfolio_id: None,
            segment_id: None,
            status: Status::active(),
            alias: Alias::of_account(id),
            kind,
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
        })
    }

    /// The external account of an asset: what enters the ledger is posted from it, and what leaves
    /// the ledger is posted to it.
    #[must_use]
    pub fn open_external(
        id: AccountId,
        ledger: &Ledger,
        asset_code: &AssetCode,
        now: Timestamp,
    ) -> Self {
        let name = Name::fixed(&format!("External {asset_code}"));
        let status = Status {
            code: Text::fixed("external"),
            description: Some(Name::fixed(&format!(
                "The world outside, for the asset {asset_code}"
            ))),
        };
        let kind = AccountType::external();
        let account = Self::open(id, ledger, asset_code.clone(), kind, name, now);
        Self(AccountFields { status, alias: Alias::external(asset_code), ..account.0 })
    }

    /// The fields of this account.
    #[must_use]
    pub fn into_fields(self) -> AccountFields {
        self.0
    }

    /// The account after one more change at `now`.
    fn next_revision(&self, now: Timestamp) -> AccountFields {
        AccountFields {
            revision: self.revision.saturating_add(1),
            updated_at: Timestamp::next_after(self.updated_at, now),
            ..self.0.clone()
        }
    }

    /// The account as it stays after its deletion.
    #[must_use]
    pub fn deleted(&self, now: Timestamp) -> Self {
        let last = self.next_revision(now);
        Self(AccountFields { deleted_at: Some(last.updated_at), ..last })
    }

    /// An account that was deleted, in use again.
    #[must_use]
    pub fn reopened(&self, now: Timestamp) -> Self {
        Self(AccountFields { deleted_at: None, ..self.next_revision(now) })
    }

    /// The account while a deletion is under way, or after the deletion was given up. Clients see
    /// no difference, so its time of change stays.
    #[must_use]
    pub fn with_deletion(&self, being_deleted: bool) -> Self {
        let revision = self.revision.saturating_add(1);
        Self(AccountFields { being_deleted, revision, ..self.0.clone() })
    }
}

impl AccountFields {
    /// Whether the account is closed.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        matches!(self.lifecycle, Lifecycle::Closed { .. })
    }

    /// Whether the account is closed with what it owes written off. Only then may a closed account
    /// owe something, and it still takes repayments.
    #[must_use]
    pub fn is_charged_off(&self) -> bool {
        matches!(self.lifecycle, Lifecycle::Closed { reason: ClosedReason::ChargedOff, .. })
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
            ("01920000-0000-7000-8000-00000000000a", TextError::FormOfId),
            ("01920000-0000-7000-8000-00000000000A", TextError::FormOfId),
            ("0192000000007000800000000000000a", TextError::FormOfId),
            ("urn:uuid:01920000-0000-7000-8000-00000000000a", TextError::FormOfId),
            ("account_1", TextError::FormOfId),
            ("ACCOUNT_1", TextError::FormOfId),
            ("subledger_balance_", TextError::FormOfId),
        ] {
            assert_eq!(Alias::parse(text), Err(error), "{text}");
        }
        for text in ["account", "accounts_1", "@account_1", "01920000-0000-7000-8000"] {
            assert!(Alias::parse(text).is_ok(), "{text}");
        }
        assert!(Alias::parse(&"a".repeat(100)).is_ok());
        assert!(Alias::parse(&"a".repeat(101)).is_err());
        assert!(Alias::recognize("@external/USD").is_some());
        assert!(Alias::recognize("@external/usd").is_none());
        assert!(Alias::recognize("account_1").is_none());
    }

    #[test]
    fn a_uuid_names_the_account_with_that_id_and_no_other() {
        let id = AccountId::new(Uuid::from_u128(0xabc));
        for text in ["00000000-0000-0000-0000-000000000abc", "00000000-0000-0000-0000-000000000ABC"]
        {
            assert_eq!(Alias::recognize(text), Some(Alias::of_account(id)), "{text}");
        }
        assert_eq!(Alias::of_account(id).account(), Some(id));
        assert_eq!(Alias::parse("@a").unwrap().account(), None);
        let fields = crate::samples::account("@a", "deposit").into_fields();
        let other = AccountFields { alias: Alias::of_account(id), ..fields };
        assert_eq!(Account::new(other), Err("the alias is the id of another account"));
    }

    #[test]
    fn no_client_opens_an_external_account() {
        for text in ["external", "External", "EXTERNAL"] {
            assert_eq!(AccountType::parse(text), Err(TextError::Reserved), "{text}");
        }
        assert!(AccountType::parse("externals").is_ok());
        assert_eq!(AccountType::recognize("external"), Ok(AccountType::external()));
    }
}
