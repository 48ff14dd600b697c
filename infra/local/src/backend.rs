//! Which DynamoDB the functions run on.

use std::sync::Arc;

use subledger_dynamodb::{Connection, DynamoStore};
use subledger_http::system::SystemClock;

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
    connection: Connection,
}

impl Backend {
    /// An engine that takes any region and credentials, has this table and answers here.
    #[must_use]
    pub fn local(table_name: &str, endpoint_url: &str) -> Self {
        Self {
            endpoint_url: endpoint_url.to_owned(),
            table_name: table_name.to_owned(),
            connection: Connection::local(table_name, endpoint_url),
        }
    }

    /// Another DynamoDB, which answers here. `TABLE_NAME` names the table; region and credentials
    /// are those that an AWS command line on this machine would use.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] when nothing says which table, or which region.
    pub async fn elsewhere(endpoint_url: &str) -> Result<Self, Error> {
        let connection = Connection::from_profile(endpoint_url).await.map_err(Error::Store)?;
        let connection = connection.with_clock(Arc::new(SystemClock));
        Ok(Self {
            endpoint_url: endpoint_url.to_owned(),
            table_name: connection.table().to_owned(),
            connection,
        })
    }

    /// The store on this DynamoDB.
    #[must_use]
    pub fn store(&self) -> DynamoStore {
        DynamoStore::connect(&self.connection)
    }
}
