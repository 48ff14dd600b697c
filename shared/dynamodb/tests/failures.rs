//! What the store does when DynamoDB does not do what it is asked: answers by script.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that panics is a test that fails"
)]

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use subledger::account::lifecycle::Lifecycle;
use subledger::account::{Account, AccountFields, AccountType, Alias};
use subledger::balance::{Balance, BalanceKey};
use subledger::error::Error;
use subledger::idempotency::Fingerprint;
use subledger::ledger::ListingShards;
use subledger::ledger::asset::AssetCode;
use subledger::ledger::organization::Organization;
use subledger::metadata::Metadata;
use subledger::money::amount::Amount;
use subledger::money::ids::{AccountId, BalanceId, LedgerId, OrganizationId, Scope, TransactionId};
use subledger::money::text::Name;
use subledger::money::timeline::Timeline;
use subledger::money::timestamp::Timestamp;
use subledger::page::{Filter, NumberedPage, PageLimit, SortOrder, TimeRange};
use subledger::ports::{
    InsertOrganization, OpenBalances, Opening, PostTransactions, ReadBalance, ReadOrganizations,
    Recording,
};
use subledger::status::Status;
use subledger::transaction::{
    Notes, Transaction, TransactionFields, TransactionLabels, TransactionStatus,
};
use subledger_dynamodb::{Connection, DynamoStore};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use uuid::Uuid;

/// An answer of DynamoDB.
type Answer = (u16, Value);

/// A server that gives these answers, the last one again and again, and keeps the requests.
struct Script {
    store: DynamoStore,
    requests: Arc<Mutex<Vec<Value>>>,
}

impl Script {
    async fn new(answers: impl IntoIterator<Item = Answer>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let answers = Arc::new(Mutex::new(answers.into_iter().collect::<VecDeque<_>>()));
        let kept = Arc::clone(&requests);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&answers), Arc::clone(&kept)));
            }
        });
        let connection = Connection::local("balances", &endpoint);
        Self { store: DynamoStore::connect(&connection), requests }
    }

    /// The token of every request.
    fn tokens(&self) -> Vec<String> {
        let requests = self.requests.lock().unwrap();
        let token = |request: &Value| request["ClientRequestToken"].as_str().unwrap().to_owned();
        requests.iter().map(token).collect()
    }
}

/// Answers the requests of a connection.
async fn serve(
    mut stream: TcpStream,
    answers: Arc<Mutex<VecDeque<Answer>>>,
    requests: Arc<Mutex<Vec<Value>>>,
) {
    while let Some(request) = read_request(&mut stream).await {
        requests.lock().unwrap().push(request);
        let (status, body) = {
            let mut answers = answers.lock().unwrap();
            if answers.len() > 1 { answers.pop_front().unwrap() } else { answers[0].clone() }
        };
        let body = body.to_string();
        let answer = format!(
            "HTTP/1.1 {status} Scripted\r\ncontent-type: application/x-amz-json-1.0\r\n\
             content-length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(answer.as_bytes()).await.unwrap();
    }
}

/// The body of the next request, or nothing once the connection is closed.
async fn read_request(stream: &mut TcpStream) -> Option<Value> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
            });
            if body.len() >= length.unwrap_or(0_usize) {
                return serde_json::from_str(body).ok();
            }
        }
        let mut chunk = [0; 4_096];
        let read = stream.read(&mut chunk).await.ok().filter(|read| *read > 0)?;
        bytes.extend_from_slice(&chunk[..read]);
    }
}

fn failure(status: u16, code: &str) -> Answer {
    (status, json!({ "__type": code }))
}

fn canceled(codes: &[&str]) -> Answer {
    let reasons: Vec<Value> = codes.iter().map(|code| json!({ "Code": code })).collect();
    let (status, mut body) = failure(400, "TransactionCanceledException");
    body["CancellationReasons"] = reasons.into();
    (status, body)
}

fn done() -> Answer {
    (200, json!({}))
}

fn moment() -> Timestamp {
    Timestamp::from_micros(1).unwrap()
}

fn organization() -> Organization {
    Organization {
        id: OrganizationId::new(Uuid::from_u128(1)),
        parent: None,
        legal_name: Name::parse("Lion").unwrap(),
        legal_document: Name::parse("HRB 1").unwrap(),
        doing_business_as: None,
        address: None,
        status: Status::active(),
        metadata: Metadata::default(),
        timeline: Timeline::begin(moment()),
    }
}

fn account() -> Account {
    let id = AccountId::new(Uuid::from_u128(3));
    Account::new(AccountFields {
        id,
        scope: Scope { organization: organization().id, ledger: LedgerId::new(Uuid::from_u128(2)) },
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
        created_at: moment(),
        updated_at: moment(),
    })
    .unwrap()
}

fn balance() -> Balance {
    let id = BalanceId::new(Uuid::from_u128(4));
    Balance::open(id, &account(), BalanceKey::default_key(), moment())
}

#[tokio::test]
async fn a_transaction_that_met_another_is_tried_again_as_a_new_one() {
    let script = Script::new([
        canceled(&["None", "TransactionConflict"]),
        canceled(&["ThrottlingError", "None"]),
        canceled(&["ConditionalCheckFailed", "TransactionConflict"]),
        done(),
    ]);
    let script = script.await;
    script.store.insert_organization(&organization()).await.unwrap();
    let mut tokens = script.tokens();
    assert_eq!(tokens.len(), 4);
    tokens.dedup();
    assert_eq!(tokens.len(), 4);
}

#[tokio::test]
async fn a_transaction_whose_outcome_is_unknown_is_sent_again_as_the_same_one() {
    for code in ["InternalServerError", "TransactionInProgressException", "ThrottlingException"] {
        let status = if code == "InternalServerError" { 500 } else { 400 };
        let script = Script::new([failure(status, code), done()]).await;
        script.store.insert_organization(&organization()).await.unwrap();
        let mut tokens = script.tokens();
        assert_eq!(tokens.len(), 2, "{code}");
        tokens.dedup();
        assert_eq!(tokens.len(), 1, "{code}");
    }
}

#[tokio::test]
async fn patience_ends() {
    let script = Script::new([canceled(&["TransactionConflict", "None"])]).await;
    let refusal = script.store.insert_organization(&organization()).await;
    assert!(matches!(refusal, Err(Error::Contended)));
    assert_eq!(script.tokens().len(), 8);

    let script = Script::new([canceled(&["ProvisionedThroughputExceeded", "None"])]).await;
    let refusal = script.store.insert_organization(&organization()).await;
    assert!(matches!(refusal, Err(Error::Throttled)));

    let script = Script::new([failure(400, "ThrottlingException")]).await;
    let refusal = script.store.insert_organization(&organization()).await;
    assert!(matches!(refusal, Err(Error::Throttled)));
    assert_eq!(script.tokens().len(), 3);

    let script = Script::new([failure(500, "InternalServerError")]).await;
    let refusal = script.store.insert_organization(&organization()).await;
    assert!(matches!(refusal, Err(Error::Unavailable { .. })));
    assert_eq!(script.tokens().len(), 3);
}

#[tokio::test]
async fn a_request_that_may_have_been_done_is_never_said_to_have_written_nothing() {
    // The answer to the first sending got lost; what meets the second says nothing about it.
    let unknown = || failure(500, "InternalServerError");
    for later in [
        failure(400, "ThrottlingException"),
        failure(400, "ProvisionedThroughputExceededException"),
        canceled(&["TransactionConflict", "None"]),
        canceled(&["ThrottlingError", "None"]),
    ] {
        let script = Script::new([unknown(), later.clone()]).await;
        let refusal = script.store.insert_organization(&organization()).await;
        assert!(matches!(refusal, Err(Error::Unavailable { .. })), "{later:?}: {refusal:?}");
        let mut tokens = script.tokens();
        tokens.dedup();
        assert_eq!(tokens.len(), 1, "{later:?}");

        let script = Script::new([unknown(), later.clone()]).await;
        let recording = script.store.record(&annotated(), &[], None).await;
        assert!(matches!(recording, Err(Error::Unavailable { .. })), "{later:?}: {recording:?}");
    }
    // A condition that failed does: DynamoDB knows the token of what it has done.
    let refused = canceled(&["None", "None", "ConditionalCheckFailed", "None"]);
    let script = Script::new([unknown(), refused]).await;
    let opening = script.store.open_balances(&account(), &[balance()]).await;
    assert!(matches!(opening, Ok(Opening::AccountChanged)), "{opening:?}");
    // But not one that may hold again: a late first sending would find the key free, once whoever
    // has it is deleted.
    let taken = || canceled(&["None", "ConditionalCheckFailed", "None", "None"]);
    let script = Script::new([unknown(), taken()]).await;
    let opening = script.store.open_balances(&account(), &[balance()]).await;
    assert!(matches!(opening, Err(Error::Unavailable { .. })), "{opening:?}");
    let script = Script::new([taken()]).await;
    let opening = script.store.open_balances(&account(), &[balance()]).await;
    assert!(matches!(opening, Ok(Opening::KeyTaken(_))), "{opening:?}");
}

#[tokio::test]
async fn a_cancellation_without_a_known_reason_is_not_tried_again() {
    let script = Script::new([canceled(&["ValidationError", "None"])]).await;
    let refusal = script.store.insert_organization(&organization()).await;
    assert!(matches!(refusal, Err(Error::Unavailable { .. })));
    assert_eq!(script.tokens().len(), 1);
}

#[tokio::test]
async fn an_item_that_refused_and_is_not_readable_is_corrupt() {
    // A refusal of version 0 that brings no item, and one that brings something else.
    for item in [Value::Null, json!({ "pk": { "S": "pk" }, "sk": { "S": "sk" } })] {
        let (status, mut answer) = canceled(&["ConditionalCheckFailed", "None", "None", "None"]);
        if !item.is_null() {
            answer["CancellationReasons"][0]["Item"] = item;
        }
        let script = Script::new([(status, answer)]).await;
        let opening = script.store.open_balances(&account(), &[balance()]).await;
        assert!(matches!(opening, Err(Error::Corrupt { .. })), "{opening:?}");
    }
    let script = Script::new([canceled(&["None", "None", "ConditionalCheckFailed", "None"])]).await;
    let opening = script.store.open_balances(&account(), &[balance()]).await;
    assert!(matches!(opening, Ok(Opening::AccountChanged)), "{opening:?}");
}

#[tokio::test]
async fn a_stored_balance_that_is_not_readable_is_corrupt() {
    let item = json!({ "pk": { "S": "pk" }, "sk": { "S": "sk" } });
    let script = Script::new([(200, json!({ "Items": [item], "Count": 1 }))]).await;
    let read = script.store.newest_version(account().scope, balance().id).await;
    assert!(matches!(read, Err(Error::Corrupt { key, .. }) if key == "an item of an unknown kind"));
}

#[tokio::test]
async fn a_query_goes_on_where_its_answer_ended() {
    let key = json!({ "pk": { "S": "pk" }, "sk": { "S": "sk" } });
    let cut = json!({ "Items": [], "Count": 0, "LastEvaluatedKey": key });
    let script = Script::new([(200, cut.clone()), (200, json!({ "Items": [], "Count": 0 }))]).await;
    let read = script.store.newest_version(account().scope, balance().id).await;
    assert!(matches!(read, Ok(None)));
    let starts: Vec<Value> = script
        .requests
        .lock()
        .unwrap()
        .iter()
        .map(|request| request["ExclusiveStartKey"].clone())
        .collect();
    assert_eq!(starts, [Value::Null, key]);

    let endless = Script::new([(200, cut)]).await;
    let read = endless.store.newest_version(account().scope, balance().id).await;
    assert!(matches!(read, Err(Error::AnswerTooLarge)));
}

#[tokio::test]
async fn the_keys_that_a_batch_left_over_are_asked_for_again() {
    let id = organization().id;
    let entry = format!("{}\u{23}{id}", moment().fixed_width());
    let entries = json!({ "Items": [{ "pk": { "S": "ORGS" }, "sk": { "S": entry } }], "Count": 1 });
    let key = json!({ "pk": { "S": "left" }, "sk": { "S": "over" } });
    let left_over =
        json!({ "Responses": {}, "UnprocessedKeys": { "balances": { "Keys": [key] } } });
    let nothing = json!({ "Responses": {}, "UnprocessedKeys": {} });
    let page = PageLimit::DEFAULT;
    let page = NumberedPage::new(1, page, SortOrder::Ascending, TimeRange::ALL).unwrap();

    let script = Script::new([(200, entries.clone()), (200, left_over.clone()), (200, nothing)]);
    let script = script.await;
    let read = script.store.organizations(&page, &Filter::default()).await;
    // The entry names an organization that is nowhere.
    assert!(matches!(read, Err(Error::Corrupt { .. })));
    let last = script.requests.lock().unwrap().last().unwrap().clone();
    let wanted = json!({ "Keys": [key], "ConsistentRead": true });
    assert_eq!(last["RequestItems"]["balances"], wanted);

    let endless = Script::new([(200, entries), (200, left_over)]).await;
    assert!(matches!(
        endless.store.organizations(&page, &Filter::default()).await,
        Err(Error::Throttled)
    ));
}

/// A transaction without legs, in its second revision: a change of its notes.
fn annotated() -> Transaction {
    Transaction::new(TransactionFields {
        id: TransactionId::new(Uuid::from_u128(5)),
        scope: account().scope,
        parent: None,
        reverted_by: None,
        status: TransactionStatus::Annotation,
        initial_status: TransactionStatus::Annotation,
        asset_code: AssetCode::usd(),
        amount: Amount::ZERO,
        legs: Vec::new(),
        operations: Vec::new(),
        labels: TransactionLabels::default(),
        first_notes: Notes::default(),
        notes: Notes::default(),
        transaction_date: None,
        recorded_at: moment(),
        updated_at: moment(),
        revision: 1,
        fingerprint: Fingerprint::from_bytes([0; 32]),
    })
    .unwrap()
}

#[tokio::test]
async fn a_step_that_met_another_is_given_back_to_be_taken_on_fresh_reads() {
    let script = Script::new([canceled(&["TransactionConflict"])]).await;
    let recording = script.store.record(&annotated(), &[], None).await;
    assert!(matches!(recording, Ok(Recording::Stale)), "{recording:?}");
    assert_eq!(script.tokens().len(), 1);

    // Throttling says nothing about what was read.
    let script = Script::new([canceled(&["ThrottlingError"]), done()]).await;
    let recording = script.store.record(&annotated(), &[], None).await;
    assert!(matches!(recording, Ok(Recording::Recorded)), "{recording:?}");
    assert_eq!(script.tokens().len(), 2);

    let script = Script::new([failure(500, "InternalServerError")]).await;
    let recording = script.store.record(&annotated(), &[], None).await;
    assert!(matches!(recording, Err(Error::Unavailable { .. })), "{recording:?}");
}
