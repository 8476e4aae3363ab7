//! Whether the database, the mail server and the store of the files can be used. `dinie config check` looks; it changes
//! nothing.

use std::path::Path;
use std::time::Duration;

use app::OpenError;
use app::database::{Blobs, DatabaseUrl, FileStore, MasterKey, MasterKeys, TokenPlace};
use rustix::fs::Access;

use crate::config::{Config, Tokens};
use crate::outbound_mail::Mailer;

/// Longest wait for the database and for the mail server.
const PATIENCE: Duration = Duration::from_secs(10);
/// Longest wait for a bucket, whose client tries again by itself.
const BUCKET_PATIENCE: Duration = Duration::from_secs(30);

/// A neighbour that cannot be used.
#[derive(Debug)]
pub struct Unreached {
    /// The setting that names it.
    pub setting: &'static str,
    /// What is wrong, and what to do.
    pub problem: String,
}

/// Everything that cannot be used.
pub async fn unreached(config: &Config) -> Vec<Unreached> {
    let Tokens { current, previous } = (*config.tokens).clone();
    let (current, previous) = tokio::join!(in_token(current), in_token(previous));
    let keys = known_keys(config, &current, &previous);
    let (database, mail, files) = tokio::join!(database(config, keys), mail(config), files(config));
    let named = |setting, problem: Result<(), String>| Some(Unreached { setting, problem: problem.err()? });
    let found = [
        named("kms", current.map(drop)),
        named("previous_kms", previous.map(drop)),
        named("database", database),
        named("mail.smtp_url", mail),
        match &config.file_store {
            FileStore::Folder(_) => named("data", files),
            FileStore::Bucket(_) => named("bucket.name", files),
        },
    ];
    found.into_iter().flatten().collect()
}

/// The key of a token, if one is configured. The call has its own time limit.
async fn in_token(place: Option<TokenPlace>) -> Result<Option<MasterKey>, String> {
    let Some(place) = place else { return Ok(None) };
    match tokio::task::spawn_blocking(move || MasterKey::in_token(&place)).await {
        Ok(opened) => opened.map(Some).map_err(|error| error.to_string()),
        Err(_panicked) => Err("the look at the token failed".to_owned()),
    }
}

/// All master keys; `None` if a token does not give its key. Then the database cannot be asked for the keys that it needs.
fn known_keys(
    config: &Config, current: &Result<Option<MasterKey>, String>,
    previous: &Result<Option<MasterKey>, String>,
) -> Option<MasterKeys> {
    let (Ok(current), Ok(previous)) = (current, previous) else { return None };
    let in_tokens = current.iter().chain(previous).cloned();
    Some(in_tokens.fold(config.master_keys.clone(), |keys, key| keys.and(key)))
}

async fn database(config: &Config, keys: Option<MasterKeys>) -> Result<(), String> {
    if let DatabaseUrl::Sqlite(path) = &config.database
        && !path.exists()
    {
        return folder("the database", path);
    }
    let (url, tree) = (config.database.clone(), config.tree);
    let (all, known) = (keys.is_some(), keys.unwrap_or_else(|| config.master_keys.clone()));
    let looking = tokio::task::spawn_blocking(move || match app::database::look(&url, known, tree) {
        Err(OpenError::MasterKey(_)) if !all => Ok(()),
        seen => seen,
    });
    match tokio::time::timeout(PATIENCE, looking).await {
        Ok(Ok(seen)) => seen.map_err(|error| error.to_string()),
        Ok(Err(_panicked)) => Err("the look at the database failed".to_owned()),
        Err(_elapsed) => Err(format!(
            "the database does not answer within {} s; is its address right?",
            PATIENCE.as_secs()
        )),
    }
}

async fn mail(config: &Config) -> Result<(), String> {
    let Some(server) = &config.mail else { return Ok(()) };
    let mailer = Mailer::new(server).map_err(|error| error.to_string())?;
    match tokio::time::timeout(PATIENCE, mailer.greet()).await {
        Ok(greeted) => greeted,
        Err(_elapsed) => Err(format!(
            "the mail server does not answer within {} s; is its address in smtp_url right?",
            PATIENCE.as_secs()
        )),
    }
}

async fn files(config: &Config) -> Result<(), String> {
    let place = match &config.file_store {
        FileStore::Folder(path) => return folder("the files", path),
        FileStore::Bucket(_) => config.file_store.clone(),
    };
    let named = place.to_string();
    let blobs = Blobs::open(place).map_err(|error| format!("{named}: {error}"))?;
    // A bucket that does not exist has no such object either, but it cannot be listed.
    match tokio::time::timeout(BUCKET_PATIENCE, blobs.is_empty()).await {
        Ok(Ok(_any)) => Ok(()),
        Ok(Err(error)) => {
            // The store's own answer has several lines.
            let why = error.to_string().replace('\n', " ");
            Err(format!("{named} cannot be read; are its name, endpoint and access key right? {why}"))
        }
        Err(_elapsed) => Err(format!(
            "{named} does not answer within {} s; is its endpoint right?",
            BUCKET_PATIENCE.as_secs()
        )),
    }
}

/// Whether a path can be made or used. Its nearest folder that exists must be writable.
fn folder(what: &str, path: &Path) -> Result<(), String> {
    let path = std::path::absolute(path).map_err(|error| error.to_string())?;
    let nearest = path.ancestors().find(|one| one.exists()).unwrap_or(Path::new("/"));
    if !nearest.is_dir() {
        return Err(format!(
            "the folder of {what} cannot be made, because {} is no folder",
            nearest.display()
        ));
    }
    rustix::fs::access(nearest, Access::WRITE_OK | Access::EXEC_OK).map_err(|error| {
        format!("{what} cannot be written to {}: {error}; give its folder to this user", nearest.display())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_folder_is_no_problem_and_a_file_in_its_place_is_one() {
        let place = tempfile::TempDir::new().unwrap();
        assert_eq!(folder("the files", &place.path().join("a/b/c")), Ok(()));
        let file = place.path().join("file");
        std::fs::write(&file, "").unwrap();
        let problem = folder("the files", &file.join("blobs")).unwrap_err();
        assert!(problem.contains("is no folder"), "{problem}");
    }
}
