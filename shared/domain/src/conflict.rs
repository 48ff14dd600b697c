//! Changes that meet the change of another request.
//!
//! A use case reads with strong consistency, decides, and writes on condition that nothing it read
//! has changed. If the condition fails, it starts again on fresh reads, after a pause.

use crate::error::Error;
use crate::ports::BackOff;

/// How often a change of an account, or of a balance outside a transaction, is tried. Such changes
/// are rare, so a few attempts are enough.
pub(crate) const ATTEMPTS_MAX: u32 = 8;

/// How often a step of a transaction is tried. Many transactions may wait for one busy balance,
/// which takes one after the other; with the pauses of the store in DynamoDB, 40 attempts take about
/// 5 seconds.
pub const TRANSACTION_ATTEMPTS_MAX: u32 = 40;

/// Attempts a change until it is made, refused, or given up. `attempt` returns `None` if something
/// that it read was changed by another request before it wrote.
///
/// # Errors
/// Those of `attempt`, and [`Error::Contended`] after `attempts_max` attempts.
pub(crate) async fn until_current<T, F>(
    store: &impl BackOff,
    attempts_max: u32,
    attempt: impl Fn() -> F,
) -> Result<T, Error>
where
    F: Future<Output = Result<Option<T>, Error>>,
{
    for attempts_before in 0..attempts_max {
        // A pause stands between two attempts: none before the first, and none after the last.
        if let Some(failed_before) = attempts_before.checked_sub(1) {
            store.back_off(failed_before).await;
        }
        match attempt().await {
            Ok(Some(done)) => return Ok(done),
            Ok(None) => {}
            // What was read seems to be ahead of time also where the clock of this process is behind.
            Err(Error::RecordedAhead { recorded_at, seconds }) => {
                store.check_clock()?;
                return Err(Error::RecordedAhead { recorded_at, seconds });
            }
            Err(refusal) => return Err(refusal),
        }
    }
    Err(Error::Contended)
}
