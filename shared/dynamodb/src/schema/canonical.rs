//! Values of the domain as their canonical text, for `#[serde(with = "canonical")]` on the fields
//! of a row.
//!
//! Reading accepts exactly what writing produces, so a value that was stored and read is the same
//! value, and anything else in its place makes the item unreadable. The error does not quote it,
//! because it may be confidential.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serializer};

use crate::schema::stored_text::StoredText;

/// Writes the text.
pub(crate) fn serialize<T: StoredText, S: Serializer>(
    value: &T,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&value.to_text())
}

/// Reads the text and checks it.
pub(crate) fn deserialize<'de, T: StoredText, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    parse(&String::deserialize(deserializer)?)
}

fn parse<T: StoredText, E: Error>(text: &str) -> Result<T, E> {
    T::parse_text(text)
        .filter(|value| value.to_text() == text)
        .ok_or_else(|| E::custom(format_args!("{} is not readable", T::NOUN)))
}

/// A value that may be absent. Use it with `default` and `skip_serializing_if`: an attribute that
/// is there has to hold a value, so null is not readable.
pub(crate) mod option {
    use super::{Deserializer, Serializer, StoredText};

    pub(crate) fn serialize<T: StoredText, S: Serializer>(
        value: &Option<T>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => super::serialize(value, serializer),
            None => serializer.serialize_none(),
        }
    }

    pub(crate) fn deserialize<'de, T: StoredText, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<T>, D::Error> {
        super::deserialize(deserializer).map(Some)
    }
}

/// Values in their order, a list of texts.
pub(crate) mod list {
    use serde::{Deserialize, Deserializer, Serializer};

    use super::{StoredText, parse};

    pub(crate) fn serialize<T: StoredText, S: Serializer>(
        values: &[T],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(values.iter().map(StoredText::to_text))
    }

    pub(crate) fn deserialize<'de, T: StoredText, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<T>, D::Error> {
        let texts = Vec::<String>::deserialize(deserializer)?;
        texts.iter().map(|text| parse(text)).collect()
    }
}

/// For `deserialize_with` on an optional field of another type: an attribute that is there has to
/// hold a value, so null is not readable.
pub(crate) fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// For `deserialize_with` on a field that is a struct: a map, and not a list of its values, which
/// serde would take for one.
pub(crate) fn map<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    Map::deserialize(deserializer).map(|Map(value)| value)
}

/// For `deserialize_with` on an optional field that is a struct.
pub(crate) fn some_map<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    map(deserializer).map(Some)
}

/// For `deserialize_with` on a field that is a list of structs.
pub(crate) fn maps<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    let maps = Vec::<Map<T>>::deserialize(deserializer)?;
    Ok(maps.into_iter().map(|Map(value)| value).collect())
}

/// A struct that is read from a map and from nothing else.
struct Map<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Map<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visit<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Visit<T> {
            type Value = Map<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Map<T>, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(Map)
            }
        }

        deserializer.deserialize_map(Visit(PhantomData))
    }
}

/// For `deserialize_with` on a field that is true or absent.
pub(crate) fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    match bool::deserialize(deserializer)? {
        true => Ok(true),
        false => Err(D::Error::custom("a flag is there and not set")),
    }
}

/// For `skip_serializing_if` on a field that is true or absent.
pub(crate) const fn is_false(flag: &bool) -> bool {
    !*flag
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::types::AttributeValue;
    use serde::Serialize;
    use serde_dynamo::{from_attribute_value, to_attribute_value};
    use subledger::balance::Direction;

    use super::*;
    use crate::samples::{l, m, s};

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Row {
        #[serde(with = "crate::schema::canonical")]
        direction: Direction,
        #[serde(
            default,
            skip_serializing_if = "Option::is_none",
            with = "crate::schema::canonical::option"
        )]
        other: Option<Direction>,
        #[serde(with = "crate::schema::canonical::list")]
        list: Vec<Direction>,
        #[serde(
            default,
            skip_serializing_if = "Option::is_none",
            deserialize_with = "crate::schema::canonical::present"
        )]
        count: Option<u64>,
    }

    #[test]
    fn a_row_is_read_as_it_was_written() {
        use Direction::{Credit, Debit};
        let full = Row {
            direction: Credit,
            other: Some(Debit),
            list: vec![Debit, Credit],
            count: Some(7),
        };
        let item = m([
            ("direction", s("credit")),
            ("other", s("debit")),
            ("list", l([s("debit"), s("credit")])),
            ("count", AttributeValue::N("7".to_owned())),
        ]);
        assert_eq!(to_attribute_value::<_, AttributeValue>(&full).unwrap(), item);
        assert_eq!(from_attribute_value::<_, Row>(item).unwrap(), full);
        let bare = Row { direction: Credit, other: None, list: Vec::new(), count: None };
        let item = m([("direction", s("credit")), ("list", l([]))]);
        assert_eq!(to_attribute_value::<_, AttributeValue>(&bare).unwrap(), item);
        assert_eq!(from_attribute_value::<_, Row>(item).unwrap(), bare);
    }

    #[test]
    fn another_type_or_another_spelling_is_not_readable_and_not_repeated() {
        let null = || AttributeValue::Null(true);
        let good = [("direction", s("credit")), ("list", l([]))];
        for (name, value) in [
            ("direction", s("Credit")),
            ("direction", s("secret")),
            ("direction", AttributeValue::N("1".to_owned())),
            ("direction", l([s("credit")])),
            ("direction", null()),
            ("other", s("secret")),
            ("other", null()),
            ("list", s("credit")),
            ("list", l([s("secret")])),
            ("list", l([null()])),
            ("list", m([])),
            ("count", AttributeValue::N("-1".to_owned())),
            ("count", AttributeValue::N("1.5".to_owned())),
            ("count", s("1")),
            ("count", null()),
        ] {
            let row = m(good.clone().into_iter().chain([(name, value.clone())]));
            let error = from_attribute_value::<_, Row>(row).unwrap_err().to_string();
            assert!(!error.contains("secret"), "{name} {value:?}: {error}");
        }
    }
}
