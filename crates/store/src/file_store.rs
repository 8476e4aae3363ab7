//! Where the files of a database are: in a folder, or in a bucket of S3 or of a store that speaks its protocol.
//!
//! Reasons: docs/decisions/0047.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use object_store::aws::{AmazonS3, AmazonS3Builder, Checksum};
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use object_store::{BackoffConfig, ClientOptions, ObjectStore, RetryConfig};
use zeroize::Zeroizing;

use crate::StoreError;

/// Longest wait for a connection to the bucket.
const CONNECT: Duration = Duration::from_secs(3);
/// Longest time of one request to the bucket. A part of an upload has at most [`PART`] bytes.
const REQUEST: Duration = Duration::from_secs(15);
/// Time after which a failed request is not tried again.
const TRIES: Duration = Duration::from_secs(20);
/// Bytes of a part of an upload. S3 takes no smaller one, except for the last.
const PART: usize = 5 * 1024 * 1024;
/// Bytes that are written to a file of a folder at once.
const WRITE: usize = 64 * 1024;

/// Where the files of a database are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileStore {
    /// A folder of this machine, or one that all nodes mount.
    Folder(PathBuf),
    /// A bucket.
    Bucket(Bucket),
}

/// A bucket of S3, or of a store that speaks its protocol.
#[derive(Clone, PartialEq, Eq)]
pub struct Bucket {
    /// Its name.
    pub name: String,
    /// The beginning of the names of all objects; empty for none.
    pub prefix: String,
    /// Its region.
    pub region: String,
    /// The URL of a store that is not Amazon's.
    pub endpoint: Option<String>,
    /// The access key. Without one, the machine's own: the variables of AWS, or its role.
    pub access_key: Option<AccessKey>,
}

/// An access key of a bucket.
#[derive(Clone, PartialEq, Eq)]
pub struct AccessKey {
    /// Its id.
    pub id: String,
    /// Its secret.
    pub secret: Zeroizing<String>,
}

impl fmt::Debug for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Bucket").field(&self.name).field(&self.prefix).field(&self.endpoint).finish()
    }
}

impl fmt::Display for FileStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(folder) => write!(f, "the folder {}", folder.display()),
            Self::Bucket(Bucket { name, prefix, .. }) => match prefix.as_str() {
                "" => write!(f, "the bucket {name}"),
                prefix => write!(f, "the bucket {name}, below {prefix}"),
            },
        }
    }
}

impl FileStore {
    /// Opens the store. A missing folder is created; a bucket must exist, and is not asked yet.
    pub(crate) fn open(&self) -> Result<Arc<dyn ObjectStore>, StoreError> {
        match self {
            Self::Folder(folder) => {
                std::fs::create_dir_all(folder).map_err(unavailable)?;
                let files = LocalFileSystem::new_with_prefix(folder).map_err(unavailable)?;
                Ok(Arc::new(files.with_fsync(true)))
            }
            Self::Bucket(bucket) => {
                let files = bucket.open()?;
                Ok(match bucket.prefix.as_str() {
                    "" => Arc::new(files),
                    prefix => Arc::new(PrefixStore::new(files, Path::from(prefix))),
                })
            }
        }
    }

    /// Bytes after which a file is uploaded in parts.
    pub(crate) fn part(&self) -> usize {
        match self {
            Self::Folder(_) => WRITE,
            Self::Bucket(_) => PART,
        }
    }
}

impl Bucket {
    fn open(&self) -> Result<AmazonS3, StoreError> {
        // Its HTTP client takes the provider of the process. Another caller may have been first.
        let _installed = rustls::crypto::ring::default_provider().install_default();
        let bucket = match &self.access_key {
            Some(AccessKey { id, secret }) => {
                AmazonS3Builder::new().with_access_key_id(id.as_str()).with_secret_access_key(secret.as_str())
            }
            None => AmazonS3Builder::from_env(),
        };
        let bucket = match &self.endpoint {
            // A store at an address of its own has no certificate for the names of its buckets.
            Some(endpoint) => {
                bucket.with_endpoint(endpoint.as_str()).with_virtual_hosted_style_request(false)
            }
            None => bucket.with_virtual_hosted_style_request(true),
        };
        let is_plain = self.endpoint.as_ref().is_some_and(|endpoint| endpoint.starts_with("http://"));
        let client = ClientOptions::new()
            .with_connect_timeout(CONNECT)
            .with_timeout(REQUEST)
            .with_allow_http(is_plain);
        bucket
            .with_bucket_name(self.name.as_str())
            .with_region(self.region.as_str())
            // The store refuses a body that arrives with another checksum.
            .with_checksum_algorithm(Checksum::SHA256)
            .with_client_options(client)
            .with_retry(RetryConfig {
                backoff: BackoffConfig::default(),
                max_retries: 5,
                retry_timeout: TRIES,
            })
            .build()
            .map_err(unavailable)
    }
}

/// A failure of the file store, which may pass.
pub(crate) fn unavailable(error: impl std::fmt::Display) -> StoreError {
    StoreError::Unavailable(error.to_string())
}
