//! Temporary.
use dynoxide::Database;
use subledger_dynamodb::{Connection, Credentials, DynamoStore};
use tokio::net::TcpListener;

fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
        .block_on(future)
}

async fn new_store() -> DynamoStore {
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
    DynamoStore::connect(&Connection {
        table: "balances".to_owned(),
        region: "eu-central-1".to_owned(),
        credentials: Credentials::anybody(),
        endpoint: Some(endpoint),
        meter: None,
    })
    .unwrap()
}

subledger::store_contract!(block_on, new_store);
