//! Days of the calendar, without a time zone.

use std::fmt;

use time::{Date, Month};

/// A day between the years 0001 and 9999, written `2026-07-17`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CalendarDate(Date);

impl CalendarDate {
    /// Reads what is printed, and nothing else: four digits, two and two, of a day that exists.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('-');
        let year = digits(parts.next()?, 4)?;
        let month = u8::try_from(digits(parts.next()?, 2)?).ok()?;
        let day = u8::try_from(digits(parts.next()?, 2)?).ok()?;
        if parts.next().is_some() || year == 0 {
            return None;
        }
        let year = i32::try_from(year).ok()?;
        Date::from_calendar_date(year, Month::try_from(month).ok()?, day).ok().map(Self)
    }

    /// The day.
    #[must_use]
    pub const fn date(self) -> Date {
        self.0
    }
}

/// The number that exactly so many digits spell.
fn digits(text: &str, length: usize) -> Option<u32> {
    let plain = text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok())?
}

impl fmt::Display for CalendarDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(date) = self;
        write!(f, "{:04}-{:02}-{:02}", date.year(), u8::from(date.month()), date.day())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_that_exists_is_read_and_printed_the_same() {
        for text in ["0001-01-01", "2024-02-29", "2026-07-17", "9999-12-31"] {
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
            "2026-02-29",
            "2026-13-01",
            "2026-00-10",
            "2026-01-00",
            "2026-04-31",
            "0000-01-01",
            "+026-07-17",
            "-026-07-17",
            " 2026-07-17",
            "２０２６-07-17",
            "2026/07/17",
        ] {
            assert_eq!(CalendarDate::parse(text), None, "{text:?}");
        }
    }
}
