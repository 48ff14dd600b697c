//! What requests cost.

use std::sync::atomic::{AtomicU64, Ordering};

use aws_sdk_dynamodb::types::ConsumedCapacity;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

/// Adds up what requests cost, as DynamoDB reports it.
#[derive(Debug, Default)]
pub struct Meter {
    calls: AtomicU64,
    in_flight: AtomicU64,
    round_trips: AtomicU64,
    repetitions: AtomicU64,
    read_milli_units: AtomicU64,
    write_milli_units: AtomicU64,
}

/// What a [`Meter`] has counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Consumption {
    /// Requests that were answered.
    pub calls: u64,
    /// How often a request was sent while no other was in flight. Requests at the same time count
    /// once, requests one after the other count each.
    pub round_trips: u64,
    /// Requests that were sent again, by the client or because of a conflict with other
    /// transactions.
    pub retries: u64,
    /// Thousandths of a read unit.
    pub read_milli_units: u64,
    /// Thousandths of a write unit.
    pub write_milli_units: u64,
}

impl Meter {
    /// What was counted since the last call.
    pub fn take(&self) -> Consumption {
        Consumption {
            calls: self.calls.swap(0, Ordering::Relaxed),
            round_trips: self.round_trips.swap(0, Ordering::Relaxed),
            retries: self.repetitions.swap(0, Ordering::Relaxed),
            read_milli_units: self.read_milli_units.swap(0, Ordering::Relaxed),
            write_milli_units: self.write_milli_units.swap(0, Ordering::Relaxed),
        }
    }

    /// Counts a request as in flight until the returned guard is dropped.
    pub(crate) fn on_its_way(&self) -> OnItsWay<'_> {
        if self.in_flight.fetch_add(1, Ordering::Relaxed) == 0 {
            self.round_trips.fetch_add(1, Ordering::Relaxed);
        }
        OnItsWay(self)
    }

    /// Counts a request that is sent again.
    pub(crate) fn count_repetition(&self) {
        self.repetitions.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn count_read<'c>(&self, consumed: impl IntoIterator<Item = &'c ConsumedCapacity>) {
        self.calls.fetch_add(1, Ordering::Relaxed);
        self.read_milli_units.fetch_add(milli_units(consumed), Ordering::Relaxed);
    }

    pub(crate) fn count_write<'c>(&self, consumed: impl IntoIterator<Item = &'c ConsumedCapacity>) {
        self.calls.fetch_add(1, Ordering::Relaxed);
        self.write_milli_units.fetch_add(milli_units(consumed), Ordering::Relaxed);
    }
}

/// A request in flight.
#[derive(Debug)]
pub(crate) struct OnItsWay<'m>(&'m Meter);

impl Drop for OnItsWay<'_> {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Consumption {
    /// Each number in thousandths, with its name among the metrics of a function.
    #[must_use]
    pub fn thousandths(self) -> [(&'static str, u64); 4] {
        [
            ("StoreCalls", self.calls.saturating_mul(1000)),
            ("ReadUnits", self.read_milli_units),
            ("WriteUnits", self.write_milli_units),
            ("Retries", self.retries.saturating_mul(1000)),
        ]
    }
}

fn milli_units<'c>(consumed: impl IntoIterator<Item = &'c ConsumedCapacity>) -> u64 {
    let units = consumed.into_iter().filter_map(|it| it.capacity_units);
    let units = units.filter_map(|units| Decimal::try_from(units).ok());
    let thousandths = units.filter_map(|units| units.checked_mul(Decimal::ONE_THOUSAND)?.to_u64());
    thousandths.fold(0, u64::saturating_add)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_counted_in_thousandths_and_reset_when_they_are_taken() {
        let consumed = |units| ConsumedCapacity::builder().capacity_units(units).build();
        let meter = Meter::default();
        meter.count_read(&[consumed(0.5)]);
        meter.count_read(&[ConsumedCapacity::builder().build()]);
        meter.count_write(&[consumed(8.0), consumed(12.25)]);
        meter.count_repetition();
        let counted = Consumption {
            calls: 3,
            round_trips: 0,
            retries: 1,
            read_milli_units: 500,
            write_milli_units: 20_250,
        };
        assert_eq!(meter.take(), counted);
        assert_eq!(meter.take(), Consumption::default());
    }

    #[test]
    fn requests_at_the_same_time_are_one_round_trip() {
        let meter = Meter::default();
        let (first, second) = (meter.on_its_way(), meter.on_its_way());
        drop(first);
        drop((meter.on_its_way(), second));
        drop(meter.on_its_way());
        assert_eq!(meter.take().round_trips, 2);
    }
}
