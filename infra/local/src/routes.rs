//! Which route takes a request, decided as API Gateway decides it for an HTTP API.
//!
//! A path is decoded once and then matched segment by segment. Of the routes that match, the one
//! whose leftmost differing segment is fixed wins over a variable, so
//! `/accounts/alias/{alias}` is preferred to `/accounts/{account_id}/balances` for
//! `/accounts/alias/balances`. What no route takes goes to `$default`.

use std::collections::BTreeMap;
use std::fmt;

use http::Method;
use percent_encoding::percent_decode_str;

use crate::Error;

/// Which requests a route takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pattern {
    /// Requests of one method whose path has this shape.
    Path {
        /// The method.
        method: Method,
        /// The segments between the slashes.
        segments: Vec<Segment>,
    },
    /// Every request that no other route takes.
    Default,
}

/// One segment of a route's path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Segment {
    /// Matches itself.
    Fixed(String),
    /// Matches any one segment that is not empty, and gives it this name.
    Variable(String),
    /// Matches all that follows, at least one segment, and gives it this name. It is the last one.
    Rest(String),
}

impl Pattern {
    /// A route from the method and the path of the template.
    ///
    /// # Errors
    ///
    /// [`Error::Template`] when either is malformed, or is of a kind that this product does not
    /// use: `ANY`.
    pub fn parse(method: &str, path: &str) -> Result<Self, Error> {
        let malformed = || Error::Template(format!("{method} {path} is not a route"));
        let method_name = method.to_ascii_uppercase();
        if method_name == "ANY" {
            return Err(malformed());
        }
        let method = Method::from_bytes(method_name.as_bytes()).map_err(|_| malformed())?;
        let rest = path.strip_prefix('/').ok_or_else(malformed)?;
        let segments: Option<Vec<_>> = rest.split('/').map(Segment::parse).collect();
        let segments = segments.ok_or_else(malformed)?;
        let is_rest = |segment: &&Segment| matches!(segment, Segment::Rest(_));
        if segments.iter().rev().skip(1).any(|segment| is_rest(&segment)) {
            return Err(malformed());
        }
        Ok(Self::Path { method, segments })
    }

    /// Whether two routes would take the same requests.
    fn overlaps(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Default, Self::Default) => true,
            (
                Self::Path { method, segments },
                Self::Path { method: other_method, segments: other_segments },
            ) => {
                method == other_method
                    && segments.len() == other_segments.len()
                    && segments.iter().zip(other_segments).all(|(one, other)| match (one, other) {
                        (Segment::Fixed(one), Segment::Fixed(other)) => one == other,
                        (Segment::Variable(_), Segment::Variable(_))
                        | (Segment::Rest(_), Segment::Rest(_)) => true,
                        (Segment::Fixed(_), Segment::Variable(_) | Segment::Rest(_))
                        | (Segment::Variable(_), Segment::Fixed(_) | Segment::Rest(_))
                        | (Segment::Rest(_), Segment::Fixed(_) | Segment::Variable(_)) => false,
                    })
            }
            (Self::Path { .. }, Self::Default) | (Self::Default, Self::Path { .. }) => false,
        }
    }
}

/// The route key as API Gateway writes it.
impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("$default"),
            Self::Path { method, segments } => {
                write!(f, "{method} ")?;
                for segment in segments {
                    match segment {
                        Segment::Fixed(text) => write!(f, "/{text}")?,
                        Segment::Variable(name) => write!(f, "/{{{name}}}")?,
                        Segment::Rest(name) => write!(f, "/{{{name}+}}")?,
                    }
                }
                Ok(())
            }
        }
    }
}

impl Segment {
    fn parse(text: &str) -> Option<Self> {
        let plain = |text: &str| {
            !text.is_empty()
                && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))
        };
        match text.strip_prefix('{') {
            Some(rest) => {
                let name = rest.strip_suffix('}')?;
                match name.strip_suffix('+') {
                    Some(name) => plain(name).then(|| Self::Rest(name.to_owned())),
                    None => plain(name).then(|| Self::Variable(name.to_owned())),
                }
            }
            None => plain(text).then(|| Self::Fixed(text.to_owned())),
        }
    }

    fn matches(&self, text: &str) -> bool {
        match self {
            Self::Fixed(fixed) => fixed == text,
            Self::Variable(_) | Self::Rest(_) => !text.is_empty(),
        }
    }

    /// How loosely it matches: of two routes the one that is tighter further left is preferred.
    fn looseness(&self) -> u8 {
        match self {
            Self::Fixed(_) => 0,
            Self::Variable(_) => 1,
            Self::Rest(_) => 2,
        }
    }
}

/// The path that API Gateway routes on and hands to the function as `rawPath`: decoded once (an
/// encoded slash separates segments) and cut at a decoded question mark. Bytes that are not UTF-8
/// become U+FFFD, so that the function can refuse them with an error of its dialect. It always begins with a
/// slash, also where the request names no path (`OPTIONS *`).
pub fn decode_path(path: &str) -> String {
    let decoded = percent_decode_str(path).decode_utf8_lossy();
    let path = decoded.split('?').next().unwrap_or_default();
    if path.starts_with('/') { path.to_owned() } else { format!("/{path}") }
}

/// The routes of an API, each leading to a `T`.
#[derive(Debug)]
pub struct Router<T> {
    routes: Vec<(Pattern, T)>,
}

/// The route that takes a request.
#[derive(Debug)]
pub struct Match<'a, T> {
    /// Which route it is.
    pub pattern: &'a Pattern,
    /// What it leads to.
    pub target: &'a T,
    /// The variables of the path; empty for the default route.
    pub path_parameters: BTreeMap<String, String>,
}

impl<T> Router<T> {
    /// A router over these routes.
    ///
    /// # Errors
    ///
    /// [`Error::Template`] when two of them would take the same request; API Gateway refuses that
    /// too.
    pub fn new(routes: Vec<(Pattern, T)>) -> Result<Self, Error> {
        let mut rest = routes.as_slice();
        while let Some(((pattern, _), others)) = rest.split_first() {
            if others.iter().any(|(other, _)| pattern.overlaps(other)) {
                return Err(Error::Template(format!("{pattern} is there twice")));
            }
            rest = others;
        }
        Ok(Self { routes })
    }

    /// The route for this method and decoded path, or `None` when there is not even a default.
    pub fn find(&self, method: &Method, path: &str) -> Option<Match<'_, T>> {
        let texts: Vec<&str> = path.strip_prefix('/').unwrap_or(path).split('/').collect();
        let best = self
            .routes
            .iter()
            .filter_map(|(pattern, target)| {
                let rank = rank(pattern, method, &texts)?;
                Some((rank, pattern, target))
            })
            .min_by(|(one, ..), (other, ..)| one.cmp(other));
        let (_, pattern, target) = best?;
        let path_parameters = match pattern {
            Pattern::Default => BTreeMap::new(),
            Pattern::Path { segments, .. } => path_parameters(segments, &texts),
        };
        Some(Match { pattern, target, path_parameters })
    }
}

/// How well a route fits, the least first; `None` when it does not. The default route comes after
/// every other, and of two paths the one with the fixed segment further left comes first.
fn rank(pattern: &Pattern, method: &Method, texts: &[&str]) -> Option<(bool, Vec<u8>)> {
    match pattern {
        Pattern::Default => Some((true, Vec::new())),
        Pattern::Path { method: own, segments } => {
            let takes_rest = matches!(segments.last(), Some(Segment::Rest(_)));
            let has_length = if takes_rest {
                segments.len() <= texts.len()
            } else {
                segments.len() == texts.len()
            };
            let matches = own == method
                && has_length
                && segments.iter().zip(texts).all(|(segment, text)| segment.matches(text));
            matches.then(|| (false, segments.iter().map(Segment::looseness).collect()))
        }
    }
}

fn path_parameters(segments: &[Segment], texts: &[&str]) -> BTreeMap<String, String> {
    segments
        .iter()
        .enumerate()
        .zip(texts)
        .filter_map(|((place, segment), text)| match segment {
            Segment::Fixed(_) => None,
            Segment::Variable(name) => Some((name.clone(), (*text).to_owned())),
            Segment::Rest(name) => Some((name.clone(), texts.get(place..)?.join("/"))),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn router() -> Router<()> {
        Router::new(
            [
                ("GET", "/accounts"),
                ("GET", "/accounts/{id}"),
                ("POST", "/accounts/{id}/close"),
                ("GET", "/accounts/{id}/balances"),
                ("GET", "/accounts/alias/{alias}"),
                ("GET", "/accounts/alias/{alias}/balances"),
                ("OPTIONS", "/{proxy+}"),
                ("OPTIONS", "/accounts/{id}"),
            ]
            .iter()
            .map(|(method, path)| (Pattern::parse(method, path).unwrap(), ()))
            .chain([(Pattern::Default, ())])
            .collect(),
        )
        .unwrap()
    }

    #[test]
    fn the_most_specific_route_takes_the_request() {
        for (method, path, route, parameter) in [
            ("GET", "/accounts", "GET /accounts", None),
            ("GET", "/accounts/7", "GET /accounts/{id}", Some("7")),
            ("GET", "/accounts/%40me", "GET /accounts/{id}", Some("@me")),
            ("GET", "/accounts/a%2520b", "GET /accounts/{id}", Some("a%20b")),
            ("GET", "/accounts/a%3Fb=c", "GET /accounts/{id}", Some("a")),
            ("GET", "/accounts/%FF", "GET /accounts/{id}", Some("\u{fffd}")),
            ("GET", "/accounts/a%2Fbalances", "GET /accounts/{id}/balances", Some("a")),
            ("GET", "/accounts/alias/balances", "GET /accounts/alias/{alias}", Some("balances")),
            ("GET", "/accounts/7/balances", "GET /accounts/{id}/balances", Some("7")),
            ("POST", "/accounts/alias/close", "POST /accounts/{id}/close", Some("alias")),
            ("POST", "/accounts", "$default", None),
            ("HEAD", "/accounts", "$default", None),
            ("GET", "/Accounts", "$default", None),
            ("GET", "/accounts/", "$default", None),
            ("GET", "//accounts", "$default", None),
            ("GET", "/accounts/alias//balances", "$default", None),
            ("GET", "/", "$default", None),
            ("OPTIONS", "*", "OPTIONS /{proxy+}", Some("*")),
            ("OPTIONS", "/", "$default", None),
            ("OPTIONS", "/accounts", "OPTIONS /{proxy+}", Some("accounts")),
            ("OPTIONS", "/accounts/7", "OPTIONS /accounts/{id}", Some("7")),
            ("OPTIONS", "/accounts/7/close", "OPTIONS /{proxy+}", Some("accounts/7/close")),
        ] {
            let router = router();
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            let found = router.find(&method, &decode_path(path)).unwrap();
            assert_eq!(found.pattern.to_string(), route, "{method} {path}");
            let parameters: Vec<_> = found.path_parameters.values().map(String::as_str).collect();
            assert_eq!(parameters, Vec::from_iter(parameter), "{method} {path}");
        }
    }

    #[test]
    fn without_a_default_route_an_unknown_path_has_none() {
        let router = Router::new(vec![(Pattern::parse("get", "/a").unwrap(), ())]).unwrap();
        assert!(router.find(&Method::GET, "/b").is_none());
    }

    #[test]
    fn two_routes_for_the_same_requests_are_refused() {
        let error = Router::new(vec![
            (Pattern::parse("GET", "/a/{b}").unwrap(), ()),
            (Pattern::parse("GET", "/a/{c}").unwrap(), ()),
        ])
        .unwrap_err();
        assert_eq!(error.to_string(), "template.yaml: GET /a/{b} is there twice");
    }

    #[test]
    fn a_route_that_this_product_does_not_use_is_refused() {
        for (method, path) in [
            ("ANY", "/a"),
            ("GET", "a"),
            ("GET", "/a//b"),
            ("GET", "/{rest+}/a"),
            ("GET", "/{+}"),
            ("GET", "/{open"),
            ("G T", "/a"),
        ] {
            assert!(Pattern::parse(method, path).is_err(), "{method} {path}");
        }
    }
}
