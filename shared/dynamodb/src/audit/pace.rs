//! Reading no faster than allowed.

use std::num::NonZeroU32;
use std::time::Duration;

use tokio::time::Instant;

use crate::schema::item::Item;

/// How many bytes a read unit reads, strongly consistent.
const UNIT_BYTES: u64 = 4 * 1_024;

/// Read units, spread evenly over time. What was not used is not saved for later.
#[derive(Debug)]
pub(super) struct Pace {
    units_per_second: Option<NonZeroU32>,
    next: Instant,
}

impl Pace {
    pub(super) fn new(units_per_second: Option<NonZeroU32>) -> Self {
        Self { units_per_second, next: Instant::now() }
    }

    /// Waits until what was read may have been read.
    pub(super) async fn spend(&mut self, units: u64) {
        if let Some(due) = self.due(Instant::now(), units) {
            tokio::time::sleep_until(due).await;
        }
    }

    /// When so many units that are spent now are due; `None` without a limit.
    fn due(&mut self, now: Instant, units: u64) -> Option<Instant> {
        let rate = u64::from(self.units_per_second?.get());
        let micros = units.saturating_mul(1_000_000).checked_div(rate).unwrap_or(0);
        let start = self.next.max(now);
        self.next = start.checked_add(Duration::from_micros(micros)).unwrap_or(start);
        Some(self.next)
    }
}

/// What reading neighbouring items costs: their bytes together.
pub(super) fn units_together(items: &[Item]) -> u64 {
    let bytes = items.iter().map(bytes).fold(0, u64::saturating_add);
    bytes.div_ceil(UNIT_BYTES).max(1)
}

/// What reading an item by its key costs.
pub(super) fn units_alone(item: &Item) -> u64 {
    bytes(item).div_ceil(UNIT_BYTES).max(1)
}

fn bytes(item: &Item) -> u64 {
    u64::try_from(item.bytes()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    fn item(bytes: usize) -> Item {
        let empty = samples::at(&samples::somewhere());
        let named = samples::with(empty.clone(), "text", samples::s(""));
        let text = "x".repeat(bytes.saturating_sub(named.bytes()));
        samples::with(empty, "text", samples::s(&text))
    }

    #[test]
    fn neighbours_are_added_up_before_they_are_rounded() {
        assert_eq!(units_alone(&item(100)), 1);
        assert_eq!(units_alone(&item(4_096)), 1);
        assert_eq!(units_alone(&item(4_097)), 2);
        assert_eq!(units_together(&[item(100), item(100)]), 1);
        assert_eq!(units_together(&[item(4_000), item(4_000), item(1_000)]), 3);
        assert_eq!(units_together(&[]), 1);
    }

    #[test]
    fn units_are_spread_over_time_and_not_saved() {
        let mut pace = Pace::new(NonZeroU32::new(100));
        let start = pace.next;
        let after = |millis| start + Duration::from_millis(millis);
        assert_eq!(pace.due(start, 50), Some(after(500)));
        assert_eq!(pace.due(after(1), 100), Some(after(1_500)));
        assert_eq!(pace.due(after(60_000), 10), Some(after(60_100)));
        assert_eq!(Pace::new(None).due(start, 10), None);
    }
}
