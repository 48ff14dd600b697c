//! Values for the tests of the rules.

use subledger::account::{Account, AccountType};
use subledger::balance::{Balance, BalanceKey};
use subledger::ledger::asset::AssetCode;
use subledger::money::ids::{AccountId, BalanceId};
use subledger::money::text::Name;
use subledger::money::timestamp::Timestamp;
use subledger_store_contract::samples::ledger;
use uuid::Uuid;

pub(crate) fn moment(micros: i64) -> Timestamp {
    Timestamp::from_micros(micros).unwrap()
}

/// An account of this type.
pub(crate) fn account(kind: &str) -> Account {
    let id = AccountId::new(Uuid::from_u128(4));
    let kind = AccountType::recognize(kind).unwrap();
    let name = Name::parse("Account").unwrap();
    Account::open(id, &ledger(), AssetCode::usd(), kind, name, moment(1))
}

/// The default balance of an account of this type.
pub(crate) fn balance(kind: &str) -> Balance {
    let id = BalanceId::new(Uuid::from_u128(3));
    Balance::open(id, &account(kind), BalanceKey::default_key(), moment(1))
}
