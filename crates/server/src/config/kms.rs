//! Master keys in tokens: `[kms]` and `[previous_kms]`.

use std::path::{Path, PathBuf};

use app::database::{KmsError, MasterKey, TokenPlace};
use serde::Deserialize;
use zeroize::Zeroizing;

use super::error::ConfigError;
use super::flags::Flags;
use super::hidden::Hidden;

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct KmsFile {
    module: Option<PathBuf>,
    token: Option<String>,
    key: Option<String>,
    pin: Option<Hidden>,
    pin_file: Option<PathBuf>,
}

impl KmsFile {
    /// The secret, and the file that has it.
    pub(super) fn secret(&self) -> (Option<&Hidden>, Option<&Path>) {
        (self.pin.as_ref(), self.pin_file.as_deref())
    }
}

/// The master keys in tokens.
#[derive(Debug, Clone, Default)]
pub struct Tokens {
    /// The key that the configuration names first.
    pub current: Option<TokenPlace>,
    /// A key that the server knows too, while one is replaced by the other.
    pub previous: Option<TokenPlace>,
}

/// Keys of tokens, ready for use.
pub(super) struct TokenKeys {
    pub(super) current: Option<MasterKey>,
    pub(super) previous: Option<MasterKey>,
}

impl Tokens {
    /// Asks the tokens for their keys.
    pub(super) fn open(&self) -> Result<TokenKeys, ConfigError> {
        let key = |table, place: &Option<TokenPlace>| {
            let opened = place.as_ref().map(MasterKey::in_token).transpose();
            opened.map_err(|error: KmsError| ConfigError::Kms(table, error.to_string()))
        };
        Ok(TokenKeys { current: key(CURRENT, &self.current)?, previous: key(PREVIOUS, &self.previous)? })
    }
}

/// A key that opens nothing instead of the one in a token, for a look that asks no token.
pub(super) fn unopened(is_there: bool) -> TokenKeys {
    TokenKeys { current: is_there.then(|| MasterKey::new([0; 32])), previous: None }
}

const CURRENT: &str = "kms";
const PREVIOUS: &str = "previous_kms";

/// The tokens of flags and of the two tables. What `[previous_kms]` leaves out is as in `[kms]`.
pub(super) fn tokens(
    flags: &Flags, tables: [&KmsFile; 2], master_key: Option<&Hidden>,
) -> Result<Tokens, ConfigError> {
    Ok(Tokens { current: current(flags, tables[0], master_key)?, previous: previous(flags, tables)? })
}

/// The key of `[kms]`. It and a whole master key cannot both come first.
pub(super) fn current(
    flags: &Flags, table: &KmsFile, master_key: Option<&Hidden>,
) -> Result<Option<TokenPlace>, ConfigError> {
    let given = Given::of(table, flags.kms_pin.as_ref());
    if given.is_empty() {
        return Ok(None);
    }
    if master_key.is_some() {
        let why =
            "master_key is given too; the key that is replaced is previous_master_key or [previous_kms]";
        return Err(ConfigError::Kms(CURRENT, why.to_owned()));
    }
    given.place(CURRENT).map(Some)
}

/// The key of `[previous_kms]`.
pub(super) fn previous(
    flags: &Flags, [current, previous]: [&KmsFile; 2],
) -> Result<Option<TokenPlace>, ConfigError> {
    let given = Given::of(previous, flags.previous_kms_pin.as_ref());
    if given.is_empty() {
        return Ok(None);
    }
    let current = Given::of(current, flags.kms_pin.as_ref());
    if given.key.is_none() {
        return Err(ConfigError::Kms(PREVIOUS, "key is missing".to_owned()));
    }
    given.or(current).place(PREVIOUS).map(Some)
}

/// The settings of a table.
#[derive(Clone, Copy)]
struct Given<'a> {
    module: Option<&'a Path>,
    token: Option<&'a str>,
    key: Option<&'a str>,
    pin: Option<&'a Hidden>,
}

impl<'a> Given<'a> {
    /// The secret wins over the file's.
    fn of(file: &'a KmsFile, pin: Option<&'a Hidden>) -> Self {
        Self {
            module: file.module.as_deref(),
            token: file.token.as_deref(),
            key: file.key.as_deref(),
            pin: pin.or(file.pin.as_ref()),
        }
    }

    fn is_empty(self) -> bool {
        matches!(self, Self { module: None, token: None, key: None, pin: None })
    }

    fn or(self, other: Self) -> Self {
        Self {
            module: self.module.or(other.module),
            token: self.token.or(other.token),
            key: self.key,
            pin: self.pin.or(other.pin),
        }
    }

    fn place(self, table: &'static str) -> Result<TokenPlace, ConfigError> {
        let missing = |what: &str| ConfigError::Kms(table, format!("{what} is missing"));
        let module = self.module.ok_or_else(|| missing("module"))?;
        if !module.is_absolute() {
            // The loader would look for a plain name in the system's folders.
            return Err(ConfigError::Kms(table, "module must be the whole path of a library".to_owned()));
        }
        let pin = self.pin.ok_or_else(|| missing("pin (or pin_file)"))?;
        Ok(TokenPlace {
            module: module.to_owned(),
            token: self.token.ok_or_else(|| missing("token"))?.to_owned(),
            key: self.key.ok_or_else(|| missing("key"))?.to_owned(),
            pin: Zeroizing::new(pin.expose().to_owned()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(toml: &str) -> Result<Tokens, String> {
        let source = config::File::from_str(toml, config::FileFormat::Toml);
        let built = config::Config::builder().add_source(source).build().unwrap();
        let file: super::super::File = built.try_deserialize().unwrap();
        let tables = [&file.kms, &file.previous_kms];
        tokens(&Flags::default(), tables, file.master_key.as_ref()).map_err(|error| error.to_string())
    }

    const WHOLE: &str =
        "[kms]\nmodule = \"/lib/hsm.so\"\ntoken = \"dinie\"\nkey = \"new\"\npin = \"5ec4e7\"\n";

    #[test]
    fn a_previous_key_needs_its_name_alone() {
        let Tokens { current, previous } = read(&format!("{WHOLE}[previous_kms]\nkey = \"old\"\n")).unwrap();
        let (current, previous) = (current.unwrap(), previous.unwrap());
        assert_eq!((&*current.key, &*previous.key), ("new", "old"));
        assert_eq!(TokenPlace { key: "new".into(), ..previous }, current);
        let Tokens { current, previous } = read("").unwrap();
        assert!(current.is_none() && previous.is_none());
    }

    #[test]
    fn a_wrong_key_says_what_is_wrong() {
        for (from, to, what) in [
            ("module", "# module", "[kms]: module is missing"),
            ("token", "# token", "token is missing"),
            ("key", "# key", "key is missing"),
            ("pin", "# pin", "pin (or pin_file) is missing"),
            ("/lib/hsm.so", "hsm.so", "whole path"),
        ] {
            let error = read(&WHOLE.replacen(from, to, 1)).unwrap_err();
            assert!(error.contains(what) && !error.contains("5ec4e7"), "{error}");
        }
        let error = read(&format!("{WHOLE}[previous_kms]\ntoken = \"old\"\n")).unwrap_err();
        assert!(error.contains("[previous_kms]: key is missing"), "{error}");
        let both = read(&format!("master_key = \"5ec4e7\"\n{WHOLE}")).unwrap_err();
        assert!(both.contains("master_key is given too") && !both.contains("5ec4e7"), "{both}");
    }
}
