//! A table of its own for each test.

use std::sync::Arc;

use subledger_dynamodb::{DynamoStore, Meter};
use subledger_tests::TestTable;

/// The table of the template, with a store on it.
#[derive(Debug)]
pub(crate) struct Table {
    /// A store on it.
    pub(crate) store: DynamoStore,
    /// Counts what its requests consume.
    pub(crate) meter: Arc<Meter>,
    /// Its engine stops when it is dropped.
    table: TestTable,
}

impl Table {
    pub(crate) async fn new() -> Self {
        let table = TestTable::new().await;
        let meter = Arc::new(Meter::default());
        let store = DynamoStore::connect(&table.connection(Some(Arc::clone(&meter))));
        Self { store, meter, table }
    }

    /// The store alone; its engine runs until the test ends.
    pub(crate) fn into_store(self) -> DynamoStore {
        std::mem::forget(self.table);
        self.store
    }
}
