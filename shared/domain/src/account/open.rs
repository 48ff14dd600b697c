//! Opening accounts and leading them through their life.

use uuid::Uuid;

use crate::account::profile::AccountProfile;
use crate::account::{Account, AccountType, Alias, Lifecycle, LifecycleChange};
use crate::balance::{Balance, BalanceKey};
use crate::conflict::{ATTEMPTS_MAX, until_current};
use crate::error::Error;
use crate::idempotency::{IdempotencyKey, IdempotentOperation, derive_id};
use crate::ledger::asset::AssetCode;
use crate::metadata::Metadata;
use crate::money::ids::{AccountId, BalanceId, Scope};
use crate::money::text::Name;
use crate::ports::{
    AccountInsertion, Clock, IdSource, ReadAccounts, ReadAssets, ReadLedgers, WriteAccounts,
};
use crate::status::Status;

/// What a v1 client says about a new account.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// Where it belongs.
    pub scope: Scope,
    /// Absent: made of the asset and the type.
    pub name: Option<Name>,
    /// See [`Account`].
    pub parent: Option<AccountId>,
    /// See [`Account`].
    pub entity_id: Option<Name>,
    /// See [`Account`].
    pub asset_code: AssetCode,
    /// See [`Account`].
    pub portfolio_id: Option<Uuid>,
    /// See [`Account`].
    pub segment_id: Option<Uuid>,
    /// See [`Account`].
    pub status: Status,
    /// Absent: the account's id.
    pub alias: Option<Alias>,
    /// See [`Account`].
    pub kind: AccountType,
    /// See [`Account`].
    pub blocked: bool,
    /// See [`Account`].
    pub metadata: Metadata,
}

/// Opens an account with its default balance.
///
/// # Errors
/// [`Error::LedgerNotFound`], [`Error::AssetNotFound`], [`Error::ParentAccountNotFound`],
/// [`Error::ParentAccountOfOtherAsset`], [`Error::AliasTaken`], and those of the store.
pub async fn open_account(
    store: &(impl ReadLedgers + ReadAssets + ReadAccounts + WriteAccounts),
    clock: &dyn Clock,
    ids: &dyn IdSource,
    new: NewAccount,
) -> Result<Account, Error> {
    let ledger = store.ledger(new.scope).await?.ok_or(Error::LedgerNotFound)?;
    store.asset(new.scope, &new.asset_code).await?.ok_or(Error::AssetNotFound)?;
    if let Some(parent) = new.parent {
        let parent = store.account(new.scope, parent).await?;
        if parent.ok_or(Error::ParentAccountNotFound)?.asset_code != new.asset_code {
            return Err(Error::ParentAccountOfOtherAsset);
        }
    }
    let id = AccountId::new(ids.next_id());
    let now = clock.now();
    let name = new.name.unwrap_or_else(|| {
        let name = format!("{} {} account", new.asset_code, new.kind.as_str());
        // A long type leaves no room for the rest of the name.
        Name::parse(&name).unwrap_or_else(|_| Name::empty())
    });
    let account = Account {
        id,
        scope: new.scope,
        name,
        parent: new.parent,
        entity_id: new.entity_id,
        asset_code: new.asset_code,
        portfolio_id: new.portfolio_id,
        segment_id: new.segment_id,
        status: new.status,
        alias: new.alias.unwrap_or_else(|| Alias::of_account(id)),
        kind: new.kind,
        blocked: new.blocked,
        lifecycle: Lifecycle::Active,
        profile: None,
        metadata: new.metadata,
        listing_shards: ledger.listing_shards,
        being_deleted: false,
        deleted_at: None,
        revision: 0,
        created_at: now,
        updated_at: now,
    };
    let balance_id = BalanceId::new(ids.next_id());
    let balance = Balance::open(balance_id, &account, BalanceKey::default_key(), now);
    match store.insert_account(&account, Some(&balance)).await? {
        AccountInsertion::Inserted => Ok(account),
        // Two version 7 UUIDs are equal only if the source of randomness is broken.
        AccountInsertion::Existing(_) => Err(Error::Contended),
    }
}

/// What a v0 client says about a new account.
#[derive(Debug, Clone)]
pub struct NewV0Account {
    /// Where it belongs.
    pub scope: Scope,
    /// The caller's name for this request.
    pub idempotency_key: IdempotencyKey,
    /// What is agreed.
    pub profile: AccountProfile,
    /// The client's own.
    pub metadata: Metadata,
}

/// Opens an account under v0: in US dollars, without a balance. A repeated request is answered
/// with the account as it was opened.
///
/// # Errors
/// [`Error::IdempotencyKeyReused`], [`Error::LedgerNotFound`], and those of the store.
pub async fn open_v0_account(
    store: &(impl ReadLedgers + WriteAccounts),
    clock: &dyn Clock,
    new: NewV0Account,
) -> Result<Account, Error> {
    let ledger = store.ledger(new.scope).await?.ok_or(Error::LedgerNotFound)?;
    let id = AccountId::new(derive_id(
        new.scope,
        IdempotentOperation::CreateAccount,
        &new.idempotency_key,
    ));
    let now = clock.now();
    let kind = if new.profile.supports_credit() { "credit" } else { "deposit" };
    let account = Account {
        id,
        scope: new.scope,
        name: new.profile.product_name.clone(),
        parent: None,
        entity_id: None,
        asset_code: AssetCode::usd(),
        portfolio_id: None,
        segment_id: None,
        status: Status::active(),
        alias: Alias::of_account(id),
        kind: AccountType::parse(kind).unwrap_or_else(|_| AccountType::external()),
        blocked: false,
        lifecycle: Lifecycle::Active,
        profile: Some(Box::new(new.profile)),
        metadata: new.metadata,
        listing_shards: ledger.listing_shards,
        being_deleted: false,
        deleted_at: None,
        revision: 0,
        created_at: now,
        updated_at: now,
    };
    match store.insert_account(&account, None).await? {
        AccountInsertion::Inserted => Ok(account),
        AccountInsertion::Existing(existing) => as_it_was_opened(&existing, account),
    }
}

/// The answer to a repeated request: the account before anything happened to it.
///
/// The fingerprint covers all that an account is opened with, so what is asked for now is what was
/// asked for then, whatever became of it since. Only the moment is the first one's.
fn as_it_was_opened(existing: &Account, asked: Account) -> Result<Account, Error> {
    let fingerprint =
        |account: &Account| account.profile.as_ref().map(|profile| profile.fingerprint);
    if fingerprint(existing) != fingerprint(&asked) {
        return Err(Error::IdempotencyKeyReused);
    }
    let created_at = existing.created_at;
    Ok(Account { created_at, updated_at: created_at, ..asked })
}

/// Takes an account one step through its life. The external account has none: a step of its account
/// would stop all money of the asset, and the last one for good.
///
/// # Errors
/// [`Error::AccountNotFound`], [`Error::ExternalAccountChange`], [`Error::StatusTransition`],
/// [`Error::Contended`], and those of the store.
pub async fn change_lifecycle(
    store: &(impl ReadAccounts + WriteAccounts),
    clock: &dyn Clock,
    scope: Scope,
    id: AccountId,
    change: LifecycleChange,
) -> Result<Account, Error> {
    until_current(store, ATTEMPTS_MAX, || async {
        let account = store.account(scope, id).await?.ok_or(Error::AccountNotFound)?;
        if account.kind.is_external() {
            return Err(Error::ExternalAccountChange);
        }
        let next = account.next_revision(clock.now());
        // A clock may go back: an account is not closed before it was last changed.
        let lifecycle = account.lifecycle.after(change, next.updated_at);
        let changed = Account { lifecycle: lifecycle.ok_or(Error::StatusTransition)?, ..next };
        Ok(store.replace_account(&changed).await?.then_some(changed))
    })
    .await
}
