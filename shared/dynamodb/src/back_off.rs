//! Pauses between two attempts.

use std::time::Duration;

use uuid::Uuid;

use crate::config::Pauses;

/// The longest first pause: about what a transaction in the way needs to finish.
const FIRST_PAUSE_MAX: Duration = Duration::from_millis(20);
/// The longest pause of all.
const PAUSE_MAX: Duration = Duration::from_millis(400);

impl Default for Pauses {
    fn default() -> Self {
        Self { first_max: FIRST_PAUSE_MAX, max: PAUSE_MAX }
    }
}

/// Waits before an attempt: not before the first, and the longer the more there were. Random from
/// zero, so that those who met once do not meet again.
pub(crate) async fn pause(pauses: Pauses, attempts_before: u32, chance: u32) {
    if let Some(doublings) = attempts_before.checked_sub(1) {
        tokio::time::sleep(up_to(longest(pauses, doublings), chance)).await;
    }
}

/// What the length of a pause is drawn with.
pub(crate) fn chance() -> u32 {
    // The lower half of a version 7 UUID ends in 32 random bits.
    let (_, half) = Uuid::now_v7().as_u64_pair();
    u32::try_from(half & u64::from(u32::MAX)).unwrap_or(0)
}

fn longest(pauses: Pauses, doublings: u32) -> Duration {
    pauses.first_max.saturating_mul(2_u32.saturating_pow(doublings)).min(pauses.max)
}

fn up_to(longest: Duration, chance: u32) -> Duration {
    let micros = u64::try_from(longest.as_micros()).unwrap_or(u64::MAX);
    let random = u64::from(chance).checked_rem(micros.saturating_add(1));
    Duration::from_micros(random.unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_a_limit_and_are_random_below_it() {
        for (doublings, millis) in [(0, 20), (1, 40), (4, 320), (5, 400), (u32::MAX, 400)] {
            let longest = longest(Pauses::default(), doublings);
            assert_eq!(longest, Duration::from_millis(millis));
        }
        let pauses: Vec<Duration> = (0..100).map(|_| up_to(PAUSE_MAX, chance())).collect();
        assert!(pauses.iter().all(|pause| *pause <= PAUSE_MAX));
        assert!(pauses.iter().any(|pause| *pause < PAUSE_MAX / 2));
        assert!(pauses.iter().any(|pause| *pause > PAUSE_MAX / 2));
    }
}
