//! Assets: the units of balances, such as a currency.

use std::fmt;

use crate::account::Account;
use crate::balance::update::last_version;
use crate::balance::{Balance, BalanceKey};
use crate::conflict::{ATTEMPTS_MAX, until_current};
use crate::count::{Owner, expect_nothing_in};
use crate::error::Error;
use crate::metadata::Metadata;
use crate::money::ids::{AccountId, AssetId, BalanceId, Scope};
use crate::money::timeline::Timeline;
use crate::money::unique_name::UniqueName;
use crate::ports::{ChangeAssets, Clock, IdSource, InsertAsset, ReadLedgers};
use crate::status::{Status, StatusChange};

/// The longest asset code, in letters.
pub const ASSET_CODE_LETTERS_MAX: usize = 100;

/// Why a text is not an asset code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AssetCodeError {
    /// Empty, or longer than [`ASSET_CODE_LETTERS_MAX`].
    #[error("must have 1 to {ASSET_CODE_LETTERS_MAX} letters")]
    Length,
    /// Something else than letters.
    #[error("must consist of letters")]
    NotLetters,
    /// Lower-case letters.
    #[error("must be in capitals")]
    NotUpperCase,
}

/// `USD`, `BRL`, `BTC`: capital letters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AssetCode(String);

impl AssetCode {
    /// Checks the length and the letters.
    ///
    /// # Errors
    /// [`AssetCodeError`].
    pub fn parse(text: &str) -> Result<Self, AssetCodeError> {
        if text.is_empty() || text.len() > ASSET_CODE_LETTERS_MAX {
            return Err(AssetCodeError::Length);
        }
        if !text.chars().all(|c| c.is_ascii_alphabetic()) {
            return Err(AssetCodeError::NotLetters);
        }
        if !text.chars().all(|c| c.is_ascii_uppercase()) {
            return Err(AssetCodeError::NotUpperCase);
        }
        Ok(Self(text.to_owned()))
    }

    /// The US dollar, the asset of every v0 balance.
    #[must_use]
    pub fn usd() -> Self {
        Self("USD".to_owned())
    }

    /// Whether ISO 4217 lists the code.
    #[must_use]
    pub fn is_iso_4217(&self) -> bool {
        iso_currency::Currency::from_code(&self.0).is_some()
    }

    /// The letters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AssetCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The kind of an asset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AssetType {
    /// Money that ISO 4217 lists.
    Currency,
    /// A token.
    Crypto,
    /// Goods.
    Commodity,
    /// Anything else.
    Others,
}

/// The unit of the balances of an account. Its name and its code are unique in a ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asset {
    /// Its id.
    pub id: AssetId,
    /// The organization and the ledger that it belongs to.
    pub scope: Scope,
    /// Unique in the ledger, however it is spelled.
    pub name: UniqueName,
    /// The kind of the asset.
    pub kind: AssetType,
    /// Unique in the ledger.
    pub code: AssetCode,
    /// The client's status label.
    pub status: Status,
    /// The client's metadata.
    pub metadata: Metadata,
    /// When it was created, changed and deleted.
    pub timeline: Timeline,
}

/// A request to create an asset.
#[derive(Debug, Clone)]
pub struct NewAsset {
    /// The organization and the ledger that it belongs to.
    pub scope: Scope,
    /// See [`Asset`].
    pub name: UniqueName,
    /// See [`Asset`].
    pub kind: AssetType,
    /// See [`Asset`].
    pub code: AssetCode,
    /// See [`Asset`].
    pub status: Status,
    /// See [`Asset`].
    pub metadata: Metadata,
}

/// The changes of a request; `None` leaves a field as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AssetChange {
    /// See [`Asset`].
    pub name: Option<UniqueName>,
    /// See [`Asset`].
    pub status: StatusChange,
    /// Changes of the metadata: see [`Metadata::merged`].
    pub metadata: Metadata,
}

/// Creates an asset and its external account, `@external/<code>`, with a balance. An asset that takes
/// the code of one that was deleted takes over its external account, because an alias always names the
/// same account.
///
/// # Errors
/// [`Error::LedgerNotFound`], [`Error::AssetTaken`], and those of the store.
pub async fn create_asset(
    store: &(impl ReadLedgers + InsertAsset),
    clock: &dyn Clock,
    ids: &dyn IdSource,
    new: NewAsset,
) -> Result<Asset, Error> {
    let ledger = store.ledger(new.scope).await?.ok_or(Error::LedgerNotFound)?;
    let now = clock.now();
    let asset = Asset {
        id: AssetId::new(ids.next_id()),
        scope: new.scope,
        name: new.name,
        kind: new.kind,
        code: new.code,
        status: new.status,
        metadata: new.metadata,
        timeline: Timeline::begin(now),
    };
    let external = match store.former_external_account(new.scope, &asset.code).await? {
        Some(former) => former.reopened(now),
        None => Account::open_external(AccountId::new(ids.next_id()), &ledger, &asset.code, now),
    };
    let id = BalanceId::new(ids.next_id());
    let balance = Balance::open(id, &external, BalanceKey::default_key(), now);
    store.insert_asset(&asset, &external, &balance).await?;
    Ok(asset)
}

/// Changes an asset.
///
/// # Errors
/// [`Error::ObjectNotFound`], [`Error::MetadataTooLarge`], [`Error::AssetTaken`],
/// [`Error::Contended`], and those of the store.
pub async fn update_asset(
    store: &impl ChangeAssets,
    clock: &dyn Clock,
    scope: Scope,
    id: AssetId,
    change: &AssetChange,
) -> Result<Asset, Error> {
    until_current(store, ATTEMPTS_MAX, || async {
        let asset = store.asset_by_id(scope, id).await?.ok_or(Error::ObjectNotFound)?;
        let changed = Asset {
            name: change.name.clone().unwrap_or_else(|| asset.name.clone()),
            status: asset.status.changed(change.status.clone()),
            metadata: asset.metadata.merged(&change.metadata)?,
            timeline: asset.timeline.changed(clock.now()),
            ..asset.clone()
        };
        Ok(store.replace_asset(&asset, &changed).await?.then_some(changed))
    })
    .await
}

/// Deletes an asset that no account has any more, with its external account.
///
/// # Errors
/// [`Error::ObjectNotFound`], [`Error::InUse`], [`Error::AccountNotEmpty`], [`Error::RecordedAhead`],
/// [`Error::Contended`], and those of the store.
pub async fn delete_asset(
    store: &impl ChangeAssets,
    clock: &dyn Clock,
    scope: Scope,
    id: AssetId,
) -> Result<(), Error> {
    until_current(store, ATTEMPTS_MAX, || async {
        let asset = store.asset_by_id(scope, id).await?.ok_or(Error::ObjectNotFound)?;
        expect_nothing_in(store, Owner::Asset(scope, asset.code.clone())).await?;
        // Not there if another request has just deleted it.
        let Some((external, balance)) = store.external_account(&asset).await? else {
            return Ok(None);
        };
        if !balance.is_empty() {
            return Err(Error::AccountNotEmpty);
        }
        let balance = last_version(&balance, clock)?;
        let now = clock.now();
        let last = Asset { timeline: asset.timeline.ended(now), ..asset };
        Ok(store.delete_asset(&last, &external.deleted(now), &balance).await?.then_some(()))
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_asset_code_is_capital_letters() {
        for (text, error) in [
            ("", AssetCodeError::Length),
            ("US1", AssetCodeError::NotLetters),
            ("usd", AssetCodeError::NotUpperCase),
            ("ÜSD", AssetCodeError::NotLetters),
        ] {
            assert_eq!(AssetCode::parse(text), Err(error), "{text}");
        }
        assert!(AssetCode::parse("USD").is_ok_and(|code| code.is_iso_4217()));
        assert!(AssetCode::parse("QQQ").is_ok_and(|code| !code.is_iso_4217()));
    }
}
