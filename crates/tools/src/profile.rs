//! Profiles: the servers and credentials of a person on this machine, in `dinie/profiles.toml` of the folder for settings.
//! Only this person can read the file.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::failure::Failure;
use crate::hint::did_you_mean;

/// The profile if the user names none.
pub(crate) const DEFAULT: &str = "default";

/// A server with a credential.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Profile {
    /// The server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) url: Option<String>,
    /// The credential's client id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) client_id: Option<String>,
    /// The credential's secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) client_secret: Option<String>,
    /// The partner's id and name, for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) partner: Option<String>,
    /// The secret that `dinie listen` signs with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) listen_secret: Option<String>,
}

/// The file of the profiles.
pub(crate) struct Profiles {
    path: PathBuf,
    all: BTreeMap<String, Profile>,
}

impl Profiles {
    /// Reads the file, if it exists.
    pub(crate) fn read() -> Result<Self, Failure> {
        let path = folder()?.join("profiles.toml");
        let unusable = |why: &str| Failure::Settings(format!("the profiles {}: {why}", path.display()));
        let all = match std::fs::read_to_string(&path) {
            // The library's text shows the line, which may hold a secret.
            Ok(text) => {
                toml::from_str(&text).map_err(|error: toml::de::Error| unusable(&place(&text, &error)))?
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => BTreeMap::new(),
            Err(error) => return Err(unusable(&error.to_string())),
        };
        Ok(Self { path, all })
    }

    /// The path of the file.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Every profile with its name.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&String, &Profile)> {
        self.all.iter()
    }

    /// A profile that exists.
    pub(crate) fn named(&self, name: &str) -> Result<&Profile, Failure> {
        let hint = || did_you_mean(name, self.all.keys().map(String::as_str));
        self.all.get(name).ok_or_else(|| {
            Failure::Usage(format!(
                "there is no profile {name}{} (`dinie login --profile {name}` makes it)",
                hint()
            ))
        })
    }

    /// A profile; `None` if there is none of this name.
    pub(crate) fn find(&self, name: &str) -> Option<&Profile> {
        self.all.get(name)
    }

    /// Changes a profile and writes the file. A reader sees the old file or the new one.
    pub(crate) fn change(&mut self, name: &str, change: impl FnOnce(&mut Profile)) -> anyhow::Result<()> {
        change(self.all.entry(name.to_owned()).or_default());
        self.write()
    }

    /// Removes a profile and writes the file. Returns whether there was one.
    pub(crate) fn remove(&mut self, name: &str) -> anyhow::Result<bool> {
        let was_there = self.all.remove(name).is_some();
        if was_there {
            self.write()?;
        }
        Ok(was_there)
    }

    fn write(&self) -> anyhow::Result<()> {
        let folder = self.path.parent().expect("the file is in a folder");
        std::fs::create_dir_all(folder)?;
        // A temporary file belongs to its user alone.
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(toml::to_string(&self.all)?.as_bytes())?;
        file.as_file().sync_all()?;
        file.persist(&self.path)?;
        Ok(())
    }
}

/// What is wrong and where, without the line's text.
fn place(text: &str, error: &toml::de::Error) -> String {
    let line = error.span().map(|span| text[..span.start.min(text.len())].lines().count().max(1));
    let line = line.map_or_else(String::new, |line| format!("line {line}: "));
    format!("{line}{}", error.message())
}

/// The folder of this program's settings.
#[expect(clippy::disallowed_methods, reason = "the system names the person's folders in the environment")]
fn folder() -> Result<PathBuf, Failure> {
    let named = std::env::var_os("XDG_CONFIG_HOME").filter(|path| !path.is_empty()).map(PathBuf::from);
    let folder = named.or_else(|| std::env::home_dir().map(|home| home.join(".config")));
    folder.map(|folder| folder.join("dinie")).ok_or_else(|| {
        Failure::Settings(
            "this user has no home folder: set XDG_CONFIG_HOME to a folder for settings".to_owned(),
        )
    })
}
