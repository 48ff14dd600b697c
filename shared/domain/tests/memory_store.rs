//! The contract of a store, on the store in memory.

use subledger::testing::MemoryStore;

async fn new_store() -> MemoryStore {
    MemoryStore::new()
}

subledger::store_contract!(pollster::block_on, new_store);

/// A behaviour that is written but not listed would never run.
#[test]
fn every_behaviour_is_in_the_list() {
    let list = include_str!("../src/testing/contract/mod.rs");
    let mut behaviours = 0;
    for source in [
        include_str!("../src/testing/contract/accounts.rs"),
        include_str!("../src/testing/contract/assets.rs"),
        include_str!("../src/testing/contract/concurrency.rs"),
        include_str!("../src/testing/contract/credit_balances.rs"),
        include_str!("../src/testing/contract/history.rs"),
        include_str!("../src/testing/contract/isolation.rs"),
        include_str!("../src/testing/contract/ledgers.rs"),
        include_str!("../src/testing/contract/lists.rs"),
        include_str!("../src/testing/contract/openings.rs"),
        include_str!("../src/testing/contract/organizations.rs"),
        include_str!("../src/testing/contract/values.rs"),
        include_str!("../src/testing/contract/versions.rs"),
    ] {
        for function in source.split("pub async fn ").skip(1) {
            let name = function.split('<').next().unwrap_or(function);
            assert!(list.contains(&format!(" {name},")), "{name} is not in the list");
            behaviours += 1;
        }
    }
    assert_eq!(behaviours, 87);
}
