//! Balances as they are stored: the current version, and every version in its place.

use serde::{Deserialize, Serialize};
use subledger::account::{AccountType, Alias};
use subledger::amount::Amount;
use subledger::asset::AssetCode;
use subledger::balance::{
    Balance, BalanceKey, BalanceScope, BalanceSettings, Direction, OverdraftLimit,
};
use subledger::error::Error;
use subledger::ids::{AccountId, BalanceId, LedgerId, OrganizationId, Scope, TransactionId};
use subledger::timestamp::Timestamp;

use crate::attribute::{AsBoolean, AsMap, AsNumber, AsText};
use crate::credit_attribute::CreditAttribute;
use crate::item::{self, Item};
use crate::keys::Key;

#[derive(Serialize, Deserialize)]
struct BalanceRow {
    organization: AsText<OrganizationId>,
    ledger: AsText<LedgerId>,
    account: AsText<AccountId>,
    id: AsText<BalanceId>,
    alias: AsText<Alias>,
    key: AsText<BalanceKey>,
    asset: AsText<AssetCode>,
    account_type: AsText<AccountType>,
    direction: AsText<Direction>,
    sends: AsBoolean<bool>,
    receives: AsBoolean<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    settings: Option<AsMap<SettingsAttribute>>,
    available: AsText<Amount>,
    on_hold: AsText<Amount>,
    overdraft_used: AsText<Amount>,
    version: AsNumber<u64>,
    created_at: AsText<Timestamp>,
    recorded_at: AsText<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    caused_by: Option<AsText<TransactionId>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    deleted_at: Option<AsText<Timestamp>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    credit: Option<AsMap<CreditAttribute>>,
}

#[derive(Serialize, Deserialize)]
struct SettingsAttribute {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    scope: Option<AsText<BalanceScope>>,
    allow_overdraft: AsBoolean<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    overdraft_limit: Option<AsText<OverdraftLimit>>,
}

/// The item of the current version.
pub(crate) fn write_current(balance: &Balance) -> Result<Item, Error> {
    write(&current_key(balance), balance)
}

/// The item of this version in the history.
pub(crate) fn write_version(balance: &Balance) -> Result<Item, Error> {
    write(&version_key(balance), balance)
}

fn write(key: &Key<'_>, balance: &Balance) -> Result<Item, Error> {
    balance.check().map_err(|reason| item::corrupt(key.to_string(), &reason))?;
    let row = BalanceRow {
        organization: AsText(balance.scope.organization),
        ledger: AsText(balance.scope.ledger),
        account: AsText(balance.account),
        id: AsText(balance.id),
        alias: AsText(balance.alias.clone()),
        key: AsText(balance.key.clone()),
        asset: AsText(balance.asset_code.clone()),
        account_type: AsText(balance.account_type.clone()),
        direction: AsText(balance.direction),
        sends: AsBoolean(balance.allow_sending),
        receives: AsBoolean(balance.allow_receiving),
        settings: balance.settings.as_ref().map(|it| AsMap(it.into())),
        available: AsText(balance.available.clone()),
        on_hold: AsText(balance.on_hold.clone()),
        overdraft_used: AsText(balance.overdraft_used.clone()),
        version: AsNumber(balance.version),
        created_at: AsText(balance.created_at),
        recorded_at: AsText(balance.recorded_at),
        caused_by: balance.caused_by.map(AsText),
        deleted_at: balance.deleted_at.map(AsText),
        credit: balance.credit.as_deref().map(|it| AsMap(it.into())),
    };
    Item::write(key, &row)
}

/// The balance of an item, which is at one of the places that this version may have.
pub(crate) fn read(item: &Item) -> Result<Balance, Error> {
    let (here, row): (_, BalanceRow) = item.read()?;
    let credit = row.credit.map(|AsMap(credit)| credit.into_record()).transpose();
    let balance = Balance {
        id: row.id.0,
        scope: Scope { organization: row.organization.0, ledger: row.ledger.0 },
        account: row.account.0,
        alias: row.alias.0,
        key: row.key.0,
        asset_code: row.asset.0,
        account_type: row.account_type.0,
        direction: row.direction.0,
        allow_sending: row.sends.0,
        allow_receiving: row.receives.0,
        settings: row.settings.map(|AsMap(settings)| settings.into()),
        available: row.available.0,
        on_hold: row.on_hold.0,
        overdraft_used: row.overdraft_used.0,
        version: row.version.0,
        created_at: row.created_at.0,
        recorded_at: row.recorded_at.0,
        caused_by: row.caused_by.map(|AsText(transaction)| transaction),
        deleted_at: row.deleted_at.map(|AsText(moment)| moment),
        credit: credit.map_err(|reason| item.corrupt(&reason))?.map(Box::new),
    };
    item.expect_at(&here, &[current_key(&balance), version_key(&balance)])?;
    balance.check().map_err(|reason| item.corrupt(&reason))?;
    Ok(balance)
}

/// Where the current version stands; the last version of a deleted balance makes room for another
/// balance with its key.
fn current_key(balance: &Balance) -> Key<'_> {
    match balance.deleted_at {
        None => Key::Balance(balance.account, &balance.key),
        Some(_) => Key::DeletedBalance(balance.account, balance.id),
    }
}

/// Where this version stands in the history.
fn version_key(balance: &Balance) -> Key<'_> {
    match balance.version {
        0 => Key::FirstVersion(balance.id),
        _ => Key::LaterVersion(balance.id, balance.recorded_at),
    }
}

impl From<&BalanceSettings> for SettingsAttribute {
    fn from(settings: &BalanceSettings) -> Self {
        Self {
            scope: settings.scope.map(AsText),
            allow_overdraft: AsBoolean(settings.allow_overdraft),
            overdraft_limit: settings.overdraft_limit.clone().map(AsText),
        }
    }
}

impl From<SettingsAttribute> for BalanceSettings {
    fn from(settings: SettingsAttribute) -> Self {
        Self {
            scope: settings.scope.map(|AsText(scope)| scope),
            allow_overdraft: settings.allow_overdraft.0,
            overdraft_limit: settings.overdraft_limit.map(|AsText(limit)| limit),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::samples;

    const DIGITS: &str = "123456789012345678901234567890.123456789012345678901234567899";

    fn full() -> Balance {
        let amount = Amount::parse(DIGITS).unwrap();
        let limit = OverdraftLimit::parse("1000.00").unwrap();
        Balance {
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
            ..samples::balance()
        }
    }

    #[test]
    fn a_balance_is_read_as_it_was_written() {
        let first = samples::balance();
        let deleted = Balance { deleted_at: Some(full().recorded_at), ..full() };
        for balance in [first, full(), deleted] {
            assert_eq!(read(&write_current(&balance).unwrap()).unwrap(), balance);
            assert_eq!(read(&write_version(&balance).unwrap()).unwrap(), balance);
        }
    }

    #[test]
    fn thirty_digits_on_both_sides_of_the_point_are_stored_as_they_are() {
        let item = write_current(&full()).unwrap();
        assert_eq!(samples::attributes(&item)["available"], json!({"S": DIGITS}));
    }

    #[test]
    fn the_id_and_the_version_are_under_the_names_that_conditions_use() {
        let item = samples::attributes(&write_current(&samples::balance()).unwrap());
        assert!(item.contains_key(crate::keys::ID) && item.contains_key(crate::keys::VERSION));
    }

    #[test]
    fn a_small_balance_is_less_than_one_write_unit() {
        let item = write_current(&samples::balance()).unwrap();
        assert!(item.bytes() < 700, "{} bytes", item.bytes());
    }

    #[test]
    fn a_balance_that_cannot_be_is_neither_written_nor_read() {
        let negative = Balance { available: Amount::parse("-1").unwrap(), ..samples::balance() };
        assert!(matches!(write_current(&negative), Err(Error::Corrupt { .. })));
        for (attribute, value) in [
            ("available", json!({"S": "-1"})),
            ("available", json!({"S": "1.0"})),
            ("available", json!({"S": "1e3"})),
            ("available", json!({"N": "1"})),
            ("created_at", json!({"S": "2026-01-01"})),
            ("version", json!({"N": "1"})),
            ("direction", json!({"S": "sideways"})),
            ("id", json!({"S": "01920000000070008000000000000abc"})),
            ("key", json!({"S": "other"})),
            ("account", json!({"NULL": true})),
        ] {
            let item =
                samples::with(&write_current(&samples::balance()).unwrap(), attribute, value);
            assert!(matches!(read(&item), Err(Error::Corrupt { .. })), "{attribute}");
        }
        for attribute in ["available", "organization", "version", "recorded_at", "pk", "sk"] {
            let item = samples::without(&write_current(&samples::balance()).unwrap(), attribute);
            assert!(matches!(read(&item), Err(Error::Corrupt { .. })), "{attribute}");
        }
    }
}
