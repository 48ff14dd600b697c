//! The clock of this process, compared with that of DynamoDB.
//!
//! Every answer of DynamoDB has the time at which it was given, to the second, in its header `Date`.
//! A process whose clock differs too much may not record anything: its versions would join moments
//! that have settled, or would be in the future. Nor may it say what was at a moment.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_dynamodb::config::interceptors::BeforeDeserializationInterceptorContextRef;
use aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_dynamodb::error::BoxError;
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use subledger::error::Error;
use subledger::money::timestamp::SECOND_MICROS;
use subledger::ports::Clock;

/// The clock of this process, and how far it differed from that of DynamoDB at the last answer.
/// Cloning it shares both.
#[derive(Clone)]
pub(crate) struct StoreClock {
    clock: Arc<dyn Clock>,
    /// In microseconds, positive where the clock of this process is ahead; `None` before the first
    /// answer. It includes the time that the answer took, and less than a second that the header
    /// does not tell.
    difference: Arc<Mutex<Option<i64>>>,
}

impl StoreClock {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, difference: Arc::default() }
    }

    /// Refuses to go on if the clocks differ too much.
    ///
    /// Every use case reads before it writes, so the last answer is one of the same request.
    ///
    /// # Errors
    /// [`Error::ClockWrong`].
    pub(crate) fn check(&self) -> Result<(), Error> {
        let difference = *self.difference.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(difference) = difference.map(i64::unsigned_abs) else {
            return Ok(());
        };
        let difference_max = self.clock.settling_time().clock_difference_micros_max();
        if difference <= difference_max.unsigned_abs() {
            return Ok(());
        }
        #[expect(clippy::expect_used, reason = "a second has microseconds")]
        let seconds =
            difference.checked_div(SECOND_MICROS.unsigned_abs()).expect("the divisor is not zero");
        Err(Error::ClockWrong { seconds })
    }

    /// Compares the clock with the header of an answer that has just come. A header that is no date
    /// tells nothing.
    fn compare(&self, date: &str) {
        let Ok(date) = DateTime::from_str(date, Format::HttpDate) else {
            return;
        };
        let date = date.secs().saturating_mul(SECOND_MICROS);
        let difference = self.clock.now().micros().saturating_sub(date);
        *self.difference.lock().unwrap_or_else(PoisonError::into_inner) = Some(difference);
    }
}

impl fmt::Debug for StoreClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoreClock").field("difference", &self.difference).finish_non_exhaustive()
    }
}

impl Intercept for StoreClock {
    fn name(&self) -> &'static str {
        "StoreClock"
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(date) = context.response().headers().get("date") {
            self.compare(date);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::moment;
    use subledger::money::timestamp::Timestamp;

    /// A clock that stands still, so many microseconds after the date of the answers.
    struct Ahead(i64);

    impl Clock for Ahead {
        fn now(&self) -> Timestamp {
            moment(self.0.checked_add(1_767_225_600_000_000).unwrap())
        }
    }

    #[test]
    fn a_clock_may_differ_by_ten_seconds_either_way() {
        for (ahead, refused) in [
            (0, None),
            (10_000_000, None),
            (10_000_001, Some(10)),
            (3_600_000_000, Some(3_600)),
            (-10_000_000, None),
            (-10_000_001, Some(10)),
            (-3_600_000_000, Some(3_600)),
        ] {
            let clock = StoreClock::new(Arc::new(Ahead(ahead)));
            assert!(clock.check().is_ok(), "nothing is known yet");
            clock.compare("Thu, 01 Jan 2026 00:00:00 GMT");
            clock.compare("no date");
            let seconds = match clock.check() {
                Err(Error::ClockWrong { seconds }) => Some(seconds),
                Ok(()) | Err(_) => None,
            };
            assert_eq!(seconds, refused, "{ahead}");
        }
    }
}
