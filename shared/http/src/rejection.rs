//! The one error of a request before its operation runs. Each dialect turns it into an error of its
//! own.

/// Why a request is refused before its operation runs, in either dialect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rejection {
    /// The host, the path, the query, the method or a header is not valid HTTP.
    Malformed,
    /// No operation has this path.
    UnknownRoute,
    /// The path has operations, but none with this method.
    MethodNotAllowed,
    /// There is no token.
    Unauthenticated,
    /// The token does not allow the operation.
    Forbidden,
    /// The body is larger than [`BODY_BYTES_MAX`](crate::request::call::BODY_BYTES_MAX).
    BodyTooLarge,
    /// The event says that its body is base64, and it is not.
    BodyUnreadable,
}
