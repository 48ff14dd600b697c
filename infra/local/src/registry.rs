//! The functions by the name of their package, as Lambda has them.

use std::collections::BTreeMap;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use subledger_http::request::event::Incoming;
use subledger_http::{Request, Response};

/// The answer of a function. A function answers every request; it fails only on a text that is not
/// an event.
pub type Answer = Pin<Box<dyn Future<Output = Result<Response, serde_json::Error>> + Send>>;

/// A function: what its Lambda runs for each event, which comes as JSON.
pub type Handler = Arc<dyn Fn(String) -> Answer + Send + Sync>;

/// Every function of this build, by the name of its package.
#[derive(Clone, Default)]
pub struct Functions {
    handlers: BTreeMap<String, Handler>,
}

impl Functions {
    /// These functions and one more; a second one of the same name replaces the first. It gets the
    /// request that its Lambda would make of the event.
    #[must_use]
    pub fn with<F, A>(self, package: &str, handler: F) -> Self
    where
        F: Fn(Request) -> A + Send + Sync + 'static,
        A: Future<Output = Response> + Send + 'static,
    {
        self.with_json(package, move |event| {
            let answer = Incoming::read(&event).map(|event| handler(event.into_request()));
            async move { Ok(answer?.await) }
        })
    }

    /// The same, with a function that reads the event by itself.
    #[must_use]
    pub fn with_json<F, A>(mut self, package: &str, handler: F) -> Self
    where
        F: Fn(String) -> A + Send + Sync + 'static,
        A: Future<Output = Result<Response, serde_json::Error>> + Send + 'static,
    {
        let handler: Handler = Arc::new(move |event| Box::pin(handler(event)));
        self.handlers.insert(package.to_owned(), handler);
        self
    }

    /// The function of this package.
    pub fn get(&self, package: &str) -> Option<&Handler> {
        self.handlers.get(package)
    }
}

impl fmt::Debug for Functions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.handlers.keys()).finish()
    }
}
