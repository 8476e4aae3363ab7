//! `dinie config show`: the effective value of every setting and where it comes from. Secrets are hidden.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Serialize;
use url::Url;

use super::catalogue;
use super::error::ConfigError;
use super::flags::Flags;
use super::secrets::{PASSWORD, SECRETS, credential};

/// A setting with its effective value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Shown {
    /// The key in the file.
    pub setting: String,
    /// The value; `[hidden]` instead of a secret.
    pub value: String,
    /// The flag, the variable or the file that gives it; `default` if nothing does.
    pub source: String,
}

/// A value that a flag or a variable has given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// The flag or the variable.
    pub source: String,
    /// The text of the value.
    pub value: String,
}

/// The text in place of a secret.
const HIDDEN: &str = "[hidden]";

/// Whether a value may be shown.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Secrecy {
    Open,
    /// A URL whose password is hidden.
    Address,
    Secret,
}

/// A setting that the server knows.
struct Known {
    key: String,
    /// The flag's name among the arguments; empty if only the file has the setting.
    flag: &'static str,
    secrecy: Secrecy,
    default: String,
}

/// The settings that flags and variables can give, and those with a default that is no value: the key in the file, the flag
/// among the arguments, the secrecy, and the default where the example has none.
const SPECIAL: [(&str, &str, Secrecy, &str); 47] = [
    ("admin_listen", "admin_listen", Secrecy::Open, "none"),
    ("tls.certificate", "tls_certificate", Secrecy::Open, "none"),
    ("tls.key", "tls_key", Secrecy::Open, "none"),
    ("environment", "environment", Secrecy::Open, ""),
    ("listen", "listen", Secrecy::Open, ""),
    ("data", "data", Secrecy::Open, ""),
    ("database", "database", Secrecy::Address, "sqlite:DATA/dinie.db"),
    ("database_file", "database_file", Secrecy::Open, "none"),
    ("read_database", "read_database", Secrecy::Address, "none"),
    ("read_database_file", "read_database_file", Secrecy::Open, "none"),
    ("database_password_file", "database_password_file", Secrecy::Open, "none"),
    ("master_key", "master_key", Secrecy::Secret, "sandbox: DATA/master.key"),
    ("master_key_file", "master_key_file", Secrecy::Open, "none"),
    ("master_key_share_files", "master_key_share_files", Secrecy::Open, "none"),
    ("previous_master_key", "previous_master_key", Secrecy::Secret, "none"),
    ("previous_master_key_file", "previous_master_key_file", Secrecy::Open, "none"),
    ("public_url", "public_url", Secrecy::Open, "http://LISTEN"),
    ("behind_tls_proxy", "behind_tls_proxy", Secrecy::Open, ""),
    ("trusted_proxies", "trusted_proxies", Secrecy::Open, "with behind_tls_proxy every peer, else none"),
    ("forwarded_header", "forwarded_header", Secrecy::Open, ""),
    ("rates", "rates", Secrecy::Open, "built-in"),
    ("roles", "roles", Secrecy::Open, "built-in"),
    ("policy", "policy", Secrecy::Open, "sandbox: sandbox-1; production: none"),
    ("four_eyes", "without_four_eyes", Secrecy::Open, ""),
    ("mail.smtp_url", "smtp_url", Secrecy::Address, "none"),
    ("mail.smtp_url_file", "smtp_url_file", Secrecy::Open, "none"),
    ("mail.from", "mail_from", Secrecy::Open, "none"),
    ("sso.client_secret", "sso_client_secret", Secrecy::Secret, "none"),
    ("sso.client_secret_file", "sso_client_secret_file", Secrecy::Open, "none"),
    ("bucket.secret_access_key", "bucket_secret_access_key", Secrecy::Secret, "none"),
    ("bucket.secret_access_key_file", "bucket_secret_access_key_file", Secrecy::Open, "none"),
    ("bucket.name", "", Secrecy::Open, "none: DATA/blobs"),
    ("kms.pin", "kms_pin", Secrecy::Secret, "none"),
    ("kms.pin_file", "kms_pin_file", Secrecy::Open, "none"),
    ("previous_kms.module", "", Secrecy::Open, "with a key, as in [kms]"),
    ("previous_kms.token", "", Secrecy::Open, "with a key, as in [kms]"),
    ("previous_kms.pin", "previous_kms_pin", Secrecy::Secret, "with a key, as in [kms]"),
    ("previous_kms.pin_file", "previous_kms_pin_file", Secrecy::Open, "none"),
    ("sso.name", "", Secrecy::Open, "a general text"),
    ("sso.scopes", "", Secrecy::Open, "profile, email"),
    ("sso.groups_claim", "", Secrecy::Open, "groups"),
    ("access_log", "", Secrecy::Open, "none"),
    ("traces.otlp_endpoint", "", Secrecy::Address, "none"),
    ("traces.headers_file", "", Secrecy::Open, "none"),
    ("logs.otlp_endpoint", "", Secrecy::Address, "none"),
    ("logs.headers_file", "", Secrecy::Open, "none"),
    ("webhooks.allow_loopback", "", Secrecy::Open, "true in a sandbox that only its machine can reach"),
];

/// Every setting in the order of the example. `given` returns what a flag or a variable has given for an argument.
pub fn settings(
    file: Option<&Path>, given: impl Fn(&str) -> Option<Given>,
) -> Result<Vec<Shown>, ConfigError> {
    let path = file.unwrap_or(Path::new("dinie.toml"));
    let from_file = read(path, file.is_some())?;
    let credentials = given("credentials").map(|folder| PathBuf::from(folder.value));
    let places = Places { path, from_file: &from_file, credentials: credentials.as_deref(), given: &given };
    Ok(known().into_iter().map(|setting| places.shown(setting)).collect())
}

/// The places that can give a setting.
struct Places<'a, G> {
    path: &'a Path,
    from_file: &'a BTreeMap<String, String>,
    credentials: Option<&'a Path>,
    given: &'a G,
}

impl<G: Fn(&str) -> Option<Given>> Places<'_, G> {
    fn shown(&self, setting: Known) -> Shown {
        let Known { key, flag, secrecy, default } = setting;
        let in_file = |key: &str| {
            let value = self.from_file.get(key)?.clone();
            Some(Given { source: self.path.display().to_string(), value })
        };
        let found = (self.given)(flag)
            .or_else(|| self.in_a_file(flag, &key, secrecy, (self.given)(&format!("{flag}_file"))))
            .or_else(|| in_file(&key))
            .or_else(|| self.in_a_file(flag, &key, secrecy, in_file(&format!("{key}_file"))))
            .or_else(|| self.credential(&key));
        let Some(Given { source, value }) = found else {
            return Shown { setting: key, value: default, source: "default".to_owned() };
        };
        // The flag switches the setting off.
        let value = match (flag, (self.given)(flag)) {
            ("without_four_eyes", Some(_switched)) => "false".to_owned(),
            _other => hidden(&value, secrecy),
        };
        Shown { setting: key, value, source }
    }

    /// A secret in the file that another setting names.
    fn in_a_file(&self, flag: &str, key: &str, secrecy: Secrecy, file: Option<Given>) -> Option<Given> {
        let is_secret = secrecy != Secrecy::Open && !flag.is_empty();
        let source = file.filter(|_| is_secret)?.source;
        let source = if source == self.path.display().to_string() { format!("{key}_file") } else { source };
        Some(Given { source, value: HIDDEN.to_owned() })
    }

    /// A secret that systemd has passed.
    fn credential(&self, key: &str) -> Option<Given> {
        let name = if key == "database_password_file" { PASSWORD } else { key };
        let is_one = name == PASSWORD || SECRETS.iter().any(|(secret, _)| *secret == name);
        let path = credential(self.credentials, name).filter(|_| is_one)?;
        let value = if name == PASSWORD { path.display().to_string() } else { HIDDEN.to_owned() };
        Some(Given { source: format!("credential {name}"), value })
    }
}

/// The settings of the file with their values, which may be secrets.
pub(super) fn of_file(flags: &Flags) -> Result<BTreeMap<String, String>, ConfigError> {
    read(flags.config.as_deref().unwrap_or(Path::new("dinie.toml")), flags.config.is_some())
}

/// The settings of the file by their keys.
fn read(path: &Path, is_named: bool) -> Result<BTreeMap<String, String>, ConfigError> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && !is_named => return Ok(BTreeMap::new()),
        Err(error) => return Err(ConfigError::File(path.to_owned(), error.to_string())),
    };
    // The library's message has the line's text, which may hold a secret.
    let table: toml::Table = text.parse().map_err(|_error| {
        ConfigError::File(path.to_owned(), "it is no TOML; `dinie config check` names the lines".to_owned())
    })?;
    let mut found = BTreeMap::new();
    flatten(&table, "", &mut found);
    Ok(found)
}

fn flatten(table: &toml::Table, above: &str, found: &mut BTreeMap<String, String>) {
    for (key, value) in table {
        let name = format!("{above}{key}");
        match value {
            toml::Value::Table(inner) => flatten(inner, &format!("{name}."), found),
            toml::Value::String(text) => drop(found.insert(name, text.clone())),
            other => drop(found.insert(name, other.to_string())),
        }
    }
}

fn known() -> Vec<Known> {
    let (_tables, settings) = catalogue::settings();
    let known = settings.into_iter().map(|setting| {
        let special = SPECIAL.iter().find(|(key, ..)| *key == setting.key);
        let (flag, secrecy, default) = special
            .map_or(("", Secrecy::Open, "none"), |(_, flag, secrecy, default)| (flag, *secrecy, *default));
        let default = match &setting.value {
            toml::Value::String(text) if setting.is_default => text.clone(),
            other if setting.is_default => other.to_string(),
            _example => default.to_owned(),
        };
        Known { key: setting.key, flag, secrecy, default }
    });
    known.collect()
}

fn hidden(value: &str, secrecy: Secrecy) -> String {
    match (secrecy, Url::parse(value)) {
        (Secrecy::Open, _) => value.to_owned(),
        // A parameter may be a password too.
        (Secrecy::Address, Ok(mut url)) if url.query().is_none() => match url.password() {
            None => value.to_owned(),
            Some(_password) => {
                url.set_password(Some("hidden")).map_or_else(|()| HIDDEN.to_owned(), |()| url.to_string())
            }
        },
        (Secrecy::Address | Secrecy::Secret, _) => HIDDEN.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flag_wins_over_the_file_and_no_secret_is_shown() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("dinie.toml");
        std::fs::write(
            &path,
            "listen = \"127.0.0.1:1\"\nmaster_key = \"5ec4e7\"\ndatabase = \"postgres://dinie:5ec4e7@db/dinie\"\n\
             [limits]\ntokens_per_minute = 7\n[mail]\nsmtp_url = \"smtp://mail?password=5ec4e7\"\n",
        )
        .unwrap();
        let given = |id: &str| {
            (id == "listen").then(|| Given { source: "--listen".into(), value: "127.0.0.1:2".into() })
        };
        let shown = settings(Some(&path), given).unwrap();
        let of = |key: &str| shown.iter().find(|one| one.setting == key).unwrap();
        assert_eq!((&*of("listen").value, &*of("listen").source), ("127.0.0.1:2", "--listen"));
        assert_eq!(of("limits.tokens_per_minute").value, "7");
        assert_eq!(of("database").value, "postgres://dinie:hidden@db/dinie");
        assert_eq!((&*of("lifetimes.offer_days").value, &*of("rates").source), ("30", "default"));
        assert!(!format!("{shown:?}").contains("5ec4e7"), "{shown:#?}");
    }

    #[test]
    fn the_source_of_a_secret_in_a_file_is_the_setting_that_names_the_file() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("dinie.toml");
        std::fs::write(&path, "[mail]\nsmtp_url_file = \"smtp\"\n").unwrap();
        std::fs::write(folder.path().join("sso.client_secret"), "5ec4e7").unwrap();
        std::fs::write(folder.path().join("database_password"), "5ec4e7").unwrap();
        let given = |id: &str| match id {
            "master_key_file" => Some(("DINIE_MASTER_KEY_FILE", "key".to_owned())),
            "credentials" => Some(("CREDENTIALS_DIRECTORY", folder.path().display().to_string())),
            _other => None,
        };
        let given = |id: &str| given(id).map(|(source, value)| Given { source: source.into(), value });
        let shown = settings(Some(&path), given).unwrap();
        let source = |key: &str| &*shown.iter().find(|one| one.setting == key).unwrap().source;
        assert_eq!(source("master_key"), "DINIE_MASTER_KEY_FILE");
        assert_eq!(source("mail.smtp_url"), "mail.smtp_url_file");
        assert_eq!(source("sso.client_secret"), "credential sso.client_secret");
        assert_eq!(source("database_password_file"), "credential database_password");
        assert_eq!(source("database"), "default");
        assert!(!format!("{shown:?}").contains("5ec4e7"), "{shown:#?}");
    }
}
