//! Accounts: the ports [`ReadAccounts`], [`ListAccounts`], [`ResolveAlias`], [`WriteAccounts`] and
//! [`DeleteAccounts`].

use subledger::account::group::GroupKind;
use subledger::account::{Account, Alias};
use subledger::balance::Balance;
use subledger::count::{Counted, Owner};
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
use crate::store::counts::asset_of;
use crate::store::numbered_list::{listing_items, numbered_page};
use crate::store::revisions::follows;

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
    Ledger,
    Asset,
    Group(GroupKind),
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
            .put_if_absent(Write::Alias, items::account::write_alias(account)?);
        transaction = counted_in(transaction, account)
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
            Some(FailedCondition { write: Write::Ledger, .. }) => Err(Error::LedgerNotFound),
            Some(FailedCondition { write: Write::Asset, .. }) => Err(Error::AssetNotFound),
            Some(FailedCondition { write: Write::Group(kind), .. }) => {
                Err(Error::GroupNotFound { kind })
            }
            // Two version 7 UUIDs are equal only if the source of randomness is broken.
            Some(FailedCondition { write: Write::Rest, .. }) | None => Err(Error::Contended),
        }
    }

    async fn replace_account(&self, before: &Account, next: &Account) -> Result<bool, Error> {
        let Some(condition) = follows(next.revision) else {
            return Ok(false);
        };
        let mut transaction = TransactWrite::new().put((), items::account::write(next)?, condition);
        let (id, counted) = (next.id.uuid(), &[Counted::Accounts]);
        for (from, to) in
            [(before.portfolio_id, next.portfolio_id), (before.segment_id, next.segment_id)]
        {
            if from == to {
                continue;
            }
            if let Some(left) = from.map(Owner::Group) {
                transaction = transaction.count_out((), &left, id, counted);
            }
            if let Some(entered) = to.map(Owner::Group) {
                transaction = transaction.count_in((), &entered, id, counted);
            }
        }
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
        let Some(condition) = follows(account.revision) else {
            return Ok(false);
        };
        let listing_item = Key::AccountListingItem {
            ledger: account.scope.ledger,
            created_at: account.created_at,
            account: account.id,
        };
        let transaction = TransactWrite::new()
            .put((), items::account::write(account)?, condition)
            .delete((), &listing_item, Condition::Present)
            .count_account_out((), account);
        match with_next_versions(transaction, balances)? {
            Some(transaction) => self.table.write_if_current(&transaction).await,
            None => Ok(false),
        }
    }

    async fn close_account(&self, account: &Account, balances: &[Balance]) -> Result<bool, Error> {
        let Some(condition) = follows(account.revision) else {
            return Ok(false);
        };
        let transaction = TransactWrite::new().put((), items::account::write(account)?, condition);
        match with_next_versions(transaction, balances)? {
            Some(transaction) => self.table.write_if_current(&transaction).await,
            None => Ok(false),
        }
    }
}

/// Counts a new account on everything that it stands on. An account of v0 is in dollars, whether the
/// ledger has that asset or not.
fn counted_in(transaction: TransactWrite<Write>, account: &Account) -> TransactWrite<Write> {
    let (id, counted) = (account.id.uuid(), &[Counted::Accounts]);
    let mut transaction =
        transaction.count_in(Write::Ledger, &Owner::Ledger(account.scope), id, counted);
    if let Some(asset) = asset_of(account) {
        transaction = if account.profile.is_none() {
            transaction.count_in(Write::Asset, &asset, id, counted)
        } else {
            transaction.count_in_anyway(Write::Asset, &asset, id, counted)
        };
    }
    for (kind, group) in
        [(GroupKind::Portfolio, account.portfolio_id), (GroupKind::Segment, account.segment_id)]
    {
        if let Some(group) = group.map(Owner::Group) {
            transaction = transaction.count_in(Write::Group(kind), &group, id, counted);
        }
    }
    transaction
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
