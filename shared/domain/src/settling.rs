//! When an answer about a moment is final.
//!
//! A version gets its time before it is written. So for a while a version may still join a moment
//! that has passed: until every request that began before it has ended, on whatever clock. After the
//! settling time that is over. It is spent in three equal parts: the clock of the function that
//! writes may be behind by one, a request may take one, and the clock of the function that is asked
//! may be ahead by one.

use crate::error::Error;
use crate::money::timestamp::{SECOND_MICROS, Timestamp};

/// How long a moment takes to settle: 30 seconds to an hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SettlingTime {
    seconds: u16,
}

impl SettlingTime {
    /// The least number of seconds: a third of it is the 10 seconds that a function may take.
    pub const SECONDS_MIN: u16 = 30;
    /// The most seconds.
    pub const SECONDS_MAX: u16 = 3_600;
    /// Half a minute.
    pub const DEFAULT: Self = Self { seconds: Self::SECONDS_MIN };

    /// The settling time, if it is 30 to 3,600 seconds.
    #[must_use]
    pub fn new(seconds: u16) -> Option<Self> {
        (Self::SECONDS_MIN..=Self::SECONDS_MAX).contains(&seconds).then_some(Self { seconds })
    }

    /// 30 to 3,600.
    #[must_use]
    pub const fn seconds(self) -> u16 {
        self.seconds
    }

    /// How far a clock may differ from that of the store, in microseconds: a third of the time.
    #[must_use]
    pub fn clock_difference_micros_max(self) -> i64 {
        self.micros() / 3
    }

    /// How many seconds it takes until the moment has settled, rounded up; zero if it has.
    #[must_use]
    pub fn seconds_left(self, moment: Timestamp, now: Timestamp) -> u32 {
        // Both are in the years 1 to 9999, so nothing overflows.
        let settled_at = moment.micros().saturating_add(self.micros());
        seconds_until(settled_at, now)
    }

    /// Refuses to record something this far ahead of now.
    ///
    /// The time of recording is later than that of every version before it. If one of them was
    /// written by a clock that was ahead, the next one would be ahead too, and with it every
    /// balance of its transaction.
    ///
    /// # Errors
    /// [`Error::RecordedAhead`].
    pub fn refuse_ahead(self, recorded_at: Timestamp, now: Timestamp) -> Result<(), Error> {
        let allowed_from = recorded_at.micros().saturating_sub(self.micros());
        match seconds_until(allowed_from, now) {
            0 => Ok(()),
            seconds => Err(Error::RecordedAhead { recorded_at, seconds }),
        }
    }

    fn micros(self) -> i64 {
        i64::from(self.seconds).saturating_mul(SECOND_MICROS)
    }
}

/// Seconds from now to a moment in microseconds since 1970, rounded up; zero once it has come.
fn seconds_until(micros: i64, now: Timestamp) -> u32 {
    let left = micros.saturating_sub(now.micros()).max(0);
    let seconds =
        left.div_euclid(SECOND_MICROS).saturating_add(i64::from(left % SECOND_MICROS > 0));
    u32::try_from(seconds).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::moment;

    const HALF_A_MINUTE: i64 = 30 * SECOND_MICROS;

    #[test]
    fn a_settling_time_is_half_a_minute_to_an_hour() {
        for (seconds, is_one) in [(29, false), (30, true), (3_600, true), (3_601, false)] {
            assert_eq!(SettlingTime::new(seconds).is_some(), is_one, "{seconds}");
        }
        assert_eq!(SettlingTime::DEFAULT.clock_difference_micros_max(), 10 * SECOND_MICROS);
    }

    #[test]
    fn a_moment_has_settled_when_it_is_half_a_minute_old() {
        for (now, left) in [
            (0, 30),
            (1, 30),
            (SECOND_MICROS, 29),
            (HALF_A_MINUTE - 1, 1),
            (HALF_A_MINUTE, 0),
            (HALF_A_MINUTE + 1, 0),
        ] {
            assert_eq!(SettlingTime::DEFAULT.seconds_left(moment(0), moment(now)), left, "{now}");
        }
    }

    #[test]
    fn nothing_is_recorded_more_than_half_a_minute_ahead() {
        for (ahead, seconds) in [
            (-1, None),
            (HALF_A_MINUTE, None),
            (HALF_A_MINUTE + 1, Some(1)),
            (3_600 * SECOND_MICROS, Some(3_570)),
        ] {
            let refused = SettlingTime::DEFAULT.refuse_ahead(moment(ahead), moment(0));
            let found = match refused {
                Err(Error::RecordedAhead { seconds, .. }) => Some(seconds),
                Ok(()) | Err(_) => None,
            };
            assert_eq!(found, seconds, "{ahead}");
        }
    }
}
