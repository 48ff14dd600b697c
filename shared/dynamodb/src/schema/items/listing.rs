//! Listing items, which put items into lists in order of creation.

use serde::{Deserialize, Serialize};
use subledger::account::Account;
use subledger::balance::list::creation_position;
use subledger::balance::{Balance, BalanceKey};
use subledger::error::Error;
use subledger::ledger::ListingShards;
use subledger::ledger::organization::Organization;
use subledger::money::ids::{AccountId, LedgerId, OrganizationId, TransactionId};
use subledger::page::ListPosition;
use subledger::transaction::Transaction;
use subledger::transaction::read::transaction_position;

use crate::schema::canonical;
use crate::schema::item::Item;
use crate::schema::key_range::{KeyRange, PositionRange};
use crate::schema::keys::Key;

/// A listing item.
pub trait ListingItem: Sized + Send {
    /// The key range of a part of a shard of the listing.
    fn key_range(ledger: LedgerId, shard: u8, range: PositionRange) -> KeyRange;

    /// Reads a listing item.
    fn read(item: Item) -> Result<Self, Error>;

    /// The position in the listing.
    fn position(&self) -> ListPosition;
}

/// A listing item that has nothing but its key.
#[derive(Serialize)]
struct BareRow {}

#[derive(Serialize, Deserialize)]
struct BalanceListingRow {
    #[serde(with = "canonical")]
    account: AccountId,
    #[serde(with = "canonical")]
    key: BalanceKey,
}

/// The listing item of a balance, which names its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BalanceListingItem {
    /// Its position in the list.
    pub position: ListPosition,
    /// The account of the balance.
    pub account: AccountId,
    /// The key of the balance in the account.
    pub key: BalanceKey,
}

impl BalanceListingItem {
    /// The key of the balance, unless it was deleted.
    pub fn balance_key(&self) -> Key<'_> {
        Key::Balance(self.account, &self.key)
    }
}

impl ListingItem for BalanceListingItem {
    fn key_range(ledger: LedgerId, shard: u8, range: PositionRange) -> KeyRange {
        KeyRange::balance_listing(ledger, shard, range)
    }

    fn read(item: Item) -> Result<Self, Error> {
        read_balance(item)
    }

    fn position(&self) -> ListPosition {
        self.position
    }
}

/// The listing item of a transaction, which names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransactionListingItem {
    /// Its position in the list.
    position: ListPosition,
}

impl TransactionListingItem {
    /// Which transaction it names.
    pub const fn transaction(&self) -> TransactionId {
        TransactionId::new(self.position.id)
    }
}

impl ListingItem for TransactionListingItem {
    fn key_range(ledger: LedgerId, shard: u8, range: PositionRange) -> KeyRange {
        KeyRange::transaction_listing(ledger, shard, range)
    }

    fn read(item: Item) -> Result<Self, Error> {
        Ok(Self { position: read_position(&item)? })
    }

    fn position(&self) -> ListPosition {
        self.position
    }
}

/// The listing item of an organization.
pub fn write_organization(organization: &Organization) -> Result<Item, Error> {
    let key = Key::OrganizationListingItem {
        created_at: organization.timeline.created_at,
        organization: organization.id,
    };
    Item::write(&key, &BareRow {})
}

/// The listing item of an account.
pub fn write_account(account: &Account) -> Result<Item, Error> {
    let key = Key::AccountListingItem {
        ledger: account.scope.ledger,
        created_at: account.created_at,
        account: account.id,
    };
    Item::write(&key, &BareRow {})
}

/// The listing item of a balance.
pub fn write_balance(balance: &Balance, shards: ListingShards) -> Result<Item, Error> {
    let key = Key::BalanceListingItem {
        ledger: balance.scope.ledger,
        shard: shards.shard_of(balance.id.uuid()),
        position: creation_position(balance),
    };
    let row = BalanceListingRow { account: balance.account, key: balance.key.clone() };
    Item::write(&key, &row)
}

/// The listing item of a transaction.
pub fn write_transaction(transaction: &Transaction, shards: ListingShards) -> Result<Item, Error> {
    let key = Key::TransactionListingItem {
        ledger: transaction.scope.ledger,
        shard: shards.shard_of(transaction.id.uuid()),
        position: transaction_position(transaction),
    };
    Item::write(&key, &BareRow {})
}

/// The organization that a listing item names.
pub fn read_organization(item: &Item) -> Result<OrganizationId, Error> {
    Ok(OrganizationId::new(read_position(item)?.id))
}

/// The account that a listing item names.
pub fn read_account(item: &Item) -> Result<AccountId, Error> {
    Ok(AccountId::new(read_position(item)?.id))
}

/// The balance that a listing item names.
pub fn read_balance(item: Item) -> Result<BalanceListingItem, Error> {
    let (here, row): (_, BalanceListingRow) = item.read()?;
    let position = here.list_position().ok_or_else(|| here.corrupt(&NO_LISTING_ITEM))?;
    Ok(BalanceListingItem { position, account: row.account, key: row.key })
}

/// The position that a listing item names.
pub fn read_position(item: &Item) -> Result<ListPosition, Error> {
    item.key().and_then(|key| key.list_position()).ok_or_else(|| item.corrupt(&NO_LISTING_ITEM))
}

const NO_LISTING_ITEM: &str = "the sort key is not a listing item's";

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
        let item = write_balance(&balance, ListingShards::ONE).unwrap();
        let listing_item = read_balance(item).unwrap();
        assert_eq!(listing_item.position, creation_position(&balance));
        assert_eq!(
            (listing_item.account, listing_item.key),
            (balance.account, balance.key.clone())
        );
        let transaction = samples::transaction();
        let item = write_transaction(&transaction, ListingShards::ONE).unwrap();
        let listing_item = TransactionListingItem::read(item).unwrap();
        assert_eq!(listing_item.position(), transaction_position(&transaction));
        assert_eq!(listing_item.transaction(), transaction.id);
    }

    #[test]
    fn an_entry_under_another_kind_of_key_is_corrupt() {
        let item = samples::at(&samples::somewhere());
        assert!(matches!(read_account(&item), Err(Error::Corrupt { .. })));
        assert!(matches!(read_balance(item.clone()), Err(Error::Corrupt { .. })));
        assert!(matches!(TransactionListingItem::read(item), Err(Error::Corrupt { .. })));
    }
}
