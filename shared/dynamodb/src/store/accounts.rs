//! Accounts: the ports [`ReadAccounts`], [`ListAccounts`], [`ResolveAlias`], [`WriteAccounts`] and
//! [`DeleteAccounts`].

use subledger::account::{Account, Alias};
use subledger::balance::Balance;
use subledger::error::Error;
use subledger::money::ids::{AccountId, Scope};
use subledger::page::{Filter, NumberedPage, SortOrder};
use subledger::ports::{
    AccountInsertion, DeleteAccounts, ListAccounts, ReadAccounts, ResolveAlias, WriteAccounts,
};

use crate::requests::query::Limit;
use crate::requests::transact_write::{Condition, FailedCondition, Outcome, TransactWrite};
use crate::schema::item::{self, Item};
use crate::schema::items;
use crate::schema::key_range::KeyRange;
use crate::schema::keys::Key;
use crate::store::DynamoStore;
use crate::store::change_balance::with_next_version;
use crate::store::numbered_list::{listing_items, numbered_page};

impl ReadAccounts for DynamoStore {
    async fn account(&self, scope: Scope, id: AccountId) -> Result<Option<Account>, Error> {
        let item = self.table.get_consistent(&Key::Account(id)).await?;
        let account = item.map(items::account::read).transpose()?;
        Ok(account.filter(|account| account.scope == scope && account.deleted_at.is_none()))
    }
}

impl ListAccounts for DynamoStore {
    async fn accounts(
        &self,
        scope: Scope,
        page: &NumberedPage,
        wanted: &Filter<Account>,
    ) -> Result<Vec<Account>, Error> {
        let Some(key_range) = KeyRange::accounts(scope.ledger, page.range) else {
            return Ok(Vec::new());
        };
        let limit = listing_items(page, wanted);
        let listing_items = self.table.query_consistent(&key_range, page.order, limit).await?;
        let ids: Result<Vec<AccountId>, Error> =
            listing_items.iter().map(items::listing::read_account).collect();
        numbered_page(page, wanted, ids?, |ids| self.accounts_named(scope, ids)).await
    }
}

impl DynamoStore {
    /// The accounts with these ids, which listing items name.
    async fn accounts_named(
        &self,
        scope: Scope,
        ids: Vec<AccountId>,
    ) -> Result<Vec<Account>, Error> {
        let mut items =
            self.table.get_all_consistent(ids.iter().copied().map(Key::Account)).await?;
        let mut accounts: Vec<Account> = ids
            .into_iter()
            .map(|id| items::account::read(items.expect(&Key::Account(id))?))
            .collect::<Result<_, _>>()?;
        // The accounts of a ledger are all of one organization: all remain, or none.
        accounts.retain(|account| account.scope == scope && account.deleted_at.is_none());
        Ok(accounts)
    }
}

impl ResolveAlias for DynamoStore {
    async fn account_of_alias(
        &self,
        scope: Scope,
        alias: &Alias,
    ) -> Result<Option<AccountId>, Error> {
        let item = self.table.get_consistent(&Key::Alias(scope.ledger, alias)).await?;
        let found = item.map(items::account::read_alias).transpose()?;
        Ok(found.filter(|found| found.scope == scope).map(|found| found.account))
    }
}

/// What the creation of an account writes, in order of precedence.
#[derive(Debug, Clone, Copy)]
enum Write {
    Account,
    Alias,
    /// The listing item of the account and its balance, whose keys have the id of the account or a
    /// new one.
    Rest,
}

impl WriteAccounts for DynamoStore {
    async fn insert_account(
        &self,
        account: &Account,
        balance: Option<&Balance>,
    ) -> Result<AccountInsertion, Error> {
        let mut transaction = TransactWrite::new()
            .put_if_absent_returning(Write::Account, items::account::write(account)?)
            .put_if_absent(Write::Alias, items::account::write_alias(account)?)
            .put_if_absent(Write::Rest, items::listing::write_account(account)?);
        if let Some(balance) = balance {
            let listing_item = items::listing::write_balance(balance, account.listing_shards)?;
            transaction = transaction
                .put_if_absent(Write::Rest, items::balance::write_version(balance)?)
                .put_if_absent_now(Write::Rest, items::balance::write_current(balance)?)
                .put_if_absent(Write::Rest, listing_item);
        }
        let failed = match self.table.write_all(&transaction).await? {
            Outcome::Written => return Ok(AccountInsertion::Inserted),
            Outcome::ConditionsFailed(failed) => failed,
        };
        match failed.into_iter().next() {
            Some(FailedCondition { write: Write::Account, stored }) => existing(account, stored),
            Some(FailedCondition { write: Write::Alias, .. }) => {
                Err(Error::AliasTaken { alias: account.alias.clone() })
            }
            // Two version 7 UUIDs are equal only if the source of randomness is broken.
            Some(FailedCondition { write: Write::Rest, .. }) | None => Err(Error::Contended),
        }
    }

    async fn replace_account(&self, account: &Account) -> Result<bool, Error> {
        let Some(replaced) = account.revision.checked_sub(1) else {
            return Ok(false);
        };
        let condition = Condition::Revision(replaced);
        let transaction = TransactWrite::new().put((), items::account::write(account)?, condition);
        self.table.write_if_current(&transaction).await
    }
}

impl DeleteAccounts for DynamoStore {
    async fn all_balances(
        &self,
        account: &Account,
        balances_max: usize,
    ) -> Result<Vec<Balance>, Error> {
        // One more than wanted tells that there are too many.
        let limit = Limit::Items(balances_max.saturating_add(1));
        let key_range = KeyRange::balances(account.id);
        let items = self.table.query_consistent(&key_range, SortOrder::Ascending, limit).await?;
        let balances = items.into_iter().map(items::balance::read);
        let of_scope = |balance: &Result<Balance, Error>| {
            balance.as_ref().map_or(true, |balance| balance.scope == account.scope)
        };
        balances.filter(of_scope).collect()
    }

    async fn delete_account(&self, account: &Account, balances: &[Balance]) -> Result<bool, Error> {
        let Some(replaced) = account.revision.checked_sub(1) else {
            return Ok(false);
        };
        let listing_item = Key::AccountListingItem {
            ledger: account.scope.ledger,
            created_at: account.created_at,
            account: account.id,
        };
        let transaction = TransactWrite::new()
            .put((), items::account::write(account)?, Condition::Revision(replaced))
            .delete((), &listing_item, Condition::Present);
        match with_next_versions(transaction, balances)? {
            Some(transaction) => self.table.write_if_current(&transaction).await,
            None => Ok(false),
        }
    }

    async fn close_account(&self, account: &Account, balances: &[Balance]) -> Result<bool, Error> {
        let Some(replaced) = account.revision.checked_sub(1) else {
            return Ok(false);
        };
        let condition = Condition::Revision(replaced);
        let transaction = TransactWrite::new().put((), items::account::write(account)?, condition);
        match with_next_versions(transaction, balances)? {
            Some(transaction) => self.table.write_if_current(&transaction).await,
            None => Ok(false),
        }
    }
}

/// Adds the writes of the next versions of balances; `None` if one is version 0, which follows none.
fn with_next_versions(
    transaction: TransactWrite<()>,
    balances: &[Balance],
) -> Result<Option<TransactWrite<()>>, Error> {
    balances.iter().try_fold(Some(transaction), |transaction, next| match transaction {
        Some(transaction) => with_next_version(transaction, next),
        None => Ok(None),
    })
}

/// The account that has the id of a new one.
fn existing(new: &Account, stored: Option<Item>) -> Result<AccountInsertion, Error> {
    let here = || Key::Account(new.id).for_log();
    let stored = stored
        .ok_or_else(|| item::corrupt(here(), &"its condition failed, and it is not there"))?;
    let account = items::account::read(stored)?;
    if account.scope != new.scope {
        // The id is random or derived from the scope, so another ledger cannot have it. If one has,
        // the caller must not see the item.
        return Err(item::corrupt(here(), &"it belongs to another ledger than its id"));
    }
    Ok(AccountInsertion::Existing(Box::new(account)))
}
