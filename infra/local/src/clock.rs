//! The one place of this crate that asks what time it is.

use time::OffsetDateTime;

/// The time now, UTC.
#[expect(clippy::disallowed_methods, reason = "this is the clock")]
pub fn now() -> OffsetDateTime {
    OffsetDateTime::now_utc()
}
