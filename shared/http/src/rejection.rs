//! The one error of a request before its operation runs. Each dialect turns it into an error of its
//! own.

use crate::request::routes::Permission;

/// Why a request is refused before its operation runs, in either dialect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rejection {
    /// The host, the path, the query, the method or a header is not valid HTTP.
    Malformed,
    /// No operation has this path.
    UnknownRoute,
    /// The path has operations, but none with this method.
    MethodNotAllowed,
    /// There is no token.
    Unauthenticated,
    /// The scope of the token does not allow the operation.
    ScopeMissing(Permission),
    /// The token does not name the organization, or the ledger, to work in.
    Forbidden,
    /// Only an operator may do this.
    OperatorOnly,
    /// The operation does not read the query parameter with this name.
    UnknownParameter(String),
    /// The body is larger than [`BODY_BYTES_MAX`](crate::request::call::BODY_BYTES_MAX).
    BodyTooLarge,
    /// The event says that its body is base64, and it is not.
    BodyUnreadable,
    /// The body has a content coding that is not decoded.
    UnknownCoding,
    /// The body says that it is gzip, and it is not.
    NotGzip,
}
