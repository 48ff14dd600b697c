//! Events as API Gateway makes them, for functions that are invoked without a gateway.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use subledger_http::request::routes;

/// The values of the variables of a path.
pub type PathParameters = BTreeMap<&'static str, String>;

/// A request of one operation, as an event of the function that serves it.
#[derive(Debug, Clone)]
pub struct Invocation {
    /// The package of the function.
    pub package: &'static str,
    /// The event, payload format 2.0.
    pub event: Value,
}

impl Invocation {
    /// A request of the operation with this name, with a token of these claims.
    ///
    /// # Panics
    /// If there is no such operation, or its path has a variable that has no value.
    #[must_use]
    pub fn new(operation: &str, parameters: &PathParameters, claims: &Value) -> Self {
        let mut operations = routes::operations();
        let (_, (method, route)) = operations.find(|(id, _)| *id == operation).unwrap();
        let mut routes = routes::all();
        let (package, ..) = routes.find(|(_, m, r)| (*m, *r) == (method, route)).unwrap();
        let names = route.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
        let named: BTreeMap<&str, &str> =
            names.map(|name| (name, parameters[name].as_str())).collect();
        let path = named.iter().fold(route.to_owned(), |path, (name, value)| {
            path.replace(&format!("{{{name}}}"), value)
        });
        let event = json!({
            "version": "2.0",
            "routeKey": format!("{method} {route}"),
            "rawPath": path,
            "rawQueryString": "",
            "headers": {
                "accept": "application/json",
                "accept-encoding": "gzip",
                "authorization": "Bearer checked.by.the-gateway",
                "content-type": "application/json",
                "host": "k2j4x7w9q1.execute-api.us-east-1.amazonaws.com",
                "user-agent": "client/1.0",
                "x-forwarded-for": "203.0.113.7",
                "x-forwarded-port": "443",
                "x-forwarded-proto": "https"
            },
            "pathParameters": named,
            "requestContext": {
                "accountId": "123456789012",
                "apiId": "k2j4x7w9q1",
                "authorizer": { "jwt": { "claims": claims, "scopes": null } },
                "domainName": "k2j4x7w9q1.execute-api.us-east-1.amazonaws.com",
                "domainPrefix": "k2j4x7w9q1",
                "http": {
                    "method": method,
                    "path": path,
                    "protocol": "HTTP/1.1",
                    "sourceIp": "203.0.113.7",
                    "userAgent": "client/1.0"
                },
                "requestId": "JKJaXmPLvHcESHA=",
                "routeKey": format!("{method} {route}"),
                "stage": "$default",
                "time": "01/Jan/2026:00:00:00 +0000",
                "timeEpoch": 1_767_225_600_000_u64
            },
            "isBase64Encoded": false
        });
        Self { package, event }
    }

    /// The same request with this query, in which nothing is escaped.
    #[must_use]
    pub fn query(mut self, query: &str) -> Self {
        self.event["rawQueryString"] = json!(query);
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        let parameters: BTreeMap<_, _> = pairs.collect();
        if !parameters.is_empty() {
            self.event["queryStringParameters"] = json!(parameters);
        }
        self
    }

    /// The same request with this header, whose name is in lower case.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.event["headers"][name] = json!(value);
        self
    }

    /// The same request with this body.
    #[must_use]
    pub fn body(mut self, body: &Value) -> Self {
        self.event["body"] = json!(body.to_string());
        self
    }
}
