//! The routes: which request is which operation of which function, and which permission it needs.
//!
//! They are written here only. Tests compare `template.yaml`, from which API Gateway and the local
//! stack have their routes, and the OpenAPI documents with this table.

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
        $($operation:ident: $method:ident $path:expr, $permission:expr;)+
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
                    operation: $operations::$operation,
                },
            )+];
        )+

        const ALL: &[AnyRoute] = &[$($(
            ($function, stringify!($operation), stringify!($method), $path),
        )+)+];
    };
}

/// The path of a ledger, and what follows it.
macro_rules! ledger {
    ($rest:literal) => {
        concat!("/v1/organizations/{organization_id}/ledgers/{ledger_id}", $rest)
    };
}

use Permission::{Read, ReadWrite};

const ACCOUNT: &str = "account";
const ASSET: &str = "asset";
/// The resource of tokens that are about organizations and ledgers. They need no `organization_id`,
/// because they create organizations.
pub(crate) const ORGANIZATION: &str = "organization";
const BALANCE: &str = "subledger_balance";
const TRANSACTION: &str = "transaction";

/// Every word that a `scope` claim may contain with effect, in alphabetical order.
pub const SCOPES: &[&str] = &[
    "account/read",
    "account/read_write",
    "asset/read",
    "asset/read_write",
    "organization/read",
    "organization/read_write",
    "subledger_balance/read",
    "subledger_balance/read_write",
    "transaction/read",
    "transaction/read_write",
];

routes! {
    "accounts": ACCOUNTS, Accounts {
        CreateV0Account: POST "/v0/accounts", ReadWrite(ACCOUNT);
        GetV0Account: GET "/v0/accounts/{id}", Read(ACCOUNT);
        ActivateV0Account: POST "/v0/accounts/{id}/activate", ReadWrite(ACCOUNT);
        DeactivateV0Account: POST "/v0/accounts/{id}/deactivate", ReadWrite(ACCOUNT);
        CloseV0Account: POST "/v0/accounts/{id}/close", ReadWrite(ACCOUNT);
        CreateOrganization: POST "/v1/organizations", ReadWrite(ORGANIZATION);
        ListOrganizations: GET "/v1/organizations", Read(ORGANIZATION);
        GetOrganization: GET "/v1/organizations/{organization_id}", Read(ORGANIZATION);
        CreateLedger: POST "/v1/organizations/{organization_id}/ledgers", ReadWrite(ORGANIZATION);
        ListLedgers: GET "/v1/organizations/{organization_id}/ledgers", Read(ORGANIZATION);
        GetLedger: GET ledger!(""), Read(ORGANIZATION);
        CreateAsset: POST ledger!("/assets"), ReadWrite(ASSET);
        ListAssets: GET ledger!("/assets"), Read(ASSET);
        GetAsset: GET ledger!("/assets/{asset_id}"), Read(ASSET);
        CreateAccount: POST ledger!("/accounts"), ReadWrite(ACCOUNT);
        ListAccounts: GET ledger!("/accounts"), Read(ACCOUNT);
        GetAccount: GET ledger!("/accounts/{account_id}"), Read(ACCOUNT);
        GetAccountByAlias: GET ledger!("/accounts/alias/{alias}"), Read(ACCOUNT);
        GetAccountByExternalCode: GET ledger!("/accounts/external/{code}"), Read(ACCOUNT);
        UpdateAccount: PATCH ledger!("/accounts/{account_id}"), ReadWrite(ACCOUNT);
        DeleteAccount: DELETE ledger!("/accounts/{account_id}"), ReadWrite(ACCOUNT);
    }

    "create-balance": CREATE_BALANCE, CreateBalance {
        CreateV0SubledgerBalance: POST "/v0/subledger_balances", ReadWrite(BALANCE);
        CreateBalance: POST ledger!("/accounts/{account_id}/balances"), ReadWrite(BALANCE);
    }

    "get-balance": GET_BALANCE, GetBalance {
        GetV0SubledgerBalance: GET "/v0/subledger_balances/{id}", Read(BALANCE);
        GetBalance: GET ledger!("/balances/{balance_id}"), Read(BALANCE);
    }

    "list-balances": LIST_BALANCES, ListBalances {
        ListLedgerBalances: GET ledger!("/balances"), Read(BALANCE);
        ListAccountBalances: GET ledger!("/accounts/{account_id}/balances"), Read(BALANCE);
        ListBalancesByAlias: GET ledger!("/accounts/alias/{alias}/balances"), Read(BALANCE);
        ListBalancesByExternalCode: GET ledger!("/accounts/external/{code}/balances"), Read(BALANCE);
    }

    "balance-history": BALANCE_HISTORY, BalanceHistory {
        GetBalanceHistory: GET ledger!("/balances/{balance_id}/history"), Read(BALANCE);
        GetAccountBalancesHistory: GET ledger!("/accounts/{account_id}/balances/history"), Read(BALANCE);
        ListBalanceVersions: GET ledger!("/balances/{balance_id}/versions"), Read(BALANCE);
    }

    "update-balance": UPDATE_BALANCE, UpdateBalance {
        UpdateBalance: PATCH ledger!("/balances/{balance_id}"), ReadWrite(BALANCE);
        DeleteBalance: DELETE ledger!("/balances/{balance_id}"), ReadWrite(BALANCE);
    }

    "post-transaction": TRANSACTIONS, Transactions {
        PostTransaction: POST ledger!("/transactions/json"), ReadWrite(TRANSACTION);
        PostInflow: POST ledger!("/transactions/inflow"), ReadWrite(TRANSACTION);
        PostOutflow: POST ledger!("/transactions/outflow"), ReadWrite(TRANSACTION);
        PostAnnotation: POST ledger!("/transactions/annotation"), ReadWrite(TRANSACTION);
        CommitTransaction: POST ledger!("/transactions/{transaction_id}/commit"), ReadWrite(TRANSACTION);
        CancelTransaction: POST ledger!("/transactions/{transaction_id}/cancel"), ReadWrite(TRANSACTION);
        RevertTransaction: POST ledger!("/transactions/{transaction_id}/revert"), ReadWrite(TRANSACTION);
        GetTransaction: GET ledger!("/transactions/{transaction_id}"), Read(TRANSACTION);
        ListTransactions: GET ledger!("/transactions"), Read(TRANSACTION);
        UpdateTransaction: PATCH ledger!("/transactions/{transaction_id}"), ReadWrite(TRANSACTION);
        CountTransactions: HEAD ledger!("/transactions/metrics/count"), Read(TRANSACTION);
        ListAccountOperations: GET ledger!("/accounts/{account_id}/operations"), Read(TRANSACTION);
    }
}

/// A function, an operation, a method and a path.
type AnyRoute = (&'static str, &'static str, &'static str, &'static str);

/// Every route: its function, method and path.
pub fn all() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    ALL.iter().map(|(function, _, method, path)| (*function, *method, *path))
}

/// Every operation: its name and its method and path.
pub fn operations() -> impl Iterator<Item = (&'static str, (&'static str, &'static str))> {
    ALL.iter().map(|(_, id, method, path)| (*id, (*method, *path)))
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
            .chain(permissions(CREATE_BALANCE))
            .chain(permissions(GET_BALANCE))
            .chain(permissions(LIST_BALANCES))
            .chain(permissions(BALANCE_HISTORY))
            .chain(permissions(UPDATE_BALANCE))
            .chain(permissions(TRANSACTIONS));
        for permission in permissions {
            let scope = match permission {
                Permission::Read(resource) => format!("{resource}/read"),
                Permission::ReadWrite(resource) => format!("{resource}/read_write"),
            };
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
