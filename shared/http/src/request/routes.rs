//! The routes: which request is which operation of which function, and which permission it needs.
//!
//! They are written here only. Tests compare `template.yaml`, from which API Gateway and the local
//! stack have their routes, and the OpenAPI documents with this table.

use std::fmt;

/// A wire format, which the first segment of a path tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// Lead Bank's Subledger Balance API.
    V0,
    /// Midaz 3.x.
    V1,
}

impl Dialect {
    /// The dialect of a path; paths that belong to neither are answered in v1.
    #[must_use]
    pub fn of_path(path: &str) -> Self {
        if path == "/v0" || path.starts_with("/v0/") { Self::V0 } else { Self::V1 }
    }
}

/// What the `scope` claim of a token has to contain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permission {
    /// `<resource>/read` or `<resource>/read_write`.
    Read(&'static str),
    /// `<resource>/read_write`.
    ReadWrite(&'static str),
    /// Nothing: no token is asked for.
    Nothing,
}

/// The least scope that has the permission.
impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read(resource) => write!(f, "{resource}/read"),
            Self::ReadWrite(resource) => write!(f, "{resource}/read_write"),
            Self::Nothing => f.write_str("nothing"),
        }
    }
}

/// What an operation reads of a request besides its path and its headers. Anything else is refused,
/// because it would be accepted and not acted upon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Input {
    /// Nothing.
    Nothing,
    /// A body.
    Body,
    /// Parameters of the query with these names.
    Query(&'static [&'static [&'static str]]),
}

impl Input {
    /// Whether a parameter of the query with this name is read.
    #[must_use]
    pub fn has_parameter(self, name: &str) -> bool {
        self.parameters().any(|known| known == name)
    }

    /// The names of the parameters of the query that are read.
    pub fn parameters(self) -> impl Iterator<Item = &'static str> {
        let groups = match self {
            Self::Query(groups) => groups,
            Self::Nothing | Self::Body => &[],
        };
        groups.iter().flat_map(|group| group.iter().copied())
    }
}

/// A method and a path, and the operation that they ask for.
#[derive(Debug, Clone, Copy)]
pub struct Route<T> {
    /// The name of the operation in metrics and in `template.yaml`.
    pub id: &'static str,
    /// In capitals.
    pub method: &'static str,
    /// With parameters in braces, as API Gateway writes them.
    pub path: &'static str,
    /// What the token has to allow.
    pub permission: Permission,
    /// What is read of the request.
    pub input: Input,
    /// What the function is to do.
    pub operation: T,
}

impl<T> Route<T> {
    /// The wire format of the route.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        Dialect::of_path(self.path)
    }

    /// Whether this is the route with this method and path, the path with parameters in braces.
    #[must_use]
    pub fn is(&self, (method, path): (&str, &str)) -> bool {
        (self.method, self.path) == (method, path)
    }

    /// Whether the route takes a request with this method and path.
    #[must_use]
    pub fn takes(&self, method: &str, path: &str) -> bool {
        self.method == method && path_matches(self.path, path)
    }
}

/// Whether a path has the form of a route: equal segments, and anything for a parameter.
#[must_use]
pub fn path_matches(route: &str, path: &str) -> bool {
    let mut segments = path.split('/');
    route.split('/').all(|expected| {
        segments.next().is_some_and(|segment| {
            if expected.starts_with('{') { !segment.is_empty() } else { segment == expected }
        })
    }) && segments.next().is_none()
}

/// Declares the routes of all functions: for each function the enum of its operations and the table of
/// its routes, and for all of them the list that [`all`] and [`operations`] read.
macro_rules! routes {
    ($($function:literal: $routes:ident, $operations:ident {
        $($operation:ident: $method:ident $path:expr, $permission:expr, $input:expr;)+
    })+) => {
        $(
            #[doc = concat!("What the function `", $function, "` does.")]
            #[derive(Debug, Clone, Copy, PartialEq, Eq)]
            #[expect(missing_docs, reason = "the routes say what each is")]
            pub enum $operations {
                $($operation,)+
            }

            #[doc = concat!("The routes of the function `", $function, "`.")]
            pub const $routes: &[Route<$operations>] = &[$(
                Route {
                    id: stringify!($operation),
                    method: stringify!($method),
                    path: $path,
                    permission: $permission,
                    input: $input,
                    operation: $operations::$operation,
                },
            )+];
        )+

        const ALL: &[AnyRoute] = &[$($(
            ($function, stringify!($operation), stringify!($method), $path, $input),
        )+)+];
    };
}

/// The path of a ledger, and what follows it.
macro_rules! ledger {
    ($rest:literal) => {
        concat!("/v1/organizations/{organization_id}/ledgers/{ledger_id}", $rest)
    };
}

use Input::{Body, Nothing, Query};
use Permission::Nothing as NoToken;
use Permission::{Read, ReadWrite};

/// A list with page numbers.
const NUMBERED: &[&str] = &["limit", "page", "sort_order", "start_date", "end_date"];
/// A list with cursors.
const CURSOR: &[&str] = &["limit", "cursor", "page", "sort_order", "start_date", "end_date"];
/// The time of recording, where a list shows another time as well.
const RECORDED: &[&str] = &["recorded_start_date", "recorded_end_date"];
const ORGANIZATION_FILTERS: &[&str] =
    &["legal_name", "doing_business_as", "status", "legal_document"];
const LEDGER_FILTERS: &[&str] = &["name", "status"];
const ACCOUNT_FILTERS: &[&str] = &[
    "alias",
    "name",
    "status",
    "type",
    "asset_code",
    "entity_id",
    "blocked",
    "parent_account_id",
    "portfolio_id",
    "segment_id",
];
const OPERATION_FILTERS: &[&str] = &["type", "direction", "route_id", "route_code"];
const COUNT_FILTERS: &[&str] = &["status", "route", "start_date", "end_date"];
/// The dates of a count.
const DATES: &[&str] = &["start_date", "end_date"];
/// A list that is answered as a whole unless it is asked for a page.
const PART: &[&str] = &["limit", "cursor"];
const MOMENT: &[&str] = &["date", "settled"];

const ACCOUNT: &str = "account";
const ASSET: &str = "asset";
/// The resource of tokens that are about organizations and ledgers. They need no `organization_id`,
/// because they create organizations.
pub(crate) const ORGANIZATION: &str = "organization";
const BALANCE: &str = "subledger_balance";
const TRANSACTION: &str = "transaction";

/// The scope of whoever acts outside any one organization. No other scope includes it.
pub const OPERATOR: &str = "operator";

/// Every word that a `scope` claim may contain with effect, in alphabetical order.
pub const SCOPES: &[&str] = &[
    "account/read",
    "account/read_write",
    "asset/read",
    "asset/read_write",
    OPERATOR,
    "organization/read",
    "organization/read_write",
    "subledger_balance/read",
    "subledger_balance/read_write",
    "transaction/read",
    "transaction/read_write",
];

routes! {
    "accounts": ACCOUNTS, Accounts {
        CreateV0Account: POST "/v0/accounts", ReadWrite(ACCOUNT), Body;
        GetV0Account: GET "/v0/accounts/{id}", Read(ACCOUNT), Nothing;
        ActivateV0Account: POST "/v0/accounts/{id}/activate", ReadWrite(ACCOUNT), Nothing;
        DeactivateV0Account: POST "/v0/accounts/{id}/deactivate", ReadWrite(ACCOUNT), Body;
        CloseV0Account: POST "/v0/accounts/{id}/close", ReadWrite(ACCOUNT), Body;
        CreateAccount: POST ledger!("/accounts"), ReadWrite(ACCOUNT), Body;
        ListAccounts: GET ledger!("/accounts"), Read(ACCOUNT), Query(&[NUMBERED, ACCOUNT_FILTERS]);
        GetAccount: GET ledger!("/accounts/{account_id}"), Read(ACCOUNT), Nothing;
        GetAccountByAlias: GET ledger!("/accounts/alias/{alias}"), Read(ACCOUNT), Nothing;
        GetAccountByExternalCode: GET ledger!("/accounts/external/{code}"), Read(ACCOUNT), Nothing;
        UpdateAccount: PATCH ledger!("/accounts/{account_id}"), ReadWrite(ACCOUNT), Body;
        DeleteAccount: DELETE ledger!("/accounts/{account_id}"), ReadWrite(ACCOUNT), Nothing;
        CountAccounts: HEAD ledger!("/accounts/metrics/count"), Read(ACCOUNT), Query(&[DATES, ACCOUNT_FILTERS]);
    }

    "ledgers": LEDGERS, Ledgers {
        CreateOrganization: POST "/v1/organizations", ReadWrite(ORGANIZATION), Body;
        ListOrganizations: GET "/v1/organizations", Read(ORGANIZATION), Query(&[NUMBERED, ORGANIZATION_FILTERS]);
        GetOrganization: GET "/v1/organizations/{organization_id}", Read(ORGANIZATION), Nothing;
        UpdateOrganization: PATCH "/v1/organizations/{organization_id}", ReadWrite(ORGANIZATION), Body;
        DeleteOrganization: DELETE "/v1/organizations/{organization_id}", ReadWrite(ORGANIZATION), Nothing;
        CountOrganizations: HEAD "/v1/organizations/metrics/count", Read(ORGANIZATION), Query(&[DATES, ORGANIZATION_FILTERS]);
        CreateLedger: POST "/v1/organizations/{organization_id}/ledgers", ReadWrite(ORGANIZATION), Body;
        ListLedgers: GET "/v1/organizations/{organization_id}/ledgers", Read(ORGANIZATION), Query(&[NUMBERED, LEDGER_FILTERS]);
        GetLedger: GET ledger!(""), Read(ORGANIZATION), Nothing;
        UpdateLedger: PATCH ledger!(""), ReadWrite(ORGANIZATION), Body;
        DeleteLedger: DELETE ledger!(""), ReadWrite(ORGANIZATION), Nothing;
        CountLedgers: HEAD "/v1/organizations/{organization_id}/ledgers/metrics/count", Read(ORGANIZATION), Query(&[DATES, LEDGER_FILTERS]);
        GetLedgerSettings: GET ledger!("/settings"), Read(ORGANIZATION), Nothing;
        UpdateLedgerSettings: PATCH ledger!("/settings"), ReadWrite(ORGANIZATION), Body;
        CreateAsset: POST ledger!("/assets"), ReadWrite(ASSET), Body;
        ListAssets: GET ledger!("/assets"), Read(ASSET), Query(&[NUMBERED]);
        GetAsset: GET ledger!("/assets/{asset_id}"), Read(ASSET), Nothing;
        UpdateAsset: PATCH ledger!("/assets/{asset_id}"), ReadWrite(ASSET), Body;
        DeleteAsset: DELETE ledger!("/assets/{asset_id}"), ReadWrite(ASSET), Nothing;
        CountAssets: HEAD ledger!("/assets/metrics/count"), Read(ASSET), Query(&[DATES]);
        CreatePortfolio: POST ledger!("/portfolios"), ReadWrite(ACCOUNT), Body;
        ListPortfolios: GET ledger!("/portfolios"), Read(ACCOUNT), Query(&[NUMBERED]);
        GetPortfolio: GET ledger!("/portfolios/{portfolio_id}"), Read(ACCOUNT), Nothing;
        UpdatePortfolio: PATCH ledger!("/portfolios/{portfolio_id}"), ReadWrite(ACCOUNT), Body;
        DeletePortfolio: DELETE ledger!("/portfolios/{portfolio_id}"), ReadWrite(ACCOUNT), Nothing;
        CountPortfolios: HEAD ledger!("/portfolios/metrics/count"), Read(ACCOUNT), Query(&[DATES]);
        CreateSegment: POST ledger!("/segments"), ReadWrite(ACCOUNT), Body;
        ListSegments: GET ledger!("/segments"), Read(ACCOUNT), Query(&[NUMBERED]);
        GetSegment: GET ledger!("/segments/{segment_id}"), Read(ACCOUNT), Nothing;
        UpdateSegment: PATCH ledger!("/segments/{segment_id}"), ReadWrite(ACCOUNT), Body;
        DeleteSegment: DELETE ledger!("/segments/{segment_id}"), ReadWrite(ACCOUNT), Nothing;
        CountSegments: HEAD ledger!("/segments/metrics/count"), Read(ACCOUNT), Query(&[DATES]);
        CreateAccountType: POST ledger!("/account-types"), ReadWrite(ACCOUNT), Body;
        ListAccountTypes: GET ledger!("/account-types"), Read(ACCOUNT), Query(&[CURSOR]);
        GetAccountType: GET ledger!("/account-types/{id}"), Read(ACCOUNT), Nothing;
        UpdateAccountType: PATCH ledger!("/account-types/{id}"), ReadWrite(ACCOUNT), Body;
        DeleteAccountType: DELETE ledger!("/account-types/{id}"), ReadWrite(ACCOUNT), Nothing;
    }

    "health": HEALTH, Health {
        GetHealth: GET "/health", NoToken, Nothing;
        GetVersion: GET "/version", NoToken, Nothing;
        GetReadiness: GET "/readyz", NoToken, Nothing;
    }

    "create-balance": CREATE_BALANCE, CreateBalance {
        CreateV0SubledgerBalance: POST "/v0/subledger_balances", ReadWrite(BALANCE), Body;
        CreateBalance: POST ledger!("/accounts/{account_id}/balances"), ReadWrite(BALANCE), Body;
    }

    "get-balance": GET_BALANCE, GetBalance {
        GetV0SubledgerBalance: GET "/v0/subledger_balances/{id}", Read(BALANCE), Nothing;
        GetBalance: GET ledger!("/balances/{balance_id}"), Read(BALANCE), Nothing;
    }

    "list-balances": LIST_BALANCES, ListBalances {
        ListLedgerBalances: GET ledger!("/balances"), Read(BALANCE), Query(&[CURSOR]);
        ListAccountBalances: GET ledger!("/accounts/{account_id}/balances"), Read(BALANCE), Query(&[CURSOR]);
        ListBalancesByAlias: GET ledger!("/accounts/alias/{alias}/balances"), Read(BALANCE), Query(&[CURSOR]);
        ListBalancesByExternalCode: GET ledger!("/accounts/external/{code}/balances"), Read(BALANCE), Query(&[CURSOR]);
    }

    "balance-history": BALANCE_HISTORY, BalanceHistory {
        GetBalanceHistory: GET ledger!("/balances/{balance_id}/history"), Read(BALANCE), Query(&[MOMENT]);
        GetAccountBalancesHistory: GET ledger!("/accounts/{account_id}/balances/history"), Read(BALANCE), Query(&[MOMENT, PART]);
        ListBalanceVersions: GET ledger!("/balances/{balance_id}/versions"), Read(BALANCE), Query(&[CURSOR]);
    }

    "update-balance": UPDATE_BALANCE, UpdateBalance {
        UpdateBalance: PATCH ledger!("/balances/{balance_id}"), ReadWrite(BALANCE), Body;
        DeleteBalance: DELETE ledger!("/balances/{balance_id}"), ReadWrite(BALANCE), Nothing;
    }

    "post-transaction": TRANSACTIONS, Transactions {
        PostTransaction: POST ledger!("/transactions/json"), ReadWrite(TRANSACTION), Body;
        PostInflow: POST ledger!("/transactions/inflow"), ReadWrite(TRANSACTION), Body;
        PostOutflow: POST ledger!("/transactions/outflow"), ReadWrite(TRANSACTION), Body;
        PostAnnotation: POST ledger!("/transactions/annotation"), ReadWrite(TRANSACTION), Body;
        PostBlock: POST ledger!("/transactions/block"), ReadWrite(TRANSACTION), Body;
        PostUnblock: POST ledger!("/transactions/unblock"), ReadWrite(TRANSACTION), Body;
        CommitTransaction: POST ledger!("/transactions/{transaction_id}/commit"), ReadWrite(TRANSACTION), Nothing;
        CancelTransaction: POST ledger!("/transactions/{transaction_id}/cancel"), ReadWrite(TRANSACTION), Nothing;
        RevertTransaction: POST ledger!("/transactions/{transaction_id}/revert"), ReadWrite(TRANSACTION), Nothing;
        GetTransaction: GET ledger!("/transactions/{transaction_id}"), Read(TRANSACTION), Nothing;
        ListTransactions: GET ledger!("/transactions"), Read(TRANSACTION), Query(&[CURSOR, RECORDED]);
        UpdateTransaction: PATCH ledger!("/transactions/{transaction_id}"), ReadWrite(TRANSACTION), Body;
        CountTransactions: HEAD ledger!("/transactions/metrics/count"), Read(TRANSACTION), Query(&[COUNT_FILTERS]);
        ListAccountOperations: GET ledger!("/accounts/{account_id}/operations"), Read(TRANSACTION), Query(&[CURSOR, RECORDED, OPERATION_FILTERS]);
        GetAccountOperation: GET ledger!("/accounts/{account_id}/operations/{operation_id}"), Read(TRANSACTION), Nothing;
        UpdateOperation: PATCH ledger!("/transactions/{transaction_id}/operations/{operation_id}"), ReadWrite(TRANSACTION), Body;
    }
}

/// A function, an operation, a method, a path, and what is read of a request.
type AnyRoute = (&'static str, &'static str, &'static str, &'static str, Input);

/// Every route: its function, method and path.
pub fn all() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    ALL.iter().map(|(function, _, method, path, _)| (*function, *method, *path))
}

/// Every operation: its name and its method and path.
pub fn operations() -> impl Iterator<Item = (&'static str, (&'static str, &'static str))> {
    ALL.iter().map(|(_, id, method, path, _)| (*id, (*method, *path)))
}

/// What the route with this method and path reads of a request.
#[must_use]
pub fn input_of_route(route: (&str, &str)) -> Option<Input> {
    let found = ALL.iter().find(|(_, _, method, path, _)| (*method, *path) == route);
    found.map(|(.., input)| *input)
}

/// The name of the operation of the route with this method and path, the path with parameters in
/// braces.
#[must_use]
pub fn operation_of_route(route: (&str, &str)) -> Option<&'static str> {
    operations().find(|(_, other)| *other == route).map(|(id, _)| id)
}

/// The name of the operation that a request with this method and path asks for.
#[must_use]
pub fn operation_of_request(method: &str, path: &str) -> Option<&'static str> {
    let takes = |route: &(&str, &str)| route.0 == method && path_matches(route.1, path);
    operations().find(|(_, route)| takes(route)).map(|(id, _)| id)
}

/// The methods of a path, in alphabetical order; none if there is no such path. Where several
/// routes match, the path is the one whose first differing segment is fixed.
#[must_use]
pub fn methods_of(path: &str) -> Vec<&'static str> {
    let variables = |route: &str| route.split('/').map(|part| part.starts_with('{')).collect();
    let matching = all().map(|(_, _, route)| route).filter(|route| path_matches(route, path));
    let best = matching.min_by_key(|route| -> Vec<bool> { variables(route) });
    let of_best = all().filter(|(_, _, route)| Some(*route) == best);
    let mut methods: Vec<_> = of_best.map(|(_, method, _)| method).collect();
    methods.sort_unstable();
    methods
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_matches_segment_by_segment() {
        for (route, path, matches) in [
            ("/v0/accounts", "/v0/accounts", true),
            ("/v0/accounts", "/v0/accounts/", false),
            ("/v0/accounts/{id}", "/v0/accounts/x", true),
            ("/v0/accounts/{id}", "/v0/accounts/", false),
            ("/v0/accounts/{id}", "/v0/accounts/x/close", false),
            ("/v0/accounts/{id}/close", "/v0/accounts/x/close", true),
            ("/v0/accounts/{id}", "/v0/Accounts/x", false),
        ] {
            assert_eq!(path_matches(route, path), matches, "{route} {path}");
        }
    }

    #[test]
    fn a_path_has_the_methods_of_the_route_that_fits_best() {
        let ledger = "/v1/organizations/o/ledgers/l";
        for (path, methods) in [
            ("/v0/accounts", &["POST"][..]),
            ("/v0/accounts/x/y", &[]),
            (&format!("{ledger}/balances/b"), &["DELETE", "GET", "PATCH"]),
            (&format!("{ledger}/transactions/t"), &["GET", "PATCH"]),
            (&format!("{ledger}/transactions/json"), &["POST"]),
        ] {
            assert_eq!(methods_of(path), methods, "{path}");
        }
    }

    #[test]
    fn no_route_stands_twice() {
        let mut routes: Vec<_> = all().map(|(_, method, path)| (method, path)).collect();
        let count = routes.len();
        routes.sort_unstable();
        routes.dedup();
        assert_eq!(routes.len(), count);
    }

    #[test]
    fn what_a_route_needs_is_a_scope() {
        fn permissions<T>(routes: &'static [Route<T>]) -> impl Iterator<Item = Permission> {
            routes.iter().map(|route| route.permission)
        }
        let permissions = permissions(ACCOUNTS)
            .chain(permissions(LEDGERS))
            .chain(permissions(CREATE_BALANCE))
            .chain(permissions(GET_BALANCE))
            .chain(permissions(LIST_BALANCES))
            .chain(permissions(BALANCE_HISTORY))
            .chain(permissions(UPDATE_BALANCE))
            .chain(permissions(TRANSACTIONS));
        for permission in permissions {
            let scope = permission.to_string();
            assert!(SCOPES.contains(&scope.as_str()), "{scope}");
        }
    }

    #[test]
    fn an_operation_has_a_name_of_its_own() {
        let mut names: Vec<_> = operations().map(|(id, _)| id).collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }

    #[test]
    fn a_route_is_an_operation_and_so_is_a_request_that_it_takes() {
        for (method, path, operation) in [
            ("POST", "/v0/accounts", Some("CreateV0Account")),
            ("POST", "/v0/accounts/{id}/close", Some("CloseV0Account")),
            ("GET", "/v0/accounts", None),
            ("", "", None),
        ] {
            assert_eq!(operation_of_route((method, path)), operation, "{path}");
            assert_eq!(operation_of_request(method, path), operation, "{path}");
        }
        assert_eq!(operation_of_route(("POST", "/v0/accounts/x/close")), None);
        let close = operation_of_request("POST", "/v0/accounts/x/close");
        assert_eq!(close, Some("CloseV0Account"));
    }

    #[test]
    fn the_first_segment_of_a_path_tells_the_dialect() {
        for (path, dialect) in [
            ("/v0/accounts", Dialect::V0),
            ("/v0", Dialect::V0),
            ("/v0x", Dialect::V1),
            ("/v1/organizations", Dialect::V1),
            ("/", Dialect::V1),
        ] {
            assert_eq!(Dialect::of_path(path), dialect, "{path}");
        }
    }
}
