//! The versions of a balance, one after the other, and the balance that they end in.

use super::{Found, Problem, Record, expect};
use subledger::balance::Balance;

/// Checks a version against the one before it. `previous` is `None` for version 0, and if the
/// version before cannot be read.
pub(super) fn check_step(
    previous: Option<&Balance>,
    version: &Balance,
    problems: &mut Vec<Problem>,
) {
    check_overdraft(previous, version, problems);
    if let Some(deleted_at) = version.deleted_at {
        let well = version.is_empty() && deleted_at == version.recorded_at;
        expect(well, Problem::BadDeletion, problems);
    }
    let Some(previous) = previous else {
        if version.version == 0 {
            expect(version.is_empty(), Problem::OpenedWithMoney, problems);
        }
        return;
    };
    let next = previous.version.checked_add(1) == Some(version.version);
    expect(next, Problem::Gap, problems);
    expect(previous.recorded_at < version.recorded_at, Problem::OutOfTime, problems);
    expect(previous.deleted_at.is_none(), Problem::AfterDeletion, problems);
    expect(has_same_identity(previous, version), Problem::IdentityChanged, problems);
    // Versions that are missing may have changed the amounts.
    if next && version.caused_by.is_none() {
        expect(has_same_amounts(previous, version), Problem::UnexplainedChange, problems);
    }
}

fn has_same_identity(one: &Balance, other: &Balance) -> bool {
    one.id == other.id
        && one.scope == other.scope
        && one.account == other.account
        && one.alias == other.alias
        && one.key == other.key
        && one.asset_code == other.asset_code
        && one.account_type == other.account_type
        && one.direction == other.direction
        && one.created_at == other.created_at
}

fn has_same_amounts(one: &Balance, other: &Balance) -> bool {
    one.available == other.available
        && one.on_hold == other.on_hold
        && one.overdraft_used == other.overdraft_used
}

fn check_overdraft(previous: Option<&Balance>, version: &Balance, problems: &mut Vec<Problem>) {
    let settings = version.settings.as_ref();
    let limit = settings.and_then(|settings| settings.overdraft_limit.as_ref());
    let within = limit.is_none_or(|limit| version.overdraft_used <= *limit.amount());
    // An overdraft that is not allowed any more is still repaid; it does not grow.
    let grew = previous.is_some_and(|previous| previous.overdraft_used < version.overdraft_used);
    expect(
        within && (!grew || version.may_be_overdrawn()),
        Problem::OverdraftLimitExceeded,
        problems,
    );
}

/// Checks the newest version against the balance, which has one of two keys.
pub(super) fn check_newest(version: &Balance, found: &[Found], problems: &mut Vec<Problem>) {
    let [current, deleted] = found else {
        return;
    };
    // A key may be used again after a deletion, so another balance may stand in its place.
    let at = |found: &Found| match found.record() {
        Some(Record::Balance(it) | Record::DeletedBalance(it)) if it.id == version.id => {
            Some(it.version)
        }
        Some(_) | None => None,
    };
    let cannot_tell = [current, deleted].contains(&&Found::Unreadable);
    match at(current).max(at(deleted)) {
        None => expect(cannot_tell, Problem::BalanceMissing, problems),
        // A newer one was written meanwhile, together with its version.
        Some(number) => expect(number >= version.version, Problem::BalanceIsOlder, problems),
    }
}

/// Checks a balance against its account and against its version in the history.
pub(super) fn check_state(
    balance: &Balance,
    account: &Found,
    version: &Found,
    problems: &mut Vec<Problem>,
) {
    let is_holder = |it: &Record| {
        matches!(it, Record::Account(it)
            if it.scope == balance.scope
                && it.alias == balance.alias
                && it.asset_code == balance.asset_code
                && it.kind == balance.account_type
                && (it.deleted_at.is_none() || balance.deleted_at.is_some()))
    };
    expect(!account.differs(is_holder), Problem::AccountMissing, problems);
    match version {
        Found::Nothing => problems.push(Problem::VersionMissing),
        Found::Unreadable => {}
        Found::Item(record) => {
            let equal = matches!(&**record, Record::Version(it) if it == balance);
            expect(equal, Problem::DiffersFromHistory, problems);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::samples::{account, balance, moment};
    use subledger::balance::{BalanceFields, BalanceKey, BalanceSettings, OverdraftLimit};
    use subledger::ledger::asset::AssetCode;
    use subledger::money::amount::Amount;
    use subledger::money::ids::TransactionId;
    use uuid::Uuid;

    fn amount(text: &str) -> Amount {
        Amount::parse(text).unwrap()
    }

    /// Version 1 of a balance on which a transaction put 5.
    fn first_and_second() -> (Balance, Balance) {
        let first = balance("deposit");
        let second = Balance::new(BalanceFields {
            available: amount("5"),
            caused_by: Some(TransactionId::new(Uuid::from_u128(7))),
            ..first.next_version(moment(10)).into_fields()
        })
        .unwrap();
        (first, second)
    }

    #[track_caller]
    fn check(previous: Option<&Balance>, version: &Balance, expected: &[Problem]) {
        let mut problems = Vec::new();
        check_step(previous, version, &mut problems);
        assert_eq!(problems, expected);
    }

    #[test]
    fn a_history_without_faults_has_no_problems() {
        let (first, second) = first_and_second();
        check(None, &first, &[]);
        check(Some(&first), &second, &[]);
        check(Some(&second), &second.next_version(moment(11)), &[]);
        // The one before cannot be read.
        check(None, &second, &[]);
    }

    #[test]
    fn every_fault_of_a_history_is_named() {
        let (first, second) = first_and_second();
        let with = |change: &dyn Fn(&mut BalanceFields)| {
            let mut version = second.clone().into_fields();
            change(&mut version);
            Balance::new(version).unwrap()
        };
        let earlier = second.next_version(moment(11)).into_fields();
        let earlier = BalanceFields { recorded_at: moment(5), ..earlier };
        check(Some(&second), &Balance::new(earlier).unwrap(), &[Problem::OutOfTime]);
        let cases: [(Balance, &[Problem]); 6] = [
            (with(&|it| it.version = 2), &[Problem::Gap]),
            (with(&|it| it.created_at = moment(0)), &[Problem::IdentityChanged]),
            (with(&|it| it.key = BalanceKey::overdraft()), &[Problem::IdentityChanged]),
            (
                with(&|it| it.asset_code = AssetCode::parse("BRL").unwrap()),
                &[Problem::IdentityChanged],
            ),
            (with(&|it| it.caused_by = None), &[Problem::UnexplainedChange]),
            (with(&|it| it.deleted_at = Some(moment(10))), &[Problem::BadDeletion]),
        ];
        for (version, expected) in &cases {
            check(Some(&first), version, expected);
        }
        let deleted = Balance::new(BalanceFields {
            deleted_at: Some(moment(10)),
            ..first.next_version(moment(10)).into_fields()
        })
        .unwrap();
        check(Some(&first), &deleted, &[]);
        check(
            Some(&deleted),
            &Balance::new(BalanceFields {
                version: 2,
                ..deleted.next_version(moment(11)).into_fields()
            })
            .unwrap(),
            &[Problem::BadDeletion, Problem::AfterDeletion],
        );
        check(
            None,
            &Balance::new(BalanceFields { available: amount("1"), ..first.into_fields() }).unwrap(),
            &[Problem::OpenedWithMoney],
        );
    }

    #[test]
    fn an_overdraft_grows_only_where_it_may_and_never_beyond_its_limit() {
        let (first, second) = first_and_second();
        let used = |used: &str, allow_overdraft, limit: Option<&str>| {
            Balance::new(BalanceFields {
                overdraft_used: amount(used),
                settings: Some(BalanceSettings {
                    scope: None,
                    allow_overdraft,
                    overdraft_limit: limit.and_then(OverdraftLimit::parse),
                }),
                ..second.clone().into_fields()
            })
            .unwrap()
        };
        check(Some(&first), &used("5", true, Some("5")), &[]);
        check(Some(&first), &used("5", true, None), &[]);
        check(Some(&first), &used("5.01", true, Some("5")), &[Problem::OverdraftLimitExceeded]);
        check(Some(&first), &used("5", false, None), &[Problem::OverdraftLimitExceeded]);
        // It ended after it was used.
        let before = used("5", true, None);
        let after = Balance::new(BalanceFields {
            settings: None,
            overdraft_used: amount("4"),
            caused_by: second.caused_by,
            ..before.next_version(moment(20)).into_fields()
        })
        .unwrap();
        check(Some(&before), &after, &[]);
    }

    #[test]
    fn the_newest_version_leads_to_the_balance() {
        let (first, second) = first_and_second();
        let found = |balance: &Balance| Found::Item(Box::new(Record::Balance(balance.clone())));
        let other = Balance::new(BalanceFields {
            id: subledger::money::ids::BalanceId::new(Uuid::from_u128(99)),
            ..second.clone().into_fields()
        })
        .unwrap();
        let check = |found: [Found; 2]| {
            let mut problems = Vec::new();
            check_newest(&second, &found, &mut problems);
            problems
        };
        assert_eq!(check([found(&second), Found::Nothing]), []);
        assert_eq!(check([found(&second.next_version(moment(20))), Found::Nothing]), []);
        assert_eq!(check([found(&other), found(&second)]), []);
        assert_eq!(check([Found::Unreadable, Found::Nothing]), []);
        assert_eq!(check([found(&first), Found::Nothing]), [Problem::BalanceIsOlder]);
        assert_eq!(check([found(&other), Found::Nothing]), [Problem::BalanceMissing]);
        assert_eq!(check([Found::Nothing, Found::Nothing]), [Problem::BalanceMissing]);
    }

    #[test]
    fn a_balance_is_what_its_account_and_its_history_say() {
        let (first, second) = first_and_second();
        let holder = account("deposit");
        let closed = holder.deleted(moment(9));
        let account =
            |it: &subledger::account::Account| Found::Item(Box::new(Record::Account(it.clone())));
        let version = |it: &Balance| Found::Item(Box::new(Record::Version(it.clone())));
        let check = |account: &Found, version: &Found| {
            let mut problems = Vec::new();
            check_state(&second, account, version, &mut problems);
            problems
        };
        assert_eq!(check(&account(&holder), &version(&second)), []);
        assert_eq!(check(&Found::Unreadable, &Found::Unreadable), []);
        assert_eq!(check(&account(&closed), &version(&second)), [Problem::AccountMissing]);
        assert_eq!(
            check(&Found::Nothing, &Found::Nothing),
            [Problem::AccountMissing, Problem::VersionMissing]
        );
        assert_eq!(check(&account(&holder), &version(&first)), [Problem::DiffersFromHistory]);
    }
}
