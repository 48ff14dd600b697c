//! The API with a store of its own.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};
use subledger_dynamodb::{Connection, DynamoStore};
use subledger_http::answer::Response;
use subledger_local::authorizer::{Authorizer, Grant, SECRET_BYTES};
use subledger_local::backend::TABLE_NAME;
use subledger_local::engine::{Engine, Place};
use subledger_local::gateway::{self, Gateway};
use subledger_local::template::Template;
use subledger_local::{Authorization, Functions, Options, Stack, Store, clock, welcome};
use uuid::Uuid;

use crate::answer::Answer;
use crate::http_client::HttpClient;
use crate::lambda::LambdaFunction;
use crate::request::Request;

/// Every scope there is.
pub const ALL_SCOPES: &str = welcome::SCOPE;

/// The API with a store of its own. It ends when it is dropped.
#[derive(Debug)]
pub struct World {
    /// The store behind the API.
    pub store: DynamoStore,
    http: HttpClient,
    engine: HttpClient,
    parts: Parts,
}

/// What has to stay alive.
#[derive(Debug)]
enum Parts {
    Stack(Box<Stack>),
    Lambda(Box<Lambda>),
}

#[derive(Debug)]
struct Lambda {
    authorizer: Arc<Authorizer>,
    functions: BTreeMap<String, Arc<LambdaFunction>>,
    _gateway: Gateway,
    _engine: Engine,
}

impl World {
    /// The local stack, in memory, on a free port, with authorization.
    pub async fn over_http() -> Self {
        let options = Options { port: 0, store: Store::Memory, authorization: Authorization::Jwt };
        let stack = Stack::start(&options, &|_| {}).await.unwrap();
        Self {
            store: stack.backend.store().unwrap(),
            http: HttpClient::new(&stack.base_url),
            engine: HttpClient::new(&stack.backend.endpoint_url),
            parts: Parts::Stack(Box::new(stack)),
        }
    }

    /// The Lambda binaries behind the gateway of the local stack, each in a process of its own
    /// that starts when it is first needed.
    pub async fn on_lambda() -> Self {
        let template = Template::embedded().unwrap();
        let engine = Engine::start(Place::Memory, TABLE_NAME, &template.table).await.unwrap();
        let connection = Connection::local(TABLE_NAME, engine.endpoint_url());
        let functions: BTreeMap<String, Arc<LambdaFunction>> = template
            .routes
            .iter()
            .map(|route| {
                let function = LambdaFunction::new(&route.package, &connection);
                (route.package.clone(), Arc::new(function))
            })
            .collect();
        let registry = functions.iter().fold(Functions::default(), |registry, (package, it)| {
            let function = Arc::clone(it);
            registry.with(package, move |event| {
                let function = Arc::clone(&function);
                async move { respond(&function, &json!(event)).await }
            })
        });
        let authorizer = Arc::new(Authorizer::new(&[7; SECRET_BYTES]));
        let (listener, address) = gateway::listen(0).await.unwrap();
        let door = Some(Arc::clone(&authorizer));
        let gateway = Gateway::start(listener, template.routes, &registry, door).unwrap();
        Self {
            store: DynamoStore::connect(&connection).unwrap(),
            http: HttpClient::new(&format!("http://{address}")),
            engine: HttpClient::new(engine.endpoint_url()),
            parts: Parts::Lambda(Box::new(Lambda {
                authorizer,
                functions,
                _gateway: gateway,
                _engine: engine,
            })),
        }
    }

    /// A token that the API accepts.
    #[must_use]
    pub fn token(&self, grant: &Grant) -> String {
        match &self.parts {
            Parts::Stack(stack) => stack.token(grant).unwrap(),
            Parts::Lambda(lambda) => lambda.authorizer.mint(grant, clock::now()).unwrap(),
        }
    }

    /// A client that says nothing about who it is.
    #[must_use]
    pub const fn nobody(&self) -> Client<'_> {
        Client { world: self, token: None }
    }

    /// A client with a token of its own.
    #[must_use]
    pub fn client(
        &self,
        organization: Option<Uuid>,
        ledger: Option<Uuid>,
        scope: &str,
    ) -> Client<'_> {
        let token = self.token(&Grant {
            organization_id: organization,
            ledger_id: ledger,
            scope: scope.to_owned(),
            expires_in_seconds: 3600,
        });
        Client { world: self, token: Some(token) }
    }

    /// Who creates organizations and ledgers.
    #[must_use]
    pub fn operator(&self) -> Client<'_> {
        self.client(None, None, "organization/read_write")
    }

    /// Everything that is stored, each item in the JSON of the DynamoDB API.
    pub async fn items(&self) -> Vec<Value> {
        let mut items = Vec::new();
        let mut start = Value::Null;
        loop {
            let mut asked = json!({ "TableName": TABLE_NAME, "ConsistentRead": true });
            if !start.is_null() {
                asked["ExclusiveStartKey"] = start;
            }
            let page = self.engine("Scan", &asked).await;
            items.extend(page["Items"].as_array().unwrap().iter().cloned());
            start = page["LastEvaluatedKey"].clone();
            if start.is_null() {
                return items;
            }
        }
    }

    /// Asks the engine without the store.
    async fn engine(&self, action: &str, asked: &Value) -> Value {
        // The engine wants to see a signature and does not look at it.
        let signature = "AWS4-HMAC-SHA256 Credential=local/20260101/local/dynamodb/aws4_request, \
                         SignedHeaders=host, Signature=0";
        let request = Request::post("/", asked)
            .header("X-Amz-Target", &format!("DynamoDB_20120810.{action}"))
            .header("X-Amz-Date", "20260101T000000Z")
            .header("Authorization", signature);
        let answer = self.engine.send(&request).await;
        assert_eq!(answer.status, 200, "{action}: {}", answer.text);
        serde_json::from_str(&answer.text).unwrap()
    }

    /// Hands an event to a Lambda, past the gateway.
    ///
    /// # Panics
    /// Over HTTP, where there are none.
    pub async fn invoke(&self, package: &str, event: &Value) -> Answer {
        let Parts::Lambda(lambda) = &self.parts else {
            panic!("there are no Lambdas over HTTP");
        };
        let response = respond(&lambda.functions[package], event).await;
        let path = event["rawPath"].as_str().unwrap_or("?");
        Answer {
            asked: format!("{package} {path}"),
            status: u16::try_from(response.status_code).unwrap(),
            headers: response.headers,
            text: response
                .body
                .map_or_else(String::new, |body| String::from_utf8(body.to_vec()).unwrap()),
        }
    }
}

/// The answer of a function, or what API Gateway answers when there is none.
async fn respond(function: &LambdaFunction, event: &Value) -> Response {
    let outcome = function.invoke(event.to_string()).await;
    let answer = outcome.and_then(|answer| {
        serde_json::from_str(&answer).map_err(|error| format!("{error}: {answer}"))
    });
    answer.unwrap_or_else(|error| {
        let mut response = Response::default();
        response.status_code = 502;
        response.body = Some(error.into());
        response
    })
}

/// Somebody who asks.
#[derive(Debug, Clone)]
pub struct Client<'w> {
    /// Whom.
    pub world: &'w World,
    /// As whom.
    pub token: Option<String>,
}

impl Client<'_> {
    /// Sends a request with the client's token.
    pub async fn send(&self, request: Request) -> Answer {
        let request = match &self.token {
            Some(token) => request.header("Authorization", &format!("Bearer {token}")),
            None => request,
        };
        self.world.http.send(&request).await
    }

    /// Sends a request that reads.
    pub async fn get(&self, target: &str) -> Answer {
        self.send(Request::get(target)).await
    }

    /// Sends a request with a body of JSON.
    pub async fn post(&self, target: &str, body: &Value) -> Answer {
        self.send(Request::post(target, body)).await
    }
}
