//! A table for a test of its own.

use std::sync::Arc;

use dynoxide::Database;
use serde_json::{Value, json};
use subledger_dynamodb::{Connection, DynamoStore, Meter};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use uuid::Uuid;

/// The variable that names another DynamoDB for the tests to run on.
const ENDPOINT_VARIABLE: &str = "SUBLEDGER_TEST_ENDPOINT_URL";

/// A table of its own, and a meter on it.
pub(crate) struct Table {
    pub(crate) store: DynamoStore,
    pub(crate) meter: Arc<Meter>,
    /// Whether it counts what a `BatchGetItem` reads.
    counts_batches: bool,
}

impl Table {
    /// An empty table: on an embedded engine, or under a name that nobody else has on the DynamoDB
    /// that `SUBLEDGER_TEST_ENDPOINT_URL` names.
    pub(crate) async fn new() -> Self {
        #[expect(clippy::disallowed_methods, reason = "an engine is given to a run of the tests")]
        let given = std::env::var(ENDPOINT_VARIABLE).ok().filter(|url| !url.is_empty());
        let counts_batches = given.is_none();
        let (endpoint, table) = match given {
            None => (embedded().await, "balances".to_owned()),
            Some(endpoint) => {
                #[expect(clippy::disallowed_methods, reason = "no other run has this table")]
                let table = format!("balances-{}", Uuid::now_v7());
                create(&endpoint, &definition(&table)).await;
                (endpoint, table)
            }
        };
        let meter = Arc::new(Meter::default());
        let connection = Connection::local(&table, &endpoint).with_meter(Arc::clone(&meter));
        Self { store: DynamoStore::connect(&connection), meter, counts_batches }
    }

    /// Checks what was counted since the last check, in thousandths of a unit. What was read is
    /// checked on the embedded engine only: not every other one counts the items of a batch.
    #[track_caller]
    pub(crate) fn cost(&self, calls: u64, read_milli_units: u64, write_milli_units: u64) {
        let counted = self.meter.take();
        let read = if self.counts_batches { counted.read_milli_units } else { read_milli_units };
        let counted = (counted.calls, read, counted.write_milli_units);
        assert_eq!(counted, (calls, read_milli_units, write_milli_units), "calls, reads, writes");
    }
}

fn definition(table: &str) -> Value {
    json!({
        "TableName": table,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [
            { "AttributeName": "pk", "AttributeType": "S" },
            { "AttributeName": "sk", "AttributeType": "S" },
        ],
        "KeySchema": [
            { "AttributeName": "pk", "KeyType": "HASH" },
            { "AttributeName": "sk", "KeyType": "RANGE" },
        ],
    })
}

/// Starts an engine with the table in this process, and tells where it answers.
async fn embedded() -> String {
    let engine = Database::memory().unwrap();
    engine.create_table(serde_json::from_value(definition("balances")).unwrap()).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(dynoxide::server::serve_on(listener, engine));
    endpoint
}

/// Makes the table on an engine that answers when it is there.
async fn create(endpoint: &str, definition: &Value) {
    let host = endpoint.trim_start_matches("http://").trim_end_matches('/');
    let body = definition.to_string();
    let request = format!(
        "POST / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: {}\r\n\
         Content-Type: application/x-amz-json-1.0\r\nX-Amz-Date: 20260101T000000Z\r\n\
         X-Amz-Target: DynamoDB_20120810.CreateTable\r\nAuthorization: AWS4-HMAC-SHA256 \
         Credential=local/20260101/local/dynamodb/aws4_request, SignedHeaders=host, \
         Signature=0\r\n\r\n{body}",
        body.len()
    );
    let mut stream = TcpStream::connect(host).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}
