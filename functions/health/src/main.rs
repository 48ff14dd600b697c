//! The Lambda `health`.

use std::sync::Arc;

use subledger_dynamodb::DynamoStore;
use subledger_http::metrics::Metrics;
use subledger_http::request::authorization::Authorization;
use subledger_http::serve::{Api, RuntimeError, clock_from_env, serve, start_logging};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), RuntimeError> {
    start_logging();
    let clock = clock_from_env()?;
    let store = DynamoStore::from_env(Arc::clone(&clock)).await?;
    let api = Api::new(store, Authorization::from_env()?).with_clock(clock);
    api.store.preconnect().await;
    let metrics = Metrics::from_env(|| api.store.take_consumption().thousandths());
    serve(metrics, |request| health::handle(&api, request)).await
}
