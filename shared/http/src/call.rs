//! One request of one operation, before any dialect has looked at it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;

use crate::authorization::Caller;
use crate::event::{Event, Pairs};

/// The largest body, in bytes.
///
/// An item of DynamoDB has 400 kB; what a body of this size asks to keep fits in one.
pub const BODY_BYTES_MAX: usize = 256 * 1024;

/// The longest request id that a client may choose, in bytes.
const REQUEST_ID_BYTES_MAX: usize = 128;

/// One request of one operation.
#[derive(Debug)]
pub struct Call<T> {
    /// What is asked for.
    pub operation: T,
    /// Who asks.
    pub caller: Caller,
    /// The body, decoded from base64 where the gateway encoded it.
    pub body: Vec<u8>,
    parameters: Pairs,
    headers: Pairs,
    query: Pairs,
}

/// Why the body of an event cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BodyError {
    /// More than [`BODY_BYTES_MAX`].
    TooLarge,
    /// Said to be base64, and is not.
    NotBase64,
}

impl<T> Call<T> {
    /// Takes an event apart.
    pub(crate) fn new(
        operation: T,
        route_path: &str,
        caller: Caller,
        event: Event,
    ) -> Result<Self, BodyError> {
        let body = event.body.unwrap_or_default();
        // Base64 spells three bytes with four characters.
        if body.len() > BODY_BYTES_MAX.saturating_mul(2) {
            return Err(BodyError::TooLarge);
        }
        let body = if event.is_base64_encoded {
            STANDARD.decode(body).map_err(|_| BodyError::NotBase64)?
        } else {
            body.into_bytes()
        };
        if body.len() > BODY_BYTES_MAX {
            return Err(BodyError::TooLarge);
        }
        let raw_path = event.raw_path.unwrap_or_default();
        let parameters = if event.path_parameters.is_empty() {
            path_parameters(route_path, &raw_path)
        } else {
            event.path_parameters
        };
        Ok(Self {
            operation,
            caller,
            body,
            parameters,
            headers: event.headers,
            query: query_parameters(&event.raw_query_string.unwrap_or_default()),
        })
    }

    /// A parameter of the path; empty if the route has none of this name.
    #[must_use]
    pub fn parameter(&self, name: &str) -> &str {
        self.parameters.get(name).unwrap_or_default()
    }

    /// A parameter of the query; the last one where it stands several times.
    #[must_use]
    pub fn query(&self, name: &str) -> Option<&str> {
        self.query.get(name)
    }

    /// The names in the query, in the order in which they were sent.
    pub fn query_names(&self) -> impl Iterator<Item = &str> {
        self.query.names()
    }

    /// A header.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.header(name)
    }
}

fn query_parameters(raw: &str) -> Pairs {
    form_urlencoded::parse(raw.as_bytes()).into_owned().collect()
}

/// The parameters of a path that nobody took apart yet, as `cargo lambda watch` sends it.
fn path_parameters(route: &str, path: &str) -> Pairs {
    let named = |segment: &str| segment.strip_prefix('{')?.strip_suffix('}').map(ToOwned::to_owned);
    route
        .split('/')
        .zip(path.split('/'))
        .filter_map(|(name, segment)| {
            let value = percent_decode_str(segment).decode_utf8_lossy().into_owned();
            Some((named(name)?, value))
        })
        .collect()
}

/// The id under which a request is answered: the client's, if it sent one that fits in
/// a header, else the gateway's.
pub(crate) fn request_id(event: &Event) -> String {
    let fits = |id: &&str| {
        (1..=REQUEST_ID_BYTES_MAX).contains(&id.len())
            && id.bytes().all(|byte| (b' '..=b'~').contains(&byte))
    };
    let sent = event.headers.header("x-request-id").map(str::trim).filter(fits);
    match (sent, &event.request_context.request_id) {
        (Some(id), _) => id.to_owned(),
        (None, Some(id)) => id.clone(),
        (None, None) => uuid::Uuid::now_v7().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_of_several_equal_query_parameters_counts() {
        let query = query_parameters("limit=1&limit=2&start_date=2026-01-01+10%3A00&x");
        assert_eq!(query.get("limit"), Some("2"));
        assert_eq!(query.get("start_date"), Some("2026-01-01 10:00"));
        assert_eq!(query.get("x"), Some(""));
    }

    #[test]
    fn path_parameters_are_percent_decoded() {
        let parameters = path_parameters("/a/{alias}/b", "/a/%40external%2FUSD/b");
        assert_eq!(parameters.get("alias"), Some("@external/USD"));
    }
}
