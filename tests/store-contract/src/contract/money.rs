//! Moving money in few words.
//!
//! A party is an alias, or an alias and a key as in `ada:savings`; `world` is what is outside. Legs
//! are parties with a portion each: `ada 10`, `ada 50%`, `ada 50%of40`, `ada rest`.
#![expect(clippy::unwrap_used, reason = "a behaviour fails by panicking")]

use std::collections::BTreeMap;

use crate::contract::Store;
use crate::contract::world::{World, amount, first_page, join};
use subledger::account::{Account, Alias};
use subledger::balance::get::get_balance;
use subledger::balance::history::list_versions;
use subledger::balance::update::{BalanceChange, update_balance};
use subledger::balance::{
    Balance, BalanceFields, BalanceKey, BalanceSettings, Direction, OverdraftLimit,
};
use subledger::error::Error;
use subledger::idempotency::Fingerprint;
use subledger::ledger::asset::AssetCode;
use subledger::money::amount::Amount;
use subledger::money::ids::{AccountId, TransactionId};
use subledger::page::{PageRequest, PageStart, SortOrder, TimeRange};
use subledger::transaction::finalize::{Finalization, finalize_transaction};
use subledger::transaction::portion::Portion;
use subledger::transaction::post::{NewLeg, NewTransaction, Posted, post_transaction};
use subledger::transaction::revert::revert_transaction;
use subledger::transaction::{
    Amounts, LegLabels, Notes, Operation, OperationType, Transaction, TransactionLabels,
    TransactionStatus,
};

/// Changes nothing.
pub(super) const NO_CHANGE: BalanceChange =
    BalanceChange { allow_sending: None, allow_receiving: None, settings: None };

/// A ledger with the asset `USD` and accounts with these aliases.
pub(super) async fn bank<'s, S: Store>(store: &'s S, aliases: &str) -> World<'s, S> {
    let world = World::new(store).await;
    world.usd().await;
    for alias in aliases.split(' ') {
        world.account_called(alias).await;
    }
    world
}

/// The rules of a balance that may be overdrawn this far; without limit where there is none.
pub(super) fn overdraft_up_to(limit: Option<&str>) -> BalanceSettings {
    let overdraft_limit = limit.map(|limit| OverdraftLimit::parse(limit).unwrap());
    BalanceSettings { scope: None, allow_overdraft: true, overdraft_limit }
}

/// Which balance a party is.
fn names(party: &str) -> (Alias, BalanceKey) {
    let (alias, balance) = party.split_once(':').unwrap_or((party, "default"));
    let alias = match alias {
        "world" => Alias::external(&AssetCode::usd()),
        alias => Alias::parse(alias).unwrap(),
    };
    (alias, BalanceKey::recognize(balance).unwrap())
}

/// Legs, with a comma between them.
pub(super) fn legs(text: &str) -> Vec<NewLeg> {
    let leg = |text: &str| {
        let (party, portion) = text.split_once(' ').unwrap();
        let portion = match portion.split_once('%') {
            Some((percentage, of)) => Portion::Share {
                percentage: percentage.parse().unwrap(),
                of_percentage: of.strip_prefix("of").map_or(100, |of| of.parse().unwrap()),
            },
            None if portion == "rest" => Portion::Remaining,
            None => Portion::Amount(amount(portion)),
        };
        let (alias, key) = names(party);
        NewLeg { alias: Some(alias), key: Some(key), portion, labels: LegLabels::default() }
    };
    text.split(", ").map(leg).collect()
}

/// `debit ada 30: 100/0/0 v1 > 70/0/0 v2` and so on, one for each operation.
pub(super) fn operations(transaction: &Transaction) -> Vec<String> {
    let print = |operation: &Operation| {
        let kind = match (operation.kind, operation.direction) {
            (OperationType::Debit, _) => "debit",
            (OperationType::Credit, _) => "credit",
            (OperationType::OnHold, _) => "hold",
            (OperationType::Release, _) => "release",
            (OperationType::Block, _) => "block",
            (OperationType::Unblock, _) => "unblock",
            (OperationType::Overdraft, Direction::Debit) => "owe",
            (OperationType::Overdraft, Direction::Credit) => "repay",
        };
        let party = party(&operation.alias, &operation.key);
        let [before, after] = [amounts(&operation.before), amounts(&operation.after)];
        format!("{kind} {party} {}: {before} > {after}", operation.amount)
    };
    transaction.operations.iter().map(print).collect()
}

fn party(alias: &Alias, key: &BalanceKey) -> String {
    let alias = if alias.is_external() { "world" } else { alias.as_str() };
    if *key == BalanceKey::default_key() { alias.to_owned() } else { format!("{alias}:{key}") }
}

/// `available/on hold/overdraft used vVersion`.
fn amounts(amounts: &Amounts) -> String {
    let Amounts { available, on_hold, overdraft_used, version } = amounts;
    format!("{available}/{on_hold}/{overdraft_used} v{version}")
}

impl<S: Store> World<'_, S> {
    /// A transaction in this ledger that is not posted yet.
    pub(super) fn moving(&self, value: &str, sources: &str, destinations: &str) -> NewTransaction {
        let asked = format!("{value} from {sources} to {destinations}");
        NewTransaction {
            scope: self.scope,
            idempotency_key: None,
            status: TransactionStatus::Approved,
            label: None,
            asset_code: AssetCode::usd(),
            value: amount(value),
            sources: legs(sources),
            destinations: legs(destinations),
            labels: TransactionLabels::default(),
            notes: Notes::default(),
            transaction_date: None,
            fingerprint: Fingerprint::of(asked.as_bytes()),
        }
    }

    pub(super) async fn post(&self, new: NewTransaction) -> Result<Posted, Error> {
        post_transaction(self.store, &self.clock, &self.ids, new).await
    }

    /// Moves at once.
    pub(super) async fn send(&self, value: &str, sources: &str, destinations: &str) -> Transaction {
        let posted = self.post(self.moving(value, sources, destinations)).await.unwrap();
        assert!(!posted.replayed);
        posted.transaction
    }

    /// Moves at once, from outside.
    pub(super) async fn fund(&self, party: &str, value: &str) -> Transaction {
        self.send(value, "world rest", &format!("{party} rest")).await
    }

    /// Reserves.
    pub(super) async fn hold(&self, value: &str, sources: &str, destinations: &str) -> Transaction {
        let new = self.pending(value, sources, destinations);
        self.post(new).await.unwrap().transaction
    }

    /// A pending transaction that is not posted yet.
    pub(super) fn pending(&self, value: &str, sources: &str, destinations: &str) -> NewTransaction {
        let new = self.moving(value, sources, destinations);
        NewTransaction { status: TransactionStatus::Pending, ..new }
    }

    pub(super) async fn commit(&self, id: TransactionId) -> Result<Transaction, Error> {
        self.finalize(id, Finalization::Commit).await
    }

    pub(super) async fn cancel(&self, id: TransactionId) -> Result<Transaction, Error> {
        self.finalize(id, Finalization::Cancel).await
    }

    pub(super) async fn finalize(
        &self,
        id: TransactionId,
        finalization: Finalization,
    ) -> Result<Transaction, Error> {
        finalize_transaction(self.store, &self.clock, self.scope, id, finalization).await
    }

    pub(super) async fn revert(&self, id: TransactionId) -> Result<Transaction, Error> {
        revert_transaction(self.store, &self.clock, &self.ids, self.scope, id).await
    }

    /// The transaction as it is now.
    pub(super) async fn stored(&self, id: TransactionId) -> Transaction {
        self.store.transaction(self.scope, id).await.unwrap().unwrap()
    }

    pub(super) async fn account_id(&self, alias: &str) -> AccountId {
        let (alias, _) = names(alias);
        self.store.account_of_alias(self.scope, &alias).await.unwrap().unwrap()
    }

    /// The account as it is now.
    pub(super) async fn holder(&self, alias: &str) -> Account {
        let id = self.account_id(alias).await;
        self.store.account(self.scope, id).await.unwrap().unwrap()
    }

    /// The balance as it is now.
    pub(super) async fn balance(&self, party: &str) -> Balance {
        let (_, key) = names(party);
        let account = self.account_id(party.split(':').next().unwrap()).await;
        let balances = self.store.account_balances(self.scope, account).await.unwrap();
        balances.into_iter().find(|balance| balance.key == key).unwrap()
    }

    /// `available/on hold/overdraft used vVersion` of each party, with a comma between them.
    pub(super) async fn states(&self, parties: &str) -> String {
        let mut states = Vec::new();
        for party in parties.split(' ') {
            states.push(amounts(&Amounts::of(&*self.balance(party).await)));
        }
        states.join(", ")
    }

    pub(super) async fn patch(&self, party: &str, change: BalanceChange) -> Result<Balance, Error> {
        let id = self.balance(party).await.id;
        update_balance(self.store, &self.clock, &self.ids, self.scope, id, &change).await
    }

    /// Lets the balance be overdrawn this far.
    pub(super) async fn allow_overdraft(&self, party: &str, limit: Option<&str>) {
        let settings = Some(overdraft_up_to(limit));
        self.patch(party, BalanceChange { settings, ..NO_CHANGE }).await.unwrap();
    }

    /// All versions of a balance, oldest first.
    pub(super) async fn history(&self, party: &str) -> Vec<Balance> {
        self.versions_of(&self.balance(party).await).await
    }

    pub(super) async fn versions_of(&self, balance: &Balance) -> Vec<Balance> {
        let mut page = first_page(100, SortOrder::Ascending);
        let mut versions = Vec::new();
        loop {
            let listed = list_versions(self.store, self.scope, balance.id, &page).await.unwrap();
            versions.extend(listed.items);
            match listed.next {
                Some(position) => page = PageRequest { start: PageStart::After(position), ..page },
                None => return versions,
            }
        }
    }

    /// How many transactions the ledger has.
    pub(super) async fn count(&self) -> u64 {
        self.store.count_transactions(self.scope, TimeRange::ALL).await.unwrap()
    }

    /// Everything that is true of a ledger whatever happens in it: no value appears or disappears,
    /// overdraft balances count what is owed, versions have no gap and no fork and are in order of time, a
    /// balance is its newest version, and a version says which transaction made it.
    pub(super) async fn check_books(&self) {
        let balances = self.list(first_page(100, SortOrder::Ascending)).await.items;
        let mut totals: BTreeMap<&str, Amount> = BTreeMap::new();
        let mut owed: BTreeMap<AccountId, Amount> = BTreeMap::new();
        for balance in &balances {
            let BalanceFields { available, on_hold, overdraft_used, .. } = &**balance;
            let sign = match balance.direction {
                Direction::Credit => available.checked_add(on_hold).unwrap(),
                Direction::Debit => on_hold.checked_sub(available).unwrap(),
            };
            let owes = owed.entry(balance.account).or_insert(Amount::ZERO);
            if balance.is_internal() {
                *owes = owes.checked_sub(available).unwrap();
            } else {
                *owes = owes.checked_add(overdraft_used).unwrap();
                let total = totals.entry(balance.asset_code.as_str()).or_insert(Amount::ZERO);
                let worth = sign.checked_sub(overdraft_used).unwrap();
                *total = total.checked_add(&worth).unwrap();
            }
            self.check_versions(balance).await;
        }
        assert!(totals.values().all(Amount::is_zero), "value is not conserved: {totals:?}");
        assert!(owed.values().all(Amount::is_zero), "overdraft balances are wrong: {owed:?}");
    }

    async fn check_versions(&self, balance: &Balance) {
        let newest = get_balance(self.store, self.scope, balance.id).await;
        assert_eq!(newest.as_ref().ok(), Some(balance));
        let versions = self.versions_of(balance).await;
        assert_eq!(versions.last(), Some(balance));
        let numbers: Vec<u64> = versions.iter().map(|version| version.version).collect();
        assert_eq!(numbers, (0..=balance.version).collect::<Vec<u64>>());
        assert!(versions.is_sorted_by(|one, next| one.recorded_at < next.recorded_at));
        for version in &versions {
            let Some(by) = version.caused_by else { continue };
            let transaction = self.stored(by).await;
            let last = transaction.operations.iter().rfind(|operation| {
                operation.balance == balance.id && operation.recorded_at == version.recorded_at
            });
            assert_eq!(last.map(|operation| &operation.after), Some(&Amounts::of(version)));
        }
    }
}

/// The amounts of transactions, one after the other.
pub(super) fn values(transactions: &[Transaction]) -> String {
    join(transactions.iter().map(|transaction| transaction.amount.to_string()))
}
