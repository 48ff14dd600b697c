//! Items for the tests of this crate; the values in them are those of the store contract.

use aws_sdk_dynamodb::types::AttributeValue;
use subledger::money::ids::AccountId;
pub(crate) use subledger_store_contract::samples::*;

use crate::schema::item::Item;
use crate::schema::keys::Key;

/// The key of an account.
pub(crate) fn somewhere() -> Key<'static> {
    Key::Account(AccountId::new(uuid(9)))
}

/// An item with a key and nothing else.
pub(crate) fn at(key: &Key<'_>) -> Item {
    Item(key.stored().into_attributes())
}

pub(crate) fn s(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

pub(crate) fn n(digits: &str) -> AttributeValue {
    AttributeValue::N(digits.to_owned())
}

pub(crate) fn l(values: impl IntoIterator<Item = AttributeValue>) -> AttributeValue {
    AttributeValue::L(values.into_iter().collect())
}

pub(crate) fn m<'a>(
    members: impl IntoIterator<Item = (&'a str, AttributeValue)>,
) -> AttributeValue {
    let members = members.into_iter().map(|(name, value)| (name.to_owned(), value));
    AttributeValue::M(members.collect())
}

/// The item with this in the place of what it has under the name.
pub(crate) fn with(mut changed: Item, name: &str, value: AttributeValue) -> Item {
    changed.0.insert(name.to_owned(), value);
    changed
}

/// The item without what it has under the name.
pub(crate) fn without(mut changed: Item, name: &str) -> Item {
    changed.0.remove(name);
    changed
}
