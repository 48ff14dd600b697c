//! What a v0 subledger balance carries beside its amounts: the terms of a credit.

use crate::idempotency::Fingerprint;
use crate::metadata::Metadata;
use crate::text::Text;

/// What a v0 request said about the balance that it opened. Never changed afterwards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreditRecord {
    /// The client's name of the balance.
    pub name: Text<64>,
    /// The client's.
    pub metadata: Metadata,
    /// What the request asked for, to tell a repetition from another request.
    pub fingerprint: Fingerprint,
}
