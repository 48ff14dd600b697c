//! Ledgers.
#![expect(clippy::unwrap_used, reason = "a behaviour fails by panicking")]

use uuid::Uuid;

use crate::contract::Store;
use crate::contract::world::{World, join, metadata, new_ledger, numbered_page, text};
use subledger::error::Error;
use subledger::ledger::create::{NewLedger, create_ledger};
use subledger::ledger::{Ledger, LedgerSettings, ListingShards};
use subledger::money::ids::OrganizationId;
use subledger::money::timeline::Timeline;
use subledger::page::Filter;
use subledger::page::SortOrder::{Ascending, Descending};
use subledger::status::Status;

/// Every field comes back.
pub async fn a_ledger_is_read_as_it_was_written<S: Store>(store: &S) {
    let world = World::new(store).await;
    world.set(7);
    let new = NewLedger {
        status: Status { code: text("NEW"), description: Some(text("")) },
        settings: Some(LedgerSettings { validate_account_type: true, validate_routes: false }),
        metadata: metadata(),
        listing_shards: ListingShards::new(64).unwrap(),
        ..new_ledger(world.scope.organization, "Büro #1/2")
    };
    let created = create_ledger(store, &world.clock, &world.ids, new.clone()).await.unwrap();
    assert_eq!(created.scope.organization, world.scope.organization);
    let expected = Ledger {
        scope: created.scope,
        name: new.name,
        status: new.status,
        settings: new.settings,
        metadata: new.metadata,
        listing_shards: new.listing_shards,
        timeline: Timeline::begin(world.at(7)),
    };
    assert_eq!(created, expected);
    assert_eq!(store.ledger(created.scope).await.unwrap(), Some(expected));
}

/// A ledger cannot be made in an organization that is not there.
pub async fn a_ledger_needs_its_organization<S: Store>(store: &S) {
    let world = World::new(store).await;
    let nobody = OrganizationId::new(Uuid::from_u128(1));
    let refused = create_ledger(store, &world.clock, &world.ids, new_ledger(nobody, "Main")).await;
    assert_refused!(refused, Error::OrganizationNotFound);
    let page = numbered_page(1, 10, Ascending, world.range(0, 0));
    assert_eq!(store.ledgers(nobody, &page, &Filter::default()).await.unwrap(), []);
}

/// Names differ by more than their spelling, in one organization.
pub async fn a_ledger_name_is_taken_once_however_it_is_spelled<S: Store>(store: &S) {
    let world = World::new(store).await;
    let create = async |organization, name| {
        create_ledger(store, &world.clock, &world.ids, new_ledger(organization, name)).await
    };
    let organization = world.scope.organization;
    create(organization, "Été #1").await.unwrap();
    for name in [
        "Main",
        "MAIN",
        "main",
        "Main ",
        "\u{a0}Main",
        "Été #1",
        "ÉTÉ #1",
        "E\u{301}te\u{301} #1",
        "Été  #1",
    ] {
        assert_refused!(create(organization, name).await, Error::LedgerNameTaken);
    }
    create(organization, "Main1").await.unwrap();
    let page = numbered_page(1, 10, Ascending, world.range(0, 0));
    let ledgers = store.ledgers(organization, &page, &Filter::default()).await.unwrap();
    let names: Vec<&str> = ledgers.iter().map(|ledger| ledger.name.as_str()).collect();
    assert_eq!(names, ["Main", "Été #1", "Main1"]);

    // Another organization does not mind.
    let other = World::new(store).await.scope.organization;
    create(other, "Été #1").await.unwrap();
}

/// The dates of the range belong to it, and a page behind the last one is empty.
pub async fn ledgers_are_listed_by_page_number<S: Store>(store: &S) {
    let world = World::new(store).await;
    let organization = world.scope.organization;
    for micros in 1..=4 {
        world.set(micros);
        let new = new_ledger(organization, &micros.to_string());
        create_ledger(store, &world.clock, &world.ids, new).await.unwrap();
    }
    for (number, order, (from, to), expected) in [
        (1, Ascending, (0, 4), "Main 1"),
        (2, Ascending, (0, 4), "2 3"),
        (3, Ascending, (0, 4), "4"),
        (4, Ascending, (0, 4), ""),
        (1, Descending, (0, 4), "4 3"),
        (3, Descending, (0, 4), "Main"),
        (1, Ascending, (1, 3), "1 2"),
        (2, Descending, (1, 3), "1"),
        (1, Ascending, (5, 9), ""),
        (1, Ascending, (3, 1), ""),
    ] {
        let page = numbered_page(number, 2, order, world.range(from, to));
        let listed = store.ledgers(organization, &page, &Filter::default()).await.unwrap();
        let names = join(listed.iter().map(|ledger| ledger.name.to_string()));
        assert_eq!(names, expected, "page {number} of {from} to {to}, {order:?}");
    }
}
