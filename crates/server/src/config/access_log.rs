//! Where the access log goes: `access_log`.

use std::path::{Path, PathBuf};

use super::error::ConfigError;

/// Where the access log goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccessLogPlace {
    /// To the standard output.
    Stdout,
    /// To the end of a file.
    File(PathBuf),
}

/// The place of the access log; `None` without one. The folder of a file must exist.
pub(super) fn of(given: Option<&str>) -> Result<Option<AccessLogPlace>, ConfigError> {
    match given {
        None => Ok(None),
        Some("stdout") => Ok(Some(AccessLogPlace::Stdout)),
        Some(path) => {
            let path = PathBuf::from(path);
            let folder = path.parent().filter(|folder| *folder != Path::new(""));
            if path.file_name().is_none() || path.is_dir() || folder.is_some_and(|folder| !folder.is_dir()) {
                return Err(ConfigError::AccessLog(path));
            }
            Ok(Some(AccessLogPlace::File(path)))
        }
    }
}
