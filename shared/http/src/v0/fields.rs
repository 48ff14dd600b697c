//! Reads JSON, and collects everything that is wrong with it.
//!
//! A reader that does not find what it needs records why and returns `None`, and the other readers
//! go on. So a client is told all its mistakes at once.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeMap;

use subledger::metadata::{
    METADATA_ENTRIES_MAX, METADATA_KEY_CHARACTERS_MAX, Metadata, MetadataError, MetadataValue,
};
use subledger::money::calendar_date::CalendarDate;
use subledger::money::text::{Text, TextError};
use subledger::money::timestamp::Timestamp;

use crate::json::{Json, Kind, Member, Members};
use crate::moment::parse_rfc_3339;

use super::error::{ApiError, InvalidParameter};

/// The name of the body as a whole in an answer.
const BODY: &str = "body";

/// Reads a body with `read`, which records what is wrong and returns `None` if anything is.
///
/// # Errors
/// [`ApiError::PayloadInvalid`] if the body is not JSON, else [`ApiError::ParametersInvalid`] with
/// everything that is wrong.
pub(super) fn read_body<T>(
    body: &[u8],
    read: impl FnOnce(&Object<'_>) -> Option<T>,
) -> Result<T, ApiError> {
    let value = Json::parse(body).map_err(|_| ApiError::PayloadInvalid)?;
    let violations = Violations::default();
    let node = Node { path: String::new(), value, violations: &violations };
    let value = node.object().and_then(|object| read(&object));
    let listed = violations.0.into_inner();
    value.filter(|_| listed.is_empty()).ok_or(ApiError::ParametersInvalid(listed))
}

/// Everything that was found wrong so far.
#[derive(Debug, Default)]
struct Violations(RefCell<Vec<InvalidParameter>>);

impl Violations {
    fn add(&self, path: &str, reason: impl Into<Cow<'static, str>>) {
        let parameter = if path.is_empty() { BODY } else { path };
        self.0.borrow_mut().push(InvalidParameter::new(parameter, reason));
    }
}

/// A value with its path.
#[derive(Debug)]
pub(super) struct Node<'a> {
    path: String,
    value: Json<'a>,
    violations: &'a Violations,
}

/// The fields of an object with its path.
#[derive(Debug)]
pub(super) struct Object<'a> {
    path: String,
    fields: Members<'a>,
    violations: &'a Violations,
}

impl<'a> Object<'a> {
    /// Reads a field that has to be there.
    pub(super) fn required<T>(
        &self,
        name: &str,
        read: impl FnOnce(&Node<'a>) -> Option<T>,
    ) -> Option<T> {
        match self.optional(name, read)? {
            Some(value) => Some(value),
            None => self.refuse(name, "missing"),
        }
    }

    /// Reads a field that may be absent: `Some(None)` if it is, `None` if it is there and wrong.
    #[expect(clippy::option_option, reason = "absent is not wrong")]
    pub(super) fn optional<T>(
        &self,
        name: &str,
        read: impl FnOnce(&Node<'a>) -> Option<T>,
    ) -> Option<Option<T>> {
        let Some(Member { value, repeated }) = self.fields.get(name).copied() else {
            return Some(None);
        };
        if repeated {
            return self.refuse(name, "must not be given twice");
        }
        let path = self.path_of(name);
        read(&Node { path, value, violations: self.violations }).map(Some)
    }

    /// Records what is wrong with a field.
    pub(super) fn refuse<T>(&self, name: &str, reason: impl Into<Cow<'static, str>>) -> Option<T> {
        self.violations.add(&self.path_of(name), reason);
        None
    }

    fn path_of(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }
}

impl<'a> Node<'a> {
    /// Records what is wrong with the value.
    pub(super) fn refuse<T>(&self, reason: impl Into<Cow<'static, str>>) -> Option<T> {
        self.violations.add(&self.path, reason);
        None
    }

    /// Records what is wrong with an item of the array.
    pub(super) fn refuse_item<T>(
        &self,
        index: usize,
        reason: impl Into<Cow<'static, str>>,
    ) -> Option<T> {
        self.violations.add(&self.path_of(index), reason);
        None
    }

    fn path_of(&self, index: usize) -> String {
        format!("{}[{index}]", self.path)
    }

    /// The value is of another type than the reader asks for.
    fn refuse_type<T>(&self, wanted: &'static str) -> Option<T> {
        self.refuse(if self.is_null() { "must not be null" } else { wanted })
    }

    pub(super) fn is_null(&self) -> bool {
        self.value.kind() == Kind::Null
    }

    pub(super) fn is_string(&self) -> bool {
        self.value.kind() == Kind::String
    }

    /// The fields of an object.
    pub(super) fn object(&self) -> Option<Object<'a>> {
        if self.value.kind() != Kind::Object {
            return self.refuse_type("must be an object");
        }
        match self.value.members() {
            Some(fields) => {
                Some(Object { path: self.path.clone(), fields, violations: self.violations })
            }
            None => self.refuse("must have names of Unicode characters"),
        }
    }

    /// The items of an array that has at most so many.
    pub(super) fn array(&self, items_max: usize) -> Option<Vec<Self>> {
        let Some(items) = self.value.items() else {
            return self.refuse_type("must be an array");
        };
        if items.len() > items_max {
            return self.refuse(format!("must have at most {items_max} items"));
        }
        let node =
            |(index, value)| Self { path: self.path_of(index), value, violations: self.violations };
        Some(items.into_iter().enumerate().map(node).collect())
    }

    /// The items of an array, each read with `read`; all of them are read, whatever is wrong.
    pub(super) fn items<T>(
        &self,
        items_max: usize,
        read: impl Fn(&Self) -> Option<T>,
    ) -> Option<Vec<T>> {
        let items: Vec<Option<T>> = self.array(items_max)?.iter().map(read).collect();
        items.into_iter().collect()
    }

    /// The characters of a string.
    pub(super) fn string(&self) -> Option<String> {
        if !self.is_string() {
            return self.refuse_type("must be a string");
        }
        self.value.string().or_else(|| self.refuse("must consist of Unicode characters"))
    }

    /// A string that is what `parse` takes.
    pub(super) fn parsed<T>(
        &self,
        parse: impl FnOnce(&str) -> Option<T>,
        reason: impl Into<Cow<'static, str>>,
    ) -> Option<T> {
        parse(&self.string()?).or_else(|| self.refuse(reason))
    }

    /// A bounded text.
    pub(super) fn text<const MAX: usize>(&self) -> Option<Text<MAX>> {
        Text::parse(&self.string()?).map_or_else(|error| self.refuse(text_reason(error)), Some)
    }

    /// One of several names.
    pub(super) fn named<T>(
        &self,
        names: &[&str],
        from_name: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        from_name(&self.string()?)
            .or_else(|| self.refuse(format!("must be one of {}", names.join(", "))))
    }

    /// True or false.
    pub(super) fn boolean(&self) -> Option<bool> {
        match self.value.as_written() {
            "true" => Some(true),
            "false" => Some(false),
            _ => self.refuse_type("must be true or false"),
        }
    }

    /// A whole number that fits in 64 bits, written as digits.
    pub(super) fn integer(&self) -> Option<i64> {
        let text = self.value.as_written();
        if !text.starts_with(|first: char| first == '-' || first.is_ascii_digit()) {
            return self.refuse_type("must be an integer");
        }
        if text.contains(['.', 'e', 'E']) {
            return self.refuse("must be an integer, without a point or an exponent");
        }
        text.parse().map_or_else(|_| self.refuse("must fit in 64 bits"), Some)
    }

    /// A whole number that is what `parse` takes.
    pub(super) fn small_integer<T>(
        &self,
        parse: impl FnOnce(u16) -> Option<T>,
        reason: impl Into<Cow<'static, str>>,
    ) -> Option<T> {
        let number = u16::try_from(self.integer()?).ok();
        number.and_then(parse).or_else(|| self.refuse(reason))
    }

    /// A day of the calendar.
    pub(super) fn date(&self) -> Option<CalendarDate> {
        self.parsed(CalendarDate::parse, "must be a date such as 2026-07-17")
    }

    /// A moment with an offset from UTC; what is finer than a microsecond is cut off.
    pub(super) fn moment(&self) -> Option<Timestamp> {
        self.parsed(parse_rfc_3339, "must be a moment such as 2026-07-17T18:42:53Z")
    }

    /// Texts by key.
    pub(super) fn metadata(&self) -> Option<Metadata> {
        let Object { fields, .. } = self.object()?;
        // Number and keys first: a path holds only keys that are short enough to be shown.
        let keys = fields.keys().map(|key| (key.clone(), MetadataValue::Null)).collect();
        if let Err(error) = Metadata::new(keys) {
            return self.refuse(match error {
                MetadataError::TooManyEntries => {
                    format!("must have at most {METADATA_ENTRIES_MAX} entries")
                }
                MetadataError::Key { .. } => format!(
                    "must have keys of at most {METADATA_KEY_CHARACTERS_MAX} characters without NUL"
                ),
            });
        }
        let mut entries = BTreeMap::new();
        let mut complete = true;
        for (key, Member { value, repeated }) in fields {
            let path = format!("{}.{key}", self.path);
            let node = Self { path, value, violations: self.violations };
            let value = if repeated { node.refuse("must not be given twice") } else { node.text() };
            match value {
                Some(text) => drop(entries.insert(key, MetadataValue::Text(text))),
                None => complete = false,
            }
        }
        Metadata::new(entries).ok().filter(|_| complete)
    }
}

/// What is wrong with a text, said to a client.
pub(super) fn text_reason(error: TextError) -> Cow<'static, str> {
    match error {
        TextError::Empty => "must not be empty".into(),
        TextError::TooLong { characters_max } => {
            format!("must have at most {characters_max} characters").into()
        }
        TextError::ForbiddenCharacter => "must not contain NUL".into(),
        TextError::Reserved => "is reserved".into(),
        TextError::FormOfId => "must not have the form of an id".into(),
        TextError::Blank => "must not be only spaces".into(),
        TextError::InvisibleCharacter { character } => {
            let code = u32::from(character);
            format!("contains the character U+{code:04X}, which cannot be seen").into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads `{"x": <json>}` and compares what is read, or the reason why not.
    #[track_caller]
    fn check<T: PartialEq + std::fmt::Debug>(
        json: &str,
        read: impl FnOnce(&Node<'_>) -> Option<T>,
        expected: Result<T, &str>,
    ) {
        let result =
            read_body(format!("{{\"x\":{json}}}").as_bytes(), |body| body.required("x", read));
        match (&result, &expected) {
            (Ok(value), Ok(expected)) => assert_eq!(value, expected),
            (Err(error), Err(reason)) => {
                let listed = error.invalid_parameters();
                assert_eq!((listed[0].reason(), listed.len()), (*reason, 1), "{json}");
            }
            _ => panic!("{json} is {result:?}, not {expected:?}"),
        }
    }

    #[test]
    fn an_integer_is_digits_that_fit_in_64_bits() {
        let fraction = Err("must be an integer, without a point or an exponent");
        check("0", |x| x.integer(), Ok(0));
        check("-0", |x| x.integer(), Ok(0));
        check(" 10 ", |x| x.integer(), Ok(10));
        check("-25", |x| x.integer(), Ok(-25));
        check("9223372036854775807", |x| x.integer(), Ok(9_223_372_036_854_775_807));
        check("-9223372036854775808", |x| x.integer(), Ok(-9_223_372_036_854_775_808));
        check("9223372036854775808", |x| x.integer(), Err("must fit in 64 bits"));
        check("100000000000000000000000000000", |x| x.integer(), Err("must fit in 64 bits"));
        check("10.0", |x| x.integer(), fraction);
        check("1e3", |x| x.integer(), fraction);
        check("1E400", |x| x.integer(), fraction);
        check("\"10\"", |x| x.integer(), Err("must be an integer"));
        check("true", |x| x.integer(), Err("must be an integer"));
        check("null", |x| x.integer(), Err("must not be null"));
    }

    #[test]
    fn a_string_is_never_made_of_something_else() {
        let string = |json, expected: Result<&str, _>| {
            check(json, |x| x.string(), expected.map(ToOwned::to_owned));
        };
        string("\"\"", Ok(""));
        string("\"a\\u00e9\\n\"", Ok("aé\n"));
        string("\"\\ud83d\\ude00\"", Ok("😀"));
        string("\"\\ud83d\"", Err("must consist of Unicode characters"));
        string("12345", Err("must be a string"));
        string("true", Err("must be a string"));
        string("{}", Err("must be a string"));
        string("null", Err("must not be null"));
    }

    #[test]
    fn a_text_is_bounded_in_characters_and_has_no_nul() {
        let text = |json: &str, expected: Result<&str, _>| {
            check(json, |x| x.text::<3>(), expected.map(|text| Text::parse(text).unwrap()));
        };
        text("\"äöü\"", Ok("äöü"));
        text("\"abcd\"", Err("must have at most 3 characters"));
        text("\"a\\u0000\"", Err("must not contain NUL"));
    }

    #[test]
    fn a_boolean_is_true_or_false() {
        check("true", |x| x.boolean(), Ok(true));
        check("false", |x| x.boolean(), Ok(false));
        check("\"true\"", |x| x.boolean(), Err("must be true or false"));
        check("1", |x| x.boolean(), Err("must be true or false"));
        check("null", |x| x.boolean(), Err("must not be null"));
    }

    #[test]
    fn a_moment_has_an_offset_and_is_kept_in_utc() {
        let moment = |json: &str, expected: Result<&str, _>| {
            check(json, |node| node.moment().map(|at| at.to_string()), expected.map(String::from));
        };
        let no_moment = Err("must be a moment such as 2026-07-17T18:42:53Z");
        moment("\"2025-11-15T09:00:00Z\"", Ok("2025-11-15T09:00:00Z"));
        moment("\"2025-11-15T09:00:00.1234567-05:00\"", Ok("2025-11-15T14:00:00.123456Z"));
        moment("\"2025-11-15T09:00:00\"", no_moment);
        moment("\"2025-11-15\"", no_moment);
        moment("\"0000-12-31T23:59:59Z\"", no_moment);
        moment("\"9999-12-31T23:59:59-01:00\"", no_moment);
        moment("\"\"", no_moment);
    }

    #[test]
    fn metadata_is_texts_by_key() {
        type Pairs<'a> = &'a [(&'a str, &'a str)];

        #[track_caller]
        fn check(json: &str, expected: Result<Pairs<'_>, Pairs<'_>>) {
            let body = format!("{{\"metadata\":{json}}}");
            let result =
                read_body(body.as_bytes(), |body| body.required("metadata", Node::metadata));
            match result {
                Ok(metadata) => {
                    let entries = super::super::metadata(&metadata);
                    let entries: Vec<_> = entries.into_iter().collect();
                    assert_eq!(Ok(entries.as_slice()), expected);
                }
                Err(error) => {
                    let listed = error.invalid_parameters();
                    let listed: Vec<_> =
                        listed.iter().map(|one| (one.parameter(), one.reason())).collect();
                    assert_eq!(Err(listed.as_slice()), expected);
                }
            }
        }
        check("{}", Ok(&[]));
        check("{\"b\":\"2\",\"a\":\"\"}", Ok(&[("a", ""), ("b", "2")]));
        check("null", Err(&[("metadata", "must not be null")]));
        check("[]", Err(&[("metadata", "must be an object")]));
        check(
            "{\"a\":1,\"b\":null,\"c\":\"c\",\"d\":{}}",
            Err(&[
                ("metadata.a", "must be a string"),
                ("metadata.b", "must not be null"),
                ("metadata.d", "must be a string"),
            ]),
        );
        check("{\"a\":\"1\",\"a\":\"1\"}", Err(&[("metadata.a", "must not be given twice")]));
        let long_key = format!("{{\"{}\":\"\"}}", "k".repeat(101));
        let reason = "must have keys of at most 100 characters without NUL";
        check(&long_key, Err(&[("metadata", reason)]));
        check("{\"\\u0000\":\"\"}", Err(&[("metadata", reason)]));
        let long_value = format!("{{\"k\":\"{}\"}}", "v".repeat(2_001));
        check(&long_value, Err(&[("metadata.k", "must have at most 2000 characters")]));
        let entries: Vec<_> = (0..101).map(|n| format!("\"{n}\":1")).collect();
        let many = format!("{{{}}}", entries.join(","));
        check(&many, Err(&[("metadata", "must have at most 100 entries")]));
    }

    #[test]
    fn a_body_that_is_not_json_does_not_parse() {
        let torn: &[&[u8]] = &[
            b"",
            b" ",
            b"{",
            b"{\"x\":}",
            b"{\"x\":1,}",
            b"{} {}",
            b"{\"x\":01}",
            b"{'x':1}",
            b"\xff",
            b"{\"x\":\"\xff\"}",
            b"{\"x\":NaN}",
            b"\xef\xbb\xbf{}",
            b"{\"x\":\"a\nb\"}",
        ];
        for body in torn {
            let error = read_body(body, |_| Some(())).unwrap_err();
            assert_eq!((error.status(), error.code()), (400, "payload_invalid"), "{body:?}");
        }
    }

    #[test]
    fn a_body_that_is_json_but_no_object_is_not_valid() {
        for body in ["[]", "null", "1", "\"x\"", "true", "{\"\\ud800\":1}"] {
            let error = read_body(body.as_bytes(), |_| Some(())).unwrap_err();
            assert_eq!(error.status(), 422, "{body}");
            assert_eq!(error.invalid_parameters()[0].parameter(), "body", "{body}");
        }
    }

    #[test]
    fn depth_and_size_of_what_nobody_asks_for_do_not_matter() {
        let deep = "[".repeat(60_000) + &"]".repeat(60_000);
        let body = format!("{{\"unknown\":{deep},\"x\":1,\"y\":1e400}}");
        let read = |body: &Object<'_>| body.required("x", Node::integer);
        assert_eq!(read_body(body.as_bytes(), read).unwrap(), 1);
        check(&deep, |x| x.string(), Err("must be a string"));
    }

    #[test]
    fn a_field_that_is_asked_for_is_given_once() {
        let read = |body: &Object<'_>| body.required("x", Node::integer);
        let error = read_body(b"{\"x\":1,\"x\":1}", read).unwrap_err();
        assert_eq!(error.invalid_parameters()[0].reason(), "must not be given twice");
        assert_eq!(read_body(b"{\"x\":1,\"y\":1,\"y\":2}", read).unwrap(), 1);
    }
}
