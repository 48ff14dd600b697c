//! Moments in requests.

use subledger::money::timestamp::Timestamp;
use time::format_description::well_known::Rfc3339;
use time::{OffsetDateTime, UtcOffset};

/// A moment as RFC 3339 spells it, such as `2026-07-17T18:42:53.5+02:00`. Decimals beyond the
/// microsecond are cut. `None` for any other text, and for a year outside 1 to 9999 in UTC.
pub(crate) fn parse_rfc_3339(text: &str) -> Option<Timestamp> {
    let moment = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    let moment = moment.checked_to_offset(UtcOffset::UTC)?;
    Timestamp::from_utc(moment.date(), moment.time())
}
