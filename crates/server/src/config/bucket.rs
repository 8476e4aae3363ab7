//! The bucket that has the files: `[bucket]`.

use std::path::{Path, PathBuf};

use app::database::{AccessKey, Bucket, FileStore};
use domain::credential::Environment;
use serde::Deserialize;
use url::Url;
use zeroize::Zeroizing;

use super::error::ConfigError;
use super::hidden::Hidden;
use crate::outbound::is_loopback;

/// Folder of the files below the data folder.
const FOLDER: &str = "blobs";
/// The region of a store without regions.
const REGION: &str = "us-east-1";

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct BucketFile {
    name: Option<String>,
    prefix: Option<String>,
    region: Option<String>,
    endpoint: Option<String>,
    access_key_id: Option<String>,
    secret_access_key: Option<Hidden>,
    secret_access_key_file: Option<PathBuf>,
}

impl BucketFile {
    /// The secret, and the file that has it.
    pub(super) fn secret(&self) -> (Option<&Hidden>, Option<&Path>) {
        (self.secret_access_key.as_ref(), self.secret_access_key_file.as_deref())
    }
}

/// Where the files are: in the bucket of a file, else in the data folder. `secret` wins over the file's.
pub(super) fn file_store(
    file: BucketFile, secret: Option<Hidden>, data: &Path, environment: Environment,
) -> Result<FileStore, ConfigError> {
    let wrong = |why: &str| ConfigError::Bucket(why.to_owned());
    let BucketFile { name, prefix, region, endpoint, access_key_id, secret_access_key, .. } = file;
    let secret = secret.or(secret_access_key);
    let Some(name) = name else {
        let is_empty = prefix.is_none() && endpoint.is_none() && access_key_id.is_none();
        return if is_empty {
            Ok(FileStore::Folder(data.join(FOLDER)))
        } else {
            Err(wrong("name is missing"))
        };
    };
    if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_')) {
        return Err(wrong("name must be that of a bucket: letters, digits, points and hyphens"));
    }
    if let Some(endpoint) = &endpoint {
        check_endpoint(endpoint, environment)?;
    }
    let access_key = match (access_key_id, secret) {
        (None, None) => None,
        (Some(id), Some(secret)) => {
            Some(AccessKey { id, secret: Zeroizing::new(secret.expose().to_owned()) })
        }
        (Some(_), None) => return Err(wrong("secret_access_key (or secret_access_key_file) is missing")),
        (None, Some(_)) => return Err(wrong("access_key_id is missing")),
    };
    Ok(FileStore::Bucket(Bucket {
        name,
        prefix: prefix.map_or_else(String::new, |prefix| prefix.trim_matches('/').to_owned()),
        region: region.unwrap_or_else(|| REGION.to_owned()),
        endpoint,
        access_key,
    }))
}

/// Files are sealed, but a listener could hold a request back or send an old answer. So the store has TLS, unless it is on
/// a sandbox's own machine.
fn check_endpoint(endpoint: &str, environment: Environment) -> Result<(), ConfigError> {
    let wrong = |why: &str| ConfigError::Bucket(why.to_owned());
    let url = Url::parse(endpoint).map_err(|_| wrong("endpoint is not a URL"))?;
    if !url.username().is_empty() || url.query().is_some() {
        return Err(wrong("endpoint must be the store's address alone"));
    }
    let is_own = environment == Environment::Sandbox && is_loopback(&url);
    match url.scheme() {
        "https" => Ok(()),
        "http" if is_own => Ok(()),
        _other => Err(wrong("endpoint must begin with https://")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(toml: &str, environment: Environment) -> Result<FileStore, ConfigError> {
        let source = config::File::from_str(toml, config::FileFormat::Toml);
        let file = config::Config::builder().add_source(source).build().unwrap();
        file_store(file.try_deserialize().unwrap(), None, Path::new("data"), environment)
    }

    const WHOLE: &str = "name = \"dinie-files\"\nprefix = \"/one/\"\nendpoint = \"https://s3.example.com\"\n\
                         access_key_id = \"id\"\nsecret_access_key = \"5ec4e7\"\n";

    #[test]
    fn without_a_bucket_files_are_in_the_data_folder() {
        let place = read("", Environment::Production).unwrap();
        assert_eq!(place, FileStore::Folder("data/blobs".into()));
    }

    #[test]
    fn a_bucket_is_named_and_its_secret_is_not_shown() {
        let place = read(WHOLE, Environment::Production).unwrap();
        assert_eq!(place.to_string(), "the bucket dinie-files, below one");
        assert!(!format!("{place:?}").contains("5ec4e7"));
        let FileStore::Bucket(bucket) = place else { panic!("{place:?}") };
        assert_eq!((&*bucket.region, bucket.access_key.unwrap().secret.as_str()), ("us-east-1", "5ec4e7"));
    }

    #[test]
    fn a_wrong_bucket_says_what_is_wrong() {
        for (from, to, what) in [
            ("name", "# name", "name is missing"),
            ("dinie-files", "a/b", "name must be"),
            ("https://s3.example.com", "s3", "not a URL"),
            ("https://", "http://", "https://"),
            ("https://", "https://id:5ec4e7@", "address alone"),
            ("access_key_id", "# id", "access_key_id is missing"),
            ("secret_access_key", "# secret", "secret_access_key (or secret_access_key_file)"),
        ] {
            let error = read(&WHOLE.replacen(from, to, 1), Environment::Production).unwrap_err().to_string();
            assert!(error.contains(what) && !error.contains("5ec4e7"), "{from}: {error}");
        }
        let own = WHOLE.replace("https://s3.example.com", "http://127.0.0.1:9000");
        assert!(read(&own, Environment::Sandbox).is_ok() && read(&own, Environment::Production).is_err());
    }
}
