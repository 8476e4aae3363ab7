//! Error messages for an unusable TOML file. They name the place and the expected value, never the found value. The
//! line may contain the master key or a database URL with its password, and errors end in logs.

use config::ConfigError;

/// The error on one line, without any value from the file.
pub(super) fn error_text(error: &ConfigError) -> String {
    match error {
        ConfigError::FileParse { cause, .. } | ConfigError::Foreign(cause) => place(&cause.to_string()),
        ConfigError::Type { expected, key, .. } => at(key.as_deref(), &format!("it must be {expected}")),
        ConfigError::At { error, key, .. } => at(key.as_deref(), &error_text(error)),
        ConfigError::NotFound(key) => format!("{key} is missing"),
        ConfigError::Message(message) => without_value(message),
        _other => "it cannot be read".to_owned(),
    }
}

fn at(key: Option<&str>, what: &str) -> String {
    key.map_or_else(|| what.to_owned(), |key| format!("{key}: {what}"))
}

/// The place of an error, from the first line of its text. The TOML library prints the faulty line below that one.
fn place(error: &str) -> String {
    let first = error.lines().next().unwrap_or(error);
    if error.lines().nth(1).is_some() {
        return format!("{first} (the line is not shown, as it may hold a secret)");
    }
    first.to_owned()
}

/// Keeps only the expected part of `invalid value: string "…", expected …`.
fn without_value(message: &str) -> String {
    if !message.starts_with("invalid ") {
        return message.to_owned();
    }
    match message.rsplit_once(", expected ") {
        Some((_value, expected)) => format!("it must be {expected}"),
        None if message.contains(['"', '`']) => "its value is invalid".to_owned(),
        None => message.to_owned(),
    }
}
