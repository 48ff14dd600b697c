//! A table for one test.

use std::sync::Arc;

use serde_json::{Value, json};
use subledger_dynamodb::{Connection, Meter};
use subledger_local::backend::{Backend, TABLE_NAME};
use subledger_local::engine::{Engine, Place};
use subledger_local::template::{Table, Template};
use uuid::Uuid;

use crate::http_client::HttpClient;
use crate::request::Request;

/// The variable that names another DynamoDB for the tests to run on.
const ENDPOINT_VARIABLE: &str = "SUBLEDGER_TEST_ENDPOINT_URL";

/// A table for one test, as the template describes it: on an embedded engine that ends
/// with it, or on the DynamoDB that `SUBLEDGER_TEST_ENDPOINT_URL` names, under a name of
/// its own.
#[derive(Debug)]
pub struct TestTable {
    /// The location of the table, in the form that the local stack takes.
    pub backend: Backend,
    client: HttpClient,
    /// The engine, which ends when this is dropped.
    _engine: Option<Engine>,
}

impl TestTable {
    /// An empty table.
    pub async fn new() -> Self {
        let table = Template::embedded().unwrap().table;
        match other_engine() {
            None => Self::embedded(&table).await,
            Some(endpoint_url) => Self::on(endpoint_url, &table).await,
        }
    }

    async fn embedded(table: &Table) -> Self {
        let engine = Engine::start(Place::Memory, TABLE_NAME, table).await.unwrap();
        let backend = Backend::local(TABLE_NAME, engine.endpoint_url());
        let client = HttpClient::new(&backend.endpoint_url);
        Self { backend, client, _engine: Some(engine) }
    }

    async fn on(endpoint_url: String, table: &Table) -> Self {
        let client = HttpClient::new(&endpoint_url);
        #[expect(clippy::disallowed_methods, reason = "no other test has this table")]
        let table_name = format!("subledger-{}", Uuid::now_v7());
        let mut definition = json!(table);
        definition["TableName"] = json!(table_name);
        // It takes any credentials, as the embedded one does.
        let backend = Backend::local(&table_name, &endpoint_url);
        let made = Self { backend, client, _engine: None };
        made.ask("CreateTable", &definition).await;
        let described = json!({ "TableName": made.backend.table_name });
        while made.ask("DescribeTable", &described).await["Table"]["TableStatus"] != "ACTIVE" {
            tokio::task::yield_now().await;
        }
        made
    }

    /// An existing table, on an engine that accepts any credentials.
    #[must_use]
    pub fn at(endpoint_url: &str, table_name: &str) -> Self {
        let client = HttpClient::new(endpoint_url);
        let (endpoint_url, table_name) = (endpoint_url.to_owned(), table_name.to_owned());
        let backend = Backend::local(&table_name, &endpoint_url);
        Self { backend, client, _engine: None }
    }

    /// The connection of a store to it.
    #[must_use]
    pub fn connection(&self, meter: Option<Arc<Meter>>) -> Connection {
        let connection = Connection::local(&self.backend.table_name, &self.backend.endpoint_url);
        match meter {
            Some(meter) => connection.with_meter(meter),
            None => connection,
        }
    }

    /// Sends a request to the engine without the store. The table name is filled in.
    ///
    /// # Panics
    /// If the engine refuses.
    pub async fn ask(&self, action: &str, asked: &Value) -> Value {
        let mut asked = asked.clone();
        asked["TableName"] = json!(self.backend.table_name);
        // The engine wants to see a signature and does not look at it.
        let signature = "AWS4-HMAC-SHA256 Credential=local/20260101/local/dynamodb/aws4_request, \
                         SignedHeaders=host, Signature=0";
        let request = Request::post("/", &asked)
            .header("X-Amz-Target", &format!("DynamoDB_20120810.{action}"))
            .header("X-Amz-Date", "20260101T000000Z")
            .header("Authorization", signature);
        let answer = self.client.send(&request).await;
        assert_eq!(answer.status, 200, "{action}: {}", answer.text);
        serde_json::from_str(&answer.text).unwrap()
    }

    /// Everything that is stored, each item in the JSON of the DynamoDB API.
    pub async fn items(&self) -> Vec<Value> {
        let mut items = Vec::new();
        let mut start = Value::Null;
        loop {
            let mut asked = json!({ "ConsistentRead": true });
            if !start.is_null() {
                asked["ExclusiveStartKey"] = start;
            }
            let page = self.ask("Scan", &asked).await;
            items.extend(page["Items"].as_array().unwrap().iter().cloned());
            start = page["LastEvaluatedKey"].clone();
            if start.is_null() {
                return items;
            }
        }
    }
}

/// The DynamoDB that this run of the tests is to use instead of the embedded one, if any.
#[must_use]
pub fn other_engine() -> Option<String> {
    #[expect(clippy::disallowed_methods, reason = "an engine is given to a run of the tests")]
    let given = std::env::var(ENDPOINT_VARIABLE).ok();
    given.filter(|url| !url.is_empty()).map(|url| url.trim_end_matches('/').to_owned())
}
