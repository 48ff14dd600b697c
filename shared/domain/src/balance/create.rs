//! Opening balances.

use crate::account::Account;
use crate::balance::credit::CreditRecord;
use crate::balance::{Balance, BalanceFields, BalanceKey, BalanceSettings, Direction};
use crate::conflict::{ATTEMPTS_MAX, until_current};
use crate::error::Error;
use crate::idempotency::{IdempotencyKey, IdempotentOperation, derive_id};
use crate::ledger::asset::AssetCode;
use crate::money::ids::{AccountId, BalanceId, Scope};
use crate::ports::{Clock, IdSource, OpenBalances, Opening};

/// A request to open a balance through v1.
#[derive(Debug, Clone)]
pub struct NewBalance {
    /// The organization and the ledger that it belongs to.
    pub scope: Scope,
    /// Who holds it.
    pub account: AccountId,
    /// Its key in the account.
    pub key: BalanceKey,
    /// Whether it may be a source.
    pub allow_sending: bool,
    /// Whether it may be a destination.
    pub allow_receiving: bool,
    /// Which side of a transaction increases it.
    pub direction: Direction,
    /// Rules.
    pub settings: Option<BalanceSettings>,
}

/// Opens one more balance of an account. If it may be overdrawn, the overdraft balance of the
/// account is opened with it, unless it exists.
///
/// # Errors
/// [`Error::BalanceKeyReserved`], [`Error::BalanceKeyTaken`], [`Error::HolderNotFound`],
/// [`Error::ExternalAccount`], [`Error::AccountClosed`], [`Error::Contended`], and those of the
/// store.
pub async fn create_balance(
    store: &impl OpenBalances,
    clock: &dyn Clock,
    ids: &dyn IdSource,
    new: NewBalance,
) -> Result<Balance, Error> {
    if new.key.is_reserved() {
        return Err(Error::BalanceKeyReserved);
    }
    let id = BalanceId::new(ids.next_id());
    until_current(store, ATTEMPTS_MAX, || async {
        let account = store.account_to_open(new.scope, new.account).await?;
        let account = account.ok_or(Error::HolderNotFound)?;
        if let Err(refusal) = openable(&account) {
            // A taken key is reported before the refusal. If the account is open for a balance, the
            // write reports it.
            let taken = store.has_balance(&account, &new.key).await?;
            return Err(if taken {
                Error::BalanceKeyTaken { key: new.key.clone() }
            } else {
                refusal
            });
        }
        let balance = Balance(BalanceFields {
            allow_sending: new.allow_sending,
            allow_receiving: new.allow_receiving,
            direction: new.direction,
            settings: new.settings.clone(),
            ..Balance::open(id, &account, new.key.clone(), clock.now()).0
        });
        let mut balances = vec![balance.clone()];
        if balance.may_be_overdrawn()
            && !store.has_balance(&account, &BalanceKey::overdraft()).await?
        {
            let overdraft_balance = BalanceId::new(ids.next_id());
            balances.push(Balance::open_overdraft_balance(
                overdraft_balance,
                &account,
                balance.created_at,
            ));
        }
        match store.open_balances(&account, &balances).await? {
            Opening::Opened => Ok(Some(balance)),
            Opening::KeyTaken(key) if key == new.key => Err(Error::BalanceKeyTaken { key }),
            // Another request opened the overdraft balance or changed the account meanwhile.
            Opening::KeyTaken(_) | Opening::AccountChanged | Opening::Existing(_) => Ok(None),
        }
    })
    .await
}

/// Checks that the account takes one more balance of any kind.
fn openable(account: &Account) -> Result<(), Error> {
    if account.kind.is_external() {
        return Err(Error::ExternalAccount);
    }
    if account.is_closed() {
        return Err(Error::AccountClosed);
    }
    Ok(())
}

/// A request to open a credit balance through v0.
#[derive(Debug, Clone)]
pub struct NewCreditBalance {
    /// The organization and the ledger that it belongs to.
    pub scope: Scope,
    /// The idempotency key of the request.
    pub idempotency_key: IdempotencyKey,
    /// Who holds it.
    pub account: AccountId,
    /// The terms.
    pub credit: CreditRecord,
}

/// Opens a credit balance through v0. A repeated request is answered with the balance as it was
/// opened, even if the balance or its account has changed since.
///
/// # Errors
/// [`Error::IdempotencyKeyReused`], [`Error::HolderNotFound`], [`Error::ExternalAccount`],
/// [`Error::AccountClosed`], [`Error::HolderAsset`], [`Error::CapabilityMissing`],
/// [`Error::BalanceKeyTaken`], [`Error::Contended`], and those of the store.
pub async fn create_credit_balance(
    store: &impl OpenBalances,
    clock: &dyn Clock,
    new: NewCreditBalance,
) -> Result<Balance, Error> {
    let id = BalanceId::new(derive_id(
        new.scope,
        IdempotentOperation::CreateBalance,
        &new.idempotency_key,
    ));
    until_current(store, ATTEMPTS_MAX, || async {
        let account = match creditable(store.account_to_open(new.scope, new.account).await?) {
            Ok(account) => account,
            // A repetition is answered even if the account takes no new balance any more.
            Err(refusal) => {
                return match store.first_version(new.scope, id).await? {
                    Some(first) => repeated(first, &new).map(Some),
                    None => Err(refusal),
                };
            }
        };
        let balance = Balance(BalanceFields {
            direction: Direction::Debit,
            credit: Some(Box::new(new.credit.clone())),
            ..Balance::open(id, &account, BalanceKey::of_balance(id), clock.now()).0
        });
        match store.open_balances(&account, std::slice::from_ref(&balance)).await? {
            Opening::Opened => Ok(Some(balance)),
            Opening::Existing(first) => repeated(*first, &new).map(Some),
            Opening::KeyTaken(key) => Err(Error::BalanceKeyTaken { key }),
            Opening::AccountChanged => Ok(None),
        }
    })
    .await
}

/// The account, if it may have one more credit balance.
fn creditable(account: Option<Account>) -> Result<Account, Error> {
    let account = account.ok_or(Error::HolderNotFound)?;
    openable(&account)?;
    if account.asset_code != AssetCode::usd() {
        return Err(Error::HolderAsset);
    }
    // An account that was not opened through v0 has no list of capabilities to be checked against.
    if account.profile.as_ref().is_some_and(|profile| !profile.agreement.supports_credit()) {
        return Err(Error::CapabilityMissing);
    }
    Ok(account)
}

/// The answer to a repeated request, if it is one.
fn repeated(first: Balance, new: &NewCreditBalance) -> Result<Balance, Error> {
    let fingerprint = first.credit.as_ref().map(|credit| credit.fingerprint);
    if fingerprint != Some(new.credit.fingerprint) {
        return Err(Error::IdempotencyKeyReused);
    }
    Ok(first)
}
