//! Changing ledgers and their settings.

use crate::conflict::{ATTEMPTS_MAX, until_current};
use crate::error::Error;
use crate::ledger::{Ledger, LedgerSettings};
use crate::metadata::Metadata;
use crate::money::ids::Scope;
use crate::money::unique_name::UniqueName;
use crate::ports::{ChangeLedgers, Clock};
use crate::status::StatusChange;

/// The changes of a request; `None` leaves a field as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LedgerChange {
    /// See [`Ledger`].
    pub name: Option<UniqueName>,
    /// See [`Ledger`].
    pub status: StatusChange,
    /// Changes of the metadata: see [`Metadata::merged`].
    pub metadata: Metadata,
    /// Rules to switch on or off.
    pub settings: SettingsChange,
}

/// The changes of the settings of a ledger; `None` leaves a rule as it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SettingsChange {
    /// See [`LedgerSettings`].
    pub validate_account_type: Option<bool>,
    /// See [`LedgerSettings`].
    pub validate_routes: Option<bool>,
}

impl SettingsChange {
    /// The settings after the change; `None` if there were none and nothing is changed.
    #[must_use]
    pub fn applied_to(self, settings: Option<LedgerSettings>) -> Option<LedgerSettings> {
        if self == Self::default() {
            return settings;
        }
        let before = settings.unwrap_or_default();
        Some(LedgerSettings {
            validate_account_type: self
                .validate_account_type
                .unwrap_or(before.validate_account_type),
            validate_routes: self.validate_routes.unwrap_or(before.validate_routes),
        })
    }
}

/// Changes a ledger.
///
/// # Errors
/// [`Error::ObjectNotFound`], [`Error::MetadataTooLarge`], [`Error::LedgerNameTaken`],
/// [`Error::Contended`], and those of the store.
pub async fn update_ledger(
    store: &impl ChangeLedgers,
    clock: &dyn Clock,
    scope: Scope,
    change: &LedgerChange,
) -> Result<Ledger, Error> {
    until_current(store, ATTEMPTS_MAX, || async {
        let ledger = store.ledger(scope).await?.ok_or(Error::ObjectNotFound)?;
        let changed = Ledger {
            name: change.name.clone().unwrap_or_else(|| ledger.name.clone()),
            status: ledger.status.changed(change.status.clone()),
            settings: change.settings.applied_to(ledger.settings),
            metadata: ledger.metadata.merged(&change.metadata)?,
            timeline: ledger.timeline.changed(clock.now()),
            ..ledger.clone()
        };
        Ok(store.replace_ledger(&ledger, &changed).await?.then_some(changed))
    })
    .await
}
