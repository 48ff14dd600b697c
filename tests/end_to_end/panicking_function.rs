//! A Lambda function around the code of every other, that panics when it is asked to.

use subledger_http::Request;
use subledger_http::answer::answer_unknown_route;
use subledger_http::metrics::Metrics;
use subledger_http::serve::{RuntimeError, serve, start_logging};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), RuntimeError> {
    start_logging();
    let metrics = Metrics::from_env(|| []);
    serve(metrics, async |request: Request| {
        assert!(request.uri().path() != "/panic", "it was asked to");
        answer_unknown_route(&request)
    })
    .await
}
