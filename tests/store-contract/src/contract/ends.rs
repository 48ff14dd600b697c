//! How organizations, ledgers and assets are changed, counted and deleted.
#![expect(clippy::unwrap_used, reason = "a behaviour fails by panicking")]

use futures_util::future::join;

use crate::contract::Store;
use crate::contract::money::bank;
use crate::contract::world::{
    World, code, metadata, new_account, new_asset, new_ledger, new_organization, numbered_page,
    text, unique,
};
use subledger::account::delete::delete_account;
use subledger::account::group::{Group, GroupKind, delete_group};
use subledger::account::open::{NewAccount, open_account};
use subledger::account::{Account, AccountFields, Alias};
use subledger::count::{self, Counted, Owner};
use subledger::error::Error;
use subledger::ledger::Ledger;
use subledger::ledger::asset::{Asset, AssetChange, create_asset, delete_asset, update_asset};
use subledger::ledger::create::create_ledger;
use subledger::ledger::delete::delete_ledger;
use subledger::ledger::organization::{
    NewOrganization, Organization, OrganizationChange, create_organization, delete_organization,
    update_organization,
};
use subledger::ledger::update::{LedgerChange, SettingsChange, update_ledger};
use subledger::money::ids::{AccountId, AssetId, GroupId, LedgerId, OrganizationId, Scope};
use subledger::money::timeline::Timeline;
use subledger::page::SortOrder::Ascending;
use subledger::page::{Filter, PageLimit, PageRequest, PageStart, TimeRange};
use subledger::status::StatusChange;

/// What a client says about an organization changes; everything else stays. Its parent has to be
/// there, and to be another one.
pub async fn an_organization_is_changed<S: Store>(store: &S) {
    let world = World::new(store).await;
    let id = world.scope.organization;
    let before = store.organization(id).await.unwrap().unwrap();
    let parent = create_organization(store, &world.clock, &world.ids, new_organization("Parent"));
    let parent = parent.await.unwrap().id;
    world.set(10);
    let update = async |change: &OrganizationChange| {
        update_organization(store, &world.clock, id, change).await
    };
    let change = OrganizationChange {
        parent: Some(Some(parent)),
        legal_name: Some(text("Ada SE")),
        doing_business_as: Some(Some(text("Ada's"))),
        address: None,
        status: StatusChange { code: Some(text("VIP")), description: None },
        metadata: metadata(),
    };
    let changed = update(&change).await.unwrap();
    assert_eq!((changed.timeline.revision, changed.timeline.updated_at), (1, world.at(10)));
    assert_eq!((changed.parent, &changed.legal_name), (Some(parent), &text("Ada SE")));
    assert_eq!(changed.legal_document, before.legal_document);
    assert_eq!(store.organization(id).await.unwrap(), Some(changed.clone()));
    assert_eq!(world.counts(&Owner::Organization(parent)).await, "1 organization");
    let of_parent = |parent| OrganizationChange { parent, ..OrganizationChange::default() };
    assert_refused!(update(&of_parent(Some(Some(id)))).await, Error::OwnParentOrganization);
    let nobody = OrganizationId::new(world.fresh_id());
    let refused = update(&of_parent(Some(Some(nobody)))).await;
    assert_refused!(refused, Error::ParentOrganizationNotFound);
    let alone = update(&of_parent(Some(None))).await.unwrap();
    assert_eq!((alone.parent, &alone.doing_business_as), (None, &changed.doing_business_as));
    assert_eq!(world.counts(&Owner::Organization(parent)).await, "");
    let refused = update_organization(store, &world.clock, nobody, &of_parent(None)).await;
    assert_refused!(refused, Error::ObjectNotFound);
}

/// An organization goes when it has no ledger and is nobody's parent, and nothing is made in it then.
pub async fn an_organization_is_deleted_once_nothing_stands_on_it<S: Store>(store: &S) {
    let world = World::new(store).await;
    let (parent, ledger) = (world.scope.organization, world.scope);
    let new = NewOrganization { parent: Some(parent), ..new_organization("Below") };
    let below = create_organization(store, &world.clock, &world.ids, new.clone()).await.unwrap().id;
    let delete = async |id| delete_organization(store, &world.clock, id).await;
    let refused = delete(parent).await;
    assert_refused!(
        refused,
        Error::InUse { counts } if counts.to_string() == "1 organization, 1 ledger"
    );
    delete(below).await.unwrap();
    assert_refused!(delete(below).await, Error::ObjectNotFound);
    delete_ledger(store, &world.clock, ledger).await.unwrap();
    world.set(10);
    delete(parent).await.unwrap();
    assert_eq!(store.organization(parent).await.unwrap(), None);
    let page = numbered_page(1, 10, Ascending, world.range(0, 0));
    assert_eq!(store.organizations(&page, &Filter::default()).await.unwrap(), []);
    let refused = create_organization(store, &world.clock, &world.ids, new).await;
    assert_refused!(refused, Error::ParentOrganizationNotFound);
    let refused = create_ledger(store, &world.clock, &world.ids, new_ledger(parent, "Other")).await;
    assert_refused!(refused, Error::OrganizationNotFound);
}

/// What a client says about a ledger changes; everything else stays. Its name is compared with those
/// of the others, and the one it gives up is free.
pub async fn a_ledger_is_changed<S: Store>(store: &S) {
    let world = World::new(store).await;
    let organization = world.scope.organization;
    let create = async |name: &str| {
        let new = new_ledger(organization, name);
        create_ledger(store, &world.clock, &world.ids, new).await
    };
    let other = create("Other").await.unwrap();
    world.set(10);
    let update = async |scope, change: &LedgerChange| {
        update_ledger(store, &world.clock, scope, change).await
    };
    let change = LedgerChange {
        name: Some(unique("Second")),
        status: StatusChange { code: Some(text("VIP")), description: None },
        metadata: metadata(),
        settings: SettingsChange { validate_account_type: Some(true), validate_routes: None },
    };
    let changed: Ledger = update(world.scope, &change).await.unwrap();
    assert_eq!((changed.timeline.revision, changed.timeline.updated_at), (1, world.at(10)));
    assert_eq!((&changed.name, &changed.status.code), (&unique("Second"), &text("VIP")));
    assert_eq!(store.ledger(world.scope).await.unwrap(), Some(changed.clone()));
    let named = |name: &str| LedgerChange { name: Some(unique(name)), ..LedgerChange::default() };
    let refused = update(world.scope, &named("OTHER")).await;
    assert_refused!(refused, Error::LedgerNameTaken);
    let same = update(other.scope, &named("OTHER")).await.unwrap();
    assert_eq!((same.name.as_str(), same.settings), ("OTHER", None));
    create("Main").await.unwrap();
    assert_refused!(create("second").await, Error::LedgerNameTaken);
    let nobody = Scope { ledger: LedgerId::new(world.fresh_id()), ..world.scope };
    assert_refused!(update(nobody, &named("x")).await, Error::ObjectNotFound);
}

/// A ledger goes when nothing stands on it. What happened in it can still be read, its name is free,
/// and nothing is made in it any more.
pub async fn a_ledger_is_deleted_once_nothing_stands_on_it<S: Store>(store: &S) {
    let world = bank(store, "ada").await;
    let (portfolio, segment) = (world.portfolio("North").await, world.segment("Retail").await);
    let deposit = world.account_type("deposit").await.unwrap();
    world.fund("ada", "5").await;
    let paid = world.send("5", "ada rest", "world rest").await;
    let balance = world.balance("ada").await;
    let delete = async || delete_ledger(store, &world.clock, world.scope).await;
    let refused = delete().await;
    assert_refused!(
        refused,
        Error::InUse { counts }
            if counts.to_string() == "1 asset, 2 accounts, 1 portfolio, 1 segment, 1 account type"
    );
    let ada = world.account_id("ada").await;
    delete_account(store, &world.clock, world.scope, ada).await.unwrap();
    for group in [portfolio, segment, deposit] {
        let ids = (group.kind(), group.id);
        delete_group(store, &world.clock, world.scope, ids).await.unwrap();
    }
    let usd = store.asset(world.scope, &code("USD")).await.unwrap().unwrap();
    delete_asset(store, &world.clock, world.scope, usd.id).await.unwrap();
    delete().await.unwrap();
    assert_eq!(store.ledger(world.scope).await.unwrap(), None);
    assert_refused!(delete().await, Error::ObjectNotFound);
    let page = numbered_page(1, 10, Ascending, TimeRange::ALL);
    let organization = world.scope.organization;
    assert_eq!(store.ledgers(organization, &page, &Filter::default()).await.unwrap(), []);

    assert_eq!(world.stored(paid.id).await, paid);
    assert!(world.versions_of(&balance).await.len() > 2);
    let request = PageRequest {
        limit: PageLimit::DEFAULT,
        order: Ascending,
        range: TimeRange::ALL,
        start: PageStart::Start,
    };
    assert_eq!(store.transactions(world.scope, &request).await.unwrap().items.len(), 2);

    let create = async |scope| {
        create_asset(store, &world.clock, &world.ids, new_asset(scope, "Euro", "EUR")).await
    };
    assert_refused!(create(world.scope).await, Error::LedgerNotFound);
    let again = new_ledger(organization, "Main");
    let again = create_ledger(store, &world.clock, &world.ids, again).await.unwrap();
    create(again.scope).await.unwrap();
}

/// What a client says about an asset changes; everything else stays.
pub async fn an_asset_is_changed<S: Store>(store: &S) {
    let world = World::new(store).await;
    let usd = world.usd().await;
    let eur = new_asset(world.scope, "Euro", "EUR");
    create_asset(store, &world.clock, &world.ids, eur).await.unwrap();
    world.set(10);
    let update = async |id, change: &AssetChange| {
        update_asset(store, &world.clock, world.scope, id, change).await
    };
    let change = AssetChange {
        name: Some(unique("Greenback")),
        status: StatusChange { code: Some(text("VIP")), description: None },
        metadata: metadata(),
    };
    let changed: Asset = update(usd.id, &change).await.unwrap();
    assert_eq!((changed.timeline.revision, changed.timeline.updated_at), (1, world.at(10)));
    assert_eq!((&changed.name, &changed.code), (&unique("Greenback"), &usd.code));
    assert_eq!(store.asset(world.scope, &code("USD")).await.unwrap(), Some(changed.clone()));
    assert_eq!(store.asset_by_id(world.scope, usd.id).await.unwrap(), Some(changed));
    let named = |name: &str| AssetChange { name: Some(unique(name)), ..AssetChange::default() };
    assert_refused!(update(usd.id, &named("EURO")).await, Error::AssetTaken);
    update(usd.id, &named("GREENBACK")).await.unwrap();
    let gold = new_asset(world.scope, "US dollar", "GOLD");
    create_asset(store, &world.clock, &world.ids, gold).await.unwrap();
    let nobody = AssetId::new(world.fresh_id());
    assert_refused!(update(nobody, &named("x")).await, Error::ObjectNotFound);
}

/// An asset goes with its external account when no account has it, and may come back: then the same
/// external account is in use again.
pub async fn an_asset_is_deleted_once_no_account_has_it<S: Store>(store: &S) {
    let world = bank(store, "ada").await;
    world.fund("ada", "5").await;
    world.send("5", "ada rest", "world rest").await;
    let usd = store.asset(world.scope, &code("USD")).await.unwrap().unwrap();
    let external = world.holder("world").await;
    let old = world.balance("world").await;
    let delete = async |id| delete_asset(store, &world.clock, world.scope, id).await;
    let refused = delete(usd.id).await;
    assert_refused!(refused, Error::InUse { counts } if counts.to_string() == "1 account");
    let ada = world.account_id("ada").await;
    delete_account(store, &world.clock, world.scope, ada).await.unwrap();
    delete(usd.id).await.unwrap();
    assert_refused!(delete(usd.id).await, Error::ObjectNotFound);
    assert_eq!(store.asset(world.scope, &code("USD")).await.unwrap(), None);
    assert_eq!(store.account(world.scope, external.id).await.unwrap(), None);
    assert_eq!(world.listed_keys().await, "");
    let last = store.newest_version(world.scope, old.id).await.unwrap().unwrap();
    assert!(last.deleted_at.is_some());
    assert_eq!(world.counts(&Owner::Ledger(world.scope)).await, "");
    let refused =
        open_account(store, &world.clock, &world.ids, new_account(world.scope, "USD")).await;
    assert_refused!(refused, Error::AssetNotFound);

    let again = world.usd().await;
    assert_ne!(again.id, usd.id);
    let alias = Alias::external(&code("USD"));
    let named = store.account_of_alias(world.scope, &alias).await.unwrap();
    assert_eq!(named, Some(external.id));
    let reopened = store.account(world.scope, external.id).await.unwrap().unwrap();
    assert_eq!((reopened.deleted_at, reopened.created_at), (None, external.created_at));
    assert_ne!(world.balance("world").await.id, old.id);
    open_account(store, &world.clock, &world.ids, new_account(world.scope, "USD")).await.unwrap();
    assert_eq!(world.counts(&Owner::Ledger(world.scope)).await, "1 asset, 2 accounts");
    let owner = Owner::Asset(world.scope, code("USD"));
    assert_eq!(world.counts(&owner).await, "1 account");
}

/// A count tells what a list has, without filters as with them.
pub async fn what_is_listed_is_counted<S: Store>(store: &S) {
    let world = World::new(store).await;
    world.usd().await;
    for micros in 1..=3 {
        world.set(micros);
        let new = new_account(world.scope, "USD");
        open_account(store, &world.clock, &world.ids, new).await.unwrap();
    }
    let scope = world.scope;
    let counted = async |range, wanted: &Filter<_>| {
        let list = async |page| store.accounts(scope, &page, wanted).await;
        let of = (Owner::Ledger(scope), Counted::Accounts);
        count::count(store, of, (range, wanted), list).await.unwrap()
    };
    assert_eq!(counted(TimeRange::ALL, &Filter::default()).await, 4);
    assert_eq!(counted(world.range(2, 3), &Filter::default()).await, 2);
    let mut wanted = Filter::default();
    wanted.add(|account: &Account| !account.kind.is_external());
    assert_eq!(counted(TimeRange::ALL, &wanted).await, 3);
    let other = World::new(store).await;
    for elsewhere in world.elsewhere(other.scope) {
        assert_eq!(world.counts(&Owner::Ledger(elsewhere)).await, "");
    }
}

/// A deletion is not written if something was created on the object after its counts were read.
pub async fn a_deletion_that_overlooked_something_is_not_written<S: Store>(store: &S) {
    let world = World::new(store).await;
    let (clock, scope) = (&world.clock, world.scope);
    let now = world.at(9);
    let organization = store.organization(scope.organization).await.unwrap().unwrap();
    let timeline = organization.timeline.ended(now);
    assert!(!store.delete_organization(&Organization { timeline, ..organization }).await.unwrap());

    let ledger = store.ledger(scope).await.unwrap().unwrap();
    let usd = world.usd().await;
    let timeline = ledger.timeline.ended(now);
    assert!(!store.delete_ledger(&Ledger { timeline, ..ledger }).await.unwrap());

    let (external, balance) = store.external_account(&usd).await.unwrap().unwrap();
    let portfolio = world.portfolio("North").await;
    let new = NewAccount { portfolio_id: Some(portfolio.id), ..new_account(scope, "USD") };
    let account = open_account(store, clock, &world.ids, new).await.unwrap();
    let last = Asset { timeline: usd.timeline.ended(now), ..usd };
    let (external, balance) = (external.deleted(now), balance.deleted(now));
    assert!(!store.delete_asset(&last, &external, &balance).await.unwrap());
    let last = Group { timeline: portfolio.timeline.ended(now), ..portfolio };
    assert!(!store.delete_group(&last).await.unwrap());

    delete_account(store, clock, scope, account.id).await.unwrap();
    assert!(store.delete_group(&last).await.unwrap());
}

/// Nothing is created on an object that was deleted after it was read.
pub async fn nothing_is_created_on_what_was_deleted<S: Store>(store: &S) {
    let world = World::new(store).await;
    let (clock, scope) = (&world.clock, world.scope);
    let usd = world.usd().await;
    let (portfolio, segment) = (world.portfolio("North").await, world.segment("Retail").await);
    let new = NewAccount { portfolio_id: Some(portfolio.id), ..new_account(scope, "USD") };
    let member = open_account(store, clock, &world.ids, new.clone()).await.unwrap();
    delete_account(store, clock, scope, member.id).await.unwrap();
    let outside = open_account(store, clock, &world.ids, new_account(scope, "USD")).await.unwrap();
    let fresh = |portfolio, segment| {
        let id = AccountId::new(world.fresh_id());
        Account::new(AccountFields {
            id,
            alias: Alias::of_account(id),
            portfolio_id: portfolio,
            segment_id: segment,
            revision: 0,
            deleted_at: None,
            ..member.clone().into_fields()
        })
        .unwrap()
    };
    for group in [&portfolio, &segment] {
        delete_group(store, clock, scope, (group.kind(), group.id)).await.unwrap();
    }
    let refused = store.insert_account(&fresh(Some(portfolio.id), None), None).await;
    assert_refused!(refused, Error::GroupNotFound { kind: GroupKind::Portfolio });
    let refused = store.insert_account(&fresh(None, Some(segment.id)), None).await;
    assert_refused!(refused, Error::GroupNotFound { kind: GroupKind::Segment });
    let entering = Account::new(AccountFields {
        segment_id: Some(segment.id),
        revision: 1,
        ..outside.clone().into_fields()
    })
    .unwrap();
    assert!(!store.replace_account(&outside, &entering).await.unwrap());
    delete_account(store, clock, scope, outside.id).await.unwrap();

    delete_asset(store, clock, scope, usd.id).await.unwrap();
    assert_refused!(store.insert_account(&fresh(None, None), None).await, Error::AssetNotFound);

    let ledger = store.ledger(scope).await.unwrap().unwrap();
    delete_ledger(store, clock, scope).await.unwrap();
    assert_refused!(store.insert_account(&fresh(None, None), None).await, Error::LedgerNotFound);
    let again = Group { id: GroupId::new(world.fresh_id()), ..segment };
    assert_refused!(store.insert_group(&again).await, Error::LedgerNotFound);

    delete_organization(store, clock, scope.organization).await.unwrap();
    let scope = Scope { ledger: LedgerId::new(world.fresh_id()), ..scope };
    let refused = store.insert_ledger(&Ledger { scope, ..ledger }).await;
    assert_refused!(refused, Error::OrganizationNotFound);
}

/// The next revision of an object is written once, and no other is.
pub async fn only_the_next_revision_is_written<S: Store>(store: &S) {
    let world = World::new(store).await;
    let scope = world.scope;
    let usd = world.usd().await;
    let groups = [
        world.portfolio("North").await,
        world.segment("Retail").await,
        world.account_type("deposit").await.unwrap(),
    ];
    let now = world.at(9);
    let organization = store.organization(scope.organization).await.unwrap().unwrap();
    let ledger = store.ledger(scope).await.unwrap().unwrap();
    for (revision, written) in [(0, false), (2, false), (1, true), (1, false), (2, true)] {
        let after = |timeline: Timeline| Timeline { revision, updated_at: now, ..timeline };
        let next = Organization { timeline: after(organization.timeline), ..organization.clone() };
        assert_eq!(store.replace_organization(&organization, &next).await.unwrap(), written);
        let next = Ledger { timeline: after(ledger.timeline), ..ledger.clone() };
        assert_eq!(store.replace_ledger(&ledger, &next).await.unwrap(), written);
        let next = Asset { timeline: after(usd.timeline), ..usd.clone() };
        assert_eq!(store.replace_asset(&usd, &next).await.unwrap(), written);
        for group in &groups {
            let next = Group { timeline: after(group.timeline), ..group.clone() };
            assert_eq!(store.replace_group(group, &next).await.unwrap(), written);
        }
    }
    // An asset that takes the code of another begins at revision 0 as well.
    delete_asset(store, &world.clock, scope, usd.id).await.unwrap();
    let again = world.usd().await;
    let late = Asset { timeline: usd.timeline.changed(now), ..usd.clone() };
    assert!(!store.replace_asset(&usd, &late).await.unwrap());
    assert_eq!(store.asset(scope, &code("USD")).await.unwrap(), Some(again));
}

/// Of a deletion and the creation of something below at the same time one is refused, or the thing was
/// there before: nothing stands on what is gone.
pub async fn nothing_is_made_on_what_is_being_deleted<S: Store>(store: &S) {
    for _ in 0..5 {
        let world = World::new(store).await;
        let create = async || {
            let new = new_asset(world.scope, "US dollar", "USD");
            create_asset(store, &world.clock, &world.ids, new).await.map(drop)
        };
        let delete = async || delete_ledger(store, &world.clock, world.scope).await;
        let (created, deleted) = join(create(), delete()).await;
        let is_there = store.ledger(world.scope).await.unwrap().is_some();
        let has_asset = store.asset(world.scope, &code("USD")).await.unwrap().is_some();
        assert_eq!((is_there, has_asset), (deleted.is_err(), created.is_ok()));
        assert!(is_there || !has_asset, "{created:?}, {deleted:?}");
    }
}
