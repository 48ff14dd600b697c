//! What a step does when somebody else acts between its reads and its write, or when the store does
//! not say what became of the write.
#![expect(clippy::unwrap_used, reason = "a test that panics is a test that fails")]

mod bank;

use std::sync::Mutex;

use pollster::block_on;
use subledger::account::Alias;
use subledger::balance::{Balance, BalanceKey};
use subledger::conflict::TRANSACTION_ATTEMPTS_MAX;
use subledger::error::Error;
use subledger::idempotency::{Fingerprint, IdempotencyKey};
use subledger::ledger::asset::AssetCode;
use subledger::metadata::Metadata;
use subledger::money::amount::Amount;
use subledger::money::ids::{Scope, TransactionId};
use subledger::page::TimeRange;
use subledger::ports::{BackOff, LegBalances, ListTransactions, PostTransactions, Recording};
use subledger::transaction::finalize::{Finalization, finalize_transaction};
use subledger::transaction::portion::Portion;
use subledger::transaction::post::{NewLeg, NewTransaction, Posted, post_transaction};
use subledger::transaction::revert::revert_transaction;
use subledger::transaction::update::update_transaction;
use subledger::transaction::{
    Leg, LegLabels, Notes, Transaction, TransactionLabels, TransactionStatus,
};

use bank::Bank;

/// What another request does as soon as balances are read.
#[derive(Debug, Clone)]
enum Rival {
    Finalize(TransactionId, Finalization),
    Revert(TransactionId),
    Annotate(TransactionId),
    Post(Box<NewTransaction>),
}

/// What the store answers to a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Writing {
    Honest,
    /// Nothing is ever written.
    AlwaysStale,
    /// It is written, and nobody hears of it.
    WrittenUnheard,
    /// The same, and then nobody is told either.
    WrittenThenThrottled,
}

/// A store in memory with a rival.
struct Contested<'b> {
    bank: &'b Bank,
    rival: Mutex<Option<Rival>>,
    writing: Writing,
    pauses: Mutex<Vec<u32>>,
}

impl Contested<'_> {
    fn with(bank: &Bank, rival: Rival) -> Contested<'_> {
        let rival = Mutex::new(Some(rival));
        Contested { bank, rival, writing: Writing::Honest, pauses: Mutex::default() }
    }

    fn writing(bank: &Bank, writing: Writing) -> Contested<'_> {
        Contested { bank, rival: Mutex::new(None), writing, pauses: Mutex::default() }
    }
}

impl PostTransactions for Contested<'_> {
    async fn ledger_exists(&self, scope: Scope) -> Result<bool, Error> {
        self.bank.store.ledger_exists(scope).await
    }

    async fn transaction(
        &self,
        scope: Scope,
        id: TransactionId,
    ) -> Result<Option<Transaction>, Error> {
        let found = self.bank.store.transaction(scope, id).await?;
        if found.is_some() && self.writing == Writing::WrittenThenThrottled {
            return Err(Error::Throttled);
        }
        Ok(found)
    }

    async fn leg_balances(&self, scope: Scope, legs: &[Leg]) -> Result<LegBalances, Error> {
        let rival = self.rival.lock().unwrap().take();
        let Bank { store, clock, ids, .. } = self.bank;
        match rival {
            Some(Rival::Finalize(id, finalization)) => {
                finalize_transaction(store, clock, scope, id, finalization).await.unwrap();
            }
            Some(Rival::Revert(id)) => {
                revert_transaction(store, clock, ids, scope, id).await.unwrap();
            }
            Some(Rival::Annotate(id)) => {
                update_transaction(store, clock, scope, id, |_| Ok(notes())).await.unwrap();
            }
            Some(Rival::Post(new)) => {
                post_transaction(store, clock, ids, *new).await.unwrap();
            }
            None => {}
        }
        store.leg_balances(scope, legs).await
    }

    async fn record(
        &self,
        transaction: &Transaction,
        changed: &[Balance],
        reverted: Option<&Transaction>,
    ) -> Result<Recording, Error> {
        if self.writing == Writing::AlwaysStale {
            return Ok(Recording::Stale);
        }
        let recorded = self.bank.store.record(transaction, changed, reverted).await?;
        match self.writing {
            Writing::Honest | Writing::AlwaysStale => Ok(recorded),
            Writing::WrittenUnheard | Writing::WrittenThenThrottled => {
                Err(Error::Unavailable { cause: "the answer got lost".into() })
            }
        }
    }
}

impl BackOff for Contested<'_> {
    async fn back_off(&self, attempt: u32) {
        self.pauses.lock().unwrap().push(attempt);
    }
}

fn notes() -> Notes {
    Notes { description: None, metadata: Metadata::default() }
}

/// `ada` has 10.
async fn new_bank() -> Bank {
    let bank = Bank::new().await;
    bank.account("ada").await;
    bank.account("bob").await;
    post(&bank, &bank.store, moving(&bank, "10", "@external/USD", "ada")).await.unwrap();
    bank
}

fn moving(bank: &Bank, value: &str, source: &str, destination: &str) -> NewTransaction {
    let leg = |alias| NewLeg {
        alias: Alias::recognize(alias),
        key: Some(BalanceKey::default_key()),
        portion: Portion::Remaining,
        labels: LegLabels::default(),
    };
    NewTransaction {
        scope: bank.scope,
        idempotency_key: None,
        status: TransactionStatus::Approved,
        label: None,
        asset_code: AssetCode::usd(),
        value: Amount::parse(value).unwrap(),
        sources: vec![leg(source)],
        destinations: vec![leg(destination)],
        labels: TransactionLabels::default(),
        notes: notes(),
        transaction_date: None,
        fingerprint: Fingerprint::of(value.as_bytes()),
    }
}

async fn post(
    bank: &Bank,
    store: &impl PostTransactions,
    new: NewTransaction,
) -> Result<Posted, Error> {
    post_transaction(store, &bank.clock, &bank.ids, new).await
}

/// All that `ada` has, under a key.
fn payment(bank: &Bank) -> NewTransaction {
    let key = IdempotencyKey::parse_with_min("payment-1", 1).unwrap();
    NewTransaction { idempotency_key: Some(key), ..moving(bank, "10", "ada", "bob") }
}

async fn hold(bank: &Bank) -> TransactionId {
    let new = moving(bank, "10", "ada", "bob");
    let new = NewTransaction { status: TransactionStatus::Pending, ..new };
    post(bank, &bank.store, new).await.unwrap().transaction.id
}

async fn count(bank: &Bank) -> u64 {
    bank.store.count_transactions(bank.scope, TimeRange::ALL).await.unwrap()
}

#[test]
fn a_step_that_meets_the_end_of_its_transaction_is_told_so() {
    for faster in [Finalization::Commit, Finalization::Cancel] {
        for slower in [Finalization::Commit, Finalization::Cancel] {
            block_on(async {
                let bank = new_bank().await;
                let id = hold(&bank).await;
                let store = Contested::with(&bank, Rival::Finalize(id, faster));
                let Bank { clock, scope, .. } = &bank;
                let slow = finalize_transaction(&store, clock, *scope, id, slower).await;
                assert!(matches!(slow, Err(Error::TransactionStatus { .. })), "{slow:?}");
            });
        }
    }
}

#[test]
fn a_step_goes_on_after_its_notes_changed() {
    block_on(async {
        let bank = new_bank().await;
        let id = hold(&bank).await;
        let Bank { clock, ids, scope, .. } = &bank;
        let store = Contested::with(&bank, Rival::Annotate(id));
        let done = finalize_transaction(&store, clock, *scope, id, Finalization::Commit).await;
        assert_eq!(done.unwrap().revision, 2);
        let store = Contested::with(&bank, Rival::Annotate(id));
        let reversal = revert_transaction(&store, clock, ids, *scope, id).await.unwrap();
        let reverted = bank.store.transaction(*scope, id).await.unwrap().unwrap();
        assert_eq!((reverted.reverted_by, reverted.revision), (Some(reversal.id), 4));
    });
}

#[test]
fn a_reversal_that_comes_second_does_not_speak_of_funds() {
    block_on(async {
        let bank = new_bank().await;
        let sent = post(&bank, &bank.store, moving(&bank, "10", "ada", "bob")).await;
        let id = sent.unwrap().transaction.id;
        let store = Contested::with(&bank, Rival::Revert(id));
        let Bank { clock, ids, scope, .. } = &bank;
        let second = revert_transaction(&store, clock, ids, *scope, id).await;
        assert!(matches!(second, Err(Error::AlreadyReverted { .. })), "{second:?}");
        assert_eq!(count(&bank).await, 3);
    });
}

#[test]
fn a_request_whose_twin_spent_the_funds_is_answered_like_the_twin() {
    block_on(async {
        let bank = new_bank().await;
        let store = Contested::with(&bank, Rival::Post(Box::new(payment(&bank))));
        let posted = post(&bank, &store, payment(&bank)).await.unwrap();
        assert!(posted.replayed);
        assert_eq!(posted.transaction.amount.to_string(), "10");
        assert_eq!(count(&bank).await, 2);
    });
}

#[test]
fn a_request_whose_twin_left_enough_is_answered_like_the_twin() {
    block_on(async {
        let bank = new_bank().await;
        let new = NewTransaction { value: Amount::parse("4").unwrap(), ..payment(&bank) };
        let store = Contested::with(&bank, Rival::Post(Box::new(new.clone())));
        let posted = post(&bank, &store, new.clone()).await.unwrap();
        assert!(posted.replayed);
        assert_eq!(count(&bank).await, 2);
        // Under the same key, but another request.
        let other = NewTransaction { fingerprint: Fingerprint::of(b"other"), ..new };
        let refusal = post(&bank, &store, other).await;
        assert!(matches!(refusal, Err(Error::IdempotencyKeyReused)));
    });
}

#[test]
fn a_step_is_given_up_after_its_attempts_with_a_pause_between_each_two() {
    block_on(async {
        let bank = new_bank().await;
        let id = hold(&bank).await;
        let sent = post(&bank, &bank.store, moving(&bank, "1", "@external/USD", "bob")).await;
        let sent = sent.unwrap().transaction.id;
        let store = Contested::writing(&bank, Writing::AlwaysStale);
        let Bank { clock, ids, scope, .. } = &bank;
        let refusal = post(&bank, &store, moving(&bank, "1", "@external/USD", "bob")).await;
        assert!(matches!(refusal, Err(Error::Contended)));
        let commit = finalize_transaction(&store, clock, *scope, id, Finalization::Commit).await;
        assert!(matches!(commit, Err(Error::Contended)));
        let annotated = update_transaction(&store, clock, *scope, id, |_| Ok(notes())).await;
        assert!(matches!(annotated, Err(Error::Contended)));
        let reverted = revert_transaction(&store, clock, ids, *scope, sent).await;
        assert!(matches!(reverted, Err(Error::Contended)));
        let pauses: Vec<u32> = (0..TRANSACTION_ATTEMPTS_MAX - 1).collect();
        assert_eq!(*store.pauses.lock().unwrap(), pauses.repeat(4));
        assert_eq!(count(&bank).await, 3);
    });
}

#[test]
fn a_write_whose_answer_got_lost_is_found_under_its_key() {
    block_on(async {
        let bank = new_bank().await;
        let store = Contested::writing(&bank, Writing::WrittenUnheard);
        let posted = post(&bank, &store, payment(&bank)).await.unwrap();
        assert_eq!(posted.transaction.amount.to_string(), "10");
        let again = post(&bank, &store, payment(&bank)).await.unwrap();
        assert!(again.replayed);
        assert_eq!(again.transaction, posted.transaction);
        // Without a key nobody can tell.
        let unheard = post(&bank, &store, moving(&bank, "1", "@external/USD", "ada")).await;
        assert!(matches!(unheard, Err(Error::Unavailable { .. })));
    });
}

#[test]
fn a_write_whose_answer_got_lost_is_not_said_to_be_throttled() {
    block_on(async {
        let bank = new_bank().await;
        let store = Contested::writing(&bank, Writing::WrittenThenThrottled);
        let unheard = post(&bank, &store, payment(&bank)).await;
        assert!(matches!(unheard, Err(Error::Unavailable { .. })), "{unheard:?}");
        let again = post(&bank, &bank.store, payment(&bank)).await.unwrap();
        assert!(again.replayed);
    });
}

#[test]
fn a_reversal_whose_answer_got_lost_is_not_taken_for_somebody_elses() {
    block_on(async {
        let bank = new_bank().await;
        let sent = post(&bank, &bank.store, moving(&bank, "10", "ada", "bob")).await;
        let id = sent.unwrap().transaction.id;
        let store = Contested::writing(&bank, Writing::WrittenUnheard);
        let Bank { clock, ids, scope, .. } = &bank;
        let unheard = revert_transaction(&store, clock, ids, *scope, id).await;
        assert!(matches!(unheard, Err(Error::Unavailable { .. })), "{unheard:?}");
        // Asking again tells.
        let again = revert_transaction(&bank.store, clock, ids, *scope, id).await;
        assert!(matches!(again, Err(Error::AlreadyReverted { .. })), "{again:?}");
        assert_eq!(count(&bank).await, 3);
    });
}
