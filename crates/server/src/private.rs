//! Protects the server's files from the machine's other users: folders 0700, files 0600.
//!
//! New files get their mode from the process's mask. At start, the server restricts files that an earlier version
//! left open. If it cannot restrict a path, such as a folder of another user, it logs a warning and continues.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

#[cfg(unix)]
use std::os::unix::fs::PermissionsExt as _;

/// Suffixes of a database's file, and of the files that SQLite and the server create beside it.
const COMPANIONS: [&str; 4] = ["", "-wal", "-shm", ".lock"];

/// Makes everything that this process creates private to its user.
pub fn restrict_new_files() {
    #[cfg(unix)]
    rustix::process::umask(rustix::fs::Mode::RWXG | rustix::fs::Mode::RWXO);
}

/// Keeps the memory of this process from core dumps, and from debuggers of the same user.
pub fn keep_memory() {
    let limited = rlimit::setrlimit(rlimit::Resource::CORE, 0, 0);
    #[cfg(target_os = "linux")]
    let limited = limited.and_then(|()| {
        let off = rustix::process::DumpableBehavior::NotDumpable;
        rustix::process::set_dumpable_behavior(off).map_err(io::Error::from)
    });
    if let Err(error) = limited {
        tracing::warn!(%error, "a crash may write keys and personal data into a core dump");
    }
}

/// Restricts the data folder, if it exists, and the master key in it.
pub fn data_folder(folder: &Path) {
    close(folder, 0o700);
    close(&folder.join("master.key"), 0o600);
}

/// Restricts a database's file and the files beside it. A new file is first created empty, because SQLite would make
/// it readable for others.
pub fn database_file(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        let mut options = fs::OpenOptions::new();
        options.create(true).truncate(false).write(true);
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(path)?;
    }
    for suffix in COMPANIONS {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        close(&PathBuf::from(name), 0o600);
    }
    Ok(())
}

/// Restricts a folder of files with its contents. The folder itself comes last, because a restricted folder is not
/// searched again.
pub fn file_folder(folder: &Path) -> io::Result<()> {
    if is_closed(mode(folder)?) {
        return Ok(());
    }
    close_below(folder)?;
    close(folder, 0o700);
    Ok(())
}

fn close_below(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            close_below(&entry.path())?;
            close(&entry.path(), 0o700);
        } else {
            close(&entry.path(), 0o600);
        }
    }
    Ok(())
}

#[cfg(unix)]
fn mode(path: &Path) -> io::Result<u32> {
    Ok(fs::symlink_metadata(path)?.permissions().mode())
}

#[cfg(not(unix))]
fn mode(_path: &Path) -> io::Result<u32> {
    Ok(0)
}

/// Whether group and others have no rights.
fn is_closed(mode: u32) -> bool {
    let of_others = mode & 0o077;
    of_others == 0
}

/// Removes the rights of others. A path that does not exist is skipped.
#[cfg(unix)]
fn close(path: &Path, to: u32) {
    let closed = match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return,
        Err(error) => Err(error),
        Ok(found) if found.is_symlink() => return,
        Ok(found) => match found.permissions().mode() {
            mode if is_closed(mode) => return,
            // Other programs use a shared folder such as /tmp, and restricting it would break them.
            mode if mode & 0o1000 != 0 => Err(io::Error::other("it is a folder that users share")),
            _open => fs::set_permissions(path, fs::Permissions::from_mode(to)),
        },
    };
    if let Err(error) = closed {
        tracing::warn!(path = %path.display(), %error, "other users of this machine may read this path");
    }
}

#[cfg(not(unix))]
fn close(_path: &Path, _to: u32) {}
