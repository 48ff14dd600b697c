//! Stored items as the audit knows them, and where they are.

use subledger::audit::{Found, NameKey, Place, Problem, Record};
use subledger::error::Error;
use subledger::ids::{AccountId, LedgerId, OrganizationId, Scope};
use subledger::page::Mark;

use crate::keys::{Attributes, Key, Kind, kind, parse_entry, place, shard_of, sort_key};
use crate::{
    account_item, asset_item, balance_item, directory_entry, ledger_item, organization_item,
    transaction_item,
};

/// What the item is, or what is wrong with it.
pub(super) fn read(item: &Attributes) -> Result<Record, Problem> {
    let kind = kind(item).ok_or(Problem::Unknown)?;
    let record = read_as(kind, item).map_err(|error| match error {
        Error::Corrupt { reason, .. } => Problem::Unreadable(reason),
        other => Problem::Unreadable(other.to_string()),
    })?;
    if key_of(&record).is_none_or(|key| key.is_of(item)) {
        return Ok(record);
    }
    Err(Problem::Unreadable("it belongs to another key".to_owned()))
}

/// What was found at a key.
pub(super) fn found(item: Option<&Attributes>) -> Found {
    match item.map(read) {
        None => Found::Nothing,
        Some(Ok(record)) => Found::Item(Box::new(record)),
        Some(Err(_)) => Found::Unreadable,
    }
}

fn read_as(kind: Kind, item: &Attributes) -> Result<Record, Error> {
    Ok(match kind {
        Kind::Organization => Record::Organization(organization_item::read(item)?),
        Kind::OrganizationEntry => Record::OrganizationEntry(mark(item)?),
        Kind::Ledger => {
            let ledger = ledger_item::read(item)?;
            let name =
                name_key(&Key::LedgerName(ledger.scope.organization, &ledger.name).attributes());
            Record::Ledger(ledger, name)
        }
        Kind::LedgerName(organization) => {
            let ledger = ledger_item::read_name(item)?;
            Record::LedgerName(Scope { organization, ledger }, name_key(item))
        }
        Kind::Asset => {
            let asset = asset_item::read(item)?;
            let name = name_key(&Key::AssetName(asset.scope.ledger, &asset.name).attributes());
            Record::Asset(asset, name)
        }
        Kind::AssetName(ledger) => {
            Record::AssetName(ledger, asset_item::read_name(item)?, name_key(item))
        }
        Kind::Alias => {
            let (alias, named) = account_item::read_alias_and_account(item)?;
            Record::Alias { scope: named.scope, alias, account: named.account }
        }
        Kind::Account => Record::Account(account_item::read(item)?),
        Kind::AccountEntry(ledger) => Record::AccountEntry(ledger, mark(item)?),
        Kind::Balance => Record::Balance(balance_item::read(item)?),
        Kind::DeletedBalance => Record::DeletedBalance(balance_item::read(item)?),
        Kind::Version => Record::Version(balance_item::read(item)?),
        Kind::BalanceEntry(ledger, shard) => {
            let entry = directory_entry::read_balance(item)?;
            let (mark, account, key) = (entry.mark, entry.account, entry.key);
            Record::BalanceEntry { ledger, shard, mark, account, key }
        }
        Kind::Transaction => Record::Transaction(transaction_item::read(item)?),
        Kind::TransactionEntry(ledger, shard) => {
            Record::TransactionEntry { ledger, shard, mark: mark(item)? }
        }
    })
}

fn mark(item: &Attributes) -> Result<Mark, Error> {
    let (at, id) = parse_entry(item).ok_or_else(|| Error::Corrupt {
        key: place(item),
        reason: "the sort key is not an entry's".to_owned(),
    })?;
    Ok(Mark { at, id })
}

fn name_key(item: &Attributes) -> NameKey {
    NameKey(sort_key(item).unwrap_or_default().to_owned())
}

/// Where the content of a record says that it is; nothing for a taken name, which may be too long
/// to stand in its key.
pub(super) fn key_of(record: &Record) -> Option<Key<'_>> {
    Some(match record {
        Record::Organization(it) => Key::Organization(it.id),
        Record::OrganizationEntry(mark) => organization_entry(*mark),
        Record::Ledger(it, _) => Key::Ledger(it.scope),
        Record::LedgerName(..) | Record::AssetName(..) => return None,
        Record::Asset(it, _) => Key::Asset(it.scope.ledger, &it.code),
        Record::Alias { scope, alias, .. } => Key::Alias(scope.ledger, alias),
        Record::Account(it) => Key::Account(it.id),
        Record::AccountEntry(ledger, mark) => account_entry(*ledger, *mark),
        Record::Balance(it) => Key::Balance(it.account, &it.key),
        Record::DeletedBalance(it) => Key::DeletedBalance(it.account, it.id),
        Record::Version(it) if it.version == 0 => Key::FirstVersion(it.id),
        Record::Version(it) => Key::LaterVersion(it.id, it.recorded_at),
        Record::BalanceEntry { ledger, shard, mark, .. } => {
            Key::BalanceEntry { ledger: *ledger, shard: *shard, mark: *mark }
        }
        Record::Transaction(it) => Key::Transaction(it.id),
        Record::TransactionEntry { ledger, shard, mark } => {
            Key::TransactionEntry { ledger: *ledger, shard: *shard, mark: *mark }
        }
    })
}

const fn organization_entry(mark: Mark) -> Key<'static> {
    Key::OrganizationEntry { created_at: mark.at, organization: OrganizationId::new(mark.id) }
}

const fn account_entry(ledger: LedgerId, mark: Mark) -> Key<'static> {
    Key::AccountEntry { ledger, created_at: mark.at, account: AccountId::new(mark.id) }
}

/// The key of a place.
pub(super) fn key_at(place: &Place) -> Key<'_> {
    match place {
        Place::Organization(id) => Key::Organization(*id),
        Place::OrganizationEntry(mark) => organization_entry(*mark),
        Place::Ledger(scope) => Key::Ledger(*scope),
        Place::LedgerName(organization, name) => Key::LedgerName(*organization, name),
        Place::Asset(ledger, code) => Key::Asset(*ledger, code),
        Place::AssetName(ledger, name) => Key::AssetName(*ledger, name),
        Place::Alias(ledger, alias) => Key::Alias(*ledger, alias),
        Place::Account(id) => Key::Account(*id),
        Place::AccountEntry(ledger, mark) => account_entry(*ledger, *mark),
        Place::Balance(account, key) => Key::Balance(*account, key),
        Place::DeletedBalance(account, id) => Key::DeletedBalance(*account, *id),
        Place::FirstVersion(id) => Key::FirstVersion(*id),
        Place::LaterVersion(id, at) => Key::LaterVersion(*id, *at),
        Place::BalanceEntry(ledger, shards, mark) => {
            Key::BalanceEntry { ledger: *ledger, shard: shard_of(mark.id, *shards), mark: *mark }
        }
        Place::Transaction(id) => Key::Transaction(*id),
        Place::TransactionEntry(ledger, shards, mark) => Key::TransactionEntry {
            ledger: *ledger,
            shard: shard_of(mark.id, *shards),
            mark: *mark,
        },
    }
}

/// What such items are called, in a count.
pub(super) const fn noun(record: &Record) -> &'static str {
    match record {
        Record::Organization(_) => "organizations",
        Record::OrganizationEntry(_) => "entries of organizations",
        Record::Ledger(..) => "ledgers",
        Record::LedgerName(..) => "names of ledgers",
        Record::Asset(..) => "assets",
        Record::AssetName(..) => "names of assets",
        Record::Alias { .. } => "aliases",
        Record::Account(_) => "accounts",
        Record::AccountEntry(..) => "entries of accounts",
        Record::Balance(_) => "balances",
        Record::DeletedBalance(_) => "deleted balances",
        Record::Version(_) => "versions",
        Record::BalanceEntry { .. } => "entries of balances",
        Record::Transaction(_) => "transactions",
        Record::TransactionEntry { .. } => "entries of transactions",
    }
}
