//! Stored items as the audit knows them, and where they are.

use crate::rules::{Found, NameKey, Place, Problem, Record};
use subledger::account::group::GroupKind;
use subledger::error::Error;
use subledger::money::ids::{AccountId, LedgerId, OrganizationId, Scope};
use subledger::page::ListPosition;

use subledger_dynamodb::schema::item::Item;
use subledger_dynamodb::schema::items;
use subledger_dynamodb::schema::items::counter::SHARDS;
use subledger_dynamodb::schema::items::listing::read_position;
use subledger_dynamodb::schema::keys::{Key, Kind, StoredKey};

/// What the item is, or what is wrong with it.
pub(super) fn read(item: &Item) -> Result<Record, Problem> {
    let key = item.key().ok_or(Problem::Unknown)?;
    let kind = key.kind().ok_or(Problem::Unknown)?;
    let record = read_as(kind, &key, item.clone()).map_err(unreadable)?;
    if key_of(&record).is_none_or(|written| written.stored() == key) {
        return Ok(record);
    }
    Err(Problem::Unreadable("it belongs to another key".to_owned()))
}

/// What was found at a key.
pub(super) fn found(item: Option<&Item>) -> Found {
    match item.map(read) {
        None => Found::Nothing,
        Some(Ok(record)) => Found::Item(Box::new(record)),
        Some(Err(_)) => Found::Unreadable,
    }
}

/// Why an item cannot be read, without its key, which the finding has.
fn unreadable(error: Error) -> Problem {
    let Error::Corrupt { reason, .. } = error else {
        return Problem::Unreadable(error.to_string());
    };
    Problem::Unreadable(reason)
}

fn read_as(kind: Kind, key: &StoredKey, item: Item) -> Result<Record, Error> {
    Ok(match kind {
        Kind::Organization => Record::Organization(items::organization::read(item)?),
        Kind::OrganizationListingItem => Record::OrganizationListingItem(read_position(&item)?),
        Kind::Ledger => {
            let ledger = items::ledger::read(item)?;
            let name = Key::LedgerName(ledger.scope.organization, &ledger.name);
            let name = name_key(&name.stored());
            Record::Ledger(ledger, name)
        }
        Kind::DeletedLedger => Record::DeletedLedger(items::ledger::read(item)?),
        Kind::LedgerName(organization) => {
            let ledger = items::ledger::read_name(item)?;
            Record::LedgerName(Scope { organization, ledger }, name_key(key))
        }
        Kind::Asset => {
            let asset = items::asset::read(item)?;
            let name = name_key(&Key::AssetName(asset.scope.ledger, &asset.name).stored());
            Record::Asset(asset, name)
        }
        Kind::DeletedAsset => Record::DeletedAsset(items::asset::read(item)?),
        Kind::AssetName(ledger) => {
            Record::AssetName(ledger, items::asset::read_name(item)?, name_key(key))
        }
        Kind::AssetId(ledger, asset) => {
            Record::AssetId(ledger, asset, items::asset::read_id(item)?)
        }
        Kind::Group => {
            let group = items::group::read(item)?;
            let name = items::group::unique_key(&group).map(|name| name_key(&name.stored()));
            Record::Group(group, name)
        }
        Kind::DeletedGroup => Record::DeletedGroup(items::group::read(item)?),
        Kind::SegmentName(ledger) => group_name(ledger, GroupKind::Segment, key, item)?,
        Kind::AccountTypeKey(ledger) => group_name(ledger, GroupKind::AccountType, key, item)?,
        Kind::Alias => {
            let (alias, named) = items::account::read_alias_and_account(item)?;
            Record::Alias { scope: named.scope, alias, account: named.account }
        }
        Kind::Account => Record::Account(items::account::read(item)?),
        Kind::AccountListingItem(ledger) => {
            Record::AccountListingItem(ledger, read_position(&item)?)
        }
        Kind::Balance => Record::Balance(items::balance::read(item)?),
        Kind::DeletedBalance => Record::DeletedBalance(items::balance::read(item)?),
        Kind::Version => Record::Version(items::balance::read(item)?),
        Kind::BalanceListingItem(ledger, shard) => {
            let listing_item = items::listing::read_balance(item)?;
            let (position, account, key) =
                (listing_item.position, listing_item.account, listing_item.key);
            Record::BalanceListingItem { ledger, shard, position, account, key }
        }
        Kind::Transaction => Record::Transaction(items::transaction::read(item)?),
        Kind::TransactionListingItem(ledger, shard) => {
            Record::TransactionListingItem { ledger, shard, position: read_position(&item)? }
        }
        Kind::Counter => {
            let shard = key.counter_shard().filter(|(_, number)| *number < SHARDS);
            let (owner, number) =
                shard.ok_or_else(|| item.corrupt(&"it is no shard of a counter"))?;
            Record::Counter { owner, number, shard: items::counter::read(item)? }
        }
    })
}

fn group_name(
    ledger: LedgerId,
    kind: GroupKind,
    key: &StoredKey,
    item: Item,
) -> Result<Record, Error> {
    let (organization, group) = items::group::read_unique(item)?;
    let scope = Scope { organization, ledger };
    Ok(Record::GroupName { scope, kind, group, name: name_key(key) })
}

fn name_key(key: &StoredKey) -> NameKey {
    NameKey(key.sort_key().to_owned())
}

/// The key that follows from the content of a record; `None` for the item of a taken name, whose
/// key may have only a hash of the name.
pub(super) fn key_of(record: &Record) -> Option<Key<'_>> {
    Some(match record {
        Record::Organization(it) => Key::Organization(it.id),
        Record::OrganizationListingItem(position) => organization_listing(*position),
        Record::Ledger(it, _) => Key::Ledger(it.scope),
        Record::DeletedLedger(it) => Key::DeletedLedger(it.scope),
        Record::LedgerName(..) | Record::AssetName(..) | Record::GroupName { .. } => return None,
        Record::Asset(it, _) => Key::Asset(it.scope.ledger, &it.code),
        Record::DeletedAsset(it) => Key::DeletedAsset(it.scope.ledger, it.id),
        Record::AssetId(ledger, asset, _) => Key::AssetId(*ledger, *asset),
        Record::Group(it, _) => Key::Group(it.scope.ledger, it.kind(), it.id),
        Record::DeletedGroup(it) => Key::DeletedGroup(it.scope.ledger, it.kind(), it.id),
        Record::Alias { scope, alias, .. } => Key::Alias(scope.ledger, alias),
        Record::Account(it) => Key::Account(it.id),
        Record::AccountListingItem(ledger, position) => account_listing(*ledger, *position),
        Record::Balance(it) => Key::Balance(it.account, &it.key),
        Record::DeletedBalance(it) => Key::DeletedBalance(it.account, it.id),
        Record::Version(it) if it.version == 0 => Key::FirstVersion(it.id),
        Record::Version(it) => Key::LaterVersion(it.id, it.recorded_at),
        Record::BalanceListingItem { ledger, shard, position, .. } => {
            Key::BalanceListingItem { ledger: *ledger, shard: *shard, position: *position }
        }
        Record::Transaction(it) => Key::Transaction(it.id),
        Record::TransactionListingItem { ledger, shard, position } => {
            Key::TransactionListingItem { ledger: *ledger, shard: *shard, position: *position }
        }
        Record::Counter { owner, number, .. } => Key::Counter { owner, shard: *number },
    })
}

const fn organization_listing(position: ListPosition) -> Key<'static> {
    Key::OrganizationListingItem {
        created_at: position.at,
        organization: OrganizationId::new(position.id),
    }
}

const fn account_listing(ledger: LedgerId, position: ListPosition) -> Key<'static> {
    Key::AccountListingItem {
        ledger,
        created_at: position.at,
        account: AccountId::new(position.id),
    }
}

/// The key of a place.
pub(super) fn key_at(place: &Place) -> Key<'_> {
    match place {
        Place::Organization(id) => Key::Organization(*id),
        Place::OrganizationListingItem(position) => organization_listing(*position),
        Place::Ledger(scope) | Place::LedgerEver(scope) => Key::Ledger(*scope),
        Place::LedgerName(organization, name) => Key::LedgerName(*organization, name),
        Place::Asset(ledger, code) => Key::Asset(*ledger, code),
        Place::AssetName(ledger, name) => Key::AssetName(*ledger, name),
        Place::AssetId(ledger, asset) => Key::AssetId(*ledger, *asset),
        Place::Group(ledger, kind, id) => Key::Group(*ledger, *kind, *id),
        Place::SegmentName(ledger, name) => Key::SegmentName(*ledger, name),
        Place::AccountTypeKey(ledger, key) => Key::AccountTypeKey(*ledger, key),
        Place::Alias(ledger, alias) => Key::Alias(*ledger, alias),
        Place::Account(id) => Key::Account(*id),
        Place::AccountListingItem(ledger, position) => account_listing(*ledger, *position),
        Place::Balance(account, key) => Key::Balance(*account, key),
        Place::DeletedBalance(account, id) => Key::DeletedBalance(*account, *id),
        Place::FirstVersion(id) => Key::FirstVersion(*id),
        Place::LaterVersion(id, at) => Key::LaterVersion(*id, *at),
        Place::BalanceListingItem(ledger, shards, position) => Key::BalanceListingItem {
            ledger: *ledger,
            shard: shards.shard_of(position.id),
            position: *position,
        },
        Place::Transaction(id) => Key::Transaction(*id),
        Place::TransactionListingItem(ledger, shards, position) => Key::TransactionListingItem {
            ledger: *ledger,
            shard: shards.shard_of(position.id),
            position: *position,
        },
    }
}

/// Where to look if there is nothing at the key of a place.
pub(super) const fn key_after_deletion(place: &Place) -> Option<Key<'_>> {
    if let Place::LedgerEver(scope) = place {
        return Some(Key::DeletedLedger(*scope));
    }
    None
}

/// The name of such items in a count.
pub(super) const fn noun(record: &Record) -> &'static str {
    match record {
        Record::Organization(_) => "organizations",
        Record::OrganizationListingItem(_) => "listing items of organizations",
        Record::Ledger(..) => "ledgers",
        Record::DeletedLedger(_) => "deleted ledgers",
        Record::LedgerName(..) => "names of ledgers",
        Record::Asset(..) => "assets",
        Record::DeletedAsset(_) => "deleted assets",
        Record::AssetName(..) => "names of assets",
        Record::AssetId(..) => "ids of assets",
        Record::Group(it, _) => match it.kind() {
            GroupKind::Portfolio => "portfolios",
            GroupKind::Segment => "segments",
            GroupKind::AccountType => "account types",
        },
        Record::DeletedGroup(it) => match it.kind() {
            GroupKind::Portfolio => "deleted portfolios",
            GroupKind::Segment => "deleted segments",
            GroupKind::AccountType => "deleted account types",
        },
        Record::GroupName { kind, .. } => match kind {
            GroupKind::Portfolio => "names of portfolios",
            GroupKind::Segment => "names of segments",
            GroupKind::AccountType => "keys of account types",
        },
        Record::Alias { .. } => "aliases",
        Record::Account(_) => "accounts",
        Record::AccountListingItem(..) => "listing items of accounts",
        Record::Balance(_) => "balances",
        Record::DeletedBalance(_) => "deleted balances",
        Record::Version(_) => "versions",
        Record::BalanceListingItem { .. } => "listing items of balances",
        Record::Transaction(_) => "transactions",
        Record::TransactionListingItem { .. } => "listing items of transactions",
        Record::Counter { .. } => "shards of counters",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use aws_sdk_dynamodb::types::AttributeValue;
    use proptest::prelude::*;
    use proptest::sample::Index;
    use subledger::account::group::Group;
    use subledger::balance::{
        Balance, BalanceFields, BalanceScope, BalanceSettings, OverdraftLimit,
    };
    use subledger::count::Owner;
    use subledger::ledger::asset::Asset;
    use subledger::ledger::organization::Organization;
    use subledger::ledger::{Ledger, ListingShards};
    use subledger::money::timeline::Timeline;
    use subledger::transaction::{LegLabels, TransactionLabels};

    use super::*;
    use subledger_dynamodb::schema::item::Attributes;
    use subledger_dynamodb::schema::items::counter::{CLOSED, COUNTS};
    use subledger_store_contract::samples;

    fn s(text: &str) -> AttributeValue {
        AttributeValue::S(text.to_owned())
    }

    /// An item of every kind, with what it may have.
    fn items() -> Vec<Item> {
        let (organization, ledger) = (samples::organization(), samples::ledger());
        let (asset, transaction) = (samples::asset(), samples::transaction());
        let account = subledger::account::AccountFields {
            profile: Some(Box::new(samples::profile())),
            metadata: samples::metadata(),
            ..samples::account().into_fields()
        };
        let account = subledger::account::Account::new(account).unwrap();
        let first = Balance::new(BalanceFields {
            credit: Some(Box::new(samples::credit())),
            ..samples::balance().into_fields()
        })
        .unwrap();
        let second = Balance::new(BalanceFields {
            settings: Some(BalanceSettings {
                scope: Some(BalanceScope::Transactional),
                allow_overdraft: true,
                overdraft_limit: OverdraftLimit::parse("1000.00"),
            }),
            available: samples::amount("12.5"),
            caused_by: Some(transaction.id),
            ..samples::balance().next_version(samples::moment(9)).into_fields()
        })
        .unwrap();
        let deleted = Balance::new(BalanceFields {
            deleted_at: Some(second.recorded_at),
            ..second.clone().into_fields()
        })
        .unwrap();
        assert_eq!(transaction.labels, TransactionLabels::default());
        assert!(transaction.legs.iter().all(|leg| leg.labels == LegLabels::default()));
        let one = ListingShards::ONE;
        let mut items: Vec<Item> = [
            items::organization::write(&organization),
            items::listing::write_organization(&organization),
            items::ledger::write(&ledger),
            items::ledger::write_name(&ledger),
            items::asset::write(&asset),
            items::asset::write_name(&asset),
            items::asset::write_id(&asset),
            items::account::write(&account),
            items::account::write_alias(&account),
            items::listing::write_account(&account),
            items::balance::write_current(&first),
            items::balance::write_version(&first),
            items::balance::write_current(&second),
            items::balance::write_version(&second),
            items::balance::write_current(&deleted),
            items::listing::write_balance(&first, one),
            items::transaction::write(&transaction),
            items::listing::write_transaction(&transaction, one),
        ]
        .map(Result::unwrap)
        .into();
        items.extend(what_was_deleted().map(Result::unwrap));
        for group in [samples::portfolio(), samples::segment(), samples::account_type()] {
            let timeline = group.timeline.ended(samples::moment(9));
            items.push(items::group::write(&group).unwrap());
            items.extend(items::group::write_unique(&group).unwrap());
            items.push(items::group::write(&Group { timeline, ..group }).unwrap());
        }
        items.extend(shards_of_counters());
        items
    }

    /// An organization, a ledger and an asset that were deleted.
    fn what_was_deleted() -> [Result<Item, Error>; 3] {
        let (organization, ledger) = (samples::organization(), samples::ledger());
        let asset = samples::asset();
        let ended = |timeline: Timeline| timeline.ended(samples::moment(9));
        [
            items::organization::write(&Organization {
                timeline: ended(organization.timeline),
                ..organization
            }),
            items::ledger::write(&Ledger { timeline: ended(ledger.timeline), ..ledger }),
            items::asset::write(&Asset {
                timeline: ended(asset.timeline),
                metadata: samples::metadata(),
                ..asset
            }),
        ]
    }

    /// A shard of the counter of each kind of owner.
    fn shards_of_counters() -> Vec<Item> {
        let owners = [
            Owner::System,
            Owner::Organization(samples::scope().organization),
            Owner::Ledger(samples::scope()),
            Owner::Asset(samples::scope(), samples::asset().code),
            Owner::Group(samples::portfolio().id),
        ];
        let item = |owner: &Owner| {
            let mut attributes = Key::Counter { owner, shard: 15 }.stored().into_attributes();
            let counts = COUNTS.iter().map(|name| (*name, AttributeValue::N("7".to_owned())));
            attributes.extend(counts.map(|(name, value)| (name.to_owned(), value)));
            attributes.insert(CLOSED.to_owned(), AttributeValue::Bool(true));
            Item(attributes)
        };
        owners.iter().map(item).collect()
    }

    /// The item that the record would be stored as; `None` where the record does not say it all.
    fn write(record: &Record) -> Option<Item> {
        let item = match record {
            Record::Organization(it) => items::organization::write(it),
            Record::Ledger(it, _) => items::ledger::write(it),
            Record::Asset(it, _) => items::asset::write(it),
            Record::Account(it) => items::account::write(it),
            Record::Balance(it) | Record::DeletedBalance(it) => items::balance::write_current(it),
            Record::Version(it) => items::balance::write_version(it),
            Record::Transaction(it) => items::transaction::write(it),
            Record::DeletedLedger(it) => items::ledger::write(it),
            Record::DeletedAsset(it) => items::asset::write(it),
            Record::Group(it, _) | Record::DeletedGroup(it) => items::group::write(it),
            Record::OrganizationListingItem(_)
            | Record::GroupName { .. }
            | Record::Counter { .. }
            | Record::LedgerName(..)
            | Record::AssetName(..)
            | Record::AssetId(..)
            | Record::Alias { .. }
            | Record::AccountListingItem(..)
            | Record::BalanceListingItem { .. }
            | Record::TransactionListingItem { .. } => return None,
        };
        Some(item.unwrap())
    }

    /// What may be in an item that nobody wrote. A number has the digits that DynamoDB gives it: one
    /// spelling for each value.
    fn values() -> impl Strategy<Value = AttributeValue> {
        let leaf = prop_oneof![
            Just(AttributeValue::Null(true)),
            any::<bool>().prop_map(AttributeValue::Bool),
            "0|-?[1-9][0-9]{0,37}".prop_map(AttributeValue::N),
            "-?(0|[1-9][0-9]{0,20})\\.[0-9]{0,9}[1-9]".prop_map(AttributeValue::N),
            "-?[0-9]{0,70}(\\.[0-9]{0,70})?".prop_map(AttributeValue::S),
            "\\PC{0,20}".prop_map(AttributeValue::S),
            prop::collection::vec("[a-z]{1,5}", 1..4).prop_map(AttributeValue::Ss),
            prop::sample::select(vec![
                s(""),
                s("0"),
                s("-1"),
                s("01"),
                s("1.0"),
                s("1e3"),
                s("approved"),
                s("credit"),
                s("1970-01-01T00:00:00.000009Z"),
                s("1970-01-01T00:00:00Z"),
                s("01920000-0000-7000-8000-000000000005"),
                s("default"),
                s("USD"),
            ]),
        ];
        leaf.prop_recursive(2, 8, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(AttributeValue::L),
                prop::collection::hash_map("[a-z_]{1,12}", inner, 0..4).prop_map(AttributeValue::M),
            ]
        })
    }

    #[derive(Debug, Clone)]
    enum Damage {
        Removed,
        Replaced(AttributeValue),
        /// By what another attribute has.
        Confused(Index),
        /// One level down, where there is one.
        Inside(Index, Box<Damage>),
    }

    fn damages() -> impl Strategy<Value = Damage> {
        let flat = || {
            prop_oneof![
                1 => Just(Damage::Removed),
                1 => Just(Damage::Replaced(AttributeValue::Null(true))),
                3 => values().prop_map(Damage::Replaced),
                3 => any::<Index>().prop_map(Damage::Confused),
            ]
        };
        let inside = |(at, damage)| Damage::Inside(at, Box::new(damage));
        let inner = move || (any::<Index>(), flat()).prop_map(inside);
        prop_oneof![
            3 => flat(),
            1 => inner(),
            1 => (any::<Index>(), inner()).prop_map(inside),
        ]
    }

    fn apply(members: &mut Attributes, at: Index, damage: &Damage) {
        let mut names: Vec<String> = members.keys().cloned().collect();
        names.sort_unstable();
        let Some(name) = (!names.is_empty()).then(|| at.get(&names).clone()) else {
            return;
        };
        match damage {
            Damage::Removed => drop(members.remove(&name)),
            Damage::Replaced(value) => drop(members.insert(name, value.clone())),
            Damage::Confused(other) => {
                let value = members.get(other.get(&names)).cloned().unwrap();
                members.insert(name, value);
            }
            Damage::Inside(at, damage) => match members.get_mut(&name) {
                Some(AttributeValue::M(members)) => apply(members, *at, damage),
                Some(AttributeValue::L(list)) => {
                    let numbered = list.drain(..).enumerate();
                    let mut members: Attributes =
                        numbered.map(|(place, value)| (format!("{place:03}"), value)).collect();
                    apply(&mut members, *at, damage);
                    let in_order: BTreeMap<_, _> = members.into_iter().collect();
                    list.extend(in_order.into_values());
                }
                _ => {}
            },
        }
    }

    #[test]
    fn every_kind_of_item_is_read_as_it_was_written() {
        let items = items();
        for item in &items {
            let record = read(item).unwrap();
            let written = write(&record).unwrap_or_else(|| item.clone());
            assert_eq!(written, *item);
        }
        let kinds: std::collections::BTreeSet<_> =
            items.iter().map(|item| noun(&read(item).unwrap())).collect();
        assert_eq!(kinds.len(), 27);
    }

    #[test]
    fn a_shard_of_a_counter_that_nothing_reads_is_unreadable() {
        let mut item = shards_of_counters().swap_remove(0);
        for shard in ["SHARD#16", "SHARD#015", "SHARD#"] {
            item.0.insert("sk".to_owned(), s(shard));
            let problem = Problem::Unreadable("it is no shard of a counter".to_owned());
            assert_eq!(read(&item), Err(problem), "{shard}");
        }
    }

    #[test]
    fn null_is_no_value_of_any_attribute() {
        for item in items() {
            for name in item.0.keys() {
                let mut item = item.clone();
                item.0.insert(name.to_owned(), AttributeValue::Null(true));
                assert!(read(&item).is_err(), "{name} of {}", item.place());
            }
        }
        let mut nested = items().swap_remove(12);
        let Some(AttributeValue::M(settings)) = nested.0.get_mut("settings") else {
            panic!("a balance with settings has them in a map");
        };
        settings.insert("overdraft_limit".to_owned(), AttributeValue::Null(true));
        assert!(read(&nested).is_err());
    }

    proptest! {
        /// An item that somebody damaged is unreadable, or it is another item: what is read from it
        /// would be stored just so. Nothing in it was passed over, rounded, or taken for a default.
        #[test]
        fn a_damaged_item_is_unreadable_or_stands_for_what_is_in_it(
            which in any::<Index>(),
            damages in prop::collection::vec((any::<Index>(), damages()), 1..3),
        ) {
            let items = items();
            let mut item = which.get(&items).clone();
            for (at, damage) in &damages {
                apply(&mut item.0, *at, damage);
            }
            if let Some(written) = read(&item).ok().as_ref().and_then(write) {
                prop_assert_eq!(written, item);
            }
        }
    }
}
