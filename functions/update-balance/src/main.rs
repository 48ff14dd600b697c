//! The Lambda `update-balance`.

use subledger_dynamodb::DynamoStore;
use subledger_http::metrics::Metrics;
use subledger_http::request::authorization::Authorization;
use subledger_http::serve::{Api, RuntimeError, serve, start_logging};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), RuntimeError> {
    start_logging();
    let api = Api::new(DynamoStore::from_env().await?, Authorization::from_env()?);
    api.store.preconnect().await;
    let metrics = Metrics::from_env(|| api.store.take_consumption().thousandths());
    serve(metrics, |request| update_balance::handle(&api, request)).await
}
