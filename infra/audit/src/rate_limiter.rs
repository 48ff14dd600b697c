//! Limiting the rate of reading.

use std::num::{NonZeroU32, NonZeroU64};
use std::time::Duration;

use tokio::time::Instant;

use subledger_dynamodb::schema::item::Item;

/// How many bytes a read unit reads, strongly consistent.
const UNIT_BYTES: u64 = 4 * 1_024;

/// Spreads read units evenly over time. Units that were not used are not saved for later.
#[derive(Debug)]
pub(super) struct RateLimiter {
    units_per_second: Option<NonZeroU32>,
    next: Instant,
}

impl RateLimiter {
    pub(super) fn new(units_per_second: Option<NonZeroU32>) -> Self {
        Self { units_per_second, next: Instant::now() }
    }

    /// Counts units that were read, and waits until that many were allowed.
    pub(super) async fn spend(&mut self, units: u64) {
        if let Some(due) = self.due(Instant::now(), units) {
            tokio::time::sleep_until(due).await;
        }
    }

    /// When so many units that are spent now are due; `None` without a limit.
    fn due(&mut self, now: Instant, units: u64) -> Option<Instant> {
        let rate = self.units_per_second?;
        let micros = units.saturating_mul(1_000_000) / NonZeroU64::from(rate);
        let start = self.next.max(now);
        #[expect(clippy::expect_used, reason = "a page has some hundred units, so this is minutes")]
        let next = start.checked_add(Duration::from_micros(micros)).expect("a moment to come");
        self.next = next;
        Some(next)
    }
}

/// The read units of a page of items: their bytes are added up before rounding.
pub(super) fn units_together(items: &[Item]) -> u64 {
    let bytes = items.iter().map(bytes).fold(0, u64::saturating_add);
    bytes.div_ceil(UNIT_BYTES).max(1)
}

/// The read units of one item that is read by its key.
pub(super) fn units_alone(item: &Item) -> u64 {
    bytes(item).div_ceil(UNIT_BYTES).max(1)
}

#[expect(clippy::expect_used, reason = "an item has at most 400 kB")]
fn bytes(item: &Item) -> u64 {
    u64::try_from(item.bytes()).expect("the size of an item is a u64")
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_dynamodb::types::AttributeValue;

    fn item(bytes: usize) -> Item {
        let with = |text: String| Item([("text".to_owned(), AttributeValue::S(text))].into());
        let overhead = with(String::new()).bytes();
        with("x".repeat(bytes.saturating_sub(overhead)))
    }

    #[test]
    fn the_items_of_a_page_are_added_up_before_they_are_rounded() {
        assert_eq!(units_alone(&item(100)), 1);
        assert_eq!(units_alone(&item(4_096)), 1);
        assert_eq!(units_alone(&item(4_097)), 2);
        assert_eq!(units_together(&[item(100), item(100)]), 1);
        assert_eq!(units_together(&[item(4_000), item(4_000), item(1_000)]), 3);
        assert_eq!(units_together(&[]), 1);
    }

    #[test]
    fn units_are_spread_over_time_and_not_saved() {
        let mut limiter = RateLimiter::new(NonZeroU32::new(100));
        let start = limiter.next;
        let after = |millis| start + Duration::from_millis(millis);
        assert_eq!(limiter.due(start, 50), Some(after(500)));
        assert_eq!(limiter.due(after(1), 100), Some(after(1_500)));
        assert_eq!(limiter.due(after(60_000), 10), Some(after(60_100)));
        assert_eq!(RateLimiter::new(None).due(start, 10), None);
    }
}
