//! Days of the calendar, without a time zone.

use std::fmt;

use time::Date;
use time::format_description::StaticFormatDescription;
use time::macros::format_description;

/// `2026-07-17`.
const FORMAT: StaticFormatDescription = format_description!(version = 2, "[year]-[month]-[day]");
/// The length of the text, in bytes. `time` would also take a sign before the year.
const TEXT_BYTES: usize = 10;

/// A day between the years 0001 and 9999, written `2026-07-17`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CalendarDate(Date);

impl CalendarDate {
    /// Reads what is printed, and nothing else: four digits, two and two, of a day that exists.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != TEXT_BYTES {
            return None;
        }
        Date::parse(text, FORMAT).ok().filter(|date| date.year() > 0).map(Self)
    }

    /// The day.
    #[must_use]
    pub const fn date(self) -> Date {
        self.0
    }
}

impl fmt::Display for CalendarDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.format(FORMAT).map_err(|_| fmt::Error)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_that_exists_is_read_and_printed_the_same() {
        for text in [
            "0001-01-01",
            "0004-02-29",
            "1970-01-01",
            "2000-02-29",
            "2024-02-29",
            "2026-04-30",
            "2026-07-17",
            "9999-12-31",
        ] {
            assert_eq!(
                CalendarDate::parse(text).map(|date| date.to_string()).as_deref(),
                Some(text)
            );
        }
    }

    #[test]
    fn anything_else_is_not_a_day() {
        for text in [
            "",
            "2026",
            "2026-07",
            "2026-7-17",
            "26-07-17",
            "2026-07-17-",
            "2026-07-17T00:00:00Z",
            "2026-07-017",
            "2026-007-17",
            "02026-07-17",
            "12026-07-17",
            "2026-7-7",
            "2026-7-017",
            "20260717",
            "2026-0717",
            "2026-198",
            "2026-W29-5",
            "1900-02-29",
            "2026-02-29",
            "2100-02-29",
            "2024-02-30",
            "2026-13-01",
            "2026-00-10",
            "2026-01-00",
            "2026-04-31",
            "2026-01-32",
            "0000-01-01",
            "0000-12-31",
            "10000-01-01",
            "+2026-07-17",
            "-2026-07-17",
            "-0001-01-01",
            "+026-07-17",
            "-026-07-17",
            "2026-+7-17",
            "2026-07--7",
            " 2026-07-17",
            "2026-07-17 ",
            " 026-07-17",
            "2026- 7-17",
            "2026-07- 7",
            "2026-07-1\n",
            "2026-07-1\u{e9}",
            "２０２６-07-17",
            "2026/07/17",
        ] {
            assert_eq!(CalendarDate::parse(text), None, "{text:?}");
        }
    }
}
