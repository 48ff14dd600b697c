//! What each operation uses, measured through the real handlers, and the table of what that costs.

mod conversation;
mod logs;

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use subledger_http::encoding::GZIP_BYTES_MIN;
use subledger_http::request::routes;
use subledger_tests::cost::{Usage, compression, dollars_per_million, saved_transfer};

use conversation::{Conversation, Exchange};

/// The document with the table, and the lines around it.
const DOCUMENT: &str = "docs/operations.md";
const BEGIN: &str =
    "<!-- The table of `cargo integration costs`; SUBLEDGER_WRITE_COSTS=1 writes it. -->\n";
const END: &str = "<!-- End of the table. -->\n";

/// A line of the table.
pub(crate) struct Row {
    operation: &'static str,
    what: &'static str,
    usage: Usage,
}

fn units(thousandths: u64) -> String {
    let fraction = thousandths % 1000;
    let whole = thousandths / 1000;
    if fraction == 0 { whole.to_string() } else { format!("{whole}.{}", fraction / 100) }
}

/// The table, in the order of the routes.
fn table(mut rows: Vec<Row>) -> String {
    let place = |operation: &str| routes::operations().position(|(id, _)| id == operation);
    rows.sort_by_key(|row| place(row.operation));
    let mut table = String::from(
        "| Operation | Read units | Write units | Bytes | ms | DynamoDB | Lambda | Logs | Transfer | All of it |\n\
         |---|---|---|---|---|---|---|---|---|---|\n",
    );
    for Row { operation, what, usage } in rows {
        let cost = usage.cost();
        let comma = if what.is_empty() { "" } else { ", " };
        let cells = [
            format!("`{operation}`{comma}{what}"),
            units(usage.read_milli_units),
            units(usage.write_milli_units),
            usage.answer_bytes.to_string(),
            usage.milliseconds().to_string(),
            dollars_per_million(cost.store),
            dollars_per_million(cost.lambda),
            dollars_per_million(cost.logs),
            dollars_per_million(cost.transfer),
            format!("**{}**", dollars_per_million(cost.total())),
        ];
        writeln!(table, "| {} |", cells.join(" | ")).unwrap();
    }
    table
}

fn document() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join(DOCUMENT)
}

#[tokio::test]
async fn the_table_of_costs_is_what_the_operations_use() {
    let table = table(every_operation().await);
    let text = std::fs::read_to_string(document()).unwrap();
    let (before, rest) = text.split_once(BEGIN).unwrap();
    let (written, after) = rest.split_once(END).unwrap();
    #[expect(clippy::disallowed_methods, reason = "a variable makes the test write the document")]
    if std::env::var("SUBLEDGER_WRITE_COSTS").is_ok() {
        std::fs::write(document(), format!("{before}{BEGIN}{table}{END}{after}")).unwrap();
        return;
    }
    let lines = |text: &str| text.lines().map(ToOwned::to_owned).collect::<BTreeSet<_>>();
    let (is, was) = (lines(&table), lines(written));
    let new: Vec<_> = is.difference(&was).collect();
    let old: Vec<_> = was.difference(&is).collect();
    assert!(written == table, "measured: {new:#?}\nin {DOCUMENT}: {old:#?}");
}

/// The least part of its price that a compressed answer saves, in hundredths.
const SAVED_PERCENT: u64 = 3;

#[tokio::test]
async fn compressing_pays_from_the_size_on_from_which_it_is_done() {
    let mut it = Conversation::new().await;
    it.begin().await;
    it.account("@saver").await;
    let mut smallest = usize::MAX;
    for count in 2..12 {
        it.ask("CreateBalance", "", Some(json!({ "key": format!("key-{count}") }))).await;
        let list = format!("limit={count}");
        let plain = it.ask_accepting("identity", "ListAccountBalances", &list, None).await;
        let packed = it.ask("ListAccountBalances", &list, None).await;
        let is_packed = packed.headers.contains_key("content-encoding");
        assert_eq!(is_packed, plain.body_bytes >= GZIP_BYTES_MIN, "{}", plain.body_bytes);
        let saved = plain.usage.answer_bytes - packed.usage.answer_bytes;
        let spent = compression(u64::try_from(plain.body_bytes).unwrap());
        let gain = saved_transfer(saved).checked_sub(spent).unwrap();
        let least = plain.usage.cost().total() * SAVED_PERCENT / 100;
        assert!(gain >= least, "{} bytes: {saved} less, {gain} < {least}", plain.body_bytes);
        smallest = smallest.min(plain.body_bytes);
    }
    assert!(smallest < GZIP_BYTES_MIN + 600, "nothing near the limit: {smallest}");
}

/// Sends a request to every operation, in a process that has answered before.
async fn every_operation() -> Vec<Row> {
    let mut it = Conversation::new().await;
    let mut rows = Rows(Vec::new());
    organizations_and_ledgers(&mut it, &mut rows).await;
    groups(&mut it, &mut rows).await;
    accounts(&mut it, &mut rows).await;
    balances(&mut it, &mut rows).await;
    transactions(&mut it, &mut rows).await;
    history(&mut it, &mut rows).await;
    ends(&mut it, &mut rows).await;
    version_0(&mut it, &mut rows).await;
    let measured: BTreeSet<_> = rows.0.iter().map(|row| row.operation).collect();
    let all: BTreeSet<_> = routes::operations().map(|(id, _)| id).collect();
    assert_eq!(measured, all);
    rows.0
}

struct Rows(Vec<Row>);

impl Rows {
    fn add(&mut self, operation: &'static str, what: &'static str, exchange: &Exchange) {
        self.0.push(Row { operation, what, usage: exchange.usage });
    }

    /// How many sequential reads an operation needs that reads several things at the same time.
    fn add_parallel(
        &mut self,
        operation: &'static str,
        what: &'static str,
        rounds: u64,
        exchange: &Exchange,
    ) {
        let usage = exchange.usage;
        assert!(rounds < usage.reads_in_turn, "{operation}: {usage:?}");
        let usage = Usage { reads_in_turn: rounds, ..usage };
        self.0.push(Row { operation, what, usage });
    }
}

async fn organizations_and_ledgers(it: &mut Conversation, rows: &mut Rows) {
    for n in 1..10 {
        let body = json!({ "legalName": format!("Bank {n}"), "legalDocument": "12-3456789" });
        it.ask("CreateOrganization", "", Some(body)).await;
    }
    let body = json!({ "legalName": "Acme Bank", "legalDocument": "12-3456789" });
    let made = it.name("organization_id", "CreateOrganization", body).await;
    rows.add("CreateOrganization", "", &made);
    rows.add("GetOrganization", "", &it.ask("GetOrganization", "", None).await);
    let change = json!({ "doingBusinessAs": "Acme" });
    rows.add("UpdateOrganization", "", &it.ask("UpdateOrganization", "", Some(change)).await);
    rows.add("CountOrganizations", "any", &it.ask("CountOrganizations", "", None).await);
    let list = it.ask("ListOrganizations", "limit=10", None).await;
    rows.add("ListOrganizations", "10", &list);
    for n in 1..10 {
        it.ask("CreateLedger", "", Some(json!({ "name": format!("Books {n}") }))).await;
    }
    let made = it.name("ledger_id", "CreateLedger", json!({ "name": "Loans" })).await;
    rows.add("CreateLedger", "", &made);
    rows.add("GetLedger", "", &it.ask("GetLedger", "", None).await);
    let renamed = it.ask("UpdateLedger", "", Some(json!({ "name": "All loans" }))).await;
    rows.add("UpdateLedger", "with its name", &renamed);
    rows.add("CountLedgers", "any", &it.ask("CountLedgers", "", None).await);
    rows.add("GetLedgerSettings", "", &it.ask("GetLedgerSettings", "", None).await);
    let settings = json!({ "accounting": { "validateAccountType": false } });
    let changed = it.ask("UpdateLedgerSettings", "", Some(settings)).await;
    rows.add("UpdateLedgerSettings", "", &changed);
    rows.add("ListLedgers", "10", &it.ask("ListLedgers", "limit=10", None).await);
    let body = json!({ "name": "US Dollar", "type": "currency", "code": "USD" });
    let made = it.name("asset_id", "CreateAsset", body).await;
    rows.add("CreateAsset", "with its external account", &made);
    it.names.insert("code", "USD".to_owned());
    rows.add("GetAsset", "", &it.ask("GetAsset", "", None).await);
    rows.add("ListAssets", "1", &it.ask("ListAssets", "limit=10", None).await);
    let change = json!({ "status": { "code": "MAIN" } });
    rows.add("UpdateAsset", "", &it.ask("UpdateAsset", "", Some(change)).await);
    rows.add("CountAssets", "any", &it.ask("CountAssets", "", None).await);
}

async fn groups(it: &mut Conversation, rows: &mut Rows) {
    let made = it.name("portfolio_id", "CreatePortfolio", json!({ "name": "North" })).await;
    rows.add("CreatePortfolio", "", &made);
    let made = it.name("segment_id", "CreateSegment", json!({ "name": "Retail" })).await;
    rows.add("CreateSegment", "", &made);
    let body = json!({ "name": "Deposits", "keyValue": "deposit" });
    let made = it.name("id", "CreateAccountType", body).await;
    rows.add("CreateAccountType", "", &made);
    let change = || Some(json!({ "metadata": { "key": "value" } }));
    for (operation, what, query, body) in [
        ("GetPortfolio", "", "", None),
        ("ListPortfolios", "1", "limit=10", None),
        ("CountPortfolios", "any", "", None),
        ("UpdatePortfolio", "", "", change()),
        ("GetSegment", "", "", None),
        ("ListSegments", "1", "limit=10", None),
        ("CountSegments", "any", "", None),
        ("UpdateSegment", "", "", change()),
        ("GetAccountType", "", "", None),
        ("ListAccountTypes", "1", "limit=10", None),
        ("UpdateAccountType", "", "", change()),
        ("DeletePortfolio", "", "", None),
        ("DeleteSegment", "", "", None),
        ("DeleteAccountType", "", "", None),
    ] {
        rows.add(operation, what, &it.ask(operation, query, body).await);
    }
}

async fn accounts(it: &mut Conversation, rows: &mut Rows) {
    // A page of a hundred, behind which there are more.
    for n in 0..100 {
        it.account(&format!("@customer-{n:03}")).await;
    }
    let made = it.account("@customer-100").await;
    rows.add("CreateAccount", "with its balance `default`", &made);
    for (operation, what, query) in [
        ("GetAccount", "", ""),
        ("GetAccountByAlias", "", ""),
        ("GetAccountByExternalCode", "", ""),
        ("ListAccounts", "10", "limit=10"),
    ] {
        rows.add(operation, what, &it.ask(operation, query, None).await);
    }
    let changed = it.ask("UpdateAccount", "", Some(json!({ "name": "Jane Doe" }))).await;
    rows.add("UpdateAccount", "", &changed);
    rows.add("CountAccounts", "any", &it.ask("CountAccounts", "", None).await);
}

async fn balances(it: &mut Conversation, rows: &mut Rows) {
    for n in 2..10 {
        it.ask("CreateBalance", "", Some(json!({ "key": format!("savings-{n}") }))).await;
    }
    let made = it.name("balance_id", "CreateBalance", json!({ "key": "savings-10" })).await;
    rows.add("CreateBalance", "", &made);
    rows.add("GetBalance", "", &it.ask("GetBalance", "", None).await);
    let change = json!({ "allowSending": true });
    rows.add("UpdateBalance", "", &it.ask("UpdateBalance", "", Some(change)).await);
    for (operation, what, query) in [
        ("ListAccountBalances", "10", "limit=10"),
        ("ListBalancesByAlias", "10", ""),
        ("ListBalancesByExternalCode", "1", ""),
    ] {
        rows.add(operation, what, &it.ask(operation, query, None).await);
    }
    // The first reads the ledger.
    it.ask("ListLedgerBalances", "limit=10", None).await;
    for (what, codings, query) in [
        ("10", "gzip", "limit=10"),
        ("100", "gzip", "limit=100"),
        ("100, not compressed", "identity", "limit=100"),
    ] {
        let list = it.ask_accepting(codings, "ListLedgerBalances", query, None).await;
        rows.add("ListLedgerBalances", what, &list);
    }
}

fn leg(alias: &str) -> Value {
    json!([{ "accountAlias": alias, "amount": { "asset": "USD", "value": "12.50" } }])
}

fn transfer(pending: bool) -> Value {
    json!({
        "pending": pending,
        "send": {
            "asset": "USD",
            "value": "12.50",
            "source": { "from": leg("@customer-001") },
            "distribute": { "to": leg("@customer-002") }
        }
    })
}

async fn transactions(it: &mut Conversation, rows: &mut Rows) {
    let to = leg("@customer-001");
    let inflow =
        json!({ "send": { "asset": "USD", "value": "12.50", "distribute": { "to": to } } });
    let from = leg("@customer-001");
    let outflow =
        json!({ "send": { "asset": "USD", "value": "12.50", "source": { "from": from } } });
    // The first of each looks the aliases up.
    for _ in 0..3 {
        it.ask("PostInflow", "", Some(inflow.clone())).await;
        it.ask("PostTransaction", "", Some(transfer(false))).await;
    }
    it.ask("PostInflow", "", Some(inflow.clone())).await;
    rows.add("PostInflow", "", &it.ask("PostInflow", "", Some(inflow.clone())).await);
    rows.add("PostOutflow", "", &it.ask("PostOutflow", "", Some(outflow)).await);
    let annotation = it.ask("PostAnnotation", "", Some(transfer(false))).await;
    rows.add("PostAnnotation", "", &annotation);
    for operation in ["PostBlock", "PostUnblock"] {
        rows.add(operation, "", &it.ask(operation, "", Some(transfer(false))).await);
        it.ask("PostInflow", "", Some(inflow.clone())).await;
    }
    let held = it.name("transaction_id", "PostTransaction", transfer(true)).await;
    rows.add("PostTransaction", "pending", &held);
    rows.add("CancelTransaction", "", &it.ask("CancelTransaction", "", None).await);
    it.name("transaction_id", "PostTransaction", transfer(true)).await;
    rows.add("CommitTransaction", "", &it.ask("CommitTransaction", "", None).await);
    it.ask("RevertTransaction", "", None).await;
    let moved = it.name("transaction_id", "PostTransaction", transfer(false)).await;
    rows.add("PostTransaction", "2 legs", &moved);
    rows.add("GetTransaction", "", &it.ask("GetTransaction", "", None).await);
    let notes = json!({ "description": "Rent" });
    rows.add("UpdateTransaction", "", &it.ask("UpdateTransaction", "", Some(notes)).await);
    rows.add("RevertTransaction", "", &it.ask("RevertTransaction", "", None).await);
    it.ask("ListTransactions", "limit=10", None).await;
    let list = it.ask("ListTransactions", "limit=10", None).await;
    rows.add("ListTransactions", "10", &list);
    rows.add("CountTransactions", "some", &it.ask("CountTransactions", "", None).await);
    it.names.insert("alias", "@customer-001".to_owned());
    let account = it.ask("GetAccountByAlias", "", None).await;
    let of_ten = it.names.insert("account_id", account.json["id"].as_str().unwrap().to_owned());
    let list = it.ask("ListAccountOperations", "limit=10", None).await;
    rows.add("ListAccountOperations", "10 of one balance", &list);
    let operation = &list.json["items"][0];
    for (name, member) in [("operation_id", "id"), ("transaction_id", "transactionId")] {
        it.names.insert(name, operation[member].as_str().unwrap().to_owned());
    }
    rows.add("GetAccountOperation", "", &it.ask("GetAccountOperation", "", None).await);
    let notes = json!({ "description": "Rent" });
    rows.add("UpdateOperation", "", &it.ask("UpdateOperation", "", Some(notes)).await);
    it.names.insert("account_id", of_ten.unwrap());
}

async fn history(it: &mut Conversation, rows: &mut Rows) {
    let before = it.now();
    let list = it.ask("ListAccountBalances", "limit=10", None).await;
    for balance in list.json["items"].as_array().unwrap() {
        it.names.insert("balance_id", balance["id"].as_str().unwrap().to_owned());
        for sends in [false, true] {
            it.ask("UpdateBalance", "", Some(json!({ "allowSending": sends }))).await;
        }
    }
    let (now, before) = (format!("date={}", it.now()), format!("date={before}"));
    let one = it.ask("GetBalanceHistory", &before, None).await;
    rows.add("GetBalanceHistory", "", &one);
    let all = it.ask("GetAccountBalancesHistory", &now, None).await;
    rows.add("GetAccountBalancesHistory", "10 balances as they still are", &all);
    let all = it.ask("GetAccountBalancesHistory", &before, None).await;
    assert_eq!(all.json.as_array().unwrap().len(), 10);
    rows.add_parallel("GetAccountBalancesHistory", "10 that have all changed", 2, &all);
    let versions = it.ask("ListBalanceVersions", "limit=10", None).await;
    rows.add_parallel("ListBalanceVersions", "3", 1, &versions);
}

async fn ends(it: &mut Conversation, rows: &mut Rows) {
    rows.add("DeleteBalance", "", &it.ask("DeleteBalance", "", None).await);
    it.account("@leaver").await;
    let deleted = it.ask("DeleteAccount", "", None).await;
    rows.add("DeleteAccount", "with one balance", &deleted);
    // In an organization of its own.
    let own = it.names.clone();
    it.begin().await;
    rows.add("DeleteAsset", "with its external account", &it.ask("DeleteAsset", "", None).await);
    rows.add("DeleteLedger", "", &it.ask("DeleteLedger", "", None).await);
    rows.add("DeleteOrganization", "", &it.ask("DeleteOrganization", "", None).await);
    it.names = own;
    for operation in ["GetHealth", "GetVersion", "GetReadiness"] {
        rows.add(operation, "", &it.ask(operation, "", None).await);
    }
}

async fn version_0(it: &mut Conversation, rows: &mut Rows) {
    let account = json!({
        "capabilities": ["credit_without_underwriting"],
        "entities": { "account_holders": ["entity_1"] },
        "details": { "product_name": "Card" },
        "documents": []
    });
    let account = it.name("id", "CreateV0Account", account).await;
    rows.add("CreateV0Account", "", &account);
    rows.add("GetV0Account", "", &it.ask("GetV0Account", "", None).await);
    let balance = json!({
        "account_id": account.json["id"],
        "client_subledger_balance_name": "Line",
        "currency_code": "USD",
        "type": "credit",
        "details": {
            "structure": "revolving",
            "autopay_method": "none",
            "is_interest_based": null,
            "effective_apr": "10.250",
            "effective_interest_rate": "10.250000",
            "repayment_details": []
        }
    });
    let account = it.names["id"].clone();
    let balance = it.name("id", "CreateV0SubledgerBalance", balance).await;
    rows.add("CreateV0SubledgerBalance", "", &balance);
    let balance = it.ask("GetV0SubledgerBalance", "", None).await;
    rows.add("GetV0SubledgerBalance", "", &balance);
    it.names.insert("id", account);
    for (operation, what, reason) in [
        ("DeactivateV0Account", "", Some(json!({ "status_reason": "dormant" }))),
        ("ActivateV0Account", "", None),
        ("CloseV0Account", "with one balance", Some(json!({ "status_reason": "paid_off" }))),
    ] {
        rows.add(operation, what, &it.ask(operation, "", reason).await);
    }
}
