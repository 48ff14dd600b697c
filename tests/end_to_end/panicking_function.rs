//! A Lambda function around the code of every other, that panics when it is asked to.

use subledger_http::answer::answer_unknown_route;
use subledger_http::event::Event;
use subledger_http::metrics::Metrics;
use subledger_http::serve::{RuntimeError, serve, start_logging};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), RuntimeError> {
    start_logging();
    let metrics = Metrics::from_env(|| []);
    serve(metrics, async |event: Event| {
        assert!(event.raw_path.as_deref() != Some("/panic"), "it was asked to");
        answer_unknown_route(&event)
    })
    .await
}
