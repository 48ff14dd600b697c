//! The code without requests: arithmetic, posting, and reading and writing JSON.
//!
//! `cargo bench --workspace --bench pure`
#![expect(
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    reason = "a benchmark stops by panicking"
)]

use std::collections::BTreeMap;
use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use serde_json::json;
use subledger::account::lifecycle::Lifecycle;
use subledger::account::{Account, AccountFields, AccountType, Alias};
use subledger::balance::list::creation_position;
use subledger::balance::{Balance, BalanceFields, BalanceKey};
use subledger::ledger::ListingShards;
use subledger::ledger::asset::AssetCode;
use subledger::metadata::Metadata;
use subledger::money::amount::Amount;
use subledger::money::ids::{AccountId, BalanceId, LedgerId, OrganizationId, Scope, TransactionId};
use subledger::money::text::Name;
use subledger::money::timestamp::Timestamp;
use subledger::page::{PageStart, SortOrder, TimeRange};
use subledger::status::Status;
use subledger::transaction::movement::Movement;
use subledger::transaction::posting::{Entry, post};
use subledger::transaction::{Leg, LegLabels, Side, Step};
use subledger_http::encoding::gzip;
use subledger_http::reply::Reply;
use subledger_http::v1::cursor::{Cursor, FilteredList, List};
use subledger_http::v1::transaction::Form;
use subledger_http::v1::{balance, transaction};
use uuid::Uuid;

fn uuid(number: u128) -> Uuid {
    Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_0000 | number)
}

fn moment() -> Timestamp {
    Timestamp::from_micros(1_767_268_800_123_456).unwrap()
}

fn scope() -> Scope {
    Scope { organization: OrganizationId::new(uuid(1)), ledger: LedgerId::new(uuid(2)) }
}

fn account(number: u128, alias: &str) -> Account {
    Account::new(AccountFields {
        id: AccountId::new(uuid(number)),
        scope: scope(),
        name: Name::parse("Account").unwrap(),
        parent: None,
        entity_id: None,
        asset_code: AssetCode::usd(),
        portfolio_id: None,
        segment_id: None,
        status: Status::active(),
        alias: Alias::parse(alias).unwrap(),
        kind: AccountType::parse("deposit").unwrap(),
        blocked: false,
        lifecycle: Lifecycle::Active,
        profile: None,
        metadata: Metadata::new(BTreeMap::new()).unwrap(),
        listing_shards: ListingShards::ONE,
        being_deleted: false,
        deleted_at: None,
        revision: 0,
        created_at: moment(),
        updated_at: moment(),
    })
    .unwrap()
}

fn funded(number: u128, alias: &str) -> Balance {
    let account = account(number, alias);
    let id = BalanceId::new(uuid(number + 1));
    let opened = Balance::open(id, &account, BalanceKey::default_key(), moment());
    Balance::new(BalanceFields {
        available: Amount::parse("1000.50").unwrap(),
        ..opened.into_fields()
    })
    .unwrap()
}

fn leg(side: Side, alias: &str) -> Leg {
    Leg {
        side,
        alias: Alias::parse(alias).unwrap(),
        key: BalanceKey::default_key(),
        balance: None,
        amount: Amount::parse("12.50").unwrap(),
        labels: LegLabels::default(),
    }
}

fn amounts(c: &mut Criterion) {
    let digits = "123456789012345678901234567890.123456789012345678901234567899";
    for (size, text) in [("cents", "1000.50"), ("sixty digits", digits)] {
        let amount = Amount::parse(text).unwrap();
        c.bench_function(&format!("amount/parse/{size}"), |b| {
            b.iter(|| Amount::parse(black_box(text)));
        });
        c.bench_function(&format!("amount/add/{size}"), |b| {
            b.iter(|| black_box(&amount).checked_add(black_box(&amount)));
        });
        c.bench_function(&format!("amount/print/{size}"), |b| {
            b.iter(|| black_box(&amount).to_string());
        });
    }
}

fn posting(c: &mut Criterion) {
    let balances = [funded(0x10, "@payer"), funded(0x20, "@payee")];
    let legs = [leg(Side::Source, "@payer"), leg(Side::Destination, "@payee")];
    let entries = [
        Entry { leg: &legs[0], movement: Movement::Debit },
        Entry { leg: &legs[1], movement: Movement::Credit },
    ];
    let id = TransactionId::new(uuid(9));
    c.bench_function("posting/two legs", |b| {
        b.iter(|| post(id, Step::Posted, black_box(&entries), &balances, moment(), 0).unwrap());
    });
}

fn wire(c: &mut Criterion) {
    let id = AccountId::new(uuid(3));
    let opening = json!({ "key": "savings", "allowSending": true }).to_string();
    c.bench_function("decode/opening of a balance", |b| {
        b.iter(|| balance::decode(scope(), id, black_box(opening.as_bytes())).unwrap());
    });
    let leg =
        |alias| json!([{ "accountAlias": alias, "amount": { "asset": "USD", "value": "12.50" } }]);
    let transfer = json!({ "send": {
        "asset": "USD", "value": "12.50",
        "source": { "from": leg("@payer") }, "distribute": { "to": leg("@payee") }
    } })
    .to_string();
    c.bench_function("decode/transaction of two legs", |b| {
        b.iter(|| {
            let body = black_box(transfer.as_bytes());
            transaction::decode(scope(), Form::Transfer, Some("key-1"), body).unwrap()
        });
    });
    let one = funded(0x10, "@payer");
    c.bench_function("encode/balance", |b| {
        b.iter(|| Reply::json(200, &balance::body(black_box(&one)).unwrap()));
    });
    let list = FilteredList { list: List::LedgerBalances(uuid(2)), filters: String::new() };
    let start = PageStart::After(creation_position(&one));
    let cursor = Cursor { start, order: SortOrder::Ascending, range: TimeRange::ALL };
    let text = list.encode(cursor).unwrap();
    c.bench_function("cursor/write", |b| b.iter(|| list.encode(black_box(cursor))));
    c.bench_function("cursor/read", |b| b.iter(|| list.decode(black_box(&text))));
    c.bench_function("key/moment", |b| b.iter(|| black_box(moment()).fixed_width()));
}

fn compression(c: &mut Criterion) {
    for count in [2, 10, 100] {
        let balances: Vec<_> = (0..count).map(|n| funded(0x1000 + n * 16, "@payer")).collect();
        let body = balances.iter().map(|it| balance::body(it).unwrap()).collect::<Vec<_>>();
        let body = Reply::json(200, &body);
        c.bench_function(&format!("gzip/{} bytes", body.body().len()), |b| {
            b.iter(|| gzip(black_box(body.body())));
        });
    }
}

criterion_group!(benches, amounts, posting, wire, compression);
criterion_main!(benches);
