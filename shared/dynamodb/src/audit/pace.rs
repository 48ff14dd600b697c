//! Reading no faster than allowed.

use std::num::NonZeroU32;
use std::time::Duration;

use serde_dynamo::AttributeValue;
use tokio::time::Instant;

use crate::keys::Attributes;

/// How many bytes a read unit reads, strongly consistent.
const UNIT_BYTES: u64 = 4 * 1_024;
/// What a list or a map takes, and each of its members, beside their content.
const NESTING_BYTES: u64 = 3;

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

    /// When so many units that are spent now are due; nothing without a limit.
    fn due(&mut self, now: Instant, units: u64) -> Option<Instant> {
        let rate = u64::from(self.units_per_second?.get());
        let micros = units.saturating_mul(1_000_000).checked_div(rate).unwrap_or(0);
        let start = self.next.max(now);
        self.next = start.checked_add(Duration::from_micros(micros)).unwrap_or(start);
        Some(self.next)
    }
}

/// What reading neighbouring items costs: their bytes together.
pub(super) fn units_together(items: &[Attributes]) -> u64 {
    let bytes = items.iter().map(bytes).fold(0, u64::saturating_add);
    bytes.div_ceil(UNIT_BYTES).max(1)
}

/// What reading an item by its key costs.
pub(super) fn units_alone(item: &Attributes) -> u64 {
    bytes(item).div_ceil(UNIT_BYTES).max(1)
}

/// The size of an item by DynamoDB's rules, from above.
fn bytes(item: &Attributes) -> u64 {
    let attributes = item.iter().map(|(name, value)| length(name).saturating_add(size(value)));
    attributes.fold(0, u64::saturating_add)
}

fn size(value: &AttributeValue) -> u64 {
    let nested = |size: u64| size.saturating_add(NESTING_BYTES);
    match value {
        AttributeValue::S(text) | AttributeValue::N(text) => length(text),
        AttributeValue::Bool(_) | AttributeValue::Null(_) => 1,
        AttributeValue::M(members) => nested(
            members
                .iter()
                .map(|(name, value)| nested(length(name).saturating_add(size(value))))
                .fold(0, u64::saturating_add),
        ),
        AttributeValue::L(members) => {
            nested(members.iter().map(|it| nested(size(it))).fold(0, u64::saturating_add))
        }
        AttributeValue::Ss(texts) | AttributeValue::Ns(texts) => {
            texts.iter().map(|text| length(text)).fold(0, u64::saturating_add)
        }
        AttributeValue::B(bytes) => count(bytes.len()),
        AttributeValue::Bs(all) => {
            all.iter().map(|bytes| count(bytes.len())).fold(0, u64::saturating_add)
        }
    }
}

fn length(text: &str) -> u64 {
    count(text.len())
}

fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    fn item(bytes: usize) -> Attributes {
        HashMap::from([("pk".to_owned(), AttributeValue::S("x".repeat(bytes.saturating_sub(2))))])
    }

    #[test]
    fn neighbours_are_added_up_before_they_are_rounded() {
        assert_eq!(units_alone(&item(10)), 1);
        assert_eq!(units_alone(&item(4_096)), 1);
        assert_eq!(units_alone(&item(4_097)), 2);
        assert_eq!(units_together(&[item(10), item(10)]), 1);
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
