//! What the sender of an event adds to a request: API Gateway (an HTTP API, a REST API), a
//! function URL, or an Application Load Balancer.
//!
//! Nothing here is read from a header, because clients write those.

use std::collections::HashMap;

use lambda_http::aws_lambda_events::query_map::QueryMap;
use lambda_http::request::RequestContext;
use lambda_http::{Request, RequestExt};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

/// Method and path of the route that the gateway chose, the path with parameters in braces.
///
/// A function URL and a load balancer choose none, nor does an HTTP API for its route `$default`.
/// The route may be unknown to the function, for example one for every path below `/v1`.
pub(crate) fn route(request: &Request) -> Option<(&str, &str)> {
    match request.request_context_ref()? {
        RequestContext::ApiGatewayV2(context) => context.route_key.as_deref()?.split_once(' '),
        RequestContext::ApiGatewayV1(context) => {
            Some((request.method().as_str(), context.resource_path.as_deref()?))
        }
        RequestContext::Alb(_) | _ => None,
    }
}

/// The values of the chosen route's parameters, decoded.
pub(crate) fn path_parameters(request: &Request) -> QueryMap {
    let parameters = request.path_parameters();
    match request.request_context_ref() {
        // A REST API hands them on as they stand in the path. An HTTP API that sends format 1.0
        // has decoded them. Decoding twice is harmless, because no id, alias or code contains a
        // percent sign.
        Some(RequestContext::ApiGatewayV1(_)) => {
            let decoded = parameters.iter().map(|(name, value)| (name.to_owned(), decoded(value)));
            decoded.collect::<HashMap<_, _>>().into()
        }
        Some(_) | None => parameters,
    }
}

/// A segment of a path without percent-encoding.
pub(crate) fn decoded(segment: &str) -> String {
    percent_decode_str(segment).decode_utf8_lossy().into_owned()
}

/// The gateway's id of the request, or Lambda's where the gateway gives none; empty if there is
/// neither.
pub(crate) fn request_id(request: &Request) -> &str {
    let id = match request.request_context_ref() {
        Some(RequestContext::ApiGatewayV2(context)) => context.request_id.as_deref(),
        Some(RequestContext::ApiGatewayV1(context)) => context.request_id.as_deref(),
        Some(_) | None => None,
    };
    let of_lambda = || request.lambda_context_ref().map(|context| context.request_id.as_str());
    id.or_else(of_lambda).unwrap_or_default()
}

/// Whether the sender is a load balancer, which takes smaller answers than API Gateway does.
pub(crate) fn is_load_balancer(request: &Request) -> bool {
    matches!(request.request_context_ref(), Some(RequestContext::Alb(_)))
}

/// Whether the sender passes on an answer that is not text. A REST API does so only for the media
/// types that it was told about, and sends base64 for all others. Format 1.0 is also its format.
pub(crate) fn takes_binary_answers(request: &Request) -> bool {
    !matches!(request.request_context_ref(), Some(RequestContext::ApiGatewayV1(_)))
}

/// The claims of a token that the gateway has checked.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Claims<'a> {
    /// Format 2.0.
    Texts(&'a HashMap<String, String>),
    /// Format 1.0.
    Values(&'a Map<String, Value>),
}

impl<'a> Claims<'a> {
    /// The claims that a JWT authorizer of an HTTP API or a Cognito authorizer of a REST API found.
    ///
    /// A Lambda authorizer of the account may have checked anything, so what it returns is not
    /// taken for claims. In format 2.0 that stands under `lambda`. In format 1.0 it stands beside
    /// `principalId`, where the other authorizers have an object `claims`.
    pub(crate) fn of(request: &'a Request) -> Option<Self> {
        match request.request_context_ref()? {
            RequestContext::ApiGatewayV2(context) => {
                let jwt = context.authorizer.as_ref()?.jwt.as_ref()?;
                Some(Self::Texts(&jwt.claims))
            }
            RequestContext::ApiGatewayV1(context) => {
                let fields = &context.authorizer.fields;
                let is_of_a_function = fields.contains_key("principalId");
                let claims = fields.get("claims").filter(|_| !is_of_a_function)?;
                claims.as_object().map(Self::Values)
            }
            RequestContext::Alb(_) | _ => None,
        }
    }

    /// A claim. A claim that is not a text is read as empty, which allows nothing.
    pub(crate) fn get(self, name: &str) -> Option<&'a str> {
        match self {
            Self::Texts(claims) => claims.get(name).map(String::as_str),
            Self::Values(claims) => {
                claims.get(name).map(|value| value.as_str().unwrap_or_default())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::request::event::Incoming;

    fn request(event: &Value) -> Request {
        Incoming::read(&event.to_string()).unwrap().into_request()
    }

    /// Format 1.0, with what the gateway knows about the caller.
    fn rest(authorizer: &Value) -> Request {
        request(&json!({
            "path": "/v0/accounts/a%20b",
            "httpMethod": "GET",
            "pathParameters": { "id": "a%20b" },
            "requestContext": {
                "resourcePath": "/v0/accounts/{id}",
                "httpMethod": "GET",
                "requestId": "rest-1",
                "authorizer": authorizer,
            },
        }))
    }

    /// Format 2.0, likewise.
    fn http_api(authorizer: &Value) -> Request {
        request(&json!({
            "rawPath": "/v0/accounts/a%20b",
            "pathParameters": { "id": "a%20b" },
            "requestContext": {
                "routeKey": "GET /v0/accounts/{id}",
                "http": { "method": "GET" },
                "requestId": "http-1",
                "authorizer": authorizer,
            },
        }))
    }

    fn load_balancer() -> Request {
        request(&json!({
            "path": "/v0/accounts/a%20b",
            "httpMethod": "GET",
            "requestContext": { "elb": { "targetGroupArn": "arn" } },
            "body": "",
        }))
    }

    #[test]
    fn a_gateway_that_chose_a_route_says_which() {
        for request in [rest(&Value::Null), http_api(&Value::Null)] {
            assert_eq!(route(&request), Some(("GET", "/v0/accounts/{id}")));
        }
        assert_eq!(route(&load_balancer()), None);
    }

    #[test]
    fn parameters_of_a_rest_api_are_decoded_here() {
        assert_eq!(path_parameters(&rest(&Value::Null)).first("id"), Some("a b"));
        assert_eq!(path_parameters(&http_api(&Value::Null)).first("id"), Some("a%20b"));
    }

    #[test]
    fn a_request_has_the_id_of_its_gateway_or_else_of_lambda() {
        assert_eq!(request_id(&rest(&Value::Null)), "rest-1");
        assert_eq!(request_id(&http_api(&Value::Null)), "http-1");
        assert_eq!(request_id(&load_balancer()), "");
        let mut context = lambda_http::Context::default();
        context.request_id = "lambda-1".to_owned();
        assert_eq!(request_id(&load_balancer().with_lambda_context(context)), "lambda-1");
    }

    #[test]
    fn only_what_an_authorizer_of_tokens_found_are_claims() {
        let claims = json!({ "scope": "account/read", "number": 7 });
        let texts = json!({ "scope": "account/read" });
        for (request, scope) in [
            (rest(&json!({ "claims": claims })), Some("account/read")),
            (rest(&json!({ "claims": claims, "scopes": ["x"] })), Some("account/read")),
            (rest(&json!({ "claims": claims, "principalId": "p" })), None),
            (rest(&json!({ "claims": "account/read" })), None),
            (rest(&json!({ "scope": "account/read" })), None),
            (rest(&json!({ "jwt": { "claims": texts } })), None),
            (rest(&Value::Null), None),
            (http_api(&json!({ "jwt": { "claims": texts } })), Some("account/read")),
            (http_api(&json!({ "lambda": { "scope": "account/read" } })), None),
            (http_api(&json!({ "lambda": { "claims": texts } })), None),
            (http_api(&json!({ "claims": texts })), None),
            (http_api(&json!({ "iam": { "userId": "u" } })), None),
            (http_api(&Value::Null), None),
            (load_balancer(), None),
        ] {
            let found = Claims::of(&request).and_then(|claims| claims.get("scope"));
            assert_eq!(found, scope, "{:?}", request.request_context_ref());
        }
    }

    #[test]
    fn a_claim_that_is_no_text_is_empty() {
        let request = rest(&json!({ "claims": { "number": 7, "null": null } }));
        let claims = Claims::of(&request).unwrap();
        assert_eq!(claims.get("number"), Some(""));
        assert_eq!(claims.get("null"), Some(""));
        assert_eq!(claims.get("other"), None);
    }
}
