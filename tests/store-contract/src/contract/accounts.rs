//! Accounts: how they are opened, found and led through their life.
#![expect(clippy::unwrap_used, reason = "a behaviour fails by panicking")]

use uuid::Uuid;

use crate::contract::Store;
use crate::contract::agreements::{full_profile, profile};
use crate::contract::world::{
    World, code, idempotency_key, join, key, metadata, new_account, new_asset, numbered_page, text,
};
use subledger::account::lifecycle::LifecycleChange::{Activate, Close, Deactivate};
use subledger::account::lifecycle::change_lifecycle;
use subledger::account::lifecycle::{ClosedReason, InactiveReason, Lifecycle, LifecycleChange};
use subledger::account::open::{NewAccount, NewV0Account, open_account, open_v0_account};
use subledger::account::profile::Capability;
use subledger::account::update::{AccountChange, update_account};
use subledger::account::{Account, AccountFields, AccountType, Alias};
use subledger::balance::{Balance, BalanceFields, Direction};
use subledger::error::Error;
use subledger::ledger::ListingShards;
use subledger::ledger::asset::create_asset;
use subledger::metadata::{Metadata, MetadataValue};
use subledger::money::amount::Amount;
use subledger::money::ids::{AccountId, BalanceId, LedgerId, Scope};
use subledger::page::SortOrder::{Ascending, Descending};
use subledger::page::{Filter, TimeRange};
use subledger::ports::{AccountInsertion, IdSource};
use subledger::status::Status;

const NOBODY: AccountId = AccountId::new(Uuid::from_u128(1));

/// Every field comes back.
pub async fn an_account_is_read_as_it_was_written<S: Store>(store: &S) {
    let world = World::with_shards(store, 4).await;
    world.usd().await;
    let parent = world.account_called("parent").await;
    let (portfolio, segment) = (world.portfolio("North").await, world.segment("Retail").await);
    world.set(7);
    let new = NewAccount {
        name: Some(text("Ada's #1/2")),
        parent: Some(parent.id),
        entity_id: Some(text("entity/1")),
        portfolio_id: Some(portfolio.id),
        segment_id: Some(segment.id),
        status: Status { code: text("NEW"), description: Some(text("today")) },
        alias: Some(Alias::parse("@ada:1_a-b").unwrap()),
        kind: AccountType::parse("Größe #1").unwrap(),
        blocked: true,
        metadata: metadata(),
        ..new_account(world.scope, "USD")
    };
    let created = open_account(store, &world.clock, &world.ids, new.clone()).await.unwrap();
    let expected = Account::new(AccountFields {
        id: created.id,
        scope: world.scope,
        name: text("Ada's #1/2"),
        parent: Some(parent.id),
        entity_id: Some(text("entity/1")),
        asset_code: code("USD"),
        portfolio_id: Some(portfolio.id),
        segment_id: Some(segment.id),
        status: new.status,
        alias: Alias::parse("@ada:1_a-b").unwrap(),
        kind: new.kind,
        blocked: true,
        lifecycle: Lifecycle::Active,
        profile: None,
        metadata: new.metadata,
        listing_shards: ListingShards::new(4).unwrap(),
        being_deleted: false,
        deleted_at: None,
        revision: 0,
        created_at: world.at(7),
        updated_at: world.at(7),
    })
    .unwrap();
    assert_eq!(created, expected);
    assert_eq!(store.account(world.scope, created.id).await.unwrap(), Some(expected.clone()));
    assert_eq!(store.account_to_open(world.scope, created.id).await.unwrap(), Some(expected));
    assert_eq!(store.account(world.scope, NOBODY).await.unwrap(), None);
    assert_eq!(store.account_to_open(world.scope, NOBODY).await.unwrap(), None);
}

/// What was agreed comes back, to the last document.
pub async fn every_agreement_about_an_account_is_kept<S: Store>(store: &S) {
    let world = World::new(store).await;
    let new = NewV0Account {
        scope: world.scope,
        idempotency_key: world.fresh_key(),
        profile: full_profile(),
        metadata: metadata(),
    };
    let created = open_v0_account(store, &world.clock, new.clone()).await.unwrap();
    assert_eq!(created.profile.as_deref(), Some(&full_profile()));
    assert_eq!(store.account(world.scope, created.id).await.unwrap(), Some(created.clone()));
    let close = Close(ClosedReason::EntityClosed);
    change_lifecycle(store, &world.clock, world.scope, created.id, close).await.unwrap();
    let closed = store.account(world.scope, created.id).await.unwrap().unwrap();
    assert_eq!(closed.profile.as_deref(), Some(&full_profile()));
    assert_eq!(open_v0_account(store, &world.clock, new).await.unwrap(), created);
}

/// The default balance is there as soon as its account is.
pub async fn an_account_is_born_with_its_default_balance<S: Store>(store: &S) {
    let world = World::new(store).await;
    world.usd().await;
    world.set(7);
    let account = world.account_called("@ada").await;
    assert_eq!(account.name.as_str(), "USD deposit account");
    let balances = store.account_balances(world.scope, account.id).await.unwrap();
    let ids: Vec<_> = balances.iter().map(|balance| balance.id).collect();
    let expected = ids.first().map(|id| {
        Balance::new(BalanceFields {
            id: *id,
            scope: world.scope,
            account: account.id,
            alias: Alias::parse("@ada").unwrap(),
            key: key("default"),
            asset_code: code("USD"),
            account_type: AccountType::parse("deposit").unwrap(),
            direction: Direction::Credit,
            allow_sending: true,
            allow_receiving: true,
            settings: None,
            available: Amount::ZERO,
            on_hold: Amount::ZERO,
            overdraft_used: Amount::ZERO,
            version: 0,
            created_at: world.at(7),
            recorded_at: world.at(7),
            caused_by: None,
            deleted_at: None,
            credit: None,
        })
        .unwrap()
    });
    assert_eq!(balances, Vec::from_iter(expected));
    assert_eq!(balances.len(), 1);
    // The external account's, and this one.
    assert_eq!(world.listed_keys().await, "default default");
}

/// Ledger, asset and parent are missed in this order, and a refused account is not written.
pub async fn an_account_needs_its_ledger_asset_and_parent<S: Store>(store: &S) {
    let world = World::new(store).await;
    let create = async |new| open_account(store, &world.clock, &world.ids, new).await;
    let orphan = NewAccount { parent: Some(NOBODY), ..new_account(world.scope, "USD") };
    let scope = Scope { ledger: LedgerId::new(Uuid::from_u128(1)), ..world.scope };
    let refused = create(NewAccount { scope, ..orphan.clone() }).await;
    assert_refused!(refused, Error::LedgerNotFound);
    assert_refused!(create(orphan.clone()).await, Error::AssetNotFound);
    world.usd().await;
    assert_refused!(create(orphan.clone()).await, Error::ParentAccountNotFound);

    let euro = new_asset(world.scope, "Euro", "EUR");
    create_asset(store, &world.clock, &world.ids, euro).await.unwrap();
    let parent = create(new_account(world.scope, "EUR")).await.unwrap();
    let taken = Some(Alias::of_account(parent.id));
    let child = NewAccount { parent: Some(parent.id), alias: taken, ..orphan };
    assert_refused!(create(child.clone()).await, Error::ParentAccountOfOtherAsset);
    let child = NewAccount { asset_code: code("EUR"), ..child };
    assert_refused!(create(child).await, Error::AliasTaken { .. });
    let page = numbered_page(1, 10, Ascending, TimeRange::ALL);
    assert_eq!(store.accounts(world.scope, &page, &Filter::default()).await.unwrap().len(), 3);
}

/// The second account with an alias is refused whole; other cases and other ledgers are others.
pub async fn an_alias_is_taken_once_per_ledger<S: Store>(store: &S) {
    let world = World::new(store).await;
    world.usd().await;
    let ada = world.account_called("@ada").await;
    let alias = Alias::parse("@ada").unwrap();
    let new = NewAccount { alias: Some(alias.clone()), ..new_account(world.scope, "USD") };
    let refused = open_account(store, &world.clock, &world.ids, new).await;
    assert_refused!(refused, Error::AliasTaken { alias: taken } if *taken == alias);
    assert_eq!(world.listed_keys().await, "default default");
    assert_eq!(store.account_of_alias(world.scope, &alias).await.unwrap(), Some(ada.id));

    let capital = world.account_called("@Ada").await;
    let other = World::new(store).await;
    other.usd().await;
    let elsewhere = other.account_called("@ada").await;
    for (scope, text, id) in [
        (world.scope, "@ada", Some(ada.id)),
        (world.scope, "@Ada", Some(capital.id)),
        (world.scope, "@ad", None),
        (other.scope, "@ada", Some(elsewhere.id)),
    ] {
        let alias = Alias::parse(text).unwrap();
        assert_eq!(store.account_of_alias(scope, &alias).await.unwrap(), id, "{text}");
    }
}

/// An account that was not given an alias is called by its id.
pub async fn an_account_without_an_alias_is_called_by_its_id<S: Store>(store: &S) {
    let world = World::new(store).await;
    world.usd().await;
    let new = new_account(world.scope, "USD");
    let by_client = open_account(store, &world.clock, &world.ids, new).await.unwrap();
    for account in [by_client, world.account().await] {
        let alias = Alias::recognize(&account.id.to_string()).unwrap();
        let found = store.account_of_alias(world.scope, &alias).await.unwrap();
        assert_eq!(found, Some(account.id));
    }
}

/// The dates of the range belong to it, and a page behind the last one is empty.
pub async fn accounts_are_listed_by_page_number<S: Store>(store: &S) {
    let world = World::new(store).await;
    world.usd().await;
    for (micros, alias) in [(1, "d"), (2, "b"), (3, "e"), (4, "a"), (5, "c")] {
        world.set(micros);
        world.account_called(alias).await;
    }
    for (number, order, (from, to), expected) in [
        (1, Ascending, (0, 9), "@external/USD d"),
        (2, Ascending, (0, 9), "b e"),
        (3, Ascending, (0, 9), "a c"),
        (4, Ascending, (0, 9), ""),
        (1, Descending, (0, 9), "c a"),
        (3, Descending, (0, 9), "d @external/USD"),
        (1, Ascending, (2, 4), "b e"),
        (2, Ascending, (2, 4), "a"),
        (2, Descending, (2, 4), "b"),
        (1, Ascending, (6, 9), ""),
        (1, Ascending, (4, 2), ""),
    ] {
        let page = numbered_page(number, 2, order, world.range(from, to));
        let listed = store.accounts(world.scope, &page, &Filter::default()).await.unwrap();
        let aliases = join(listed.iter().map(|account| account.alias.to_string()));
        assert_eq!(aliases, expected, "page {number} of {from} to {to}, {order:?}");
    }
}

/// The ids that idempotency keys give to accounts are in no order; the list is.
pub async fn accounts_are_listed_in_order_of_creation_whatever_the_ids<S: Store>(store: &S) {
    let world = World::new(store).await;
    let mut opened = Vec::new();
    for micros in 1..=12 {
        world.set(micros);
        opened.push(world.account().await);
    }
    let page = numbered_page(1, 100, Ascending, TimeRange::ALL);
    assert_eq!(store.accounts(world.scope, &page, &Filter::default()).await.unwrap(), opened);
    let page = numbered_page(2, 5, Ascending, TimeRange::ALL);
    let listed = store.accounts(world.scope, &page, &Filter::default()).await.unwrap();
    assert_eq!(Some(listed.as_slice()), opened.get(5..10));
}

/// A repeated request is answered as the first one was, whatever became of the account; another
/// request under its key is refused.
pub async fn a_profiled_account_is_opened_once_per_idempotency_key<S: Store>(store: &S) {
    let world = World::new(store).await;
    world.set(7);
    let new = NewV0Account {
        scope: world.scope,
        idempotency_key: idempotency_key("account #1/2"),
        profile: profile(vec![Capability::Deposit], "one"),
        metadata: metadata(),
    };
    let create = async |new| open_v0_account(store, &world.clock, new).await;
    let first = create(new.clone()).await.unwrap();
    assert_eq!(first.created_at, world.at(7));
    assert_eq!(first.asset_code.as_str(), "USD");
    assert_eq!(first.kind.as_str(), "deposit");
    assert_eq!(first.profile.as_deref(), Some(&new.profile));
    assert_eq!(first.metadata, metadata());
    assert_eq!(store.account(world.scope, first.id).await.unwrap(), Some(first.clone()));
    assert_eq!(store.account_balances(world.scope, first.id).await.unwrap(), []);

    world.set(8);
    assert_eq!(create(new.clone()).await.unwrap(), first);
    let more = Metadata::new([("more".to_owned(), MetadataValue::Boolean(true))].into()).unwrap();
    let change = AccountChange {
        name: Some(text("Another")),
        blocked: Some(true),
        metadata: Some(more),
        ..AccountChange::default()
    };
    let changed = update_account(store, &world.clock, world.scope, first.id, &change).await;
    assert_ne!(changed.unwrap(), first);
    assert_eq!(create(new.clone()).await.unwrap(), first);
    for change in [Deactivate(InactiveReason::Dormant), Close(ClosedReason::ClientClosed)] {
        change_lifecycle(store, &world.clock, world.scope, first.id, change).await.unwrap();
        assert_eq!(create(new.clone()).await.unwrap(), first);
    }
    let another = NewV0Account { profile: profile(vec![Capability::Deposit], "two"), ..new };
    assert_refused!(create(another.clone()).await, Error::IdempotencyKeyReused);
    let other_key = NewV0Account { idempotency_key: world.fresh_key(), ..another.clone() };
    assert_ne!(create(other_key).await.unwrap().id, first.id);
    // The same key in another ledger is another key.
    let scope = World::new(store).await.scope;
    assert_ne!(create(NewV0Account { scope, ..another }).await.unwrap().id, first.id);
}

/// A ledger that does not exist takes no accounts.
pub async fn a_profiled_account_needs_its_ledger<S: Store>(store: &S) {
    let world = World::new(store).await;
    let new = NewV0Account {
        scope: Scope { ledger: LedgerId::new(Uuid::from_u128(1)), ..world.scope },
        idempotency_key: world.fresh_key(),
        profile: profile(vec![Capability::Deposit], "one"),
        metadata: Metadata::default(),
    };
    let refused = open_v0_account(store, &world.clock, new).await;
    assert_refused!(refused, Error::LedgerNotFound);
}

/// Each step is one revision, later than the one before even when the clock is not.
pub async fn an_account_is_led_through_its_life<S: Store>(store: &S) {
    let world = World::new(store).await;
    world.set(10);
    let account = world.account().await;
    let step = async |change: LifecycleChange| {
        change_lifecycle(store, &world.clock, world.scope, account.id, change).await
    };
    let frozen = Deactivate(InactiveReason::Frozen);
    let paid_off = Close(ClosedReason::PaidOff);
    let inactive = Lifecycle::Inactive(InactiveReason::Frozen);
    let closed = Lifecycle::Closed { reason: ClosedReason::PaidOff, at: world.at(30) };
    for (now, change, lifecycle, revision, updated_at) in [
        (20, frozen, inactive, 1, 20),
        (5, Activate, Lifecycle::Active, 2, 21),
        (21, frozen, inactive, 3, 22),
        // The mark of the closing is a revision too.
        (30, paid_off, closed, 5, 30),
    ] {
        world.set(now);
        let changed = step(change).await.unwrap();
        let updated_at = world.at(updated_at);
        let expected = Account::new(AccountFields {
            lifecycle,
            revision,
            updated_at,
            ..account.clone().into_fields()
        })
        .unwrap();
        assert_eq!(changed, expected);
        assert_eq!(store.account(world.scope, account.id).await.unwrap(), Some(expected));
    }
    for change in [Activate, frozen, paid_off] {
        assert_refused!(step(change).await, Error::StatusTransition);
    }
    let unknown = change_lifecycle(store, &world.clock, world.scope, NOBODY, paid_off).await;
    assert_refused!(unknown, Error::AccountNotFound);
}

/// An impossible step changes nothing, and for the external account each of them is impossible.
pub async fn an_impossible_step_leaves_the_account_alone<S: Store>(store: &S) {
    let world = World::new(store).await;
    world.usd().await;
    let account = world.account().await;
    let alias = Alias::external(&code("USD"));
    let id = store.account_of_alias(world.scope, &alias).await.unwrap().unwrap();
    let outside = store.account(world.scope, id).await.unwrap().unwrap();
    world.set(9);
    let step =
        async |id, change| change_lifecycle(store, &world.clock, world.scope, id, change).await;
    assert_refused!(step(account.id, Activate).await, Error::StatusTransition);
    for change in [Activate, Deactivate(InactiveReason::Frozen), Close(ClosedReason::PaidOff)] {
        assert_refused!(step(id, change).await, Error::ExternalAccountChange);
    }
    assert_eq!(store.account(world.scope, account.id).await.unwrap(), Some(account));
    assert_eq!(store.account(world.scope, id).await.unwrap(), Some(outside));
}

/// A change that was made of an outdated revision is not written.
pub async fn an_account_is_replaced_only_in_the_revision_before<S: Store>(store: &S) {
    let world = World::new(store).await;
    let account = world.account().await;
    let inactive = |reason, revision| {
        Account::new(AccountFields {
            lifecycle: Lifecycle::Inactive(reason),
            revision,
            ..account.clone().into_fields()
        })
        .unwrap()
    };
    for (reason, revision, written) in [
        (InactiveReason::Other, 0, false),
        (InactiveReason::Other, 2, false),
        (InactiveReason::Dormant, 1, true),
        (InactiveReason::Other, 1, false),
        (InactiveReason::Frozen, 2, true),
        (InactiveReason::Other, 2, false),
    ] {
        let replaced = store.replace_account(&account, &inactive(reason, revision)).await.unwrap();
        assert_eq!(replaced, written, "{reason:?} {revision}");
    }
    let stored = store.account(world.scope, account.id).await.unwrap();
    assert_eq!(stored, Some(inactive(InactiveReason::Frozen, 2)));
    let id = AccountId::new(world.ids.next_id());
    let unknown = Account::new(AccountFields {
        id,
        alias: Alias::of_account(id),
        revision: 1,
        ..account.clone().into_fields()
    })
    .unwrap();
    assert!(!store.replace_account(&account, &unknown).await.unwrap());
    assert_eq!(store.account(world.scope, unknown.id).await.unwrap(), None);
}

/// Who repeats a request meets his own alias, and has to be told of the account.
pub async fn a_taken_account_id_is_reported_before_a_taken_alias<S: Store>(store: &S) {
    let world = World::new(store).await;
    world.usd().await;
    let ada = world.account_called("@ada").await;
    let bob = world.account_called("@bob").await;
    let id = BalanceId::new(world.ids.next_id());
    let balance = Balance::open(id, &ada, key("another"), world.at(1));
    for (id, alias) in [(ada.id, &ada.alias), (ada.id, &bob.alias)] {
        let again = Account::new(AccountFields {
            id,
            alias: alias.clone(),
            revision: 9,
            ..ada.clone().into_fields()
        })
        .unwrap();
        let insertion = store.insert_account(&again, Some(&balance)).await.unwrap();
        assert!(matches!(insertion, AccountInsertion::Existing(existing) if *existing == ada));
    }
    assert_eq!(store.account(world.scope, ada.id).await.unwrap(), Some(ada));
    assert_eq!(world.listed_keys().await, "default default default");
}
