//! What the local stack reads of `template.yaml`: the table, the routes, and what pages of other
//! origins may do.
//!
//! The file is compiled in, so the binary runs from any directory and always agrees with the
//! functions it was built with. Intrinsics (`!Ref`, `!GetAtt`, …) stand in the file as YAML tags;
//! they survive parsing as untyped values, and only `!If` around `CorsConfiguration` is looked into.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_yaml_ng::Value;

use crate::Error;
use crate::cors::CorsConfiguration;
use crate::routes::Pattern;

/// The template of this workspace.
pub const TEMPLATE: &str = include_str!("../../../template.yaml");

/// `cargo lambda build` leaves each function in a directory of this one.
const CODE_DIRECTORY: &str = "target/lambda/";

/// The part of a template that the local stack needs.
#[derive(Debug)]
pub struct Template {
    /// The one table.
    pub table: Table,
    /// Every route, in the order of the function's logical ids.
    pub routes: Vec<Route>,
    /// What pages of other origins may do, where any are allowed; `None` if the template has nothing
    /// about them.
    pub cors: Option<CorsConfiguration>,
}

/// A table, as both CloudFormation and the DynamoDB API write it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Table {
    /// The partition key and the sort key.
    pub key_schema: Vec<KeyElement>,
    /// The type of each key attribute.
    pub attribute_definitions: Vec<AttributeDefinition>,
    /// `PAY_PER_REQUEST`: this product reserves no capacity.
    pub billing_mode: String,
}

/// One attribute of the primary key.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct KeyElement {
    /// The attribute's name.
    pub attribute_name: String,
    /// `HASH` for the partition key, `RANGE` for the sort key.
    pub key_type: String,
}

/// The type of an attribute that is part of a key.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct AttributeDefinition {
    /// The attribute's name.
    pub attribute_name: String,
    /// `S`, `N` or `B`.
    pub attribute_type: String,
}

/// A route and the function behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// Which requests it takes.
    pub pattern: Pattern,
    /// The function's package, for example `create-balance`.
    pub package: String,
    /// Whether the authorizer checks its requests.
    pub authorized: bool,
}

impl Template {
    /// The template of this workspace.
    ///
    /// # Errors
    ///
    /// [`Error::Template`] and [`Error::TemplateSyntax`] when it is not a template that this stack
    /// can run.
    pub fn embedded() -> Result<Self, Error> {
        Self::parse(TEMPLATE)
    }

    /// Reads a template.
    ///
    /// # Errors
    ///
    /// See [`Template::embedded`].
    pub fn parse(text: &str) -> Result<Self, Error> {
        let document: Document = serde_yaml_ng::from_str(text).map_err(Error::TemplateSyntax)?;
        let mut tables = Vec::new();
        let mut routes = Vec::new();
        let mut cors = None;
        for (name, resource) in document.resources {
            match resource.kind.as_str() {
                "AWS::DynamoDB::Table" => tables.push(read(resource.properties)?),
                "AWS::Serverless::Function" => {
                    routes.extend(function_routes(&name, read(resource.properties)?)?);
                }
                "AWS::Serverless::HttpApi" => {
                    let api: ApiProperties = read(resource.properties)?;
                    cors = api.cors_configuration.map(|it| allowed(&name, it)).transpose()?;
                }
                _ => {}
            }
        }
        match <[Table; 1]>::try_from(tables) {
            Ok([table]) => Ok(Self { table, routes, cors }),
            Err(tables) => {
                Err(Error::Template(format!("one table is expected, {} are there", tables.len())))
            }
        }
    }
}

/// What is configured if any origins are allowed: the first of the two cases of `!If`.
fn allowed(name: &str, configuration: Value) -> Result<CorsConfiguration, Error> {
    let case = if let Value::Tagged(it) = configuration
        && it.tag == "If"
    {
        it.value.get(1).cloned()
    } else {
        None
    };
    let malformed = || format!("CorsConfiguration of {name} is not !If [condition, what, else]");
    read(case.ok_or_else(|| Error::Template(malformed()))?)
}

fn function_routes(name: &str, function: FunctionProperties) -> Result<Vec<Route>, Error> {
    let package = function
        .code_uri
        .strip_prefix(CODE_DIRECTORY)
        .map(|rest| rest.trim_end_matches('/'))
        .filter(|package| !package.is_empty() && !package.contains('/'))
        .ok_or_else(|| {
            Error::Template(format!("CodeUri of {name} is not {CODE_DIRECTORY}<package>/"))
        })?;
    let mut routes = Vec::new();
    for (event_name, event) in function.events {
        if event.kind != "HttpApi" {
            continue;
        }
        let properties: HttpApiProperties = read(event.properties)?;
        let pattern = match (properties.method, properties.path) {
            (Some(method), Some(path)) => Pattern::parse(&method, &path)?,
            // An event that names neither is the API's catch-all.
            (None, None) => Pattern::Default,
            (Some(_), None) | (None, Some(_)) => {
                return Err(Error::Template(format!(
                    "event {event_name} of {name} needs Method and Path, or neither"
                )));
            }
        };
        routes.push(Route {
            pattern,
            package: package.to_owned(),
            authorized: properties.auth.authorizer.as_deref() != Some("NONE"),
        });
    }
    Ok(routes)
}

fn read<T: serde::de::DeserializeOwned>(value: Value) -> Result<T, Error> {
    serde_yaml_ng::from_value(value).map_err(Error::TemplateSyntax)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Document {
    resources: BTreeMap<String, Typed>,
}

/// A resource or an event: a type, and properties whose shape depends on it.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Typed {
    #[serde(rename = "Type")]
    kind: String,
    #[serde(default)]
    properties: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct FunctionProperties {
    code_uri: String,
    #[serde(default)]
    events: BTreeMap<String, Typed>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ApiProperties {
    cors_configuration: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct HttpApiProperties {
    method: Option<String>,
    path: Option<String>,
    #[serde(default)]
    auth: Auth,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase")]
struct Auth {
    authorizer: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: &str = "
Resources:
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{AttributeName: pk, AttributeType: S}]
      KeySchema: [{AttributeName: pk, KeyType: HASH}]
      Tags: [{Key: stage, Value: !Ref Stage}]
  Api:
    Type: AWS::Serverless::HttpApi
    Properties: {StageName: dev}
  Read:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: target/lambda/read-it/
      Policies: [{Statement: [{Resource: !GetAtt Table.Arn}]}]
      Events:
        Get:
          Type: HttpApi
          Properties: {ApiId: !Ref Api, Method: get, Path: '/things/{id}'}
        Else:
          Type: HttpApi
          Properties: {ApiId: !Ref Api, Auth: {Authorizer: NONE}}
        Nightly:
          Type: ScheduleV2
          Properties: {ScheduleExpression: rate(1 day)}
";

    #[test]
    fn a_template_with_intrinsics_gives_its_table_and_its_routes() {
        let template = Template::parse(SMALL).unwrap();
        assert_eq!(template.table.billing_mode, "PAY_PER_REQUEST");
        assert_eq!(template.cors, None);
        assert_eq!(
            template.routes,
            [
                Route { pattern: Pattern::Default, package: "read-it".into(), authorized: false },
                Route {
                    pattern: Pattern::parse("GET", "/things/{id}").unwrap(),
                    package: "read-it".into(),
                    authorized: true,
                },
            ]
        );
    }

    #[test]
    fn the_template_of_this_workspace_is_runnable() {
        let template = Template::embedded().unwrap();
        let keys: Vec<_> = template
            .table
            .key_schema
            .iter()
            .map(|key| (key.attribute_name.as_str(), key.key_type.as_str()))
            .collect();
        assert_eq!(keys, [("pk", "HASH"), ("sk", "RANGE")]);
        let open: Vec<_> = template
            .routes
            .iter()
            .filter(|route| !route.authorized)
            .map(|route| (route.pattern.to_string(), route.package.as_str()))
            .collect();
        let open: Vec<_> = open.iter().map(|(route, package)| (route.as_str(), *package)).collect();
        let (health, unknown) = ("health", "unknown-route");
        let expected = [
            ("GET /health", health),
            ("GET /readyz", health),
            ("GET /version", health),
            ("$default", unknown),
            ("OPTIONS /{proxy+}", unknown),
        ];
        assert_eq!(open, expected);
        let cors = template.cors.unwrap();
        assert_eq!(cors.allow_methods, ["GET", "HEAD", "POST", "PATCH", "DELETE"]);
        assert!(cors.allow_headers.contains(&"authorization".to_owned()));
        assert_eq!(cors.max_age, 7_200);
    }

    #[test]
    fn a_template_that_cannot_run_is_refused_with_the_reason() {
        for (replaced, by, message) in [
            (
                "target/lambda/read-it/",
                "build/",
                "template.yaml: CodeUri of Read is not target/lambda/<package>/",
            ),
            (
                "Method: get, ",
                "",
                "template.yaml: event Get of Read needs Method and Path, or neither",
            ),
            (
                "AWS::DynamoDB::Table",
                "AWS::S3::Bucket",
                "template.yaml: one table is expected, 0 are there",
            ),
            (
                "{StageName: dev}",
                "{CorsConfiguration: {AllowMethods: [GET]}}",
                "template.yaml: CorsConfiguration of Api is not !If [condition, what, else]",
            ),
            ("Resources:", "Resources: [", "template.yaml cannot be read"),
        ] {
            let error = Template::parse(&SMALL.replace(replaced, by)).unwrap_err();
            assert_eq!(error.to_string(), message);
        }
    }
}
