//! A tenant whose money moves, and the bodies of its transactions.

use serde_json::{Value, json};
use subledger_tests::{Account, Answer, Request, Tenant, id_of};

/// A tenant whose money moves.
pub(crate) struct Bank<'t>(pub(crate) &'t Tenant<'t>);

impl Bank<'_> {
    pub(crate) async fn post(&self, form: &str, body: &Value) -> Answer {
        self.0.post(&format!("/transactions/{form}"), body).await
    }

    /// Brings money in from outside.
    pub(crate) async fn inflow(&self, alias: &str, value: &str) -> Value {
        self.post("inflow", &inflow(alias, value)).await.json(201)
    }

    /// Sends money outside.
    pub(crate) async fn outflow(&self, alias: &str, value: &str) -> Answer {
        self.post("outflow", &outflow(alias, value)).await
    }

    pub(crate) async fn step(&self, transaction: &Value, step: &str) -> Answer {
        let id = id_of(transaction);
        let target = self.0.at(&format!("/transactions/{id}/{step}"));
        self.0.client.send(Request::new("POST", &target)).await
    }

    pub(crate) async fn patch(&self, rest: &str, body: &Value) -> Answer {
        let request = Request::new("PATCH", &self.0.at(rest)).text(&body.to_string());
        self.0.client.send(request).await
    }

    pub(crate) async fn delete(&self, rest: &str) -> Answer {
        self.0.client.send(Request::new("DELETE", &self.0.at(rest))).await
    }

    /// The balance of an account with this key.
    pub(crate) async fn balance(&self, account: &Account<'_>, key: &str) -> Value {
        let page = account.get("/balances?limit=100").await.json(200);
        let mut items = page["items"].as_array().unwrap().iter();
        items.find(|item| item["key"] == key).cloned().unwrap_or_default()
    }

    /// Available, on hold and overdraft used.
    pub(crate) async fn amounts(&self, account: &Account<'_>, key: &str) -> [String; 3] {
        let balance = self.balance(account, key).await;
        ["available", "onHold", "overdraftUsed"]
            .map(|name| balance[name].as_str().unwrap_or_default().to_owned())
    }

    pub(crate) async fn history(&self, balance: &Value, date: &str) -> Answer {
        self.0.get(&format!("/balances/{}/history?date={date}", id_of(balance))).await
    }
}

pub(crate) fn amount(value: &str) -> Value {
    json!({ "asset": "USD", "value": value })
}

pub(crate) fn inflow(alias: &str, value: &str) -> Value {
    let to = json!([{ "accountAlias": alias, "amount": amount(value) }]);
    json!({ "send": { "asset": "USD", "value": value, "distribute": { "to": to } } })
}

pub(crate) fn outflow(alias: &str, value: &str) -> Value {
    let from = json!([{ "accountAlias": alias, "amount": amount(value) }]);
    json!({ "send": { "asset": "USD", "value": value, "source": { "from": from } } })
}

pub(crate) fn transfer(from: &str, to: &str, value: &str) -> Value {
    json!({ "send": {
        "asset": "USD",
        "value": value,
        "source": { "from": [{ "accountAlias": from, "amount": amount(value) }] },
        "distribute": { "to": [{ "accountAlias": to, "amount": amount(value) }] },
    } })
}

pub(crate) fn pending(from: &str, to: &str, value: &str) -> Value {
    let mut body = transfer(from, to, value);
    body["pending"] = json!(true);
    body
}
