//! The functions by the name of their package: what Lambda is to API Gateway.

use std::collections::BTreeMap;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use subledger_http::answer::Response;
use subledger_http::call::Event;

/// A function's answer, once it is there. A function answers every request; what it cannot do it
/// says in the answer.
pub type Answer = Pin<Box<dyn Future<Output = Response> + Send>>;

/// A function: what its Lambda runs for each event.
pub type Handler = Arc<dyn Fn(Event) -> Answer + Send + Sync>;

/// Every function of this build, by the name of its package.
#[derive(Clone, Default)]
pub struct Functions {
    handlers: BTreeMap<String, Handler>,
}

impl Functions {
    /// These functions and one more; a second one of the same name replaces the first.
    #[must_use]
    pub fn with<F, A>(mut self, package: &str, handler: F) -> Self
    where
        F: Fn(Event) -> A + Send + Sync + 'static,
        A: Future<Output = Response> + Send + 'static,
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
