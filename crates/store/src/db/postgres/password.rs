//! A password in a file. It is read again for each new session, so a change of the file changes the password.

use std::path::{Path, PathBuf};

use tokio_postgres::Config;
use tokio_postgres::config::Host;

/// The place of the password.
#[derive(Debug)]
pub(super) enum Password {
    /// The first line of a file is the password.
    File(PathBuf),
    /// A password file of libpq: lines of `host:port:database:user:password`.
    List(PathBuf),
}

impl Password {
    /// The password for a host, as the file now has it.
    pub(super) fn of(&self, config: &Config) -> Result<String, String> {
        let (Self::File(path) | Self::List(path)) = self;
        let text = read(path)?;
        match self {
            Self::File(_) => Ok(text.lines().next().map_or_else(String::new, str::to_owned)),
            Self::List(path) => {
                let found = text.lines().find_map(|line| matching(line, &place(config)));
                found.ok_or_else(|| format!("{} has no line for this database", path.display()))
            }
        }
    }
}

fn read(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|error| format!("the password file {}: {error}", path.display()))
}

/// Host, port, database and user, as a password file names them.
fn place(config: &Config) -> [String; 4] {
    let host = match config.get_hosts().first() {
        Some(Host::Tcp(host)) => host.clone(),
        Some(Host::Unix(_)) | None => "localhost".to_owned(),
    };
    let port = config.get_ports().first().copied().unwrap_or(5432).to_string();
    let user = config.get_user().map_or_else(String::new, str::to_owned);
    let database = config.get_dbname().map_or_else(|| user.clone(), str::to_owned);
    [host, port, database, user]
}

/// The password of a line, if the line matches this place.
fn matching(line: &str, place: &[String; 4]) -> Option<String> {
    let mut fields = fields(line);
    if line.starts_with('#') || fields.len() != 5 {
        return None;
    }
    let password = fields.pop()?;
    fields.iter().zip(place).all(|(field, wanted)| field == "*" || field == wanted).then_some(password)
}

/// The fields of a line: a colon ends one, a backslash makes the next character an ordinary one.
fn fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        let full = fields.len() == 5;
        let last = fields.last_mut().expect("there is always one");
        match character {
            '\\' => last.extend(characters.next()),
            ':' if !full => fields.push(String::new()),
            other => last.push(other),
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_that_matches_has_the_password() {
        let place = ["db".to_owned(), "5432".to_owned(), "dinie".to_owned(), "app".to_owned()];
        for (line, password) in [
            ("db:5432:dinie:app:geheim", Some("geheim")),
            ("*:*:*:app:ge\\:he\\\\im", Some("ge:he\\im")),
            ("*:*:*:*:a:b", Some("a:b")),
            ("other:5432:dinie:app:geheim", None),
            ("# db:5432:dinie:app:geheim", None),
            ("db:5432:dinie:app", None),
        ] {
            assert_eq!(matching(line, &place).as_deref(), password, "{line}");
        }
    }
}
