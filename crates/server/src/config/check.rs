//! `dinie config check`: every problem of a configuration at once, each with its place and its fix.
//!
//! The server itself stops at the first problem. This check reads each setting alone, so one mistake hides no other.

use std::path::{Path, PathBuf};

use domain::credential::Environment;
use toml::de::{DeTable, DeValue};

use super::error::ConfigError;
use super::error_text::error_text;
use super::file::File;
use super::flags::Flags;
use super::key::{GivenKeys, OwnKey};
use super::{
    bank, bucket, creditor, environment, kms, place, policy, proxies, queues, rates, roles, secrets, sso,
};

/// A problem of a configuration.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Problem {
    /// The file, if the problem is in one.
    pub file: Option<PathBuf>,
    /// The line in the file, counted from 1.
    pub line: Option<usize>,
    /// What is wrong, and what to write instead.
    pub problem: String,
}

/// Every problem. The configuration can be used if there is none.
pub fn problems(flags: &Flags) -> Vec<Problem> {
    let path = flags.config.as_deref().unwrap_or(Path::new("dinie.toml"));
    let Some(text) = text_of(path, flags.config.is_some()) else {
        return wrong_settings(flags, &File::default(), &Places::none());
    };
    let text = match text {
        Ok(text) => text,
        Err(error) => {
            return vec![Problem { file: Some(path.to_owned()), line: None, problem: error.to_string() }];
        }
    };
    let (table, errors) = DeTable::parse_recoverable(&text);
    let line = |at: usize| text[..at.min(text.len())].matches('\n').count() + 1;
    let mut found: Vec<Problem> = errors
        .iter()
        .map(|error| Problem {
            file: Some(path.to_owned()),
            line: error.span().map(|span| line(span.start)),
            problem: format!("{}: this is no TOML", error.message()),
        })
        .collect();
    let mut settings = Vec::new();
    leaves(table.get_ref(), "", &line, &mut settings);
    let mut good = Vec::new();
    for setting in settings {
        match setting.alone() {
            Ok(()) => good.push(setting),
            Err(problem) => {
                found.push(Problem { file: Some(path.to_owned()), line: Some(setting.line), problem });
            }
        }
    }
    let places = Places { file: path, lines: good.iter().map(|one| (one.key.clone(), one.line)).collect() };
    let joined: String = good.iter().map(Setting::as_toml).collect();
    match read(&joined) {
        Ok(file) => found.extend(wrong_settings(flags, &file, &places)),
        Err(problem) => found.push(Problem { file: Some(path.to_owned()), line: None, problem }),
    }
    found
}

/// A problem of a neighbour, at the line of the setting that names it.
pub fn at(flags: &Flags, setting: &str, problem: String) -> Problem {
    let path = flags.config.as_deref().unwrap_or(Path::new("dinie.toml"));
    let Some(Ok(text)) = text_of(path, flags.config.is_some()) else {
        return Problem { file: None, line: None, problem };
    };
    let mut settings = Vec::new();
    let line = |at: usize| text[..at.min(text.len())].matches('\n').count() + 1;
    leaves(DeTable::parse_recoverable(&text).0.get_ref(), "", &line, &mut settings);
    let places = Places { file: path, lines: settings.into_iter().map(|one| (one.key, one.line)).collect() };
    let line = places.line(setting);
    Problem { file: line.map(|_| path.to_owned()), line, problem }
}

/// The text of the file; `None` if nobody has named it and it does not exist.
fn text_of(path: &Path, is_named: bool) -> Option<std::io::Result<String>> {
    match std::fs::read_to_string(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && !is_named => None,
        read => Some(read),
    }
}

/// A key of the file with its value.
struct Setting {
    /// The key with the tables above it, such as `limits.tokens_per_minute`.
    key: String,
    /// The value as it is in the file.
    value: toml::Value,
    line: usize,
}

impl Setting {
    /// The setting as a line of a file.
    fn as_toml(&self) -> String {
        let key: Vec<String> = self.key.split('.').map(|part| format!("{part:?}")).collect();
        format!("{} = {}\n", key.join("."), self.value)
    }

    /// Whether the server reads the setting if it is the only one.
    fn alone(&self) -> Result<(), String> {
        read(&self.as_toml()).map(drop)
    }
}

/// The settings below a table. Lists are values.
fn leaves(table: &DeTable<'_>, above: &str, line: &impl Fn(usize) -> usize, found: &mut Vec<Setting>) {
    for (key, value) in table {
        let name = format!("{above}{}", key.get_ref());
        match value.get_ref() {
            DeValue::Table(inner) if !inner.is_empty() => leaves(inner, &format!("{name}."), line, found),
            other => found.push(Setting { key: name, value: plain(other), line: line(key.span().start) }),
        }
    }
}

fn plain(value: &DeValue<'_>) -> toml::Value {
    match value {
        DeValue::String(text) => toml::Value::String(text.to_string()),
        DeValue::Integer(number) => number
            .to_string()
            .parse()
            .map_or_else(|_| toml::Value::String(number.to_string()), toml::Value::Integer),
        DeValue::Float(number) => number
            .to_string()
            .parse()
            .map_or_else(|_| toml::Value::String(number.to_string()), toml::Value::Float),
        DeValue::Boolean(flag) => toml::Value::Boolean(*flag),
        DeValue::Datetime(moment) => toml::Value::Datetime(*moment),
        DeValue::Array(items) => toml::Value::Array(items.iter().map(|item| plain(item.get_ref())).collect()),
        DeValue::Table(table) => {
            let inner = table.iter().map(|(key, value)| (key.get_ref().to_string(), plain(value.get_ref())));
            toml::Value::Table(inner.collect())
        }
    }
}

/// Reads a file as the server does.
fn read(text: &str) -> Result<File, String> {
    let source = config::File::from_str(text, config::FileFormat::Toml);
    let built = config::Config::builder().add_source(source).build();
    built.and_then(config::Config::try_deserialize).map_err(|error| error_text(&error))
}

/// The lines of the settings.
struct Places<'a> {
    file: &'a Path,
    lines: Vec<(String, usize)>,
}

impl Places<'_> {
    fn none() -> Self {
        Places { file: Path::new(""), lines: Vec::new() }
    }

    /// The line of a setting, of the first one of a table, or of the file that has a secret.
    fn line(&self, key: &str) -> Option<usize> {
        let is_it = |name: &str| {
            name.strip_prefix(key).is_some_and(|rest| matches!(rest, "" | "_file") || rest.starts_with('.'))
        };
        self.lines.iter().find(|(name, _)| is_it(name)).map(|(_, line)| *line)
    }

    /// A problem of a setting or of a table. Without one in the file, a flag or its absence is the problem.
    fn problem(&self, key: &str, error: &ConfigError) -> Problem {
        let line = self.line(key);
        Problem { file: line.map(|_| self.file.to_owned()), line, problem: error.to_string() }
    }
}

/// The problems of readable settings.
fn wrong_settings(flags: &Flags, file: &File, places: &Places<'_>) -> Vec<Problem> {
    let secrets::Resolved { flags, wrong } = secrets::resolve(flags, file);
    let mut found: Vec<Problem> = wrong.iter().map(|(key, error)| places.problem(key, error)).collect();
    let flags = &flags;
    let mut note = |key: &str, outcome: Result<(), ConfigError>| {
        if let Err(error) = outcome {
            found.push(places.problem(key, &error));
        }
    };
    let chosen = environment(flags.environment.as_ref().or(file.environment.as_ref()));
    let is_production = matches!(chosen, Ok(Environment::Production));
    let environment = if is_production { Environment::Production } else { Environment::Sandbox };
    note("environment", chosen.map(drop));
    note("database", place(flags, file).map(drop));
    let proxied = flags.behind_tls_proxy || file.behind_tls_proxy == Some(true);
    let certificate = super::tls::of(flags, &file.tls);
    let has_tls = !matches!(certificate, Ok(None));
    note("tls", certificate.map(drop));
    note(
        "behind_tls_proxy",
        if is_production && !proxied && !has_tls { Err(ConfigError::NoTls) } else { Ok(()) },
    );
    let public_url = flags.public_url.clone().or_else(|| file.public_url.clone());
    let is_missing = is_production && public_url.is_none();
    note("public_url", if is_missing { Err(ConfigError::NoPublicUrl) } else { Ok(()) });
    note("public_url", creditor::check_public_url(public_url.as_deref()));
    let header = file.forwarded_header.as_deref();
    note("trusted_proxies", proxies(flags, &file.trusted_proxies, header, proxied).map(drop));
    let current = kms::current(flags, &file.kms, flags.master_key.as_ref().or(file.master_key.as_ref()));
    let in_tokens = kms::unopened(!matches!(current, Ok(None)));
    note("master_key", master_key(&GivenKeys::of(flags, file, in_tokens), environment));
    note("kms", current.map(drop));
    note("previous_kms", kms::previous(flags, [&file.kms, &file.previous_kms]).map(drop));
    note("connections", file.connections.or_default().map(drop));
    note("rates", rates::book(flags.rates.as_deref().or(file.rates.as_deref())).map(drop));
    note("creditor", creditor::creditor(file.creditor.clone(), environment).map(drop));
    let data = Path::new("");
    let secret = flags.bucket_secret_access_key.clone();
    note("bucket", bucket::file_store(file.bucket.clone(), secret, data, environment).map(drop));
    note("bank", bank::payer(file.bank.clone(), environment).map(drop));
    let mail =
        creditor::mail(flags.smtp_url.clone(), flags.mail_from.clone(), file.mail.clone(), environment);
    note("mail", mail.map(drop));
    note("policy", policy::of(flags.policy.as_deref().or(file.policy.as_deref()), environment).map(drop));
    let known = roles::of(flags.roles.as_deref().or(file.roles.as_deref()));
    if let Ok(known) = &known {
        note("sso", sso::of(file.sso.clone(), flags.sso_client_secret.clone(), known, environment).map(drop));
    }
    note("roles", known.map(drop));
    let alone = flags.without_four_eyes || file.four_eyes == Some(false);
    note("four_eyes", roles::four_eyes(alone, environment).map(drop));
    note("sessions", file.sessions.or_default().map(drop));
    note("payments", file.payments.overpayment_limit().map(drop));
    note("queues", queues::levels(&file.queues).map(drop));
    note("log", super::level(file.log.clone()).map(drop));
    note("requests", file.requests.or_default().map(drop));
    note("access_log", super::access_log::of(file.access_log.as_deref()).map(drop));
    note("traces", file.traces.settings().map(drop));
    note("logs", file.logs.settings().map(drop));
    found
}

/// A given key must be well-formed, and production needs one. A sandbox makes its own. No token is asked.
fn master_key(given: &GivenKeys<'_>, environment: Environment) -> Result<(), ConfigError> {
    let is_missing = given.master.is_none() && given.shares.is_empty();
    let own =
        if is_missing && environment == Environment::Sandbox { OwnKey::NotNeeded } else { OwnKey::MustExist };
    given.keys(environment, Path::new(""), own).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(Option<usize>, String)> {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("dinie.toml");
        std::fs::write(&path, text).unwrap();
        let flags = Flags { config: Some(path), ..Flags::default() };
        problems(&flags).into_iter().map(|one| (one.line, one.problem)).collect()
    }

    #[test]
    fn every_problem_is_found_with_its_line() {
        let found = found(
            "environment = \"production\"\nlisten = \"nowhere\"\nunknown = 1\n\n[limits]\nrequests_per_10s = \"x\"\n\
             tokens = 3\n\n[creditor]\nname = \"Exemplo\"\n",
        );
        let has = |line: Option<usize>, word: &str| {
            found.iter().any(|(at, problem)| *at == line && problem.contains(word))
        };
        for (line, word) in [
            (Some(2), "listen"),
            (Some(3), "unknown"),
            (Some(6), "requests_per_10s"),
            (Some(7), "tokens"),
            (Some(10), "[creditor]"),
            (None, "--behind-tls-proxy"),
            (None, "--public-url"),
            (None, "DINIE_MASTER_KEY"),
            (None, "--smtp-url"),
        ] {
            assert!(has(line, word), "{word} in {found:#?}");
        }
    }

    #[test]
    fn a_right_file_has_no_problem() {
        let problems = found(
            "listen = \"127.0.0.1:8081\"\ntrusted_proxies = [\"10.0.0.0/8\"]\n[queues]\nkyc_to_review_minutes = 30\n\
             [payments]\noverpayment_limit = \"50.00\"\n",
        );
        assert!(problems.is_empty(), "{problems:?}");
    }

    #[test]
    fn a_problem_shows_no_value() {
        let secret = "5ec4e7";
        for text in [
            format!("master_key = [\"{secret}\"]\n"),
            format!("[limits]\ntokens_per_minute = \"{secret}\"\n"),
        ] {
            let problems = found(&text);
            assert!(!problems.is_empty() && !format!("{problems:?}").contains(secret), "{problems:?}");
        }
    }
}
