//! Who calls, and what the caller may do.
//!
//! An authorizer of API Gateway has checked the token before a function runs: the JWT authorizer of
//! an HTTP API, or the Cognito authorizer of a REST API. Its claims come with the request. A request
//! without them is refused, so function URLs and load balancers, which check no token, reach nothing,
//! unless the function was started with authorization switched off by name, as the local stack and
//! tests do.

use lambda_http::Request;
use subledger::money::ids::{LedgerId, OrganizationId, Scope};
use uuid::Uuid;

use crate::rejection::Rejection;
use crate::request::gateway::Claims;
use crate::request::routes::{OPERATOR, Permission};

/// How requests are authorized.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Authorization {
    /// By the claims of a token.
    Token,
    /// Not at all: every path is allowed, and v0 requests run in this scope.
    Off(Scope),
}

/// The caller of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caller(Tenancy);

/// Which data a caller may see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tenancy {
    /// What the token names.
    Named { organization: OrganizationId, ledger: Option<LedgerId> },
    /// All organizations: the token names none and has the scope [`OPERATOR`].
    Operator,
    /// Nothing: no token was asked for.
    Nobody,
    /// Everything, because authorization is off; v0 requests run here.
    Everything(Scope),
}

impl Authorization {
    /// Determines the caller and checks its permission.
    ///
    /// # Errors
    /// [`Rejection::Unauthenticated`] without claims, [`Rejection::ScopeMissing`] if they do not allow
    /// the operation, [`Rejection::Forbidden`] if they name no organization.
    pub fn authorize(self, request: &Request, permission: Permission) -> Result<Caller, Rejection> {
        if let Self::Off(scope) = self {
            return Ok(Caller(Tenancy::Everything(scope)));
        }
        if permission == Permission::Nothing {
            return Ok(Caller(Tenancy::Nobody));
        }
        let claims = Claims::of(request).ok_or(Rejection::Unauthenticated)?;
        let scope = claims.get("scope").map(words).unwrap_or_default();
        if !allows(&scope, permission) {
            return Err(Rejection::ScopeMissing(permission));
        }
        let id = |claim| match claims.get(claim) {
            None => Ok(None),
            Some(text) => Uuid::parse_str(text).map(Some).map_err(|_| Rejection::Forbidden),
        };
        let ledger = id("ledger_id")?.map(LedgerId::new);
        match id("organization_id")?.map(OrganizationId::new) {
            Some(organization) => Ok(Caller(Tenancy::Named { organization, ledger })),
            None if scope.contains(&OPERATOR) => Ok(Caller(Tenancy::Operator)),
            None => Err(Rejection::Forbidden),
        }
    }
}

/// The words of a `scope` claim, which spaces separate. An authorizer of an HTTP API hands a claim
/// that is an array on as one text in brackets, `[a b c]`.
fn words(claim: &str) -> Vec<&str> {
    let inner = claim.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    inner.unwrap_or(claim).split(' ').collect()
}

/// Whether one of the words is the permission; `read_write` includes `read`.
fn allows(scope: &[&str], permission: Permission) -> bool {
    scope.iter().filter_map(|word| word.split_once('/')).any(
        |(resource, access)| match permission {
            Permission::Read(wanted) => {
                resource == wanted && matches!(access, "read" | "read_write")
            }
            Permission::ReadWrite(wanted) => resource == wanted && access == "read_write",
            Permission::Nothing => true,
        },
    )
}

impl Caller {
    /// Where the caller's v0 requests run; `None` if the token does not name it.
    #[must_use]
    pub fn scope(self) -> Option<Scope> {
        match self.0 {
            Tenancy::Named { organization, ledger } => {
                Some(Scope { organization, ledger: ledger? })
            }
            Tenancy::Operator | Tenancy::Nobody => None,
            Tenancy::Everything(scope) => Some(scope),
        }
    }

    /// Whether the organization is the caller's.
    #[must_use]
    pub fn may_see(self, asked: OrganizationId) -> bool {
        match self.0 {
            Tenancy::Named { organization, .. } => organization == asked,
            Tenancy::Operator | Tenancy::Everything(_) => true,
            Tenancy::Nobody => false,
        }
    }

    /// Checks that the caller may see all organizations.
    ///
    /// # Errors
    /// [`Rejection::OperatorOnly`] for a tenant.
    pub fn expect_operator(self) -> Result<(), Rejection> {
        match self.0 {
            Tenancy::Operator | Tenancy::Everything(_) => Ok(()),
            Tenancy::Named { .. } | Tenancy::Nobody => Err(Rejection::OperatorOnly),
        }
    }

    /// Whether the request is made with the scope [`OPERATOR`] and outside any one organization.
    #[must_use]
    pub fn is_operator(self) -> bool {
        self.0 == Tenancy::Operator
    }

    /// The only organization that the caller may see; `None` if it may see all.
    #[must_use]
    pub fn only_organization(self) -> Option<OrganizationId> {
        match self.0 {
            Tenancy::Named { organization, .. } => Some(organization),
            Tenancy::Operator | Tenancy::Everything(_) | Tenancy::Nobody => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_claim_is_words_of_which_read_write_includes_read() {
        let read = Permission::Read("account");
        let write = Permission::ReadWrite("account");
        for (scope, reads, writes) in [
            ("", false, false),
            ("account/read", true, false),
            ("account/read_write", true, true),
            ("subledger_balance/read_write", false, false),
            ("subledger_balance/read account/read", true, false),
            ("account", false, false),
            ("account/write", false, false),
            ("xaccount/read", false, false),
            ("account/read_writes", false, false),
            ("[account/read]", true, false),
            ("[account/read_write x y]", true, true),
            ("[x account/read_write]", true, true),
            ("[account/read", false, false),
        ] {
            assert_eq!(allows(&words(scope), read), reads, "{scope}");
            assert_eq!(allows(&words(scope), write), writes, "{scope}");
        }
    }
}
