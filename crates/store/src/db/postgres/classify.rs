//! Errors of PostgreSQL by their SQLSTATE.
//!
//! Only an error that comes from stored or given data is `Corrupt`. Only a broken constraint, or several rows instead
//! of one, is a `Defect`. Any other error may be temporary: the caller gets `Unavailable`, and the session is dropped,
//! because the cause may be the session itself.

use tokio_postgres::Error;
use tokio_postgres::error::{DbError, Severity, SqlState};

use crate::db::error::StoreError;

/// The meaning of a SQLSTATE for a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// The script lost a race and runs again.
    Race,
    /// A unique key is taken.
    DuplicateKey,
    /// A value does not fit.
    Data,
    /// The program is at fault: it broke a constraint, or got several rows instead of one.
    Defect,
    /// The database itself is damaged: a page, an index.
    Damage,
    /// Anything else: the server, the session, the rights, the schema.
    Passing,
}

/// The class of a SQLSTATE.
pub(super) fn class(code: &SqlState) -> Class {
    match code {
        &SqlState::T_R_SERIALIZATION_FAILURE | &SqlState::T_R_DEADLOCK_DETECTED => Class::Race,
        &SqlState::UNIQUE_VIOLATION => Class::DuplicateKey,
        &SqlState::DATA_CORRUPTED | &SqlState::INDEX_CORRUPTED => Class::Damage,
        // 22: a value does not fit. 21: a subquery found several rows. 23: a constraint refused the row.
        code if code.code().starts_with("22") => Class::Data,
        code if ["21", "23"].iter().any(|class| code.code().starts_with(class)) => Class::Defect,
        _other => Class::Passing,
    }
}

/// The reason why a statement has no answer.
#[derive(Debug)]
pub(super) enum Fault {
    /// The server or the connection failed.
    Server(Error),
    /// This process stopped waiting.
    Stopped(&'static str),
}

/// The loss of a session.
#[derive(Debug, Clone)]
pub(super) struct Loss {
    /// The answer to the caller if no retry helps.
    pub(super) error: StoreError,
    /// Whether the server has answered, so that it no longer works on the statement.
    pub(super) answered: bool,
    /// Whether a retry on another session may succeed.
    pub(super) again: bool,
}

impl Fault {
    pub(super) fn store_error(&self) -> StoreError {
        match self {
            Self::Server(error) => store_error(error),
            Self::Stopped(why) => StoreError::Unavailable((*why).into()),
        }
    }

    /// Whether the server refused one statement and the session goes on.
    pub(super) fn is_an_answer(&self) -> bool {
        match self {
            Self::Server(error) => error.as_db_error().is_some_and(|db_error| !ends_session(db_error)),
            Self::Stopped(_) => false,
        }
    }

    /// Whether the statement failed only because its transaction had failed before.
    pub(super) fn is_an_echo(&self) -> bool {
        matches!(self, Self::Server(error) if error.code() == Some(&SqlState::IN_FAILED_SQL_TRANSACTION))
    }

    /// The loss of the session; `None` if only the statement failed.
    pub(super) fn loss(&self) -> Option<Loss> {
        let (answered, again) = match self {
            Self::Stopped(_) => (false, false),
            Self::Server(error) => match error.as_db_error() {
                None => (false, true),
                Some(db_error) if class(db_error.code()) == Class::Passing => {
                    (self.is_an_answer(), is_the_sessions(db_error.code()))
                }
                Some(_of_the_statement) => return None,
            },
        };
        Some(Loss { error: self.store_error(), answered, again })
    }
}

/// Whether the server closes the session after this error, or does not know the outcome of the transaction.
fn ends_session(db_error: &DbError) -> bool {
    let unknown = [SqlState::TRANSACTION_RESOLUTION_UNKNOWN, SqlState::T_R_STATEMENT_COMPLETION_UNKNOWN];
    matches!(db_error.parsed_severity(), Some(Severity::Fatal | Severity::Panic))
        || unknown.contains(db_error.code())
}

/// Whether a new session may not have this error. The session was lost, ended or emptied, or it has plans for other
/// tables, or its server has become a standby.
fn is_the_sessions(code: &SqlState) -> bool {
    let own = [
        SqlState::READ_ONLY_SQL_TRANSACTION,
        SqlState::INVALID_SQL_STATEMENT_NAME,
        SqlState::FEATURE_NOT_SUPPORTED,
        SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT,
        SqlState::IDLE_SESSION_TIMEOUT,
        SqlState::ADMIN_SHUTDOWN,
        SqlState::CRASH_SHUTDOWN,
        SqlState::CANNOT_CONNECT_NOW,
    ];
    own.contains(code) || code.code().starts_with("08")
}

/// The store's error for an error of the driver.
pub(super) fn store_error(error: &Error) -> StoreError {
    let Some(db_error) = error.as_db_error() else {
        return StoreError::Unavailable(with_cause(error));
    };
    match class(db_error.code()) {
        Class::Race => StoreError::Conflict,
        Class::DuplicateKey => StoreError::Duplicate,
        Class::Data => StoreError::Corrupt(message(db_error)),
        Class::Defect => StoreError::Defect(message(db_error)),
        Class::Damage => StoreError::Damaged(message(db_error)),
        Class::Passing => StoreError::Unavailable(message(db_error)),
    }
}

/// The error with its cause, which the driver does not print.
fn with_cause(error: &Error) -> String {
    match std::error::Error::source(error) {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}

/// The server's message for the log, without its detail. In an error of data, the quoted parts are removed too. Both
/// may hold values.
fn message(db_error: &DbError) -> String {
    let message = match class(db_error.code()) {
        Class::Data | Class::Defect => without_quoted(db_error.message()),
        Class::Race | Class::DuplicateKey | Class::Damage | Class::Passing => db_error.message().to_owned(),
    };
    format!("{} {message}", db_error.code().code())
}

/// The text with each part between double quotes replaced. Text after an unpaired quote is removed.
fn without_quoted(text: &str) -> String {
    let shown =
        |(place, part): (usize, &str)| if place % 2 == 0 { part.to_owned() } else { "\"…\"".to_owned() };
    text.split('"').enumerate().map(shown).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_errors_of_data_are_corruption() {
        let are = |codes: &str, expected| {
            for code in codes.split_whitespace() {
                assert_eq!(class(&SqlState::from_code(code)), expected, "{code}");
            }
        };
        are("22001 22003 22P02 22P05", Class::Data);
        are("21000 23502 23503 23514", Class::Defect);
        are("XX001 XX002", Class::Damage);
        are("23505", Class::DuplicateKey);
        are("40001 40P01", Class::Race);
        are(
            "08006 0A000 25006 25P02 25P03 26000 28000 28P01 3D000 40003 42501 42703 42P01 \
             42P05 53100 53300 54000 55006 55P03 57014 57P01 57P02 57P03 57P05 58030 F0000 \
             P0001 XX000",
            Class::Passing,
        );
    }

    #[test]
    fn values_in_the_servers_message_are_left_out() {
        assert_eq!(
            without_quoted("invalid input syntax for type bigint: \"123.456.789-09\""),
            "invalid input syntax for type bigint: \"…\""
        );
        assert_eq!(without_quoted("value \"1\" is out of range"), "value \"…\" is out of range");
        assert_eq!(without_quoted("an odd \"quote"), "an odd \"…\"");
        assert_eq!(without_quoted("division by zero"), "division by zero");
    }
}
