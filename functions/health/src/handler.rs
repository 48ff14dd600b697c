//! Says whether the service works, without a token: that it answers, which version it is, and whether
//! it can read the table.

use subledger::ports::ReadNothing;
use subledger_http::answer::answer;
use subledger_http::health;
use subledger_http::request::routes::{HEALTH, Health};
use subledger_http::serve::Api;
use subledger_http::{Request, Response};

/// Answers one request.
pub async fn handle<S: ReadNothing>(api: &Api<S>, request: Request) -> Response {
    answer(api.authorization, HEALTH, request, |call| async move {
        Ok(match call.operation {
            Health::GetHealth => health::healthy(),
            Health::GetVersion => health::version(api.clock.now()),
            Health::GetReadiness => health::readiness(api.store.read_nothing().await),
        })
    })
    .await
}
