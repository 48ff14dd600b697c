//! Hostile input.

use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Value, json};

/// Texts, many of them with characters that have a meaning somewhere.
pub(crate) fn texts() -> impl Strategy<Value = String> {
    prop_oneof![
        2 => "\\PC{0,12}",
        1 => "[\\x00-\\x7f]{0,20}",
        1 => "[a-z0-9]{1,300}",
        3 => amounts(),
        3 => select(vec![
            "", " ", "null", "0", "-0", "%2e%2e", "..", "%00", "\u{0}", "#", "BALANCE#", "ORG#1",
            "@external/USD", "default", "overdraft", "\u{202e}", "İ", "ﬀ", "𝒳", "true", "{}", "[]",
            "2026-01-01", "2026-13-01", "9999-12-31T23:59:59Z", "2026-01-01T00:00:00+99:99",
            "0001-01-01", "asc", "DESC", "1;2", "00000000-0000-0000-0000-000000000000", "USD", "usd",
            "account_0000000000000000000000", "account_zzzzzzzzzzzzzzzzzzzzzz",
            "subledger_balance_7n42DGM5Tflk9n8mt7Fhc7",
        ]).prop_map(str::to_owned),
    ]
}

/// Amounts, and texts that look like amounts.
pub(crate) fn amounts() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "[0-9]{1,6}(\\.[0-9]{1,4})?",
        2 => "-?[0-9]{60,66}(\\.[0-9]{60,66})?",
        1 => "0\\.0{0,63}1",
        1 => "[0-9]{1,3}[eE][+-]?[0-9]{1,4}",
        2 => select(vec![
            "", ".", "1.", ".5", "+1", " 1", "1 ", "1,5", "1_000", "0x10", "NaN", "Infinity", "٣",
            "-0", "-1", "00", "01", "1.0", "1.10", "1\u{0}", "1e9999999999", "--1",
        ]).prop_map(str::to_owned),
    ]
}

/// Any JSON of little depth.
pub(crate) fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        select(vec!["1e308", "0.1", "-0", "1e-400"])
            .prop_map(|number| serde_json::from_str(number).unwrap()),
        Just(json!(u64::MAX)),
        texts().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-zA-Z_]{1,10}", inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// A change of a body.
#[derive(Debug, Clone)]
pub(crate) enum Change {
    /// A member is gone.
    Remove(Index),
    /// A member has another value.
    Replace(Index, Value),
    /// A member has the value of another.
    Confuse(Index, Index),
    /// Every text that is an amount has this one.
    Amounts(String),
    /// There is one more member.
    Add(String, Value),
}

pub(crate) fn changes() -> impl Strategy<Value = Change> {
    prop_oneof![
        1 => any::<Index>().prop_map(Change::Remove),
        1 => (any::<Index>(), values()).prop_map(|(at, value)| Change::Replace(at, value)),
        1 => (any::<Index>(), any::<Index>()).prop_map(|(at, from)| Change::Confuse(at, from)),
        2 => amounts().prop_map(Change::Amounts),
        1 => (texts(), values()).prop_map(|(name, value)| Change::Add(name, value)),
    ]
}

/// The paths of all members, at any depth.
fn places(value: &Value, at: &str, places: &mut Vec<String>) {
    let inner: Vec<(String, &Value)> = match value {
        Value::Object(members) => members.iter().map(|(name, it)| (name.clone(), it)).collect(),
        Value::Array(all) => all.iter().enumerate().map(|(n, it)| (n.to_string(), it)).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    };
    for (name, value) in inner {
        let place = format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
        self::places(value, &place, places);
        places.push(place);
    }
}

impl Change {
    pub(crate) fn apply(&self, body: &mut Value) {
        let mut all = Vec::new();
        places(body, "", &mut all);
        let chosen = |index: &Index| (!all.is_empty()).then(|| index.get(&all).clone());
        match self {
            Self::Remove(at) => {
                let Some(place) = chosen(at) else { return };
                let (parent, name) = place.rsplit_once('/').unwrap();
                match body.pointer_mut(parent) {
                    Some(Value::Object(members)) => drop(members.remove(name)),
                    Some(Value::Array(all)) => drop(all.pop()),
                    Some(_) | None => {}
                }
            }
            Self::Replace(at, value) => put(body, chosen(at), value.clone()),
            Self::Confuse(at, from) => {
                let value = chosen(from).and_then(|from| body.pointer(&from).cloned());
                put(body, chosen(at), value.unwrap_or_default());
            }
            Self::Amounts(amount) => {
                for place in all.iter().filter(|it| it.ends_with("/value")) {
                    put(body, Some(place.clone()), json!(amount));
                }
            }
            Self::Add(name, value) => {
                if let Value::Object(members) = body {
                    members.insert(name.clone(), value.clone());
                }
            }
        }
    }
}

fn put(body: &mut Value, place: Option<String>, value: Value) {
    if let Some(at) = place.and_then(|place| body.pointer_mut(&place)) {
        *at = value;
    }
}
