//! Opening balances: the port [`OpenBalances`].

use subledger::account::Account;
use subledger::balance::{Balance, BalanceKey};
use subledger::error::Error;
use subledger::money::ids::{AccountId, BalanceId, Scope};
use subledger::ports::{OpenBalances, Opening, ReadAccounts};

use crate::requests::transact_write::{Condition, FailedCondition, Outcome, TransactWrite};
use crate::schema::item::{self, Item};
use crate::schema::items;
use crate::schema::keys::Key;
use crate::store::DynamoStore;

/// What the opening of balances writes, in order of precedence.
#[derive(Debug, Clone, Copy)]
enum Write<'a> {
    /// Version 0 of the first balance: the condition of a repeated request.
    FirstVersion(&'a Balance),
    /// The balance under its key in the account.
    Current(&'a Balance),
    /// The account, which has to be as it was when the decision was made. If it is being deleted,
    /// the deletion is given up.
    Account,
    /// Version 0 of another balance, or a listing item: new ids that nobody else has.
    Rest,
}

impl OpenBalances for DynamoStore {
    async fn account_to_open(&self, scope: Scope, id: AccountId) -> Result<Option<Account>, Error> {
        self.account(scope, id).await
    }

    async fn first_version(&self, scope: Scope, id: BalanceId) -> Result<Option<Balance>, Error> {
        let item = self.table.get_consistent(&Key::FirstVersion(id)).await?;
        let version = item.map(items::balance::read).transpose()?;
        Ok(version.filter(|version| version.scope == scope))
    }

    async fn has_balance(&self, account: &Account, key: &BalanceKey) -> Result<bool, Error> {
        let item = self.table.get_consistent(&Key::Balance(account.id, key)).await?;
        Ok(item.is_some())
    }

    async fn open_balances(
        &self,
        account: &Account,
        balances: &[Balance],
    ) -> Result<Opening, Error> {
        let transaction = opening(account, balances)?;
        let failed = match self.table.write_all(&transaction).await? {
            Outcome::Written => return Ok(Opening::Opened),
            Outcome::ConditionsFailed(failed) => failed,
        };
        match failed.into_iter().next() {
            Some(FailedCondition { write: Write::FirstVersion(balance), stored }) => {
                existing(balance, stored)
            }
            Some(FailedCondition { write: Write::Current(balance), .. }) => {
                Ok(Opening::KeyTaken(balance.key.clone()))
            }
            Some(FailedCondition { write: Write::Account, .. }) => Ok(Opening::AccountChanged),
            // Two version 7 UUIDs are equal only if the source of randomness is broken.
            Some(FailedCondition { write: Write::Rest, .. }) | None => Err(Error::Contended),
        }
    }
}

/// Everything that the opening writes, in order of precedence.
fn opening<'a>(
    account: &Account,
    balances: &'a [Balance],
) -> Result<TransactWrite<Write<'a>>, Error> {
    let mut transaction = TransactWrite::new();
    if let Some(first) = balances.first() {
        transaction = transaction.put_if_absent_returning(
            Write::FirstVersion(first),
            items::balance::write_version(first)?,
        );
    }
    for balance in balances {
        transaction = transaction
            .put_if_absent_now(Write::Current(balance), items::balance::write_current(balance)?);
    }
    let unchanged = Condition::Revision(account.revision);
    transaction = if account.being_deleted {
        let kept = items::account::write(&account.with_deletion(false))?;
        transaction.put(Write::Account, kept, unchanged)
    } else {
        transaction.check(Write::Account, &Key::Account(account.id), unchanged)
    };
    for balance in balances.iter().skip(1) {
        transaction =
            transaction.put_if_absent(Write::Rest, items::balance::write_version(balance)?);
    }
    for balance in balances {
        let listing_item = items::listing::write_balance(balance, account.listing_shards)?;
        transaction = transaction.put_if_absent(Write::Rest, listing_item);
    }
    Ok(transaction)
}

/// Version 0 of the balance that has the id of a new one.
fn existing(new: &Balance, stored: Option<Item>) -> Result<Opening, Error> {
    let here = || Key::FirstVersion(new.id).for_log();
    let stored = stored
        .ok_or_else(|| item::corrupt(here(), &"its condition failed, and it is not there"))?;
    let first = items::balance::read(stored)?;
    if first.scope != new.scope {
        // The id is random or derived from the scope, so another ledger cannot have it. If one has,
        // the caller must not see the item.
        return Err(item::corrupt(here(), &"it belongs to another ledger than its id"));
    }
    Ok(Opening::Existing(Box::new(first)))
}
