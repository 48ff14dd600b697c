//! Values of the domain as the text that is stored.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use subledger::account::group::AccountTypeKey;
use subledger::account::lifecycle::{ClosedReason, InactiveReason};
use subledger::account::profile::{
    AccountHolderType, ApplicationId, Capability, CreditBureau, CurrencyCode, DeliveryMethod,
    DocumentId, DocumentType, EntityId,
};
use subledger::account::{AccountType, Alias};
use subledger::balance::credit::{AutopayMethod, Rate, RewardsUnit, TermUnit};
use subledger::balance::{BalanceKey, BalanceScope, Direction, OverdraftLimit};
use subledger::idempotency::Fingerprint;
use subledger::ledger::asset::{AssetCode, AssetType};
use subledger::ledger::organization::CountryCode;
use subledger::money::amount::Amount;
use subledger::money::calendar_date::CalendarDate;
use subledger::money::ids::{
    AccountId, AssetId, BalanceId, GroupId, LedgerId, OperationId, OrganizationId, TransactionId,
};
use subledger::money::text::Text;
use subledger::money::timestamp::Timestamp;
use subledger::money::unique_name::UniqueName;
use subledger::transaction::{OperationType, TransactionStatus};
use uuid::Uuid;

/// A value of the domain that is stored as one text.
pub(crate) trait StoredText: Sized {
    /// Its name in an error about a text that cannot be read.
    const NOUN: &'static str;

    /// The stored text.
    fn to_text(&self) -> Cow<'_, str>;

    /// The value, if the text is one.
    fn parse_text(text: &str) -> Option<Self>;
}

macro_rules! ids {
    ($($name:ident: $noun:literal),+ $(,)?) => {$(
        impl StoredText for $name {
            const NOUN: &'static str = $noun;

            fn to_text(&self) -> Cow<'_, str> {
                Cow::Owned(hyphenated(self.uuid()))
            }

            fn parse_text(text: &str) -> Option<Self> {
                Uuid::parse_text(text).map(Self::new)
            }
        }
    )+};
}

ids! {
    OrganizationId: "an organization id",
    LedgerId: "a ledger id",
    AssetId: "an asset id",
    AccountId: "an account id",
    BalanceId: "a balance id",
    TransactionId: "a transaction id",
    OperationId: "an operation id",
    GroupId: "the id of a group",
}

/// Hyphenated, in lower case.
impl StoredText for Uuid {
    const NOUN: &'static str = "a UUID";

    fn to_text(&self) -> Cow<'_, str> {
        Cow::Owned(hyphenated(*self))
    }

    fn parse_text(text: &str) -> Option<Self> {
        Self::try_parse(text).ok()
    }
}

/// As its `Display`, at a tenth of the cost.
fn hyphenated(id: Uuid) -> String {
    id.hyphenated().encode_lower(&mut Uuid::encode_buffer()).to_owned()
}

/// Texts that are not the domain's: the parts of a key, and the names in metadata.
impl StoredText for String {
    const NOUN: &'static str = "a text";

    fn to_text(&self) -> Cow<'_, str> {
        Cow::Borrowed(self)
    }

    fn parse_text(text: &str) -> Option<Self> {
        Some(text.to_owned())
    }
}

/// 27 characters, in UTC.
impl StoredText for Timestamp {
    const NOUN: &'static str = "a time";

    fn to_text(&self) -> Cow<'_, str> {
        Cow::Owned(self.fixed_width())
    }

    fn parse_text(text: &str) -> Option<Self> {
        Self::parse_fixed_width(text)
    }
}

/// Plain digits: a DynamoDB number has room for 38 of them only.
impl StoredText for Amount {
    const NOUN: &'static str = "an amount";

    fn to_text(&self) -> Cow<'_, str> {
        Cow::Owned(self.to_string())
    }

    fn parse_text(text: &str) -> Option<Self> {
        Self::parse(text).ok()
    }
}

/// Base64 of the 32 bytes.
impl StoredText for Fingerprint {
    const NOUN: &'static str = "a fingerprint";

    fn to_text(&self) -> Cow<'_, str> {
        Cow::Owned(STANDARD_NO_PAD.encode(self.as_bytes()))
    }

    fn parse_text(text: &str) -> Option<Self> {
        let bytes = STANDARD_NO_PAD.decode(text).ok()?;
        bytes.try_into().ok().map(Self::from_bytes)
    }
}

impl<const MAX: usize> StoredText for Text<MAX> {
    const NOUN: &'static str = "a text";

    fn to_text(&self) -> Cow<'_, str> {
        Cow::Borrowed(self.as_str())
    }

    fn parse_text(text: &str) -> Option<Self> {
        Self::parse(text).ok()
    }
}

/// `2026-07-17`.
impl StoredText for CalendarDate {
    const NOUN: &'static str = "a date";

    fn to_text(&self) -> Cow<'_, str> {
        Cow::Owned(self.to_string())
    }

    fn parse_text(text: &str) -> Option<Self> {
        Self::parse(text)
    }
}

impl<const DECIMALS: usize> StoredText for Rate<DECIMALS> {
    const NOUN: &'static str = "a rate";

    fn to_text(&self) -> Cow<'_, str> {
        Cow::Borrowed(self.as_str())
    }

    fn parse_text(text: &str) -> Option<Self> {
        Self::parse(text)
    }
}

macro_rules! texts {
    ($($name:ident: $noun:literal, $parse:expr;)+) => {$(
        impl StoredText for $name {
            const NOUN: &'static str = $noun;

            fn to_text(&self) -> Cow<'_, str> {
                Cow::Borrowed(self.as_str())
            }

            fn parse_text(text: &str) -> Option<Self> {
                let parse: fn(&str) -> Option<Self> = $parse;
                parse(text)
            }
        }
    )+};
}

texts! {
    AccountTypeKey: "the key of an account type", |text| Self::parse(text).ok();
    AccountType: "an account type", |text| Self::recognize(text).ok();
    Alias: "an alias", Self::recognize;
    ApplicationId: "an application id", Self::parse;
    AssetCode: "an asset code", |text| Self::parse(text).ok();
    BalanceKey: "a balance key", |text| Self::recognize(text).ok();
    CountryCode: "a country code", Self::parse;
    CurrencyCode: "a currency code", Self::parse;
    DocumentId: "a document id", |text| Self::parse(text).ok();
    EntityId: "an entity id", Self::parse;
    OverdraftLimit: "an overdraft limit", Self::parse;
    UniqueName: "a name", |text| Self::parse(text).ok();
}

/// One stored word for each variant of an enum without fields.
macro_rules! words {
    ($($name:ident: $noun:literal { $($variant:ident = $word:literal),+ $(,)? })+) => {$(
        impl StoredText for $name {
            const NOUN: &'static str = $noun;

            fn to_text(&self) -> Cow<'_, str> {
                Cow::Borrowed(match self { $(Self::$variant => $word),+ })
            }

            fn parse_text(text: &str) -> Option<Self> {
                match text {
                    $($word => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }
    )+};
}

words! {
    AssetType: "an asset type" {
        Currency = "currency",
        Crypto = "crypto",
        Commodity = "commodity",
        Others = "others",
    }
    BalanceScope: "a balance scope" { Transactional = "transactional", Internal = "internal" }
    Direction: "a direction" { Credit = "credit", Debit = "debit" }
    TransactionStatus: "a transaction status" {
        Pending = "pending",
        Approved = "approved",
        Canceled = "canceled",
        Annotation = "annotation",
    }
    OperationType: "an operation type" {
        Debit = "debit",
        Credit = "credit",
        OnHold = "on_hold",
        Release = "release",
        Overdraft = "overdraft",
        Block = "block",
        Unblock = "unblock",
    }
}

/// Enums whose values the domain has named for good.
macro_rules! names {
    ($($name:ident: $noun:literal;)+) => {$(
        impl StoredText for $name {
            const NOUN: &'static str = $noun;

            fn to_text(&self) -> Cow<'_, str> {
                Cow::Borrowed(self.name())
            }

            fn parse_text(text: &str) -> Option<Self> {
                Self::from_name(text)
            }
        }
    )+};
}

names! {
    AccountHolderType: "an account holder type";
    AutopayMethod: "an autopay method";
    Capability: "a capability";
    ClosedReason: "a closed reason";
    CreditBureau: "a credit bureau";
    DeliveryMethod: "a delivery method";
    DocumentType: "a document type";
    InactiveReason: "an inactive reason";
    RewardsUnit: "a rewards unit";
    TermUnit: "a term unit";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check<T: StoredText + PartialEq + std::fmt::Debug>(value: T, text: &str) {
        assert_eq!(value.to_text(), text);
        assert_eq!(T::parse_text(text), Some(value));
    }

    #[test]
    fn a_word_is_stored_as_its_text() {
        let id = Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_0abc);
        check(BalanceId::new(id), "01920000-0000-7000-8000-000000000abc");
        check(Timestamp::MIN, "0001-01-01T00:00:00.000000Z");
        let digits = "123456789012345678901234567890.123456789012345678901234567899";
        check(Amount::parse(digits).unwrap(), digits);
        check(Fingerprint::from_bytes([255; 32]), "//////////////////////////////////////////8");
        check(Alias::external(&AssetCode::usd()), "@external/USD");
        check(Alias::parse("@person:1").unwrap(), "@person:1");
        check(OverdraftLimit::parse("1000.00").unwrap(), "1000.00");
        check(Direction::Debit, "debit");
        check(InactiveReason::Frozen, "frozen");
        check(ClosedReason::PaidOff, "paid_off");
    }
}
