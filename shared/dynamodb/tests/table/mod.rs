//! A table for a test of its own.

use std::sync::Arc;

use dynoxide::Database;
use subledger_dynamodb::{Connection, DynamoStore, Meter};
use tokio::net::TcpListener;

/// A table of its own, and a meter on it.
pub(crate) struct Table {
    pub(crate) store: DynamoStore,
    pub(crate) meter: Arc<Meter>,
}

impl Table {
    pub(crate) async fn new() -> Self {
        let engine = Database::memory().unwrap();
        let table = serde_json::json!({
            "TableName": "balances",
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [
                { "AttributeName": "pk", "AttributeType": "S" },
                { "AttributeName": "sk", "AttributeType": "S" },
            ],
            "KeySchema": [
                { "AttributeName": "pk", "KeyType": "HASH" },
                { "AttributeName": "sk", "KeyType": "RANGE" },
            ],
        });
        engine.create_table(serde_json::from_value(table).unwrap()).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(dynoxide::server::serve_on(listener, engine));
        let meter = Arc::new(Meter::default());
        let connection = Connection {
            meter: Some(Arc::clone(&meter)),
            ..Connection::local("balances", &endpoint)
        };
        Self { store: DynamoStore::connect(&connection).unwrap(), meter }
    }

    /// Checks what was counted since the last check, in thousandths of a unit.
    #[track_caller]
    pub(crate) fn cost(&self, calls: u64, read_milli_units: u64, write_milli_units: u64) {
        let counted = self.meter.take();
        let counted = (counted.calls, counted.read_milli_units, counted.write_milli_units);
        assert_eq!(counted, (calls, read_milli_units, write_milli_units), "calls, reads, writes");
    }
}
