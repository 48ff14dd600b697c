//! Identifiers in a known order.

use std::sync::atomic::{AtomicU64, Ordering};

use uuid::{Builder, Uuid};

use subledger::ports::IdSource;

/// Counts in version 7 UUIDs: where the time would stand, they have the number of their series.
#[derive(Debug)]
pub struct SequentialIds {
    series: u64,
    next: AtomicU64,
}

impl SequentialIds {
    /// The ids of a series, from the first. The lower 48 bits of the number tell one series from
    /// another.
    #[must_use]
    pub const fn new(series: u64) -> Self {
        Self { series, next: AtomicU64::new(1 << 12) }
    }
}

impl IdSource for SequentialIds {
    fn next_id(&self) -> Uuid {
        // The last three digits of a transaction's id number its operations.
        let count = self.next.fetch_add(1 << 12, Ordering::Relaxed).to_be_bytes();
        let mut random = [0; 10];
        random.iter_mut().skip(2).zip(count).for_each(|(byte, counted)| *byte = counted);
        Builder::from_unix_timestamp_millis(self.series, &random).into_uuid()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ids_of_a_series_are_version_7_and_increase() {
        let ids = SequentialIds::new(0x0102_0304_0506);
        let [first, second] = [ids.next_id(), ids.next_id()];
        assert_eq!(first.to_string(), "01020304-0506-7000-8000-000000001000");
        assert_eq!(second.to_string(), "01020304-0506-7000-8000-000000002000");
        assert_eq!(first.get_version_num(), 7);
    }

    #[test]
    fn two_series_have_no_id_in_common() {
        assert_ne!(SequentialIds::new(1).next_id(), SequentialIds::new(2).next_id());
    }
}
