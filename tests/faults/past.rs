//! Questions about the past while balances are deleted, on pages that are cut short; and functions
//! whose clock is wrong.

use std::sync::Arc;

use serde_json::{Value, json};
use subledger::money::ids::{LedgerId, OrganizationId, Scope};
use subledger::money::timestamp::Timestamp;
use subledger::ports::Clock;
use subledger_dynamodb::{Connection, DynamoStore};
use subledger_http::Response;
use subledger_http::request::authorization::Authorization;
use subledger_http::serve::Api;
use subledger_http::system::RandomIds;
use subledger_store_contract::ManualClock;
use subledger_tests::revolving_credit;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

use crate::engine::Engine;
use crate::instance::{Request, START, respond};
use crate::wire::{self, Asked};

/// How many balances the account has besides its default balance.
const BALANCES: usize = 5;
const SECOND: i64 = 1_000_000;

fn moment(micros: i64) -> Timestamp {
    Timestamp::from_micros(micros).unwrap()
}

/// What a server has been asked, and the channel that lets it answer.
type Held = (Asked, oneshot::Sender<()>);

/// A DynamoDB at an address, at which it is always `START`. If requests are held, each waits until
/// it is let go, and pages of queries have one item.
async fn serve(engine: &Arc<Engine>, held: Option<mpsc::UnboundedSender<Held>>) -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let engine = Arc::clone(engine);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (engine, held) = (Arc::clone(&engine), held.clone());
            tokio::spawn(async move {
                let mut connection = wire::Connection::new(stream);
                while let Some(mut asked) = wire::read(&mut connection).await {
                    if let Some(held) = &held {
                        let (go, gone) = oneshot::channel();
                        held.send((asked.clone(), go)).unwrap();
                        gone.await.unwrap();
                        if asked.action == "Query" {
                            asked.body["Limit"] = json!(1);
                        }
                    }
                    let (status, body) = engine.ask(&asked.action, &asked.body);
                    if !wire::answer(&mut connection, status, &body, START).await {
                        return;
                    }
                }
            });
        }
    });
    endpoint
}

/// The functions on a DynamoDB, with a clock under control.
struct Functions {
    api: Api<DynamoStore>,
    clock: Arc<ManualClock>,
    /// The path of the ledger.
    ledger: String,
}

impl Functions {
    /// The functions on this DynamoDB, for a ledger.
    fn on(endpoint: &str, scope: Scope) -> Self {
        let clock = Arc::new(ManualClock::new(moment(START)));
        let shared: Arc<dyn Clock> = Arc::<ManualClock>::clone(&clock);
        let connection = Connection::local("past", endpoint).with_clock(Arc::clone(&shared));
        let Scope { organization, ledger } = scope;
        Self {
            api: Api {
                store: DynamoStore::connect(&connection),
                clock: shared,
                ids: Arc::new(RandomIds),
                authorization: Authorization::Off(scope),
            },
            clock,
            ledger: format!("/v1/organizations/{organization}/ledgers/{ledger}"),
        }
    }

    async fn send(&self, request: Request) -> Response {
        respond(&self.api, &request).await
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        let response = self.send(Request::post(path.to_owned(), body)).await;
        assert_eq!(response.status(), 201, "{path}: {}", text_of(&response));
        body_of(&response)
    }

    async fn delete(&self, path: String) -> Response {
        self.send(Request { method: "DELETE", ..Request::get(path) }).await
    }
}

fn text_of(response: &Response) -> String {
    String::from_utf8(response.body().to_vec()).unwrap()
}

fn body_of(response: &Response) -> Value {
    serde_json::from_slice(response.body()).unwrap()
}

fn id_of(body: &Value) -> String {
    body["id"].as_str().unwrap().to_owned()
}

/// A DynamoDB with an account of several balances.
struct Bank {
    engine: Arc<Engine>,
    functions: Functions,
    scope: Scope,
    account: String,
    /// The ids of the balances, from the first key to the last.
    balances: Vec<String>,
}

impl Bank {
    async fn new() -> Self {
        let engine = Arc::new(Engine::new(None, "past"));
        let endpoint = serve(&engine, None).await;
        let nil = Scope {
            organization: OrganizationId::new(Uuid::nil()),
            ledger: LedgerId::new(Uuid::nil()),
        };
        let functions = Functions::on(&endpoint, nil);
        let organization = json!({ "legalName": "Lion", "legalDocument": "HRB 1" });
        let organization = id_of(&functions.post("/v1/organizations", organization).await);
        let ledgers = format!("/v1/organizations/{organization}/ledgers");
        let ledger = id_of(&functions.post(&ledgers, json!({ "name": "Books" })).await);
        let uuid = |id: &str| Uuid::parse_str(id).unwrap();
        let scope = Scope {
            organization: OrganizationId::new(uuid(&organization)),
            ledger: LedgerId::new(uuid(&ledger)),
        };
        let functions = Functions::on(&endpoint, scope);
        let at = |rest: &str| format!("{}{rest}", functions.ledger);
        let asset = json!({ "name": "Dollar", "type": "currency", "code": "USD" });
        functions.post(&at("/assets"), asset).await;
        let body = json!({ "assetCode": "USD", "type": "deposit", "alias": "@a" });
        let account = id_of(&functions.post(&at("/accounts"), body).await);
        let mut balances = Vec::new();
        for number in 0..BALANCES {
            let path = at(&format!("/accounts/{account}/balances"));
            let body = json!({ "key": format!("key-{number}") });
            balances.push(id_of(&functions.post(&path, body).await));
        }
        Self { engine, functions, scope, account, balances }
    }

    /// Asks for the balances of the account as of a moment, and deletes one of them before the
    /// query number `before`, from 0.
    async fn asked_while_deleting(&self, date: Timestamp, deleted: &str, before: usize) -> Value {
        let (held, mut requests) = mpsc::unbounded_channel();
        let asking = Functions::on(&serve(&self.engine, Some(held)).await, self.scope);
        asking.clock.set(moment(START + 5 * SECOND));
        let path = format!("{}/accounts/{}/balances/history", asking.ledger, self.account);
        let request = Request { query: format!("date={date}"), ..Request::get(path) };
        let answer = asking.send(request);
        let deletion = async {
            let mut number = 0;
            while let Some((_, go)) = requests.recv().await {
                if number == before {
                    let path = format!("{}/balances/{deleted}", self.functions.ledger);
                    assert_eq!(self.functions.delete(path).await.status(), 204);
                }
                number += 1;
                go.send(()).unwrap();
            }
        };
        tokio::select! {
            response = answer => {
                assert_eq!(response.status(), 200, "{}", text_of(&response));
                body_of(&response)
            }
            () = deletion => unreachable!("the server goes on for ever"),
        }
    }
}

#[tokio::test]
async fn a_balance_that_is_deleted_while_its_account_is_asked_about_is_shown_once() {
    for before in 0..=BALANCES {
        for deleted in 0..BALANCES {
            for (date, is_after) in [(START + SECOND, false), (START + 3 * SECOND, true)] {
                let bank = Bank::new().await;
                bank.functions.clock.set(moment(START + 2 * SECOND));
                let deleted = &bank.balances[deleted];
                let shown = bank.asked_while_deleting(moment(date), deleted, before).await;
                let shown: Vec<&str> =
                    shown.as_array().unwrap().iter().map(|it| it["id"].as_str().unwrap()).collect();
                let times = shown.iter().filter(|id| **id == *deleted).count();
                let others = shown.iter().filter(|id| **id != *deleted).count();
                assert_eq!(others, BALANCES, "before query {before}");
                // After the deletion it is gone, unless it was read before.
                let expected = if is_after { 0..=1 } else { 1..=1 };
                assert!(expected.contains(&times), "before query {before}: {times} times");
            }
        }
    }
}

#[tokio::test]
async fn a_function_with_a_wrong_clock_writes_nothing_and_tells_nothing_of_the_past() {
    let bank = Bank::new().await;
    let items = bank.engine.items();
    let at = |rest: &str| format!("{}{rest}", bank.functions.ledger);
    let balance = format!("/balances/{}", bank.balances[0]);
    let transaction = json!({ "send": {
        "asset": "USD", "value": "1",
        "source": { "from": [{ "accountAlias": "@external/USD", "share": { "percentage": 100 } }] },
        "distribute": { "to": [{ "accountAlias": "@a", "share": { "percentage": 100 } }] },
    } });
    for seconds in [-3_600, -12, 12, 60, 3_600] {
        bank.functions.clock.set(moment(START + seconds * SECOND));
        let past = Request {
            query: format!("date={}", moment(START - 7_200 * SECOND)),
            ..Request::get(at(&format!("{balance}/history")))
        };
        let past_of_account = Request {
            query: past.query.clone(),
            ..Request::get(at(&format!("/accounts/{}/balances/history", bank.account)))
        };
        for request in [
            Request::post(at("/transactions/json"), transaction.clone()),
            Request::post(
                at(&format!("/accounts/{}/balances", bank.account)),
                json!({ "key": "x" }),
            ),
            Request {
                method: "PATCH",
                ..Request::post(at(&balance), json!({ "allowSending": false }))
            },
            Request { method: "DELETE", ..Request::get(at(&balance)) },
            Request {
                method: "DELETE",
                ..Request::get(at(&format!("/accounts/{}", bank.account)))
            },
            past,
            past_of_account,
        ] {
            let asked = format!("{seconds} s ahead, {} {}", request.method, request.path);
            let response = bank.functions.send(request).await;
            assert_eq!(response.status(), 503, "{asked}: {}", text_of(&response));
            assert_eq!(response.headers()["retry-after"], "1", "{asked}");
            let body = body_of(&response);
            assert_eq!((&body["code"], &body["title"]), (&json!("0046"), &json!("Wrong Clock")));
        }
        // What is now can be read all the same.
        let response = bank.functions.send(Request::get(at(&balance))).await;
        assert_eq!(response.status(), 200, "{seconds}");
    }
    assert_eq!(bank.engine.items(), items);
    bank.functions.clock.set(moment(START + 9 * SECOND));
    bank.functions.post(&at("/transactions/json"), transaction).await;
}

#[tokio::test]
async fn a_v0_balance_is_not_opened_by_a_wrong_clock() {
    let bank = Bank::new().await;
    let body = revolving_credit(&bank.account, "Line");
    let request = || Request {
        key: Some("key-of-the-line".to_owned()),
        ..Request::post("/v0/subledger_balances".to_owned(), body.clone())
    };
    bank.functions.clock.set(moment(START + 60 * SECOND));
    let response = bank.functions.send(request()).await;
    assert_eq!(response.status(), 503, "{}", text_of(&response));
    assert_eq!(body_of(&response)["code"], "service_unavailable");
    assert_eq!(body_of(&response)["title"], "The clock of the service is not right.");
    bank.functions.clock.set(moment(START));
    assert_eq!(bank.functions.send(request()).await.status(), 200);
}
