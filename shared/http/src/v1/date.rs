//! Moments in query strings.

use subledger::money::calendar_date::CalendarDate;
use subledger::money::timestamp::Timestamp;
use time::Time;

use crate::moment::parse_rfc_3339;

/// The longest date, in bytes: a moment with nine decimals and an offset has 35.
const DATE_BYTES_MAX: usize = 64;
/// `2026-01-31`.
const DATE_BYTES: usize = 10;

/// Which end of a day a date without a time means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DayEnd {
    /// Its first microsecond.
    First,
    /// Its last microsecond.
    Last,
}

/// A moment: RFC 3339, or `yyyy-mm-dd hh:mm:ss` (or with a `T`) in UTC, with or without decimals.
/// Decimals beyond the microsecond are cut.
#[must_use]
pub fn parse_moment(text: &str) -> Option<Timestamp> {
    if text.len() > DATE_BYTES_MAX || text.len() <= DATE_BYTES {
        return None;
    }
    let text = text.replacen(' ', "T", 1);
    parse_rfc_3339(&text).or_else(|| parse_rfc_3339(&format!("{text}Z")))
}

/// A moment, or a date without a time, which means one end of that day in UTC.
#[must_use]
pub fn parse_moment_or_day(text: &str, end: DayEnd) -> Option<Timestamp> {
    if text.len() != DATE_BYTES {
        return parse_moment(text);
    }
    let day = CalendarDate::parse(text)?.date();
    let time = match end {
        DayEnd::First => Time::MIDNIGHT,
        DayEnd::Last => Time::MAX,
    };
    Timestamp::from_utc(day, time)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, moment: Option<&str>) {
        let found = parse_moment(text).map(|moment| moment.to_string());
        assert_eq!(found.as_deref(), moment, "{text}");
    }

    #[test]
    fn a_moment_is_read_with_and_without_a_zone() {
        check("2026-01-02T03:04:05Z", Some("2026-01-02T03:04:05Z"));
        check("2026-01-02T03:04:05", Some("2026-01-02T03:04:05Z"));
        check("2026-01-02 03:04:05", Some("2026-01-02T03:04:05Z"));
        check("2026-01-02T03:04:05+02:00", Some("2026-01-02T01:04:05Z"));
        check("2026-01-02 03:04:05.5", Some("2026-01-02T03:04:05.5Z"));
        check("2026-01-02T03:04:05.123456789Z", Some("2026-01-02T03:04:05.123456Z"));
        check("0001-01-01T00:00:00Z", Some("0001-01-01T00:00:00Z"));
    }

    #[test]
    fn what_is_no_moment_is_not_read() {
        for text in [
            "",
            "now",
            "2026-01-02",
            "01/02/2026",
            "2026-13-01T00:00:00",
            "2026-02-30 00:00:00",
            "2026-01-02T25:00:00Z",
            "2026-01-02T03:04",
            "0001-01-01T00:00:00+14:00",
            "-2026-01-02T03:04:05Z",
        ] {
            check(text, None);
        }
        check(&format!("2026-01-02T03:04:05.{}Z", "1".repeat(100)), None);
    }

    #[test]
    fn a_day_is_one_of_its_ends() {
        let ends = |text| {
            let first = parse_moment_or_day(text, DayEnd::First)?;
            Some((first.to_string(), parse_moment_or_day(text, DayEnd::Last)?.to_string()))
        };
        let (first, last) = ends("2026-01-02").unwrap();
        assert_eq!(first, "2026-01-02T00:00:00Z");
        assert_eq!(last, "2026-01-02T23:59:59.999999Z");
        assert_eq!(ends("2024-02-29").unwrap().0, "2024-02-29T00:00:00Z");
        assert_eq!(ends("0001-01-01").unwrap().0, "0001-01-01T00:00:00Z");
        assert_eq!(ends("9999-12-31").unwrap().1, "9999-12-31T23:59:59.999999Z");
        for text in ["2026-02-29", "2026-02-30", "20260102  ", "0000-01-01", "-026-01-02"] {
            assert_eq!(ends(text), None, "{text}");
        }
    }
}
