//! How to reach the table.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::meter::Meter;

/// How to reach the table.
#[derive(Debug, Clone)]
pub struct Connection {
    /// The name of the table.
    pub table: String,
    /// The AWS region.
    pub region: String,
    /// Whom DynamoDB is to believe the requests come from.
    pub credentials: Credentials,
    /// Another address than the region's own; `http://` needs no TLS.
    pub endpoint: Option<String>,
    /// A file of certificates, whose authorities are believed instead of the public ones.
    pub ca_bundle: Option<PathBuf>,
    /// How long to wait for answers.
    pub patience: Patience,
    /// Adds up what the requests cost, where somebody wants to know.
    pub meter: Option<Arc<Meter>>,
    /// What is asked instead of DynamoDB.
    #[cfg(feature = "testing")]
    pub model: Option<Arc<dyn crate::Model>>,
}

/// How long to wait for answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// For a connection.
    pub connect: Duration,
    /// For an attempt: a request that is sent once, its connection included.
    pub attempt: Duration,
    /// For all attempts of a request together.
    pub operation: Duration,
}

/// A region connects within milliseconds, and the slowest request, a transaction, takes some 20;
/// all attempts of one request fit into the 10 seconds that a function has. Those of several may
/// not: then the function answers before its time is over.
impl Default for Patience {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(1),
            attempt: Duration::from_secs(3),
            operation: Duration::from_secs(8),
        }
    }
}

/// Whom DynamoDB is to believe the requests come from.
#[derive(Clone)]
pub struct Credentials {
    /// The public half.
    pub access_key_id: String,
    /// The secret half.
    pub secret_access_key: String,
    /// Present where the other two are of a role.
    pub session_token: Option<String>,
}

impl Credentials {
    /// For an engine that believes everybody.
    #[must_use]
    pub fn anybody() -> Self {
        Self {
            access_key_id: "local".to_owned(),
            secret_access_key: "local".to_owned(),
            session_token: None,
        }
    }
}

/// Shows no secret.
impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("access_key_id", &self.access_key_id)
            .finish_non_exhaustive()
    }
}

/// A variable that has to be in the environment is not, or is not text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MissingVariable(pub &'static str);

impl fmt::Display for MissingVariable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the environment has no {}", self.0)
    }
}

impl std::error::Error for MissingVariable {}

impl Connection {
    /// To a table of an engine that believes everybody.
    #[must_use]
    pub fn local(table: &str, endpoint: &str) -> Self {
        Self {
            table: table.to_owned(),
            region: "local".to_owned(),
            credentials: Credentials::anybody(),
            endpoint: Some(endpoint.to_owned()),
            ca_bundle: None,
            patience: Patience::default(),
            meter: None,
            #[cfg(feature = "testing")]
            model: None,
        }
    }

    /// What the environment of a Lambda function says: `TABLE_NAME`, `AWS_REGION`,
    /// `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, and where present `AWS_SESSION_TOKEN`,
    /// `AWS_ENDPOINT_URL_DYNAMODB` and `AWS_CA_BUNDLE`.
    ///
    /// Lambda renews the credentials by starting new instances, so reading them once is enough.
    ///
    /// # Errors
    /// [`MissingVariable`] names the first that is needed and not there.
    #[expect(clippy::disallowed_methods, reason = "this is the place that reads the environment")]
    pub fn from_env() -> Result<Self, MissingVariable> {
        Self::from_variables(|name| std::env::var(name).ok())
    }

    fn from_variables(read: impl Fn(&str) -> Option<String>) -> Result<Self, MissingVariable> {
        // An empty variable is how a template says "none".
        let optional = |name| read(name).filter(|value| !value.is_empty());
        let required = |name| optional(name).ok_or(MissingVariable(name));
        Ok(Self {
            table: required("TABLE_NAME")?,
            region: required("AWS_REGION")?,
            credentials: Credentials {
                access_key_id: required("AWS_ACCESS_KEY_ID")?,
                secret_access_key: required("AWS_SECRET_ACCESS_KEY")?,
                session_token: optional("AWS_SESSION_TOKEN"),
            },
            endpoint: optional("AWS_ENDPOINT_URL_DYNAMODB"),
            ca_bundle: optional("AWS_CA_BUNDLE").map(PathBuf::from),
            patience: Patience::default(),
            meter: None,
            #[cfg(feature = "testing")]
            model: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    fn variables() -> HashMap<&'static str, &'static str> {
        HashMap::from([
            ("TABLE_NAME", "balances"),
            ("AWS_REGION", "eu-central-1"),
            ("AWS_ACCESS_KEY_ID", "AKIA"),
            ("AWS_SECRET_ACCESS_KEY", "hush"),
            ("AWS_SESSION_TOKEN", "token"),
        ])
    }

    fn read(variables: &HashMap<&str, &str>) -> Result<Connection, MissingVariable> {
        Connection::from_variables(|name| variables.get(name).map(|value| (*value).to_owned()))
    }

    #[test]
    fn the_environment_of_a_function_is_enough() {
        let connection = read(&variables()).unwrap();
        assert_eq!(connection.table, "balances");
        assert_eq!(connection.credentials.session_token.as_deref(), Some("token"));
        assert_eq!(connection.endpoint, None);
    }

    #[test]
    fn a_missing_or_empty_variable_is_named() {
        for name in ["TABLE_NAME", "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"] {
            let mut without = variables();
            without.remove(name);
            assert_eq!(read(&without).unwrap_err(), MissingVariable(name));
            without.insert(name, "");
            assert_eq!(read(&without).unwrap_err(), MissingVariable(name));
        }
    }

    #[test]
    fn a_secret_is_not_shown() {
        let shown = format!("{:?}", read(&variables()).unwrap());
        assert!(!shown.contains("hush") && !shown.contains("token"), "{shown}");
    }
}
