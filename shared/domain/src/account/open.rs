//! Opening accounts.

use crate::account::group::{AccountTypeKey, Group, GroupKind};
use crate::account::profile::AccountProfile;
use crate::account::{Account, AccountFields, AccountType, Alias};
use crate::balance::{Balance, BalanceKey};
use crate::error::Error;
use crate::idempotency::{IdempotencyKey, IdempotentOperation, derive_id};
use crate::ledger::asset::AssetCode;
use crate::metadata::Metadata;
use crate::money::ids::{AccountId, BalanceId, GroupId, Scope};
use crate::money::text::Name;
use crate::ports::{
    AccountInsertion, Clock, IdSource, ReadAccounts, ReadAssets, ReadGroups, ReadLedgers,
    WriteAccounts,
};
use crate::status::Status;

/// A request to open an account through v1.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// The organization and the ledger that it belongs to.
    pub scope: Scope,
    /// `None`: made from the asset and the type.
    pub name: Option<Name>,
    /// See [`Account`].
    pub parent: Option<AccountId>,
    /// `None`: that of the portfolio.
    pub entity_id: Option<Name>,
    /// See [`Account`].
    pub asset_code: AssetCode,
    /// See [`Account`].
    pub portfolio_id: Option<GroupId>,
    /// See [`Account`].
    pub segment_id: Option<GroupId>,
    /// See [`Account`].
    pub status: Status,
    /// `None`: the id of the account.
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
/// [`Error::LedgerNotFound`], [`Error::AccountTypeUnknown`], [`Error::AssetNotFound`],
/// [`Error::ParentAccountNotFound`], [`Error::ParentAccountOfOtherAsset`],
/// [`Error::GroupNotFound`], [`Error::AliasTaken`], and those of the store.
pub async fn open_account(
    store: &(impl ReadLedgers + ReadAssets + ReadAccounts + ReadGroups + WriteAccounts),
    clock: &dyn Clock,
    ids: &dyn IdSource,
    new: NewAccount,
) -> Result<Account, Error> {
    let ledger = store.ledger(new.scope).await?.ok_or(Error::LedgerNotFound)?;
    if ledger.settings.is_some_and(|settings| settings.validate_account_type) {
        expect_account_type(store, new.scope, &new.kind).await?;
    }
    store.asset(new.scope, &new.asset_code).await?.ok_or(Error::AssetNotFound)?;
    if let Some(parent) = new.parent {
        let parent = store.account(new.scope, parent).await?;
        if parent.ok_or(Error::ParentAccountNotFound)?.asset_code != new.asset_code {
            return Err(Error::ParentAccountOfOtherAsset);
        }
    }
    let portfolio = portfolio_of(store, new.scope, new.portfolio_id, new.segment_id).await?;
    let entity_of_portfolio = portfolio.and_then(|portfolio| portfolio.entity_id().cloned());
    let now = clock.now();
    let name = new.name.unwrap_or_else(|| {
        let name = format!("{} {} account", new.asset_code, new.kind.as_str());
        // A long type leaves no room for the rest of the name.
        Name::parse(&name).unwrap_or_else(|_| Name::fixed(""))
    });
    let id = AccountId::new(ids.next_id());
    let opened = Account::open(id, &ledger, new.asset_code, new.kind, name, now);
    let account = Account(AccountFields {
        parent: new.parent,
        entity_id: new.entity_id.or(entity_of_portfolio),
        portfolio_id: new.portfolio_id,
        segment_id: new.segment_id,
        status: new.status,
        alias: new.alias.unwrap_or_else(|| opened.alias.clone()),
        blocked: new.blocked,
        metadata: new.metadata,
        ..opened.0
    });
    let balance_id = BalanceId::new(ids.next_id());
    let balance = Balance::open(balance_id, &account, BalanceKey::default_key(), now);
    match store.insert_account(&account, Some(&balance)).await? {
        AccountInsertion::Inserted => Ok(account),
        // Two version 7 UUIDs are equal only if the source of randomness is broken.
        AccountInsertion::Existing(_) => Err(Error::Contended),
    }
}

/// Checks that an account type of the ledger has the type of an account as its key.
async fn expect_account_type(
    store: &impl ReadGroups,
    scope: Scope,
    kind: &AccountType,
) -> Result<(), Error> {
    let Some(key) = AccountTypeKey::of(kind) else {
        return Err(Error::AccountTypeUnknown);
    };
    let is_there = store.has_account_type(scope, &key).await?;
    if is_there { Ok(()) } else { Err(Error::AccountTypeUnknown) }
}

/// The portfolio of an account. Its segment has to be there as well.
pub(super) async fn portfolio_of(
    store: &impl ReadGroups,
    scope: Scope,
    portfolio: Option<GroupId>,
    segment: Option<GroupId>,
) -> Result<Option<Group>, Error> {
    let named = async |kind, id: Option<GroupId>| match id {
        None => Ok(None),
        Some(id) => {
            store.group(scope, kind, id).await?.ok_or(Error::GroupNotFound { kind }).map(Some)
        }
    };
    let portfolio = named(GroupKind::Portfolio, portfolio).await?;
    named(GroupKind::Segment, segment).await?;
    Ok(portfolio)
}

/// A request to open an account through v0.
#[derive(Debug, Clone)]
pub struct NewV0Account {
    /// The organization and the ledger that it belongs to.
    pub scope: Scope,
    /// The idempotency key of the request.
    pub idempotency_key: IdempotencyKey,
    /// What is agreed with the customer.
    pub profile: AccountProfile,
    /// The client's metadata.
    pub metadata: Metadata,
}

/// Opens an account through v0: in US dollars and without a balance. A repeated request is answered
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
    let kind = if new.profile.agreement.supports_credit() { "credit" } else { "deposit" };
    let (kind, name) = (AccountType::fixed(kind), new.profile.agreement.product_name.clone());
    let opened = Account::open(id, &ledger, AssetCode::usd(), kind, name, clock.now());
    let profile = Some(Box::new(new.profile));
    let account = Account(AccountFields { profile, metadata: new.metadata, ..opened.0 });
    match store.insert_account(&account, None).await? {
        AccountInsertion::Inserted => Ok(account),
        AccountInsertion::Existing(existing) => as_it_was_opened(&existing, account),
    }
}

/// The answer to a repeated request: the account as it was when it was opened.
///
/// The fingerprint covers everything that an account is opened with. So the account of the repeated
/// request equals the first one, but for the time.
fn as_it_was_opened(existing: &Account, asked: Account) -> Result<Account, Error> {
    let fingerprint =
        |account: &Account| account.profile.as_ref().map(|profile| profile.fingerprint);
    if fingerprint(existing) != fingerprint(&asked) {
        return Err(Error::IdempotencyKeyReused);
    }
    let created_at = existing.created_at;
    Ok(Account(AccountFields { created_at, updated_at: created_at, ..asked.0 }))
}
