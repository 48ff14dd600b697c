//! Portfolios, segments and account types, and the accounts in them.
#![expect(clippy::unwrap_used, reason = "a behaviour fails by panicking")]

use crate::contract::Store;
use crate::contract::world::{
    World, first_page, join, metadata, new_account, numbered_page, text, unique,
};
use subledger::account::delete::delete_account;
use subledger::account::group::{
    AccountTypeKey, Group, GroupChange, GroupDetails, GroupKind, NewGroup, create_group,
    delete_group, update_group,
};
use subledger::account::open::{NewAccount, open_account};
use subledger::account::update::{AccountChange, update_account};
use subledger::account::{Account, AccountType};
use subledger::count::Owner;
use subledger::error::Error;
use subledger::ledger::update::{LedgerChange, SettingsChange, update_ledger};
use subledger::metadata::Metadata;
use subledger::money::ids::{GroupId, LedgerId, Scope};
use subledger::money::timeline::Timeline;
use subledger::page::SortOrder::{Ascending, Descending};
use subledger::page::TimeRange;
use subledger::status::{Status, StatusChange};

/// Every field of every kind comes back, to its ledger and its kind only.
pub async fn a_group_is_read_as_it_was_written<S: Store>(store: &S) {
    let world = World::new(store).await;
    world.set(7);
    let status = Status { code: text("NEW"), description: Some(text("today")) };
    for details in [
        GroupDetails::Portfolio { entity_id: Some(text("entity/1")), status: status.clone() },
        GroupDetails::Segment { status },
        GroupDetails::AccountType {
            key: AccountTypeKey::parse("Current_Assets").unwrap(),
            description: Some(text("what can be spent")),
        },
    ] {
        let (scope, name) = (world.scope, unique("Größe #1/2"));
        let new = NewGroup { scope, name, details, metadata: metadata() };
        let created = create_group(store, &world.clock, &world.ids, new.clone()).await.unwrap();
        let expected = Group {
            id: created.id,
            scope: world.scope,
            name: new.name,
            details: new.details,
            metadata: new.metadata,
            timeline: Timeline::begin(world.at(7)),
        };
        assert_eq!(created, expected);
        let kind = expected.kind();
        assert_eq!(find(&world, kind, created.id).await, Some(expected));
        let other = World::new(store).await.scope;
        for elsewhere in world.elsewhere(other) {
            assert_eq!(store.group(elsewhere, kind, created.id).await.unwrap(), None);
        }
        for other in [GroupKind::Portfolio, GroupKind::Segment, GroupKind::AccountType] {
            assert_eq!(find(&world, other, created.id).await.is_some(), other == kind);
        }
    }
}

/// A group cannot be made in a ledger that is not there.
pub async fn a_group_needs_its_ledger<S: Store>(store: &S) {
    let world = World::new(store).await;
    let scope = Scope { ledger: LedgerId::new(uuid::Uuid::from_u128(1)), ..world.scope };
    let details = GroupDetails::Segment { status: Status::active() };
    let new = NewGroup { scope, name: unique("North"), details, metadata: Metadata::default() };
    let refused = create_group(store, &world.clock, &world.ids, new).await;
    assert_refused!(refused, Error::LedgerNotFound);
}

/// Segments differ in their names and account types in their keys; portfolios may be alike.
pub async fn a_segment_name_and_an_account_type_key_are_taken_once<S: Store>(store: &S) {
    let world = World::new(store).await;
    let segment = || GroupDetails::Segment { status: Status::active() };
    let north = world.group("North  West", segment()).await.unwrap();
    let refused = world.group("NORTH west", segment()).await;
    assert_refused!(refused, Error::GroupTaken { kind: GroupKind::Segment });
    let cash = world.account_type("CASH").await.unwrap();
    let refused = world.account_type("cash").await;
    assert_refused!(refused, Error::GroupTaken { kind: GroupKind::AccountType });
    let portfolios = (world.portfolio("North").await, world.portfolio("North").await);
    assert_ne!(portfolios.0.id, portfolios.1.id);
    // Another ledger has names of its own, and what was deleted has none.
    World::new(store).await.segment("North west").await;
    for group in [&north, &cash] {
        delete(&world, group).await.unwrap();
    }
    world.segment("north west").await;
    world.account_type("cash").await.unwrap();
}

/// What a client says about a group changes; everything else stays. A name that is taken is refused,
/// the one that was given up is free, and another spelling of the own name is not taken.
pub async fn a_group_is_changed<S: Store>(store: &S) {
    let world = World::new(store).await;
    let details = GroupDetails::Portfolio { entity_id: None, status: Status::active() };
    let portfolio = world.group("North", details).await.unwrap();
    world.set(10);
    let change = GroupChange {
        name: Some(unique("South")),
        entity_id: Some(Some(text("E1"))),
        status: StatusChange { code: Some(text("VIP")), description: None },
        description: None,
        metadata: metadata(),
    };
    let changed = update(&world, &portfolio, &change).await.unwrap();
    assert_eq!((changed.timeline.revision, changed.timeline.updated_at), (1, world.at(10)));
    assert_eq!(changed.timeline.created_at, portfolio.timeline.created_at);
    let status = Status { code: text("VIP"), description: None };
    let details = GroupDetails::Portfolio { entity_id: Some(text("E1")), status };
    assert_eq!((&changed.name, &changed.details), (&unique("South"), &details));
    assert_eq!(find(&world, GroupKind::Portfolio, portfolio.id).await, Some(changed.clone()));
    let same = update(&world, &changed, &GroupChange::default()).await.unwrap();
    assert_eq!((&same.details, same.timeline.revision), (&changed.details, 2));

    let (north, south) = (world.segment("North").await, world.segment("South").await);
    let named = |name: &str| GroupChange { name: Some(unique(name)), ..GroupChange::default() };
    let refused = update(&world, &north, &named("SOUTH")).await;
    assert_refused!(refused, Error::GroupTaken { kind: GroupKind::Segment });
    update(&world, &north, &named("NORTH")).await.unwrap();
    update(&world, &south, &named("West")).await.unwrap();
    update(&world, &north, &named("South")).await.unwrap();
    world.segment("North").await;
    let gone = Group { id: GroupId::new(world.fresh_id()), ..north };
    assert_refused!(update(&world, &gone, &named("x")).await, Error::ObjectNotFound);
}

/// Lists are in order of creation, by page number and by cursor, without what was deleted.
pub async fn groups_are_listed<S: Store>(store: &S) {
    let world = World::new(store).await;
    let mut created = Vec::new();
    for (micros, key) in [(1, "d"), (2, "b"), (3, "e"), (4, "a"), (5, "c")] {
        world.set(micros);
        created.push(world.account_type(key).await.unwrap());
        world.segment(key).await;
    }
    delete(&world, created.get(2).unwrap()).await.unwrap();
    let key_of = |group: &Group| match &group.details {
        GroupDetails::AccountType { key, .. } => key.to_string(),
        GroupDetails::Portfolio { .. } | GroupDetails::Segment { .. } => group.name.to_string(),
    };
    let keys = |groups: &[Group]| join(groups.iter().map(key_of));
    let kind = GroupKind::AccountType;
    for (number, order, expected) in
        [(1, Ascending, "d b"), (2, Ascending, "a c"), (3, Ascending, ""), (1, Descending, "c a")]
    {
        let page = numbered_page(number, 2, order, TimeRange::ALL);
        let listed = store.groups(world.scope, kind, &page).await.unwrap();
        assert_eq!(keys(&listed), expected, "page {number}, {order:?}");
    }
    let page = numbered_page(1, 9, Ascending, world.range(2, 4));
    let segments = store.groups(world.scope, GroupKind::Segment, &page).await.unwrap();
    assert_eq!(keys(&segments), "b e a");
    let page = store.groups_page(world.scope, kind, &first_page(3, Descending)).await.unwrap();
    assert_eq!((keys(&page.items).as_str(), page.next.is_some()), ("c a b", true));
}

/// The portfolio and the segment of an account have to be there, also when it enters them later. The
/// account has the entity of its portfolio unless it names one.
pub async fn an_account_enters_groups_that_are_there<S: Store>(store: &S) {
    let world = World::new(store).await;
    world.usd().await;
    let entity_id = Some(text("entity/1"));
    let details = GroupDetails::Portfolio { entity_id, status: Status::active() };
    let portfolio = world.group("North", details).await.unwrap();
    let segment = world.segment("Retail").await;
    let elsewhere = World::new(store).await.portfolio("North").await.id;
    let nobody = GroupId::new(world.fresh_id());
    let new = new_account(world.scope, "USD");
    for unknown in [nobody, elsewhere, segment.id] {
        let refused = open(&world, NewAccount { portfolio_id: Some(unknown), ..new.clone() }).await;
        assert_refused!(refused, Error::GroupNotFound { kind: GroupKind::Portfolio });
    }
    let refused = open(&world, NewAccount { segment_id: Some(portfolio.id), ..new.clone() }).await;
    assert_refused!(refused, Error::GroupNotFound { kind: GroupKind::Segment });

    let both = NewAccount {
        portfolio_id: Some(portfolio.id),
        segment_id: Some(segment.id),
        ..new.clone()
    };
    let account = open(&world, both.clone()).await.unwrap();
    assert_eq!(account.entity_id, Some(text("entity/1")));
    let own = open(&world, NewAccount { entity_id: Some(text("own")), ..both }).await.unwrap();
    assert_eq!(own.entity_id, Some(text("own")));

    let change = |portfolio, segment| AccountChange {
        portfolio_id: portfolio,
        segment_id: segment,
        ..AccountChange::default()
    };
    let patch = async |change: AccountChange| {
        update_account(store, &world.clock, world.scope, account.id, &change).await
    };
    let refused = patch(change(Some(Some(nobody)), None)).await;
    assert_refused!(refused, Error::GroupNotFound { kind: GroupKind::Portfolio });
    let other = world.portfolio("South").await;
    let moved = patch(change(Some(Some(other.id)), Some(None))).await.unwrap();
    assert_eq!((moved.portfolio_id, moved.segment_id), (Some(other.id), None));
    let count = async |group: &Group| world.counts(&Owner::Group(group.id)).await;
    let counts = (count(&portfolio).await, count(&other).await, count(&segment).await);
    assert_eq!(counts, ("1 account".into(), "1 account".into(), "1 account".into()));
}

/// A group with an account in it stays, an account type goes at any time, and what is gone is not
/// found.
pub async fn a_group_is_deleted_once_no_account_is_in_it<S: Store>(store: &S) {
    let world = World::new(store).await;
    world.usd().await;
    let (portfolio, segment) = (world.portfolio("North").await, world.segment("Retail").await);
    let account_type = world.account_type("deposit").await.unwrap();
    let new = NewAccount {
        portfolio_id: Some(portfolio.id),
        segment_id: Some(segment.id),
        ..new_account(world.scope, "USD")
    };
    let account = open(&world, new.clone()).await.unwrap();
    for group in [&portfolio, &segment] {
        let refused = delete(&world, group).await;
        assert_refused!(refused, Error::InUse { counts } if counts.to_string() == "1 account");
    }
    delete(&world, &account_type).await.unwrap();
    delete_account(store, &world.clock, world.scope, account.id).await.unwrap();
    assert_eq!(
        world.counts(&Owner::Ledger(world.scope)).await,
        "1 asset, 1 account, 1 portfolio, 1 segment"
    );
    for group in [&portfolio, &segment] {
        delete(&world, group).await.unwrap();
    }
    for group in [&portfolio, &segment, &account_type] {
        assert_eq!(find(&world, group.kind(), group.id).await, None);
        assert_refused!(delete(&world, group).await, Error::ObjectNotFound);
    }
    let refused = open(&world, new).await;
    assert_refused!(refused, Error::GroupNotFound { kind: GroupKind::Portfolio });
    assert_eq!(world.counts(&Owner::Ledger(world.scope)).await, "1 asset, 1 account");
}

/// Where the ledger asks for it, an account has a type that is registered, in any case of letters.
pub async fn the_type_of_an_account_is_checked_where_the_ledger_asks<S: Store>(store: &S) {
    let world = World::new(store).await;
    world.usd().await;
    let of_type = |kind: &str| NewAccount {
        kind: AccountType::parse(kind).unwrap(),
        ..new_account(world.scope, "USD")
    };
    let check = async |on| {
        let settings = SettingsChange { validate_account_type: Some(on), validate_routes: None };
        let change = LedgerChange { settings, ..LedgerChange::default() };
        update_ledger(store, &world.clock, world.scope, &change).await.unwrap()
    };
    open(&world, of_type("savings")).await.unwrap();
    let ledger = check(true).await;
    assert_eq!(ledger.settings.map(|settings| settings.validate_account_type), Some(true));
    let refused = open(&world, of_type("savings")).await;
    assert_refused!(refused, Error::AccountTypeUnknown);
    let savings = world.account_type("savings").await.unwrap();
    let account = open(&world, of_type("Savings")).await.unwrap();
    assert_eq!(account.kind.as_str(), "Savings");
    assert_refused!(open(&world, of_type("a b")).await, Error::AccountTypeUnknown);
    delete(&world, &savings).await.unwrap();
    assert_refused!(open(&world, of_type("savings")).await, Error::AccountTypeUnknown);
    check(false).await;
    open(&world, of_type("savings")).await.unwrap();
}

async fn find<S: Store>(world: &World<'_, S>, kind: GroupKind, id: GroupId) -> Option<Group> {
    world.store.group(world.scope, kind, id).await.unwrap()
}

async fn open<S: Store>(world: &World<'_, S>, new: NewAccount) -> Result<Account, Error> {
    open_account(world.store, &world.clock, &world.ids, new).await
}

async fn update<S: Store>(
    world: &World<'_, S>,
    group: &Group,
    change: &GroupChange,
) -> Result<Group, Error> {
    let ids = (group.kind(), group.id);
    update_group(world.store, &world.clock, world.scope, ids, change).await
}

async fn delete<S: Store>(world: &World<'_, S>, group: &Group) -> Result<(), Error> {
    delete_group(world.store, &world.clock, world.scope, (group.kind(), group.id)).await
}
