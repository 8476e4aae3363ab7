//! Reads the configuration again while the server runs, and names what has changed.

use std::collections::BTreeMap;

use app::database::sha256_hex;

use super::check::{Problem, problems};
use super::file::File;
use super::flags::Flags;
use super::secrets::{SECRETS, resolve, secrets_of};
use super::{Config, ConfigError, Hidden, shown};

/// The settings that a running server can take: the setting itself, or the table.
const RELOADED: [&str; 4] = ["rates", "policy", "limits", "log"];

/// A configuration with the settings that it was read from.
#[derive(Debug)]
pub struct Loaded {
    /// The configuration.
    pub config: Config,
    /// The fingerprint of each setting of the file, of each secret and of the roles. No secret is kept.
    settings: BTreeMap<String, String>,
}

/// Why a configuration was not read again.
#[derive(Debug, thiserror::Error)]
pub enum NotLoaded {
    /// It has problems.
    #[error("{}", listed(.0))]
    Problems(Vec<Problem>),
    /// It cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
}

fn listed(problems: &[Problem]) -> String {
    let one = |problem: &Problem| {
        let file = problem.file.as_ref().map(|file| file.display().to_string());
        let place =
            file.map(|file| problem.line.map_or_else(|| file.clone(), |line| format!("{file}:{line}")));
        place.map_or_else(|| problem.problem.clone(), |place| format!("{place}: {}", problem.problem))
    };
    problems.iter().map(one).collect::<Vec<_>>().join("; ")
}

impl Loaded {
    /// Reads the configuration at the start.
    pub fn first(flags: &Flags) -> Result<Self, ConfigError> {
        Self::of(Config::load(flags)?, flags)
    }

    /// Reads the configuration again. Every problem is named, and nothing is made.
    pub fn again(flags: &Flags) -> Result<Self, NotLoaded> {
        let problems = problems(flags);
        if !problems.is_empty() {
            return Err(NotLoaded::Problems(problems));
        }
        Ok(Self::of(Config::load_existing(flags)?, flags)?)
    }

    fn of(config: Config, flags: &Flags) -> Result<Self, ConfigError> {
        let mut settings = shown::of_file(flags)?;
        let mut resolved = resolve(flags, &File::read(flags.config.as_deref())?).whole()?;
        for (secret, (key, _)) in secrets_of(&mut resolved).into_iter().zip(SECRETS) {
            let text = secret.as_ref().map_or("", Hidden::expose);
            settings.insert(key.to_owned(), text.to_owned());
        }
        settings.insert("roles".to_owned(), format!("{:?}", config.roles));
        let print = |(key, value): (String, String)| (key, sha256_hex(value.as_bytes()));
        Ok(Self { config, settings: settings.into_iter().map(print).collect() })
    }

    /// The settings that differ in `newer` and that a running server cannot take.
    pub fn needing_a_restart(&self, newer: &Self) -> Vec<String> {
        let differs = |key: &&String| self.settings.get(*key) != newer.settings.get(*key);
        let is_reloaded = |key: &str| {
            RELOADED.iter().any(|one| {
                key.strip_prefix(one).is_some_and(|rest| matches!(rest.as_bytes(), [] | [b'.', ..]))
            })
        };
        let keys = self.settings.keys().chain(newer.settings.keys()).filter(differs);
        let mut keys: Vec<String> = keys.filter(|key| !is_reloaded(key)).cloned().collect();
        keys.sort_unstable();
        keys.dedup();
        keys
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_changed_and_needs_a_restart_is_named_without_its_value() {
        let folder = tempfile::TempDir::new().unwrap();
        let (path, key) = (folder.path().join("dinie.toml"), folder.path().join("key"));
        let data = folder.path().join("data");
        let write = |text: &str, secret: &str| {
            std::fs::write(&path, format!("data = {data:?}\nmaster_key_file = {key:?}\n{text}")).unwrap();
            std::fs::write(&key, secret.repeat(32)).unwrap();
        };
        let flags = Flags { config: Some(path.clone()), ..Flags::default() };
        write("[limits]\ntokens_per_minute = 1\n[sessions]\nhours = 3\n", "5a");
        let old = Loaded::first(&flags).unwrap();
        assert_eq!(old.needing_a_restart(&Loaded::again(&flags).unwrap()), [""; 0]);
        write("log = \"warn\"\nlisten = \"127.0.0.1:1\"\n[limits]\ntokens_per_minute = 2\n", "5b");
        let newer = Loaded::again(&flags).unwrap();
        assert_eq!(old.needing_a_restart(&newer), ["listen", "master_key", "sessions.hours"]);
        assert!(!format!("{old:?}{newer:?}").contains("5a5a"));
        write("log = \"[\"\n[limits]\ntokens = 2\n", "5a");
        let said = Loaded::again(&flags).unwrap_err().to_string();
        assert!(said.contains("dinie.toml:3: log") && said.contains("dinie.toml:5: "), "{said}");
    }
}
