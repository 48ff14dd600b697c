//! Which DynamoDB the functions run on.

use subledger_dynamodb::{Connection, DynamoStore};

use crate::Error;

/// The name of the embedded engine's table; in another DynamoDB it is the owner's to choose.
pub const TABLE_NAME: &str = "subledger";

/// A DynamoDB, as the store needs to know it.
#[derive(Debug, Clone)]
pub struct Backend {
    /// Where it answers.
    pub endpoint_url: String,
    /// The name of the one table.
    pub table_name: String,
    /// Whether it is the engine in this process, which already has the table and takes any region
    /// and credentials. Those of another backend come from the environment.
    pub embedded: bool,
}

impl Backend {
    /// The engine in this process, which answers here.
    #[must_use]
    pub fn embedded(endpoint_url: &str) -> Self {
        Self {
            endpoint_url: endpoint_url.to_owned(),
            table_name: TABLE_NAME.to_owned(),
            embedded: true,
        }
    }

    /// Another DynamoDB, which answers here. The environment names the table.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] when the environment does not say which table, or who asks.
    pub fn elsewhere(endpoint_url: &str) -> Result<Self, Error> {
        let table_name = from_env()?.table;
        Ok(Self { endpoint_url: endpoint_url.to_owned(), table_name, embedded: false })
    }

    /// The store on this DynamoDB.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] when the environment does not say who asks, or no client can be made.
    pub fn store(&self) -> Result<DynamoStore, Error> {
        let connection = if self.embedded {
            Connection::local(&self.table_name, &self.endpoint_url)
        } else {
            Connection {
                table: self.table_name.clone(),
                endpoint: Some(self.endpoint_url.clone()),
                ..from_env()?
            }
        };
        DynamoStore::connect(&connection).map_err(Error::Store)
    }
}

fn from_env() -> Result<Connection, Error> {
    Connection::from_env().map_err(|missing| Error::Store(missing.into()))
}
