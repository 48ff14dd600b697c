//! What clients keep beside an object, as an attribute.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use subledger::metadata::{METADATA_VALUE_CHARACTERS_MAX, Metadata, MetadataValue};
use subledger::text::Text;

use crate::stored_text::AsText;

type Value = AsText<Text<METADATA_VALUE_CHARACTERS_MAX>>;

/// The name that the attribute has in every row.
pub(crate) const METADATA: &str = "metadata";

/// Keys and values, a list of pairs: a DynamoDB map has no place for the empty key. An item without
/// the attribute has none.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct MetadataAttribute(Vec<(String, ValueAttribute)>);

#[derive(Debug, Serialize, Deserialize)]
#[serde(untagged)]
enum ValueAttribute {
    Text(Value),
    Boolean(bool),
    /// Not a DynamoDB number: that would lose how the client spelled it.
    Number {
        number: Value,
    },
    Null,
}

impl MetadataAttribute {
    /// Whether the attribute may be left out.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The metadata, or what is wrong with the stored one.
    pub(crate) fn into_metadata(self) -> Result<Metadata, String> {
        let pairs = self.0.len();
        let entries = self.0.into_iter().map(|(key, value)| {
            let value = match value {
                ValueAttribute::Text(AsText(text)) => MetadataValue::Text(text),
                ValueAttribute::Number { number: AsText(number) } => MetadataValue::Number(number),
                ValueAttribute::Boolean(boolean) => MetadataValue::Boolean(boolean),
                ValueAttribute::Null => MetadataValue::Null,
            };
            (key, value)
        });
        let entries: BTreeMap<String, MetadataValue> = entries.collect();
        if entries.len() != pairs {
            return Err("metadata has a key twice".to_owned());
        }
        Metadata::new(entries).map_err(|_| "metadata is out of bounds".to_owned())
    }
}

impl From<&Metadata> for MetadataAttribute {
    fn from(metadata: &Metadata) -> Self {
        let entries = metadata.iter().map(|(key, value)| {
            let value = match value {
                MetadataValue::Text(text) => ValueAttribute::Text(AsText(text.clone())),
                MetadataValue::Number(number) => {
                    ValueAttribute::Number { number: AsText(number.clone()) }
                }
                MetadataValue::Boolean(boolean) => ValueAttribute::Boolean(*boolean),
                MetadataValue::Null => ValueAttribute::Null,
            };
            (key.to_owned(), value)
        });
        Self(entries.collect())
    }
}

#[cfg(test)]
mod tests {
    use serde_dynamo::AttributeValue;

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
        let attribute: AttributeValue =
            serde_dynamo::to_attribute_value(MetadataAttribute::from(&metadata)).unwrap();
        let stored: MetadataAttribute = serde_dynamo::from_attribute_value(attribute).unwrap();
        assert_eq!(stored.into_metadata(), Ok(metadata));
    }

    #[test]
    fn a_key_that_stands_there_twice_is_corrupt() {
        let pair = ("key".to_owned(), ValueAttribute::Null);
        let again = ("key".to_owned(), ValueAttribute::Boolean(true));
        assert!(MetadataAttribute(vec![pair, again]).into_metadata().is_err());
    }
}
