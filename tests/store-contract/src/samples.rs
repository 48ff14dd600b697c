//! One value of each kind, with as little as each can have.

#![expect(clippy::unwrap_used, reason = "the texts and numbers below are valid")]

use std::collections::BTreeMap;

use subledger::account::group::{AccountTypeKey, Group, GroupDetails};
use subledger::account::lifecycle::Lifecycle;
use subledger::account::profile::{
    AccountEntities, AccountProfile, Agreement, Capabilities, Capability, EntityId,
};
use subledger::account::{Account, AccountFields, AccountType, Alias};
use subledger::balance::credit::{
    AnnualPercentageRate, AutopayMethod, CreditRecord, CreditStructure, CreditTerms, Interest,
    InterestRate, RevolvingTerms,
};
use subledger::balance::{Balance, BalanceKey, Direction};
use subledger::idempotency::Fingerprint;
use subledger::ledger::asset::{Asset, AssetCode, AssetType};
use subledger::ledger::organization::Organization;
use subledger::ledger::{Ledger, ListingShards};
use subledger::metadata::{Metadata, MetadataValue};
use subledger::money::amount::Amount;
use subledger::money::bounded_list::BoundedList;
use subledger::money::ids::{
    AccountId, AssetId, BalanceId, GroupId, LedgerId, OperationId, OrganizationId, Scope,
    TransactionId,
};
use subledger::money::text::{Name, Text};
use subledger::money::timeline::Timeline;
use subledger::money::timestamp::Timestamp;
use subledger::money::unique_name::UniqueName;
use subledger::status::Status;
use subledger::transaction::{
    Amounts, Leg, LegLabels, Notes, Operation, OperationType, Side, Step, Transaction,
    TransactionFields, TransactionLabels, TransactionStatus,
};
use uuid::Uuid;

/// See the name.
#[must_use]
pub fn uuid(n: u128) -> Uuid {
    Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_0000 | n)
}

/// See the name.
#[must_use]
pub fn moment(micros: i64) -> Timestamp {
    Timestamp::from_micros(micros).unwrap()
}

/// See the name.
#[must_use]
pub fn scope() -> Scope {
    Scope { organization: OrganizationId::new(uuid(1)), ledger: LedgerId::new(uuid(2)) }
}

/// See the name.
#[must_use]
pub fn metadata() -> Metadata {
    let value = MetadataValue::Text(Text::parse("value").unwrap());
    Metadata::new(BTreeMap::from([("key".to_owned(), value)])).unwrap()
}

/// See the name.
#[must_use]
pub fn organization() -> Organization {
    Organization {
        id: scope().organization,
        parent: None,
        legal_name: Name::parse("Lion").unwrap(),
        legal_document: Name::parse("HRB 1").unwrap(),
        doing_business_as: None,
        address: None,
        status: Status::active(),
        metadata: Metadata::default(),
        timeline: Timeline::begin(moment(1)),
    }
}

/// See the name.
#[must_use]
pub fn ledger() -> Ledger {
    Ledger {
        scope: scope(),
        name: UniqueName::parse("Books").unwrap(),
        status: Status::active(),
        settings: None,
        metadata: Metadata::default(),
        listing_shards: ListingShards::ONE,
        timeline: Timeline::begin(moment(2)),
    }
}

/// See the name.
#[must_use]
pub fn asset() -> Asset {
    Asset {
        id: AssetId::new(uuid(3)),
        scope: scope(),
        name: UniqueName::parse("Dollar").unwrap(),
        kind: AssetType::Currency,
        code: AssetCode::usd(),
        status: Status::active(),
        metadata: Metadata::default(),
        timeline: Timeline::begin(moment(3)),
    }
}

/// See the name.
#[must_use]
pub fn portfolio() -> Group {
    group(7, GroupDetails::Portfolio { entity_id: None, status: Status::active() })
}

/// See the name.
#[must_use]
pub fn segment() -> Group {
    group(8, GroupDetails::Segment { status: Status::active() })
}

/// See the name.
#[must_use]
pub fn account_type() -> Group {
    let key = AccountTypeKey::parse("deposit").unwrap();
    group(9, GroupDetails::AccountType { key, description: None })
}

fn group(n: u128, details: GroupDetails) -> Group {
    Group {
        id: GroupId::new(uuid(n)),
        scope: scope(),
        name: UniqueName::parse("North").unwrap(),
        details,
        metadata: Metadata::default(),
        timeline: Timeline::begin(moment(4)),
    }
}

/// See the name.
#[must_use]
pub fn account() -> Account {
    let id = AccountId::new(uuid(4));
    Account::new(AccountFields {
        id,
        scope: scope(),
        name: Name::parse("Account").unwrap(),
        parent: None,
        entity_id: None,
        asset_code: AssetCode::usd(),
        portfolio_id: None,
        segment_id: None,
        status: Status::active(),
        alias: Alias::of_account(id),
        kind: AccountType::parse("deposit").unwrap(),
        blocked: false,
        lifecycle: Lifecycle::Active,
        profile: None,
        metadata: Metadata::default(),
        listing_shards: ListingShards::ONE,
        being_deleted: false,
        deleted_at: None,
        revision: 0,
        created_at: moment(4),
        updated_at: moment(4),
    })
    .unwrap()
}

/// See the name.
#[must_use]
pub fn balance() -> Balance {
    Balance::open(BalanceId::new(uuid(5)), &account(), BalanceKey::default_key(), moment(5))
}

/// See the name.
#[must_use]
pub fn credit() -> CreditRecord {
    CreditRecord {
        account_reference: Text::parse("account_1").unwrap(),
        name: Text::parse("line").unwrap(),
        settlement_bank_account: None,
        terms: CreditTerms {
            rewards: None,
            autopay_method: AutopayMethod::None,
            interest: Interest::new(None, None).unwrap(),
            effective_apr: AnnualPercentageRate::parse("10.250").unwrap(),
            effective_interest_rate: InterestRate::parse("10.250000").unwrap(),
            structure: CreditStructure::Revolving(RevolvingTerms {
                repayment_details: BoundedList::new(Vec::new()).unwrap(),
            }),
        },
        metadata: Metadata::default(),
        fingerprint: Fingerprint::from_bytes([7; 32]),
    }
}

/// See the name.
#[must_use]
pub fn profile() -> AccountProfile {
    AccountProfile {
        agreement: Agreement {
            capabilities: Capabilities::new(vec![Capability::CreditWithUnderwriting]).unwrap(),
            product_name: Name::parse("Card").unwrap(),
            entities: AccountEntities {
                holder_type: None,
                account_holders: BoundedList::new(vec![EntityId::parse("entity_1").unwrap()])
                    .unwrap(),
                authorized_signers: BoundedList::new(Vec::new()).unwrap(),
                authorized_users: BoundedList::new(Vec::new()).unwrap(),
            },
            application_id: None,
            credit: None,
            adverse_action_notice: None,
            documents: BoundedList::new(Vec::new()).unwrap(),
        },
        fingerprint: Fingerprint::from_bytes([8; 32]),
    }
}

/// See the name.
#[must_use]
pub fn amount(text: &str) -> Amount {
    Amount::parse(text).unwrap()
}

/// 12.50 from one account's default balance to another's.
pub fn transaction() -> Transaction {
    let value = amount("12.50");
    let zero = |version| Amounts {
        available: Amount::ZERO,
        on_hold: Amount::ZERO,
        overdraft_used: Amount::ZERO,
        version,
    };
    let leg = |side, alias: &str, balance| Leg {
        side,
        alias: Alias::recognize(alias).unwrap(),
        key: BalanceKey::default_key(),
        balance: Some(BalanceId::new(uuid(balance))),
        amount: value.clone(),
        labels: LegLabels::default(),
    };
    let operation = |n, kind, direction, leg: &Leg, before, after| Operation {
        id: OperationId::new(uuid(n)),
        step: Step::Posted,
        kind,
        direction,
        amount: value.clone(),
        account: AccountId::new(uuid(n | 1)),
        alias: leg.alias.clone(),
        balance: BalanceId::new(uuid(n | 2)),
        key: leg.key.clone(),
        before,
        after,
        balance_affected: true,
        recorded_at: moment(7),
        labels: leg.labels.clone(),
        amended: None,
    };
    let source = leg(Side::Source, "01920000-0000-7000-8000-0000000000aa", 0x12);
    let destination = leg(Side::Destination, "01920000-0000-7000-8000-0000000000bb", 0x22);
    let full = |version| Amounts { available: value.clone(), ..zero(version) };
    let operations = vec![
        operation(0x10, OperationType::Debit, Direction::Debit, &source, full(3), zero(4)),
        operation(0x20, OperationType::Credit, Direction::Credit, &destination, zero(0), full(1)),
    ];
    Transaction::new(TransactionFields {
        id: TransactionId::of_new(uuid(6)),
        scope: scope(),
        parent: None,
        reverted_by: None,
        status: TransactionStatus::Approved,
        initial_status: TransactionStatus::Approved,
        asset_code: AssetCode::usd(),
        amount: value,
        legs: vec![source, destination],
        operations,
        labels: TransactionLabels::default(),
        first_notes: Notes::default(),
        notes: Notes::default(),
        transaction_date: None,
        recorded_at: moment(7),
        updated_at: moment(7),
        revision: 0,
        fingerprint: Fingerprint::from_bytes([9; 32]),
    })
    .unwrap()
}
