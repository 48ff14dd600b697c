//! Entries: what lists in order of creation are walked by.

use serde::{Deserialize, Serialize};
use subledger::account::Account;
use subledger::balance::{Balance, BalanceKey};
use subledger::error::Error;
use subledger::ids::{AccountId, LedgerId, OrganizationId, TransactionId};
use subledger::ledger::DirectoryShards;
use subledger::list_balances::creation_mark;
use subledger::list_transactions::transaction_mark;
use subledger::organization::Organization;
use subledger::page::Mark;
use subledger::transaction::Transaction;

use crate::canonical;
use crate::directory::Entry;
use crate::item::Item;
use crate::keys::{Key, MarkRange, Span};

/// An entry whose key says everything.
#[derive(Serialize)]
struct BareRow {}

#[derive(Serialize, Deserialize)]
struct BalanceEntryRow {
    #[serde(with = "canonical")]
    account: AccountId,
    #[serde(with = "canonical")]
    key: BalanceKey,
}

/// What a ledger's directory knows of a balance: where to find it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BalanceEntry {
    /// Its place in the list.
    pub(crate) mark: Mark,
    pub(crate) account: AccountId,
    pub(crate) key: BalanceKey,
}

impl BalanceEntry {
    /// Where the balance is, unless it was deleted.
    pub(crate) fn balance_key(&self) -> Key<'_> {
        Key::Balance(self.account, &self.key)
    }
}

impl Entry for BalanceEntry {
    fn span(ledger: LedgerId, shard: u8, range: MarkRange) -> Span {
        Span::balance_entries(ledger, shard, range)
    }

    fn read(item: Item) -> Result<Self, Error> {
        read_balance(item)
    }

    fn mark(&self) -> Mark {
        self.mark
    }
}

/// What a ledger's directory knows of a transaction: when it was recorded, and which one it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TransactionEntry {
    /// Its place in the list.
    mark: Mark,
}

impl TransactionEntry {
    /// Which transaction it names.
    pub(crate) const fn transaction(&self) -> TransactionId {
        TransactionId::new(self.mark.id)
    }
}

impl Entry for TransactionEntry {
    fn span(ledger: LedgerId, shard: u8, range: MarkRange) -> Span {
        Span::transaction_entries(ledger, shard, range)
    }

    fn read(item: Item) -> Result<Self, Error> {
        Ok(Self { mark: read_mark(&item)? })
    }

    fn mark(&self) -> Mark {
        self.mark
    }
}

/// The entry of an organization.
pub(crate) fn write_organization(organization: &Organization) -> Result<Item, Error> {
    let key = Key::OrganizationEntry {
        created_at: organization.created_at,
        organization: organization.id,
    };
    Item::write(&key, &BareRow {})
}

/// The entry of an account.
pub(crate) fn write_account(account: &Account) -> Result<Item, Error> {
    let key = Key::AccountEntry {
        ledger: account.scope.ledger,
        created_at: account.created_at,
        account: account.id,
    };
    Item::write(&key, &BareRow {})
}

/// The entry of a balance.
pub(crate) fn write_balance(balance: &Balance, shards: DirectoryShards) -> Result<Item, Error> {
    let key = Key::BalanceEntry {
        ledger: balance.scope.ledger,
        shard: shards.shard_of(balance.id.uuid()),
        mark: creation_mark(balance),
    };
    let row = BalanceEntryRow { account: balance.account, key: balance.key.clone() };
    Item::write(&key, &row)
}

/// The entry of a transaction.
pub(crate) fn write_transaction(
    transaction: &Transaction,
    shards: DirectoryShards,
) -> Result<Item, Error> {
    let key = Key::TransactionEntry {
        ledger: transaction.scope.ledger,
        shard: shards.shard_of(transaction.id.uuid()),
        mark: transaction_mark(transaction),
    };
    Item::write(&key, &BareRow {})
}

/// Which organization the entry names.
pub(crate) fn read_organization(item: &Item) -> Result<OrganizationId, Error> {
    Ok(OrganizationId::new(read_mark(item)?.id))
}

/// Which account the entry names.
pub(crate) fn read_account(item: &Item) -> Result<AccountId, Error> {
    Ok(AccountId::new(read_mark(item)?.id))
}

/// Which balance the entry names.
pub(crate) fn read_balance(item: Item) -> Result<BalanceEntry, Error> {
    let (here, row): (_, BalanceEntryRow) = item.read()?;
    let mark = here.entry().ok_or_else(|| here.corrupt(&NO_ENTRY))?;
    Ok(BalanceEntry { mark, account: row.account, key: row.key })
}

/// When the item came to be that the entry names, and which one it is.
pub(crate) fn read_mark(item: &Item) -> Result<Mark, Error> {
    item.key().and_then(|key| key.entry()).ok_or_else(|| item.corrupt(&NO_ENTRY))
}

const NO_ENTRY: &str = "the sort key is not an entry's";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    #[test]
    fn an_entry_names_its_item() {
        let (organization, account) = (samples::organization(), samples::account());
        let item = write_organization(&organization).unwrap();
        assert_eq!(read_organization(&item).unwrap(), organization.id);
        let item = write_account(&account).unwrap();
        assert_eq!(read_account(&item).unwrap(), account.id);
        let balance = samples::balance();
        let item = write_balance(&balance, DirectoryShards::ONE).unwrap();
        let entry = read_balance(item).unwrap();
        assert_eq!(entry.mark, creation_mark(&balance));
        assert_eq!((entry.account, entry.key), (balance.account, balance.key));
        let transaction = samples::transaction();
        let item = write_transaction(&transaction, DirectoryShards::ONE).unwrap();
        let entry = TransactionEntry::read(item).unwrap();
        assert_eq!(entry.mark(), transaction_mark(&transaction));
        assert_eq!(entry.transaction(), transaction.id);
    }

    #[test]
    fn an_entry_under_another_kind_of_key_is_corrupt() {
        let item = samples::at(&samples::somewhere());
        assert!(matches!(read_account(&item), Err(Error::Corrupt { .. })));
        assert!(matches!(read_balance(item.clone()), Err(Error::Corrupt { .. })));
        assert!(matches!(TransactionEntry::read(item), Err(Error::Corrupt { .. })));
    }
}
