//! What every function does with a request: it finds the route, checks the caller and the limits,
//! runs its own code, and answers or logs an error.

use std::future::Future;
use std::time::{Duration, Instant};

use http::{Method, header};
use lambda_http::{Request, RequestExt};
use subledger::error::Error;
use tokio::time::timeout_at;
use tracing::{Instrument, Span};

use crate::encoding::Coding;
use crate::metrics::ConflictGivenUp;
use crate::rejection::Rejection;
use crate::reply::Reply;
use crate::request::authorization::Authorization;
use crate::request::call::{Call, request_id};
use crate::request::event::rejection_of;
use crate::request::gateway;
use crate::request::routes::{self, Dialect, Route};
use crate::system::time_until;
use crate::{Response, v0, v1};

/// An error in the dialect of the request.
#[derive(Debug)]
pub enum DialectError {
    /// In v0.
    V0(v0::error::ApiError),
    /// In v1.
    V1(v1::error::ApiError),
}

impl From<v0::error::ApiError> for DialectError {
    fn from(error: v0::error::ApiError) -> Self {
        Self::V0(error)
    }
}

impl From<v1::error::ApiError> for DialectError {
    fn from(error: v1::error::ApiError) -> Self {
        Self::V1(error)
    }
}

impl DialectError {
    /// The error of the domain behind it, if there is one.
    fn cause(&self) -> Option<&Error> {
        match self {
            Self::V0(error) => error.cause(),
            Self::V1(error) => error.cause(),
        }
    }

    fn of<R>(reason: R, dialect: Dialect) -> Self
    where
        v0::error::ApiError: From<R>,
        v1::error::ApiError: From<R>,
    {
        match dialect {
            Dialect::V0 => Self::V0(reason.into()),
            Dialect::V1 => Self::V1(reason.into()),
        }
    }
}

/// The longest body of an answer, in bytes. A function may return 6 MB to Lambda, as JSON in which
/// the body is a string. Every quotation mark takes two bytes there, so the string may be twice as
/// long as the body.
const ANSWER_BYTES_MAX: usize = 3_000_000;

/// The longest body of an answer to a load balancer, in bytes. It takes 1 MB from a function.
const LOAD_BALANCER_ANSWER_BYTES_MAX: usize = 500_000;

/// How long before the timeout of a function its answer is sent, so that there is time for a last
/// line of the log.
const TIME_TO_ANSWER: Duration = Duration::from_millis(500);

/// Answers a request: finds its route, checks the caller and the limits, and hands the call to the
/// function's own code.
///
/// If Lambda sets a deadline, the answer is sent half a second before it. Every line of the log has
/// the gateway's id of the request.
pub async fn answer<T, F>(
    authorization: Authorization,
    routes: &'static [Route<T>],
    request: Request,
    respond: impl FnOnce(Call<T>) -> F + Send,
) -> Response
where
    T: Copy + Sync + Send,
    F: Future<Output = Result<Reply, DialectError>> + Send,
{
    let span = span_of(&request);
    answer_in_span(authorization, routes, request, respond).instrument(span).await
}

/// What a line of the log says of the request that it belongs to.
pub(crate) fn span_of(request: &Request) -> Span {
    tracing::info_span!("request", request_id = gateway::request_id(request))
}

async fn answer_in_span<T, F>(
    authorization: Authorization,
    routes: &'static [Route<T>],
    request: Request,
    respond: impl FnOnce(Call<T>) -> F + Send,
) -> Response
where
    T: Copy + Sync + Send,
    F: Future<Output = Result<Reply, DialectError>> + Send,
{
    let request_id = request_id(&request);
    let logged_id = gateway::request_id(&request).to_owned();
    let coding = Coding::of(&request);
    let bytes_max = answer_bytes_max(&request);
    let route = find_route(routes, &request);
    let dialect = route.map_or_else(|| Dialect::of_path(request.raw_http_path()), Route::dialect);
    let deadline = deadline(&request);
    let outcome = match admit(authorization, route, dialect, request) {
        Ok(call) => {
            if call.caller.is_operator() {
                tracing::info!("request of an operator");
            }
            in_time(deadline, dialect, respond(call)).await
        }
        Err(failure) => Err(failure),
    };
    let outcome = outcome.and_then(|reply| {
        let fits = reply.body().len() <= bytes_max;
        if fits { Ok(reply) } else { Err(DialectError::of(Error::AnswerTooLarge, dialect)) }
    });
    let is_given_up =
        outcome.as_ref().is_err_and(|failure| matches!(failure.cause(), Some(Error::Contended)));
    let reply = outcome.unwrap_or_else(|failure| {
        log(&failure, &logged_id);
        render(&failure, &request_id)
    });
    let mut response = reply.into_response(&request_id, coding);
    if is_given_up {
        response.extensions_mut().insert(ConflictGivenUp);
    }
    response
}

fn answer_bytes_max(request: &Request) -> usize {
    if gateway::is_load_balancer(request) {
        LOAD_BALANCER_ANSWER_BYTES_MAX
    } else {
        ANSWER_BYTES_MAX
    }
}

/// When the answer has to be sent; `None` outside Lambda.
fn deadline(request: &Request) -> Option<Instant> {
    let context = request.lambda_context_ref()?;
    let left = time_until(context.deadline()).saturating_sub(TIME_TO_ANSWER);
    Instant::now().checked_add(left)
}

/// Waits for an outcome until the deadline, and then answers that the service is unavailable: what
/// became of the request is unknown. Without this Lambda would end the function with no answer.
async fn in_time(
    deadline: Option<Instant>,
    dialect: Dialect,
    outcome: impl Future<Output = Result<Reply, DialectError>>,
) -> Result<Reply, DialectError> {
    let Some(deadline) = deadline else {
        return outcome.await;
    };
    timeout_at(deadline.into(), outcome).await.unwrap_or_else(|elapsed| {
        Err(DialectError::of(Error::Unavailable { cause: elapsed.into() }, dialect))
    })
}

/// Answers a request that API Gateway found no route for: 404, or 405 with the methods of the path
/// if it has others.
///
/// A preflight, with which a browser asks what a page of another origin may do, is answered with
/// nothing: API Gateway adds the headers that allow something, or adds none.
#[must_use]
pub fn answer_unknown_route(request: &Request) -> Response {
    let request_id = request_id(request);
    let path = request.raw_http_path();
    if request.method() == Method::OPTIONS && request.headers().contains_key(header::ORIGIN) {
        return Reply::empty(204).into_response(&request_id, Coding::of(request));
    }
    let methods = routes::methods_of(path);
    let rejection = if rejection_of(request) == Some(Rejection::Malformed) {
        Rejection::Malformed
    } else if methods.is_empty() {
        Rejection::UnknownRoute
    } else {
        Rejection::MethodNotAllowed
    };
    let is_other_method = rejection == Rejection::MethodNotAllowed;
    let reply = render(&DialectError::of(rejection, Dialect::of_path(path)), &request_id);
    let reply =
        if is_other_method { reply.with_header("allow", methods.join(", ")) } else { reply };
    reply.into_response(&request_id, Coding::of(request))
}

fn admit<T: Copy>(
    authorization: Authorization,
    route: Option<&'static Route<T>>,
    dialect: Dialect,
    request: Request,
) -> Result<Call<T>, DialectError> {
    let call = check_and_read(authorization, route, request)
        .map_err(|rejection| DialectError::of(rejection, dialect))?;
    if call.takes_body {
        return Ok(call);
    }
    match dialect {
        Dialect::V0 => v0::expect_no_body(&call.body)?,
        Dialect::V1 => v1::fields::expect_no_fields(&call.body)?,
    }
    Ok(call)
}

fn check_and_read<T: Copy>(
    authorization: Authorization,
    route: Option<&'static Route<T>>,
    request: Request,
) -> Result<Call<T>, Rejection> {
    let rejection = rejection_of(&request);
    if rejection == Some(Rejection::Malformed) {
        return Err(Rejection::Malformed);
    }
    let route = route.ok_or(Rejection::UnknownRoute)?;
    let caller = authorization.authorize(&request, route.permission)?;
    rejection.map_or_else(|| Call::new(route, caller, request), Err)
}

/// The route that the gateway chose. If it chose none of the function's (`$default`, `/{proxy+}`, a
/// function URL, a load balancer), the route that method and path match.
fn find_route<T>(routes: &'static [Route<T>], request: &Request) -> Option<&'static Route<T>> {
    let chosen = gateway::route(request);
    let chosen = chosen.and_then(|chosen| routes.iter().find(|route| route.is(chosen)));
    let (method, path) = (request.method().as_str(), request.raw_http_path());
    chosen.or_else(|| routes.iter().find(|route| route.takes(method, path)))
}

fn render(failure: &DialectError, request_id: &str) -> Reply {
    match failure {
        DialectError::V0(error) => error.reply(request_id),
        DialectError::V1(error) => error.reply(),
    }
}

/// Logs a failure once. The line contains nothing that the client sent: no body, no names or ids of
/// objects, and of the two request ids the gateway's.
fn log(failure: &DialectError, request_id: &str) {
    let (status, code) = match failure {
        DialectError::V0(error) => (error.status(), error.code()),
        DialectError::V1(error) => (error.status(), error.code()),
    };
    if status < 500 {
        tracing::info!(request_id, status, code, "request refused");
        return;
    }
    let cause = failure.cause().map(|error| chain(error)).unwrap_or_default();
    tracing::error!(request_id, status, code, cause, "request failed");
}

/// An error and everything that caused it, in one line.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    std::iter::successors(Some(error), |error| error.source())
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(": ")
}

#[cfg(test)]
mod tests {
    use lambda_http::Context;
    use serde_json::{Value, json};
    use subledger::money::ids::{LedgerId, OrganizationId, Scope};
    use uuid::Uuid;

    use super::*;
    use crate::request::event::Incoming;
    use crate::request::routes::{GET_BALANCE, LIST_BALANCES};

    const LIST: &str = "/v1/organizations/o/ledgers/l/balances";

    fn request(event: &Value) -> Request {
        Incoming::read(&event.to_string()).unwrap().into_request()
    }

    /// What a function URL makes of a request.
    fn get(path: &str) -> Request {
        request(&json!({
            "rawPath": path,
            "requestContext": { "routeKey": "$default", "http": { "method": "GET" } },
        }))
    }

    fn off() -> Authorization {
        let organization = OrganizationId::new(Uuid::from_u128(1));
        Authorization::Off(Scope { organization, ledger: LedgerId::new(Uuid::from_u128(2)) })
    }

    #[track_caller]
    fn check(response: &Response, status: u16, code: &str, retry: bool) {
        let body: Value = serde_json::from_slice(response.body()).unwrap();
        assert_eq!((response.status().as_u16(), &body["code"]), (status, &code.into()));
        assert_eq!(response.headers().contains_key("retry-after"), retry);
    }

    #[tokio::test]
    async fn who_has_no_answer_in_time_is_told_that_nobody_knows() {
        // The deadline is in the past, so there is no time left.
        let late = |path: &str| get(path).with_lambda_context(Context::default());
        let never = |_| std::future::pending();
        let v1 = late("/v1/organizations/o/ledgers/l/balances/b");
        check(&answer(off(), GET_BALANCE, v1, never).await, 503, "0046", true);
        let v0 = late("/v0/subledger_balances/b");
        check(&answer(off(), GET_BALANCE, v0, never).await, 503, "service_unavailable", true);
    }

    #[tokio::test]
    async fn an_answer_that_lambda_would_not_take_is_refused() {
        let of_balancer = || {
            request(&json!({
                "path": LIST, "httpMethod": "GET", "requestContext": { "elb": {} }, "body": "",
            }))
        };
        let list = async |request: Request, bytes: usize| {
            let quoted = bytes.checked_sub(2).unwrap();
            let reply = async move |_| Ok(Reply::json(200, &"x".repeat(quoted)));
            answer(off(), LIST_BALANCES, request, reply).await
        };
        assert_eq!(list(get(LIST), ANSWER_BYTES_MAX).await.status(), 200);
        check(&list(get(LIST), ANSWER_BYTES_MAX + 1).await, 422, "0902", false);
        let most = LOAD_BALANCER_ANSWER_BYTES_MAX;
        assert_eq!(list(of_balancer(), most).await.status(), 200);
        check(&list(of_balancer(), most + 1).await, 422, "0902", false);
    }

    #[tokio::test]
    async fn an_answer_is_compressed_where_the_gateway_passes_that_on() {
        let url = json!({ "routeKey": "$default", "http": { "method": "GET" } });
        let rest = json!({ "resourcePath": "/{proxy+}", "httpMethod": "GET" });
        let balancer = json!({ "elb": {} });
        for (context, coding) in [(url, Some("gzip")), (balancer, Some("gzip")), (rest, None)] {
            let request = request(&json!({
                "path": LIST, "httpMethod": "GET", "requestContext": context,
                "headers": { "accept-encoding": "gzip" },
            }));
            let reply = async |_| Ok(Reply::json(200, &"x".repeat(10_000)));
            let response = answer(off(), LIST_BALANCES, request, reply).await;
            let found = response.headers().get("content-encoding");
            assert_eq!(found.map(|value| value.to_str().unwrap()), coding);
            assert_eq!(response.headers()["vary"], "accept-encoding");
        }
    }

    #[tokio::test]
    async fn a_route_of_ours_is_taken_and_any_other_is_looked_for_by_the_path() {
        let ours = "/v1/organizations/{organization_id}/ledgers/{ledger_id}/balances";
        for (resource, path, status) in [
            // Below the path of a custom domain.
            (ours, "/books/v1/organizations/o/ledgers/l/balances", 200),
            ("/{proxy+}", LIST, 200),
            ("/v1/{proxy+}", LIST, 200),
            ("/{proxy+}", "/v1/nothing", 404),
        ] {
            let v1 = json!({
                "path": path, "httpMethod": "GET",
                "requestContext": { "resourcePath": resource, "httpMethod": "GET" },
            });
            let v2 = json!({
                "rawPath": path,
                "requestContext": {
                    "routeKey": format!("GET {resource}"), "http": { "method": "GET" }
                },
            });
            for event in [v1, v2] {
                let reply = async |_| Ok(Reply::json(200, &"found"));
                let response = answer(off(), LIST_BALANCES, request(&event), reply).await;
                assert_eq!(response.status(), status, "{event}");
            }
        }
    }

    #[tokio::test]
    async fn a_stage_is_no_part_of_the_path() {
        let event = json!({
            "path": LIST, "httpMethod": "GET",
            "requestContext": {
                "resourcePath": "/{proxy+}", "httpMethod": "GET", "stage": "prod"
            },
        });
        let reply = async |_| Ok(Reply::json(200, &"found"));
        let response = answer(off(), LIST_BALANCES, request(&event), reply).await;
        assert_eq!(response.status(), 200);
    }
}
