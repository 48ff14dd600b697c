//! The stack: engine, functions, authorizer and gateway, started and stopped together.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use clap::ValueEnum;
use tokio::net::TcpListener;

use crate::authorizer::{Authorizer, Grant, Secret};
use crate::backend::{Backend, TABLE_NAME};
use crate::cors::{Cors, CorsConfiguration};
use crate::data_dir::{DataDir, random_secret};
use crate::disk::Disk;
use crate::engine::{Engine, Place};
use crate::gateway::{self, Gateway, Settings};
use crate::reference::Reference;
use crate::seed::{self, DEMO, Demo};
use crate::template::{Route, Template};
use crate::{Error, clock, functions};

/// How to start a stack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// The port of the API on the loopback interface; 0 takes any free one.
    pub port: u16,
    /// Where the data is.
    pub store: Store,
    /// Whether requests need a token.
    pub authorization: Authorization,
    /// Where the embedded DynamoDB answers; port 0 takes any free one. A stack that uses
    /// another DynamoDB ignores it.
    pub dynamodb: SocketAddr,
}

/// Where a stack has its data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Store {
    /// In memory; it is gone when the stack stops.
    Memory,
    /// In this directory.
    DataDir(PathBuf),
    /// In another DynamoDB.
    Endpoint {
        /// Where that one answers.
        url: String,
        /// The directory of the secret that signs the tokens.
        data_dir: PathBuf,
    },
}

/// Whether requests need a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Authorization {
    /// They need one that this stack accepts.
    Jwt,
    /// They need none: every request is allowed, and v0 requests run in the demo ledger.
    None,
}

/// A running stack.
#[derive(Debug)]
pub struct Stack {
    /// Where the API answers, without a slash at the end.
    pub base_url: String,
    /// The DynamoDB behind it.
    pub backend: Backend,
    /// The demo data; `None` on a table that has only other data.
    pub demo: Option<Demo>,
    authorizer: Arc<Authorizer>,
    gateway: Gateway,
    engine: Option<Engine>,
}

/// What stands in front of a table.
struct Front {
    routes: Vec<Route>,
    cors: Option<CorsConfiguration>,
    /// Where it answers.
    port: (TcpListener, SocketAddr),
    authorization: Authorization,
    /// The disk of the table, if the table is on one.
    disk: Option<Arc<Disk>>,
}

impl Stack {
    /// Starts a stack, and reports each step before it is taken.
    ///
    /// # Errors
    ///
    /// [`Error`], which says why the stack cannot start.
    pub async fn start(options: &Options, progress: &(dyn Fn(&str) + Sync)) -> Result<Self, Error> {
        let Template { table, routes, cors } = Template::embedded()?;
        let authorization = options.authorization;
        // The port first, because it is what most often fails and it is known at once.
        let port = gateway::listen(options.port).await?;
        let front = |disk| Front { routes, cors, port, authorization, disk };
        let (place, secret, disk) = match &options.store {
            Store::Memory => (Place::Memory, random_secret()?, None),
            Store::DataDir(path) => {
                let directory = DataDir::open(path)?;
                let secret = directory.secret()?;
                let disk = Arc::new(Disk::new(directory.clone()));
                (Place::Directory(directory), secret, Some(disk))
            }
            Store::Endpoint { url, data_dir } => {
                let backend = Backend::elsewhere(url).await?;
                let secret = DataDir::open(data_dir)?.secret()?;
                return Self::assemble(backend, front(None), &secret, progress).await;
            }
        };
        progress("opening the embedded DynamoDB");
        let engine = Engine::start_at(options.dynamodb, place, TABLE_NAME, &table).await?;
        let backend = Backend::local(TABLE_NAME, engine.endpoint_url());
        let stack = Self::assemble(backend, front(disk.clone()), &secret, progress).await;
        let refusal = || disk.as_ref().and_then(|disk| disk.refusal());
        match stack {
            Ok(stack) => Ok(Self { engine: Some(engine), ..stack }),
            Err(error @ Error::Seed(_)) => Err(refusal().map_or(error, Error::Disk)),
            Err(error) => Err(error),
        }
    }

    /// Starts a stack on a table that is there already, on a free port. Its tokens are valid as
    /// long as it runs. The caller stops the engine of the table.
    ///
    /// # Errors
    ///
    /// As for [`Self::start`].
    pub async fn start_on(backend: Backend, authorization: Authorization) -> Result<Self, Error> {
        let Template { routes, cors, .. } = Template::embedded()?;
        let port = gateway::listen(0).await?;
        let front = Front { routes, cors, port, authorization, disk: None };
        Self::assemble(backend, front, &random_secret()?, &|_| {}).await
    }

    /// Everything in front of the table.
    async fn assemble(
        backend: Backend,
        front: Front,
        secret: &Secret,
        progress: &(dyn Fn(&str) + Sync),
    ) -> Result<Self, Error> {
        let Front { routes, cors, port: (listener, address), authorization, disk } = front;
        let store = backend.store();
        let demo = seed::seed(&store, progress).await?;
        let authorizer = Arc::new(Authorizer::new(secret));
        let checks = match (authorization, demo) {
            (Authorization::Jwt, _) => Some(Arc::clone(&authorizer)),
            (Authorization::None, Some(_)) => None,
            (Authorization::None, None) => return Err(Error::NoDemoLedger(backend.table_name)),
        };
        // The functions use the demo ledger only where requests need no token.
        let functions = functions::compose(&store, authorization, &DEMO);
        let base_url = format!("http://{address}");
        let settings = Settings {
            authorizer: checks,
            reference: Some(Reference::new()?),
            cors: cors.as_ref().map(Cors::new).transpose()?,
            disk,
            ..Settings::default()
        };
        let gateway = Gateway::start_with(listener, routes, &functions, settings)?;
        Ok(Self { base_url, backend, demo, authorizer, gateway, engine: None })
    }

    /// A token that this stack accepts, valid from now on.
    ///
    /// # Errors
    ///
    /// [`Error::Token`] when it cannot be signed.
    pub fn token(&self, grant: &Grant) -> Result<String, Error> {
        self.authorizer.mint(grant, clock::now())
    }

    /// What checks the tokens of this stack.
    #[must_use]
    pub fn authorizer(&self) -> &Authorizer {
        &self.authorizer
    }

    /// Stops the stack: requests in flight finish, then the data is closed.
    ///
    /// # Errors
    ///
    /// [`Error::Server`] when one of its servers had failed before.
    pub async fn shutdown(self) -> Result<(), Error> {
        self.gateway.shutdown().await?;
        match self.engine {
            Some(engine) => engine.shutdown().await,
            None => Ok(()),
        }
    }
}
