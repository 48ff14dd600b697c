//! The Lambda `unknown-route`.

use subledger_http::metrics::Metrics;
use subledger_http::serve::{RuntimeError, serve, start_logging};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), RuntimeError> {
    start_logging();
    serve(Metrics::from_env(|| []), unknown_route::handle).await
}
