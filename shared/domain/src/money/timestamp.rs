//! Moments: UTC, microseconds, ordered as they print.

use std::fmt;
use std::time::Duration;

use time::{Date, Month, OffsetDateTime, Time};

/// Microseconds in a second.
pub const SECOND_MICROS: i64 = 1_000_000;

/// A moment in UTC with microsecond precision, between the years 0001 and 9999.
///
/// The range is what keeps [`Timestamp::fixed_width`] at 27 characters, so that text order in a
/// key is time order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp {
    /// Since 1970-01-01T00:00:00Z.
    micros: i64,
}

impl Timestamp {
    /// The first moment of the year 0001.
    pub const MIN: Self = Self { micros: -62_135_596_800 * SECOND_MICROS };
    /// The last microsecond of the year 9999.
    pub const MAX: Self = Self { micros: 253_402_300_800 * SECOND_MICROS - 1 };
    /// What [`Timestamp::fixed_width`] prints, with 0 for any digit.
    const SHAPE: &str = "0000-00-00T00:00:00.000000Z";

    /// The moment that many microseconds after 1970-01-01T00:00:00Z; `None` outside the range.
    #[must_use]
    pub fn from_micros(micros: i64) -> Option<Self> {
        let moment = Self { micros };
        (Self::MIN <= moment && moment <= Self::MAX).then_some(moment)
    }

    /// The moment that long after 1970-01-01T00:00:00Z; [`Timestamp::MAX`] beyond the range.
    #[must_use]
    pub fn after_epoch(elapsed: Duration) -> Self {
        let micros = i64::try_from(elapsed.as_micros()).unwrap_or(i64::MAX);
        Self::from_micros(micros).unwrap_or(Self::MAX)
    }

    /// Microseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn micros(self) -> i64 {
        self.micros
    }

    /// A calendar date and a time of day in UTC; `None` outside the range.
    #[must_use]
    pub fn from_utc(date: Date, time: Time) -> Option<Self> {
        let nanos = OffsetDateTime::new_utc(date, time).unix_timestamp_nanos();
        Self::from_micros(i64::try_from(nanos.div_euclid(1_000)).ok()?)
    }

    /// The next representable moment; the last one has no successor and is its own.
    #[must_use]
    pub fn successor(self) -> Self {
        Self { micros: self.micros.saturating_add(1) }.min(Self::MAX)
    }

    /// When the version after one recorded at `previous` is recorded, given the time `now`.
    ///
    /// Strictly later than `previous` even when this machine's clock is behind the one that
    /// wrote it: time order is version order.
    #[must_use]
    pub fn next_after(previous: Self, now: Self) -> Self {
        now.max(previous.successor())
    }

    /// `2026-07-17T18:42:53.123456Z`: always 27 characters, so text order is time order.
    #[must_use]
    #[expect(clippy::expect_used, reason = "every place is one of the shape, and takes ASCII")]
    pub fn fixed_width(self) -> String {
        let (date, time) = self.calendar();
        let mut text = String::from(Self::SHAPE).into_bytes();
        for (place, number) in [
            (0..4, date.year().unsigned_abs()),
            (5..7, u8::from(date.month()).into()),
            (8..10, date.day().into()),
            (11..13, time.hour().into()),
            (14..16, time.minute().into()),
            (17..19, time.second().into()),
            (20..26, time.microsecond()),
        ] {
            put_digits(text.get_mut(place).expect("the shape has all places"), number);
        }
        String::from_utf8(text).expect("digits take the place of digits")
    }

    /// Reads what [`Timestamp::fixed_width`] prints, and nothing else.
    #[must_use]
    pub fn parse_fixed_width(text: &str) -> Option<Self> {
        let mut shape = Self::SHAPE.bytes().zip(text.bytes());
        let fits =
            |(shape, c): (u8, u8)| if shape == b'0' { c.is_ascii_digit() } else { c == shape };
        if text.len() != Self::SHAPE.len() || !shape.all(fits) {
            return None;
        }
        let digits = |range: std::ops::Range<usize>| text.get(range)?.parse::<u32>().ok();
        let small = |range| u8::try_from(digits(range)?).ok();
        let date = Date::from_calendar_date(
            i32::try_from(digits(0..4)?).ok()?,
            Month::try_from(small(5..7)?).ok()?,
            small(8..10)?,
        )
        .ok()?;
        let time =
            Time::from_hms_micro(small(11..13)?, small(14..16)?, small(17..19)?, digits(20..26)?);
        Self::from_utc(date, time.ok()?)
    }

    #[expect(clippy::expect_used, reason = "a timestamp is in the years 1 to 9999")]
    fn calendar(self) -> (Date, Time) {
        let nanos = i128::from(self.micros).checked_mul(1_000).expect("64 bits times a thousand");
        let moment =
            OffsetDateTime::from_unix_timestamp_nanos(nanos).expect("the year is in range");
        (moment.date(), moment.time())
    }
}

/// Puts a number in its place, with leading zeros. Every key and every item has several times in it,
/// and the standard formatting takes ten times as long.
fn put_digits(place: &mut [u8], mut number: u32) {
    for digit in place.iter_mut().rev() {
        let [.., last] = (number % 10).to_be_bytes();
        *digit = b'0'.saturating_add(last);
        number /= 10;
    }
}

/// RFC 3339 in UTC; the fraction without trailing zeros, none where it is zero.
impl fmt::Display for Timestamp {
    #[expect(clippy::expect_used, reason = "the fixed width is 27 ASCII characters")]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fixed = self.fixed_width();
        let short = fixed.trim_end_matches('Z').trim_end_matches('0').trim_end_matches('.');
        let whole_seconds = fixed.get(..19).expect("the seconds end there");
        write!(f, "{}Z", if short.len() < whole_seconds.len() { whole_seconds } else { short })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(micros: i64, fixed: &str, short: &str) {
        let moment = Timestamp::from_micros(micros).unwrap();
        assert_eq!(moment.fixed_width(), fixed);
        assert_eq!(moment.to_string(), short);
        assert_eq!(Timestamp::parse_fixed_width(fixed), Some(moment));
    }

    #[test]
    fn a_moment_prints_in_both_forms() {
        check(0, "1970-01-01T00:00:00.000000Z", "1970-01-01T00:00:00Z");
        check(1, "1970-01-01T00:00:00.000001Z", "1970-01-01T00:00:00.000001Z");
        check(10_500_000, "1970-01-01T00:00:10.500000Z", "1970-01-01T00:00:10.5Z");
        check(-1, "1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999999Z");
        check(Timestamp::MIN.micros(), "0001-01-01T00:00:00.000000Z", "0001-01-01T00:00:00Z");
        check(
            Timestamp::MAX.micros(),
            "9999-12-31T23:59:59.999999Z",
            "9999-12-31T23:59:59.999999Z",
        );
    }

    #[test]
    fn text_that_is_not_the_fixed_form_is_not_read() {
        for text in [
            "",
            "1970-01-01",
            "1970-01-01T00:00:00Z",
            "1970-02-30T00:00:00.000000Z",
            "é970-01-01T00:00:00.000000Z",
            "+970-01-01T00:00:00.000000Z",
            "1970-01-01 00:00:00.000000Z",
            "1970-01-01T00:00:00.000000Z ",
            "1970-01-01T24:00:00.000000Z",
        ] {
            assert_eq!(Timestamp::parse_fixed_width(text), None, "{text}");
        }
    }

    #[test]
    fn a_clock_tells_a_moment_and_beyond_the_range_the_last_one() {
        let moment = Timestamp::after_epoch(Duration::from_nanos(10_500_000_999));
        assert_eq!(moment.micros(), 10_500_000);
        assert_eq!(Timestamp::after_epoch(Duration::MAX), Timestamp::MAX);
    }

    #[test]
    fn moments_outside_the_range_do_not_exist() {
        assert_eq!(Timestamp::from_micros(Timestamp::MIN.micros() - 1), None);
        assert_eq!(Timestamp::from_micros(Timestamp::MAX.micros() + 1), None);
        assert_eq!(Timestamp::MAX.successor(), Timestamp::MAX);
    }

    #[test]
    fn the_next_version_is_later_than_the_last_whatever_the_clock_says() {
        let last = Timestamp::from_micros(100).unwrap();
        for (now, next) in [(50, 101), (100, 101), (101, 101), (500, 500)] {
            let now = Timestamp::from_micros(now).unwrap();
            assert_eq!(Timestamp::next_after(last, now).micros(), next);
        }
    }
}
