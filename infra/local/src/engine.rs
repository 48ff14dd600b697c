//! The DynamoDB in this process: the engine, served over HTTP with the table of the template, on a
//! free port of the loopback interface unless another address is asked for.
//!
//! The store talks to it over HTTP as it talks to AWS. The engine keeps its data in one
//! SQLite file in WAL mode; it leaves `synchronous` at SQLite's default, `FULL`, so every commit
//! is on the disk before the write is answered, and neither `kill -9` nor a power cut loses it.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use dynoxide::actions::create_table::CreateTableRequest;
use dynoxide::actions::describe_table::DescribeTableRequest;
use dynoxide::{Database, DynoxideError};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::Error;
use crate::data_dir::DataDir;
use crate::template::Table;

/// How long the engine may take to finish its last requests. They are its own functions', which
/// have finished before it is asked to stop.
const SHUTDOWN_LIMIT: Duration = Duration::from_secs(5);

/// How every SQLite file begins.
const SQLITE_HEADER: &[u8; 16] = b"SQLite format 3\0";

/// The default address of the engine: a free port of the loopback interface.
pub const ANY_LOCAL_PORT: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// Where the engine keeps its data.
#[derive(Debug, Clone)]
pub enum Place {
    /// In memory; the data is gone when the engine stops.
    Memory,
    /// A file in this directory, which no other process may use at the same time.
    Directory(DataDir),
}

/// A running engine.
#[derive(Debug)]
pub struct Engine {
    endpoint_url: String,
    stop: oneshot::Sender<()>,
    served: JoinHandle<Result<(), String>>,
    /// Held until the engine has stopped.
    lock: Option<File>,
}

impl Engine {
    /// Opens the data and starts to answer on a free port of the loopback interface. The table is
    /// made when it is not there.
    ///
    /// # Errors
    ///
    /// Those of [`Engine::start_at`].
    pub async fn start(place: Place, table_name: &str, table: &Table) -> Result<Self, Error> {
        Self::start_at(ANY_LOCAL_PORT, place, table_name, table).await
    }

    /// Starts like [`Engine::start`], at this address. The engine lets everybody in, so whoever
    /// reaches the address reaches the data.
    ///
    /// # Errors
    ///
    /// [`Error::Listen`] when the address is taken or not one of this machine,
    /// [`Error::DataDirInUse`] when another process has the data, [`Error::EmptyDatabase`],
    /// [`Error::NotADatabase`] and [`Error::Database`] when it cannot be read, [`Error::NoTable`]
    /// and [`Error::OtherTable`] when it holds no table or another one than the template's,
    /// [`Error::Table`] when the engine refuses the template's table.
    pub async fn start_at(
        address: SocketAddr,
        place: Place,
        table_name: &str,
        table: &Table,
    ) -> Result<Self, Error> {
        let failed_to_listen = |source| Error::Listen { address, source };
        // The address first, because it is known at once whether it is free.
        let listener = TcpListener::bind(address).await.map_err(failed_to_listen)?;
        let address = listener.local_addr().map_err(failed_to_listen)?;
        let (table_name, table) = (table_name.to_owned(), table.clone());
        // Opening a file may recover a journal, so it does not run on a thread of the asynchronous tasks.
        let opened = tokio::task::spawn_blocking(move || open(&place, &table_name, &table));
        let (database, lock) = opened.await.map_err(|error| failed(error.to_string()))??;
        let (stop, stopped) = oneshot::channel::<()>();
        let served =
            tokio::spawn(dynoxide::server::serve_with_shutdown(listener, database, async {
                // The sender is dropped in order to stop, which is an error of the receiver.
                drop(stopped.await);
            }));
        Ok(Self { endpoint_url: format!("http://{address}"), stop, served, lock })
    }

    /// Where it answers.
    pub fn endpoint_url(&self) -> &str {
        &self.endpoint_url
    }

    /// Takes no more requests and closes the data.
    ///
    /// # Errors
    ///
    /// [`Error::Server`] when the engine had failed before.
    pub async fn shutdown(mut self) -> Result<(), Error> {
        drop(self.stop);
        let ended = tokio::time::timeout(SHUTDOWN_LIMIT, &mut self.served).await;
        match ended {
            Ok(Ok(Ok(()))) => Ok(()),
            Ok(Ok(Err(reason))) => Err(failed(reason)),
            Ok(Err(error)) => Err(failed(error.to_string())),
            Err(_) => {
                tracing::warn!("the engine did not stop in time");
                self.served.abort();
                // Its connections are tasks of their own and may still write, so the lock is kept
                // for as long as the process lives.
                std::mem::forget(self.lock);
                Ok(())
            }
        }
    }
}

fn failed(reason: String) -> Error {
    Error::Server { server: "engine", reason }
}

fn open(place: &Place, table_name: &str, table: &Table) -> Result<(Database, Option<File>), Error> {
    let directory = match place {
        Place::Memory => {
            let path = PathBuf::from(":memory:");
            let database = Database::memory().map_err(|source| Error::Database { path, source })?;
            create(&database, table_name, json!(table)).map_err(Error::Table)?;
            return Ok((database, None));
        }
        Place::Directory(directory) => directory,
    };
    let lock = directory.lock()?;
    let path = directory.database();
    if !is_there(&path)? {
        let new = directory.new_database()?;
        // Dropped, and so closed: a database that is open must not be renamed.
        create(&open_file(&new)?, table_name, json!(table)).map_err(Error::Table)?;
        directory.keep_new_database(&new)?;
    }
    directory.restrict_database()?;
    let database = open_file(&path)?;
    let described =
        database.describe_table(DescribeTableRequest { table_name: table_name.to_owned() });
    match described {
        Ok(found) if json!(found.table.key_schema) == key_schema(&json!(table)) => {
            Ok((database, Some(lock)))
        }
        Ok(_) => Err(Error::OtherTable(path)),
        Err(DynoxideError::ResourceNotFoundException(_)) => Err(Error::NoTable(path)),
        Err(source) => Err(Error::Database { path, source }),
    }
}

fn open_file(path: &Path) -> Result<Database, Error> {
    let not_utf8 = || DynoxideError::InternalServerError("the path is not UTF-8".to_owned());
    let opened = path.to_str().ok_or_else(not_utf8).and_then(Database::new);
    opened.map_err(|source| Error::Database { path: path.to_owned(), source })
}

/// Whether there is a database. Refuses a file that SQLite did not write, because the engine would
/// report it as an encrypted database, and an empty one, in which the engine would begin anew.
fn is_there(path: &Path) -> Result<bool, Error> {
    let mut start = [0; SQLITE_HEADER.len()];
    let read = File::open(path).and_then(|mut file| {
        if file.metadata()?.len() == 0 {
            return Ok(0);
        }
        file.read_exact(&mut start).map(|()| start.len())
    });
    match read {
        Ok(0) => Err(Error::EmptyDatabase(path.to_owned())),
        Ok(_) if start == *SQLITE_HEADER => Ok(true),
        Ok(_) => Err(Error::NotADatabase(path.to_owned())),
        // It is shorter than the header.
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => {
            Err(Error::NotADatabase(path.to_owned()))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(source) => Err(Error::DataDir { action: "read", path: path.to_owned(), source }),
    }
}

#[expect(clippy::expect_used, reason = "`Table` has a key schema")]
fn key_schema(table: &Value) -> Value {
    table.get("KeySchema").cloned().expect("a table of the template has keys")
}

fn create(database: &Database, table_name: &str, mut table: Value) -> Result<(), DynoxideError> {
    if let Value::Object(members) = &mut table {
        members.insert("TableName".to_owned(), json!(table_name));
    }
    let request: CreateTableRequest = serde_json::from_value(table)
        .map_err(|error| DynoxideError::ValidationException(error.to_string()))?;
    database.create_table(request)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::template::Template;

    fn table() -> Table {
        Template::embedded().unwrap().table
    }

    fn place(directory: &tempfile::TempDir) -> Place {
        Place::Directory(DataDir::open(directory.path()).unwrap())
    }

    #[tokio::test]
    async fn the_engine_starts_on_its_own_data_again() {
        let directory = tempfile::tempdir().unwrap();
        for _ in 0..2 {
            let engine = Engine::start(place(&directory), "subledger", &table()).await.unwrap();
            assert!(engine.endpoint_url().starts_with("http://127.0.0.1:"));
            engine.shutdown().await.unwrap();
        }
    }

    #[tokio::test]
    async fn two_engines_do_not_share_a_directory() {
        let directory = tempfile::tempdir().unwrap();
        let engine = Engine::start(place(&directory), "subledger", &table()).await.unwrap();
        let error = Engine::start(place(&directory), "subledger", &table()).await.unwrap_err();
        assert!(matches!(error, Error::DataDirInUse(_)), "{error}");
        engine.shutdown().await.unwrap();
    }

    #[tokio::test]
    async fn a_file_that_is_no_database_is_refused_and_left_alone() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("subledger.db");
        let text = "this is no database ".repeat(500);
        std::fs::write(&path, &text).unwrap();
        let error = Engine::start(place(&directory), "subledger", &table()).await.unwrap_err();
        assert!(matches!(error, Error::NotADatabase(_)), "{error}");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
    }

    #[tokio::test]
    async fn a_table_with_other_keys_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let mut other = table();
        other.key_schema.truncate(1);
        other.attribute_definitions.truncate(1);
        let engine = Engine::start(place(&directory), "subledger", &other).await.unwrap();
        engine.shutdown().await.unwrap();
        let error = Engine::start(place(&directory), "subledger", &table()).await.unwrap_err();
        assert!(matches!(error, Error::OtherTable(_)), "{error}");
    }
}
