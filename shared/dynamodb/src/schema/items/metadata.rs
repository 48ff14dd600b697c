//! Metadata as an attribute.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use subledger::metadata::{METADATA_VALUE_CHARACTERS_MAX, Metadata, MetadataValue};
use subledger::money::text::Text;

use crate::schema::canonical;

/// Keys and values as a list of pairs, because a DynamoDB map cannot have an empty key. An item
/// without the attribute has none.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(try_from = "Vec<PairAttribute>")]
pub(crate) struct MetadataAttribute(Vec<PairAttribute>);

#[derive(Debug, Serialize, Deserialize)]
struct PairAttribute(String, ValueAttribute);

#[derive(Debug, Serialize, Deserialize)]
#[serde(untagged)]
enum ValueAttribute {
    Text(String),
    Boolean(bool),
    /// Not a DynamoDB number: that would lose how the client spelled it.
    Number {
        #[serde(with = "canonical")]
        number: Text<METADATA_VALUE_CHARACTERS_MAX>,
    },
    Null,
}

impl TryFrom<Vec<PairAttribute>> for MetadataAttribute {
    type Error = &'static str;

    fn try_from(pairs: Vec<PairAttribute>) -> Result<Self, Self::Error> {
        if pairs.is_empty() { Err("metadata is there and empty") } else { Ok(Self(pairs)) }
    }
}

impl MetadataAttribute {
    /// Whether the attribute may be left out.
    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The metadata, or what is wrong with the stored one.
    pub(crate) fn into_metadata(self) -> Result<Metadata, String> {
        let Self(pairs) = self;
        let count = pairs.len();
        let values =
            pairs.into_iter().map(|PairAttribute(key, value)| Ok((key, value.into_value()?)));
        let entries: BTreeMap<String, MetadataValue> = values.collect::<Result<_, String>>()?;
        if entries.len() != count {
            return Err("metadata has a key twice".to_owned());
        }
        Metadata::new(entries).map_err(|_| OUT_OF_BOUNDS.to_owned())
    }
}

const OUT_OF_BOUNDS: &str = "metadata is out of bounds";

impl ValueAttribute {
    fn into_value(self) -> Result<MetadataValue, String> {
        Ok(match self {
            Self::Text(text) => MetadataValue::Text(Text::parse(&text).map_err(|_| OUT_OF_BOUNDS)?),
            Self::Number { number } => MetadataValue::Number(number),
            Self::Boolean(boolean) => MetadataValue::Boolean(boolean),
            Self::Null => MetadataValue::Null,
        })
    }
}

impl From<&Metadata> for MetadataAttribute {
    fn from(metadata: &Metadata) -> Self {
        let pairs = metadata.iter().map(|(key, value)| {
            let value = match value {
                MetadataValue::Text(text) => ValueAttribute::Text(text.as_str().to_owned()),
                MetadataValue::Number(number) => ValueAttribute::Number { number: number.clone() },
                MetadataValue::Boolean(boolean) => ValueAttribute::Boolean(*boolean),
                MetadataValue::Null => ValueAttribute::Null,
            };
            PairAttribute(key.to_owned(), value)
        });
        Self(pairs.collect())
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::types::AttributeValue;
    use serde_dynamo::{from_attribute_value, to_attribute_value};

    use super::*;
    use crate::samples::{l, m, s};

    #[test]
    fn every_kind_of_value_is_read_as_it_was_written() {
        let text = |text| Text::parse(text).unwrap();
        let metadata = Metadata::new(BTreeMap::from([
            (String::new(), MetadataValue::Text(text(""))),
            ("digits".to_owned(), MetadataValue::Number(text("1.50e3"))),
            ("nothing".to_owned(), MetadataValue::Null),
            ("text".to_owned(), MetadataValue::Text(text("1.50e3"))),
            ("yes".to_owned(), MetadataValue::Boolean(true)),
        ]));
        let metadata = metadata.unwrap();
        let attribute: AttributeValue =
            to_attribute_value(MetadataAttribute::from(&metadata)).unwrap();
        let pair = |key, value| l([s(key), value]);
        let stored = l([
            pair("", s("")),
            pair("digits", m([("number", s("1.50e3"))])),
            pair("nothing", AttributeValue::Null(true)),
            pair("text", s("1.50e3")),
            pair("yes", AttributeValue::Bool(true)),
        ]);
        assert_eq!(attribute, stored);
        let attribute: MetadataAttribute = from_attribute_value(stored).unwrap();
        assert_eq!(attribute.into_metadata(), Ok(metadata));
    }

    #[test]
    fn a_key_that_stands_there_twice_is_corrupt() {
        let pair = |value| PairAttribute("key".to_owned(), value);
        let twice = vec![pair(ValueAttribute::Null), pair(ValueAttribute::Boolean(true))];
        assert!(MetadataAttribute(twice).into_metadata().is_err());
    }

    #[test]
    fn no_metadata_is_not_stored_as_an_empty_list() {
        assert!(from_attribute_value::<_, MetadataAttribute>(l([])).is_err());
    }
}
