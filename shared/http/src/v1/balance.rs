//! Balances, lists of them, and their history on the wire.

use serde::Serialize;
use subledger::balance::create::NewBalance;
use subledger::balance::update::BalanceChange;
use subledger::balance::{
    Balance, BalanceKey, BalanceScope, BalanceSettings, Direction, OverdraftHeadroom,
    OverdraftLimit, Position,
};
use subledger::error::Error;
use subledger::money::ids::{AccountId, Scope};
use subledger::page::Page;

use super::error::ApiError;
use super::fields::Fields;
use super::list;
use super::query::CursorPage;

/// Reads the body of a request that opens a balance.
///
/// # Errors
/// Those of [`Fields::finish`]; then `0170`, `0171`, `0172`.
pub fn decode(scope: Scope, account: AccountId, body: &[u8]) -> Result<NewBalance, ApiError> {
    let mut fields = Fields::parse(body)?;
    let key = fields.required("key", BalanceKey::parse);
    let allow_sending = fields.boolean("allowSending").unwrap_or(true);
    let allow_receiving = fields.boolean("allowReceiving").unwrap_or(true);
    let direction = fields.text("direction");
    let settings = fields.object("settings", SentSettings::take);
    let key = fields.finish(|| key)?;
    if key.is_reserved() {
        return Err(Error::BalanceKeyReserved.into());
    }
    let direction = match direction.as_deref() {
        None | Some("credit") => Direction::Credit,
        Some("debit") => Direction::Debit,
        Some(other) => return Err(ApiError::direction(other)),
    };
    let settings = settings.map(SentSettings::check).transpose()?;
    Ok(NewBalance { scope, account, key, allow_sending, allow_receiving, direction, settings })
}

/// Reads the body of a request that changes a balance. Its settings are checked separately, because
/// their error is reported only for a balance that may be changed.
///
/// # Errors
/// Those of [`Fields::finish`].
pub fn decode_change(body: &[u8]) -> Result<SentChange, ApiError> {
    let mut fields = Fields::parse(body)?;
    let allow_sending = fields.boolean("allowSending");
    let allow_receiving = fields.boolean("allowReceiving");
    let settings = fields.object("settings", SentSettings::take);
    fields.finish(|| Some(SentChange { allow_sending, allow_receiving, settings }))
}

/// A change of a balance whose settings are not checked yet.
pub struct SentChange {
    allow_sending: Option<bool>,
    allow_receiving: Option<bool>,
    settings: Option<SentSettings>,
}

impl SentChange {
    /// Checks the settings.
    ///
    /// # Errors
    /// `0172`.
    pub fn check(self) -> Result<BalanceChange, ApiError> {
        let settings = self.settings.map(SentSettings::check).transpose()?;
        let Self { allow_sending, allow_receiving, .. } = self;
        Ok(BalanceChange { allow_sending, allow_receiving, settings })
    }
}

/// Settings as they were sent.
struct SentSettings {
    scope: Option<String>,
    allow_overdraft: bool,
    limit_enabled: bool,
    limit: Option<String>,
}

impl SentSettings {
    fn take(fields: &mut Fields) -> Self {
        let scope = fields.text("balanceScope");
        if scope.as_deref() == Some("") {
            fields.refuse("balanceScope", "".into());
        }
        Self {
            scope,
            allow_overdraft: fields.boolean("allowOverdraft").unwrap_or(false),
            limit_enabled: fields.boolean("overdraftLimitEnabled").unwrap_or(false),
            limit: fields.text("overdraftLimit"),
        }
    }

    /// A limit is there exactly when it is enabled, and the scope is not the system's.
    fn check(self) -> Result<BalanceSettings, ApiError> {
        let scope = match self.scope.as_deref() {
            None => None,
            Some("transactional") => Some(BalanceScope::Transactional),
            Some(_) => return Err(ApiError::settings()),
        };
        let overdraft_limit = match (self.limit_enabled, self.limit) {
            (false, None) => None,
            (true, Some(limit)) => {
                Some(OverdraftLimit::parse(&limit).ok_or_else(ApiError::settings)?)
            }
            (false, Some(_)) | (true, None) => return Err(ApiError::settings()),
        };
        Ok(BalanceSettings { scope, allow_overdraft: self.allow_overdraft, overdraft_limit })
    }
}

/// A balance, or a version of one.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct BalanceBody<'a> {
    id: String,
    organization_id: String,
    ledger_id: String,
    account_id: String,
    alias: &'a str,
    key: &'a str,
    asset_code: &'a str,
    available: String,
    on_hold: String,
    version: u64,
    account_type: &'a str,
    #[serde(flatten)]
    flags: Option<FlagsBody>,
    direction: &'static str,
    overdraft_used: String,
    /// Where a balance has none, the present leaves the field out, and history shows null.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[expect(clippy::option_option, reason = "absent is not null")]
    settings: Option<Option<SettingsBody<'a>>>,
    created_at: String,
    updated_at: String,
    #[serde(flatten)]
    deletion: Option<DeletionBody>,
    position: PositionBody,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FlagsBody {
    allow_sending: bool,
    allow_receiving: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DeletionBody {
    deleted_at: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SettingsBody<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    balance_scope: Option<&'static str>,
    allow_overdraft: bool,
    overdraft_limit_enabled: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    overdraft_limit: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PositionBody {
    available: String,
    on_hold: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    overdraft_limit_available: Option<String>,
}

impl<'a> BalanceBody<'a> {
    /// The balance as `GET` and the lists show it.
    fn current(balance: &'a Balance) -> Result<Self, ApiError> {
        Ok(Self {
            flags: Some(FlagsBody {
                allow_sending: balance.allow_sending,
                allow_receiving: balance.allow_receiving,
            }),
            settings: balance.settings.as_ref().map(|settings| Some(SettingsBody::of(settings))),
            deletion: Some(DeletionBody {
                deleted_at: balance.deleted_at.map(|at| at.to_string()),
            }),
            ..Self::past(balance)?
        })
    }

    /// The balance as history shows it.
    fn past(balance: &'a Balance) -> Result<Self, ApiError> {
        let position = balance.position().map_err(Error::from)?;
        Ok(Self {
            id: balance.id.to_string(),
            organization_id: balance.scope.organization.to_string(),
            ledger_id: balance.scope.ledger.to_string(),
            account_id: balance.account.to_string(),
            alias: balance.alias.as_str(),
            key: balance.key.as_str(),
            asset_code: balance.asset_code.as_str(),
            available: balance.available.to_string(),
            on_hold: balance.on_hold.to_string(),
            version: balance.version,
            account_type: balance.account_type.as_str(),
            flags: None,
            direction: direction_text(balance.direction),
            overdraft_used: balance.overdraft_used.to_string(),
            settings: Some(balance.settings.as_ref().map(SettingsBody::of)),
            created_at: balance.created_at.to_string(),
            updated_at: balance.recorded_at.to_string(),
            deletion: None,
            position: PositionBody::of(&position),
        })
    }
}

pub(super) const fn direction_text(direction: Direction) -> &'static str {
    match direction {
        Direction::Credit => "credit",
        Direction::Debit => "debit",
    }
}

impl<'a> SettingsBody<'a> {
    fn of(settings: &'a BalanceSettings) -> Self {
        let overdraft_limit = settings.overdraft_limit.as_ref().map(OverdraftLimit::as_str);
        Self {
            balance_scope: settings.scope.map(|scope| match scope {
                BalanceScope::Transactional => "transactional",
                BalanceScope::Internal => "internal",
            }),
            allow_overdraft: settings.allow_overdraft,
            overdraft_limit_enabled: overdraft_limit.is_some(),
            overdraft_limit,
        }
    }
}

impl PositionBody {
    fn of(position: &Position) -> Self {
        Self {
            available: position.available.to_string(),
            on_hold: position.on_hold.to_string(),
            overdraft_limit_available: match &position.overdraft_headroom {
                OverdraftHeadroom::Limited(headroom) => Some(headroom.to_string()),
                OverdraftHeadroom::Unlimited => None,
            },
        }
    }
}

/// A balance as it is now.
///
/// # Errors
/// `0097` if its position has more digits than an amount may have.
pub fn body(balance: &Balance) -> Result<impl Serialize, ApiError> {
    BalanceBody::current(balance)
}

/// A balance as it was.
///
/// # Errors
/// Those of [`body`].
pub fn history_body(version: &Balance) -> Result<impl Serialize, ApiError> {
    BalanceBody::past(version)
}

/// Several balances as they were: a bare array.
///
/// # Errors
/// Those of [`body`].
pub fn history_list(versions: &[Balance]) -> Result<impl Serialize, ApiError> {
    versions.iter().map(BalanceBody::past).collect::<Result<Vec<_>, _>>()
}

/// A page of a list of balances or versions.
///
/// # Errors
/// Those of [`body`].
pub fn page_body(page: &Page<Balance>, asked: &CursorPage) -> Result<impl Serialize, ApiError> {
    let items = bodies(&page.items)?;
    Ok(list::body(items, (page.previous, page.next), asked))
}

/// A page of balances as they were, which says whether it is final.
///
/// # Errors
/// Those of [`body`].
pub fn history_page(
    page: &Page<Balance>,
    asked: &CursorPage,
    settled: bool,
) -> Result<impl Serialize, ApiError> {
    let items = page.items.iter().map(BalanceBody::past).collect::<Result<Vec<_>, _>>()?;
    Ok(list::body_as_of(items, (page.previous, page.next), asked, Some(settled)))
}

/// A page of the versions of a balance; of a list with an end, it says whether it is final.
///
/// # Errors
/// Those of [`body`].
pub fn versions_body(
    page: &Page<Balance>,
    asked: &CursorPage,
    settled: Option<bool>,
) -> Result<impl Serialize, ApiError> {
    let items = bodies(&page.items)?;
    Ok(list::body_as_of(items, (page.previous, page.next), asked, settled))
}

/// All balances of an account that is named by an alias, in the envelope of a list.
///
/// # Errors
/// Those of [`body`].
pub fn whole_list(balances: &[Balance]) -> Result<impl Serialize, ApiError> {
    Ok(list::unpaged(bodies(balances)?))
}

fn bodies(balances: &[Balance]) -> Result<Vec<BalanceBody<'_>>, ApiError> {
    balances.iter().map(BalanceBody::current).collect()
}
