//! The store, and what all its parts use.

use std::sync::Arc;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::types::{ConsumedCapacity, ReturnConsumedCapacity};
use subledger::account::Alias;
use subledger::error::Cause;
use subledger::ids::{AccountId, Scope};
use subledger::ledger::DirectoryShards;

use crate::back_off;
use crate::client;
use crate::config::Connection;
use crate::keys::Key;
use crate::meter::{Consumption, Meter};
use crate::remembered::Remembered;

/// The table, through one client for life. Cloning it shares the client and what was learned.
#[derive(Debug, Clone)]
pub struct DynamoStore {
    pub(crate) client: Client,
    pub(crate) table: Arc<str>,
    /// How the directories of ledgers are spread.
    pub(crate) ledgers: Arc<Remembered<Scope, DirectoryShards>>,
    /// Which accounts aliases name.
    pub(crate) aliases: Arc<Remembered<(Scope, Alias), AccountId>>,
    meter: Option<Arc<Meter>>,
}

impl DynamoStore {
    /// The store of this connection; it connects when it is first used.
    ///
    /// # Errors
    /// If the client cannot be made, whatever the table is.
    pub fn connect(connection: &Connection) -> Result<Self, Cause> {
        Ok(Self {
            client: client::connect(connection)?,
            table: Arc::from(connection.table.as_str()),
            ledgers: Arc::default(),
            aliases: Arc::default(),
            meter: connection.meter.clone(),
        })
    }

    /// The store that the environment of a Lambda function names. It counts what it costs.
    ///
    /// # Errors
    /// If the environment is not complete, or no client can be made.
    pub fn from_env() -> Result<Self, Cause> {
        let meter = Some(Arc::default());
        Self::connect(&Connection { meter, ..Connection::from_env()? })
    }

    /// What was asked of DynamoDB since the last time this was asked.
    #[must_use]
    pub fn take_consumption(&self) -> Consumption {
        self.meter.as_deref().map(Meter::take).unwrap_or_default()
    }

    /// Opens the connection, so that the first request need not.
    ///
    /// Asks for an item that never exists, which costs half a read unit, or nothing where the
    /// function may not get items: a refusal opens the connection just as well. Whether it
    /// succeeded is for the first request to find out.
    pub async fn warm_up(&self) {
        let request = self.client.get_item().table_name(&*self.table).consistent_read(false);
        let answer = request.set_key(Some(Key::Nothing.attributes())).send().await;
        if let Err(error) = answer {
            tracing::debug!(code = error.code(), "warming up found no item to read");
        }
    }

    /// Whether requests are to say what they cost.
    pub(crate) fn capacity_wanted(&self) -> Option<ReturnConsumedCapacity> {
        self.meter.as_ref().map(|_| ReturnConsumedCapacity::Total)
    }

    /// Waits before an attempt, and counts it unless it is the first.
    pub(crate) async fn pause(&self, attempts_before: u32) {
        if let Some(meter) = self.meter.as_deref().filter(|_| attempts_before > 0) {
            meter.count_repetition();
        }
        back_off::pause(attempts_before).await;
    }

    /// Counts a reading request.
    pub(crate) fn count_read(&self, consumed: &[ConsumedCapacity]) {
        if let Some(meter) = &self.meter {
            meter.count_read(consumed);
        }
    }

    /// Counts a writing request.
    pub(crate) fn count_write(&self, consumed: &[ConsumedCapacity]) {
        if let Some(meter) = &self.meter {
            meter.count_write(consumed);
        }
    }
}
