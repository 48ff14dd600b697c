//! Reading JSON without losing anything.
//!
//! Each value stays the text that the client sent until a reader asks for what it is. So a number
//! keeps its digits and never passes through a float, and what is not read costs nothing. Both
//! dialects read their bodies with this, and differ in how they report what is wrong.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// A value as it was written.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(transparent)]
pub(crate) struct Json<'a>(#[serde(borrow)] &'a RawValue);

/// The members of an object by their names.
pub(crate) type Members<'a> = BTreeMap<String, Member<'a>>;

/// A member of an object.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Member<'a> {
    /// Its value; the last one if the object has several members of the name.
    pub(crate) value: Json<'a>,
    /// Whether the object has several members of the name.
    pub(crate) repeated: bool,
}

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Null,
    Boolean,
    Number,
    String,
    Array,
    Object,
}

impl Kind {
    /// Its name in a sentence.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean => "a boolean",
            Self::Number => "a number",
            Self::String => "a string",
            Self::Array => "an array",
            Self::Object => "an object",
        }
    }
}

impl<'a> Json<'a> {
    /// Reads a text that is one JSON value, to any depth.
    ///
    /// # Errors
    /// If it is not JSON.
    pub(crate) fn parse(text: &'a [u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(text)
    }

    /// The text of the value.
    pub(crate) fn as_written(self) -> &'a str {
        self.0.get()
    }

    /// What the value is.
    pub(crate) fn kind(self) -> Kind {
        match self.as_written().as_bytes().first() {
            Some(b'n') => Kind::Null,
            Some(b't' | b'f') => Kind::Boolean,
            Some(b'"') => Kind::String,
            Some(b'[') => Kind::Array,
            Some(b'{') => Kind::Object,
            Some(_) | None => Kind::Number,
        }
    }

    /// The members of an object. `None` for any other value, and for an object with a name that is
    /// not Unicode, because it has half of a surrogate pair.
    pub(crate) fn members(self) -> Option<Members<'a>> {
        let ObjectMembers(members) = serde_json::from_str(self.as_written()).ok()?;
        Some(members)
    }

    /// The items of an array; `None` for any other value.
    pub(crate) fn items(self) -> Option<Vec<Self>> {
        serde_json::from_str(self.as_written()).ok()
    }

    /// The characters of a string. `None` for any other value, and for a string that is not
    /// Unicode, because it has half of a surrogate pair.
    pub(crate) fn string(self) -> Option<String> {
        serde_json::from_str(self.as_written()).ok()
    }
}

struct ObjectMembers<'a>(Members<'a>);

impl<'de: 'a, 'a> Deserialize<'de> for ObjectMembers<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct MembersVisitor;

        impl<'de> Visitor<'de> for MembersVisitor {
            type Value = ObjectMembers<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Members::new();
                while let Some((name, value)) = map.next_entry::<String, Json<'de>>()? {
                    members
                        .entry(name)
                        .and_modify(|member| *member = Member { value, repeated: true })
                        .or_insert(Member { value, repeated: false });
                }
                Ok(ObjectMembers(members))
            }
        }

        deserializer.deserialize_map(MembersVisitor)
    }
}
