//! Whether the database, the mail server and the store of the files can be used. `dinie config check` looks; it changes
//! nothing.

use std::path::Path;
use std::time::Duration;

use app::database::{Blobs, DatabaseUrl, FileStore};
use rustix::fs::Access;

use crate::config::Config;
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
    let (database, mail, files) = tokio::join!(database(config), mail(config), files(config));
    let named = |setting, problem: Result<(), String>| Some(Unreached { setting, problem: problem.err()? });
    let found = [
        named("database", database),
        named("mail.smtp_url", mail),
        match &config.file_store {
            FileStore::Folder(_) => named("data", files),
            FileStore::Bucket(_) => named("bucket.name", files),
        },
    ];
    found.into_iter().flatten().collect()
}

async fn database(config: &Config) -> Result<(), String> {
    if let DatabaseUrl::Sqlite(path) = &config.database
        && !path.exists()
    {
        return folder("the database", path);
    }
    let (url, key, tree) = (config.database.clone(), config.master_keys.clone(), config.tree);
    let looking = tokio::task::spawn_blocking(move || app::database::look(&url, key, tree));
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
