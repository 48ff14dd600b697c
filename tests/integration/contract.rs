//! The contract of a store, on DynamoDB.

use subledger_dynamodb::DynamoStore;

use crate::table::Table;

fn block_on(behaviour: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
        .block_on(behaviour);
}

async fn new_store() -> DynamoStore {
    Table::new().await.into_store()
}

subledger_store_contract::store_contract!(block_on, new_store);
