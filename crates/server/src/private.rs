//! Keeps what the server writes from the machine's other users: folders 0700, files 0600.
//!
//! New files get their mode from the process's mask. At start, the server closes files that an earlier version left
//! open. If it cannot close a path, such as a folder of another user, it logs a warning and continues.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

#[cfg(unix)]
use std::os::unix::fs::PermissionsExt as _;

/// Suffixes of a database's file and of the files that SQLite and the server keep beside it.
const COMPANIONS: [&str; 4] = ["", "-wal", "-shm", ".lock"];

/// Makes everything that this process creates its user's own.
pub fn restrict_new_files() {
    #[cfg(unix)]
    rustix::process::umask(rustix::fs::Mode::RWXG | rustix::fs::Mode::RWXO);
}

/// Closes the data folder, if there is one, with the master key in it.
pub fn data_folder(folder: &Path) {
    close(folder, 0o700);
    close(&folder.join("master.key"), 0o600);
}

/// Closes a database's file and the files beside it. A new file is made empty first, as SQLite would make it readable.
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

/// Closes a folder of files with all that is in it. The folder itself comes last, because a closed folder is not
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

/// Takes the rights of others away. A path that does not exist is skipped.
#[cfg(unix)]
fn close(path: &Path, to: u32) {
    let closed = match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return,
        Err(error) => Err(error),
        Ok(found) if found.is_symlink() => return,
        Ok(found) => match found.permissions().mode() {
            mode if is_closed(mode) => return,
            // A folder such as /tmp is everybody's; closing it would break other programs.
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
