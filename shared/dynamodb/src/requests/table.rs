//! The table and the client that reaches it.

use std::sync::Arc;

use aws_sdk_dynamodb::types::{ConsumedCapacity, ReturnConsumedCapacity};

use crate::requests::client::Client;
use crate::requests::connection::Connection;

/// One DynamoDB table. Cloning it shares the client with its connections.
#[derive(Debug, Clone)]
pub struct Table {
    /// The client that reaches it.
    pub client: Client,
    /// Its name.
    pub name: Arc<str>,
}

impl Table {
    /// The table of this connection. Nothing is sent before the first request.
    pub fn new(connection: &Connection) -> Self {
        Self { client: Client::new(connection), name: Arc::from(connection.table()) }
    }

    /// Whether answers are to report the capacity that they consumed.
    pub(super) fn capacity_wanted(&self) -> ReturnConsumedCapacity {
        use ReturnConsumedCapacity::{None, Total};
        self.client.meter().map_or(None, |_| Total)
    }

    /// Counts a request that reads.
    pub(super) fn count_read<'c>(&self, consumed: impl IntoIterator<Item = &'c ConsumedCapacity>) {
        if let Some(meter) = self.client.meter() {
            meter.count_read(consumed);
        }
    }

    /// Counts a request that writes.
    pub(super) fn count_write<'c>(&self, consumed: impl IntoIterator<Item = &'c ConsumedCapacity>) {
        if let Some(meter) = self.client.meter() {
            meter.count_write(consumed);
        }
    }
}
