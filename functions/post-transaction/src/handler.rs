//! Moves money: posts transactions, commits, cancels and reverts them, and reads them back.

use subledger::ports::{ListTransactions, PostTransactions};
use subledger::transaction::finalize::{Finalization, finalize_transaction};
use subledger::transaction::post::BlockLabel::{Block, Unblock};
use subledger::transaction::post::post_transaction;
use subledger::transaction::read::{
    count_transactions, get_operation, get_transaction, list_account_operations, list_transactions,
};
use subledger::transaction::revert::revert_transaction;
use subledger::transaction::update::{update_operation, update_transaction};
use subledger_http::answer::answer;
use subledger_http::reply::Reply;
use subledger_http::request::call::Call;
use subledger_http::request::routes::{TRANSACTIONS, Transactions};
use subledger_http::serve::Api;
use subledger_http::v1::cursor::List;
use subledger_http::v1::error::ApiError;
use subledger_http::v1::transaction::{self, Form, NotesChange};
use subledger_http::v1::{filter, path, query};
use subledger_http::{Request, Response};

/// Says whether an answer is that of an earlier request with the same key.
const REPLAYED: &str = "x-idempotency-replayed";

/// What this function needs of a store.
pub trait Store: PostTransactions + ListTransactions {}

impl<S: PostTransactions + ListTransactions> Store for S {}

/// Answers one request.
pub async fn handle<S: Store>(api: &Api<S>, request: Request) -> Response {
    answer(api.authorization, TRANSACTIONS, request, |call| async move {
        let call = &call;
        match call.operation {
            Transactions::PostTransaction => Ok(post(api, call, Form::Transfer).await?),
            Transactions::PostInflow => Ok(post(api, call, Form::Inflow).await?),
            Transactions::PostOutflow => Ok(post(api, call, Form::Outflow).await?),
            Transactions::PostAnnotation => Ok(post(api, call, Form::Annotation).await?),
            Transactions::PostBlock => Ok(post(api, call, Form::Labelled(Block)).await?),
            Transactions::PostUnblock => Ok(post(api, call, Form::Labelled(Unblock)).await?),
            Transactions::CommitTransaction => Ok(finalize(api, call, Finalization::Commit).await?),
            Transactions::CancelTransaction => Ok(finalize(api, call, Finalization::Cancel).await?),
            Transactions::RevertTransaction => Ok(revert(api, call).await?),
            Transactions::GetTransaction => Ok(get(&api.store, call).await?),
            Transactions::ListTransactions => Ok(list(&api.store, call).await?),
            Transactions::UpdateTransaction => Ok(update(api, call).await?),
            Transactions::CountTransactions => Ok(count(&api.store, call).await?),
            Transactions::ListAccountOperations => Ok(operations(&api.store, call).await?),
            Transactions::GetAccountOperation => Ok(operation(&api.store, call).await?),
            Transactions::UpdateOperation => Ok(update_one(api, call).await?),
        }
    })
    .await
}

async fn post<S: Store>(
    api: &Api<S>,
    call: &Call<Transactions>,
    form: Form,
) -> Result<Reply, ApiError> {
    let scope = path::scope(call)?;
    let key = call.header("X-Idempotency").or_else(|| call.header("Idempotency-Key"));
    let new = transaction::decode(scope, form, key, &call.body)?;
    let posted = post_transaction(&api.store, &*api.clock, &*api.ids, new).await;
    let posted = posted.map_err(transaction::posting_error)?;
    let reply = Reply::json(201, &transaction::posted_body(&posted.transaction));
    Ok(reply.with_header(REPLAYED, posted.replayed.to_string()))
}

async fn finalize<S: Store>(
    api: &Api<S>,
    call: &Call<Transactions>,
    finalization: Finalization,
) -> Result<Reply, ApiError> {
    let scope = path::scope(call)?;
    let id = path::transaction(call)?;
    let finalized = finalize_transaction(&api.store, &*api.clock, scope, id, finalization).await?;
    Ok(Reply::json(201, &transaction::finalized_body(&finalized)))
}

async fn revert<S: Store>(api: &Api<S>, call: &Call<Transactions>) -> Result<Reply, ApiError> {
    let scope = path::scope(call)?;
    let id = path::transaction(call)?;
    let reversal = revert_transaction(&api.store, &*api.clock, &*api.ids, scope, id).await?;
    // A reversal takes no idempotency key, so a repeated request is refused, not replayed.
    let reply = Reply::json(201, &transaction::posted_body(&reversal));
    Ok(reply.with_header(REPLAYED, false.to_string()))
}

async fn get(store: &impl PostTransactions, call: &Call<Transactions>) -> Result<Reply, ApiError> {
    let scope = path::scope(call)?;
    let found = get_transaction(store, scope, path::transaction(call)?).await?;
    Ok(Reply::json(200, &transaction::body(&found)))
}

async fn list(store: &impl ListTransactions, call: &Call<Transactions>) -> Result<Reply, ApiError> {
    let scope = path::scope(call)?;
    let list = List::Transactions(scope.ledger.uuid());
    let asked = query::page(call, list)?;
    let recorded = query::recorded(call)?;
    let page = list_transactions(store, scope, &asked.request, recorded).await?;
    Ok(Reply::json(200, &transaction::page_body(&page, &asked)))
}

async fn update<S: Store>(api: &Api<S>, call: &Call<Transactions>) -> Result<Reply, ApiError> {
    let scope = path::scope(call)?;
    let id = path::transaction(call)?;
    let change = NotesChange::decode(&call.body)?;
    let apply = |notes: &_| change.applied_to(notes);
    let changed = update_transaction(&api.store, &*api.clock, scope, id, apply).await?;
    Ok(Reply::json(200, &transaction::body(&changed)))
}

async fn count(
    store: &impl ListTransactions,
    call: &Call<Transactions>,
) -> Result<Reply, ApiError> {
    let scope = path::scope(call)?;
    let range = query::created(call)?;
    let count = count_transactions(store, scope, range, &filter::transactions(call)?).await?;
    Ok(Reply::count(count))
}

async fn operations(
    store: &impl ListTransactions,
    call: &Call<Transactions>,
) -> Result<Reply, ApiError> {
    let scope = path::scope(call)?;
    let account = path::account(call)?;
    let list = List::Operations(account.uuid());
    let asked = query::page(call, list)?;
    let recorded = query::recorded(call)?;
    let wanted = filter::operations(call)?;
    let page =
        list_account_operations(store, scope, account, &asked.request, recorded, &wanted).await?;
    Ok(Reply::json(200, &transaction::operations_body(&page, &asked)))
}

async fn operation(
    store: &impl PostTransactions,
    call: &Call<Transactions>,
) -> Result<Reply, ApiError> {
    let scope = path::scope(call)?;
    let (account, id) = (path::account(call)?, path::operation(call)?);
    let found = get_operation(store, scope, account, id).await?;
    Ok(Reply::json(200, &transaction::one_operation_body(&found, id)?))
}

async fn update_one<S: Store>(api: &Api<S>, call: &Call<Transactions>) -> Result<Reply, ApiError> {
    let scope = path::scope(call)?;
    let (id, operation) = (path::transaction(call)?, path::operation(call)?);
    let change = NotesChange::decode(&call.body)?;
    let apply = |notes: &_| change.applied_to(notes);
    let ids = (id, operation);
    let changed = update_operation(&api.store, &*api.clock, scope, ids, apply).await?;
    Ok(Reply::json(200, &transaction::one_operation_body(&changed, operation)?))
}
