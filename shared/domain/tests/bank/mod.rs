//! A ledger in US dollars in a store in memory, for tests that look at it from outside.

use subledger::account::open::{NewAccount, open_account};
use subledger::account::{Account, AccountType, Alias};
use subledger::ledger::ListingShards;
use subledger::ledger::asset::{AssetCode, AssetType};
use subledger::ledger::asset::{NewAsset, create_asset};
use subledger::ledger::create::{NewLedger, create_ledger};
use subledger::ledger::organization::{NewOrganization, create_organization};
use subledger::metadata::Metadata;
use subledger::money::ids::Scope;
use subledger::money::text::Name;
use subledger::money::timestamp::Timestamp;
use subledger::money::unique_name::UniqueName;
use subledger::status::Status;
use subledger_store_contract::{ManualClock, MemoryStore, SequentialIds};

/// When the ledger was made, in microseconds.
pub(crate) const START: i64 = 1_700_000_000_000_000;

pub(crate) struct Bank {
    pub(crate) store: MemoryStore,
    pub(crate) clock: ManualClock,
    pub(crate) ids: SequentialIds,
    pub(crate) scope: Scope,
}

fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

pub(crate) fn moment(micros: i64) -> Timestamp {
    Timestamp::from_micros(micros).unwrap()
}

impl Bank {
    pub(crate) async fn new() -> Self {
        let (store, clock) = (MemoryStore::new(), ManualClock::new(moment(START)));
        let ids = SequentialIds::new(1);
        let organization = NewOrganization {
            parent: None,
            legal_name: name("Lion"),
            legal_document: name("HRB 1"),
            doing_business_as: None,
            address: None,
            status: Status::active(),
            metadata: Metadata::default(),
        };
        let organization = create_organization(&store, &clock, &ids, organization).await.unwrap();
        let ledger = NewLedger {
            organization: organization.id,
            name: UniqueName::parse("Books").unwrap(),
            status: Status::active(),
            settings: None,
            metadata: Metadata::default(),
            listing_shards: ListingShards::ONE,
        };
        let scope = create_ledger(&store, &clock, &ids, ledger).await.unwrap().scope;
        let asset = NewAsset {
            scope,
            name: UniqueName::parse("Dollar").unwrap(),
            kind: AssetType::Currency,
            code: AssetCode::usd(),
            status: Status::active(),
            metadata: Metadata::default(),
        };
        create_asset(&store, &clock, &ids, asset).await.unwrap();
        Self { store, clock, ids, scope }
    }

    /// An account with this alias and a default balance.
    pub(crate) async fn account(&self, alias: &str) -> Account {
        let new = NewAccount {
            scope: self.scope,
            name: None,
            parent: None,
            entity_id: None,
            asset_code: AssetCode::usd(),
            portfolio_id: None,
            segment_id: None,
            status: Status::active(),
            alias: Some(Alias::parse(alias).unwrap()),
            kind: AccountType::parse("deposit").unwrap(),
            blocked: false,
            metadata: Metadata::default(),
        };
        open_account(&self.store, &self.clock, &self.ids, new).await.unwrap()
    }
}
