//! The functions, put together as their `main.rs` does it on AWS, on the backend of this stack.

use lambda_http::{Body, Response};

use crate::backend::Backend;
use crate::seed::Demo;
use crate::{Authorization, Error, Functions};

/// Every function of the template on this backend. With authorization off, v0 requests run in the
/// demo organization and ledger.
///
/// # Errors
///
/// [`Error::Functions`] when the store cannot be reached or its table is not there.
pub async fn compose(
    _backend: &Backend,
    _authorization: Authorization,
    _demo: &Demo,
) -> Result<Functions, Error> {
    // The functions are registered here, one line each, as soon as they exist.
    let packages = [
        "accounts",
        "balance-history",
        "create-balance",
        "get-balance",
        "list-balances",
        "unknown-route",
    ];
    Ok(packages
        .iter()
        .fold(Functions::default(), |functions, package| {
            functions.with(package, |_request| async {
                let mut response = Response::new(Body::from(r#"{"message":"Not Implemented"}"#));
                *response.status_mut() = http::StatusCode::NOT_IMPLEMENTED;
                response
            })
        }))
}
