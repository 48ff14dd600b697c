//! A deletion of an account that ends somewhere in between, because the store fails or the process
//! does.
#![expect(clippy::unwrap_used, reason = "a test that panics is a test that fails")]

mod bank;

use std::sync::atomic::{AtomicU32, Ordering};

use pollster::block_on;
use subledger::account::delete::delete_account;
use subledger::account::{Account, AccountFields};
use subledger::balance::create::{NewBalance, create_balance};
use subledger::balance::{Balance, BalanceKey, Direction};
use subledger::error::Error;
use subledger::money::ids::{AccountId, Scope};
use subledger::ports::{AccountInsertion, BackOff, DeleteAccounts, ReadAccounts, WriteAccounts};

use bank::Bank;

/// How often a deletion that nothing disturbs asks the store: the account, its balances, the
/// announcement, the balances again, the deletion.
const CALLS: u32 = 5;

/// When the call that fails does so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Failing {
    /// Before it has done anything.
    Before,
    /// After it has done all of it.
    After,
}

/// A store in memory of which one call fails.
struct Failed<'b> {
    bank: &'b Bank,
    calls_before: AtomicU32,
    failing: Failing,
}

impl Failed<'_> {
    async fn call<T>(&self, call: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        let is_the_one = self.calls_before.fetch_sub(1, Ordering::Relaxed) == 0;
        if is_the_one && self.failing == Failing::Before {
            return Err(Error::Throttled);
        }
        let done = call.await?;
        if is_the_one { Err(Error::Unavailable { cause: "no answer".into() }) } else { Ok(done) }
    }
}

impl BackOff for Failed<'_> {
    async fn back_off(&self, attempt: u32) {
        self.bank.store.back_off(attempt).await;
    }
}

impl ReadAccounts for Failed<'_> {
    async fn account(&self, scope: Scope, id: AccountId) -> Result<Option<Account>, Error> {
        self.call(self.bank.store.account(scope, id)).await
    }
}

impl WriteAccounts for Failed<'_> {
    async fn insert_account(
        &self,
        account: &Account,
        balance: Option<&Balance>,
    ) -> Result<AccountInsertion, Error> {
        self.call(self.bank.store.insert_account(account, balance)).await
    }

    async fn replace_account(&self, before: &Account, next: &Account) -> Result<bool, Error> {
        self.call(self.bank.store.replace_account(before, next)).await
    }
}

impl DeleteAccounts for Failed<'_> {
    async fn all_balances(
        &self,
        account: &Account,
        balances_max: usize,
    ) -> Result<Vec<Balance>, Error> {
        self.call(self.bank.store.all_balances(account, balances_max)).await
    }

    async fn delete_account(&self, account: &Account, balances: &[Balance]) -> Result<bool, Error> {
        self.call(self.bank.store.delete_account(account, balances)).await
    }

    async fn close_account(&self, account: &Account, balances: &[Balance]) -> Result<bool, Error> {
        self.call(self.bank.store.close_account(account, balances)).await
    }
}

/// Deletes the account on a store that fails at this call; gives the account as it is afterwards.
async fn deleted(
    bank: &Bank,
    ada: &Account,
    calls_before: u32,
    failing: Failing,
) -> Option<Account> {
    let store = Failed { bank, calls_before: calls_before.into(), failing };
    let refusal = delete_account(&store, &bank.clock, bank.scope, ada.id).await;
    match failing {
        Failing::Before => assert!(matches!(refusal, Err(Error::Throttled))),
        Failing::After => assert!(matches!(refusal, Err(Error::Unavailable { .. }))),
    }
    bank.store.account(bank.scope, ada.id).await.unwrap()
}

#[test]
fn a_deletion_that_fails_on_its_way_leaves_an_account_that_works() {
    for failing in [Failing::Before, Failing::After] {
        for calls_before in 0..CALLS {
            block_on(async {
                let bank = Bank::new().await;
                let ada = bank.account("ada").await;
                let after = deleted(&bank, &ada, calls_before, failing).await;
                if (failing, calls_before) == (Failing::After, CALLS - 1) {
                    assert_eq!(after, None);
                    return;
                }
                // Clients see no difference.
                let after = after.unwrap();
                assert_eq!(
                    Account::new(AccountFields {
                        being_deleted: false,
                        revision: 0,
                        ..after.into_fields()
                    })
                    .unwrap(),
                    ada
                );
                let savings = NewBalance {
                    scope: bank.scope,
                    account: ada.id,
                    key: BalanceKey::parse("savings").unwrap(),
                    allow_sending: true,
                    allow_receiving: true,
                    direction: Direction::Credit,
                    settings: None,
                };
                create_balance(&bank.store, &bank.clock, &bank.ids, savings).await.unwrap();
                let open = bank.store.account(bank.scope, ada.id).await.unwrap().unwrap();
                assert!(!open.being_deleted);
                delete_account(&bank.store, &bank.clock, bank.scope, ada.id).await.unwrap();
                assert_eq!(bank.store.account(bank.scope, ada.id).await.unwrap(), None);
            });
        }
    }
}
