//! The master key: configured in production, made once by a sandbox. Tokens may hold it (`super::kms`).

use std::fs::OpenOptions;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use app::database::{MasterKey, MasterKeys, Random};
use domain::credential::Environment;

use super::error::ConfigError;
use super::file::File;
use super::flags::Flags;
use super::hidden::Hidden;
use super::kms::TokenKeys;
use super::secrets;

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

/// The keys that a configuration gives.
pub(super) struct GivenKeys<'a> {
    pub(super) master: Option<&'a Hidden>,
    pub(super) previous: Option<&'a Hidden>,
    pub(super) shares: Vec<PathBuf>,
    pub(super) in_tokens: TokenKeys,
}

impl<'a> GivenKeys<'a> {
    /// Flags win over the file. Shares may also be systemd's credentials.
    pub(super) fn of(flags: &'a Flags, file: &'a File, in_tokens: TokenKeys) -> Self {
        let named = &flags.master_key_share_files;
        let mut shares = if named.is_empty() { file.master_key_share_files.clone() } else { named.clone() };
        if shares.is_empty() {
            shares = secrets::credentials(flags.credentials.as_deref(), "master_key_share");
        }
        Self {
            master: flags.master_key.as_ref().or(file.master_key.as_ref()),
            previous: flags.previous_master_key.as_ref().or(file.previous_master_key.as_ref()),
            shares,
            in_tokens,
        }
    }

    /// No key, so that a sandbox makes its own.
    pub(super) fn none() -> Self {
        let in_tokens = TokenKeys { current: None, previous: None };
        Self { master: None, previous: None, shares: Vec::new(), in_tokens }
    }

    /// All keys. The first one wraps in a new database.
    pub(super) fn keys(
        &self, environment: Environment, data: &Path, own_key: OwnKey,
    ) -> Result<MasterKeys, ConfigError> {
        let mut of_shares = self.of_shares()?.into_iter();
        let in_token = self.in_tokens.current.clone();
        // A key in a token and a whole one are never both given.
        let first = match (self.master, in_token.or_else(|| of_shares.next())) {
            (None, Some(key)) => MasterKeys::from(key),
            (given, also) => {
                let key = master_key(given.map(Hidden::expose), environment, data, own_key)?;
                also.into_iter().fold(MasterKeys::from(key), |keys, key| keys.and(key))
            }
        };
        let all = of_shares.fold(first, |keys, key| keys.and(key));
        let all = match self.previous {
            None => all,
            Some(hex) => all.and(parse(hex.expose().trim())?),
        };
        Ok(self.in_tokens.previous.iter().cloned().fold(all, |keys, key| keys.and(key)))
    }

    fn of_shares(&self) -> Result<Vec<MasterKey>, ConfigError> {
        let line = |file: &PathBuf| secrets::first_line("master_key_share_files", file);
        let lines = self.shares.iter().map(line).collect::<Result<Vec<_>, _>>()?;
        let texts: Vec<&str> = lines.iter().map(Hidden::expose).collect();
        app::database::combined(&texts).map_err(ConfigError::Shares)
    }
}

/// The configured key, or the key that a sandbox makes on its first start.
fn master_key(
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
        (None, Environment::Production) => Err(wrong(
            "production needs its own master key: set DINIE_MASTER_KEY to 64 hex digits, or name one in [kms]",
        )),
    }
}

fn wrong(text: impl Into<String>) -> ConfigError {
    ConfigError::MasterKey(text.into())
}

/// The master key in the first line of a file.
pub fn master_key_in(file: &Path) -> Result<MasterKey, ConfigError> {
    parse(secrets::first_line("master_key", file)?.expose())
}

/// Reads a key in 64 hex digits.
pub(super) fn parse(hex: &str) -> Result<MasterKey, ConfigError> {
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
