//! Answers what no route takes: 404, or 405 where the path exists with another method, in the
//! dialect of the path. It has no store and needs no token.

use subledger_http::answer::{Response, answer_unknown_route};
use subledger_http::event::Event;

/// Answers one event.
#[expect(clippy::unused_async, reason = "every function of the service is called the same way")]
pub async fn handle(event: Event) -> Response {
    answer_unknown_route(&event)
}
