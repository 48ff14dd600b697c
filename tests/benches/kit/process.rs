//! The resources of another process, as Linux reports them.

use std::path::PathBuf;
use std::time::Duration;

fn about(id: u32) -> PathBuf {
    PathBuf::from(format!("/proc/{id}"))
}

/// The processor time of all its running threads.
#[must_use]
pub fn processor_time(id: u32) -> Duration {
    let threads = std::fs::read_dir(about(id).join("task")).unwrap();
    let nanoseconds = threads.map(|thread| {
        // A thread may have ended since it was listed.
        let text = std::fs::read_to_string(thread.unwrap().path().join("schedstat"));
        let first = text.unwrap_or_default();
        first.split_whitespace().next().map_or(0, |number| number.parse::<u64>().unwrap())
    });
    Duration::from_nanos(nanoseconds.sum())
}

/// Its peak memory, in bytes.
#[must_use]
pub fn peak_memory(id: u32) -> u64 {
    let status = std::fs::read_to_string(about(id).join("status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    let kilobytes: u64 = line.split_whitespace().next().unwrap().parse().unwrap();
    kilobytes * 1024
}
