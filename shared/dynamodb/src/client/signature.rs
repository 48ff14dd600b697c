//! Signing requests: Signature Version 4 of AWS, for a POST to the root of one service.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST, HeaderMap, HeaderName, HeaderValue};
use ring::digest::{SHA256, digest};
use ring::hmac::{HMAC_SHA256, Key, sign};
use subledger::timestamp::Timestamp;

use crate::config::Credentials;

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
const SERVICE: &str = "dynamodb";
/// The end of what a signature is good for.
const REQUEST: &str = "aws4_request";
/// The version of DynamoDB's JSON, in front of the operation.
const VERSION: &str = "DynamoDB_20120810";

/// The headers that are signed, beside [`HOST`]: each as its name and as what `hyper` calls it.
const DATE: &str = "x-amz-date";
const DATE_HEADER: HeaderName = HeaderName::from_static(DATE);
const TOKEN: &str = "x-amz-security-token";
const TOKEN_HEADER: HeaderName = HeaderName::from_static(TOKEN);
const TARGET: &str = "x-amz-target";
const TARGET_HEADER: HeaderName = HeaderName::from_static(TARGET);

/// How many characters of a moment are its day.
const DAY_CHARACTERS: usize = 8;

/// Signs requests in the name of somebody.
pub(super) struct Signer {
    region: String,
    credentials: Credentials,
    /// The token of the credentials, as a header.
    token: Option<HeaderValue>,
    today: Mutex<Option<Today>>,
}

/// What stays the same for a day; the key costs four times as much as using it.
struct Today {
    /// `20260717`.
    day: String,
    /// What a signature is good for.
    scope: String,
    key: Key,
}

impl Signer {
    pub(super) fn new(region: &str, credentials: &Credentials) -> Self {
        let token = credentials.session_token.as_deref();
        Self {
            region: region.to_owned(),
            credentials: credentials.clone(),
            token: token.and_then(|token| HeaderValue::from_str(token).ok()),
            today: Mutex::default(),
        }
    }

    /// The headers of a request: whom it is for, what it wants, when, and the signature.
    pub(super) fn headers(
        &self,
        host: &str,
        action: &str,
        body: &[u8],
        now: Timestamp,
    ) -> HeaderMap {
        let moment = basic_format(now);
        let target = [VERSION, ".", action].concat();
        let token = self.credentials.session_token.as_deref();
        // In the order of their names.
        let signed = [
            Some(("host", host)),
            Some((DATE, &*moment)),
            token.map(|token| (TOKEN, token)),
            Some((TARGET, &*target)),
        ];
        let lines: String =
            signed.iter().flatten().flat_map(|(name, text)| [name, ":", text, "\n"]).collect();
        let names: Vec<&str> = signed.iter().flatten().map(|(name, _)| *name).collect();
        let names = names.join(";");
        let hash = |bytes: &[u8]| hex(digest(&SHA256, bytes).as_ref());
        let request = ["POST\n/\n\n", &lines, "\n", &names, "\n", &hash(body)].concat();
        let authorization = self.authorization(&moment, &names, &hash(request.as_bytes()));
        let mut headers = HeaderMap::with_capacity(6);
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-amz-json-1.0"));
        if let Some(token) = &self.token {
            headers.insert(TOKEN_HEADER, token.clone());
        }
        let texts = [
            (HOST, host),
            (DATE_HEADER, &moment),
            (TARGET_HEADER, &target),
            (AUTHORIZATION, &authorization),
        ];
        // A text that is no header came from the environment; DynamoDB refuses what lacks it.
        for (name, text) in texts {
            if let Ok(value) = HeaderValue::from_str(text) {
                headers.insert(name, value);
            }
        }
        headers
    }

    /// Who signs a request with this hash, and the signature.
    fn authorization(&self, moment: &str, names: &str, hash: &str) -> String {
        let day = moment.get(..DAY_CHARACTERS).unwrap_or_default();
        let mut known = self.today.lock().unwrap_or_else(PoisonError::into_inner);
        let today = match known.take() {
            Some(today) if today.day == day => today,
            Some(_) | None => Today {
                day: day.to_owned(),
                scope: [day, "/", &self.region, "/", SERVICE, "/", REQUEST].concat(),
                key: key_of(&self.credentials.secret_access_key, day, &self.region),
            },
        };
        let to_sign = [ALGORITHM, "\n", moment, "\n", &today.scope, "\n", hash].concat();
        let signature = hex(sign(&today.key, to_sign.as_bytes()).as_ref());
        let authorization = [
            ALGORITHM,
            " Credential=",
            &self.credentials.access_key_id,
            "/",
            &today.scope,
            ", SignedHeaders=",
            names,
            ", Signature=",
            &signature,
        ]
        .concat();
        *known = Some(today);
        authorization
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

/// `20260717T184253Z`.
fn basic_format(moment: Timestamp) -> String {
    let text = moment.fixed_width();
    let part = |range| text.get(range).unwrap_or_default();
    [part(0..4), part(5..7), part(8..13), part(14..16), part(17..19), "Z"].concat()
}

/// In lower case.
fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| match nibble {
        0..=9 => b'0'.saturating_add(nibble),
        _ => b'a'.saturating_add(nibble.saturating_sub(10)),
    };
    let digits = bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 0xf)]);
    String::from_utf8(digits.collect()).unwrap_or_default()
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
