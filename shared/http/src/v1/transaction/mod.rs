//! Transactions and operations on the wire.

mod body;
mod request;

pub use body::{body, finalized_body, operations_body, page_body, posted_body};
pub use request::{Form, NotesChange, decode, posting_error};
