//! Organizations.
#![expect(clippy::unwrap_used, reason = "a behaviour fails by panicking")]

use uuid::Uuid;

use crate::contract::Store;
use crate::contract::world::{World, join, metadata, new_organization, numbered_page, text};
use subledger::error::Error;
use subledger::ledger::organization::{Address, CountryCode, Organization};
use subledger::ledger::organization::{NewOrganization, create_organization};
use subledger::money::ids::OrganizationId;
use subledger::money::timeline::Timeline;
use subledger::page::Filter;
use subledger::page::SortOrder::{Ascending, Descending};
use subledger::status::Status;

/// Every field comes back.
pub async fn an_organization_is_read_as_it_was_written<S: Store>(store: &S) {
    let world = World::new(store).await;
    world.set(7);
    let new = NewOrganization {
        parent: Some(world.scope.organization),
        doing_business_as: Some(text("Ada's")),
        address: Some(Address {
            line1: Some(text("1 Main Street")),
            line2: None,
            zip_code: Some(text("")),
            city: Some(text("Zürich")),
            state: None,
            country: CountryCode::parse("CH").unwrap(),
            description: Some(text("a\tb")),
        }),
        status: Status { code: text("NEW"), description: Some(text("since today")) },
        metadata: metadata(),
        ..new_organization("Ada AG")
    };
    let created = create_organization(store, &world.clock, &world.ids, new.clone()).await.unwrap();
    let expected = Organization {
        id: created.id,
        parent: new.parent,
        legal_name: new.legal_name,
        legal_document: new.legal_document,
        doing_business_as: new.doing_business_as,
        address: new.address,
        status: new.status,
        metadata: new.metadata,
        timeline: Timeline::begin(world.at(7)),
    };
    assert_eq!(created, expected);
    assert_eq!(store.organization(created.id).await.unwrap(), Some(expected));
}

/// Nothing is there that was not written, and nothing is written by a refused request.
pub async fn a_parent_organization_has_to_exist<S: Store>(store: &S) {
    let world = World::new(store).await;
    let nobody = OrganizationId::new(Uuid::from_u128(1));
    assert_eq!(store.organization(nobody).await.unwrap(), None);
    world.set(7);
    let new = NewOrganization { parent: Some(nobody), ..new_organization("Orphan") };
    let refused = create_organization(store, &world.clock, &world.ids, new).await;
    assert_refused!(refused, Error::ParentOrganizationNotFound);
    let page = numbered_page(1, 10, Ascending, world.range(7, 7));
    assert_eq!(store.organizations(&page, &Filter::default()).await.unwrap(), []);
}

/// The dates of the range belong to it, and a page behind the last one is empty.
pub async fn organizations_are_listed_by_page_number<S: Store>(store: &S) {
    let world = World::new(store).await;
    for micros in 1..=5 {
        world.set(micros);
        let new = new_organization(&micros.to_string());
        create_organization(store, &world.clock, &world.ids, new).await.unwrap();
    }
    for (number, order, (from, to), expected) in [
        (1, Ascending, (1, 5), "1 2"),
        (2, Ascending, (1, 5), "3 4"),
        (3, Ascending, (1, 5), "5"),
        (4, Ascending, (1, 5), ""),
        (1, Descending, (1, 5), "5 4"),
        (3, Descending, (1, 5), "1"),
        (1, Ascending, (2, 4), "2 3"),
        (2, Ascending, (2, 4), "4"),
        (1, Descending, (2, 2), "2"),
        (1, Ascending, (6, 9), ""),
        (1, Ascending, (4, 2), ""),
    ] {
        let page = numbered_page(number, 2, order, world.range(from, to));
        let listed = store.organizations(&page, &Filter::default()).await.unwrap();
        let names = join(listed.iter().map(|organization| organization.legal_name.to_string()));
        assert_eq!(names, expected, "page {number} of {from} to {to}, {order:?}");
    }
}
