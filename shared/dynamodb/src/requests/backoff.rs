//! Pauses between two attempts.

use std::time::Duration;

use subledger::ports::BackOff;
use uuid::Uuid;

use crate::store::DynamoStore;

/// The longest first pause: about what a transaction in the way needs to finish.
const FIRST_PAUSE_MAX: Duration = Duration::from_millis(20);
/// The longest pause of all.
const PAUSE_MAX: Duration = Duration::from_millis(400);

/// The longest wait for a first turn: one rival, who is done within some 40 ms.
const FIRST_TURN_MAX: Duration = Duration::from_millis(40);
/// The longest wait for a second turn: there are many rivals, who take 25 ms each.
const TURN_MAX: Duration = Duration::from_millis(1_600);
/// How much shorter every further wait is at most.
const TURN_STEP: Duration = Duration::from_millis(260);
/// The longest wait of who has waited the longest.
const LAST_TURN_MAX: Duration = Duration::from_millis(50);

/// How long to wait before a request is sent again: not before the first attempt, and the longer
/// the more there were: a random time up to [`FIRST_PAUSE_MAX`] doubled each time. Random from
/// zero, so that those who met once do not meet again.
pub(crate) fn pause_before(attempts_before: u32, chance: u32) -> Duration {
    attempts_before
        .checked_sub(1)
        .map_or(Duration::ZERO, |doublings| up_to(pause_max(doublings), chance))
}

/// Waits so long before an attempt.
pub(crate) async fn pause(attempts_before: u32) {
    tokio::time::sleep(pause_before(attempts_before, chance())).await;
}

/// How long to wait before a step is taken again on fresh reads, after so many that failed before
/// the one that just did.
///
/// Rivals are met on a busy balance, which admits one transaction after the other. If a second
/// attempt fails too, there are many, and trying often only costs: so the wait is long. It then
/// gets shorter and shorter, because with waits that grow those who come last are served first,
/// and those who have waited long are given up. The 40 attempts of a step and the waits between
/// them take some 5 seconds, and 9 at most unless DynamoDB is slow: a function has 10.
pub(crate) fn turn(failed_before: u32, chance: u32) -> Duration {
    up_to(turn_max(failed_before), chance)
}

impl BackOff for DynamoStore {
    async fn back_off(&self, attempt: u32) {
        self.client.wait_for_turn(attempt).await;
    }
}

/// What the length of pauses is drawn with, in tests that repeat what they do.
#[cfg(feature = "testing")]
pub trait Jitter: std::fmt::Debug + Send + Sync {
    /// The next number, of 32 random bits.
    fn next(&self) -> u32;
}

/// What the length of a pause is drawn with.
pub(crate) fn chance() -> u32 {
    // The lower half of a version 7 UUID ends in 32 random bits.
    let (_, half) = Uuid::now_v7().as_u64_pair();
    u32::try_from(half & u64::from(u32::MAX)).unwrap_or(0)
}

fn pause_max(doublings: u32) -> Duration {
    FIRST_PAUSE_MAX.saturating_mul(2_u32.saturating_pow(doublings)).min(PAUSE_MAX)
}

fn turn_max(failed_before: u32) -> Duration {
    failed_before.checked_sub(1).map_or(FIRST_TURN_MAX, |steps| {
        TURN_MAX.saturating_sub(TURN_STEP.saturating_mul(steps)).max(LAST_TURN_MAX)
    })
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
            assert_eq!(pause_max(doublings), Duration::from_millis(millis));
        }
        assert_eq!(pause_before(0, u32::MAX), Duration::ZERO);
        let pauses: Vec<Duration> = (0..100).map(|_| pause_before(9, chance())).collect();
        assert!(pauses.iter().all(|pause| *pause <= PAUSE_MAX));
        assert!(pauses.iter().any(|pause| *pause < PAUSE_MAX / 2));
        assert!(pauses.iter().any(|pause| *pause > PAUSE_MAX / 2));
    }

    #[test]
    fn a_turn_comes_soon_or_late_and_then_sooner_and_sooner() {
        for (failed_before, millis) in
            [(0, 40), (1, 1_600), (2, 1_340), (6, 300), (7, 50), (39, 50), (u32::MAX, 50)]
        {
            assert_eq!(turn_max(failed_before), Duration::from_millis(millis), "{failed_before}");
            assert!(turn(failed_before, chance()) <= Duration::from_millis(millis));
        }
    }
}
