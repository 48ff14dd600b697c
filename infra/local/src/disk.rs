//! Says in words that the disk is full.
//!
//! The engine only reports that it failed, and a client gets 503. So after such an answer the data
//! directory is tried.

use std::io::{Error, ErrorKind, Write as _};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use crate::data_dir::DataDir;

/// How much is written to see whether there is room, in bytes: more than any one write of the engine.
const TRIAL_BYTES: usize = 2 * 1024 * 1024;

/// How often it is said, at most.
const INTERVAL: Duration = Duration::from_secs(60);

/// The disk of a data directory.
#[derive(Debug)]
pub struct Disk {
    directory: DataDir,
    /// When it was last said that nothing can be written.
    said: Mutex<Option<Instant>>,
}

impl Disk {
    /// The disk of this directory.
    #[must_use]
    pub fn new(directory: DataDir) -> Self {
        Self { directory, said: Mutex::default() }
    }

    /// Why nothing can be written, in words; `None` if something can.
    #[must_use]
    pub fn refusal(&self) -> Option<String> {
        let error = self.try_to_write().err()?;
        let path = self.directory.path().display();
        let full = [ErrorKind::StorageFull, ErrorKind::QuotaExceeded, ErrorKind::FileTooLarge];
        Some(if full.contains(&error.kind()) {
            format!(
                "the disk of {path} is full ({error}): what was answered is safe, and requests that \
                 write are refused until there is room"
            )
        } else {
            format!(
                "nothing can be written to {path} ({error}), so requests that write are refused"
            )
        })
    }

    /// Says on the log why nothing can be written, unless something can or it was just said.
    pub(crate) fn explain(&self) {
        let Some(refusal) = self.refusal() else { return };
        #[expect(clippy::expect_used, reason = "nothing panics while it is locked")]
        let mut said = self.said.lock().expect("no thread has panicked");
        if said.is_none_or(|said| said.elapsed() >= INTERVAL) {
            *said = Some(Instant::now());
            tracing::error!("{refusal}");
        }
    }

    fn try_to_write(&self) -> Result<(), Error> {
        let mut file = tempfile::tempfile_in(self.directory.path())?;
        file.write_all(&vec![0; TRIAL_BYTES])?;
        file.sync_all()
    }
}
