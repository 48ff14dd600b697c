//! Counters, and the objects that they count.

use std::collections::{BTreeMap, HashMap};

use super::{Problem, Record};
use subledger::account::Account;
use subledger::account::group::{Group, GroupKind};
use subledger::count::{Counted, Owner};
use subledger::money::ids::LedgerId;

use subledger_dynamodb::schema::items::counter::{SHARDS, Shard};

/// The objects that stand on each owner, and what its counter says.
#[derive(Debug, Default)]
pub struct Tallies(HashMap<Owner, Tally>);

#[derive(Debug, Default)]
struct Tally {
    counts: BTreeMap<Counted, Numbers>,
    /// How many shards of the counter are closed.
    closed_shards: u8,
    life: Life,
    /// The ledger of a portfolio or a segment, which its counter does not name.
    ledger: Option<LedgerId>,
}

/// How many objects there are of a kind.
#[derive(Debug, Clone, Copy, Default)]
struct Numbers {
    by_counter: u64,
    seen: u64,
}

/// What became of an owner, as far as was seen. What stands last is certain: a code may belong to a
/// deleted asset and to one that is there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Life {
    #[default]
    Unknown,
    Deleted,
    IsThere,
}

/// Where the objects are that a counter counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Site {
    /// Among the organizations and their ledgers.
    Organizations,
    /// In a ledger.
    Ledger(LedgerId),
}

/// An owner whose counter looks wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suspect {
    /// The owner.
    pub owner: Owner,
    /// Whether it was deleted.
    pub was_deleted: bool,
    /// What looks wrong.
    pub problems: Vec<Problem>,
}

impl Tallies {
    /// Adds an item, if it is counted or counts.
    pub fn add(&mut self, record: &Record) {
        match record {
            Record::Organization(it) => {
                let life = self.life(Owner::Organization(it.id), it.timeline.deleted_at.is_some());
                if life == Life::IsThere {
                    self.count(Owner::System, Counted::Organizations);
                    if let Some(parent) = it.parent {
                        self.count(Owner::Organization(parent), Counted::Organizations);
                    }
                }
            }
            Record::Ledger(it, _) => {
                self.life(Owner::Ledger(it.scope), false);
                self.count(Owner::Organization(it.scope.organization), Counted::Ledgers);
            }
            Record::DeletedLedger(it) => {
                self.life(Owner::Ledger(it.scope), true);
            }
            Record::Asset(it, _) => {
                self.life(Owner::Asset(it.scope, it.code.clone()), false);
                self.count(Owner::Ledger(it.scope), Counted::Assets);
            }
            Record::DeletedAsset(it) => {
                self.life(Owner::Asset(it.scope, it.code.clone()), true);
            }
            Record::Group(it, _) => self.add_group(it, false),
            Record::DeletedGroup(it) => self.add_group(it, true),
            Record::Account(it) => self.add_account(it),
            Record::Counter { owner, shard, .. } => self.add_shard(owner, shard),
            Record::OrganizationListingItem(_)
            | Record::LedgerName(..)
            | Record::AssetName(..)
            | Record::AssetId(..)
            | Record::GroupName { .. }
            | Record::Alias { .. }
            | Record::AccountListingItem(..)
            | Record::Balance(_)
            | Record::DeletedBalance(_)
            | Record::Version(_)
            | Record::BalanceListingItem { .. }
            | Record::Transaction(_)
            | Record::TransactionListingItem { .. } => {}
        }
    }

    fn add_group(&mut self, group: &Group, was_deleted: bool) {
        let (counted, has_counter) = match group.kind() {
            GroupKind::Portfolio => (Counted::Portfolios, true),
            GroupKind::Segment => (Counted::Segments, true),
            GroupKind::AccountType => (Counted::AccountTypes, false),
        };
        if !was_deleted {
            self.count(Owner::Ledger(group.scope), counted);
        }
        if has_counter {
            let owner = Owner::Group(group.id);
            self.of(owner.clone()).ledger = Some(group.scope.ledger);
            self.life(owner, was_deleted);
        }
    }

    fn add_account(&mut self, account: &Account) {
        if account.deleted_at.is_some() {
            return;
        }
        self.count(Owner::Ledger(account.scope), Counted::Accounts);
        if !account.kind.is_external() {
            let asset = Owner::Asset(account.scope, account.asset_code.clone());
            self.count(asset, Counted::Accounts);
        }
        for group in [account.portfolio_id, account.segment_id].into_iter().flatten() {
            self.of(Owner::Group(group)).ledger = Some(account.scope.ledger);
            self.count(Owner::Group(group), Counted::Accounts);
        }
    }

    fn add_shard(&mut self, owner: &Owner, shard: &Shard) {
        let tally = self.of(owner.clone());
        let kinds = Counted::NAMES.iter().filter_map(|name| Counted::from_name(name));
        for counted in kinds {
            let number = shard.counts.of(counted);
            if number > 0 {
                let by_counter = &mut tally.counts.entry(counted).or_default().by_counter;
                *by_counter = by_counter.saturating_add(number);
            }
        }
        tally.closed_shards = tally.closed_shards.saturating_add(u8::from(shard.is_closed));
    }

    fn of(&mut self, owner: Owner) -> &mut Tally {
        self.0.entry(owner).or_default()
    }

    fn count(&mut self, owner: Owner, counted: Counted) {
        let seen = &mut self.of(owner).counts.entry(counted).or_default().seen;
        *seen = seen.saturating_add(1);
    }

    fn life(&mut self, owner: Owner, was_deleted: bool) -> Life {
        let seen = if was_deleted { Life::Deleted } else { Life::IsThere };
        let life = &mut self.of(owner).life;
        *life = (*life).max(seen);
        seen
    }

    /// The owners whose counters look wrong, by where they can be looked at. A portfolio or segment of
    /// which nothing but the counter was seen cannot: the counter does not name its ledger.
    #[must_use]
    pub fn suspects(&self) -> BTreeMap<Site, Vec<Suspect>> {
        let mut suspects: BTreeMap<Site, Vec<Suspect>> = BTreeMap::new();
        for (owner, tally) in &self.0 {
            let problems = tally.problems(life_of(owner, tally));
            if let Some(site) = site_of(owner, tally).filter(|_| !problems.is_empty()) {
                let was_deleted = tally.life == Life::Deleted;
                let suspect = Suspect { owner: owner.clone(), was_deleted, problems };
                suspects.entry(site).or_default().push(suspect);
            }
        }
        suspects
    }

    /// The suspect as it looks now; `None` if it looks right. What was deleted is not there again,
    /// but for an asset with the same code.
    #[must_use]
    pub fn suspect_again(&self, suspect: Suspect) -> Option<Suspect> {
        let nothing = Tally::default();
        let tally = self.0.get(&suspect.owner).unwrap_or(&nothing);
        let life = match life_of(&suspect.owner, tally) {
            Life::Unknown if suspect.was_deleted => Life::Deleted,
            life @ (Life::Unknown | Life::Deleted | Life::IsThere) => life,
        };
        let problems = tally.problems(life);
        (!problems.is_empty()).then_some(Suspect { problems, ..suspect })
    }
}

impl Tally {
    fn problems(&self, life: Life) -> Vec<Problem> {
        let counts = self.counts.iter().filter(|(_, it)| it.by_counter != it.seen);
        let mut problems: Vec<Problem> = counts
            .map(|(counted, Numbers { by_counter, seen })| Problem::CountDiffers {
                counted: *counted,
                by_counter: *by_counter,
                seen: *seen,
            })
            .collect();
        match life {
            Life::IsThere if self.closed_shards > 0 => problems.push(Problem::CounterClosed),
            Life::Deleted if self.closed_shards < SHARDS => problems.push(Problem::CounterOpen),
            Life::Unknown | Life::Deleted | Life::IsThere => {}
        }
        problems
    }
}

fn life_of(owner: &Owner, tally: &Tally) -> Life {
    match owner {
        Owner::System => Life::IsThere,
        Owner::Organization(_) | Owner::Ledger(_) | Owner::Asset(..) | Owner::Group(_) => {
            tally.life
        }
    }
}

fn site_of(owner: &Owner, tally: &Tally) -> Option<Site> {
    match owner {
        Owner::System | Owner::Organization(_) => Some(Site::Organizations),
        Owner::Ledger(scope) | Owner::Asset(scope, _) => Some(Site::Ledger(scope.ledger)),
        Owner::Group(_) => tally.ledger.map(Site::Ledger),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::NameKey;
    use subledger::account::AccountFields;
    use subledger::count::Counts;
    use subledger::money::ids::Scope;
    use subledger::money::timeline::Timeline;
    use subledger_store_contract::samples;

    use Counted::{AccountTypes, Accounts, Assets, Ledgers, Organizations, Portfolios, Segments};

    const SCOPE: fn() -> Scope = samples::scope;

    fn asset_owner() -> Owner {
        Owner::Asset(SCOPE(), samples::asset().code)
    }

    fn shard(owner: Owner, counts: &[(Counted, u64)], is_closed: bool) -> Record {
        let mut shard = Shard { counts: Counts::default(), is_closed };
        counts.iter().for_each(|(counted, number)| shard.counts.add(*counted, *number));
        Record::Counter { owner, number: 0, shard }
    }

    fn closed(owner: &Owner) -> Vec<Record> {
        (0..SHARDS).map(|_| shard(owner.clone(), &[], true)).collect()
    }

    fn group(group: Group) -> Record {
        Record::Group(group, None)
    }

    fn account(change: impl FnOnce(&mut AccountFields)) -> Record {
        let mut fields = samples::account().into_fields();
        change(&mut fields);
        Record::Account(Account::new(fields).unwrap())
    }

    /// An organization, a ledger, an asset with its external account, a portfolio and a segment with
    /// an account in them, an account type, and another account, which was deleted.
    fn objects() -> Vec<Record> {
        let name = || NameKey(String::new());
        vec![
            Record::Organization(samples::organization()),
            Record::Ledger(samples::ledger(), name()),
            Record::Asset(samples::asset(), name()),
            account(|it| it.kind = subledger::account::AccountType::external()),
            group(samples::portfolio()),
            group(samples::segment()),
            group(samples::account_type()),
            account(|it| {
                it.portfolio_id = Some(samples::portfolio().id);
                it.segment_id = Some(samples::segment().id);
            }),
            account(|it| it.deleted_at = Some(samples::moment(9))),
        ]
    }

    fn counters() -> Vec<Record> {
        let ledger = Owner::Ledger(SCOPE());
        vec![
            shard(Owner::System, &[(Organizations, 1)], false),
            shard(Owner::Organization(SCOPE().organization), &[(Ledgers, 1)], false),
            shard(ledger.clone(), &[(Assets, 1), (Accounts, 1), (Portfolios, 1)], false),
            shard(ledger, &[(Accounts, 1), (Segments, 1), (AccountTypes, 1)], false),
            shard(asset_owner(), &[(Accounts, 1)], false),
            shard(Owner::Group(samples::portfolio().id), &[(Accounts, 1)], false),
            shard(Owner::Group(samples::segment().id), &[(Accounts, 1)], false),
        ]
    }

    fn tallies(records: &[Record]) -> Tallies {
        let mut tallies = Tallies::default();
        records.iter().for_each(|record| tallies.add(record));
        tallies
    }

    /// The suspects of these records, as owner and problem.
    fn suspects(records: &[Record]) -> Vec<(Owner, Problem)> {
        let suspects = tallies(records).suspects().into_values().flatten();
        let each = |suspect: Suspect| {
            let problems = suspect.problems.into_iter();
            problems.map(move |problem| (suspect.owner.clone(), problem)).collect::<Vec<_>>()
        };
        suspects.flat_map(each).collect()
    }

    fn differs(counted: Counted, by_counter: u64, seen: u64) -> Problem {
        Problem::CountDiffers { counted, by_counter, seen }
    }

    fn with(more: Record) -> Vec<Record> {
        [objects(), counters(), vec![more]].concat()
    }

    #[test]
    fn counters_that_count_what_is_there_are_right() {
        assert_eq!(suspects(&[objects(), counters()].concat()), []);
        // In another order.
        assert_eq!(suspects(&[counters(), objects()].concat()), []);
        // An account of v0 may be in dollars where there is no such asset.
        let v0 = account(|it| it.profile = Some(Box::new(samples::profile())));
        let of_ledger = shard(Owner::Ledger(SCOPE()), &[(Accounts, 1)], false);
        let of_asset = shard(asset_owner(), &[(Accounts, 1)], false);
        assert_eq!(suspects(&[v0, of_ledger, of_asset]), []);
    }

    #[test]
    fn every_kind_of_object_is_counted_where_it_stands() {
        let (organization, ledger) =
            (Owner::Organization(SCOPE().organization), Owner::Ledger(SCOPE()));
        let child = subledger::ledger::organization::Organization {
            id: subledger::money::ids::OrganizationId::new(samples::uuid(99)),
            parent: Some(SCOPE().organization),
            ..samples::organization()
        };
        let name = || NameKey(String::new());
        for (more, expected) in [
            (
                Record::Organization(child),
                vec![
                    (Owner::System, differs(Organizations, 1, 2)),
                    (organization.clone(), differs(Organizations, 0, 1)),
                ],
            ),
            (
                Record::Ledger(samples::ledger(), name()),
                vec![(organization, differs(Ledgers, 1, 2))],
            ),
            (
                Record::Asset(samples::asset(), name()),
                vec![(ledger.clone(), differs(Assets, 1, 2))],
            ),
            (group(samples::portfolio()), vec![(ledger.clone(), differs(Portfolios, 1, 2))]),
            (group(samples::segment()), vec![(ledger.clone(), differs(Segments, 1, 2))]),
            (group(samples::account_type()), vec![(ledger.clone(), differs(AccountTypes, 1, 2))]),
            (
                account(|_| {}),
                vec![
                    (ledger.clone(), differs(Accounts, 2, 3)),
                    (asset_owner(), differs(Accounts, 1, 2)),
                ],
            ),
            (
                account(|it| it.kind = subledger::account::AccountType::external()),
                vec![(ledger.clone(), differs(Accounts, 2, 3))],
            ),
            (
                shard(ledger.clone(), &[(Organizations, 1)], false),
                vec![(ledger, differs(Organizations, 1, 0))],
            ),
        ] {
            let mut found = suspects(&with(more.clone()));
            found.sort_by_key(|(owner, _)| format!("{owner:?}"));
            let mut expected = expected;
            expected.sort_by_key(|(owner, _)| format!("{owner:?}"));
            assert_eq!(found, expected, "{more:?}");
        }
    }

    #[test]
    fn a_counter_is_closed_if_and_only_if_its_owner_was_deleted() {
        let ended = |timeline: Timeline| timeline.ended(samples::moment(9));
        let organization = Owner::Organization(SCOPE().organization);
        let portfolio = Owner::Group(samples::portfolio().id);
        for owner in
            [Owner::System, organization.clone(), Owner::Ledger(SCOPE()), asset_owner(), portfolio]
        {
            let found = suspects(&with(shard(owner.clone(), &[], true)));
            assert_eq!(found, [(owner, Problem::CounterClosed)]);
        }
        let (mut deleted, mut ledger) = (samples::organization(), samples::ledger());
        let (mut asset, mut portfolio) = (samples::asset(), samples::portfolio());
        deleted.timeline = ended(deleted.timeline);
        ledger.timeline = ended(ledger.timeline);
        asset.timeline = ended(asset.timeline);
        portfolio.timeline = ended(portfolio.timeline);
        for (owner, deleted) in [
            (organization, Record::Organization(deleted)),
            (Owner::Ledger(SCOPE()), Record::DeletedLedger(ledger)),
            (asset_owner(), Record::DeletedAsset(asset.clone())),
            (Owner::Group(portfolio.id), Record::DeletedGroup(portfolio)),
        ] {
            let open = [(owner.clone(), Problem::CounterOpen)];
            assert_eq!(suspects(std::slice::from_ref(&deleted)), open);
            let all = [vec![deleted], closed(&owner)].concat();
            assert_eq!(suspects(&all), []);
            assert_eq!(suspects(all.split_last().unwrap().1), open);
        }
        // Another asset has the code now.
        assert_eq!(suspects(&with(Record::DeletedAsset(asset))), []);
    }

    #[test]
    fn a_group_of_which_only_the_counter_was_seen_cannot_be_looked_at() {
        let counter = shard(Owner::Group(samples::portfolio().id), &[(Accounts, 1)], false);
        assert_eq!(suspects(std::slice::from_ref(&counter)), []);
        let portfolio = group(samples::portfolio());
        let sites = tallies(&[counter, portfolio]).suspects();
        assert_eq!(sites.into_keys().collect::<Vec<_>>(), [Site::Ledger(SCOPE().ledger)]);
    }

    #[test]
    fn a_suspect_is_judged_by_what_is_there_now_and_stays_deleted() {
        let suspect = |owner: Owner, was_deleted| Suspect { owner, was_deleted, problems: vec![] };
        let again = |records: &[Record], owner: &Owner, was_deleted| {
            let now = tallies(records).suspect_again(suspect(owner.clone(), was_deleted));
            now.map(|suspect| suspect.problems)
        };
        let (all, owner) = ([objects(), counters()].concat(), asset_owner());
        assert_eq!(again(&all, &owner, false), None);
        assert_eq!(again(&counters(), &owner, false), Some(vec![differs(Accounts, 1, 0)]));
        assert_eq!(again(&closed(&owner), &owner, true), None);
        assert_eq!(again(&[], &owner, true), Some(vec![Problem::CounterOpen]));
        assert_eq!(again(&[], &owner, false), None);
        // It was deleted, and another asset has the code now.
        assert_eq!(again(&all, &owner, true), None);
    }
}
