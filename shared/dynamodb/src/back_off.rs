//! Pauses between two attempts.

use std::time::Duration;

use uuid::Uuid;

/// The longest first pause: about what a transaction in the way needs to finish.
const FIRST_PAUSE_MAX: Duration = Duration::from_millis(20);
/// The longest pause of all.
const PAUSE_MAX: Duration = Duration::from_millis(400);

/// Waits before an attempt: not before the first, and the longer the more there were: a random time
/// up to [`FIRST_PAUSE_MAX`] doubled each time. Random from zero, so that those who met once do not
/// meet again.
pub(crate) async fn pause(attempts_before: u32) {
    if let Some(doublings) = attempts_before.checked_sub(1) {
        tokio::time::sleep(random_up_to(longest(doublings))).await;
    }
}

fn longest(doublings: u32) -> Duration {
    FIRST_PAUSE_MAX.saturating_mul(2_u32.saturating_pow(doublings)).min(PAUSE_MAX)
}

fn random_up_to(longest: Duration) -> Duration {
    // The lower half of a version 7 UUID ends in 32 random bits.
    let (_, half) = Uuid::now_v7().as_u64_pair();
    let random = half & u64::from(u32::MAX);
    let micros = u64::try_from(longest.as_micros()).unwrap_or(u64::MAX);
    Duration::from_micros(random.checked_rem(micros.saturating_add(1)).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_a_limit_and_are_random_below_it() {
        for (doublings, millis) in [(0, 20), (1, 40), (4, 320), (5, 400), (u32::MAX, 400)] {
            assert_eq!(longest(doublings), Duration::from_millis(millis));
        }
        let pauses: Vec<Duration> = (0..100).map(|_| random_up_to(PAUSE_MAX)).collect();
        assert!(pauses.iter().all(|pause| *pause <= PAUSE_MAX));
        assert!(pauses.iter().any(|pause| *pause < PAUSE_MAX / 2));
        assert!(pauses.iter().any(|pause| *pause > PAUSE_MAX / 2));
    }
}
