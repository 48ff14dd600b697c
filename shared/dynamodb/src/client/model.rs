//! What may stand where DynamoDB stands, for tests.

use std::fmt;
use std::pin::Pin;

/// The answer to a request: its status and its body.
pub type ModelAnswer<'m> = Pin<Box<dyn Future<Output = (u16, Vec<u8>)> + Send + 'm>>;

/// Something that answers like DynamoDB, in the same process and in its own time.
///
/// Everything of the store runs on it but the signature and the connection: what is asked, what is
/// sent again, when, and how long the store waits.
pub trait Model: fmt::Debug + Send + Sync {
    /// Answers a request, given the name of its operation and its body.
    fn answer<'m>(&'m self, action: &str, request: &[u8]) -> ModelAnswer<'m>;

    /// Chance, for the length of pauses.
    fn chance(&self) -> u32;
}
