//! The master key: configured in production, made once by a sandbox.

use std::fs::OpenOptions;
use std::io::{Read as _, Write as _};
use std::path::Path;

use app::database::{MasterKey, Random};
use domain::credential::Environment;

use super::error::ConfigError;

/// What a sandbox without a key does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OwnKey {
    /// It makes one.
    MadeIfMissing,
    /// It is refused.
    MustExist,
    /// It gets a key that opens nothing, for a look at what can be reached.
    NotNeeded,
}

/// The configured key, or the key that a sandbox makes on its first start.
pub(super) fn master_key(
    given: Option<&str>, environment: Environment, data: &Path, own_key: OwnKey,
) -> Result<MasterKey, ConfigError> {
    let own = data.join("master.key");
    match (given, environment) {
        (Some(hex), _) => parse(hex.trim()),
        (None, Environment::Sandbox) if own_key == OwnKey::MustExist && !own.exists() => Err(wrong(format!(
            "{} does not exist; put the database's key there, or set --master-key",
            own.display()
        ))),
        (None, Environment::Sandbox) if own_key == OwnKey::NotNeeded && !own.exists() => {
            Ok(MasterKey::new([0; 32]))
        }
        (None, Environment::Sandbox) => sandbox_key(&own),
        (None, Environment::Production) => {
            Err(wrong("production needs its own master key: set DINIE_MASTER_KEY to 64 hex digits"))
        }
    }
}

fn wrong(text: impl Into<String>) -> ConfigError {
    ConfigError::MasterKey(text.into())
}

fn parse(hex: &str) -> Result<MasterKey, ConfigError> {
    let malformed = || wrong("the master key must be 64 hex digits (32 bytes)");
    if hex.len() != 64 || !hex.is_ascii() {
        return Err(malformed());
    }
    let mut bytes = [0_u8; 32];
    for (byte, pair) in bytes.iter_mut().zip(hex.as_bytes().chunks(2)) {
        let pair = std::str::from_utf8(pair).map_err(|_| malformed())?;
        *byte = u8::from_str_radix(pair, 16).map_err(|_| malformed())?;
    }
    Ok(MasterKey::new(bytes))
}

fn sandbox_key(path: &Path) -> Result<MasterKey, ConfigError> {
    let unusable = |error: std::io::Error| wrong(format!("{} cannot be used: {error}", path.display()));
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(unusable)?;
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(mut file) => {
            let bytes: [u8; 32] = Random::open().bytes();
            let hex = app::database::hex(&bytes);
            file.write_all(hex.as_bytes()).and_then(|()| file.sync_all()).map_err(unusable)?;
            Ok(MasterKey::new(bytes))
        }
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            let mut hex = String::new();
            OpenOptions::new()
                .read(true)
                .open(path)
                .and_then(|mut file| file.read_to_string(&mut hex))
                .map_err(unusable)?;
            parse(hex.trim())
        }
        Err(error) => Err(unusable(error)),
    }
}
