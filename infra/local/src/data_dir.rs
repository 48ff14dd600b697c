//! The directory that keeps what must survive a restart: the database, the secret that signs the
//! tokens, and the lock that keeps a second stack out.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use crate::Error;
use crate::authorizer::{SECRET_BYTES, Secret};

/// The default data directory.
pub const DEFAULT: &str = ".data";

/// A data directory that exists.
#[derive(Debug, Clone)]
pub struct DataDir {
    path: PathBuf,
}

impl DataDir {
    /// The data directory at this path, made if it is not there.
    ///
    /// # Errors
    ///
    /// [`Error::DataDir`] when it can be neither made nor used.
    pub fn open(path: &Path) -> Result<Self, Error> {
        std::fs::create_dir_all(path).map_err(failed("make the directory", path))?;
        Ok(Self { path: path.to_owned() })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The database file.
    pub fn database(&self) -> PathBuf {
        self.path.join("subledger.db")
    }

    /// An empty file in which a new database is made. Until [`Self::keep_new_database`] there is no
    /// database, so a start that was interrupted begins again.
    ///
    /// # Errors
    ///
    /// [`Error::DataDir`] when it can be neither made nor emptied.
    pub fn new_database(&self) -> Result<PathBuf, Error> {
        let path = self.path.join("subledger.db.new");
        for part in parts(&path) {
            match std::fs::remove_file(&part) {
                Err(error) if error.kind() != ErrorKind::NotFound => {
                    return Err(failed("remove", &part)(error));
                }
                Ok(()) | Err(_) => {}
            }
        }
        open_private(&path).map_err(failed("make", &path))?;
        Ok(path)
    }

    /// Makes the new database, which is closed, the database.
    ///
    /// # Errors
    ///
    /// [`Error::DataDir`] when the file cannot be renamed.
    pub fn keep_new_database(&self, new: &Path) -> Result<(), Error> {
        std::fs::rename(new, self.database()).map_err(failed("rename", new))?;
        // A power cut must not undo the new name after a write was answered.
        #[cfg(unix)]
        File::open(&self.path)
            .and_then(|directory| directory.sync_all())
            .map_err(failed("write", &self.path))?;
        Ok(())
    }

    /// Takes the database from every user of the machine but its owner. Earlier versions made it
    /// for everybody to read.
    ///
    /// # Errors
    ///
    /// [`Error::DataDir`] when the permissions cannot be changed.
    pub fn restrict_database(&self) -> Result<(), Error> {
        for part in parts(&self.database()).iter().filter(|part| part.exists()) {
            File::open(part)
                .and_then(|file| make_private(&file))
                .map_err(failed("restrict the permissions of", part))?;
        }
        Ok(())
    }

    /// Keeps every other process out of the database for as long as the file is open; the
    /// operating system lets go of it when the process ends, however it ends.
    ///
    /// # Errors
    ///
    /// [`Error::DataDirInUse`] when another process has it.
    pub fn lock(&self) -> Result<File, Error> {
        let path = self.path.join("lock");
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(failed("open", &path))?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(TryLockError::WouldBlock) => Err(Error::DataDirInUse(self.path.clone())),
            Err(TryLockError::Error(source)) => Err(failed("lock", &path)(source)),
        }
    }

    /// The secret of the stack that has this directory. A missing secret is not
    /// created, because no stack would accept the tokens that it signs.
    ///
    /// # Errors
    ///
    /// [`Error::NoSecret`] when there is none, and those of [`Self::secret`].
    pub fn existing_secret(path: &Path) -> Result<Secret, Error> {
        let directory = Self { path: path.to_owned() };
        if directory.secret_file().exists() {
            directory.secret()
        } else {
            Err(Error::NoSecret(directory.path))
        }
    }

    fn secret_file(&self) -> PathBuf {
        self.path.join("token-secret")
    }

    /// The secret that signs the tokens of the stack on this directory, made at the first call.
    ///
    /// # Errors
    ///
    /// [`Error::DamagedSecret`] when the file has another size, [`Error::DataDir`] when it cannot
    /// be read or written, [`Error::Randomness`] when there is nothing to make it from.
    pub fn secret(&self) -> Result<Secret, Error> {
        let path = self.secret_file();
        let mut file = open_private(&path).map_err(failed("open", &path))?;
        // Two processes that start at the same time must not both make one.
        file.lock().map_err(failed("lock", &path))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(failed("read", &path))?;
        if bytes.is_empty() {
            let secret = random_secret()?;
            file.write_all(&secret).map_err(failed("write", &path))?;
            file.sync_all().map_err(failed("write", &path))?;
            return Ok(secret);
        }
        Secret::try_from(bytes).map_err(|_| Error::DamagedSecret(path))
    }
}

/// A secret from the operating system.
///
/// # Errors
///
/// [`Error::Randomness`] when it has none to give.
pub fn random_secret() -> Result<Secret, Error> {
    let mut secret = [0; SECRET_BYTES];
    #[expect(clippy::disallowed_methods, reason = "a secret has to be random")]
    getrandom::fill(&mut secret).map_err(Error::Randomness)?;
    Ok(secret)
}

/// The files of a database: SQLite's own, its log and the index of the log.
fn parts(database: &Path) -> [PathBuf; 3] {
    ["", "-wal", "-shm"].map(|ending| {
        let mut path = database.as_os_str().to_owned();
        path.push(ending);
        path.into()
    })
}

/// A file that only its owner may read.
fn open_private(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).read(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    make_private(&file)?;
    Ok(file)
}

#[cfg(unix)]
fn make_private(file: &File) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.set_permissions(std::fs::Permissions::from_mode(0o600))
}

#[cfg(not(unix))]
fn make_private(_: &File) -> std::io::Result<()> {
    Ok(())
}

fn failed(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Error {
    let path = path.to_owned();
    move |source| Error::DataDir { action, path, source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_secret_is_made_once_and_only_its_owner_may_read_it() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("some/where");
        let secret = DataDir::open(&path).unwrap().secret().unwrap();
        assert_eq!(DataDir::open(&path).unwrap().secret().unwrap(), secret);
        assert_ne!(secret, [0; SECRET_BYTES]);
        #[cfg(unix)]
        {
            use std::fs::Permissions;
            use std::os::unix::fs::PermissionsExt;
            let file = path.join("token-secret");
            let mode = || file.metadata().unwrap().permissions().mode() & 0o777;
            assert_eq!(mode(), 0o600);
            // Somebody copied it.
            std::fs::set_permissions(&file, Permissions::from_mode(0o644)).unwrap();
            assert_eq!(DataDir::open(&path).unwrap().secret().unwrap(), secret);
            assert_eq!(mode(), 0o600);
        }
    }

    #[test]
    fn a_secret_that_is_not_there_is_not_made_for_a_token() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("some/where");
        let error = DataDir::existing_secret(&path).unwrap_err();
        assert!(matches!(error, Error::NoSecret(_)), "{error}");
        assert!(!path.exists());
        let secret = DataDir::open(&path).unwrap().secret().unwrap();
        assert_eq!(DataDir::existing_secret(&path).unwrap(), secret);
    }

    #[test]
    fn a_damaged_secret_is_refused() {
        let place = tempfile::tempdir().unwrap();
        std::fs::write(place.path().join("token-secret"), "short").unwrap();
        let error = DataDir::open(place.path()).unwrap().secret().unwrap_err();
        assert!(matches!(error, Error::DamagedSecret(_)), "{error}");
    }

    #[test]
    fn a_directory_is_for_one_stack_at_a_time() {
        let place = tempfile::tempdir().unwrap();
        let directory = DataDir::open(place.path()).unwrap();
        let lock = directory.lock().unwrap();
        let error = directory.lock().unwrap_err();
        assert!(matches!(error, Error::DataDirInUse(_)), "{error}");
        drop(lock);
        assert!(directory.lock().is_ok());
    }

    #[test]
    fn a_file_is_no_data_directory() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("file");
        std::fs::write(&path, "").unwrap();
        let error = DataDir::open(&path).unwrap_err();
        assert!(matches!(error, Error::DataDir { .. }), "{error}");
    }
}
