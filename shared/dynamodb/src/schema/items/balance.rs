//! Balances as they are stored: the current version, and every version of the history.

use serde::{Deserialize, Serialize};
use subledger::account::{AccountType, Alias};
use subledger::balance::{
    Balance, BalanceFields, BalanceKey, BalanceScope, BalanceSettings, Direction, OverdraftLimit,
};
use subledger::error::Error;
use subledger::ledger::asset::AssetCode;
use subledger::money::amount::Amount;
use subledger::money::ids::{AccountId, BalanceId, LedgerId, OrganizationId, Scope, TransactionId};
use subledger::money::timestamp::Timestamp;

use crate::schema::canonical;
use crate::schema::item::Item;
use crate::schema::items::credit::CreditAttribute;
use crate::schema::keys::Key;

#[derive(Serialize, Deserialize)]
struct BalanceRow {
    #[serde(with = "canonical")]
    organization: OrganizationId,
    #[serde(with = "canonical")]
    ledger: LedgerId,
    #[serde(with = "canonical")]
    account: AccountId,
    #[serde(with = "canonical")]
    id: BalanceId,
    #[serde(with = "canonical")]
    alias: Alias,
    #[serde(with = "canonical")]
    key: BalanceKey,
    #[serde(with = "canonical")]
    asset: AssetCode,
    #[serde(with = "canonical")]
    account_type: AccountType,
    #[serde(with = "canonical")]
    direction: Direction,
    sends: bool,
    receives: bool,
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "canonical::some_map"
    )]
    settings: Option<SettingsAttribute>,
    #[serde(with = "canonical")]
    available: Amount,
    #[serde(with = "canonical")]
    on_hold: Amount,
    #[serde(with = "canonical")]
    overdraft_used: Amount,
    version: u64,
    #[serde(with = "canonical")]
    created_at: Timestamp,
    #[serde(with = "canonical")]
    recorded_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "canonical::option")]
    caused_by: Option<TransactionId>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "canonical::option")]
    deleted_at: Option<Timestamp>,
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "canonical::some_map"
    )]
    credit: Option<CreditAttribute>,
}

#[derive(Serialize, Deserialize)]
struct SettingsAttribute {
    #[serde(default, skip_serializing_if = "Option::is_none", with = "canonical::option")]
    scope: Option<BalanceScope>,
    allow_overdraft: bool,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "canonical::option")]
    overdraft_limit: Option<OverdraftLimit>,
}

/// The item of the current version.
pub fn write_current(balance: &Balance) -> Result<Item, Error> {
    write(&current_key(balance), balance)
}

/// The item of this version in the history.
pub fn write_version(balance: &Balance) -> Result<Item, Error> {
    write(&version_key(balance), balance)
}

fn write(key: &Key<'_>, balance: &Balance) -> Result<Item, Error> {
    let row = BalanceRow {
        organization: balance.scope.organization,
        ledger: balance.scope.ledger,
        account: balance.account,
        id: balance.id,
        alias: balance.alias.clone(),
        key: balance.key.clone(),
        asset: balance.asset_code.clone(),
        account_type: balance.account_type.clone(),
        direction: balance.direction,
        sends: balance.allow_sending,
        receives: balance.allow_receiving,
        settings: balance.settings.as_ref().map(Into::into),
        available: balance.available.clone(),
        on_hold: balance.on_hold.clone(),
        overdraft_used: balance.overdraft_used.clone(),
        version: balance.version,
        created_at: balance.created_at,
        recorded_at: balance.recorded_at,
        caused_by: balance.caused_by,
        deleted_at: balance.deleted_at,
        credit: balance.credit.as_deref().map(Into::into),
    };
    Item::write(key, &row)
}

/// The balance of an item, which has one of the keys of this version.
pub fn read(item: Item) -> Result<Balance, Error> {
    let (here, row): (_, BalanceRow) = item.read()?;
    let credit = row.credit.map(CreditAttribute::into_record).transpose();
    let balance = Balance::new(BalanceFields {
        id: row.id,
        scope: Scope { organization: row.organization, ledger: row.ledger },
        account: row.account,
        alias: row.alias,
        key: row.key,
        asset_code: row.asset,
        account_type: row.account_type,
        direction: row.direction,
        allow_sending: row.sends,
        allow_receiving: row.receives,
        settings: row.settings.map(Into::into),
        available: row.available,
        on_hold: row.on_hold,
        overdraft_used: row.overdraft_used,
        version: row.version,
        created_at: row.created_at,
        recorded_at: row.recorded_at,
        caused_by: row.caused_by,
        deleted_at: row.deleted_at,
        credit: credit.map_err(|reason| here.corrupt(&reason))?.map(Box::new),
    })
    .map_err(|reason| here.corrupt(&reason))?;
    here.expect(&[current_key(&balance), version_key(&balance)])?;
    Ok(balance)
}

/// The key of the current version. The last version of a deleted balance has another key, so that
/// its key is free for another balance.
fn current_key(balance: &Balance) -> Key<'_> {
    match balance.deleted_at {
        None => Key::Balance(balance.account, &balance.key),
        Some(_) => Key::DeletedBalance(balance.account, balance.id),
    }
}

/// The key of this version in the history.
fn version_key(balance: &Balance) -> Key<'_> {
    match balance.version {
        0 => Key::FirstVersion(balance.id),
        _ => Key::LaterVersion(balance.id, balance.recorded_at),
    }
}

impl From<&BalanceSettings> for SettingsAttribute {
    fn from(settings: &BalanceSettings) -> Self {
        Self {
            scope: settings.scope,
            allow_overdraft: settings.allow_overdraft,
            overdraft_limit: settings.overdraft_limit.clone(),
        }
    }
}

impl From<SettingsAttribute> for BalanceSettings {
    fn from(settings: SettingsAttribute) -> Self {
        Self {
            scope: settings.scope,
            allow_overdraft: settings.allow_overdraft,
            overdraft_limit: settings.overdraft_limit,
        }
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::types::AttributeValue;

    use super::*;
    use crate::samples::{self, n, s};

    const DIGITS: &str = "123456789012345678901234567890.123456789012345678901234567899";

    fn full() -> Balance {
        let amount = Amount::parse(DIGITS).unwrap();
        let limit = OverdraftLimit::parse("1000.00").unwrap();
        Balance::new(BalanceFields {
            settings: Some(BalanceSettings {
                scope: Some(BalanceScope::Transactional),
                allow_overdraft: true,
                overdraft_limit: Some(limit),
            }),
            available: amount.clone(),
            on_hold: amount.clone(),
            overdraft_used: amount,
            version: 18_446_744_073_709_551_615,
            recorded_at: samples::moment(2_000_000),
            caused_by: Some(TransactionId::new(samples::uuid(6))),
            ..samples::balance().into_fields()
        })
        .unwrap()
    }

    #[test]
    fn a_balance_is_read_as_it_was_written() {
        let first = samples::balance();
        let deleted = Balance::new(BalanceFields {
            deleted_at: Some(full().recorded_at),
            ..full().into_fields()
        })
        .unwrap();
        for balance in [first, full(), deleted] {
            assert_eq!(read(write_current(&balance).unwrap()).unwrap(), balance);
            assert_eq!(read(write_version(&balance).unwrap()).unwrap(), balance);
        }
    }

    #[test]
    fn thirty_digits_on_both_sides_of_the_point_are_stored_as_they_are() {
        let item = write_current(&full()).unwrap();
        assert_eq!(item.0["available"], s(DIGITS));
    }

    #[test]
    fn the_id_and_the_version_are_under_the_names_that_conditions_use() {
        let item = write_current(&samples::balance()).unwrap().0;
        assert!(
            item.contains_key(crate::schema::keys::ID)
                && item.contains_key(crate::schema::keys::VERSION)
        );
    }

    #[test]
    fn a_small_balance_is_less_than_one_write_unit() {
        let item = write_current(&samples::balance()).unwrap();
        assert!(item.bytes() < 700, "{} bytes", item.bytes());
    }

    #[test]
    fn a_balance_that_cannot_be_is_not_read() {
        for (attribute, value) in [
            ("available", s("-1")),
            ("available", s("1.0")),
            ("available", s("1e3")),
            ("available", n("1")),
            ("created_at", s("2026-01-01")),
            ("version", n("1")),
            ("direction", s("sideways")),
            ("id", s("01920000000070008000000000000abc")),
            ("key", s("other")),
            ("account", AttributeValue::Null(true)),
        ] {
            let item = samples::with(write_current(&samples::balance()).unwrap(), attribute, value);
            assert!(matches!(read(item), Err(Error::Corrupt { .. })), "{attribute}");
        }
        for attribute in ["available", "organization", "version", "recorded_at", "pk", "sk"] {
            let item = samples::without(write_current(&samples::balance()).unwrap(), attribute);
            assert!(matches!(read(item), Err(Error::Corrupt { .. })), "{attribute}");
        }
    }
}
