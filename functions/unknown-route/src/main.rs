//! The Lambda `unknown-route`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), subledger_http::serve::RuntimeError> {
    subledger_http::serve::start_logging();
    subledger_http::serve::serve(unknown_route::handle).await
}
