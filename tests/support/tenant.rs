//! An organization with a ledger, and its accounts.

use serde_json::{Value, json};
use subledger::money::ids::{LedgerId, OrganizationId, Scope};
use subledger_local::clock;
use uuid::Uuid;

use crate::answer::Answer;
use crate::request::Request;
use crate::world::{ALL_SCOPES, Client, World};

/// An organization with a ledger, and a client with all permissions in it.
#[derive(Debug)]
pub struct Tenant<'w> {
    /// The client with all permissions.
    pub client: Client<'w>,
    /// The id of the organization.
    pub organization: Uuid,
    /// The id of the ledger.
    pub ledger: Uuid,
}

/// The `id` of an answer.
#[must_use]
pub fn id_of(body: &Value) -> Uuid {
    Uuid::parse_str(body["id"].as_str().unwrap()).unwrap()
}

impl World {
    /// A new organization with a ledger that has the asset USD.
    pub async fn tenant(&self) -> Tenant<'_> {
        let tenant = self.tenant_without_assets().await;
        tenant.asset("USD").await;
        tenant
    }

    /// A new organization with a ledger that has no assets.
    pub async fn tenant_without_assets(&self) -> Tenant<'_> {
        let operator = self.operator();
        let organization = json!({ "legalName": "Lion", "legalDocument": "HRB 1" });
        let organization = operator.post("/v1/organizations", &organization).await.json(201);
        let organization = id_of(&organization);
        let ledgers = format!("/v1/organizations/{organization}/ledgers");
        let ledger = operator.post(&ledgers, &json!({ "name": "Books" })).await.json(201);
        let ledger = id_of(&ledger);
        let client = self.client(Some(organization), Some(ledger), ALL_SCOPES);
        Tenant { client, organization, ledger }
    }
}

/// The body that opens a revolving line of credit in dollars on a v0 account.
#[must_use]
pub fn revolving_credit(account: &str, name: &str) -> Value {
    json!({
        "account_id": account,
        "client_subledger_balance_name": name,
        "currency_code": "USD",
        "type": "credit",
        "details": {
            "structure": "revolving",
            "autopay_method": "none",
            "is_interest_based": false,
            "effective_apr": "10.250",
            "effective_interest_rate": "9.500000",
            "repayment_details": [{ "expected_payment_frequency": "monthly" }]
        }
    })
}

impl<'w> Tenant<'w> {
    /// A target below the ledger.
    #[must_use]
    pub fn at(&self, rest: &str) -> String {
        let Self { organization, ledger, .. } = self;
        format!("/v1/organizations/{organization}/ledgers/{ledger}{rest}")
    }

    /// The ledger, as the store knows it.
    #[must_use]
    pub const fn scope(&self) -> Scope {
        Scope {
            organization: OrganizationId::new(self.organization),
            ledger: LedgerId::new(self.ledger),
        }
    }

    /// A client of the ledger with only these token scopes.
    #[must_use]
    pub fn limited_to(&self, scope: &str) -> Client<'w> {
        self.client.world.client(Some(self.organization), Some(self.ledger), scope)
    }

    /// Sends a `GET` request to a target below the ledger.
    pub async fn get(&self, rest: &str) -> Answer {
        self.client.get(&self.at(rest)).await
    }

    /// Posts to a target below the ledger.
    pub async fn post(&self, rest: &str, body: &Value) -> Answer {
        self.client.post(&self.at(rest), body).await
    }

    /// A new currency.
    pub async fn asset(&self, code: &str) -> Value {
        let asset = json!({ "name": format!("The {code}"), "type": "currency", "code": code });
        self.post("/assets", &asset).await.json(201)
    }

    /// A new account in dollars with its default balance.
    pub async fn account(&self, alias: &str) -> Account<'_> {
        let body = json!({ "assetCode": "USD", "type": "deposit", "alias": alias });
        let body = self.post("/accounts", &body).await.json(201);
        Account { tenant: self, id: id_of(&body) }
    }

    /// The external account of an asset.
    pub async fn external_account(&self, code: &str) -> Account<'_> {
        let body = self.get(&format!("/accounts/external/{code}")).await.json(200);
        Account { tenant: self, id: id_of(&body) }
    }

    /// Posts to v0.
    pub async fn v0_post(&self, target: &str, key: &str, body: &Value) -> Answer {
        self.client.send(Request::post(target, body).key(key)).await
    }

    /// A new v0 account with these capabilities.
    pub async fn v0_account(&self, key: &str, capabilities: &[&str]) -> String {
        let body = json!({
            "capabilities": capabilities,
            "entities": { "account_holders": ["entity_1"] },
            "details": { "product_name": "Card" },
            "documents": []
        });
        let body = self.v0_post("/v0/accounts", key, &body).await.json(200);
        body["id"].as_str().unwrap().to_owned()
    }

    /// All balances of the ledger, oldest first.
    pub async fn balances(&self) -> Vec<Value> {
        let page = self.get("/balances?limit=100").await.json(200);
        page["items"].as_array().unwrap().clone()
    }
}

/// An account of a tenant.
#[derive(Debug)]
pub struct Account<'t> {
    /// The tenant that it belongs to.
    pub tenant: &'t Tenant<'t>,
    /// Its id.
    pub id: Uuid,
}

impl Account<'_> {
    /// A target below the account.
    #[must_use]
    pub fn at(&self, rest: &str) -> String {
        self.tenant.at(&format!("/accounts/{}{rest}", self.id))
    }

    /// Sends a `GET` request to a target below the account.
    pub async fn get(&self, rest: &str) -> Answer {
        self.tenant.client.get(&self.at(rest)).await
    }

    /// Requests to open a balance, and gives the answer.
    pub async fn open(&self, body: &Value) -> Answer {
        self.tenant.client.post(&self.at("/balances"), body).await
    }

    /// Opens a balance.
    pub async fn balance(&self, key: &str) -> Value {
        self.open(&json!({ "key": key })).await.json(201)
    }

    /// The keys of the account's balances, oldest first.
    pub async fn keys(&self) -> Vec<String> {
        let page = self.get("/balances?limit=100").await.json(200);
        let items = page["items"].as_array().unwrap().iter();
        items.map(|item| item["key"].as_str().unwrap().to_owned()).collect()
    }
}

/// The present, as a date of a query.
#[must_use]
pub fn now() -> String {
    let now = clock::now();
    format!(
        "{}T{:02}:{:02}:{:02}.{:06}Z",
        now.date(),
        now.hour(),
        now.minute(),
        now.second(),
        now.microsecond()
    )
}
