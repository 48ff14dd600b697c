//! Balances and their versions.

pub mod create;
pub mod credit;
pub mod get;
pub mod history;
pub mod list;
pub mod update;

use std::fmt;
use std::ops::Deref;

use crate::account::{Account, AccountType, Alias, has_form_of_id};
use crate::balance::credit::CreditRecord;
use crate::ledger::asset::AssetCode;
use crate::money::amount::{Amount, AmountError};
use crate::money::ids::{AccountId, BalanceId, Scope, TransactionId};
use crate::money::text::{TextError, check};
use crate::money::timestamp::Timestamp;
use crate::money::unique_name::{folded, refuse_invisible};

/// The longest balance key, in characters.
pub const BALANCE_KEY_CHARACTERS_MAX: usize = 100;

/// The name of a balance in its account: 1 to 100 characters that can be seen, without white space,
/// in normalization form C and simple case folding, which is lower case for most letters. So two
/// spellings of one key are one key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BalanceKey(String);

impl BalanceKey {
    /// A key that a client chose for a new balance. It has not the form of an id, because a balance
    /// without a chosen key has its id as its key.
    ///
    /// # Errors
    /// [`TextError::FormOfId`], then those of [`BalanceKey::recognize`].
    pub fn parse(text: &str) -> Result<Self, TextError> {
        if has_form_of_id(text) {
            return Err(TextError::FormOfId);
        }
        Self::recognize(text)
    }

    /// Any key that a balance of this system can have, chosen or given: checks length and
    /// characters, and folds the text.
    ///
    /// # Errors
    /// [`TextError::Empty`], [`TextError::TooLong`], [`TextError::ForbiddenCharacter`] for white
    /// space, [`TextError::InvisibleCharacter`].
    pub fn recognize(text: &str) -> Result<Self, TextError> {
        if text.is_empty() {
            return Err(TextError::Empty);
        }
        check(text, BALANCE_KEY_CHARACTERS_MAX, |c| !c.is_whitespace())?;
        refuse_invisible(text)?;
        let key = folded(text);
        // Some characters become more than one.
        check(&key, BALANCE_KEY_CHARACTERS_MAX, |c| !c.is_whitespace())?;
        Ok(Self(key))
    }

    /// The key of the balance that is opened with every account.
    #[must_use]
    pub fn default_key() -> Self {
        Self("default".to_owned())
    }

    /// The key of the overdraft balance, which shows what the balances of an account owe. Only the
    /// system changes it.
    #[must_use]
    pub fn overdraft() -> Self {
        Self("overdraft".to_owned())
    }

    /// The key of a balance that a client did not give one: its id.
    #[must_use]
    pub fn of_balance(id: BalanceId) -> Self {
        Self(id.to_string())
    }

    /// Whether only the system may use the key.
    #[must_use]
    pub fn is_reserved(&self) -> bool {
        self.0 == "overdraft"
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for BalanceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Which side increases a balance. Fixed when it is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Credits increase it: what we owe.
    Credit,
    /// Debits increase it: what is owed to us, and the external account.
    Debit,
}

/// Who may use a balance in a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BalanceScope {
    /// Clients.
    Transactional,
    /// The system alone.
    Internal,
}

/// How far a balance may be overdrawn: more than zero. Printed as the client wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OverdraftLimit {
    amount: Amount,
    text: String,
}

impl OverdraftLimit {
    /// A decimal above zero.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let amount = Amount::parse(text).ok()?;
        amount.is_positive().then(|| Self { amount, text: text.to_owned() })
    }

    /// The limit.
    #[must_use]
    pub const fn amount(&self) -> &Amount {
        &self.amount
    }

    /// As the client wrote it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

/// Rules of a balance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BalanceSettings {
    /// Who may use it; absent means clients.
    pub scope: Option<BalanceScope>,
    /// Whether it may be overdrawn.
    pub allow_overdraft: bool,
    /// How far; absent means without limit.
    pub overdraft_limit: Option<OverdraftLimit>,
}

impl BalanceSettings {
    /// The rules of an overdraft balance.
    #[must_use]
    pub const fn internal() -> Self {
        Self { scope: Some(BalanceScope::Internal), allow_overdraft: false, overdraft_limit: None }
    }
}

/// One version of a balance: [`BalanceFields`] that keep the rules of [`Balance::new`]. Version 0 is
/// its creation; every change is the next version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Balance(BalanceFields);

impl Deref for Balance {
    type Target = BalanceFields;

    fn deref(&self) -> &BalanceFields {
        &self.0
    }
}

/// What a version of a balance consists of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BalanceFields {
    /// Its id.
    pub id: BalanceId,
    /// The organization and the ledger that it belongs to.
    pub scope: Scope,
    /// Who holds it.
    pub account: AccountId,
    /// The account's alias.
    pub alias: Alias,
    /// Its key in the account.
    pub key: BalanceKey,
    /// The asset of its account.
    pub asset_code: AssetCode,
    /// The type of its account.
    pub account_type: AccountType,
    /// Which side of a transaction increases it.
    pub direction: Direction,
    /// Whether it may be a source.
    pub allow_sending: bool,
    /// Whether it may be a destination.
    pub allow_receiving: bool,
    /// Rules; absent until a client sets some.
    pub settings: Option<BalanceSettings>,
    /// What may be spent now, or for direction debit what is owed. Negative only for external
    /// accounts and for credits of v0 that were repaid with more than was owed.
    pub available: Amount,
    /// Reserved by pending transactions. Not negative.
    pub on_hold: Amount,
    /// How much of the overdraft is used. Not negative.
    pub overdraft_used: Amount,
    /// 0 at creation, plus exactly 1 per change.
    pub version: u64,
    /// When the balance was opened.
    pub created_at: Timestamp,
    /// When this version was written. Strictly increases with the version.
    pub recorded_at: Timestamp,
    /// The transaction that made this version; absent where a client changed the rules.
    pub caused_by: Option<TransactionId>,
    /// Set on the last version of a balance that was deleted.
    pub deleted_at: Option<Timestamp>,
    /// What v0 knows about it; absent for a balance made through v1.
    pub credit: Option<Box<CreditRecord>>,
}

/// How much more a balance may be overdrawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OverdraftHeadroom {
    /// By at most this amount, zero or more. Zero if it may not be overdrawn.
    Limited(Amount),
    /// Without limit.
    Unlimited,
}

/// The net position of a balance, with its overdraft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    /// Available less overdraft used; may be negative.
    pub available: Amount,
    /// On hold.
    pub on_hold: Amount,
    /// How much more may be overdrawn.
    pub overdraft_headroom: OverdraftHeadroom,
}

impl Balance {
    /// A version with these fields.
    ///
    /// # Errors
    /// The reason, if an amount is negative that must not be, or if the times and the version
    /// number contradict each other.
    pub fn new(fields: BalanceFields) -> Result<Self, &'static str> {
        if fields.available.is_negative() && !fields.may_be_below_zero() {
            return Err("available is negative");
        }
        if fields.on_hold.is_negative() {
            return Err("on hold is negative");
        }
        if fields.overdraft_used.is_negative() {
            return Err("overdraft used is negative");
        }
        if fields.recorded_at < fields.created_at {
            return Err("the version is older than its balance");
        }
        if (fields.version == 0) != (fields.recorded_at == fields.created_at) {
            return Err("version 0 is the creation and no other version is");
        }
        Ok(Self(fields))
    }

    /// The fields of this version.
    #[must_use]
    pub fn into_fields(self) -> BalanceFields {
        self.0
    }

    /// Version 0: nothing on it, open both ways.
    #[must_use]
    pub fn open(id: BalanceId, account: &Account, key: BalanceKey, now: Timestamp) -> Self {
        let direction =
            if account.kind.is_external() { Direction::Debit } else { Direction::Credit };
        Self(BalanceFields {
            id,
            scope: account.scope,
            account: account.id,
            alias: account.alias.clone(),
            key,
            asset_code: account.asset_code.clone(),
            account_type: account.kind.clone(),
            direction,
            allow_sending: true,
            allow_receiving: true,
            settings: None,
            available: Amount::ZERO,
            on_hold: Amount::ZERO,
            overdraft_used: Amount::ZERO,
            version: 0,
            created_at: now,
            recorded_at: now,
            caused_by: None,
            deleted_at: None,
            credit: None,
        })
    }

    /// Version 0 of the overdraft balance, which shows what the balances of an account owe.
    #[must_use]
    pub fn open_overdraft_balance(id: BalanceId, account: &Account, now: Timestamp) -> Self {
        Self(BalanceFields {
            direction: Direction::Debit,
            settings: Some(BalanceSettings::internal()),
            ..Self::open(id, account, BalanceKey::overdraft(), now).0
        })
    }

    /// The version after this one, which a client makes by changing the rules.
    #[must_use]
    pub fn next_version(&self, now: Timestamp) -> Self {
        Self(BalanceFields {
            version: self.version.saturating_add(1),
            recorded_at: Timestamp::next_after(self.recorded_at, now),
            caused_by: None,
            ..self.0.clone()
        })
    }

    /// The last version of the balance, which deletes it.
    #[must_use]
    pub fn deleted(&self, now: Timestamp) -> Self {
        let last = self.next_version(now).0;
        Self(BalanceFields { deleted_at: Some(last.recorded_at), ..last })
    }
}

impl BalanceFields {
    /// Whether only the system may change the balance.
    #[must_use]
    pub fn is_internal(&self) -> bool {
        self.settings
            .as_ref()
            .is_some_and(|settings| settings.scope == Some(BalanceScope::Internal))
    }

    /// Whether available may be below zero: what enters a ledger is taken from an external account,
    /// and a credit of v0 may be repaid with more than is owed. The surplus is the holder's.
    #[must_use]
    pub fn may_be_below_zero(&self) -> bool {
        self.account_type.is_external() || self.credit.is_some()
    }

    /// What the holder owes: what is available on a balance of direction debit, and what is used of
    /// an overdraft. Zero or more.
    #[must_use]
    pub fn owed(&self) -> Amount {
        match self.direction {
            Direction::Debit => self.available.clone().max(Amount::ZERO),
            Direction::Credit => self.overdraft_used.clone(),
        }
    }

    /// What the holder has: what is available on a balance of direction credit, and by how much more
    /// was repaid than was owed on one of direction debit. Zero or more.
    #[must_use]
    pub fn available_to_holder(&self) -> Amount {
        match self.direction {
            Direction::Debit => self.available.negated().max(Amount::ZERO),
            Direction::Credit => self.available.clone(),
        }
    }

    /// Whether nothing is on the balance, reserved or owed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.available.is_zero() && self.on_hold.is_zero() && self.overdraft_used.is_zero()
    }

    /// Whether the balance needs an overdraft balance to be overdrawn.
    #[must_use]
    pub fn may_be_overdrawn(&self) -> bool {
        self.direction == Direction::Credit
            && self.settings.as_ref().is_some_and(|settings| settings.allow_overdraft)
    }

    /// Whether a movement on it can change the overdraft balance of its account: it may be
    /// overdrawn, or is overdrawn.
    #[must_use]
    pub fn moves_overdraft_balance(&self) -> bool {
        self.may_be_overdrawn() || !self.overdraft_used.is_zero()
    }

    /// The net position of the balance, with its overdraft.
    ///
    /// # Errors
    /// [`AmountError::OutOfRange`] if a difference has more digits than an amount may have.
    pub fn position(&self) -> Result<Position, AmountError> {
        let overdraft_headroom = match &self.settings {
            None => OverdraftHeadroom::Limited(Amount::ZERO),
            Some(settings) if !settings.allow_overdraft => OverdraftHeadroom::Limited(Amount::ZERO),
            Some(BalanceSettings { overdraft_limit: None, .. }) => OverdraftHeadroom::Unlimited,
            Some(BalanceSettings { overdraft_limit: Some(limit), .. }) => {
                OverdraftHeadroom::Limited(limit.amount().checked_sub(&self.overdraft_used)?)
            }
        };
        Ok(Position {
            available: self.available.checked_sub(&self.overdraft_used)?,
            on_hold: self.on_hold.clone(),
            overdraft_headroom,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{balance, moment};

    #[test]
    fn a_version_breaks_no_rule() {
        let first = balance("deposit").into_fields();
        let next = |change: &dyn Fn(&mut BalanceFields)| {
            let mut fields = first.clone();
            (fields.version, fields.recorded_at) = (1, moment(2));
            change(&mut fields);
            Balance::new(fields).map(|balance| balance.version)
        };
        let below_zero = || Amount::parse("-0.01").unwrap();
        assert_eq!(next(&|_| {}), Ok(1));
        assert_eq!(next(&|it| it.available = below_zero()), Err("available is negative"));
        assert_eq!(next(&|it| it.on_hold = below_zero()), Err("on hold is negative"));
        assert_eq!(next(&|it| it.overdraft_used = below_zero()), Err("overdraft used is negative"));
        let older = "the version is older than its balance";
        assert_eq!(next(&|it| it.recorded_at = moment(0)), Err(older));
        let creation = "version 0 is the creation and no other version is";
        assert_eq!(next(&|it| it.recorded_at = it.created_at), Err(creation));
        assert_eq!(next(&|it| it.version = 0), Err(creation));
    }

    #[test]
    fn the_available_amount_of_an_external_account_may_be_negative() {
        let external = balance("external").into_fields();
        let available = Amount::parse("-1").unwrap();
        assert!(Balance::new(BalanceFields { available, ..external }).is_ok());
    }

    #[test]
    fn a_balance_key_is_lower_case_without_white_space() {
        assert!(BalanceKey::parse("Savings#1").is_ok_and(|key| key.as_str() == "savings#1"));
        assert!(BalanceKey::parse("OVERDRAFT").is_ok_and(|key| key.is_reserved()));
        for (text, error) in [
            ("", TextError::Empty),
            ("a b", TextError::ForbiddenCharacter),
            ("a\u{a0}b", TextError::ForbiddenCharacter),
            ("a\0b", TextError::InvisibleCharacter { character: '\0' }),
            ("a\u{200b}b", TextError::InvisibleCharacter { character: '\u{200b}' }),
            ("01920000-0000-7000-8000-00000000000A", TextError::FormOfId),
            ("0192000000007000800000000000000a", TextError::FormOfId),
            ("Subledger_Balance_x", TextError::FormOfId),
        ] {
            assert_eq!(BalanceKey::parse(text), Err(error), "{text:?}");
        }
        assert!(BalanceKey::parse(&"é".repeat(100)).is_ok());
        assert!(BalanceKey::parse(&"k".repeat(101)).is_err());
        // U+0958 is two characters in normalization form C.
        assert!(BalanceKey::parse(&"\u{958}".repeat(51)).is_err());
    }

    #[test]
    fn spellings_of_one_key_are_one_key() {
        for (one, other) in [("Épargne", "e\u{301}PARGNE"), ("STRASSE", "strasse"), ("ΣΑΣ", "σας")]
        {
            assert_eq!(BalanceKey::parse(one), BalanceKey::parse(other), "{one}");
        }
    }

    #[test]
    fn a_balance_without_a_chosen_key_is_found_by_its_id() {
        let id = BalanceId::new(uuid::Uuid::from_u128(0xabc));
        let key = BalanceKey::recognize("00000000-0000-0000-0000-000000000ABC");
        assert_eq!(key, Ok(BalanceKey::of_balance(id)));
    }

    #[test]
    fn an_overdraft_limit_is_more_than_zero_and_keeps_its_spelling() {
        assert!(OverdraftLimit::parse("1000.00").is_some_and(|limit| limit.as_str() == "1000.00"));
        for text in ["0", "-1", "", "x", "0.00"] {
            assert!(OverdraftLimit::parse(text).is_none(), "{text}");
        }
    }
}
