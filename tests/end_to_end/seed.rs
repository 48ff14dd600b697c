//! A past for balances: versions that no operation writes yet.

use subledger::balance::{Balance, BalanceFields};
use subledger::money::ids::BalanceId;
use subledger::money::timestamp::Timestamp;
use subledger_store_contract::SeedVersions;
use subledger_tests::Tenant;
use uuid::Uuid;

/// Writes the next version of a balance, recorded so many microseconds after the one before.
pub(crate) async fn next_version(
    tenant: &Tenant<'_>,
    id: &str,
    micros: i64,
    change: impl FnOnce(&mut BalanceFields),
) -> Balance {
    use subledger::ports::ReadBalance;

    let store = &tenant.client.world.store;
    let id = BalanceId::new(Uuid::parse_str(id).unwrap());
    let newest = store.newest_version(tenant.scope(), id).await.unwrap().unwrap();
    let mut balance = newest.into_fields();
    balance.version += 1;
    balance.recorded_at = Timestamp::from_micros(balance.recorded_at.micros() + micros).unwrap();
    change(&mut balance);
    let balance = Balance::new(balance).unwrap();
    store.append_version(&balance).await.unwrap();
    balance
}

/// The last version of a balance: it is deleted.
pub(crate) async fn delete(tenant: &Tenant<'_>, id: &str, micros: i64) -> Balance {
    next_version(tenant, id, micros, |balance| balance.deleted_at = Some(balance.recorded_at)).await
}
