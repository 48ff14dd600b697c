//! What requests cost.

use std::sync::atomic::{AtomicU64, Ordering};

use aws_sdk_dynamodb::types::ConsumedCapacity;

/// Adds up what requests cost, as DynamoDB reports it.
#[derive(Debug, Default)]
pub struct Meter {
    calls: AtomicU64,
    read_milli_units: AtomicU64,
    write_milli_units: AtomicU64,
}

/// What a [`Meter`] has counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Consumption {
    /// Requests that were answered.
    pub calls: u64,
    /// Thousandths of a read unit.
    pub read_milli_units: u64,
    /// Thousandths of a write unit.
    pub write_milli_units: u64,
}

impl Meter {
    /// What was counted since the last time this was asked.
    pub fn take(&self) -> Consumption {
        Consumption {
            calls: self.calls.swap(0, Ordering::Relaxed),
            read_milli_units: self.read_milli_units.swap(0, Ordering::Relaxed),
            write_milli_units: self.write_milli_units.swap(0, Ordering::Relaxed),
        }
    }

    pub(crate) fn count_read(&self, consumed: &[ConsumedCapacity]) {
        self.calls.fetch_add(1, Ordering::Relaxed);
        self.read_milli_units.fetch_add(milli_units(consumed), Ordering::Relaxed);
    }

    pub(crate) fn count_write(&self, consumed: &[ConsumedCapacity]) {
        self.calls.fetch_add(1, Ordering::Relaxed);
        self.write_milli_units.fetch_add(milli_units(consumed), Ordering::Relaxed);
    }
}

fn milli_units(consumed: &[ConsumedCapacity]) -> u64 {
    let units = consumed.iter().filter_map(ConsumedCapacity::capacity_units);
    // The SDK has them as floats. Units come in halves, so three decimals print exactly.
    let milli_units =
        units.filter_map(|units| format!("{units:.3}").replace('.', "").parse::<u64>().ok());
    milli_units.fold(0, u64::saturating_add)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_counted_in_thousandths_and_reset_when_they_are_taken() {
        let consumed = |units| ConsumedCapacity::builder().capacity_units(units).build();
        let meter = Meter::default();
        meter.count_read(&[consumed(0.5)]);
        meter.count_read(&[]);
        meter.count_write(&[consumed(8.0), consumed(12.0)]);
        let counted = Consumption { calls: 3, read_milli_units: 500, write_milli_units: 20_000 };
        assert_eq!(meter.take(), counted);
        assert_eq!(meter.take(), Consumption::default());
    }
}
