//! THE ROUTES: which request is which operation of which function, and what the caller must hold.
//!
//! `template.yaml` lists the same routes for API Gateway; a tidy test compares the two.

/// A wire format. It shows in the first segment of the path.
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

/// What a token's `scope` claim has to allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permission {
    /// `<resource>/read` or `<resource>/read_write`.
    Read(&'static str),
    /// `<resource>/read_write`.
    ReadWrite(&'static str),
}

/// A method and a path, and what they mean.
#[derive(Debug, Clone, Copy)]
pub struct Route<T> {
    /// The name of the operation in metrics and in `template.yaml`.
    pub id: &'static str,
    /// In capitals.
    pub method: &'static str,
    /// With parameters in braces, as API Gateway writes them.
    pub path: &'static str,
    /// What the caller must hold.
    pub permission: Permission,
    /// What it means to the function.
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

const fn route<T>(
    id: &'static str,
    method: &'static str,
    path: &'static str,
    permission: Permission,
    operation: T,
) -> Route<T> {
    Route { id, method, path, permission, operation }
}

/// The path of a ledger.
macro_rules! ledger {
    ($rest:literal) => {
        concat!("/v1/organizations/{organization_id}/ledgers/{ledger_id}", $rest)
    };
}

use Permission::{Read, ReadWrite};

const ACCOUNT: &str = "account";
const ASSET: &str = "asset";
/// Tokens for organizations and ledgers need no `organization_id`: they make them.
pub(crate) const ORGANIZATION: &str = "organization";
const SUBLEDGER_BALANCE: &str = "subledger_balance";
const TRANSACTION: &str = "transaction";

/// What the function `accounts` does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the routes below say what each is")]
pub enum Accounts {
    CreateV0,
    GetV0,
    Activate,
    Deactivate,
    Close,
    CreateOrganization,
    ListOrganizations,
    GetOrganization,
    CreateLedger,
    ListLedgers,
    GetLedger,
    CreateAsset,
    ListAssets,
    GetAsset,
    CreateAccount,
    ListAccounts,
    GetAccount,
    GetAccountByAlias,
    GetExternalAccount,
    UpdateAccount,
    DeleteAccount,
}

/// The routes of the function `accounts`.
pub const ACCOUNTS: &[Route<Accounts>] = &[
    route("CreateV0Account", "POST", "/v0/accounts", ReadWrite(ACCOUNT), Accounts::CreateV0),
    route("GetV0Account", "GET", "/v0/accounts/{id}", Read(ACCOUNT), Accounts::GetV0),
    route(
        "ActivateV0Account",
        "POST",
        "/v0/accounts/{id}/activate",
        ReadWrite(ACCOUNT),
        Accounts::Activate,
    ),
    route(
        "DeactivateV0Account",
        "POST",
        "/v0/accounts/{id}/deactivate",
        ReadWrite(ACCOUNT),
        Accounts::Deactivate,
    ),
    route("CloseV0Account", "POST", "/v0/accounts/{id}/close", ReadWrite(ACCOUNT), Accounts::Close),
    route(
        "CreateOrganization",
        "POST",
        "/v1/organizations",
        ReadWrite(ORGANIZATION),
        Accounts::CreateOrganization,
    ),
    route(
        "ListOrganizations",
        "GET",
        "/v1/organizations",
        Read(ORGANIZATION),
        Accounts::ListOrganizations,
    ),
    route(
        "GetOrganization",
        "GET",
        "/v1/organizations/{organization_id}",
        Read(ORGANIZATION),
        Accounts::GetOrganization,
    ),
    route(
        "CreateLedger",
        "POST",
        "/v1/organizations/{organization_id}/ledgers",
        ReadWrite(ORGANIZATION),
        Accounts::CreateLedger,
    ),
    route(
        "ListLedgers",
        "GET",
        "/v1/organizations/{organization_id}/ledgers",
        Read(ORGANIZATION),
        Accounts::ListLedgers,
    ),
    route("GetLedger", "GET", ledger!(""), Read(ORGANIZATION), Accounts::GetLedger),
    route("CreateAsset", "POST", ledger!("/assets"), ReadWrite(ASSET), Accounts::CreateAsset),
    route("ListAssets", "GET", ledger!("/assets"), Read(ASSET), Accounts::ListAssets),
    route("GetAsset", "GET", ledger!("/assets/{asset_id}"), Read(ASSET), Accounts::GetAsset),
    route(
        "CreateAccount",
        "POST",
        ledger!("/accounts"),
        ReadWrite(ACCOUNT),
        Accounts::CreateAccount,
    ),
    route("ListAccounts", "GET", ledger!("/accounts"), Read(ACCOUNT), Accounts::ListAccounts),
    route(
        "GetAccount",
        "GET",
        ledger!("/accounts/{account_id}"),
        Read(ACCOUNT),
        Accounts::GetAccount,
    ),
    route(
        "GetAccountByAlias",
        "GET",
        ledger!("/accounts/alias/{alias}"),
        Read(ACCOUNT),
        Accounts::GetAccountByAlias,
    ),
    route(
        "GetAccountByExternalCode",
        "GET",
        ledger!("/accounts/external/{code}"),
        Read(ACCOUNT),
        Accounts::GetExternalAccount,
    ),
    route(
        "UpdateAccount",
        "PATCH",
        ledger!("/accounts/{account_id}"),
        ReadWrite(ACCOUNT),
        Accounts::UpdateAccount,
    ),
    route(
        "DeleteAccount",
        "DELETE",
        ledger!("/accounts/{account_id}"),
        ReadWrite(ACCOUNT),
        Accounts::DeleteAccount,
    ),
];

/// What the function `create-balance` does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the routes below say what each is")]
pub enum CreateBalance {
    V0,
    V1,
}

/// The routes of the function `create-balance`.
pub const CREATE_BALANCE: &[Route<CreateBalance>] = &[
    route(
        "CreateV0SubledgerBalance",
        "POST",
        "/v0/subledger_balances",
        ReadWrite(SUBLEDGER_BALANCE),
        CreateBalance::V0,
    ),
    route(
        "CreateBalance",
        "POST",
        ledger!("/accounts/{account_id}/balances"),
        ReadWrite(SUBLEDGER_BALANCE),
        CreateBalance::V1,
    ),
];

/// What the function `get-balance` does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the routes below say what each is")]
pub enum GetBalance {
    V0,
    V1,
}

/// The routes of the function `get-balance`.
pub const GET_BALANCE: &[Route<GetBalance>] = &[
    route(
        "GetV0SubledgerBalance",
        "GET",
        "/v0/subledger_balances/{id}",
        Read(SUBLEDGER_BALANCE),
        GetBalance::V0,
    ),
    route(
        "GetBalance",
        "GET",
        ledger!("/balances/{balance_id}"),
        Read(SUBLEDGER_BALANCE),
        GetBalance::V1,
    ),
];

/// What the function `list-balances` does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the routes below say what each is")]
pub enum ListBalances {
    OfLedger,
    OfAccount,
    OfAlias,
    OfExternalAccount,
}

/// The routes of the function `list-balances`.
pub const LIST_BALANCES: &[Route<ListBalances>] = &[
    route(
        "ListLedgerBalances",
        "GET",
        ledger!("/balances"),
        Read(SUBLEDGER_BALANCE),
        ListBalances::OfLedger,
    ),
    route(
        "ListAccountBalances",
        "GET",
        ledger!("/accounts/{account_id}/balances"),
        Read(SUBLEDGER_BALANCE),
        ListBalances::OfAccount,
    ),
    route(
        "ListBalancesByAlias",
        "GET",
        ledger!("/accounts/alias/{alias}/balances"),
        Read(SUBLEDGER_BALANCE),
        ListBalances::OfAlias,
    ),
    route(
        "ListBalancesByExternalCode",
        "GET",
        ledger!("/accounts/external/{code}/balances"),
        Read(SUBLEDGER_BALANCE),
        ListBalances::OfExternalAccount,
    ),
];

/// What the function `balance-history` does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the routes below say what each is")]
pub enum BalanceHistory {
    OfBalance,
    OfAccount,
    Versions,
}

/// The routes of the function `balance-history`.
pub const BALANCE_HISTORY: &[Route<BalanceHistory>] = &[
    route(
        "GetBalanceHistory",
        "GET",
        ledger!("/balances/{balance_id}/history"),
        Read(SUBLEDGER_BALANCE),
        BalanceHistory::OfBalance,
    ),
    route(
        "GetAccountBalancesHistory",
        "GET",
        ledger!("/accounts/{account_id}/balances/history"),
        Read(SUBLEDGER_BALANCE),
        BalanceHistory::OfAccount,
    ),
    route(
        "ListBalanceVersions",
        "GET",
        ledger!("/balances/{balance_id}/versions"),
        Read(SUBLEDGER_BALANCE),
        BalanceHistory::Versions,
    ),
];

/// What the function `update-balance` does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the routes below say what each is")]
pub enum UpdateBalance {
    Update,
    Delete,
}

/// The routes of the function `update-balance`.
pub const UPDATE_BALANCE: &[Route<UpdateBalance>] = &[
    route(
        "UpdateBalance",
        "PATCH",
        ledger!("/balances/{balance_id}"),
        ReadWrite(SUBLEDGER_BALANCE),
        UpdateBalance::Update,
    ),
    route(
        "DeleteBalance",
        "DELETE",
        ledger!("/balances/{balance_id}"),
        ReadWrite(SUBLEDGER_BALANCE),
        UpdateBalance::Delete,
    ),
];

/// What the function `post-transaction` does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the routes below say what each is")]
pub enum Transactions {
    Post,
    PostInflow,
    PostOutflow,
    PostAnnotation,
    Commit,
    Cancel,
    Revert,
    Get,
    List,
    Update,
    Count,
    ListOperations,
}

/// The routes of the function `post-transaction`.
pub const TRANSACTIONS: &[Route<Transactions>] = &[
    route(
        "PostTransaction",
        "POST",
        ledger!("/transactions/json"),
        ReadWrite(TRANSACTION),
        Transactions::Post,
    ),
    route(
        "PostInflow",
        "POST",
        ledger!("/transactions/inflow"),
        ReadWrite(TRANSACTION),
        Transactions::PostInflow,
    ),
    route(
        "PostOutflow",
        "POST",
        ledger!("/transactions/outflow"),
        ReadWrite(TRANSACTION),
        Transactions::PostOutflow,
    ),
    route(
        "PostAnnotation",
        "POST",
        ledger!("/transactions/annotation"),
        ReadWrite(TRANSACTION),
        Transactions::PostAnnotation,
    ),
    route(
        "CommitTransaction",
        "POST",
        ledger!("/transactions/{transaction_id}/commit"),
        ReadWrite(TRANSACTION),
        Transactions::Commit,
    ),
    route(
        "CancelTransaction",
        "POST",
        ledger!("/transactions/{transaction_id}/cancel"),
        ReadWrite(TRANSACTION),
        Transactions::Cancel,
    ),
    route(
        "RevertTransaction",
        "POST",
        ledger!("/transactions/{transaction_id}/revert"),
        ReadWrite(TRANSACTION),
        Transactions::Revert,
    ),
    route(
        "GetTransaction",
        "GET",
        ledger!("/transactions/{transaction_id}"),
        Read(TRANSACTION),
        Transactions::Get,
    ),
    route(
        "ListTransactions",
        "GET",
        ledger!("/transactions"),
        Read(TRANSACTION),
        Transactions::List,
    ),
    route(
        "UpdateTransaction",
        "PATCH",
        ledger!("/transactions/{transaction_id}"),
        ReadWrite(TRANSACTION),
        Transactions::Update,
    ),
    route(
        "CountTransactions",
        "HEAD",
        ledger!("/transactions/metrics/count"),
        Read(TRANSACTION),
        Transactions::Count,
    ),
    route(
        "ListAccountOperations",
        "GET",
        ledger!("/accounts/{account_id}/operations"),
        Read(TRANSACTION),
        Transactions::ListOperations,
    ),
];

/// Every route: its function, method and path.
pub fn all() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    any().map(|(function, _, method, path)| (function, method, path))
}

/// Every operation: its name and its method and path.
pub fn operations() -> impl Iterator<Item = (&'static str, (&'static str, &'static str))> {
    any().map(|(_, id, method, path)| (id, (method, path)))
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

/// A function, an operation, a method and a path.
type AnyRoute = (&'static str, &'static str, &'static str, &'static str);

fn any() -> impl Iterator<Item = AnyRoute> {
    fn of<T>(
        function: &'static str,
        routes: &'static [Route<T>],
    ) -> impl Iterator<Item = AnyRoute> {
        routes.iter().map(move |route| (function, route.id, route.method, route.path))
    }
    of("accounts", ACCOUNTS)
        .chain(of("create-balance", CREATE_BALANCE))
        .chain(of("get-balance", GET_BALANCE))
        .chain(of("list-balances", LIST_BALANCES))
        .chain(of("balance-history", BALANCE_HISTORY))
        .chain(of("update-balance", UPDATE_BALANCE))
        .chain(of("post-transaction", TRANSACTIONS))
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
