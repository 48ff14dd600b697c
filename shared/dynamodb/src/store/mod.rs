//! The store, and what its parts share.

mod accounts;
mod assets;
mod balance_history;
mod cache;
mod change_balance;
mod counts;
mod groups;
mod large_lists;
mod ledgers;
mod list_balances;
mod list_transactions;
mod listing;
mod numbered_list;
mod open_balances;
mod organizations;
mod post_transaction;
mod read_balance;
mod revisions;

use std::sync::Arc;

use subledger::account::Alias;
use subledger::error::{Cause, Error};
use subledger::ledger::ListingShards;
use subledger::money::ids::{AccountId, Scope};
use subledger::ports::{BackOff, Clock};

use crate::requests::connection::Connection;
use crate::requests::meter::{Consumption, Meter};
use crate::requests::table::Table;
use crate::store::cache::Cache;

/// The store in one table. Cloning it shares the client and the caches.
#[derive(Debug, Clone)]
pub struct DynamoStore {
    pub(crate) table: Table,
    /// The number of listing shards of ledgers.
    pub(crate) ledgers: Arc<Cache<Scope, ListingShards>>,
    /// The accounts of aliases.
    pub(crate) aliases: Arc<Cache<(Scope, Alias), AccountId>>,
    /// The accounts whose overdraft balance a step needed before. It tells only what to read at
    /// once; no decision depends on it.
    pub(crate) overdrawing: Arc<Cache<AccountId, ()>>,
}

impl DynamoStore {
    /// The store of this connection; it connects when it is first used.
    #[must_use]
    pub fn connect(connection: &Connection) -> Self {
        Self {
            table: Table::new(connection),
            ledgers: Arc::default(),
            aliases: Arc::default(),
            overdrawing: Arc::default(),
        }
    }

    /// The store that the environment of a Lambda function configures. It counts what its requests
    /// consume, and compares the clock of the function with that of DynamoDB.
    ///
    /// # Errors
    /// If the environment is not complete.
    pub async fn from_env(clock: Arc<dyn Clock>) -> Result<Self, Cause> {
        let connection = Connection::from_env().await?.with_meter(Arc::default());
        Ok(Self::connect(&connection.with_clock(clock)))
    }

    /// The table, for tools that read it item by item.
    #[must_use]
    pub const fn table(&self) -> &Table {
        &self.table
    }

    /// What requests to DynamoDB consumed since the last call.
    #[must_use]
    pub fn take_consumption(&self) -> Consumption {
        self.table.client.meter().map(Meter::take).unwrap_or_default()
    }

    /// Opens the connection, so that the first request does not have to. A failure is ignored; the
    /// first request will report it.
    pub async fn preconnect(&self) {
        if let Err(error) = self.table.client.preconnect().await {
            tracing::debug!(%error, "the connection was not opened in advance");
        }
    }
}

impl BackOff for DynamoStore {
    fn check_clock(&self) -> Result<(), Error> {
        self.table.client.check_clock()
    }

    async fn back_off(&self, attempt: u32) {
        self.table.client.back_off(attempt).await;
    }
}
