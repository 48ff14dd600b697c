//! Metadata: flat, and with the digits that the client wrote.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;
use subledger::metadata::{
    METADATA_ENTRIES_MAX, METADATA_KEY_CHARACTERS_MAX, METADATA_VALUE_CHARACTERS_MAX, Metadata,
    MetadataError, MetadataValue,
};
use subledger::money::text::Text;

use crate::json::Json;

use super::error::ApiError;
use super::fields::{Fields, parsed};

/// Takes the field `metadata` of an object.
pub fn take(fields: &mut Fields) -> Option<Metadata> {
    let Some(sent) = fields.members("metadata") else {
        return Some(Metadata::default());
    };
    for (key, member) in &sent {
        fields.refuse_nul("metadata", key);
        let text = member.value.string();
        text.iter().for_each(|text| fields.refuse_nul("metadata", text));
    }
    let entries: Result<BTreeMap<String, MetadataValue>, ApiError> = sent
        .into_iter()
        .map(|(key, member)| value_of(&key, member.value).map(|value| (key, value)))
        .collect();
    entries
        .and_then(|entries| Metadata::new(entries).map_err(error_of))
        .map_err(|error| fields.special(error))
        .ok()
}

fn value_of(key: &str, sent: Json<'_>) -> Result<MetadataValue, ApiError> {
    let too_long = |_| ApiError::metadata_value(key, METADATA_VALUE_CHARACTERS_MAX);
    match parsed(sent) {
        Value::Null => Ok(MetadataValue::Null),
        Value::Bool(value) => Ok(MetadataValue::Boolean(value)),
        Value::Number(_) => {
            Text::parse(sent.as_written()).map(MetadataValue::Number).map_err(too_long)
        }
        Value::String(text) => Text::parse(&text).map(MetadataValue::Text).map_err(too_long),
        Value::Array(_) | Value::Object(_) => Err(ApiError::metadata_nesting(key)),
    }
}

fn error_of(error: MetadataError) -> ApiError {
    match error {
        MetadataError::TooManyEntries => ApiError::metadata_entries(METADATA_ENTRIES_MAX),
        MetadataError::Key { key, .. } => ApiError::metadata_key(&key, METADATA_KEY_CHARACTERS_MAX),
    }
}

/// Metadata as it stands in an answer; `None` if there is none.
pub(super) fn body(metadata: &Metadata) -> Option<BTreeMap<&str, MetadataBody<'_>>> {
    let entry = |(key, value)| (key, MetadataBody::of(value));
    (!metadata.is_empty()).then(|| metadata.iter().map(entry).collect())
}

/// One value.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum MetadataBody<'a> {
    Text(&'a str),
    Number(Box<RawValue>),
    Boolean(bool),
    Null,
}

impl<'a> MetadataBody<'a> {
    fn of(value: &'a MetadataValue) -> Self {
        match value {
            MetadataValue::Text(text) => Self::Text(text.as_str()),
            // A stored number is always valid JSON.
            MetadataValue::Number(number) => RawValue::from_string(number.as_str().to_owned())
                .map_or(Self::Text(number.as_str()), Self::Number),
            MetadataValue::Boolean(value) => Self::Boolean(*value),
            MetadataValue::Null => Self::Null,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The metadata of a body as it is answered, or the code of the error.
    #[track_caller]
    fn check(metadata: &str, answer: &str) {
        let body = format!("{{\"metadata\":{metadata}}}");
        let mut fields = Fields::parse(body.as_bytes()).unwrap();
        let metadata = take(&mut fields);
        let answered = match fields.finish(|| metadata) {
            Ok(metadata) => serde_json::to_string(&super::body(&metadata)).unwrap(),
            Err(error) => error.code().to_owned(),
        };
        assert_eq!(answered, answer);
    }

    #[test]
    fn metadata_comes_back_as_it_was_sent() {
        check("{}", "null");
        check("null", "null");
        check(
            "{\"b\":true,\"a\":\"x\",\"n\":null,\"d\":12345678901234567890.12345678901234567890}",
            "{\"a\":\"x\",\"b\":true,\"d\":12345678901234567890.12345678901234567890,\"n\":null}",
        );
    }

    #[test]
    fn metadata_is_flat_and_bounded() {
        check("{\"a\":{}}", "0067");
        check("{\"a\":[1]}", "0067");
        check("[]", "0094");
        check(&format!("{{\"{}\":1}}", "k".repeat(101)), "0050");
        check(&format!("{{\"a\":\"{}\"}}", "v".repeat(2_001)), "0051");
        check("{\"a\":\"\\u0000\"}", "0047");
        check("{\"\\u0000\":1}", "0047");
        let entries: Vec<String> = (0..101).map(|n| format!("\"k{n}\":1")).collect();
        check(&format!("{{{}}}", entries.join(",")), "0145");
    }
}
