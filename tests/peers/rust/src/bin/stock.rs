//! Reads the newest version of a balance as the SDK's guide shows it: configuration, credentials and
//! HTTP client are what `aws_config::load_from_env` makes of the environment.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use lambda_http::{Error, Request, RequestExt, Response, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let client = Client::new(&aws_config::load_from_env().await);
    let table = std::env::var("TABLE_NAME")?;
    run(service_fn(|request| get_balance(&client, &table, request))).await
}

async fn get_balance(
    client: &Client,
    table: &str,
    request: Request,
) -> Result<Response<String>, Error> {
    let parameters = request.path_parameters();
    let id = parameters.first("balance_id").ok_or("the path names no balance")?;
    let answer = client
        .query()
        .table_name(table)
        .key_condition_expression("pk = :pk AND begins_with(sk, :prefix)")
        .expression_attribute_values(":pk", AttributeValue::S(format!("BALANCE#{id}")))
        .expression_attribute_values(":prefix", AttributeValue::S("AT#".to_owned()))
        .scan_index_forward(false)
        .limit(1)
        .consistent_read(true)
        .send()
        .await?;
    let Some(item) = answer.items().first() else {
        return Ok(Response::builder().status(404).body(String::new())?);
    };
    let texts: BTreeMap<&String, &String> =
        item.iter().filter_map(|(name, value)| Some((name, value.as_s().ok()?))).collect();
    let response = Response::builder().header("content-type", "application/json");
    Ok(response.body(serde_json::to_string(&texts)?)?)
}
