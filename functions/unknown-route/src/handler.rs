//! Answers what no route takes: 404, or 405 where the path exists with another method, in the
//! dialect of the path. It has no store and needs no token.

use subledger_http::answer::answer_unknown_route;
use subledger_http::{Request, Response};

/// Answers one request.
#[expect(clippy::unused_async, reason = "every function of the service is called the same way")]
pub async fn handle(request: Request) -> Response {
    answer_unknown_route(&request)
}
