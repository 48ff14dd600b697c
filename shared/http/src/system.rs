//! The clock and the random ids of the machine.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use subledger::money::timestamp::Timestamp;
use subledger::ports::{Clock, IdSource};
use subledger::settling::SettlingTime;
use uuid::Uuid;

/// The machine's clock.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        #[expect(clippy::disallowed_methods, reason = "this is the clock that the others take")]
        let now = SystemTime::now();
        #[expect(clippy::expect_used, reason = "no moment could be recorded with such a clock")]
        let since_epoch = now.duration_since(UNIX_EPOCH).expect("the clock is not before 1970");
        Timestamp::after_epoch(since_epoch)
    }
}

/// The machine's clock, with the settling time that a stack was given.
#[derive(Debug, Clone, Copy)]
pub struct ConfiguredClock(pub SettlingTime);

impl Clock for ConfiguredClock {
    fn now(&self) -> Timestamp {
        SystemClock.now()
    }

    fn settling_time(&self) -> SettlingTime {
        self.0
    }
}

/// How long it is until a moment by the machine's clock; zero once the moment has passed.
pub(crate) fn time_until(moment: SystemTime) -> Duration {
    #[expect(clippy::disallowed_methods, reason = "Lambda names a moment of the same clock")]
    moment.duration_since(SystemTime::now()).unwrap_or_default()
}

/// Random UUIDs of version 7.
#[derive(Debug, Clone, Copy)]
pub struct RandomIds;

impl IdSource for RandomIds {
    fn next_id(&self) -> Uuid {
        #[expect(clippy::disallowed_methods, reason = "this is the `IdSource` of the functions")]
        Uuid::now_v7()
    }
}
