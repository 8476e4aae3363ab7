//! Errors of PostgreSQL by their SQLSTATE.
//!
//! Only an error that comes from stored or given data is `Corrupt`. Any other one may pass: the caller gets
//! `Unavailable`, and the session is dropped, because the cause may be the session itself.

use ::postgres::error::{DbError, SqlState};

use crate::db::StoreError;

/// What a SQLSTATE says about a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// The script lost a race and runs again.
    Race,
    /// A unique key is taken.
    Taken,
    /// The data does not fit: a value, a constraint.
    Data,
    /// The database itself is damaged: a page, an index.
    Damage,
    /// Anything else: the server, the session, the rights, the schema.
    Passing,
}

/// The class of a SQLSTATE.
pub(super) fn class(code: &SqlState) -> Class {
    match code {
        &SqlState::T_R_SERIALIZATION_FAILURE | &SqlState::T_R_DEADLOCK_DETECTED => Class::Race,
        &SqlState::UNIQUE_VIOLATION => Class::Taken,
        &SqlState::DATA_CORRUPTED | &SqlState::INDEX_CORRUPTED => Class::Damage,
        // 21: a subquery found several rows. 22: a value does not fit. 23: a constraint refused the row.
        code if ["21", "22", "23"].iter().any(|class| code.code().starts_with(class)) => Class::Data,
        _other => Class::Passing,
    }
}

/// The store's error for an error of the driver.
pub(super) fn store_error(error: &::postgres::Error) -> StoreError {
    let Some(told) = error.as_db_error() else {
        return StoreError::Unavailable(with_cause(error));
    };
    match class(told.code()) {
        Class::Race => StoreError::Conflict,
        Class::Taken => StoreError::Duplicate,
        Class::Data => StoreError::Corrupt(message(told)),
        Class::Damage => StoreError::Damaged(message(told)),
        Class::Passing => StoreError::Unavailable(message(told)),
    }
}

/// The error with the reason behind it, which the driver does not print.
fn with_cause(error: &::postgres::Error) -> String {
    match std::error::Error::source(error) {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}

/// The server's message for the log. Its detail and, for an error of data, its quoted parts are left out, because they
/// hold values.
fn message(told: &DbError) -> String {
    let message = match class(told.code()) {
        Class::Data => without_quoted(told.message()),
        Class::Race | Class::Taken | Class::Damage | Class::Passing => told.message().to_owned(),
    };
    format!("{} {message}", told.code().code())
}

/// The text with each part between double quotes replaced. Behind an odd quote nothing is kept.
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
        for (code, expected) in [
            ("22001", Class::Data),
            ("22003", Class::Data),
            ("22P02", Class::Data),
            ("22P05", Class::Data),
            ("21000", Class::Data),
            ("23502", Class::Data),
            ("23503", Class::Data),
            ("23514", Class::Data),
            ("XX001", Class::Damage),
            ("XX002", Class::Damage),
            ("23505", Class::Taken),
            ("40001", Class::Race),
            ("40P01", Class::Race),
            ("08006", Class::Passing),
            ("0A000", Class::Passing),
            ("25006", Class::Passing),
            ("25P02", Class::Passing),
            ("25P03", Class::Passing),
            ("26000", Class::Passing),
            ("28000", Class::Passing),
            ("28P01", Class::Passing),
            ("3D000", Class::Passing),
            ("40003", Class::Passing),
            ("42501", Class::Passing),
            ("42703", Class::Passing),
            ("42P01", Class::Passing),
            ("42P05", Class::Passing),
            ("53100", Class::Passing),
            ("53300", Class::Passing),
            ("54000", Class::Passing),
            ("55006", Class::Passing),
            ("55P03", Class::Passing),
            ("57014", Class::Passing),
            ("57P01", Class::Passing),
            ("57P02", Class::Passing),
            ("57P03", Class::Passing),
            ("57P05", Class::Passing),
            ("58030", Class::Passing),
            ("F0000", Class::Passing),
            ("P0001", Class::Passing),
            ("XX000", Class::Passing),
        ] {
            assert_eq!(class(&SqlState::from_code(code)), expected, "{code}");
        }
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
