//! What clients keep beside an object, as a map attribute.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use subledger::metadata::{METADATA_VALUE_CHARACTERS_MAX, Metadata, MetadataValue};
use subledger::text::Text;

use crate::stored_text::AsText;

type Value = AsText<Text<METADATA_VALUE_CHARACTERS_MAX>>;

/// Entries by key; an item without the attribute has none.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct MetadataAttribute(BTreeMap<String, ValueAttribute>);

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
        let entries = self.0.into_iter().map(|(key, value)| {
            let value = match value {
                ValueAttribute::Text(AsText(text)) => MetadataValue::Text(text),
                ValueAttribute::Number { number: AsText(number) } => MetadataValue::Number(number),
                ValueAttribute::Boolean(boolean) => MetadataValue::Boolean(boolean),
                ValueAttribute::Null => MetadataValue::Null,
            };
            (key, value)
        });
        Metadata::new(entries.collect()).map_err(|_| "metadata is out of bounds".to_owned())
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
    use super::*;
    use crate::keys::Attributes;

    #[test]
    fn every_kind_of_value_is_read_as_it_was_written() {
        let text = |text| Text::parse(text).unwrap();
        let metadata = Metadata::new(BTreeMap::from([
            ("blank".to_owned(), MetadataValue::Text(text(""))),
            ("digits".to_owned(), MetadataValue::Number(text("1.50e3"))),
            ("nothing".to_owned(), MetadataValue::Null),
            ("text".to_owned(), MetadataValue::Text(text("1.50e3"))),
            ("yes".to_owned(), MetadataValue::Boolean(true)),
        ]));
        let metadata = metadata.unwrap();
        let item: Attributes = serde_dynamo::to_item(MetadataAttribute::from(&metadata)).unwrap();
        let stored: MetadataAttribute = serde_dynamo::from_item(item).unwrap();
        assert_eq!(stored.into_metadata(), Ok(metadata));
    }
}
