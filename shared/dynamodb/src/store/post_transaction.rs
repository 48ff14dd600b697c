//! Posting transactions: the port [`PostTransactions`].

use std::collections::{BTreeSet, HashMap};

use subledger::account::Alias;
use subledger::balance::{Balance, BalanceKey};
use subledger::error::Error;
use subledger::money::ids::{AccountId, Scope, TransactionId};
use subledger::ports::{LegBalances, PostTransactions, Recording};
use subledger::transaction::{Leg, Transaction};

use crate::requests::transact_write::{
    CONFLICTS_MAX, Condition, FailedCondition, Outcome, TransactWrite,
};
use crate::schema::item::{self, Item};
use crate::schema::items;
use crate::schema::keys::Key;
use crate::store::DynamoStore;

/// What a step of a transaction writes, in order of precedence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Write {
    /// The transaction itself: the condition of a repeated request and of a repeated step.
    Transaction,
    /// The transaction that it reverts.
    Reverted,
    /// A balance that has to be in the version before.
    Balance,
    /// A version or a listing item: keys that nobody else writes.
    Rest,
}

impl DynamoStore {
    /// Which accounts the aliases of the legs name. Only those that are not cached are read.
    async fn accounts_of_legs<'l>(
        &self,
        scope: Scope,
        legs: &'l [Leg],
    ) -> Result<HashMap<&'l Alias, AccountId>, Error> {
        let mut accounts = HashMap::new();
        let mut unknown = BTreeSet::new();
        for leg in legs {
            match self.aliases.get(&(scope, leg.alias.clone())) {
                Some(account) => drop(accounts.insert(&leg.alias, account)),
                None => drop(unknown.insert(&leg.alias)),
            }
        }
        if unknown.is_empty() {
            return Ok(accounts);
        }
        let keys = unknown.iter().map(|alias| Key::Alias(scope.ledger, alias));
        let mut items = self.table.get_all_consistent(keys).await?;
        for alias in unknown {
            let Some(item) = items.take(&Key::Alias(scope.ledger, alias)) else {
                continue;
            };
            let named = items::account::read_alias(item)?;
            if named.scope == scope {
                self.aliases.insert((scope, alias.clone()), named.account);
                accounts.insert(alias, named.account);
            }
        }
        Ok(accounts)
    }

    /// The overdraft balances that movements on the balances can change and that are not among
    /// them. Only a balance with an overdraft has one, so most steps read none. Those that were
    /// needed before are read at once with the balances.
    async fn missing_overdraft_balances(
        &self,
        balances: &[Balance],
    ) -> Result<Vec<Balance>, Error> {
        let overdraft_balance = BalanceKey::overdraft();
        let moving = balances.iter().filter(|balance| balance.moves_overdraft_balance());
        let mut missing: BTreeSet<AccountId> = moving.map(|balance| balance.account).collect();
        missing.iter().for_each(|account| self.overdrawing.insert(*account, ()));
        for read in balances.iter().filter(|balance| balance.key == overdraft_balance) {
            missing.remove(&read.account);
        }
        if missing.is_empty() {
            return Ok(Vec::new());
        }
        let keys = missing.iter().map(|account| Key::Balance(*account, &overdraft_balance));
        let mut items = self.table.get_all_consistent(keys).await?;
        let found = missing.iter().filter_map(|account| {
            items.take(&Key::Balance(*account, &overdraft_balance)).map(items::balance::read)
        });
        found.collect()
    }
}

/// Everything that the step writes, in order of precedence.
fn writes_of(
    step: &Transaction,
    changed: &[Balance],
    reverted: Option<&Transaction>,
    listing_item: Option<Item>,
) -> Result<TransactWrite<Write>, Error> {
    let put = |transaction: TransactWrite<Write>, write, step: &Transaction| {
        let item = items::transaction::write(step)?;
        Ok::<_, Error>(match step.revision.checked_sub(1) {
            None => transaction.put_if_absent_returning(write, item),
            Some(replaced) => transaction.put(write, item, Condition::Revision(replaced)),
        })
    };
    let mut transaction = put(TransactWrite::new(), Write::Transaction, step)?;
    if let Some(reverted) = reverted {
        transaction = put(transaction, Write::Reverted, reverted)?;
    }
    for balance in changed {
        let condition = balance
            .version
            .checked_sub(1)
            .map_or(Condition::AbsentNow, |replaced| Condition::Version(balance.id, replaced));
        transaction = transaction
            .put(Write::Balance, items::balance::write_current(balance)?, condition)
            .put_if_absent(Write::Rest, items::balance::write_version(balance)?);
    }
    Ok(match listing_item {
        Some(listing_item) => transaction.put_if_absent(Write::Rest, listing_item),
        None => transaction,
    })
}

impl PostTransactions for DynamoStore {
    async fn ledger_exists(&self, scope: Scope) -> Result<bool, Error> {
        Ok(self.shards_of(scope).await?.is_some())
    }

    async fn transaction(
        &self,
        scope: Scope,
        id: TransactionId,
    ) -> Result<Option<Transaction>, Error> {
        let item = self.table.get_consistent(&Key::Transaction(id)).await?;
        let transaction = item.map(items::transaction::read).transpose()?;
        Ok(transaction.filter(|transaction| transaction.scope == scope))
    }

    async fn leg_balances(&self, scope: Scope, legs: &[Leg]) -> Result<LegBalances, Error> {
        let named = self.accounts_of_legs(scope, legs).await?;
        let overdraft_balance = BalanceKey::overdraft();
        let accounts: BTreeSet<AccountId> = named.values().copied().collect();
        let mut balances: BTreeSet<(AccountId, &BalanceKey)> = legs
            .iter()
            .filter_map(|leg| named.get(&leg.alias).map(|account| (*account, &leg.key)))
            .collect();
        let hinted = accounts.iter().filter(|account| self.overdrawing.get(account).is_some());
        balances.extend(hinted.map(|account| (*account, &overdraft_balance)));
        let mut read = LegBalances::default();
        let account_keys = accounts.iter().copied().map(Key::Account);
        let balance_keys = balances.iter().map(|(account, key)| Key::Balance(*account, key));
        let mut items = self.table.get_all_consistent(account_keys.chain(balance_keys)).await?;
        for account in accounts {
            let item = items.take(&Key::Account(account));
            read.accounts.extend(item.map(items::account::read).transpose()?);
        }
        for (account, key) in &balances {
            let item = items.take(&Key::Balance(*account, key));
            read.balances.extend(item.map(items::balance::read).transpose()?);
        }
        read.accounts.retain(|account| account.scope == scope && account.deleted_at.is_none());
        read.balances.retain(|balance| balance.scope == scope);
        let overdraft_balances = self.missing_overdraft_balances(&read.balances).await?;
        read.balances
            .extend(overdraft_balances.into_iter().filter(|balance| balance.scope == scope));
        Ok(read)
    }

    async fn record(
        &self,
        transaction: &Transaction,
        changed: &[Balance],
        reverted: Option<&Transaction>,
    ) -> Result<Recording, Error> {
        let listing_item = if transaction.revision == 0 {
            let shards = self.shards_of(transaction.scope).await?.ok_or(Error::LedgerNotFound)?;
            Some(items::listing::write_transaction(transaction, shards)?)
        } else {
            None
        };
        let writes = writes_of(transaction, changed, reverted, listing_item)?;
        let failed = match self.table.write_unless_conflicts(&writes, CONFLICTS_MAX).await {
            Ok(Outcome::Written) => return Ok(Recording::Recorded),
            Ok(Outcome::ConditionsFailed(failed)) => failed,
            // Nothing was written, and what was read is probably outdated.
            Err(Error::Contended) => return Ok(Recording::Stale),
            Err(error) => return Err(error),
        };
        let reverted_is = failed.iter().any(|refusal| refusal.write == Write::Reverted);
        let mut failed = failed.into_iter();
        match failed.find(|refusal| refusal.write == Write::Transaction) {
            Some(FailedCondition { stored, .. }) if transaction.revision == 0 => {
                existing(transaction, stored)
            }
            _ if reverted_is => Ok(Recording::Reverted),
            Some(_) | None => Ok(Recording::Stale),
        }
    }
}

/// The transaction that has the id of a new one.
fn existing(new: &Transaction, stored: Option<Item>) -> Result<Recording, Error> {
    let here = || Key::Transaction(new.id).for_log();
    let stored = stored
        .ok_or_else(|| item::corrupt(here(), &"its condition failed, and it is not there"))?;
    let transaction = items::transaction::read(stored)?;
    if transaction.scope != new.scope {
        // The id is random or derived from the scope, so another ledger cannot have it. If one has,
        // the caller must not see the item.
        return Err(item::corrupt(here(), &"it belongs to another ledger than its id"));
    }
    Ok(Recording::Existing(Box::new(transaction)))
}
