//! Reads the fields of a JSON body and keeps the order in which v1 reports what is wrong: a body
//! that is not JSON or has a value of the wrong type, then unknown fields, then texts with NUL, then
//! missing ones, then values that are not acceptable.

use serde_json::{Map, Value};
use subledger::money::amount::{Amount, AmountError};
use subledger::money::text::TextError;
use uuid::Uuid;

use crate::json::{Json, Kind, Members};

use super::error::ApiError;

/// Reads a body as one JSON object. A `null` body is an object without fields.
///
/// # Errors
/// `0094` if it is not JSON, or not an object.
pub(super) fn parse_object(body: &[u8]) -> Result<Members<'_>, ApiError> {
    if body.is_empty() {
        return Err(ApiError::unreadable_body("it is empty"));
    }
    match serde_json::from_slice(body) {
        Ok(Value::Object(_)) => {}
        Ok(Value::Null) => return Ok(Members::new()),
        Ok(value) => {
            let kind = kind(&value).name();
            return Err(ApiError::unreadable_body(&format!("an object is expected, not {kind}")));
        }
        Err(error) => return Err(ApiError::unreadable_body(&what_is_wrong(body, &error))),
    }
    // It is JSON to its depth, its numbers and its strings; now for its members as they were written.
    let members = Json::parse(body).ok().and_then(Json::members);
    members.ok_or_else(|| ApiError::unreadable_body("it is not JSON"))
}

/// Refuses a body with fields, where the operation reads none.
///
/// # Errors
/// `0094` if it is not JSON or not an object, `0053` with its fields.
pub(crate) fn expect_no_fields(body: &[u8]) -> Result<(), ApiError> {
    if body.is_empty() { Ok(()) } else { Fields::parse(body)?.finish(|| Some(())) }
}

/// What is wrong with a body. A text to which nothing but a limit of the reader objects is JSON.
fn what_is_wrong(body: &[u8], error: &serde_json::Error) -> String {
    let place = format!("at line {} column {}", error.line(), error.column());
    if std::str::from_utf8(body).is_err() {
        return "it is not UTF-8".to_owned();
    }
    match Json::parse(body) {
        Ok(_) => {
            let message = error.to_string();
            let flaw = if message.starts_with("recursion limit") {
                "is nested more than 127 deep"
            } else if message.starts_with("number out of range") {
                "has a number that is out of range"
            } else {
                "has a string with half of a surrogate pair"
            };
            format!("it {flaw}, {place}")
        }
        Err(_) => format!("it is not JSON {place}"),
    }
}

/// A body that is being read: take the known fields, then call [`Fields::finish`].
#[derive(Debug)]
pub struct Fields<'a> {
    /// The prefix of the names of nested fields in messages, such as `settings.`.
    prefix: String,
    /// The fields that were not taken yet.
    rest: Members<'a>,
    violations: Violations,
}

/// What was found so far, by kind, because one kind is reported before another.
#[derive(Debug, Default)]
struct Violations {
    wrong_type: Option<ApiError>,
    unexpected: Map<String, Value>,
    /// Texts with NUL, which no text of an object has.
    nul: Map<String, Value>,
    missing: Map<String, Value>,
    invalid: Map<String, Value>,
    /// A violation with a code of its own.
    special: Option<ApiError>,
}

impl<'a> Fields<'a> {
    /// Begins to read a body.
    ///
    /// # Errors
    /// `0094` if it is not JSON, or not an object.
    pub fn parse(body: &'a [u8]) -> Result<Self, ApiError> {
        parse_object(body).map(Self::of)
    }

    /// Begins to read an object.
    pub(super) fn of(rest: Members<'a>) -> Self {
        Self::below(String::new(), rest)
    }

    /// Begins to read an object whose fields have names with this prefix.
    fn below(prefix: String, rest: Members<'a>) -> Self {
        let mut fields = Self { prefix, rest, violations: Violations::default() };
        let repeated = fields.rest.iter().find(|(_, member)| member.repeated);
        if let Some(name) = repeated.map(|(name, _)| name.clone()) {
            fields.unreadable(&name, "is given more than once");
        }
        fields
    }

    /// Whether the field is there and was not taken yet.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.rest.contains_key(name)
    }

    fn take(&mut self, name: &str) -> Option<Value> {
        self.rest.remove(name).map(|member| parsed(member.value))
    }

    /// Takes a text; `None` if it is absent or null.
    pub fn text(&mut self, name: &str) -> Option<String> {
        let value = self.take(name)?;
        if let Value::String(text) = value {
            self.refuse_nul(name, &text);
            Some(text)
        } else {
            self.wrong_type(name, "a string", kind(&value))
        }
    }

    /// Records that a text of a field has a NUL, if it has one.
    pub(super) fn refuse_nul(&mut self, name: &str, text: &str) {
        if text.contains('\0') {
            let why = format!("{}{name} must not contain NUL", self.prefix);
            self.violations.nul.insert(name.to_owned(), why.into());
        }
    }

    /// Takes a UUID; `None` if it is absent, null, empty, or all zeros, which is what clients send that
    /// know no absent one.
    pub fn uuid(&mut self, name: &str) -> Option<Uuid> {
        let text = self.text(name).filter(|text| !text.is_empty())?;
        let id = Uuid::parse_str(&text).map_err(|_| self.invalid(name, "must be a UUID")).ok();
        id.filter(|id| !id.is_nil())
    }

    /// Takes these fields if each is absent, null or an empty text; `false` and nothing else happens if
    /// one is not.
    pub(super) fn take_if_empty(&mut self, names: &[&str]) -> bool {
        let is_empty = |name: &&str| {
            self.rest.get(*name).is_none_or(|member| {
                member.value.kind() == Kind::Null || member.value.as_written() == "\"\""
            })
        };
        if !names.iter().all(is_empty) {
            return false;
        }
        self.rest.retain(|name, _| !names.contains(&name.as_str()));
        true
    }

    /// Takes a field that null takes away: `Some(None)` for null, `None` if it is absent or `take`
    /// finds nothing in it.
    pub fn removable<T>(
        &mut self,
        name: &str,
        take: impl FnOnce(&mut Self) -> Option<T>,
    ) -> Option<Option<T>> {
        if self.rest.get(name)?.value.kind() == Kind::Null {
            self.rest.remove(name);
            return Some(None);
        }
        take(self).map(Some)
    }

    /// Takes a boolean; `None` if it is absent or null.
    pub fn boolean(&mut self, name: &str) -> Option<bool> {
        let value = self.take(name)?;
        value.as_bool().or_else(|| self.wrong_type(name, "a boolean", kind(&value)))
    }

    /// Takes a whole number; `None` if it is absent or null.
    pub fn integer(&mut self, name: &str) -> Option<i64> {
        let value = self.take(name)?;
        value.as_i64().or_else(|| self.wrong_type(name, "a whole number", kind(&value)))
    }

    /// Takes a decimal, which is sent as a string; `None` if it is absent, null or the number zero.
    /// Another number is refused as a field of another kind: a JSON number loses digits.
    pub fn decimal(&mut self, name: &str) -> Option<Amount> {
        let value = self.take(name)?;
        if value.is_number() {
            if value.as_i64() != Some(0) {
                self.refuse(name, value);
            }
            return None;
        }
        let Some(text) = value.as_str() else {
            return self.wrong_type(name, "a decimal in a string", kind(&value));
        };
        match Amount::parse(text) {
            Ok(amount) => Some(amount),
            Err(AmountError::NotADecimal) => {
                self.unreadable(name, "has to be a decimal in a string, such as \"12.50\"");
                None
            }
            Err(AmountError::OutOfRange) => {
                self.invalid(name, "has at most 64 digits before the point and 64 after it");
                None
            }
        }
    }

    /// Takes an array of objects and reads the fields of each; `None` if it is absent or null.
    pub fn objects<T>(
        &mut self,
        name: &str,
        mut read: impl FnMut(&mut Self) -> T,
    ) -> Option<Vec<T>> {
        let value = self.rest.remove(name)?.value;
        let Some(items) = value.items() else {
            return self.wrong_type(name, "an array", value.kind());
        };
        let mut values = Vec::with_capacity(items.len());
        for (place, item) in items.into_iter().enumerate() {
            let name = format!("{name}[{place}]");
            match item.members() {
                Some(object) => values.push(self.nested(&name, object, &mut read)),
                None => return self.wrong_type(&name, "an object", item.kind()),
            }
        }
        Some(values)
    }

    /// Takes an object and reads its fields; `None` if it is absent or null.
    pub fn object<T>(&mut self, name: &str, read: impl FnOnce(&mut Self) -> T) -> Option<T> {
        let object = self.members(name)?;
        Some(self.nested(name, object, read))
    }

    /// Reads the fields of an object inside this one.
    fn nested<T>(
        &mut self,
        name: &str,
        object: Members<'a>,
        read: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let mut nested = Self::below(format!("{}{name}.", self.prefix), object);
        let value = read(&mut nested);
        let unexpected = nested.unexpected();
        let found = nested.violations;
        if !unexpected.is_empty() {
            self.violations.unexpected.insert(name.to_owned(), Value::Object(unexpected));
        }
        self.violations.wrong_type = self.violations.wrong_type.take().or(found.wrong_type);
        self.violations.special = self.violations.special.take().or(found.special);
        self.violations.nul.extend(found.nul);
        self.violations.missing.extend(found.missing);
        self.violations.invalid.extend(found.invalid);
        value
    }

    /// Takes the members of an object; `None` if it is absent or null.
    pub(super) fn members(&mut self, name: &str) -> Option<Members<'a>> {
        let value = self.rest.remove(name)?.value;
        let members =
            value.members().or_else(|| self.wrong_type(name, "an object", value.kind()))?;
        if let Some((key, _)) = members.iter().find(|(_, member)| member.repeated) {
            self.unreadable(&format!("{name}.{key}"), "is given more than once");
        }
        Some(members)
    }

    /// Takes a text and parses it; `None` if it is absent or null.
    pub fn parsed<T>(
        &mut self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, TextError>,
    ) -> Option<T> {
        let text = self.text(name)?;
        parse(&text).map_err(|error| self.invalid(name, &describe(error))).ok()
    }

    /// Takes a text of a change and parses it; `None` if it is absent, null or empty.
    pub fn changed<T>(
        &mut self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, TextError>,
    ) -> Option<T> {
        let text = self.text(name).filter(|text| !text.is_empty())?;
        parse(&text).map_err(|error| self.invalid(name, &describe(error))).ok()
    }

    /// Takes a text that has to be there, and not empty.
    pub fn required<T>(
        &mut self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, TextError>,
    ) -> Option<T> {
        match self.text(name) {
            Some(text) if !text.is_empty() => {
                parse(&text).map_err(|error| self.invalid(name, &describe(error))).ok()
            }
            Some(_) | None => {
                self.missing(name);
                None
            }
        }
    }

    /// Records that a required field is missing.
    pub fn missing(&mut self, name: &str) {
        let text = format!("{}{name} is required", self.prefix);
        self.violations.missing.insert(name.to_owned(), text.into());
    }

    /// Records that a field has an unexpected value.
    pub fn refuse(&mut self, name: &str, value: Value) {
        self.violations.unexpected.insert(name.to_owned(), value);
    }

    /// Records that the value of a field is not acceptable.
    pub fn invalid(&mut self, name: &str, why: &str) {
        let text = format!("{}{name} {why}", self.prefix);
        self.violations.invalid.insert(name.to_owned(), text.into());
    }

    /// Records an error with a code of its own. The first one counts.
    pub fn special(&mut self, error: ApiError) {
        self.violations.special.get_or_insert(error);
    }

    /// Ends the reading: `value` makes the result of what was read, if nothing was wrong.
    ///
    /// # Errors
    /// The first kind of violation that was found: `0094`, `0053`, `0047` for NUL, one with a code of
    /// its own, `0009`, `0047`.
    pub fn finish<T>(mut self, value: impl FnOnce() -> Option<T>) -> Result<T, ApiError> {
        let unexpected = self.unexpected();
        let found = self.violations;
        if let Some(error) = found.wrong_type {
            return Err(error);
        }
        if !unexpected.is_empty() {
            return Err(ApiError::unexpected_fields(unexpected));
        }
        if !found.nul.is_empty() {
            return Err(ApiError::invalid_fields(found.nul));
        }
        if let Some(error) = found.special {
            return Err(error);
        }
        if !found.missing.is_empty() {
            return Err(ApiError::missing_fields(found.missing));
        }
        if !found.invalid.is_empty() {
            return Err(ApiError::invalid_fields(found.invalid));
        }
        value().ok_or_else(|| ApiError::unreadable_body("it is not complete"))
    }

    /// The fields that were not taken, except those that are null or the number zero.
    fn unexpected(&mut self) -> Map<String, Value> {
        let rest = std::mem::take(&mut self.rest).into_iter();
        let rest = rest.map(|(name, member)| (name, parsed(member.value)));
        let says_something = |value: &Value| !value.is_null() && value.as_i64() != Some(0);
        let mut unexpected = std::mem::take(&mut self.violations.unexpected);
        unexpected.extend(rest.filter(|(_, value)| says_something(value)));
        unexpected
    }

    /// Returns `None` and records that the field has the wrong type, unless it is null, which
    /// counts as absent.
    fn wrong_type<T>(&mut self, name: &str, expected: &str, found: Kind) -> Option<T> {
        if found == Kind::Null {
            return None;
        }
        self.unreadable(name, &format!("has to be {expected}, not {}", found.name()));
        None
    }

    /// Records that a field cannot be read.
    fn unreadable(&mut self, name: &str, why: &str) {
        let what = format!("{}{name} {why}", self.prefix);
        self.violations.wrong_type.get_or_insert_with(|| ApiError::unreadable_body(&what));
    }
}

/// A member as a value.
#[expect(clippy::expect_used, reason = "what is nested too deeply was refused with the body")]
pub(super) fn parsed(value: Json<'_>) -> Value {
    serde_json::from_str(value.as_written()).expect("a part of a JSON document is JSON")
}

/// What is wrong with a text, to stand behind the name of its field.
fn describe(error: TextError) -> String {
    match error {
        TextError::Empty => "must not be empty".to_owned(),
        TextError::TooLong { characters_max } => {
            format!("must have at most {characters_max} characters")
        }
        TextError::ForbiddenCharacter => "contains a character that is not allowed".to_owned(),
        TextError::Reserved => "contains a name that is reserved".to_owned(),
        TextError::FormOfId => "must not have the form of an id".to_owned(),
        TextError::Blank => "must not be only spaces".to_owned(),
        TextError::InvisibleCharacter { character } => {
            let code = u32::from(character);
            format!("contains the character U+{code:04X}, which cannot be seen")
        }
    }
}

const fn kind(value: &Value) -> Kind {
    match value {
        Value::Null => Kind::Null,
        Value::Bool(_) => Kind::Boolean,
        Value::Number(_) => Kind::Number,
        Value::String(_) => Kind::String,
        Value::Array(_) => Kind::Array,
        Value::Object(_) => Kind::Object,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads `{key, flag, nested: {inner}}` and checks the code and the fields of the error.
    #[track_caller]
    fn check(body: &str, code: &str, fields: &str) {
        let outcome = Fields::parse(body.as_bytes()).and_then(|mut body| {
            let key = body.required("key", |text| match text.len() {
                0..=3 => Ok(text.to_owned()),
                _ => Err(TextError::TooLong { characters_max: 3 }),
            });
            body.boolean("flag");
            body.object("nested", |nested| nested.text("inner"));
            body.finish(|| key)
        });
        let error = outcome.unwrap_err();
        assert_eq!(error.code(), code, "{body}");
        let body: Value = serde_json::from_str(error.reply().body()).unwrap();
        assert_eq!(body.get("fields").map_or(String::new(), Value::to_string), fields);
    }

    #[test]
    fn a_body_that_is_not_an_object_is_unreadable() {
        for body in
            ["", "{", "[]", "1", "\"x\"", "true", "{\"key\":1}", "{\"key\":\"a\",\"flag\":\"yes\"}"]
        {
            check(body, "0094", "");
        }
        check("{\"nested\":[]}", "0094", "");
        check("{\"nested\":{\"inner\":5}}", "0094", "");
    }

    #[test]
    fn an_unknown_field_is_reported_with_its_value_before_a_missing_one() {
        check("{\"foo\":1}", "0053", "{\"foo\":1}");
        check("{\"Key\":\"a\"}", "0053", "{\"Key\":\"a\"}");
        check("{\"key\":\"a\",\"nested\":{\"foo\":[]}}", "0053", "{\"nested\":{\"foo\":[]}}");
    }

    #[test]
    fn zero_and_null_in_an_unknown_field_say_nothing() {
        check("{\"foo\":0,\"bar\":null}", "0009", "{\"key\":\"key is required\"}");
    }

    #[test]
    fn a_missing_field_is_reported_before_an_unacceptable_one() {
        check("null", "0009", "{\"key\":\"key is required\"}");
        check("{\"key\":\"\"}", "0009", "{\"key\":\"key is required\"}");
        check("{\"key\":null}", "0009", "{\"key\":\"key is required\"}");
        check("{\"key\":\"abcd\"}", "0047", "{\"key\":\"key must have at most 3 characters\"}");
    }
}
