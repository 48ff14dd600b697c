//! The contract of a store, on the store in memory.

use std::fs;
use std::path::Path;

use subledger_store_contract::MemoryStore;

async fn new_store() -> MemoryStore {
    MemoryStore::new()
}

subledger_store_contract::store_contract!(pollster::block_on, new_store);

/// A behaviour that is written but not listed would never run.
#[test]
fn every_behaviour_is_in_the_list() {
    let contract = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/contract");
    let list = fs::read_to_string(contract.join("mod.rs")).unwrap();
    for file in fs::read_dir(contract).unwrap() {
        let source = fs::read_to_string(file.unwrap().path()).unwrap();
        for function in source.split("\npub async fn ").skip(1) {
            let name = function.split('<').next().unwrap();
            assert!(list.contains(&format!(" {name},\n")), "{name} is not in the list");
        }
    }
}
