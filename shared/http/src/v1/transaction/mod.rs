//! Transactions and operations on the wire.

mod body;
mod request;

pub(super) use crate::v1::balance::direction_text;
pub use body::{body, finalized_body, one_operation_body, operations_body, page_body, posted_body};
pub(super) use body::{operation_type_text, status_text};
pub use request::{Form, NotesChange, decode, posting_error};
