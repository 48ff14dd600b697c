//! The demo data, on which the first commands of a new user run.

use std::sync::Mutex;

use subledger::account::open::{NewAccount, open_account};
use subledger::account::{AccountType, Alias};
use subledger::error::Cause;
use subledger::ledger::ListingShards;
use subledger::ledger::asset::{AssetCode, AssetType};
use subledger::ledger::asset::{NewAsset, create_asset};
use subledger::ledger::create::{NewLedger, create_ledger};
use subledger::ledger::organization::{NewOrganization, create_organization};
use subledger::metadata::Metadata;
use subledger::money::ids::{AccountId, LedgerId, OrganizationId, Scope};
use subledger::money::text::{Text, TextError};
use subledger::money::unique_name::UniqueName;
use subledger::page::{Filter, NumberedPage, PageLimit, SortOrder, TimeRange};
use subledger::ports::{IdSource, ReadAccounts, ReadAssets, ReadLedgers, ReadOrganizations};
use subledger::status::Status;
use subledger_dynamodb::DynamoStore;
use subledger_http::system::SystemClock;
use uuid::Uuid;

use crate::Error;

/// The ids of the demo data. They are the same on every machine, so a token and a command that
/// worked once work again on another store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Demo {
    /// The organization.
    pub organization_id: Uuid,
    /// Its ledger, which has the asset USD.
    pub ledger_id: Uuid,
    /// A customer's account.
    pub customer_account_id: Uuid,
    /// The account that the customer's money comes from.
    pub funding_account_id: Uuid,
}

/// The demo data of every local stack.
pub const DEMO: Demo = Demo {
    organization_id: numbered(1),
    ledger_id: numbered(2),
    customer_account_id: numbered(3),
    funding_account_id: numbered(4),
};

impl Demo {
    /// Its organization and ledger.
    #[must_use]
    pub const fn scope(&self) -> Scope {
        Scope {
            organization: OrganizationId::new(self.organization_id),
            ledger: LedgerId::new(self.ledger_id),
        }
    }
}

const fn numbered(number: u128) -> Uuid {
    Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 | number)
}

/// An id source that returns the ids it was made with, in order.
struct Prepared(Mutex<Vec<Uuid>>);

impl Prepared {
    fn new(ids: &[Uuid]) -> Self {
        Self(Mutex::new(ids.iter().rev().copied().collect()))
    }
}

impl IdSource for Prepared {
    fn next_id(&self) -> Uuid {
        let next = self.0.lock().ok().and_then(|mut ids| ids.pop());
        #[expect(clippy::disallowed_methods, reason = "seeded ids come first; the rest are random")]
        next.unwrap_or_else(Uuid::now_v7)
    }
}

/// Writes the part of the demo data that is missing, and returns its ids. A table with other
/// organizations and without the demo is in use: it is left unchanged, and `None` is returned.
///
/// # Errors
///
/// [`Error::Seed`] when the store refuses it.
pub async fn seed(
    store: &DynamoStore,
    progress: &(dyn Fn(&str) + Sync),
) -> Result<Option<Demo>, Error> {
    let is_there = write_missing(store, progress).await.map_err(Error::Seed)?;
    Ok(is_there.then_some(DEMO))
}

/// Whether the demo data is there now.
async fn write_missing(
    store: &DynamoStore,
    progress: &(dyn Fn(&str) + Sync),
) -> Result<bool, Cause> {
    let scope = DEMO.scope();
    if store.organization(scope.organization).await?.is_none() {
        if has_organizations(store).await? {
            return Ok(false);
        }
        progress("writing the demo data");
        let ids = Prepared::new(&[DEMO.organization_id]);
        create_organization(store, &SystemClock, &ids, organization()?).await?;
    }
    if store.ledger(scope).await?.is_none() {
        let ids = Prepared::new(&[DEMO.ledger_id]);
        create_ledger(store, &SystemClock, &ids, ledger(scope)?).await?;
    }
    if store.asset(scope, &AssetCode::usd()).await?.is_none() {
        let ids = Prepared::new(&[numbered(5), numbered(6), numbered(7)]);
        create_asset(store, &SystemClock, &ids, dollar(scope)?).await?;
    }
    let accounts = [
        (DEMO.customer_account_id, numbered(8), "@customer"),
        (DEMO.funding_account_id, numbered(9), "@funding"),
    ];
    for (id, balance, alias) in accounts {
        if store.account(scope, AccountId::new(id)).await?.is_none() {
            let ids = Prepared::new(&[id, balance]);
            open_account(store, &SystemClock, &ids, account(scope, alias)?).await?;
        }
    }
    Ok(true)
}

async fn has_organizations(store: &DynamoStore) -> Result<bool, Cause> {
    let first = PageLimit::new(1)
        .and_then(|limit| NumberedPage::new(1, limit, SortOrder::Ascending, TimeRange::ALL))
        .ok_or("there is no page of one organization")?;
    Ok(!store.organizations(&first, &Filter::default()).await?.is_empty())
}

fn organization() -> Result<NewOrganization, TextError> {
    Ok(NewOrganization {
        parent: None,
        legal_name: Text::parse("Demo Organization")?,
        legal_document: Text::parse("DEMO-1")?,
        doing_business_as: None,
        address: None,
        status: Status::active(),
        metadata: Metadata::default(),
    })
}

fn ledger(scope: Scope) -> Result<NewLedger, TextError> {
    Ok(NewLedger {
        organization: scope.organization,
        name: UniqueName::parse("Demo Ledger")?,
        status: Status::active(),
        settings: None,
        metadata: Metadata::default(),
        listing_shards: ListingShards::ONE,
    })
}

fn dollar(scope: Scope) -> Result<NewAsset, TextError> {
    Ok(NewAsset {
        scope,
        name: UniqueName::parse("US Dollar")?,
        kind: AssetType::Currency,
        code: AssetCode::usd(),
        status: Status::active(),
        metadata: Metadata::default(),
    })
}

fn account(scope: Scope, alias: &str) -> Result<NewAccount, TextError> {
    Ok(NewAccount {
        scope,
        name: None,
        parent: None,
        entity_id: None,
        asset_code: AssetCode::usd(),
        portfolio_id: None,
        segment_id: None,
        status: Status::active(),
        alias: Some(Alias::parse(alias)?),
        kind: AccountType::parse("deposit")?,
        blocked: false,
        metadata: Metadata::default(),
    })
}
