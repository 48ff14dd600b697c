//! How long to wait between two attempts: exponential backoff with full jitter for requests, and
//! delays that become shorter for use cases that met a conflict.

use std::time::Duration;

use uuid::Uuid;

/// The longest delay before the second attempt: about what another transaction needs to finish.
const FIRST_RETRY_DELAY_MAX: Duration = Duration::from_millis(20);
/// The longest delay before any attempt.
const RETRY_DELAY_MAX: Duration = Duration::from_millis(400);

/// The longest delay after a first conflict: one other transaction, which is done within some 40 ms.
const FIRST_CONFLICT_DELAY_MAX: Duration = Duration::from_millis(40);
/// The longest delay after a second conflict: there are many others, which take 25 ms each.
const CONFLICT_DELAY_MAX: Duration = Duration::from_millis(1_600);
/// How much shorter each further delay is.
const CONFLICT_DELAY_STEP: Duration = Duration::from_millis(260);
/// The longest delay after many conflicts.
const LAST_CONFLICT_DELAY_MAX: Duration = Duration::from_millis(50);

/// How long to wait before a request is sent again: nothing before the first attempt, then a random
/// time up to [`FIRST_RETRY_DELAY_MAX`], doubled with each further attempt up to
/// [`RETRY_DELAY_MAX`]. Random from zero, so that requests that collided once do not collide again.
pub(crate) fn retry_delay(attempts_before: u32, jitter: u32) -> Duration {
    attempts_before
        .checked_sub(1)
        .map_or(Duration::ZERO, |doublings| up_to(retry_delay_max(doublings), jitter))
}

/// How long to wait before a use case starts again because what it read has changed.
/// `failed_before` counts its failed attempts before the last one.
///
/// Conflicts happen on a busy balance, which takes one transaction after the other. If a second
/// attempt fails too, there are many others and trying again at once only costs, so the delay is
/// long. From then on it becomes shorter: with growing delays the newest requests would be served
/// first and the oldest would be given up. The 40 attempts of a step of a transaction and their
/// delays take some 5 seconds, and 9 at most unless DynamoDB is slow; a function has 10.
pub(crate) fn conflict_delay(failed_before: u32, jitter: u32) -> Duration {
    up_to(conflict_delay_max(failed_before), jitter)
}

/// Random numbers for delays, under the control of a test that has to be repeatable.
#[cfg(feature = "testing")]
pub trait Jitter: std::fmt::Debug + Send + Sync {
    /// The next number, of 32 random bits.
    fn next(&self) -> u32;
}

/// Random numbers for delays.
pub(crate) fn random_jitter() -> u32 {
    // A version 7 UUID ends in random bits.
    #[expect(clippy::disallowed_methods, reason = "`Jitter` replaces it in tests that repeat")]
    let [.., a, b, c, d] = Uuid::now_v7().into_bytes();
    u32::from_be_bytes([a, b, c, d])
}

fn retry_delay_max(doublings: u32) -> Duration {
    FIRST_RETRY_DELAY_MAX.saturating_mul(2_u32.saturating_pow(doublings)).min(RETRY_DELAY_MAX)
}

fn conflict_delay_max(failed_before: u32) -> Duration {
    failed_before.checked_sub(1).map_or(FIRST_CONFLICT_DELAY_MAX, |steps| {
        CONFLICT_DELAY_MAX
            .saturating_sub(CONFLICT_DELAY_STEP.saturating_mul(steps))
            .max(LAST_CONFLICT_DELAY_MAX)
    })
}

#[expect(clippy::expect_used, reason = "the longest delay is a constant of this file")]
fn up_to(longest: Duration, jitter: u32) -> Duration {
    let micros = u64::try_from(longest.as_micros()).expect("a delay takes seconds, not millennia");
    let delays = micros.checked_add(1).expect("a delay takes seconds, not millennia");
    let random = u64::from(jitter).checked_rem(delays).expect("there is at least one delay");
    Duration::from_micros(random)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delay_before_a_retry_doubles_up_to_a_limit_and_is_random_below_it() {
        for (doublings, millis) in [(0, 20), (1, 40), (4, 320), (5, 400), (u32::MAX, 400)] {
            assert_eq!(retry_delay_max(doublings), Duration::from_millis(millis));
        }
        assert_eq!(retry_delay(0, u32::MAX), Duration::ZERO);
        let pauses: Vec<Duration> = (0..100).map(|_| retry_delay(9, random_jitter())).collect();
        assert!(pauses.iter().all(|pause| *pause <= RETRY_DELAY_MAX));
        assert!(pauses.iter().any(|pause| *pause < RETRY_DELAY_MAX / 2));
        assert!(pauses.iter().any(|pause| *pause > RETRY_DELAY_MAX / 2));
    }

    #[test]
    fn the_delay_after_a_conflict_is_short_then_long_then_shorter_each_time() {
        for (failed_before, millis) in
            [(0, 40), (1, 1_600), (2, 1_340), (6, 300), (7, 50), (39, 50), (u32::MAX, 50)]
        {
            assert_eq!(
                conflict_delay_max(failed_before),
                Duration::from_millis(millis),
                "{failed_before}"
            );
            assert!(
                conflict_delay(failed_before, random_jitter()) <= Duration::from_millis(millis)
            );
        }
    }
}
