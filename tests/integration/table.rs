//! A table of its own for each test.

use std::sync::Arc;

use subledger_dynamodb::{Connection, DynamoStore, Meter};
use subledger_local::backend::TABLE_NAME;
use subledger_local::engine::{Engine, Place};
use subledger_local::template::Template;

/// The table of the template on an engine of its own, in memory.
#[derive(Debug)]
pub(crate) struct Table {
    /// A store on it.
    pub(crate) store: DynamoStore,
    /// Adds up what its requests cost.
    pub(crate) meter: Arc<Meter>,
    /// Stops when it is dropped.
    engine: Engine,
}

impl Table {
    pub(crate) async fn new() -> Self {
        let template = Template::embedded().unwrap();
        let engine = Engine::start(Place::Memory, TABLE_NAME, &template.table).await.unwrap();
        let meter = Arc::new(Meter::default());
        let connection = Connection {
            meter: Some(Arc::clone(&meter)),
            ..Connection::local(TABLE_NAME, engine.endpoint_url())
        };
        let store = DynamoStore::connect(&connection).unwrap();
        Self { store, meter, engine }
    }

    /// The store alone; its engine runs until the test ends.
    pub(crate) fn into_store(self) -> DynamoStore {
        std::mem::forget(self.engine);
        self.store
    }
}
