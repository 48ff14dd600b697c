//! The JWT authorizer in front of the routes, and the identity provider that its tokens come from.
//!
//! API Gateway checks signature, issuer, audience and times, and hands the claims to the function
//! as strings. This authorizer does the same. The function decides what a claim allows.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html>

use std::collections::BTreeMap;
use std::fmt;

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, TokenData, Validation};
use serde::Serialize;
use serde_json::{Map, Value};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::Error;

/// The issuer of the local tokens.
pub const ISSUER: &str = "https://subledger.local/";

/// The audience of the local tokens.
pub const AUDIENCE: &str = "subledger";

/// The subject of the local tokens.
const SUBJECT: &str = "local";

/// The size of the secret, in bytes: that of the hash, which RFC 7518 asks for.
pub const SECRET_BYTES: usize = 32;

/// The secret that signs the local tokens.
pub type Secret = [u8; SECRET_BYTES];

/// The longest that a local token may be valid, or have been expired: a hundred years, in seconds.
/// It keeps every time in a token representable.
pub const LONGEST_EXPIRES_IN_SECONDS: i64 = 100 * 366 * 86_400;

/// What a token allows, and for how long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// The organization that its bearer acts in; a token that only creates organizations has none.
    pub organization_id: Option<Uuid>,
    /// The ledger that v0 requests run in.
    pub ledger_id: Option<Uuid>,
    /// The scopes, separated by spaces.
    pub scope: String,
    /// How long the token is valid, in seconds; negative makes one that has already expired.
    pub expires_in_seconds: i64,
}

/// The claims of a token that was accepted, as the function sees them.
pub type Claims = BTreeMap<String, String>;

/// What is wrong with the token of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenError {
    /// It carries no token.
    Missing,
    /// Its token is malformed, of another issuer, for another audience, forged, or out of its time.
    Invalid,
}

impl TokenError {
    /// The value of the answer's `WWW-Authenticate` header.
    pub fn challenge(self) -> &'static str {
        match self {
            Self::Missing => "Bearer",
            Self::Invalid => r#"Bearer error="invalid_token""#,
        }
    }
}

/// Mints tokens and checks them, both with one secret.
pub struct Authorizer {
    encoding: EncodingKey,
    decoding: DecodingKey,
    validation: Validation,
}

impl Authorizer {
    /// An authorizer for the tokens that this secret signs.
    pub fn new(secret: &Secret) -> Self {
        // One algorithm and no other, whatever the token's header asks for.
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_required_spec_claims(&["exp", "iss"]);
        validation.set_issuer(&[ISSUER]);
        // The audience is checked in `authorize`, because `client_id` may name it instead, and the
        // times as well, against its argument.
        validation.validate_aud = false;
        validation.validate_exp = false;
        validation.validate_nbf = false;
        Self {
            encoding: EncodingKey::from_secret(secret),
            decoding: DecodingKey::from_secret(secret),
            validation,
        }
    }

    /// A token that grants this, from now on.
    ///
    /// # Errors
    ///
    /// [`Error::Token`] when it cannot be signed.
    pub fn mint(&self, grant: &Grant, now: OffsetDateTime) -> Result<String, Error> {
        let lifetime =
            grant.expires_in_seconds.clamp(-LONGEST_EXPIRES_IN_SECONDS, LONGEST_EXPIRES_IN_SECONDS);
        let expires_at = now.unix_timestamp().saturating_add(lifetime);
        let claims = MintedClaims {
            iss: ISSUER,
            aud: AUDIENCE,
            sub: SUBJECT,
            // A token that has already expired was issued before it did.
            iat: now.unix_timestamp().min(expires_at),
            exp: expires_at,
            organization_id: grant.organization_id.map(|id| id.to_string()),
            ledger_id: grant.ledger_id.map(|id| id.to_string()),
            scope: &grant.scope,
        };
        self.sign(&claims)
    }

    /// A token with these claims, whatever they are.
    ///
    /// # Errors
    ///
    /// [`Error::Token`] when it cannot be signed.
    pub fn sign(&self, claims: &impl Serialize) -> Result<String, Error> {
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), claims, &self.encoding)
            .map_err(Error::Token)
    }

    /// The claims of the request's token, given its `Authorization` header.
    ///
    /// As in API Gateway the word `Bearer` may be missing and is taken in any case.
    ///
    /// # Errors
    ///
    /// [`TokenError`] if there is no token, or none that this stack accepts.
    pub fn authorize(
        &self,
        header: Option<&str>,
        now: OffsetDateTime,
    ) -> Result<Claims, TokenError> {
        let header = header.map(str::trim).filter(|header| !header.is_empty());
        let token = without_scheme(header.ok_or(TokenError::Missing)?);
        let TokenData { header, claims }: TokenData<Map<String, Value>> =
            jsonwebtoken::decode(token, &self.decoding, &self.validation)
                .map_err(|_| TokenError::Invalid)?;
        // RFC 7515, section 4.1.11: what `crit` names has to be understood, and no extension is.
        if header.crit.is_some() || !names_audience(&claims) {
            return Err(TokenError::Invalid);
        }
        let now = now.unix_timestamp();
        let seconds = |name: &str| claims.get(name).map(Value::as_i64);
        let expires = seconds("exp").flatten().ok_or(TokenError::Invalid)?;
        let in_time = now < expires
            && ["nbf", "iat"].iter().all(|name| match seconds(name) {
                None => true,
                Some(Some(from)) => from <= now,
                Some(None) => false,
            });
        if !in_time {
            return Err(TokenError::Invalid);
        }
        Ok(claims.iter().map(|(name, value)| (name.clone(), claim_text(value))).collect())
    }
}

impl fmt::Debug for Authorizer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authorizer").finish_non_exhaustive()
    }
}

#[derive(Serialize)]
struct MintedClaims<'a> {
    iss: &'a str,
    aud: &'a str,
    sub: &'a str,
    iat: i64,
    exp: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    organization_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ledger_id: Option<String>,
    scope: &'a str,
}

fn without_scheme(header: &str) -> &str {
    match header.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim_start(),
        Some(_) | None => header,
    }
}

/// Whether the token is for this stack. As in API Gateway `client_id` counts only where there is no
/// `aud`: access tokens of Amazon Cognito have none.
fn names_audience(claims: &Map<String, Value>) -> bool {
    match (claims.get("aud"), claims.get("client_id")) {
        (Some(Value::Array(audiences)), _) => audiences.iter().any(|it| it == AUDIENCE),
        (Some(audience), _) => audience == AUDIENCE,
        (None, Some(client)) => client == AUDIENCE,
        (None, None) => false,
    }
}

/// A claim as API Gateway hands it on: always text, a list in brackets.
fn claim_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(values) => {
            let texts: Vec<_> = values.iter().map(claim_text).collect();
            format!("[{}]", texts.join(" "))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use serde_json::json;

    use super::*;

    const ORGANIZATION: Uuid = Uuid::from_u128(1);
    const LEDGER: Uuid = Uuid::from_u128(2);

    fn now() -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp(1_800_000_000).unwrap()
    }

    fn authorizer() -> Authorizer {
        Authorizer::new(&[7; SECRET_BYTES])
    }

    fn grant(expires_in_seconds: i64) -> Grant {
        Grant {
            organization_id: Some(ORGANIZATION),
            ledger_id: Some(LEDGER),
            scope: "account/read_write subledger_balance/read".to_owned(),
            expires_in_seconds,
        }
    }

    /// A token with this header and these claims, signed with the secret of `authorizer`.
    fn token(algorithm: Algorithm, claims: &Value) -> String {
        token_with(&json!({ "alg": algorithm, "typ": "JWT" }), claims)
    }

    /// The same with any header.
    fn token_with(header: &Value, claims: &Value) -> String {
        let header = URL_SAFE_NO_PAD.encode(header.to_string());
        let message = format!("{header}.{}", URL_SAFE_NO_PAD.encode(claims.to_string()));
        let key = EncodingKey::from_secret(&[7; SECRET_BYTES]);
        let tag = jsonwebtoken::crypto::sign(message.as_bytes(), &key, Algorithm::HS256).unwrap();
        format!("{message}.{tag}")
    }

    #[test]
    fn a_minted_token_is_accepted_with_its_claims_as_strings() {
        let token = authorizer().mint(&grant(60), now()).unwrap();
        let claims = authorizer().authorize(Some(&format!("Bearer {token}")), now()).unwrap();
        let expected = [
            ("aud", "subledger"),
            ("exp", "1800000060"),
            ("iat", "1800000000"),
            ("iss", "https://subledger.local/"),
            ("ledger_id", "00000000-0000-0000-0000-000000000002"),
            ("organization_id", "00000000-0000-0000-0000-000000000001"),
            ("scope", "account/read_write subledger_balance/read"),
            ("sub", "local"),
        ];
        let claims: Vec<_> = claims.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        assert_eq!(claims, expected);
    }

    #[test]
    fn a_token_may_name_no_organization() {
        let grant = Grant { organization_id: None, ledger_id: None, ..grant(60) };
        let token = authorizer().mint(&grant, now()).unwrap();
        let claims = authorizer().authorize(Some(&token), now()).unwrap();
        assert!(!claims.contains_key("organization_id"));
        assert!(!claims.contains_key("ledger_id"));
    }

    #[test]
    fn the_scheme_is_taken_in_any_case_and_may_be_missing() {
        let token = authorizer().mint(&grant(60), now()).unwrap();
        for header in [
            format!("bearer {token}"),
            format!("BEARER   {token}"),
            format!(" Bearer {token} "),
            token.clone(),
        ] {
            assert!(authorizer().authorize(Some(&header), now()).is_ok(), "{header}");
        }
    }

    #[test]
    fn a_request_without_a_token_is_told_so() {
        for header in [None, Some(""), Some("  ")] {
            let error = authorizer().authorize(header, now()).unwrap_err();
            assert_eq!(error, TokenError::Missing);
        }
    }

    #[test]
    fn a_token_that_is_out_of_its_time_is_refused() {
        for expires_in_seconds in [0, -1, -86_400, i64::MIN] {
            let token = authorizer().mint(&grant(expires_in_seconds), now()).unwrap();
            let error = authorizer().authorize(Some(&token), now()).unwrap_err();
            assert_eq!(error, TokenError::Invalid);
        }
    }

    #[test]
    fn claims_that_are_missing_or_of_another_party_are_refused() {
        let good = json!({ "iss": ISSUER, "aud": AUDIENCE, "exp": 1_800_000_060 });
        assert!(authorizer().authorize(Some(&token(Algorithm::HS256, &good)), now()).is_ok());
        for (claim, value) in [
            ("iss", json!("https://another.example/")),
            ("iss", Value::Null),
            ("aud", json!("another")),
            ("aud", Value::Null),
            ("exp", Value::Null),
            ("exp", json!("1800000060")),
            ("exp", json!(1_800_000_000)),
            ("nbf", json!(1_800_000_001)),
            ("nbf", json!("soon")),
            ("iat", json!(1_800_000_001)),
        ] {
            let mut claims = good.clone();
            claims.as_object_mut().unwrap().remove(claim);
            if !value.is_null() {
                claims.as_object_mut().unwrap().insert(claim.to_owned(), value.clone());
            }
            let token = token(Algorithm::HS256, &claims);
            let error = authorizer().authorize(Some(&token), now());
            assert_eq!(error, Err(TokenError::Invalid), "{claim} {value}");
        }
    }

    #[test]
    fn the_client_id_is_the_audience_where_no_other_is_named() {
        let other = "another";
        for (audience, client, accepted) in [
            (json!(AUDIENCE), Value::Null, true),
            (json!([other, AUDIENCE]), Value::Null, true),
            (json!([]), json!(AUDIENCE), false),
            (json!([other]), json!(AUDIENCE), false),
            (json!(other), json!(AUDIENCE), false),
            (json!(AUDIENCE), json!(other), true),
            (json!(7), json!(AUDIENCE), false),
            (Value::Null, json!(AUDIENCE), true),
            (Value::Null, json!(other), false),
            (Value::Null, json!([AUDIENCE]), false),
            (Value::Null, Value::Null, false),
        ] {
            let mut claims = json!({ "iss": ISSUER, "exp": 1_800_000_060 });
            for (name, value) in [("aud", &audience), ("client_id", &client)] {
                if !value.is_null() {
                    claims.as_object_mut().unwrap().insert(name.to_owned(), value.clone());
                }
            }
            let token = token(Algorithm::HS256, &claims);
            let outcome = authorizer().authorize(Some(&token), now());
            assert_eq!(outcome.is_ok(), accepted, "{audience} {client}");
        }
    }

    #[test]
    fn a_token_with_critical_extensions_is_refused() {
        let claims = json!({ "iss": ISSUER, "aud": AUDIENCE, "exp": 1_800_000_060 });
        for (crit, accepted) in [
            (None, true),
            (Some(json!(["b64"])), false),
            (Some(json!(["exp"])), false),
            (Some(json!([])), false),
            (Some(json!("b64")), false),
        ] {
            let mut header = json!({ "alg": "HS256", "typ": "JWT", "b64": true });
            if let Some(crit) = &crit {
                header.as_object_mut().unwrap().insert("crit".to_owned(), crit.clone());
            }
            let token = token_with(&header, &claims);
            let outcome = authorizer().authorize(Some(&token), now());
            assert_eq!(outcome.is_ok(), accepted, "{crit:?}");
        }
    }

    #[test]
    fn a_token_that_is_not_ours_is_refused() {
        let good = authorizer().mint(&grant(60), now()).unwrap();
        let (message, tag) = good.rsplit_once('.').unwrap();
        let (_, payload) = message.split_once('.').unwrap();
        let none = URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#);
        let claims = json!({ "iss": ISSUER, "aud": AUDIENCE, "exp": 1_800_000_060 });
        for header in [
            Authorizer::new(&[8; SECRET_BYTES]).mint(&grant(60), now()).unwrap(),
            token(Algorithm::HS512, &claims),
            token(Algorithm::RS256, &claims),
            format!("{none}.{payload}."),
            format!("{none}.{payload}.{tag}"),
            format!("{message}."),
            message.to_owned(),
            format!("{good}.{tag}"),
            format!("Basic {good}"),
            format!("Bearer Bearer {good}"),
            format!("{good},{good}"),
            "Bearer".to_owned(),
            "...".to_owned(),
            "é".repeat(5_000),
        ] {
            let error = authorizer().authorize(Some(&header), now());
            assert_eq!(error, Err(TokenError::Invalid), "{header}");
        }
    }
}
