//! The road of every request: route, authorization, limits, then the function's own code.

use std::future::Future;
use std::time::Instant;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpResponse;
use lambda_http::aws_lambda_events::encodings::Body;
use subledger::error::Error;
use tokio::time::timeout_at;

use crate::authorization::{Authorization, Denial};
use crate::call::{BodyError, Call, request_id};
use crate::encoding::Coding;
use crate::event::Event;
use crate::reply::Reply;
use crate::routes::{self, Dialect, Route, path_matches};
use crate::{v0, v1};

/// An answer as an API Gateway HTTP API takes it.
pub type Response = ApiGatewayV2httpResponse;

/// Why a request is not answered with success, in the words of its dialect.
#[derive(Debug)]
pub enum Failure {
    /// In v0.
    V0(v0::problem::Problem),
    /// In v1.
    V1(v1::problem::Problem),
}

impl From<v0::problem::Problem> for Failure {
    fn from(problem: v0::problem::Problem) -> Self {
        Self::V0(problem)
    }
}

impl From<v1::problem::Problem> for Failure {
    fn from(problem: v1::problem::Problem) -> Self {
        Self::V1(problem)
    }
}

impl Failure {
    fn of<R>(reason: R, dialect: Dialect) -> Self
    where
        v0::problem::Problem: From<R>,
        v1::problem::Problem: From<R>,
    {
        match dialect {
            Dialect::V0 => Self::V0(reason.into()),
            Dialect::V1 => Self::V1(reason.into()),
        }
    }
}

/// The longest body of an answer, in bytes. What a function hands to Lambda has at most 6 MB, and
/// is JSON, in which a body is a string: every quotation mark takes two bytes, so it may be twice
/// as long as it was.
const ANSWER_BYTES_MAX: usize = 3_000_000;

/// What is refused before any operation runs, in either dialect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// No token.
    Unauthenticated,
    /// A token that does not allow the operation.
    Forbidden,
    /// No such path.
    UnknownRoute,
    /// A path that does not have this method.
    MethodNotAllowed,
    /// A body over the limit.
    BodyTooLarge,
    /// A body that the gateway garbled.
    BodyUnreadable,
}

/// Answers an event: finds its route, checks the caller and the limits, and hands the call to the
/// function's own code.
pub async fn answer<T, F>(
    authorization: Authorization,
    routes: &'static [Route<T>],
    event: Event,
    respond: impl FnOnce(Call<T>) -> F + Send,
) -> Response
where
    T: Copy + Sync + Send,
    F: Future<Output = Result<Reply, Failure>> + Send,
{
    let request_id = request_id(&event);
    let logged_id = event.request_context.request_id.clone().unwrap_or_default();
    let coding = Coding::accepted_by(&event.headers);
    let route = find_route(routes, &event);
    let path = event.raw_path.as_deref().unwrap_or_default();
    let dialect = route.map_or_else(|| Dialect::of_path(path), Route::dialect);
    let deadline = event.deadline;
    let outcome = match admit(authorization, route, dialect, event) {
        Ok(call) => in_time(deadline, dialect, respond(call)).await,
        Err(failure) => Err(failure),
    };
    let outcome = outcome.and_then(|reply| {
        let fits = reply.body().len() <= ANSWER_BYTES_MAX;
        if fits { Ok(reply) } else { Err(Failure::of(Error::AnswerTooLarge, dialect)) }
    });
    let reply = outcome.unwrap_or_else(|failure| {
        log(&failure, &logged_id);
        render(&failure, &request_id)
    });
    reply.into_response(&request_id, coding)
}

/// Waits for an outcome until the deadline. Nobody knows then what became of the request, and the
/// client is told so, where Lambda would end the function without a word.
async fn in_time(
    deadline: Option<Instant>,
    dialect: Dialect,
    outcome: impl Future<Output = Result<Reply, Failure>>,
) -> Result<Reply, Failure> {
    let Some(deadline) = deadline else {
        return outcome.await;
    };
    timeout_at(deadline.into(), outcome).await.unwrap_or_else(|elapsed| {
        Err(Failure::of(Error::Unavailable { cause: elapsed.into() }, dialect))
    })
}

/// Answers a request that API Gateway found no route for: 404, or 405 with the methods of the path
/// if it has others.
pub fn answer_unknown_route(event: &Event) -> Response {
    let request_id = request_id(event);
    let path = event.raw_path.as_deref().unwrap_or_default();
    let methods = routes::methods_of(path);
    let exists = !methods.is_empty();
    let refusal = if exists { Refusal::MethodNotAllowed } else { Refusal::UnknownRoute };
    let failure = Failure::of(refusal, Dialect::of_path(path));
    let reply = render(&failure, &request_id);
    let reply = if exists { reply.with_header("allow", methods.join(", ")) } else { reply };
    reply.into_response(&request_id, Coding::accepted_by(&event.headers))
}

/// The body that a gateway sends for an answer; nothing if it is not what it says.
///
/// A function behind a Runtime API answers in JSON, so what is no text comes as base64 and says so;
/// in the same process it comes as the bytes themselves.
#[must_use]
pub fn body_of(response: &Response) -> Option<Vec<u8>> {
    match (&response.body, response.is_base64_encoded) {
        (None | Some(Body::Empty), _) => Some(Vec::new()),
        (Some(Body::Text(text)), true) => STANDARD.decode(text).ok(),
        (Some(Body::Text(text)), false) => Some(text.clone().into_bytes()),
        (Some(Body::Binary(bytes)), true) => Some(bytes.clone()),
        // Bytes that do not say that they are base64 get lost in JSON.
        (Some(_), _) => None,
    }
}

fn admit<T: Copy>(
    authorization: Authorization,
    route: Option<&'static Route<T>>,
    dialect: Dialect,
    event: Event,
) -> Result<Call<T>, Failure> {
    let refuse = |refusal: Refusal| Failure::of(refusal, dialect);
    let route = route.ok_or_else(|| refuse(Refusal::UnknownRoute))?;
    let caller =
        authorization.authorize(&event.request_context, route.permission).map_err(|denial| {
            refuse(match denial {
                Denial::Unauthenticated => Refusal::Unauthenticated,
                Denial::Forbidden => Refusal::Forbidden,
            })
        })?;
    Call::new(route.operation, route.path, caller, event).map_err(|error| {
        refuse(match error {
            BodyError::TooLarge => Refusal::BodyTooLarge,
            BodyError::NotBase64 => Refusal::BodyUnreadable,
        })
    })
}

/// The route that the gateway chose, or, behind a gateway that does not choose (`$default`), the
/// one that method and path match.
fn find_route<T>(routes: &'static [Route<T>], event: &Event) -> Option<&'static Route<T>> {
    let key = event.route_key.as_deref().unwrap_or("$default");
    if key != "$default" {
        return routes.iter().find(|route| route.has_key(key));
    }
    let method = event.request_context.http.method.as_str();
    let path = event.raw_path.as_deref()?;
    routes.iter().find(|route| route.method == method && path_matches(route.path, path))
}

fn render(failure: &Failure, request_id: &str) -> Reply {
    match failure {
        Failure::V0(problem) => problem.reply(request_id),
        Failure::V1(problem) => problem.reply(),
    }
}

/// Logs a failure once. Bodies, names and identifiers of the client's objects stay out of it, so
/// the id is the gateway's: a client may have put anything into its own.
fn log(failure: &Failure, request_id: &str) {
    let (status, code, cause) = match failure {
        Failure::V0(problem) => (problem.status(), problem.code(), problem.cause()),
        Failure::V1(problem) => (problem.status(), problem.code(), problem.cause()),
    };
    if status < 500 {
        tracing::info!(request_id, status, code, "request refused");
        return;
    }
    let cause = cause.map(chain).unwrap_or_default();
    tracing::error!(request_id, status, code, cause, "request failed");
}

/// An error and everything that caused it, in one line.
fn chain(error: &dyn std::error::Error) -> String {
    std::iter::successors(Some(error), |error| error.source())
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(": ")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use subledger::ids::{LedgerId, OrganizationId, Scope};
    use uuid::Uuid;

    use super::*;
    use crate::routes::{GET_BALANCE, LIST_BALANCES};

    fn event(path: &str, deadline: Option<Instant>) -> Event {
        let mut event = Event { raw_path: Some(path.to_owned()), deadline, ..Event::default() };
        event.request_context.http.method = "GET".to_owned();
        event
    }

    fn off() -> Authorization {
        let organization = OrganizationId::new(Uuid::from_u128(1));
        Authorization::Off(Scope { organization, ledger: LedgerId::new(Uuid::from_u128(2)) })
    }

    #[track_caller]
    fn check(response: &Response, status: i64, code: &str, retry: bool) {
        let body = body_of(response).unwrap();
        let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
        assert_eq!((response.status_code, &body["code"]), (status, &code.into()));
        assert_eq!(response.headers.contains_key("retry-after"), retry);
    }

    #[tokio::test]
    async fn who_has_no_answer_in_time_is_told_that_nobody_knows() {
        let soon = Instant::now().checked_add(Duration::from_millis(10));
        let v1 = event("/v1/organizations/o/ledgers/l/balances/b", soon);
        let never = |_| std::future::pending();
        check(&answer(off(), GET_BALANCE, v1, never).await, 503, "0046", true);
        let v0 = event("/v0/subledger_balances/b", soon);
        check(&answer(off(), GET_BALANCE, v0, never).await, 503, "service_unavailable", true);
    }

    #[tokio::test]
    async fn an_answer_that_lambda_would_not_take_is_refused() {
        let list = async |bytes: usize| {
            let event = event("/v1/organizations/o/ledgers/l/balances", None);
            let quoted = bytes.checked_sub(2).unwrap();
            let reply = async move |_| Ok(Reply::json(200, &"x".repeat(quoted)));
            answer(off(), LIST_BALANCES, event, reply).await
        };
        assert_eq!(list(ANSWER_BYTES_MAX).await.status_code, 200);
        check(&list(ANSWER_BYTES_MAX + 1).await, 422, "0097", false);
    }
}
