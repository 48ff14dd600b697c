//! Items as they travel: rows in DynamoDB's JSON, beside their keys.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{
    DeserializeOwned, DeserializeSeed, Error as _, IgnoredAny, IntoDeserializer, MapAccess, Visitor,
};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;
use subledger::error::Error;

use crate::attribute::AsText;
use crate::keys::{Key, PK, SK, StoredKey};

/// The most bytes of an item; DynamoDB's own limit.
pub(crate) const ITEM_BYTES_MAX: usize = 400 * 1_024;

/// An item, read no further than to its end.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Item(Box<RawValue>);

impl Item {
    /// The item that holds the row at the key.
    pub(crate) fn write(key: &Key<'_>, row: &impl Serialize) -> Result<Self, Error> {
        #[derive(Serialize)]
        struct Keyed<'a, R> {
            #[serde(flatten)]
            key: StoredKey,
            #[serde(flatten)]
            row: &'a R,
        }
        serde_json::value::to_raw_value(&Keyed { key: key.stored(), row })
            .map(Self)
            .map_err(|error| corrupt(key.to_string(), &error))
    }

    /// Where the item says that it is, and the row that it holds.
    pub(crate) fn read<R: DeserializeOwned>(&self) -> Result<(StoredKey, R), Error> {
        let mut json = serde_json::Deserializer::from_str(self.0.get());
        json.deserialize_map(KeyAndRow(PhantomData)).map_err(|error| {
            let reason = error.to_string();
            // Where in the JSON that was is of no use to somebody who looks at the item.
            let reason = reason.split_once(" at line ").map_or(&*reason, |(reason, _)| reason);
            self.corrupt(&reason)
        })
    }

    /// Where the item says that it is; nothing if it does not say it with two texts.
    pub(crate) fn key(&self) -> Option<StoredKey> {
        serde_json::from_str(self.0.get()).ok()
    }

    /// Where the item says that it is, for people.
    pub(crate) fn place(&self) -> String {
        self.key().map_or_else(|| "an item without a key".to_owned(), |key| key.to_string())
    }

    /// Refuses an item that says it is where its own content says that it does not belong.
    pub(crate) fn expect_at(&self, here: &StoredKey, keys: &[Key<'_>]) -> Result<(), Error> {
        if keys.iter().any(|key| key.stored() == *here) {
            return Ok(());
        }
        Err(self.corrupt(&"it belongs to another key"))
    }

    /// The item is not what was stored.
    pub(crate) fn corrupt(&self, reason: &impl ToString) -> Error {
        corrupt(self.place(), reason)
    }

    /// How long the item is, as DynamoDB counts: never more than this, and often a third of it.
    pub(crate) fn bytes_max(&self) -> usize {
        self.0.get().len()
    }

    /// How long the item is, as DynamoDB counts, from above: the UTF-8 of names and texts, a byte
    /// for each element of a list or a map, and three for the list or map itself.
    pub(crate) fn bytes(&self) -> usize {
        // What is not an item of DynamoDB's types has no size by its rules.
        let attributes: Result<BTreeMap<String, Value>, _> = serde_json::from_str(self.0.get());
        attributes.map_or_else(|_| self.bytes_max(), |attributes| bytes_of(&attributes, 0))
    }
}

/// Reads a key and the row beside it in one go.
struct KeyAndRow<R>(PhantomData<R>);

impl<'de, R: Deserialize<'de>> Visitor<'de> for KeyAndRow<R> {
    type Value = (StoredKey, R);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an item")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        let mut attributes = Attributes { map, pk: None, sk: None };
        let row = R::deserialize(MapAccessDeserializer::new(&mut attributes))?;
        let (Some(pk), Some(sk)) = (attributes.pk, attributes.sk) else {
            return Err(A::Error::custom("it has no key"));
        };
        Ok((StoredKey { pk, sk }, row))
    }
}

/// The attributes of an item without its key, which is put aside.
struct Attributes<A> {
    map: A,
    pk: Option<AsText<String>>,
    sk: Option<AsText<String>>,
}

/// The name of an attribute.
#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Attributes<A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, A::Error> {
        while let Some(Name(name)) = self.map.next_key()? {
            match &*name {
                PK => self.pk = Some(self.map.next_value()?),
                SK => self.sk = Some(self.map.next_value()?),
                other => return seed.deserialize(other.into_deserializer()).map(Some),
            }
        }
        Ok(None)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        self.map.next_value_seed(seed)
    }
}

/// What stands in an item, of any type.
#[derive(Deserialize)]
enum Value {
    S(String),
    N(String),
    B(String),
    #[serde(rename = "BOOL")]
    Boolean(IgnoredAny),
    #[serde(rename = "NULL")]
    Null(IgnoredAny),
    M(BTreeMap<String, Value>),
    L(Vec<Value>),
    SS(Vec<String>),
    NS(Vec<String>),
    BS(Vec<String>),
}

impl Value {
    fn bytes(&self) -> usize {
        const CONTAINER_BYTES: usize = 3;
        const ELEMENT_BYTES: usize = 1;
        match self {
            // Two digits are a byte and base64 is longer than what it says, so these are no less.
            Self::S(text) | Self::N(text) | Self::B(text) => text.len().saturating_add(1),
            Self::Boolean(_) | Self::Null(_) => 1,
            Self::M(members) => bytes_of(members, ELEMENT_BYTES).saturating_add(CONTAINER_BYTES),
            Self::L(elements) => {
                let bytes = elements.iter().map(|it| it.bytes().saturating_add(ELEMENT_BYTES));
                bytes.sum::<usize>().saturating_add(CONTAINER_BYTES)
            }
            Self::SS(all) | Self::NS(all) | Self::BS(all) => all.iter().map(String::len).sum(),
        }
    }
}

/// The bytes of names and values, and so many more for each.
fn bytes_of(attributes: &BTreeMap<String, Value>, each: usize) -> usize {
    let bytes = attributes.iter().map(|(name, value)| name.len().saturating_add(value.bytes()));
    bytes.map(|bytes| bytes.saturating_add(each)).sum()
}

/// The stored item is not what was stored.
pub(crate) fn corrupt(key: String, reason: &impl ToString) -> Error {
    Error::Corrupt { key, reason: reason.to_string() }
}
