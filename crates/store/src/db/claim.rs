//! The claim to an SQLite file. One server holds it under one name. Commands beside the server use the same name.
//!
//! A server locks the file itself (`flock`), so another name of the file, such as a link or a bind mount, starts no
//! second server. It also locks `<file>.lock` beside the file. If a command finds the file locked and that lock free,
//! it uses another name of the file. SQLite would then keep a second log under that name and corrupt the database.
//!
//! **Danger**: if a process closes any descriptor of a file, POSIX ends all its locks on the file, also SQLite's. So
//! the file is opened here before SQLite opens it. A server's descriptor stays open until the process ends.

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use super::lineage;
use crate::db::error::OpenError;

/// Maximum wait of a server for commands that look at the log, and of a command for a server that starts or ends.
const PATIENCE: Duration = Duration::from_secs(2);
const BETWEEN_TRIES: Duration = Duration::from_millis(20);

/// A server's right to an SQLite file. It ends with the process, or when it is dropped: drop it after the store.
#[derive(Debug)]
pub struct Claim {
    _file: File,
    _name: File,
}

impl Claim {
    /// Claims the file for a server, creates it if it is missing, and checks its log. Call it before the store is
    /// opened.
    pub fn of_server(path: &Path) -> Result<Self, OpenError> {
        let settled = Settled::of(path)?;
        let name = open(&lock_name(&settled.path))?;
        locked_in_time(&name, path)?;
        if LOCKS_FILE {
            locked_in_time(&settled.file, path)?;
        }
        lineage::check(&settled.path)?;
        Ok(Self { _file: settled.file, _name: name })
    }
}

/// Checks the file and its log before a command, or a server that has claimed it, opens it.
pub(super) fn look(path: &Path) -> Result<(), OpenError> {
    let settled = Settled::of(path)?;
    let began = Instant::now();
    loop {
        if !LOCKS_FILE {
            // The lock beside the file says whether a server is running.
            return if is_free(&open(&lock_name(&settled.path))?)? {
                lineage::check(&settled.path)
            } else {
                Ok(())
            };
        }
        match settled.file.try_lock_shared() {
            // No server can start before the log is checked: the lock ends with `settled`.
            Ok(()) => return lineage::check(&settled.path),
            Err(TryLockError::Error(error)) => return Err(failed(path, &error)),
            Err(TryLockError::WouldBlock) => {}
        }
        // A server is running and has checked the log. The lock must exist under this name.
        if !is_free(&open(&lock_name(&settled.path))?)? {
            return Ok(());
        }
        if began.elapsed() > PATIENCE {
            return Err(OpenError::OtherName(settled.path));
        }
        thread::sleep(BETWEEN_TRIES);
    }
}

/// Whether `flock` is independent of SQLite's locks, as on Linux. Elsewhere only the lock beside the file is used.
const LOCKS_FILE: bool = cfg!(target_os = "linux");

/// A file with its links resolved.
struct Settled {
    path: PathBuf,
    file: File,
}

impl Settled {
    fn of(path: &Path) -> Result<Self, OpenError> {
        let file = open(path)?;
        let path = path.canonicalize().map_err(|error| failed(path, &error))?;
        refuse_further_names(&path, &file)?;
        Ok(Self { path, file })
    }
}

/// Refuses a file with several hard links, because SQLite keeps a separate log for each name.
#[cfg(unix)]
fn refuse_further_names(path: &Path, file: &File) -> Result<(), OpenError> {
    let found = file.metadata().map_err(|error| failed(path, &error))?;
    match std::os::unix::fs::MetadataExt::nlink(&found) {
        0 | 1 => Ok(()),
        names => Err(OpenError::Linked { path: path.to_owned(), names }),
    }
}

#[cfg(not(unix))]
fn refuse_further_names(_path: &Path, _file: &File) -> Result<(), OpenError> {
    Ok(())
}

fn lock_name(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    name.into()
}

fn open(path: &Path) -> Result<File, OpenError> {
    let mut options = File::options();
    options.create(true).truncate(false).read(true).write(true);
    options.open(path).map_err(|error| failed(path, &error))
}

fn locked_in_time(file: &File, path: &Path) -> Result<(), OpenError> {
    let began = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::Error(error)) => return Err(failed(path, &error)),
            Err(TryLockError::WouldBlock) if began.elapsed() > PATIENCE => {
                return Err(OpenError::InUse(path.to_owned()));
            }
            Err(TryLockError::WouldBlock) => thread::sleep(BETWEEN_TRIES),
        }
    }
}

/// Whether nobody holds the lock. Closing `file` frees it again.
fn is_free(file: &File) -> Result<bool, OpenError> {
    match file.try_lock_shared() {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(OpenError::Engine(error.to_string())),
    }
}

fn failed(path: &Path, error: &io::Error) -> OpenError {
    OpenError::Engine(format!("{}: {error}", path.display()))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use tempfile::TempDir;

    use super::*;

    #[test]
    fn a_file_is_claimed_once_under_any_of_its_names() {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("a.db");
        let claim = Claim::of_server(&path).unwrap();
        let link = folder.path().join("link.db");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        for name in [&path, &link] {
            assert!(matches!(Claim::of_server(name), Err(OpenError::InUse(_))), "{}", name.display());
            look(name).unwrap();
        }
        drop(claim);
        Claim::of_server(&link).unwrap();
    }

    #[test]
    fn a_command_that_uses_another_name_than_the_server_is_refused() {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("a.db");
        // A bind mount shows the server's file under a name without a lock beside it.
        let elsewhere = open(&path).unwrap();
        elsewhere.lock().unwrap();
        assert!(matches!(look(&path), Err(OpenError::OtherName(_))));
        assert!(matches!(Claim::of_server(&path), Err(OpenError::InUse(_))));
        drop(elsewhere);
        look(&path).unwrap();
    }

    #[test]
    fn a_file_with_two_hard_links_is_refused() {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("a.db");
        drop(Claim::of_server(&path).unwrap());
        std::fs::hard_link(&path, folder.path().join("b.db")).unwrap();
        assert!(matches!(look(&path), Err(OpenError::Linked { names: 2, .. })));
        assert!(matches!(Claim::of_server(&path), Err(OpenError::Linked { names: 2, .. })));
    }
}
