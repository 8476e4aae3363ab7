//! `dinie config show`: the effective value of every setting and where it comes from. Secrets are hidden.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use app::Lifetimes;
use domain::access::SessionLimits;
use domain::kyc::FileLimits;
use domain::queue::{Queue, ServiceLevels};
use serde::Serialize;
use url::Url;

use super::limits::RateLimits;
use super::network::ConnectionLimits;
use super::requests::RequestLogSettings;
use super::{ConfigError, DEFAULT_LISTEN};

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

/// The settings that flags and variables can give, with the key in the file, the flag, the secrecy and the default.
const FLAGS: [(&str, &str, Secrecy, &str); 18] = [
    ("environment", "environment", Secrecy::Open, "sandbox"),
    ("listen", "listen", Secrecy::Open, ""),
    ("data", "data", Secrecy::Open, "data"),
    ("database", "database", Secrecy::Address, "sqlite:DATA/dinie.db"),
    ("read_database", "read_database", Secrecy::Address, "none"),
    ("database_password_file", "database_password_file", Secrecy::Open, "none"),
    ("master_key", "master_key", Secrecy::Secret, "sandbox: DATA/master.key"),
    ("public_url", "public_url", Secrecy::Open, "http://LISTEN"),
    ("behind_tls_proxy", "behind_tls_proxy", Secrecy::Open, "false"),
    ("trusted_proxies", "trusted_proxies", Secrecy::Open, "with behind_tls_proxy every peer, else none"),
    ("forwarded_header", "forwarded_header", Secrecy::Open, "x-forwarded-for"),
    ("rates", "rates", Secrecy::Open, "built-in"),
    ("roles", "roles", Secrecy::Open, "built-in"),
    ("policy", "policy", Secrecy::Open, "sandbox: sandbox-1; production: none"),
    ("four_eyes", "without_four_eyes", Secrecy::Open, "true"),
    ("mail.smtp_url", "smtp_url", Secrecy::Address, "none"),
    ("mail.from", "mail_from", Secrecy::Open, "none"),
    ("sso.client_secret", "sso_client_secret", Secrecy::Secret, "none"),
];

/// The settings that only the file has and that have no value without it.
const UNSET: [&str; 17] = [
    "creditor.name",
    "creditor.cnpj",
    "creditor.address",
    "creditor.city",
    "bank.code",
    "bank.agreement",
    "bank.branch",
    "bank.branch_digit",
    "bank.account",
    "bank.account_digit",
    "sso.issuer",
    "sso.client_id",
    "sso.name",
    "sso.scopes",
    "sso.groups_claim",
    "sso.trust_emails",
    "sso.groups",
];

/// Every setting in the order of the documents. `given` returns what a flag or a variable has given for an argument.
pub fn settings(
    file: Option<&Path>, given: impl Fn(&str) -> Option<Given>,
) -> Result<Vec<Shown>, ConfigError> {
    let path = file.unwrap_or(Path::new("dinie.toml"));
    let mut from_file = read(path, file.is_some())?;
    let mut shown = Vec::new();
    for Known { key, flag, secrecy, default } in known() {
        let written = from_file.remove(&key);
        let (value, source) = match (given(flag), written) {
            (Some(given), _) => (given.value, given.source),
            (None, Some(value)) => (value, path.display().to_string()),
            (None, None) => (default, "default".to_owned()),
        };
        let is_default = source == "default";
        let value = if is_default { value } else { hidden(&value, secrecy) };
        // The flag switches the setting off.
        let value =
            if flag == "without_four_eyes" && given(flag).is_some() { "false".to_owned() } else { value };
        shown.push(Shown { setting: key, value, source });
    }
    Ok(shown)
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
    let flags = FLAGS.map(|(key, flag, secrecy, default)| Known {
        key: key.to_owned(),
        flag,
        secrecy,
        default: if key == "listen" { DEFAULT_LISTEN.to_string() } else { default.to_owned() },
    });
    let only_file = |key: String, default: String| Known { key, flag: "", secrecy: Secrecy::Open, default };
    let unset = UNSET.into_iter().map(|key| only_file(key.to_owned(), "none".to_owned()));
    let counted = counted().into_iter().map(|(key, value)| only_file(key.to_owned(), value.to_string()));
    let others = [
        ("requests.log", "true"),
        ("payments.overpayment_limit", "100.00"),
        ("webhooks.allow_loopback", "true in a sandbox that only its machine can reach"),
    ];
    let others = others.map(|(key, value)| only_file(key.to_owned(), value.to_owned()));
    let levels = ServiceLevels::default();
    let queues = Queue::ALL.into_iter().filter_map(move |queue| {
        let minutes = levels.get(queue)?.as_secs() / 60;
        Some(only_file(format!("queues.{}_minutes", queue.name()), minutes.to_string()))
    });
    flags.into_iter().chain(unset).chain(counted).chain(others).chain(queues).collect()
}

/// The settings that are numbers, with their defaults in the unit of the key.
fn counted() -> Vec<(&'static str, u64)> {
    let (limits, connections, times) =
        (RateLimits::default(), ConnectionLimits::default(), Lifetimes::default());
    let (sessions, requests, files) =
        (SessionLimits::default(), RequestLogSettings::default(), FileLimits::default());
    let days = |span: Duration| span.as_secs() / 86_400;
    let whole = |count: i64| u64::try_from(count).expect("a limit is positive");
    let count = |count: usize| u64::try_from(count).expect("a u64 holds every usize");
    vec![
        ("limits.requests_per_10s", limits.requests_per_10s.into()),
        ("limits.tokens_per_minute", limits.tokens_per_minute.into()),
        ("limits.page_posts_per_minute", limits.page_posts_per_minute.into()),
        ("limits.operator_requests_per_10s", limits.operator_requests_per_10s.into()),
        ("limits.failures_per_minute", limits.failures_per_minute.into()),
        ("files.per_customer", whole(files.files)),
        ("files.mib_per_customer", whole(files.bytes) >> 20),
        ("connections.most", count(connections.most)),
        ("connections.first_request_s", connections.first_request.as_secs()),
        ("connections.idle_s", connections.idle.as_secs()),
        ("lifetimes.access_token_s", times.access_token.as_secs()),
        ("lifetimes.offer_days", days(times.offer)),
        ("lifetimes.signing_link_days", days(times.signing_link)),
        ("lifetimes.biometrics_link_s", times.biometrics_link.as_secs()),
        ("lifetimes.session_token_s", times.session_token.as_secs()),
        ("lifetimes.idempotency_hours", times.idempotency.as_secs() / 3_600),
        ("lifetimes.events_days", days(times.events)),
        ("requests.per_second", count(requests.queue)),
        ("requests.days", days(requests.kept)),
        ("requests.bodies_days", days(requests.bodies_kept)),
        ("sessions.idle_minutes", sessions.idle.as_secs() / 60),
        ("sessions.hours", sessions.whole.as_secs() / 3_600),
    ]
}

fn hidden(value: &str, secrecy: Secrecy) -> String {
    const HIDDEN: &str = "[hidden]";
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
    fn every_key_of_the_file_is_shown() {
        let source = config::File::from_str("unknown = 1", config::FileFormat::Toml);
        let built = config::Config::builder().add_source(source).build().unwrap();
        let refused = built.try_deserialize::<super::super::File>().unwrap_err().to_string();
        let names: Vec<&str> = refused.split('`').skip(3).step_by(2).collect();
        assert!(names.len() > 20, "{refused}");
        let known = known();
        for name in names {
            let is_it = |key: &str| key == name || key.starts_with(&format!("{name}."));
            assert!(known.iter().any(|one| is_it(&one.key)), "{name} is not shown");
        }
    }

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
}
