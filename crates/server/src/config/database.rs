//! The database: its URL, completed by the other settings.

use std::path::{Path, PathBuf};

use app::database::DatabaseUrl;

use super::error::ConfigError;

use super::hidden::Hidden;

/// The settings of the database in flags and file.
pub(super) struct Given {
    pub(super) database: Option<Hidden>,
    pub(super) read: Option<Hidden>,
    pub(super) password_file: Option<PathBuf>,
}

/// The database to use. Without a URL, it is an SQLite file in the data folder.
pub(super) fn of(given: Given, data: &Path) -> Result<DatabaseUrl, ConfigError> {
    let Given { database, read, password_file } = given;
    let url = database.unwrap_or_else(|| format!("sqlite:{}", data.join("dinie.db").display()).into());
    let mut url = DatabaseUrl::parse(url.expose())?;
    let file = password_file.map(|file| file.display().to_string());
    if let Some(file) = &file {
        let needed = ConfigError::NotPostgres("--database-password-file");
        url = url.with_parameter("password_file", file).ok_or(needed)?;
    }
    if let Some(read) = read {
        let mut read = DatabaseUrl::parse(read.expose())?;
        // The replica has the same user and password, unless its URL has a password.
        if let (Some(file), DatabaseUrl::Postgres(text)) = (&file, &read)
            && !text.contains("password_file=")
            && !text.contains("passfile=")
        {
            read = read
                .with_parameter("password_file", file)
                .ok_or(ConfigError::NotPostgres("--read-database"))?;
        }
        let DatabaseUrl::Postgres(read) = read else { return Err(ConfigError::ReadDatabase) };
        url =
            url.with_parameter("read_database", &read).ok_or(ConfigError::NotPostgres("--read-database"))?;
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(
        database: Option<&str>, read: Option<&str>, file: Option<&str>,
    ) -> Result<DatabaseUrl, ConfigError> {
        let hidden = |text: Option<&str>| text.map(|text| Hidden::from(text.to_owned()));
        let given =
            Given { database: hidden(database), read: hidden(read), password_file: file.map(PathBuf::from) };
        of(given, Path::new("data"))
    }

    #[test]
    fn a_replica_and_a_file_with_the_password_become_parameters_of_the_url() {
        let url =
            given(Some("postgres://dinie@db/dinie"), Some("postgres://dinie@db2/dinie"), Some("/run/pw"))
                .unwrap();
        let DatabaseUrl::Postgres(url) = url else { unreachable!("it is PostgreSQL's") };
        assert!(
            url.starts_with("postgres://dinie@db/dinie?password_file=%2Frun%2Fpw&read_database=postgres%3A"),
            "{url}"
        );
        assert!(url.ends_with("password%5Ffile%3D%252Frun%252Fpw"), "{url}");
        let DatabaseUrl::Sqlite(path) = given(None, None, None).unwrap() else {
            unreachable!("it is SQLite's")
        };
        assert_eq!(path, Path::new("data/dinie.db"));
    }

    #[test]
    fn an_sqlite_file_has_neither_a_replica_nor_a_password_file() {
        for (read, file) in [(Some("postgres://dinie@db2/dinie"), None), (None, Some("/run/pw"))] {
            let error = given(None, read, file).unwrap_err().to_string();
            assert!(error.contains("is for a PostgreSQL database"), "{error}");
        }
        let replica =
            given(Some("postgres://dinie@db/dinie"), Some("sqlite:copy.db"), None).unwrap_err().to_string();
        assert!(replica.contains("--read-database"), "{replica}");
    }
}
