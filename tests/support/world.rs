//! The API with a store of its own.

use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderName, HeaderValue, StatusCode};
use serde_json::Value;
use subledger_dynamodb::{DynamoStore, Meter};
use subledger_http::{Body, Response};
use subledger_local::authorizer::{Authorizer, Grant, SECRET_BYTES};
use subledger_local::backend::TABLE_NAME;
use subledger_local::gateway::{self, Gateway};
use subledger_local::seed::DEMO;
use subledger_local::template::Template;
use subledger_local::{Authorization, Functions, Stack, clock, functions, welcome};
use uuid::Uuid;

use crate::answer::Answer;
use crate::http_client::HttpClient;
use crate::lambda::LambdaFunction;
use crate::request::Request;
use crate::test_table::TestTable;

/// Every scope there is.
pub const ALL_SCOPES: &str = welcome::SCOPE;

/// The API with a store of its own. It ends when it is dropped.
#[derive(Debug)]
pub struct World {
    /// The store behind the API.
    pub store: DynamoStore,
    /// The table behind the store.
    pub table: TestTable,
    http: HttpClient,
    parts: Parts,
}

/// What runs as long as the world does.
#[derive(Debug)]
enum Parts {
    Stack(Box<Stack>),
    Lambda(Box<Lambda>),
    /// An API that was running before, keeps running, and checks no token.
    Elsewhere(Box<Authorizer>),
}

#[derive(Debug)]
struct Lambda {
    authorizer: Arc<Authorizer>,
    functions: BTreeMap<String, Arc<LambdaFunction>>,
    _gateway: Gateway,
}

impl World {
    /// The local stack, in memory, on a free port, with authorization. Or, where
    /// `SUBLEDGER_TEST_API` has an address, the API there, which checks no token,
    /// on the DynamoDB of `SUBLEDGER_TEST_DYNAMODB`, which all tests then share.
    pub async fn over_http() -> Self {
        #[expect(clippy::disallowed_methods, reason = "a place is given to a run of the tests")]
        let given = |name| std::env::var(name).ok();
        if let Some(api) = given("SUBLEDGER_TEST_API") {
            let table = TestTable::at(&given("SUBLEDGER_TEST_DYNAMODB").unwrap(), TABLE_NAME);
            return Self {
                store: table.backend.store(),
                http: HttpClient::new(&api),
                parts: Parts::Elsewhere(Box::new(Authorizer::new(&[0; SECRET_BYTES]))),
                table,
            };
        }
        let table = TestTable::new().await;
        let stack = Stack::start_on(table.backend.clone(), Authorization::Jwt).await.unwrap();
        Self {
            store: stack.backend.store(),
            http: HttpClient::new(&stack.base_url),
            parts: Parts::Stack(Box::new(stack)),
            table,
        }
    }

    /// The functions in this process, as in the local stack, and the meter of their store.
    pub async fn counted() -> (Self, Arc<Meter>) {
        let template = Template::embedded().unwrap();
        let table = TestTable::new().await;
        let meter = Arc::new(Meter::default());
        let store = DynamoStore::connect(&table.connection(Some(Arc::clone(&meter))));
        let functions = functions::compose(&store, Authorization::Jwt, &DEMO);
        let authorizer = Arc::new(Authorizer::new(&[7; SECRET_BYTES]));
        let (listener, address) = gateway::listen(0).await.unwrap();
        let checks = Some(Arc::clone(&authorizer));
        let gateway = Gateway::start(listener, template.routes, &functions, checks).unwrap();
        let world = Self {
            store: table.backend.store(),
            http: HttpClient::new(&format!("http://{address}")),
            parts: Parts::Lambda(Box::new(Lambda {
                authorizer,
                functions: BTreeMap::new(),
                _gateway: gateway,
            })),
            table,
        };
        (world, meter)
    }

    /// The Lambda binaries behind the gateway of the local stack, each in a process of its own
    /// that starts when it is first needed.
    pub async fn on_lambda() -> Self {
        let template = Template::embedded().unwrap();
        let table = TestTable::new().await;
        let connection = table.connection(None);
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
            registry.with_json(package, move |event| {
                let function = Arc::clone(&function);
                async move { Ok(respond(&function, event).await) }
            })
        });
        let authorizer = Arc::new(Authorizer::new(&[7; SECRET_BYTES]));
        let (listener, address) = gateway::listen(0).await.unwrap();
        let checks = Some(Arc::clone(&authorizer));
        let gateway = Gateway::start(listener, template.routes, &registry, checks).unwrap();
        Self {
            store: DynamoStore::connect(&connection),
            http: HttpClient::new(&format!("http://{address}")),
            parts: Parts::Lambda(Box::new(Lambda { authorizer, functions, _gateway: gateway })),
            table,
        }
    }

    /// A token that the API accepts.
    #[must_use]
    pub fn token(&self, grant: &Grant) -> String {
        self.authorizer().mint(grant, clock::now()).unwrap()
    }

    /// The authorizer of the API, which checks and signs tokens.
    #[must_use]
    pub fn authorizer(&self) -> &Authorizer {
        match &self.parts {
            Parts::Stack(stack) => stack.authorizer(),
            Parts::Lambda(lambda) => &lambda.authorizer,
            Parts::Elsewhere(authorizer) => authorizer,
        }
    }

    /// A client without a token.
    #[must_use]
    pub const fn anonymous(&self) -> Client<'_> {
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

    /// A client that may create organizations and ledgers.
    #[must_use]
    pub fn operator(&self) -> Client<'_> {
        self.client(None, None, "operator organization/read_write")
    }

    /// Everything that is stored, each item in the JSON of the DynamoDB API.
    pub async fn items(&self) -> Vec<Value> {
        self.table.items().await
    }

    /// Invokes a function with an event, without the gateway.
    ///
    /// # Panics
    /// Where the functions are in this process.
    pub async fn invoke(&self, package: &str, event: &Value) -> Answer {
        let Parts::Lambda(lambda) = &self.parts else {
            panic!("there are no Lambdas over HTTP");
        };
        let response = respond(&lambda.functions[package], event.to_string()).await;
        let path = [&event["rawPath"], &event["path"]].into_iter().find_map(Value::as_str);
        let asked = format!("{package} {}", path.unwrap_or("?"));
        let (head, body) = response.into_parts();
        Answer::new(asked, head.status.as_u16(), head.headers, &body)
    }
}

/// The answer of a function, or what API Gateway answers when there is none.
async fn respond(function: &LambdaFunction, event: String) -> Response {
    let outcome = function.invoke(event).await;
    let answer = outcome.and_then(|answer| {
        response_of(&answer).ok_or_else(|| format!("this is no answer: {answer}"))
    });
    answer.unwrap_or_else(|error| {
        let mut response = Response::new(error.into());
        *response.status_mut() = StatusCode::BAD_GATEWAY;
        response
    })
}

/// The HTTP response from the JSON that a function answers, as the sender of the event reads it.
fn response_of(answer: &str) -> Option<Response> {
    let answer: Value = serde_json::from_str(answer).ok()?;
    let body = answer["body"].as_str().unwrap_or_default();
    let body = match answer["isBase64Encoded"].as_bool()? {
        true => Body::Binary(STANDARD.decode(body).ok()?),
        false => Body::from(body),
    };
    let mut response = Response::new(body);
    let status = u16::try_from(answer["statusCode"].as_u64()?).ok()?;
    *response.status_mut() = StatusCode::from_u16(status).ok()?;
    // A load balancer takes its values from one of the two, a REST API from both.
    let several = answer["multiValueHeaders"].as_object()?;
    for (name, values) in answer["headers"].as_object()?.iter().chain(several) {
        let name: HeaderName = name.parse().ok()?;
        let values = values.as_array().map_or(std::slice::from_ref(values), Vec::as_slice);
        for (index, value) in values.iter().enumerate() {
            let value: HeaderValue = value.as_str()?.parse().ok()?;
            if index == 0 {
                response.headers_mut().insert(&name, value);
            } else {
                response.headers_mut().append(&name, value);
            }
        }
    }
    Some(response)
}

/// A client of the API.
#[derive(Debug, Clone)]
pub struct Client<'w> {
    /// The API that it uses.
    pub world: &'w World,
    /// Its token; `None` sends none.
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

    /// Sends a `GET` request.
    pub async fn get(&self, target: &str) -> Answer {
        self.send(Request::get(target)).await
    }

    /// Sends a request with a body of JSON.
    pub async fn post(&self, target: &str, body: &Value) -> Answer {
        self.send(Request::post(target, body)).await
    }
}
