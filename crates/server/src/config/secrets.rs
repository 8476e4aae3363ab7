//! Secrets that stand in files: those that a setting ending in `_file` names, and systemd's credentials.
//!
//! A secret of a flag or a variable wins over one of the configuration's file, and that over a credential. A place that
//! gives both the secret and its file is refused, because nobody can tell which one is meant.

use std::path::{Path, PathBuf};

use super::error::ConfigError;
use super::file::File;
use super::flags::Flags;
use super::hidden::Hidden;

/// Most bytes of a file with a secret. A larger file is another one.
const MOST_BYTES: u64 = 16 * 1024;

/// The secrets: the key in the file, which is also the name of the credential, and the flag.
pub(super) const SECRETS: [(&str, &str); 9] = [
    ("database", "database"),
    ("read_database", "read_database"),
    ("master_key", "master_key"),
    ("previous_master_key", "previous_master_key"),
    ("mail.smtp_url", "smtp_url"),
    ("sso.client_secret", "sso_client_secret"),
    ("bucket.secret_access_key", "bucket_secret_access_key"),
    ("kms.pin", "kms_pin"),
    ("previous_kms.pin", "previous_kms_pin"),
];

/// The credential that is the file of the database's password.
pub(super) const PASSWORD: &str = "database_password";

/// Flags with every secret that a file or a credential gives, and the secrets that cannot be read.
pub(super) struct Resolved {
    pub(super) flags: Flags,
    pub(super) wrong: Vec<(&'static str, ConfigError)>,
}

impl Resolved {
    /// The flags, if every secret can be read.
    pub(super) fn whole(self) -> Result<Flags, ConfigError> {
        match self.wrong.into_iter().next() {
            Some((_, error)) => Err(error),
            None => Ok(self.flags),
        }
    }
}

/// The secrets of flags, in the order of [`SECRETS`].
pub(super) fn secrets_of(flags: &mut Flags) -> [&mut Option<Hidden>; SECRETS.len()] {
    [
        &mut flags.database,
        &mut flags.read_database,
        &mut flags.master_key,
        &mut flags.previous_master_key,
        &mut flags.smtp_url,
        &mut flags.sso_client_secret,
        &mut flags.bucket_secret_access_key,
        &mut flags.kms_pin,
        &mut flags.previous_kms_pin,
    ]
}

/// Reads the secrets that stand in files.
pub(super) fn resolve(given: &Flags, file: &File) -> Resolved {
    let mut flags = given.clone();
    let mut wrong = Vec::new();
    // In the order of `SECRETS`.
    let files = [
        (&given.database_file, (file.database.as_ref(), file.database_file.as_deref())),
        (&given.read_database_file, (file.read_database.as_ref(), file.read_database_file.as_deref())),
        (&given.master_key_file, (file.master_key.as_ref(), file.master_key_file.as_deref())),
        (
            &given.previous_master_key_file,
            (file.previous_master_key.as_ref(), file.previous_master_key_file.as_deref()),
        ),
        (&given.smtp_url_file, file.mail.secret()),
        (&given.sso_client_secret_file, file.sso.secret()),
        (&given.bucket_secret_access_key_file, file.bucket.secret()),
        (&given.kms_pin_file, file.kms.secret()),
        (&given.previous_kms_pin_file, file.previous_kms.secret()),
    ];
    let credentials = given.credentials.as_deref();
    let slots = secrets_of(&mut flags).into_iter().zip(files);
    for ((slot, (by_flag, (text, by_file))), (key, _)) in slots.zip(SECRETS) {
        let found = secret(key, [(slot.as_ref(), by_flag.as_deref()), (text, by_file)], credentials);
        match found {
            Ok(secret) => *slot = secret,
            Err(error) => wrong.push((key, error)),
        }
    }
    if flags.database_password_file.is_none() && file.database_password_file.is_none() {
        flags.database_password_file = credential(credentials, PASSWORD);
    }
    Resolved { flags, wrong }
}

/// A secret from the first place that gives it.
fn secret(
    key: &str, places: [(Option<&Hidden>, Option<&Path>); 2], credentials: Option<&Path>,
) -> Result<Option<Hidden>, ConfigError> {
    for place in places {
        match place {
            (None, None) => {}
            (Some(text), None) => return Ok(Some(text.clone())),
            (None, Some(path)) => return first_line(key, path).map(Some),
            (Some(_), Some(_)) => return Err(ConfigError::TwoSecrets(key.to_owned())),
        }
    }
    credential(credentials, key).map(|path| first_line(key, &path)).transpose()
}

/// The file of a credential that systemd has passed.
pub(super) fn credential(folder: Option<&Path>, name: &str) -> Option<PathBuf> {
    Some(folder?.join(name)).filter(|path| path.exists())
}

/// The files of the credentials whose names have this beginning, in the order of their names.
pub(super) fn credentials(folder: Option<&Path>, beginning: &str) -> Vec<PathBuf> {
    let entries = folder.and_then(|folder| std::fs::read_dir(folder).ok());
    let names = entries.into_iter().flatten().flatten().map(|entry| entry.path());
    let begins =
        |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(beginning));
    let mut found: Vec<PathBuf> = names.filter(begins).collect();
    found.sort_unstable();
    found
}

/// The first line of a file. The error has no text of it.
pub(super) fn first_line(key: &str, path: &Path) -> Result<Hidden, ConfigError> {
    let wrong = |why: &str| ConfigError::SecretFile(key.to_owned(), path.to_owned(), why.to_owned());
    let about = std::fs::metadata(path).map_err(|error| wrong(&error.to_string()))?;
    if !about.is_file() || about.len() > MOST_BYTES {
        return Err(wrong("it must be a file of at most 16 KiB"));
    }
    let text = std::fs::read_to_string(path).map_err(|error| wrong(&error.to_string()))?;
    match text.lines().next().map(str::trim) {
        None | Some("") => Err(wrong("its first line is empty")),
        Some(line) => Ok(Hidden::from(line.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Config;
    use super::*;

    /// Loads a sandbox's configuration in a folder with these files.
    fn loaded(files: &[(&str, &str)], change: impl Fn(&mut Flags, &Path)) -> Result<Config, ConfigError> {
        let folder = tempfile::TempDir::new().unwrap();
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        let mut flags = Flags { config: Some(folder.path().join("dinie.toml")), ..Flags::default() };
        change(&mut flags, folder.path());
        Config::load(&flags)
    }

    fn database(config: &Config) -> String {
        format!("{:?}", config.database)
    }

    #[test]
    fn a_secret_is_read_from_the_file_that_a_setting_names() {
        let key = "5a".repeat(32);
        let by_flag =
            loaded(&[("dinie.toml", ""), ("key", &format!("{key}\nsecond line\n"))], |flags, folder| {
                flags.master_key_file = Some(folder.join("key"));
            });
        assert!(by_flag.is_ok(), "{by_flag:?}");
        let text = "mail.from = \"a@example.com\"\nmail.smtp_url_file = \"SMTP\"\n";
        let folder = tempfile::TempDir::new().unwrap();
        let smtp = folder.path().join("smtp");
        std::fs::write(&smtp, "smtp://user:5ec4e7@mail.example\n").unwrap();
        let text = text.replace("SMTP", &smtp.display().to_string());
        let config = loaded(&[("dinie.toml", &text)], |flags, _| flags.master_key = Some(key.clone().into()));
        assert_eq!(config.unwrap().mail.unwrap().url.expose(), "smtp://user:5ec4e7@mail.example");
    }

    #[test]
    fn a_credential_gives_what_nothing_else_gives() {
        let key = "5a".repeat(32);
        let files = |text| vec![("dinie.toml", text), ("master_key", &*key), ("database", "sqlite:/c.db")];
        let with = |flags: &mut Flags, folder: &Path| flags.credentials = Some(folder.to_owned());
        let config = loaded(&files(""), with).unwrap();
        assert!(database(&config).contains("/c.db"), "{config:?}");
        let config = loaded(&files("database = \"sqlite:/f.db\"\n"), with).unwrap();
        assert!(database(&config).contains("/f.db"), "{config:?}");
        let config = loaded(&files(""), |flags, folder| {
            with(flags, folder);
            flags.database = Some(Hidden::from("sqlite:/g.db".to_owned()));
        });
        assert!(database(&config.unwrap()).contains("/g.db"));
    }

    #[test]
    fn a_wrong_file_is_named_without_its_text() {
        let error = |files: &[(&str, &str)], change: &dyn Fn(&mut Flags, &Path)| {
            loaded(files, change).unwrap_err().to_string()
        };
        let named = |flags: &mut Flags, folder: &Path| flags.master_key_file = Some(folder.join("key"));
        assert!(error(&[("dinie.toml", "")], &named).contains("master_key"));
        assert!(error(&[("dinie.toml", ""), ("key", "\n5ec4e7\n")], &named).contains("first line is empty"));
        let wrong = error(&[("dinie.toml", ""), ("key", "5ec4e7")], &named);
        assert!(wrong.contains("64 hex digits") && !wrong.contains("5ec4e7"), "{wrong}");
        let twice =
            error(&[("dinie.toml", "master_key = \"5ec4e7\"\nmaster_key_file = \"key\"\n")], &|_, _| {});
        assert!(twice.contains("master_key_file") && !twice.contains("5ec4e7"), "{twice}");
    }
}
