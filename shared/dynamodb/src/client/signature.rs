//! Signing requests: Signature Version 4 of AWS, for a POST to the root of one service.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST, HeaderMap, HeaderName, HeaderValue};
use ring::digest::{SHA256, digest};
use ring::hmac::{HMAC_SHA256, Key, Tag, sign};
use subledger::timestamp::Timestamp;

use crate::config::Credentials;

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
const SERVICE: &str = "dynamodb";
/// The end of what a signature is good for.
const REQUEST: &str = "aws4_request";
/// The version of DynamoDB's JSON, in front of the operation.
const TARGET: &str = "DynamoDB_20120810";

const DATE: HeaderName = HeaderName::from_static("x-amz-date");
const TOKEN: HeaderName = HeaderName::from_static("x-amz-security-token");
const TARGET_HEADER: HeaderName = HeaderName::from_static("x-amz-target");

/// Signs requests in the name of somebody.
pub(super) struct Signer {
    region: String,
    credentials: Credentials,
    /// The key of a day, which costs four times as much as using it.
    key: Mutex<Option<(String, Key)>>,
}

impl Signer {
    pub(super) fn new(region: &str, credentials: &Credentials) -> Self {
        Self { region: region.to_owned(), credentials: credentials.clone(), key: Mutex::default() }
    }

    /// The headers of a request: whom it is for, what it wants, when, and the signature.
    pub(super) fn headers(
        &self,
        host: &str,
        action: &str,
        body: &[u8],
        now: Timestamp,
    ) -> HeaderMap {
        let (day, moment) = basic_format(now);
        let target = format!("{TARGET}.{action}");
        let token = self.credentials.session_token.as_deref();
        let (token_line, token_name) = match token {
            Some(token) => (format!("{TOKEN}:{token}\n"), ";x-amz-security-token"),
            None => (String::new(), ""),
        };
        let names = format!("host;{DATE}{token_name};{TARGET_HEADER}");
        let request = format!(
            "POST\n/\n\nhost:{host}\n{DATE}:{moment}\n{token_line}{TARGET_HEADER}:{target}\n\n\
             {names}\n{}",
            hex(digest(&SHA256, body).as_ref())
        );
        let scope = format!("{day}/{}/{SERVICE}/{REQUEST}", self.region);
        let to_sign = format!(
            "{ALGORITHM}\n{moment}\n{scope}\n{}",
            hex(digest(&SHA256, request.as_bytes()).as_ref())
        );
        let signature = hex(self.sign(&day, &to_sign).as_ref());
        let key_id = &self.credentials.access_key_id;
        let authorization = format!(
            "{ALGORITHM} Credential={key_id}/{scope}, SignedHeaders={names}, Signature={signature}"
        );
        let mut headers = HeaderMap::with_capacity(6);
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-amz-json-1.0"));
        let texts = [
            (HOST, Some(host)),
            (DATE, Some(&moment)),
            (TOKEN, token),
            (TARGET_HEADER, Some(&target)),
            (AUTHORIZATION, Some(&authorization)),
        ];
        // A text that is no header came from the environment; DynamoDB refuses what lacks it.
        for (name, text) in texts {
            if let Some(Ok(value)) = text.map(HeaderValue::from_str) {
                headers.insert(name, value);
            }
        }
        headers
    }

    fn sign(&self, day: &str, text: &str) -> Tag {
        let mut known = self.key.lock().unwrap_or_else(PoisonError::into_inner);
        let key = match known.take() {
            Some((of, key)) if of == day => key,
            Some(_) | None => key_of(&self.credentials.secret_access_key, day, &self.region),
        };
        let signature = sign(&key, text.as_bytes());
        *known = Some((day.to_owned(), key));
        signature
    }
}

/// Shows no secret.
impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer").field("region", &self.region).finish_non_exhaustive()
    }
}

/// The key that signs in a region for a day.
fn key_of(secret: &str, day: &str, region: &str) -> Key {
    let first = Key::new(HMAC_SHA256, format!("AWS4{secret}").as_bytes());
    [day, region, SERVICE, REQUEST]
        .iter()
        .fold(first, |key, part| Key::new(HMAC_SHA256, sign(&key, part.as_bytes()).as_ref()))
}

/// `20260717` and `20260717T184253Z`.
fn basic_format(moment: Timestamp) -> (String, String) {
    let text = moment.fixed_width();
    let seconds = text.get(..19).unwrap_or_default();
    let digits: String = seconds.chars().filter(|c| !matches!(c, '-' | ':')).collect();
    (digits.chars().take(8).collect(), format!("{digits}Z"))
}

/// In lower case.
fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit =
        |nibble: u8| DIGITS.get(usize::from(nibble)).map_or('0', |digit| char::from(*digit));
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 0xf)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

    fn signer(session_token: Option<&str>) -> Signer {
        let credentials = Credentials {
            access_key_id: "AKIDEXAMPLE".to_owned(),
            secret_access_key: SECRET.to_owned(),
            session_token: session_token.map(str::to_owned),
        };
        Signer::new("eu-central-1", &credentials)
    }

    fn moment(text: &str) -> Timestamp {
        Timestamp::parse_fixed_width(text).unwrap()
    }

    /// The expected signatures are those of `botocore.auth.SigV4Auth` for the same request.
    #[test]
    fn a_request_is_signed_as_aws_signs_it() {
        for (token, names, signature) in [
            (
                None,
                "host;x-amz-date;x-amz-target",
                "4aaf6081ac881293dd809946f442d2176820cd53e5949322fc71d8f3b1638797",
            ),
            (
                Some("token/+="),
                "host;x-amz-date;x-amz-security-token;x-amz-target",
                "46e92017a6f16f0b846e6e0a1a8f02fee17ec87f4b87d352e6157af5960dd8f1",
            ),
        ] {
            let headers = signer(token).headers(
                "dynamodb.eu-central-1.amazonaws.com",
                "GetItem",
                br#"{"TableName":"balances"}"#,
                moment("2026-07-17T18:42:53.999999Z"),
            );
            let header = |name: &str| headers.get(name).map(|value| value.to_str().unwrap());
            let expected = format!(
                "AWS4-HMAC-SHA256 \
                 Credential=AKIDEXAMPLE/20260717/eu-central-1/dynamodb/aws4_request, \
                 SignedHeaders={names}, Signature={signature}"
            );
            assert_eq!(header("authorization"), Some(expected.as_str()));
            assert_eq!(header("x-amz-date"), Some("20260717T184253Z"));
            assert_eq!(header("x-amz-target"), Some("DynamoDB_20120810.GetItem"));
            assert_eq!(header("x-amz-security-token"), token);
        }
    }

    #[test]
    fn another_day_is_signed_with_another_key() {
        let signer = signer(None);
        let sign_on = |day: &str| {
            let headers = signer.headers("host", "Query", b"{}", moment(day));
            headers.get("authorization").unwrap().clone()
        };
        let first = sign_on("2026-07-17T23:59:59.000000Z");
        let next = sign_on("2026-07-18T00:00:00.000000Z");
        assert_ne!(first, next);
        assert_eq!(first, sign_on("2026-07-17T23:59:59.000000Z"));
    }

    #[test]
    fn a_secret_is_not_shown() {
        let shown = format!("{:?}", signer(Some("token")));
        assert!(!shown.contains("wJalr") && !shown.contains("token"), "{shown}");
    }
}
