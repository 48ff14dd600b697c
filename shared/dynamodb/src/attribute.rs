//! Attributes of an item in DynamoDB's own JSON, in which every value says its type: `{"S":"text"}`.
//!
//! The fields of a row are these types, so a row is an item as it travels, and what stands in the
//! place of another type is not readable.

use std::fmt::Display;
use std::marker::PhantomData;
use std::str::FromStr;

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::stored_text::StoredText;

/// Defines the attributes of a type of DynamoDB, by what stands in them.
macro_rules! attributes {
    ($($(#[$doc:meta])* $name:ident = $tag:literal: $content:ident;)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
        pub(crate) struct $name<T>(pub(crate) T);

        impl<T> Serialize for $name<T>
        where
            for<'a> $content<&'a T>: Serialize,
        {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_newtype_variant(stringify!($name), 0, $tag, &$content(&self.0))
            }
        }

        impl<'de, T> Deserialize<'de> for $name<T>
        where
            $content<T>: Deserialize<'de>,
        {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                #[derive(Deserialize)]
                enum Tagged<C> {
                    #[serde(rename = $tag)]
                    It(C),
                }
                let Tagged::It($content(value)) = Tagged::deserialize(deserializer)?;
                Ok(Self(value))
            }
        }
    )+};
}

attributes! {
    /// A value of the domain, as its text.
    AsText = "S": Text;
    /// An integer.
    AsNumber = "N": Number;
    /// True or false.
    AsBoolean = "BOOL": Itself;
    /// The fields of a struct, or the one field that an enum is.
    AsMap = "M": Itself;
    /// Attributes one after the other: a vector, or a tuple.
    AsList = "L": Itself;
}

impl<T> AsList<Vec<T>> {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<T> FromIterator<T> for AsList<Vec<T>> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        Self(items.into_iter().collect())
    }
}

/// Content that is written as serde writes it.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
struct Itself<T>(T);

/// Reading accepts exactly what writing produces, so a value that was stored and read is the same
/// value, and anything else in its place is noticed.
struct Text<T>(T);

impl<T: StoredText> Serialize for Text<&T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0.to_text())
    }
}

impl<'de, T: StoredText> Deserialize<'de> for Text<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let parse = |text: &str| T::parse_text(text).filter(|value| value.to_text() == text);
        read(deserializer, T::NOUN, parse).map(Self)
    }
}

/// DynamoDB's numbers are texts on the wire.
struct Number<T>(T);

impl<T: Display> Serialize for Number<&T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self.0)
    }
}

impl<'de, T: Display + FromStr> Deserialize<'de> for Number<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let parse = |text: &str| text.parse().ok().filter(|value: &T| value.to_string() == text);
        read(deserializer, "a number", parse).map(Self)
    }
}

/// Reads a text without a copy of it. It stays out of the error: it may be a client's secret.
fn read<'de, D: Deserializer<'de>, T>(
    deserializer: D,
    noun: &'static str,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<T, D::Error> {
    struct Parse<T, F>(&'static str, F, PhantomData<T>);

    impl<T, F: Fn(&str) -> Option<T>> Visitor<'_> for Parse<T, F> {
        type Value = T;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str(self.0)
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
            (self.1)(text).ok_or_else(|| E::custom(format_args!("{} is not readable", self.0)))
        }
    }

    deserializer.deserialize_str(Parse(noun, parse, PhantomData))
}

#[cfg(test)]
mod tests {
    use serde::de::DeserializeOwned;
    use subledger::balance::Direction;

    use super::*;

    type Pair = AsList<(AsText<String>, AsNumber<i64>)>;

    #[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
    struct Row {
        direction: Option<AsText<String>>,
        #[serde(default, skip_serializing_if = "AsList::is_empty")]
        pairs: AsList<Vec<Pair>>,
    }

    #[track_caller]
    fn check<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(value: &T, json: &str) {
        assert_eq!(serde_json::to_string(value).unwrap(), json);
        assert_eq!(&serde_json::from_str::<T>(json).unwrap(), value);
    }

    #[test]
    fn a_value_says_its_type() {
        check(&AsText(Direction::Credit), r#"{"S":"credit"}"#);
        check(&AsText("\"\\\u{1}é".to_owned()), r#"{"S":"\"\\\u0001é"}"#);
        check(&AsNumber(u64::MAX), r#"{"N":"18446744073709551615"}"#);
        check(&AsNumber(-1_i64), r#"{"N":"-1"}"#);
        check(&AsBoolean(true), r#"{"BOOL":true}"#);
        let pair = AsList((AsText("one".to_owned()), AsNumber(1)));
        check(&pair, r#"{"L":[{"S":"one"},{"N":"1"}]}"#);
        let row = Row { direction: Some(AsText("in".to_owned())), pairs: AsList(vec![pair]) };
        check(
            &AsMap(row),
            r#"{"M":{"direction":{"S":"in"},"pairs":{"L":[{"L":[{"S":"one"},{"N":"1"}]}]}}}"#,
        );
    }

    #[test]
    fn another_type_or_another_spelling_is_not_readable() {
        fn refuse<T: DeserializeOwned>(all: &[&str]) {
            for json in all {
                assert!(serde_json::from_str::<T>(json).is_err(), "{json}");
            }
        }
        let text = r#"{"S":"credit"}"#;
        refuse::<AsText<Direction>>(&[
            r#"{"S":"Credit"}"#,
            r#"{"N":"1"}"#,
            r#"{"NULL":true}"#,
            r#"{"S":"credit","N":"1"}"#,
            r#"{"L":[{"S":"credit"}]}"#,
            r#""S""#,
            r#""credit""#,
            "{}",
            "null",
        ]);
        refuse::<AsNumber<u64>>(&[r#"{"N":"01"}"#, r#"{"N":"+1"}"#, r#"{"N":"1.0"}"#, text]);
        refuse::<AsNumber<u8>>(&[r#"{"N":"256"}"#, r#"{"N":"-1"}"#, r#"{"N":1}"#]);
        refuse::<AsBoolean<bool>>(&[r#"{"BOOL":"true"}"#, r#"{"NULL":true}"#, text]);
        refuse::<AsMap<Row>>(&[r#"{"L":[]}"#, r#"{"M":{"direction":{"NULL":true}}}"#, text]);
        refuse::<AsList<(AsText<String>, AsText<String>)>>(&[
            r#"{"L":[{"S":"one"}]}"#,
            r#"{"L":[{"S":"one"},{"S":"two"},{"S":"three"}]}"#,
            r#"{"M":{}}"#,
        ]);
        assert_eq!(
            serde_json::from_str::<AsMap<Row>>(r#"{"M":{}}"#).unwrap(),
            AsMap(Row::default())
        );
    }

    #[test]
    fn what_is_not_readable_is_not_repeated() {
        let error = serde_json::from_str::<AsText<Direction>>(r#"{"S":"secret"}"#).unwrap_err();
        assert!(error.to_string().starts_with("a direction is not readable"), "{error}");
    }
}
