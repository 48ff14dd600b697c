//! What clients keep beside an object, as an attribute.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use subledger::metadata::{METADATA_VALUE_CHARACTERS_MAX, Metadata, MetadataValue};
use subledger::text::Text;

use crate::attribute::{AsList, AsText};

/// Keys and values, a list of pairs: a DynamoDB map has no place for the empty key. An item without
/// the attribute has none.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct MetadataAttribute(AsList<Vec<AsList<PairAttribute>>>);

type PairAttribute = (AsText<String>, ValueAttribute);

#[derive(Debug, Serialize, Deserialize)]
enum ValueAttribute {
    #[serde(rename = "S")]
    Text(String),
    #[serde(rename = "BOOL")]
    Boolean(bool),
    /// Not a DynamoDB number: that would lose how the client spelled it.
    #[serde(rename = "M")]
    Number { number: AsText<Text<METADATA_VALUE_CHARACTERS_MAX>> },
    /// True.
    #[serde(rename = "NULL")]
    Null(bool),
}

impl MetadataAttribute {
    /// Whether the attribute may be left out.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The metadata, or what is wrong with the stored one.
    pub(crate) fn into_metadata(self) -> Result<Metadata, String> {
        let Self(AsList(pairs)) = self;
        let count = pairs.len();
        let entries: Result<BTreeMap<String, MetadataValue>, String> = pairs
            .into_iter()
            .map(|AsList((AsText(key), value))| Ok((key, value.into_value()?)))
            .collect();
        let entries = entries?;
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
            Self::Number { number: AsText(number) } => MetadataValue::Number(number),
            Self::Boolean(boolean) => MetadataValue::Boolean(boolean),
            Self::Null(true) => MetadataValue::Null,
            Self::Null(false) => return Err("a null is false".to_owned()),
        })
    }
}

impl From<&Metadata> for MetadataAttribute {
    fn from(metadata: &Metadata) -> Self {
        let pairs = metadata.iter().map(|(key, value)| {
            let value = match value {
                MetadataValue::Text(text) => ValueAttribute::Text(text.as_str().to_owned()),
                MetadataValue::Number(number) => {
                    ValueAttribute::Number { number: AsText(number.clone()) }
                }
                MetadataValue::Boolean(boolean) => ValueAttribute::Boolean(*boolean),
                MetadataValue::Null => ValueAttribute::Null(true),
            };
            AsList((AsText(key.to_owned()), value))
        });
        Self(pairs.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let attribute = serde_json::to_string(&MetadataAttribute::from(&metadata)).unwrap();
        let stored: MetadataAttribute = serde_json::from_str(&attribute).unwrap();
        assert_eq!(stored.into_metadata(), Ok(metadata));
    }

    #[test]
    fn a_key_that_stands_there_twice_is_corrupt() {
        let pair = |value| AsList((AsText("key".to_owned()), value));
        let twice = [pair(ValueAttribute::Null(true)), pair(ValueAttribute::Boolean(true))];
        assert!(MetadataAttribute(twice.into_iter().collect()).into_metadata().is_err());
    }
}
