//! Events of an API Gateway HTTP API, payload version 2.0, as far as they are read here.
//!
//! Not the type that the runtime's crates have for them: that one is made of everything an event may
//! hold, which takes longer to read and to carry around than most requests take to answer.

use std::fmt;
use std::time::Instant;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// A request as API Gateway hands it to a function. What is absent may as well be null.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Event {
    /// When its answer has to be there; whoever takes it from Lambda says so.
    #[serde(skip)]
    pub deadline: Option<Instant>,
    /// Method and path of the route that the gateway chose, or `$default`.
    pub route_key: Option<String>,
    /// The path of the request, decoded.
    pub raw_path: Option<String>,
    /// The query as it was sent, without the question mark.
    pub raw_query_string: Option<String>,
    /// The headers, each once; the values of a repeated one are between commas.
    #[serde(default)]
    pub headers: Pairs,
    /// What stands in the place of the route's parameters, decoded.
    #[serde(default)]
    pub path_parameters: Pairs,
    /// What the gateway knows of the request.
    pub request_context: RequestContext,
    /// The body, if one was sent.
    pub body: Option<String>,
    /// Whether the body is base64.
    #[serde(default, deserialize_with = "null_as_default")]
    pub is_base64_encoded: bool,
}

/// What the gateway knows of a request.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RequestContext {
    /// The gateway's name for the request.
    pub request_id: Option<String>,
    /// The request in terms of HTTP.
    pub http: HttpContext,
    /// What the authorizer found, if the route has one.
    pub authorizer: Option<Authorizer>,
}

/// A request in terms of HTTP.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct HttpContext {
    /// The method, in capitals.
    pub method: String,
}

/// What an authorizer found.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Authorizer {
    /// The token that a JWT authorizer has checked.
    pub jwt: Option<Token>,
}

/// A token that was checked.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Token {
    /// What it claims.
    pub claims: Pairs,
}

/// Texts by their names, of which there are few.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pairs(Vec<(String, String)>);

impl Pairs {
    /// The text of this name; the last one where it stands several times.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.find(|other| other == name)
    }

    /// The header of this name, whose letters may be of either case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.find(|other| other.eq_ignore_ascii_case(name))
    }

    /// The names, in the order in which they came.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn find(&self, is_it: impl Fn(&str) -> bool) -> Option<&str> {
        let found = self.0.iter().rev().find(|(name, _)| is_it(name));
        found.map(|(_, text)| text.as_str())
    }
}

impl FromIterator<(String, String)> for Pairs {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(pairs: I) -> Self {
        Self(pairs.into_iter().collect())
    }
}

impl<'de> Deserialize<'de> for Pairs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OfMap;

        impl<'de> Visitor<'de> for OfMap {
            type Value = Pairs;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("texts by name")
            }

            fn visit_unit<E>(self) -> Result<Pairs, E> {
                Ok(Pairs::default())
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs, A::Error> {
                let mut pairs = Vec::with_capacity(map.size_hint().unwrap_or(PAIRS));
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Pairs(pairs))
            }
        }

        deserializer.deserialize_any(OfMap)
    }
}

/// How many pairs there are where nobody says it: a browser's headers.
const PAIRS: usize = 16;

fn null_as_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(
    deserializer: D,
) -> Result<T, D::Error> {
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn null_is_as_good_as_absent() {
        let event = json!({
            "routeKey": null, "rawPath": null, "rawQueryString": null, "headers": null,
            "pathParameters": null, "body": null, "isBase64Encoded": null,
            "requestContext": { "requestId": null, "authorizer": null },
        });
        for event in [event, json!({ "requestContext": {} })] {
            let event: Event = serde_json::from_value(event).unwrap();
            assert!(event.headers.is_empty() && event.path_parameters.is_empty());
            assert!(!event.is_base64_encoded && event.request_context.authorizer.is_none());
        }
    }

    #[test]
    fn a_header_is_found_in_either_case() {
        let headers: Pairs = serde_json::from_value(json!({ "Accept": "caf\u{e9}" })).unwrap();
        assert_eq!(headers.header("accept"), Some("caf\u{e9}"));
        assert_eq!(headers.get("accept"), None);
    }
}
