//! The functions, put together as their `main.rs` does it on AWS, on the backend of this stack.

use std::sync::Arc;

use subledger_dynamodb::DynamoStore;
use subledger_http::request::authorization;
use subledger_http::serve::Api;

use crate::seed::Demo;
use crate::{Authorization, Functions};

/// Registers a function under the name of its package.
macro_rules! with {
    ($functions:expr, $api:expr, $package:literal, $function:ident) => {{
        let api = Arc::clone($api);
        $functions.with($package, move |request| {
            let api = Arc::clone(&api);
            async move { $function::handle(&api, request).await }
        })
    }};
}

/// Every function of the template on this store. With authorization off, v0 requests run in the
/// demo organization and ledger.
pub fn compose(store: &DynamoStore, authorization: Authorization, demo: &Demo) -> Functions {
    let authorization = match authorization {
        Authorization::Jwt => authorization::Authorization::Token,
        Authorization::None => authorization::Authorization::Off(demo.scope()),
    };
    let api = &Arc::new(Api::new(store.clone(), authorization));
    let functions = Functions::default().with("unknown-route", unknown_route::handle);
    let functions = with!(functions, api, "accounts", accounts);
    let functions = with!(functions, api, "balance-history", balance_history);
    let functions = with!(functions, api, "create-balance", create_balance);
    let functions = with!(functions, api, "get-balance", get_balance);
    let functions = with!(functions, api, "health", health);
    let functions = with!(functions, api, "ledgers", ledgers);
    let functions = with!(functions, api, "list-balances", list_balances);
    let functions = with!(functions, api, "post-transaction", post_transaction);
    with!(functions, api, "update-balance", update_balance)
}
