//! What objects stand on: organizations, ledgers, assets and groups, the names that they keep, and the
//! accounts on them.

use super::{Found, Place, Problem, Record, expect};
use subledger::account::group::{Group, GroupKind, UniqueInLedger};
use subledger::account::{Account, Alias};
use subledger::ledger::Ledger;
use subledger::ledger::asset::Asset;
use subledger::ledger::organization::Organization;
use subledger::page::ListPosition;

/// The listing item of an organization, and its parent.
pub(super) fn organization_partners(organization: &Organization) -> Vec<Place> {
    let at = organization.timeline.created_at;
    let listing_item = ListPosition { at, id: organization.id.uuid() };
    let parent = organization.parent.filter(|_| organization.timeline.deleted_at.is_none());
    let parent = parent.map(Place::Organization);
    [Place::OrganizationListingItem(listing_item)].into_iter().chain(parent).collect()
}

/// Its ledger, and the name or key that it keeps.
pub(super) fn group_partners(group: &Group) -> Vec<Place> {
    let ledger = group.scope.ledger;
    let name = group.unique().map(|unique| match unique {
        UniqueInLedger::SegmentName(name) => Place::SegmentName(ledger, name.clone()),
        UniqueInLedger::AccountTypeKey(key) => Place::AccountTypeKey(ledger, key.clone()),
    });
    [Place::Ledger(group.scope)].into_iter().chain(name).collect()
}

/// Its ledger, its alias and its listing item, and what else it stands on.
pub(super) fn account_partners(account: &Account) -> Vec<Place> {
    let ledger = match account.deleted_at {
        None => Place::Ledger(account.scope),
        Some(_) => Place::LedgerEver(account.scope),
    };
    let position = ListPosition { at: account.created_at, id: account.id.uuid() };
    let own = [
        ledger,
        Place::Alias(account.scope.ledger, account.alias.clone()),
        Place::AccountListingItem(account.scope.ledger, position),
    ];
    own.into_iter().chain(stands_on(account).into_iter().map(|(place, _)| place)).collect()
}

/// What an account stands on besides its ledger, until it is deleted, with the problem if that is
/// not there. An account of v0 is in dollars, whether its ledger has that asset or not.
fn stands_on(account: &Account) -> Vec<(Place, Problem)> {
    if account.deleted_at.is_some() {
        return Vec::new();
    }
    let ledger = account.scope.ledger;
    let asset = account
        .profile
        .is_none()
        .then(|| (Place::Asset(ledger, account.asset_code.clone()), Problem::AssetMissing));
    let group = |kind, id| (Place::Group(ledger, kind, id), Problem::GroupMissing);
    let portfolio = account.portfolio_id.map(|id| group(GroupKind::Portfolio, id));
    let segment = account.segment_id.map(|id| group(GroupKind::Segment, id));
    [asset, portfolio, segment].into_iter().flatten().collect()
}

/// Whether it is an organization that has not been deleted.
fn is_live(organization: &Record) -> bool {
    matches!(organization, Record::Organization(it) if it.timeline.deleted_at.is_none())
}

pub(super) fn check_organization(
    organization: &Organization,
    listing_item: &Found,
    parent: Option<&Found>,
    problems: &mut Vec<Problem>,
) {
    let listed = listing_item.is_there();
    match organization.timeline.deleted_at {
        None => expect(listed, Problem::ListingMissing, problems),
        Some(_) => expect(!listed, Problem::DeletedIsListed, problems),
    }
    let parent = parent.is_none_or(|parent| !parent.differs(is_live));
    expect(parent, Problem::ParentMissing, problems);
}

pub(super) fn check_ledger(
    ledger: &Ledger,
    organization: &Found,
    name: &Found,
    problems: &mut Vec<Problem>,
) {
    expect(!organization.differs(is_live), Problem::OrganizationMissing, problems);
    let own = |it: &Record| matches!(it, Record::LedgerName(of, _) if *of == ledger.scope);
    expect(!name.differs(own), Problem::NameNotTaken, problems);
}

/// Checks an asset against its ledger, its name, its id and the alias of its external account, and
/// against that account if the alias names one.
pub(super) fn check_asset(
    asset: &Asset,
    [ledger, name, id, alias]: [&Found; 4],
    external: Option<&Found>,
    problems: &mut Vec<Problem>,
) {
    expect(ledger.is_there(), Problem::LedgerMissing, problems);
    let own = |it: &Record| matches!(it, Record::AssetName(_, of, _) if *of == asset.code);
    expect(!name.differs(own), Problem::NameNotTaken, problems);
    let own = |it: &Record| matches!(it, Record::AssetId(_, _, of) if *of == asset.code);
    expect(!id.differs(own), Problem::IdMissing, problems);
    // The account of an asset that was deleted is used again by the next one with its code.
    let own = |it: &Record| {
        matches!(it, Record::Account(it)
            if it.scope == asset.scope
                && it.alias == Alias::external(&asset.code)
                && it.asset_code == asset.code
                && it.kind.is_external()
                && it.deleted_at.is_none())
    };
    let is_there = !external.unwrap_or(alias).differs(own);
    expect(is_there, Problem::ExternalAccountMissing, problems);
}

/// Another asset may have the code now.
pub(super) fn check_deleted_asset(
    asset: &Asset,
    ledger: &Found,
    current: &Found,
    problems: &mut Vec<Problem>,
) {
    expect(ledger.is_there(), Problem::LedgerMissing, problems);
    let same = |it: &Record| matches!(it, Record::Asset(it, _) if it.id == asset.id);
    expect(!current.record().is_some_and(same), Problem::DeletedIsThere, problems);
}

pub(super) fn check_group(
    group: &Group,
    ledger: &Found,
    name: Option<&Found>,
    problems: &mut Vec<Problem>,
) {
    expect(ledger.is_there(), Problem::LedgerMissing, problems);
    let own = |it: &Record| {
        matches!(it, Record::GroupName { scope, group: of, .. }
            if *scope == group.scope && *of == group.id)
    };
    let kept = name.is_none_or(|name| !name.differs(own));
    expect(kept, Problem::NameNotTaken, problems);
}

/// Checks an account against what was found under the keys of [`account_partners`].
pub(super) fn check_account(account: &Account, found: &[Found], problems: &mut Vec<Problem>) {
    let [ledger, alias, listing_item, rest @ ..] = found else {
        return;
    };
    expect(ledger.is_there(), Problem::LedgerMissing, problems);
    let own = |it: &Record| matches!(it, Record::Alias { account: of, .. } if *of == account.id);
    expect(!alias.differs(own), Problem::AliasNotTaken, problems);
    let listed = listing_item.is_there();
    match account.deleted_at {
        None => expect(listed, Problem::ListingMissing, problems),
        Some(_) => expect(!listed, Problem::DeletedIsListed, problems),
    }
    for ((_, problem), found) in stands_on(account).into_iter().zip(rest) {
        expect(found.is_there(), problem, problems);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{NameKey, Subject, check, partners};
    use subledger::account::AccountFields;
    use subledger::money::ids::OrganizationId;
    use subledger::money::timeline::Timeline;
    use subledger_store_contract::samples;

    fn item(record: Record) -> Found {
        Found::Item(Box::new(record))
    }

    fn problems(record: &Record, found: &[Found]) -> Vec<Problem> {
        check(&Subject::Item(Box::new(record.clone())), found)
    }

    /// Everything that is there is right, and everything is missed that is not there, one at a time.
    #[track_caller]
    fn check_each(record: &Record, related: &[(Found, Option<Problem>)]) {
        let found: Vec<Found> = related.iter().map(|(found, _)| found.clone()).collect();
        let asked = partners(&Subject::Item(Box::new(record.clone())), &[]);
        assert!(asked.len() <= found.len(), "{asked:?}");
        assert_eq!(problems(record, &found), []);
        for (at, (_, problem)) in related.iter().enumerate() {
            for (instead, expected) in
                [(Found::Nothing, problem.clone()), (Found::Unreadable, None)]
            {
                let mut found = found.clone();
                found[at] = instead;
                let expected: Vec<Problem> = expected.into_iter().collect();
                assert_eq!(problems(record, &found), expected, "{at} of {record:?}");
            }
        }
    }

    fn ended(timeline: Timeline) -> Timeline {
        timeline.ended(samples::moment(9))
    }

    fn name() -> NameKey {
        NameKey("name".to_owned())
    }

    fn organization() -> Record {
        Record::Organization(samples::organization())
    }

    fn ledger() -> Record {
        Record::Ledger(samples::ledger(), name())
    }

    fn deleted_ledger() -> Record {
        let ledger = samples::ledger();
        Record::DeletedLedger(Ledger { timeline: ended(ledger.timeline), ..ledger })
    }

    fn deleted_organization() -> Organization {
        let organization = samples::organization();
        Organization { timeline: ended(organization.timeline), ..organization }
    }

    fn account(change: impl FnOnce(&mut AccountFields)) -> Account {
        let mut fields = samples::account().into_fields();
        change(&mut fields);
        Account::new(fields).unwrap()
    }

    #[test]
    fn a_deleted_organization_is_not_listed_and_nothing_stands_on_it() {
        let deleted = Record::Organization(deleted_organization());
        let position =
            ListPosition { at: samples::moment(1), id: samples::organization().id.uuid() };
        let listing_item = item(Record::OrganizationListingItem(position));
        assert_eq!(problems(&deleted, &[Found::Nothing]), []);
        let listed = std::slice::from_ref(&listing_item);
        assert_eq!(problems(&deleted, listed), [Problem::DeletedIsListed]);
        check_each(&organization(), &[(listing_item.clone(), Some(Problem::ListingMissing))]);
        let child = |timeline| Organization {
            id: OrganizationId::new(samples::uuid(99)),
            parent: Some(samples::organization().id),
            timeline,
            ..samples::organization()
        };
        let living = Record::Organization(child(samples::organization().timeline));
        check_each(
            &living,
            &[
                (listing_item.clone(), Some(Problem::ListingMissing)),
                (item(organization()), Some(Problem::ParentMissing)),
            ],
        );
        let found = [listing_item, item(deleted.clone())];
        assert_eq!(problems(&living, &found), [Problem::ParentMissing]);
        let gone = child(ended(samples::organization().timeline));
        assert_eq!(organization_partners(&gone).len(), 1);
        let kept = item(Record::LedgerName(samples::scope(), name()));
        let found = [item(deleted), kept];
        assert_eq!(problems(&ledger(), &found), [Problem::OrganizationMissing]);
    }

    #[test]
    fn a_ledger_stands_on_an_organization_and_keeps_its_name() {
        let kept = item(Record::LedgerName(samples::scope(), name()));
        check_each(
            &ledger(),
            &[
                (item(organization()), Some(Problem::OrganizationMissing)),
                (kept, Some(Problem::NameNotTaken)),
            ],
        );
        check_each(
            &deleted_ledger(),
            &[(item(organization()), Some(Problem::OrganizationMissing)), (Found::Nothing, None)],
        );
        let gone = item(Record::Organization(deleted_organization()));
        assert_eq!(problems(&deleted_ledger(), &[gone, Found::Nothing]), []);
        let found = [item(organization()), item(ledger())];
        assert_eq!(problems(&deleted_ledger(), &found), [Problem::DeletedIsThere]);
    }

    #[test]
    fn an_asset_has_a_ledger_a_name_an_id_and_an_external_account() {
        let asset = samples::asset();
        let (id, code, scope) = (asset.id, asset.code.clone(), asset.scope);
        let external = || {
            account(|it| {
                it.alias = Alias::external(&code);
                it.kind = subledger::account::AccountType::external();
                it.revision = 2;
            })
        };
        let alias =
            item(Record::Alias { scope, alias: Alias::external(&code), account: external().id });
        let found = [
            (item(ledger()), Some(Problem::LedgerMissing)),
            (
                item(Record::AssetName(scope.ledger, code.clone(), name())),
                Some(Problem::NameNotTaken),
            ),
            (item(Record::AssetId(scope.ledger, id, code.clone())), Some(Problem::IdMissing)),
            (alias, None),
            (item(Record::Account(external())), Some(Problem::ExternalAccountMissing)),
        ];
        let record = Record::Asset(asset.clone(), name());
        check_each(&record, &found);
        let mut found: Vec<Found> = found.into_iter().map(|(found, _)| found).collect();
        let deleted = external().deleted(samples::moment(10));
        found[4] = item(Record::Account(deleted));
        assert_eq!(problems(&record, &found), [Problem::ExternalAccountMissing]);
        found[4] = item(Record::Account(samples::account()));
        assert_eq!(problems(&record, &found), [Problem::ExternalAccountMissing]);
        // Where nothing has the alias, no account is read.
        found.truncate(3);
        found.push(Found::Nothing);
        assert_eq!(problems(&record, &found), [Problem::ExternalAccountMissing]);
        let deleted = Record::DeletedAsset(Asset { timeline: ended(asset.timeline), ..asset });
        check_each(
            &deleted,
            &[(item(deleted_ledger()), Some(Problem::LedgerMissing)), (Found::Nothing, None)],
        );
        let next = Asset {
            id: subledger::money::ids::AssetId::new(samples::uuid(77)),
            ..samples::asset()
        };
        let next = item(Record::Asset(next, name()));
        assert_eq!(problems(&deleted, &[item(ledger()), next]), []);
        let same = item(Record::Asset(samples::asset(), name()));
        assert_eq!(problems(&deleted, &[item(ledger()), same]), [Problem::DeletedIsThere]);
    }

    #[test]
    fn a_group_has_a_ledger_and_keeps_its_name_or_its_key() {
        let scope = samples::scope();
        let kept = |group: &Group, kind| {
            item(Record::GroupName { scope, kind, group: group.id, name: name() })
        };
        let (portfolio, segment) = (samples::portfolio(), samples::segment());
        let account_type = samples::account_type();
        let missing = || (item(ledger()), Some(Problem::LedgerMissing));
        check_each(&Record::Group(portfolio.clone(), None), &[missing()]);
        let name_of = kept(&segment, GroupKind::Segment);
        check_each(
            &Record::Group(segment.clone(), Some(name())),
            &[missing(), (name_of, Some(Problem::NameNotTaken))],
        );
        let key_of = kept(&account_type, GroupKind::AccountType);
        check_each(
            &Record::Group(account_type.clone(), Some(name())),
            &[missing(), (key_of.clone(), Some(Problem::NameNotTaken))],
        );
        let found = [item(ledger()), key_of.clone()];
        let record = Record::Group(segment.clone(), Some(name()));
        assert_eq!(problems(&record, &found), [Problem::NameNotTaken]);
        // Nothing that lives stays on a ledger that was deleted.
        for group in [&portfolio, &segment, &account_type] {
            assert_eq!(group_partners(group).first(), Some(&Place::Ledger(scope)));
        }

        let Found::Item(key_of) = key_of else { panic!("it is an item") };
        check_each(
            &key_of,
            &[(
                item(Record::Group(account_type.clone(), Some(name()))),
                Some(Problem::NameOfNothing),
            )],
        );
        let other = Some(NameKey("other".to_owned()));
        let other = item(Record::Group(account_type.clone(), other));
        assert_eq!(problems(&key_of, &[other]), [Problem::NameOfNothing]);

        let deleted = Group { timeline: ended(segment.timeline), ..segment.clone() };
        let deleted = Record::DeletedGroup(deleted);
        check_each(
            &deleted,
            &[(item(deleted_ledger()), Some(Problem::LedgerMissing)), (Found::Nothing, None)],
        );
        let found = [item(ledger()), item(Record::Group(segment, Some(name())))];
        assert_eq!(problems(&deleted, &found), [Problem::DeletedIsThere]);
    }

    #[test]
    fn an_account_stands_on_a_ledger_an_asset_and_its_groups_until_it_is_deleted() {
        let scope = samples::scope();
        let grouped = account(|it| {
            it.portfolio_id = Some(samples::portfolio().id);
            it.segment_id = Some(samples::segment().id);
        });
        let alias = Record::Alias { scope, alias: grouped.alias.clone(), account: grouped.id };
        let position = ListPosition { at: grouped.created_at, id: grouped.id.uuid() };
        let listing_item = item(Record::AccountListingItem(scope.ledger, position));
        check_each(
            &Record::Account(grouped.clone()),
            &[
                (item(ledger()), Some(Problem::LedgerMissing)),
                (item(alias), Some(Problem::AliasNotTaken)),
                (listing_item, Some(Problem::ListingMissing)),
                (item(Record::Asset(samples::asset(), name())), Some(Problem::AssetMissing)),
                (item(Record::Group(samples::portfolio(), None)), Some(Problem::GroupMissing)),
                (
                    item(Record::Group(samples::segment(), Some(name()))),
                    Some(Problem::GroupMissing),
                ),
            ],
        );
        let segment = Place::Group(scope.ledger, GroupKind::Segment, samples::segment().id);
        assert_eq!(account_partners(&grouped).pop(), Some(segment));
        let deleted = account_partners(&grouped.deleted(samples::moment(10)));
        assert_eq!((deleted.first(), deleted.len()), (Some(&Place::LedgerEver(scope)), 3));
        // An account of v0 needs no asset.
        let v0 = account(|it| it.profile = Some(Box::new(samples::profile())));
        assert_eq!(account_partners(&v0).len(), 3);
    }
}
