//! Which DynamoDB the functions run on.

use subledger_dynamodb::{Connection, DynamoStore};

use crate::Error;
use crate::template::Table;

/// The name of the table on this machine; on AWS it is the stack's to choose.
pub const TABLE_NAME: &str = "subledger";

/// A DynamoDB, as the store needs to know it.
#[derive(Debug, Clone)]
pub struct Backend {
    /// Where it answers.
    pub endpoint_url: String,
    /// The one table.
    pub table_name: String,
    /// What the table must look like, for a backend on which it may have to be created.
    pub table: Table,
    /// Whether it is the engine in this process, which already has the table and takes any region
    /// and credentials. Those of another backend come from the environment.
    pub embedded: bool,
}

impl Backend {
    /// The store on this DynamoDB.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] when the environment does not say who asks, or no client can be made.
    pub fn store(&self) -> Result<DynamoStore, Error> {
        let connection = if self.embedded {
            Connection::local(&self.table_name, &self.endpoint_url)
        } else {
            let endpoint = Some(self.endpoint_url.clone());
            let connection = Connection::from_env();
            let connection = connection.map_err(|missing| Error::Store(missing.into()))?;
            Connection { endpoint, ..connection }
        };
        DynamoStore::connect(&connection).map_err(Error::Store)
    }
}
